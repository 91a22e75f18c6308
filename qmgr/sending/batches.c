/* SPDX-License-Identifier: ISC */
/*
 * batches.c - the batches that are kept: from start to removal
 */
#include <stdlib.h>

#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/batch_name.h"
#include "qmgr/sending/batches.h"
#include "store/store.h"

/* Batches removed in one transaction: as many as are written in one. */
#define REMOVE_STEP CLIENTS_MAX
#define AGE_PAUSE   60 /* seconds */

/* Beyond this many the oldest that no association has is given up, of the link
 * that has the most: each connection to a worker may need some. */
#define KEPT_MAX (STORE_BATCHES_MAX - CLIENTS_MAX)

/* apply_removal - remove the batches that ended first */
static int
apply_removal(struct qmgr *qmgr, struct commit_member *member)
{
	struct batches *batches = qmgr->batches;
	struct batch *batch;
	int rc;

	(void)member;
	batches->removing = 0;
	TAILQ_FOREACH(batch, &batches->ended, entry) {
		/* Bounded, because a link that is removed from the
		 * configuration may end thousands of batches at once, and mail
		 * waits for this transaction. */
		if (batches->removing == REMOVE_STEP)
			break;
		rc = store_batch_remove(qmgr->store, batch->id);
		/* Already absent is what was wanted: the queue may have been
		 * repaired in between. */
		if (rc < 0 && rc != ERR_NOTFOUND)
			return rc;
		batches->removing++;
	}
	return 0;
}

/* done_removal - free the batches that are removed; after a failure they
 * wait */
static void
done_removal(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct batches *batches = qmgr->batches;
	struct batch *batch;

	(void)member;
	/* A failed removal is not tried again in each step: a full disk
	 * would be written to without pause. batches_tick clears this once a
	 * second. */
	batches->failed = result < 0;
	for (; result == 0 && batches->removing > 0; batches->removing--) {
		batch = TAILQ_FIRST(&batches->ended);
		TAILQ_REMOVE(&batches->ended, batch, entry);
		free(batch);
		batches->kept--;
	}
}

/* batches_new - make a table without batches */
struct batches *
batches_new(void)
{
	struct batches *batches = calloc(1, sizeof(*batches));

	if (batches == NULL)
		return NULL;
	batches->removal = (struct commit_member){.order = COMMIT_DISPATCH,
	    .apply = apply_removal,
	    .done = done_removal};
	table_init(&batches->names);
	TAILQ_INIT(&batches->connections);
	TAILQ_INIT(&batches->ended);
	return batches;
}

/* free_list - free a list of batches */
static void
free_list(struct batch_list *list)
{
	struct batch *batch;

	while ((batch = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, batch, entry);
		free(batch);
	}
}

/* batches_free - free the table with all batches */
void
batches_free(struct batches *batches)
{
	struct connection *connection;

	if (batches == NULL)
		return;
	while ((connection = TAILQ_FIRST(&batches->connections)) != NULL) {
		TAILQ_REMOVE(&batches->connections, connection, entry);
		free_list(&connection->batches);
		free(connection);
	}
	free_list(&batches->ended);
	table_fini(&batches->names);
	free(batches);
}

/* is_queued - tell whether a message is in the queue still, for this link: one
 * that has taken another route keeps its number, and not its name */
static bool
is_queued(struct qmgr *qmgr, uint64_t id, uint32_t link)
{
	struct store_message message;
	int rc;

	if (id == 0)
		return false;
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, &message);
	/* A record that cannot be read is still queued: keep its name. */
	return rc == 0 ? message.link == link : rc != ERR_NOTFOUND;
}

/* put_names - put the names of a batch that was loaded, of messages that are
 * queued */
static void
put_names(
    struct qmgr *qmgr, struct batch *batch, const struct store_batch *stored)
{
	for (unsigned i = 0; i < stored->count; i++) {
		/* An empty name first: the place must exist even if the message
		 * has left. */
		batch_name_add(batch, NULL);
		/* A message that left was settled, and its name must not come
		 * back with a restart. */
		if (!is_queued(qmgr, stored->messages[i], stored->link))
			continue;
		batch->names[i].message = stored->messages[i];
		batch_name_put(qmgr, &batch->names[i]);
	}
}

/* load_batch - load a batch of the store; its slices lie in the scratch
 * arena */
