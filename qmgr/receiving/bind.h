/* SPDX-License-Identifier: ISC */
/*
 * bind.h - the associations of peers that call, and the answers of those that
 * we called: binds, and what workers say of them
 */
#ifndef FOURPOST_QMGR_RECEIVING_BIND_H
#define FOURPOST_QMGR_RECEIVING_BIND_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* bind_take - take a bind check, the end of a session, a session that is
 * claimed or doubted, or a link event of x400in */
int bind_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
