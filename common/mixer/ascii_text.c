/* SPDX-License-Identifier: ISC */
/*
 * ascii_text.c - text in ASCII alone, as well as that goes
 *
 * Contract in ascii_text.h.
 */
#include "mixer/ascii_text.h"

#include "mhs/charset.h"

/* Longest text that stands for one character. */
#define LETTERS_MAX 4

/* From U+00A0 to U+017F. */
#define FIRST 0xa0
#define LAST  0x17f

/* clang-format off */
static const char letters[LAST + 1 - FIRST][LETTERS_MAX + 1] = {
    " ", "!", "c", "GBP", "?", "JPY", "|", "par.", "\"", "(C)", "a", "<<",
    "-", "", "(R)", "-", "deg", "+-", "2", "3", "'", "u", "par.", ".", ",",
    "1", "o", ">>", "1/4", "1/2", "3/4", "?", "A", "A", "A", "A", "Ae", "Aa",
    "AE", "C", "E", "E", "E", "E", "I", "I", "I", "I", "D", "N", "O", "O",
    "O", "O", "Oe", "x", "Oe", "U", "U", "U", "Ue", "Y", "Th", "ss", "a", "a",
    "a", "a", "ae", "aa", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "oe", "/", "oe", "u", "u", "u", "ue", "y",
    "th", "y", "A", "a", "A", "a", "A", "a", "C", "c", "C", "c", "C", "c",
    "C", "c", "D", "d", "D", "d", "E", "e", "E", "e", "E", "e", "E", "e", "E",
    "e", "G", "g", "G", "g", "G", "g", "G", "g", "H", "h", "H", "h", "I", "i",
    "I", "i", "I", "i", "I", "i", "I", "i", "IJ", "ij", "J", "j", "K", "k",
    "k", "L", "l", "L", "l", "L", "l", "L", "l", "L", "l", "N", "n", "N", "n",
    "N", "n", "'n", "N", "n", "O", "o", "O", "o", "O", "o", "OE", "oe", "R",
    "r", "R", "r", "R", "r", "S", "s", "S", "s", "S", "s", "S", "s", "T", "t",
    "T", "t", "T", "t", "U", "u", "U", "u", "U", "u", "U", "u", "U", "u", "U",
    "u", "W", "w", "Y", "y", "Y", "Z", "z", "Z", "z", "Z", "z", "s"
};
/* clang-format on */

/* Marks that writers of letters use. */
static const struct {
	uint32_t character;
	const char *letters;
} marks[] = {
    {0x2010, "-"},
    {0x2011, "-"},
    {0x2012, "-"},
    {0x2013, "-"},
    {0x2014, "-"},
    {0x2018, "'"},
    {0x2019, "'"},
    {0x201a, "'"},
    {0x201c, "\""},
    {0x201d, "\""},
    {0x201e, "\""},
    {0x2022, "*"},
    {0x2026, "..."},
    {0x202f, " "},
    {0x2039, "<"},
    {0x203a, ">"},
    {0x20ac, "EUR"},
    {0x2122, "(TM)"},
    {0xfeff, ""},
};

/* letters_of - find what stands for a character */
static const char *
letters_of(uint32_t character)
{
	if (character >= FIRST && character <= LAST)
		return letters[character - FIRST];
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i].character == character)
			return marks[i].letters;
	return "?";
}

/* ascii_text_init - begin with nothing read */
void
ascii_text_init(struct ascii_text *text)
{
	memset(text, 0, sizeof(*text));
}

/* put - add what stands for a character; there is room */
static void
put(struct ascii_text *text, uint32_t character)
{
	const char *from = letters_of(character);

	text->is_lossy = true;
	while (*from != '\0')
		text->out[text->out_len++] = *from++;
}

/* put_held - add octets that are no character, each as one of ISO 8859-1 */
static void
put_held(struct ascii_text *text)
{
	for (unsigned i = 0; i < text->held_len; i++)
		put(text, text->held[i]);
	text->is_false = text->is_false || text->held_len > 0;
	text->held_len = 0;
}

/* take - take one octet */
static void
take(struct ascii_text *text, uint8_t octet)
{
	size_t pos = 0;

	if (text->held_len > 0 && (octet & 0xc0) == 0x80) {
		text->held[text->held_len++] = octet;
		if (text->held_len < text->held_whole)
			return;
		if (!charset_is_utf8(slice_of(text->held, text->held_len))) {
			put_held(text);
			return;
		}
		put(text,
		    charset_next(slice_of(text->held, text->held_len), &pos));
		text->held_len = 0;
		return;
	}
	put_held(text);
	if (octet < 0x80) {
		text->out[text->out_len++] = (char)octet;
		return;
	}
	text->held[text->held_len++] = octet;
	text->held_whole = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2;
	/* No character begins so. */
	if (octet < 0xc2 || octet > 0xf4)
		put_held(text);
}

/* give - hand on what was made */
static int
give(struct ascii_text *text, mime_sink sink, void *arg)
{
	size_t len = text->out_len;

	text->out_len = 0;
	return len > 0 ? sink(arg, slice_of(text->out, len)) : 0;
}

/* ascii_text_push - hand on UTF-8 as ASCII */
int
ascii_text_push(
    struct ascii_text *text, struct slice utf8, mime_sink sink, void *arg)
{
	int error = 0;

	for (size_t i = 0; i < utf8.len && error == 0; i++) {
		take(text, utf8.data[i]);
		/* An octet may end four that were held. */
		if (text->out_len > ASCII_TEXT_ROOM - 5 * LETTERS_MAX)
			error = give(text, sink, arg);
	}
	return error == 0 ? give(text, sink, arg) : error;
}

/* ascii_text_finish - hand on what was held */
int
ascii_text_finish(struct ascii_text *text, mime_sink sink, void *arg)
{
	put_held(text);
	return give(text, sink, arg);
}
