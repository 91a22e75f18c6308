/* SPDX-License-Identifier: ISC */
/*
 * worker_test.c - waiting, ticking, being told to stop, slots, qmgr's socket
 *
 * The other side of the status socket is the test itself.
 */
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/test.h"
#include "worker/slot.h"
#include "worker/status.h"
#include "worker/worker.h"

static struct worker worker;
static int master_fd = -1;

/* setup - set up a worker with a status socket, whose other end is master_fd */
static void
setup(void)
{
	int fds[2];

	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	worker_init(&worker, "x400out/paris#3");
	worker.status_fd = fds[0];
	master_fd = fds[1];
}

/* count_letter - count how often a letter came */
static int
count_letter(char letter)
{
	char octets[256];
	ssize_t i, n = recv(master_fd, octets, sizeof(octets), MSG_DONTWAIT);
	int count = 0;

	for (i = 0; i < n; i++)
		count += octets[i] == letter;
	return count;
}

START_TEST(names)
{
	worker_init(&worker, "x400out/paris#3");
	ck_assert_str_eq(worker.service, "paris");
	ck_assert_uint_eq(worker.instance, 3);
	worker_init(&worker, "msmi-in/po1");
	ck_assert_str_eq(worker.service, "po1");
	ck_assert_uint_eq(worker.instance, 0);
	worker_init(&worker, "x400in#12");
	ck_assert_str_eq(worker.service, "");
	ck_assert_uint_eq(worker.instance, 12);
	worker_init(&worker, "qmgr");
	ck_assert_str_eq(worker.service, "");
}
END_TEST

START_TEST(deadline)
{
	uint64_t begun = clock_monotonic();

	setup();
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(50)), ERR_TIMEOUT);
	ck_assert_uint_ge(clock_monotonic() - begun, 50);
	/* a deadline that is past returns at once */
	ck_assert_int_eq(worker_wait(&worker, NULL, 0, 0), ERR_TIMEOUT);
	ck_assert_int_eq(worker_sleep(&worker, 5), 0);
}
END_TEST

/* A long wait ticks every second, all by itself. */
START_TEST(ticks_while_waiting)
{
	uint64_t begun = clock_monotonic();
	int ticks;

	setup();
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(2500)), ERR_TIMEOUT);
	ticks = count_letter(WORKER_STATUS_TICK);
	/* A machine that lets the worker sleep on makes ticks fewer. */
	ck_assert_int_ge(ticks, 1);
	ck_assert_uint_le((uint64_t)ticks * 1000, clock_monotonic() - begun);
}
END_TEST

/* A worker that never waits for long ticks as well, and not at each pass. */
START_TEST(ticks_while_passing)
{
	uint64_t begun = clock_monotonic();
	struct pollfd pfd;
	int fds[2], passes = 0, ticks = 0;

	setup();
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	pfd = (struct pollfd){.fd = fds[0], .events = POLLIN};
	while (ticks < 2) {
		ck_assert_int_eq(
		    worker_wait(&worker, &pfd, 1, clock_after(1000)), 1);
		ck_assert_int_eq(pfd.revents, POLLIN);
		passes++;
		ticks += count_letter(WORKER_STATUS_TICK);
	}
	ck_assert_uint_ge(clock_monotonic() - begun, 2000);
	ck_assert_int_gt(passes, 10 * ticks);
}
END_TEST

/* Without a pass there is no tick: a spin shows. */
START_TEST(silence_shows)
{
	uint64_t end = clock_after(1500);

	setup();
	while (clock_monotonic() < end)
		;
	ck_assert_int_eq(count_letter(WORKER_STATUS_TICK), 0);
}
END_TEST

/* tell_to_stop - send ourselves SIGTERM, as the worker receives it */
static void
tell_to_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	worker.signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
}

START_TEST(told_to_stop)
{
	setup();
	tell_to_stop();
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(10000)), ERR_CANCELLED);
	ck_assert(worker.stopping);
	/* once: then it can still wait for what it must finish */
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(30)), ERR_TIMEOUT);
	ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(30)), ERR_TIMEOUT);
	/* but takes nothing new */
	ck_assert_int_eq(worker_accept(&worker, 10000), ERR_CANCELLED);
}
END_TEST

START_TEST(master_gone)
{
	setup();
	close(master_fd);
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(10000)), ERR_CANCELLED);
	ck_assert(worker.stopping);
	ck_assert_int_eq(worker.status_fd, -1);
	/* and does not spin over the closed socket */
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(1200)), ERR_TIMEOUT);
}
END_TEST

/* A master that does not read must not stop its worker. */
START_TEST(master_does_not_read)
{
	int i;

	setup();
	for (i = 0; i < 100000; i++)
		worker_status(&worker, WORKER_STATUS_TICK);
	ck_assert_int_eq(
	    worker_wait(&worker, NULL, 0, clock_after(5)), ERR_TIMEOUT);
}
END_TEST

