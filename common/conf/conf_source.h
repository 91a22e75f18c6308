/* SPDX-License-Identifier: ISC */
/*
 * conf_source.h - parse a configuration text into a list of what it sets
 *
 * The list has each section and each value with its line, in the order of the
 * text and not yet interpreted.  Unknown names, a section or setting given
 * twice and bad syntax are found here.
 */
#ifndef FOURPOST_CONF_CONF_SOURCE_H
#define FOURPOST_CONF_CONF_SOURCE_H

#include "base/arena.h"
#include "conf/conf_report.h"
#include "conf/conf_setting.h"

/* A value; a list has one for each item, or a single one without text. */
struct conf_assignment {
	const struct conf_setting *setting;
	const char *text; /* NULL: an empty list */
	unsigned line;
	struct conf_assignment *next;
};

struct conf_source_section {
	enum conf_section kind;
	const char *title; /* "" for a section without */
	unsigned line;	   /* of its first brace */
	bool broken;	   /* it has errors: more may be missing than is told */
	struct conf_assignment *first, *last;
	struct conf_source_section *next;
};

struct conf_source {
	struct conf_source_section *first, *last;
	size_t count[CONF_SECTIONS]; /* sections of each kind */
	bool broken;		     /* the text has errors */
};

/*
 * conf_source_read - parse the sections of a text, into the arena
 *
 * Errors are reported.  Returns 0, also where there were errors, as long as
 * the report wants more of them: source has then what was understood.
 * ERR_SYNTAX, ERR_LIMIT, ERR_NOMEM.
 */
int conf_source_read(struct slice text, struct arena *arena,
    struct conf_source *source, struct conf_report *report) WARN_UNUSED;

#endif
