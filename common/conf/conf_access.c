/* SPDX-License-Identifier: ISC */
/*
 * conf_access.c - who may ask the suite for what
 */
#include "conf/conf_access.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mhs/or_address.h"

/* is_ours - tell whether a caller is root, or the user of this process */
static bool
is_ours(const struct credentials *caller)
{
	return caller->uid == 0 || caller->uid == geteuid();
}

/* is_member - tell whether a caller is in a group that is configured */
static bool
is_member(const struct credentials *caller, const struct conf_group *group)
{
	return group->name[0] != '\0' &&
	    credentials_in_group(caller, (gid_t)group->id);
}

/* conf_access_allows - tell whether a caller may */
bool
conf_access_allows(const struct conf *conf, const struct credentials *caller,
    enum conf_access access)
{
	/* Root can read the queue anyway, and so can the user whose it is. */
	if (is_ours(caller))
		return true;
	switch (access) {
	case CONF_ACCESS_VIEW:
		return is_member(caller, &conf->mta.viewer_group) ||
		    is_member(caller, &conf->mta.operator_group);
	case CONF_ACCESS_CHANGE:
		return is_member(caller, &conf->mta.operator_group);
	case CONF_ACCESS_SUBMIT:
		break;
	}
	return false;
}

/* is_originator - tell whether an address is among those of a section */
static bool
is_originator(
    const struct conf_submit *submit, const struct or_address *originator)
{
	/* Without an originator the question is whether any address is
	 * allowed. */
	if (originator == NULL)
		return submit->originators.count > 0;
	for (size_t i = 0; i < submit->originators.count; i++)
		if (or_address_compare(
			submit->originators.items[i].address, originator) == 0)
			return true;
	return false;
}

/* conf_access_submits - tell whether a caller may submit as an originator */
bool
conf_access_submits(const struct conf *conf, const struct credentials *caller,
    const struct or_address *originator)
{
	if (conf_access_allows(conf, caller, CONF_ACCESS_SUBMIT))
		return true;
	for (size_t i = 0; i < conf->submit_count; i++)
		if (is_member(caller, &conf->submits[i].group) &&
		    is_originator(&conf->submits[i], originator))
			return true;
	return false;
}

/* append_group - append a group and its setting, if it is configured */
static void
append_group(char *text, const struct conf_group *group, const char *setting)
{
	char one[CONF_ACCESS_TEXT_MAX];

	if (group->name[0] == '\0')
		return;
	(void)snprintf(
	    one, sizeof(one), ", or group %s (%s)", group->name, setting);
	(void)strlcat(text, one, CONF_ACCESS_TEXT_MAX);
}

/* conf_access_needed - say in words who may */
const char *
conf_access_needed(const struct conf *conf, enum conf_access access,
    char text[CONF_ACCESS_TEXT_MAX])
{
	char setting[CONF_NAME_MAX + 16];

	(void)snprintf(
	    text, CONF_ACCESS_TEXT_MAX, "not allowed: it needs root");
	/* Said with names, so that the administrator knows which group to
	 * join. */
	if (access == CONF_ACCESS_VIEW)
		append_group(text, &conf->mta.viewer_group, "viewer-group");
	if (access != CONF_ACCESS_SUBMIT)
		append_group(text, &conf->mta.operator_group, "operator-group");
	for (size_t i = 0;
	     access == CONF_ACCESS_SUBMIT && i < conf->submit_count; i++) {
		(void)snprintf(setting, sizeof(setting), "submit \"%s\"",
		    conf->submits[i].name);
		append_group(text, &conf->submits[i].group, setting);
	}
	if (strchr(text, ',') == NULL)
		(void)strlcat(text,
		    access == CONF_ACCESS_SUBMIT
			? "; no submit section names a group"
			: "; operator-group is not set",
		    CONF_ACCESS_TEXT_MAX);
	return text;
}
