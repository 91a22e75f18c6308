/* SPDX-License-Identifier: ISC */
/*
 * old_headers.c - fields of a header that are in a body part
 *
 * Contract in old_headers.h.
 */
#include "mixer/old_headers.h"

#include "mhs/charset.h"
#include "mixer/heading.h"
#include "mixer/heading_fields.h"

#define FIRST_LINE  "RFC-822-Headers:"
#define SCRATCH_MAX ((size_t)1024 * 1024)

/* behind_line - get what is behind the first line of a text */
static struct slice
behind_line(struct slice text)
{
	const uint8_t *end = memchr(text.data, '\n', text.len);
	size_t len = end != NULL ? (size_t)(end - text.data) + 1 : text.len;

	return slice_of(text.data + len, text.len - len);
}

/* old_headers_write - write the fields that a text consists of */
bool
old_headers_write(struct slice text, struct mime_writer *writer)
{
	struct mime_header header;
	struct arena arena;
	bool is = false;

	/* Without room for all it stays the text that it is. */
	if (!mime_name_begins(text, FIRST_LINE) || !charset_is_ascii(text) ||
	    writer->header + text.len + text.len / 16 > HEADING_MAX)
		return false;
	arena_init(&arena, SCRATCH_MAX);
	if (mime_header_parse(behind_line(text), &arena, &header) == 0 &&
	    header.count > 0) {
		is = heading_fields_put(writer, &header, SIZE_MAX);
	}
	arena_fini(&arena);
	return is;
}
