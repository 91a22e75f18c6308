/* SPDX-License-Identifier: ISC */
/*
 * sequence.h - the names under which qmgr has noted what is sent
 *
 * qmgr notes, before it hands a job out, which activity of which session
 * connection will carry it, so that after our death the peer can be asked
 * whether it was completed.  It counts on the jobs being done in order, each
 * by one activity.  Where that does not hold any more, because a job was left
 * out or the association is another one, qmgr is told before anything is sent.
 */
#ifndef FOURPOST_TRAFFIC_SEQUENCE_H
#define FOURPOST_TRAFFIC_SEQUENCE_H

#include "traffic/engine/traffic.h"

/*
 * sequence_ready - have qmgr know the name of the first job's transfer before
 * it begins
 *
 * 0: it knows.  Else it cannot be told: ERR_CANCELLED, ERR_CLOSED (qmgr),
 * ERR_TIMEOUT.
 */
int sequence_ready(struct traffic *traffic) WARN_UNUSED;

/* sequence_taken - take qmgr's word that it has noted the names from a job
 * on */
int sequence_taken(struct traffic *traffic, const struct ipc_sequence *sequence,
    struct diag *diag) WARN_UNUSED;

#endif
