/* SPDX-License-Identifier: ISC */
/*
 * ipm_text.c - text that comes in, to UTF-8 (X.420 annex B.2, ISO 2022)
 *
 * Contract in ipm_text.h.
 */
#include "mhs/ipm_text.h"
#include "mhs/charset.h"
#include "mhs/ipm_right_half.h"

#define ESC  0x1b
#define MARK 0xfffdU

/* Octets converted at a time, so that the arena stays small. */
#define PIECE 4096

/* The right halves that escape sequences name: ESC "-" and the final octet.
 * The first WRITTEN are written, in this order. */
static const struct {
	uint8_t final;
	enum ipm_set set;
} right_halves[] = {{'A', IPM_SET_LATIN1}, {'B', IPM_SET_LATIN2},
    {'L', IPM_SET_CYRILLIC}, {'F', IPM_SET_GREEK}, {'M', IPM_SET_LATIN5},
    {'b', IPM_SET_LATIN9}, {'C', IPM_SET_LATIN3}, {'D', IPM_SET_LATIN4},
    {'G', IPM_SET_ARABIC}, {'H', IPM_SET_HEBREW}, {'V', IPM_SET_LATIN6},
    {'T', IPM_SET_THAI}, {'Y', IPM_SET_LATIN7}, {'_', IPM_SET_LATIN8},
    {'f', IPM_SET_LATIN10}};

#define RIGHT_HALVES (sizeof(right_halves) / sizeof(right_halves[0]))
#define WRITTEN	     6

/* ipm_set_known - find the set of a registration */
bool
ipm_set_known(int64_t registration, enum ipm_set *set)
{
	for (size_t i = 0; i < RIGHT_HALVES; i++)
		if (registration == right_halves[i].set) {
			*set = right_halves[i].set;
			return true;
		}
	switch (registration) {
	case 1: /* controls, ASCII and its international version */
	case 2:
	case 6:
	case 77:
	case 104:
	case 105:
	case 106:
	case 107:
		return true;
	case 102: /* T.61 primary, 103 supplementary */
	case 103:
	case 142: /* ISO 6937, whose graphics T.61 has at the same places */
	case 156:
		*set = IPM_SET_T61;
		return true;
	case 190:
	case 191:
	case 192:
	case 196:
		*set = IPM_SET_UTF8;
		return true;
	default:
		return false;
	}
}

/* ipm_text_init - prepare for text in this set */
void
ipm_text_init(struct ipm_text *text, enum ipm_set set, enum ipm_escapes escapes)
{
	*text = (struct ipm_text){.set = set,
	    .before = set,
	    .designated = {set, set, IPM_SET_UNKNOWN, IPM_SET_UNKNOWN},
	    .right = 1,
	    .escapes = escapes == IPM_ESCAPES_OBEYED};
	arena_init(&text->arena, 64 * 1024);
}

/* ipm_text_fini - free what it held */
void
ipm_text_fini(struct ipm_text *text)
{
	arena_fini(&text->arena);
	text->held_len = 0;
}

/* escape_end - tell whether an escape sequence is complete (ISO 2022 13.1) */
static bool
escape_end(const struct ipm_text *text)
{
	uint8_t last = text->held[text->held_len - 1];

	/* A sequence that fills the buffer is taken for complete: longer ones
	 * are not in use. */
	return text->held_len == sizeof(text->held) ||
	    (text->held_len > 1 && (last < 0x20 || last > 0x2f));
}

/* octet_of - find the octet of a character in a set; 0: it has none */
static uint8_t
octet_of(enum ipm_set set, uint32_t character)
{
	if (character < 0x80)
		return (uint8_t)character;
	for (unsigned octet = 0xa0; octet <= 0xff; octet++)
		if (ipm_right_half(set, (uint8_t)octet) == character)
			return (uint8_t)octet;
	return 0;
}

/* narrow_to - write text in one set; false if that has not all of it */
static bool
narrow_to(enum ipm_set set, struct slice utf8, uint8_t *out, size_t *len)
{
	size_t pos = 0;

	*len = 0;
	while (pos < utf8.len) {
		uint8_t octet = octet_of(set, charset_next(utf8, &pos));

		if (octet == 0)
			return false;
		out[(*len)++] = octet;
	}
	return true;
}

/* ipm_text_graphic - write a name as a GraphicString */
size_t
ipm_text_graphic(struct slice utf8, uint8_t *out)
{
	size_t len;

	if (charset_is_ascii(utf8)) {
		memcpy(out, utf8.data, utf8.len);
		return utf8.len;
	}
	out[0] = ESC;
	/* The narrowest set is tried first: old readers know Latin-1, few know
	 * UTF-8. */
	for (size_t i = 0; i < WRITTEN && charset_is_utf8(utf8); i++) {
		if (!narrow_to(right_halves[i].set, utf8, out + 3, &len))
			continue;
		out[1] = '-';
		out[2] = right_halves[i].final;
		return 3 + len;
	}
	out[1] = '%';
	out[2] = 'G';
	memcpy(out + 3, utf8.data, utf8.len);
	return 3 + utf8.len;
}

