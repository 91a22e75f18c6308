/* SPDX-License-Identifier: ISC */
/*
 * mime_reader.c - read an Internet message as it arrives (RFC 5322, RFC 2045,
 * RFC 2046)
 *
 * Contract in mime_reader.h.  mime_entity.c begins entities.
 */
#include "mime/mime_reader.h"

#include "mime/mime_entity.h"

/* A line longer than that is no boundary: blanks may stand behind one. */
#define BOUNDARY_LINE_MAX (MIME_BOUNDARY_MAX + 64)

#define LOOK_BLOCK 64 /* octets that are looked at together */

/* mime_fault_text - say why a message was refused */
const char *
mime_fault_text(enum mime_fault fault)
{
	switch (fault) {
	case MIME_FAULT_NONE:
		break;
	case MIME_FAULT_HEADER:
		return "a header is too long";
	case MIME_FAULT_FIELDS:
		return "a header has too many fields";
	case MIME_FAULT_NUL:
		return "NUL in a header";
	case MIME_FAULT_BARE_CR:
		return "CR without LF in a header";
	case MIME_FAULT_PARTS:
		return "too many parts";
	case MIME_FAULT_SIZE:
		return "the message is too large";
	}
	return "none";
}

/* mime_defect_text - say why an entity is one leaf */
const char *
mime_defect_text(enum mime_defect defect)
{
	switch (defect) {
	case MIME_DEFECT_NONE:
		break;
	case MIME_DEFECT_TYPE:
		return "Content-Type is not readable";
	case MIME_DEFECT_BOUNDARY:
		return "no boundary";
	case MIME_DEFECT_ENCODED:
		return "encoded as a whole";
	case MIME_DEFECT_ENCODING:
		return "the encoding is not known";
	case MIME_DEFECT_LEVELS:
		return "within too many others";
	}
	return "none";
}

/* mime_reader_init - expect one message */
void
mime_reader_init(struct mime_reader *reader, const struct mime_handler *handler,
    const struct mime_limits *limits, struct mime_charsets *charsets)
{
	memset(reader, 0, sizeof(*reader));
	reader->handler = *handler;
	reader->limits = *limits;
	reader->charsets = charsets;
	reader->in_header = true;
	reader->in_message = true;
	reader->line_begins = true;
	buffer_init(&reader->header, limits->header);
	buffer_init(&reader->line, limits->header + BOUNDARY_LINE_MAX);
}

/* mime_reader_fini - give back its memory */
void
mime_reader_fini(struct mime_reader *reader)
{
	buffer_fini(&reader->header);
	buffer_fini(&reader->line);
}

/* content_of - get a line without its end and the blanks before that */
static struct slice
content_of(struct slice line)
{
	while (line.len > 0 && strchr(" \t\r\n", line.data[line.len - 1]) &&
	    line.data[line.len - 1] != '\0')
		line.len--;
	return line;
}

/* emit - hand on contents of a leaf */
static int
emit(struct mime_reader *r, struct slice octets)
{
	if (octets.len == 0 || r->depth == 0)
		return 0;
	/* Between parts stands text that nobody is shown (RFC 2046 5.1.1). */
	if (r->open[r->depth - 1].shape != MIME_LEAF) {
		r->open[r->depth - 1].skipped += octets.len;
		r->open[r->depth - 1].text =
		    r->open[r->depth - 1].text || content_of(octets).len > 0;
		return 0;
	}
	return mime_decoder_push(
	    &r->decoder, octets, r->handler.data, r->handler.arg);
}

/* emit_held - hand on the line end that belongs to no boundary */
static int
emit_held(struct mime_reader *r)
{
	unsigned len = r->held_len;

	r->held_len = 0;
	return emit(r, slice_of(r->held, len));
}

/* find_boundary - find the multipart whose boundary a line is; its depth, or
 * 0.  *last: no part follows */
static unsigned
find_boundary(const struct mime_reader *r, struct slice line, bool *last)
{
	struct slice rest;

	line = content_of(line);
	if (line.len < 2 || line.data[0] != '-' || line.data[1] != '-')
		return 0;
	line = slice_of(line.data + 2, line.len - 2);
	/* Inner ones first: a boundary may be the beginning of another. */
	for (unsigned depth = r->depth; depth > 0; depth--) {
		const struct mime_open *o = &r->open[depth - 1];
		size_t len = o->boundary_len;

		if (len == 0 || o->closed || line.len < len ||
		    memcmp(line.data, o->boundary, len) != 0)
			continue;
		rest = slice_of(line.data + len, line.len - len);
		while (rest.len > 0 && rest.data[0] == ' ')
			rest = slice_of(rest.data + 1, rest.len - 1);
		*last = rest.len == 2 && memcmp(rest.data, "--", 2) == 0;
		if (rest.len == 0 || *last)
			return depth;
	}
	return 0;
}

/* close_multipart - note that no more parts follow.  Where none began, the
 * boundary is text like all there is, with the line end held before it */
