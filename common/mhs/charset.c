/* SPDX-License-Identifier: ISC */
/*
 * charset.c - the character sets of X.400 to and from UTF-8, but T.61
 *
 * T.61 and its tables are in charset_t61.c; charset_ascii.c looks for ASCII.
 */
#include "mhs/charset.h"

#define REPLACEMENT 0xfffdU

/* put_utf8 - write one character at *to, which moves on; at most 4 octets */
static void
put_utf8(uint32_t c, uint8_t **to)
{
	uint8_t *p = *to;

	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		c = REPLACEMENT;
	if (c < 0x80) {
		*p++ = (uint8_t)c;
	} else if (c < 0x800) {
		*p++ = (uint8_t)(0xc0 | c >> 6);
		*p++ = (uint8_t)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*p++ = (uint8_t)(0xe0 | c >> 12);
		*p++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*p++ = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		*p++ = (uint8_t)(0xf0 | c >> 18);
		*p++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		*p++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*p++ = (uint8_t)(0x80 | (c & 0x3f));
	}
	*to = p;
}

/* charset_next - take the next character of UTF-8 */
uint32_t
charset_next(struct slice utf8, size_t *pos)
{
	const uint8_t *p = utf8.data + *pos;
	size_t left = utf8.len - *pos, need, i;
	uint32_t c, least;

	(*pos)++;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] >= 0xc2 && p[0] < 0xe0) {
		need = 1;
		c = p[0] & 0x1f;
		least = 0x80;
	} else if (p[0] >= 0xe0 && p[0] < 0xf0) {
		need = 2;
		c = p[0] & 0x0f;
		least = 0x800;
	} else if (p[0] >= 0xf0 && p[0] < 0xf5) {
		need = 3;
		c = p[0] & 0x07;
		least = 0x10000;
	} else {
		return REPLACEMENT;
	}
	/* A character that is cut off stands for itself alone: the next octet
	 * may begin another. */
	if (left <= need)
		return REPLACEMENT;
	for (i = 1; i <= need; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return REPLACEMENT;
	*pos += need;
	return c;
}

/* valid_at - tell whether what charset_next took from here was well-formed */
static bool
valid_at(struct slice text, size_t from, size_t to, uint32_t c)
{
	/* U+FFFD is what errors give; itself it has three octets. */
	return c != REPLACEMENT || (to - from == 3 && text.data[from] == 0xef);
}

/* charset_is_utf8 - tell whether this is valid UTF-8 */
bool
charset_is_utf8(struct slice text)
{
	size_t pos = 0, from;
	uint32_t c;

	while (pos < text.len) {
		from = pos;
		c = charset_next(text, &pos);
		if (!valid_at(text, from, pos, c))
			return false;
	}
	return true;
}

/* A bit for each ASCII character that PrintableString has. */
static const uint32_t printable[4] = {0, 0xa7fffb81, 0x07fffffe, 0x07fffffe};

/* charset_is_printable - tell whether there are the characters of
 * PrintableString alone */
bool
charset_is_printable(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c >= 0x80 || (printable[c / 32] >> c % 32 & 1) == 0)
			return false;
	}
	return true;
}

/* charset_is_numeric - tell whether there are digits and space alone */
bool
charset_is_numeric(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((text.data[i] < '0' || text.data[i] > '9') &&
		    text.data[i] != ' ')
			return false;
	return true;
}

/* charset_length - count how many characters UTF-8 has */
size_t
charset_length(struct slice utf8)
{
	size_t pos = 0, count = 0;

	while (pos < utf8.len) {
		(void)charset_next(utf8, &pos);
		count++;
	}
	return count;
}

/* charset_begin - get the beginning of UTF-8, without a part of a character */
struct slice
charset_begin(struct slice utf8, size_t most)
{
	if (utf8.len <= most)
		return utf8;
	while (most > 0 && (utf8.data[most] & 0xc0) == 0x80)
		most--;
	return slice_of(utf8.data, most);
}

/* charset_fold - take the case from a character (Latin, Greek, Cyrillic) */
uint32_t
charset_fold(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		return c + 32;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return (c & 1) != 0 ? c + 1 : c;
	if (c == 0x178)
		return 0xff;
	if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 &&
	    c != 0x138 && c != 0x149)
		return c | 1;
	if (c >= 0x391 && c <= 0x3a9)
		return c + 32;
	if (c >= 0x410 && c <= 0x42f)
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	return c;
}

