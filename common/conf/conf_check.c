/* SPDX-License-Identifier: ISC */
/*
 * conf_check.c - check what must hold between settings
 */
#include "conf/conf_check.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* conf_check_name - check the name of a link or a postoffice */
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

/* What one section is checked for. */
struct checking {
	const char *kind;
	const char *name; /* "": a section without */
	unsigned line;
	struct conf_report *report;
};

/* refuse - report what is wrong with a section, at its first line */
static int
refuse(
    const struct checking *c, int code, const char *setting, const char *reason)
{
	bool named = c->name[0] != '\0';

	return conf_report(c->report, code, c->line, "%s%s%s%s: %s: %s",
	    c->kind, named ? " \"" : "", c->name, named ? "\"" : "", setting,
	    reason);
}

/* check_needed - check that every required setting was given */
static int
check_needed(
    const struct checking *c, enum conf_section section, const void *values)
{
	const struct conf_settings *settings = conf_settings(section);
	int r = 0;

	for (size_t i = 0; r == 0 && i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];

		if (s->need == CONF_REQUIRED &&
		    !conf_setting_given(section, s, values))
			r = refuse(c, ERR_VALUE, s->name, "missing");
	}
	return r;
}

/* check_mode - check what the modes of 1984 need, and have not */
static int
check_mode(const struct checking *c, const struct conf_link *link)
{
	if (link->mode == CONF_MODE_1988_NORMAL)
		return 0;
	if (link->mode == CONF_MODE_1984)
		return refuse(
		    c, ERR_UNSUPPORTED, "mode", "1984 is not built yet");
	if (link->psel.len > 0 || link->local_psel.len > 0)
		return refuse(c, ERR_VALUE, "psel",
		    "only mode 1988-normal has presentation selectors");
	if (link->remote_domain.address == NULL)
		return refuse(c, ERR_VALUE, "remote-domain",
		    "missing, and modes 1988-x410 and 1984 need it");
	return 0;
}

/* check_link - check that the settings of a link go together */
static int
check_link(const struct checking *c, const struct conf_link *link)
{
	bool calls = link->schedule.kind == CONF_SCHEDULE_ALWAYS ||
	    link->schedule.kind == CONF_SCHEDULE_TIMES;
	int r = check_needed(c, CONF_LINK, link);

	if (r == 0 && calls && link->address.count == 0)
		r = refuse(c, ERR_VALUE, "address",
		    "missing, and the schedule says that we call");
	/* As in Exchange: the side that is never called must get the turn, or
	 * it could not send at all. */
	if (r == 0 && link->schedule.kind == CONF_SCHEDULE_REMOTE_INITIATED &&
	    link->dialogue != CONF_DIALOGUE_TWO_WAY_ALTERNATE)
		r = refuse(c, ERR_VALUE, "schedule",
		    "remote-initiated needs dialogue = \"two-way-alternate\"");
	return r != 0 ? r : check_mode(c, link);
}

/* check_msmail - check the settings of a postoffice; its directory may be away
 * for a while (a mount), its map may not */
static int
check_msmail(const struct checking *c, const struct conf_msmail *msmail)
{
	int r = check_needed(c, CONF_MSMAIL, msmail);
	char reason[512];
	struct stat st;

	if (r < 0 || msmail->directory[0] == '\0')
		return r;
	if (stat(msmail->directory, &st) < 0)
		(void)snprintf(reason, sizeof(reason), "%s: %s",
		    msmail->directory, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		(void)snprintf(reason, sizeof(reason), "%s: not a file",
		    msmail->directory);
	else
		return 0;
	return refuse(c, ERR_IO, "directory", reason);
}

/* conf_check_section - check that the settings of a section go together */
int
conf_check_section(enum conf_section kind, const void *values,
    const struct conf_source_section *from, struct conf_report *report)
{
	const struct checking c = {.kind = conf_settings(kind)->name,
	    .name = from->title,
	    .line = from->line,
	    .report = report};

	switch (kind) {
	case CONF_MTA:
		return check_needed(&c, CONF_MTA, values);
	case CONF_LINK:
		return check_link(&c, values);
	case CONF_MSMAIL:
		return check_msmail(&c, values);
	}
	return 0;
}

/* conf_check_whole - check that there is an mta section, and that there may be
 * as many processes as are needed: each way one for each link and
 * max-associations, 64 for callers that are not known, three for a
 * postoffice */
int
conf_check_whole(const struct conf *conf, struct conf_report *report)
{
	size_t needed =
	    2 * ((size_t)conf->mta.max_associations + conf->link_count) +
	    3 * conf->msmail_count + 64;

	if (conf->mta.line == 0)
		return conf_report(
		    report, ERR_VALUE, 1, "mta: the section is missing");
	if (needed <= CONF_WORKERS_MAX)
		return 0;
	return conf_report(report, ERR_LIMIT, conf->mta.line,
	    "mta: max-associations: with %zu links and %zu postoffices that "
	    "needs %zu processes, more than %u",
	    conf->link_count, conf->msmail_count, needed,
	    (unsigned)CONF_WORKERS_MAX);
}