START_TEST(slots)
{
	char file[WORKER_SLOT_FILE], name[400];
	struct worker_slot *ours, *theirs, *other;
	uint64_t item;
	int fd = memfd_create("slots", MFD_CLOEXEC);

	ck_assert_int_eq(ftruncate(fd, 3 * WORKER_SLOT_SIZE), 0);
	ck_assert_int_eq(worker_slot_map(fd, 1, &ours), 0);
	ck_assert_int_eq(worker_slot_map(fd, 1, &theirs), 0);
	ck_assert_int_eq(worker_slot_map(fd, 2, &other), 0);
	setup();
	worker.slot = ours;
	worker_item(&worker, 4711);
	worker_item_file(&worker, "00000001.P1");
	worker_slot_get(theirs, &item, file);
	ck_assert_uint_eq(item, 4711);
	ck_assert_str_eq(file, "00000001.P1");
	worker_slot_get(other, &item, file);
	ck_assert_uint_eq(item, 0);
	ck_assert_str_eq(file, "");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	worker_item_file(&worker, name);
	worker_slot_get(theirs, &item, file);
	ck_assert_uint_eq(strlen(file), WORKER_SLOT_FILE - 1);
	worker_item_file(&worker, NULL);
	worker_item(&worker, 0);
	worker_slot_get(theirs, &item, file);
	ck_assert_uint_eq(item, 0);
	ck_assert_str_eq(file, "");
	/* a worker that was taken over writes what it likes */
	memset(ours, 0xff, WORKER_SLOT_SIZE);
	worker_slot_get(theirs, &item, file);
	ck_assert_uint_eq(strlen(file), WORKER_SLOT_FILE - 1);
}
END_TEST

/* listen_at - listen on a local socket */
static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	unlink(path);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	return fd;
}

/* be_qmgr - say hello, take n bodies and ask to retire, as a child */
static void
be_qmgr(int listener, int n)
{
	struct ipc_channel channel;
	struct ipc_record record = {.type = IPC_RETIRE};
	struct worker self;
	struct diag diag = {0};
	uint64_t soon = clock_after(60000);
	int fd;

	worker_init(&self, "qmgr");
	/* the first one goes away without a word */
	fd = accept(listener, NULL, NULL);
	close(fd);
	fd = accept(listener, NULL, NULL);
	if (ipc_channel_init(&channel, fd) != 0 ||
	    worker_greet(&self, &channel, IPC_ROLE_QMGR, soon, &diag) != 0)
		_exit(2);
	for (; n > 0; n--) {
		/* slow at first, so that the worker must wait to write */
		if (n % 10 == 0)
			usleep(20000);
		if (worker_receive(&self, &channel, &record, soon, &diag) !=
			0 ||
		    record.type != IPC_BODY || record.body.job != (uint64_t)n)
			_exit(3);
	}
	record = (struct ipc_record){.type = IPC_RETIRE};
	if (worker_send(&self, &channel, &record, soon) != 0)
		_exit(4);
	_exit(0);
}

START_TEST(qmgr_connection)
{
	static uint8_t octets[40000];
	char path[300];
	struct ipc_channel channel;
	struct ipc_record record;
	struct diag diag = {0};
	uint64_t soon = clock_after(60000);
	int listener, status, n;
	pid_t pid;

	setup();
	snprintf(worker.run_directory, sizeof(worker.run_directory),
	    "/tmp/worker_test.%ld", (long)getpid());
	ck_assert_int_eq(mkdir(worker.run_directory, 0700), 0);
	snprintf(path, sizeof(path), "%s/qmgr", worker.run_directory);
	/* qmgr is not there yet */
	ck_assert_int_eq(
	    worker_qmgr(&worker, &channel, IPC_ROLE_X400OUT, clock_after(100)),
	    ERR_TIMEOUT);
	listener = listen_at(path);
	pid = fork();
	if (pid == 0)
		be_qmgr(listener, 50);
	ck_assert_int_eq(
	    worker_qmgr(&worker, &channel, IPC_ROLE_X400OUT, soon), 0);
	/* Told to stop while the socket is full: all is written, without an
	 * error. */
	tell_to_stop();
	for (n = 50; n > 0; n--) {
		record = (struct ipc_record){.type = IPC_BODY,
		    .body = {.job = (uint64_t)n,
			.data = slice_of(octets, sizeof(octets))}};
		ck_assert_int_eq(
		    worker_send(&worker, &channel, &record, soon), 0);
	}
	ck_assert(worker.stopping);
	ck_assert_int_eq(
	    worker_receive(&worker, &channel, &record, soon, &diag), 0);
	ck_assert_int_eq((int)record.type, IPC_RETIRE);
	ck_assert_int_eq(
	    worker_receive(&worker, &channel, &record, soon, &diag),
	    ERR_CLOSED);
	ipc_channel_fini(&channel);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	unlink(path);
	rmdir(worker.run_directory);
}
END_TEST

/* A qmgr that accepts and says nothing: the deadline holds. */
START_TEST(silent_qmgr)
{
	struct ipc_channel channel;
	char path[300];
	int listener;

	setup();
	snprintf(worker.run_directory, sizeof(worker.run_directory),
	    "/tmp/worker_test.%ld", (long)getpid());
	ck_assert_int_eq(mkdir(worker.run_directory, 0700), 0);
	snprintf(path, sizeof(path), "%s/qmgr", worker.run_directory);
	listener = listen_at(path);
	ck_assert_int_eq(
	    worker_qmgr(&worker, &channel, IPC_ROLE_X400OUT, clock_after(100)),
	    ERR_TIMEOUT);
	close(listener);
	unlink(path);
	rmdir(worker.run_directory);
}
END_TEST

TEST_MAIN("worker/worker", TEST(names); TEST(deadline);
	  TEST(ticks_while_waiting); TEST(ticks_while_passing);
	  TEST(silence_shows); TEST(told_to_stop); TEST(master_gone);
	  TEST(master_does_not_read); TEST(slots); TEST(qmgr_connection);
	  TEST(silent_qmgr))
