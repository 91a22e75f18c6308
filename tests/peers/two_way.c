/* SPDX-License-Identifier: ISC */
/*
 * two_way.c - a peer that sends and takes on one association; see two_way.h
 */
#include "tests/peers/two_way.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "osi/association_turn.h"

#define TO_RELEASE 0
#define NOT_ASKED  (-1)

/* A turn that was just given cannot be asked for before the peer took it, of
 * which no event tells: so long until it is tried again. */
#define ASK_AGAIN_MS 20

/* A message that another process has given back is found after at most so
 * long. */
#define LOOK_AGAIN_MS 100

struct talk {
	const struct two_way *two_way;
	struct association *association;
	unsigned burst;	  /* messages sent in this turn */
	int64_t asked;	  /* the priority that was asked by, or NOT_ASKED */
	uint64_t message; /* ms: the last came or went then */
	uint64_t heard;	  /* ms: anything came */
	bool settled;	  /* it was given away, unasked, with nothing left */
};

/* priority_of - find the priority of our messages, as a request for the turn
 * says it */
static uint32_t
priority_of(const struct talk *talk)
{
	return (uint32_t)p1_priority_rank(
		   talk->two_way->sender->plan->priority) +
	    1;
}

/* is_mishap - tell whether this one was asked for */
static bool
is_mishap(const struct talk *talk, enum mishap_kind kind)
{
	return talk->two_way->mishap->kind == kind;
}

/* has_come - tell whether all has that was expected */
static bool
has_come(const struct talk *talk)
{
	return atomic_load(&talk->two_way->taker->plan->figures->messages) >=
	    talk->two_way->expected;
}

/* has - tell whether there is anything that we would send now */
static bool
has(const struct talk *talk)
{
	return (talk->association->role == ASSOCIATION_INITIATOR ||
		   has_come(talk)) &&
	    sender_has(talk->two_way->sender);
}

/* is_done - tell whether the initiator may release */
static bool
is_done(const struct talk *talk)
{
	const struct two_way *two_way = talk->two_way;

	if (talk->association->role != ASSOCIATION_INITIATOR || has(talk) ||
	    is_mishap(talk, MISHAP_KEEP_TURN))
		return false;
	if (two_way->expected > 0)
		return has_come(talk);
	return clock_monotonic() - talk->message >= two_way->idle_ms;
}

/* beg - ask for the turn with every priority */
static int
beg(const struct talk *talk)
{
	static const uint32_t priorities[] = {
	    3, 2, 1, 0, 4, 255, 65536, INT32_MAX};
	int error = 0;

	for (size_t i = 0;
	     i < sizeof(priorities) / sizeof(priorities[0]) && error == 0; i++)
		error =
		    association_turn_please(talk->association, priorities[i]);
	return error;
}

/* ask - ask for the turn, if it is needed for something */
static int
ask(struct talk *talk)
{
	struct association *association = talk->association;
	uint32_t priority = priority_of(talk);
	int error;

	if (is_done(talk) || is_mishap(talk, MISHAP_TOSS_TURN))
		priority = TO_RELEASE;
	else if (!has(talk))
		return 0;
	if (association->turn ||
	    (talk->asked != NOT_ASKED && talk->asked <= (int64_t)priority))
		return 0;
	error = is_mishap(talk, MISHAP_BEG_TURN)
	    ? beg(talk)
	    : association_turn_please(association, priority);
	if (error == 0)
		talk->asked = priority;
	return error == ERR_STATE ? 0 : error;
}

/* is_due - tell whether the turn, which is ours, goes to the peer now */
static bool
is_due(const struct talk *talk)
{
	int64_t wanted = talk->association->turn_wanted;

	if (is_mishap(talk, MISHAP_KEEP_TURN) ||
	    is_mishap(talk, MISHAP_IDLE_TURN))
		return false;
	if (!has(talk))
		return wanted >= 0 ||
		    (talk->association->role == ASSOCIATION_INITIATOR &&
			!talk->settled && !is_done(talk));
	return wanted >= 0 &&
	    (wanted < (int64_t)priority_of(talk) ||
		talk->burst >= TWO_WAY_BURST);
}

/*
 * toss - give the turn to the peer, and ask for it before it has been taken
 *
 * No association of ours would do that, so it is written past it, into the
 * same segment: an RTTP of the highest priority in a PT.
 */
