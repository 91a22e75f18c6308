/* SPDX-License-Identifier: ISC */
/*
 * recover.c - a transfer that was cut goes on (X.228 7.8, 8.6)
 */
#include "traffic/outgoing/recover.h"

#include <unistd.h>

#include "base/log.h"
#include "traffic/outgoing/jobs.h"

#define LOSSES_MAX 2 /* cuts without any checkpoint between them */

/* can_continue - tell whether the association was lost, perhaps in silence, or
 * the peer cannot go on for now: the transfer may then be resumed */
static bool
can_continue(const struct association_failure *failure)
{
	if (failure->end == ASSOCIATION_LOST ||
	    failure->end == ASSOCIATION_TIMED_OUT)
		return true;
	return failure->end == ASSOCIATION_ABORTED_BY_PEER &&
	    failure->layer == ASSOCIATION_LAYER_RTSE &&
	    failure->reason == ASSOCIATION_ABORT_TEMPORARY;
}

/* recover_unknown - tell whether the peer knows nothing of what we resumed */
bool
recover_unknown(const struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	/* X.228 has a reason code for it, but some peers abort with another:
	 * any abort counts before the first new checkpoint. */
	return recovery->resuming &&
	    association->failure.end == ASSOCIATION_ABORTED_BY_PEER &&
	    association->serial_confirmed <= recovery->resumption.serial &&
	    !can_continue(&association->failure);
}

/* count_cut - count a cut of the transfer against the message, unless it got
 * further than at any cut before */
static void
count_cut(struct traffic *traffic)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	const struct association *association = &traffic->association;
	/* The offset tells, not the serial number: a peer that cannot resume
	 * confirms the same checkpoints again each time. */
	bool advanced = association->confirmed_offset > recovery->furthest;

	/* Progress pays for the time: each advance gives the whole timeout
	 * again, so a large message passes over a bad line piece by piece. */
	if (recovery->losses == 0 || advanced) {
		recovery->losses = 0;
		recovery->until = clock_after(traffic->link->recovery_timeout);
	}
	recovery->losses++;
	if (advanced)
		recovery->furthest = association->confirmed_offset;
	/* Others wait behind this one and it got no further: let them go
	 * first. */
	else if (traffic->out.queue.count > 1)
		recovery->stepped_back = true;
	/* A peer that falls silent may do so because of the message: only one
	 * more try is made. */
	if (association->failure.end == ASSOCIATION_TIMED_OUT)
		recovery->losses++;
}

/*
 * note_resumption - note from where the transfer is to be resumed
 *
 * The receiver keeps a resumed transfer under its former name too, until it
 * has confirmed a checkpoint of it under the new one; so until then the former
 * resumption is kept.
 */
static void
note_resumption(struct traffic *traffic)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	const struct association *association = &traffic->association;

	/* Nothing was confirmed under the new name, so the peer knows the
	 * transfer only by the old one. */
	if (recovery->resuming &&
	    association->serial_confirmed <= recovery->resumption.serial)
		return;
	recovery->resuming = true;
	recovery->references = association->references;
	/* Resumed at the same address: another MTA behind the same link knows
	 * nothing of it. */
	strlcpy(recovery->address, traffic->address, sizeof(recovery->address));
	recovery->resumption = (struct association_resumption){
	    .activity = association->activity_sent,
	    .serial = association->serial_confirmed,
	    .offset = association->confirmed_offset,
	    .references = &recovery->references};
}

/* log_resumed - log that the transfer goes on after its first cut; further
 * ones are counted for recover_summarize */
static void
log_resumed(const struct traffic *traffic)
{
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	if (recovery->cuts > 1)
		return;
	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_INT("id", jobs_first(traffic)->client.message),
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT(
		"offset", recovery->resuming ? recovery->resumption.offset : 0),
	    LOG_INT("ms", clock_monotonic() - recovery->since));
}

/* recover_summarize - log how often the first job's transfer was cut */
void
recover_summarize(const struct traffic *traffic)
{
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	if (recovery->cuts < 2)
		return;
	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_INT("id", jobs_first(traffic)->client.message),
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("times", recovery->cuts),
	    LOG_INT("ms", clock_monotonic() - recovery->since));
}

/* choose_pause - choose the ms between two attempts */
static uint64_t
choose_pause(const struct traffic *traffic)
{
	return traffic->link->open_interval < LIMITS_RECOVERY_PAUSE
	    ? traffic->link->open_interval
	    : LIMITS_RECOVERY_PAUSE;
}

/* recovers - tell whether the association that was lost is to be recovered,
 * and where */
