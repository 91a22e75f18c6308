/* SPDX-License-Identifier: ISC */
/*
 * assoc.h - an association of a link: a connection to a worker that sends
 *
 * qmgr connects to x400out.LINK or msmi-out.PO once for each association it
 * wants; the worker opens it, says how that went, and then does jobs.  A
 * two-way alternate association that the peer has opened is one too: then the
 * worker is an x400in.
 */
#ifndef FOURPOST_QMGR_ASSOC_H
#define FOURPOST_QMGR_ASSOC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "client/limits.h"
#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/assoc_state.h"

#define ASSOC_JOBS_MAX	 LIMITS_BATCH /* outstanding, a batch */
#define ASSOC_SOCKET_MAX 108

struct assoc {
	TAILQ_ENTRY(assoc) entry; /* of the link */
	struct link *link;
	struct client *client;
	enum assoc_state state;
	bool incoming;	      /* the peer has opened it; two-way alternate */
	bool extra;	      /* out of the common pool */
	bool urgent;	      /* for urgent messages and reports alone */
	bool recovered;	      /* by us: it carried a resumption alone */
	bool routes;	      /* the peer takes routing updates */
	bool awaited;	      /* the peer asked for the turn when released */
	struct job_list jobs; /* in the order they were sent */
	unsigned job_count;
	unsigned finishing;  /* outcomes that are not committed yet */
	uint64_t started;    /* monotonic ms; likewise the recovery */
	uint64_t idle_since; /* monotonic ms */
	uint64_t transferred;
	uint64_t ended_by; /* the message in whose transfer it ended, or 0 */
	struct connection *connection; /* NULL: its jobs bear no names */
	struct batch *batch;	/* not written yet: jobs go in; or NULL */
	uint64_t next_activity; /* of the connection */
	/* Of an app, whose program asks for jobs; see wanted.h. */
	bool asks;
	bool unanswered;	/* what it wants */
	uint64_t wanted, given; /* jobs since it was bound */
	uint64_t wanted_number;
};

/*
 * What the room above does with the jobs of an association; qmgr->jobs points
 * to it from the start (sending.h).
 */
struct assoc_jobs {
	/* note by which session connection it is open.  ERR_LIMIT (a reference
	 * is too long), ERR_VALUE (another association has these), ERR_NOMEM */
	int (*bound)(struct assoc *assoc,
	    const struct session_references *references, struct diag *diag);
	/* tell the worker to leave what it has not begun */
	void (*cancel)(struct assoc *assoc);
	/* take back all of its jobs: it is gone */
	void (*lost)(struct assoc *assoc);
};

/* The use of an association; flags. */
enum assoc_use {
	ASSOC_FIRST = 0, /* of its link: it takes nothing from the pool */
	ASSOC_EXTRA = 1, /* out of the common pool */
	ASSOC_URGENT = 2 /* for urgent messages and reports alone */
};

/* assoc_socket - compose the path where the workers of a link listen.
 * ERR_LIMIT */
int assoc_socket(const struct qmgr *qmgr, const struct link *link,
    char path[ASSOC_SOCKET_MAX]) WARN_UNUSED;

/* assoc_open - connect to a worker of the link; use: of enum assoc_use.  If
 * there is none, that is an open failure of the link */
void assoc_open(struct qmgr *qmgr, struct link *link, unsigned use);

/* assoc_incoming - take up a two-way alternate association that the peer has
 * opened: there is one more for what we have to send, as long as the peer
 * keeps it */
int assoc_incoming(struct client *client, const struct ipc_link_event *event,
    struct diag *diag) WARN_UNUSED;

/* assoc_asked - take up the association of an app: it is given what its program
 * asks for, and says nothing of whether its link can be opened */
int assoc_asked(struct client *client, const struct ipc_link_event *event,
    struct diag *diag) WARN_UNUSED;

/* assoc_proved - note that something was transferred on an association, in
 * either direction */
void assoc_proved(struct assoc *assoc);

/* assoc_released - give no more jobs to an association that the peer lets go */
void assoc_released(struct assoc *assoc);

/* assoc_greeted - note that the worker has said hello; its settings are due.
 * ERR_PROTOCOL */
int assoc_greeted(struct client *client, struct diag *diag) WARN_UNUSED;

/* assoc_link - find the link that a client works for: that of its association,
 * or of its session or ping; NULL: none */
struct link *assoc_link(const struct client *client);

/* assoc_take - take what a worker says of its association */
int assoc_take(struct client *client, const struct ipc_link_event *event,
    struct diag *diag) WARN_UNUSED;

/* assoc_lost - take back the jobs of an association whose connection is gone;
 * frees assoc */
void assoc_lost(struct assoc *assoc, const char *why);

/* assoc_writable - give a worker more, since it has read what was sent to it */
void assoc_writable(struct assoc *assoc);

#endif
