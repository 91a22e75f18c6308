/* SPDX-License-Identifier: ISC */
/*
 * trace_text.h - trace of X.400 in the header of a message (RFC 2156 5.3.7,
 * 5.1.6)
 *
 *	X400-Received: by mta A in /PRMD=ACME/ADMD=VIAT/C=DE/; Relayed;
 *	    Mon, 30 Nov 2026 12:05:10 +0000
 *
 * The newest stands first.  Trace and internal trace are one list; an element
 * of internal trace stands for that of its domain with the same time.  Of a
 * list that is too long for a header the oldest elements are left out.
 *
 * Read back it is both again, by which a message that goes round between
 * gateways is found: a Received between two fields says that the message was
 * outside.  Received, and Date or Resent-Date of a message that was never in
 * X.400, are internal trace, with the name of the host and "/smtp": an MTA that
 * has the name of its host would take it for its own else, and the message for
 * one that goes round.
 */
#ifndef FOURPOST_MIXER_TRACE_TEXT_H
#define FOURPOST_MIXER_TRACE_TEXT_H

#include "mhs/trace.h"
#include "mime/mime_header.h"
#include "mime/mime_write.h"

#define TRACE_TEXT_HOPS 100  /* of internal trace that are read, the newest */
#define TRACE_TEXT_MAX	6000 /* octets, beyond which no element is written */

/* trace_text_put - write a field for each element; errors stick to the writer
 */
void trace_text_put(struct mime_writer *writer, const struct trace *trace,
    const struct trace *internal, struct arena *arena);

/* trace_text_list - write the elements of one trace, the newest first, as
 * fields of this name */
void trace_text_list(struct mime_writer *writer, const char *field,
    const struct trace *trace, struct arena *arena);

/* trace_text_point - write an MTA, which may be empty, and its domain in the
 * field at hand; false: no memory */
bool trace_text_point(struct mime_writer *writer,
    const struct global_domain *domain, struct slice mta, struct arena *arena);

/* trace_text_get - append the elements that the header of a message has; here
 * is the domain of hosts that have none.  Fields that cannot be read are passed
 * over.  ERR_LIMIT: more than a trace may have; ERR_NOMEM */
int trace_text_get(const struct mime_header *header,
    const struct global_domain *here, struct arena *arena, struct trace *trace,
    struct trace *internal) WARN_UNUSED;

#endif
