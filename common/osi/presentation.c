/* SPDX-License-Identifier: ISC */
/*
 * presentation.c - the names of reasons
 *
 * X.226 8.2 and 8.3.
 */
#include "osi/presentation.h"

/* presentation_refusal_name - name a CPR's provider reason in words */
const char *
presentation_refusal_name(int reason)
{
	static const char *const name[] = {
	    "no reason given",
	    "temporary congestion",
	    "local limit exceeded",
	    "called presentation address unknown",
	    "presentation protocol version not supported",
	    "default context not supported",
	    "user data not readable",
	    "nobody at this presentation address",
	};

	if (reason < 0)
		return "refused by the presentation user";
	return (size_t)reason < sizeof(name) / sizeof(name[0])
	    ? name[reason]
	    : "unknown reason";
}

/* presentation_abort_name - name an ARP's reason in words */
const char *
presentation_abort_name(int reason)
{
	static const char *const name[] = {
	    "no reason given",
	    "unrecognized PPDU",
	    "unexpected PPDU",
	    "unexpected session primitive",
	    "unrecognized PPDU parameter",
	    "unexpected PPDU parameter",
	    "invalid PPDU parameter value",
	};

	if (reason < 0)
		return "no reason given";
	return (size_t)reason < sizeof(name) / sizeof(name[0])
	    ? name[reason]
	    : "unknown reason";
}

/* presentation_context_reason_name - name the reason why a context was
 * rejected */
const char *
presentation_context_reason_name(int reason)
{
	static const char *const name[] = {
	    "no reason given",
	    "abstract syntax not supported",
	    "transfer syntaxes not supported",
	    "too many contexts",
	};

	if (reason < 0)
		return "no reason given";
	return (size_t)reason < sizeof(name) / sizeof(name[0])
	    ? name[reason]
	    : "unknown reason";
}
