/* SPDX-License-Identifier: ISC */
/*
 * send.c - transfer one job over the association (X.228 8.3, X.419 7)
 *
 * A small envelope goes out with what stands before it; a large one streams,
 * as contents do, since the lengths before it are known from its own.  A
 * refusal by the receiver is its answer about this message alone: the activity
 * is discarded, and the association goes on with the next.
 */
#include "traffic/outgoing/send.h"

#include <stdio.h>

#include "mhs/transfer.h"
#include "traffic/outgoing/adapt.h"
#include "traffic/outgoing/jobs.h"
#include "traffic/outgoing/note.h"
#include "traffic/outgoing/outcome.h"
#include "traffic/outgoing/recover.h"
#include "traffic/outgoing/sequence.h"

#define PREFIX_KEPT ((size_t)64 * 1024) /* octets that outlive a transfer */
#define LARGE	    ((size_t)64 * 1024) /* envelopes that are not gathered */

/* send_patience - compute how long the transfer of a job may take */
uint64_t
send_patience(const struct traffic *traffic, const struct outgoing_job *job)
{
	uint32_t priority = job->client.priority;
	uint64_t per_k =
	    traffic->link->transfer_timeout[priority < CONF_PRIORITY_COUNT
		    ? priority
		    : CONF_NORMAL];
	uint64_t k = client_job_length(&job->client) / 1024 + 1;

	/* A configured time times the size may pass any bound; without limit is
	 * what was meant. */
	if (per_k != 0 && k > UINT64_MAX / per_k)
		return CLOCK_NEVER;
	return k * per_k;
}

/*
 * gather_envelope - get the envelope of the first job
 *
 * As a rule it came with the job, all of it, and is borrowed from there; a
 * larger one is gathered.  *from_body says how much is to be read then.
 */
static int
gather_envelope(struct traffic *traffic, struct client_job *job,
    struct buffer *gathered, uint64_t deadline, struct slice *envelope,
    size_t *from_body)
{
	struct slice have = client_job_octets(job);

	/* The usual case costs no copy. */
	if (have.len >= job->envelope_length) {
		*from_body = (size_t)job->envelope_length;
		*envelope = slice_of(have.data, *from_body);
		return 0;
	}
	while (buffer_length(gathered) < job->envelope_length) {
		uint64_t need = job->envelope_length - buffer_length(gathered);
		int error;

		if ((error = jobs_body(traffic, deadline)) != 0)
			return error;
		have = client_job_octets(job);
		if (have.len > need)
			have.len = (size_t)need;
		if ((error = buffer_append(gathered, have.data, have.len)) != 0)
			return error;
		client_job_read(job, have.len);
	}
	*from_body = 0;
	*envelope = buffer_slice(gathered);
	return 0;
}

/* content_length - count the octets of the content that the peer gets */
static uint64_t
content_length(const struct traffic *traffic, const struct client_job *job)
{
	return traffic->out.adapted.planned ? adapt_length(traffic)
					    : job->content_length;
}

/* fill_plan - plan a large envelope and its content */
static int
fill_plan(struct p2_plan *plan, const struct client_job *job, size_t skip,
    struct slice between)
{
	int error =
	    p2_plan_old(plan, skip, job->envelope_length - (uint64_t)skip);

	if (error == 0 && between.len > 0)
		error = p2_plan_own(plan, between);
	if (error == 0 && job->content_length > 0)
		error = p2_plan_old(
		    plan, job->envelope_length, job->content_length);
	return error;
}

/* make_frame - encode what stands before a large envelope, and plan the rest */
static int
make_frame(struct traffic *traffic, struct client_job *job, uint64_t deadline)
{
	struct buffer *prefix = &traffic->out.prefix;
	size_t before = 0, skip = 0;
	struct p2_plan plan;
	int error = jobs_body(traffic, deadline);

	if (error != 0)
		return error;
	/* Its header came with the job. */
	error = transfer_frame(job->kind, client_job_octets(job),
	    job->envelope_length, job->content_length, prefix, &before, &skip);
	if (error != 0)
		return error;
	p2_plan_init(&plan);
	error = fill_plan(&plan, job, skip,
	    slice_of(buffer_slice(prefix).data + before,
		buffer_length(prefix) - before));
	buffer_truncate(prefix, before);
	if (error == 0)
		adapt_keep(traffic, &plan, 0);
	else
		p2_plan_fini(&plan);
	return error;
}

