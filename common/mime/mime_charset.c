/* SPDX-License-Identifier: ISC */
/*
 * mime_charset.c - text in the character sets of the Internet, to UTF-8
 *
 * Contract in mime_charset.h.
 */
#include "mime/mime_charset.h"

#include <errno.h>

#include "mhs/charset.h"
#include "mime/mime_header.h"

#define PIECE 4096

/* The sets, each with the name that iconv knows first.  Under some names a
 * larger set travels, and is read: windows-1252 as iso-8859-1, cp949 as euc-kr,
 * cp932 as shift_jis, gb18030 as gb2312, iso-2022-jp-2 as iso-2022-jp.  The
 * first LARGER do not have all controls that the named sets have. */
static const struct {
	const char *names[5];
} table[] = {
    {{"windows-1252", "cp1252", "iso-8859-1", "latin1", "iso8859-1"}},
    {{"windows-1252", "iso_8859-1", "l1"}},
    {{"cp949", "euc-kr", "ks_c_5601-1987"}},
    {{"iso-8859-2", "latin2", "iso8859-2"}},
    {{"iso-8859-3"}},
    {{"iso-8859-4"}},
    {{"iso-8859-5", "cyrillic"}},
    {{"iso-8859-6", "arabic", "iso-8859-6-i"}},
    {{"iso-8859-7", "greek"}},
    {{"iso-8859-8", "hebrew", "iso-8859-8-i"}},
    {{"iso-8859-9", "latin5"}},
    {{"iso-8859-10"}},
    {{"iso-8859-11", "tis-620"}},
    {{"iso-8859-13"}},
    {{"iso-8859-14"}},
    {{"iso-8859-15", "latin-9", "latin9"}},
    {{"iso-8859-16"}},
    {{"windows-1250", "cp1250"}},
    {{"windows-1251", "cp1251"}},
    {{"windows-1253", "cp1253"}},
    {{"windows-1254", "cp1254"}},
    {{"windows-1255", "cp1255"}},
    {{"windows-1256", "cp1256"}},
    {{"windows-1257", "cp1257"}},
    {{"windows-1258", "cp1258"}},
    {{"koi8-r"}},
    {{"koi8-u"}},
    {{"iso-2022-jp-2", "iso-2022-jp"}},
    {{"cp932", "shift_jis", "shift-jis", "sjis", "x-sjis"}},
    {{"euc-jp"}},
    {{"iso-2022-kr"}},
    {{"gb18030", "gb2312", "gbk", "hz-gb-2312"}},
    {{"big5", "big5-hkscs"}},
    {{"utf-16"}},
    {{"utf-16le"}},
    {{"utf-16be"}},
    {{"utf-7"}},
    {{"ibm850", "cp850"}},
    {{"ibm437", "cp437"}},
    {{"macintosh"}},
};

#define TABLE  (sizeof(table) / sizeof(table[0]))
#define LARGER 3

_Static_assert(TABLE <= MIME_CHARSETS, "room for every set");

/* mime_charsets_open - open all sets */
void
mime_charsets_open(struct mime_charsets *charsets)
{
	static const char ascii[] = "a";

	memset(charsets, 0, sizeof(*charsets));
	for (size_t i = 0; i < TABLE; i++) {
		char out[16], *to = out, *from;
		size_t room = sizeof(out), len = 1;
		char in[sizeof(ascii)];

		charsets->set[i] = iconv_open("utf-8", table[i].names[0]);
		/* iconv_open fails with a pointer that is no pointer. */
		charsets->open[i] = (intptr_t)charsets->set[i] != (intptr_t)-1;
		if (!charsets->open[i])
			continue;
		/* Modules that a module needs are loaded when it is used. */
		memcpy(in, ascii, sizeof(in));
		from = in;
		(void)iconv(charsets->set[i], &from, &len, &to, &room);
	}
}

/* mime_charsets_close - give them back */
void
mime_charsets_close(struct mime_charsets *charsets)
{
	for (size_t i = 0; i < TABLE; i++)
		if (charsets->open[i])
			(void)iconv_close(charsets->set[i]);
	memset(charsets, 0, sizeof(*charsets));
}

/* is_ascii_name - tell whether a name stands for US-ASCII */
static bool
is_ascii_name(struct slice name)
{
	return name.len == 0 || mime_name_is(name, "us-ascii") ||
	    mime_name_is(name, "ascii") || mime_name_is(name, "ansi_x3.4-1968");
}

/* mime_charset_find - find a set by its name or an alias, in any case */
int
mime_charset_find(const struct mime_charsets *charsets, struct slice name)
{
	if (is_ascii_name(name))
		return MIME_CHARSET_ASCII;
	if (mime_name_is(name, "utf-8") || mime_name_is(name, "utf8"))
		return MIME_CHARSET_UTF8;
	for (size_t i = 0; i < TABLE; i++)
		for (size_t n = 0; n < 5 && table[i].names[n] != NULL; n++)
			if (charsets->open[i] &&
			    mime_name_is(name, table[i].names[n]))
				return (int)i;
	return MIME_CHARSET_UNKNOWN;
}

