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

/* is_wanted - tell whether a name of a batch is needed: its job is still at
 * work */
static bool
is_wanted(const struct qmgr *qmgr, const struct batch_name *name)
{
	const struct job *job = job_of(&qmgr->active, name->message);

	return name->message != 0 && job != NULL && job->id == name->job;
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
	unsigned wanted = 0;
	int rc;

	/* A transaction may be undone and applied again, so the id of the first
	 * attempt must not survive. */
	batch->id = 0;
	/* A job that ended before its worker saw it needs no name; its message
	 * may not even have entered the queue. */
	for (unsigned i = 0; i < batch->count; i++)
		if (is_wanted(qmgr, &batch->names[i])) {
			stored.messages[i] = batch->names[i].message;
			wanted++;
		}
	/* Only messages that had names already are in it: the store knows
	 * those, and a record of empty places would only have to be removed. */
	if (wanted == 0)
		return 0;
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

	/* The commit holds back the worker's records through this count; zero
	 * lets all that was queued leave at once, in order. */
	batch->client = NULL;
	client->waiting--;
	client->held--;
	if (client->assoc != NULL && client->assoc->batch == batch)
		client->assoc->batch = NULL;
	/* A closing client has nobody to read what is flushed. */
	if (!client->closing && client->held == 0)
		client_flush_later(client);
	/* An association that could take no more while its batch was open may
	 * have room now. */
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

	/* The worker died while the commit ran: its jobs went back when it
	 * ended, so nothing is left to undo here. */
	if (client->assoc == NULL)
		return;
	link = client->assoc->link;
	link->last_error_time = clock_wall();
	snprintf(link->last_error, sizeof(link->last_error),
	    "a batch could not be noted: %s", store_reason(qmgr->store));
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("link", link->name),
	    LOG_STRING("reason", link->last_error));
	/* The jobs in the channel have not been seen. Closing throws them away
	 * and returns them to the queue; sending them without a name could
	 * deliver twice. */
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
		/* The job ended while the commit ran, and may have been given
		 * to another worker under another name. Its place stays empty:
		 * the number was used up. */
		struct job *job = job_of(&qmgr->active, name->message);

		if (job == NULL || job->id != name->job) {
			name->message = 0;
			continue;
		}
		/* From now on whoever handles the message is to ask for this
		 * new name; the older one was settled when the job was
		 * given. */
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

	/* No name reached the disk, so no worker may act under one. */
	if (result < 0) {
		not_noted(qmgr, client);
		drop_batch(qmgr, batch);
		return;
	}
	/* The worker waits for this answer with its next activity: a message
	 * sent before would go out under a name that a crash could forget. */
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
	/* The connection must outlive the batch even if the association ends
	 * meanwhile; each batch counts as one user. */
	connection->users++;
	batch->client = client;
	client->waiting++;
	/* Two counts: "waiting" keeps the client from being freed before
	 * batch_done, "held" keeps its channel from being flushed. */
	client->held++;
	batch->first = first;
	batch->time = timekeeper_latest(&client->qmgr->time);
	/* After the outcomes of this step, which make room and free names, and
	 * before new mail enters. */
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

	/* A place is used even for no message, since an activity number is the
	 * first number plus the place. */
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
	/* Two associations with the same references would both count activities
	 * from 1, and one name would mean two messages. The peer chose none of
	 * these; the worker is at fault. */
	if ((*connection)->assoc == NULL || (*connection)->assoc == assoc)
		return 0;
	connection_leave(qmgr, *connection);
	return diag_set(diag, ERR_VALUE, "references of another association");
}

/* batch_bind - make an association that of a session connection */
void
batch_bind(struct assoc *assoc, struct connection *connection)
{
	/* Count first, since leaving the old connection may free it, and it may
	 * be the same. */
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
	/* A worker with jobs gives them the numbers 1 to job_count before it
	 * asks for more. */
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
		/* Names outlive the association here: its connection stays as
		 * long as a batch has a live name, for the next worker to ask
		 * with. */
		return;
	connection->assoc = NULL;
	connection_leave(assoc->client->qmgr, connection);
}

/* batch_open - tell whether one more job would go into a batch that is written
 * anyway */
bool
batch_open(const struct assoc *assoc)
{
	/* A full batch is committed as it is; one more job would need a record
	 * beyond the bound of the store.  A batch that is written already, in
	 * the transaction under way, takes no more names. */
	return assoc->batch != NULL && !assoc->batch->member.applied &&
	    assoc->batch->count < STORE_BATCH_MAX;
}

/* batch_prepare - have room for one more job of the association */
int
batch_prepare(struct assoc *assoc)
{
	/* No references: the peer's protocol has no resumption by name, so
	 * nothing is noted. */
	if (assoc->connection == NULL || batch_open(assoc))
		return 0;
	/* Make room before adding, or the record just written could be the one
	 * given up. */
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
		/* A message that bears a name keeps it: the peer may hold the
		 * whole of it under that name. The number is used up all the
		 * same. */
		batch_name_add(assoc->batch, name == NULL ? job : NULL);
	}
	if (name == NULL)
		return;
	/* Until the worker has asked, only the old name says whether the peer
	 * has the message. */
	job->asked = true;
	out->old = (struct transfer_name){
	    .references = name->batch->connection->references,
	    .activity = batch_name_activity(name)};
}
