/* SPDX-License-Identifier: ISC */
/*
 * body.c - the octets of a message to a worker: envelope, then content
 */
#include "qmgr/sending/body.h"

#include <stdlib.h>

#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/queue/strip.h"
#include "qmgr/sending/dispatch_job.h"
#include "store/store.h"

/* A job whose body is read. */
struct body {
	struct qmgr *qmgr;
	const struct job *job;
};

/* read_range - append a range of the stored envelope, as strip_read wants it */
static int
read_range(void *arg, size_t offset, size_t len)
{
	const struct body *body = arg;

	return store_message_envelope(body->qmgr->store, body->job->message,
	    offset, len, &body->qmgr->scratch);
}

/*
 * read_envelope - append octets of the envelope as it is sent, to scratch
 *
 * The range alone is read: the whole of a large envelope for each piece would
 * cost its length squared.
 */
static int
read_envelope(
    struct qmgr *qmgr, const struct job *job, uint64_t offset, size_t len)
{
	struct body body = {qmgr, job};

	if (job->plan == NULL)
		return read_range(&body, (size_t)offset, len);
	return strip_read(
	    job->plan, offset, len, &qmgr->scratch, read_range, &body);
}

/* read_content - append octets of the content to scratch */
static int
read_content(
    struct qmgr *qmgr, const struct job *job, uint64_t offset, size_t len)
{
	/* The record was there when the job was given. An administrator may
	 * have deleted the message since; the caller then ends the worker's
	 * job. */
	if (job->content_id == 0)
		return store_message_content(
		    qmgr->store, job->message, offset, len, &qmgr->scratch);
	return store_content_read(
	    qmgr->store, job->content_id, offset, len, &qmgr->scratch, NULL);
}

/* body_piece - read octets of envelope and content from an offset, into
 * scratch */
static int
body_piece(struct qmgr *qmgr, const struct job *job, uint64_t offset,
    size_t len, struct slice *piece)
{
	size_t part;
	int rc = 0;

	buffer_reset(&qmgr->scratch);
	/* Envelope and content are one run of octets for the worker, which
	 * finds the border by envelope_length. */
	if (offset < job->envelope_length) {
		part = job->envelope_length - offset < len
		    ? (size_t)(job->envelope_length - offset)
		    : len;
		rc = read_envelope(qmgr, job, offset, part);
		offset += part;
		len -= part;
	}
	offset -= job->envelope_length;
	if (rc == 0 && len > 0)
		rc = read_content(qmgr, job, offset, len);
	if (rc == 0)
		*piece = buffer_slice(&qmgr->scratch);
	return rc;
}

/* is_brief - tell whether a record was got without its envelope, which is
 * large, and its content */
static bool
is_brief(const struct store_message *message)
{
	return message->envelope.len < message->envelope_length;
}

/* get_part - get a part of the stored envelope, into scratch */
static int
get_part(void *arg, size_t offset, size_t len, struct slice *octets)
{
	const struct body *body = arg;
	int rc;

	buffer_reset(&body->qmgr->scratch);
	rc = read_range(arg, offset, len);
	*octets = buffer_slice(&body->qmgr->scratch);
	return rc == 0 && octets->len != len ? ERR_CORRUPT : rc;
}

/* plan_job - plan what is sent of the envelope, if that is not all of it */
static int
plan_job(
    struct qmgr *qmgr, struct job *job, const struct store_message *message)
{
	struct body body = {qmgr, job};
	int rc;

	if (message->strip == 0)
		return 0;
	/* Kept with the job, because each piece needs it. */
	job->plan = malloc(sizeof(*job->plan));
	if (job->plan == NULL)
		return ERR_NOMEM;
	rc = is_brief(message)
	    ? strip_plan_large(message->kind, message->envelope_length,
		  message->strip, get_part, &body, job->plan)
	    : strip_plan(
		  message->kind, message->envelope, message->strip, job->plan);
	if (rc == 0)
		job->envelope_length = job->plan->length;
	return rc;
}

/* start_content - append the first octets of the content of a record that is
 * at hand */
static int
start_content(
    struct qmgr *qmgr, const struct store_message *message, size_t len)
{
	struct slice content = message->content;

	if (message->content_id != 0)
		return store_content_read(qmgr->store, message->content_id, 0,
		    len, &qmgr->scratch, NULL);
	/* The record is at hand already, so no second read is needed for the
	 * ordinary small message. */
	return buffer_append(&qmgr->scratch, content.data,
	    content.len < len ? content.len : len);
}

/* body_start - read the first octets of a job's body */
int
body_start(struct qmgr *qmgr, struct job *job,
    const struct store_message *message, size_t len, struct slice *piece)
{
	size_t part;
	int rc = plan_job(qmgr, job, message);

	if (rc < 0)
		return rc;
	part = job->envelope_length < len ? (size_t)job->envelope_length : len;
	buffer_reset(&qmgr->scratch);
	if (job->plan == NULL && !is_brief(message))
		rc =
		    buffer_append(&qmgr->scratch, message->envelope.data, part);
	else
		rc = read_envelope(qmgr, job, 0, part);
	if (rc == 0 && len > part)
		rc = is_brief(message)
		    ? read_content(qmgr, job, 0, len - part)
		    : start_content(qmgr, message, len - part);
	if (rc == 0) {
		*piece = buffer_slice(&qmgr->scratch);
		job->handed = piece->len;
		job->handed_at = clock_monotonic();
	}
	return rc;
}

/* body_send - send the piece of the body that the worker asks for */
int
body_send(struct assoc *assoc, const struct ipc_body_request *request,
    struct diag *diag)
{
	struct qmgr *qmgr = assoc->client->qmgr;
	struct job *job = dispatch_find(assoc, request->job);
	struct ipc_record record = {.type = IPC_BODY};
	uint64_t total;
	int rc;

	if (job == NULL)
		return diag_set(diag, ERR_NOTFOUND, "body of no job");
	total = job->envelope_length + job->content_length;
	/* Compare before anything is subtracted: both numbers come from another
	 * process. */
	if (request->length > IPC_PIECE_MAX || request->offset > total)
		return diag_set(diag, ERR_VALUE, "body beyond its end");
	rc = body_piece(qmgr, job, request->offset, (size_t)request->length,
	    &record.body.data);
	if (rc < 0)
		return diag_set(diag, rc, "message %llu: %s",
		    (unsigned long long)job->message,
		    store_reason(qmgr->store));
	job->handed = request->offset + record.body.data.len;
	job->handed_at = clock_monotonic();
	record.body.job = job->id;
	record.body.offset = request->offset;
	client_send(assoc->client, &record);
	return 0;
}
