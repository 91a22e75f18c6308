/* SPDX-License-Identifier: ISC */
/*
 * curtail.h - gather an envelope as it arrives, in bounded memory
 *
 * An envelope may name more recipients than X.411 allows (ub-recipients), may
 * be larger than P1_ENVELOPE_MAX, or may take more memory than it should when
 * it is decoded.  Were it refused by RTSE the peer would send it again for
 * ever, since RTSE has no permanent refusal.  So what is too much is left out
 * and counted, and what is gathered is a whole envelope without it: whoever
 * takes it knows its originator and reports.
 *
 * Left out are recipients, and of the other elements those that an envelope can
 * do without: extensions, also of a recipient, bilateral information, and
 * original encoded information types.  Recipients are gathered
 * up to P1_RECIPIENTS_READ, so that reports name those beyond ub-recipients.
 *
 * Whoever wants a large envelope to take little memory takes the recipients
 * out as they come; what is gathered in the end has no list of them.
 *
 * Limits: another element that does not fit is ERR_LIMIT.  Each has an upper
 * bound of X.411 far below, so that the envelope is malformed.
 */
#ifndef FOURPOST_MHS_CURTAIL_H
#define FOURPOST_MHS_CURTAIL_H

#include "base/buffer.h"
#include "ber/stream.h"
#include "mhs/p1.h"

/* Recipients of the smallest envelope that curtail_reduce makes. */
#define CURTAIL_LEAST 64

struct curtail {
	size_t list;	  /* where per-recipient-fields begin in gathered */
	size_t members;	  /* where the first recipient there does */
	uint64_t taken;	  /* octets of recipients that were taken out */
	size_t recipient; /* the recipient under way */
	size_t element;	  /* and what else may be left out */
	bool within;	  /* the list is open */
	bool open;	  /* and so is a recipient */
	bool behind;	  /* it has ended */
	bool leaving_out; /* what is under way is too much */
	bool strict;	  /* no element is wanted that may be left out */
	bool needed;	  /* the other element under way may not be left out */
	bool extending;	  /* what is under way are extensions of a recipient */
	bool spares;	  /* which are left out */
	bool shortened;	  /* which the recipient under way has lost */
	uint32_t most;	  /* recipients that are kept */
	uint32_t kept;
	uint64_t left_out; /* recipients */
	uint64_t elements_left_out;
};

/* curtail_init - expect an envelope */
void curtail_init(struct curtail *curtail);

/*
 * curtail_gather - gather one event of an envelope; top is the envelope's depth
 *
 * Begin with an empty buffer of P1_ENVELOPE_MAX.  ERR_LIMIT, ERR_NOMEM.
 */
int curtail_gather(struct curtail *curtail, struct buffer *gathered,
    const struct ber_stream_event *event, unsigned top) WARN_UNUSED;

/* curtail_recipients - get the recipients that are gathered and not taken out,
 * whole elements; empty within one, and outside of the list */
struct slice curtail_recipients(
    const struct curtail *curtail, const struct buffer *gathered);

/* curtail_take - take these out: they are where the caller wants them.  The
 * list must be taken out whole, before its end is gathered */
void curtail_take(struct curtail *curtail, struct buffer *gathered);

/*
 * curtail_reduce - leave more out of an envelope that was gathered
 *
 * No element that it can do without stays, and an eighth of the recipients that
 * could stay before; the first time all of P1_RECIPIENTS_MAX.  ERR_LIMIT: it
 * cannot be smaller.  ERR_NOMEM.
 */
int
curtail_reduce(struct curtail *curtail, struct buffer *gathered) WARN_UNUSED;

#endif
