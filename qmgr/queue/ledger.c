/* SPDX-License-Identifier: ISC */
/*
 * ledger.c - changes of the queue's messages, each with its record of tracking
 */
#include "qmgr/queue/ledger.h"

#include "base/log.h"
#include "qmgr/links/link.h"
#include "store/store.h"

/* ledger_describe - fill in what a record says of a message */
void
ledger_describe(const struct qmgr *qmgr, const struct store_message *message,
    struct track_record *record)
{
	const struct link *link = link_get(&qmgr->links, message->link);

	record->message = message->id;
	record->kind = message->kind;
	record->mts_id = message->mts_id;
	record->priority = message->priority;
	/* Of an expansion the number of members. */
	if (record->size == 0)
		record->size = message->content_length;
	if (link != NULL)
		record->link = slice_of_string(link->name);
}

/* ledger_add - put a message in the queue */
int
ledger_add(
    struct qmgr *qmgr, struct store_message *message, enum ledger_copy copy)
{
	struct track_record record = {.event = TRACK_COPY};
	int rc = store_message_add(qmgr->store, message);

	if (rc != 0 || copy == LEDGER_TOLD || !tracking_wanted(qmgr))
		return rc;
	ledger_describe(qmgr, message, &record);
	tracking_put(qmgr, &record);
	return 0;
}

/* ledger_replace - put a message in the place of another */
int
ledger_replace(struct qmgr *qmgr, const struct store_message *message,
    const struct track_record *why)
{
	struct track_record record;
	int rc = store_message_replace(qmgr->store, message);

	if (rc != 0 || why == NULL)
		return rc;
	record = *why;
	record.message = message->id;
	tracking_put(qmgr, &record);
	return 0;
}

/* ledger_update - write what changed of a message */
int
ledger_update(struct qmgr *qmgr, const struct store_message *message,
    const struct track_record *why)
{
	struct track_record record;
	int rc = store_message_update(qmgr->store, message);

	if (rc != 0 || why == NULL || !tracking_wanted(qmgr))
		return rc;
	record = *why;
	ledger_describe(qmgr, message, &record);
	if (record.text.len == 0)
		record.text = message->reason;
	tracking_put(qmgr, &record);
	return 0;
}

/* ledger_delete - take a message out of the queue */
int
ledger_delete(struct qmgr *qmgr, uint64_t id, const struct track_record *why)
{
	struct track_record record = *why;
	int rc = store_message_delete(qmgr->store, id);

	if (rc != 0)
		return rc;
	record.message = id;
	tracking_put(qmgr, &record);
	return 0;
}

/* ledger_aside - take a damaged message out of the way */
int
ledger_aside(struct qmgr *qmgr, uint64_t id, const char *reason)
{
	const struct track_record record = {.event = TRACK_QUARANTINE,
	    .message = id,
	    .text = slice_of_string(reason)};
	int rc = store_message_aside(qmgr->store, id, reason);

	if (rc == 0)
		tracking_put(qmgr, &record);
	return rc;
}
