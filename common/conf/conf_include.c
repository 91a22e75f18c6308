/* SPDX-License-Identifier: ISC */
/*
 * conf_include.c - the files that a configuration text includes
 *
 * Files are read in the order of their names, as if their text stood in the
 * place of the "include"; a section ends in the file in which it begins.
 */
#include <string.h>

#include "conf/conf_file.h"
#include "conf/conf_parser.h"

#define DEPTH_MAX 8 /* files that include each other */

/* conf_parser_begin - begin to count the lines of a file from one on; line is
 * the first of them */
int
conf_parser_begin(struct conf_parser *p, unsigned first, unsigned line,
    const char *file, bool shared)
{
	const struct conf_place place = {first, line, file, shared};

	p->scanner.line = first;
	if (conf_report_place(p->report, &place) == 0)
		return 0;
	(void)conf_report(p->report, ERR_NOMEM, 1, "out of memory");
	return p->report->code;
}

/* parse_file - parse the sections of a file that is included at a line */
static int
parse_file(struct conf_parser *p, unsigned line, const char *path)
{
	const struct conf_scanner includer = p->scanner;
	struct conf_text text;
	struct diag diag = {0};
	int r = conf_file_read(path, &text, &diag);

	if (r < 0)
		return conf_parser_complain(
		    p, line, CONF_PARSER_INCLUDE, diag_text(&diag));
	p->octets += text.len;
	/* Counted over all files, or includes could multiply a small file
	 * beyond any memory. */
	if (p->octets > CONF_FILE_MAX || ++p->files > CONF_FILES_MAX) {
		conf_file_free(&text);
		return conf_parser_complain(
		    p, line, path, "too large, or too many files");
	}
	conf_scan_init(&p->scanner, slice_of(text.octets, text.len));
	p->unclosed = false;
	p->depth++;
	/* Lines are numbered through all files; the place tells which file a
	 * line is of. */
	r = conf_parser_begin(p, includer.line + 1, 1, path, text.shared);
	if (r == 0)
		r = conf_parser_advance(p);
	if (r == 0)
		r = conf_parser_sections(p);
	p->depth--;
	line = p->scanner.line;
	conf_scan_fini(&p->scanner);
	conf_file_free(&text);
	/* The scanner that was interrupted goes on behind the include. */
	p->scanner = includer;
	p->scanner.line = line;
	return r;
}

/* parse_files - parse the files that a path means, included at a line */
static int
parse_files(struct conf_parser *p, unsigned line, const char *path)
{
	const struct conf_place here = conf_report_where(p->report, line);
	const char **paths = NULL;
	size_t count = 0;
	struct diag diag = {0};
	unsigned own = p->scanner.line;
	int r;

	/* A file that includes itself would never end. */
	if (p->depth == DEPTH_MAX)
		return conf_parser_complain(p, line, path,
		    "files include each other more than eight deep");
	r = conf_file_expand(path, here.file, p->arena, &paths, &count, &diag);
	if (r == ERR_NOMEM)
		return conf_parser_no_room(p);
	if (r < 0)
		return conf_parser_complain(
		    p, line, CONF_PARSER_INCLUDE, diag_text(&diag));
	for (size_t i = 0; r == 0 && i < count; i++)
		r = parse_file(p, line, paths[i]);
	return r < 0 ? r
		     : conf_parser_begin(p, p->scanner.line + 1,
			   here.line + (own - line), here.file, here.shared);
}

/* conf_parser_include - parse the files that are included; "include" is the
 * token */
int
conf_parser_include(struct conf_parser *p)
{
	unsigned line = p->token.line;
	const char *path;
	int r;

	if (!p->report->includes)
		return conf_parser_complain_and_pass(
		    p, 0, CONF_PARSER_INCLUDE, "not in what is handed over");
	r = conf_parser_advance(p);
	if (r < 0)
		return r;
	if (p->token.kind == CONF_TOKEN_END)
		return conf_parser_complain_of_end(p, 0);
	if (p->token.kind != CONF_TOKEN_TEXT)
		return conf_parser_complain_of_lack(
		    p, "path after", CONF_PARSER_INCLUDE, line);
	path = arena_string(p->arena, slice_of_string(p->token.text));
	r = path == NULL ? conf_parser_no_room(p) : parse_files(p, line, path);
	return r < 0 ? r : conf_parser_advance(p);
}
