/* SPDX-License-Identifier: ISC */
/*
 * serve.c - send and take, until somebody ends the association
 */
#include "base/log.h"
#include "traffic/token.h"

/* ms without octets within a transfer, unless the link's time limits are all
 * shorter */
#define PEER_SILENCE 600000

/* ms that a peer may keep an association that it recovered, with nothing on
 * it */
#define RECOVERED_IDLE 30000

/* two_way - whether both sides of it may send */
static bool
two_way(const struct traffic *traffic)
{
	return traffic->association.dialogue == ASSOCIATION_TWO_WAY;
}

/* lost_qmgr - a new one goes on where the old one was, if that can be */
static void
lost_qmgr(struct traffic *traffic)
{
	struct diag diag = {0};

	if (two_way(traffic)) {
		receive_abort(traffic, ASSOCIATION_ABORT_TEMPORARY,
		    "the queue manager has gone");
		return;
	}
	if (traffic->reconnect(traffic, &diag) != 0) {
		receive_abort(
		    traffic, ASSOCIATION_ABORT_TEMPORARY, diag_text(&diag));
		return;
	}
	traffic_bound(traffic);
	if (submit_again(traffic) != 0)
		receive_abort(traffic, ASSOCIATION_ABORT_TEMPORARY,
		    "the queue manager ended within a transfer");
}

/* given_up - the peer has lost it: what is marked of a transfer stays, for the
 * association by which the peer goes on */
static void
given_up(struct traffic *traffic)
{
	submit_forget(traffic, SUBMIT_KEEP);
	association_abort(&traffic->association, ASSOCIATION_ABORT_LOCAL);
	traffic->over = true;
}

/* retires - qmgr wants it released, and nothing is under way on it */
static bool
retires(struct traffic *traffic)
{
	return traffic->out.retire && jobs_first(traffic) == NULL &&
	    !traffic->in.transfer.active;
}

/* is_due - whether the association is to be ended now, by us */
static bool
is_due(struct traffic *traffic)
{
	if (traffic->qmgr_gone)
		return true;
	if (traffic->worker.stopping) {
		traffic_limit(traffic, TRAFFIC_STOP_WAIT);
		return !traffic->in.transfer.active ||
		    clock_monotonic() >= traffic->limit;
	}
	return retires(traffic);
}

/*
 * may_end - whether all is ready for that: who releases needs the turn
 *
 * It is waited for as long as a peer may take to disconnect, but for a
 * transfer that the peer has begun meanwhile.
 */
static bool
may_end(struct traffic *traffic)
{
	const struct association *association = &traffic->association;

	if (traffic->qmgr_gone || traffic->worker.stopping ||
	    association->role != ASSOCIATION_INITIATOR || association->turn ||
	    association->phase != ASSOCIATION_OPEN)
		return true;
	if (traffic->release_by == 0)
		traffic->release_by =
		    clock_after(traffic->link->disconnect_timeout);
	turn_ask(traffic, TURN_TO_RELEASE);
	return clock_monotonic() >= traffic->release_by;
}

/* turn_patience - how long a peer may keep the turn, or not take it, without a
 * word: as long as it may take to disconnect, and no longer than the transfer
 * may that waits for it (ms) */
static uint64_t
turn_patience(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	uint64_t most = traffic->link->disconnect_timeout;

	if (job != NULL && send_patience(traffic, job) < most)
		most = send_patience(traffic, job);
	return most;
}

/* with_turn - until when to wait for a peer that has the turn and was asked for
 * it, or that was given it */
static uint64_t
with_turn(struct traffic *traffic, const char **why)
{
	bool giving = traffic->association.turn_giving;

	if (traffic->asked < 0 && !giving)
		return CLOCK_NEVER;
	*why = giving ? "the peer does not take the turn"
		      : "the peer keeps the turn and says nothing";
	return traffic->heard + turn_patience(traffic);
}

/* silence - how long a peer may be silent within a transfer, in ms: what that
 * is of, and so which limit is its own, may not be known yet */
static uint64_t
silence(const struct conf_link *link)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < CONF_PRIORITY_COUNT; i++)
		if (link->transfer_timeout[i] > longest)
			longest = link->transfer_timeout[i];
	return longest < PEER_SILENCE ? longest : PEER_SILENCE;
}

/* awaits_us - whether the peer may have to wait for what qmgr commits */
static bool
awaits_us(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	return !submit_room(traffic) || t->asked ||
	    (t->active &&
		(t->ended || (t->durable && t->checkpoint_count > 0)));
}

/* patience - until when to wait for the peer; then *why is what it did not
 * do, or NULL if that alone ends nothing */
static uint64_t
patience(struct traffic *traffic, const char **why)
{
	const struct association *association = &traffic->association;
	uint64_t turn;

	*why = NULL;
	if (association->turn || awaits_us(traffic))
		return CLOCK_NEVER;
	if (association->phase == ASSOCIATION_TRANSFER) {
		traffic->release_by = 0;
		turn = with_turn(traffic, why);
		if (turn != CLOCK_NEVER)
			return turn;
		*why = "the peer is silent within a transfer";
		return clock_after(silence(traffic->link));
	}
	if (association->phase != ASSOCIATION_OPEN)
		return CLOCK_NEVER;
	/* The peer is to bind: what waits for it here is not sent before. */
	if (traffic->recovered && association->role == ASSOCIATION_RESPONDER) {
		*why = "nothing more to resume on a recovered association";
		return traffic->arrived + RECOVERED_IDLE;
	}
	if (retires(traffic) && traffic->release_by != 0)
		return traffic->release_by;
	return with_turn(traffic, why);
}

/* wait_for_either - the peer or qmgr; whether the peer has something for us */
static bool
wait_for_either(struct traffic *traffic)
{
	struct pollfd network = {.fd = traffic->fd,
	    .events = association_poll_events(&traffic->association)};
	const char *why;
	uint64_t deadline = patience(traffic, &why);
	uint64_t due = submit_due(traffic);
	bool ours = awaits_us(traffic);
	int error;

	if (!submit_room(traffic))
		network.fd = -1;
	error =
	    traffic_wait(traffic, &network, due < deadline ? due : deadline);
	/* Its time begins when it has what it waited for. */
	if (ours)
		traffic->heard = clock_monotonic();
	if (network.revents == 0 && clock_monotonic() >= due)
		submit_persist(traffic);
	else if (error == ERR_TIMEOUT && traffic->limit == CLOCK_NEVER &&
	    why != NULL)
		receive_abort(traffic, ASSOCIATION_ABORT_LOCAL, why);
	return error == 0 && network.revents != 0;
}

/* traffic_serve - send and take until somebody ends it */
void
traffic_serve(struct traffic *traffic)
{
	bool peer = true;

	traffic->watching = true;
	/* What came along with the bind's answer shows in no poll. */
	traffic_pump(traffic);
	while (!traffic->over) {
		if (peer || traffic->in.more ||
		    traffic->association.phase == ASSOCIATION_OVER)
			receive_events(traffic);
		peer = false;
		traffic_flush(traffic);
		if (traffic->lost)
			given_up(traffic);
		if (!traffic->over && traffic->qmgr_gone &&
		    traffic->reconnect != NULL)
			lost_qmgr(traffic);
		jobs_leave(traffic);
		if (traffic->over || (is_due(traffic) && may_end(traffic)))
			break;
		/* What came along with an answer to us shows in no poll. */
		peer = turn_take(traffic);
		if (peer)
			continue;
		turn_ask(traffic, TURN_TO_SEND);
		if (!traffic->in.more || !submit_room(traffic))
			peer = wait_for_either(traffic);
	}
}