static int
close_multipart(struct mime_reader *r, struct mime_open *open, unsigned held)
{
	bool text = open->text;
	int error;

	r->in_header = false;
	open->closed = true;
	if (open->parted) {
		r->line_begins = true;
		buffer_reset(&r->line);
		return 0;
	}
	r->held_len = held;
	error = mime_reader_push_line(r, buffer_slice(&r->line));
	open->text = text;
	return error;
}

/* pass_boundary - end what the boundary of the multipart at depth ends */
static int
pass_boundary(struct mime_reader *r, unsigned depth, bool last)
{
	unsigned held = r->held_len;
	int error;

	r->held_len = 0;
	while (r->depth > depth)
		if ((error = mime_entity_end(r)) < 0)
			return error;
	if (last)
		return close_multipart(r, &r->open[depth - 1], held);
	r->line_begins = true;
	r->open[depth - 1].parted = true;
	buffer_reset(&r->line);
	r->in_header = true;
	r->in_message = false;
	buffer_reset(&r->header);
	return 0;
}

/* begin_body - begin the entity whose header is complete */
static int
begin_body(struct mime_reader *r)
{
	int error = mime_entity_begin(r, buffer_slice(&r->header));

	buffer_reset(&r->header);
	return error;
}

/* check_line - check a line of a header for octets that none may have */
static int
check_line(struct mime_reader *r, struct slice line)
{
	const uint8_t *cr;

	if (memchr(line.data, '\0', line.len) != NULL) {
		r->fault = MIME_FAULT_NUL;
		return ERR_VALUE;
	}
	cr = memchr(line.data, '\r', line.len);
	if (cr != NULL && (cr + 2 != line.data + line.len || cr[1] != '\n')) {
		r->fault = MIME_FAULT_BARE_CR;
		return ERR_VALUE;
	}
	return 0;
}

/* is_separator - tell whether a line is the "From " of a mailbox file, which
 * is no part of a message */
static bool
is_separator(const struct mime_reader *r, struct slice line)
{
	return r->in_message && buffer_length(&r->header) == 0 &&
	    line.len > 5 && memcmp(line.data, "From ", 5) == 0;
}

static int take_header_line(struct mime_reader *r, struct slice line);

/* end_header - begin the body, of which a line is there already */
static int
end_header(struct mime_reader *r, struct slice line)
{
	struct buffer kept;
	int error;

	/* The line moves aside: beginning an entity may reset the buffer. */
	buffer_init(&kept, line.len + 1);
	error = buffer_append(&kept, line.data, line.len);
	buffer_reset(&r->line);
	r->in_header = false;
	r->line_begins = true;
	if (error == 0)
		error = begin_body(r);
	/* The line may begin the header of a message within. */
	if (error == 0 && line.len > 0)
		error = r->in_header
		    ? take_header_line(r, buffer_slice(&kept))
		    : mime_reader_push_line(r, buffer_slice(&kept));
	buffer_fini(&kept);
	return error;
}

/* take_header_line - take a line of a header, whole with its end */
static int
take_header_line(struct mime_reader *r, struct slice line)
{
	struct slice none = {.len = 0}, content = content_of(line);
	bool last, blank = line.data[0] == ' ' || line.data[0] == '\t';
	unsigned depth = find_boundary(r, line, &last);
	int error;

	/* A part may consist of a header alone, without the empty line. */
	if (depth > 0) {
		r->in_header = false;
		error = begin_body(r);
		return error == 0 ? pass_boundary(r, depth, last) : error;
	}
	if (content.len == 0 && !(blank && buffer_length(&r->header) > 0))
		return end_header(r, none);
	if (is_separator(r, line)) {
		/* Lines that end in CR alone are one with it. */
		error = check_line(r, line);
		buffer_reset(&r->line);
		return error;
	}
	if (!blank && !mime_header_is_field(line))
		return end_header(r, line);
	if (blank && buffer_length(&r->header) == 0)
		return end_header(r, line);
	if ((error = check_line(r, line)) == 0)
		error = buffer_append(&r->header, line.data, line.len);
	if (error == ERR_LIMIT)
		r->fault = MIME_FAULT_HEADER;
	buffer_reset(&r->line);
	return error;
}

/* push_header - take octets while a header is read; how many were taken */
static int
push_header(struct mime_reader *r, struct slice octets, size_t *taken)
{
	const uint8_t *lf = memchr(octets.data, '\n', octets.len);
	int error;

	*taken = lf != NULL ? (size_t)(lf - octets.data) + 1 : octets.len;
	error = buffer_append(&r->line, octets.data, *taken);
	if (error == ERR_LIMIT || buffer_length(&r->line) > r->limits.header) {
		r->fault = MIME_FAULT_HEADER;
		return ERR_LIMIT;
	}
	if (error < 0 || lf == NULL)
		return error;
	return take_header_line(r, buffer_slice(&r->line));
}

