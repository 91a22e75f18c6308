/* SPDX-License-Identifier: ISC */
/*
 * keyed.c - what an application submits, and may
 */
#include "qmgr/receiving/keyed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf_address.h"
#include "mhs/report.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/removal.h"
#include "qmgr/sending/passed.h"
#include "store/store.h"

/* So long a mail server may come again. */
#define KEYED_PROMISED ((int64_t)5 * 24 * 3600 * 1000) /* ms */

/* take_recipients - take for whom a gateway submits */
static int
take_recipients(
    struct submit *submit, struct slice recipients, struct diag *diag)
{
	struct submit_key *named = &submit->named;

	if (recipients.len % IPC_RECIPIENT_LEN != 0)
		return diag_set(diag, ERR_VALUE, "recipients of %zu octets",
		    recipients.len);
	return buffer_append(
	    &named->recipients, recipients.data, recipients.len);
}

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
	named->len = end->submission_key.len;
	memcpy(named->name, end->submission_key.data, named->len);
	if (end->recipients.len > 0)
		return take_recipients(submit, end->recipients, diag);
	if (end->digest.len != sizeof(named->digest))
		return diag_set(
		    diag, ERR_VALUE, "digest of %zu octets", end->digest.len);
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

/* mark_had - mark the recipients of a submission that are in a list of those
 * taken: true, there are some */
static bool
mark_had(struct submit_key *named, struct slice taken)
{
	size_t count = buffer_length(&named->had);
	const uint8_t *mine = named->recipients.data + named->recipients.start;
	uint8_t *had = named->had.data + named->had.start;
	bool any = false;

	for (size_t at = 0; at + IPC_RECIPIENT_LEN <= taken.len;
	     at += IPC_RECIPIENT_LEN)
		for (size_t i = 0; i < count; i++)
			if (memcmp(mine + i * IPC_RECIPIENT_LEN,
				taken.data + at, IPC_RECIPIENT_LEN) == 0) {
				had[i] = 1;
				any = true;
			}
	return any;
}

/* find_recipients - look whether somebody was taken before under the key of a
 * gateway */
static bool
find_recipients(struct qmgr *qmgr, struct submit *submit)
{
	struct submit_key *named = &submit->named;
	size_t count = buffer_length(&named->recipients) / IPC_RECIPIENT_LEN;
	struct store_keyed note = {.application = submit->from_link,
	    .kind = STORE_KEYED_RECIPIENTS,
	    .name = slice_of(named->name, named->len)};
	bool any = false;

	buffer_reset(&named->had);
	for (size_t i = 0; i < count; i++)
		if (buffer_append(&named->had, "", 1) != 0)
			return false;
	while (store_keyed_next(qmgr->store, &note, &qmgr->arena) == 0) {
		if (!mark_had(named, note.recipients))
			continue;
		any = true;
		submit->message = note.message;
		snprintf(named->first_mts_id, sizeof(named->first_mts_id),
		    "%.*s", (int)note.mts_id.len,
		    (const char *)note.mts_id.data);
	}
	if (any)
		submit->result = IPC_SUBMIT_DUPLICATE;
	return any;
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
	if (buffer_length(&named->recipients) > 0)
		return find_recipients(qmgr, submit);
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

/* add_taken - list the recipients that were not refused at once */
static int
add_taken(const struct submit *submit, struct buffer *list)
{
	struct slice all = buffer_slice(&submit->named.recipients);
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < all.len / IPC_RECIPIENT_LEN; i++)
		if (fates_find(&submit->refused, i) == NULL)
			rc = buffer_append(list,
			    all.data + (size_t)i * IPC_RECIPIENT_LEN,
			    IPC_RECIPIENT_LEN);
	return rc;
}

/* tell_displaced - tell of notes that made room before anybody could rely on
 * their being there */
static void
tell_displaced(struct qmgr *qmgr, uint32_t link)
{
	int64_t age =
	    timekeeper_latest(&qmgr->time) - store_keyed_displaced(qmgr->store);
	const struct link *from = link_get(&qmgr->links, link);

	if (age < KEYED_PROMISED && from != NULL)
		LOG_EVENT(EVENT_KEY_DISPLACED, LOG_STRING("link", from->name),
		    LOG_INT("age_s", age / 1000));
}

/* note_recipients - note for whom a gateway has submitted */
static int
note_recipients(struct qmgr *qmgr, const struct submit *submit)
{
	const struct submit_key *named = &submit->named;
	struct store_keyed note = {.application = submit->from_link,
	    .kind = STORE_KEYED_RECIPIENTS,
	    .name = slice_of(named->name, named->len),
	    .message = submit->message,
	    .time = timekeeper_latest(&qmgr->time),
	    .mts_id = slice_of_string(submit->mts_id)};
	struct buffer list;
	int rc;

	/* A report that ends here may come again. */
	if (submit->message == 0)
		return 0;
	buffer_init(&list, IPC_RECIPIENTS_LEN);
	rc = add_taken(submit, &list);
	while (rc == 0 && buffer_length(&list) > 0) {
		note.recipients = buffer_slice(&list);
		if (note.recipients.len > STORE_KEYED_LIST)
			note.recipients.len = STORE_KEYED_LIST;
		rc = store_keyed_note(qmgr->store, &note);
		buffer_consume(&list, note.recipients.len);
		note.part++;
	}
	buffer_fini(&list);
	tell_displaced(qmgr, submit->from_link);
	return rc;
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

	if (buffer_length(&named->recipients) > 0)
		return note_recipients(qmgr, submit);
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
	/* An author on the Internet is known to its own mail servers alone. */
	if (gateway)
		return true;
	originators = section->originators.count > 0 ? &section->originators
						     : &section->address_space;
	*why = "not allowed: the originator is not among those of the "
	       "application";
	return conf_addresses_cover(originators, &envelope->originator.address);
}

/* keyed_heard - forget the note on a submission of a gateway */
int
keyed_heard(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_submission_heard *heard = &record->submission_heard;
	const struct store_keyed note = {.name = heard->submission_key,
	    .message = heard->message,
	    .application = client->link == NULL ? 0 : client->link->number};

	if (client->link == NULL || heard->submission_key.len == 0)
		return diag_set(diag, ERR_VALUE, "a key of no gateway");
	return removal_start_keyed(client->qmgr, &note);
}
