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

/* connection_find - the one of this link with these references, made if there
 * is none; *connection has one user more.  ERR_LIMIT, ERR_NOMEM */
int connection_find(struct qmgr *qmgr, uint32_t link,
    const struct session_references *references,
    struct connection **connection) WARN_UNUSED;

/* connection_leave - one user less; the last one's frees it */
void connection_leave(struct qmgr *qmgr, struct connection *connection);

/* connection_keep - the connection has this batch: those before it lose the
 * numbers that it takes.  Its names are put then, connection_shrink after
 * that */
void connection_keep(
    struct qmgr *qmgr, struct connection *connection, struct batch *batch);

/* connection_shrink - those batches whose names are all gone have ended */
void connection_shrink(struct qmgr *qmgr, struct connection *connection);

/* connection_forget - all names by it end, of batches written before a time */
void connection_forget(
    struct qmgr *qmgr, struct connection *connection, int64_t before);

/* batch_connect - the session connection that an association says it is; it
 * has one user more.  ERR_VALUE: none, or another association's; ERR_LIMIT,
 * ERR_NOMEM */
int
batch_connect(struct assoc *assoc, const struct session_references *references,
    struct connection **connection, struct diag *diag) WARN_UNUSED;

/* batch_bind - the association is that of this session connection, from now
 * on */
void batch_bind(struct assoc *assoc, struct connection *connection);

/* batch_new - one that is to be committed before peer sees what it is sent
 * from now on, or NULL; it joins the next commit */
struct batch *
batch_new(struct client *client, struct connection *connection, uint64_t first);

/* batch_name_add - the next number is for this job's message; NULL: for none
 * that needs it */
void batch_name_add(struct batch *batch, const struct job *job);

/* batch_name_put - a message bears this name from now on, and no other */
void batch_name_put(struct qmgr *qmgr, struct batch_name *name);

/* batch_name_get - the name that a message bears, or NULL */
struct batch_name *batch_name_get(const struct qmgr *qmgr, uint64_t message);

/* batch_name_activity - its number */
uint64_t batch_name_activity(const struct batch_name *name);

/* batch_name_equal - tell whether a message bears this name of a transfer */
bool batch_name_equal(
    const struct batch_name *name, const struct transfer_name *transfer);

#endif
