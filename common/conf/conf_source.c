/* SPDX-License-Identifier: ISC */
/*
 * conf_source.c - parse a configuration text into a list of what it sets
 *
 *	text    = { section | "include" TEXT }
 *	section = "mta" body | ( KIND ) TEXT body
 *	body    = "{" { setting } "}"
 *	setting = TEXT "=" TEXT | TEXT ( "=" | "+=" ) ( TEXT | list )
 *	list    = "{" [ TEXT { "," TEXT } [ "," ] ] "}"
 *
 * After an error the parser passes over the rest of the line, with all braces
 * that are opened there, and goes on.
 */
#include "conf/conf_source.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf_parser.h"

/* assign - append a value to the section that is being read; NULL: none */
static int
assign(
    struct conf_parser *p, const struct conf_setting *setting, const char *text)
{
	struct conf_source_section *section = p->section;
	struct conf_assignment *new = arena_alloc(p->arena, sizeof(*new));

	if (new == NULL)
		return conf_parser_no_room(p);
	*new =
	    (struct conf_assignment){.setting = setting, .line = p->token.line};
	if (text != NULL) {
		new->text = arena_string(p->arena, slice_of_string(text));
		if (new->text == NULL)
			return conf_parser_no_room(p);
	}
	if (section->last == NULL)
		section->first = new;
	else
		section->last->next = new;
	section->last = new;
	return 0;
}

/* most_values - tell how many values a setting may have */
static unsigned
most_values(const struct conf_setting *setting)
{
	return setting->type == CONF_TYPE_MEMBERS ||
		setting->type == CONF_TYPE_ADDRESS_SPACE ||
		setting->type == CONF_TYPE_REDIRECTS
	    ? CONF_MEMBERS_MAX
	    : CONF_VALUES_MAX;
}

/* take_value - use up a token as a value of a setting */
static int
take_value(
    struct conf_parser *p, const struct conf_setting *setting, unsigned depth)
{
	size_t n = (size_t)(setting - conf_settings(p->section->kind)->items);
	int r;

	/* The section is broken, and later checks would complain of what
	 * follows from this. */
	if (p->values[n] == most_values(setting)) {
		p->section->broken = true;
		r = conf_report(p->report, ERR_LIMIT, p->token.line,
		    "%s: too many values", setting->name);
		return r < 0 ? r : conf_parser_pass_over(p, depth);
	}
	p->values[n]++;
	r = assign(p, setting, p->token.text);
	return r < 0 ? r : conf_parser_advance(p);
}

/* end_list - use up the brace that ends a list */
static int
end_list(struct conf_parser *p, const struct conf_setting *setting)
{
	size_t n = (size_t)(setting - conf_settings(p->section->kind)->items);
	/* An empty list sets the list to nothing, which is not the same as its
	 * default. */
	int r = p->values[n] == 0 ? assign(p, setting, NULL) : 0;

	return r < 0 ? r : conf_parser_advance(p);
}

/* parse_list - parse a list in braces, the first of which is the token */
static int
parse_list(struct conf_parser *p, const struct conf_setting *setting)
{
	unsigned open_line = p->token.line, line = open_line;
	int r = conf_parser_advance(p);
	bool separated = true;

	while (r == 0) {
		if (p->token.kind == CONF_TOKEN_CLOSE)
			return end_list(p, setting);
		if (p->token.kind == CONF_TOKEN_END)
			return conf_parser_complain_of_end(p, open_line);
		if (p->token.kind == CONF_TOKEN_TEXT && separated) {
			line = p->token.line;
			r = take_value(p, setting, 1);
			separated = false;
		} else if (p->token.kind == CONF_TOKEN_COMMA && !separated) {
			r = conf_parser_advance(p);
			separated = true;
		} else if (p->token.kind == CONF_TOKEN_TEXT &&
		    p->token.line > line) {
			/* Most likely the brace was forgotten, and a setting
			 * begins here. */
			return conf_parser_complain(
			    p, open_line, "", "{ is not closed");
		} else {
			return conf_parser_complain_of_token(p, 1);
		}
	}
	return r;
}

/* parse_sign - use up the sign behind the name of a setting: 1, or 0 if what
 * stands there was complained of */
