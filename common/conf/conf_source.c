/* SPDX-License-Identifier: ISC */
/*
 * conf_source.c - a configuration text as a list of what it sets
 *
 * Every setting is for libconfuse an option with a callback, which gets the
 * text of each value as it is read.  A hidden first option, whose default is
 * "read" when a section begins, tells of that and its line.
 *
 * libconfuse gives its callbacks no context, and its scanner is one per
 * process: hence the one `reading`.
 */
#include "conf/conf_source.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_scan.h"

#define SETTINGS_MAX 64
#define BEGIN	     " begin" /* no word can be this, a string can */

struct reading {
	const char *file;
	struct arena *arena;
	struct conf_source *source;
	struct diag *diag;
	const cfg_t *section; /* that source->last stands for */
	int error;
};

static struct reading *reading;

/* refuse - note the first reason, with its line */
static int
refuse(int error, unsigned line, const char *what, const char *reason)
{
	if (reading->error == 0) {
		reading->error = diag_set(reading->diag, error, "%s:%u: %s%s%s",
		    reading->file, line, what, *what == '\0' ? "" : ": ",
		    reason);
	}
	return -1;
}

/* no_room - say why the arena gives nothing */
static int
no_room(const cfg_t *cfg)
{
	return refuse(arena_error(reading->arena), (unsigned)cfg->line, "",
	    arena_reason(reading->arena));
}

/* on_error - libconfuse found bad syntax */
static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	static const char unknown[] = "no such option '";
	static const char twice[] = "found duplicate title '";
	char text[256];
	size_t len;

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	len = strlen(text);
	if (len > 0 && text[len - 1] == '\'')
		text[len - 1] = '\0';
	else
		len = 0; /* cut, or of neither kind */
	if (len > 0 && strncmp(text, unknown, sizeof(unknown) - 1) == 0) {
		(void)refuse(ERR_SYNTAX, (unsigned)cfg->line,
		    text + sizeof(unknown) - 1, "no such setting");
	} else if (len > 0 && strncmp(text, twice, sizeof(twice) - 1) == 0) {
		(void)refuse(ERR_SYNTAX, (unsigned)cfg->line,
		    text + sizeof(twice) - 1, "a section given twice");
	} else {
		if (len > 0)
			text[len - 1] = '\'';
		(void)refuse(ERR_SYNTAX, (unsigned)cfg->line, "", text);
	}
}

/* section_kind - which section a name stands for */
static int
section_kind(const char *name, enum conf_section *kind)
{
	for (int i = CONF_MTA; i <= CONF_MSMAIL; i++) {
		if (strcmp(conf_settings((enum conf_section)i)->name, name) ==
		    0) {
			*kind = (enum conf_section)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

/* begin - note a section that begins; errors are noted, too */
static int
begin(const cfg_t *cfg, const cfg_opt_t *opt)
{
	static const size_t most[] = {1, CONF_LINKS_MAX, CONF_MSMAILS_MAX};
	struct conf_source *source = reading->source;
	struct conf_source_section *section;
	const char *title = cfg->title != NULL ? cfg->title : "";
	unsigned line = (unsigned)cfg->line;
	enum conf_section kind;

	if (section_kind(cfg->name, &kind) < 0 || reading->section == cfg)
		return refuse(ERR_SYNTAX, line, opt->name, "no such setting");
	if (source->count[kind] >= most[kind]) {
		return refuse(ERR_LIMIT, line, cfg->name,
		    kind == CONF_MTA ? "a section given twice"
				     : "too many sections");
	}
	section = arena_alloc(reading->arena, sizeof(*section));
	if (section == NULL)
		return no_room(cfg);
	section->kind = kind;
	section->line = line;
	section->title = arena_string(reading->arena, slice_of_string(title));
	if (section->title == NULL)
		return no_room(cfg);
	if (source->last == NULL)
		source->first = section;
	else
		source->last->next = section;
	source->last = section;
	source->count[kind]++;
	reading->section = cfg;
	return 0;
}

/* on_begin - a section begins; libconfuse aborts if a default is refused, so
 * that an error must wait for what it reads next */
static int
on_begin(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	(void)value;
	*(void **)result = NULL;
	(void)begin(cfg, opt);
	return 0;
}

/* assign - append to the section that is being read */
static int
assign(const cfg_t *cfg, const struct conf_setting *setting, const char *text)
{
	struct conf_source_section *section = reading->source->last;
	struct conf_assignment *new;

	new = arena_alloc(reading->arena, sizeof(*new));
	if (new == NULL)
		return no_room(cfg);
	new->setting = setting;
	new->line = (unsigned)cfg->line;
	if (text != NULL) {
		new->text = arena_string(reading->arena, slice_of_string(text));
		if (new->text == NULL)
			return no_room(cfg);
	}
	if (section->last == NULL)
		section->first = new;
	else
		section->last->next = new;
	section->last = new;
	return 0;
}

/* on_value - a value of a setting was read */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct conf_source_section *section = reading->source->last;
	const struct conf_setting *setting;

	*(void **)result = NULL;
	if (reading->error != 0)
		return -1;
	/* "mta|name" at the top level gets here for another section */
	if (section == NULL || cfg != reading->section) {
		return refuse(ERR_SYNTAX, (unsigned)cfg->line, opt->name,
		    "no such setting");
	}
	setting = conf_setting_find(section->kind, opt->name);
	if (setting == NULL)
		return -1;
	if (opt->nvalues > CONF_LIST_MAX) {
		return refuse(ERR_LIMIT, (unsigned)cfg->line, opt->name,
		    "too many values");
	}
	/* The first value of this assignment: was there one before? */
	for (const struct conf_assignment *a = section->first;
	     a != NULL && opt->nvalues == 1; a = a->next) {
		if (a->setting == setting) {
			return refuse(ERR_SYNTAX, (unsigned)cfg->line,
			    opt->name, "given twice");
		}
	}
	return assign(cfg, setting, value);
}

/* empty_lists - the settings of the section just read that were given {} */
static int
empty_lists(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);

	for (cfg_opt_t *o = section->opts; o->name != NULL; o++) {
		const struct conf_setting *setting;

		if ((o->flags & CFGF_LIST) == 0 || o->nvalues > 0 ||
		    (o->flags & CFGF_MODIFIED) == 0)
			continue;
		setting =
		    conf_setting_find(reading->source->last->kind, o->name);
		if (setting != NULL && assign(cfg, setting, NULL) < 0)
			return -1;
	}
	return 0;
}

/* section_options - a section's settings in libconfuse's terms */
static void
section_options(enum conf_section section, cfg_opt_t *options)
{
	const struct conf_settings *settings = conf_settings(section);
	size_t n = 0;

	options[n++] = (cfg_opt_t)CFG_PTR_CB(BEGIN, 0, CFGF_NONE, on_begin, 0);
	options[0].def.parsed = (char *)(uintptr_t) "x";
	for (size_t i = 0; i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];

		options[n++] = (cfg_opt_t)CFG_PTR_CB(s->name, 0,
		    conf_setting_is_list(s) ? CFGF_LIST : CFGF_NONE, on_value,
		    0);
	}
	options[n] = (cfg_opt_t)CFG_END();
}

