/* SPDX-License-Identifier: ISC */
/*
 * intake_result.c - what became of a submission: the log and the answer
 *
 * See intake_result.h.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "mhs/mts_kind.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/share.h"
#include "qmgr/receiving/intake_result.h"

/* Recipients of one record: with their texts less than it may hold. */
#define RECIPIENTS_STEP 200
#define LINKS_TEXT	200 /* octets of the names of links */

/* first_copy - find the first copy of what was submitted, and put into text for
 * which links there are any; NULL: there is none */
static const struct store_message *
first_copy(struct qmgr *qmgr, const struct submit *submit,
    char text[LINKS_TEXT], unsigned *copies)
{
	const struct store_message *first = NULL;

	text[0] = '\0';
	*copies = 0;
	for (size_t i = 0; i < submit->placing.count; i++) {
		const struct placed *item = &submit->placing.items[i];
		const struct link *to =
		    link_get(&qmgr->links, item->message.link);

		/* A report made of this message is not the message itself. */
		if (item->own_content)
			continue;
		if ((*copies)++ == 0)
			first = &item->message;
		else
			(void)strlcat(text, ",", LINKS_TEXT);
		(void)strlcat(text, to == NULL ? "" : to->name, LINKS_TEXT);
	}
	return first;
}

/* log_received - log a message that was taken */
static void
log_received(struct qmgr *qmgr, const struct submit *submit)
{
	const struct link *from = link_get(&qmgr->links, submit->from_link);
	struct slice names =
	    slice_of(submit->parties.text, submit->parties.len);
	char to[LINKS_TEXT];
	unsigned copies;
	const struct store_message *first =
	    first_copy(qmgr, submit, to, &copies);

	LOG_EVENT(EVENT_MESSAGE_RECEIVED,
	    first == NULL ? LOG_STRING("id", NULL) : LOG_INT("id", first->id),
	    LOG_STRING("mts_id", submit->mts_id),
	    LOG_STRING("kind", mts_kind_name(submit->kind)),
	    LOG_STRING("from", from == NULL ? "local" : from->name),
	    LOG_STRING("to", first == NULL ? NULL : to),
	    copies > 1 ? LOG_INT("copies", copies) : LOG_STRING("copies", NULL),
	    named_originator(names), named_recipients(names),
	    LOG_INT("size", submit->content_length),
	    LOG_STRING("priority", store_priority_name(submit->priority)),
	    submit->delay < 0 ? LOG_STRING("delay_before_ms", NULL)
			      : LOG_INT("delay_before_ms", submit->delay));
}

/* count_received - count a message that was taken, for the link that it came
 * from; tools are no link */
static void
count_received(struct link *from)
{
	if (from == NULL)
		return;
	from->counters.last_in = clock_wall();
	if (from->kind == LINK_MSMAIL)
		from->counters.converted++;
}

/* intake_log - log what became of a submission */
void
intake_log(struct qmgr *qmgr, const struct submit *submit)
{
	struct link *from = link_get(&qmgr->links, submit->from_link);

	switch (submit->result) {
	case IPC_SUBMIT_ACCEPTED:
		log_received(qmgr, submit);
		count_received(from);
		return;
	case IPC_SUBMIT_DUPLICATE:
		LOG_EVENT(EVENT_DUPLICATE, LOG_INT("id", submit->message),
		    LOG_STRING("from", from == NULL ? "local" : from->name));
		return;
	case IPC_SUBMIT_REFUSED:
	case IPC_SUBMIT_UNAVAILABLE:
		/* Refused for the source's share: that has an event of its own,
		 * and only one per source. */
		if (submit->over_share) {
			share_over(qmgr, submit->from_link,
			    submit->full_share ? SHARE_FULL_LINK
					       : SHARE_FULL_SOURCE);
			return;
		}
		LOG_EVENT(EVENT_SUBMIT_REFUSED,
		    LOG_STRING("from", from == NULL ? "local" : from->name),
		    LOG_STRING("reason", submit->text));
		return;
	}
}

/* intake_prove - note that an association on which we send too was of use */
void
intake_prove(const struct submit *submit)
{
	if (submit->client != NULL && submit->client->assoc != NULL &&
	    (submit->result == IPC_SUBMIT_ACCEPTED ||
		submit->result == IPC_SUBMIT_DUPLICATE))
		assoc_proved(submit->client->assoc);
}

/* refused_of - find the recipients that an answer names: of a duplicate those
 * of the first one */
static const struct fates *
refused_of(const struct submit *submit)
{
	return submit->result == IPC_SUBMIT_DUPLICATE
	    ? &submit->named.first_refused
	    : &submit->refused;
}

/* answer_recipients - give a client the recipients that were refused at once,
 * but for the last ones, which come with the answer itself: whose record has
 * the list; return how many */
static size_t
answer_recipients(const struct submit *submit,
    struct ipc_recipient_outcome list[RECIPIENTS_STEP])
{
	const struct fates *fates = refused_of(submit);
	struct ipc_record part = {.type = IPC_SUBMIT_ANSWER,
	    .submit_answer = {.submit = submit->number,
		.recipients = list,
		.recipient_count = RECIPIENTS_STEP,
		.more = true}};
	size_t count = 0;

	for (size_t i = 0; i < fates->count; i++) {
		const struct fate *fate = &fates->items[i];

		if (count == RECIPIENTS_STEP) {
			client_send(submit->client, &part);
			count = 0;
		}
		list[count++] =
		    (struct ipc_recipient_outcome){.index = fate->index,
			.reason = fate->reason,
			.diagnostic = fate->diagnostic,
			.text = slice_of_string(fate->text)};
	}
	return count;
}

/* intake_answer - answer the client */
void
intake_answer(struct submit *submit)
{
	struct ipc_recipient_outcome list[RECIPIENTS_STEP];
	struct ipc_record record = {.type = IPC_SUBMIT_ANSWER};
	struct ipc_submit_answer *out = &record.submit_answer;

	if (submit->client == NULL)
		return;
	out->submit = submit->number;
	out->result = submit->result;
	out->message = submit->message;
	out->mts_id = slice_of_string(
	    submit->result == IPC_SUBMIT_DUPLICATE && submit->named.len > 0
		? submit->named.first_mts_id
		: submit->mts_id);
	out->recipients = list;
	out->recipient_count = answer_recipients(submit, list);
	out->key_reused = submit->named.reused;
	out->had = submit->result == IPC_SUBMIT_DUPLICATE
	    ? buffer_slice(&submit->named.had)
	    : slice_of(NULL, 0);
	out->reason = submit->reason;
	out->diagnostic = submit->diagnostic;
	out->text = slice_of_string(submit->text);
	client_send(submit->client, &record);
}
