/* SPDX-License-Identifier: ISC */
/*
 * keyed.c - what an application submits, and may
 */
#include "qmgr/receiving/keyed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_address.h"
#include "mhs/report.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/passed.h"
#include "store/store.h"

/* keyed_take - take the key of a submission that is complete */
int
keyed_take(struct client *client, struct submit *submit,
    const struct ipc_submit_end *end, struct diag *diag)
{
	struct submit_key *named = &submit->named;

	if (end->submission_key.len == 0)
		return 0;
	if ((client->role != IPC_ROLE_APP_IN && client->role != IPC_ROLE_APP &&
		client->role != IPC_ROLE_MIXER_IN) ||
	    client->link == NULL)
		return diag_set(diag, ERR_DENIED, "a submission with a key");
	if (end->digest.len != sizeof(named->digest))
		return diag_set(
		    diag, ERR_VALUE, "digest of %zu octets", end->digest.len);
	named->len = end->submission_key.len;
	memcpy(named->name, end->submission_key.data, named->len);
	memcpy(named->digest, end->digest.data, sizeof(named->digest));
	return 0;
}

/* encode_refused - write down who was refused, with texts or without */
static int
encode_refused(struct submit *submit, bool texts)
{
	const struct fates *fates = &submit->refused;
	struct ipc_recipient_outcome *list =
	    calloc(fates->count, sizeof(*list));
	struct ipc_record record = {.type = IPC_SUBMIT_ANSWER,
	    .submit_answer = {
		.recipients = list, .recipient_count = fates->count}};
	int rc;

	if (list == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < fates->count; i++) {
		list[i] = (struct ipc_recipient_outcome){
		    .index = fates->items[i].index,
		    .reason = fates->items[i].reason,
		    .diagnostic = fates->items[i].diagnostic};
		if (texts)
			list[i].text = slice_of_string(fates->items[i].text);
	}
	buffer_reset(&submit->named.answer);
	rc = ipc_record_encode(&record, &submit->named.answer);
	free(list);
	if (rc == 0 &&
	    buffer_length(&submit->named.answer) > STORE_KEYED_ANSWER)
		rc = ERR_LIMIT;
	return rc;
}

/* keyed_prepare - write down who was refused at once, for the note */
int
keyed_prepare(struct submit *submit)
{
	int rc;

	if (submit->named.len == 0 || submit->refused.count == 0)
		return 0;
	rc = encode_refused(submit, true);
	return rc == ERR_LIMIT ? encode_refused(submit, false) : rc;
}

/* first_refused - read whom the first answer refused */
static int
first_refused(struct submit *submit, struct slice answer, struct arena *arena)
{
	struct fates *fates = &submit->named.first_refused;
	struct ipc_record record;
	size_t used;
	int rc;

	fates_fini(fates);
	if (answer.len == 0)
		return 0;
	rc = ipc_record_decode(answer, arena, &record, &used, NULL);
	if (rc == 0 && record.type != IPC_SUBMIT_ANSWER)
		rc = ERR_VALUE;
	return rc == 0 ? fates_add(fates, record.submit_answer.recipients,
			     record.submit_answer.recipient_count)
		       : rc;
}

/* refuse_reused - refuse a key that was of something else */
static void
refuse_reused(struct submit *submit)
{
	submit->result = IPC_SUBMIT_REFUSED;
	submit->reason = REASON_UNABLE_TO_TRANSFER;
	submit->diagnostic = DIAGNOSTIC_INVALID_ARGUMENTS;
	submit->named.reused = true;
	snprintf(submit->text, sizeof(submit->text),
	    "key-reused: its key is of another submission");
}

/* keyed_find - look for an earlier submission by the key of this one */
bool
keyed_find(struct qmgr *qmgr, struct submit *submit)
{
	struct submit_key *named = &submit->named;
	struct store_keyed note = {.application = submit->from_link,
	    .kind = STORE_KEYED_SUBMISSION,
	    .name = slice_of(named->name, named->len)};

	if (named->len == 0)
		return false;
	arena_reset(&qmgr->arena);
	if (store_keyed_find(qmgr->store, &note, &qmgr->arena) != 0)
		return false;
	if (!slice_equal(
		note.digest, slice_of(named->digest, sizeof(named->digest)))) {
		refuse_reused(submit);
		return true;
	}
	submit->result = IPC_SUBMIT_DUPLICATE;
	submit->message = note.message;
	snprintf(named->first_mts_id, sizeof(named->first_mts_id), "%.*s",
	    (int)note.mts_id.len, (const char *)note.mts_id.data);
	/* The message is in the queue, or was: without the list the program
	 * still must not submit it again. */
	(void)!first_refused(submit, note.answer, &qmgr->arena);
	return true;
}

/* keyed_note - note a submission */
int
keyed_note(struct qmgr *qmgr, const struct submit *submit)
{
	const struct submit_key *named = &submit->named;
	const struct store_keyed note = {.application = submit->from_link,
	    .kind = STORE_KEYED_SUBMISSION,
	    .name = slice_of(named->name, named->len),
	    .message = submit->message,
	    .time = timekeeper_latest(&qmgr->time),
	    .digest = slice_of(named->digest, sizeof(named->digest)),
	    .mts_id = slice_of_string(submit->mts_id),
	    .answer = buffer_slice(&named->answer)};

	return named->len == 0 ? 0 : store_keyed_note(qmgr->store, &note);
}

/* may_report - tell whether a report is about what the application has passed
 * on, and goes to whom it came from */
static bool
may_report(struct qmgr *qmgr, const struct link *link,
    const struct submit *submit, const struct p1_envelope *envelope)
{
	struct report report;

	return submit->staged == 0 &&
	    report_decode(buffer_slice(&submit->content), &qmgr->arena, &report,
		NULL) == 0 &&
	    passed_is(
		qmgr, link, &report.subject, &envelope->originator.address);
}

/* keyed_may_submit - tell whether an application may submit this */
bool
keyed_may_submit(struct qmgr *qmgr, struct submit *submit,
    const struct p1_envelope *envelope, const char **why)
{
	const struct link *link = link_get(&qmgr->links, submit->from_link);
	const struct conf_application *section =
	    link == NULL ? NULL : link->application;
	const struct conf_addresses *originators;

	bool gateway = link != NULL && link->kind == LINK_MIXER;

	if ((section == NULL && !gateway) || submit->origin != IPC_SUBMISSION)
		return true;
	if (envelope->kind == MTS_REPORT) {
		*why = "not allowed: the report is about nothing that the "
		       "application has passed on";
		return may_report(qmgr, link, submit, envelope);
	}
	/* Who wrote on the Internet is for its own mail servers to know. */
	if (gateway)
		return true;
	originators = section->originators.count > 0 ? &section->originators
						     : &section->address_space;
	*why = "not allowed: the originator is not among those of the "
	       "application";
	return conf_addresses_cover(originators, &envelope->originator.address);
}
