/* SPDX-License-Identifier: ISC */
/*
 * patience.h - how long a turn waits for more before it is committed
 *
 * On a slow disk a commit costs many times what its members do.  Who comes just
 * after it has begun waits for all of it and then for the next; the clients
 * fall into two halves that wait for each other.  So a turn waits for an eighth
 * of what commits cost of late, where that is a millisecond or more, and no
 * longer than until all who may send have sent.  A few outcomes alone have a
 * patience of their own (commit_patience); where that is 0 nobody waits.
 */
#ifndef FOURPOST_QMGR_PATIENCE_H
#define FOURPOST_QMGR_PATIENCE_H

#include "qmgr/engine/qmgr.h"

/* patience_left - tell for how many milliseconds what waits for a commit may go
 * on waiting; 0: no longer, or nothing waits */
unsigned patience_left(const struct qmgr *qmgr);

#endif
