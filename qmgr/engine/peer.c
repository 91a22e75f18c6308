/* SPDX-License-Identifier: ISC */
/*
 * peer.c - the connections of qmgr, by role
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
#include "qmgr/engine/peer.h"

/* Accepted in one go, so that a storm of connections starves nobody. */
#define ACCEPT_BURST 64

/* log_denied - log what a client was refused */
static void
log_denied(const struct peer *peer, const char *reason)
{
	LOG_EVENT(peer->greeted ? EVENT_FALSE_CLAIM : EVENT_STRANGER,
	    LOG_STRING("peer", ipc_role_name(peer->role)),
	    LOG_STRING("name", peer->name),
	    LOG_INT("peer_pid", peer->qmgr->sender(peer)),
	    LOG_STRING("reason", reason));
}

/* peer_fail - end the connection for what came on it, with an event */
void
peer_fail(struct peer *peer, int rc, struct diag *diag)
{
	if (diag->code == 0)
		(void)diag_set(diag, rc, "%s", error_strerror(rc));
	if (diag->code == ERR_DENIED)
		log_denied(peer, diag_text(diag));
	else
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("peer", ipc_role_name(peer->role)),
		    LOG_STRING("name", peer->name),
		    LOG_STRING("reason", diag_text(diag)));
	peer_close(peer, diag_text(diag));
}

/* take_all - every whole record that was read, unless it is to wait */
static void
take_all(struct peer *peer)
{
	struct ipc_record record;
	struct diag diag = {0};
	int rc = 0;

	while (!peer->closing && peer->greeting == NULL) {
		rc = ipc_channel_take(&peer->channel, &record, &diag);
		if (rc <= 0)
			break;
		rc = peer->qmgr->handlers->take(peer, &record, &diag);
		if (rc < 0)
			break;
	}
	if (rc < 0 && !peer->closing)
		peer_fail(peer, rc, &diag);
}

/* on_readable - a peer has said something, or has gone */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;
	int rc;

	(void)fd;
	(void)what;
	if (peer->closing)
		return;
	rc = ipc_channel_fill(&peer->channel);
	/* What came before the end is taken too, and what came while the
	 * peer had to wait. */
	take_all(peer);
	if (rc < 0 && rc != ERR_AGAIN && !peer->closing)
		peer_close(peer, rc == ERR_CLOSED ? "" : error_strerror(rc));
}

/* peer_drain - take all that a peer has said so far */
void
peer_drain(struct peer *peer)
{
	int rc = 0;

	/* Its end is seen by the loop. */
	while (rc == 0 && !peer->closing) {
		rc = ipc_channel_fill(&peer->channel);
		take_all(peer);
	}
}

/* flush - write what the socket takes, wait for room for the rest */
static void
flush(struct peer *peer)
{
	int rc;

	if (peer->closing || peer->held > 0)
		return;
	rc = ipc_channel_flush(&peer->channel);
	if (rc < 0) {
		/* What it sent before it went still counts: it is read. */
		event_active(peer->readable, EV_READ, 0);
		return;
	}
	if (ipc_channel_pending(&peer->channel) > 0)
		event_add(peer->writable, NULL);
}

/* on_writable - there is room again */
static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;

	(void)fd;
	(void)what;
	flush(peer);
	if (!peer->closing)
		peer->qmgr->handlers->writable(peer);
}

/* peer_adopt - a connected socket becomes a peer that owns it, or NULL */
struct peer *
peer_adopt(struct qmgr *qmgr, int fd, enum peer_side side)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL) {
		close(fd);
		return NULL;
	}
	if (ipc_channel_init(&peer->channel, fd) < 0) {
		close(fd);
		free(peer);
		return NULL;
	}
	if (side != PEER_CONTROL_SOCKET)
		peer->channel.out.max = PEER_UNREAD_MAX;
	peer->qmgr = qmgr;
	peer->side = side;
	peer->since = clock_monotonic();
	if (side == PEER_MASTER)
		qmgr->master = peer;
	peer->role = side == PEER_MASTER ? IPC_ROLE_MASTER : IPC_ROLE_TOOL;
	TAILQ_INIT(&peer->submits);
	TAILQ_INSERT_TAIL(&qmgr->peers, peer, entry);
	qmgr->peer_count++;
	peer->readable =
	    event_new(qmgr->base, fd, EV_READ | EV_PERSIST, on_readable, peer);
	peer->writable = event_new(qmgr->base, fd, EV_WRITE, on_writable, peer);
	if (peer->readable == NULL || peer->writable == NULL ||
	    event_add(peer->readable, NULL) < 0) {
		peer_close(peer, "no memory");
		return NULL;
	}
	return peer;
}

/* refuse_all - no descriptors or memory: a listener that stays readable must
 * not make the loop spin */
