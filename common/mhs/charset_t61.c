/* SPDX-License-Identifier: ISC */
/*
 * charset_t61.c - T.61, as TeletexString is used, to and from UTF-8
 *
 * The lower half is ASCII, the upper ISO 6937's graphics with T.61's dollar
 * and number signs.  A diacritic (0xC1 to 0xCF) stands before its letter; one
 * that no letter of Unicode has becomes letter and combining character.
 *
 * The iconv of glibc 2.36 does not serve: its T.61-8BIT refuses 30 octets that
 * mail has, "#" and "$" among them, and its ISO_6937 those two at 0xA6 and
 * 0xA4; both make Eth of 0xE2, which is D with stroke, and both refuse 1,260
 * of the 1,425 pairs of diacritic and printable character, where a text would
 * lose a letter that it could show.
 */
#include "mhs/charset.h"

#define REPLACEMENT 0xfffdU

/* clang-format off */

/* 0xA0 to 0xBF and 0xD0 to 0xFF; 0 is no character. */
static const uint16_t graphic_a0[32] = {
	0x00a0, 0x00a1, 0x00a2, 0x00a3, 0x0024, 0x00a5, 0x0023, 0x00a7,
	0x00a4, 0x2018, 0x201c, 0x00ab, 0x2190, 0x2191, 0x2192, 0x2193,
	0x00b0, 0x00b1, 0x00b2, 0x00b3, 0x00d7, 0x00b5, 0x00b6, 0x00b7,
	0x00f7, 0x2019, 0x201d, 0x00bb, 0x00bc, 0x00bd, 0x00be, 0x00bf
};
static const uint16_t graphic_d0[48] = {
	0x2015, 0x00b9, 0x00ae, 0x00a9, 0x2122, 0x266a, 0x00ac, 0x00a6,
	0x0000, 0x0000, 0x0000, 0x0000, 0x215b, 0x215c, 0x215d, 0x215e,
	0x2126, 0x00c6, 0x0110, 0x00aa, 0x0126, 0x0000, 0x0132, 0x013f,
	0x0141, 0x00d8, 0x0152, 0x00ba, 0x00de, 0x0166, 0x014a, 0x0149,
	0x0138, 0x00e6, 0x0111, 0x00f0, 0x0127, 0x0131, 0x0133, 0x0140,
	0x0142, 0x00f8, 0x0153, 0x00df, 0x00fe, 0x0167, 0x014b, 0x00ad
};

/* A diacritic, and what it makes of which letters. */
struct diacritic {
	uint8_t octet;
	uint16_t combining;
	const char *letters;
	uint16_t composed[26];
};

