/* SPDX-License-Identifier: ISC */
/*
 * peer.h - an ipc channel in master's event loop
 *
 * Reads when there is something, writes when there is room, and tells its
 * owner of each record and of the end.  The owner may call peer_fini within
 * a callback.
 */
#ifndef FOURPOST_MASTER_PEER_H
#define FOURPOST_MASTER_PEER_H

#include <event2/event.h>

#include "ipc/channel.h"

struct peer;

/* A record came; slices are valid during the call. */
typedef void (*peer_record_fn)(
    struct peer *peer, const struct ipc_record *record);

/* The other side closed (diag is empty) or broke the protocol. */
typedef void (*peer_end_fn)(struct peer *peer, const struct diag *diag);

struct peer {
	struct ipc_channel channel;
	struct event *read_event;
	struct event *write_event;
	peer_record_fn on_record;
	peer_end_fn on_end;
	void *owner;
};

/* peer_init - own a connected socket.  ERR_IO, ERR_NOMEM; fd is closed then */
int peer_init(struct peer *peer, struct event_base *base, int fd,
    peer_record_fn on_record, peer_end_fn on_end, void *owner) WARN_UNUSED;

/* peer_fini - close it */
void peer_fini(struct peer *peer);

/* peer_is_open - between peer_init and peer_fini */
bool peer_is_open(const struct peer *peer);

/* peer_send - append a record and write what goes.  As ipc_channel_send */
int peer_send(struct peer *peer, const struct ipc_record *record) WARN_UNUSED;

/* peer_send_fd - the same with a descriptor, which stays the caller's */
int peer_send_fd(
    struct peer *peer, const struct ipc_record *record, int fd) WARN_UNUSED;

#endif
