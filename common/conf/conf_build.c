/* SPDX-License-Identifier: ISC */
/*
 * conf_build.c - make the typed configuration of what a text sets
 */
#include "conf/conf_build.h"

#include <string.h>

#include "conf/conf_addresses.h"
#include "conf/conf_check.h"
#include "conf/conf_redirect.h"
#include "conf/conf_secret.h"
#include "conf/conf_value.h"

/* A text being made into a configuration. */
struct building {
	struct conf *conf;
	enum conf_completeness completeness;
	struct conf_report *report;
	struct conf_link link;		     /* all defaults */
	struct conf_msmail msmail;	     /* all defaults */
	struct conf_list list;		     /* all defaults */
	struct conf_submit submit;	     /* all defaults */
	struct conf_application application; /* all defaults */
	struct conf_mixer mixer;	     /* all defaults */
};

/* no_room - report why the arena gives nothing */
static int
no_room(struct building *b, unsigned line)
{
	(void)conf_report(b->report, arena_error(&b->conf->arena), line, "%s",
	    arena_reason(&b->conf->arena));
	return b->report->code;
}

/* set_defaults - give every setting of a section its default */
static int
set_defaults(struct building *b, enum conf_section section, void *values)
{
	const struct conf_settings *settings = conf_settings(section);

	for (size_t i = 0; i < settings->count; i++) {
		struct conf_setting s = settings->items[i];
		const char *text = s.fallback;
		struct diag diag = {0};
		int r;

		/* No default: an empty list or domain has no text of its
		 * own. */
		if (*text == '\0' &&
		    (conf_setting_is_list(&s) ||
			(s.type == CONF_TYPE_DOMAIN &&
			    s.need == CONF_REQUIRED)))
			continue;
		/* An empty default may be shorter than what a person must
		 * write. */
		s.min = *text == '\0' ? 0 : s.min;
		r = conf_value_set(&s, text, &b->conf->arena, values, &diag);
		if (r < 0) {
			(void)conf_report(b->report, r, 1, "default of %s: %s",
			    s.name, diag_text(&diag));
			return b->report->code;
		}
	}
	return 0;
}

/* read_secret - read the password in a file just named */
static int
read_secret(struct building *b, enum conf_section section,
    const struct conf_setting *s, void *values, struct diag *diag)
{
	const struct conf_setting *password =
	    conf_setting_find(section, s->partner);
	struct slice *octets = (void *)((char *)values + password->offset);
	const char *path = *(const char **)(void *)((char *)values + s->offset);

	if (*path == '\0' || b->completeness == CONF_HANDED)
		return 0;
	/* Two passwords for one purpose would differ some day. */
	if (octets->len > 0) {
		return diag_set(
		    diag, ERR_VALUE, "%s is given as well", password->name);
	}
	return conf_secret_read(path, &b->conf->arena, octets, diag);
}

/* set_one - set one value of a section */
static int
set_one(struct building *b, enum conf_section section,
    const struct conf_assignment *a, void *values, struct diag *diag)
{
	const struct conf_setting *s = a->setting;
	int r;

	if (a->text == NULL)
		return conf_value_set(s, NULL, &b->conf->arena, values, diag);
	/* A password in a file that all can read is refused, not only warned
	 * of: it is known by then. */
	if (s->type == CONF_TYPE_PASSWORD && *a->text != '\0' &&
	    conf_report_where(b->report, a->line).shared) {
		return diag_set(diag, ERR_DENIED,
		    "a password in a file that others can read or write: "
		    "chmod o-rw, or use %s-file",
		    s->name);
	}
	if (s->type == CONF_TYPE_PASSWORD && *a->text != '\0' &&
	    b->completeness != CONF_HANDED &&
	    ((struct slice *)(void *)((char *)values + s->offset))->len > 0) {
		return diag_set(
		    diag, ERR_VALUE, "%s-file is given as well", s->name);
	}
	r = conf_value_set(s, a->text, &b->conf->arena, values, diag);
	if (r == 0 && s->type == CONF_TYPE_PASSWORD_FILE)
		r = read_secret(b, section, s, values, diag);
	return r;
}

/* set_all - set every value of a section; *set tells which settings, *right
 * whether all were right */
