/* SPDX-License-Identifier: ISC */
/*
 * batch.c - what is on its way, by which name, durably
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/batch_name.h"
#include "qmgr/sending/batches.h"
#include "qmgr/sending/dispatch.h"
#include "store/store.h"

/* batch_of - find the batch that a member is a part of */
static struct batch *
batch_of(struct commit_member *member)
{
	return (
	    struct batch *)((char *)member - offsetof(struct batch, member));
}

/* count_wanted - count the names of a batch that are needed, before it is
 * committed */
static unsigned
count_wanted(const struct batch *batch)
{
	unsigned count = 0;

	for (unsigned i = 0; i < batch->count; i++)
		count += batch->names[i].message != 0;
	return count;
}

/* batch_apply - write it, unless it would say nothing */
static int
batch_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct batch *batch = batch_of(member);
	struct store_batch stored = {
	    .link = batch->connection->link,
	    .references = batch->connection->references,
	    .first_activity = batch->first,
	    .time = batch->time,
	    .count = batch->count,
	};
	int rc;

	batch->id = 0;
	if (count_wanted(batch) == 0)
		return 0;
	for (unsigned i = 0; i < batch->count; i++)
		stored.messages[i] = batch->names[i].message;
	rc = store_batch_add(qmgr->store, &stored);
	if (rc == 0)
		batch->id = stored.id;
	return rc;
}

/* release_client - let a worker see what was sent to it meanwhile */
static struct client *
release_client(struct batch *batch)
{
	struct client *client = batch->client;

	batch->client = NULL;
	client->waiting--;
	client->held--;
	if (client->assoc != NULL && client->assoc->batch == batch)
		client->assoc->batch = NULL;
	if (!client->closing && client->held == 0)
		client_flush_later(client);
	if (client->assoc != NULL)
		link_touch(client->qmgr, client->assoc->link);
	return client;
}

/* drop_batch - free a batch that is not in the store */
static void
drop_batch(struct qmgr *qmgr, struct batch *batch)
{
	connection_leave(qmgr, batch->connection);
	free(batch);
}

/* not_noted - end a worker whose jobs have no names: they are not sent */
static void
not_noted(struct qmgr *qmgr, struct client *client)
{
	struct link *link;

	if (client->assoc == NULL)
		return;
	link = client->assoc->link;
	snprintf(link->last_error, sizeof(link->last_error),
	    "a batch could not be noted: %s", store_reason(qmgr->store));
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("link", link->name),
	    LOG_STRING("reason", link->last_error));
	client_close(client, "its batch could not be noted");
}

/* keep_batch - keep a batch that is in the store: messages bear its names */
static void
keep_batch(struct qmgr *qmgr, struct batch *batch)
{
	/* Count one more, so that it does not end before all are put. */
	batch->live++;
	connection_keep(qmgr, batch->connection, batch);
	for (unsigned i = 0; i < batch->count; i++) {
		struct batch_name *name = &batch->names[i];
		struct job *job = job_of(&qmgr->active, name->message);

		if (job == NULL || job->id != name->job) {
			name->message = 0;
			continue;
		}
		job->asked = false;
		batch_name_put(qmgr, name);
	}
	batch->live--;
	connection_shrink(qmgr, batch->connection);
}

/* answer_sequence - tell a worker that its sequence is committed */
static void
answer_sequence(struct client *client, const struct batch *batch)
{
	struct ipc_record record = {.type = IPC_SEQUENCE};

	record.sequence.job = batch->sequence_job;
	record.sequence.name.activity = batch->first;
	record.sequence.name.references = batch->connection->references;
	client_send(client, &record);
}

/* batch_done - have a batch that is committed sent */
static void
batch_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct batch *batch = batch_of(member);
	struct client *client = release_client(batch);

	if (result < 0) {
		not_noted(qmgr, client);
		drop_batch(qmgr, batch);
		return;
	}
	if (batch->sequence_job != 0)
		answer_sequence(client, batch);
	if (batch->id != 0)
		keep_batch(qmgr, batch);
	else
		drop_batch(qmgr, batch);
}

/* batch_new - begin a batch that is committed before the client sees what it
 * is sent */
