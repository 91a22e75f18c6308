/* SPDX-License-Identifier: ISC */
/*
 * out_job.c - send the message of a job
 *
 * Recipients that the server does not take now because they are too many go in
 * a further transaction at once.
 */
#include "base/clock.h"
#include "base/log.h"
#include "mixer/out.h"

#define COMMAND_TIMEOUT 300000 /* ms, RFC 5321 4.5.3.2 */
#define FINAL_TIMEOUT	600000
#define PIECE_MAX	65536

/* fail_job - report one result for all recipients of a job */
static void
fail_job(struct out *out, const struct out_job *job, enum ipc_result result,
    int diagnostic, const char *text, bool doubtful)
{
	const struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = job->given.number,
		.result = result,
		.reason = REASON_UNABLE_TO_TRANSFER,
		.diagnostic = diagnostic,
		.text = slice_of_string(text),
		.doubtful = doubtful,
		.transfer_delay = clock_monotonic() - job->begun}};

	(void)!job_channel_give(&out->channel, &record);
}

/* list_pending - list the recipients that are to be asked for, with their
 * places */
static size_t
list_pending(const struct out_message *m, struct smtp_recipient *list,
    struct out_recipient **places)
{
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct out_recipient *r = &m->recipients[i];

		if (r->state != OUT_PENDING)
			continue;
		places[count] = r;
		list[count++] =
		    (struct smtp_recipient){r->to, r->notify, r->orcpt};
	}
	return count;
}

/* on_recipient - note what the server says of a recipient */
static void
on_recipient(struct out *out, struct out_recipient *r, bool any_taken)
{
	const struct smtp_reply *reply = &out->client.reply;

	if (reply->code < 300) {
		r->state = OUT_TAKEN;
		r->reported = (out->client.extensions & SMTP_HAS_DSN) != 0 &&
		    r->notify != NULL;
	} else if (reply->code != 452 || reply->topic != 5 || !any_taken) {
		out_fate_set(r, reply);
	}
}

/* send_content - send the message */
static int
send_content(struct out *out)
{
	struct slice rest = buffer_slice(&out->message.content);
	int error = 0;

	while (error == 0 && rest.len > 0) {
		size_t len = rest.len < PIECE_MAX ? rest.len : PIECE_MAX;

		error =
		    smtp_client_content(&out->client, slice_of(rest.data, len));
		if (error == 0)
			error = out_flush(out, PIECE_MAX);
		rest = slice_of(rest.data + len, rest.len - len);
	}
	return error != 0 ? error : smtp_client_content_end(&out->client);
}

/* settle - note what the reply to the message, or to none of it, says */
static void
settle(struct out *out, enum out_state which)
{
	const struct smtp_reply *reply = &out->client.reply;

	for (size_t i = 0; i < out->message.count; i++) {
		struct out_recipient *r = &out->message.recipients[i];

		if (r->state != which)
			continue;
		if (reply->code < 300)
			r->state = OUT_PASSED;
		else
			out_fate_set(r, reply);
	}
}

/* transact - send the message to those that are pending; false: the session is
 * over */
static bool
transact(struct out *out, const struct smtp_transaction *transaction,
    struct out_recipient **places)
{
	bool any = false;

	if (smtp_client_begin(&out->client, transaction) != 0)
		return false;
	for (;;) {
		enum smtp_event event = out_next(out,
		    out->client.state == SMTP_STATE_FINAL ? FINAL_TIMEOUT
							  : COMMAND_TIMEOUT);

		if (event == SMTP_RECIPIENT) {
			on_recipient(out, places[out->client.recipient], any);
			any = any || out->client.reply.code < 300;
		} else if (event == SMTP_CONTENT) {
			if (send_content(out) != 0)
				return false;
		} else if (event == SMTP_SENT) {
			settle(out, OUT_TAKEN);
		} else if (event == SMTP_NOT_SENT) {
			settle(out, OUT_TAKEN);
			settle(out, OUT_PENDING);
		} else {
			/* Ready again, or over. */
			return event == SMTP_READY;
		}
	}
}

/* send_message - send the message to all; false: the session is over */
static bool
send_message(struct out *out)
{
	const struct out_message *m = &out->message;
	struct smtp_recipient *list =
	    arena_array(&out->arena, m->count, sizeof(*list));
	struct out_recipient **places =
	    arena_array(&out->arena, m->count, sizeof(struct out_recipient *));
	struct smtp_transaction transaction = {.from = m->from,
	    .envid = m->envid,
	    .ret = "HDRS",
	    .size = buffer_length(&m->content),
	    .recipients = list};

	if (list == NULL || places == NULL)
		return false;
	while ((transaction.count = list_pending(m, list, places)) > 0)
		if (!transact(out, &transaction, places))
			return false;
	return true;
}

/* report_lost - report a job in which the session ended */
static void
report_lost(struct out *out, const struct out_job *job)
{
	bool passed = false;

	for (size_t i = 0; i < out->message.count; i++)
		passed =
		    passed || out->message.recipients[i].state == OUT_PASSED;
	out->lost = true;
	/* Recipients who have it must not get it again: the others wait. */
	if (passed)
		out_fate_report(out, job);
	else
		fail_job(out, job, IPC_INTERRUPTED, DIAGNOSTIC_NONE, out->why,
		    smtp_client_in_doubt(&out->client));
}

/* out_job - send the message of a job, and report what became of it */
void
out_job(struct out *out, struct out_job *job)
{
	struct diag diag = {0};
	int error = 0;

	worker_item(&out->mixer.worker, job->given.message);
	if (job->given.cancelled || out->mixer.worker.stopping)
		fail_job(out, job, IPC_UNSTARTED, DIAGNOSTIC_NONE, "stopping",
		    false);
	else if ((error = out_message_make(out, job, &diag)) == ERR_NOMEM ||
	    error == ERR_CLOSED || error == ERR_CANCELLED ||
	    error == ERR_TIMEOUT)
		fail_job(out, job, IPC_TRANSIENT, DIAGNOSTIC_NONE,
		    error_strerror(error), false);
	else if (error != 0)
		fail_job(out, job, IPC_REFUSED,
		    DIAGNOSTIC_CONVERSION_IMPRACTICAL,
		    diag.code != 0 ? diag_text(&diag) : error_strerror(error),
		    false);
	else if (send_message(out))
		out_fate_report(out, job);
	else
		report_lost(out, job);
	client_jobs_drop(&out->channel.jobs);
	worker_item(&out->mixer.worker, 0);
}
