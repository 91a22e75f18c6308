/* SPDX-License-Identifier: ISC */
/*
 * notice.h - have qmgr write the events that peers cause
 *
 * A worker of an association lives as long as that: a peer that binds a
 * thousand times has a thousand workers, each of which would log an event that
 * fold.h suppresses only within one process.  So such events go to qmgr as
 * records; qmgr folds them for all workers and writes the line.  Without a
 * connection to qmgr, or if it does not read, the worker folds and writes them
 * itself.
 */
#ifndef FOURPOST_WORKER_NOTICE_H
#define FOURPOST_WORKER_NOTICE_H

#include "ipc/channel.h"

/* notice_through - send notices over channel from now on, which has said hello
 * and is borrowed until notice_through(NULL) */
void notice_through(struct ipc_channel *channel);

#endif
