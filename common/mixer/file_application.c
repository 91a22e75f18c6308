/* SPDX-License-Identifier: ISC */
/*
 * file_application.c - the parameters of a file that say what it is
 *
 * Contract in file_application.h.
 */
#include "mixer/file_application.h"

#include "ber/oid.h"
#include "ber/writer.h"
#include "mhs/charset.h"
#include "mhs/ipm.h"
#include "mhs/ipm_text.h"
#include "mixer/external.h"

/* The subtype that an application-reference becomes, without its number. */
#define APPLICATION "x-ftbp."

/* The marker of RFC 2157 2.3.2. */
#define RELATIONSHIP "Internet MIME Body Part"

#define DESCRIPTION_MAX 250 /* octets */
#define ELEMENT_MAX	1024

#define OID(octets)                                           \
	{                                                     \
		(const uint8_t *)(octets), sizeof(octets) - 1 \
	}

/* Types that a reference says all of; the first of a type is written. */
static const struct {
	struct slice oid;
	const char *main, *subtype;
} references[] = {
    {OID("\x60\x86\x48\x01\x86\xf8\x1e\x02\x02\x01\x01"), "application",
	"octet-stream"},
    {OID("\x60\x86\x48\x01\x86\xf8\x1e\x02\x02\x01\x06"), "image", "jpeg"},
    {OID("\x60\x86\x48\x01\x86\xf8\x1e\x02\x02\x01\x04"), "image", "gif"},
    {OID("\x2b\x06\x01\x07\x01\x02\x01\x06"), "application", "postscript"},
    /* in older drafts of EMA */
    {OID("\x2a\x86\x48\x01\x86\xf8\x1e\x02\x02\x01\x01"), "application",
	"octet-stream"},
};

#define REFERENCES (sizeof(references) / sizeof(references[0]))

/* id-mime-ftbp-data, of any other type */
static const struct slice any_type = OID("\x2b\x06\x01\x07\x01\x02\x01\x05");

/* is_written - tell whether x-ftbp may stand for a reference */
static bool
is_written(struct slice oid)
{
	for (size_t i = 0; i < REFERENCES; i++)
		if (slice_equal(oid, references[i].oid))
			return false;
	return !slice_equal(oid, any_type);
}

/* has_name_alone - tell whether a type has no parameter but a name */
static bool
has_name_alone(const struct mime_type *type)
{
	for (size_t i = 0; i < type->count; i++)
		if (!mime_name_is(type->parameters[i].name, "name"))
			return false;
	return true;
}

/* number_of - read the reference that a type x-ftbp has; false: it is another
 * one */
static bool
number_of(const struct mime_type *type, struct arena *arena, struct slice *oid)
{
	const size_t skip = sizeof(APPLICATION) - 1;
	char *text;

	if (!mime_name_is(type->type, "application") ||
	    !mime_name_begins(type->subtype, APPLICATION) ||
	    !has_name_alone(type))
		return false;
	text = arena_string(arena,
	    slice_of(type->subtype.data + skip, type->subtype.len - skip));
	return text != NULL && oid_parse(text, arena, oid) == 0 &&
	    is_written(*oid);
}

/* reference_of - find the application-reference of a type */
static struct slice
reference_of(const struct mime_type *type, struct arena *arena)
{
	struct slice oid;

	if (number_of(type, arena, &oid))
		return oid;
	for (size_t i = 0; i < REFERENCES; i++)
		if (mime_type_is(
			type, references[i].main, references[i].subtype))
			return references[i].oid;
	return any_type;
}

/* description_of - find the description of a part that has room among the
 * parameters, or an empty slice */
static struct slice
description_of(const struct mime_entity *entity)
{
	const struct mime_field *field =
	    mime_header_find(&entity->header, "Content-Description");

	if (field == NULL || field->value.len > DESCRIPTION_MAX ||
	    !charset_is_ascii(field->value) ||
	    charset_has_control(field->value) ||
	    memmem(field->value.data, field->value.len, "=?", 2) != NULL)
		return (struct slice){.len = 0};
	return field->value;
}

