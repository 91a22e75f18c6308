/* SPDX-License-Identifier: ISC */
/*
 * batch_name.h - session connections of ours, and the names of messages by
 * them, in memory
 *
 * Shared by batch.c, batches.c and sequence.c.
 */
#ifndef FOURPOST_QMGR_BATCH_NAME_H
#define FOURPOST_QMGR_BATCH_NAME_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/batches.h"
#include "store/session.h"

/* A session connection: of an association, or one that batches are kept of. */
struct connection {
	TAILQ_ENTRY(connection) entry;
	struct batch_list batches; /* committed, in that order */
	struct assoc *assoc;	   /* NULL: it is gone */
	uint32_t link;
	unsigned users; /* an association, batches */
	struct session_references references;
};

struct batch_name {
	struct table_link link; /* while a message bears it */
	struct batch *batch;
	uint64_t message; /* 0: none, or none any more */
	uint64_t job;	  /* that is to go by it */
};

struct batch {
	struct commit_member member;
	TAILQ_ENTRY(batch) entry; /* of the connection, or of those ended */
	struct connection *connection; /* NULL: ended */
	struct client
	    *client;	/* held back until this is committed, then NULL */
	uint64_t id;	/* 0: it is not in the store */
	uint64_t first; /* activity */
	int64_t time;	/* wall clock ms */
	unsigned count;
	unsigned live;	       /* names that messages bear */
	uint64_t sequence_job; /* 0: no sequence is to be answered */
	struct batch_name names[STORE_BATCH_MAX];
};

/* connection_find - find the connection of this link with these references, or
 * make it; *connection has one user more.  ERR_LIMIT, ERR_NOMEM */
int connection_find(struct qmgr *qmgr, uint32_t link,
    const struct session_references *references,
    struct connection **connection) WARN_UNUSED;

/* connection_leave - count a user of a connection less; the last one's frees
 * it */
void connection_leave(struct qmgr *qmgr, struct connection *connection);

/* connection_keep - keep a batch, which takes its numbers from those before
 * it.  Its names are put then, connection_shrink after that */
void connection_keep(
    struct qmgr *qmgr, struct connection *connection, struct batch *batch);

/* connection_shrink - end the batches whose names are all gone */
void connection_shrink(struct qmgr *qmgr, struct connection *connection);

/* connection_forget - end all names by a connection, of batches written before
 * a time, and log why */
void connection_forget(struct qmgr *qmgr, struct connection *connection,
    int64_t before, const char *why);

/* batch_connect - find the session connection that an association says it is;
 * it has one user more.  ERR_VALUE: none, or another association's; ERR_LIMIT,
 * ERR_NOMEM */
int
batch_connect(struct assoc *assoc, const struct session_references *references,
    struct connection **connection, struct diag *diag) WARN_UNUSED;

/* batch_bind - make an association that of a session connection, from now on */
void batch_bind(struct assoc *assoc, struct connection *connection);

/* batch_new - begin a batch that is committed before the client sees what it
 * is sent from now on, or NULL; the batch joins the next commit */
struct batch *
batch_new(struct client *client, struct connection *connection, uint64_t first);

/* batch_name_add - give the next number to this job's message; NULL: to none
 * that needs it */
void batch_name_add(struct batch *batch, const struct job *job);

/* batch_name_put - have a message bear this name from now on, and no other */
void batch_name_put(struct qmgr *qmgr, struct batch_name *name);

/* batch_name_get - get the name that a message bears, or NULL */
struct batch_name *batch_name_get(const struct qmgr *qmgr, uint64_t message);

/* batch_name_activity - give the number of a name */
uint64_t batch_name_activity(const struct batch_name *name);

/* batch_name_equal - tell whether a message bears this name of a transfer */
bool batch_name_equal(
    const struct batch_name *name, const struct transfer_name *transfer);

#endif
