/* SPDX-License-Identifier: ISC */
/*
 * conf_compare.c - what differs between two configurations, for a reload
 */
#include "conf/conf_compare.h"

#include <string.h>

#include "conf/conf_value.h"

struct comparing {
	conf_compare_fn *fn;
	void *context;
	int count;
};

/* tell - tell one difference */
static void
tell(struct comparing *c, enum conf_section section, const char *name,
    enum conf_change change, const struct conf_setting *setting)
{
	c->count++;
	if (c->fn != NULL)
		c->fn(c->context, section, name, change, setting);
}

/* compare_section - compare every setting of a section that is in both */
static int
compare_section(struct comparing *c, enum conf_section section,
    const char *name, const void *a, const void *b)
{
	const struct conf_settings *settings = conf_settings(section);

	for (size_t i = 0; i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];
		int equal;

		/* The content of the file counts, not where the file is. */
		if (s->type == CONF_TYPE_PASSWORD_FILE)
			continue;
		equal = conf_value_equal(s, a, b);
		if (equal < 0)
			return equal;
		if (equal == 0)
			tell(c, section, name, CONF_CHANGED, s);
	}
	return 0;
}

/* The sections of one kind.  Their names are their first members. */
struct named {
	const void *items;
	size_t count, size;
};

/* named_of - get the sections of a kind that a configuration has */
static struct named
named_of(const struct conf *conf, enum conf_section section)
{
	switch (section) {
	case CONF_LINK:
		return (struct named){
		    conf->links, conf->link_count, sizeof(*conf->links)};
	case CONF_MSMAIL:
		return (struct named){
		    conf->msmails, conf->msmail_count, sizeof(*conf->msmails)};
	case CONF_LIST:
		return (struct named){
		    conf->lists, conf->list_count, sizeof(*conf->lists)};
	case CONF_SUBMIT:
		return (struct named){
		    conf->submits, conf->submit_count, sizeof(*conf->submits)};
	case CONF_APPLICATION:
		return (struct named){conf->applications,
		    conf->application_count, sizeof(*conf->applications)};
	case CONF_MIXER:
		return (struct named){
		    conf->mixers, conf->mixer_count, sizeof(*conf->mixers)};
	case CONF_MTA:
	case CONF_CONSOLE:
		break;
	}
	return (struct named){NULL, 0, 1};
}

/* conf_section_values - find the values of a section, or NULL */
const void *
conf_section_values(
    const struct conf *conf, enum conf_section section, const char *name)
{
	/* Links and postoffices are many: they are found by their order. */
	switch (section) {
	case CONF_MTA:
		return &conf->mta;
	case CONF_LINK:
		return conf_link_find(conf, name);
	case CONF_MSMAIL:
		return conf_msmail_find(conf, name);
	case CONF_LIST:
		return conf_list_find(conf, name);
	case CONF_SUBMIT:
		return conf_submit_find(conf, name);
	case CONF_APPLICATION:
		return conf_application_find(conf, name);
	case CONF_MIXER:
		return conf_mixer_find(conf, name);
	case CONF_CONSOLE:
		return &conf->console;
	}
	return NULL;
}

/* named_at - get section number i of a kind, and its name */
static const void *
named_at(const struct named *named, size_t i, const char **name)
{
	const void *item = (const char *)named->items + i * named->size;

	*name = *(const char *const *)item;
	return item;
}

/* compare_named - compare the sections of a kind: those gone, those changed,
 * those new */
static int
compare_named(struct comparing *c, enum conf_section section,
    const struct conf *before, const struct conf *after)
{
	const struct named gone = named_of(before, section);
	const struct named new = named_of(after, section);
	const char *name;
	int r = 0;

	/* Removed first, so that a name that moves from one section to another
	 * is told in order. */
	for (size_t i = 0; i < gone.count; i++) {
		(void)named_at(&gone, i, &name);
		if (conf_section_values(after, section, name) == NULL)
			tell(c, section, name, CONF_REMOVED, NULL);
	}
	for (size_t i = 0; r == 0 && i < new.count; i++) {
		const void *is = named_at(&new, i, &name);
		const void *was = conf_section_values(before, section, name);

		if (was == NULL)
			tell(c, section, name, CONF_ADDED, NULL);
		else
			r = compare_section(c, section, name, was, is);
	}
	return r;
}

/* compare_consoles - compare the section console */
static int
compare_consoles(
    struct comparing *c, const struct conf *before, const struct conf *after)
{
	bool was = before->console.line != 0, is = after->console.line != 0;

	if (was && is)
		return compare_section(
		    c, CONF_CONSOLE, "", &before->console, &after->console);
	if (was != is)
		tell(c, CONF_CONSOLE, "", is ? CONF_ADDED : CONF_REMOVED, NULL);
	return 0;
}

/* conf_compare - tell fn what changed from before to after */
int
conf_compare(const struct conf *before, const struct conf *after,
    conf_compare_fn *fn, void *context)
{
	static const enum conf_section kinds[] = {CONF_LINK, CONF_MSMAIL,
	    CONF_LIST, CONF_SUBMIT, CONF_APPLICATION, CONF_MIXER};
	struct comparing c = {.fn = fn, .context = context};
	int r = compare_section(&c, CONF_MTA, "", &before->mta, &after->mta);

	for (size_t i = 0; r == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		r = compare_named(&c, kinds[i], before, after);
	if (r == 0)
		r = compare_consoles(&c, before, after);
	return r < 0 ? r : c.count;
}
