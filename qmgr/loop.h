/* SPDX-License-Identifier: ISC */
/*
 * loop.h - the queue manager: its beginning, the steps of its loop, its end
 */
#ifndef FOURPOST_QMGR_LOOP_H
#define FOURPOST_QMGR_LOOP_H

#include "qmgr/engine/qmgr.h"

/*
 * loop_init - make all of the queue manager but its sockets; conf is owned
 * from here on
 *
 * Opens nothing itself: store is open, base is the caller's.
 */
int loop_init(struct qmgr *qmgr, struct conf *conf, struct store *store,
    struct event_base *base, const char *run_directory,
    struct diag *diag) WARN_UNUSED;

/* loop_fini - close all connections, free all; the store is closed */
void loop_fini(struct qmgr *qmgr);

/* loop_step - wait for events unless there is something to do, then do it */
void loop_step(struct qmgr *qmgr);

/*
 * loop_reload - make conf the active configuration
 *
 * Links whose sections are equal are not disturbed.  On an error the old one
 * stays and conf is freed.
 */
int loop_reload(
    struct qmgr *qmgr, struct conf *conf, struct diag *diag) WARN_UNUSED;

#endif
