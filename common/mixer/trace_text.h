/* SPDX-License-Identifier: ISC */
/*
 * trace_text.h - trace of X.400 in the header of a message (RFC 2156 5.3.7)
 *
 *	X400-Received: by /PRMD=ACME/ADMD=VIAT/C=DE/; Relayed;
 *	    Mon, 30 Nov 2026 12:05:10 +0000
 *
 * The newest stands first.  Read back it is the trace again, by which a message
 * that goes round between gateways is found.  The MTA of internal trace is read
 * and not kept.
 */
#ifndef FOURPOST_MIXER_TRACE_TEXT_H
#define FOURPOST_MIXER_TRACE_TEXT_H

#include "mhs/trace.h"
#include "mime/mime_write.h"

/* trace_text_put - write a field for each element; errors stick to the writer
 */
void trace_text_put(
    struct mime_writer *writer, const struct trace *trace, struct arena *arena);

/* trace_text_get - append the elements that the header of a message has.
 * Fields that cannot be read are passed over.  ERR_LIMIT: more than a trace may
 * have; ERR_NOMEM */
int trace_text_get(
    struct slice message, struct arena *arena, struct trace *trace) WARN_UNUSED;

#endif
