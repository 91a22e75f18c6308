/* SPDX-License-Identifier: ISC */
/*
 * batch_name.c - session connections of ours, and the names of messages
 */
#include <stdlib.h>
#include <string.h>

#include "qmgr/links/link.h"
#include "qmgr/sending/batch_name.h"
#include "qmgr/sending/batches.h"
#include "qmgr/sending/doubtful.h"

/* is_connection - tell whether a connection is of this link and has these
 * references */
static bool
is_connection(const struct connection *connection, uint32_t link,
    const struct session_references *references)
{
	return connection->link == link &&
	    session_references_equal(&connection->references, references);
}

/* connection_new - make a connection with these references, or NULL */
static struct connection *
connection_new(struct qmgr *qmgr, uint32_t link,
    const struct session_references *references)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		return NULL;
	TAILQ_INIT(&connection->batches);
	connection->link = link;
	connection->references = *references;
	TAILQ_INSERT_TAIL(&qmgr->batches->connections, connection, entry);
	return connection;
}

/* connection_find - find a connection, or make it, and count a user of it */
int
connection_find(struct qmgr *qmgr, uint32_t link,
    const struct session_references *references, struct connection **found)
{
	struct connection *connection;

	/* Newest first: nearly always an association asks for the session
	 * connection that was opened last. */
	TAILQ_FOREACH_REVERSE(
	    connection, &qmgr->batches->connections, connection_list, entry)
	if (is_connection(connection, link, references))
		break;
	if (connection == NULL)
		connection = connection_new(qmgr, link, references);
	if (connection == NULL)
		return ERR_NOMEM;
	connection->users++;
	*found = connection;
	return 0;
}

/* leave_connection - count fewer users of a connection; without any it is
 * freed */
static void
leave_connection(
    struct qmgr *qmgr, struct connection *connection, unsigned users)
{
	connection->users -= users;
	if (connection->users > 0)
		return;
	TAILQ_REMOVE(&qmgr->batches->connections, connection, entry);
	free(connection);
}

/* connection_leave - count a user of a connection less; the last one's frees
 * it */
void
connection_leave(struct qmgr *qmgr, struct connection *connection)
{
	leave_connection(qmgr, connection, 1);
}

/* batch_name_equal - tell whether a name is a number of a session connection */
bool
batch_name_equal(
    const struct batch_name *name, const struct transfer_name *transfer)
{
	const struct transfer_name own = {
	    .references = name->batch->connection->references,
	    .activity = batch_name_activity(name)};

	return transfer_name_equal(&own, transfer);
}

/* first_live - find the message that bears the first name of a connection */
static uint64_t
first_live(const struct connection *connection)
{
	const struct batch *batch;

	/* Batches stand in the order of their numbers, and a sender has one
	 * activity open at a time: the first that is not settled is the one
	 * that was cut. */
	TAILQ_FOREACH(batch, &connection->batches, entry)
		for (unsigned i = 0; i < batch->count; i++)
			if (batch->names[i].message != 0)
				return batch->names[i].message;
	return 0;
}

/* batch_under_way - find what was being sent when a connection was lost */
uint64_t
batch_under_way(const struct qmgr *qmgr, uint32_t link,
    const struct session_references *references)
{
	const struct connection *connection;

	TAILQ_FOREACH(connection, &qmgr->batches->connections, entry)
		if (is_connection(connection, link, references))
			return first_live(connection);
	return 0;
}

/* batch_name_activity - give the number of a name */
uint64_t
batch_name_activity(const struct batch_name *name)
{
	return name->batch->first + (uint64_t)(name - name->batch->names);
}

/* batch_name_get - get the name that a message bears, or NULL */
struct batch_name *
batch_name_get(const struct qmgr *qmgr, uint64_t message)
{
	return TABLE_ENTRY(table_find(&qmgr->batches->names, message),
	    struct batch_name, link);
}

/* take_name - take a name from the message that bears it */
static void
take_name(struct qmgr *qmgr, struct batch_name *name)
{
	/* An empty place has no name in the table. */
	if (name->message == 0)
		return;
	table_remove(&qmgr->batches->names, &name->link);
	name->message = 0;
	name->batch->live--;
}

/* batch_name_put - have a message bear this name from now on, and no other */
void
batch_name_put(struct qmgr *qmgr, struct batch_name *name)
{
	uint64_t message = name->message;

	/* A message has one name at a time: of two names the wrong one could
	 * be asked for, and the answer "never seen" would send the message
	 * twice. */
	batch_end(qmgr, message);
	table_add(&qmgr->batches->names, &name->link, message);
	name->batch->live++;
}

/* batch_end - end the name of a message whose fate with the peer is settled */
void
batch_end(struct qmgr *qmgr, uint64_t message)
{
	struct batch_name *name = batch_name_get(qmgr, message);
	struct batch *batch;

	if (name == NULL)
		return;
	batch = name->batch;
	take_name(qmgr, name);
	if (batch->live == 0)
		connection_shrink(qmgr, batch->connection);
}

/* connection_keep - keep a batch, which takes its numbers from those before
 * it */
void
connection_keep(
    struct qmgr *qmgr, struct connection *connection, struct batch *batch)
{
	struct batch *earlier;

	/* The sequence of a worker began at a lower number than we had given
	 * out: these earlier numbers never reached the peer for those
	 * messages. */
	TAILQ_FOREACH(earlier, &connection->batches, entry)
		for (unsigned i = 0; i < earlier->count; i++)
			if (earlier->first + i >= batch->first)
				take_name(qmgr, &earlier->names[i]);
	TAILQ_INSERT_TAIL(&connection->batches, batch, entry);
	qmgr->batches->kept++;
}

/* connection_shrink - end the batches whose names are all gone */
void
connection_shrink(struct qmgr *qmgr, struct connection *connection)
{
	struct batch *batch;
	unsigned ended = 0;

	/* Only from the front: a later batch may have taken numbers from an
	 * earlier one, and after a restart the earlier one alone would claim
	 * them again. */
	while ((batch = TAILQ_FIRST(&connection->batches)) != NULL &&
	    batch->live == 0) {
		TAILQ_REMOVE(&connection->batches, batch, entry);
		TAILQ_INSERT_TAIL(&qmgr->batches->ended, batch, entry);
		/* The record is still in the store until batches_commit; its
		 * connection is needed no longer. */
		batch->connection = NULL;
		ended++;
	}
	leave_connection(qmgr, connection, ended);
}

/* connection_forget - end all names by a connection, of batches before a
 * time */
void
connection_forget(struct qmgr *qmgr, struct connection *connection,
    int64_t before, const char *why)
{
	const struct link *link = link_get(&qmgr->links, connection->link);
	struct batch *batch;

	/* No name of a younger batch is touched, although the loop must pass
	 * it: numbers within one connection grow, times need not if the clock
	 * was set back. */
	TAILQ_FOREACH(batch, &connection->batches, entry) {
		if (batch->time >= before)
			continue;
		for (unsigned i = 0; i < batch->count; i++) {
			doubtful_given_up(
			    qmgr, batch->names[i].message, link, why);
			take_name(qmgr, &batch->names[i]);
		}
	}
	connection_shrink(qmgr, connection);
}
