/* SPDX-License-Identifier: ISC */
/*
 * conf_dump.c - a configuration written back as text
 */
#include "conf/conf_dump.h"

#include <stdio.h>

#include "base/escape.h"
#include "conf/conf_setting.h"
#include "conf/conf_value.h"

#define VALUE_MAX 65536 /* of one value as text */

/* How much of a section is written. */
enum part {
	PART_GIVEN,    /* what was given, and passwords from files */
	PART_ALL,      /* every setting */
	PART_IDENTITY, /* mta: what a worker must know of it */
	PART_WORKER,   /* link, msmail: what its worker must know */
	PART_TRACKING, /* mta: what who writes or searches many machines' must */
};

struct dumping {
	enum conf_secrets secrets;
	enum part part;
	struct buffer *out;
	struct buffer value; /* room for one */
};

/* append - append a string */
static int
append(struct dumping *d, const char *text)
{
	return buffer_append(d->out, text, strlen(text));
}

/* append_quoted - append a text in double quotes, as conf_scan.h reads it */
static int
append_quoted(struct dumping *d, struct slice text)
{
	char escaped[8];
	int r = append(d, "\"");

	while (r == 0 && text.len > 0) {
		/* printable characters as they are, other octets as \xNN */
		size_t len = escape_character(text);
		uint8_t c = text.data[0];

		if (len == 0) {
			(void)snprintf(escaped, sizeof(escaped), "\\x%02x", c);
			len = 1;
			r = append(d, escaped);
		} else {
			if (c == '"' || c == '\\' || c == '$')
				r = append(d, "\\");
			if (r == 0)
				r = buffer_append(d->out, text.data, len);
		}
		text = slice_of(text.data + len, text.len - len);
	}
	return r < 0 ? r : append(d, "\"");
}

/* append_id - append to a group's name the number that master found for it:
 * the process that is handed the text cannot look it up */
static int
append_id(struct dumping *d, const struct conf_group *group)
{
	char id[16];

	/* Workers have no database of groups in their sandbox. */
	if (d->secrets != CONF_SECRETS_INLINE || group->name[0] == '\0')
		return 0;
	(void)snprintf(id, sizeof(id), ":%u", (unsigned)group->id);
	return buffer_append(&d->value, id, strlen(id));
}

/* append_item - append item n of a setting, quoted */
static int
append_item(struct dumping *d, const struct conf_setting *setting,
    const void *values, size_t n)
{
	int r;

	buffer_reset(&d->value);
	r = conf_value_text(setting, values, n, &d->value);
	if (r == 0 && setting->type == CONF_TYPE_GROUP)
		r = append_id(
		    d, (const void *)((const char *)values + setting->offset));
	return r < 0 ? r : append_quoted(d, buffer_slice(&d->value));
}

/* count_items - count the items that are written: what a file holds is not, as
 * long as its name stands beside them */
static size_t
count_items(const struct dumping *d, const struct conf_setting *setting,
    const void *values)
{
	const char *field = (const char *)values + setting->offset;
	size_t count = conf_value_count(setting, values);

	/* Workers cannot read the file, so they get what it held. */
	if (d->secrets == CONF_SECRETS_INLINE)
		return count;
	if (setting->type == CONF_TYPE_MEMBERS ||
	    setting->type == CONF_TYPE_ADDRESS_SPACE)
		return count -
		    ((const struct conf_addresses *)(const void *)field)
			->from_file;
	if (setting->type != CONF_TYPE_REDIRECTS)
		return count;
	return count -
	    ((const struct conf_redirects *)(const void *)field)->from_file;
}

/* append_setting - append one line: name and value */
static int
append_setting(
    struct dumping *d, const struct conf_setting *setting, const void *values)
{
	size_t count = count_items(d, setting, values);
	int r = append(d, "\t");

