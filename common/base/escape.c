/* SPDX-License-Identifier: ISC */
/*
 * escape.c - make text from outside fit to be printed
 *
 * UTF-8 is checked by table 3-7 of The Unicode Standard: no overlong forms,
 * no surrogates, nothing beyond U+10FFFF.
 */
#include "base/escape.h"

#define MARK	 "..."
#define MARK_LEN (sizeof(MARK) - 1)

/* escape_decode - decode the character of len octets at p, 0 if they are
 * none */
static uint32_t
escape_decode(const uint8_t *p, size_t len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = p[0] & (0xffU >> (len + 1));
	size_t i;

	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return c;
}

/* deceives - tell whether a character is a control, or hides or turns text */
static bool
deceives(uint32_t c)
{
	return c < 0xa0 || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	    (c & 0xfffe) == 0xfffe || (c >= 0xe0000 && c <= 0xe0fff);
}

/* escape_character - measure the printable character at the front, or return
 * 0 */
size_t
escape_character(struct slice from)
{
	size_t len;

	if (from.len == 0)
		return 0;
	if (from.data[0] < 0x80)
		return from.data[0] >= ' ' && from.data[0] != 0x7f;
	if (from.data[0] >= 0xc2 && from.data[0] <= 0xdf)
		len = 2;
	else if (from.data[0] >= 0xe0 && from.data[0] <= 0xef)
		len = 3;
	else if (from.data[0] >= 0xf0 && from.data[0] <= 0xf4)
		len = 4;
	else
		return 0;
	/* Characters that hide or turn text could make a line of the log say
	 * something else. */
	if (from.len < len || deceives(escape_decode(from.data, len)))
		return 0;
	return len;
}

/* piece - write one character or escape into out; *used octets of from */
static size_t
piece(struct slice from, const char *special, char out[4], size_t *used)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = escape_character(from);

	if (len == 1 && strchr(special, from.data[0]) != NULL) {
		*used = 1;
		out[0] = '\\';
		out[1] = (char)from.data[0];
		return 2;
	}
	if (len != 0) {
		*used = len;
		memcpy(out, from.data, len);
		return len;
	}
	*used = 1;
	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[from.data[0] >> 4];
	out[3] = digits[from.data[0] & 15];
	return 4;
}

/* escape - escape the octets that are not printable and those in special */
static size_t
escape(char *dst, size_t size, struct slice from, const char *special)
{
	size_t at = 0, cut = 0, pos = 0, used, len;
	char out[4];

	if (size == 0)
		return 0;
	while (pos < from.len) {
		len = piece(slice_of(from.data + pos, from.len - pos), special,
		    out, &used);
		if (len >= size - at)
			break;
		memcpy(dst + at, out, len);
		at += len;
		pos += used;
		/* The last place where the mark would still fit. */
		if (at + MARK_LEN < size)
			cut = at;
	}
	if (pos < from.len && size > MARK_LEN) {
		memcpy(dst + cut, MARK, MARK_LEN);
		at = cut + MARK_LEN;
	}
	dst[at] = '\0';
	return at;
}

/* escape_text - escape, a backslash too, so that nothing is ambiguous */
size_t
escape_text(char *dst, size_t size, struct slice from)
{
	return escape(dst, size, from, "\\");
}

/* escape_quoted - escape as escape_text, and a quote becomes \" */
size_t
escape_quoted(char *dst, size_t size, struct slice from)
{
	return escape(dst, size, from, "\\\"");
}

/* escape_printable - escape as escape_text, but backslashes stay */
size_t
escape_printable(char *dst, size_t size, struct slice from)
{
	return escape(dst, size, from, "");
}
