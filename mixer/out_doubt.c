/* SPDX-License-Identifier: ISC */
/*
 * out_doubt.c - messages that the server may have, and gets again
 *
 * SMTP cannot be asked what was taken.  A message of which qmgr ends before it
 * has committed the outcome is sent again as one that the server did not
 * answer for; in either case the administrator is told.
 */
#include <stdio.h>

#include "base/log.h"
#include "mixer/out.h"

/* tell - write the event */
static void
tell(const struct out *out, const struct out_sent *sent, const char *reason)
{
	const struct relay *relay = &out->relay;
	char link[sizeof("mixer/") + CONF_NAME_MAX];

	(void)snprintf(link, sizeof(link), "mixer/%s", relay->section->name);
	LOG_EVENT(EVENT_RELAY_DOUBTFUL, LOG_INT("id", (int64_t)sent->message),
	    LOG_STRING("mts_id", sent->mts_id), LOG_STRING("link", link),
	    LOG_STRING("address", relay->addresses[relay->at].text),
	    LOG_STRING("reason", reason));
}

/* describe - say which message a job is about */
static struct out_sent
describe(const struct out *out, const struct out_job *job)
{
	struct out_sent sent = {
	    .job = job->given.number, .message = job->given.message};

	mts_identifier_format(&out->message.envelope.identifier, sent.mts_id);
	return sent;
}

/* out_doubt - tell that the server may have the message of a job */
void
out_doubt(const struct out *out, const struct out_job *job)
{
	const struct out_sent sent = describe(out, job);

	tell(out, &sent, out->relay.why);
}

/* out_doubt_until - note a message that is sent, until its outcome is
 * committed */
void
out_doubt_until(struct out *out, const struct out_job *job)
{
	/* The oldest is the most likely to be committed. */
	out->sent[out->sent_count++ % OUT_SENT_MAX] = describe(out, job);
}

/* out_doubt_over - forget a message whose outcome is committed */
void
out_doubt_over(struct out *out, uint64_t job)
{
	for (size_t i = 0; i < OUT_SENT_MAX; i++)
		if (out->sent[i].job == job)
			out->sent[i] = (struct out_sent){0};
}

/* out_doubt_all - tell of all that are sent and not committed */
void
out_doubt_all(const struct out *out)
{
	for (size_t i = 0; i < OUT_SENT_MAX; i++)
		if (out->sent[i].message != 0)
			tell(out, &out->sent[i],
			    "qmgr ended before it had noted that the relay has "
			    "it");
}
