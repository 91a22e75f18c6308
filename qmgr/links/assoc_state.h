/* SPDX-License-Identifier: ISC */
/*
 * assoc_state.h - the state machine of an association
 *
 *	STARTING -hello-> OPENING -bound-> BOUND -retire-> RETIRING -told->
 *	RELEASING; and a worker that is cut opens it again: RECOVERING
 *
 * How an association ended is a state, too: what its link makes of that when
 * the connection of its worker is gone depends on it (assoc.c).
 */
#ifndef FOURPOST_QMGR_LINKS_ASSOC_STATE_H
#define FOURPOST_QMGR_LINKS_ASSOC_STATE_H

#include <stdbool.h>

struct assoc;

enum assoc_state {
	ASSOC_STARTING, /* the worker has not said hello */
	ASSOC_OPENING,
	ASSOC_BOUND,
	ASSOC_RECOVERING, /* lost, its worker opens it again */
	ASSOC_RETIRING,	  /* it gets no more jobs, and finishes those it has */
	ASSOC_RELEASING,  /* it is being released, and its worker exits */
	ASSOC_LOST,	  /* its worker said so, and exits */
	ASSOC_UNRELEASED, /* likewise, instead of releasing it */
	ASSOC_FAILED, /* it could not be opened, or is not needed any more */
	ASSOC_GONE,
	ASSOC_STATES
};

enum assoc_event {
	ASSOC_EV_HELLO,	     /* of the worker */
	ASSOC_EV_BOUND,	     /* the worker has opened it */
	ASSOC_EV_FAILED,     /* the worker could not open it, or has lost it */
	ASSOC_EV_RECOVERING, /* the worker opens it again */
	ASSOC_EV_RETIRE,     /* it is not needed any more */
	ASSOC_EV_TOLD,	     /* the worker was told to release it */
	ASSOC_EV_RELEASED,   /* the peer lets it go */
	ASSOC_EV_GONE,	     /* the connection of the worker has ended */
	ASSOC_EVENTS
};

/*
 * assoc_change - change the state of an association, the one place where that
 * is done; the open ones of its link are counted with it
 *
 * Returns whether the state has such an event.
 */
bool assoc_change(struct assoc *assoc, enum assoc_event event);

/* assoc_expects - check that the state of an association has this event */
bool assoc_expects(const struct assoc *assoc, enum assoc_event event);

/* assoc_is_open - check that it is open, as far as its worker has said */
bool assoc_is_open(const struct assoc *assoc);

/* assoc_retires - check that it takes no more jobs, and is released when those
 * that it has are done */
bool assoc_retires(const struct assoc *assoc);

/* assoc_serves - check that it takes jobs, or will: a peer that is slow to let
 * one go keeps nothing waiting */
bool assoc_serves(const struct assoc *assoc);

/* assoc_transition - find the state after an event; pure, for tests.
 * ASSOC_STATES: the state has no such event */
enum assoc_state
assoc_transition(enum assoc_state state, enum assoc_event event);

/* Names for people and logs: "retiring", "told to release". */
const char *assoc_state_name(enum assoc_state state);
const char *assoc_event_name(enum assoc_event event);

#endif