	if (r == 0)
		r = append(d, setting->name);
	if (r == 0)
		r = append(d, " = ");
	if (!conf_setting_is_list(setting)) {
		if (r == 0)
			r = append_item(d, setting, values, 0);
		return r < 0 ? r : append(d, "\n");
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		r = append(d, i == 0 ? "{" : ", ");
		if (r == 0)
			r = append_item(d, setting, values, i);
	}
	return r < 0 ? r : append(d, count == 0 ? "{}\n" : "}\n");
}

/* in_worker_part - tell whether a worker must know a setting */
static bool
in_worker_part(enum conf_section section, const struct conf_setting *setting)
{
	const char *name = setting->name;

	if (section == CONF_MTA) {
		return strcmp(name, "name") == 0 ||
		    strcmp(name, "domain") == 0 ||
		    strcmp(name, "postmaster") == 0 ||
		    strncmp(name, "log-level-", 10) == 0 ||
		    strcmp(name, "queue-size") == 0 ||
		    strcmp(name, "state-directory") == 0;
	}
	return strcmp(name, "remote-password") != 0 &&
	    strcmp(name, "address-space") != 0 &&
	    strcmp(name, "address-space-file") != 0 &&
	    strcmp(name, "learn") != 0 && strcmp(name, "refuse-from") != 0 &&
	    strcmp(name, "accept-from") != 0;
}

/* in_tracking_part - tell whether who writes into the database of many machines
 * must know a setting, or who searches it */
static bool
in_tracking_part(const struct conf_setting *setting)
{
	const char *name = setting->name;

	return in_worker_part(CONF_MTA, setting) ||
	    strncmp(name, "tracking-", 9) == 0 ||
	    strcmp(name, "viewer-group") == 0 ||
	    strcmp(name, "operator-group") == 0;
}

/* wanted - tell whether a setting is to be written */
static bool
wanted(const struct dumping *d, enum conf_section section,
    const struct conf_setting *setting, const void *values)
{
	const char *field = (const char *)values + setting->offset;
	bool has_octets = setting->type == CONF_TYPE_PASSWORD &&
	    ((const struct slice *)(const void *)field)->len > 0;
	bool given = conf_setting_given(section, setting, values);

	if (setting->type == CONF_TYPE_PASSWORD_FILE &&
	    d->secrets == CONF_SECRETS_INLINE)
		return false;
	/* Another process has no use for a path, and gets the content of such
	 * a file by other means where it needs that. */
	if (setting->type == CONF_TYPE_PEM_FILE &&
	    d->secrets == CONF_SECRETS_INLINE)
		return false;
	if (setting->type == CONF_TYPE_PASSWORD) {
		if (d->secrets == CONF_SECRETS_OMIT)
			return false;
		given = given || has_octets;
	}
	switch (d->part) {
	case PART_GIVEN:
		return given;
	case PART_ALL:
		/* a required one that a handed text left out has no value
		 * that could be read back */
		return given || setting->need == CONF_OPTIONAL;
	case PART_TRACKING:
		return given && in_tracking_part(setting);
	case PART_IDENTITY:
	case PART_WORKER:
		/* postmaster may be derived: its text is there then */
		return in_worker_part(section, setting) &&
		    (given ||
			(setting->type == CONF_TYPE_ADDRESS &&
			    ((const struct conf_address *)(const void *)field)
				    ->address != NULL));
	}
	return false;
}

/* append_section - append a section with those settings that are wanted */
static int
append_section(struct dumping *d, enum conf_section section, const char *title,
    const void *values)
{
	const struct conf_settings *settings = conf_settings(section);
	int r = append(d, settings->name);

	if (r == 0 && conf_section_is_named(section)) {
		r = append(d, " ");
		if (r == 0)
			r = append_quoted(d, slice_of_string(title));
	}
	if (r == 0)
		r = append(d, " {\n");
	for (size_t i = 0; r == 0 && i < settings->count; i++) {
		if (wanted(d, section, &settings->items[i], values))
			r = append_setting(d, &settings->items[i], values);
	}
	return r < 0 ? r : append(d, "}\n");
}

