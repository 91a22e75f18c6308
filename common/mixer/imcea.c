/* SPDX-License-Identifier: ISC */
/*
 * imcea.c - an O/R address as Exchange encapsulates it in a local part
 *
 * Contract in imcea.h.
 */
#include "mixer/imcea.h"

#include <ctype.h>
#include <strings.h>

#define PREFIX	   "IMCEAX400-"
#define PREFIX_LEN (sizeof(PREFIX) - 1)

/* imcea_is - tell whether a local part is encapsulated so */
bool
imcea_is(struct slice local)
{
	return local.len > PREFIX_LEN &&
	    strncasecmp((const char *)local.data, PREFIX, PREFIX_LEN) == 0;
}

/* digit - read a hexadecimal digit, or -1 */
static int
digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c < 0x80 && isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* imcea_decode - get the text of the O/R address */
int
imcea_decode(struct slice local, struct arena *arena, struct slice *text)
{
	uint8_t *out = arena_alloc(arena, local.len);
	size_t len = 0;

	if (out == NULL)
		return arena_error(arena);
	for (size_t i = PREFIX_LEN; i < local.len; i++) {
		uint8_t c = local.data[i];
		int high, low;

		if (c == '+') {
			high =
			    i + 2 < local.len ? digit(local.data[i + 1]) : -1;
			low = i + 2 < local.len ? digit(local.data[i + 2]) : -1;
			if (high < 0 || low < 0)
				return ERR_SYNTAX;
			c = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (c == '_') {
			c = '/';
		}
		out[len++] = c;
	}
	*text = slice_of(out, len);
	return 0;
}

/* imcea_encode - encapsulate the text of an O/R address */
int
imcea_encode(struct slice text, struct arena *arena, struct slice *local)
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t *out = arena_alloc(arena, PREFIX_LEN + 3 * text.len);
	size_t len = PREFIX_LEN;

	if (out == NULL)
		return arena_error(arena);
	memcpy(out, PREFIX, PREFIX_LEN);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c < 0x80 && (isalnum(c) || c == '=' || c == '-')) {
			out[len++] = c;
		} else {
			out[len++] = '+';
			out[len++] = (uint8_t)digits[c >> 4];
			out[len++] = (uint8_t)digits[c & 15];
		}
	}
	*local = slice_of(out, len);
	return 0;
}