static int
load_batch(struct qmgr *qmgr, const struct store_batch *stored)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	int rc;

	if (batch == NULL)
		return ERR_NOMEM;
	rc = connection_find(
	    qmgr, stored->link, &stored->references, &batch->connection);
	if (rc < 0) {
		free(batch);
		return rc;
	}
	batch->id = stored->id;
	batch->first = stored->first_activity;
	/* Records of older releases have no time. They count as young, so that
	 * an upgrade forgets nothing that the peer may still hold. */
	batch->time =
	    stored->time != 0 ? stored->time : timekeeper_latest(&qmgr->time);
	/* Count one more, so that it does not end before all are put. */
	batch->live++;
	connection_keep(qmgr, batch->connection, batch);
	put_names(qmgr, batch, stored);
	batch->live--;
	connection_shrink(qmgr, batch->connection);
	return 0;
}

/* forget_names - end the names of one link, or of all (NULL), from before a
 * time */
static void
forget_names(
    struct qmgr *qmgr, const struct link *link, int64_t before, const char *why)
{
	struct connection *connection, *next;

	for (connection = TAILQ_FIRST(&qmgr->batches->connections);
	     connection != NULL; connection = next) {
		next = TAILQ_NEXT(connection, entry);
		if (link == NULL || connection->link == link->number)
			connection_forget(qmgr, connection, before, why);
	}
}

/* batches_forget_gone - end the names of links that are not configured any
 * more */
void
batches_forget_gone(struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link->kind == LINK_GONE)
			forget_names(qmgr, link, INT64_MAX, "its link is gone");
}

/* batches_load - load the names that the store has */
int
batches_load(struct qmgr *qmgr, struct diag *diag)
{
	struct store_batch stored = {.id = 0};
	int rc = 0;

	while (rc == 0) {
		arena_reset(&qmgr->arena);
		rc = store_batch_next(
		    qmgr->store, stored.id, &qmgr->arena, &stored);
		if (rc == 0)
			rc = load_batch(qmgr, &stored);
	}
	/* Every record was read; the store ends its list by this error. */
	if (rc == ERR_NOTFOUND) {
		batches_forget_gone(qmgr);
		return 0;
	}
	return diag_set(diag, rc, "batches: %s",
	    rc == ERR_NOMEM ? "no memory" : store_reason(qmgr->store));
}

/* batches_commit - remove those that ended, as there is a transaction */
void
batches_commit(struct qmgr *qmgr)
{
	struct batches *batches = qmgr->batches;

	if (!TAILQ_EMPTY(&batches->ended) && !batches->removal.queued &&
	    !batches->failed)
		commit_add(qmgr, &batches->removal);
}

/* batches_tick - remove, once a second, batches that ended or are too old */
void
batches_tick(struct qmgr *qmgr)
{
	struct batches *batches = qmgr->batches;

	if (batches->pause > 0)
		batches->pause--;
	/* A clock that jumped forward would make every name look too old, and
	 * forgetting one name early means a message sent twice. */
	else if (!timekeeper_doubts(&qmgr->time)) {
		batches->pause = AGE_PAUSE;
		forget_names(qmgr, NULL,
		    clock_wall() - (int64_t)qmgr->conf->mta.duplicate_memory,
		    "its peer has forgotten by now");
	}
	batches->failed = false;
	batches_commit(qmgr);
}

/* is_spare - tell whether a connection has batches, and no association */
static bool
/* A connection in use is never given up: its worker is about to ask by these
 * names. */
is_spare(const struct connection *connection)
{
	return connection->assoc == NULL && !TAILQ_EMPTY(&connection->batches);
}

/*
 * busiest - find the link that has the most spare connections
 *
 * A link that is cut again and again keeps many: the names of another link's
 * messages are not to go for them.
 */
static uint32_t
busiest(struct qmgr *qmgr)
{
	struct connection *connection;
	struct link *link, *most = NULL;

	for (link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		link->spare = 0;
	TAILQ_FOREACH(connection, &qmgr->batches->connections, entry) {
		link = link_get(&qmgr->links, connection->link);
		if (link == NULL || !is_spare(connection))
			continue;
		link->spare++;
		if (most == NULL || link->spare > most->spare)
			most = link;
	}
	return most == NULL ? STORE_LINK_NONE : most->number;
}

/* batches_make_room - give up the oldest of the link that has the most, if
 * there are too many */
void
batches_make_room(struct qmgr *qmgr)
{
	struct connection *connection;
	uint32_t link;

	if (qmgr->batches->kept < KEPT_MAX)
		return;
	link = busiest(qmgr);
	/* The list is in the order in which connections were first used, so the
	 * first one found is the oldest. */
	TAILQ_FOREACH(connection, &qmgr->batches->connections, entry)
		if (is_spare(connection) && connection->link == link)
			break;
	/* A message whose name is given up here may be delivered twice. The
	 * bound of the store leaves no other way; duplicates are rarer than a
	 * queue that stops. */
	if (connection != NULL)
		connection_forget(
		    qmgr, connection, INT64_MAX, "too many are in doubt");
}