/* push_candidate - take octets of a line that may be a boundary */
static int
push_candidate(struct mime_reader *r, struct slice octets, size_t *taken)
{
	const uint8_t *lf = memchr(octets.data, '\n', octets.len);
	struct slice line;
	unsigned depth;
	bool last;
	int error;

	*taken = lf != NULL ? (size_t)(lf - octets.data) + 1 : octets.len;
	if (*taken > BOUNDARY_LINE_MAX)
		*taken = BOUNDARY_LINE_MAX;
	if ((error = buffer_append(&r->line, octets.data, *taken)) < 0)
		return error;
	line = buffer_slice(&r->line);
	if (line.data[line.len - 1] == '\n') {
		depth = find_boundary(r, line, &last);
		if (depth > 0)
			return pass_boundary(r, depth, last);
	} else if (line.len < BOUNDARY_LINE_MAX &&
	    (line.len == 1 || line.data[1] == '-')) {
		return 0;
	}
	return mime_reader_push_line(r, line);
}

/* mime_reader_push_line - hand on a line that is no boundary, or its beginning,
 * or several such lines */
int
mime_reader_push_line(struct mime_reader *r, struct slice line)
{
	bool ends = line.data[line.len - 1] == '\n';
	size_t len = line.len;
	int error;

	if ((error = emit_held(r)) < 0)
		return error;
	if (ends)
		len -= len > 1 && line.data[len - 2] == '\r' ? 2 : 1;
	else if (line.data[len - 1] == '\r')
		len--;
	error = emit(r, slice_of(line.data, len));
	r->held_len = (unsigned)(line.len - len);
	memcpy(r->held, line.data + len, r->held_len);
	r->line_begins = ends;
	buffer_reset(&r->line);
	return error;
}

/* has_candidate - tell whether a line that may be a boundary begins in a
 * block; the octet before it is looked at */
static bool
has_candidate(const uint8_t *block)
{
	const uint8_t *before = block - 1;
	uint8_t found = 0;

	/* Compilers make a few instructions of it for 16 octets each. */
	for (unsigned i = 0; i < LOOK_BLOCK; i++)
		found |= (block[i] == '-') & (before[i] == '\n');
	return found != 0;
}

/* find_candidate - find the next line behind the first that may be a boundary:
 * how many octets stand before it */
static size_t
find_candidate(struct slice octets)
{
	size_t at = 1;

	while (
	    at + LOOK_BLOCK <= octets.len && !has_candidate(octets.data + at))
		at += LOOK_BLOCK;
	while (at < octets.len &&
	    (octets.data[at] != '-' || octets.data[at - 1] != '\n'))
		at++;
	return at < octets.len ? at : octets.len;
}

/* push_body - take octets of a body up to a line that may be a boundary */
static int
push_body(struct mime_reader *r, struct slice octets, size_t *taken)
{
	int error;

	/* A CR was held back: with a LF it is a line end, else it is text. */
	if (r->held_len == 1 && r->held[0] == '\r' && !r->line_begins) {
		if (octets.data[0] == '\n') {
			r->held[r->held_len++] = '\n';
			r->line_begins = true;
			*taken = 1;
			return 0;
		}
		if ((error = emit_held(r)) < 0)
			return error;
	}
	if (r->line_begins &&
	    (octets.data[0] == '-' || buffer_length(&r->line) > 0))
		return push_candidate(r, octets, taken);
	*taken = find_candidate(octets);
	return mime_reader_push_line(r, slice_of(octets.data, *taken));
}

/* mime_reader_push - take octets that arrived */
int
mime_reader_push(struct mime_reader *reader, struct slice octets)
{
	size_t taken = 0;

	if (reader->error < 0)
		return reader->error;
	if (octets.len > reader->limits.size - reader->total) {
		reader->fault = MIME_FAULT_SIZE;
		return reader->error = ERR_LIMIT;
	}
	reader->total += octets.len;
	while (octets.len > 0 && reader->error == 0) {
		reader->error = reader->in_header
		    ? push_header(reader, octets, &taken)
		    : push_body(reader, octets, &taken);
		octets = slice_of(octets.data + taken, octets.len - taken);
	}
	return reader->error;
}

/* finish_line - take the last line, which has no end */
static int
finish_line(struct mime_reader *r)
{
	struct slice line = buffer_slice(&r->line);
	unsigned depth;
	bool last;

	if (line.len == 0)
		return 0;
	if (r->in_header)
		return take_header_line(r, line);
	depth = find_boundary(r, line, &last);
	return depth > 0 ? pass_boundary(r, depth, last)
			 : mime_reader_push_line(r, line);
}

/* finish - end the message and all that is open */
static int
finish(struct mime_reader *r)
{
	int error = finish_line(r);

	/* A message may consist of a header alone. */
	if (error == 0 && r->in_header) {
		r->in_header = false;
		error = begin_body(r);
	}
	if (error == 0)
		error = emit_held(r);
	while (error == 0 && r->depth > 0)
		error = mime_entity_end(r);
	return error;
}

/* mime_reader_finish - end the message and all that is open */
int
mime_reader_finish(struct mime_reader *reader)
{
	if (reader->error == 0)
		reader->error = finish(reader);
	return reader->error;
}
