/* SPDX-License-Identifier: ISC */
/*
 * rights.c - what a tool may ask for, by who started it
 */
#include "qmgr/engine/rights.h"

#include <stdio.h>

#include "base/escape.h"

#define COMMAND_MAX 64

/* log_denial - log what the caller of a tool was denied */
static void
log_denial(
    const struct client *client, struct slice command, const char *reason)
{
	char name[CREDENTIALS_NAME_MAX], text[COMMAND_MAX];

	escape_text(text, sizeof(text), command);
	LOG_EVENT(EVENT_REQUEST_DENIED,
	    LOG_STRING("address", credentials_name(&client->caller, name)),
	    LOG_INT("uid", client->caller.uid), LOG_STRING("name", text),
	    LOG_STRING("reason", reason));
}

/* rights_allow - tell whether the caller of a tool may */
bool
rights_allow(const struct client *client, enum conf_access access,
    struct slice command, char text[CONF_ACCESS_TEXT_MAX])
{
	const struct conf *conf = client->qmgr->conf;

	if (conf_access_allows(conf, &client->caller, access))
		return true;
	log_denial(client, command, conf_access_needed(conf, access, text));
	return false;
}

/* rights_submit - tell whether the caller of a tool may submit */
bool
rights_submit(const struct client *client, const struct or_address *originator,
    char text[CONF_ACCESS_TEXT_MAX])
{
	const struct conf *conf = client->qmgr->conf;

	if (conf_access_submits(conf, &client->caller, originator))
		return true;
	if (conf_access_submits(conf, &client->caller, NULL))
		(void)snprintf(text, CONF_ACCESS_TEXT_MAX,
		    "not allowed: the originator is not among those of your "
		    "group (originators in a submit section)");
	else
		(void)conf_access_needed(conf, CONF_ACCESS_SUBMIT, text);
	log_denial(client, slice_of_string("submit"), text);
	return false;
}

/* rights_changed - log that the caller of a tool changed something */
void
rights_changed(
    const struct client *client, struct slice command, const char *what)
{
	char name[CREDENTIALS_NAME_MAX], text[COMMAND_MAX];

	escape_text(text, sizeof(text), command);
	LOG_EVENT(EVENT_ADMINISTRATOR, LOG_STRING("command", text),
	    LOG_STRING("what", what), LOG_INT("uid", client->caller.uid),
	    LOG_STRING("user", credentials_name(&client->caller, name)));
}
