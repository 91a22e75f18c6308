/* SPDX-License-Identifier: ISC */
/*
 * client_job.h - the jobs that qmgr hands to a worker, and their bodies
 *
 *	client_jobs_take for each record of qmgr's; client_job_ask, wait and
 *	client_job_octets while a body is read; client_jobs_drop when its
 *	outcome was sent
 *
 * A body comes in pieces that are asked for ahead, so a content of any size
 * takes LIMITS_BODY octets of memory.  Nothing here waits.
 *
 * Whoever has more to say of a job has a struct whose first member is a
 * client_job, and makes one for each job that comes (client_jobs_new_fn).
 */
#ifndef FOURPOST_CLIENT_CLIENT_JOB_H
#define FOURPOST_CLIENT_CLIENT_JOB_H

#include "client/limits.h"
#include "ipc/channel.h"

struct client_job {
	uint64_t number;  /* by which qmgr and worker speak of it */
	uint64_t message; /* queue id */
	enum mts_kind kind;
	uint32_t priority; /* rank: 0 urgent, 1 normal, 2 non-urgent */
	uint64_t envelope_length;
	uint64_t content_length;
	struct buffer body; /* octets that came and were not given away */
	uint64_t at;	    /* octet of the body that is read next */
	uint64_t come;	    /* octets of the body up to the end of buffer */
	uint64_t asked;	    /* and up to what was asked for */
	uint64_t stale;	    /* octets that will come and are not wanted */
	bool cancelled;	    /* qmgr does not want it any more */
};

/* Makes the job that a record of qmgr's announces; *job owned by its maker.
 * client_jobs_take fills the client_job in it, or calls again for the same. */
typedef int client_jobs_new_fn(void *arg, const struct ipc_job *from,
    struct client_job **job, struct diag *diag);

/* A worker may keep jobs beyond a batch: those whose outcomes it has sent, and
 * which qmgr has not committed.  A whole number of batches. */
#define CLIENT_JOBS_MAX (LIMITS_BATCH + LIMITS_OUTCOMES)

/* The jobs of a worker in qmgr's order. */
struct client_jobs {
	client_jobs_new_fn *make;
	void *arg;
	size_t most; /* a batch, or as many as the worker has set */
	struct client_job *ring[CLIENT_JOBS_MAX]; /* borrowed */
	size_t first, count;
};

/* client_jobs_init - begin without jobs; make is called for each that comes */
void
client_jobs_init(struct client_jobs *jobs, client_jobs_new_fn *make, void *arg);

/* client_jobs_at - find job number i of those there are, from 0, or NULL */
struct client_job *client_jobs_at(const struct client_jobs *jobs, size_t i);

/* client_jobs_place - find the place of the next job in an array of
 * LIMITS_BATCH, in which jobs lie in the ring's own order: it is free in a
 * worker that has no more than these */
size_t client_jobs_place(const struct client_jobs *jobs);

/* client_jobs_find - find the job of that number, or NULL */
struct client_job *
client_jobs_find(const struct client_jobs *jobs, uint64_t number);

/*
 * client_jobs_take - take a Job, Body or Cancel of qmgr's
 *
 * Another record is left alone.  ERR_LIMIT: more jobs than jobs->most.
 * ERR_VALUE: what cannot be.  ERR_NOMEM; errors of make.
 */
int client_jobs_take(struct client_jobs *jobs, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* client_jobs_drop - remove the first job and free its body; the rest of it
 * is the maker's to free */
void client_jobs_drop(struct client_jobs *jobs);

/* client_jobs_remove - remove a job from anywhere in the order, likewise */
void client_jobs_remove(struct client_jobs *jobs, struct client_job *job);

/* client_job_length - count the octets of envelope and content */
uint64_t client_job_length(const struct client_job *job);

/* client_job_octets - get what is here from job->at on; valid until a record is
 * taken */
struct slice client_job_octets(const struct client_job *job);

/* client_job_read - move job->at on by octets that were read.  They are kept
 * until room is needed, for callers that read them twice */
void client_job_read(struct client_job *job, size_t len);

/* client_job_swap - move what is here from job->at on into out, which is empty,
 * by exchange of the memory; job->at moves on */
void client_job_swap(struct client_job *job, struct buffer *out);

/* client_job_seek - read on at this offset of the body, forwards or back */
void client_job_seek(struct client_job *job, uint64_t offset);

/*
 * client_job_ask - ask for octets before this offset of the body, as far as
 * they fit into memory
 *
 * The records are appended to the channel: the caller flushes it, or waits.
 * Errors of ipc_channel_send.
 */
int client_job_ask(struct client_job *job, uint64_t to,
    struct ipc_channel *channel) WARN_UNUSED;

#endif
