/* SPDX-License-Identifier: ISC */
/*
 * recover.c - a transfer that was cut goes on (X.228 7.8, 8.6)
 *
 * An association lost inside an activity is reopened at once, then every five
 * seconds until the link's recovery timeout, with the references of the one
 * that was lost.  The activity goes on after the last checkpoint that the
 * peer confirmed, or is found complete.  A peer that cannot recover, or does
 * not know the activity, is sent the message from its start, octet for octet
 * the same, so that a peer which had taken it knows it again.
 *
 * A message that is cut again and again without getting any further is given
 * up here before that: what is behind it must not wait for it.
 */
#include <unistd.h>

#include "base/log.h"
#include "x400out/outbound.h"

#define PAUSE	   5000 /* ms between two attempts */
#define LOSSES_MAX 2	/* cuts without any checkpoint between them */

/* cut - whether the association was lost, or the peer cannot go on for now */
static bool
cut(const struct association_failure *failure)
{
	if (failure->end == ASSOCIATION_LOST)
		return true;
	return failure->end == ASSOCIATION_ABORTED_BY_PEER &&
	    failure->layer == ASSOCIATION_LAYER_RTSE &&
	    failure->reason == ASSOCIATION_ABORT_TEMPORARY;
}

/*
 * unknown - whether the peer knows nothing of what we resumed
 *
 * It should say so, but there are those that abort in another way.
 */
static bool
unknown(const struct outbound *outbound)
{
	const struct association *association = &outbound->association;
	const struct outbound_recovery *recovery = &outbound->recovery;

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
note(struct outbound *outbound)
{
	struct outbound_recovery *recovery = &outbound->recovery;
	const struct association *association = &outbound->association;
	bool further = !recovery->resuming ||
	    association->serial_confirmed > recovery->resumption.serial;

	if (recovery->losses == 0 ||
	    (further && association->serial_confirmed > 0)) {
		recovery->losses = 0;
		recovery->until = clock_after(outbound->link->recovery_timeout);
	}
	recovery->losses++;
	if (!further)
		return;
	recovery->resuming = true;
	recovery->references = association->references;
	recovery->resumption = (struct association_resumption){
	    .activity = association->activity_sent,
	    .serial = association->serial_confirmed,
	    .offset = association->confirmed_offset,
	    .references = &recovery->references};
}

/* say - the association was lost, and is recovered now */
static void
say(const struct outbound *outbound, uint64_t since)
{
	const struct outbound_recovery *recovery = &outbound->recovery;

	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_INT("id", outbound->jobs[outbound->job_first].message),
	    LOG_STRING("link", outbound->link->name),
	    LOG_STRING("address", outbound->address),
	    LOG_INT(
		"offset", recovery->resuming ? recovery->resumption.offset : 0),
	    LOG_INT("ms", clock_monotonic() - since));
}

/* reopen - at once, then every five seconds */
static int
reopen(struct outbound *outbound)
{
	struct outbound_recovery *recovery = &outbound->recovery;
	int error;

	if (recovery->losses > 1 && outbound_pause(outbound, PAUSE) != 0)
		return ERR_CANCELLED;
	for (;;) {
		error = open_again(outbound,
		    recovery->resuming ? &recovery->references : NULL);
		if (error == 0)
			return 0;
		if (outbound->qmgr_gone || outbound->worker.stopping ||
		    clock_monotonic() >= recovery->until)
			return error;
		if (error == ERR_NOTFOUND && recovery->resuming) {
			recovery->resuming = false;
			continue;
		}
		if (outbound_pause(outbound, PAUSE) != 0)
			return ERR_CANCELLED;
	}
}

/* leave_lost - give back what is left of the association that was lost */
static void
leave_lost(struct outbound *outbound)
{
	association_fini(&outbound->association);
	outbound->association = (struct association){0};
	if (outbound->fd != -1)
		close(outbound->fd);
	outbound->fd = -1;
}

/* recover_transfer - an association to go on with the first job's transfer */
int
recover_transfer(struct outbound *outbound)
{
	struct outbound_recovery *recovery = &outbound->recovery;
	struct association_failure failure = outbound->association.failure;
	uint64_t begun = clock_monotonic();
	int error;

	if (outbound->association.phase != ASSOCIATION_OVER ||
	    outbound->link->recovery_timeout == 0 || outbound->qmgr_gone ||
	    outbound->worker.stopping || jobs_first(outbound)->cancelled)
		return ERR_STATE;
	if (unknown(outbound))
		recovery->resuming = false;
	else if (cut(&failure))
		note(outbound);
	else
		return ERR_STATE;
	if (recovery->losses > LOSSES_MAX)
		return ERR_TIMEOUT;
	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING("link", outbound->link->name),
	    LOG_STRING("address", outbound->address),
	    LOG_STRING("layer", association_layer_name(failure.layer)),
	    LOG_STRING("reason", failure.text));
	leave_lost(outbound);
	error = reopen(outbound);
	if (error == 0) {
		say(outbound, begun);
		return 0;
	}
	outbound->association.failure = failure;
	outbound->association.phase = ASSOCIATION_OVER;
	return error;
}
