/* SPDX-License-Identifier: ISC */
/*
 * mmff_text.c - lines, characters and numbers of a message file's header
 */
#include <strings.h>

#include "base/escape.h"
#include "mhs/charset.h"
#include "msmi/mmff_reading.h"

/* Room for a piece of somebody's line in an error. */
#define SHOWN 80

/* mmff_shown - escape text from outside, in one of a few static rooms */
const char *
mmff_shown(struct slice text)
{
	/* Static, as the text only goes into a line of the log; four may stand
	 * in one line. */
	static char room[4][SHOWN];
	static unsigned next;
	char *out = room[next++ % 4];

	(void)escape_text(out, SHOWN, text);
	return out;
}

/* mmff_trim - cut blanks off at both ends */
struct slice
mmff_trim(struct slice text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = slice_of(text.data + 1, text.len - 1);
	while (text.len > 0 &&
	    (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* mmff_is_token - tell whether text is this token, in any case */
bool
mmff_is_token(struct slice text, const char *token)
{
	return text.len == strlen(token) &&
	    strncasecmp((const char *)text.data, token, text.len) == 0;
}

/* of_page - convert text of a code page to UTF-8, in the arena */
static int
of_page(struct reading *r, struct slice text, struct slice *utf8)
{
	struct buffer out;
	int error;

	buffer_init(&out, CODE_PAGE_GROWTH * text.len + 1);
	error = code_page_to_utf8(r->page, text, &out);
	if (error == 0)
		error = arena_slice(r->arena, buffer_slice(&out), utf8);
	buffer_fini(&out);
	return error;
}

/* mmff_utf8 - convert text of a header to UTF-8 */
int
mmff_utf8(struct reading *r, struct slice text, struct slice *utf8)
{
	struct slice valid = text;
	int error = 0;

	/* ASCII is the same in all pages. */
	if (r->page != CONF_CODE_PAGE_UTF8 && !charset_is_ascii(text))
		error = of_page(r, text, &valid);
	else if (!charset_is_utf8(text))
		error = charset_latin1_to_utf8(text, r->arena, &valid);
	if (error == 0)
		error = charset_no_controls(valid, r->arena, &valid);
	if (error == 0)
		error = arena_slice(r->arena, valid, utf8);
	return error;
}

/* mmff_next_line - find the line at pos, without its end */
int
mmff_next_line(struct reading *r, struct slice *line)
{
	const uint8_t *start = r->head.data + r->pos, *end;
	size_t left = r->head.len - r->pos, len;

	/* The end of the file ends the header only where the file was read
	 * whole. */
	if (left == 0 && r->whole)
		return 0;
	r->line++;
	for (len = 0; len < left && len <= MMFF_LINE_MAX; len++) {
		if (start[len] == '\r' || start[len] == '\n')
			break;
	}
	if (len > MMFF_LINE_MAX)
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "line of more than %d octets", MMFF_LINE_MAX);
	if (len == left && !r->whole)
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "header of more than %d octets", MMFF_HEADER_MAX);
	*line = slice_of(start, len);
	end = start + len;
	r->pos += len;
	r->unended = len == left;
	if (r->unended)
		return 1;
	r->pos++;
	/* CR LF is one end, unless the first line ended in CR alone. */
	if (*end == '\r' && len + 1 < left && end[1] == '\n' &&
	    (r->line == 1 || r->end != END_CR)) {
		r->pos++;
		if (r->line == 1)
			r->end = END_CRLF;
	} else if (r->line == 1) {
		r->end = *end == '\r' ? END_CR : END_LF;
	}
	return 1;
}

/* mmff_number - parse decimal digits and nothing else */
bool
mmff_number(struct slice text, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = text.data[i] - (unsigned)'0';

		/* Compared before it is multiplied, so that no product
		 * overflows. */
		if (digit > 9 || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*value = n;
	return true;
}

/* mmff_grow - make room for one more in an array of the arena */
int
mmff_grow(
    struct reading *r, void **list, size_t count, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 16 : *room * 2;
	void *larger;

	if (count < *room)
		return 0;
	if ((larger = arena_array(r->arena, more, size)) == NULL)
		return arena_error(r->arena);
	if (count > 0)
		memcpy(larger, *list, count * size);
	*list = larger;
	*room = more;
	return 0;
}
