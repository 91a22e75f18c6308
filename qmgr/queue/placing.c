/* SPDX-License-Identifier: ISC */
/*
 * placing.c - records that are to enter the queue in one transaction
 */
#include <stdlib.h>

#include "base/clock.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/queue/deferred.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/queue/placing.h"
#include "qmgr/queue/storm.h"
#include "qmgr/queue/told.h"
#include "store/store.h"

/* Copies of an envelope for as many routes as there may be, and reports: four
 * copies of the largest one. */
#define PLACING_MAX  ((size_t)128 * 1024 * 1024)
#define PLACING_KEEP ((size_t)64 * 1024)

/* placing_init - begin without records */
void
placing_init(struct placing *placing)
{
	*placing = (struct placing){0};
	buffer_init(&placing->octets, PLACING_MAX);
	buffer_init(&placing->told, PLACING_MAX);
	buffer_init(&placing->told_later, TRACKING_LATER_MAX);
	verdicts_init(&placing->verdicts);
}

/* placing_fini - give the memory back */
void
placing_fini(struct placing *placing)
{
	buffer_fini(&placing->octets);
	buffer_fini(&placing->told);
	buffer_fini(&placing->told_later);
	verdicts_fini(&placing->verdicts);
	free(placing->items);
	placing_init(placing);
}

/* placing_reset - forget all records; keep the memory unless it is much */
void
placing_reset(struct placing *placing)
{
	/* A placing is kept with each submission: one with a large list of
	 * recipients must not hold its memory for all that follow. */
	if (placing->octets.capacity > PLACING_KEEP ||
	    placing->told.capacity > PLACING_KEEP ||
	    placing->told_later.capacity > 0 || placing->capacity > 16) {
		placing_fini(placing);
		return;
	}
	placing_forget(placing);
	placing->old = (struct placing_old){0};
	buffer_reset(&placing->told);
}

/* placing_forget - forget all records and verdicts */
void
placing_forget(struct placing *placing)
{
	buffer_reset(&placing->octets);
	verdicts_reset(&placing->verdicts);
	placing->count = 0;
}

/* placing_open - begin a part: what is appended until placing_close */
size_t
placing_open(const struct placing *placing)
{
	return buffer_length(&placing->octets);
}

/* placing_close - end a part */
struct placed_part
placing_close(const struct placing *placing, size_t at)
{
	return (struct placed_part){
	    .at = at, .len = buffer_length(&placing->octets) - at};
}

/* placing_add - add one more record, zeroed but for its MTS identifier */
int
placing_add(struct placing *placing, const char *mts_id, struct placed **added)
{
	struct placed *item;
	size_t at = placing_open(placing);
	int rc;

	if (placing->count == placing->capacity) {
		/* Doubling keeps the copying in proportion when a message goes
		 * to many links. */
		size_t more =
		    placing->capacity == 0 ? 2 : placing->capacity * 2;
		item = reallocarray(placing->items, more, sizeof(*item));
		if (item == NULL)
			return ERR_NOMEM;
		placing->items = item;
		placing->capacity = more;
	}
	rc = buffer_append(&placing->octets, mts_id, strlen(mts_id));
	if (rc < 0)
		return rc;
	item = &placing->items[placing->count++];
	*item = (struct placed){0};
	item->mts_id = placing_close(placing, at);
	*added = item;
	return 0;
}

/* placing_name - keep with a record who sent it to whom */
int
placing_name(struct placing *placing, struct placed *item, struct slice names)
{
	size_t at = placing_open(placing);
	int rc = buffer_append(&placing->octets, names.data, names.len);

	item->names = placing_close(placing, at);
	return rc;
}

/* placing_octets - give the octets of a part, as they lie now */
struct slice
placing_octets(const struct placing *placing, struct placed_part where)
{
	/* Offsets are stored, not pointers, because the buffer moves while
	 * records are added. */
	struct slice all = buffer_slice(&placing->octets);

	return where.len == 0 ? slice_of(NULL, 0)
			      : slice_of(all.data + where.at, where.len);
}

/* write_object - write what is not staged of a part, and seal its object */
static int
write_object(struct qmgr *qmgr, const struct store_message *message,
    struct slice octets, const struct placed_object *object, uint64_t *id)
{
	int rc = 0;

	/* Charged to the source of the record; that of a report is the source
	 * of its subject, which caused it. */
	*id = object->id;
	if (*id == 0)
		rc = store_content_create(
		    qmgr->store, store_source_of(message), id);
	if (rc == 0)
		rc = store_content_append(qmgr->store, *id,
		    slice_of(octets.data + object->staged,
			octets.len - object->staged));
	if (rc == 0)
		rc = store_content_seal(qmgr->store, *id, octets.len);
	return rc;
}

/* enter - put a record into the queue, in the place of an old one if there is
 * that, and have it told */
