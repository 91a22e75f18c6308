/* SPDX-License-Identifier: ISC */
/*
 * sending.h - what workers say of jobs, and what associations want of them
 */
#ifndef FOURPOST_QMGR_SENDING_SENDING_H
#define FOURPOST_QMGR_SENDING_SENDING_H

#include "ipc/record.h"
#include "qmgr/links/assoc.h"

/* The table that qmgr->jobs points to. */
extern const struct assoc_jobs sending_jobs;

/* sending_take - take what a worker says of a job: its outcome, a request for
 * a piece of its body, a delivery note */
int sending_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/*
 * sending_recovered - take up a two-way alternate association that the peer
 * has recovered
 *
 * Nobody was asked for a password: all that may be sent is what was being sent
 * when it was lost, if anything.  Then it is told to retire.
 */
int sending_recovered(struct client *client, const struct ipc_link_event *event,
    struct diag *diag) WARN_UNUSED;

#endif
