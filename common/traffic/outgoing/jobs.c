/* SPDX-License-Identifier: ISC */
/*
 * jobs.c - the jobs that qmgr hands out, done in order
 */
#include "traffic/outgoing/jobs.h"

/* make_job - make a job of what qmgr announces, in the place behind the last */
static int
make_job(void *arg, const struct ipc_job *from, struct client_job **made,
    struct diag *diag)
{
	struct outgoing *out = &((struct traffic *)arg)->out;
	struct outgoing_job *job = &out->jobs[client_jobs_place(&out->queue)];

	(void)diag;
	*job = (struct outgoing_job){
	    .activity = from->activity, .only_asked = from->only_asked};
	/* An association of ours cannot ask for a greater number. */
	if (from->old.activity <= UINT32_MAX)
		job->old = from->old;
	/* A longer note was not made by a worker of associations. */
	if (from->note.len > 0 && from->note.len <= sizeof(job->note)) {
		memcpy(job->note, from->note.data, from->note.len);
		job->note_len = from->note.len;
	}
	*made = &job->client;
	return 0;
}

/* jobs_init - begin without jobs */
void
jobs_init(struct traffic *traffic)
{
	client_jobs_init(&traffic->out.queue, make_job, traffic);
}

/* jobs_at - get job number i of those that wait */
struct outgoing_job *
jobs_at(const struct traffic *traffic, size_t i)
{
	/* Each client_job is the first member of one of ours. */
	return (struct outgoing_job *)client_jobs_at(&traffic->out.queue, i);
}

/* jobs_first - get the job to do next */
struct outgoing_job *
jobs_first(const struct traffic *traffic)
{
	return jobs_at(traffic, 0);
}

/* ask_ahead - ask qmgr for what of the body fits into memory */
static int
ask_ahead(struct traffic *traffic, struct client_job *job)
{
	int error = client_job_ask(job, client_job_length(job), &traffic->qmgr);

	return error != 0 ? error : ipc_channel_flush(&traffic->qmgr);
}

/* jobs_body - wait for more of the first job's body */
int
jobs_body(struct traffic *traffic, uint64_t deadline)
{
	struct client_job *job = &jobs_first(traffic)->client;

	for (;;) {
		struct pollfd none = {.fd = -1};
		int error;

		/* Asked before anything is returned, so the next octets are on
		 * their way while these are sent. */
		if (!traffic->qmgr_gone && ask_ahead(traffic, job) != 0)
			traffic_qmgr_gone(traffic);
		/* No more octets will come; the peer is told that the transfer
		 * is interrupted, and resumes with the next worker. */
		if (traffic->qmgr_gone)
			return ERR_CLOSED;
		if (job->cancelled)
			return ERR_CANCELLED;
		if (client_job_octets(job).len > 0)
			return 0;
		/* A stop lets the transfer come to its end. */
		error = traffic_wait(traffic, &none, deadline);
		if (error != 0 && error != ERR_CANCELLED)
			return error;
	}
}

/* jobs_take - wait for more of the first job's body, and take it */
int
jobs_take(struct traffic *traffic, uint64_t most, uint64_t deadline,
    struct buffer *piece)
{
	struct client_job *job = &jobs_first(traffic)->client;
	int error = jobs_body(traffic, deadline);
	struct slice have;

	if (error != 0)
		return error;
	have = client_job_octets(job);
	if (have.len > most)
		have.len = (size_t)most;
	buffer_reset(piece);
	error = buffer_append(piece, have.data, have.len);
	if (error == 0)
		client_job_read(job, have.len);
	return error;
}

/* jobs_pause - let time pass within a job */
int
jobs_pause(struct traffic *traffic, uint64_t milliseconds)
{
	uint64_t deadline = clock_after(milliseconds);

	for (;;) {
		struct pollfd none = {.fd = -1};
		int error = traffic_wait(traffic, &none, deadline);

		/* A pause is of no use to a job that nobody wants done any
		 * more. */
		if (traffic->qmgr_gone || traffic->worker.stopping ||
		    jobs_first(traffic)->client.cancelled)
			return ERR_CANCELLED;
		if (error == ERR_TIMEOUT)
			return 0;
		if (error != 0)
			return error;
	}
}
