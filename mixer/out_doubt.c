/* SPDX-License-Identifier: ISC */
/*
 * out_doubt.c - messages that the server may have, and gets again
 *
 * SMTP cannot be asked what was taken.  A message that the server did not
 * answer for is sent again, and the administrator is told.  If qmgr ends before
 * it has committed an outcome, the next one is told, and takes all messages
 * that every recipient has; of the others the rest cannot be told apart from
 * here.
 */
#include <sys/socket.h>

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "mixer/out.h"

#define REPORT_LIMIT 10000 /* ms for a qmgr to be there, and to commit */
#define REPORT_AGAIN 10	   /* ms, after a qmgr that died meanwhile */

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
out_doubt_until(struct out *out, const struct out_job *job, enum ipc_result how)
{
	/* The oldest is the most likely to be committed. */
	struct out_sent *sent = &out->sent[out->sent_count++ % OUT_SENT_MAX];

	*sent = describe(out, job);
	sent->how = how;
}

/* out_doubt_over - forget a message whose outcome is committed */
void
out_doubt_over(struct out *out, uint64_t job)
{
	for (size_t i = 0; i < OUT_SENT_MAX; i++)
		if (out->sent[i].job == job)
			out->sent[i] = (struct out_sent){0};
}

/* is_whole - tell whether all recipients of a message have it */
static bool
is_whole(const struct out_sent *sent)
{
	return sent->message != 0 &&
	    (sent->how == IPC_DELIVERED || sent->how == IPC_TRANSFERRED);
}

/* send_taken - tell the next qmgr what the server has, and wait until that is
 * committed */
static int
send_taken(struct out *out, struct ipc_channel *qmgr, uint64_t deadline)
{
	struct ipc_record record;
	struct diag diag = {0};
	int error = 0;

	for (size_t i = 0; error == 0 && i < OUT_SENT_MAX; i++)
		if (is_whole(&out->sent[i]))
			error = ipc_channel_send(qmgr,
			    &(struct ipc_record){.type = IPC_TAKEN,
				.taken = {.message = out->sent[i].message,
				    .delivered =
					out->sent[i].how == IPC_DELIVERED}});
	if (error == 0)
		error = worker_flush(&out->mixer.worker, qmgr, deadline);
	if (error == 0 && shutdown(qmgr->fd, SHUT_WR) != 0)
		error = ERR_IO;
	if (error != 0)
		return error;
	/* qmgr sends no answer, but closes when all is committed. */
	do
		error = worker_receive(
		    &out->mixer.worker, qmgr, &record, deadline, &diag);
	while (error == ERR_CANCELLED);
	return error == ERR_CLOSED ? 0 : ERR_TIMEOUT;
}

/* is_noted - tell whether the next qmgr has committed what the server has */
static bool
is_noted(struct out *out)
{
	uint64_t deadline = clock_after(REPORT_LIMIT);
	struct worker *worker = &out->mixer.worker;
	struct ipc_channel qmgr;
	int error;

	/* A qmgr that dies closes the connection, too: twice, since a message
	 * that has left by the first time is passed over. */
	for (unsigned closed = 0; closed < 2;) {
		if (worker_qmgr(worker, &qmgr, IPC_ROLE_REPORTER, deadline) !=
		    0)
			return false;
		error = send_taken(out, &qmgr, deadline);
		ipc_channel_fini(&qmgr);
		if (error == 0)
			closed++;
		/* The qmgr that was asked has died, and master starts
		 * another. */
		else if (clock_monotonic() >= deadline ||
		    worker_sleep(worker, REPORT_AGAIN) != 0)
			return false;
	}
	return true;
}

/* out_doubt_report - tell the next qmgr of those that are noted */
void
out_doubt_report(struct out *out)
{
	bool any = false, told;

	for (size_t i = 0; i < OUT_SENT_MAX; i++)
		any = any || is_whole(&out->sent[i]);
	told = any && is_noted(out);
	for (size_t i = 0; i < OUT_SENT_MAX; i++)
		if (out->sent[i].message != 0 &&
		    !(told && is_whole(&out->sent[i])))
			tell(out, &out->sent[i],
			    "qmgr ended before it had noted that the relay has "
			    "it");
}
