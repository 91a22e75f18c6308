/* SPDX-License-Identifier: ISC */
/*
 * loop_channel.c - serve an ipc channel in master's event loop
 *
 * A write error is not acted upon where it happens: the read event tells of
 * the end, so that callbacks only ever come from the loop.
 */
#include <unistd.h>

#include "master/loop_channel.h"

/* flush - write what goes, and wait for room for the rest */
static void
flush(struct loop_channel *channel)
{
	if (ipc_channel_flush(&channel->ipc) == 0 &&
	    ipc_channel_pending(&channel->ipc) != 0)
		(void)event_add(channel->write_event, NULL);
}

/* on_writable - write the rest when there is room */
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
	struct loop_channel *channel = arg;
	struct ipc_record record;
	struct diag diag = {0};
	int got;

	(void)fd;
	(void)what;
	got = ipc_channel_fill(&channel->ipc);
	if (got == ERR_AGAIN)
		return;
	while (got == 0) {
		got = ipc_channel_take(&channel->ipc, &record, &diag);
		if (got == 0)
			return;
		if (got < 0)
			break;
		channel->on_record(channel, &record);
		/* The callback may have closed the channel, and the record lay
		 * in its buffer: nothing of it may be touched then. */
		if (!loop_channel_is_open(channel))
			return;
		got = 0;
	}
	channel->on_end(channel, &diag);
}

/* loop_channel_init - own a connected socket */
int
loop_channel_init(struct loop_channel *channel, struct event_base *base, int fd,
    loop_channel_record_fn on_record, loop_channel_end_fn on_end, void *owner)
{
	int error;

	error = ipc_channel_init(&channel->ipc, fd);
	if (error != 0) {
		(void)close(fd);
		channel->ipc.fd = -1;
		return error;
	}
	channel->on_record = on_record;
	channel->on_end = on_end;
	channel->owner = owner;
	channel->read_event =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_readable, channel);
	channel->write_event =
	    event_new(base, fd, EV_WRITE, on_writable, channel);
	if (channel->read_event == NULL || channel->write_event == NULL ||
	    event_add(channel->read_event, NULL) != 0) {
		loop_channel_fini(channel);
		return ERR_NOMEM;
	}
	return 0;
}

/* loop_channel_fini - close a channel */
void
loop_channel_fini(struct loop_channel *channel)
{
	if (channel->read_event != NULL)
		event_free(channel->read_event);
	if (channel->write_event != NULL)
		event_free(channel->write_event);
	channel->read_event = channel->write_event = NULL;
	ipc_channel_fini(&channel->ipc);
}

/* loop_channel_is_open - tell whether a channel is in use */
bool
loop_channel_is_open(const struct loop_channel *channel)
{
	return channel->read_event != NULL;
}

/* loop_channel_send - append a record and write what goes */
int
loop_channel_send(struct loop_channel *channel, const struct ipc_record *record)
{
	int error;

	if (!loop_channel_is_open(channel))
		return ERR_CLOSED;
	error = ipc_channel_send(&channel->ipc, record);
	flush(channel);
	return error;
}

/* loop_channel_send_fd - append a record and a descriptor, write what goes */
int
loop_channel_send_fd(
    struct loop_channel *channel, const struct ipc_record *record, int fd)
{
	int error;

	if (!loop_channel_is_open(channel))
		return ERR_CLOSED;
	error = ipc_channel_send_fd(&channel->ipc, record, fd);
	flush(channel);
	return error;
}
