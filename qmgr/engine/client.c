/* SPDX-License-Identifier: ISC */
/*
 * client.c - the connections of qmgr, by role
 */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_access.h"
#include "qmgr/engine/client.h"

/* Accepted in one go, so that a storm of connections starves nobody. */
#define ACCEPT_BURST 64

/* log_denied - log what a client was refused */
static void
log_denied(const struct client *client, const char *reason)
{
	/* A client that has said who it is made a false claim; before that it
	 * is only a stranger. The two have events of their own, since the first
	 * means that a worker is out of control. */
	LOG_EVENT(client->greeted ? EVENT_FALSE_CLAIM : EVENT_STRANGER,
	    LOG_STRING("peer", ipc_role_name(client->role)),
	    LOG_STRING("name", client->name),
	    LOG_INT("peer_pid", client->qmgr->sender(client)),
	    LOG_STRING("reason", reason));
}

/* client_fail - end the connection for what came on it, with an event */
void
client_fail(struct client *client, int rc, struct diag *diag)
{
	/* A handler that returned an error without words gets at least the
	 * error's own text. */
	if (diag->code == 0)
		(void)diag_set(diag, rc, "%s", error_strerror(rc));
	if (diag->code == ERR_DENIED)
		log_denied(client, diag_text(diag));
	else
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("peer", ipc_role_name(client->role)),
		    LOG_STRING("name", client->name),
		    LOG_STRING("reason", diag_text(diag)));
	client_close(client, diag_text(diag));
}

/* client_who - write which user made the connection of a client */
void
client_who(const struct client *client, char who[CLIENT_WHO_MAX])
{
	char name[CREDENTIALS_NAME_MAX];

	(void)credentials_name(&client->caller, name);
	if (name[0] == '\0')
		snprintf(who, CLIENT_WHO_MAX, "uid %u", client->caller.uid);
	else
		snprintf(who, CLIENT_WHO_MAX, "uid %u (%s)", client->caller.uid,
		    name);
}

/* take_all - take every whole record that was read, unless the client has to
 * wait */
static void
take_all(struct client *client)
{
	struct ipc_record record;
	struct diag diag = {0};
	int rc = 0;

	/* A client that waits for its greeting to be committed must not be
	 * heard: its next record may need what the commit decides. */
	while (!client->closing && client->greeting == NULL) {
		rc = ipc_channel_take(&client->channel, &record, &diag);
		/* Nothing whole is left, or the record is not one of ours. */
		if (rc <= 0)
			break;
		rc = client->qmgr->handlers->take(client, &record, &diag);
		if (rc < 0)
			break;
	}
	/* The handler may have closed the client already, with a better reason
	 * than this. */
	if (rc < 0 && !client->closing)
		client_fail(client, rc, &diag);
}

/* on_readable - read what a client has said, or that it has gone */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	int rc;

	(void)fd;
	(void)what;
	if (client->closing)
		return;
	rc = ipc_channel_fill(&client->channel);
	/* Records that came before the end are taken too, and those that
	 * came while the client had to wait. */
	take_all(client);
	if (rc < 0 && rc != ERR_AGAIN && !client->closing) {
		client->other_closed = rc == ERR_CLOSED;
		client_close(
		    client, rc == ERR_CLOSED ? "" : error_strerror(rc));
	}
}

/* client_drain - take all that a client has said so far */
void
client_drain(struct client *client)
{
	int rc = 0;

	/* The loop sees the end of the connection. */
	while (rc == 0 && !client->closing) {
		rc = ipc_channel_fill(&client->channel);
		take_all(client);
	}
}

/* flush_client - write what the socket takes, wait for room for the rest */
static void
flush_client(struct client *client)
{
	int rc;

	/* Records wait in the channel until the commit that they depend on is
	 * on disk. */
	if (client->closing || client->held > 0)
		return;
	rc = ipc_channel_flush(&client->channel);
	if (rc < 0) {
		/* Records that were sent before it went still count. */
		event_active(client->readable, EV_READ, 0);
		return;
	}
	if (ipc_channel_pending(&client->channel) > 0)
		event_add(client->writable, NULL);
}

/* on_writable - write more to a client whose socket has room again */
static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;

	(void)fd;
	(void)what;
	flush_client(client);
	if (!client->closing)
		client->qmgr->handlers->writable(client);
}

/* has_place - tell whether a caller, among the clients, may have so many
 * connections: a user who is not an operator has few, so that nobody takes all
 * that there are */
