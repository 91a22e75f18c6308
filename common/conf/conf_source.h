/* SPDX-License-Identifier: ISC */
/*
 * conf_source.h - a configuration text as a list of what it sets
 *
 * libconfuse reads the text; what comes out is each section and each value
 * with its line, in the order of the text and not yet interpreted.  Unknown
 * names, a section or setting given twice and bad syntax are found here.
 */
#ifndef FOURPOST_CONF_CONF_SOURCE_H
#define FOURPOST_CONF_CONF_SOURCE_H

#include "base/arena.h"
#include "conf/conf_setting.h"

/* One value; a list has one for each item, or a single one without text. */
struct conf_assignment {
	const struct conf_setting *setting;
	const char *text; /* NULL: an empty list */
	unsigned line;
	struct conf_assignment *next;
};

struct conf_source_section {
	enum conf_section kind;
	const char *title; /* "" for the mta section */
	unsigned line;
	struct conf_assignment *first, *last;
	struct conf_source_section *next;
};

struct conf_source {
	struct conf_source_section *first, *last;
	size_t count[CONF_MSMAIL + 1]; /* sections of each kind */
};

/*
 * conf_source_read - the sections of a text, in the arena
 *
 * Errors read FILE:LINE: REASON.  ERR_SYNTAX, ERR_LIMIT, ERR_NOMEM.
 */
int conf_source_read(struct slice text, const char *file, struct arena *arena,
    struct conf_source *source, struct diag *diag) WARN_UNUSED;

#endif