static int
parse_sign(
    struct conf_parser *p, const struct conf_setting *setting, unsigned line)
{
	size_t n = (size_t)(setting - conf_settings(p->section->kind)->items);
	enum conf_token_kind sign = p->token.kind;
	char reason[128];
	int r;

	if (sign == CONF_TOKEN_APPEND && !conf_setting_is_list(setting)) {
		(void)snprintf(reason, sizeof(reason),
		    "attempt to append to non-list option '%s'", setting->name);
		return conf_parser_complain_and_pass(p, 0, "", reason);
	}
	/* A second "=" would silently replace the first, most likely by
	 * mistake. */
	if (sign == CONF_TOKEN_EQUALS && p->given[n])
		return conf_parser_complain_and_pass(
		    p, 0, setting->name, "given twice");
	p->given[n] = true;
	if (sign == CONF_TOKEN_EQUALS || sign == CONF_TOKEN_APPEND) {
		r = conf_parser_advance(p);
		return r < 0 ? r : 1;
	}
	if (sign == CONF_TOKEN_END)
		return 0;
	return conf_parser_complain_of_lack(
	    p, "equal sign after option", setting->name, line);
}

/* parse_setting - parse a setting, whose name is the token */
static int
parse_setting(struct conf_parser *p)
{
	const struct conf_setting *setting =
	    conf_setting_find(p->section->kind, p->token.text);
	unsigned line = p->token.line;
	int r;

	if (setting == NULL)
		return conf_parser_complain_of_name(p);
	r = conf_parser_advance(p);
	if (r == 0)
		r = parse_sign(p, setting, line);
	if (r <= 0)
		return r;
	if (p->token.kind == CONF_TOKEN_TEXT)
		return take_value(p, setting, 0);
	if (p->token.kind == CONF_TOKEN_OPEN && conf_setting_is_list(setting))
		return parse_list(p, setting);
	return p->token.kind == CONF_TOKEN_END
	    ? 0
	    : conf_parser_complain_of_token(p, 0);
}

/* find_section - find which section a name stands for */
static int
find_section(const char *name, enum conf_section *kind)
{
	for (int i = CONF_MTA; i < CONF_SECTIONS; i++) {
		*kind = (enum conf_section)i;
		if (strcmp(conf_settings(*kind)->name, name) == 0)
			return 0;
	}
	return ERR_NOTFOUND;
}

/* is_there - tell whether there is such a section already */
static bool
is_there(
    const struct conf_source *source, const struct conf_source_section *new)
{
	for (const struct conf_source_section *s = source->first; s != NULL;
	     s = s->next)
		if (s->kind == new->kind && strcmp(s->title, new->title) == 0)
			return true;
	return false;
}

/* add_section - put a section into the list, unless there must not be one
 * more: its settings are read all the same, for the errors in them */
static int
add_section(struct conf_parser *p, struct conf_source_section *section)
{
	static const size_t most[CONF_SECTIONS] = {1, CONF_LINKS_MAX,
	    CONF_MSMAILS_MAX, CONF_LISTS_MAX, CONF_SUBMITS_MAX, 1,
	    CONF_APPLICATIONS_MAX, CONF_MIXERS_MAX};
	const char *name = conf_settings(section->kind)->name;
	struct conf_source *source = p->source;

	/* Tools read the first file alone to find the suite, see
	 * conf_reach.h. */
	if (section->kind == CONF_MTA && p->depth > 0)
		return conf_parser_complain(p, section->line, name,
		    "the section stands in the first file, not in an included "
		    "one");
	/* Sections of one name in two files would be merged by nobody's
	 * rule. */
	if (is_there(source, section))
		return conf_parser_complain(p, section->line,
		    conf_section_is_named(section->kind) ? section->title
							 : name,
		    "a section given twice");
	if (source->count[section->kind] >= most[section->kind]) {
		source->broken = true;
		(void)conf_report(p->report, ERR_LIMIT, section->line,
		    "%s: too many sections", name);
		return p->report->code;
	}
	if (source->last == NULL)
		source->first = section;
	else
		source->last->next = section;
	source->last = section;
	source->count[section->kind]++;
	return 0;
}

