/* SPDX-License-Identifier: ISC */
/*
 * jobs.h - the jobs that qmgr hands out, done in order
 *
 * Bodies beyond what came with the job are asked for ahead (client_job.h), so
 * a large content streams through little memory.
 */
#ifndef FOURPOST_TRAFFIC_JOBS_H
#define FOURPOST_TRAFFIC_JOBS_H

#include "traffic/engine/traffic.h"

/* jobs_init - begin without jobs */
void jobs_init(struct traffic *traffic);

/* jobs_at - get job number i of those that wait, or NULL */
struct outgoing_job *jobs_at(const struct traffic *traffic, size_t i);

/* jobs_first - get the job to do next, or NULL */
struct outgoing_job *jobs_first(const struct traffic *traffic);

/*
 * jobs_body - wait for more of the first job's body
 *
 * 0: client_job_octets is not empty.  ERR_CANCELLED, ERR_CLOSED (qmgr),
 * ERR_TIMEOUT.  Any wait may add to the body and move it: what is sent is
 * taken out first (client_job_swap).
 */
int jobs_body(struct traffic *traffic, uint64_t deadline) WARN_UNUSED;

/*
 * jobs_take - wait for more of the first job's body, and take it
 *
 * At most so many octets, at least one; they are copied into piece, because a
 * wait may move what is here.  Errors of jobs_body; ERR_NOMEM.
 */
int jobs_take(struct traffic *traffic, uint64_t most, uint64_t deadline,
    struct buffer *piece) WARN_UNUSED;

/* jobs_pause - let time pass within a job: 0, or ERR_CANCELLED when the first
 * job is not to be continued */
int jobs_pause(struct traffic *traffic, uint64_t milliseconds) WARN_UNUSED;

#endif
