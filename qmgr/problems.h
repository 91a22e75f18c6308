/* SPDX-License-Identifier: ISC */
/*
 * problems.h - what is wrong, as rows for `x4ctl status`
 *
 * A row has "kind" (problem), "id" (a word that stays), "name" (the link that
 * it is about, or empty), "weight" (the heaviest is shown first), "since",
 * "text" and "command", which helps.  master has further ones of its own
 * (master/problems.h).
 */
#ifndef FOURPOST_QMGR_PROBLEMS_H
#define FOURPOST_QMGR_PROBLEMS_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"

/*
 * problems_list - make a row for each problem
 *
 * cursor is 0, or the number of the last link that was looked at.  Returns
 * such a number when emit has returned ERR_AGAIN, and 0 when all is told.
 */
uint64_t problems_list(struct qmgr *qmgr, uint64_t cursor,
    int (*emit)(void *arg, const struct ipc_row *row), void *arg);

#endif
