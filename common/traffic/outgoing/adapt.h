/* SPDX-License-Identifier: ISC */
/*
 * adapt.h - make of a job what a peer of 1984 can be told
 *
 * What qmgr has stays a message of 1988, so that another route loses nothing.
 * What goes out depends on that message and on our domain alone: a transfer
 * that is resumed, by another process too, has the same octets.
 */
#ifndef FOURPOST_TRAFFIC_OUTGOING_ADAPT_H
#define FOURPOST_TRAFFIC_OUTGOING_ADAPT_H

#include "traffic/engine/traffic.h"

/*
 * adapt_job - write the envelope for the peer, and plan its content
 *
 * envelope is that of qmgr, and is not used any more when the content is read.
 * traffic->out.adapted is the content then.  ERR_UNSUPPORTED: the message
 * cannot be told to this peer, and out.adapted says why and by which cause.
 * Errors of jobs_body; ERR_NOMEM.
 */
int adapt_job(struct traffic *traffic, struct client_job *job,
    struct slice envelope, uint64_t deadline, struct buffer *out) WARN_UNUSED;

/*
 * adapt_job_large - write what stands before the recipients of a large
 * envelope, and plan those and what follows
 *
 * As adapt_job.  The envelope is read from qmgr, and read again when it is
 * sent, so that it takes little memory.  ERR_VALUE, ERR_SYNTAX: what qmgr has
 * is no envelope.
 */
int adapt_job_large(struct traffic *traffic, struct client_job *job,
    uint64_t deadline, struct buffer *prefix) WARN_UNUSED;

/* adapt_length - count the octets that are sent behind the prefix, where they
 * are planned */
uint64_t adapt_length(const struct traffic *traffic);

/* adapt_reset - forget what was planned */
void adapt_reset(struct traffic *traffic);

/* adapt_keep - keep a plan, which is owned from then on; its old octets are
 * those of the job's body from base on */
void
adapt_keep(struct traffic *traffic, const struct p2_plan *plan, uint64_t base);

/*
 * adapt_next - get the next octets of the planned content, from an offset in it
 *
 * At least one, in *octets, valid until the next call.  Errors of jobs_body.
 */
int adapt_next(struct traffic *traffic, struct client_job *job, uint64_t offset,
    uint64_t deadline, struct slice *octets) WARN_UNUSED;

#endif
