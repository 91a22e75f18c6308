/* SPDX-License-Identifier: ISC */
/*
 * object_x420.c - extensions that are members of their own
 *
 * Contract in object_x420.h.
 */
#include "json/object_x420.h"

#include "ber/time.h"
#include "mhs/charset.h"

/* id-hex-authorization-time, id-hex-originators-reference, id-rex-precedence */
#define OID_TIME       slice_of("\x56\x01\x05\x05", 4)
#define OID_REFERENCE  slice_of("\x56\x01\x05\x0b", 4)
#define OID_PRECEDENCE slice_of("\x56\x01\x14\x01", 4)

/* take_written - take what was written into the arena, and free the buffer */
static int
take_written(
    struct ber_writer *writer, struct arena *arena, struct slice *octets)
{
	int error = ber_finish(writer);

	if (error == 0)
		error = arena_slice(arena, buffer_slice(writer->out), octets);
	buffer_fini(writer->out);
	return error;
}

/* object_x420_name - encode an O/R name as a whole ORName */
int
object_x420_name(
    const struct or_name *name, struct arena *arena, struct slice *octets)
{
	struct ber_writer writer;
	struct buffer out;

	buffer_init(&out, 2 * OR_ADDRESS_MAX + name->directory_name.len);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, name);
	return take_written(&writer, arena, octets);
}

/* object_x420_precedence - find the precedence in extensions */
int
object_x420_precedence(struct slice extensions)
{
	struct ber_reader reader, list, one;
	struct ber_element el, part;
	int64_t value;

	ber_reader_init(&reader, extensions, NULL);
	if (ber_next(&reader, &el) <= 0 || ber_enter(&reader, &el, &list) != 0)
		return -1;
	while (ber_next(&list, &el) > 0) {
		if (ber_enter(&list, &el, &one) == 0 &&
		    ber_next(&one, &part) > 0 &&
		    slice_equal(part.contents, OID_PRECEDENCE) &&
		    ber_next(&one, &part) > 0 &&
		    ber_get_integer(
			&one, &part, "precedence", 0, 127, &value) == 0)
			return (int)value;
	}
	return -1;
}

/* object_x420_make_precedence - make extensions that are a precedence alone */
int
object_x420_make_precedence(
    int precedence, struct arena *arena, struct slice *extensions)
{
	struct ber_writer writer;
	struct buffer out;

	buffer_init(&out, 64);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_CTX(3));
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	ber_put(&writer, BER_UNI(BER_OID), OID_PRECEDENCE);
	ber_put_integer(&writer, BER_UNI(BER_INTEGER), precedence);
	ber_end_element(&writer);
	ber_end_element(&writer);
	return take_written(&writer, arena, extensions);
}

/* make_time - make the value of authorization-time */
static int
make_time(int64_t seconds, struct arena *arena, struct slice *value)
{
	char text[UTC_TIME_LEN + 1];
	struct ber_writer writer;
	struct buffer out;

	utc_time_format(seconds, text);
	buffer_init(&out, 64);
	ber_writer_init(&writer, &out);
	ber_put_string(&writer, BER_UNI(BER_UTC_TIME), text);
	return take_written(&writer, arena, value);
}

/* make_reference - make the value of originators-reference */
static int
make_reference(struct slice utf8, struct arena *arena, struct slice *value)
{
	uint32_t tag = BER_UNI(BER_BMP_STRING);
	struct ber_writer writer;
	struct buffer out;
	struct slice text;
	int error = charset_utf8_to_bmp(utf8, arena, &text);

	if (error == ERR_VALUE) {
		tag = BER_UNI(BER_UNIVERSAL_STRING);
		error = charset_utf8_to_universal(utf8, arena, &text);
	}
	if (error != 0)
		return error;
	buffer_init(&out, text.len + 32);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SET));
	ber_put(&writer, tag, text);
	ber_end_element(&writer);
	return take_written(&writer, arena, value);
}

/* has_extension - tell whether a heading has an extension of this type */
static bool
has_extension(const struct ipm_heading *heading, struct slice type)
{
	for (size_t i = 0; i < heading->extension_count; i++)
		if (slice_equal(heading->extensions[i].type, type))
			return true;
	return false;
}

/* put_first - put an extension before the others of a heading */
static void
put_first(struct ipm_heading *heading, struct slice type, struct slice value)
{
	struct ipm_extension *list = heading->extensions;

	memmove(list + 1, list, heading->extension_count * sizeof(*list));
	list[0] = (struct ipm_extension){type, value};
	heading->extension_count++;
}

/* object_x420_add - add the extensions to a heading */
int
object_x420_add(int64_t authorization_time, struct slice reference,
    struct arena *arena, struct ipm_heading *heading)
{
	bool timed = authorization_time != IPM_NO_TIME &&
	    !has_extension(heading, OID_TIME);
	struct slice value;
	int error = 0;

	if (reference.len > 0 && !has_extension(heading, OID_REFERENCE) &&
	    (error = make_reference(reference, arena, &value)) == 0)
		put_first(heading, OID_REFERENCE, value);
	if (error == 0 && timed &&
	    (error = make_time(authorization_time, arena, &value)) == 0)
		put_first(heading, OID_TIME, value);
	return error;
}

/* read_reference - read the value of originators-reference; empty where it
 * cannot be read */
static struct slice
read_reference(struct slice value, struct arena *arena)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	struct slice text = {.len = 0};

	ber_reader_init(&reader, value, NULL);
	if (ber_next(&reader, &el) <= 0 || ber_enter(&reader, &el, &inner) != 0)
		return text;
	while (ber_next(&inner, &el) > 0) {
		int error = ERR_VALUE;

		if (el.constructed || el.contents.len > IPM_TEXT_MAX)
			continue;
		if (el.tag == BER_UNI(BER_BMP_STRING))
			error = charset_bmp_to_utf8(el.contents, arena, &text);
		else if (el.tag == BER_UNI(BER_UNIVERSAL_STRING))
			error = charset_universal_to_utf8(
			    el.contents, arena, &text);
		if (error == 0 && !charset_has_control(text))
			return text;
	}
	return (struct slice){.len = 0};
}

/* object_x420_find - find the two in a heading */
void
object_x420_find(const struct ipm_heading *heading, struct arena *arena,
    int64_t *authorization_time, struct slice *reference)
{
	struct ber_reader reader;
	struct ber_element el;

	*authorization_time = IPM_NO_TIME;
	*reference = (struct slice){.len = 0};
	for (size_t i = 0; i < heading->extension_count; i++) {
		const struct ipm_extension *e = &heading->extensions[i];

		ber_reader_init(&reader, e->value, NULL);
		if (slice_equal(e->type, OID_TIME) &&
		    ber_next(&reader, &el) > 0 && !el.constructed &&
		    utc_time_parse(el.contents, authorization_time) != 0)
			*authorization_time = IPM_NO_TIME;
		if (slice_equal(e->type, OID_REFERENCE))
			*reference = read_reference(e->value, arena);
	}
}

/* object_x420_is - tell whether an extension is one that would be made */
bool
object_x420_is(const struct ipm_extension *extension,
    int64_t authorization_time, struct slice reference, struct arena *arena)
{
	struct slice value;

	if (authorization_time != IPM_NO_TIME &&
	    slice_equal(extension->type, OID_TIME))
		return make_time(authorization_time, arena, &value) == 0 &&
		    slice_equal(value, extension->value);
	return reference.len > 0 &&
	    slice_equal(extension->type, OID_REFERENCE) &&
	    make_reference(reference, arena, &value) == 0 &&
	    slice_equal(value, extension->value);
}
