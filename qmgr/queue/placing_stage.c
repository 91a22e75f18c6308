/* SPDX-License-Identifier: ISC */
/*
 * placing_stage.c - write the large parts of a placing before its records
 */
#include "qmgr/queue/placing_stage.h"

#include <stdlib.h>

#include "qmgr/engine/commit.h"
#include "store/store.h"

/* Objects that are given up. */
struct discard {
	struct commit_member member;
	size_t count;
	uint64_t ids[];
};

/* is_left - tell whether a part that is an object is not all staged */
static bool
is_left(struct placed_part part, const struct placed_object *object)
{
	return part.len > PLACING_LARGE && object->staged < part.len;
}

/* next_part - find the part of which a piece is staged next, or NULL */
static struct placed_object *
next_part(const struct placing *placing, struct placed **record,
    struct placed_part *part)
{
	for (size_t i = 0; i < placing->count; i++) {
		struct placed *item = &placing->items[i];

		*record = item;
		*part = item->envelope;
		if (is_left(item->envelope, &item->envelope_object))
			return &item->envelope_object;
		*part = item->content;
		if (item->own_content &&
		    is_left(item->content, &item->content_object))
			return &item->content_object;
	}
	return NULL;
}

/* placing_stage_due - tell whether a piece is left */
bool
placing_stage_due(const struct placing *placing)
{
	struct placed_part part;
	struct placed *item;

	return next_part(placing, &item, &part) != NULL;
}

/* placing_stage - write the next piece */
int
placing_stage(struct qmgr *qmgr, struct placing *placing)
{
	struct placed_part part;
	struct placed *item;
	const struct placed_object *object = next_part(placing, &item, &part);
	struct slice octets;
	int rc = 0;

	placing->pending_len = 0;
	if (object == NULL)
		return 0;
	octets = placing_octets(placing, part);
	octets =
	    slice_of(octets.data + object->staged, octets.len - object->staged);
	if (octets.len > PLACING_PIECE)
		octets.len = PLACING_PIECE;
	/* Noted as the part's after the commit, since a number that an aborted
	 * transaction took is given to another object. */
	placing->pending_id = object->id;
	if (placing->pending_id == 0)
		rc = store_content_create(qmgr->store,
		    store_source_of(&item->message), &placing->pending_id);
	if (rc == 0)
		rc = store_content_append(
		    qmgr->store, placing->pending_id, octets);
	placing->pending_len = octets.len;
	return rc;
}

/* placing_staged - note that the piece is committed */
void
placing_staged(struct placing *placing)
{
	struct placed_part part;
	struct placed *item;
	struct placed_object *object = next_part(placing, &item, &part);

	if (object == NULL)
		return;
	object->id = placing->pending_id;
	object->staged += placing->pending_len;
	placing->pending_len = 0;
}

/* discard_apply - discard objects, within the transaction */
static int
discard_apply(struct qmgr *qmgr, struct commit_member *member)
{
	const struct discard *discard = (struct discard *)member;
	int rc = 0;

	for (size_t i = 0; i < discard->count && rc == 0; i++) {
		rc = store_content_discard(qmgr->store, discard->ids[i]);
		if (rc == ERR_NOTFOUND)
			rc = 0;
	}
	return rc;
}

/* discard_done - free it: what could not be discarded is found by the next
 * start */
static void
discard_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	(void)qmgr;
	(void)result;
	free(member);
}

/* give_up - forget an object of a part, and note it among those to discard */
static void
give_up(struct placed_object *object, struct discard *discard)
{
	if (object->id != 0 && discard != NULL)
		discard->ids[discard->count++] = object->id;
	*object = (struct placed_object){0};
}

/* placing_unstage - have all that is staged discarded */
void
placing_unstage(struct qmgr *qmgr, struct placing *placing)
{
	struct discard *discard = calloc(
	    1, sizeof(*discard) + 2 * placing->count * sizeof(discard->ids[0]));

	/* Without memory for it the objects stay until the next start. */
	for (size_t i = 0; i < placing->count; i++) {
		give_up(&placing->items[i].envelope_object, discard);
		give_up(&placing->items[i].content_object, discard);
	}
	if (discard == NULL || discard->count == 0) {
		free(discard);
		return;
	}
	discard->member.order = COMMIT_BACKGROUND;
	discard->member.apply = discard_apply;
	discard->member.done = discard_done;
	commit_add(qmgr, &discard->member);
}