/* designate - do what an escape sequence that names a set says (ISO 2022) */
static void
designate(struct ipm_text *text)
{
	uint8_t kind = text->held[1], final = text->held[2];
	unsigned number;

	/* Sets of two octets a character go left unless ")" or "-" follows. */
	if (kind == '$') {
		if (final == ')' || final == '-')
			text->set = IPM_SET_UNKNOWN;
		else
			text->left_unknown = true;
		return;
	}
	if (kind == '(') {
		text->left_unknown = final != 'B' && final != '@';
		return;
	}
	number = kind == '-' || kind == ')' ? 1
	    : kind == '.' || kind == '*'    ? 2
					    : 3;
	/* Until a known set is named, octets on the right cannot be shown. */
	text->designated[number] = IPM_SET_UNKNOWN;
	for (size_t i = 0; i < RIGHT_HALVES; i++)
		if (memchr("-./", kind, 3) != NULL &&
		    right_halves[i].final == final)
			text->designated[number] = right_halves[i].set;
	if (number == text->right)
		text->set = text->designated[number];
}

/* shift - make another set the right half (ISO 2022 7.3); false: this is no
 * such shift */
static bool
shift(struct ipm_text *text)
{
	uint8_t c = text->held[1];

	if (c < 0x7c || c > 0x7e)
		return false;
	text->right = 0x7fU - c;
	text->set = text->designated[text->right];
	return true;
}

/* escape_obey - do what an escape sequence says; false: it is no such */
static bool
escape_obey(struct ipm_text *text, unsigned len)
{
	if (len == 2)
		return shift(text);
	if (len < 3)
		return false;
	/* Sets of controls are all the same here. */
	if (text->held[1] == '!' || text->held[1] == '"')
		return true;
	/* With "/" there is no way back (ISO 2022 15.4.2). */
	if (text->held[1] == '%' &&
	    (text->held[2] == 'G' ||
		(text->held[2] == '/' && len == 4 && text->held[3] >= 'G' &&
		    text->held[3] <= 'I'))) {
		/* The way back leads to the set before, not to UTF-8. */
		if (text->set != IPM_SET_UTF8)
			text->before = text->set;
		text->set = IPM_SET_UTF8;
		return true;
	}
	if (text->held[1] == '%' && text->held[2] == '@') {
		text->set = text->before;
		return true;
	}
	if (memchr("$()-*+./", text->held[1], 8) == NULL)
		return false;
	designate(text);
	return true;
}

/* put_character - append a character as UTF-8 */
static size_t
put_character(uint8_t *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	out[0] = (uint8_t)(0xe0 | c >> 12);
	out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c & 0x3f));
	return 3;
}

/* push_half - convert octets of a set with a right half, without escapes */
static int
push_half(enum ipm_set set, struct slice octets, ipm_text_sink sink, void *arg)
{
	uint8_t out[3 * PIECE];

	if (charset_is_ascii(octets))
		return sink(arg, octets);
	while (octets.len > 0) {
		size_t take = octets.len < PIECE ? octets.len : PIECE, len = 0;
		int error;

		for (size_t i = 0; i < take; i++) {
			uint8_t octet = octets.data[i];

			if (octet < 0x80)
				out[len++] = octet;
			else
				len += put_character(
				    out + len, ipm_right_half(set, octet));
		}
		if ((error = sink(arg, slice_of(out, len))) < 0)
			return error;
		octets = slice_of(octets.data + take, octets.len - take);
	}
	return 0;
}

/* push_t61 - convert T.61, a diacritic at the end held back for its letter */
static int
push_t61(
    struct ipm_text *text, struct slice octets, ipm_text_sink sink, void *arg)
{
	uint8_t piece[PIECE + 1];

	while (octets.len > 0) {
		size_t take = octets.len < PIECE ? octets.len : PIECE;
		struct slice utf8;
		size_t len = 0;
		int error;

		if (text->held_len == 1)
			piece[len++] = text->held[0];
		text->held_len = 0;
		memcpy(piece + len, octets.data, take);
		len += take;
		octets = slice_of(octets.data + take, octets.len - take);
		/* C0 is no diacritic, and may follow one. */
		if (piece[len - 1] > 0xc0 && piece[len - 1] < 0xd0) {
			text->held[0] = piece[--len];
			text->held_len = 1;
		}
		if (len == 0)
			continue;
		if ((error = charset_t61_to_utf8(
			 slice_of(piece, len), &text->arena, &utf8)) < 0)
			return error;
		error = sink(arg, utf8);
		arena_reset(&text->arena);
		if (error < 0)
			return error;
	}
	return 0;
}

/* utf8_begun - get how many octets at the end begin a character */
static size_t
utf8_begun(struct slice octets)
{
	for (size_t back = 1; back <= 3 && back <= octets.len; back++) {
		uint8_t octet = octets.data[octets.len - back];

		if ((octet & 0xc0) == 0x80)
			continue;
		if (octet < 0xc2 || octet > 0xf4)
			return 0;
		return back < (octet < 0xe0	     ? 2U
				      : octet < 0xf0 ? 3U
						     : 4U)
		    ? back
		    : 0;
	}
	return 0;
}

