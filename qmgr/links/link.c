/* SPDX-License-Identifier: ISC */
/*
 * link.c - the state machine of a link
 */
#include "base/log.h"
#include "qmgr/links/link.h"

static const char *const state_names[LINK_STATES] = {
    [LINK_IDLE] = "idle",
    [LINK_CONNECTING] = "connecting",
    [LINK_UP] = "up",
    [LINK_RECOVERING] = "recovering",
    [LINK_WAITING] = "waiting",
    [LINK_REMOTE] = "remote-initiated",
    [LINK_CLOSED] = "closed",
    [LINK_DISABLED] = "disabled",
};

static const char *const event_names[LINK_EVENTS] = {
    [LINK_EV_WORK] = "work",
    [LINK_EV_BOUND] = "bound",
    [LINK_EV_UNREACHABLE] = "unreachable",
    [LINK_EV_REFUSED] = "refused",
    [LINK_EV_WORKER] = "worker-failed",
    [LINK_EV_FRUITLESS] = "fruitless",
    [LINK_EV_LOST] = "lost",
    [LINK_EV_ENDED] = "ended",
    [LINK_EV_TIMER] = "open-interval-over",
    [LINK_EV_RETRY] = "retry",
    [LINK_EV_CALLED] = "peer-called",
    [LINK_EV_OPEN] = "schedule-begins",
    [LINK_EV_CLOSE] = "schedule-ends",
    [LINK_EV_REMOTE] = "remote-initiated",
    [LINK_EV_ENABLE] = "enable",
    [LINK_EV_DISABLE] = "disable",
};

/*
 * What is not in a row leaves the state as it is.  The values are one more
 * than the state, so that 0 means that.
 */
#define TO(state) ((unsigned char)((state) + 1))
#define FAILED_TO(state)                                                  \
	[LINK_EV_UNREACHABLE] = TO(state), [LINK_EV_REFUSED] = TO(state), \
	[LINK_EV_WORKER] = TO(state), [LINK_EV_FRUITLESS] = TO(state)

static const unsigned char table[LINK_STATES][LINK_EVENTS] = {
    [LINK_IDLE] =
	{
	    [LINK_EV_WORK] = TO(LINK_CONNECTING),
	    [LINK_EV_BOUND] = TO(LINK_UP),
	    [LINK_EV_RETRY] = TO(LINK_CONNECTING),
	    [LINK_EV_CLOSE] = TO(LINK_CLOSED),
	    [LINK_EV_REMOTE] = TO(LINK_REMOTE),
	    [LINK_EV_DISABLE] = TO(LINK_DISABLED),
	},
    [LINK_CONNECTING] =
	{
	    [LINK_EV_BOUND] = TO(LINK_UP),
	    FAILED_TO(LINK_WAITING),
	    [LINK_EV_ENDED] = TO(LINK_IDLE),
	    [LINK_EV_CLOSE] = TO(LINK_CLOSED),
	    [LINK_EV_REMOTE] = TO(LINK_REMOTE),
	    [LINK_EV_DISABLE] = TO(LINK_DISABLED),
	},
    [LINK_UP] =
	{
	    FAILED_TO(LINK_WAITING),
	    [LINK_EV_LOST] = TO(LINK_RECOVERING),
	    [LINK_EV_ENDED] = TO(LINK_IDLE),
	    [LINK_EV_CLOSE] = TO(LINK_CLOSED),
	    [LINK_EV_REMOTE] = TO(LINK_REMOTE),
	    [LINK_EV_DISABLE] = TO(LINK_DISABLED),
	},
    [LINK_RECOVERING] =
	{
	    [LINK_EV_BOUND] = TO(LINK_UP),
	    FAILED_TO(LINK_WAITING),
	    [LINK_EV_ENDED] = TO(LINK_IDLE),
	    [LINK_EV_RETRY] = TO(LINK_CONNECTING),
	    [LINK_EV_CALLED] = TO(LINK_CONNECTING),
	    [LINK_EV_CLOSE] = TO(LINK_CLOSED),
	    [LINK_EV_REMOTE] = TO(LINK_REMOTE),
	    [LINK_EV_DISABLE] = TO(LINK_DISABLED),
	},
    [LINK_WAITING] =
	{
	    [LINK_EV_BOUND] = TO(LINK_UP),
	    [LINK_EV_TIMER] = TO(LINK_CONNECTING),
	    [LINK_EV_RETRY] = TO(LINK_CONNECTING),
	    [LINK_EV_CALLED] = TO(LINK_CONNECTING),
	    [LINK_EV_CLOSE] = TO(LINK_CLOSED),
	    [LINK_EV_REMOTE] = TO(LINK_REMOTE),
	    [LINK_EV_DISABLE] = TO(LINK_DISABLED),
	},
    [LINK_REMOTE] =
	{
	    [LINK_EV_OPEN] = TO(LINK_IDLE),
	    [LINK_EV_CLOSE] = TO(LINK_CLOSED),
	    [LINK_EV_DISABLE] = TO(LINK_DISABLED),
	},
    [LINK_CLOSED] =
	{
	    [LINK_EV_OPEN] = TO(LINK_IDLE),
	    [LINK_EV_REMOTE] = TO(LINK_REMOTE),
	    [LINK_EV_DISABLE] = TO(LINK_DISABLED),
	},
    [LINK_DISABLED] =
	{
	    [LINK_EV_ENABLE] = TO(LINK_IDLE),
	},
};

#undef FAILED_TO
#undef TO

/* link_transition - find the state after an event in the table */
enum link_state
link_transition(enum link_state state, enum link_event event)
{
	unsigned char to = table[state][event];

	/* 0 in the table means that the state stays. */
	return to == 0 ? state : (enum link_state)(to - 1);
}

/* link_state_name - name a state for people and logs */
const char *
link_state_name(enum link_state state)
{
	return (unsigned)state < LINK_STATES ? state_names[state] : "?";
}

/* link_event_name - name an event for people and logs */
const char *
link_event_name(enum link_event event)
{
	return (unsigned)event < LINK_EVENTS ? event_names[event] : "?";
}

/* noteworthy - tell whether a change is logged: those of a failing link are
 * counted */
static bool
noteworthy(const struct link *link, enum link_state from, enum link_state to)
{
	/* Disabling and enabling are an administrator's doing, and always
	 * logged. */
	if (to == LINK_DISABLED || from == LINK_DISABLED)
		return true;
	if (to == LINK_UP)
		/* A link that opens and loses what it opens would otherwise log
		 * each time it comes up. */
		return !link->unproven;
	return link->open_failures <= 1 &&
	    !(from == LINK_WAITING && to == LINK_CONNECTING);
}

/* link_change - change the state of a link by the table */
bool
link_change(struct link *link, enum link_event event)
{
	enum link_state from = link->state;
	enum link_state to = link_transition(from, event);

	/* Most events change nothing in most states: the table says where they
	 * matter. */
	if (to == from)
		return false;
	link->state = to;
	if (noteworthy(link, from, to))
		LOG_EVENT(EVENT_LINK_STATE, LOG_STRING("link", link->name),
		    LOG_STRING("from", link_state_name(from)),
		    LOG_STRING("event", link_event_name(event)),
		    LOG_STRING("to", link_state_name(to)));
	return true;
}
