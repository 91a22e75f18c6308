/* SPDX-License-Identifier: ISC */
/*
 * recover.c - a transfer that was cut goes on (X.228 7.8, 8.6)
 *
 * An association lost inside an activity is reopened at once, then every five
 * seconds (or open intervals, if these are shorter) until the link's recovery
 * timeout.  A third party is asked to recover the one that was lost, where it
 * was bound and nowhere else: whoever answers a recovery says no password, so
 * that association carries the resumption alone, and what follows is bound
 * again.  A peer of our kind, or one with recovery = "never", is bound at
 * once: it resumes by the references of the one that was lost.  The activity
 * goes on after the last checkpoint that the peer confirmed, or is found
 * complete.  A peer that cannot recover, or does not know the activity, is
 * sent the message from its start, octet for octet the same, so that a peer
 * which had taken it knows it again.
 *
 * A message that is cut again and again without getting any further is given
 * up here before that, and at its first cut if others wait: what is behind it
 * must not wait for it.  qmgr gives it out again when they have gone.
 */
#include <unistd.h>

#include "base/log.h"
#include "client/limits.h"
#include "traffic/engine/traffic.h"

#define PAUSE_MAX  LIMITS_RECOVERY_PAUSE /* ms between two attempts */
#define LOSSES_MAX 2 /* cuts without any checkpoint between them */

/* cut - whether the association was lost, perhaps without a word, or the peer
 * cannot go on for now */
static bool
cut(const struct association_failure *failure)
{
	if (failure->end == ASSOCIATION_LOST ||
	    failure->end == ASSOCIATION_TIMED_OUT)
		return true;
	return failure->end == ASSOCIATION_ABORTED_BY_PEER &&
	    failure->layer == ASSOCIATION_LAYER_RTSE &&
	    failure->reason == ASSOCIATION_ABORT_TEMPORARY;
}

/*
 * recover_unknown - whether the peer knows nothing of what we resumed
 *
 * It should say so, but there are those that abort in another way.
 */
bool
recover_unknown(const struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	return recovery->resuming &&
	    association->failure.end == ASSOCIATION_ABORTED_BY_PEER &&
	    association->serial_confirmed <= recovery->resumption.serial &&
	    !cut(&association->failure);
}

/*
 * note - from where it is to go on
 *
 * The receiver keeps a resumed transfer under its former name too, until it
 * has confirmed a checkpoint of it under the new one.
 */
static void
note(struct traffic *traffic)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	const struct association *association = &traffic->association;
	bool further = !recovery->resuming ||
	    association->serial_confirmed > recovery->resumption.serial;
	/* A peer that cannot resume confirms the same ones again each time. */
	bool advanced = association->confirmed_offset > recovery->furthest;

	if (recovery->losses == 0 || advanced) {
		recovery->losses = 0;
		recovery->until = clock_after(traffic->link->recovery_timeout);
	}
	recovery->losses++;
	if (advanced)
		recovery->furthest = association->confirmed_offset;
	else if (traffic->out.job_count > 1)
		recovery->stepped_back = true;
	/* It may be the message that the peer hangs on: once more, no more. */
	if (association->failure.end == ASSOCIATION_TIMED_OUT)
		recovery->losses++;
	if (!further)
		return;
	recovery->resuming = true;
	recovery->references = association->references;
	strlcpy(recovery->address, traffic->address, sizeof(recovery->address));
	recovery->resumption = (struct association_resumption){
	    .activity = association->activity_sent,
	    .serial = association->serial_confirmed,
	    .offset = association->confirmed_offset,
	    .references = &recovery->references};
}

/* say - what was cut goes on; of the first time alone, the rest is counted */
static void
say(const struct traffic *traffic)
{
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	if (recovery->cuts > 1)
		return;
	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_INT("id", traffic->out.jobs[traffic->out.job_first].message),
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT(
		"offset", recovery->resuming ? recovery->resumption.offset : 0),
	    LOG_INT("ms", clock_monotonic() - recovery->since));
}

/* recover_ended - what went on more than once is told in one line */
void
recover_ended(const struct traffic *traffic)
{
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	if (recovery->cuts < 2)
		return;
	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_INT("id", traffic->out.jobs[traffic->out.job_first].message),
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("times", recovery->cuts),
	    LOG_INT("ms", clock_monotonic() - recovery->since));
}

