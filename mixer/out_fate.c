/* SPDX-License-Identifier: ISC */
/*
 * out_fate.c - what became of each recipient
 */
#include "base/clock.h"
#include "mixer/out.h"
#include "mixer/status_code.h"

#define RECORD_RECIPIENTS 100 /* that fit into one, each with its text */

/* out_fate_set - note what a reply says of a recipient */
void
out_fate_set(struct out_recipient *recipient, const struct smtp_reply *reply)
{
	smtp_reply_format(reply, recipient->text, sizeof(recipient->text));
	/* A reply that cannot be at its place refuses nothing for good. */
	recipient->state = reply->code < 500 ? OUT_LATER : OUT_FAILED;
	recipient->reason = REASON_UNABLE_TO_TRANSFER;
	recipient->diagnostic = DIAGNOSTIC_NONE;
	if (reply->class != 0)
		status_code_report((struct status_code){reply->class,
				       reply->topic, reply->detail},
		    &recipient->reason, &recipient->diagnostic);
}

/* fate_of - say what is to be told of a recipient */
static enum ipc_fate
fate_of(const struct out_recipient *recipient)
{
	switch (recipient->state) {
	case OUT_PASSED:
		return recipient->reported ? IPC_FATE_TRANSFERRED
					   : IPC_FATE_DELIVERED;
	case OUT_FAILED:
		return IPC_FATE_FAILED;
	case OUT_PENDING:
	case OUT_TAKEN:
	case OUT_LATER:
		break;
	}
	return IPC_FATE_LATER;
}

/* result_of - choose what the outcome says of those that are not named: the
 * fate of the first who is not failed, else that all are */
static enum ipc_result
result_of(const struct out_message *m, enum ipc_fate *fate)
{
	*fate = IPC_FATE_FAILED;
	for (size_t i = 0; i < m->count && *fate == IPC_FATE_FAILED; i++)
		*fate = fate_of(&m->recipients[i]);
	switch (*fate) {
	case IPC_FATE_TRANSFERRED:
		return IPC_TRANSFERRED;
	case IPC_FATE_DELIVERED:
		return IPC_DELIVERED;
	case IPC_FATE_LATER:
		return IPC_LATER;
	case IPC_FATE_FAILED:
		break;
	}
	return IPC_REFUSED;
}

/* name_recipients - say what became of those whose fate is another than that of
 * most, and why of each that failed; how many */
static size_t
name_recipients(const struct out_message *m, enum ipc_fate most,
    struct ipc_recipient_outcome *named)
{
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++) {
		const struct out_recipient *r = &m->recipients[i];
		enum ipc_fate fate = fate_of(r);

		if (fate != most || (fate == IPC_FATE_FAILED && i > 0))
			named[count++] =
			    (struct ipc_recipient_outcome){.index = r->index,
				.reason = r->reason,
				.diagnostic = r->diagnostic,
				.text = slice_of_string(r->text),
				.fate = fate};
	}
	return count;
}

/* give_outcome - send an outcome, in as many records as its recipients need */
static void
give_outcome(struct out *out, struct ipc_record *record,
    const struct ipc_recipient_outcome *named, size_t count)
{
	struct ipc_outcome *outcome = &record->outcome;

	do {
		outcome->recipients = named;
		outcome->recipient_count =
		    count < RECORD_RECIPIENTS ? count : RECORD_RECIPIENTS;
		outcome->more = outcome->recipient_count < count;
		outcome->confirm = !outcome->more;
		named += outcome->recipient_count;
		count -= outcome->recipient_count;
	} while (job_channel_give(&out->channel, record) == 0 && outcome->more);
}

/* text_of - find the text of the first recipient of a fate */
static struct slice
text_of(const struct out_message *m, enum ipc_fate fate)
{
	for (size_t i = 0; i < m->count; i++)
		if (fate_of(&m->recipients[i]) == fate)
			return slice_of_string(m->recipients[i].text);
	return slice_of_string("");
}

/* any_passed - tell whether the server has the message for anybody */
static bool
any_passed(const struct out_message *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->recipients[i].state == OUT_PASSED)
			return true;
	return false;
}

/* all_are - tell whether all recipients have the same fate */
static bool
all_are(const struct out_message *m, enum ipc_fate fate)
{
	for (size_t i = 0; i < m->count; i++)
		if (fate_of(&m->recipients[i]) != fate)
			return false;
	return true;
}

/* out_fate_report - report the outcome of a job by those of its recipients */
void
out_fate_report(struct out *out, const struct out_job *job)
{
	const struct out_message *m = &out->message;
	struct ipc_recipient_outcome *named =
	    arena_array(&out->arena, m->count, sizeof(*named));
	struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = job->given.number,
		.octets = client_job_length(&job->given),
		.transfer_delay = clock_monotonic() - job->begun}};
	enum ipc_fate most;

	record.outcome.result = result_of(m, &most);
	if (m->envelope.kind == MTS_MESSAGE && any_passed(m))
		out_doubt_until(out, job,
		    all_are(m, most) ? record.outcome.result : IPC_LATER);
	record.outcome.reason = m->recipients[0].reason;
	record.outcome.diagnostic = most == IPC_FATE_FAILED
	    ? m->recipients[0].diagnostic
	    : DIAGNOSTIC_NONE;
	record.outcome.text = text_of(m, most);
	/* Without memory nobody can be named: all is tried again. */
	if (named == NULL)
		record.outcome.result = IPC_TRANSIENT;
	give_outcome(out, &record, named,
	    named == NULL ? 0 : name_recipients(m, most, named));
}