static bool
recovers(const struct traffic *traffic, struct traffic_lost *lost)
{
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	lost->references = &recovery->references;
	lost->address = recovery->address;
	/* Recovering without a bind (X.228) is for peers configured so; our own
	 * suite binds and then resumes, which proves who it is. */
	return recovery->resuming && recovery->address[0] != '\0' &&
	    traffic->link->peer == CONF_PEER_THIRD_PARTY &&
	    traffic->link->recovery == CONF_RECOVERY_RESUME;
}

/* reopen_association - open another association, if need be after pauses */
static int
reopen_association(struct traffic *traffic)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct traffic_lost lost;
	int error;

	/* At once after the first cut, which is usually a line that was dropped
	 * and is back. */
	if (recovery->losses > 1 &&
	    jobs_pause(traffic, choose_pause(traffic)) != 0)
		return ERR_CANCELLED;
	for (;;) {
		error = traffic->calls.reopen(
		    traffic, recovers(traffic, &lost) ? &lost : NULL);
		if (error == 0)
			return 0;
		/* The time is over, or there is nobody left to report to. */
		if (traffic->qmgr_gone || traffic->worker.stopping ||
		    clock_monotonic() >= recovery->until)
			return error;
		/* A peer that cannot recover is bound at once, and sent the
		 * message from its start. */
		if (error == ERR_NOTFOUND && recovery->resuming) {
			recovery->resuming = false;
			continue;
		}
		if (jobs_pause(traffic, choose_pause(traffic)) != 0)
			return ERR_CANCELLED;
	}
}

/* close_lost - free what is left of the association that was lost */
static void
close_lost(struct traffic *traffic)
{
	/* association_fini needs a state it knows if nothing is opened
	 * again. */
	association_fini(&traffic->association);
	traffic->association = (struct association){0};
	if (traffic->fd != -1)
		close(traffic->fd);
	traffic->fd = -1;
}

/* report_cut - count a cut, log the first, and tell qmgr of each */
static void
report_cut(struct traffic *traffic, const struct association_failure *failure)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	const char *layer = association_layer_name(failure->layer);

	/* Once in the log; qmgr is told of every cut because it counts them. */
	if (recovery->cuts++ == 0) {
		recovery->since = clock_monotonic();
		LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
		    LOG_STRING("link", traffic->link->name),
		    LOG_INT("id", jobs_first(traffic)->client.message),
		    LOG_STRING("address", traffic->address),
		    LOG_STRING("layer", layer),
		    LOG_STRING("reason", failure->text));
	}
	traffic_link_event(traffic, IPC_LINK_RECOVERING, layer, failure->text);
}

/* keep_name - keep the name by which qmgr knows the transfer: it remains so
 * until the transfer begins again from its start */
static void
keep_name(struct traffic *traffic)
{
	struct outgoing_job *job = jobs_first(traffic);

	/* The name by which qmgr would ask the peer: after a second cut it is
	 * still the first. */
	if (job->old.activity == 0)
		job->old =
		    (struct transfer_name){traffic->out.noted, job->activity};
}

/* adopt_reopened - go on with the association that was opened */
static void
adopt_reopened(struct traffic *traffic)
{
	keep_name(traffic);
	traffic_bound(traffic);
	/* Jobs that were handed out already go by the names of the association
	 * that was lost. */
	traffic->out.noted = (struct session_references){.calling_len = 0};
	log_resumed(traffic);
}

/* recover_transfer - open an association to go on with a transfer */
int
recover_transfer(struct traffic *traffic)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct association_failure failure = traffic->association.failure;
	int error;

	/* Only a lost association is recovered, and only where there is
	 * somebody to answer for it. */
	if (traffic->association.phase != ASSOCIATION_OVER ||
	    traffic->calls.reopen == NULL ||
	    traffic->link->recovery_timeout == 0 || traffic->qmgr_gone ||
	    traffic->worker.stopping || jobs_first(traffic)->client.cancelled)
		return ERR_STATE;
	if (recover_unknown(traffic))
		recovery->resuming = false;
	/* The peer's word that it knows nothing ends the resumption, not the
	 * message: it is sent from the start. */
	else if (can_continue(&failure)) {
		count_cut(traffic);
		note_resumption(traffic);
	} else
		return ERR_STATE;
	if (recovery->stepped_back)
		return ERR_STATE;
	/* Cuts without any progress between them speak against the message or
	 * the line; qmgr finds out which (suspect.c). */
	if (recovery->losses > LOSSES_MAX)
		return ERR_TIMEOUT;
	report_cut(traffic, &failure);
	close_lost(traffic);
	error = reopen_association(traffic);
	/* Records that came with the bind's answer are in our buffer already:
	 * poll would not tell of them. */
	traffic_pump(traffic);
	if (error == 0) {
		adopt_reopened(traffic);
		return 0;
	}
	recovery->unreachable = true;
	/* Restored, so that what is reported is why the first association
	 * ended, not why the next could not be opened. */
	association_init_over(&traffic->association, &failure);
	return error;
}
