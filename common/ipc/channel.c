/* SPDX-License-Identifier: ISC */
/*
 * channel.c - records over a local stream socket that does not block
 *
 * Buffers that grew are given back when they are empty, so that hundreds of
 * idle channels cost little.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ipc/channel.h"

#define READ_SMALL 8192	 /* octets asked for when nothing is known */
#define KEEP_MAX   16384 /* memory that an empty buffer may keep */
#define ARENA_MAX  (8 * 1024 * 1024)
#define PASS_MAX   4 /* descriptors in one message that we look at */

/* trim_buffer - give back the memory of an empty buffer that grew */
static void
trim_buffer(struct buffer *buffer)
{
	size_t max = buffer->max;

	/* Capacity tells which buffers grew: freeing those of the usual size
	 * would cost an allocation for each record. */
	if (buffer_length(buffer) == 0 && buffer->capacity > KEEP_MAX) {
		buffer_fini(buffer);
		buffer_init(buffer, max);
	}
}

/* ipc_channel_init - own a connected local socket; made non-blocking */
int
ipc_channel_init(struct ipc_channel *channel, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return ERR_IO;
	*channel =
	    (struct ipc_channel){.fd = fd, .passed_fd = -1, .send_fd = -1};
	/* A fill stops at one whole record and reads at most one more, so twice
	 * the longest record always has room. */
	buffer_init(&channel->in, 2 * (size_t)IPC_RECORD_MAX);
	buffer_init(&channel->out, IPC_UNANSWERED_MAX);
	arena_init(&channel->arena, ARENA_MAX);
	return 0;
}

/* close_fd - close a descriptor that may be none */
static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* ipc_channel_fini - close it and free what it holds */
void
ipc_channel_fini(struct ipc_channel *channel)
{
	close_fd(&channel->fd);
	close_fd(&channel->passed_fd);
	close_fd(&channel->send_fd);
	buffer_fini(&channel->in);
	buffer_fini(&channel->out);
	arena_fini(&channel->arena);
	channel->taken = 0;
	channel->ended = true;
}

/* connect_to - connect to the socket at path; known: as the header says */
static int
connect_to(struct ipc_channel *channel, const char *path, int known)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error, saved;

	if (strlen(path) >= sizeof(address.sun_path))
		return ERR_LIMIT;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_IO;
	error = 0;
	/* The option must be set before connect(): the kernel notes the sender
	 * with each octet from the start, or not at all. */
	if (known != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &known, sizeof(known)) != 0)
		error = ERR_IO;
	else if (connect(fd, (struct sockaddr *)&address, sizeof(address)) !=
	    0) {
		/* A full backlog is no absence: the other side lives and has
		 * not come to accept yet. */
		if (errno == EAGAIN)
			error = ERR_AGAIN;
		else if (errno == ECONNREFUSED || errno == ENOENT)
			error = ERR_CLOSED;
		else
			error = ERR_IO;
	}
	if (error == 0)
		error = ipc_channel_init(channel, fd);
	if (error != 0) {
		saved = errno;
		(void)close(fd);
		errno = saved;
	}
	return error;
}

/* ipc_channel_connect - connect to the socket at path */
int
ipc_channel_connect(struct ipc_channel *channel, const char *path)
{
	return connect_to(channel, path, 0);
}

/* ipc_channel_connect_known - connect, and learn who answers */
int
ipc_channel_connect_known(struct ipc_channel *channel, const char *path)
{
	return connect_to(channel, path, 1);
}

/* ipc_channel_sender - get the pid of the one process */
int64_t
ipc_channel_sender(const struct ipc_channel *channel)
{
	return channel->sender > 0 ? channel->sender : 0;
}

/* ipc_channel_forget_sender - stop asking the kernel who sends */
void
ipc_channel_forget_sender(struct ipc_channel *channel)
{
	const int off = 0;

	(void)setsockopt(
	    channel->fd, SOL_SOCKET, SO_PASSCRED, &off, sizeof(off));
}