/* parse - let libconfuse read the text, which ends with NUL */
static int
parse(const char *text)
{
	cfg_opt_t mta[SETTINGS_MAX + 2], link[SETTINGS_MAX + 2],
	    msmail[SETTINGS_MAX + 2];
	cfg_opt_t root[] = {
	    CFG_SEC("mta", mta, CFGF_MULTI),
	    CFG_SEC(
		"link", link, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	    CFG_SEC("msmail", msmail,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	    CFG_END(),
	};
	unsigned line = 1;
	cfg_t *cfg;
	int r;

	section_options(CONF_MTA, mta);
	section_options(CONF_LINK, link);
	section_options(CONF_MSMAIL, msmail);
	cfg = cfg_init(root, CFGF_NONE);
	if (cfg == NULL)
		return diag_set(reading->diag, ERR_NOMEM, "out of memory");
	(void)cfg_set_error_function(cfg, on_error);
	for (cfg_opt_t *o = cfg->opts; o->name != NULL; o++)
		(void)cfg_set_validate_func(cfg, o->name, empty_lists);
	r = cfg_parse_buf(cfg, text);
	if (cfg->line > 0)
		line = (unsigned)cfg->line;
	if (r != CFG_SUCCESS && reading->error == 0)
		(void)refuse(ERR_SYNTAX, line, "", "malformed");
	cfg_free(cfg);
	return reading->error;
}

/* conf_source_read - the sections of a text, in the arena */
int
conf_source_read(struct slice text, const char *file, struct arena *arena,
    struct conf_source *source, struct diag *diag)
{
	struct conf_source result = {0};
	struct reading now = {
	    .file = file, .arena = arena, .source = &result, .diag = diag};
	unsigned line = 0;
	char *copy;
	int r;

	if (text.len > CONF_FILE_MAX)
		return diag_set(diag, ERR_LIMIT, "%s: too large", file);
	copy = malloc(text.len + 1);
	if (copy == NULL)
		return diag_set(diag, ERR_NOMEM, "%s: out of memory", file);
	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	r = conf_scan(copy, text.len, &line, diag);
	if (r < 0) {
		diag_prefix(diag, "%s:%u", file, line);
		goto out;
	}
	reading = &now;
	r = parse(copy);
	reading = NULL;
	if (r == 0)
		*source = result;
out:
	explicit_bzero(copy, text.len);
	free(copy);
	return r;
}
