/* SPDX-License-Identifier: ISC */
/*
 * curtail.h - gather an envelope as it arrives, in bounded memory
 *
 * An envelope may name more recipients than X.411 allows (ub-recipients), or
 * more than P1_ENVELOPE_MAX holds.  Were it refused by RTSE the peer would send
 * it again for ever, since RTSE has no permanent refusal.  So the recipients
 * that are too many are left out and counted, and what is gathered is a whole
 * envelope without them: whoever takes it knows its originator and reports.
 *
 * Limits: an envelope of more than CURTAIL_SENT_MAX octets, or whose elements
 * other than recipients do not fit, is ERR_LIMIT.
 */
#ifndef FOURPOST_MHS_CURTAIL_H
#define FOURPOST_MHS_CURTAIL_H

#include "base/buffer.h"
#include "ber/stream.h"
#include "mhs/p1.h"

/* Octets that a peer may send of one envelope, with what is left out. */
#define CURTAIL_SENT_MAX ((uint64_t)16 * P1_ENVELOPE_MAX)

struct curtail {
	size_t list;	   /* where per-recipient-fields begin in gathered */
	size_t recipient;  /* and the recipient under way */
	bool within;	   /* the list is open */
	bool leaving_out;  /* the recipient under way is one too many */
	uint32_t kept;	   /* recipients */
	uint64_t left_out; /* recipients */
};

/*
 * curtail_gather - gather one event of an envelope; top is the envelope's depth
 *
 * Begin with an empty buffer of P1_ENVELOPE_MAX and a zeroed struct.
 * ERR_LIMIT, ERR_NOMEM.
 */
int curtail_gather(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned top) WARN_UNUSED;

#endif
