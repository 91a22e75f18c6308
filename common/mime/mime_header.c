/* SPDX-License-Identifier: ISC */
/*
 * mime_header.c - the fields of a header (RFC 5322 2.2)
 *
 * Contract in mime_header.h.
 */
#include "mime/mime_header.h"

#include <strings.h>

#include "mhs/charset.h"

/* mime_name_begins - tell whether a name begins with a string, in any case */
bool
mime_name_begins(struct slice name, const char *string)
{
	size_t len = strlen(string);

	return name.len >= len &&
	    (len == 0 ||
		strncasecmp((const char *)name.data, string, len) == 0);
}

/* mime_name_is - compare a name with a string, in any case of ASCII */
bool
mime_name_is(struct slice name, const char *string)
{
	return name.len == strlen(string) && mime_name_begins(name, string);
}

/* is_blank - tell whether an octet is white space of a header */
static bool
is_blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/* mime_trim - take blanks and line ends from both ends */
struct slice
mime_trim(struct slice text)
{
	while (text.len > 0 && is_blank(text.data[0]))
		text = slice_of(text.data + 1, text.len - 1);
	while (text.len > 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* name_length - count the octets of the name before ":"; 0: no field */
static size_t
name_length(struct slice line)
{
	size_t len = 0;

	while (len < line.len && line.data[len] > ' ' &&
	    line.data[len] < 0x7f && line.data[len] != ':')
		len++;
	return len > 0 && len <= MIME_NAME_MAX ? len : 0;
}

/* mime_header_is_field - tell whether a line begins a field */
bool
mime_header_is_field(struct slice line)
{
	size_t len = name_length(line);

	/* RFC 5322 4.5 lets blanks stand before the colon. */
	while (len > 0 && len < line.len &&
	    (line.data[len] == ' ' || line.data[len] == '\t'))
		len++;
	return len > 0 && len < line.len && line.data[len] == ':';
}

/* mime_header_cut - find the fields that a message begins with */
struct slice
mime_header_cut(struct slice message)
{
	size_t at = 0;

	while (at < message.len) {
		const uint8_t *line = message.data + at;
		const uint8_t *end = memchr(line, '\n', message.len - at);
		size_t len =
		    end == NULL ? message.len - at : (size_t)(end - line) + 1;
		bool goes_on = at > 0 && (line[0] == ' ' || line[0] == '\t');

		if (!goes_on && !mime_header_is_field(slice_of(line, len)))
			break;
		at += len;
	}
	return slice_of(message.data, at);
}

/* field_length - count the octets of the first field with all its lines */
static size_t
field_length(struct slice octets)
{
	size_t len = 0;

	while (len < octets.len) {
		const uint8_t *end =
		    memchr(octets.data + len, '\n', octets.len - len);

		if (end == NULL)
			return octets.len;
		len = (size_t)(end - octets.data) + 1;
		if (len < octets.len && octets.data[len] != ' ' &&
		    octets.data[len] != '\t')
			break;
	}
	return len;
}

/* unfold - copy a value without its line ends, as UTF-8 */
static int
unfold(struct slice raw, struct arena *arena, struct slice *value)
{
	struct slice text;
	uint8_t *out = arena_alloc(arena, raw.len + 1);
	size_t len = 0;

	if (out == NULL)
		return arena_error(arena);
	/* A TAB, with which many fold, is a blank like any other. */
	for (size_t i = 0; i < raw.len; i++)
		if (raw.data[i] != '\r' && raw.data[i] != '\n')
			out[len++] = raw.data[i] == '\t' ? ' ' : raw.data[i];
	text = mime_trim(slice_of(out, len));
	if (!charset_is_utf8(text))
		return charset_latin1_to_utf8(text, arena, value);
	*value = text;
	return 0;
}

/* take_field - read the field that stands in octets */
static int
take_field(struct slice octets, struct arena *arena, struct mime_field *field)
{
	size_t name = name_length(octets);
	const uint8_t *colon;
	size_t skip;

	if (!mime_header_is_field(octets))
		return ERR_SYNTAX;
	colon = memchr(octets.data + name, ':', octets.len - name);
	skip = (size_t)(colon - octets.data) + 1;
	field->name = slice_of(octets.data, name);
	return unfold(slice_of(octets.data + skip, octets.len - skip), arena,
	    &field->value);
}

/* count_fields - count the fields in octets */
static size_t
count_fields(struct slice octets)
{
	size_t count = 0, len;

	while (octets.len > 0 && count <= MIME_FIELDS_MAX) {
		len = field_length(octets);
		octets = slice_of(octets.data + len, octets.len - len);
		count++;
	}
	return count;
}

/* mime_header_parse - read the fields in octets */
int
mime_header_parse(
    struct slice octets, struct arena *arena, struct mime_header *header)
{
	struct mime_header h = {.count = count_fields(octets)};
	struct slice rest;
	int error = arena_slice(arena, octets, &rest);
	size_t len;

	if (error < 0)
		return error;
	if (h.count > MIME_FIELDS_MAX)
		return ERR_LIMIT;
	h.fields = arena_array(arena, h.count + 1, sizeof(*h.fields));
	if (h.fields == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < h.count; i++) {
		len = field_length(rest);
		error =
		    take_field(slice_of(rest.data, len), arena, &h.fields[i]);
		if (error < 0)
			return error;
		rest = slice_of(rest.data + len, rest.len - len);
	}
	*header = h;
	return 0;
}

/* mime_header_find - find the first field of this name in any case, or NULL */
const struct mime_field *
mime_header_find(const struct mime_header *header, const char *name)
{
	for (size_t i = 0; i < header->count; i++)
		if (mime_name_is(header->fields[i].name, name))
			return &header->fields[i];
	return NULL;
}
