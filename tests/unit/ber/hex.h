/* SPDX-License-Identifier: ISC */
/*
 * hex.h - octets of a test as hexadecimal text, spaces allowed
 */
#ifndef FOURPOST_TESTS_UNIT_BER_HEX_H
#define FOURPOST_TESTS_UNIT_BER_HEX_H

#include "base/slice.h"

#define HEX_MAX 4096

struct hex {
	uint8_t data[HEX_MAX];
	size_t len;
};

/* hex_digit - get the value of a digit, -1 if it is none */
static inline int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* hex_parse - make octets of text */
static inline struct slice
hex_parse(struct hex *hex, const char *text)
{
	hex->len = 0;
	for (; *text != '\0' && hex->len < HEX_MAX; text++) {
		if (hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
			continue;
		hex->data[hex->len++] =
		    (uint8_t)(hex_digit(text[0]) * 16 + hex_digit(text[1]));
		text++;
	}
	return slice_of(hex->data, hex->len);
}

/* HEX - make the octets of text, which live as long as the block around */
#define HEX(text) hex_parse(&(struct hex){.len = 0}, (text))

#endif
