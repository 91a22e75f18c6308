/* SPDX-License-Identifier: ISC */
/*
 * idle_test.c - a tracker that has nothing to do sleeps
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/sockios.h>

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"
#include "tracker/tracker.h"

#define LIMIT_MS 60000 /* for anything that should come soon */
#define ASLEEP	 50    /* times that it is to be seen so */

static struct ipc_channel qmgr;
static pid_t pid;

/* be_tracker - be the tracker, in a process of its own */
static _Noreturn void
be_tracker(int fd)
{
	static struct tracker tracker;
	static struct worker worker;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	worker_init(&worker, "test");
	tracker.worker = &worker;
	if (ipc_channel_init(&tracker.qmgr, fd) == 0)
		tracker_run(&tracker);
	_exit(0);
}

/* begin - start a tracker with these settings of the mta section */
static void
begin(const char *settings)
{
	struct ipc_record record = {.type = IPC_SETTINGS};
	char text[512];
	int fds[2];

	(void)snprintf(text, sizeof(text),
	    "mta { name = T domain = \"C=XX;A=T\" %s }", settings);
	record.settings.text = slice_of_string(text);
	pages_enter();
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		/* Its own copy of this end would keep the tracker from seeing
		 * the end of qmgr. */
		(void)close(fds[0]);
		be_tracker(fds[1]);
	}
	(void)close(fds[1]);
	ck_assert_int_eq(ipc_channel_init(&qmgr, fds[0]), 0);
	ck_assert_int_eq(ipc_channel_send(&qmgr, &record), 0);
	ck_assert_int_eq(ipc_channel_flush(&qmgr), 0);
}

/* end - end it, as the end of qmgr does */
static void
end(void)
{
	int status;

	ipc_channel_fini(&qmgr);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	pages_leave();
}

/* has_read - wait until it has read all that was sent */
static void
has_read(void)
{
	uint64_t deadline = clock_after(LIMIT_MS);
	int left;

	do {
		ck_assert_int_eq(ioctl(qmgr.fd, SIOCOUTQ, &left), 0);
		ck_assert_msg(clock_monotonic() < deadline, "%d unread", left);
		sched_yield();
	} while (left > 0);
}

/* is_asleep - tell whether its process is asleep */
static bool
is_asleep(void)
{
	char path[64], text[1024], *at;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
	(void)fclose(file);
	at = strrchr(text, ')');
	ck_assert_ptr_nonnull(at);
	return at[2] == 'S';
}

/* sleeps - wait until it was seen asleep so often; a tracker that asks poll()
 * again and again never is, however busy the machine */
static void
sleeps(void)
{
	uint64_t deadline = clock_after(LIMIT_MS);

	has_read();
	for (int asleep = 0; asleep < ASLEEP; sched_yield()) {
		asleep += is_asleep();
		ck_assert_msg(
		    clock_monotonic() < deadline, "the tracker does not sleep");
	}
}

START_TEST(with_nothing_to_do)
{
	begin("tracking-days = 30");
	sleeps();
	end();
}
END_TEST

/* Once it never waited, because the time of its next word to qmgr had passed
 * for good. */
START_TEST(with_a_database_of_many_machines)
{
	begin("tracking-days = 30 tracking-database ="
	      " \"postgresql://fourpost@127.0.0.1:1/fourpost\"");
	sleeps();
	end();
}
END_TEST

TEST_MAIN("tracker/idle", TEST(with_nothing_to_do);
	  TEST(with_a_database_of_many_machines))
