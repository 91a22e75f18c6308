/* SPDX-License-Identifier: ISC */
/*
 * taken.h - what the peers of an earlier qmgr's workers have taken
 *
 * A worker whose qmgr ended tells the next one what was transferred, by the
 * names that were noted before.  What this qmgr knows by that name, and has
 * not handed out yet, leaves the queue; all else is settled or is asked for.  A
 * gateway's worker says it of messages, without names: SMTP has none.
 */
#ifndef FOURPOST_QMGR_TAKEN_H
#define FOURPOST_QMGR_TAKEN_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* taken_take - take what a worker of an earlier qmgr says was transferred.
 * ERR_NOMEM, or of the store */
int taken_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