/* make_prefix - encode all that stands before the content of the first job */
static int
make_prefix(struct traffic *traffic, struct client_job *job, uint64_t deadline)
{
	struct buffer gathered, adapted;
	struct slice envelope;
	size_t from_body;
	int error;

	/* The plan of the job before must not apply to this one. */
	adapt_reset(traffic);
	if (job->envelope_length > LARGE && job->kind != MTS_REPORT &&
	    traffic->association.mode == ASSOCIATION_1984)
		return adapt_job_large(
		    traffic, job, deadline, &traffic->out.prefix);
	if (job->envelope_length > LARGE &&
	    traffic->association.mode != ASSOCIATION_1984)
		return make_frame(traffic, job, deadline);
	buffer_init(&gathered, P1_ENVELOPE_MAX);
	buffer_init(&adapted, P1_ENVELOPE_MAX);
	error = gather_envelope(
	    traffic, job, &gathered, deadline, &envelope, &from_body);
	if (error == 0 && traffic->association.mode == ASSOCIATION_1984) {
		error = adapt_job(traffic, job, envelope, deadline, &adapted);
		envelope = buffer_slice(&adapted);
		from_body = 0; /* what follows is sought again */
	}
	if (error == 0) {
		error = transfer_prefix(job->kind, envelope,
		    content_length(traffic, job), TRANSFER_NO_EXTERNAL,
		    &traffic->out.prefix);
		client_job_read(job, from_body);
	}
	buffer_fini(&gathered);
	buffer_fini(&adapted);
	return error;
}

/*
 * send_prefix - begin the activity and send what stands before the content
 *
 * After a cut it goes on behind the checkpoint that the receiver confirmed, or
 * begins again; the octets are the same in either case, so that a peer which
 * had taken them knows the message again.  *content is the octet of the content
 * that follows.
 */
static int
send_prefix(struct traffic *traffic, struct client_job *job, uint64_t deadline,
    uint64_t *content)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct association *association = &traffic->association;
	const struct association_resumption *from = &recovery->resumption;
	struct slice prefix;
	uint64_t length, offset = 0;
	int error = 0;

	/* Kept over all tries of one job: a resumed transfer must have the same
	 * octets before the checkpoint. */
	if (buffer_length(&traffic->out.prefix) == 0)
		error = make_prefix(traffic, job, deadline);
	if (error != 0)
		return error;
	prefix = buffer_slice(&traffic->out.prefix);
	length = prefix.len + content_length(traffic, job);
	/* A note of another, longer APDU: there is nothing to resume. */
	if (recovery->resuming && from->offset >= length)
		recovery->resuming = false;
	if (recovery->resuming) {
		offset = from->offset;
		error = association_send_resume(
		    association, from, length, deadline);
	} else
		error = association_send_start(association, length, deadline);
	/* The checkpoint may lie within the prefix; then the content starts at
	 * its beginning. */
	*content = offset > prefix.len ? offset - prefix.len : 0;
	if (!traffic->out.adapted.planned)
		client_job_seek(job, job->envelope_length + *content);
	if (error == 0 && offset < prefix.len)
		error = association_send_data(association,
		    slice_of(prefix.data + offset, prefix.len - offset));
	return error;
}

/* send_adapted - send what was planned, from an offset in it */
static int
send_adapted(struct traffic *traffic, struct client_job *job, uint64_t offset,
    uint64_t deadline)
{
	uint64_t length = content_length(traffic, job);

	while (offset < length) {
		struct slice octets;
		int error = adapt_next(traffic, job, offset, deadline, &octets);

		if (error == 0)
			error = association_send_data(
			    &traffic->association, octets);
		if (error != 0)
			return error;
		offset += octets.len;
		note_progress(traffic);
	}
	return 0;
}

/*
 * send_content - send what follows the envelope, from an offset in it
 *
 * Octets are taken out of the job before they are sent: while the association
 * waits for the peer, qmgr may add to the job's body and move it.
 */
