/* SPDX-License-Identifier: ISC */
/*
 * body_out.c - the parts of a message that is written (RFC 2046, RFC 2157)
 *
 * Contract in body_out.h.
 */
#include "mixer/body_out.h"

#include <stdio.h>

#include "mhs/charset.h"
#include "mixer/boundary.h"
#include "mixer/harpoon.h"
#include "mixer/old_headers.h"

#define SMTP_LINE_MAX 998 /* octets, RFC 5321 4.5.3.1.6 without its end */

#define LOOK_BLOCK 64 /* octets that are looked at together */

/* Facts about a text that decide how it is written. */
struct looks {
	bool ascii;
	bool plain;	/* fit for 7bit */
	size_t escapes; /* octets that quoted-printable would escape */
};

/* body_out_init - begin with nothing written */
void
body_out_init(struct body_out *body, const struct mapping *mapping,
    struct mime_writer *writer)
{
	memset(body, 0, sizeof(*body));
	body->mapping = mapping;
	body->writer = writer;
	buffer_init(&body->text, BODY_TEXT_MAX);
}

/* body_out_fini - give back its memory */
void
body_out_fini(struct body_out *body)
{
	buffer_fini(&body->text);
}

/* put_boundary - write the boundary before a part */
static void
put_boundary(struct body_out *body, const struct body_level *level)
{
	mime_puts(body->writer, "\r\n--");
	mime_puts(body->writer, level->boundary);
	mime_puts(body->writer, "\r\n");
}

/* open_multipart - write that the body of a level is a multipart */
static int
open_multipart(struct body_out *body, struct body_level *level)
{
	char type[MULTIPART_SUBTYPE_MAX + sizeof("multipart/")];
	int error = boundary_make(
	    body->mapping->secret, ++body->boundaries, level->boundary);

	if (error < 0)
		return error;
	snprintf(type, sizeof(type), "multipart/%s",
	    level->type.subtype[0] != '\0' ? level->type.subtype : "mixed");
	mime_field(body->writer, "Content-Type");
	mime_words(body->writer, type);
	mime_parameter(
	    body->writer, "boundary", slice_of_string(level->boundary));
	mime_field_end(body->writer);
	level->multipart = true;
	return body->writer->error;
}

/* is_ordinary - tell whether all octets of a block are printable or of line
 * ends, and none "=" */
static bool
is_ordinary(const uint8_t *block)
{
	uint8_t odd = 0;

	/* Compilers make a few instructions of it for 16 octets each. */
	for (unsigned i = 0; i < LOOK_BLOCK; i++) {
		uint8_t c = block[i];

		odd |= ((c < ' ') & (c != '\r') & (c != '\n')) | (c > '~') |
		    (c == '=');
	}
	return odd == 0;
}

/* look_at_octets - look at some octets of a text, but for its line ends */
static void
look_at_octets(struct slice octets, struct looks *looks)
{
	for (size_t i = 0; i < octets.len; i++) {
		uint8_t c = octets.data[i];

		looks->escapes += c >= 0x80 || c == '=';
		if (c >= 0x80)
			looks->ascii = looks->plain = false;
		if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') ||
		    c == 0x7f)
			looks->plain = false;
	}
}

/* has_long_line - tell whether a line of a text is too long for 7bit */
static bool
has_long_line(struct slice text)
{
	const uint8_t *at = text.data, *end = text.data + text.len, *lf;

	/* The CR counts as part of the line. */
	while (end - at > MIME_LINE_MAX) {
		/* Lines that end before this one are shorter. */
		lf = memrchr(at, '\n', MIME_LINE_MAX + 1);
		if (lf == NULL)
			return true;
		at = lf + 1;
	}
	return false;
}

/* look_at - look at the text that waits */
static struct looks
look_at(struct slice text)
{
	struct looks looks = {.ascii = true, .plain = true};
	struct line_end line_end = {.after_cr = false};
	size_t i = 0;

	/* An empty text may have no octets at all, not even a place. */
	if (text.len == 0)
		return looks;
	for (; i + LOOK_BLOCK <= text.len; i += LOOK_BLOCK)
		if (!is_ordinary(text.data + i))
			look_at_octets(
			    slice_of(text.data + i, LOOK_BLOCK), &looks);
	look_at_octets(slice_of(text.data + i, text.len - i), &looks);
	/* A CR or LF alone would be taken for a line end by some; each makes
	 * the text longer. */
	if (line_end_growth(&line_end, text) != 0 || has_long_line(text))
		looks.plain = false;
	return looks;
}