static bool
has_place(const struct qmgr *qmgr, const struct credentials *caller)
{
	const struct client *client;
	unsigned same = 0, all = 0;

	if (conf_access_allows(qmgr->conf, caller, CONF_ACCESS_CHANGE))
		return true;
	TAILQ_FOREACH(client, &qmgr->clients, entry) {
		if (client->side != CLIENT_CONTROL_SOCKET ||
		    conf_access_allows(
			qmgr->conf, &client->caller, CONF_ACCESS_CHANGE))
			continue;
		all++;
		same += client->caller.uid == caller->uid;
	}
	return same <= CLIENTS_OF_USER_MAX && all <= CLIENTS_OF_USERS_MAX;
}

/* client_adopt - make a client of a connected socket */
struct client *
client_adopt(struct qmgr *qmgr, int fd, enum client_side side)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		close(fd);
		return NULL;
	}
	if (ipc_channel_init(&client->channel, fd) < 0) {
		/* The connection only ends; the worker tries again, and master
		 * notices if it never succeeds. */
		close(fd);
		free(client);
		return NULL;
	}
	/* A worker that does not read would make this process hold its answers
	 * without bound. The control socket is exempt: an administrator's
	 * answer may be a long list. */
	if (side != CLIENT_CONTROL_SOCKET)
		client->channel.out.max = CLIENT_UNREAD_MAX;
	client->qmgr = qmgr;
	client->side = side;
	client->since = clock_monotonic();
	if (side == CLIENT_MASTER)
		qmgr->master = client;
	/* Roles are claimed by the first record; until then the least is
	 * believed. */
	client->role = side == CLIENT_MASTER ? IPC_ROLE_MASTER : IPC_ROLE_TOOL;
	TAILQ_INIT(&client->submits);
	TAILQ_INSERT_TAIL(&qmgr->clients, client, entry);
	qmgr->client_count++;
	client->readable = event_new(
	    qmgr->base, fd, EV_READ | EV_PERSIST, on_readable, client);
	client->writable =
	    event_new(qmgr->base, fd, EV_WRITE, on_writable, client);
	if (client->readable == NULL || client->writable == NULL ||
	    event_add(client->readable, NULL) < 0) {
		client_close(client, "no memory");
		return NULL;
	}
	if (side == CLIENT_CONTROL_SOCKET &&
	    (credentials_get(fd, &client->caller) < 0 ||
		!has_place(qmgr, &client->caller))) {
		client_close(client, "too many connections of this user");
		return NULL;
	}
	return client;
}

/* client_connect - connect to a socket of master's where a worker listens */
struct client *
client_connect(struct qmgr *qmgr, const char *path, const char **why)
{
	struct ipc_channel channel;
	struct client *client;
	int fd, rc = ipc_channel_connect_known(&channel, path);

	if (rc < 0) {
		*why = error_strerror(rc);
		return NULL;
	}
	/* The descriptor goes on in the client's channel; freeing this one must
	 * not close it. */
	fd = channel.fd;
	channel.fd = -1;
	ipc_channel_fini(&channel);
	client = client_adopt(qmgr, fd, CLIENT_WORKER);
	if (client == NULL)
		*why = "no memory";
	return client;
}

/* refuse_all - stop to accept: with a listener that stays readable the loop
 * would spin */
static void
refuse_all(struct qmgr *qmgr)
{
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "any"),
	    LOG_STRING("reason", strerror(errno)),
	    LOG_INT("connections", qmgr->client_count));
	for (int i = 0; i < 2; i++)
		if (qmgr->listeners[i] != NULL)
			event_del(qmgr->listeners[i]);
	qmgr->not_listening = true;
}

/* client_listen_again - accept again, a second after that had failed */
void
client_listen_again(struct qmgr *qmgr)
{
	if (!qmgr->not_listening)
		return;
	qmgr->not_listening = false;
	for (int i = 0; i < 2; i++)
		if (qmgr->listeners[i] != NULL &&
		    event_add(qmgr->listeners[i], NULL) < 0)
			qmgr->not_listening = true;
}

/* on_connection - accept what waits on one of our listening sockets */
static void
on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct qmgr *qmgr = arg;
	enum client_side side =
	    qmgr->listeners[1] != NULL && event_get_fd(qmgr->listeners[1]) == fd
	    ? CLIENT_CONTROL_SOCKET
	    : CLIENT_QMGR_SOCKET;

	(void)what;
	for (int i = 0; i < ACCEPT_BURST; i++) {
		/* Counted against the limit as a lack of descriptors, so that
		 * both end the same way: refuse_all, and another try in a
		 * second. */
		int client;

		errno = EMFILE;
		client = qmgr->client_count >= CLIENTS_MAX
		    ? -1
		    : accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client >= 0)
			(void)client_adopt(qmgr, client, side);
		else if (errno == EAGAIN)
			return;
		/* The connection gave up before it was accepted; the others in
		 * line have not. */
		else if (errno != EINTR && errno != ECONNABORTED) {
			refuse_all(qmgr);
			return;
		}
	}
}

