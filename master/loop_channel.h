/* SPDX-License-Identifier: ISC */
/*
 * loop_channel.h - serve an ipc channel in master's event loop
 *
 * Reads when there is something, writes when there is room, and tells its
 * owner of each record and of the end.  The owner may call loop_channel_fini
 * within a callback.
 */
#ifndef FOURPOST_MASTER_LOOP_CHANNEL_H
#define FOURPOST_MASTER_LOOP_CHANNEL_H

#include <event2/event.h>

#include "ipc/channel.h"

struct loop_channel;

/* Takes a record; slices are valid during the call. */
typedef void (*loop_channel_record_fn)(
    struct loop_channel *channel, const struct ipc_record *record);

/* Told that the other side closed (diag is empty) or broke the protocol. */
typedef void (*loop_channel_end_fn)(
    struct loop_channel *channel, const struct diag *diag);

struct loop_channel {
	struct ipc_channel ipc;
	struct event *read_event;
	struct event *write_event;
	loop_channel_record_fn on_record;
	loop_channel_end_fn on_end;
	void *owner;
};

/* loop_channel_init - own a connected socket.  ERR_IO, ERR_NOMEM: fd is closed
 * then, too */
int loop_channel_init(struct loop_channel *channel, struct event_base *base,
    int fd, loop_channel_record_fn on_record, loop_channel_end_fn on_end,
    void *owner) WARN_UNUSED;

/* loop_channel_fini - close a channel */
void loop_channel_fini(struct loop_channel *channel);

/* loop_channel_is_open - tell whether a channel is in use */
bool loop_channel_is_open(const struct loop_channel *channel);

/* loop_channel_send - append a record and write what goes.  Errors are those
 * of ipc_channel_send, and ERR_CLOSED */
int loop_channel_send(
    struct loop_channel *channel, const struct ipc_record *record) WARN_UNUSED;

/* loop_channel_send_fd - append a record and a descriptor, which stays the
 * caller's, and write what goes */
int loop_channel_send_fd(struct loop_channel *channel,
    const struct ipc_record *record, int fd) WARN_UNUSED;

#endif