/* put_text_header - write the MIME fields of a text and begin to encode it */
static void
put_text_header(struct body_out *body, bool whole)
{
	struct slice text = buffer_slice(&body->text);
	struct looks looks = look_at(text);
	enum mime_encoding encoding = MIME_IDENTITY;

	/* A text that is not whole may still become anything. */
	if (!looks.plain || !whole)
		encoding = 5 * looks.escapes > text.len ? MIME_BASE64
							: MIME_QUOTED_PRINTABLE;
	mime_field(body->writer, "Content-Type");
	mime_words(body->writer, "text/plain");
	mime_parameter(body->writer, "charset",
	    slice_of_string(looks.ascii && whole ? "us-ascii" : "utf-8"));
	mime_field_end(body->writer);
	if (encoding != MIME_IDENTITY) {
		mime_field(body->writer, "Content-Transfer-Encoding");
		mime_words(body->writer, mime_encoding_name(encoding));
		mime_field_end(body->writer);
	}
	mime_puts(body->writer, "\r\n");
	mime_encoder_init(&body->encoder, encoding);
}

/* write_waiting - write the text that waits, with its header */
static void
write_waiting(struct body_out *body, bool whole)
{
	struct slice text = buffer_slice(&body->text);
	size_t taken;

	body->harpoon = body->ia5 &&
	    harpoon_write(body->mapping->charsets, text, body->writer, &taken);
	if (body->harpoon) {
		body->line_end = (struct line_end){.after_cr = false};
		body->column = 0;
		mime_encoder_init(&body->encoder, MIME_IDENTITY);
		text = slice_of(text.data + taken, text.len - taken);
	} else {
		put_text_header(body, whole);
	}
	body->state = BODY_TEXT_WRITTEN;
	if (text.len > 0 && body->writer->error == 0)
		body->writer->error = body_out_text_push(body, text);
	buffer_reset(&body->text);
}

/* end_text - end a text that is written */
static void
end_text(struct body_out *body, enum mime_follows follows)
{
	mime_encoder_finish(&body->encoder, body->writer, follows);
	body->state = BODY_TEXT_NONE;
}

/* flush_text - write the text that waits as a part of a multipart */
static int
flush_text(struct body_out *body, bool whole)
{
	struct body_level *level = &body->levels[body->level];
	int error;

	if (!level->multipart) {
		if ((error = open_multipart(body, level)) < 0)
			return error;
		mime_puts(body->writer, "\r\n");
	}
	put_boundary(body, level);
	write_waiting(body, whole);
	return body->writer->error;
}

/* body_out_enter - begin the body of a level */
int
body_out_enter(
    struct body_out *body, unsigned level, const struct multipart *type)
{
	struct body_level *l = &body->levels[level];
	int error = 0;

	*l = (struct body_level){.type = *type};
	if (type->subtype[0] != '\0') {
		error = open_multipart(body, l);
		mime_puts(body->writer, "\r\n");
	}
	return error < 0 ? error : body->writer->error;
}

/* body_out_leave - end the body of a level */
int
body_out_leave(struct body_out *body, unsigned level, enum mime_follows follows)
{
	struct body_level *l = &body->levels[level];

	if (body->state == BODY_TEXT_WAITING && !l->multipart) {
		write_waiting(body, true);
		end_text(body, follows);
	} else if (!l->multipart) {
		/* A message without a body has a header that ends. */
		mime_puts(body->writer, "\r\n");
	} else {
		if (body->state == BODY_TEXT_WAITING &&
		    flush_text(body, true) == 0)
			end_text(body, MIME_BOUNDARY_FOLLOWS);
		mime_puts(body->writer, "\r\n--");
		mime_puts(body->writer, l->boundary);
		mime_puts(body->writer, "--\r\n");
	}
	return body->writer->error;
}

/* take_headers - write the text that waits as fields, if it is the first part
 * of the message and consists of such; the next part is the first one then */
static bool
take_headers(struct body_out *body)
{
	struct body_level *level = &body->levels[0];

	if (body->state != BODY_TEXT_WAITING || body->level != 0 ||
	    !body->ia5 || level->multipart || level->parts != 1 ||
	    !old_headers_write(buffer_slice(&body->text), body->writer))
		return false;
	body->state = BODY_TEXT_NONE;
	level->parts = 0;
	return true;
}

