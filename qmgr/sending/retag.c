/* SPDX-License-Identifier: ISC */
/*
 * retag.c - a queued message gets explicit tags before it is sent
 */
#include "qmgr/sending/retag.h"

#include <stdio.h>
#include <stdlib.h>

#include "mhs/p1.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/queue/placing.h"
#include "qmgr/sending/batch_name.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/suspect.h"
#include "qmgr/sending/tagging.h"
#include "store/store.h"

/* So many of a link are replaced at a time, each with its envelope in
 * memory. */
#define RETAG_MAX 8

struct retag {
	struct commit_member member;
	struct job *job;
	bool moved; /* it was replaced */
	struct placing placing;
};

/* retag_is_due - tell whether a message should have other tags than it has, and
 * may get them */
bool
retag_is_due(struct qmgr *qmgr, const struct link *link,
    const struct store_message *message)
{
	struct store_delivery note;

	return tagging_learns(link) && link->policy.explicit_extensions &&
	    !message->explicit && batch_name_get(qmgr, message->id) == NULL &&
	    store_delivery_get(qmgr->store, message->id, &qmgr->arena, &note) ==
	    ERR_NOTFOUND;
}

/* encode_tagged - write the envelope with explicit tags; 1: it is another */
static int
encode_tagged(struct qmgr *qmgr, const struct store_message *message,
    struct placing *placing)
{
	char mts_id[STORE_MTS_ID_MAX + 1];
	struct store_message whole;
	struct p1_envelope envelope;
	struct placed *item;
	struct slice octets;
	size_t at;

	if (store_message_get(qmgr->store, message->id, STORE_WHOLE,
		&qmgr->arena, &whole) != 0)
		return 0;
	snprintf(mts_id, sizeof(mts_id), "%.*s", (int)message->mts_id.len,
	    (const char *)message->mts_id.data);
	if (p1_decode(message->kind, whole.envelope, &qmgr->arena, &envelope,
		NULL) != 0 ||
	    placing_add(placing, mts_id, &item) != 0)
		return 0;
	at = placing_open(placing);
	if (p1_encode(&envelope, EXTENSION_EXPLICIT, &placing->octets) != 0)
		return 0;
	item->envelope = placing_close(placing, at);
	if (placing_name(placing, item, message->names) != 0)
		return 0;
	octets = slice_of(
	    buffer_slice(&placing->octets).data + at, item->envelope.len);
	return octets.len <= STORE_ENVELOPE_MAX &&
	    !slice_equal(octets, whole.envelope);
}

/* retag_apply - replace a message, within the transaction */
static int
retag_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct retag *retag = (struct retag *)member;
	struct store_message *new = &retag->placing.items[0].message, old;
	struct placing_content content;
	struct track_record told = {.event = TRACK_REROUTE,
	    .other = slice_of_string(retag->job->link->name),
	    .text = slice_of_string("its extensions get other tags")};
	int rc;

	retag->moved = false;
	arena_reset(&qmgr->arena);
	qmgr_item(qmgr, retag->job->message);
	rc = store_message_get(
	    qmgr->store, retag->job->message, STORE_WHOLE, &qmgr->arena, &old);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc < 0)
		return rc;
	content = (struct placing_content){.id = old.content_id,
	    .length = old.content_length,
	    .octets = old.content};
	*new = old;
	new->explicit = true;
	new->attempts = new->transfer_attempts = 0;
	new->reason = slice_of(NULL, 0);
	ledger_describe(qmgr, &old, &told);
	retag->placing.old = (struct placing_old){.id = old.id, .why = &told};
	rc = placing_write(qmgr, &retag->placing, &content);
	retag->moved = rc == 0;
	return rc;
}

/* retag_done - have the new record sent */
static void
retag_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct retag *retag = (struct retag *)member;
	struct job *job = retag->job;
	struct link *link = job->link;

	if (result < 0) {
		TAILQ_INSERT_TAIL(&qmgr->put_off, member, entry);
		return;
	}
	link->retagging--;
	if (retag->moved)
		suspect_forget(link, job->message);
	/* Before its link hears of it: what is active is passed over. */
	dispatch_release(qmgr, job);
	if (retag->moved)
		placing_committed(qmgr, &retag->placing);
	link_touch(qmgr, link);
	placing_fini(&retag->placing);
	free(retag);
}

/* retag_message - replace a message that is about to be sent, if need be */
int
retag_message(
    struct qmgr *qmgr, struct link *link, const struct store_message *message)
{
	struct retag *retag;
	int rc;

	if (!retag_is_due(qmgr, link, message))
		return 0;
	if (link->retagging == RETAG_MAX)
		return ERR_NOMEM;
	retag = calloc(1, sizeof(*retag));
	if (retag == NULL)
		return ERR_NOMEM;
	placing_init(&retag->placing);
	rc = encode_tagged(qmgr, message, &retag->placing);
	if (rc == 1 &&
	    (retag->job = dispatch_claim(qmgr, link, message)) == NULL)
		rc = ERR_NOMEM;
	if (rc != 1) {
		placing_fini(&retag->placing);
		free(retag);
		return rc;
	}
	link->retagging++;
	retag->member.order = COMMIT_DISPATCH;
	retag->member.apply = retag_apply;
	retag->member.done = retag_done;
	commit_add(qmgr, &retag->member);
	return 1;
}
