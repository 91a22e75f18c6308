/* SPDX-License-Identifier: ISC */
/*
 * deferred.h - messages that wait for their time, and become ready
 *
 * They are in the store, in order of time; in memory there is the time of the
 * next one.  By timekeeper.h: nothing is sent early because of a wrong clock.
 */
#ifndef FOURPOST_QMGR_QUEUE_DEFERRED_H
#define FOURPOST_QMGR_QUEUE_DEFERRED_H

#include <stdint.h>

#include "qmgr/engine/qmgr.h"

/* deferred_new - make the owner of what waits, which looks into the store with
 * its first commit; NULL: no memory */
struct deferred *deferred_new(struct qmgr *qmgr) WARN_UNUSED;

/* deferred_free - free it; NULL is allowed */
void deferred_free(struct deferred *deferred);

/* deferred_until - note that a message waits until then (wall clock ms) */
void deferred_until(struct qmgr *qmgr, int64_t when);

/* deferred_commit - have what is due made ready, in the next transaction */
void deferred_commit(struct qmgr *qmgr);

#endif
