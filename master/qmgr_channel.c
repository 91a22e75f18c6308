/* SPDX-License-Identifier: ISC */
/*
 * qmgr_channel.c - master's side towards qmgr: what it is given and told
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_dump.h"
#include "master/service.h"

#define DUMP_MAX (64 * 1024 * 1024)
#define TOLD_MAX ((size_t)1024 * 1024) /* a start and an end of each slot */

/* lost - a record could not be told; qmgr does not read */
static void
lost(enum ipc_type type, int error)
{
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("record", ipc_type_name(type)),
	    LOG_STRING("reason", error_strerror(error)));
}

/* on_record - qmgr says hello and nothing else */
static void
on_record(struct peer *peer, const struct ipc_record *record)
{
	struct diag diag = {0};

	(void)peer;
	if (ipc_hello_check(record, &diag) != 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("worker", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
}

/* on_end - it is gone; its process will tell why */
static void
on_end(struct peer *peer, const struct diag *diag)
{
	if (diag->code != 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("worker", "qmgr"),
		    LOG_STRING("reason", diag_text(diag)));
	peer_fini(peer);
}

/* make_channel - a pair of sockets: ours in the loop, its for the next qmgr */
static int
make_channel(struct master *master)
{
	struct qmgr_channel *channel = &master->qmgr;
	int fds[2], error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return ERR_IO;
	error = peer_init(
	    &channel->peer, master->base, fds[0], on_record, on_end, channel);
	if (error != 0) {
		(void)close(fds[1]);
		return error;
	}
	channel->child_fd = fds[1];
	channel->peer.channel.out.max = TOLD_MAX;
	error = ipc_channel_hello(
	    &channel->peer.channel, IPC_ROLE_MASTER, "master", 0);
	if (error == 0)
		error = ipc_channel_flush(&channel->peer.channel);
	return error;
}

/* qmgr_channel_init - make the first channel */
int
qmgr_channel_init(struct master *master)
{
	master->qmgr.child_fd = -1;
	return make_channel(master);
}

/* qmgr_channel_fini - close it */
void
qmgr_channel_fini(struct master *master)
{
	struct qmgr_channel *channel = &master->qmgr;

	if (peer_is_open(&channel->peer))
		peer_fini(&channel->peer);
	if (channel->child_fd >= 0)
		(void)close(channel->child_fd);
	channel->child_fd = -1;
}

/* send_or_log - send a record without which qmgr can go on; log it if qmgr
 * does not read */
static void
send_or_log(struct master *master, const struct ipc_record *record)
{
	int error = peer_send(&master->qmgr.peer, record);

	if (error != 0 && error != ERR_CLOSED)
		lost(record->type, error);
}

/* count_at_work - count the workers of a service that somebody has connected to */
static uint32_t
count_at_work(const struct service *service)
{
	const struct child *child;
	uint32_t count = 0;

	TAILQ_FOREACH(child, &service->children, link)
		count +=
		    child->state != CHILD_IDLE && child->state != CHILD_KILLED;
	return count;
}

/* tell_left - tell a new qmgr which workers finish what the qmgr before gave
 * them, so that it gives the same to nobody else meanwhile */
static void
tell_left(struct master *master)
{
	const struct service *service;

	TAILQ_FOREACH(service, &master->services, link) {
		const struct ipc_record record = {.type = IPC_WORKERS_LEFT,
		    .workers_left = {.name = slice_of_string(service->name),
			.count = count_at_work(service)}};

		if ((service->kind == SERVICE_X400OUT ||
			service->kind == SERVICE_MSMI_OUT) &&
		    record.workers_left.count > 0)
			send_or_log(master, &record);
	}
}

/* role_of - what a worker of a service says it is */
static enum ipc_role
role_of(enum service_kind kind)
{
	switch (kind) {
	case SERVICE_QMGR:
		break;
	case SERVICE_X400IN:
		return IPC_ROLE_X400IN;
	case SERVICE_X400OUT:
		return IPC_ROLE_X400OUT;
	case SERVICE_MSMI_IN:
		return IPC_ROLE_MSMI_IN;
	case SERVICE_MSMI_OUT:
		return IPC_ROLE_MSMI_OUT;
	}
	return IPC_ROLE_QMGR;
}

/* qmgr_channel_worker_started - tell who a process is */
int
qmgr_channel_worker_started(struct master *master, const struct child *child)
{
	const struct service *service = child->service;
	const struct ipc_record record = {.type = IPC_WORKER_STARTED,
	    .worker_started = {.pid = child->pid,
		.role = role_of(service->kind),
		.name = slice_of_string(service->key),
		/* As the worker reads it in its own name. */
		.instance =
		    strchr(child->name, '#') != NULL ? child->instance : 0,
		.ticket = slice_of(child->ticket, sizeof(child->ticket))}};
	int error;

	if (service->kind == SERVICE_QMGR)
		return 0;
	error = peer_send(&master->qmgr.peer, &record);
	/* Without a channel there will be a new one, and all are told. */
	return error == ERR_CLOSED ? 0 : error;
}

/* tell_workers - all that there are, to a new qmgr */
static void
tell_workers(struct master *master)
{
	const struct service *service;
	const struct child *child;
	int error = 0;

	TAILQ_FOREACH(service, &master->services, link)
		TAILQ_FOREACH(child, &service->children, link)
			if (error == 0)
				error =
				    qmgr_channel_worker_started(master, child);
	if (error != 0)
		lost(IPC_WORKER_STARTED, error);
}

/* qmgr_channel_is_told - whether all that was told has left us */
bool
qmgr_channel_is_told(const struct master *master)
{
	return !peer_is_open(&master->qmgr.peer) ||
	    ipc_channel_pending(&master->qmgr.peer.channel) == 0;
}

/* qmgr_channel_renew - a qmgr ended: a channel for the next one */
void
qmgr_channel_renew(struct master *master)
{
	int error;

	qmgr_channel_fini(master);
	master->qmgr.renewed = clock_monotonic();
	error = make_channel(master);
	if (error != 0) {
		lost(IPC_HELLO, error);
		return;
	}
	tell_workers(master);
	tell_left(master);
}

/* write_all - octets into a file */
static int
write_all(int fd, struct slice octets)
{
	ssize_t n;

	while (octets.len != 0) {
		n = write(fd, octets.data, octets.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		octets = slice_of(octets.data + n, octets.len - (size_t)n);
	}
	return 0;
}

/* qmgr_channel_configuration - a memfd that holds the configuration in force */
int
qmgr_channel_configuration(const struct conf *conf)
{
	struct buffer text;
	int fd, error;

	buffer_init(&text, DUMP_MAX);
	error = conf_dump(conf, CONF_SECRETS_INLINE, CONF_EXTENT_SET, &text);
	fd = memfd_create("fourpost.conf", MFD_CLOEXEC);
	if (fd < 0 || error != 0 || write_all(fd, buffer_slice(&text)) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		if (fd >= 0)
			(void)close(fd);
		fd = ERR_IO;
	}
	if (text.data != NULL)
		explicit_bzero(text.data, text.capacity);
	buffer_fini(&text);
	return fd;
}

/* qmgr_channel_worker_ended - tell of an end */
void
qmgr_channel_worker_ended(struct master *master, const struct child *child,
    int status, uint64_t item, bool counted, const char *text)
{
	struct ipc_record record = {.type = IPC_WORKER_ENDED,
	    .worker_ended = {.name = slice_of_string(child->name),
		.pid = child->pid,
		.status = status,
		/* Of a worker that was taken over: any number at all. */
		.item = item <= INT64_MAX ? item : 0,
		.counted = counted,
		.text = slice_of_string(text)}};
	int error;

	error = peer_send(&master->qmgr.peer, &record);
	if (error == 0 || error == ERR_CLOSED)
		return;
	/* A qmgr that takes a dead worker for a living one may not go on. */
	lost(record.type, error);
	peer_fini(&master->qmgr.peer);
}

/* qmgr_channel_throttled - tell that a service waits */
void
qmgr_channel_throttled(const struct service *service, int64_t until)
{
	const struct ipc_record record = {.type = IPC_THROTTLED,
	    .throttled = {
		.name = slice_of_string(service->name), .until = until}};

	send_or_log(service->master, &record);
}

/* qmgr_channel_reload - give it a new configuration */
int
qmgr_channel_reload(struct master *master, const struct conf *conf)
{
	const struct ipc_record record = {.type = IPC_RELOAD};
	int fd, error;

	/* One that is not running yet will be started with it. */
	if (master->qmgr.child_fd >= 0)
		return 0;
	fd = qmgr_channel_configuration(conf);
	if (fd < 0)
		return ERR_IO;
	error = peer_send_fd(&master->qmgr.peer, &record, fd);
	(void)close(fd);
	return error == ERR_CLOSED ? 0 : error;
}
