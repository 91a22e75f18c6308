/* SPDX-License-Identifier: ISC */
/*
 * channel.h - records over a local stream socket that does not block
 *
 * A channel owns its descriptor and its two buffers.  It never waits: the
 * event loop of qmgr and master, or the wait function of a worker, tells when
 * the descriptor is ready.  Sending appends; channel_flush writes what the
 * socket takes, many records in one write.
 */
#ifndef FOURPOST_IPC_CHANNEL_H
#define FOURPOST_IPC_CHANNEL_H

#include "ipc/record.h"

struct ipc_channel {
	int fd; /* owned; -1: closed */
	struct buffer in;
	struct buffer out;
	struct arena arena; /* arrays of the record taken last */
	size_t taken;	    /* octets of in that the last record borrows */
	int passed_fd;	    /* descriptor that came along, or -1; owned */
	int send_fd;	    /* descriptor to be passed, or -1; owned */
	size_t send_fd_at;  /* octets of out that go before it */
	int64_t sender;	    /* see ipc_channel_sender */
	bool ended;	    /* the other side has closed */
	bool greedy;	    /* the last read left more to be read */
};

/* ipc_channel_init - own a connected local socket; made non-blocking */
int ipc_channel_init(struct ipc_channel *channel, int fd) WARN_UNUSED;

/* ipc_channel_fini - close it and free what it holds */
void ipc_channel_fini(struct ipc_channel *channel);

/*
 * ipc_channel_connect - connect to the socket at path
 *
 * ERR_CLOSED if nobody listens there, ERR_AGAIN if too many are waiting to
 * be accepted, ERR_LIMIT if the path is too long, ERR_IO.
 */
int
ipc_channel_connect(struct ipc_channel *channel, const char *path) WARN_UNUSED;

/*
 * ipc_channel_connect_known - connect likewise, and have the kernel say which
 * process each octet comes from
 *
 * SO_PASSCRED is set before anybody can answer, so that the other side need
 * not do anything for it.
 */
int ipc_channel_connect_known(
    struct ipc_channel *channel, const char *path) WARN_UNUSED;

/*
 * ipc_channel_sender - get the pid of the one process that everything read so
 * far came from; 0 if nothing was, if the kernel does not say, or if they were
 * several.  For a channel of ipc_channel_connect_known
 */
int64_t ipc_channel_sender(const struct ipc_channel *channel);

/* ipc_channel_forget_sender - stop asking the kernel who sends */
void ipc_channel_forget_sender(struct ipc_channel *channel);

/* ipc_channel_send - append a record.  ERR_LIMIT: more than the other side
 * takes lies unsent */
int ipc_channel_send(
    struct ipc_channel *channel, const struct ipc_record *record) WARN_UNUSED;

/* ipc_channel_send_fd - append a record that a descriptor goes with, and
 * flush; fd stays the caller's.  ERR_BUSY while an earlier one is unsent */
int ipc_channel_send_fd(struct ipc_channel *channel,
    const struct ipc_record *record, int fd) WARN_UNUSED;

/* ipc_channel_take_fd - take the descriptor that came along, owned by the
 * caller, or -1 */
int ipc_channel_take_fd(struct ipc_channel *channel);

/* ipc_channel_pending - count the octets that are not written yet: wait for
 * POLLOUT if not 0 */
size_t ipc_channel_pending(const struct ipc_channel *channel);

/* ipc_channel_flush - write what the socket takes: 0, or ERR_CLOSED, ERR_IO */
int ipc_channel_flush(struct ipc_channel *channel) WARN_UNUSED;

/* ipc_channel_fill - read what is there: 0, or ERR_AGAIN if there was
 * nothing, ERR_CLOSED at the end, ERR_IO */
int ipc_channel_fill(struct ipc_channel *channel) WARN_UNUSED;

/*
 * ipc_channel_take - take the next whole record that was read: 1, 0 if there is
 * none, or what is wrong with it
 *
 * The record's slices are valid until the next take or fill.
 */
int ipc_channel_take(struct ipc_channel *channel, struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* ipc_channel_hello - say who we are */
int ipc_channel_hello(struct ipc_channel *channel, enum ipc_role role,
    const char *name, uint32_t instance) WARN_UNUSED;

/* ipc_channel_introduce - say who we are, with all that hello holds; version
 * and pid are filled in where they are 0 */
int ipc_channel_introduce(
    struct ipc_channel *channel, const struct ipc_hello *hello) WARN_UNUSED;

/* ipc_hello_check - check that the first record is a hello of our version */
int
ipc_hello_check(const struct ipc_record *record, struct diag *diag) WARN_UNUSED;

#endif