/* pause_of - ms between two attempts */
static uint64_t
pause_of(const struct traffic *traffic)
{
	return traffic->link->open_interval < PAUSE_MAX
	    ? traffic->link->open_interval
	    : PAUSE_MAX;
}

/* to_recover - whether the association that was lost is to be recovered, and
 * where */
static bool
to_recover(const struct traffic *traffic, struct traffic_lost *lost)
{
	const struct outgoing_recovery *recovery = &traffic->out.recovery;

	lost->references = &recovery->references;
	lost->address = recovery->address;
	return recovery->resuming && recovery->address[0] != '\0' &&
	    traffic->link->peer == CONF_PEER_THIRD_PARTY &&
	    traffic->link->recovery == CONF_RECOVERY_RESUME;
}

/* reopen - at once, then after each pause */
static int
reopen(struct traffic *traffic)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct traffic_lost lost;
	int error;

	if (recovery->losses > 1 &&
	    traffic_pause(traffic, pause_of(traffic)) != 0)
		return ERR_CANCELLED;
	for (;;) {
		error = traffic->reopen(
		    traffic, to_recover(traffic, &lost) ? &lost : NULL);
		if (error == 0)
			return 0;
		if (traffic->qmgr_gone || traffic->worker.stopping ||
		    clock_monotonic() >= recovery->until)
			return error;
		if (error == ERR_NOTFOUND && recovery->resuming) {
			recovery->resuming = false;
			continue;
		}
		if (traffic_pause(traffic, pause_of(traffic)) != 0)
			return ERR_CANCELLED;
	}
}

/* leave_lost - give back what is left of the association that was lost */
static void
leave_lost(struct traffic *traffic)
{
	association_fini(&traffic->association);
	traffic->association = (struct association){0};
	if (traffic->fd != -1)
		close(traffic->fd);
	traffic->fd = -1;
}

/* begin - the association was lost: say so, once, and count it */
static void
begin(struct traffic *traffic, const struct association_failure *failure)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	const char *layer = association_layer_name(failure->layer);

	if (recovery->cuts++ == 0) {
		recovery->since = clock_monotonic();
		LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
		    LOG_STRING("link", traffic->link->name),
		    LOG_INT("id", jobs_first(traffic)->message),
		    LOG_STRING("address", traffic->address),
		    LOG_STRING("layer", layer),
		    LOG_STRING("reason", failure->text));
	}
	traffic_link_event(traffic, IPC_LINK_RECOVERING, layer, failure->text);
}

/* former_name - by which qmgr knows what goes on, and goes on knowing it until
 * it is begun anew */
static void
former_name(struct traffic *traffic)
{
	struct outgoing_job *job = jobs_first(traffic);

	if (job->old.activity != 0)
		return;
	job->old = (struct transfer_name){
	    .references = traffic->out.noted, .activity = job->activity};
}

/* recover_transfer - an association to go on with the first job's transfer */
int
recover_transfer(struct traffic *traffic)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct association_failure failure = traffic->association.failure;
	int error;

	if (traffic->association.phase != ASSOCIATION_OVER ||
	    traffic->reopen == NULL || traffic->link->recovery_timeout == 0 ||
	    traffic->qmgr_gone || traffic->worker.stopping ||
	    jobs_first(traffic)->cancelled)
		return ERR_STATE;
	if (recover_unknown(traffic))
		recovery->resuming = false;
	else if (cut(&failure))
		note(traffic);
	else
		return ERR_STATE;
	if (recovery->stepped_back)
		return ERR_STATE;
	if (recovery->losses > LOSSES_MAX)
		return ERR_TIMEOUT;
	begin(traffic, &failure);
	leave_lost(traffic);
	error = reopen(traffic);
	/* What came behind the bind's answer shows in no poll. */
	traffic_pump(traffic);
	if (error == 0) {
		former_name(traffic);
		traffic_bound(traffic);
		/* What is handed out already goes by the old names. */
		traffic->out.noted = (struct session_references){0};
		say(traffic);
		return 0;
	}
	recovery->unreachable = true;
	traffic->association.failure = failure;
	traffic->association.phase = ASSOCIATION_OVER;
	return error;
}