static const struct diacritic diacritics[] = {
	{0xc1, 0x0300, "AaEeIiOoUu",
	    {0x0c0, 0x0e0, 0x0c8, 0x0e8, 0x0cc, 0x0ec, 0x0d2, 0x0f2, 0x0d9,
	    0x0f9}},
	{0xc2, 0x0301, "AaCcEeIiLlNnOoRrSsUuYyZz",
	    {0x0c1, 0x0e1, 0x106, 0x107, 0x0c9, 0x0e9, 0x0cd, 0x0ed, 0x139,
	    0x13a, 0x143, 0x144, 0x0d3, 0x0f3, 0x154, 0x155, 0x15a, 0x15b,
	    0x0da, 0x0fa, 0x0dd, 0x0fd, 0x179, 0x17a}},
	{0xc3, 0x0302, "AaCcEeGgHhIiJjOoSsUuWwYy",
	    {0x0c2, 0x0e2, 0x108, 0x109, 0x0ca, 0x0ea, 0x11c, 0x11d, 0x124,
	    0x125, 0x0ce, 0x0ee, 0x134, 0x135, 0x0d4, 0x0f4, 0x15c, 0x15d,
	    0x0db, 0x0fb, 0x174, 0x175, 0x176, 0x177}},
	{0xc4, 0x0303, "AaIiNnOoUu",
	    {0x0c3, 0x0e3, 0x128, 0x129, 0x0d1, 0x0f1, 0x0d5, 0x0f5, 0x168,
	    0x169}},
	{0xc5, 0x0304, "AaEeIiOoUu",
	    {0x100, 0x101, 0x112, 0x113, 0x12a, 0x12b, 0x14c, 0x14d, 0x16a,
	    0x16b}},
	{0xc6, 0x0306, "AaEeGgIiOoUu",
	    {0x102, 0x103, 0x114, 0x115, 0x11e, 0x11f, 0x12c, 0x12d, 0x14e,
	    0x14f, 0x16c, 0x16d}},
	{0xc7, 0x0307, "CcEeGgIZz",
	    {0x10a, 0x10b, 0x116, 0x117, 0x120, 0x121, 0x130, 0x17b, 0x17c}},
	{0xc8, 0x0308, "AaEeIiOoUuYy",
	    {0x0c4, 0x0e4, 0x0cb, 0x0eb, 0x0cf, 0x0ef, 0x0d6, 0x0f6, 0x0dc,
	    0x0fc, 0x178, 0x0ff}},
	{0xca, 0x030a, "AaUu",
	    {0x0c5, 0x0e5, 0x16e, 0x16f}},
	{0xcb, 0x0327, "CcGgKkLlNnRrSsTt",
	    {0x0c7, 0x0e7, 0x122, 0x123, 0x136, 0x137, 0x13b, 0x13c, 0x145,
	    0x146, 0x156, 0x157, 0x15e, 0x15f, 0x162, 0x163}},
	{0xcd, 0x030b, "OoUu",
	    {0x150, 0x151, 0x170, 0x171}},
	{0xce, 0x0328, "AaEeIiUu",
	    {0x104, 0x105, 0x118, 0x119, 0x12e, 0x12f, 0x172, 0x173}},
	{0xcf, 0x030c, "CcDdEeLlNnRrSsTtZz",
	    {0x10c, 0x10d, 0x10e, 0x10f, 0x11a, 0x11b, 0x13d, 0x13e, 0x147,
	    0x148, 0x158, 0x159, 0x160, 0x161, 0x164, 0x165, 0x17d, 0x17e}},
	/* T.61 of 1984 told umlaut and diaeresis apart; not for the reverse. */
	{0xc9, 0x0308, "AaEeIiOoUuYy",
	    {0x0c4, 0x0e4, 0x0cb, 0x0eb, 0x0cf, 0x0ef, 0x0d6, 0x0f6, 0x0dc,
	    0x0fc, 0x178, 0x0ff}},
	{0xcc, 0x0332, "", {0}},
};

/* A diacritic before a space stands for itself: 0xC1 to 0xCF. */
static const uint16_t spacing[15] = {
	0x0060, 0x00b4, 0x005e, 0x007e, 0x00af, 0x02d8, 0x02d9, 0x00a8,
	0x00a8, 0x02da, 0x00b8, 0x005f, 0x02dd, 0x02db, 0x02c7,
};

/* clang-format on */

#define DIACRITICS (sizeof(diacritics) / sizeof(diacritics[0]))

/* diacritic_of - find the diacritic of an octet, or NULL */
static const struct diacritic *
diacritic_of(uint8_t octet)
{
	size_t i;

	for (i = 0; i < DIACRITICS; i++)
		if (diacritics[i].octet == octet)
			return &diacritics[i];
	return NULL;
}

/* charset_t61_put - write a character of the BMP as UTF-8 at *to, which moves
 * on */
static void
charset_t61_put(uint32_t c, uint8_t **to)
{
	uint8_t *p = *to;

	if (c < 0x80) {
		*p++ = (uint8_t)c;
	} else if (c < 0x800) {
		*p++ = (uint8_t)(0xc0 | c >> 6);
		*p++ = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		*p++ = (uint8_t)(0xe0 | (c >> 12 & 0x0f));
		*p++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*p++ = (uint8_t)(0x80 | (c & 0x3f));
	}
	*to = p;
}

/* graphic - find the character of an octet that is no diacritic */
static uint32_t
graphic(uint8_t octet)
{
	uint32_t c = 0;

	if (octet < 0x80)
		return octet;
	if (octet >= 0xa0 && octet < 0xc0)
		c = graphic_a0[octet - 0xa0];
	else if (octet >= 0xd0)
		c = graphic_d0[octet - 0xd0];
	return c == 0 ? REPLACEMENT : c;
}