static void
refuse_all(struct qmgr *qmgr)
{
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "any"),
	    LOG_STRING("reason", strerror(errno)),
	    LOG_INT("connections", qmgr->peer_count));
	for (int i = 0; i < 2; i++)
		if (qmgr->listeners[i] != NULL)
			event_del(qmgr->listeners[i]);
	qmgr->not_listening = true;
}

/* peer_listen_again - after a second, if accepting had failed */
void
peer_listen_again(struct qmgr *qmgr)
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
	enum peer_side side =
	    qmgr->listeners[1] != NULL && event_get_fd(qmgr->listeners[1]) == fd
	    ? PEER_CONTROL_SOCKET
	    : PEER_QMGR_SOCKET;

	(void)what;
	for (int i = 0; i < ACCEPT_BURST; i++) {
		int peer;

		errno = EMFILE;
		peer = qmgr->peer_count >= PEERS_MAX
		    ? -1
		    : accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (peer >= 0)
			(void)peer_adopt(qmgr, peer, side);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED) {
			refuse_all(qmgr);
			return;
		}
	}
}

/* peer_listen - accept connections on fd, which stays the caller's */
int
peer_listen(struct qmgr *qmgr, int fd, enum peer_side side)
{
	struct event **listener =
	    &qmgr->listeners[side == PEER_CONTROL_SOCKET ? 1 : 0];

	if (evutil_make_socket_nonblocking(fd) < 0)
		return ERR_IO;
	*listener = event_new(
	    qmgr->base, fd, EV_READ | EV_PERSIST, on_connection, qmgr);
	if (*listener == NULL || event_add(*listener, NULL) < 0)
		return ERR_NOMEM;
	return 0;
}

/* peer_unlisten - accept no more */
void
peer_unlisten(struct qmgr *qmgr)
{
	for (int i = 0; i < 2; i++) {
		if (qmgr->listeners[i] != NULL)
			event_free(qmgr->listeners[i]);
		qmgr->listeners[i] = NULL;
	}
}

/* peer_flush_later - write what lies in its channel at the end of the turn */
void
peer_flush_later(struct peer *peer)
{
	if (peer->closing || peer->dirty)
		return;
	peer->dirty = true;
	TAILQ_INSERT_TAIL(&peer->qmgr->dirty, peer, dirty_entry);
}

/* peer_send - append a record to what is written at the end of the turn */
void
peer_send(struct peer *peer, const struct ipc_record *record)
{
	if (peer->closing)
		return;
	if (ipc_channel_send(&peer->channel, record) < 0) {
		peer_close(peer, "it does not read");
		return;
	}
	peer_flush_later(peer);
}

/* peer_close - end the connection; what it had under way is given up */
void
peer_close(struct peer *peer, const char *why)
{
	struct qmgr *qmgr = peer->qmgr;

	if (peer->closing)
		return;
	peer->closing = true;
	if (peer->dirty) {
		peer->dirty = false;
		TAILQ_REMOVE(&qmgr->dirty, peer, dirty_entry);
	}
	if (peer->readable != NULL)
		event_free(peer->readable);
	if (peer->writable != NULL)
		event_free(peer->writable);
	peer->readable = NULL;
	peer->writable = NULL;
	if (qmgr->master == peer)
		qmgr->master = NULL;
	TAILQ_REMOVE(&qmgr->peers, peer, entry);
	TAILQ_INSERT_TAIL(&qmgr->closed, peer, entry);
	qmgr->handlers->gone(peer, why);
	if (peer->side == PEER_MASTER)
		qmgr->stopping = true;
}

/* peers_flush - write what the turn has to say */
void
peers_flush(struct qmgr *qmgr)
{
	struct peer *peer;

	while ((peer = TAILQ_FIRST(&qmgr->dirty)) != NULL) {
		TAILQ_REMOVE(&qmgr->dirty, peer, dirty_entry);
		peer->dirty = false;
		flush(peer);
	}
}

/* peers_sweep - free those that were closed, once nobody will answer them */
void
peers_sweep(struct qmgr *qmgr)
{
	struct peer *peer, *next;

	for (peer = TAILQ_FIRST(&qmgr->closed); peer != NULL; peer = next) {
		next = TAILQ_NEXT(peer, entry);
		if (peer->waiting > 0)
			continue;
		TAILQ_REMOVE(&qmgr->closed, peer, entry);
		ipc_channel_fini(&peer->channel);
		free(peer);
		qmgr->peer_count--;
	}
}

/* peers_close - all */
void
peers_close(struct qmgr *qmgr)
{
	struct peer *peer;

	while ((peer = TAILQ_FIRST(&qmgr->peers)) != NULL)
		peer_close(peer, "shutting down");
}

/* peers_fini - close and free all */
void
peers_fini(struct qmgr *qmgr)
{
	struct peer *peer;

	peers_close(qmgr);
	TAILQ_FOREACH(peer, &qmgr->closed, entry)
		peer->waiting = 0;
	peers_sweep(qmgr);
	peer_unlisten(qmgr);
}