static int
send_content(struct traffic *traffic, struct client_job *job, uint64_t offset,
    uint64_t deadline)
{
	uint64_t left = job->content_length - offset;

	if (traffic->out.adapted.planned)
		return send_adapted(traffic, job, offset, deadline);
	while (left > 0) {
		int error = jobs_body(traffic, deadline);

		if (error != 0)
			return error;
		/* Swapped, not copied: the emptied buffer becomes the job's
		 * next one. */
		client_job_swap(job, &traffic->out.sent);
		left -= buffer_length(&traffic->out.sent);
		error = association_send_data(
		    &traffic->association, buffer_slice(&traffic->out.sent));
		if (error != 0)
			return error;
		note_progress(traffic);
	}
	return 0;
}

/* send_activity - transfer a job once, from the activity's start to the peer's
 * confirmation */
static int
send_activity(struct traffic *traffic, struct outgoing_job *job)
{
	struct association *association = &traffic->association;
	uint64_t deadline = clock_after(send_patience(traffic, job));
	uint64_t offset;
	int error;

	/* Nothing but what was cut goes to a peer that said no password, nor
	 * of a message that is to end if the peer has nothing of it. */
	if ((traffic->recovered || job->only_asked) &&
	    !traffic->out.recovery.resuming)
		return ERR_CANCELLED;
	/* Before the first octet: qmgr must have this name on disk, or a crash
	 * would leave a message sent under a name that nobody can ask for. */
	if ((error = sequence_ready(traffic)) != 0)
		return error;
	/* From here on a failure is in doubt, since the peer may have taken
	 * what it did not confirm. */
	traffic->out.progress = OUTGOING_SENDING;
	if ((error = send_prefix(traffic, &job->client, deadline, &offset)) !=
		0 ||
	    (error = send_content(traffic, &job->client, offset, deadline)) !=
		0 ||
	    (error = association_send_end(association)) != 0)
		return error;
	/* The peer has everything; only its confirmation is missing, so a stop
	 * must wait for it. */
	traffic->out.progress = OUTGOING_SENT;
	return association_send_finish(association);
}

/* describe_failure - say in text why a transfer failed */
static void
describe_failure(
    const struct traffic *traffic, int error, char *text, size_t size)
{
	const struct association *association = &traffic->association;

	if (association->phase == ASSOCIATION_OVER)
		strlcpy(text, association->failure.text, size);
	else if (error == ERR_REFUSED)
		snprintf(text, size, "the peer raised an exception: %s",
		    association_exception_name(association->exception));
	else
		strlcpy(text,
		    error == ERR_CANCELLED ? "cancelled"
					   : error_strerror(error),
		    size);
}

/* send_leave - leave the activity that failed */
int
send_leave(struct traffic *traffic, int error)
{
	struct association *association = &traffic->association;
	uint64_t limit;
	int left;

	if (association->phase == ASSOCIATION_OVER)
		return error;
	/* The peer has ended the activity itself, or it was never begun. */
	if (association->phase != ASSOCIATION_TRANSFER)
		return 0;
	/* The peer can take nothing now: each further message would fail like
	 * this one. */
	if (error == ERR_REFUSED &&
	    association->exception == ASSOCIATION_EXCEPTION_JEOPARDIZED) {
		association_abort(association, ASSOCIATION_ABORT_TEMPORARY);
		return error;
	}
	limit = traffic->limit;
	traffic_limit(traffic, traffic->link->disconnect_timeout);
	/* An interrupted transfer can be resumed by the worker of the next
	 * qmgr; any other is left for good. */
	left = traffic->qmgr_gone
	    ? association_send_interrupt(association, NULL)
	    : ERR_STATE;
	if (left == ERR_STATE)
		left = association_send_discard(association);
	if (left != 0)
		return error;
	/* The limit was for the leaving alone, unless we are to end by now. */
	if (!traffic->qmgr_gone && !traffic->worker.stopping)
		traffic->limit = limit;
	return 0;
}

/*
 * classify_failure - tell whose fault it is that a transfer failed
 *
 * The peer's (IPC_INTERRUPTED), when it cannot take anything now or the
 * association was lost; else the message's, as far as anybody knows.
 */
