/* SPDX-License-Identifier: ISC */
/*
 * mapped.h - an address as a section mixer has it on the other side
 */
#ifndef FOURPOST_TOOLS_MAPPED_H
#define FOURPOST_TOOLS_MAPPED_H

#include "mixer/address.h"

struct mapped {
	struct slice text; /* the address of the other side */
	const char *how;   /* in words */
	/* whoever sends to it from the Internet is refused: it has a DDA of
	 * type RFC-822 */
	bool source_route;
};

/* mapped_read - map an address to the other side by a section.  Errors of
 * address.h; results are in the arena */
int mapped_read(const struct address_map *map, const char *text,
    struct arena *arena, struct mapped *mapped, struct diag *diag) WARN_UNUSED;

#endif
