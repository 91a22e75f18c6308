/* SPDX-License-Identifier: ISC */
/*
 * send.h - transfer one job over the association (X.228 8.3, X.419 7)
 */
#ifndef FOURPOST_TRAFFIC_SEND_H
#define FOURPOST_TRAFFIC_SEND_H

#include "traffic/engine/traffic.h"

/* send_patience - compute how long the transfer of a job may take, in ms;
 * CLOCK_NEVER: there is no bound */
uint64_t
send_patience(const struct traffic *traffic, const struct outgoing_job *job);

/* send_leave - leave the activity that failed.  0, or a negative error: the
 * association is over, or must not be used any more */
int send_leave(struct traffic *traffic, int error) WARN_UNUSED;

/*
 * send_first - transfer the first job, report its outcome
 *
 * 0, or a negative error: the association is over.
 */
int send_first(struct traffic *traffic) WARN_UNUSED;

#endif
