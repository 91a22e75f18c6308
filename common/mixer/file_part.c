/* SPDX-License-Identifier: ISC */
/*
 * file_part.c - files: parts of MIME and the file transfer body part
 * (RFC 2157 2.3)
 *
 * Contract in file_part.h.
 */
#include "mixer/file_part.h"

#include <inttypes.h>
#include <stdio.h>

#include "mhs/charset.h"
#include "mhs/ipm_encode.h"
#include "mime/mime_date.h"
#include "mixer/field_list.h"
#include "mixer/field_out.h"
#include "mixer/file_application.h"

/* Memory for the parameters of one file. */
#define SCRATCH_MAX ((size_t)1024 * 1024)

/* file_part_name - get the name that a part gives to its file */
struct slice
file_part_name(const struct mime_entity *entity, struct arena *arena)
{
	struct slice name =
	    mime_type_parameter(&entity->disposition, "filename");
	size_t start = 0, pos = 0, end;

	if (name.len == 0)
		name = mime_type_parameter(&entity->type, "name");
	if (name.len == 0)
		return name;
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] == '/' || name.data[i] == '\\')
			start = i + 1;
	name = slice_of(name.data + start, name.len - start);
	/* A cut between characters, so that the name stays UTF-8. */
	end = name.len;
	if (end > IPM_FILENAME_MAX) {
		while (pos < IPM_FILENAME_MAX) {
			end = pos;
			(void)charset_next(name, &pos);
		}
		if (pos == IPM_FILENAME_MAX)
			end = pos;
	}
	if (arena_slice(arena, slice_of(name.data, end), &name) < 0)
		name.len = 0;
	return name;
}

/* file_part_modified - get its date, or IPM_NO_TIME */
int64_t
file_part_modified(const struct mime_entity *entity)
{
	struct slice value =
	    mime_type_parameter(&entity->disposition, "modification-date");
	int64_t seconds;

	return value.len > 0 && mime_date_parse(value, &seconds) == 0
	    ? seconds
	    : IPM_NO_TIME;
}

/* file_part_time - get another date of its disposition, or 0 */
int64_t
file_part_time(const struct mime_entity *entity, const char *name)
{
	struct slice value = mime_type_parameter(&entity->disposition, name);
	int64_t seconds;

	return value.len > 0 && mime_date_parse(value, &seconds) == 0 ? seconds
								      : 0;
}

/* may_be - tell whether a file may have this type: none that would make its
 * octets part of the message */
static bool
may_be(const struct mime_type *type)
{
	return type->subtype.len > 0 && type->subtype.len < 80 &&
	    type->type.len < 40 && !mime_type_is(type, "multipart", "*") &&
	    !mime_type_is(type, "message", "*");
}

/* is_kept - tell whether a field of a part is kept beside its file */
static bool
is_kept(const struct mime_entity *entity, const struct mime_field *field)
{
	if (file_application_has(entity, field))
		return false;
	if (mime_name_is(field->name, "Content-Type"))
		return entity->defect == MIME_DEFECT_NONE;
	/* An encoding that is not known has been left as it is. */
	if (mime_name_is(field->name, "Content-Transfer-Encoding"))
		return entity->defect == MIME_DEFECT_ENCODING;
	if (mime_name_is(field->name, "Content-Disposition"))
		return true;
	return mime_name_begins(field->name, "Content-") &&
	    !mime_name_is(field->name, "Content-Length") &&
	    !mime_name_is(field->name, "Content-Language");
}

/* is_inline - tell whether a part is to be shown where it stands */
static bool
is_inline(const struct mime_entity *entity)
{
	return mime_name_is(entity->disposition.type, "inline");
}

/* disposition_of - get how a part is to be shown: inline, or any other way as
 * an attachment (RFC 2183 2.8) */
static struct slice
disposition_of(const struct mime_entity *entity)
{
	return slice_of_string(is_inline(entity) ? "inline" : "attachment");
}

/* put_type - write the value of Content-Type, with another name of the file */
static void
put_type(struct mime_writer *w, const struct mime_type *type, struct slice name)
{
	char text[128], parameter[64];

	snprintf(text, sizeof(text), "%.*s/%.*s", (int)type->type.len,
	    (const char *)type->type.data, (int)type->subtype.len,
	    (const char *)type->subtype.data);
	mime_words(w, text);
	for (size_t i = 0; i < type->count; i++) {
		const struct mime_parameter *p = &type->parameters[i];

		if (mime_name_is(p->name, "name") ||
		    p->name.len >= sizeof(parameter))
			continue;
		memcpy(parameter, p->name.data, p->name.len);
		parameter[p->name.len] = '\0';
		mime_parameter(w, parameter, p->value);
	}
	/* Old readers know encoded words here, and not RFC 2231. */
	if (name.len > 0)
		mime_parameter_word(w, "name", name);
}

/* keep_type - keep the type of a part without the name, which the file has */
static int
keep_type(
    const struct mime_type *type, struct arena *arena, struct mime_field *field)
{
	const struct slice none = {.len = 0};
	struct mime_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, FILE_PART_FIELDS_MAX);
	mime_writer_init(&writer, mime_gather, &out);
	put_type(&writer, type, none);
	error = writer.error;
	field->name = slice_of_string("Content-Type");
	if (error == 0)
		error = arena_slice(
		    arena, mime_trim(buffer_slice(&out)), &field->value);
	buffer_fini(&out);
	return error;
}

/* file_part_extensions - make the element extensions [5] */
int
file_part_extensions(const struct mime_entity *entity, struct arena *arena,
    struct slice *extensions)
{
	struct mime_header kept = {.count = 0};
	struct ber_writer writer;
	struct slice value;
	struct buffer out;
	bool attachment = false;
	int error;

