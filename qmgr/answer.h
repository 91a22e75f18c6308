/* SPDX-License-Identifier: ISC */
/*
 * answer.h - what a tool is answered: rows, then a Done
 */
#ifndef FOURPOST_QMGR_ANSWER_H
#define FOURPOST_QMGR_ANSWER_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

#define ANSWER_ROWS_MAX 1000 /* of one request, so that nobody waits long */

/* answer_row - send a row.  ERR_AGAIN: the tool must read first, and ask again
 * with a cursor */
int answer_row(struct client *client, const struct ipc_row *row) WARN_UNUSED;

/* answer_done - end an answer: a status of ipc/exit_status.h, a text for people
 * or "", and where the tool goes on, 0 for nowhere */
void answer_done(
    struct client *client, int status, const char *text, uint64_t cursor);

/* answer_cursor - find "cursor=N" among the arguments; 0: from the beginning */
uint64_t answer_cursor(const struct ipc_request *request);

#endif
