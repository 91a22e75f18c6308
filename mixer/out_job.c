/* SPDX-License-Identifier: ISC */
/*
 * out_job.c - send the message of a job
 *
 * Recipients that the server does not take now because they are too many go in
 * a further transaction at once.  For those of a probe it is asked alone: RFC
 * 2156 5.3.9 has the gateway answer probes, and appendix A has it ask, by VRFY,
 * which few servers answer any more.
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "mixer/out.h"

#define COMMAND_TIMEOUT 300000 /* ms, RFC 5321 4.5.3.2 */
#define FINAL_TIMEOUT	600000
#define PIECE_MAX	65536
#define TRANSACTION_MAX 100 /* recipients, RFC 5321 4.5.3.1.8 */

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

/* A transaction of the message with some of its recipients. */
struct transaction {
	struct out_job *job;
	struct smtp_transaction smtp;
	struct out_recipient *places[TRANSACTION_MAX];
	struct smtp_recipient list[TRANSACTION_MAX];
	bool asked; /* for a recipient */
	bool taken; /* one was */
};

/* list_pending - list recipients that are to be asked for */
static size_t
list_pending(const struct out_message *m, struct transaction *t)
{
	size_t count = 0;

	for (size_t i = 0; i < m->count && count < TRANSACTION_MAX; i++) {
		struct out_recipient *r = &m->recipients[i];

		if (r->state != OUT_PENDING)
			continue;
		t->places[count] = r;
		t->list[count++] =
		    (struct smtp_recipient){r->to, r->notify, r->orcpt};
	}
	return count;
}

/* is_too_many - tell whether a reply says that a further transaction takes
 * more (RFC 5321 4.5.3.1.10) */
static bool
is_too_many(const struct smtp_reply *reply)
{
	bool plain = reply->class == 0;

	if (reply->code == 552)
		return reply->topic == 5 && reply->detail == 3;
	return reply->code == 452 &&
	    (plain || (reply->topic == 5 && reply->detail == 3));
}

/* pass_probe - note that the server would take a message for a recipient */
static void
pass_probe(struct out_recipient *r)
{
	r->state = OUT_PASSED;
	(void)strlcpy(r->text,
	    "this was a probe: the gateway to Internet mail answers it, whose "
	    "server takes the recipient",
	    sizeof(r->text));
}

/* on_recipient - note what the server says of a recipient */
static void
on_recipient(struct out *out, struct transaction *t)
{
	const struct smtp_client *client = &out->relay.client;
	struct out_recipient *r = t->places[client->recipient];

	t->asked = true;
	if (smtp_reply_succeeds(&client->reply)) {
		t->taken = true;
		if (t->smtp.probe) {
			pass_probe(r);
			return;
		}
		r->state = OUT_TAKEN;
		r->reported = (client->extensions & SMTP_HAS_DSN) != 0 &&
		    r->notify != NULL && !r->answered;
	} else if (!is_too_many(&client->reply) || !t->taken) {
		/* Where nobody was taken before, a further transaction would
		 * take nobody either. */
		out_fate_set(r, &client->reply);
	}
}

/* send_octets - send octets of the message; ERR_CANCELLED: the server speaks,
 * and is heard before anything else */
static int
send_octets(void *arg, struct slice octets)
{
	struct relay *relay = arg;
	/* Before and not after, so that the end of the message goes along with
	 * its last octets. */
	int error = relay_flush(relay, PIECE_MAX);

	if (error == 0 && relay_speaks(relay))
		return ERR_CANCELLED;
	return error != 0 ? error : smtp_client_content(&relay->client, octets);
}

/* send_content - send the message; a server that speaks before its end is
 * heard by the caller */
static int
send_content(struct out *out, struct out_job *job)
{
	struct relay *relay = &out->relay;
	int error = out_content_write(out, job, send_octets, relay);

	if (error == ERR_CANCELLED && relay_speaks(relay))
		return 0;
	return error != 0 ? error : smtp_client_content_end(&relay->client);
}

/* settle - note what a reply says of all recipients that are in a state */
static void
settle(struct out *out, enum out_state which)
{
	for (size_t i = 0; i < out->message.count; i++)
		if (out->message.recipients[i].state == which)
			out_fate_set(&out->message.recipients[i],
			    &out->relay.client.reply);
}

/* pass - note that the server has the message for those whom it took */
static void
pass(struct out *out)
{
	for (size_t i = 0; i < out->message.count; i++)
		if (out->message.recipients[i].state == OUT_TAKEN)
			out->message.recipients[i].state = OUT_PASSED;
}

