/* SPDX-License-Identifier: ISC */
/*
 * settings.c - what a worker is told of the configuration
 */
#include <stdio.h>
#include <string.h>

#include "conf/conf_dump.h"
#include "osi/association_codes.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/settings.h"

#define SELECTORS_MAX  16384 /* octets of our selectors of one layer */
#define GROUP_TEXT_MAX (CONF_NAME_MAX + 16)

/* number_group - write a group as name and number, into text: a process without
 * /etc/group cannot look it up */
static void
number_group(struct conf_group *group, char text[GROUP_TEXT_MAX])
{
	if (group->name[0] == '\0')
		return;
	(void)snprintf(
	    text, GROUP_TEXT_MAX, "%s:%u", group->name, (unsigned)group->id);
	group->name = text;
}

/* dump_mta - write the MTA section alone, without secrets */
static int
dump_mta(const struct conf *conf, struct buffer *out)
{
	char viewers[GROUP_TEXT_MAX], operators[GROUP_TEXT_MAX];
	struct conf alone = *conf;

	/* Workers parse what strangers send: none is told of links that it does
	 * not serve. */
	alone.link_count = 0;
	alone.msmail_count = 0;
	alone.list_count = 0;
	alone.submit_count = 0;
	alone.application_count = 0;
	alone.mixer_count = 0;
	number_group(&alone.mta.viewer_group, viewers);
	number_group(&alone.mta.operator_group, operators);
	return conf_dump(&alone, CONF_SECRETS_OMIT, CONF_EXTENT_SET, out);
}

/* find_source - note which link a worker that submits is of */
static int
find_source(struct client *client, struct diag *diag)
{
	static const struct {
		enum ipc_role role;
		const char *kind;
	} kinds[] = {{IPC_ROLE_MSMI_IN, "msmail/"},
	    {IPC_ROLE_APP_IN, "application/"}, {IPC_ROLE_APP, "application/"},
	    {IPC_ROLE_MIXER_IN, "mixer/"}};
	char name[STORE_LINK_NAME_MAX] = "";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].role == client->role)
			(void)strlcpy(name, kinds[i].kind, sizeof(name));
	/* The name comes from the hello of a worker: only a section that is
	 * configured gives it settings. */
	if (strlcat(name, client->name, sizeof(name)) < sizeof(name))
		client->link = link_find(&client->qmgr->links, name);
	return client->link != NULL && client->link->kind != LINK_GONE
	    ? 0
	    : diag_set(diag, ERR_NOTFOUND, "no %s", name);
}

/* text_for - write the settings of a worker as text */
static int
text_for(struct client *client, struct buffer *out, struct diag *diag)
{
	const struct conf *conf = client->qmgr->conf;
	const struct link *link = client->link;
	int rc;

	if (client->role == IPC_ROLE_X400IN || client->role == IPC_ROLE_TRACKER)
		return dump_mta(conf, out);
	if (client->role == IPC_ROLE_MIXER_MEMORY)
		return conf_dump_memory(conf, out);
	if (client->role == IPC_ROLE_MSMI_IN ||
	    client->role == IPC_ROLE_APP_IN || client->role == IPC_ROLE_APP ||
	    client->role == IPC_ROLE_MIXER_IN) {
		rc = find_source(client, diag);
		if (rc < 0)
			return rc;
		link = client->link;
	} else
		link = assoc_link(client);
	/* A worker gets its own section alone, and no other link's password. */
	if (link->msmail != NULL)
		return conf_dump_msmail(conf, link->msmail, out);
	if (link->application != NULL)
		return conf_dump_application(conf, link->application, out);
	if (link->mixer != NULL)
		return conf_dump_mixer(conf, link->mixer, out);
	if (link->x400 != NULL)
		return conf_dump_link(conf, link->x400, out);
	return diag_set(diag, ERR_NOTFOUND, "no link %s", link->name);
}