/* ipc_channel_send - append a record */
int
ipc_channel_send(struct ipc_channel *channel, const struct ipc_record *record)
{
	return ipc_record_encode(record, &channel->out);
}

/* ipc_channel_send_fd - append a record that a descriptor goes with */
int
ipc_channel_send_fd(
    struct ipc_channel *channel, const struct ipc_record *record, int fd)
{
	size_t before = buffer_length(&channel->out);
	int copy, error;

	if (channel->send_fd >= 0)
		return ERR_BUSY;
	/* The caller may close its own before the record is written. */
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return ERR_IO;
	error = ipc_channel_send(channel, record);
	if (error != 0) {
		(void)close(copy);
		return error;
	}
	channel->send_fd = copy;
	channel->send_fd_at = before;
	error = ipc_channel_flush(channel);
	return error;
}

/* ipc_channel_take_fd - take the descriptor that came along, or -1 */
int
ipc_channel_take_fd(struct ipc_channel *channel)
{
	int fd = channel->passed_fd;

	channel->passed_fd = -1;
	return fd;
}

/* ipc_channel_pending - count the octets that are not written yet */
size_t
ipc_channel_pending(const struct ipc_channel *channel)
{
	return buffer_length(&channel->out);
}

/* send_some - write len octets, with the descriptor if it is its turn */
static ssize_t
send_some(struct ipc_channel *channel, const uint8_t *data, size_t len)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	/* sendmsg takes what is not const, and does not change it. */
	struct iovec iov = {.iov_len = len};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cmsg;
	ssize_t n;

	memcpy(&iov.iov_base, &data, sizeof(data));
	if (channel->send_fd >= 0 && channel->send_fd_at == 0) {
		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.space);
		cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &channel->send_fd, sizeof(int));
	}
	do
		n = sendmsg(channel->fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	/* The kernel hands the descriptor over with the first octet of the
	 * message, even if only a part of the message was taken. */
	if (n > 0 && message.msg_control != NULL)
		close_fd(&channel->send_fd);
	return n;
}

/* ipc_channel_flush - write what the socket takes */
int
ipc_channel_flush(struct ipc_channel *channel)
{
	struct slice rest;
	size_t len;
	ssize_t n;

	if (channel->fd < 0)
		return ERR_CLOSED;
	while (buffer_length(&channel->out) != 0) {
		rest = buffer_slice(&channel->out);
		len = rest.len;
		/* The descriptor goes with its record, not before. */
		if (channel->send_fd >= 0 && channel->send_fd_at != 0 &&
		    channel->send_fd_at < len)
			len = channel->send_fd_at;
		n = send_some(channel, rest.data, len);
		/* A socket that is full is no error: the rest waits in the
		 * buffer for the next flush. */
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return 0;
		if (n < 0)
			return errno == EPIPE || errno == ECONNRESET
			    ? ERR_CLOSED
			    : ERR_IO;
		if (channel->send_fd >= 0)
			channel->send_fd_at -= (size_t)n;
		buffer_consume(&channel->out, (size_t)n);
	}
	trim_buffer(&channel->out);
	return 0;
}

/* keep_sender - note who sent what was just read; -1 when they are several */
static void
keep_sender(struct ipc_channel *channel, const struct cmsghdr *cmsg)
{
	struct ucred from;

	memcpy(&from, CMSG_DATA(cmsg), sizeof(from));
	if (channel->sender == 0)
		channel->sender = from.pid;
	/* A descriptor of the socket may have been given away: a second sender
	 * means that no single process answers for what was read. */
	if (channel->sender != from.pid || from.pid <= 0)
		channel->sender = -1;
}

/* keep_fds - keep the last descriptor that came along, close any other */
static void
keep_fds(struct ipc_channel *channel, const struct cmsghdr *cmsg)
{
	size_t count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	for (size_t i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
		/* A peer that sends descriptors nobody asked for must not fill
		 * our table. */
		close_fd(&channel->passed_fd);
		channel->passed_fd = fd;
	}
}

