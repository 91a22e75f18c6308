/* SPDX-License-Identifier: ISC */
/*
 * problems.h - what is wrong that master alone knows, for `x4ctl status`
 *
 * The fields are those of qmgr/problems.h.
 */
#ifndef FOURPOST_MASTER_PROBLEMS_H
#define FOURPOST_MASTER_PROBLEMS_H

#include "master/control.h"
#include "master/master.h"

/* problems_mark - get the time of the last change of the configuration on disk,
 * wall clock ms, 0 if it is not there; taken before it is read */
int64_t problems_mark(const char *path);

/* problems_answer - send a row for each problem */
void problems_answer(struct control_client *client);

#endif
