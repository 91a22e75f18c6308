/* SPDX-License-Identifier: ISC */
/*
 * mime_entity.c - begin and end the entities of a message (RFC 2045, RFC 2046)
 *
 * See mime_entity.h.
 */
#include "mime/mime_entity.h"

/* get_type - read Content-Type, or set what RFC 2045 5.2 has instead */
static int
get_type(struct mime_reader *r, struct mime_entity *e, struct arena *arena)
{
	const struct mime_field *field =
	    mime_header_find(&e->header, "Content-Type");
	int error = ERR_SYNTAX;

	e->type = (struct mime_type){.type = slice_of_string("text"),
	    .subtype = slice_of_string("plain")};
	if (field == NULL)
		return 0;
	error = mime_type_parse(r->charsets, field->value, arena, &e->type);
	if (error == ERR_NOMEM)
		return error;
	/* Octets of an unknown type are for a file. */
	if (error < 0 || e->type.subtype.len == 0) {
		e->type =
		    (struct mime_type){.type = slice_of_string("application"),
			.subtype = slice_of_string("octet-stream")};
		e->defect = MIME_DEFECT_TYPE;
	}
	return 0;
}

/* get_disposition - read Content-Disposition, if it is there and readable */
static int
get_disposition(
    struct mime_reader *r, struct mime_entity *e, struct arena *arena)
{
	const struct mime_field *field =
	    mime_header_find(&e->header, "Content-Disposition");
	int error;

	if (field == NULL)
		return 0;
	error =
	    mime_type_parse(r->charsets, field->value, arena, &e->disposition);
	return error == ERR_NOMEM ? error : 0;
}

/* get_encoding - read Content-Transfer-Encoding */
static void
get_encoding(struct mime_entity *e)
{
	const struct mime_field *field =
	    mime_header_find(&e->header, "Content-Transfer-Encoding");
	struct slice value = {.len = 0};
	size_t len = 0;

	if (field != NULL)
		value = field->value;
	/* A comment or a ";" may follow, though it should not. */
	while (len < value.len && value.data[len] > ' ' &&
	    value.data[len] != ';' && value.data[len] != '(')
		len++;
	e->encoding = mime_encoding_find(slice_of(value.data, len));
}

/* get_shape - find out whether there are entities within */
static enum mime_defect
get_shape(struct mime_reader *r, struct mime_entity *e)
{
	struct slice boundary = mime_type_parameter(&e->type, "boundary");
	bool multipart = mime_type_is(&e->type, "multipart", "*");
	bool message = mime_type_is(&e->type, "message", "rfc822") ||
	    mime_type_is(&e->type, "message", "global");

	e->shape = MIME_LEAF;
	if (!multipart && !message)
		return e->encoding == MIME_ENCODING_UNKNOWN
		    ? MIME_DEFECT_ENCODING
		    : MIME_DEFECT_NONE;
	/* RFC 2046 5.1: "7bit", "8bit" or "binary" alone; but some name the
	 * encoding of the parts, and encode no more than these. */
	if (multipart && e->encoding == MIME_QUOTED_PRINTABLE)
		e->encoding = MIME_IDENTITY;
	if (e->encoding != MIME_IDENTITY)
		return MIME_DEFECT_ENCODED;
	if (r->depth + 1 >= MIME_LEVELS)
		return MIME_DEFECT_LEVELS;
	if (multipart &&
	    (boundary.len == 0 || boundary.len > MIME_BOUNDARY_MAX))
		return MIME_DEFECT_BOUNDARY;
	e->shape = multipart ? MIME_MULTIPART : MIME_MESSAGE;
	return MIME_DEFECT_NONE;
}

/* describe - find out what an entity is from its header */
static int
describe(struct mime_reader *r, struct mime_entity *e, struct arena *arena)
{
	enum mime_defect defect;
	int error = mime_header_parse(e->octets, arena, &e->header);

	if (error == ERR_LIMIT)
		r->fault = MIME_FAULT_FIELDS;
	if (error < 0 || (error = get_type(r, e, arena)) < 0 ||
	    (error = get_disposition(r, e, arena)) < 0)
		return error;
	get_encoding(e);
	defect = get_shape(r, e);
	if (e->defect == MIME_DEFECT_NONE)
		e->defect = defect;
	return 0;
}

/* open_entity - note that an entity is open */
static void
open_entity(struct mime_reader *r, const struct mime_entity *e,
    enum mime_reading reading)
{
	struct mime_open *open = &r->open[r->depth++];
	struct slice boundary = mime_type_parameter(&e->type, "boundary");

	*open = (struct mime_open){.shape = e->shape, .number = e->number};
	if (reading == MIME_READ_WHOLE)
		open->shape = MIME_LEAF;
	r->in_header = open->shape == MIME_MESSAGE;
	r->in_message = r->in_header;
	r->line_begins = true;
	if (open->shape == MIME_MULTIPART) {
		/* Blanks at its end come and go in transport. */
		while (
		    boundary.len > 1 && boundary.data[boundary.len - 1] == ' ')
			boundary.len--;
		open->boundary_len = boundary.len;
		memcpy(open->boundary, boundary.data, boundary.len);
	}
	mime_decoder_init(&r->decoder,
	    reading == MIME_READ_WHOLE ? MIME_IDENTITY : e->encoding);
}

/* mime_entity_begin - begin an entity with this header, and tell of it */
int
mime_entity_begin(struct mime_reader *r, struct slice octets)
{
	enum mime_reading reading = MIME_READ;
	struct mime_entity entity = {.number = r->parts + 1,
	    .level = r->depth,
	    .root = r->in_message,
	    .octets = octets};
	struct arena arena;
	int error;

	if (r->parts >= r->limits.parts) {
		r->fault = MIME_FAULT_PARTS;
		return ERR_LIMIT;
	}
	r->parts++;
	arena_init(&arena, MIME_ARENA_MAX);
	error = describe(r, &entity, &arena);
	if (error == 0)
		error = r->handler.begin(r->handler.arg, &entity, &reading);
	if (error == 0)
		open_entity(r, &entity, reading);
	arena_fini(&arena);
	return error;
}

/* mime_entity_end - end the innermost entity, and tell of it */
int
mime_entity_end(struct mime_reader *r)
{
	const struct mime_open *open = &r->open[r->depth - 1];
	bool unparted = open->shape == MIME_MULTIPART && !open->parted &&
	    open->skipped > 0 && (open->text || !open->closed);
	int error = 0;

	if (open->shape == MIME_LEAF)
		error = mime_decoder_finish(
		    &r->decoder, r->handler.data, r->handler.arg);
	else if (unparted && r->handler.unparted != NULL)
		error = r->handler.unparted(
		    r->handler.arg, open->number, open->skipped);
	r->depth--;
	return error == 0 ? r->handler.end(r->handler.arg) : error;
}