/* begin - prepare to write */
static void
begin(struct dumping *d, enum conf_secrets secrets, enum part part,
    struct buffer *out)
{
	d->secrets = secrets;
	d->part = part;
	d->out = out;
	buffer_init(&d->value, VALUE_MAX);
}

/* conf_dump - append the whole configuration */
int
conf_dump(const struct conf *conf, enum conf_secrets secrets,
    enum conf_extent extent, struct buffer *out)
{
	struct dumping d;
	int r = 0;

	begin(&d, secrets, extent == CONF_EXTENT_ALL ? PART_ALL : PART_GIVEN,
	    out);
	if (conf->mta.line != 0)
		r = append_section(&d, CONF_MTA, "", &conf->mta);
	for (size_t i = 0; r == 0 && i < conf->link_count; i++) {
		r = append_section(
		    &d, CONF_LINK, conf->links[i].name, &conf->links[i]);
	}
	for (size_t i = 0; r == 0 && i < conf->msmail_count; i++) {
		r = append_section(
		    &d, CONF_MSMAIL, conf->msmails[i].name, &conf->msmails[i]);
	}
	for (size_t i = 0; r == 0 && i < conf->list_count; i++) {
		r = append_section(
		    &d, CONF_LIST, conf->lists[i].name, &conf->lists[i]);
	}
	for (size_t i = 0; r == 0 && i < conf->submit_count; i++) {
		r = append_section(
		    &d, CONF_SUBMIT, conf->submits[i].name, &conf->submits[i]);
	}
	for (size_t i = 0; r == 0 && i < conf->application_count; i++) {
		r = append_section(&d, CONF_APPLICATION,
		    conf->applications[i].name, &conf->applications[i]);
	}
	for (size_t i = 0; r == 0 && i < conf->mixer_count; i++) {
		r = append_section(
		    &d, CONF_MIXER, conf->mixers[i].name, &conf->mixers[i]);
	}
	if (r == 0 && conf->console.line != 0)
		r = append_section(&d, CONF_CONSOLE, "", &conf->console);
	buffer_fini(&d.value);
	return r;
}

/* bit_of - find the bit that tells whether a setting was given */
static uint64_t
bit_of(enum conf_section section, const char *name)
{
	const struct conf_setting *s = conf_setting_find(section, name);

	return UINT64_C(1) << (s - conf_settings(section)->items);
}

/* given_too - set the bit of a setting, as if the text had held it */
static void
given_too(struct conf_link *link, const char *name)
{
	link->set |= bit_of(CONF_LINK, name);
}

/* conf_dump_link - append what a worker of one link must know */
int
conf_dump_link(
    const struct conf *conf, const struct conf_link *link, struct buffer *out)
{
	struct conf_link effective = *link;
	struct dumping d;
	int r;

	/* Effective values, as the worker has no mta section with the
	 * others. */
	effective.local_name = conf_local_name(conf, link);
	effective.local_password = conf_local_password(conf, link);
	given_too(&effective, "local-name");
	given_too(&effective, "local-password");
	begin(&d, CONF_SECRETS_INLINE, PART_IDENTITY, out);
	r = append_section(&d, CONF_MTA, "", &conf->mta);
	d.part = PART_WORKER;
	if (r == 0)
		r = append_section(&d, CONF_LINK, link->name, &effective);
	buffer_fini(&d.value);
	return r;
}

/* conf_dump_msmail - append what a worker of one postoffice must know */
int
conf_dump_msmail(const struct conf *conf, const struct conf_msmail *msmail,
    struct buffer *out)
{
	struct conf_msmail effective = *msmail;
	struct dumping d;
	int r;

	/* Redirections and bars are for qmgr alone, and may be many. */
	effective.set &= ~bit_of(CONF_MSMAIL, "redirect");
	effective.set &= ~bit_of(CONF_MSMAIL, "refuse-from");
	effective.set &= ~bit_of(CONF_MSMAIL, "accept-from");
	begin(&d, CONF_SECRETS_INLINE, PART_IDENTITY, out);
	r = append_section(&d, CONF_MTA, "", &conf->mta);
	d.part = PART_GIVEN;
	if (r == 0)
		r = append_section(&d, CONF_MSMAIL, msmail->name, &effective);
	buffer_fini(&d.value);
	return r;
}