/* finish - give what was written to the arena */
static int
finish(struct ber_writer *writer, struct arena *arena, struct slice *element)
{
	int error = ber_finish(writer);

	return error == 0
	    ? arena_slice(arena, buffer_slice(writer->out), element)
	    : error;
}

/* file_application_environment - make the element environment [2] of a part */
int
file_application_environment(const struct mime_entity *entity,
    struct arena *arena, struct slice *environment)
{
	struct slice description = description_of(entity);
	struct slice reference = entity->defect == MIME_DEFECT_NONE
	    ? reference_of(&entity->type, arena)
	    : references[0].oid;
	struct ber_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, ELEMENT_MAX);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_CTX(2));
	ber_begin(&writer, BER_CTX(0)); /* application-reference */
	ber_put(&writer, BER_CTX(0), reference);
	ber_end_element(&writer);
	if (description.len > 0) {
		ber_begin(&writer, BER_CTX(3)); /* user-visible-string */
		ber_put(&writer, BER_UNI(BER_GRAPHIC_STRING), description);
		ber_end_element(&writer);
	}
	ber_end_element(&writer);
	error = finish(&writer, arena, environment);
	buffer_fini(&out);
	return error;
}

/* find_id - find the Content-ID of a part as the identifier of a message;
 * false: it has none that fits */
static bool
find_id(const struct mime_entity *entity, struct arena *arena, struct slice *id)
{
	const struct mime_field *field =
	    mime_header_find(&entity->header, "Content-ID");
	struct slice value;

	if (field == NULL)
		return false;
	value = field->value;
	if (value.len < 3 || value.data[0] != '<' ||
	    value.data[value.len - 1] != '>' || !charset_is_ascii(value) ||
	    charset_has_control(value))
		return false;
	return charset_ascii_to_printable(
		   slice_of(value.data + 1, value.len - 2), arena, id) == 0 &&
	    id->len <= IPM_UB_LOCAL_IDENTIFIER;
}

/* file_application_related - make the element related-stored-file [0] */
int
file_application_related(const struct mime_entity *entity, struct arena *arena,
    struct slice *related)
{
	struct ber_writer writer;
	struct buffer out;
	struct slice id;
	int error;

	*related = (struct slice){.len = 0};
	if (!find_id(entity, arena, &id))
		return 0;
	buffer_init(&out, ELEMENT_MAX);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_CTX(0));
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	ber_begin(&writer, BER_CTX(1)); /* cross-reference */
	ber_put(&writer, BER_CTX(0), (struct slice){.len = 0});
	ber_begin(&writer, BER_CTX(1)); /* message-reference */
	ber_put(&writer, BER_CTX(1), id);
	ber_end_element(&writer);
	ber_end_element(&writer);
	ber_put_string(&writer, BER_CTX(1), RELATIONSHIP);
	ber_end_element(&writer);
	ber_end_element(&writer);
	error = finish(&writer, arena, related);
	buffer_fini(&out);
	return error;
}

/* file_application_has - tell whether these elements say all of a field */
bool
file_application_has(
    const struct mime_entity *entity, const struct mime_field *field)
{
	struct arena arena;
	struct slice oid, id;
	bool has = false;

	arena_init(&arena, ELEMENT_MAX * 64);
	if (mime_name_is(field->name, "Content-Type"))
		has = (mime_type_is(
			   &entity->type, "application", "octet-stream") &&
			  has_name_alone(&entity->type)) ||
		    number_of(&entity->type, &arena, &oid);
	else if (mime_name_is(field->name, "Content-Description"))
		has = description_of(entity).len > 0;
	else if (mime_name_is(field->name, "Content-ID"))
		has = find_id(entity, &arena, &id);
	arena_fini(&arena);
	return has;
}