/* keep_control - keep what the kernel handed over beside the octets */
static void
keep_control(struct ipc_channel *channel, struct msghdr *message)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(message); cmsg != NULL;
	     cmsg = CMSG_NXTHDR(message, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		if (cmsg->cmsg_type == SCM_RIGHTS)
			keep_fds(channel, cmsg);
		else if (cmsg->cmsg_type == SCM_CREDENTIALS)
			keep_sender(channel, cmsg);
	}
}

/* drop_taken - drop the record that was taken last */
static void
drop_taken(struct ipc_channel *channel)
{
	if (channel->taken == 0)
		return;
	buffer_consume(&channel->in, channel->taken);
	channel->taken = 0;
	arena_reset(&channel->arena);
	trim_buffer(&channel->in);
}

/* ipc_channel_fill - read what is there */
int
ipc_channel_fill(struct ipc_channel *channel)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(PASS_MAX * sizeof(int)) +
		    CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov;
	struct msghdr message = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control.space)};
	uint8_t *room;
	size_t want;
	ssize_t n;
	int error;

	if (channel->fd < 0 || channel->ended)
		return ERR_CLOSED;
	/* The room of the record that was taken last is needed now; its slices
	 * point into the buffer and die here. */
	drop_taken(channel);
	/* So much holds a whole record: it must be taken first. */
	if (buffer_length(&channel->in) >= IPC_RECORD_MAX)
		return 0;
	want = channel->greedy ? IPC_RECORD_MAX : READ_SMALL;
	error = buffer_reserve(&channel->in, want, &room);
	if (error != 0)
		return error;
	iov = (struct iovec){.iov_base = room, .iov_len = want};
	do
		n = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return ERR_AGAIN;
	/* A reset is what is seen when the other side ends with octets of ours
	 * unread; for the reader it is an end like any other. */
	if (n < 0 && errno != ECONNRESET)
		return ERR_IO;
	if (n <= 0) {
		channel->ended = true;
		return ERR_CLOSED;
	}
	keep_control(channel, &message);
	buffer_commit(&channel->in, (size_t)n);
	/* A read that filled all it asked for suggests that more is there, such
	 * as a body; the next read then asks for a whole record at once. */
	channel->greedy = (size_t)n == want;
	return 0;
}

/* ipc_channel_take - take the next whole record that was read */
int
ipc_channel_take(
    struct ipc_channel *channel, struct ipc_record *record, struct diag *diag)
{
	size_t used = 0;
	int error;

	drop_taken(channel);
	error = ipc_record_decode(
	    buffer_slice(&channel->in), &channel->arena, record, &used, diag);
	if (error == ERR_AGAIN)
		return 0;
	if (error != 0)
		return error;
	channel->taken = used;
	return 1;
}

/* ipc_channel_introduce - say who we are, with all that hello holds */
int
ipc_channel_introduce(
    struct ipc_channel *channel, const struct ipc_hello *hello)
{
	struct ipc_record record = {.type = IPC_HELLO, .hello = *hello};

	if (record.hello.version == 0)
		record.hello.version = IPC_VERSION;
	if (record.hello.pid == 0)
		record.hello.pid = getpid();
	return ipc_channel_send(channel, &record);
}

/* ipc_channel_hello - say who we are */
int
ipc_channel_hello(struct ipc_channel *channel, enum ipc_role role,
    const char *name, uint32_t instance)
{
	const struct ipc_hello hello = {
	    .role = role, .name = slice_of_string(name), .instance = instance};

	return ipc_channel_introduce(channel, &hello);
}

/* ipc_hello_check - check that the first record is a hello of our version */
int
ipc_hello_check(const struct ipc_record *record, struct diag *diag)
{
	if (record->type != IPC_HELLO)
		return diag_set(diag, ERR_PROTOCOL, "%s instead of hello",
		    ipc_type_name(record->type));
	if (record->hello.version != IPC_VERSION)
		return diag_set(diag, ERR_UNSUPPORTED,
		    "version %u of the protocol between processes, ours is %d",
		    record->hello.version, IPC_VERSION);
	return 0;
}
