/* SPDX-License-Identifier: ISC */
/*
 * out_fate.c - what became of each recipient
 */
#include <stdio.h>

#include "base/clock.h"
#include "mixer/out.h"
#include "mixer/status_code.h"

/* out_fate_set - note what a reply says of a recipient */
void
out_fate_set(struct out_recipient *recipient, const struct smtp_reply *reply)
{
	size_t len = strcspn(reply->text, "\n");

	(void)snprintf(recipient->text, sizeof(recipient->text), "%u %.*s",
	    reply->code, len < 200 ? (int)len : 200, reply->text);
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

/* out_fate_report - report the outcome of a job by those of its recipients */
void
out_fate_report(struct out *out, const struct out_job *job)
{
	const struct out_message *m = &out->message;
	struct ipc_recipient_outcome *named =
	    arena_array(&out->arena, m->count, sizeof(*named));
	const struct out_recipient *first = &m->recipients[0];
	struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = job->given.number,
		.octets = client_job_length(&job->given),
		.transfer_delay = clock_monotonic() - job->begun}};
	enum ipc_fate most;

	record.outcome.result = result_of(m, &most);
	record.outcome.reason = first->reason;
	record.outcome.diagnostic =
	    most == IPC_FATE_FAILED ? first->diagnostic : DIAGNOSTIC_NONE;
	for (size_t i = 0; i < m->count; i++) {
		const struct out_recipient *r = &m->recipients[i];
		enum ipc_fate fate = fate_of(r);

		if (fate == most && record.outcome.text.len == 0)
			record.outcome.text = slice_of_string(r->text);
		/* A reason for each that failed. */
		if (named != NULL &&
		    (fate != most || (fate == IPC_FATE_FAILED && i > 0)))
			named[record.outcome.recipient_count++] =
			    (struct ipc_recipient_outcome){.index = r->index,
				.reason = r->reason,
				.diagnostic = r->diagnostic,
				.text = slice_of_string(r->text),
				.fate = fate};
	}
	record.outcome.recipients = named;
	/* Without memory nobody can be named: all is tried again. */
	if (named == NULL)
		record.outcome.result = IPC_TRANSIENT;
	(void)!job_channel_give(&out->channel, &record);
}