static int
toss(struct talk *talk)
{
	static const uint8_t please[] = {3, 0, 0, 26, 2, 0xf0, 0x80, 2, 0x11,
	    0x10, 1, 1, 0xc1, 0x0c, 0x61, 0x0a, 0x30, 8, 2, 1, 3, 0xa0, 3, 2, 1,
	    TO_RELEASE};
	const int on = 1, off = 0;
	int fd = talk->two_way->fd, error;
	bool sent;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	error = association_turn_give(talk->association);
	if (error != 0)
		return error;
	sent = send(fd, please, sizeof(please), MSG_NOSIGNAL) ==
	    (ssize_t)sizeof(please);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	talk->asked = TO_RELEASE;
	return sent ? 1 : ERR_CLOSED;
}

/* use - use the turn while it is ours; 1 when something was done */
static int
use(struct talk *talk)
{
	struct association *association = talk->association;
	int error;

	if (!association->turn || association->phase != ASSOCIATION_OPEN)
		return 0;
	if (is_mishap(talk, MISHAP_TOSS_TURN))
		return toss(talk);
	if (is_due(talk)) {
		talk->settled = !has(talk);
		talk->burst = 0;
		talk->asked = NOT_ASKED;
		error = association_turn_give(association);
		return error != 0 ? error : 1;
	}
	if (!has(talk) || is_mishap(talk, MISHAP_IDLE_TURN))
		return 0;
	talk->burst++;
	error = sender_send(talk->two_way->sender, association);
	talk->message = talk->heard = clock_monotonic();
	return error != 0 ? error : 1;
}

/* is_waiting - tell whether the turn or messages of the peer must come
 * before anything else can be done */
static bool
is_waiting(const struct talk *talk)
{
	return has(talk) || talk->association->role == ASSOCIATION_INITIATOR;
}

/* until - compute when to look again, though nothing came */
static uint64_t
until(const struct talk *talk)
{
	const struct two_way *two_way = talk->two_way;
	uint64_t idle = talk->message + two_way->idle_ms;

	if (has(talk) && !talk->association->turn && talk->asked == NOT_ASKED)
		return clock_after(ASK_AGAIN_MS);
	if (talk->association->role == ASSOCIATION_INITIATOR &&
	    talk->asked != TO_RELEASE)
		return two_way->expected > 0 || idle <= clock_monotonic()
		    ? clock_after(ASK_AGAIN_MS)
		    : idle;
	return is_waiting(talk) ? talk->heard + two_way->patience_ms
				: clock_after(LOOK_AGAIN_MS);
}

/* listen_once - listen once to what comes; an error, or 0 */
static int
listen_once(struct talk *talk)
{
	struct association_event event;
	int error = association_receive(talk->association, &event, until(talk));

	if (error == ERR_TIMEOUT || error == ERR_AGAIN)
		return is_waiting(talk) &&
			clock_monotonic() - talk->heard >=
			    talk->two_way->patience_ms
		    ? ERR_TIMEOUT
		    : 0;
	if (error != 0)
		return error;
	talk->heard = clock_monotonic();
	if (event.kind == ASSOCIATION_EVENT_TURN_GIVEN) {
		talk->asked = NOT_ASKED;
		talk->burst = 0;
	} else if (event.kind != ASSOCIATION_EVENT_TURN_WANTED) {
		talk->message = talk->heard;
		talk->settled = false;
	}
	return taker_event(talk->two_way->taker, talk->association, &event)
	    ? 0
	    : ERR_CLOSED;
}

/* two_way_run - run until the association has ended, or may be released */
int
two_way_run(const struct two_way *two_way, struct association *association)
{
	struct talk talk = {.two_way = two_way,
	    .association = association,
	    .asked = NOT_ASKED,
	    .message = clock_monotonic(),
	    .heard = clock_monotonic()};

	for (;;) {
		int done = use(&talk);

		if (done > 0)
			continue;
		if (done == 0 && association->turn && is_done(&talk))
			return 0;
		if (done == 0)
			done = ask(&talk);
		if (done == 0)
			done = listen_once(&talk);
		if (done == 0)
			continue;
		if (association->phase != ASSOCIATION_OVER)
			association_abort(association, ASSOCIATION_ABORT_LOCAL);
		return done;
	}
}
