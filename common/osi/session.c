/* SPDX-License-Identifier: ISC */
/*
 * session.c - the names of SPDUs and of refusals
 *
 * X.225 8.2, 8.3.5.10.
 */
#include "osi/session.h"

/* session_name - name a kind in short, as the standard does */
const char *
session_name(enum session_kind kind)
{
	static const char *const name[] = {
	    [SESSION_CONNECT] = "CN",
	    [SESSION_ACCEPT] = "AC",
	    [SESSION_REFUSE] = "RF",
	    [SESSION_FINISH] = "FN",
	    [SESSION_DISCONNECT] = "DN",
	    [SESSION_NOT_FINISHED] = "NF",
	    [SESSION_ABORT] = "AB",
	    [SESSION_ABORT_ACCEPT] = "AA",
	    [SESSION_GIVE_TOKENS] = "GT",
	    [SESSION_PLEASE_TOKENS] = "PT",
	    [SESSION_GIVE_CONFIRM] = "GTC",
	    [SESSION_GIVE_ACK] = "GTA",
	    [SESSION_DATA] = "DT",
	    [SESSION_MINOR] = "MIP",
	    [SESSION_MINOR_ACK] = "MIA",
	    [SESSION_ACTIVITY_START] = "AS",
	    [SESSION_ACTIVITY_RESUME] = "AR",
	    [SESSION_ACTIVITY_END] = "AE",
	    [SESSION_ACTIVITY_END_ACK] = "AEA",
	    [SESSION_ACTIVITY_INTERRUPT] = "AI",
	    [SESSION_INTERRUPT_ACK] = "AIA",
	    [SESSION_ACTIVITY_DISCARD] = "AD",
	    [SESSION_DISCARD_ACK] = "ADA",
	    [SESSION_EXCEPTION_DATA] = "ED",
	    [SESSION_EXCEPTION_REPORT] = "ER",
	};

	return name[kind];
}

/* session_refusal_name - name an RF's reason in words */
const char *
session_refusal_name(int reason)
{
	switch (reason) {
	case SESSION_REFUSED_BY_USER:
		return "refused by the session user";
	case SESSION_REFUSED_CONGESTED:
		return "session user congested";
	case SESSION_REFUSED_WITH_DATA:
		return "refused by the session user, with data";
	case SESSION_REFUSED_SELECTOR:
		return "session selector unknown";
	case SESSION_REFUSED_NOT_ATTACHED:
		return "no session user at this selector";
	case SESSION_REFUSED_SPM_CONGESTED:
		return "session entity congested";
	case SESSION_REFUSED_VERSION:
		return "session protocol version not supported";
	case SESSION_REFUSED_SPM:
		return "refused by the session entity";
	case SESSION_REFUSED_IMPLEMENTATION:
		return "restriction of the session implementation";
	default:
		return "unknown reason";
	}
}