/* put_selector - append a selector to a list of them, unless it is there */
static int
put_selector(struct buffer *list, struct slice selector)
{
	struct slice rest = buffer_slice(list);
	uint8_t len = (uint8_t)selector.len;

	while (rest.len > 0) {
		struct slice item = slice_of(rest.data + 1, rest.data[0]);

		if (slice_equal(item, selector))
			return 0;
		rest.data += 1 + item.len;
		rest.len -= 1 + item.len;
	}
	return buffer_append(list, &len, 1) < 0
	    ? ERR_LIMIT
	    : buffer_append(list, selector.data, selector.len);
}

/*
 * list_selectors - list our selectors of one layer by which links are called
 *
 * Empty where a link sets none: then anything may be meant for that link.  So
 * too where the list would be too long; the bind finds out what is wrong.
 */
static void
list_selectors(
    struct qmgr *qmgr, enum association_layer layer, struct buffer *list)
{
	int rc = 0;

	for (struct link *link = link_first(&qmgr->links);
	     link != NULL && rc == 0; link = link_next(&qmgr->links, link)) {
		const struct conf_link *conf = link->x400;
		struct slice ours;

		if (conf == NULL)
			continue;
		ours = layer == ASSOCIATION_LAYER_TRANSPORT ? conf->local_tsel
		    : layer == ASSOCIATION_LAYER_SESSION    ? conf->local_ssel
							    : conf->local_psel;
		rc = ours.len == 0 ? ERR_NOTFOUND : put_selector(list, ours);
	}
	/* A list that has no room, or a link that any selector reaches: then
	 * none is refused by a lower layer. */
	if (rc != 0)
		buffer_reset(list);
}

/* send_callable - send x400in its settings, and which selectors are ours */
static void
send_callable(struct client *client, struct ipc_record *record)
{
	static const enum association_layer layers[] = {
	    ASSOCIATION_LAYER_TRANSPORT, ASSOCIATION_LAYER_SESSION,
	    ASSOCIATION_LAYER_PRESENTATION};
	struct slice *to[] = {&record->settings.transport,
	    &record->settings.session, &record->settings.presentation};
	struct buffer lists[3];

	for (size_t i = 0; i < 3; i++) {
		buffer_init(&lists[i], SELECTORS_MAX);
		list_selectors(client->qmgr, layers[i], &lists[i]);
		*to[i] = buffer_slice(&lists[i]);
	}
	client_send(client, record);
	for (size_t i = 0; i < 3; i++)
		buffer_fini(&lists[i]);
}

/* change_settings - have a worker that waits for callers begin again, and tell
 * those that serve no peer and are always connected */
static void
change_settings(struct client *client)
{
	struct diag diag = {0};

	if (client->role == IPC_ROLE_X400IN && client->link == NULL)
		client_close(client, "the configuration has changed");
	/* A tracker that ended for each change would look like one that cannot
	 * start. */
	if ((client->role == IPC_ROLE_TRACKER ||
		client->role == IPC_ROLE_MIXER_MEMORY) &&
	    settings_send(client, &diag) != 0)
		client_close(client, diag_text(&diag));
}

/* settings_changed - tell those of changed settings whom they concern */
void
settings_changed(struct qmgr *qmgr)
{
	struct client *client, *next;

	/* A worker that has a peer knows its link, and serves no other
	 * caller. */
	for (client = TAILQ_FIRST(&qmgr->clients); client != NULL;
	     client = next) {
		/* The client may be freed with its connection. */
		next = TAILQ_NEXT(client, entry);
		if (client->greeted && !client->closing)
			change_settings(client);
	}
}

/* settings_send - send a worker that said hello its settings */
int
settings_send(struct client *client, struct diag *diag)
{
	struct ipc_record record = {.type = IPC_SETTINGS};
	struct buffer text;
	int rc;

	/* Less than a record, so that the rest of it always has room. */
	buffer_init(&text, IPC_RECORD_MAX - 64);
	rc = text_for(client, &text, diag);
	if (rc == 0) {
		record.settings.text = buffer_slice(&text);
		record.settings.ping = client->ping != NULL;
		if (client->role == IPC_ROLE_X400IN)
			send_callable(client, &record);
		else
			client_send(client, &record);
	} else
		(void)diag_set(diag, rc, "settings: %s", error_strerror(rc));
	buffer_fini(&text);
	return rc;
}