/* put_marked - write a letter with its diacritic */
static void
put_marked(const struct diacritic *mark, uint8_t letter, uint8_t **to)
{
	const char *at;

	/* A mark on a blank is the mark alone. */
	if (letter == ' ') {
		charset_t61_put(spacing[mark->octet - 0xc1], to);
		return;
	}
	at = letter == 0 || letter >= 0x80 ? NULL
					   : strchr(mark->letters, letter);
	if (at != NULL) {
		charset_t61_put(mark->composed[at - mark->letters], to);
		return;
	}
	/* No such letter with its mark in Unicode: letter and combining
	 * mark. */
	charset_t61_put(graphic(letter), to);
	charset_t61_put(mark->combining, to);
}

/* charset_t61_to_utf8 - convert from T.61 */
int
charset_t61_to_utf8(struct slice text, struct arena *arena, struct slice *utf8)
{
	const struct diacritic *mark;
	uint8_t *out, *to;
	size_t i;

	if (charset_is_ascii(text)) {
		*utf8 = text;
		return 0;
	}
	out = to = arena_array(arena, text.len, 3);
	if (out == NULL)
		return arena_error(arena);
	for (i = 0; i < text.len; i++) {
		mark = text.data[i] > 0xc0 && text.data[i] < 0xd0
		    ? diacritic_of(text.data[i])
		    : NULL;
		if (mark == NULL)
			charset_t61_put(graphic(text.data[i]), &to);
		/* A mark without a letter, at the end or before another, has
		 * nothing to stand on. */
		else if (i + 1 == text.len ||
		    (text.data[i + 1] > 0xc0 && text.data[i + 1] < 0xd0))
			charset_t61_put(REPLACEMENT, &to);
		else
			put_marked(mark, text.data[++i], &to);
	}
	*utf8 = slice_of(out, (size_t)(to - out));
	return 0;
}

/* unput_graphic - find the octet of a character, or 0 */
static uint8_t
unput_graphic(uint32_t c)
{
	size_t i;

	/* ASCII is in the lower half, "$" and "#" are not read from there. */
	if (c < 0x80)
		return 0;
	for (i = 0; i < 32; i++)
		if (graphic_a0[i] == c)
			return (uint8_t)(0xa0 + i);
	for (i = 0; i < 48; i++)
		if (graphic_d0[i] == c)
			return (uint8_t)(0xd0 + i);
	return 0;
}

/* unput_marked - find the two octets of a letter with a diacritic; whether
 * any */
static bool
unput_marked(uint32_t c, uint8_t octets[2])
{
	size_t i, k;

	for (i = 0; i < DIACRITICS; i++)
		for (k = 0; diacritics[i].letters[k] != 0; k++)
			if (diacritics[i].composed[k] == c) {
				octets[0] = diacritics[i].octet;
				octets[1] = (uint8_t)diacritics[i].letters[k];
				return true;
			}
	for (i = 0; i < 15; i++)
		if (spacing[i] == c) {
			octets[0] = (uint8_t)(0xc1 + i);
			octets[1] = ' ';
			return true;
		}
	return false;
}

/* mark_octet - find the diacritic of a combining character, or 0 */
static uint8_t
mark_octet(uint32_t combining)
{
	size_t i;

	for (i = 0; i < DIACRITICS; i++)
		if (diacritics[i].combining == combining)
			return diacritics[i].octet;
	return 0;
}

/* charset_utf8_to_t61 - convert to T.61 */
int
charset_utf8_to_t61(struct slice utf8, struct arena *arena, struct slice *text)
{
	uint8_t *out, mark, octet;
	size_t pos = 0, next, len = 0;
	uint32_t c;

	if (charset_is_ascii(utf8)) {
		*text = utf8;
		return 0;
	}
	if (!charset_is_utf8(utf8))
		return ERR_SYNTAX;
	out = arena_alloc(arena, utf8.len);
	if (out == NULL)
		return arena_error(arena);
	while (pos < utf8.len) {
		c = charset_next(utf8, &pos);
		octet = c < 0x80 ? (uint8_t)c : unput_graphic(c);
		mark = 0;
		if (pos < utf8.len && octet != 0) {
			next = pos;
			mark = mark_octet(charset_next(utf8, &next));
			if (mark != 0)
				pos = next;
		}
		if (mark != 0)
			out[len++] = mark;
		if (octet != 0 || c == 0)
			out[len++] = octet;
		else if (unput_marked(c, out + len))
			len += 2;
		else
			return ERR_VALUE;
	}
	*text = slice_of(out, len);
	return 0;
}
