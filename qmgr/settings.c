/* SPDX-License-Identifier: ISC */
/*
 * settings.c - what a worker is told of the configuration
 */
#include <string.h>

#include "conf/conf_dump.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/settings.h"

/* dump_mta - the MTA section alone, without secrets */
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
postoffice(struct peer *peer, struct diag *diag)
{
	char name[STORE_LINK_NAME_MAX];

	(void)strlcpy(name, "msmail/", sizeof(name));
	if (strlcat(name, peer->name, sizeof(name)) < sizeof(name))
		peer->link = link_find(&peer->qmgr->links, name);
	if (peer->link == NULL || peer->link->msmail == NULL)
		return diag_set(
		    diag, ERR_NOTFOUND, "no postoffice %s", peer->name);
	return 0;
}

/* text_for - the settings as text */
static int
text_for(struct peer *peer, struct buffer *out, struct diag *diag)
{
	const struct conf *conf = peer->qmgr->conf;
	const struct link *link = peer->link;
	int rc;

	if (peer->role == IPC_ROLE_X400IN)
		return dump_mta(conf, out);
	if (peer->role == IPC_ROLE_MSMI_IN) {
		rc = postoffice(peer, diag);
		if (rc < 0)
			return rc;
		link = peer->link;
	} else
		link = peer->assoc->link;
	if (link->msmail != NULL)
		return conf_dump_msmail(conf, link->msmail, out);
	if (link->x400 != NULL)
		return conf_dump_link(conf, link->x400, out);
	return diag_set(diag, ERR_NOTFOUND, "no link %s", link->name);
}

/* settings_send - to a worker that said hello */
int
settings_send(struct peer *peer, struct diag *diag)
{
	struct ipc_record record = {.type = IPC_SETTINGS};
	struct buffer text;
	int rc;

	buffer_init(&text, IPC_RECORD_MAX - 64);
	rc = text_for(peer, &text, diag);
	if (rc == 0) {
		record.settings.text = buffer_slice(&text);
		peer_send(peer, &record);
	} else
		(void)diag_set(diag, rc, "settings: %s", error_strerror(rc));
	buffer_fini(&text);
	return rc;
}