/* body_out_part - begin a part that is no text */
int
body_out_part(struct body_out *body, unsigned level)
{
	struct body_level *l = &body->levels[level];
	int error;

	(void)take_headers(body);
	if (body->state == BODY_TEXT_WAITING) {
		if ((error = flush_text(body, true)) < 0)
			return error;
		end_text(body, MIME_BOUNDARY_FOLLOWS);
	} else if (!l->multipart) {
		if ((error = open_multipart(body, l)) < 0)
			return error;
		mime_puts(body->writer, "\r\n");
	}
	l->parts++;
	put_boundary(body, l);
	return body->writer->error;
}

/* body_out_text - begin a text */
int
body_out_text(struct body_out *body, unsigned level, enum ipm_kind kind)
{
	int error = 0;

	/* The text before was not the only part. */
	if (!take_headers(body) && body->state == BODY_TEXT_WAITING) {
		error = flush_text(body, true);
		end_text(body, MIME_BOUNDARY_FOLLOWS);
	}
	body->state = BODY_TEXT_WAITING;
	body->level = level;
	body->ia5 = kind == IPM_KIND_IA5_TEXT;
	body->harpoon = false;
	buffer_reset(&body->text);
	body->levels[level].parts++;
	return error;
}

/* body_out_mime - begin a text that has MIME in it */
int
body_out_mime(struct body_out *body, unsigned level, struct slice fields)
{
	int error = body_out_text(body, level, IPM_KIND_IA5_TEXT);

	if (error == 0)
		error = body_out_text_push(
		    body, slice_of_string("MIME-Version: 1.0\r\n"));
	if (error == 0)
		error = body_out_text_push(body, fields);
	return error == 0 ? body_out_text_push(body, slice_of_string("\r\n"))
			  : error;
}

/* character_length - count the octets of the character that an octet of UTF-8
 * begins; 1: it begins none */
static size_t
character_length(uint8_t octet)
{
	return octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc0 ? 2 : 1;
}

/* put_lines - write lines of a text that is kept whole.  One beyond what SMTP
 * takes is broken, as each server on its way would do: so what it says is lost
 * to a signature, and to nobody's reading */
static void
put_lines(struct body_out *body, struct slice text)
{
	static const char fold[] = "\r\n ";
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		bool end = text.data[i] == '\r' || text.data[i] == '\n';

		/* Before a character and not within it: what is left of it may
		 * come with the next octets. */
		if (!end &&
		    body->column + character_length(text.data[i]) >
			SMTP_LINE_MAX) {
			mime_encoder_push(&body->encoder, body->writer,
			    slice_of(text.data + from, i - from));
			mime_encoder_push(&body->encoder, body->writer,
			    slice_of_string(fold));
			body->column = 1;
			from = i;
		}
		body->column = end ? 0 : body->column + 1;
	}
	mime_encoder_push(&body->encoder, body->writer,
	    slice_of(text.data + from, text.len - from));
}

/* push_harpoon - hand on octets as they are, but for line ends and NUL */
static int
push_harpoon(struct body_out *body, struct slice utf8)
{
	struct buffer out;
	int error;

	buffer_init(&out, 2 * utf8.len + 2);
	error = line_end_append(&body->line_end, utf8, &out);
	for (size_t i = out.start; error == 0 && i < out.end; i++)
		if (out.data[i] == 0)
			out.data[i] = ' ';
	if (error == 0)
		put_lines(body, buffer_slice(&out));
	buffer_fini(&out);
	return error < 0 ? error : body->writer->error;
}

/* body_out_text_push - take UTF-8 of a text */
int
body_out_text_push(struct body_out *body, struct slice utf8)
{
	int error;

	if (body->state == BODY_TEXT_WAITING) {
		error = buffer_append(&body->text, utf8.data, utf8.len);
		if (error != ERR_LIMIT)
			return error;
		if ((error = flush_text(body, false)) < 0)
			return error;
	}
	if (body->harpoon)
		return push_harpoon(body, utf8);
	mime_encoder_push(&body->encoder, body->writer, utf8);
	return body->writer->error;
}

/* body_out_text_end - end a text */
int
body_out_text_end(struct body_out *body)
{
	struct body_level *l = &body->levels[body->level];
	int error = 0;

	if (body->state == BODY_TEXT_WRITTEN) {
		end_text(body, MIME_BOUNDARY_FOLLOWS);
	} else if (body->state == BODY_TEXT_WAITING && l->multipart) {
		error = flush_text(body, true);
		end_text(body, MIME_BOUNDARY_FOLLOWS);
	}
	return error < 0 ? error : body->writer->error;
}
