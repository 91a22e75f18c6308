/* SPDX-License-Identifier: ISC */
/*
 * mime_body.c - extended body parts that hold MIME
 *
 * Contract in mime_body.h.
 */
#include "mixer/mime_body.h"

#include "ber/writer.h"
#include "mhs/charset.h"
#include "mime/mime_write.h"
#include "mixer/external.h"
#include "mixer/field_list.h"
#include "mixer/field_out.h"

/* 1.3.6.1.7.1.2.2.1, id-mime-bp-parameters */
#define PARAMETERS_OID slice_of("\x2b\x06\x01\x07\x01\x02\x02\x01", 8)

#define PARAMETERS_MAX (32u * 1024)
#define HEADER_MAX     (48u * 1024)

/* Parts that have octets alone, by their type. */
static const struct {
	struct slice oid;
	const char *type;
} plain[] = {
    {{(const uint8_t *)"\x2b\x06\x01\x07\x01\x02\x01\x02", 8},
	"application/postscript"},
    {{(const uint8_t *)"\x2b\x06\x01\x07\x01\x02\x01\x03", 8}, "image/jpeg"},
    {{(const uint8_t *)"\x2b\x06\x01\x07\x01\x02\x01\x04", 8}, "image/gif"},
};

/* --- to X.400 --- */

/* take_piece - take the text up to a ";" that stands in no quotes */
static struct slice
take_piece(struct slice *rest)
{
	bool quoted = false;
	struct slice piece;
	size_t len = 0;

	for (; len < rest->len && (quoted || rest->data[len] != ';'); len++) {
		if (quoted && rest->data[len] == '\\' && len + 1 < rest->len)
			len++;
		else if (rest->data[len] == '"')
			quoted = !quoted;
	}
	piece = mime_trim(slice_of(rest->data, len));
	len += len < rest->len;
	*rest = slice_of(rest->data + len, rest->len - len);
	return piece;
}

/* put_pair - write a parameter; its quotes stay */
static void
put_pair(struct ber_writer *writer, struct slice piece)
{
	const uint8_t *equals =
	    piece.len > 0 ? memchr(piece.data, '=', piece.len) : NULL;
	size_t len;

	if (equals == NULL)
		return;
	len = (size_t)(equals - piece.data);
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	ber_put(writer, BER_UNI(BER_IA5_STRING),
	    mime_trim(slice_of(piece.data, len)));
	ber_put(writer, BER_UNI(BER_IA5_STRING),
	    mime_trim(slice_of(equals + 1, piece.len - len - 1)));
	ber_end_element(writer);
}

/* is_other - tell whether a field is kept beside the type */
static bool
is_other(const struct mime_entity *entity, const struct mime_field *field)
{
	if (mime_name_is(field->name, "MIME-Version") ||
	    mime_name_is(field->name, "Content-Type") ||
	    mime_name_is(field->name, "Content-Transfer-Encoding") ||
	    mime_name_is(field->name, "Content-Length"))
		return false;
	/* The heading has those of a message. */
	return !entity->root ||
	    (mime_name_begins(field->name, "Content-") &&
		!mime_name_is(field->name, "Content-Language"));
}

/* others_of - write the other fields of an entity as a list */
static int
others_of(
    const struct mime_entity *entity, struct arena *arena, struct slice *list)
{
	struct mime_header kept = {.count = 0};

	kept.fields =
	    arena_array(arena, entity->header.count + 1, sizeof(*kept.fields));
	if (kept.fields == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < entity->header.count; i++)
		if (is_other(entity, &entity->header.fields[i]))
			kept.fields[kept.count++] = entity->header.fields[i];
	return field_list_encode(&kept, arena, list);
}

/* put_parameters - write MimeParameters in their EXTERNAL */
static void
put_parameters(struct ber_writer *writer, struct slice type, struct slice list)
{
	ber_begin(writer, BER_CTX(0));
	ber_put(writer, BER_UNI(BER_OID), PARAMETERS_OID);
	ber_begin(writer, BER_CTX(0));
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	ber_put(writer, BER_UNI(BER_IA5_STRING), take_piece(&type));
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	while (type.len > 0)
		put_pair(writer, take_piece(&type));
	ber_end_element(writer);
	ber_put_raw(writer, list);
	ber_end_element(writer);
	ber_end_element(writer);
	ber_end_element(writer);
}

/* mime_body_parameters - make the parameters [0] of a body part */
int
mime_body_parameters(const struct mime_entity *entity, struct arena *arena,
    struct slice *parameters)
{
	const struct mime_field *type =
	    mime_header_find(&entity->header, "Content-Type");
	struct ber_writer writer;
	struct buffer out;
	struct slice list;
	int error;

	*parameters = (struct slice){.len = 0};
	/* An IA5String has no other octets. */
	if (type == NULL || !charset_is_ascii(type->value) ||
	    charset_has_control(type->value))
		return 0;
	if ((error = others_of(entity, arena, &list)) < 0)
		return error;
	buffer_init(&out, PARAMETERS_MAX);
	ber_writer_init(&writer, &out);
	put_parameters(&writer, type->value, list);
	error = ber_finish(&writer);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), parameters);
	buffer_fini(&out);
	/* Fields that are too long are none that can be said. */
	return error == ERR_LIMIT ? 0 : error;
}

