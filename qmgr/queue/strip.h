/* SPDX-License-Identifier: ISC */
/*
 * strip.h - what stays here of an envelope that goes to a link
 *
 * Internal trace and per-domain bilateral information are for those who have
 * agreed on them (RFC 1327 5.1): see strip-internal-trace and strip-bilateral.
 * All else goes out as it came.
 */
#ifndef FOURPOST_QMGR_STRIP_H
#define FOURPOST_QMGR_STRIP_H

#include "mhs/p1.h"
#include "qmgr/links/link.h"

/* strip_envelope - return the envelope as the link gets it; it shares all with
 * the one that is given, which is not changed */
struct p1_envelope strip_envelope(
    const struct p1_envelope *envelope, const struct link_policy *policy);

#endif
