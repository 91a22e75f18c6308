/* SPDX-License-Identifier: ISC */
/*
 * qmgr_channel.c - give and tell qmgr what it has to know
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_dump.h"
#include "master/memory.h"
#include "master/service.h"

#define TOLD_MAX ((size_t)1024 * 1024) /* a start and an end of each slot */

/* log_unsent - log that qmgr does not read and was not told something */
static void
log_unsent(enum ipc_type type, int error)
{
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("record", ipc_type_name(type)),
	    LOG_STRING("reason", error_strerror(error)));
}

/* take_problem - keep the heaviest problem that qmgr knows of */
static void
take_problem(struct qmgr_channel *qmgr, const struct ipc_problem *from)
{
	struct first_problem *problem = &qmgr->problem;

	*problem = (struct first_problem){.count = from->count,
	    .weight = (enum problem_weight)from->weight,
	    .since = from->since};
	(void)snprintf(problem->text, sizeof(problem->text), "%.*s -> %.*s",
	    (int)from->text.len, (const char *)from->text.data,
	    (int)from->command.len, (const char *)from->command.data);
}

/* on_record - check the hello of qmgr, or take a problem or an alarm, it says
 * nothing else */
static void
on_record(struct loop_channel *channel, const struct ipc_record *record)
{
	struct diag diag = {0};

	struct qmgr_channel *qmgr = channel->owner;

	if (record->type == IPC_PROBLEM) {
		take_problem(qmgr, &record->problem);
		return;
	}
	if (record->type == IPC_ALARM) {
		alarm_command_run(qmgr->master, &record->alarm);
		return;
	}
	if (ipc_hello_check(record, &diag) != 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("worker", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
}

/* on_end - close the channel of a qmgr that is gone; its process tells why */
static void
on_end(struct loop_channel *channel, const struct diag *diag)
{
	if (diag->code != 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("worker", "qmgr"),
		    LOG_STRING("reason", diag_text(diag)));
	loop_channel_fini(channel);
}

/* make_channel - make a pair of sockets: ours in the loop, the other for the
 * next qmgr */
static int
make_channel(struct master *master)
{
	struct qmgr_channel *channel = &master->qmgr;
	int fds[2], error;

	channel->master = master;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return ERR_IO;
	error = loop_channel_init(&channel->channel, master->base, fds[0],
	    on_record, on_end, channel);
	if (error != 0) {
		(void)close(fds[1]);
		return error;
	}
	channel->child_fd = fds[1];
	/* The channel takes a start and an end of each slot unread, so that a
	 * qmgr that is busy with its recovery does not count as one that does
	 * not read. */
	channel->channel.ipc.out.max = TOLD_MAX;
	error = ipc_channel_hello(
	    &channel->channel.ipc, IPC_ROLE_MASTER, "master", 0);
	if (error == 0)
		error = ipc_channel_flush(&channel->channel.ipc);
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

	if (loop_channel_is_open(&channel->channel))
		loop_channel_fini(&channel->channel);
	if (channel->child_fd >= 0)
		(void)close(channel->child_fd);
	channel->child_fd = -1;
}

/* send_or_log - send a record without which qmgr can go on; log it if qmgr
 * does not read */
static void
send_or_log(struct master *master, const struct ipc_record *record)
{
	int error = loop_channel_send(&master->qmgr.channel, record);

	if (error != 0 && error != ERR_CLOSED)
		log_unsent(record->type, error);
}

/* count_at_work - count the workers that qmgr has connected to */
static uint32_t
count_at_work(const struct service *service)
{
	const struct child *child;
	uint32_t count = 0;

	TAILQ_FOREACH(child, &service->children, link)
		count += child->state != CHILD_IDLE && !child_is_killed(child);
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
			service->kind == SERVICE_MSMI_OUT ||
			service->kind == SERVICE_APP_OUT ||
			service->kind == SERVICE_MIXER_OUT) &&
		    record.workers_left.count > 0)
			send_or_log(master, &record);
	}
}