/* push_marked - hand on UTF-8 with a mark for each octet that is none */
static int
push_marked(struct slice octets, ipm_text_sink sink, void *arg)
{
	size_t pos = 0, from = 0, before;
	int error = 0;

	while (pos < octets.len && error == 0) {
		before = pos;
		/* U+FFFD itself has three octets; an error takes one. */
		if (charset_next(octets, &pos) != MARK || pos - before != 1)
			continue;
		if (before > from)
			error = sink(
			    arg, slice_of(octets.data + from, before - from));
		if (error == 0)
			error = sink(arg, slice_of("\xef\xbf\xbd", 3));
		from = pos;
	}
	if (error == 0 && pos > from)
		error = sink(arg, slice_of(octets.data + from, pos - from));
	return error;
}

/* push_utf8 - hand on UTF-8, a character cut at the end held back */
static int
push_utf8(
    struct ipm_text *text, struct slice octets, ipm_text_sink sink, void *arg)
{
	uint8_t piece[PIECE + 4];

	while (octets.len > 0) {
		size_t len = text->held_len, take, begun;
		int error;

		memcpy(piece, text->held, len);
		take = octets.len < PIECE ? octets.len : PIECE;
		memcpy(piece + len, octets.data, take);
		octets = slice_of(octets.data + take, octets.len - take);
		len += take;
		begun = utf8_begun(slice_of(piece, len));
		memcpy(text->held, piece + len - begun, begun);
		text->held_len = (unsigned)begun;
		error = push_marked(slice_of(piece, len - begun), sink, arg);
		if (error < 0)
			return error;
	}
	return 0;
}

/* push_unknown - hand on a mark for each character of an unknown left half */
static int
push_unknown(struct slice octets, ipm_text_sink sink, void *arg)
{
	uint8_t out[3 * PIECE];

	while (octets.len > 0) {
		size_t take = octets.len < PIECE ? octets.len : PIECE, len = 0;
		int error;

		for (size_t i = 0; i < take; i++) {
			uint8_t octet = octets.data[i];

			len += put_character(
			    out + len, octet > 0x20 ? MARK : octet);
		}
		if ((error = sink(arg, slice_of(out, len))) < 0)
			return error;
		octets = slice_of(octets.data + take, octets.len - take);
	}
	return 0;
}

/* push_plain - hand on octets without escape sequences */
static int
push_plain(
    struct ipm_text *text, struct slice octets, ipm_text_sink sink, void *arg)
{
	if (octets.len == 0)
		return 0;
	if (text->set == IPM_SET_UTF8)
		return push_utf8(text, octets, sink, arg);
	if (text->left_unknown)
		return push_unknown(octets, sink, arg);
	if (text->set == IPM_SET_T61)
		return push_t61(text, octets, sink, arg);
	return push_half(text->set, octets, sink, arg);
}

/* push_escape - take one octet of an escape sequence */
static int
push_escape(struct ipm_text *text, uint8_t octet, ipm_text_sink sink, void *arg)
{
	struct slice held;

	text->held[text->held_len++] = octet;
	if (!escape_end(text))
		return 0;
	held = slice_of(text->held, text->held_len);
	text->held_len = 0;
	/* Sequences that name no set are for the reader to see. */
	if (escape_obey(text, (unsigned)held.len))
		return 0;
	return push_half(IPM_SET_LATIN1, held, sink, arg);
}

/* ipm_text_push - hand on octets as UTF-8 */
int
ipm_text_push(
    struct ipm_text *text, struct slice octets, ipm_text_sink sink, void *arg)
{
	size_t i = 0;
	int error;

	if (!text->escapes)
		return push_plain(text, octets, sink, arg);
	while (i < octets.len) {
		const uint8_t *rest = octets.data + i, *esc;
		size_t left = octets.len - i;

		if (text->held_len > 0 && text->held[0] == ESC) {
			if ((error = push_escape(text, *rest, sink, arg)) < 0)
				return error;
			i++;
			continue;
		}
		esc = memchr(rest, ESC, left);
		if (esc != NULL)
			left = (size_t)(esc - rest);
		if ((error = push_plain(
			 text, slice_of(rest, left), sink, arg)) < 0)
			return error;
		i += left;
		if (esc == NULL)
			break;
		/* a diacritic without its letter */
		if ((error = ipm_text_finish(text, sink, arg)) < 0)
			return error;
		text->held[text->held_len++] = ESC;
		i++;
	}
	return 0;
}

/* ipm_text_finish - hand on what was held */
int
ipm_text_finish(struct ipm_text *text, ipm_text_sink sink, void *arg)
{
	struct slice utf8, held = slice_of(text->held, text->held_len);
	int error;

	if (held.len == 0)
		return 0;
	text->held_len = 0;
	if (held.data[0] == ESC)
		return push_half(IPM_SET_LATIN1, held, sink, arg);
	if (text->set == IPM_SET_UTF8)
		return push_marked(held, sink, arg);
	if ((error = charset_t61_to_utf8(held, &text->arena, &utf8)) < 0)
		return error;
	error = sink(arg, utf8);
	arena_reset(&text->arena);
	return error;
}
