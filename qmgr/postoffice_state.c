/* SPDX-License-Identifier: ISC */
/*
 * postoffice_state.c - keep how a postoffice is, as its worker tells
 *
 * What was told stays until the next worker of the postoffice tells something
 * else: in between nothing is known to be better.
 */
#include "qmgr/postoffice_state.h"

#include <stdlib.h>

#include "base/escape.h"
#include "qmgr/links/link.h"

/* postoffice_state_take - keep what a worker tells of its own postoffice */
int
postoffice_state_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_postoffice_state *from = &record->postoffice_state;
	struct link *link = client->link;
	struct link_postoffice *to;

	/* The worker says nothing of which postoffice: master has. */
	if (link == NULL || link->msmail == NULL)
		return diag_set(diag, ERR_PROTOCOL, "it has no postoffice");
	if (link->postoffice == NULL)
		link->postoffice = calloc(1, sizeof(*link->postoffice));
	to = link->postoffice;
	if (to == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	escape_text(to->unread, sizeof(to->unread), from->unread);
	escape_text(to->map, sizeof(to->map), from->map);
	escape_text(to->last, sizeof(to->last), from->last);
	to->aside = from->aside;
	to->aside_since = from->aside_since;
	return 0;
}