/* --- to the Internet --- */

/* file_application_find - find the element of a tag among the parameters */
bool
file_application_find(
    struct slice parameters, uint32_t tag, struct ber_element *found)
{
	struct ber_reader inner;

	if (!external_open(parameters, &inner))
		return false;
	while (ber_next(&inner, found) > 0)
		if (found->tag == tag && found->constructed)
			return true;
	return false;
}

/* set_type - set the type that a reference stands for; false: none */
static bool
set_type(struct slice oid, struct arena *arena, struct mime_type *type)
{
	char text[OID_TEXT_MAX], *subtype = NULL;

	for (size_t i = 0; i < REFERENCES; i++) {
		if (!slice_equal(oid, references[i].oid))
			continue;
		*type = (struct mime_type){
		    .type = slice_of_string(references[i].main),
		    .subtype = slice_of_string(references[i].subtype)};
		return true;
	}
	if (slice_equal(oid, any_type) || oid_format(oid, text) < 0)
		return false;
	subtype = arena_printf(arena, APPLICATION "%s", text);
	if (subtype == NULL)
		return false;
	*type = (struct mime_type){.type = slice_of_string("application"),
	    .subtype = slice_of_string(subtype)};
	return true;
}

/* file_application_type - make the type of the application-reference */
bool
file_application_type(
    struct slice parameters, struct arena *arena, struct mime_type *type)
{
	struct ber_reader reader, inner;
	struct ber_element el;

	/* [2] { [0] { [0] OID } } */
	if (!file_application_find(parameters, BER_CTX(2), &el))
		return false;
	ber_reader_init(&reader, el.contents, NULL);
	return ber_next(&reader, &el) > 0 && el.tag == BER_CTX(0) &&
	    el.constructed && ber_enter(&reader, &el, &inner) == 0 &&
	    ber_next(&inner, &el) > 0 && el.tag == BER_CTX(0) &&
	    !el.constructed && set_type(el.contents, arena, type);
}

/* find_reference - find the identifier in an item of related-stored-file */
static bool
find_reference(const struct ber_reader *items, const struct ber_element *item,
    struct slice *id)
{
	struct ber_reader parts, cross, message;
	struct ber_element file, relationship, el;

	/* { [1] { [0] …, [1] { [1] identifier } }, [1] relationship } */
	if (!item->constructed || ber_enter(items, item, &parts) < 0 ||
	    ber_next(&parts, &file) <= 0 || file.tag != BER_CTX(1) ||
	    !file.constructed || ber_next(&parts, &relationship) <= 0 ||
	    !slice_equal_string(relationship.contents, RELATIONSHIP) ||
	    ber_enter(&parts, &file, &cross) < 0)
		return false;
	while (ber_next(&cross, &el) > 0) {
		if (el.tag != BER_CTX(1) || !el.constructed ||
		    ber_enter(&cross, &el, &message) < 0)
			continue;
		while (ber_next(&message, &el) > 0) {
			if (el.tag != BER_CTX(1) || el.constructed)
				continue;
			*id = el.contents;
			return true;
		}
	}
	return false;
}

/* file_application_id - get the Content-ID that parameters have */
struct slice
file_application_id(struct slice parameters, struct arena *arena)
{
	struct ber_reader items;
	struct ber_element el;
	struct slice id, ascii;
	char *text;

	if (!file_application_find(parameters, BER_CTX(0), &el))
		return (struct slice){.len = 0};
	ber_reader_init(&items, el.contents, NULL);
	while (ber_next(&items, &el) > 0) {
		if (!find_reference(&items, &el, &id) ||
		    charset_printable_to_ascii(id, arena, &ascii) != 0 ||
		    charset_has_control(ascii))
			continue;
		text = arena_printf(
		    arena, "<%.*s>", (int)ascii.len, (const char *)ascii.data);
		if (text != NULL)
			return slice_of_string(text);
	}
	return (struct slice){.len = 0};
}
