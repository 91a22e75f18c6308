/* SPDX-License-Identifier: ISC */
/*
 * charset_ascii.c - tell how much of a text is ASCII, of which most texts are
 *
 * Contract in charset.h.
 */
#include "mhs/charset.h"

#define BLOCK 64 /* octets that are looked at together */

/* is_ascii_block - tell whether all octets of a block are below 128 */
static bool
is_ascii_block(const uint8_t *block)
{
	uint8_t all = 0;

	/* Compilers make a few instructions of it for 16 octets each. */
	for (unsigned i = 0; i < BLOCK; i++)
		all |= block[i];
	return all < 0x80;
}

/* charset_ascii_run - count how many octets at the front are below 128 */
size_t
charset_ascii_run(struct slice text)
{
	size_t n = 0;

	/* Many at once, since most texts are ASCII for the most part. */
	while (n + BLOCK <= text.len && is_ascii_block(text.data + n))
		n += BLOCK;
	while (n < text.len && text.data[n] < 0x80)
		n++;
	return n;
}

/* charset_is_ascii - tell whether all octets are below 128 */
bool
charset_is_ascii(struct slice text)
{
	return charset_ascii_run(text) == text.len;
}