/* mime_body_frame - make what stands before so many octets in the value */
int
mime_body_frame(uint64_t octets, struct arena *arena, struct slice *frame)
{
	struct ber_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, BER_HEADER_MAX);
	ber_writer_init(&writer, &out);
	ber_put_header(
	    &writer, BER_UNI(BER_OCTET_STRING), BER_PRIMITIVE, octets);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), frame);
	buffer_fini(&out);
	return error;
}

/* --- to the Internet --- */

/* gather - collect what is written */
static int
gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* add_pairs - append the parameters of a type */
static int
add_pairs(const struct ber_reader *fields, const struct ber_element *pairs,
    struct buffer *out)
{
	struct ber_reader list, pair;
	struct ber_element el, name, value;
	int error = 0;

	if (!pairs->constructed || ber_enter(fields, pairs, &list) < 0)
		return ERR_SYNTAX;
	while (error == 0 && ber_next(&list, &el) > 0) {
		if (!el.constructed || ber_enter(&list, &el, &pair) < 0 ||
		    ber_next(&pair, &name) <= 0 ||
		    ber_next(&pair, &value) <= 0 || name.constructed ||
		    value.constructed)
			return ERR_SYNTAX;
		if ((error = buffer_append(out, "; ", 2)) == 0 &&
		    (error = buffer_append(
			 out, name.contents.data, name.contents.len)) == 0 &&
		    (error = buffer_append(out, "=", 1)) == 0)
			error = buffer_append(
			    out, value.contents.data, value.contents.len);
	}
	return error;
}

/* read_type - read Content-Type, and leave the reader at the other fields;
 * ERR_SYNTAX: there is none */
static int
read_type(
    struct ber_reader *fields, struct arena *arena, struct slice *type_text)
{
	struct ber_element type, pairs;
	struct buffer out;
	int error;

	if (ber_next(fields, &type) <= 0 || type.constructed ||
	    ber_next(fields, &pairs) <= 0)
		return ERR_SYNTAX;
	buffer_init(&out, PARAMETERS_MAX);
	error = buffer_append(&out, type.contents.data, type.contents.len);
	if (error == 0)
		error = add_pairs(fields, &pairs, &out);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), type_text);
	buffer_fini(&out);
	if (error == 0 &&
	    (!charset_is_ascii(*type_text) || charset_has_control(*type_text)))
		error = ERR_SYNTAX;
	return error;
}

/* form_of - decide how octets of a type are written */
static enum mime_body_form
form_of(struct mime_charsets *charsets, struct slice text, struct arena *arena)
{
	struct mime_type type;

	if (mime_type_parse(charsets, text, arena, &type) < 0 ||
	    type.subtype.len == 0)
		return MIME_BODY_NONE;
	if (mime_type_is(&type, "multipart", "*"))
		return mime_type_parameter(&type, "boundary").len > 0
		    ? MIME_BODY_COMPOSITE
		    : MIME_BODY_NONE;
	return mime_type_is(&type, "message", "*") ? MIME_BODY_COMPOSITE
						   : MIME_BODY_OCTETS;
}

/* Fields that make_header writes itself, or that are not believed. */
static const char *const written[] = {
    "Content-Type", "Content-Transfer-Encoding", "Content-Length", NULL};

/* make_header - write the header of a part */
static int
make_header(struct slice type, const struct mime_header *fields,
    enum mime_body_form form, struct arena *arena, struct slice *header)
{
	struct mime_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, HEADER_MAX);
	mime_writer_init(&writer, gather, &out);
	mime_field(&writer, "Content-Type");
	mime_value(&writer, type);
	mime_field_end(&writer);
	field_kept(&writer, fields, written);
	mime_puts(&writer,
	    form == MIME_BODY_COMPOSITE ? "Content-Transfer-Encoding: 8bit\r\n"
					: "Content-Transfer-Encoding: "
					  "base64\r\n");
	error = writer.error;
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), header);
	buffer_fini(&out);
	return error;
}

/* read_mime - read the parameters of a mime-body-part */
static int
read_mime(struct mime_charsets *charsets, const struct ipm_part *part,
    struct arena *arena, struct slice *header, enum mime_body_form *form)
{
	struct mime_header others = {.count = 0};
	struct ber_reader fields;
	struct ber_element el;
	struct slice type;
	int error;

	if (!external_open(part->parameters, &fields))
		return 0;
	error = read_type(&fields, arena, &type);
	if (error < 0)
		return error == ERR_NOMEM ? error : 0;
	if (ber_next(&fields, &el) > 0 &&
	    field_list_decode(el.whole, arena, &others) < 0)
		others.count = 0;
	*form = form_of(charsets, type, arena);
	if (*form == MIME_BODY_NONE)
		return 0;
	error = make_header(type, &others, *form, arena, header);
	/* A header that is too long is encapsulated with the part. */
	if (error != ERR_LIMIT)
		return error;
	*form = MIME_BODY_NONE;
	return 0;
}

/* mime_body_read - read what a part is */
int
mime_body_read(struct mime_charsets *charsets, const struct ipm_part *part,
    struct arena *arena, struct slice *header, enum mime_body_form *form)
{
	static const struct mime_header none = {.count = 0};

	*form = MIME_BODY_NONE;
	if (!part->octets)
		return 0;
	if (slice_equal(part->oid, MIME_BODY_OID))
		return read_mime(charsets, part, arena, header, form);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (!slice_equal(part->oid, plain[i].oid))
			continue;
		*form = MIME_BODY_OCTETS;
		return make_header(slice_of_string(plain[i].type), &none, *form,
		    arena, header);
	}
	return 0;
}
