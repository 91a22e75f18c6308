/* SPDX-License-Identifier: ISC */
/*
 * base64.h - octets as text, with padding and without line ends (RFC 4648 4)
 */
#ifndef FOURPOST_BASE_BASE64_H
#define FOURPOST_BASE_BASE64_H

#include "base/arena.h"

/* base64_length - count the characters of so many octets */
static inline size_t
base64_length(size_t octets)
{
	return octets / 3 * 4 + (octets % 3 != 0 ? 4 : 0);
}

/* base64_encode - write base64_length(octets.len) characters, and no NUL */
void base64_encode(struct slice octets, char *text);

/*
 * base64_decode - read octets from text into the arena
 *
 * Strict: the padding is there, its unused bits are zero, and nothing else
 * stands in the text.  ERR_SYNTAX; ERR_LIMIT, ERR_NOMEM of the arena.
 */
int base64_decode(
    struct slice text, struct arena *arena, struct slice *octets) WARN_UNUSED;

#endif
