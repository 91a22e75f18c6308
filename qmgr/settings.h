/* SPDX-License-Identifier: ISC */
/*
 * settings.h - what a worker is told of the configuration
 *
 * x400out, msmi and app: what concerns their link, postoffice or application.
 * x400in: the MTA section without secrets, and our selectors of all links; the
 * link's section comes with the answer to the bind.
 */
#ifndef FOURPOST_QMGR_SETTINGS_H
#define FOURPOST_QMGR_SETTINGS_H

#include "base/buffer.h"
#include "qmgr/engine/client.h"

/* settings_send - send a worker that said hello its settings.  ERR_NOTFOUND:
 * nothing of that name is configured */
int settings_send(struct client *client, struct diag *diag) WARN_UNUSED;

/*
 * settings_changed - tell those of changed settings whom they concern
 *
 * The connection of a worker that waits for callers ends: it makes another
 * before it serves the next.  The tracker is sent its settings again.
 */
void settings_changed(struct qmgr *qmgr);

#endif
