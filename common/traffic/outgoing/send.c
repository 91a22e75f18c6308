/* SPDX-License-Identifier: ISC */
/*
 * send.c - transfer one job over the association (X.228 8.3, X.419 7)
 *
 * The envelope is gathered, because the lengths before it depend on it; the
 * content streams.  What the receiver refuses is its answer about this
 * message alone: it is discarded, and the association goes on with the next.
 */
#include <stdio.h>

#include "base/log.h"
#include "mhs/transfer.h"
#include "traffic/engine/traffic.h"

/* send_patience - how long the transfer of a job may take, in ms */
uint64_t
send_patience(const struct traffic *traffic, const struct outgoing_job *job)
{
	uint64_t per_k =
	    traffic->link->transfer_timeout[job->priority < CONF_PRIORITY_COUNT
		    ? job->priority
		    : CONF_NORMAL];
	uint64_t octets = job->envelope_length + job->content_length;
	uint64_t k = octets / 1024 + 1;

	if (per_k != 0 && k > UINT64_MAX / per_k)
		return CLOCK_NEVER;
	return k * per_k;
}

/*
 * whole_envelope - the envelope of the first job
 *
 * As a rule it came with the job, all of it, and is borrowed from there; a
 * larger one is gathered.  *from_body says how much is to be consumed.
 */
static int
whole_envelope(struct traffic *traffic, struct outgoing_job *job,
    struct buffer *gathered, uint64_t deadline, struct slice *envelope,
    size_t *from_body)
{
	if (buffer_length(&job->body) >= job->envelope_length) {
		*from_body = (size_t)job->envelope_length;
		*envelope = slice_of(buffer_slice(&job->body).data, *from_body);
		return 0;
	}
	while (buffer_length(gathered) < job->envelope_length) {
		uint64_t need = job->envelope_length - buffer_length(gathered);
		struct slice have;
		int error;

		if ((error = jobs_body(traffic, deadline)) != 0)
			return error;
		have = buffer_slice(&job->body);
		if (have.len > need)
			have.len = (size_t)need;
		if ((error = buffer_append(gathered, have.data, have.len)) != 0)
			return error;
		buffer_consume(&job->body, have.len);
	}
	*from_body = 0;
	*envelope = buffer_slice(gathered);
	return 0;
}

/* make_prefix - all that stands before the content of the first job */
static int
make_prefix(
    struct traffic *traffic, struct outgoing_job *job, uint64_t deadline)
{
	struct buffer gathered;
	struct slice envelope;
	size_t from_body;
	int error;

	buffer_init(&gathered, P1_ENVELOPE_MAX);
	error = whole_envelope(
	    traffic, job, &gathered, deadline, &envelope, &from_body);
	if (error == 0) {
		error =
		    transfer_prefix(job->kind, envelope, job->content_length,
			TRANSFER_NO_EXTERNAL, &traffic->out.prefix);
		buffer_consume(&job->body, from_body);
	}
	buffer_fini(&gathered);
	return error;
}

/*
 * send_prefix - begin the activity: all that stands before the content
 *
 * One that was cut goes on after the checkpoint that the receiver confirmed,
 * or begins anew: the same octets as before in either case.
 */
static int
send_prefix(struct traffic *traffic, struct outgoing_job *job,
    uint64_t deadline, uint64_t *content)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct association *association = &traffic->association;
	const struct association_resumption *from = &recovery->resumption;
	struct slice prefix;
	uint64_t length, offset = 0;
	int error = 0;

	if (buffer_length(&traffic->out.prefix) == 0)
		error = make_prefix(traffic, job, deadline);
	if (error != 0)
		return error;
	prefix = buffer_slice(&traffic->out.prefix);
	length = prefix.len + job->content_length;
	if (recovery->resuming && from->offset >= length)
		recovery->resuming = false;
	if (recovery->resuming) {
		offset = from->offset;
		error = association_send_resume(
		    association, from, length, deadline);
	} else
		error = association_send_start(association, length, deadline);
	*content = offset > prefix.len ? offset - prefix.len : 0;
	jobs_seek(traffic, job->envelope_length + *content);
	if (error == 0 && offset < prefix.len)
		error = association_send_data(association,
		    slice_of(prefix.data + offset, prefix.len - offset));
	return error;
}

/*
 * send_content - stream what follows the envelope, from an offset in it
 *
 * What has come is taken out of the job before it is sent: while the peer is
 * waited for more is added there, and may move it.
 */
static int
send_content(struct traffic *traffic, struct outgoing_job *job, uint64_t offset,
    uint64_t deadline)
{
	uint64_t left = job->content_length - offset;

	while (left > 0) {
		struct buffer empty = traffic->out.sent;
		int error = jobs_body(traffic, deadline);

		if (error != 0)
			return error;
		buffer_reset(&empty);
		empty.max = job->body.max;
		traffic->out.sent = job->body;
		job->body = empty;
		left -= buffer_length(&traffic->out.sent);
		error = association_send_data(
		    &traffic->association, buffer_slice(&traffic->out.sent));
		if (error != 0)
			return error;
		note_progress(traffic);
	}
	return 0;
}

