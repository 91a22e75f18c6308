/* SPDX-License-Identifier: ISC */
/*
 * everywhere_test.c - the process that searches, between tools and a server of
 * PostgreSQL that is a child of the test
 */
#include "tracker/everywhere.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ipc/exit_status.h"
#include "tests/unit/postgresql/played.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"

#define WAIT_MS 60000

#define SERVER_TAKES_US	   "R\0\0\0\10\0\0\0\0Z\0\0\0\5I"
#define SERVER_HAS_SET	   "C\0\0\0\10SET\0Z\0\0\0\5I"
#define SERVER_REFUSES_SET "E\0\0\0\27SERROR\0C42501\0Mno\0\0Z\0\0\0\5I"

static struct conf conf;
static struct tracking_source source;
static struct worker worker;
static struct ipc_channel channel;
static pid_t search;

/* say - send octets of the server */
static bool
say(int fd, const char *octets, size_t len)
{
	return send(fd, octets, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* serve - play the server for one connection, one that refuses a limit of time;
 * a question without that limit ends the server with an error */
static void
serve(int fd, const void *arg)
{
	char message[1024];
	ssize_t n = read(fd, message, sizeof(message));
	bool more =
	    n > 0 && say(fd, SERVER_TAKES_US, sizeof(SERVER_TAKES_US) - 1);

	(void)arg;
	while (more && (n = read(fd, message, sizeof(message))) > 0) {
		if (message[0] == 'X')
			break;
		if (message[0] != 'Q')
			_exit(1);
		more =
		    memmem(message, (size_t)n, "statement_timeout", 17) != NULL
		    ? say(fd, SERVER_REFUSES_SET,
			  sizeof(SERVER_REFUSES_SET) - 1)
		    : say(fd, SERVER_HAS_SET, sizeof(SERVER_HAS_SET) - 1);
	}
}

/* begin_search - start the process that searches, in a directory of its own */
static void
begin_search(void)
{
	struct sockaddr_un address = {
	    .sun_family = AF_UNIX, .sun_path = "search"};
	int listener =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	pages_enter();
	ck_assert_int_eq(
	    bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listener, 5), 0);
	search = fork();
	ck_assert_int_ge(search, 0);
	if (search == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		worker_init(&worker, "search");
		worker.listen_count = 1;
		(void)dup2(listener, WORKER_LISTEN_FD);
		everywhere_run(&worker, &conf, &source);
		_exit(0);
	}
	(void)close(listener);
	worker_init(&worker, "test");
}

/* end_search - end it */
static void
end_search(void)
{
	(void)kill(search, SIGKILL);
	ck_assert_int_eq(waitpid(search, NULL, 0), search);
	(void)unlink("search");
	pages_leave();
}

/* call - connect to it */
static int
call(void)
{
	struct sockaddr_un address = {
	    .sun_family = AF_UNIX, .sun_path = "search"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* next_record - wait for the next record */
static struct ipc_record
next_record(void)
{
	struct ipc_record record;
	struct diag diag = {0};

	ck_assert_int_eq(worker_receive(&worker, &channel, &record,
			     clock_after(WAIT_MS), &diag),
	    0);
	return record;
}

/* greet - call it as a tool does */
static void
greet(void)
{
	ck_assert_int_eq(ipc_channel_init(&channel, call()), 0);
	ck_assert_int_eq(
	    ipc_channel_hello(&channel, IPC_ROLE_TOOL, "test", 0), 0);
	ck_assert_int_eq(next_record().type, IPC_HELLO);
}

/* ask - search for all messages: the status of the answer */
static int
ask(void)
{
	struct ipc_record record = {.type = IPC_REQUEST};

	record.request.command = slice_of_string("find");
	ck_assert_int_eq(
	    worker_send(&worker, &channel, &record, clock_after(WAIT_MS)), 0);
	record = next_record();
	ck_assert_int_eq(record.type, IPC_DONE);
	return (int)record.done.status;
}

/* A database that takes no limit of time is asked nothing: its question would
 * have no end. */
START_TEST(settings_that_are_refused)
{
	pid_t server = played_start(&source.database, 2, serve, NULL);

	begin_search();
	greet();
	ck_assert_int_eq(ask(), EXIT_STATUS_NOT_RUNNING);
	ck_assert_int_eq(ask(), EXIT_STATUS_NOT_RUNNING);
	ck_assert_int_eq(played_end(server), 0);
	ipc_channel_fini(&channel);
	end_search();
}
END_TEST

/* Callers without an answer must not make master start a process for each. */
START_TEST(callers_who_are_not_answered)
{
	char rest[256];
	int fd;

	source.why.code = ERR_CLOSED;
	begin_search();
	for (int n = 0; n < 3; n++) {
		fd = call();
		ck_assert_int_eq(write(fd, "nonsense", 8), 8);
		ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
		while (read(fd, rest, sizeof(rest)) > 0)
			;
		(void)close(fd);
	}
	greet();
	ck_assert_int_eq(ask(), EXIT_STATUS_NOT_RUNNING);
	ipc_channel_fini(&channel);
	ck_assert_int_eq(waitpid(search, NULL, 0), search);
	(void)unlink("search");
	pages_leave();
}
END_TEST

TEST_MAIN("tracker/everywhere", TEST(settings_that_are_refused);
	  TEST(callers_who_are_not_answered))