/* is_control - tell whether it is C0, DEL, C1, line and paragraph
 * separators, no character,
 * and what turns the direction of the text around it */
static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || (c & 0xfffe) == 0xfffe;
}

/* charset_has_control - tell whether charset_no_controls would change
 * anything */
bool
charset_has_control(struct slice utf8)
{
	size_t pos = 0, from;
	uint32_t c;

	while (pos < utf8.len) {
		from = pos;
		c = charset_next(utf8, &pos);
		if (is_control(c) || !valid_at(utf8, from, pos, c))
			return true;
	}
	return false;
}

/* charset_no_controls - replace each control and non-character by U+FFFD */
int
charset_no_controls(struct slice utf8, struct arena *arena, struct slice *clean)
{
	uint8_t *out, *to;
	size_t pos = 0;
	uint32_t c;

	/* Most texts are clean, and need no memory. */
	if (!charset_has_control(utf8)) {
		*clean = utf8;
		return 0;
	}
	out = to = arena_array(arena, utf8.len, 3);
	if (out == NULL)
		return arena_error(arena);
	while (pos < utf8.len) {
		c = charset_next(utf8, &pos);
		put_utf8(is_control(c) ? REPLACEMENT : c, &to);
	}
	*clean = slice_of(out, (size_t)(to - out));
	return 0;
}

/* charset_latin1_to_utf8 - convert from ISO 8859-1 */
int
charset_latin1_to_utf8(
    struct slice text, struct arena *arena, struct slice *utf8)
{
	uint8_t *out, *to;
	size_t i;

	/* ASCII is the same in both. */
	if (charset_is_ascii(text)) {
		*utf8 = text;
		return 0;
	}
	out = to = arena_array(arena, text.len, 2);
	if (out == NULL)
		return arena_error(arena);
	for (i = 0; i < text.len; i++)
		put_utf8(text.data[i], &to);
	*utf8 = slice_of(out, (size_t)(to - out));
	return 0;
}

/* charset_bmp_to_utf8 - convert from two octets a character, big-endian */
int
charset_bmp_to_utf8(struct slice text, struct arena *arena, struct slice *utf8)
{
	uint8_t *out, *to;
	uint32_t c, low;
	size_t i;

	/* Three octets at most for two: a pair of surrogates has four for
	 * four. */
	out = to = arena_array(arena, text.len / 2 + 1, 3);
	if (out == NULL)
		return arena_error(arena);
	for (i = 0; i + 1 < text.len; i += 2) {
		c = (uint32_t)text.data[i] << 8 | text.data[i + 1];
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < text.len) {
			low =
			    (uint32_t)text.data[i + 2] << 8 | text.data[i + 3];
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c & 0x3ff) << 10) +
				    (low & 0x3ff);
				i += 2;
			}
		}
		put_utf8(c, &to);
	}
	if (i < text.len)
		put_utf8(REPLACEMENT, &to);
	*utf8 = slice_of(out, (size_t)(to - out));
	return 0;
}

/* charset_universal_to_utf8 - convert from four octets a character,
 * big-endian */
int
charset_universal_to_utf8(
    struct slice text, struct arena *arena, struct slice *utf8)
{
	uint8_t *out, *to;
	size_t i;

	out = to = arena_array(arena, text.len / 4 + 1, 4);
	if (out == NULL)
		return arena_error(arena);
	for (i = 0; i + 3 < text.len; i += 4)
		put_utf8((uint32_t)text.data[i] << 24 |
			(uint32_t)text.data[i + 1] << 16 |
			(uint32_t)text.data[i + 2] << 8 | text.data[i + 3],
		    &to);
	if (i < text.len)
		put_utf8(REPLACEMENT, &to);
	*utf8 = slice_of(out, (size_t)(to - out));
	return 0;
}

/* charset_utf8_to_bmp - convert to two octets a character; beyond the BMP
 * two pairs */
int
charset_utf8_to_bmp(struct slice utf8, struct arena *arena, struct slice *text)
{
	uint8_t *out;
	size_t pos = 0, len = 0;
	uint32_t c;

	/* Errors must not travel as replacement characters: the caller chooses
	 * another form. */
	if (!charset_is_utf8(utf8))
		return ERR_SYNTAX;
	out = arena_array(arena, utf8.len, 2);
	if (out == NULL)
		return arena_error(arena);
	while (pos < utf8.len) {
		c = charset_next(utf8, &pos);
		if (c >= 0x10000) {
			c -= 0x10000;
			out[len++] = (uint8_t)(0xd8 | c >> 18);
			out[len++] = (uint8_t)(c >> 10);
			c = 0xdc00 | (c & 0x3ff);
		}
		out[len++] = (uint8_t)(c >> 8);
		out[len++] = (uint8_t)c;
	}
	*text = slice_of(out, len);
	return 0;
}

