/* SPDX-License-Identifier: ISC */
/*
 * envelope_out.h - the envelope of a message in its header (RFC 2156 5.3.7)
 *
 *   X.400				Internet
 *   message-identifier			X400-MTS-Identifier
 *   originator				X400-Originator
 *   recipients, redirection-history	X400-Recipients, where all may see them
 *					or there is one, with a comment
 *   content type and identifier	X400-Content-Type,
 *					X400-Content-Identifier
 *   original types			Original-Encoded-Information-Types
 *   priority				Priority, and MT-Priority (RFC 6758)
 *   conversion prohibited, with loss	Conversion, Conversion-With-Loss
 *   deferred and latest delivery	Deferred-Delivery, Latest-Delivery-Time
 *   return address			Originator-Return-Address
 *   dl-expansion-history		DL-Expansion-History, newest first
 *   trace, internal trace		X400-Received (trace_text.h)
 *   other extensions			Discarded-X400-MTS-Extensions
 *
 * Names that have no address of the Internet are left out, and what is beyond
 * the octets that a header may have: the oldest of trace and lists, the last of
 * the recipients.
 */
#ifndef FOURPOST_MIXER_ENVELOPE_OUT_H
#define FOURPOST_MIXER_ENVELOPE_OUT_H

#include "mhs/p1.h"
#include "mime/mime_write.h"
#include "mixer/mapping.h"

/* Octets of the recipients beyond which no more is written. */
#define ENVELOPE_LIST_MAX 6000

/* envelope_to_internet - write the fields of an envelope, trace first; errors
 * stick to the writer */
void envelope_to_internet(const struct mapping *mapping,
    const struct p1_envelope *envelope, struct mime_writer *writer);

#endif