static enum ipc_result
classify_failure(const struct traffic *traffic, int error)
{
	const struct association *association = &traffic->association;
	/* An exception ends the activity and not the association: the peer has
	 * said whose fault it is. */
	const struct association_failure *failure = &association->failure;

	if (error == ERR_REFUSED)
		return association->exception ==
			ASSOCIATION_EXCEPTION_JEOPARDIZED
		    ? IPC_INTERRUPTED
		    : IPC_TRANSIENT;
	/* Of this try nothing was sent yet, or nobody knows whose fault it
	 * is. */
	if (recover_unknown(traffic) || traffic->out.recovery.stepped_back)
		return IPC_INTERRUPTED;
	/* The peer's word about this message, resumed or not: it has not got
	 * it. */
	if (outcome_is_user_error(traffic))
		return IPC_TRANSIENT;
	/* A peer that falls silent, and can be reached again, falls silent
	 * because of the message. */
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

/* renew_prefix - empty the buffer of a prefix; give back what was large */
static void
renew_prefix(struct buffer *prefix)
{
	if (prefix->capacity > PREFIX_KEPT) {
		buffer_fini(prefix);
		buffer_init(prefix, OUTGOING_PREFIX_MAX);
	}
	buffer_reset(prefix);
}

/* send_whole - transfer the first job, however often it is cut */
static int
send_whole(struct traffic *traffic, struct outgoing_job *job)
{
	int error;

	renew_prefix(&traffic->out.prefix);
	traffic->out.recovery = (struct outgoing_recovery){0};
	traffic->out.progress = OUTGOING_UNBEGUN;
	note_resume(traffic);
	do {
		error = send_activity(traffic, job);
		/* The peer says that it had taken the message before the cut,
		 * so the failure of this try does not matter. */
		if (error != 0 && traffic->association.transfer_completed)
			error = 0;
	} while (error != 0 && recover_transfer(traffic) == 0);
	recover_summarize(traffic);
	return error;
}

/* was_unstarted - tell whether a transfer that failed says nothing about its
 * message: nothing of it was sent, or our own stop ended it.  After a cut it
 * may have been taken all the same */
static bool
was_unstarted(const struct traffic *traffic)
{
	return traffic->out.progress == OUTGOING_UNBEGUN ||
	    (traffic->out.progress == OUTGOING_SENDING &&
		traffic->worker.stopping && traffic->out.recovery.cuts == 0);
}

/* refuse_first - report that the first job, of which nothing was sent, cannot
 * be told to this peer */
static int
refuse_first(struct traffic *traffic)
{
	enum cause cause = traffic->out.adapted.cause;

	traffic->out.progress = OUTGOING_UNBEGUN;
	outcome_refused(traffic, cause_reason(cause), cause_diagnostic(cause),
	    traffic->out.adapted.why);
	adapt_reset(traffic);
	return traffic->association.phase == ASSOCIATION_OVER ? ERR_CLOSED : 0;
}

/* send_first - transfer the first job, report its outcome */
int
send_first(struct traffic *traffic)
{
	struct outgoing_job *job = jobs_first(traffic);
	uint64_t begun = clock_monotonic();
	enum ipc_result result;
	char text[256];
	bool unstarted;
	int error, left;

	if (job->client.cancelled) {
		outcome_report(traffic, IPC_UNSTARTED, "cancelled", 0);
		return 0;
	}
	/* If the worker ends here, master names this message as the culprit. */
	worker_item(&traffic->worker, job->client.message);
	error = send_whole(traffic, job);
	/* Judged before the activity is left, which changes phase and
	 * progress. */
	unstarted = was_unstarted(traffic);
	/* Leaving the activity waits: that must not be broken off. */
	if (traffic->out.progress == OUTGOING_SENDING)
		traffic->out.progress = OUTGOING_SENT;
	worker_item(&traffic->worker, 0);
	if (error == 0) {
		/* The peer's confirmation is final: from here on it is
		 * responsible (X.411), even if the association is over. */
		outcome_report(
		    traffic, IPC_TRANSFERRED, "", clock_monotonic() - begun);
		return traffic->association.phase == ASSOCIATION_OVER
		    ? ERR_CLOSED
		    : 0;
	}
	if (traffic->out.adapted.why != NULL)
		return refuse_first(traffic);
	result = unstarted ? IPC_UNSTARTED : classify_failure(traffic, error);
	describe_failure(traffic, error, text, sizeof(text));
	left = send_leave(traffic, error);
	/* Leaving the activity may have shown that the peer had taken it. */
	if (traffic->association.transfer_completed)
		result = IPC_TRANSFERRED;
	outcome_report(traffic, result, text, clock_monotonic() - begun);
	return left;
}
