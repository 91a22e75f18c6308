/* SPDX-License-Identifier: ISC */
/*
 * sequence.h - a worker says by which names its jobs go from here on
 *
 * After an association was recovered, and when a message had to be begun again
 * that was handed out with an earlier name: the jobs that the worker has from
 * the one named on, in order, are the activities of that session connection
 * from that number on.  This one loses the earlier name that it may have had;
 * one behind it that was handed out with such keeps that, and is named by a
 * sequence of its own if it has to be begun again.  The record is sent back
 * when that is committed, after all jobs that it covers; those that follow it
 * continue the numbers.
 */
#ifndef FOURPOST_QMGR_SEQUENCE_H
#define FOURPOST_QMGR_SEQUENCE_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/*
 * sequence_take - take the sequence of a worker
 *
 * ERR_STATE (it has no association), ERR_NOTFOUND (it has no such job),
 * ERR_LIMIT (a reference too long), ERR_VALUE, ERR_NOMEM.
 */
int sequence_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
