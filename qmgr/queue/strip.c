/* SPDX-License-Identifier: ISC */
/*
 * strip.c - what stays here of an envelope that goes to a link
 */
#include "qmgr/queue/strip.h"

/* strip_envelope - return the envelope as the link gets it */
struct p1_envelope
strip_envelope(
    const struct p1_envelope *envelope, const struct link_policy *policy)
{
	struct p1_envelope stripped = *envelope;

	if (policy->strips_internal_trace)
		stripped.internal_trace = (struct trace){.count = 0};
	if (policy->strips_bilateral)
		stripped.bilateral = slice_of(NULL, 0);
	return stripped;
}
