/* SPDX-License-Identifier: ISC */
/*
 * control.h - requests of the tools
 *
 * Answered with rows and a Done; at most ANSWER_ROWS_MAX rows a request, so
 * that nobody waits behind a long list.  What changes something is answered
 * after its commit.
 */
#ifndef FOURPOST_QMGR_CONTROL_H
#define FOURPOST_QMGR_CONTROL_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* control_take - take a request of a tool */
int control_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
