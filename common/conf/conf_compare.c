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

/* compare_links - compare links: those gone, those changed, those new */
static int
compare_links(
    struct comparing *c, const struct conf *before, const struct conf *after)
{
	int r = 0;

	/* Removed first, so that a name that moves from one section to another
	 * is told in order. */
	for (size_t i = 0; i < before->link_count; i++) {
		if (conf_link_find(after, before->links[i].name) == NULL)
			tell(c, CONF_LINK, before->links[i].name, CONF_REMOVED,
			    NULL);
	}
	for (size_t i = 0; r == 0 && i < after->link_count; i++) {
		const struct conf_link *new = &after->links[i];
		const struct conf_link *old = conf_link_find(before, new->name);

		if (old == NULL)
			tell(c, CONF_LINK, new->name, CONF_ADDED, NULL);
		else
			r = compare_section(c, CONF_LINK, new->name, old, new);
	}
	return r;
}

/* compare_msmails - compare postoffices: those gone, those changed, those
 * new */
static int
compare_msmails(
    struct comparing *c, const struct conf *before, const struct conf *after)
{
	int r = 0;

	for (size_t i = 0; i < before->msmail_count; i++) {
		if (conf_msmail_find(after, before->msmails[i].name) == NULL)
			tell(c, CONF_MSMAIL, before->msmails[i].name,
			    CONF_REMOVED, NULL);
	}
	for (size_t i = 0; r == 0 && i < after->msmail_count; i++) {
		const struct conf_msmail *new = &after->msmails[i];
		const struct conf_msmail *old =
		    conf_msmail_find(before, new->name);

		if (old == NULL)
			tell(c, CONF_MSMAIL, new->name, CONF_ADDED, NULL);
		else
			r = compare_section(
			    c, CONF_MSMAIL, new->name, old, new);
	}
	return r;
}

/* compare_lists - compare distribution lists: those gone, those changed, those
 * new */
static int
compare_lists(
    struct comparing *c, const struct conf *before, const struct conf *after)
{
	int r = 0;

	for (size_t i = 0; i < before->list_count; i++)
		if (conf_list_find(after, before->lists[i].name) == NULL)
			tell(c, CONF_LIST, before->lists[i].name, CONF_REMOVED,
			    NULL);
	for (size_t i = 0; r == 0 && i < after->list_count; i++) {
		const struct conf_list *new = &after->lists[i];
		const struct conf_list *old = conf_list_find(before, new->name);

		if (old == NULL)
			tell(c, CONF_LIST, new->name, CONF_ADDED, NULL);
		else
			r = compare_section(c, CONF_LIST, new->name, old, new);
	}
	return r;
}

/* compare_submits - compare who may submit: those gone, those changed, those
 * new */
static int
compare_submits(
    struct comparing *c, const struct conf *before, const struct conf *after)
{
	int r = 0;

	for (size_t i = 0; i < before->submit_count; i++)
		if (conf_submit_find(after, before->submits[i].name) == NULL)
			tell(c, CONF_SUBMIT, before->submits[i].name,
			    CONF_REMOVED, NULL);
	for (size_t i = 0; r == 0 && i < after->submit_count; i++) {
		const struct conf_submit *new = &after->submits[i];
		const struct conf_submit *old =
		    conf_submit_find(before, new->name);

		if (old == NULL)
			tell(c, CONF_SUBMIT, new->name, CONF_ADDED, NULL);
		else
			r = compare_section(
			    c, CONF_SUBMIT, new->name, old, new);
	}
	return r;
}

/* compare_applications - compare applications: those gone, those changed,
 * those new */
static int
compare_applications(
    struct comparing *c, const struct conf *before, const struct conf *after)
{
	int r = 0;

	for (size_t i = 0; i < before->application_count; i++) {
		const char *name = before->applications[i].name;

		if (conf_application_find(after, name) == NULL)
			tell(c, CONF_APPLICATION, name, CONF_REMOVED, NULL);
	}
	for (size_t i = 0; r == 0 && i < after->application_count; i++) {
		const struct conf_application *new = &after->applications[i];
		const struct conf_application *old =
		    conf_application_find(before, new->name);

		if (old == NULL)
			tell(c, CONF_APPLICATION, new->name, CONF_ADDED, NULL);
		else
			r = compare_section(
			    c, CONF_APPLICATION, new->name, old, new);
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
	struct comparing c = {.fn = fn, .context = context};
	int r = compare_section(&c, CONF_MTA, "", &before->mta, &after->mta);

	if (r == 0)
		r = compare_links(&c, before, after);
	if (r == 0)
		r = compare_msmails(&c, before, after);
	if (r == 0)
		r = compare_lists(&c, before, after);
	if (r == 0)
		r = compare_submits(&c, before, after);
	if (r == 0)
		r = compare_applications(&c, before, after);
	if (r == 0)
		r = compare_consoles(&c, before, after);
	return r < 0 ? r : c.count;
}