/* role_of - return the role that a worker of a service says hello with */
static enum ipc_role
role_of(enum service_kind kind)
{
	switch (kind) {
	case SERVICE_QMGR:
	case SERVICE_CONSOLE:
	case SERVICE_TRACKING_DATABASE:
	case SERVICE_SEARCH:
		break;
	case SERVICE_X400IN:
		return IPC_ROLE_X400IN;
	case SERVICE_X400OUT:
		return IPC_ROLE_X400OUT;
	case SERVICE_MSMI_IN:
		return IPC_ROLE_MSMI_IN;
	case SERVICE_MSMI_OUT:
		return IPC_ROLE_MSMI_OUT;
	case SERVICE_TRACKER:
		return IPC_ROLE_TRACKER;
	case SERVICE_APP_IN:
		return IPC_ROLE_APP_IN;
	case SERVICE_APP_OUT:
		return IPC_ROLE_APP_OUT;
	case SERVICE_APP:
		return IPC_ROLE_APP;
	case SERVICE_MIXER_IN:
		return IPC_ROLE_MIXER_IN;
	case SERVICE_MIXER_OUT:
		return IPC_ROLE_MIXER_OUT;
	case SERVICE_MIXER_MEMORY:
		return IPC_ROLE_MIXER_MEMORY;
	}
	return IPC_ROLE_QMGR;
}

/* qmgr_channel_worker_started - tell who a new process is */
int
qmgr_channel_worker_started(struct master *master, const struct child *child)
{
	const struct service *service = child->service;
	const struct ipc_record record = {.type = IPC_WORKER_STARTED,
	    .worker_started = {.pid = child->pid,
		.role = role_of(service->kind),
		.name = slice_of_string(service->key),
		/* The worker reads its number in its own name, where
		 * only those that are numbered have one. */
		.instance =
		    strchr(child->name, '#') != NULL ? child->instance : 0,
		.ticket = slice_of(child->ticket, sizeof(child->ticket))}};
	int error;

	/* The console asks as a tool does, and proves nothing. */
	if (service->kind == SERVICE_QMGR || service->kind == SERVICE_CONSOLE ||
	    service->kind == SERVICE_TRACKING_DATABASE ||
	    service->kind == SERVICE_SEARCH)
		return 0;
	error = loop_channel_send(&master->qmgr.channel, &record);
	/* The channel is made again for the next qmgr, and then all workers
	 * are told. */
	return error == ERR_CLOSED ? 0 : error;
}

/* tell_workers - tell a new qmgr of all workers */
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
		log_unsent(IPC_WORKER_STARTED, error);
}

/* qmgr_channel_is_told - tell whether all that was said has been read */
bool
qmgr_channel_is_told(const struct master *master)
{
	/* Without a channel nobody is left to tell: the next qmgr learns of all
	 * workers that live. */
	return !loop_channel_is_open(&master->qmgr.channel) ||
	    ipc_channel_pending(&master->qmgr.channel.ipc) == 0;
}

/* qmgr_channel_renew - make a channel for the next qmgr */
void
qmgr_channel_renew(struct master *master)
{
	int error;

	qmgr_channel_fini(master);
	master->qmgr.problem = (struct first_problem){.count = 0};
	master->qmgr.renewed = clock_monotonic();
	error = make_channel(master);
	if (error != 0) {
		log_unsent(IPC_HELLO, error);
		return;
	}
	tell_workers(master);
	tell_left(master);
}

/* dump_all - write the whole configuration as text */
static int
dump_all(const struct conf *conf, struct buffer *out)
{
	return conf_dump(conf, CONF_SECRETS_INLINE, CONF_EXTENT_SET, out);
}

/* qmgr_channel_configuration - write the configuration in force into a memfd */
int
qmgr_channel_configuration(const struct conf *conf)
{
	return memory_configuration(conf, dump_all);
}

/* qmgr_channel_worker_ended - report the end of a worker */
void
qmgr_channel_worker_ended(
    struct master *master, const struct ipc_worker_ended *ended)
{
	const struct ipc_record record = {
	    .type = IPC_WORKER_ENDED, .worker_ended = *ended};
	int error;

	error = loop_channel_send(&master->qmgr.channel, &record);
	if (error == 0 || error == ERR_CLOSED)
		return;
	/* A qmgr that takes a dead worker for a living one may not go on. */
	log_unsent(record.type, error);
	loop_channel_fini(&master->qmgr.channel);
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

/* qmgr_channel_reload - give qmgr a new configuration */
int
qmgr_channel_reload(struct master *master, const struct conf *conf)
{
	const struct ipc_record record = {.type = IPC_RELOAD};
	int fd, error;

	/* A qmgr that is not running yet will be started with it. */
	if (master->qmgr.child_fd >= 0)
		return 0;
	fd = qmgr_channel_configuration(conf);
	if (fd < 0)
		return ERR_IO;
	error = loop_channel_send_fd(&master->qmgr.channel, &record, fd);
	(void)close(fd);
	return error == ERR_CLOSED ? 0 : error;
}