/* mime_conversion_init - prepare for a text in this set */
void
mime_conversion_init(
    struct mime_conversion *conversion, struct mime_charsets *charsets, int set)
{
	*conversion =
	    (struct mime_conversion){.charsets = charsets, .set = set};
	/* A set with states begins in its first one. */
	if (set >= 0)
		(void)iconv(charsets->set[set], NULL, NULL, NULL, NULL);
}

/* is_control - tell whether an octet that iconv refuses is a control of the set
 * that was named */
static bool
is_control(int set, uint8_t octet)
{
	return set < LARGER && octet >= 0x80 && octet <= 0x9f;
}

/* put_control - hand on the control of an octet, U+0080 to U+009F */
static int
put_control(uint8_t octet, mime_sink sink, void *arg)
{
	const uint8_t utf8[] = {0xc2, octet};

	return sink(arg, slice_of(utf8, sizeof(utf8)));
}

/* convert - hand on what of in can be converted; *len of it is left over */
static int
convert(struct mime_conversion *conversion, char *in, size_t *len,
    mime_sink sink, void *arg)
{
	iconv_t set = conversion->charsets->set[conversion->set];
	char out[4 * PIECE], *from = in;
	int error;

	while (*len > 0) {
		char *to = out;
		size_t room = sizeof(out);
		size_t result = iconv(set, &from, len, &to, &room);
		int why = errno;

		if (to > out &&
		    (error = sink(arg, slice_of(out, (size_t)(to - out)))) < 0)
			return error;
		if (result != (size_t)-1 || why == E2BIG)
			continue;
		if (why == EILSEQ &&
		    is_control(conversion->set, (uint8_t)*from)) {
			error = put_control((uint8_t)*from, sink, arg);
			if (error < 0)
				return error;
			from++;
			--*len;
			continue;
		}
		/* EINVAL: a character is cut, and its rest comes. */
		memmove(in, from, *len);
		return why == EINVAL ? 0 : ERR_VALUE;
	}
	return 0;
}

/* mime_conversion_push - hand on octets as UTF-8 */
int
mime_conversion_push(struct mime_conversion *conversion, struct slice octets,
    mime_sink sink, void *arg)
{
	char piece[PIECE + sizeof(conversion->held)];

	if (conversion->set < 0)
		return octets.len > 0 ? sink(arg, octets) : 0;
	while (octets.len > 0) {
		size_t take = octets.len < PIECE ? octets.len : PIECE;
		size_t len = conversion->held_len;
		int error;

		memcpy(piece, conversion->held, len);
		memcpy(piece + len, octets.data, take);
		octets = slice_of(octets.data + take, octets.len - take);
		len += take;
		error = convert(conversion, piece, &len, sink, arg);
		if (error < 0)
			return error;
		/* No character of any set is as long as that. */
		if (len > sizeof(conversion->held))
			return ERR_VALUE;
		memcpy(conversion->held, piece, len);
		conversion->held_len = len;
	}
	return 0;
}

/* mime_conversion_finish - check that no character was cut */
int
mime_conversion_finish(
    struct mime_conversion *conversion, mime_sink sink, void *arg)
{
	char out[64], *to = out;
	size_t room = sizeof(out), held = conversion->held_len;
	int error;

	if (conversion->set < 0)
		return 0;
	if (held > 1 ||
	    (held == 1 && !is_control(conversion->set, conversion->held[0])))
		return ERR_VALUE;
	conversion->held_len = 0;
	if (held == 1 &&
	    (error = put_control(conversion->held[0], sink, arg)) < 0)
		return error;
	/* Some sets keep a character until they know what follows. */
	if (iconv(conversion->charsets->set[conversion->set], NULL, NULL, &to,
		&room) == (size_t)-1)
		return ERR_VALUE;
	return to > out ? sink(arg, slice_of(out, (size_t)(to - out))) : 0;
}

/* gather - collect converted text */
static int
gather(void *arg, struct slice utf8)
{
	struct buffer *out = arg;

	return buffer_append(out, utf8.data, utf8.len);
}

/* mime_charset_text - convert a short text whole, as well as that goes */
int
mime_charset_text(struct mime_charsets *charsets, struct slice name,
    struct slice octets, struct arena *arena, struct slice *utf8)
{
	int set = mime_charset_find(charsets, name), error;
	struct mime_conversion conversion;
	struct buffer out;

	if (set < 0)
		return charset_is_utf8(octets)
		    ? arena_slice(arena, octets, utf8)
		    : charset_latin1_to_utf8(octets, arena, utf8);
	buffer_init(&out, 4 * octets.len + 64);
	mime_conversion_init(&conversion, charsets, set);
	error = mime_conversion_push(&conversion, octets, gather, &out);
	if (error == 0)
		error = mime_conversion_finish(&conversion, gather, &out);
	/* A mark stands for the part that was not readable. */
	if (error == ERR_VALUE)
		error = buffer_append(&out, "\xef\xbf\xbd", 3);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), utf8);
	buffer_fini(&out);
	return error;
}
