/* SPDX-License-Identifier: ISC */
/*
 * client_job.c - the jobs that qmgr hands to a worker, and their bodies
 *
 * Contract in client_job.h.
 */
#include "client/client_job.h"

/* client_jobs_init - begin without jobs */
void
client_jobs_init(struct client_jobs *jobs, client_jobs_new_fn *make, void *arg)
{
	*jobs = (struct client_jobs){
	    .make = make, .arg = arg, .most = LIMITS_BATCH};
}

/* client_jobs_at - find a job by its place */
struct client_job *
client_jobs_at(const struct client_jobs *jobs, size_t i)
{
	return i < jobs->count ? jobs->ring[(jobs->first + i) % CLIENT_JOBS_MAX]
			       : NULL;
}

/* client_jobs_place - find the place of the next job in an array of a batch */
size_t
client_jobs_place(const struct client_jobs *jobs)
{
	return (jobs->first + jobs->count) % LIMITS_BATCH;
}

/* client_jobs_find - find a job by its number */
struct client_job *
client_jobs_find(const struct client_jobs *jobs, uint64_t number)
{
	for (size_t i = 0; i < jobs->count; i++) {
		struct client_job *job = client_jobs_at(jobs, i);

		if (job->number == number)
			return job;
	}
	return NULL;
}

/* fill_job - copy what a record says of a job */
static int
fill_job(struct client_job *job, const struct ipc_job *from, struct diag *diag)
{
	int error;

	job->number = from->job;
	job->message = from->message;
	job->kind = from->kind;
	job->priority = from->priority;
	job->envelope_length = from->envelope_length;
	job->content_length = from->content_length;
	job->come = job->asked = from->body.len;
	buffer_init(&job->body, LIMITS_BODY);
	error = buffer_append(&job->body, from->body.data, from->body.len);
	if (error == 0)
		return 0;
	buffer_fini(&job->body);
	return diag_set(diag, error, "job: %s", error_strerror(error));
}

/* add_job - take a job of qmgr's */
static int
add_job(struct client_jobs *jobs, const struct ipc_job *from, struct diag *diag)
{
	struct client_job *job;
	int error;

	/* The ring has places for a batch, and qmgr must not give more. */
	if (jobs->count == jobs->most)
		return diag_set(
		    diag, ERR_LIMIT, "more than %zu jobs", jobs->most);
	/* Checked once here, so that sums of these lengths cannot wrap
	 * later. */
	if (from->envelope_length > UINT64_MAX - from->content_length ||
	    from->body.len > from->envelope_length + from->content_length)
		return diag_set(diag, ERR_VALUE, "job with impossible lengths");
	error = jobs->make(jobs->arg, from, &job, diag);
	if (error == 0)
		error = fill_job(job, from, diag);
	if (error == 0)
		jobs->ring[(jobs->first + jobs->count++) % CLIENT_JOBS_MAX] =
		    job;
	return error;
}

/* add_piece - take a piece of a body */
static int
add_piece(
    struct client_jobs *jobs, const struct ipc_body *from, struct diag *diag)
{
	struct client_job *job = client_jobs_find(jobs, from->job);
	int error;

	/* A piece that was asked for a job that has ended since. */
	if (job == NULL)
		return 0;
	/* Pieces that were asked for before a seek still come, and are counted
	 * off in their order. */
	if (from->data.len <= job->stale && from->data.len > 0) {
		job->stale -= from->data.len;
		return 0;
	}
	/* Octets must come in order, from where the last piece ended, and no
	 * more than were asked for: the buffer has room for so many. */
	if (job->stale != 0 || from->offset != job->come ||
	    from->data.len > job->asked - job->come || from->data.len == 0)
		return diag_set(diag, ERR_VALUE, "a piece that was not asked");
	error = buffer_append(&job->body, from->data.data, from->data.len);
	if (error != 0)
		return diag_set(diag, error, "body: %s", error_strerror(error));
	job->come += from->data.len;
	return 0;
}

/* client_jobs_take - take a record that is about jobs */
int
client_jobs_take(struct client_jobs *jobs, const struct ipc_record *record,
    struct diag *diag)
{
	struct client_job *job;

