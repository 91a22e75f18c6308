/* SPDX-License-Identifier: ISC */
/*
 * code_page.c - the character sets of message files, to and from UTF-8
 *
 * Contract in code_page.h.  The system's iconv says once what the octets are.
 * It is not asked for each text: an opened converter keeps a shared object
 * that is mapped as it is needed, and a converter a page would have to be
 * carried through every reader and writer.
 */
#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "mhs/charset.h"
#include "msmi/code_page.h"

#define REPLACEMENT 0xfffd

/* The characters of octets 80 to FF; filled by code_page_load. */
static uint16_t page_437[128], page_850[128], page_1252[128];

/* load_page - ask the system's iconv what octets 80 to FF of a page are */
static int
load_page(const char *name, uint16_t upper[128], struct diag *diag)
{
	iconv_t from = iconv_open("UTF-16BE", name);

	if (from == (iconv_t)-1)
		return diag_set(diag, ERR_UNSUPPORTED, "iconv %s: %s", name,
		    strerror(errno));
	for (size_t i = 0; i < 128; i++) {
		char octet = (char)(0x80 + i), *in = &octet;
		uint8_t unit[2];
		char *out = (char *)unit;
		size_t in_left = 1, out_left = sizeof(unit);

		/* Octets without a character keep the mark, since iconv leaves
		 * them undefined. */
		upper[i] = REPLACEMENT;
		if (iconv(from, &in, &in_left, &out, &out_left) != (size_t)-1 &&
		    out_left == 0)
			upper[i] = (uint16_t)(unit[0] << 8 | unit[1]);
	}
	(void)iconv_close(from);
	return 0;
}

/* code_page_load - load the tables of all pages */
int
code_page_load(struct diag *diag)
{
	int error = load_page("IBM437", page_437, diag);

	if (error == 0)
		error = load_page("IBM850", page_850, diag);
	if (error == 0)
		error = load_page("CP1252", page_1252, diag);
	return error;
}

/* upper_half - find the table of a page, NULL for UTF-8 */
static const uint16_t *
upper_half(enum conf_code_page page)
{
	switch (page) {
	case CONF_CODE_PAGE_437:
		return page_437;
	case CONF_CODE_PAGE_850:
		return page_850;
	case CONF_CODE_PAGE_1252:
		return page_1252;
	case CONF_CODE_PAGE_UTF8:
		break;
	}
	return NULL;
}

/* code_page_to_utf8 - append octets of a page as UTF-8 */
int
code_page_to_utf8(
    enum conf_code_page page, struct slice octets, struct buffer *out)
{
	const uint16_t *upper = upper_half(page);
	int error = 0;

	if (upper == NULL)
		return buffer_append(out, octets.data, octets.len);
	for (size_t i = 0; error == 0 && i < octets.len;) {
		uint8_t utf8[3];
		uint32_t c;
		size_t run = i;

		/* Most text is ASCII: that goes as a whole. */
		while (run < octets.len && octets.data[run] < 0x80)
			run++;
		if (run > i) {
			error = buffer_append(out, octets.data + i, run - i);
			i = run;
			continue;
		}
		c = upper[octets.data[i++] - 0x80];
		if (c < 0x800) {
			utf8[0] = (uint8_t)(0xc0 | c >> 6);
			utf8[1] = (uint8_t)(0x80 | (c & 0x3f));
			error = buffer_append(out, utf8, 2);
			continue;
		}
		utf8[0] = (uint8_t)(0xe0 | c >> 12);
		utf8[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		utf8[2] = (uint8_t)(0x80 | (c & 0x3f));
		error = buffer_append(out, utf8, 3);
	}
	return error;
}

/* octet_of - find the octet of a character, or the mark */
static uint8_t
octet_of(const uint16_t *upper, uint32_t character)
{
	if (character < 0x80)
		return (uint8_t)character;
	for (size_t i = 0; character != REPLACEMENT && i < 128; i++) {
		if (upper[i] == character)
			return (uint8_t)(0x80 + i);
	}
	return CODE_PAGE_MARK;
}

/* code_page_has - tell whether a page has this character */
bool
code_page_has(enum conf_code_page page, uint32_t character)
{
	const uint16_t *upper = upper_half(page);

	return upper == NULL || character == CODE_PAGE_MARK ||
	    octet_of(upper, character) != CODE_PAGE_MARK;
}

/* octets_wanted - count the octets of a character that begins so */
static size_t
octets_wanted(uint8_t first)
{
	if (first >= 0xf0)
		return 4;
	if (first >= 0xe0)
		return 3;
	return first >= 0xc0 ? 2 : 1;
}

/* code_page_from_utf8 - append a piece of UTF-8 as octets of a page */
int
code_page_from_utf8(enum conf_code_page page, struct code_page_rest *rest,
    struct slice utf8, struct buffer *out)
{
	const uint16_t *upper = upper_half(page);
	int error = 0;

	if (upper == NULL)
		return buffer_append(out, utf8.data, utf8.len);
	for (size_t i = 0; error == 0 && i < utf8.len; i++) {
		uint8_t octet = utf8.data[i];
		size_t pos = 0;

		/* An octet that breaks off a character begins another. */
		if (rest->len > 0 && (octet & 0xc0) != 0x80)
			error = code_page_finish(rest, out);
		rest->octets[rest->len++] = octet;
		if (error < 0 || rest->len < octets_wanted(rest->octets[0]))
			continue;
		octet = octet_of(upper,
		    charset_next(slice_of(rest->octets, rest->len), &pos));
		rest->len = 0;
		error = buffer_append(out, &octet, 1);
	}
	return error;
}

/* code_page_finish - put a mark for the rest of a character */
int
code_page_finish(struct code_page_rest *rest, struct buffer *out)
{
	static const uint8_t mark = CODE_PAGE_MARK;
	bool left = rest->len > 0;

	rest->len = 0;
	return left ? buffer_append(out, &mark, 1) : 0;
}
