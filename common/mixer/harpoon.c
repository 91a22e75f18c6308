/* SPDX-License-Identifier: ISC */
/*
 * harpoon.c - MIME that travels in an ia5-text as it is (RFC 2157 3.1.3)
 *
 * Contract in harpoon.h.
 */
#include "mixer/harpoon.h"

#include "mhs/charset.h"
#include "mime/mime_decode.h"

#define VERSION	   "MIME-Version: 1.0\r\n"
#define HEADER_MAX (64u * 1024)
#define SCRATCH	   ((size_t)1024 * 1024)

/* harpoon_is - tell whether an entity must travel so */
bool
harpoon_is(const struct mime_entity *entity)
{
	if (entity->shape == MIME_MULTIPART)
		return mime_type_is(&entity->type, "multipart", "signed") ||
		    mime_type_is(&entity->type, "multipart", "encrypted");
	return entity->shape == MIME_LEAF &&
	    entity->defect == MIME_DEFECT_NONE &&
	    entity->encoding == MIME_IDENTITY &&
	    (mime_type_is(&entity->type, "message", "*") ||
		mime_type_is(&entity->type, "text", "rfc822-headers"));
}

/* is_mime - tell whether a field describes the octets of its entity */
static bool
is_mime(const struct mime_field *field)
{
	return mime_name_begins(field->name, "Content-") &&
	    !mime_name_is(field->name, "Content-Length") &&
	    !mime_name_is(field->name, "Content-Language");
}

/* gather - collect what is written */
static int
gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* put_fields - write the MIME fields of a header */
static void
put_fields(const struct mime_header *header, struct mime_writer *writer)
{
	char name[MIME_NAME_MAX + 1];

	for (size_t i = 0; i < header->count; i++) {
		const struct mime_field *f = &header->fields[i];

		if (!is_mime(f))
			continue;
		memcpy(name, f->name.data, f->name.len);
		name[f->name.len] = '\0';
		mime_field(writer, name);
		mime_value(writer, f->value);
		mime_field_end(writer);
	}
}

/* harpoon_header - make the header of the text that an entity becomes */
int
harpoon_header(
    const struct mime_entity *entity, struct arena *arena, struct slice *header)
{
	struct mime_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, HEADER_MAX);
	mime_writer_init(&writer, gather, &out);
	mime_puts(&writer, VERSION);
	put_fields(&entity->header, &writer);
	mime_puts(&writer, "\r\n");
	error = writer.error;
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), header);
	buffer_fini(&out);
	return error;
}

/* header_length - find the end of a header in text; 0: there is none */
static size_t
header_length(struct slice text)
{
	for (size_t i = 3; i < text.len; i++)
		if (memcmp(text.data + i - 3, "\r\n\r\n", 4) == 0)
			return i - 1;
	return 0;
}

/* is_entity - tell whether a header is one of MIME */
static bool
is_entity(struct mime_charsets *charsets, const struct mime_header *header,
    struct arena *arena)
{
	const struct mime_field *field =
	    mime_header_find(header, "Content-Type");
	const struct mime_field *coded =
	    mime_header_find(header, "Content-Transfer-Encoding");
	enum mime_encoding encoding = mime_encoding_find(
	    coded != NULL ? coded->value : (struct slice){.len = 0});
	struct mime_type type;

	if (field == NULL ||
	    mime_type_parse(charsets, field->value, arena, &type) < 0 ||
	    type.subtype.len == 0)
		return false;
	/* RFC 2046 5: what has entities in it is encoded in these alone. */
	if (mime_type_is(&type, "multipart", "*"))
		return encoding == MIME_IDENTITY &&
		    mime_type_parameter(&type, "boundary").len > 0;
	return encoding == MIME_IDENTITY ||
	    (encoding != MIME_ENCODING_UNKNOWN &&
		!mime_type_is(&type, "message", "*"));
}

/* harpoon_write - write the MIME fields that a text begins with */
bool
harpoon_write(struct mime_charsets *charsets, struct slice text,
    struct mime_writer *writer, size_t *taken)
{
	size_t len;
	struct mime_header header;
	struct arena arena;
	bool is = false;

	if (!mime_name_begins(text, "MIME-Version:") ||
	    (len = header_length(text)) == 0 ||
	    !charset_is_ascii(slice_of(text.data, len)))
		return false;
	arena_init(&arena, SCRATCH);
	if (mime_header_parse(slice_of(text.data, len), &arena, &header) == 0 &&
	    is_entity(charsets, &header, &arena)) {
		put_fields(&header, writer);
		mime_puts(writer, "\r\n");
		*taken = len + 2;
		is = true;
	}
	arena_fini(&arena);
	return is;
}
