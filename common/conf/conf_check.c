/* SPDX-License-Identifier: ISC */
/*
 * conf_check.c - what must hold between the settings of a section
 */
#include "conf/conf_check.h"

#include <sys/stat.h>

#include <errno.h>

/* conf_check_name - of a link or a postoffice */
int
conf_check_name(const char *name, struct diag *diag)
{
	size_t len = strlen(name);

	if (len == 0 || len > CONF_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != len) {
		return diag_set(diag, ERR_VALUE,
		    "a name has 1 to %d of a-z, 0-9 and -", CONF_NAME_MAX);
	}
	return 0;
}

/* check_needed - every required setting was given */
static int
check_needed(enum conf_section section, const void *values, struct diag *diag)
{
	const struct conf_settings *settings = conf_settings(section);

	for (size_t i = 0; i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];

		if (s->need == CONF_REQUIRED &&
		    !conf_setting_given(section, s, values))
			return diag_set(
			    diag, ERR_VALUE, "%s: missing", s->name);
	}
	return 0;
}

/* check_link - the settings of a link go together */
static int
check_link(const struct conf_link *link, struct diag *diag)
{
	bool calls = link->schedule.kind == CONF_SCHEDULE_ALWAYS ||
	    link->schedule.kind == CONF_SCHEDULE_TIMES;
	int r = check_needed(CONF_LINK, link, diag);

	if (r < 0)
		return r;
	if (calls && link->address.count == 0) {
		return diag_set(diag, ERR_VALUE,
		    "address: missing, and the schedule says that we call");
	}
	/* Exchange: the side that is not called must get the turn */
	if (link->schedule.kind == CONF_SCHEDULE_REMOTE_INITIATED &&
	    link->dialogue != CONF_DIALOGUE_TWO_WAY_ALTERNATE) {
		return diag_set(diag, ERR_VALUE,
		    "schedule: remote-initiated needs dialogue = "
		    "\"two-way-alternate\"");
	}
	if (link->mode == CONF_MODE_1984 &&
	    (link->psel.len > 0 || link->local_psel.len > 0)) {
		return diag_set(diag, ERR_VALUE,
		    "psel: mode 1984 has no presentation selectors");
	}
	return 0;
}

/* check_msmail - those of a postoffice; its directory may be away for a
 * while (a mount), its map may not */
static int
check_msmail(const struct conf_msmail *msmail, struct diag *diag)
{
	struct stat st;
	int r = check_needed(CONF_MSMAIL, msmail, diag);

	if (r < 0 || *msmail->directory == '\0')
		return r;
	if (stat(msmail->directory, &st) < 0) {
		return diag_set(diag, ERR_IO, "directory: %s: %s",
		    msmail->directory, strerror(errno));
	}
	if (!S_ISREG(st.st_mode)) {
		return diag_set(diag, ERR_IO, "directory: %s: not a file",
		    msmail->directory);
	}
	return 0;
}

/* check_workers - refuse what needs more processes than there may be: each way
 * one for each link and max-associations, 64 for callers that are not known,
 * three for a postoffice */
static int
check_workers(const struct conf *conf, struct diag *diag)
{
	size_t needed =
	    2 * ((size_t)conf->mta.max_associations + conf->link_count) +
	    3 * conf->msmail_count + 64;

	if (needed <= CONF_WORKERS_MAX)
		return 0;
	return diag_set(diag, ERR_LIMIT,
	    "max-associations: with %zu links and %zu postoffices that needs "
	    "%zu processes, more than %u",
	    conf->link_count, conf->msmail_count, needed,
	    (unsigned)CONF_WORKERS_MAX);
}

/* conf_check - all that is needed is there and goes together */
int
conf_check(const struct conf *conf, struct diag *diag)
{
	int r;

	if (conf->mta.line == 0) {
		return diag_set(diag, ERR_VALUE,
		    "%s:1: mta: the section is missing", conf->file);
	}
	r = check_needed(CONF_MTA, &conf->mta, diag);
	if (r == 0)
		r = check_workers(conf, diag);
	if (r < 0) {
		diag_prefix(diag, "%s:%u: mta", conf->file, conf->mta.line);
		return r;
	}
	for (size_t i = 0; i < conf->link_count; i++) {
		r = check_link(&conf->links[i], diag);
		if (r < 0) {
			diag_prefix(diag, "%s:%u: link \"%s\"", conf->file,
			    conf->links[i].line, conf->links[i].name);
			return r;
		}
	}
	for (size_t i = 0; i < conf->msmail_count; i++) {
		r = check_msmail(&conf->msmails[i], diag);
		if (r < 0) {
			diag_prefix(diag, "%s:%u: msmail \"%s\"", conf->file,
			    conf->msmails[i].line, conf->msmails[i].name);
			return r;
		}
	}
	return 0;
}
