/* SPDX-License-Identifier: ISC */
/*
 * serve.c - serve one association
 */
#include "traffic/serve.h"

#include <unistd.h>

#include "traffic/incoming/checkpoint.h"
#include "traffic/outgoing/adapt.h"
#include "traffic/outgoing/jobs.h"
#include "traffic/receive.h"
#include "traffic/records.h"
#include "traffic/turn.h"
#include "worker/notice.h"

/* ms without octets within a transfer, unless the link's time limits are all
 * shorter */
#define PEER_SILENCE 600000

/* ms that a peer may keep an association that it recovered, with nothing on
 * it */
#define RECOVERED_IDLE 30000

/*
 * is_broken_off - tell whether a wait for the peer is of no use any more
 *
 * An association not yet open is given up at once.  A transfer whose end was
 * sent may have been taken: only the peer's answer tells.
 */
static bool
is_broken_off(const struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	bool sending = traffic->out.progress == OUTGOING_SENDING;
	bool cancelled = sending && job != NULL && job->client.cancelled;

	if (traffic->association.phase <= ASSOCIATION_OPENING)
		return traffic->worker.stopping || cancelled ||
		    (traffic->state != TRAFFIC_GREETING &&
			(traffic->qmgr_gone || traffic->out.retire));
	return cancelled || (sending && traffic->qmgr_gone);
}

/* wait_network - wait for the network, as association_io wants it */
static int
wait_network(void *arg, int fd, short events, uint64_t deadline)
{
	struct traffic *traffic = arg;
	struct pollfd network = {.fd = fd, .events = events};

	for (;;) {
		int error = traffic_wait(traffic, &network, deadline);

		if (error != 0 && error != ERR_CANCELLED)
			return error;
		if (traffic->state == TRAFFIC_LOST)
			return ERR_CLOSED;
		if (is_broken_off(traffic))
			return ERR_CANCELLED;
		/* A stop lets the transfer come to its end. */
		if (error == 0 && network.revents != 0)
			return 0;
	}
}

/* traffic_init - begin with nothing but a worker */
void
traffic_init(struct traffic *traffic, enum traffic_state state)
{
	/* -1 everywhere, so that traffic_fini may be called after any
	 * failure. */
	traffic->state = state;
	traffic->fd = -1;
	traffic->qmgr.fd = -1;
	traffic->limit = CLOCK_NEVER;
	traffic->io = (struct association_io){wait_network, traffic};
	traffic->calls.take = records_take;
	buffer_init(&traffic->out.prefix, OUTGOING_PREFIX_MAX);
	buffer_init(&traffic->out.routes, OUTGOING_ROUTES_MAX);
	buffer_init(&traffic->out.adapted.piece, LIMITS_BODY);
	jobs_init(traffic);
	submit_init(traffic);
}

/* traffic_fini - free everything */
void
traffic_fini(struct traffic *traffic)
{
	association_fini(&traffic->association);
	if (traffic->fd != -1)
		close(traffic->fd);
	traffic->fd = -1;
	notice_through(NULL);
	ipc_channel_fini(&traffic->qmgr);
	buffer_fini(&traffic->out.prefix);
	buffer_fini(&traffic->out.sent);
	buffer_fini(&traffic->out.routes);
	adapt_reset(traffic);
	buffer_fini(&traffic->out.adapted.piece);
	submit_fini(traffic);
	conf_free(traffic->conf);
	traffic->conf = NULL;
}

/* replace_qmgr - go on with the qmgr after the one that is gone, if that can
 * be: what the peer sends may be submitted again, what we send may not */
static void
replace_qmgr(struct traffic *traffic)
{
	struct diag diag = {0};

	/* Jobs of the old qmgr lie on this association and cannot be handed to
	 * a new one. */
	if (traffic->association.dialogue == ASSOCIATION_TWO_WAY)
		submit_abort(traffic, ASSOCIATION_ABORT_TEMPORARY,
		    "the queue manager has gone");
	else if (traffic->calls.reconnect(traffic, &diag) != 0)
		submit_abort(
		    traffic, ASSOCIATION_ABORT_TEMPORARY, diag_text(&diag));
	else {
		/* Told as if it had just been opened: the new qmgr knows
		 * nothing of it. */
		traffic_bound(traffic);
		if (submit_again(traffic) != 0)
			submit_abort(traffic, ASSOCIATION_ABORT_TEMPORARY,
			    "the queue manager ended within a transfer");
	}
}

/* end_lost - end an association that the peer has lost; what is marked of a
 * transfer is kept for the association by which the peer goes on */
static void
end_lost(struct traffic *traffic)
{
	/* Kept, because the peer resumes on its new association what was marked
	 * here. */
	submit_forget(traffic, SUBMISSION_KEEP);
	association_abort(&traffic->association, ASSOCIATION_ABORT_LOCAL);
	traffic_enter(traffic, TRAFFIC_OVER);
}

/* is_retired - tell whether qmgr wants the association released, and nothing
 * is under way on it */
static bool
is_retired(const struct traffic *traffic)
{
	/* Jobs that are there are done first, and the peer's transfer comes to
	 * its end. */
	return traffic->out.retire && jobs_first(traffic) == NULL &&
	    !submit_is_active(traffic);
}

