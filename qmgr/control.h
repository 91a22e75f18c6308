/* SPDX-License-Identifier: ISC */
/*
 * control.h - requests of the tools
 *
 * Answered with rows and a Done; at most CONTROL_ROWS_MAX rows a request, so
 * that nobody waits behind a long list.  What changes something is answered
 * after its commit.
 */
#ifndef FOURPOST_QMGR_CONTROL_H
#define FOURPOST_QMGR_CONTROL_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

#define CONTROL_ROWS_MAX 1000

/* control_emit - send a row to a tool.  ERR_AGAIN: it must read first */
int control_emit(struct client *client, const struct ipc_row *row) WARN_UNUSED;

/* control_take - take a request of a tool */
int control_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
