/* SPDX-License-Identifier: ISC */
/*
 * sandbox_test.c - base/sandbox: each role can do its work and no other
 *
 * Every probe runs in a process of its own, which says by its exit status
 * how it went, or dies of SIGSYS.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/sanitize.h"
#include "tests/unit/test.h"

#define DIED_OF_SYS 1000

/* confined - run a probe in a role: its result, or DIED_OF_SYS */
static int
confined(enum sandbox_role role, int (*probe)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit none = {0, 0};

		(void)setrlimit(RLIMIT_CORE, &none);
		if (sandbox_enter(role, NULL) != 0)
			_exit(99);
		_exit(probe());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return DIED_OF_SYS;
	ck_assert_msg(WIFEXITED(status), "status %d", status);
	return WEXITSTATUS(status);
}

/* work - do what every process does: 0 or the line where it failed */
static int
work(void)
{
	struct pollfd pfd = {.events = POLLIN};
	char octets[100], *memory;
	int pair[2], other;
	struct stat st;
	sigset_t set;

	memory = malloc(10 << 20);
	if (memory == NULL)
		return 1;
	memset(memory, 1, 10 << 20);
	memory = realloc(memory, 20 << 20);
	free(memory);
	if (pipe(pair) != 0 || write(pair[1], "x", 1) != 1)
		return 2;
	pfd.fd = pair[0];
	if (poll(&pfd, 1, 60000) != 1 || read(pair[0], octets, 100) != 1)
		return 3;
	other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (other < 0 || fcntl(other, F_SETFL, O_NONBLOCK) != 0)
		return 4;
	if (fstat(pair[0], &st) != 0 || clock_monotonic() == 0)
		return 5;
	LOG_EVENT(EVENT_STARTED);
	(void)sigfillset(&set);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return 6;
	(void)poll(NULL, 0, 1);
	(void)snprintf(octets, sizeof(octets), "%d %f", 1, 1.5);
	return close(pair[0]) + close(pair[1]) + close(other);
}

/* read_file - open a file and read from it */
static int
read_file(void)
{
	char octet;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	return read(fd, &octet, 1) == 1 ? 0 : 98;
}

/* write_file - make a file and remove it again */
static int
write_file(void)
{
	char name[64];
	int fd;

	(void)snprintf(
	    name, sizeof(name), "/tmp/sandbox_test.%ld", (long)getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (fsync(fd) != 0 || close(fd) != 0 || unlink(name) != 0)
		return 98;
	return 0;
}

/* call_out - open a socket of the internet */
static int
call_out(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : close(fd);
}

/* resolve - resolve a name to an address, as a worker that calls out does */
static int
resolve(void)
{
	struct addrinfo *found;

	if (getaddrinfo("localhost", "102", NULL, &found) != 0)
		return 97;
	freeaddrinfo(found);
	return 0;
}

/* run_program - become another program */
static int
run_program(void)
{
	(void)execl("/bin/true", "true", (char *)NULL);
	return errno;
}

/* make_process - have a child */
static int
make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

/* signal_parent - signal a process that is not us */
static int
signal_parent(void)
{
	return kill(getppid(), 0) == 0 ? 0 : errno;
}

/* signal_self - end by abort, which raises a signal */
static int
signal_self(void)
{
	(void)signal(SIGABRT, SIG_IGN);
	return raise(SIGABRT) == 0 ? 0 : errno;
}

/* map_code - map memory that can be written and then run */
static int
map_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

/* trace_parent - read another process */
static int
trace_parent(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 ? 0 : errno;
}

static const enum sandbox_role roles[] = {
    SANDBOX_NETWORK, SANDBOX_CONNECT, SANDBOX_FILES, SANDBOX_QUEUE};

START_TEST(every_role_can_work)
{
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		ck_assert_int_eq(confined(roles[i], work), 0);
		ck_assert_int_eq(confined(roles[i], signal_self), 0);
	}
}
END_TEST

START_TEST(no_role_can_do_this)
{
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		ck_assert_int_eq(confined(roles[i], run_program), DIED_OF_SYS);
		ck_assert_int_eq(confined(roles[i], make_process), DIED_OF_SYS);
		ck_assert_int_eq(
		    confined(roles[i], signal_parent), DIED_OF_SYS);
		ck_assert_int_eq(confined(roles[i], trace_parent), DIED_OF_SYS);
		ck_assert_int_eq(confined(roles[i], map_code), EACCES);
	}
}
END_TEST

START_TEST(network)
{
	ck_assert_int_eq(confined(SANDBOX_NETWORK, read_file), EACCES);
	ck_assert_int_eq(confined(SANDBOX_NETWORK, write_file), DIED_OF_SYS);
	ck_assert_int_eq(confined(SANDBOX_NETWORK, call_out), DIED_OF_SYS);
}
END_TEST

START_TEST(connect_role)
{
	ck_assert_int_eq(confined(SANDBOX_CONNECT, read_file), 0);
	ck_assert_int_eq(confined(SANDBOX_CONNECT, write_file), DIED_OF_SYS);
	ck_assert_int_eq(confined(SANDBOX_CONNECT, call_out), 0);
	ck_assert_int_eq(confined(SANDBOX_CONNECT, resolve), 0);
}
END_TEST

START_TEST(files)
{
	ck_assert_int_eq(confined(SANDBOX_FILES, read_file), 0);
	ck_assert_int_eq(confined(SANDBOX_FILES, write_file), 0);
	ck_assert_int_eq(confined(SANDBOX_FILES, call_out), DIED_OF_SYS);
}
END_TEST

/* link_file - give a file a second name */
static int
link_file(void)
{
	return link("/etc/passwd", "/nonexistent/link") == 0 ? 0 : errno;
}

START_TEST(queue_role)
{
	ck_assert_int_eq(confined(SANDBOX_QUEUE, read_file), 0);
	ck_assert_int_eq(confined(SANDBOX_QUEUE, write_file), 0);
	ck_assert_int_eq(confined(SANDBOX_QUEUE, call_out), DIED_OF_SYS);
	ck_assert_int_eq(confined(SANDBOX_QUEUE, link_file), DIED_OF_SYS);
}
END_TEST

/* add_all - add the cases, unless the sandbox stands back for a sanitizer */
static void
add_all(Suite *suite)
{
	TEST(every_role_can_work);
	if (SANITIZE_ADDRESS)
		return;
	TEST(no_role_can_do_this);
	TEST(network);
	TEST(connect_role);
	TEST(files);
	TEST(queue_role);
}

TEST_MAIN("base/sandbox", add_all(suite))
