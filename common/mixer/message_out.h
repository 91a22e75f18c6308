/* SPDX-License-Identifier: ISC */
/*
 * message_out.h - a content of X.400 as a message of the Internet, as it
 * arrives (RFC 2156 5.3, RFC 2157)
 *
 *   X.400			MIME
 *   ia5-text, general text,	text/plain; us-ascii where that says it, else
 *   teletex			utf-8
 *   ia5-text that begins with	the entity that it holds, untouched
 *   "MIME-Version:"		(harpoon.h)
 *   mime-body-part and others	the entity that it holds (mime_body.h)
 *   file transfer		what its part was, else application/octet-stream
 *   bilaterally defined	application/octet-stream
 *   forwarded message		message/rfc822, or the multipart that it was
 *   anything else		application/x400-bp; bp-type=…, as BER, or what
 *				mapping->unmappable says
 *
 * A text in a character set that is not known has U+FFFD for what cannot be
 * shown, and its octets follow as a file.  One of more than 4 MB is ERR_LIMIT.
 *
 * A notification becomes a message disposition notification.
 *
 * A single text is the body; else the parts are those of a multipart/mixed, or
 * of what the heading says.  Only the first 64 KB of a text are in memory, so a
 * content of a gigabyte costs what a small one does; a message whose first text
 * is longer is a multipart.
 *
 * Lines end in CR LF alone, have at most 998 octets, and are in ASCII; a longer
 * one within a HARPOON text is broken, as SMTP servers do.
 */
#ifndef FOURPOST_MIXER_MESSAGE_OUT_H
#define FOURPOST_MIXER_MESSAGE_OUT_H

#include "mhs/ipm_decode.h"
#include "mixer/mapping.h"

struct message_out;

/*
 * message_out_new - prepare to write one content to a sink
 *
 * A forwarded message that cannot be read ends the writing.  Whoever has the
 * content twice finds such ones first (ipm_decode.h, raw); NULL: none.
 */
int message_out_new(const struct mapping *mapping, const struct ipm_raw *raw,
    mime_sink sink, void *arg, struct message_out **out) WARN_UNUSED;

/* message_out_push - take octets of the content.  Errors of ipm_decode.h, of
 * the sink; ERR_UNSUPPORTED: a notification that no MDN can say, or a body part
 * that is to be refused */
int message_out_push(struct message_out *out, struct slice octets,
    struct diag *diag) WARN_UNUSED;

/* message_out_is_receipt - tell whether the content is a notification */
bool message_out_is_receipt(const struct message_out *out);

/* message_out_finish - end the message */
int message_out_finish(struct message_out *out, struct diag *diag) WARN_UNUSED;

/*
 * message_out_unreadable - tell whether a content that was in error can be
 * written all the same
 *
 * raw has one more then: of the forwarded message that could not be read; the
 * content has to be pushed again, from its start, to a new writer with raw.
 */
bool message_out_unreadable(const struct message_out *out, struct ipm_raw *raw);

void message_out_free(struct message_out *out);

#endif