static int
set_all(struct building *b, const struct conf_source_section *from,
    void *values, uint64_t *set, bool *right)
{
	for (const struct conf_assignment *a = from->first; a != NULL;
	     a = a->next) {
		const struct conf_setting *s = a->setting;
		uint64_t bit = UINT64_C(1)
		    << (s - conf_settings(from->kind)->items);
		struct diag diag = {0};
		int r = 0;

		/* The first item of a list replaces the default. */
		if (conf_setting_is_list(s) && (*set & bit) == 0)
			r = conf_value_set(
			    s, NULL, &b->conf->arena, values, &diag);
		*set |= bit;
		if (r == 0)
			r = set_one(b, from->kind, a, values, &diag);
		if (r == 0)
			continue;
		*right = false;
		r = conf_report(
		    b->report, r, a->line, "%s: %s", s->name, diag_text(&diag));
		if (r < 0)
			return r;
	}
	return 0;
}

/* copy_name - copy the name of a link or postoffice */
static int
copy_name(struct building *b, const struct conf_source_section *from,
    const char **name, bool *right)
{
	struct diag diag = {0};
	int r = conf_check_name(from->title, &diag);

	if (r < 0) {
		*right = false;
		r = conf_report(b->report, r, from->line, "%s \"%s\": %s",
		    conf_settings(from->kind)->name, from->title,
		    diag_text(&diag));
	}
	if (r < 0)
		return r;
	*name = arena_string(&b->conf->arena, slice_of_string(from->title));
	return *name == NULL ? no_room(b, from->line) : 0;
}

/* check - check that the settings of a section go together, unless it has
 * errors: what is missing may just not have been understood */
static int
check(struct building *b, const struct conf_source_section *from,
    const void *values, bool right)
{
	/* Errors that follow from the first one would hide it. */
	if (!right || from->broken || b->completeness == CONF_HANDED)
		return 0;
	return conf_check_section(from->kind, values, from, b->report);
}

/* read_spaces - add the address spaces that a file has */
static int
read_spaces(struct building *b, const struct conf_source_section *from,
    const char *path, struct conf_addresses *spaces, uint64_t *set, bool *right)
{
	const struct conf_setting *s =
	    conf_setting_find(from->kind, "address-space");
	struct diag diag = {0};
	int r;

	if (!*right || b->completeness == CONF_HANDED || *path == '\0')
		return 0;
	r = conf_addresses_read(
	    spaces, CONF_ADDRESS_SPACE, path, &b->conf->arena, &diag);
	*set |= UINT64_C(1) << (s - conf_settings(from->kind)->items);
	if (r == 0)
		return 0;
	*right = false;
	return conf_report(b->report, r, from->line,
	    "%s \"%s\": address-space-file: %s",
	    conf_settings(from->kind)->name, from->title, diag_text(&diag));
}

/* add_link - make a link of a section of the text */
static int
add_link(struct building *b, const struct conf_source_section *from)
{
	struct conf_link *link = &b->conf->links[b->conf->link_count++];
	bool right = true;
	int r;

	/* Defaults were parsed once, for all sections of the kind. */
	*link = b->link;
	link->line = from->line;
	r = copy_name(b, from, &link->name, &right);
	if (r == 0)
		r = set_all(b, from, link, &link->set, &right);
	if (r == 0)
		r = read_spaces(b, from, link->address_space_file,
		    &link->address_space, &link->set, &right);
	return r < 0 ? r : check(b, from, link, right);
}

/* read_map - add the redirections that the map of a postoffice has */
static int
read_map(struct building *b, const struct conf_source_section *from,
    struct conf_msmail *msmail, bool *right)
{
	const struct conf_setting *s =
	    conf_setting_find(CONF_MSMAIL, "redirect");
	struct diag diag = {0};
	int r;

	if (!*right || b->completeness == CONF_HANDED ||
	    *msmail->directory == '\0')
		return 0;
	r = conf_redirect_read(
	    &msmail->redirect, msmail->directory, &b->conf->arena, &diag);
	if (msmail->redirect.count > 0)
		msmail->set |= UINT64_C(1)
		    << (s - conf_settings(CONF_MSMAIL)->items);
	if (r == 0)
		return 0;
	*right = false;
	return conf_report(b->report, r, from->line,
	    "msmail \"%s\": directory: %s", from->title, diag_text(&diag));
}

