/* SPDX-License-Identifier: ISC */
/*
 * removal.c - files of a postoffice that are gone, and need no note any more
 */
#include "qmgr/receiving/removal.h"

#include <stdlib.h>

#include "store/store.h"

/* A file that is gone, until that is committed. */
struct removal {
	struct commit_member member;
	struct store_file file;
	uint8_t name[STORE_FILE_NAME_MAX];
};

/* removal_apply - remove the note of a file */
static int
removal_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct removal *removal = (struct removal *)member;
	int rc = store_intake_forget(qmgr->store, &removal->file);

	/* A note that is already gone is what was asked for. */
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* removal_done - free a removal; where it failed the note does no harm */
static void
removal_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	(void)qmgr;
	(void)result;
	free(member);
}

/* removal_start - forget a file that is gone, in the next transaction */
int
removal_start(struct qmgr *qmgr, const struct store_file *file)
{
	struct removal *removal = calloc(1, sizeof(*removal));

	if (removal == NULL)
		return ERR_NOMEM;
	removal->file = *file;
	/* The name lies in the record, which is gone after this call. */
	memcpy(removal->name, file->name.data, file->name.len);
	removal->file.name = slice_of(removal->name, file->name.len);
	removal->member.order = COMMIT_CONTROL;
	removal->member.apply = removal_apply;
	removal->member.done = removal_done;
	commit_add(qmgr, &removal->member);
	return 0;
}