struct batch *
batch_new(struct client *client, struct connection *connection, uint64_t first)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		return NULL;
	batch->connection = connection;
	connection->users++;
	batch->client = client;
	client->waiting++;
	client->held++;
	batch->first = first;
	batch->time = timekeeper_latest(&client->qmgr->time);
	batch->member.order = COMMIT_DISPATCH;
	batch->member.apply = batch_apply;
	batch->member.done = batch_done;
	commit_add(client->qmgr, &batch->member);
	return batch;
}

/* batch_name_add - give the next number to the message of a job, or to none */
void
batch_name_add(struct batch *batch, const struct job *job)
{
	struct batch_name *name = &batch->names[batch->count++];

	*name = (struct batch_name){.batch = batch};
	if (job == NULL)
		return;
	name->message = job->message;
	name->job = job->id;
}

/* batch_connect - find the session connection that an association says it is */
int
batch_connect(struct assoc *assoc, const struct session_references *references,
    struct connection **connection, struct diag *diag)
{
	struct qmgr *qmgr = assoc->client->qmgr;
	int rc;

	if (session_references_is_empty(references))
		return diag_set(diag, ERR_VALUE, "no references");
	rc = connection_find(qmgr, assoc->link->number, references, connection);
	if (rc < 0)
		return diag_set(diag, rc, "references: %s", error_strerror(rc));
	if ((*connection)->assoc == NULL || (*connection)->assoc == assoc)
		return 0;
	connection_leave(qmgr, *connection);
	return diag_set(diag, ERR_VALUE, "references of another association");
}

/* batch_bind - make an association that of a session connection */
void
batch_bind(struct assoc *assoc, struct connection *connection)
{
	connection->users++;
	batch_unbound(assoc);
	connection->assoc = assoc;
	assoc->connection = connection;
}

/* batch_bound - note by which session connection an association is open */
int
batch_bound(struct assoc *assoc, const struct session_references *references,
    struct diag *diag)
{
	struct connection *connection;
	const struct batch *last;
	int rc;

	batch_unbound(assoc);
	if (session_references_is_empty(references))
		return 0;
	rc = batch_connect(assoc, references, &connection, diag);
	if (rc < 0)
		return rc;
	batch_bind(assoc, connection);
	assoc->next_activity = 1 + assoc->job_count;
	/* Numbers that are known of it were used for others. */
	last = TAILQ_LAST(&connection->batches, batch_list);
	if (last != NULL)
		assoc->next_activity += last->first + last->count - 1;
	connection_leave(assoc->client->qmgr, connection);
	return 0;
}

/* batch_unbound - forget the session connection of an association */
void
batch_unbound(struct assoc *assoc)
{
	struct connection *connection = assoc->connection;

	assoc->connection = NULL;
	assoc->batch = NULL;
	if (connection == NULL)
		return;
	connection->assoc = NULL;
	connection_leave(assoc->client->qmgr, connection);
}

/* batch_open - tell whether one more job would go into a batch that is written
 * anyway */
bool
batch_open(const struct assoc *assoc)
{
	return assoc->batch != NULL && assoc->batch->count < STORE_BATCH_MAX;
}

/* batch_prepare - have room for one more job of the association */
int
batch_prepare(struct assoc *assoc)
{
	if (assoc->connection == NULL || batch_open(assoc))
		return 0;
	batches_make_room(assoc->client->qmgr);
	assoc->batch =
	    batch_new(assoc->client, assoc->connection, assoc->next_activity);
	return assoc->batch == NULL ? ERR_NOMEM : 0;
}

/* batch_add - give the next job of an association its activity, and its old
 * name */
void
batch_add(struct assoc *assoc, struct job *job, struct ipc_job *out)
{
	struct qmgr *qmgr = assoc->client->qmgr;
	const struct batch_name *name;

	name = batch_name_get(qmgr, job->message);
	if (assoc->connection != NULL) {
		out->activity = job->activity = assoc->next_activity++;
		batch_name_add(assoc->batch, name == NULL ? job : NULL);
	}
	if (name == NULL)
		return;
	job->asked = true;
	out->old = (struct transfer_name){
	    .references = name->batch->connection->references,
	    .activity = batch_name_activity(name)};
}
