/* SPDX-License-Identifier: ISC */
/*
 * party.h - where a recipient of a message stands, by what happened
 */
#ifndef FOURPOST_TRACK_PARTY_H
#define FOURPOST_TRACK_PARTY_H

#include "track/track.h"

/* As the column "state" of the tracker's table party has it. */
enum party_state {
	PARTY_QUEUED,
	PARTY_TRANSFERRED,
	PARTY_DELIVERED,
	PARTY_FAILED,
	PARTY_HELD,
	PARTY_QUARANTINED,
	PARTY_REDIRECTED,
	PARTY_EXPANDED,
	PARTY_DELETED,
	PARTY_RETURNED,
	PARTY_EXPIRED,
	PARTY_DISCARDED,
	PARTY_STATES
};

/* party_state_after - tell where a recipient stands after an event that
 * concerns him */
enum party_state party_state_after(enum track_event event);

/* party_state_name - get the name of a state, such as "transferred" */
const char *party_state_name(enum party_state state);

/* party_state_find - find the state of that name: whether there is one */
bool party_state_find(struct slice name, enum party_state *state) WARN_UNUSED;

#endif
