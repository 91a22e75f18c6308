/* SPDX-License-Identifier: ISC */
/*
 * party.c - where a recipient of a message stands, by what happened
 */
#include "track/party.h"

static const char *const states[PARTY_STATES] = {
    [PARTY_QUEUED] = "queued",
    [PARTY_TRANSFERRED] = "transferred",
    [PARTY_DELIVERED] = "delivered",
    [PARTY_FAILED] = "failed",
    [PARTY_HELD] = "held",
    [PARTY_QUARANTINED] = "quarantined",
    [PARTY_REDIRECTED] = "redirected",
    [PARTY_EXPANDED] = "expanded",
    [PARTY_DELETED] = "deleted",
    [PARTY_RETURNED] = "returned",
    [PARTY_EXPIRED] = "expired",
    [PARTY_DISCARDED] = "discarded",
};

/* party_state_after - tell where a recipient stands after an event */
enum party_state
party_state_after(enum track_event event)
{
	switch (event) {
	case TRACK_TRANSFER:
		return PARTY_TRANSFERRED;
	case TRACK_DELIVERY:
		return PARTY_DELIVERED;
	case TRACK_REPORT:
	case TRACK_FAILURE:
		return PARTY_FAILED;
	case TRACK_HOLD:
		return PARTY_HELD;
	case TRACK_REDIRECTION:
		return PARTY_REDIRECTED;
	case TRACK_EXPANSION:
		return PARTY_EXPANDED;
	case TRACK_DELETION:
		return PARTY_DELETED;
	case TRACK_RETURN:
		return PARTY_RETURNED;
	case TRACK_EXPIRY:
		return PARTY_EXPIRED;
	case TRACK_DISCARD:
		return PARTY_DISCARDED;
	case TRACK_QUARANTINE:
		return PARTY_QUARANTINED;
	case TRACK_ARRIVAL:
	case TRACK_RELEASE:
	case TRACK_REROUTE:
	case TRACK_COPY:
	case TRACK_EVENTS:
		break;
	}
	return PARTY_QUEUED;
}

/* party_state_name - get the name of a state */
const char *
party_state_name(enum party_state state)
{
	return (unsigned)state < PARTY_STATES ? states[state] : "unknown";
}

/* party_state_find - find the state of that name */
bool
party_state_find(struct slice name, enum party_state *state)
{
	for (int i = 0; i < PARTY_STATES; i++)
		if (slice_equal_string(name, states[i])) {
			*state = (enum party_state)i;
			return true;
		}
	return false;
}
