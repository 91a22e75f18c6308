/* SPDX-License-Identifier: ISC */
/*
 * job_channel.c - the connection to qmgr of a worker that delivers
 */
#include "client/job_channel.h"

#include "base/clock.h"
#include "base/log.h"

#define BODY_TIMEOUT 120000 /* ms for qmgr to send some of a body */

/* lose_qmgr - note that qmgr is gone, or sends what cannot be */
static void
lose_qmgr(struct job_channel *channel, const char *why)
{
	/* A worker that retires expects qmgr to close the connection. */
	if (!channel->gone && !channel->retire)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	channel->gone = true;
}

/* job_channel_init - begin without jobs */
void
job_channel_init(struct job_channel *channel, struct worker *worker,
    struct ipc_channel *qmgr, client_jobs_new_fn *make,
    job_channel_take_fn *take, void *arg)
{
	*channel = (struct job_channel){
	    .worker = worker, .qmgr = qmgr, .take = take, .arg = arg};
	client_jobs_init(&channel->jobs, make, arg);
}

/* take_record - take a record of qmgr's */
static int
take_record(struct job_channel *channel, const struct ipc_record *record,
    struct diag *diag)
{
	int error;

	switch ((int)record->type) {
	case IPC_JOB:
	case IPC_BODY:
	case IPC_CANCEL:
		return client_jobs_take(&channel->jobs, record, diag);
	case IPC_RETIRE:
		channel->retire = true;
		return 0;
	default:
		error = channel->take(channel->arg, record);
		return error == 0 ? 0
				  : diag_set(diag, error, "unexpected %s",
					ipc_type_name(record->type));
	}
}

/* job_channel_pump - take what qmgr has sent */
void
job_channel_pump(struct job_channel *channel)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (channel->gone)
		return;
	filled = ipc_channel_fill(channel->qmgr);
	while ((result = ipc_channel_take(channel->qmgr, &record, &diag)) == 1)
		if ((result = take_record(channel, &record, &diag)) < 0)
			break;
	if (result < 0)
		lose_qmgr(channel, diag_text(&diag));
	else if (filled < 0 && filled != ERR_AGAIN)
		lose_qmgr(channel, error_strerror(filled));
}

/* job_channel_wait - wait for qmgr or another descriptor, take what has come */
int
job_channel_wait(
    struct job_channel *channel, struct pollfd *other, uint64_t deadline)
{
	struct pollfd fds[2] = {{.fd = channel->qmgr->fd, .events = POLLIN}};
	int result;

	if (channel->gone)
		return ERR_CLOSED;
	if (ipc_channel_flush(channel->qmgr) < 0) {
		/* Records that were sent before the end. */
		job_channel_pump(channel);
		lose_qmgr(channel, "the connection has ended");
		return ERR_CLOSED;
	}
	if (ipc_channel_pending(channel->qmgr) > 0)
		fds[0].events |= POLLOUT;
	if (other != NULL)
		fds[1] = *other;
	result =
	    worker_wait(channel->worker, fds, other != NULL ? 2 : 1, deadline);
	if (other != NULL)
		other->revents = fds[1].revents;
	/* Where the other has something alone, qmgr need not be asked. */
	if (result <= 0 || fds[0].revents != 0)
		job_channel_pump(channel);
	if (channel->gone)
		return ERR_CLOSED;
	return result < 0 ? result : 0;
}

/* job_channel_give - send a record */
int
job_channel_give(struct job_channel *channel, const struct ipc_record *record)
{
	int error;

	if (channel->gone)
		return ERR_CLOSED;
	error = worker_send(
	    channel->worker, channel->qmgr, record, clock_after(LIMITS_SEND));
	if (error < 0 && error != ERR_CANCELLED) {
		lose_qmgr(channel, error_strerror(error));
		return ERR_CLOSED;
	}
	return 0;
}

/* await_octets - ask for the next octets of a body, and wait for some */
static int
await_octets(struct job_channel *channel, struct client_job *job, uint64_t to)
{
	int error;

	if (job->cancelled)
		return ERR_CANCELLED;
	/* Asked ahead, so that qmgr reads from the disk while octets are
	 * written here. */
	if (client_job_ask(job, to, channel->qmgr) < 0)
		return ERR_CLOSED;
	error = job_channel_wait(channel, NULL, clock_after(BODY_TIMEOUT));
	/* A worker that is told to stop still finishes this job. */
	return error == ERR_CANCELLED ? 0 : error;
}

/* job_channel_octets - wait for the next octets of a job's body, and take them
 * out of it */
int
job_channel_octets(struct job_channel *channel, struct client_job *job,
    uint64_t to, struct buffer *octets)
{
	int error = 0;

	while (error == 0 && client_job_octets(job).len == 0)
		error = await_octets(channel, job, to);
	if (error == 0)
		client_job_swap(job, octets);
	return error;
}

/* job_channel_body - pass octets [from, to) of a job's body to a sink */
int
job_channel_body(struct job_channel *channel, struct client_job *job,
    uint64_t from, uint64_t to, job_channel_sink_fn *sink, void *arg)
{
	int error = 0;

	/* A second pass begins here again; what is still in memory is not
	 * asked for twice. */
	client_job_seek(job, from);
	while (error == 0 && job->at < to) {
		struct slice octets = client_job_octets(job);

		if (octets.len == 0) {
			error = await_octets(channel, job, to);
			continue;
		}
		/* The sink must not see the octets of what follows. */
		if (octets.len > to - job->at)
			octets.len = (size_t)(to - job->at);
		client_job_read(job, octets.len);
		error = sink(arg, octets);
	}
	return error;
}