/* transfer - from activity start to the peer's confirmation */
static int
transfer(struct traffic *traffic, struct outgoing_job *job)
{
	struct association *association = &traffic->association;
	uint64_t deadline = clock_after(send_patience(traffic, job));
	uint64_t offset;
	int error;

	if (traffic->recovered && !traffic->out.recovery.resuming)
		return ERR_CANCELLED;
	if ((error = sequence_ready(traffic)) != 0)
		return error;
	traffic->out.sending = true;
	traffic->out.begun = true;
	if ((error = send_prefix(traffic, job, deadline, &offset)) != 0 ||
	    (error = send_content(traffic, job, offset, deadline)) != 0 ||
	    (error = association_send_end(association)) != 0)
		return error;
	/* From here the peer may take it: nobody but the peer stops it. */
	traffic->out.sending = false;
	return association_send_finish(association);
}

/* give_up - leave the activity that failed, say why in text */
static int
give_up(struct traffic *traffic, int error, char *text, size_t size)
{
	struct association *association = &traffic->association;
	uint64_t limit;
	int left;

	if (association->phase == ASSOCIATION_OVER) {
		strlcpy(text, association->failure.text, size);
		return error;
	}
	if (error == ERR_REFUSED)
		snprintf(text, size, "the peer raised an exception: %s",
		    association_exception_name(association->exception));
	else
		strlcpy(text,
		    error == ERR_CANCELLED ? "cancelled"
					   : error_strerror(error),
		    size);
	if (association->phase != ASSOCIATION_TRANSFER)
		return 0;
	/* It can take nothing at all: each further one would fail like it. */
	if (error == ERR_REFUSED &&
	    association->exception == ASSOCIATION_EXCEPTION_JEOPARDIZED) {
		association_abort(association, ASSOCIATION_ABORT_TEMPORARY);
		return error;
	}
	limit = traffic->limit;
	traffic_limit(traffic, traffic->link->disconnect_timeout);
	/* The next qmgr's worker may go on with it. */
	left = traffic->qmgr_gone
	    ? association_send_interrupt(association, NULL)
	    : ERR_STATE;
	if (left == ERR_STATE)
		left = association_send_discard(association);
	if (left != 0)
		return error;
	/* Unless there is another reason by now. */
	if (!traffic->qmgr_gone && !traffic->worker.stopping)
		traffic->limit = limit;
	return 0;
}

/*
 * fault_of - whose fault it is that a transfer failed
 *
 * The peer's, when it cannot take anything now or the association was lost;
 * else the message's, as far as anybody knows.
 */
static enum ipc_result
fault_of(const struct traffic *traffic, int error)
{
	const struct association *association = &traffic->association;
	const struct association_failure *failure = &association->failure;

	if (error == ERR_REFUSED)
		return association->exception ==
			ASSOCIATION_EXCEPTION_JEOPARDIZED
		    ? IPC_INTERRUPTED
		    : IPC_TRANSIENT;
	/* Of this try nothing was sent yet, or it is not known whose it is. */
	if (recover_unknown(traffic) || traffic->out.recovery.stepped_back)
		return IPC_INTERRUPTED;
	/* A peer that was reached again hangs on the message itself. */
	if (failure->end == ASSOCIATION_TIMED_OUT &&
	    !traffic->out.recovery.unreachable)
		return IPC_TRANSIENT;
	if (failure->end == ASSOCIATION_LOST ||
	    (traffic->out.recovery.losses > 0 &&
		association->phase == ASSOCIATION_OVER))
		return IPC_INTERRUPTED;
	if (failure->end == ASSOCIATION_ABORTED_BY_PEER &&
	    failure->layer == ASSOCIATION_LAYER_RTSE &&
	    failure->reason == ASSOCIATION_ABORT_TEMPORARY)
		return IPC_INTERRUPTED;
	return IPC_TRANSIENT;
}

/* whole_transfer - of the first job, however often it is cut */
static int
whole_transfer(struct traffic *traffic, struct outgoing_job *job)
{
	int error;

	buffer_reset(&traffic->out.prefix);
	traffic->out.recovery = (struct outgoing_recovery){0};
	traffic->out.begun = false;
	note_resume(traffic);
	do {
		error = transfer(traffic, job);
		/* It had been taken when it was cut, and we ask in vain. */
		if (error != 0 && traffic->association.transfer_completed)
			error = 0;
	} while (error != 0 && recover_transfer(traffic) == 0);
	recover_ended(traffic);
	return error;
}

/* send_first - transfer the first job, report its outcome */
int
send_first(struct traffic *traffic)
{
	struct outgoing_job *job = jobs_first(traffic);
	uint64_t begun = clock_monotonic();
	enum ipc_result result = IPC_TRANSIENT;
	char text[256];
	int error, left;

	if (job->cancelled) {
		jobs_outcome(traffic, IPC_UNSTARTED, "cancelled", 0);
		return 0;
	}
	worker_item(&traffic->worker, job->message);
	error = whole_transfer(traffic, job);
	/* What our own stop ended speaks against no message; one that was cut
	 * before may have been taken then. */
	if ((traffic->out.sending && traffic->worker.stopping &&
		traffic->out.recovery.cuts == 0) ||
	    !traffic->out.begun)
		result = IPC_UNSTARTED;
	traffic->out.sending = false;
	worker_item(&traffic->worker, 0);
	if (error == 0) {
		jobs_outcome(
		    traffic, IPC_TRANSFERRED, "", clock_monotonic() - begun);
		return traffic->association.phase == ASSOCIATION_OVER
		    ? ERR_CLOSED
		    : 0;
	}
	if (result == IPC_TRANSIENT)
		result = fault_of(traffic, error);
	left = give_up(traffic, error, text, sizeof(text));
	/* Leaving it may have shown that it had been taken. */
	if (traffic->association.transfer_completed)
		result = IPC_TRANSFERRED;
	jobs_outcome(traffic, result, text, clock_monotonic() - begun);
	return left;
}