/* begin_section - make a section, whose first brace is the token */
static int
begin_section(struct conf_parser *p, enum conf_section kind, const char *title)
{
	struct conf_source_section *section =
	    arena_alloc(p->arena, sizeof(*section));

	if (section == NULL)
		return conf_parser_no_room(p);
	*section = (struct conf_source_section){
	    .kind = kind, .title = title, .line = p->token.line};
	p->section = section;
	memset(p->given, 0, sizeof(p->given));
	memset(p->values, 0, sizeof(p->values));
	return add_section(p, section);
}

/* parse_body - parse the settings of a section, and the brace that ends it */
static int
parse_body(struct conf_parser *p)
{
	int r = conf_parser_advance(p);

	while (r == 0 && p->token.kind != CONF_TOKEN_CLOSE) {
		if (p->token.kind == CONF_TOKEN_END)
			r = conf_parser_complain_of_end(p, p->section->line);
		else if (p->token.kind == CONF_TOKEN_TEXT)
			r = parse_setting(p);
		else
			r = conf_parser_complain_of_token(p, 0);
		if (p->token.kind == CONF_TOKEN_END && p->unclosed)
			return r;
	}
	p->section = NULL;
	return r < 0 ? r : conf_parser_advance(p);
}

/* parse_title - use up the title of a section: 1, or 0 if it is missing and
 * that was complained of */
static int
parse_title(
    struct conf_parser *p, const char *name, unsigned line, const char **title)
{
	int r;

	if (p->token.kind == CONF_TOKEN_TEXT) {
		*title = arena_string(p->arena, slice_of_string(p->token.text));
		r = *title == NULL ? conf_parser_no_room(p)
				   : conf_parser_advance(p);
		return r < 0 ? r : 1;
	}
	if (p->token.kind == CONF_TOKEN_END)
		return conf_parser_complain_of_end(p, 0);
	return conf_parser_complain_of_lack(p, "title for section", name, line);
}

/* parse_section - parse a section, whose name is the token */
static int
parse_section(struct conf_parser *p)
{
	const char *name, *title = "";
	unsigned line = p->token.line;
	enum conf_section kind;
	int r;

	if (strcmp(p->token.text, CONF_PARSER_INCLUDE) == 0)
		return conf_parser_include(p);
	if (find_section(p->token.text, &kind) < 0)
		return conf_parser_complain_of_name(p);
	name = conf_settings(kind)->name;
	r = conf_parser_advance(p);
	if (r == 0 && conf_section_is_named(kind)) {
		r = parse_title(p, name, line, &title);
		if (r <= 0)
			return r;
		r = 0;
	}
	if (r == 0 && p->token.kind == CONF_TOKEN_END)
		return conf_parser_complain_of_end(p, 0);
	if (r == 0 && p->token.kind != CONF_TOKEN_OPEN)
		return conf_parser_complain_of_lack(
		    p, "opening brace for section", name, line);
	if (r == 0)
		r = begin_section(p, kind, title);
	return r < 0 ? r : parse_body(p);
}

/* conf_parser_sections - parse a whole text, of which the first token was
 * taken */
int
conf_parser_sections(struct conf_parser *p)
{
	int r = 0;

	while (r == 0 && p->token.kind != CONF_TOKEN_END) {
		if (p->token.kind == CONF_TOKEN_TEXT)
			r = parse_section(p);
		else if (p->token.kind != CONF_TOKEN_CLOSE)
			r = conf_parser_complain_of_token(p, 0);
		else if ((r = conf_parser_complain(p, p->token.line, "",
			      "unexpected closing brace")) == 0)
			r = conf_parser_advance(p);
	}
	return r;
}

/* conf_source_read - parse the sections of a text, into the arena */
int
conf_source_read(struct slice text, struct arena *arena,
    struct conf_source *source, struct conf_report *report)
{
	struct conf_parser p = {
	    .arena = arena, .source = source, .report = report};
	int r;

	*source = (struct conf_source){0};
	if (text.len > CONF_FILE_MAX) {
		(void)conf_report(report, ERR_LIMIT, 1, "too large");
		return report->code;
	}
	p.octets = text.len;
	conf_scan_init(&p.scanner, text);
	r = report->includes
	    ? conf_parser_begin(&p, 1, 1, report->file, report->shared)
	    : 0;
	if (r == 0)
		r = conf_parser_advance(&p);
	if (r == 0)
		r = conf_parser_sections(&p);
	conf_scan_fini(&p.scanner);
	return r;
}