	*extensions = (struct slice){.len = 0};
	kept.fields =
	    arena_array(arena, entity->header.count + 1, sizeof(*kept.fields));
	if (kept.fields == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < entity->header.count; i++) {
		const struct mime_field *f = &entity->header.fields[i];

		if (!is_kept(entity, f))
			continue;
		kept.fields[kept.count] = *f;
		if (mime_name_is(f->name, "Content-Disposition")) {
			/* Name and dates have places of their own. */
			kept.fields[kept.count].value = disposition_of(entity);
			attachment = !is_inline(entity);
		}
		if (mime_name_is(f->name, "Content-Type") &&
		    (error = keep_type(
			 &entity->type, arena, &kept.fields[kept.count])) < 0)
			return error == ERR_NOMEM ? error : 0;
		kept.count++;
	}
	/* Where nothing is kept, a file is an attachment. */
	if (kept.count == 0 || (kept.count == 1 && attachment))
		return 0;
	error = field_list_encode(&kept, arena, &value);
	/* Fields that are too long say less than the file itself. */
	if (error < 0 || value.len > FILE_PART_FIELDS_MAX)
		return error;
	buffer_init(&out, FILE_PART_FIELDS_MAX + 64);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_CTX(5));
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	ber_put(&writer, BER_UNI(BER_OID), FIELD_LIST_OID);
	ber_put_raw(&writer, value);
	ber_end_element(&writer);
	ber_end_element(&writer);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), extensions);
	buffer_fini(&out);
	return error;
}

/* --- to the Internet --- */

/* find_fields - read the field list beside a file */
static bool
find_fields(
    struct slice parameters, struct arena *arena, struct mime_header *fields)
{
	struct ber_reader reader, inner;
	struct ber_element el, type, value;

	if (!file_application_find(parameters, BER_CTX(5), &el))
		return false;
	ber_reader_init(&reader, el.contents, NULL);
	while (ber_next(&reader, &el) > 0) {
		if (!el.constructed || ber_enter(&reader, &el, &inner) < 0 ||
		    ber_next(&inner, &type) <= 0 ||
		    ber_next(&inner, &value) <= 0)
			continue;
		if (type.tag == BER_UNI(BER_OID) &&
		    slice_equal(type.contents, FIELD_LIST_OID))
			return field_list_decode(value.whole, arena, fields) ==
			    0;
	}
	return false;
}

/* Fields that are written by what they say. */
static const char *const written[] = {
    "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", NULL};

/* put_place - write the fields that have a place of their own */
static void
put_place(struct mime_writer *w, const struct ipm_part *part,
    const struct mime_header *fields, struct arena *arena)
{
	struct slice id = file_application_id(part->parameters, arena);

	if (id.len > 0 && mime_header_find(fields, "Content-ID") == NULL) {
		mime_field(w, "Content-ID");
		mime_value(w, id);
		mime_field_end(w);
	}
	if (part->description.len > 0 &&
	    mime_header_find(fields, "Content-Description") == NULL) {
		mime_field(w, "Content-Description");
		mime_text(w, part->description);
		mime_field_end(w);
	}
}

/* put_disposition - write how a file is to be shown, its name and dates;
 * nothing for a part that had no disposition, such as one of alternatives */
static void
put_disposition(struct mime_writer *w, const struct ipm_part *part,
    const struct mime_header *fields)
{
	const struct mime_field *kept =
	    mime_header_find(fields, "Content-Disposition");
	char date[MIME_DATE_MAX], size[24];
	bool is_shown = kept != NULL && mime_name_begins(kept->value, "inline");

	if (kept == NULL && fields->count > 0)
		return;
	mime_field(w, "Content-Disposition");
	mime_words(w, is_shown ? "inline" : "attachment");
	if (part->filename.len > 0)
		mime_parameter(w, "filename", part->filename);
	if (part->created != 0)
		mime_parameter(w, "creation-date",
		    slice_of_string(mime_date_format(part->created, date)));
	if (part->modified != IPM_NO_TIME)
		mime_parameter(w, "modification-date",
		    slice_of_string(mime_date_format(part->modified, date)));
	if (part->read != 0)
		mime_parameter(w, "read-date",
		    slice_of_string(mime_date_format(part->read, date)));
	if (part->size >= 0) {
		snprintf(size, sizeof(size), "%" PRId64, part->size);
		mime_parameter(w, "size", slice_of_string(size));
	}
	mime_field_end(w);
}

/* file_part_write - write the MIME fields of a file but for the encoding */
void
file_part_write(struct mime_writer *writer, struct mime_charsets *charsets,
    const struct ipm_part *part)
{
	struct mime_type type,
	    octets = {.type = slice_of_string("application"),
		.subtype = slice_of_string("octet-stream")};
	struct mime_header fields = {.count = 0};
	const struct mime_field *field;
	struct arena arena;

	arena_init(&arena, SCRATCH_MAX);
	if (!find_fields(part->parameters, &arena, &fields))
		fields.count = 0;
	field = mime_header_find(&fields, "Content-Type");
	if ((field == NULL ||
		mime_type_parse(charsets, field->value, &arena, &type) < 0 ||
		!may_be(&type)) &&
	    !file_application_type(part->parameters, &arena, &type))
		type = octets;
	mime_field(writer, "Content-Type");
	put_type(writer, &type, part->filename);
	mime_field_end(writer);
	put_disposition(writer, part, &fields);
	field_kept(writer, &fields, written);
	put_place(writer, part, &fields, &arena);
	arena_fini(&arena);
}
