/* SPDX-License-Identifier: ISC */
/*
 * envelope_in.h - what the header of a message says for the envelope (RFC 2156
 * 5.1)
 *
 *   Internet				X.400
 *   Priority, MT-Priority (RFC 6758),	priority
 *   X-Priority
 *   Conversion: Prohibited		implicit conversion prohibited
 *   Conversion-With-Loss: Prohibited	the extension of that name
 *   Alternate-Recipient: Prohibited	no alternate recipient
 *   Deferred-Delivery			deferred delivery time
 *   Latest-Delivery-Time		the extension of that name
 *   X400-Content-Identifier, else	content identifier, cut with "..."
 *   Subject
 *   X400-Received			trace, and internal trace (trace_text.h)
 *   Received, Date			internal trace
 *
 * Of several fields of a kind the first that can be read counts.
 */
#ifndef FOURPOST_MIXER_ENVELOPE_IN_H
#define FOURPOST_MIXER_ENVELOPE_IN_H

#include "mhs/p1.h"

/* envelope_from_internet - fill in what the header of a message says
 *
 * The domain of the identifier, which is set, is that of hosts.  The envelope
 * may borrow from the arena.  ERR_LIMIT: a trace of more elements than one may
 * have; ERR_NOMEM */
int envelope_from_internet(struct slice message, struct arena *arena,
    struct p1_envelope *envelope) WARN_UNUSED;

#endif
