/* SPDX-License-Identifier: ISC */
/*
 * base64.c - octets as text (RFC 4648 4)
 *
 * Contract in base64.h.
 */
#include "base/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* base64_encode - write octets as text */
void
base64_encode(struct slice octets, char *text)
{
	const uint8_t *p = octets.data;

	for (size_t left = octets.len; left > 0; p += 3, text += 4) {
		size_t n = left < 3 ? left : 3;
		uint32_t bits = (uint32_t)p[0] << 16 |
		    (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

		text[0] = alphabet[bits >> 18];
		text[1] = alphabet[bits >> 12 & 63];
		text[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		text[3] = n > 2 ? alphabet[bits & 63] : '=';
		left -= n;
	}
}

/* digit_of - find the value of a character; 64 where it has none */
static uint32_t
digit_of(uint8_t character)
{
	if (character >= 'A' && character <= 'Z')
		return character - (uint32_t)'A';
	if (character >= 'a' && character <= 'z')
		return character - (uint32_t)'a' + 26;
	if (character >= '0' && character <= '9')
		return character - (uint32_t)'0' + 52;
	return character == '+' ? 62 : character == '/' ? 63 : 64;
}

/* decode_group - read four characters, the last `padding` of which are "=";
 * ERR_SYNTAX */
static int
decode_group(const uint8_t *text, unsigned padding, uint8_t *out)
{
	uint32_t bits = 0, digit;

	for (unsigned i = 0; i < 4; i++) {
		digit = i < 4 - padding ? digit_of(text[i]) : 0;
		if (digit > 63)
			return ERR_SYNTAX;
		bits = bits << 6 | digit;
	}
	/* Unused bits would let one value have several texts. */
	if ((bits & ((1U << 8 * padding) - 1)) != 0)
		return ERR_SYNTAX;
	for (unsigned i = 0; i < 3 - padding; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return 0;
}

/* base64_decode - read octets from text */
int
base64_decode(struct slice text, struct arena *arena, struct slice *octets)
{
	unsigned padding = 0, last;
	uint8_t *out;

	if (text.len % 4 != 0)
		return ERR_SYNTAX;
	while (padding < 2 && padding < text.len &&
	    text.data[text.len - 1 - padding] == '=')
		padding++;
	out = arena_alloc(arena, text.len / 4 * 3 + 1);
	if (out == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < text.len; i += 4) {
		last = i + 4 == text.len ? padding : 0;
		if (decode_group(text.data + i, last, out + i / 4 * 3) != 0)
			return ERR_SYNTAX;
	}
	*octets = slice_of(out, text.len / 4 * 3 - padding);
	return 0;
}
