/* SPDX-License-Identifier: ISC */
/*
 * token.c - whose turn it is, and what is done with it
 */
#include "traffic/token.h"

#include "osi/association_turn.h"

/*
 * Priorities of RT-TURN-PLEASE, 0 the highest: that is for who wants to
 * release (X.419 7); then come urgent, normal and non-urgent transfers.
 */
#define TO_RELEASE 0
#define TO_SEND(j) ((uint32_t)(j)->priority + 1)

/* two_way - whether there is a turn to be asked for and given */
static bool
two_way(const struct traffic *traffic)
{
	return traffic->association.dialogue == ASSOCIATION_TWO_WAY;
}

/* turn_ask - ask for the turn, unless it is ours or asked for already */
void
turn_ask(struct traffic *traffic, enum turn_purpose purpose)
{
	const struct outgoing_job *job = jobs_first(traffic);
	uint32_t priority = TO_RELEASE;

	if (!two_way(traffic) || traffic->association.turn ||
	    (purpose == TURN_TO_SEND && job == NULL))
		return;
	if (purpose == TURN_TO_SEND)
		priority = TO_SEND(job);
	if (traffic->asked >= 0 && traffic->asked <= (int64_t)priority)
		return;
	/* Not now, or the association has ended: the next event tells. */
	if (association_turn_please(&traffic->association, priority) == 0)
		traffic->asked = priority;
	traffic->heard = clock_monotonic();
}

/*
 * is_due - whether the peer, which has asked for the turn, is to have it
 *
 * One that had it and transferred nothing goes before no transfer of ours a
 * second time.
 */
static bool
is_due(struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	const struct outgoing_job *job = jobs_first(traffic);
	int64_t wanted = association->turn_wanted;

	/* A recovered association is released after the transfer. */
	if (!two_way(traffic) || wanted < 0 ||
	    (traffic->recovered && association->role == ASSOCIATION_INITIATOR))
		return false;
	if (job == NULL || traffic->sent_in_turn >= JOBS_MAX)
		return true;
	return wanted < (int64_t)TO_SEND(job) &&
	    !(traffic->wasted && traffic->sent_in_turn == 0);
}

/* give - the turn to the peer */
static bool
give(struct traffic *traffic)
{
	traffic->wanted = 0;
	traffic->asked = -1;
	traffic->heard = clock_monotonic();
	traffic->received_before = traffic->association.activity_received;
	return association_turn_give(&traffic->association) == 0;
}

/* turn_given - the peer has given us the turn */
void
turn_given(struct traffic *traffic)
{
	traffic->sent_in_turn = 0;
	traffic->asked = -1;
	traffic->wasted =
	    traffic->association.activity_received == traffic->received_before;
}

/* turn_take - while the turn is ours: transfer one job, or give it away */
bool
turn_take(struct traffic *traffic)
{
	struct association *association = &traffic->association;

	if (!association->turn || association->phase != ASSOCIATION_OPEN)
		return false;
	if (is_due(traffic))
		return give(traffic);
	if (jobs_first(traffic) == NULL || traffic->qmgr_gone ||
	    traffic->worker.stopping)
		return false;
	/* The peer that answered the recovery said no password. */
	if (traffic->recovered && association->role == ASSOCIATION_INITIATOR) {
		jobs_return(traffic, "what was cut is at its end");
		return false;
	}
	traffic->sent_in_turn++;
	if (send_first(traffic) != 0)
		traffic->over = true;
	return true;
}
