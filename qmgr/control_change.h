/* SPDX-License-Identifier: ISC */
/*
 * control_change.h - requests of the tools that change something
 *
 *	hold release delete retry-message reroute return ID...
 *	enable disable LINK
 *
 * A message that is being worked on is left alone and counted as busy.
 */
#ifndef FOURPOST_QMGR_CONTROL_CHANGE_H
#define FOURPOST_QMGR_CONTROL_CHANGE_H

#include "qmgr/engine/client.h"
#include "qmgr/links/link.h"

/* control_change - begin a change of messages; false: it is no such command.
 * It is answered after the commit */
bool control_change(struct client *client, const struct ipc_request *request);

enum control_switch {
	CONTROL_ENABLE,
	CONTROL_DISABLE
};

/* control_switch - disable or enable a link, beyond restarts.  ERR_NOMEM */
int control_switch(struct client *client, struct link *link,
    enum control_switch to) WARN_UNUSED;

#endif
