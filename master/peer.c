/* SPDX-License-Identifier: ISC */
/*
 * peer.c - an ipc channel in master's event loop
 *
 * A write error is not acted upon where it happens: the read event tells of
 * the end, so that callbacks only ever come from the loop.
 */
#include <unistd.h>

#include "master/peer.h"

/* flush - write what goes, and wait for room for the rest */
static void
flush(struct peer *peer)
{
	if (ipc_channel_flush(&peer->channel) == 0 &&
	    ipc_channel_pending(&peer->channel) != 0)
		(void)event_add(peer->write_event, NULL);
}

/* on_writable - there is room */
static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flush(arg);
}

/* on_readable - take all records that are there */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;
	struct ipc_record record;
	struct diag diag = {0};
	int got;

	(void)fd;
	(void)what;
	got = ipc_channel_fill(&peer->channel);
	if (got == ERR_AGAIN)
		return;
	while (got == 0) {
		got = ipc_channel_take(&peer->channel, &record, &diag);
		if (got == 0)
			return;
		if (got < 0)
			break;
		peer->on_record(peer, &record);
		if (!peer_is_open(peer))
			return;
		got = 0;
	}
	peer->on_end(peer, &diag);
}

/* peer_init - own a connected socket */
int
peer_init(struct peer *peer, struct event_base *base, int fd,
    peer_record_fn on_record, peer_end_fn on_end, void *owner)
{
	int error;

	error = ipc_channel_init(&peer->channel, fd);
	if (error != 0) {
		(void)close(fd);
		peer->channel.fd = -1;
		return error;
	}
	peer->on_record = on_record;
	peer->on_end = on_end;
	peer->owner = owner;
	peer->read_event =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_readable, peer);
	peer->write_event = event_new(base, fd, EV_WRITE, on_writable, peer);
	if (peer->read_event == NULL || peer->write_event == NULL ||
	    event_add(peer->read_event, NULL) != 0) {
		peer_fini(peer);
		return ERR_NOMEM;
	}
	return 0;
}

/* peer_fini - close it */
void
peer_fini(struct peer *peer)
{
	if (peer->read_event != NULL)
		event_free(peer->read_event);
	if (peer->write_event != NULL)
		event_free(peer->write_event);
	peer->read_event = peer->write_event = NULL;
	ipc_channel_fini(&peer->channel);
}

/* peer_is_open - between peer_init and peer_fini */
bool
peer_is_open(const struct peer *peer)
{
	return peer->read_event != NULL;
}

/* peer_send - append a record and write what goes */
int
peer_send(struct peer *peer, const struct ipc_record *record)
{
	int error;

	if (!peer_is_open(peer))
		return ERR_CLOSED;
	error = ipc_channel_send(&peer->channel, record);
	flush(peer);
	return error;
}

/* peer_send_fd - the same with a descriptor */
int
peer_send_fd(struct peer *peer, const struct ipc_record *record, int fd)
{
	int error;

	if (!peer_is_open(peer))
		return ERR_CLOSED;
	error = ipc_channel_send_fd(&peer->channel, record, fd);
	flush(peer);
	return error;
}
