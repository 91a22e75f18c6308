/* SPDX-License-Identifier: ISC */
/*
 * client.h - the connections of qmgr, by role
 *
 * Accepted on qmgr's socket: x400in, msmi-in, and what is left of the workers
 * of the qmgr before (taken.h).  Accepted on the control
 * socket: tools.  Made by us: x400out and msmi-out (assoc.h).  Given by
 * master: the channel of its notices.
 *
 * No client is believed for what it says: the first record is judged by greet.h
 * and identity.h before any other is taken.
 *
 * A record that a role may not send, or that is malformed, ends the
 * connection; nothing else.
 */
#ifndef FOURPOST_QMGR_CLIENT_H
#define FOURPOST_QMGR_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/credentials.h"
#include "ipc/channel.h"
#include "qmgr/engine/qmgr.h"

#define CLIENT_NAME_MAX 64
#define CLIENT_WHO_MAX	(CREDENTIALS_NAME_MAX + 24)
#define CLIENTS_MAX	(CONF_WORKERS_MAX + 1024) /* and tools */

/*
 * What may lie before a worker: jobs that wait until they are noted, and the
 * pieces of bodies that it asked for meanwhile, twice over if it began one
 * again (IPC_UNANSWERED_MAX bounds the jobs; dispatch.c).
 */
#define CLIENT_UNREAD_MAX ((size_t)3 * IPC_UNANSWERED_MAX)

/* Connections of tools of one user, and of all users, who are no operators. */
#define CLIENTS_OF_USER_MAX  64
#define CLIENTS_OF_USERS_MAX 512

enum client_side {
	CLIENT_QMGR_SOCKET,
	CLIENT_CONTROL_SOCKET,
	CLIENT_WORKER, /* we connected */
	CLIENT_MASTER
};

struct client {
	TAILQ_ENTRY(client) entry;
	TAILQ_ENTRY(client) dirty_entry;
	struct qmgr *qmgr;
	struct ipc_channel channel;
	struct event *readable, *writable;
	enum client_side side;
	enum ipc_role role;
	char name[CLIENT_NAME_MAX];
	uint32_t instance;
	int64_t pid;
	bool greeted;		   /* its hello was read, and believed */
	struct greeting *greeting; /* its hello waits for master; or NULL */
	uint64_t since;		   /* monotonic ms: connected */
	struct credentials caller; /* control socket: who connected */
	enum ipc_role started_as;  /* by master; of a reporter another */
	bool dirty;
	bool other_closed; /* it was not we who ended the connection */
	bool closing;
	struct assoc *assoc; /* x400out, msmi-out */
	struct ping *ping;   /* of a tool, and of its x400out (ping.h) */
	struct submit_list submits;
	unsigned submit_count;
	uint64_t session;  /* of what it receives, or 0 */
	bool recovered;	   /* that goes on with another, and nothing else */
	uint64_t recovers; /* that one; 0: none, or not known */
	/* what it may begin again of that one; 0: nothing */
	uint64_t anew_session, anew_activity;
	bool two_way;		/* x400in: we may send on it, too */
	bool bound;		/* x400in: its association is open */
	bool took;		/* of a transfer, all or a part to go on with */
	struct link *link;	/* from where it receives */
	struct link *calls_for; /* x400in: counts as a caller (callers.h) */
	uint64_t heard;		/* x400in: monotonic ms, of its peer */
	unsigned waiting;	/* members of the commit that will answer */
	unsigned held; /* of them, those before which nothing is written */
};

/*
 * What the rooms above do for a connection; qmgr->handlers points to it from
 * the start (roles.h).
 */
struct client_handlers {
	/* take a record; what it borrows is valid during the call.  An error
	 * ends the connection, with an event */
	int (*take)(struct client *client, const struct ipc_record *record,
	    struct diag *diag);
	/* give up what the client had under way: its connection has ended, and
	 * why is for the log */
	void (*gone)(struct client *client, const char *why);
	/* go on: the client has read all that was sent to it */
	void (*writable)(struct client *client);
};

/* client_listen - accept connections on fd, which stays the caller's */
int client_listen(struct qmgr *qmgr, int fd, enum client_side side) WARN_UNUSED;

/* client_listen_again - accept again where that had failed; once a second */
void client_listen_again(struct qmgr *qmgr);

/* client_unlisten - accept no more */
void client_unlisten(struct qmgr *qmgr);

/* client_adopt - make a client that owns a connected socket, or NULL, and the
 * socket is closed */
struct client *client_adopt(struct qmgr *qmgr, int fd, enum client_side side);

/* client_connect - connect to a socket of master's where a worker listens, and
 * make a client of it; NULL, and why */
struct client *
client_connect(struct qmgr *qmgr, const char *path, const char **why);

/*
 * client_send - append a record to what is written at the end of the step
 *
 * A client that does not take what it asked for is closed.
 */
void client_send(struct client *client, const struct ipc_record *record);

/* client_drain - take all that a client has said so far, before its step */
void client_drain(struct client *client);

/* client_fail - end the connection for what came on it (rc, or diag if that is
 * set), with an event */
void client_fail(struct client *client, int rc, struct diag *diag);

/* client_who - write which user made a connection to the control socket:
 * "uid 0 (root)" */
void client_who(const struct client *client, char who[CLIENT_WHO_MAX]);

/* client_flush_later - have what lies in its channel written at the end of the
 * step of the loop */
void client_flush_later(struct client *client);

/* client_close - end the connection; what it had under way is given up.  The
 * struct lives until the end of the step */
void client_close(struct client *client, const char *why);

/* clients_flush - write what the step of the loop has to say */
void clients_flush(struct qmgr *qmgr);

/* clients_sweep - free those that were closed, once nobody will answer them */
void clients_sweep(struct qmgr *qmgr);

/* clients_close - close all clients; they are freed once nobody will answer
 * them */
void clients_close(struct qmgr *qmgr);

/* clients_fini - close and free all; nothing waits for a transaction */
void clients_fini(struct qmgr *qmgr);

#endif
