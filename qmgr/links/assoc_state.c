/* SPDX-License-Identifier: ISC */
/*
 * assoc_state.c - the state machine of an association
 */
#include "qmgr/links/assoc_state.h"

#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"

static const char *const state_names[ASSOC_STATES] = {
    [ASSOC_STARTING] = "starting",
    [ASSOC_OPENING] = "opening",
    [ASSOC_BOUND] = "bound",
    [ASSOC_RECOVERING] = "recovering",
    [ASSOC_RETIRING] = "retiring",
    [ASSOC_RELEASING] = "releasing",
    [ASSOC_LOST] = "lost",
    [ASSOC_UNRELEASED] = "unreleased",
    [ASSOC_FAILED] = "failed",
    [ASSOC_GONE] = "gone",
};

static const char *const event_names[ASSOC_EVENTS] = {
    [ASSOC_EV_HELLO] = "hello",
    [ASSOC_EV_BOUND] = "bound",
    [ASSOC_EV_FAILED] = "failed",
    [ASSOC_EV_RECOVERING] = "recovering",
    [ASSOC_EV_RETIRE] = "retire",
    [ASSOC_EV_TOLD] = "told to release",
    [ASSOC_EV_RELEASED] = "released",
    [ASSOC_EV_GONE] = "gone",
};

/*
 * An event that is not in a row is one that the state does not have.  The
 * values are one more than the state, so that 0 means that.
 */
#define TO(state) ((unsigned char)((state) + 1))

static const unsigned char table[ASSOC_STATES][ASSOC_EVENTS] = {
    [ASSOC_STARTING] =
	{
	    [ASSOC_EV_HELLO] = TO(ASSOC_OPENING),
	    [ASSOC_EV_RETIRE] = TO(ASSOC_FAILED),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    [ASSOC_OPENING] =
	{
	    [ASSOC_EV_BOUND] = TO(ASSOC_BOUND),
	    [ASSOC_EV_FAILED] = TO(ASSOC_FAILED),
	    [ASSOC_EV_RETIRE] = TO(ASSOC_FAILED),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    [ASSOC_BOUND] =
	{
	    [ASSOC_EV_FAILED] = TO(ASSOC_LOST),
	    [ASSOC_EV_RECOVERING] = TO(ASSOC_RECOVERING),
	    [ASSOC_EV_RETIRE] = TO(ASSOC_RETIRING),
	    [ASSOC_EV_RELEASED] = TO(ASSOC_RELEASING),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    [ASSOC_RECOVERING] =
	{
	    [ASSOC_EV_BOUND] = TO(ASSOC_BOUND),
	    [ASSOC_EV_FAILED] = TO(ASSOC_LOST),
	    [ASSOC_EV_RECOVERING] = TO(ASSOC_RECOVERING),
	    [ASSOC_EV_RETIRE] = TO(ASSOC_LOST),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    /* A worker may lose it, and open it again, for the jobs that it has. */
    [ASSOC_RETIRING] =
	{
	    [ASSOC_EV_BOUND] = TO(ASSOC_RETIRING),
	    [ASSOC_EV_FAILED] = TO(ASSOC_UNRELEASED),
	    [ASSOC_EV_RECOVERING] = TO(ASSOC_RETIRING),
	    [ASSOC_EV_RETIRE] = TO(ASSOC_RETIRING),
	    [ASSOC_EV_TOLD] = TO(ASSOC_RELEASING),
	    [ASSOC_EV_RELEASED] = TO(ASSOC_RELEASING),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    [ASSOC_RELEASING] =
	{
	    [ASSOC_EV_BOUND] = TO(ASSOC_RELEASING),
	    [ASSOC_EV_FAILED] = TO(ASSOC_UNRELEASED),
	    [ASSOC_EV_RECOVERING] = TO(ASSOC_RELEASING),
	    [ASSOC_EV_RETIRE] = TO(ASSOC_RELEASING),
	    [ASSOC_EV_RELEASED] = TO(ASSOC_RELEASING),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    [ASSOC_LOST] =
	{
	    [ASSOC_EV_RETIRE] = TO(ASSOC_LOST),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    [ASSOC_UNRELEASED] =
	{
	    [ASSOC_EV_RETIRE] = TO(ASSOC_UNRELEASED),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
    [ASSOC_FAILED] =
	{
	    [ASSOC_EV_RETIRE] = TO(ASSOC_FAILED),
	    [ASSOC_EV_GONE] = TO(ASSOC_GONE),
	},
};

#undef TO

/* assoc_transition - find the state after an event */
enum assoc_state
assoc_transition(enum assoc_state state, enum assoc_event event)
{
	unsigned char to = table[state][event];

	/* 0 is no state in the table, so that what is not written there is
	 * refused. */
	return to == 0 ? ASSOC_STATES : (enum assoc_state)(to - 1);
}

/* assoc_expects - check that the state of an association has this event */
bool
assoc_expects(const struct assoc *assoc, enum assoc_event event)
{
	return assoc_transition(assoc->state, event) != ASSOC_STATES;
}

/* assoc_change - change the state of an association */
bool
assoc_change(struct assoc *assoc, enum assoc_event event)
{
	bool was_open = assoc_is_open(assoc);

	/* An event that the state does not expect changes nothing, so a worker
	 * cannot bring an association into a state that the table does not
	 * have. */
	if (!assoc_expects(assoc, event))
		return false;
	assoc->state = assoc_transition(assoc->state, event);
	/* The link's count changes here and nowhere else, so that no path
	 * forgets it. */
	if (was_open && !assoc_is_open(assoc))
		assoc->link->bound--;
	else if (!was_open && assoc_is_open(assoc))
		assoc->link->bound++;
	return true;
}

/* assoc_is_open - check that it is open, as far as its worker has said */
bool
assoc_is_open(const struct assoc *assoc)
{
	return assoc->state == ASSOC_BOUND || assoc_retires(assoc);
}

/* assoc_retires - check that it takes no more jobs, and is released */
bool
assoc_retires(const struct assoc *assoc)
{
	return assoc->state == ASSOC_RETIRING ||
	    assoc->state == ASSOC_RELEASING;
}

/* assoc_serves - check that it takes jobs, or will */
bool
assoc_serves(const struct assoc *assoc)
{
	return !assoc_retires(assoc) && assoc->state != ASSOC_UNRELEASED;
}

/* assoc_state_name - name a state for people and logs */
const char *
assoc_state_name(enum assoc_state state)
{
	return (unsigned)state < ASSOC_STATES ? state_names[state] : "?";
}

/* assoc_event_name - name an event for people and logs */
const char *
assoc_event_name(enum assoc_event event)
{
	return (unsigned)event < ASSOC_EVENTS ? event_names[event] : "?";
}