/* client_listen - accept connections on fd, which stays the caller's */
int
client_listen(struct qmgr *qmgr, int fd, enum client_side side)
{
	struct event **listener =
	    &qmgr->listeners[side == CLIENT_CONTROL_SOCKET ? 1 : 0];

	/* An accept that blocks would stop the whole queue manager: the
	 * connection may be gone by the time it is accepted. */
	if (evutil_make_socket_nonblocking(fd) < 0)
		return ERR_IO;
	*listener = event_new(
	    qmgr->base, fd, EV_READ | EV_PERSIST, on_connection, qmgr);
	if (*listener == NULL || event_add(*listener, NULL) < 0)
		return ERR_NOMEM;
	return 0;
}

/* client_unlisten - accept no more */
void
client_unlisten(struct qmgr *qmgr)
{
	for (int i = 0; i < 2; i++) {
		if (qmgr->listeners[i] != NULL)
			event_free(qmgr->listeners[i]);
		qmgr->listeners[i] = NULL;
	}
}

/* client_flush_later - write what lies in its channel at the end of the step */
void
client_flush_later(struct client *client)
{
	if (client->closing || client->dirty)
		return;
	client->dirty = true;
	TAILQ_INSERT_TAIL(&client->qmgr->dirty, client, dirty_entry);
}

/* client_send - append a record to what is written at the end of the step */
void
client_send(struct client *client, const struct ipc_record *record)
{
	if (client->closing)
		return;
	if (ipc_channel_send(&client->channel, record) < 0) {
		/* The reader is stuck. Dropping single records would leave it
		 * with a wrong picture; without a connection it begins anew. */
		client_close(client, "it does not read");
		return;
	}
	client_flush_later(client);
}

/* client_close - end the connection; what it had under way is given up */
void
client_close(struct client *client, const char *why)
{
	struct qmgr *qmgr = client->qmgr;

	if (client->closing)
		return;
	client->closing = true;
	/* No flush may touch the channel after this: it is freed with the
	 * client. */
	if (client->dirty) {
		client->dirty = false;
		TAILQ_REMOVE(&qmgr->dirty, client, dirty_entry);
	}
	if (client->readable != NULL)
		event_free(client->readable);
	if (client->writable != NULL)
		event_free(client->writable);
	client->readable = NULL;
	client->writable = NULL;
	if (qmgr->master == client)
		qmgr->master = NULL;
	/* To the list of closed ones, not freed: whoever called may still use
	 * the client, and members of a commit point at it. */
	TAILQ_REMOVE(&qmgr->clients, client, entry);
	TAILQ_INSERT_TAIL(&qmgr->closed, client, entry);
	qmgr->handlers->gone(client, why);
	if (client->side == CLIENT_MASTER)
		/* A queue manager without master would serve on under nobody's
		 * control while the next master starts another one. */
		qmgr->stopping = true;
}

/* clients_flush - write what the step of the loop has to say */
void
clients_flush(struct qmgr *qmgr)
{
	struct client *client;

	/* Flushing may close a client, and that may give others something to
	 * say, so the head is read anew each time. */
	while ((client = TAILQ_FIRST(&qmgr->dirty)) != NULL) {
		TAILQ_REMOVE(&qmgr->dirty, client, dirty_entry);
		client->dirty = false;
		flush_client(client);
	}
}

/* clients_sweep - free those that were closed, once nobody will answer them */
void
clients_sweep(struct qmgr *qmgr)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(&qmgr->closed); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, entry);
		/* A member of a running commit will still look at this client
		 * when it is done. */
		if (client->waiting > 0)
			continue;
		TAILQ_REMOVE(&qmgr->closed, client, entry);
		ipc_channel_fini(&client->channel);
		credentials_fini(&client->caller);
		free(client);
		qmgr->client_count--;
	}
}

/* clients_close - close all clients */
void
clients_close(struct qmgr *qmgr)
{
	struct client *client;

	while ((client = TAILQ_FIRST(&qmgr->clients)) != NULL)
		client_close(client, "shutting down");
}

/* clients_fini - close and free all */
void
clients_fini(struct qmgr *qmgr)
{
	struct client *client;

	clients_close(qmgr);
	TAILQ_FOREACH(client, &qmgr->closed, entry)
		/* The process ends: nobody will be told any more, and memory of
		 * members is freed by their owners. */
		client->waiting = 0;
	clients_sweep(qmgr);
	client_unlisten(qmgr);
}
