/* SPDX-License-Identifier: ISC */
/*
 * conf_parser.c - what is wrong with a configuration text, and how to go on
 */
#include "conf/conf_parser.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf_nearest.h"

/* conf_parser_complain - report an error at a line, about a name or none */
int
conf_parser_complain(
    struct conf_parser *p, unsigned line, const char *name, const char *reason)
{
	p->source->broken = true;
	if (p->section != NULL)
		p->section->broken = true;
	return conf_report(p->report, ERR_SYNTAX, line, "%s%s%s", name,
	    *name == '\0' ? "" : ": ", reason);
}

/* conf_parser_no_room - report why the arena gives nothing */
int
conf_parser_no_room(struct conf_parser *p)
{
	(void)conf_report(p->report, arena_error(p->arena), p->token.line, "%s",
	    arena_reason(p->arena));
	return p->report->code;
}

/* conf_parser_advance - take the next token */
int
conf_parser_advance(struct conf_parser *p)
{
	if (conf_scan_next(&p->scanner, &p->token) == 0)
		return 0;
	return conf_report(
	    p->report, ERR_NOMEM, p->scanner.line, "out of memory");
}

/*
 * pass_over - pass over the rest of a line that is in error
 *
 * depth says how many braces are open since it began.  A brace that closes more
 * than that is left, for it ends the section.
 */
int
conf_parser_pass_over(struct conf_parser *p, unsigned depth)
{
	unsigned line = p->token.line;
	int r = 0;

	while (r == 0 && p->token.kind != CONF_TOKEN_END) {
		bool closed = p->token.kind == CONF_TOKEN_CLOSE;

		if (closed && depth == 0)
			break;
		depth += p->token.kind == CONF_TOKEN_OPEN;
		depth -= closed;
		r = conf_parser_advance(p);
		if (depth == 0 &&
		    (closed ||
			(p->token.line > line &&
			    p->token.kind != CONF_TOKEN_OPEN)))
			break;
	}
	return r;
}

/* conf_parser_complain_and_pass - report an error at the present token, pass
 * over it */
int
conf_parser_complain_and_pass(
    struct conf_parser *p, unsigned depth, const char *name, const char *reason)
{
	int r = conf_parser_complain(p, p->token.line, name, reason);

	return r < 0 ? r : conf_parser_pass_over(p, depth);
}

/* conf_parser_complain_of_end - report that the text ends too early: at the
 * brace that is open innermost, if one is */
int
conf_parser_complain_of_end(struct conf_parser *p, unsigned open_line)
{
	if (p->unclosed)
		return 0;
	p->unclosed = true;
	return open_line > 0
	    ? conf_parser_complain(p, open_line, "", "{ is not closed")
	    : conf_parser_complain(
		  p, p->token.line, "", "premature end of file");
}

/* conf_parser_complain_of_token - report a token that may not stand here, pass
 * over it */
int
conf_parser_complain_of_token(struct conf_parser *p, unsigned depth)
{
	char reason[256];

	if (p->token.kind == CONF_TOKEN_BAD)
		return conf_parser_complain_and_pass(
		    p, depth, "", p->token.text);
	(void)snprintf(
	    reason, sizeof(reason), "unexpected token '%s'", p->token.text);
	return conf_parser_complain_and_pass(p, depth, "", reason);
}

/* conf_parser_complain_of_lack - report what is missing before the present
 * token, and pass over the line of the name, which may be the token's too */
int
conf_parser_complain_of_lack(
    struct conf_parser *p, const char *what, const char *name, unsigned line)
{
	char reason[256];
	int r;

	if (p->token.kind == CONF_TOKEN_BAD)
		return conf_parser_complain_of_token(p, 0);
	(void)snprintf(reason, sizeof(reason), "missing %s '%s'", what, name);
	r = conf_parser_complain(p, p->token.line, "", reason);
	if (r < 0 || (p->token.kind == CONF_TOKEN_TEXT && p->token.line > line))
		return r;
	return conf_parser_pass_over(p, 0);
}

/* conf_parser_complain_of_name - report a name that is none, and which may
 * have been meant; pass over it */
int
conf_parser_complain_of_name(struct conf_parser *p)
{
	struct conf_nearest nearest = {.wanted = p->token.text};
	const struct conf_settings *settings;
	char reason[128] = "no such setting";

	if (p->section != NULL) {
		settings = conf_settings(p->section->kind);
		for (size_t i = 0; i < settings->count; i++)
			conf_nearest_look(&nearest, settings->items[i].name);
	} else {
		for (int i = CONF_MTA; i < CONF_SECTIONS; i++)
			conf_nearest_look(&nearest,
			    conf_settings((enum conf_section)i)->name);
		conf_nearest_look(&nearest, CONF_PARSER_INCLUDE);
	}
	if (p->section != NULL &&
	    strcmp(p->token.text, CONF_PARSER_INCLUDE) == 0)
		(void)snprintf(reason, sizeof(reason),
		    "stands between sections, not in one");
	else if (nearest.name != NULL)
		(void)snprintf(reason, sizeof(reason),
		    "no such setting; is %s meant?", nearest.name);
	return conf_parser_complain_and_pass(p, 0, p->token.text, reason);
}