static int
enter(struct qmgr *qmgr, const struct placing *placing, struct placed *item)
{
	bool first = item == placing->items && placing->old.id != 0;
	int rc;

	if (first) {
		/* Its recipients are told only where they are not those of the
		 * old one. */
		item->message.id = placing->old.id;
		rc = ledger_replace(qmgr, &item->message, placing->old.why);
	} else
		rc = ledger_add(qmgr, &item->message,
		    item->told.len > 0 || told_is_one(placing) ? LEDGER_TOLD
							       : LEDGER_TELL);
	if (rc == 0 && item->told.len > 0)
		tracking_put_encoded(qmgr, placing_octets(placing, item->told),
		    item->message.id, slice_of(NULL, 0));
	return rc;
}

/* write_envelope - set the envelope of a record; a large one is written as an
 * object */
static int
write_envelope(
    struct qmgr *qmgr, const struct placing *placing, struct placed *item)
{
	struct slice octets = placing_octets(placing, item->envelope);

	/* A record that stood in the queue before may have had an object. */
	item->message.envelope_id = 0;
	item->message.envelope_length = octets.len;
	item->message.envelope = octets;
	if (octets.len <= PLACING_LARGE)
		return 0;
	item->message.envelope = slice_of(NULL, 0);
	return write_object(qmgr, &item->message, octets,
	    &item->envelope_object, &item->message.envelope_id);
}

/* write_one - write one record */
static int
write_one(struct qmgr *qmgr, const struct placing *placing, struct placed *item,
    const struct placing_content *shared)
{
	struct placing_content content = {0};
	int rc = 0;

	/* A report has its own content; copies of a message share one object,
	 * counted by the store. */
	if (item->own_content) {
		content.octets = placing_octets(placing, item->content);
		content.length = content.octets.len;
		if (content.length > STORE_INLINE_MAX) {
			rc = write_object(qmgr, &item->message, content.octets,
			    &item->content_object, &content.id);
			content.octets = slice_of(NULL, 0);
		}
	} else if (shared != NULL)
		content = *shared;
	if (rc == 0)
		rc = write_envelope(qmgr, placing, item);
	if (rc < 0)
		return rc;
	/* Here rather than when the report was made: an undone transaction must
	 * not count. */
	if (item->storm != 0)
		storm_apply(qmgr, item->storm, &item->message);
	item->message.content_id = content.id;
	item->message.content_length = content.length;
	item->message.content = content.octets;
	item->message.mts_id = placing_octets(placing, item->mts_id);
	item->message.names = placing_octets(placing, item->names);
	return enter(qmgr, placing, item);
}

/* touch_link - have the link of a record looked at before the commit */
static void
touch_link(struct qmgr *qmgr, const struct store_message *message)
{
	struct link *link = link_get(&qmgr->links, message->link);

	/* A link that is looked at in vain after an undone transaction has lost
	 * nothing. */
	if (link != NULL && message->state == STORE_READY)
		link_touch(qmgr, link);
}

/* placing_write - write all records into the store, within its transaction */
int
placing_write(struct qmgr *qmgr, struct placing *placing,
    const struct placing_content *content)
{
	bool one = told_is_one(placing);
	int rc = 0;

	if (!one)
		told_before(qmgr, placing);
	for (size_t i = 0; i < placing->count && rc == 0; i++)
		rc = write_one(qmgr, placing, &placing->items[i], content);
	if (rc == 0 && one)
		told_one(qmgr, placing);
	if (rc == 0)
		told_after(qmgr, placing);
	for (size_t i = 0; i < placing->count && rc == 0; i++)
		touch_link(qmgr, &placing->items[i].message);
	return rc;
}

/* placing_committed - tell the links of the records that they have work */
void
placing_committed(struct qmgr *qmgr, struct placing *placing)
{
	/* After the commit and never before: an event says what is certainly
	 * so. */
	verdicts_log(&placing->verdicts);
	tracking_put_later(qmgr, &placing->told_later);
	for (size_t i = 0; i < placing->count; i++) {
		const struct store_message *message =
		    &placing->items[i].message;
		struct link *link = link_get(&qmgr->links, message->link);

		/* Reports that were undone do not count against the next
		 * ones. */
		if (placing->items[i].storm != 0)
			storm_committed(qmgr, placing->items[i].storm);
		if (message->state == STORE_DEFERRED)
			deferred_until(qmgr, message->next_try);
		/* No worker need be told of what is not ready, and a link that
		 * is gone has none. */
		if (link == NULL || message->state != STORE_READY)
			continue;
		if (placing->items[i].storm != 0 &&
		    message->priority == STORE_NON_URGENT)
			link->flood = true;
		ready_again(link, message->priority, message->id);
		link_touch(qmgr, link);
	}
}

/* placing_size - estimate how many octets the records will take beyond what is
 * staged */
uint64_t
placing_size(const struct placing *placing)
{
	uint64_t staged = 0;

	for (size_t i = 0; i < placing->count; i++)
		staged += placing->items[i].envelope_object.staged +
		    placing->items[i].content_object.staged;
	/* An estimate: 512 octets a record cover its head and its indexes, and
	 * the margin of store_room covers the error. */
	return buffer_length(&placing->octets) - staged + placing->count * 512;
}
