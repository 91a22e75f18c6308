/* SPDX-License-Identifier: ISC */
/*
 * intake_result.c - what became of a submission: the log and the answer
 *
 * See intake_result.h.
 */
#include "base/log.h"
#include "mhs/mts_kind.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/share.h"
#include "qmgr/receiving/intake_result.h"

/* log_received - log each copy of a message */
static void
log_received(struct qmgr *qmgr, const struct submit *submit)
{
	const struct link *from = link_get(&qmgr->links, submit->from_link);

	for (size_t i = 0; i < submit->placing.count; i++) {
		const struct placed *item = &submit->placing.items[i];
		const struct link *to =
		    link_get(&qmgr->links, item->message.link);

		/* A report made of this message is not the message itself. */
		if (item->own_content)
			continue;
		LOG_EVENT(EVENT_MESSAGE_RECEIVED,
		    LOG_INT("id", item->message.id),
		    LOG_STRING("mts_id", submit->mts_id),
		    LOG_STRING("kind", mts_kind_name(item->message.kind)),
		    LOG_STRING("from", from == NULL ? "local" : from->name),
		    LOG_STRING("to", to == NULL ? "" : to->name),
		    LOG_INT("size", submit->content_length),
		    LOG_STRING("priority",
			store_priority_name(item->message.priority)),
		    submit->delay < 0
			? LOG_STRING("delay_before_ms", NULL)
			: LOG_INT("delay_before_ms", submit->delay));
	}
}

/* intake_log - log what became of a submission */
void
intake_log(struct qmgr *qmgr, const struct submit *submit)
{
	struct link *from = link_get(&qmgr->links, submit->from_link);

	switch (submit->result) {
	case IPC_SUBMIT_ACCEPTED:
		log_received(qmgr, submit);
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

/* intake_answer - answer the client */
void
intake_answer(struct submit *submit)
{
	struct ipc_record record = {.type = IPC_SUBMIT_ANSWER};
	struct ipc_submit_answer *out = &record.submit_answer;

	if (submit->client == NULL)
		return;
	out->submit = submit->number;
	out->result = submit->result;
	out->message = submit->message;
	out->mts_id = slice_of_string(submit->mts_id);
	out->reason = submit->reason;
	out->diagnostic = submit->diagnostic;
	out->text = slice_of_string(submit->text);
	client_send(submit->client, &record);
}
