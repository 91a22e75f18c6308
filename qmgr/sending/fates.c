/* SPDX-License-Identifier: ISC */
/*
 * fates.c - what became of the recipients of a job that a worker named
 */
#include "qmgr/sending/fates.h"

#include <stdlib.h>

#include "base/escape.h"

/* fates_fini - give the memory back */
void
fates_fini(struct fates *fates)
{
	free(fates->items);
	*fates = (struct fates){0};
}

/* make_room - have room for so many more */
static int
make_room(struct fates *fates, size_t more)
{
	struct fate *items;
	size_t want = fates->count + more;

	/* The number comes from a worker, and decides an allocation. */
	if (more > FATES_MAX || want > FATES_MAX)
		return ERR_LIMIT;
	if (want <= fates->capacity)
		return 0;
	items = reallocarray(fates->items, want, sizeof(*items));
	if (items == NULL)
		return ERR_NOMEM;
	fates->items = items;
	fates->capacity = want;
	return 0;
}

/* fates_add - add recipients of a record */
int
fates_add(
    struct fates *fates, const struct ipc_recipient_outcome *from, size_t count)
{
	int rc = count == 0 ? 0 : make_room(fates, count);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++) {
		struct fate *to = &fates->items[fates->count++];

		*to = (struct fate){.index = from[i].index,
		    .fate = from[i].fate,
		    .reason = from[i].reason,
		    .diagnostic = from[i].diagnostic,
		    .time = from[i].time};
		escape_text(to->text, sizeof(to->text), from[i].text);
	}
	return 0;
}

/* by_index - order fates by their recipients' places in the envelope */
static int
by_index(const void *a, const void *b)
{
	const struct fate *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* fates_settle - put them in order */
int
fates_settle(struct fates *fates)
{
	if (fates->count < 2)
		return 0;
	qsort(fates->items, fates->count, sizeof(*fates->items), by_index);
	for (size_t i = 1; i < fates->count; i++)
		if (fates->items[i].index == fates->items[i - 1].index)
			return ERR_VALUE;
	return 0;
}

/* fates_find - find the fate of a recipient, or NULL */
const struct fate *
fates_find(const struct fates *fates, uint32_t index)
{
	const struct fate key = {.index = index};

	if (fates->count == 0)
		return NULL;
	return bsearch(&key, fates->items, fates->count, sizeof(key), by_index);
}

/* fates_have_other - tell whether the fate of any is another than failure */
bool
fates_have_other(const struct fates *fates)
{
	for (size_t i = 0; i < fates->count; i++)
		if (fates->items[i].fate != IPC_FATE_FAILED)
			return true;
	return false;
}
