/* SPDX-License-Identifier: ISC */
/*
 * job_channel.h - the connection to qmgr of a worker that delivers
 *
 * qmgr hands jobs over it and is told what became of them.  The worker says
 * what each record means to it (job_channel_take_fn); what every such worker
 * does alike is here: take what has come, wait, send, read a body.
 *
 *	job_channel_init, then job_channel_wait or _pump until `gone`
 */
#ifndef FOURPOST_CLIENT_JOB_CHANNEL_H
#define FOURPOST_CLIENT_JOB_CHANNEL_H

#include "client/client_job.h"
#include "worker/worker.h"

/* Takes a record of qmgr's that is no Job, Body, Cancel or Retire: 0, or what
 * makes the connection useless; ERR_PROTOCOL of one that is not known. */
typedef int job_channel_take_fn(void *arg, const struct ipc_record *record);

/* Takes octets of a body: 0, or an error, which ends the reading. */
typedef int job_channel_sink_fn(void *arg, struct slice octets);

struct job_channel {
	struct worker *worker;	   /* borrowed */
	struct ipc_channel *qmgr;  /* borrowed */
	job_channel_take_fn *take; /* with arg */
	void *arg;
	struct client_jobs jobs;
	bool gone;   /* qmgr is, or sends what cannot be */
	bool retire; /* it wants the worker to end */
};

/* job_channel_init - begin without jobs; make and take are called with arg */
void job_channel_init(struct job_channel *channel, struct worker *worker,
    struct ipc_channel *qmgr, client_jobs_new_fn *make,
    job_channel_take_fn *take, void *arg);

/* job_channel_pump - take what qmgr has sent, without waiting */
void job_channel_pump(struct job_channel *channel);

/*
 * job_channel_wait - wait for qmgr, or for another descriptor, and take what
 * qmgr has sent
 *
 * other may be NULL, or an entry for poll(), with its descriptor and events.
 * ERR_CLOSED, ERR_TIMEOUT, ERR_CANCELLED.
 */
int job_channel_wait(struct job_channel *channel, struct pollfd *other,
    uint64_t deadline) WARN_UNUSED;

/* job_channel_give - send a record.  ERR_CLOSED */
int job_channel_give(
    struct job_channel *channel, const struct ipc_record *record) WARN_UNUSED;

/* job_channel_octets - wait for the next octets of a job's body, of which it is
 * asked for those before an offset, and put all that are here in a buffer, in
 * place of what it had: ERR_CANCELLED, ERR_CLOSED, ERR_TIMEOUT */
int job_channel_octets(struct job_channel *channel, struct client_job *job,
    uint64_t to, struct buffer *octets) WARN_UNUSED;

/* job_channel_body - pass octets [from, to) of a job's body to a sink:
 * ERR_CANCELLED, ERR_CLOSED, ERR_TIMEOUT, or what the sink returned */
int job_channel_body(struct job_channel *channel, struct client_job *job,
    uint64_t from, uint64_t to, job_channel_sink_fn *sink,
    void *arg) WARN_UNUSED;

#endif