/* fail_content - note that the message cannot be sent to anybody */
static void
fail_content(struct out *out)
{
	for (size_t i = 0; i < out->message.count; i++) {
		struct out_recipient *r = &out->message.recipients[i];

		if (r->state != OUT_TAKEN && r->state != OUT_PENDING)
			continue;
		r->state = OUT_FAILED;
		r->reason = REASON_UNABLE_TO_TRANSFER;
		r->diagnostic = DIAGNOSTIC_CONVERSION_IMPRACTICAL;
		(void)strlcpy(r->text, "it has a CR or LF that stands alone",
		    sizeof(r->text));
	}
	/* The server waits for the rest, and must not take a part. */
	(void)strlcpy(out->relay.why, "a message that cannot be sent",
	    sizeof(out->relay.why));
}

/* ask_ahead - ask qmgr for more of the next message, which comes while the
 * server answers for this one */
static void
ask_ahead(struct out *out)
{
	struct client_job *next = client_jobs_at(&out->channel.jobs, 1);

	/* A channel that is full is asked again when it is this one's turn. */
	if (next != NULL && !out->channel.gone)
		(void)!client_job_ask(
		    next, client_job_length(next), &out->mixer.qmgr);
}

/* on_event - do what an event of a transaction asks for.  Errors end the
 * session */
static int
on_event(struct out *out, struct transaction *t, enum smtp_event event)
{
	int error;

	switch ((int)event) {
	case SMTP_RECIPIENT:
		on_recipient(out, t);
		return 0;
	case SMTP_CONTENT:
		error = send_content(out, t->job);
		if (error == ERR_VALUE)
			fail_content(out);
		else if (error == 0)
			ask_ahead(out);
		return error;
	case SMTP_SENT:
		if (smtp_reply_succeeds(&out->relay.client.reply))
			pass(out);
		else
			settle(out, OUT_TAKEN);
		return 0;
	case SMTP_NOT_SENT:
		settle(out, OUT_TAKEN);
		/* A sender that is refused is so for everybody. */
		if (!t->asked)
			settle(out, OUT_PENDING);
		return 0;
	default:
		return ERR_PROTOCOL;
	}
}

/* patience_of - tell how long the server has for its next reply */
static uint64_t
patience_of(const struct relay *relay)
{
	if (relay->client.state != SMTP_STATE_FINAL)
		return COMMAND_TIMEOUT;
	return FAULT_POINT("relay-silent") ? 0 : FINAL_TIMEOUT;
}

/* transact - send the message to some that are pending; false: the session is
 * over */
static bool
transact(struct out *out, struct transaction *t)
{
	struct relay *relay = &out->relay;

	t->asked = t->taken = false;
	if (smtp_client_begin(&relay->client, &t->smtp) != 0)
		return false;
	for (;;) {
		enum smtp_event event = relay_next(relay, patience_of(relay));

		if (event == SMTP_READY)
			return true;
		if (on_event(out, t, event) != 0)
			return false;
	}
}

/* send_message - send the message to all; false: the session is over */
static bool
send_message(struct out *out, struct out_job *job)
{
	static struct transaction t;
	const struct out_message *m = &out->message;
	bool probe = m->envelope.kind == MTS_PROBE;
	bool full = (m->envelope.indicators & P1_CONTENT_RETURN_REQUEST) != 0;

	t.job = job;
	t.smtp = (struct smtp_transaction){.from = m->from,
	    .envid = m->envid,
	    .ret = probe ? NULL
		: full	 ? "FULL"
			 : "HDRS",
	    .size = m->length,
	    .eight_bit = m->eight_bit,
	    .probe = probe,
	    .recipients = t.list};
	while ((t.smtp.count = list_pending(m, &t)) > 0)
		if (!transact(out, &t))
			return false;
	return true;
}

/* report_lost - report a job in which the session ended */
static void
report_lost(struct out *out, const struct out_job *job)
{
	bool doubtful = smtp_client_in_doubt(&out->relay.client);
	bool settled = false;

	if (doubtful)
		out_doubt(out, job);
	for (size_t i = 0; i < out->message.count; i++)
		settled = settled ||
		    out->message.recipients[i].state == OUT_PASSED ||
		    out->message.recipients[i].state == OUT_FAILED;
	out->relay.lost = true;
	/* Recipients who have it must not get it again: the others wait. */
	if (settled)
		out_fate_report(out, job);
	else
		fail_job(out, job, IPC_INTERRUPTED, DIAGNOSTIC_NONE,
		    out->relay.why, doubtful);
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
	else if (out->message.eight_bit &&
	    (out->relay.client.extensions & SMTP_HAS_8BITMIME) == 0)
		fail_job(out, job, IPC_REFUSED,
		    DIAGNOSTIC_CONVERSION_IMPRACTICAL,
		    "it has octets beyond ASCII, for which the relay has no "
		    "8BITMIME",
		    false);
	else if (send_message(out, job))
		out_fate_report(out, job);
	else
		report_lost(out, job);
	client_jobs_drop(&out->channel.jobs);
	worker_item(&out->mixer.worker, 0);
}
