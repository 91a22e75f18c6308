/* SPDX-License-Identifier: ISC */
/*
 * greet.h - the first record of a connection: who it is, and whether to
 * believe that (identity.h)
 *
 * What master has to say is heard first.  A process that master has not told
 * of yet waits, unheard, for at most GREET_PATIENCE.
 */
#ifndef FOURPOST_QMGR_GREET_H
#define FOURPOST_QMGR_GREET_H

#include "qmgr/engine/client.h"

#define GREET_PATIENCE 2000  /* ms for master to tell of a pid */
#define GREET_SILENCE  10000 /* ms for whoever connects to say hello */

/* greet_take - take the first record of a client: it is greeted, waits, or the
 * connection is to end.  ERR_PROTOCOL, ERR_UNSUPPORTED, ERR_DENIED */
int greet_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* greet_again - judge the clients that wait for master's word */
void greet_again(struct qmgr *qmgr);

/* greet_tick - end connections that were accepted and say nothing */
void greet_tick(struct qmgr *qmgr);

/* greet_forget - let a client wait no longer */
void greet_forget(struct client *client);

#endif
