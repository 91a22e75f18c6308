/* SPDX-License-Identifier: ISC */
/*
 * conf_nearest.h - the name that somebody may have meant
 */
#ifndef FOURPOST_CONF_CONF_NEAREST_H
#define FOURPOST_CONF_CONF_NEAREST_H

#include <stddef.h>

/* The nearest of the names that were looked at; begin with {.wanted = name}. */
struct conf_nearest {
	const char *wanted;
	const char *name; /* NULL: none is near */
	size_t distance;
};

/* conf_nearest_look - keep a name if it is nearer to the one wanted than those
 * before: few letters are missing, too many, others, or in another order */
void conf_nearest_look(struct conf_nearest *nearest, const char *name);

#endif
