/* SPDX-License-Identifier: ISC */
/*
 * problems.h - what is wrong that master alone knows
 *
 * ipc/problem.h has what a row says.  The service manager is told the heaviest
 * of these and of qmgr's.
 */
#ifndef FOURPOST_MASTER_PROBLEMS_H
#define FOURPOST_MASTER_PROBLEMS_H

#include "master/control.h"
#include "master/master.h"

/* problems_answer - send a row for each problem */
void problems_answer(struct control_client *client);

/* problems_notify - tell the service manager the first problem, if it is
 * another; once a tick */
void problems_notify(struct master *master);

#endif