/* add_msmail - make a postoffice of a section of the text */
static int
add_msmail(struct building *b, const struct conf_source_section *from)
{
	struct conf_msmail *msmail = &b->conf->msmails[b->conf->msmail_count++];
	bool right = true;
	int r;

	*msmail = b->msmail;
	msmail->line = from->line;
	r = copy_name(b, from, &msmail->name, &right);
	if (r == 0)
		r = set_all(b, from, msmail, &msmail->set, &right);
	if (r == 0)
		r = read_spaces(b, from, msmail->address_space_file,
		    &msmail->address_space, &msmail->set, &right);
	if (r == 0)
		r = read_map(b, from, msmail, &right);
	return r < 0 ? r : check(b, from, msmail, right);
}

/* read_members - add the members that a file has */
static int
read_members(struct building *b, const struct conf_source_section *from,
    struct conf_list *list, bool *right)
{
	const struct conf_setting *s = conf_setting_find(CONF_LIST, "members");
	struct diag diag = {0};
	int r;

	if (!*right || b->completeness == CONF_HANDED ||
	    *list->members_file == '\0')
		return 0;
	r = conf_addresses_read(&list->members, CONF_ADDRESS_WHOLE,
	    list->members_file, &b->conf->arena, &diag);
	list->set |= UINT64_C(1) << (s - conf_settings(CONF_LIST)->items);
	if (r == 0)
		return 0;
	*right = false;
	return conf_report(b->report, r, from->line,
	    "list \"%s\": members-file: %s", from->title, diag_text(&diag));
}

/* add_list - make a distribution list of a section of the text */
static int
add_list(struct building *b, const struct conf_source_section *from)
{
	struct conf_list *list = &b->conf->lists[b->conf->list_count++];
	bool right = true;
	int r;

	*list = b->list;
	list->line = from->line;
	r = copy_name(b, from, &list->name, &right);
	if (r == 0)
		r = set_all(b, from, list, &list->set, &right);
	if (r == 0)
		r = read_members(b, from, list, &right);
	return r < 0 ? r : check(b, from, list, right);
}

/* add_submit - make a section of who may submit */
static int
add_submit(struct building *b, const struct conf_source_section *from)
{
	struct conf_submit *submit = &b->conf->submits[b->conf->submit_count++];
	bool right = true;
	int r;

	*submit = b->submit;
	submit->line = from->line;
	r = copy_name(b, from, &submit->name, &right);
	if (r == 0)
		r = set_all(b, from, submit, &submit->set, &right);
	return r < 0 ? r : check(b, from, submit, right);
}

/* add_application - make an application of a section of the text */
static int
add_application(struct building *b, const struct conf_source_section *from)
{
	struct conf_application *application =
	    &b->conf->applications[b->conf->application_count++];
	bool right = true;
	int r;

	*application = b->application;
	application->line = from->line;
	r = copy_name(b, from, &application->name, &right);
	if (r == 0)
		r = set_all(b, from, application, &application->set, &right);
	return r < 0 ? r : check(b, from, application, right);
}

/* add_mixer - make a section of how addresses are mapped */
static int
add_mixer(struct building *b, const struct conf_source_section *from)
{
	struct conf_mixer *mixer = &b->conf->mixers[b->conf->mixer_count++];
	bool right = true;
	int r;

	*mixer = b->mixer;
	mixer->line = from->line;
	r = copy_name(b, from, &mixer->name, &right);
	if (r == 0)
		r = set_all(b, from, mixer, &mixer->set, &right);
	return r < 0 ? r : check(b, from, mixer, right);
}

/* add_console - make the console of a section of the text */
static int
add_console(struct building *b, const struct conf_source_section *from)
{
	struct conf_console *console = &b->conf->console;
	bool right = true;
	int r;

	console->line = from->line;
	r = set_all(b, from, console, &console->set, &right);
	return r < 0 ? r : check(b, from, console, right);
}

/* add_section - take over what one section of the text says */
static int
add_section(struct building *b, const struct conf_source_section *from)
{
	struct conf_mta *mta = &b->conf->mta;
	bool right = true;
	int r;

	switch (from->kind) {
	case CONF_LINK:
		return add_link(b, from);
	case CONF_MSMAIL:
		return add_msmail(b, from);
	case CONF_LIST:
		return add_list(b, from);
	case CONF_SUBMIT:
		return add_submit(b, from);
	case CONF_APPLICATION:
		return add_application(b, from);
	case CONF_MIXER:
		return add_mixer(b, from);
	case CONF_CONSOLE:
		return add_console(b, from);
	case CONF_MTA:
		break;
	}
	mta->line = from->line;
	r = set_all(b, from, mta, &mta->set, &right);
	return r < 0 ? r : check(b, from, mta, right);
}

