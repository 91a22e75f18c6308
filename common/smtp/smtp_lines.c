/* SPDX-License-Identifier: ISC */
/*
 * smtp_lines.c - find what needs a look in the lines of a content
 *
 * Contract in smtp_lines.h.
 */
#include "smtp/smtp_lines.h"

#define BLOCK 64 /* octets that are looked at together */

/* is_special - tell whether an octet behind another needs more than to be
 * handed on */
static bool
is_special(const uint8_t *octet)
{
	return (octet[0] == '\n') != (octet[-1] == '\r') ||
	    (octet[0] == '.' && octet[-1] == '\n');
}

/* is_plain - tell whether no octet of a block is special */
static bool
is_plain(const uint8_t *block)
{
	const uint8_t *before = block - 1;
	uint8_t special = 0;

	/* Compilers make a few instructions of it for 16 octets each. */
	for (unsigned i = 0; i < BLOCK; i++)
		special |= ((block[i] == '\n') ^ (before[i] == '\r')) |
		    ((block[i] == '.') & (before[i] == '\n'));
	return special == 0;
}

/* smtp_lines_run - find the next octet that needs a look */
size_t
smtp_lines_run(struct slice octets, size_t at)
{
	while (octets.len - at >= BLOCK && is_plain(octets.data + at))
		at += BLOCK;
	while (at < octets.len && !is_special(octets.data + at))
		at++;
	return at;
}
