/* SPDX-License-Identifier: ISC */
/*
 * field_list.c - fields that X.400 has no place for, in an extension
 *
 * Contract in field_list.h.
 */
#include "mixer/field_list.h"

#include "ber/writer.h"
#include "mhs/charset.h"
#include "mhs/ipm.h"
#include "mime/mime_write.h"

/* put_field - write one field as an IA5String */
static int
put_field(struct ber_writer *writer, const struct mime_field *field)
{
	struct mime_writer text;
	struct buffer line;
	char name[MIME_NAME_MAX + 1];

	memcpy(name, field->name.data, field->name.len);
	name[field->name.len] = '\0';
	buffer_init(&line, IPM_HEADING_MAX);
	mime_writer_init(&text, mime_gather, &line);
	mime_field(&text, name);
	if (charset_is_ascii(field->value) &&
	    !charset_has_control(field->value)) {
		mime_puts(&text, " ");
		mime_put(&text, field->value);
	} else {
		mime_text(&text, field->value);
	}
	if (text.error == 0)
		ber_put(writer, BER_UNI(BER_IA5_STRING), buffer_slice(&line));
	buffer_fini(&line);
	return text.error;
}

/* field_list_encode - write fields as the value of the extension */
int
field_list_encode(
    const struct mime_header *fields, struct arena *arena, struct slice *value)
{
	struct ber_writer writer;
	struct buffer out;
	int error = 0;

	buffer_init(&out, IPM_HEADING_MAX);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	for (size_t i = 0; i < fields->count && error == 0; i++)
		error = put_field(&writer, &fields->fields[i]);
	ber_end_element(&writer);
	if (error == 0)
		error = ber_finish(&writer);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), value);
	buffer_fini(&out);
	return error;
}

/* take_field - divide "Name: value"; false: it is no field */
static bool
take_field(struct slice line, struct arena *arena, struct mime_field *field)
{
	struct slice value;
	size_t colon = 0;

	if (!mime_header_is_field(line))
		return false;
	while (line.data[colon] != ':')
		colon++;
	field->name = mime_trim(slice_of(line.data, colon));
	value = slice_of(line.data + colon + 1, line.len - colon - 1);
	/* Controls would begin another field. */
	if (!charset_is_utf8(value) ||
	    charset_no_controls(value, arena, &value) < 0)
		return false;
	field->value = mime_trim(value);
	return true;
}

/* field_list_decode - read the value of the extension */
int
field_list_decode(
    struct slice value, struct arena *arena, struct mime_header *fields)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	struct mime_header list = {.count = 0};
	int result;

	ber_reader_init(&reader, value, NULL);
	if ((result = ber_expect(
		 &reader, BER_UNI(BER_SEQUENCE), "fields", &el)) < 0 ||
	    (result = ber_enter(&reader, &el, &inner)) < 0)
		return result;
	list.fields = arena_array(arena, MIME_FIELDS_MAX, sizeof(*list.fields));
	if (list.fields == NULL)
		return arena_error(arena);
	while ((result = ber_next(&inner, &el)) > 0) {
		if (list.count == MIME_FIELDS_MAX)
			return ERR_LIMIT;
		if (!el.constructed &&
		    take_field(el.contents, arena, &list.fields[list.count]))
			list.count++;
	}
	if (result < 0)
		return result;
	*fields = list;
	return 0;
}
