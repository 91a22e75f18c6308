/* SPDX-License-Identifier: ISC */
/*
 * master.c - master, as the queue manager sees it
 */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/sim/life.h"
#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/owned.h"
#include "tests/sim/side.h"
#include "tests/sim/fake_out.h"
#include "tests/sim/world.h"

static int sockets[LINKS]; /* where each link's workers are waited for */
static int watch;	   /* for connections there */
static int qmgr_socket, control_socket;
static struct ipc_channel channel;
static int64_t last_pid = 10000;
static uint64_t blamed; /* of the end that is told next */
static bool reload_again;

/* listen_at - listen on a local socket */
static int
listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = owned_keep(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));

	snprintf(address.sun_path, sizeof(address.sun_path), "%.60s/%.40s",
	    world_directory(), name);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 64) != 0)
		sim_fail("cannot listen at %s", address.sun_path);
	return fd;
}

/* master_init - listen where workers are waited for */
void
master_init(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	char name[40];

	watch = owned_keep(epoll_create1(0));
	for (unsigned i = 0; i < LINKS; i++) {
		if (links[i].service[0] == '\0')
			continue;
		snprintf(name, sizeof(name), "%s.%s", links[i].service,
		    links[i].name);
		sockets[i] = listen_at(name);
		event.data.u32 = i;
		if (epoll_ctl(watch, EPOLL_CTL_ADD, sockets[i], &event) < 0)
			sim_fail("cannot watch %s", name);
	}
	qmgr_socket = listen_at("qmgr");
	control_socket = listen_at("control");
	channel.fd = -1;
}

/* tell - send the life a notice */
static void
tell(const struct ipc_record *record)
{
	if (channel.fd < 0)
		return;
	fake_note_sent(record->type);
	if (ipc_channel_send(&channel, record) < 0)
		sim_fail("master says more than is taken");
	(void)!ipc_channel_flush(&channel);
}

/* tell_started - tell the life of a worker */
static void
tell_started(const struct fake *fake)
{
	struct ipc_record record = {.type = IPC_WORKER_STARTED};

	record.worker_started.pid = fake->pid;
	record.worker_started.role = fake->started;
	record.worker_started.name = slice_of_string(fake->name);
	record.worker_started.instance = fake->instance;
	record.worker_started.ticket = slice_of_string(MASTER_TICKET);
	tell(&record);
}

/* tell_left - tell how many workers of each link are left of the life before */
static void
tell_left(void)
{
	struct ipc_record record = {.type = IPC_WORKERS_LEFT};
	char name[32];

	for (unsigned i = 0; i < LINKS; i++) {
		record.workers_left.count = out_left(i);
		if (record.workers_left.count == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", links[i].service,
		    links[i].name);
		trace_note("left", i, record.workers_left.count);
		record.workers_left.name = slice_of_string(name);
		tell(&record);
	}
}

/* master_life - begin with a new life */
int
master_life(void)
{
	int pair[2];

	ipc_channel_fini(&channel);
	reload_again = false;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
	    ipc_channel_init(&channel, owned_keep(pair[0])) < 0)
		sim_fail("no channel for master");
	for (unsigned i = 0; i < FAKES_MAX; i++) {
		const struct fake *fake = fake_at(i);

		if (fake != NULL && fake->pid != 0)
			tell_started(fake);
	}
	tell_left();
	return pair[1];
}

/* master_reload - have the life take the configuration as it is now */
void
master_reload(void)
{
	const struct ipc_record record = {.type = IPC_RELOAD};
	const char *text = links_text();
	size_t len = strlen(text);
	int fd, rc;

	/* The next life begins with it. */
	if (channel.fd < 0 || life_qmgr() == NULL)
		return;
	fd = memfd_create("configuration", MFD_CLOEXEC);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		sim_fail("no file of the configuration");
	trace_note("reload", len, 0);
	fake_note_sent(IPC_RELOAD);
	rc = ipc_channel_send_fd(&channel, &record, fd);
	close(fd);
	/* The copy that is not sent yet outlives a life that dies now. */
	if (channel.send_fd >= 0)
		owned_keep(channel.send_fd);
	/* A file that was not read yet stays, and this text goes later. */
	reload_again = rc == ERR_BUSY;
	if (rc < 0 && rc != ERR_BUSY && rc != ERR_CLOSED && rc != ERR_IO)
		sim_fail("reload: %s", error_strerror(rc));
}

/* master_throttle - have no worker of a link be started for a while */
void
master_throttle(unsigned link, int64_t until)
{
	struct ipc_record record = {.type = IPC_THROTTLED};
	char name[32];

	snprintf(
	    name, sizeof(name), "%s.%s", links[link].service, links[link].name);
	record.throttled.name = slice_of_string(name);
	record.throttled.until = until;
	tell(&record);
}

/* master_stop - tell the life to stop */
void
master_stop(void)
{
	ipc_channel_fini(&channel);
	channel.fd = -1;
}

/* master_started - note that the process of a fake was started */
void
master_started(struct fake *fake, enum ipc_role role, const char *name)
{
	fake->pid = ++last_pid;
	fake->started = role;
	snprintf(fake->name, sizeof(fake->name), "%s", name);
	fake->instance = (uint32_t)(fake->pid % 1000);
	if (role == IPC_ROLE_TRACKER)
		fake->instance = 0;
	snprintf(fake->service, sizeof(fake->service), "%.9s%s%.8s#%u",
	    ipc_role_name(role), *name == '\0' ? "" : "/", name,
	    fake->instance);
	tell_started(fake);
}

/* master_blame - have the end of a fake count against a message */
void
master_blame(const struct fake *fake, uint64_t message)
{
	(void)fake;
	blamed = message;
}

/* master_ended - tell the life that the process of a fake has ended */
void
master_ended(const struct fake *fake)
{
	struct ipc_record record = {.type = IPC_WORKER_ENDED};

	if (fake->pid == 0)
		return;
	trace_note("ended", fake->index, (uint64_t)fake->pid);
	record.worker_ended.name = slice_of_string(fake->service);
	record.worker_ended.pid = fake->pid;
	record.worker_ended.item = blamed;
	record.worker_ended.counted = blamed != 0;
	record.worker_ended.text = slice_of_string("so it is");
	blamed = 0;
	tell(&record);
}

/* master_act - start workers for connections that wait */
void
master_act(void)
{
	struct epoll_event events[LINKS];
	int count = sim_poll(watch, events, LINKS);

	if (channel.fd >= 0 && ipc_channel_pending(&channel) > 0)
		(void)!ipc_channel_flush(&channel);
	if (reload_again)
		master_reload();
	for (int i = 0; i < count; i++) {
		unsigned link = events[i].data.u32;
		int fd = accept(sockets[link], NULL, NULL);

		if (fd >= 0)
			out_begin(link, fd);
	}
}

/* master_qmgr_socket, master_control_socket - get the listening sockets */
int
master_qmgr_socket(void)
{
	return qmgr_socket;
}

int
master_control_socket(void)
{
	return control_socket;
}
