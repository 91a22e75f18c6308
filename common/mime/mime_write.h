/* SPDX-License-Identifier: ISC */
/*
 * mime_write.h - write the header of an Internet message (RFC 5322, RFC 2047,
 * RFC 2231)
 *
 * Lines end in CR LF and have at most MIME_COLUMNS octets where there is a
 * place to fold; no line is longer than MIME_LINE_MAX.  Whatever text is given,
 * no octet of it is a control or beyond ASCII in what is written: so nobody
 * adds a field by what stands in another.
 *
 * A field is written so:
 *
 *   mime_field(w, "To");
 *   mime_phrase(w, name); mime_word(w, "<jo@example>"); mime_join(w, ",");
 *   mime_field_end(w);
 *
 * Errors stick: after the first one every call does nothing.
 */
#ifndef FOURPOST_MIME_MIME_WRITE_H
#define FOURPOST_MIME_MIME_WRITE_H

#include "mime/mime_charset.h"

#define MIME_COLUMNS  76
#define MIME_LINE_MAX 990 /* RFC 5322 2.1.1 has 998 */

struct mime_writer {
	mime_sink sink;
	void *arg;
	int error;
	unsigned column;
	size_t field;  /* octets of the field at hand */
	size_t header; /* of all fields so far */
};

/* mime_writer_init - write to a sink */
void mime_writer_init(struct mime_writer *writer, mime_sink sink, void *arg);

/* mime_gather - collect what is written in the buffer arg, without line ends,
 * as a sink.  As buffer_append */
int mime_gather(void *arg, struct slice octets) WARN_UNUSED;

/* mime_put, mime_puts - write octets, or a string, as they are */
void mime_put(struct mime_writer *writer, struct slice octets);
void mime_puts(struct mime_writer *writer, const char *string);

/* mime_field - begin a field: its name and ":" */
void mime_field(struct mime_writer *writer, const char *name);

/* mime_field_end - end it */
void mime_field_end(struct mime_writer *writer);

/* mime_word - write a token behind a blank, on a new line where it must be */
void mime_word(struct mime_writer *writer, struct slice token);

/* mime_words - write a string as a token */
void mime_words(struct mime_writer *writer, const char *token);

/* mime_join - write a token right behind what stands there */
void mime_join(struct mime_writer *writer, const char *token);

/* mime_text - write text that is no token: ASCII, else encoded words */
void mime_text(struct mime_writer *writer, struct slice utf8);

/* mime_value - write the value of a field as it was read: encoded already,
 * unless it is not ASCII */
void mime_value(struct mime_writer *writer, struct slice value);

/* mime_phrase - write a display name: quoted where it must be, or encoded */
void mime_phrase(struct mime_writer *writer, struct slice utf8);

/* mime_comment - write text in parentheses */
void mime_comment(struct mime_writer *writer, struct slice utf8);

/* mime_parameter_word - write "; name=value" for readers that do not know
 * RFC 2231: what is not ASCII becomes encoded words in quotes, which RFC 2047
 * 5 does not allow and all read */
void mime_parameter_word(
    struct mime_writer *writer, const char *name, struct slice utf8);

/* mime_parameter - write "; name=value", in the form of RFC 2231 where it must
 * be */
void
mime_parameter(struct mime_writer *writer, const char *name, struct slice utf8);

#endif
