/* SPDX-License-Identifier: ISC */
/*
 * conf_parser.h - the state of parsing a text; of conf_source.c, conf_include.c
 * and conf_parser.c alone
 *
 * Each function returns 0 to go on, or the code to stop with.
 */
#ifndef FOURPOST_CONF_CONF_PARSER_H
#define FOURPOST_CONF_CONF_PARSER_H

#include "conf/conf_scan.h"
#include "conf/conf_source.h"

#define CONF_PARSER_SETTINGS 64 /* of one section */
#define CONF_PARSER_INCLUDE  "include"

struct conf_parser {
	struct conf_scanner scanner;
	struct conf_token token; /* not used up yet */
	struct arena *arena;
	struct conf_source *source;
	struct conf_report *report;
	struct conf_source_section *section;   /* that is being read, or NULL */
	bool given[CONF_PARSER_SETTINGS];      /* in that section */
	unsigned values[CONF_PARSER_SETTINGS]; /* likewise: how many */
	bool unclosed;	/* the text ended within braces, and that was told */
	unsigned depth; /* files that are being read, without the first */
	unsigned files; /* that were included */
	size_t octets;	/* of all files */
};

/* conf_parser_advance - take the next token */
int conf_parser_advance(struct conf_parser *p);

/* conf_parser_no_room - report why the arena gives nothing */
int conf_parser_no_room(struct conf_parser *p);

/* conf_parser_pass_over - pass over the rest of a line that is in error; depth
 * says how many braces are open since it began */
int conf_parser_pass_over(struct conf_parser *p, unsigned depth);

/* Report what is wrong; all but the first also pass over it. */
int conf_parser_complain(
    struct conf_parser *p, unsigned line, const char *name, const char *reason);
int conf_parser_complain_and_pass(struct conf_parser *p, unsigned depth,
    const char *name, const char *reason);
int conf_parser_complain_of_end(struct conf_parser *p, unsigned open_line);
int conf_parser_complain_of_token(struct conf_parser *p, unsigned depth);
int conf_parser_complain_of_name(struct conf_parser *p);
int conf_parser_complain_of_lack(
    struct conf_parser *p, const char *what, const char *name, unsigned line);

/* conf_parser_begin - begin to count the lines of a file: first is the number
 * counted through all files, line that in the file */
int conf_parser_begin(struct conf_parser *p, unsigned first, unsigned line,
    const char *file, bool shared);

/* conf_parser_include - parse the files of an "include", which is the token */
int conf_parser_include(struct conf_parser *p);

/* conf_parser_sections - parse a whole text, of which the first token was
 * taken */
int conf_parser_sections(struct conf_parser *p);

#endif
