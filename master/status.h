/* SPDX-License-Identifier: ISC */
/*
 * status.h - send a row for each worker, for x4ctl status
 */
#ifndef FOURPOST_MASTER_STATUS_H
#define FOURPOST_MASTER_STATUS_H

#include "master/control.h"

#define STATUS_ROWS_MAX 1000 /* in one answer */

/* status_answer - send rows from number first on; returns the number to go
 * on from, 0 at the end */
uint64_t status_answer(struct control_client *client, uint64_t first);

#endif
