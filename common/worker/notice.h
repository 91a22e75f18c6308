/* SPDX-License-Identifier: ISC */
/*
 * notice.h - have qmgr write the events that others cause
 *
 * A worker of an association lives as long as that: a peer that binds a
 * thousand times has a thousand of them, each of which would say everything
 * at once (fold.h).  Such events therefore go to qmgr as records, which folds
 * them for all workers and writes the line.  Without a connection to qmgr, or
 * if it does not read, the worker folds and writes them itself.
 */
#ifndef FOURPOST_WORKER_NOTICE_H
#define FOURPOST_WORKER_NOTICE_H

#include "ipc/channel.h"

/* notice_through - send notices over channel from now on, which has said hello
 * and is borrowed until notice_through(NULL) */
void notice_through(struct ipc_channel *channel);

#endif