	if (record->type == IPC_JOB)
		return add_job(jobs, &record->job, diag);
	if (record->type == IPC_BODY)
		return add_piece(jobs, &record->body, diag);
	if (record->type == IPC_CANCEL) {
		job = client_jobs_find(jobs, record->cancel.job);
		if (job != NULL)
			job->cancelled = true;
	}
	return 0;
}

/* client_jobs_drop - remove the first job */
void
client_jobs_drop(struct client_jobs *jobs)
{
	buffer_fini(&jobs->ring[jobs->first]->body);
	jobs->first = (jobs->first + 1) % CLIENT_JOBS_MAX;
	jobs->count--;
}

/* client_jobs_remove - remove a job from anywhere in the order */
void
client_jobs_remove(struct client_jobs *jobs, struct client_job *job)
{
	size_t i = 0;

	while (i < jobs->count && client_jobs_at(jobs, i) != job)
		i++;
	if (i == jobs->count)
		return;
	/* Jobs before it move up by one, which leaves the first place empty. */
	for (; i > 0; i--)
		jobs->ring[(jobs->first + i) % CLIENT_JOBS_MAX] =
		    client_jobs_at(jobs, i - 1);
	jobs->ring[jobs->first] = job;
	client_jobs_drop(jobs);
}

/* client_job_length - add envelope and content, whose sum was checked */
uint64_t
client_job_length(const struct client_job *job)
{
	return job->envelope_length + job->content_length;
}

/* begins_at - tell which octet of the body is the first of the buffer */
static uint64_t
begins_at(const struct client_job *job)
{
	return job->come - buffer_length(&job->body);
}

/* client_job_octets - get what is here from job->at on */
struct slice
client_job_octets(const struct client_job *job)
{
	struct slice body = buffer_slice(&job->body);
	/* Octets before job->at may still be here, for a second reading. */
	size_t read = (size_t)(job->at - begins_at(job));

	return slice_of(
	    body.data == NULL ? NULL : body.data + read, body.len - read);
}

/* client_job_read - move on by octets that were read */
void
client_job_read(struct client_job *job, size_t len)
{
	job->at += len;
}

/* forget_read - give away the memory of what was read */
static void
forget_read(struct client_job *job)
{
	buffer_consume(&job->body, (size_t)(job->at - begins_at(job)));
}

/* client_job_swap - hand out what is here, and the memory that it lies in */
void
client_job_swap(struct client_job *job, struct buffer *out)
{
	struct buffer empty = *out;

	/* Only unread octets are handed out; their memory goes with them, so
	 * that nothing is copied. */
	forget_read(job);
	buffer_reset(&empty);
	empty.max = job->body.max;
	*out = job->body;
	job->body = empty;
	job->at = job->come;
}

/* client_job_seek - read on at another offset of the body */
void
client_job_seek(struct client_job *job, uint64_t offset)
{
	if (offset < begins_at(job) || offset > job->come) {
		/* Pieces asked for so far still come, before those that are
		 * asked for from here on. */
		job->stale += job->asked - job->come;
		job->come = job->asked = offset;
		buffer_reset(&job->body);
	}
	job->at = offset;
}

/* client_job_ask - ask for the octets that come next, as far as they fit */
int
client_job_ask(struct client_job *job, uint64_t to, struct ipc_channel *channel)
{
	while (job->asked < to &&
	    job->asked - job->at + IPC_PIECE_MAX <= LIMITS_AHEAD) {
		uint64_t left = to - job->asked;
		const struct ipc_record record = {.type = IPC_BODY_REQUEST,
		    .body_request = {.job = job->number,
			.offset = job->asked,
			.length = left < IPC_PIECE_MAX ? (uint32_t)left
						       : IPC_PIECE_MAX}};
		int error = ipc_channel_send(channel, &record);

		if (error != 0)
			return error;
		/* Octets that were read are kept until now: a caller that reads
		 * a small body twice needs them again. */
		forget_read(job);
		job->asked += record.body_request.length;
	}
	return 0;
}
