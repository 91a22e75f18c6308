/* SPDX-License-Identifier: ISC */
/*
 * problems.h - tell what is wrong: rows for tools, the heaviest to master
 *
 * ipc/problem.h has what a row says.  master has further problems of its own
 * (master/problems.h).
 */
#ifndef FOURPOST_QMGR_PROBLEMS_H
#define FOURPOST_QMGR_PROBLEMS_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"

/* problems_tick - note since when each problem is there, and tell master the
 * heaviest, for the service manager; once a second, after all that finds
 * problems */
void problems_tick(struct qmgr *qmgr);

/*
 * problems_list - make a row for each problem
 *
 * cursor is 0, or the number of the last link that was looked at.  Returns
 * such a number when emit has returned ERR_AGAIN, and 0 when all is told.
 */
uint64_t problems_list(struct qmgr *qmgr, uint64_t cursor,
    int (*emit)(void *arg, const struct ipc_row *row), void *arg);

#endif