/* allocate - make room for the sections that the text has */
static int
allocate(struct conf *conf, const struct conf_source *source)
{
	size_t links = source->count[CONF_LINK];
	size_t msmails = source->count[CONF_MSMAIL];

	conf->links = arena_array(&conf->arena, links, sizeof(*conf->links));
	conf->links_sorted =
	    arena_array(&conf->arena, links, sizeof(*conf->links_sorted));
	conf->msmails =
	    arena_array(&conf->arena, msmails, sizeof(*conf->msmails));
	conf->msmails_sorted =
	    arena_array(&conf->arena, msmails, sizeof(*conf->msmails_sorted));
	conf->lists = arena_array(
	    &conf->arena, source->count[CONF_LIST], sizeof(*conf->lists));
	conf->submits = arena_array(
	    &conf->arena, source->count[CONF_SUBMIT], sizeof(*conf->submits));
	conf->applications = arena_array(&conf->arena,
	    source->count[CONF_APPLICATION], sizeof(*conf->applications));
	conf->mixers = arena_array(
	    &conf->arena, source->count[CONF_MIXER], sizeof(*conf->mixers));
	/* NULL is no lack of memory where there is nothing to allocate. */
	if ((conf->lists == NULL && source->count[CONF_LIST] > 0) ||
	    (conf->submits == NULL && source->count[CONF_SUBMIT] > 0) ||
	    (conf->applications == NULL &&
		source->count[CONF_APPLICATION] > 0) ||
	    (conf->mixers == NULL && source->count[CONF_MIXER] > 0))
		return arena_error(&conf->arena);
	if ((links > 0 &&
		(conf->links == NULL || conf->links_sorted == NULL)) ||
	    (msmails > 0 &&
		(conf->msmails == NULL || conf->msmails_sorted == NULL)))
		return arena_error(&conf->arena);
	return 0;
}

/* check_whole - check what holds between sections, if all were understood */
static int
check_whole(struct building *b, const struct conf_source *source)
{
	struct conf *conf = b->conf;
	struct diag diag = {0};
	int r = 0;

	if (b->completeness != CONF_HANDED && !source->broken)
		r = conf_check_whole(conf, b->report);
	/* The postmaster of the domain is the default, so the domain must be
	 * right. */
	if (r < 0 || b->report->code != 0 ||
	    conf->mta.postmaster.address != NULL ||
	    conf->mta.domain.address == NULL)
		return r;
	r = conf_address_postmaster(
	    &conf->mta.domain, &conf->arena, &conf->mta.postmaster, &diag);
	return r == 0 ? 0
		      : conf_report(b->report, r, conf->mta.line,
			    "postmaster: %s", diag_text(&diag));
}

/* conf_build - make the typed configuration of what a text sets */
int
conf_build(struct conf *conf, const struct conf_source *source,
    enum conf_completeness completeness, struct conf_report *report)
{
	struct building b = {
	    .conf = conf, .completeness = completeness, .report = report};
	int r = set_defaults(&b, CONF_MTA, &conf->mta);

	conf->mta.domain.text = "";
	if (r == 0)
		r = set_defaults(&b, CONF_LINK, &b.link);
	if (r == 0)
		r = set_defaults(&b, CONF_MSMAIL, &b.msmail);
	if (r == 0)
		r = set_defaults(&b, CONF_LIST, &b.list);
	if (r == 0)
		r = set_defaults(&b, CONF_SUBMIT, &b.submit);
	if (r == 0)
		r = set_defaults(&b, CONF_APPLICATION, &b.application);
	if (r == 0)
		r = set_defaults(&b, CONF_MIXER, &b.mixer);
	if (r == 0)
		r = set_defaults(&b, CONF_CONSOLE, &conf->console);
	if (r == 0 && allocate(conf, source) < 0)
		r = no_room(&b, 1);
	for (const struct conf_source_section *s = source->first;
	     r == 0 && s != NULL; s = s->next)
		r = add_section(&b, s);
	return r < 0 ? r : check_whole(&b, source);
}
