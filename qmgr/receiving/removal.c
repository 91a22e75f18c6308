/* SPDX-License-Identifier: ISC */
/*
 * removal.c - notes that are not needed any more
 */
#include "qmgr/receiving/removal.h"

#include <stdlib.h>

#include "store/store.h"

/* A note that is to go, until that is committed. */
struct removal {
	struct commit_member member;
	struct store_file file;
	bool is_keyed; /* else of the file */
	struct store_keyed keyed;
	uint8_t name[STORE_FILE_NAME_MAX]; /* of either */
};

/* removal_apply - remove a note */
static int
removal_apply(struct qmgr *qmgr, struct commit_member *member)
{
	const struct removal *removal = (const struct removal *)member;
	int rc = removal->is_keyed
	    ? store_keyed_forget(qmgr->store, &removal->keyed)
	    : store_intake_forget(qmgr->store, &removal->file);

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

/* removal_new - make a removal; its name lies in the record, which is gone
 * after this */
static struct removal *
removal_new(struct slice *name)
{
	struct removal *removal = calloc(1, sizeof(*removal));

	if (removal == NULL)
		return NULL;
	memcpy(removal->name, name->data, name->len);
	*name = slice_of(removal->name, name->len);
	removal->member.order = COMMIT_CONTROL;
	removal->member.apply = removal_apply;
	removal->member.done = removal_done;
	return removal;
}

/* removal_start - forget a file that is gone, in the next transaction */
int
removal_start(struct qmgr *qmgr, const struct store_file *file)
{
	struct store_file gone = *file;
	struct removal *removal = removal_new(&gone.name);

	if (removal == NULL)
		return ERR_NOMEM;
	removal->file = gone;
	commit_add(qmgr, &removal->member);
	return 0;
}

/* removal_start_keyed - forget what a gateway has noted under a key */
int
removal_start_keyed(struct qmgr *qmgr, const struct store_keyed *note)
{
	struct store_keyed gone = {.application = note->application,
	    .kind = STORE_KEYED_RECIPIENTS,
	    .name = note->name,
	    .message = note->message};
	struct removal *removal = removal_new(&gone.name);

	if (removal == NULL)
		return ERR_NOMEM;
	removal->is_keyed = true;
	removal->keyed = gone;
	commit_add(qmgr, &removal->member);
	return 0;
}
