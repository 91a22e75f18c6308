/* SPDX-License-Identifier: ISC */
/*
 * postoffice_state.h - keep how a postoffice is, as its worker tells
 */
#ifndef FOURPOST_QMGR_POSTOFFICE_STATE_H
#define FOURPOST_QMGR_POSTOFFICE_STATE_H

#include "qmgr/engine/client.h"

/* postoffice_state_take - keep what a worker tells of its own postoffice.
 * ERR_NOMEM, ERR_PROTOCOL: it has none */
int postoffice_state_take(struct client *client,
    const struct ipc_record *record, struct diag *diag) WARN_UNUSED;

#endif