/* charset_utf8_to_universal - convert to four octets a character */
int
charset_utf8_to_universal(
    struct slice utf8, struct arena *arena, struct slice *text)
{
	uint8_t *out;
	size_t pos = 0, len = 0;
	uint32_t c;

	if (!charset_is_utf8(utf8))
		return ERR_SYNTAX;
	out = arena_array(arena, utf8.len, 4);
	if (out == NULL)
		return arena_error(arena);
	while (pos < utf8.len) {
		c = charset_next(utf8, &pos);
		out[len++] = 0;
		out[len++] = (uint8_t)(c >> 16);
		out[len++] = (uint8_t)(c >> 8);
		out[len++] = (uint8_t)c;
	}
	*text = slice_of(out, len);
	return 0;
}

/* The characters that RFC 2156 3.4 gives a letter. */
static const struct {
	char letter;
	char ascii;
} escapes[] = {{'a', '@'}, {'p', '%'}, {'b', '!'}, {'q', '"'}, {'u', '_'},
    {'l', '('}, {'r', ')'}};

#define ESCAPES (sizeof(escapes) / sizeof(escapes[0]))

/* charset_ascii_to_printable - write "a@b" as "a(a)b" */
int
charset_ascii_to_printable(
    struct slice ascii, struct arena *arena, struct slice *text)
{
	uint8_t *out;
	size_t i, k, len = 0;

	if (!charset_is_ascii(ascii))
		return ERR_VALUE;
	/* Five octets at most for one: "(123)". */
	out = arena_array(arena, ascii.len, 5);
	if (out == NULL)
		return arena_error(arena);
	for (i = 0; i < ascii.len; i++) {
		uint8_t c = ascii.data[i];

		for (k = 0; k < ESCAPES; k++)
			if (escapes[k].ascii == (char)c)
				break;
		if (k == ESCAPES && charset_is_printable(slice_of(&c, 1))) {
			out[len++] = c;
			continue;
		}
		out[len++] = '(';
		if (k < ESCAPES) {
			out[len++] = (uint8_t)escapes[k].letter;
		} else {
			out[len++] = (uint8_t)('0' + c / 100);
			out[len++] = (uint8_t)('0' + c / 10 % 10);
			out[len++] = (uint8_t)('0' + c % 10);
		}
		out[len++] = ')';
	}
	*text = slice_of(out, len);
	return 0;
}

/* get_escape - read one escaped character; its octets, or 0 if it is none */
static size_t
get_escape(struct slice text, uint8_t *out)
{
	const uint8_t *at = text.data;
	unsigned value = 0;

	/* RFC 2156: letters first, as they are shorter; digits are for all
	 * others. */
	if (text.len >= 3 && at[2] == ')')
		for (size_t k = 0; k < ESCAPES; k++)
			if ((at[1] | 0x20) == (uint8_t)escapes[k].letter) {
				*out = (uint8_t)escapes[k].ascii;
				return 3;
			}
	if (text.len < 5 || at[4] != ')')
		return 0;
	for (size_t i = 1; i < 4; i++) {
		if (at[i] < '0' || at[i] > '9')
			return 0;
		value = value * 10 + (unsigned)(at[i] - '0');
	}
	if (value > 127)
		return 0;
	*out = (uint8_t)value;
	return 5;
}

/* charset_printable_to_ascii - read "a(a)b" as "a@b" */
int
charset_printable_to_ascii(
    struct slice text, struct arena *arena, struct slice *ascii)
{
	uint8_t *out = arena_alloc(arena, text.len + 1);
	size_t len = 0;

	if (out == NULL)
		return arena_error(arena);
	if (!charset_is_ascii(text))
		return ERR_VALUE;
	for (size_t i = 0; i < text.len;) {
		size_t used = text.data[i] == '('
		    ? get_escape(
			  slice_of(text.data + i, text.len - i), &out[len])
		    : 0;

		/* A parenthesis that begins no escape stands for itself. */
		if (used == 0) {
			out[len] = text.data[i];
			used = 1;
		}
		len++;
		i += used;
	}
	*ascii = slice_of(out, len);
	return 0;
}
