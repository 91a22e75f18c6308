/* SPDX-License-Identifier: ISC */
/*
 * state.c - the state of an association, and the time that it has left
 */
#include "traffic/engine/traffic.h"

/* traffic_enter - change the state */
void
traffic_enter(struct traffic *traffic, enum traffic_state state)
{
	/* Over is final, and a loss in doubt is only of interest while serving:
	 * elsewhere the call that is under way finds out by itself. */
	if (traffic->state == TRAFFIC_OVER ||
	    (state == TRAFFIC_LOST && traffic->state != TRAFFIC_SERVING))
		return;
	traffic->state = state;
}

/* traffic_limit - wait for the peer no longer than this many ms from now */
void
traffic_limit(struct traffic *traffic, uint64_t milliseconds)
{
	uint64_t limit = clock_after(milliseconds);

	/* A limit only shrinks, since each one is a promise to somebody, such
	 * as master's, to be gone by then. */
	if (limit < traffic->limit)
		traffic->limit = limit;
}