/* is_to_end - tell whether the association is to be ended now, by us */
static bool
is_to_end(struct traffic *traffic)
{
	if (traffic->qmgr_gone)
		return true;
	if (traffic->worker.stopping) {
		/* Nothing new begins; a transfer under way has until then. */
		traffic_limit(traffic, LIMITS_STOP_TRANSFER);
		return !submit_is_active(traffic) ||
		    clock_monotonic() >= traffic->limit;
	}
	return is_retired(traffic);
}

/* transfer_silence - compute how long a peer may be silent within a transfer,
 * in ms: its priority, and so which limit is its own, may not be known yet */
static uint64_t
transfer_silence(const struct conf_link *link)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < CONF_PRIORITY_COUNT; i++)
		if (link->transfer_timeout[i] > longest)
			longest = link->transfer_timeout[i];
	/* The longest of the link's limits, since the priority is known only
	 * with the envelope. */
	return longest < PEER_SILENCE ? longest : PEER_SILENCE;
}

/* peer_deadline - tell until when to wait for the peer; then *why is what it
 * did not do, or NULL if that alone ends nothing */
static uint64_t
peer_deadline(struct traffic *traffic, const char **why)
{
	const struct association *association = &traffic->association;
	uint64_t turn;

	*why = NULL;
	/* The peer waits for us or for qmgr, so it cannot be late. */
	if (token_is_ours(&traffic->token) || submit_awaited(traffic))
		return CLOCK_NEVER;
	if (association->phase == ASSOCIATION_TRANSFER) {
		turn = turn_deadline(traffic, why);
		if (turn != CLOCK_NEVER)
			return turn;
		*why = "the peer is silent within a transfer";
		return clock_after(transfer_silence(traffic->link));
	}
	if (association->phase != ASSOCIATION_OPEN)
		return CLOCK_NEVER;
	/* The peer is to bind: jobs that wait here are not sent before. */
	if (traffic->recovered && association->role == ASSOCIATION_RESPONDER) {
		*why = "nothing more to resume on a recovered association";
		return traffic->times.arrived + RECOVERED_IDLE;
	}
	/* Then the association is aborted by who was to release it. */
	if (is_retired(traffic) && traffic->token.state == TOKEN_RELEASING)
		return traffic->token.release_by;
	return turn_deadline(traffic, why);
}

/* wait_for_either - wait for the peer or qmgr; whether the peer has something
 * for us */
static bool
wait_for_either(struct traffic *traffic)
{
	struct pollfd network = {.fd = traffic->fd,
	    .events = association_poll_events(&traffic->association)};
	const char *why;
	uint64_t deadline = peer_deadline(traffic, &why);
	uint64_t due = checkpoint_due(traffic);
	bool awaited = submit_awaited(traffic);
	int error;

	/* Not listening is the brake: octets stay in the socket, and the peer's
	 * window fills. */
	if (!submit_has_room(traffic))
		network.fd = -1;
	error =
	    traffic_wait(traffic, &network, due < deadline ? due : deadline);
	/* The peer's time begins when it has what it waited for. */
	if (awaited)
		traffic->times.heard = clock_monotonic();
	/* The peer is quiet, so a commit now costs nobody time. */
	if (network.revents == 0 && clock_monotonic() >= due)
		checkpoint_commit(traffic);
	/* A limit set meanwhile, by a stop, ends the association by itself. */
	else if (error == ERR_TIMEOUT && traffic->limit == CLOCK_NEVER &&
	    why != NULL)
		submit_abort(traffic, ASSOCIATION_ABORT_LOCAL, why);
	return error == 0 && network.revents != 0;
}

/* traffic_serve - send and take until somebody ends it */
void
traffic_serve(struct traffic *traffic)
{
	bool peer = true;

	traffic_enter(traffic, TRAFFIC_SERVING);
	/* Records that came with the bind's answer are in our buffer already:
	 * poll would not tell of them. */
	traffic_pump(traffic);
	while (traffic->state != TRAFFIC_OVER) {
		if (peer || traffic->in.more ||
		    traffic->association.phase == ASSOCIATION_OVER)
			receive_events(traffic);
		peer = false;
		traffic_flush(traffic);
		if (traffic->state == TRAFFIC_LOST)
			end_lost(traffic);
		if (traffic->state != TRAFFIC_OVER && traffic->qmgr_gone &&
		    traffic->calls.reconnect != NULL)
			replace_qmgr(traffic);
		/* Before anything is begun: a cancelled job in front would hold
		 * the others. */
		outcome_cancelled(traffic);
		if (traffic->state == TRAFFIC_OVER ||
		    (is_to_end(traffic) && turn_to_release(traffic)))
			break;
		/* The peer may have sent more with its answer to us: that is in
		 * the association's buffer, and poll would not tell. */
		peer = turn_take(traffic);
		if (peer)
			continue;
		/* Asked before waiting, so that the answer is what is waited
		 * for. */
		turn_ask(traffic);
		if (!traffic->in.more || !submit_has_room(traffic))
			peer = wait_for_either(traffic);
	}
}
