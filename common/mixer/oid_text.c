/* SPDX-License-Identifier: ISC */
/*
 * oid_text.c - object identifiers as numbers with dots (X.690 8.19)
 */
#include "mixer/oid_text.h"

#include <stdio.h>

/* Room for one more arc of 64 bits. */
#define ARC_MAX 24

/* oid_text - write contents octets as numbers */
void
oid_text(struct slice oid, char text[OID_TEXT_MAX])
{
	size_t len = 0;
	uint64_t arc = 0;

	text[0] = '\0';
	for (size_t i = 0; i < oid.len && len < OID_TEXT_MAX - ARC_MAX; i++) {
		arc = arc << 7 | (oid.data[i] & 0x7fU);
		if ((oid.data[i] & 0x80) != 0)
			continue;
		/* The first two arcs are one number (X.690 8.19.4). */
		if (len == 0) {
			uint64_t first = arc < 80 ? arc / 40 : 2;

			len = (size_t)snprintf(text, OID_TEXT_MAX, "%llu.%llu",
			    (unsigned long long)first,
			    (unsigned long long)(arc - 40 * first));
		} else {
			len += (size_t)snprintf(text + len, OID_TEXT_MAX - len,
			    ".%llu", (unsigned long long)arc);
		}
		arc = 0;
	}
}
