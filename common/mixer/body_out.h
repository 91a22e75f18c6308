/* SPDX-License-Identifier: ISC */
/*
 * body_out.h - the parts of a message that is written (RFC 2046, RFC 2157)
 *
 * Private to message_out.c.  A level is a message, the outermost or one that
 * is forwarded.  Whether its body is one text or a multipart is known when its
 * second part begins, its first part is no text, or its end comes; so the first
 * text waits in memory, up to BODY_TEXT_MAX octets.
 */
#ifndef FOURPOST_MIXER_BODY_OUT_H
#define FOURPOST_MIXER_BODY_OUT_H

#include "mhs/ipm_decode.h"
#include "mime/mime_encode.h"
#include "mixer/boundary.h"
#include "mixer/multipart.h"

#define BODY_TEXT_MAX (1024u * 1024)

/* How far a text that is being told is written. */
enum body_text {
	BODY_TEXT_NONE,	   /* no text is open */
	BODY_TEXT_WAITING, /* in memory, for it may be the whole body */
	BODY_TEXT_WRITTEN  /* its header is written */
};

struct body_level {
	bool multipart; /* its header is written */
	unsigned parts;
	struct multipart type;
	char boundary[BOUNDARY_LEN + 1];
};

struct body_out {
	const struct mapping *mapping;
	struct mime_writer *writer;
	struct body_level levels[IPM_LEVELS];
	unsigned boundaries; /* that were made */
	enum body_text state;
	unsigned level; /* of the text */
	bool ia5;	/* the text is one of ia5-text */
	bool harpoon;	/* it is handed on as it is */
	struct line_end line_end;
	unsigned column;    /* of the line that is handed on */
	struct buffer text; /* what waits of it */
	struct mime_encoder encoder;
};

void body_out_init(struct body_out *body, const struct mapping *mapping,
    struct mime_writer *writer);
void body_out_fini(struct body_out *body);

/* body_out_enter - begin the body of a level, whose fields are written; type
 * has the subtype that it must have, or "" */
int body_out_enter(struct body_out *body, unsigned level,
    const struct multipart *type) WARN_UNUSED;

/* body_out_leave - end the body of a level, with what still waits */
int body_out_leave(struct body_out *body, unsigned level,
    enum mime_follows follows) WARN_UNUSED;

/* body_out_part - begin a part that is no text: the boundary before it */
int body_out_part(struct body_out *body, unsigned level) WARN_UNUSED;

/* body_out_text - begin a text; body_out_text_push takes its UTF-8,
 * body_out_text_end ends it */
int body_out_text(
    struct body_out *body, unsigned level, enum ipm_kind kind) WARN_UNUSED;
/* body_out_mime - begin a text that has MIME in it, with the fields of that */
int body_out_mime(
    struct body_out *body, unsigned level, struct slice fields) WARN_UNUSED;
int body_out_text_push(struct body_out *body, struct slice utf8) WARN_UNUSED;
int body_out_text_end(struct body_out *body) WARN_UNUSED;

#endif
