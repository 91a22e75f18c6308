/* SPDX-License-Identifier: ISC */
/*
 * turn.c - whose turn it is, and what is done with it
 */
#include "traffic/turn.h"

#include "osi/association_turn.h"
#include "traffic/outgoing/jobs.h"
#include "traffic/outgoing/outcome.h"
#include "traffic/outgoing/routes.h"
#include "traffic/outgoing/send.h"

/*
 * Priorities of RT-TURN-PLEASE, 0 the highest: that is for who wants to
 * release (X.419 7); then come urgent, normal and non-urgent transfers, and
 * routing updates.
 */
#define TO_RELEASE 0
#define TO_SEND(j) ((uint32_t)(j)->client.priority + 1)
#define TO_TELL	   4

/* is_two_way - tell whether there is a turn to be asked for and given */
static bool
is_two_way(const struct traffic *traffic)
{
	return traffic->association.dialogue == ASSOCIATION_TWO_WAY;
}

/* note_taken - note that the peer acknowledged the turn, which the association
 * keeps to itself */
static void
note_taken(struct traffic *traffic)
{
	if (traffic->token.state == TOKEN_GIVEN &&
	    !traffic->association.turn_giving)
		token_event(&traffic->token, TOKEN_EV_TAKEN);
}

/* please - ask the peer for the turn, unless it was asked by this priority or a
 * higher one */
static void
please(struct traffic *traffic, uint32_t priority, enum token_event when_asked)
{
	struct token *token = &traffic->token;

	/* A higher priority asks again, because the peer decides by the last
	 * one it heard. */
	if (token->asked != TOKEN_NOT_ASKED &&
	    token->asked <= (int64_t)priority) {
		token_event(token, when_asked);
		return;
	}
	/* If it cannot be asked now, or the association has ended, the next
	 * event gives the occasion or tells. */
	if (association_turn_please(&traffic->association, priority) != 0)
		return;
	token->asked = priority;
	token_event(token, when_asked);
	/* Our asking starts the peer's time to answer. */
	traffic->times.heard = clock_monotonic();
}

/* turn_ask - ask for the turn to send the first job, or a routing update */
void
turn_ask(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);

	note_taken(traffic);
	/* While the peer has not acknowledged the turn it cannot be asked. */
	if (!is_two_way(traffic) || token_is_ours(&traffic->token) ||
	    traffic->token.state == TOKEN_GIVEN)
		return;
	if (job != NULL)
		please(traffic, TO_SEND(job), TOKEN_EV_ASK);
	else if (routes_wait(traffic))
		please(traffic, TO_TELL, TOKEN_EV_ASK);
}

/* is_due - tell whether the peer has asked for the turn and is to have it */
static bool
is_due(const struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	const struct token *token = &traffic->token;
	const struct outgoing_job *job = jobs_first(traffic);
	int64_t wanted = association->turn_wanted;

	/* A recovered association is released after the transfer. */
	if (!is_two_way(traffic) || wanted < 0 ||
	    (traffic->recovered && association->role == ASSOCIATION_INITIATOR))
		return false;
	/* Nothing of ours waits, or a full batch has passed: fairness between
	 * two that both have much to send. */
	if (job == NULL || token->sent >= LIMITS_BATCH)
		return true;
	/* A peer that had the turn and transferred nothing does not go before
	 * our transfers a second time. */
	return wanted < (int64_t)TO_SEND(job) && token->state != TOKEN_RETURNED;
}

/* give_turn - give the turn to the peer */
static bool
give_turn(struct traffic *traffic)
{
	traffic->times.heard = clock_monotonic();
	/* Compared later to see whether the peer used the turn. */
	traffic->token.received_before = traffic->association.activity_received;
	if (association_turn_give(&traffic->association) != 0)
		return false;
	token_event(&traffic->token, TOKEN_EV_GIVE);
	return true;
}

/* turn_received - take the turn that the peer has given us */
void
turn_received(struct traffic *traffic)
{
	bool unused = traffic->association.activity_received ==
	    traffic->token.received_before;

	/* A turn that comes back unused must not be given again at once, or
	 * both sides would pass it to and fro without end. */
	token_event(&traffic->token, unused ? TOKEN_EV_UNUSED : TOKEN_EV_USED);
}

/* tell_routes - transfer a routing update */
static void
tell_routes(struct traffic *traffic)
{
	token_event(&traffic->token, TOKEN_EV_SENT);
	if (routes_send(traffic) != 0)
		traffic_enter(traffic, TRAFFIC_OVER);
}

/* turn_take - transfer one job or a routing update, or give the turn away */
bool
turn_take(struct traffic *traffic)
{
	struct association *association = &traffic->association;

	if (!token_is_ours(&traffic->token) ||
	    association->phase != ASSOCIATION_OPEN)
		return false;
	/* Before our own jobs: is_due has weighed them. */
	if (is_due(traffic))
		return give_turn(traffic);
	/* Nothing new is begun; the turn stays for the release. */
	if (traffic->qmgr_gone || traffic->worker.stopping)
		return false;
	if (routes_wait(traffic)) {
		tell_routes(traffic);
		return true;
	}
	if (jobs_first(traffic) == NULL)
		return false;
	/* The peer that answered the recovery said no password. */
	if (traffic->recovered && association->role == ASSOCIATION_INITIATOR) {
		outcome_return(traffic, "what was cut is at its end");
		return false;
		/* The jobs go back unstarted, and qmgr gives them to an
		 * association that was bound. */
	}
	token_event(&traffic->token, TOKEN_EV_SENT);
	if (send_first(traffic) != 0)
		traffic_enter(traffic, TRAFFIC_OVER);
	return true;
}

/* turn_to_release - ask for the turn to release the association */
bool
turn_to_release(struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	struct token *token = &traffic->token;
	bool releasing = token->state == TOKEN_RELEASING;

	/* Only an initiator releases; who must end at once aborts instead. */
	if (traffic->qmgr_gone || traffic->worker.stopping ||
	    association->role != ASSOCIATION_INITIATOR ||
	    token_is_ours(token) || association->phase != ASSOCIATION_OPEN)
		return true;
	note_taken(traffic);
	/* A peer that does not take the turn is bounded by turn_deadline. */
	if (token->state == TOKEN_GIVEN)
		return false;
	please(traffic, TO_RELEASE, TOKEN_EV_RELEASE);
	/* Once: a peer that keeps the turn must not get new time with each
	 * call. */
	if (!releasing)
		token->release_by =
		    clock_after(traffic->link->disconnect_timeout);
	return clock_monotonic() >= token->release_by;
}

/* silence_limit - compute how long a peer may keep the turn, or not take it,
 * without a word (ms): as long as it may take to disconnect, and no longer than
 * the transfer may that waits for it */
static uint64_t
silence_limit(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	uint64_t most = traffic->link->disconnect_timeout;

	/* A job with a short time would be late before the peer is. */
	if (job != NULL && send_patience(traffic, job) < most)
		most = send_patience(traffic, job);
	return most;
}

/* turn_deadline - tell until when to wait for a peer that owes us the turn */
uint64_t
turn_deadline(struct traffic *traffic, const char **why)
{
	note_taken(traffic);
	switch (traffic->token.state) {
	case TOKEN_GIVEN:
		*why = "the peer does not take the turn";
		break;
	case TOKEN_ASKED:
	case TOKEN_RELEASING:
		*why = "the peer keeps the turn and says nothing";
		break;
	case TOKEN_OURS:
	case TOKEN_RETURNED:
	case TOKEN_PEERS:
	default:
		return CLOCK_NEVER;
	}
	return traffic->times.heard + silence_limit(traffic);
}
