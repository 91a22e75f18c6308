/* SPDX-License-Identifier: ISC */
/*
 * settings.c - what a worker is told of the configuration
 */
#include <string.h>

#include "conf/conf_dump.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/settings.h"

/* dump_mta - write the MTA section alone, without secrets */
static int
dump_mta(const struct conf *conf, struct buffer *out)
{
	struct conf alone = *conf;

	alone.link_count = 0;
	alone.msmail_count = 0;
	return conf_dump(&alone, CONF_SECRETS_OMIT, CONF_EXTENT_SET, out);
}

/* postoffice - note which link an msmi-in is of */
static int
postoffice(struct client *client, struct diag *diag)
{
	char name[STORE_LINK_NAME_MAX];

	(void)strlcpy(name, "msmail/", sizeof(name));
	if (strlcat(name, client->name, sizeof(name)) < sizeof(name))
		client->link = link_find(&client->qmgr->links, name);
	if (client->link == NULL || client->link->msmail == NULL)
		return diag_set(
		    diag, ERR_NOTFOUND, "no postoffice %s", client->name);
	return 0;
}

/* text_for - write the settings of a worker as text */
static int
text_for(struct client *client, struct buffer *out, struct diag *diag)
{
	const struct conf *conf = client->qmgr->conf;
	const struct link *link = client->link;
	int rc;

	if (client->role == IPC_ROLE_X400IN)
		return dump_mta(conf, out);
	if (client->role == IPC_ROLE_MSMI_IN) {
		rc = postoffice(client, diag);
		if (rc < 0)
			return rc;
		link = client->link;
	} else
		link = client->assoc->link;
	if (link->msmail != NULL)
		return conf_dump_msmail(conf, link->msmail, out);
	if (link->x400 != NULL)
		return conf_dump_link(conf, link->x400, out);
	return diag_set(diag, ERR_NOTFOUND, "no link %s", link->name);
}

/* settings_send - send a worker that said hello its settings */
int
settings_send(struct client *client, struct diag *diag)
{
	struct ipc_record record = {.type = IPC_SETTINGS};
	struct buffer text;
	int rc;

	buffer_init(&text, IPC_RECORD_MAX - 64);
	rc = text_for(client, &text, diag);
	if (rc == 0) {
		record.settings.text = buffer_slice(&text);
		client_send(client, &record);
	} else
		(void)diag_set(diag, rc, "settings: %s", error_strerror(rc));
	buffer_fini(&text);
	return rc;
}