/* conf_dump_application - append what a worker of one application must know */
int
conf_dump_application(const struct conf *conf,
    const struct conf_application *application, struct buffer *out)
{
	struct conf_application effective = *application;
	struct dumping d;
	int r;

	/* The originators and contents allowed are for qmgr alone to decide. */
	effective.set &= ~bit_of(CONF_APPLICATION, "address-space");
	effective.set &= ~bit_of(CONF_APPLICATION, "originators");
	effective.set &= ~bit_of(CONF_APPLICATION, "contents");
	begin(&d, CONF_SECRETS_INLINE, PART_IDENTITY, out);
	r = append_section(&d, CONF_MTA, "", &conf->mta);
	d.part = PART_GIVEN;
	if (r == 0)
		r = append_section(
		    &d, CONF_APPLICATION, application->name, &effective);
	buffer_fini(&d.value);
	return r;
}

/* conf_dump_memory - append what mixer-memory must know */
int
conf_dump_memory(const struct conf *conf, struct buffer *out)
{
	const struct conf_mixer *longest = conf->mixers;
	struct conf_mixer effective;
	struct dumping d;
	int r;

	for (size_t i = 1; i < conf->mixer_count; i++)
		if (conf->mixers[i].thread_memory > longest->thread_memory)
			longest = &conf->mixers[i];
	begin(&d, CONF_SECRETS_INLINE, PART_IDENTITY, out);
	r = append_section(&d, CONF_MTA, "", &conf->mta);
	d.part = PART_GIVEN;
	if (r == 0 && conf->mixer_count > 0) {
		effective = *longest;
		effective.set &= bit_of(CONF_MIXER, "mail-domain") |
		    bit_of(CONF_MIXER, "gateway-address") |
		    bit_of(CONF_MIXER, "thread-memory");
		r = append_section(&d, CONF_MIXER, longest->name, &effective);
	}
	buffer_fini(&d.value);
	return r;
}

/* conf_dump_mixer - append what a worker of one gateway must know */
int
conf_dump_mixer(
    const struct conf *conf, const struct conf_mixer *mixer, struct buffer *out)
{
	struct conf_mixer effective = *mixer;
	struct dumping d;
	int r;

	/* The routes to a gateway are for qmgr alone to decide. */
	effective.set &= ~bit_of(CONF_MIXER, "address-space");
	effective.set &= ~bit_of(CONF_MIXER, "relay-from");
	begin(&d, CONF_SECRETS_INLINE, PART_IDENTITY, out);
	r = append_section(&d, CONF_MTA, "", &conf->mta);
	d.part = PART_GIVEN;
	if (r == 0)
		r = append_section(&d, CONF_MIXER, mixer->name, &effective);
	buffer_fini(&d.value);
	return r;
}

/* conf_dump_console - append what the console must know */
int
conf_dump_console(const struct conf *conf, struct buffer *out)
{
	struct dumping d;
	int r;

	begin(&d, CONF_SECRETS_INLINE, PART_IDENTITY, out);
	r = append_section(&d, CONF_MTA, "", &conf->mta);
	d.part = PART_GIVEN;
	if (r == 0)
		r = append_section(&d, CONF_CONSOLE, "", &conf->console);
	buffer_fini(&d.value);
	return r;
}

/* conf_dump_tracking - append what a process must know that uses the database
 * of many machines */
int
conf_dump_tracking(const struct conf *conf, struct buffer *out)
{
	struct dumping d;
	int r;

	begin(&d, CONF_SECRETS_INLINE, PART_TRACKING, out);
	r = append_section(&d, CONF_MTA, "", &conf->mta);
	buffer_fini(&d.value);
	return r;
}
