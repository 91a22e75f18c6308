/* SPDX-License-Identifier: ISC */
/*
 * accept_test.c - workers that wait on the same listening socket
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"
#include "worker/worker.h"

#define WORKERS 16
#define CALLS	200

static struct sockaddr_in address;
static pid_t workers[WORKERS];

/* listen_here - listen on a port that is free: the socket */
static int
listen_here(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(address);

	address = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, WORKERS), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return fd;
}

/* serve - be a worker that answers each caller with an octet */
static void __attribute__((noreturn)) serve(int listening)
{
	struct worker worker;
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	worker_init(&worker, "x400in");
	if (dup2(listening, WORKER_LISTEN_FD) != WORKER_LISTEN_FD)
		_exit(1);
	worker.listen_count = 1;
	while ((fd = worker_accept(&worker, 600000)) >= 0) {
		if (write(fd, "x", 1) != 1)
			_exit(1);
		(void)close(fd);
	}
	_exit(1);
}

/* call - call, and wait for the answer and the end */
static void
call(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char octets[2];

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(read(fd, octets, sizeof(octets)), 1);
	ck_assert_int_eq(read(fd, octets, sizeof(octets)), 0);
	(void)close(fd);
}

/* waits_of - tell how often a process has gone to sleep */
static unsigned long
waits_of(pid_t pid)
{
	char path[64], line[256];
	unsigned long count = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		(void)sscanf(line, "voluntary_ctxt_switches: %lu", &count);
	(void)fclose(file);
	return count;
}

/* waits_of_all - tell how often all workers have gone to sleep */
static unsigned long
waits_of_all(void)
{
	unsigned long count = 0;

	for (size_t i = 0; i < WORKERS; i++)
		count += waits_of(workers[i]);
	return count;
}

/* all_sleep - tell whether each worker has gone to sleep once */
static bool
all_sleep(void)
{
	for (size_t i = 0; i < WORKERS; i++)
		if (waits_of(workers[i]) == 0)
			return false;
	return true;
}

START_TEST(one_is_woken)
{
	int listening = listen_here();
	unsigned long before;

	for (size_t i = 0; i < WORKERS; i++) {
		workers[i] = fork();
		ck_assert_int_ge(workers[i], 0);
		if (workers[i] == 0)
			serve(listening);
	}
	while (!all_sleep())
		(void)usleep(1000);
	before = waits_of_all();
	for (unsigned i = 0; i < CALLS; i++)
		call();
	/* A caller who comes before the first has gone to sleep again wakes
	 * another; each ticks once a second. */
	ck_assert_uint_lt(waits_of_all() - before, 3 * CALLS);
	for (size_t i = 0; i < WORKERS; i++) {
		ck_assert_int_eq(kill(workers[i], SIGKILL), 0);
		ck_assert_int_eq(waitpid(workers[i], NULL, 0), workers[i]);
	}
}
END_TEST

START_TEST(nobody_is_forgotten)
{
	int listening = listen_here();

	/* The first that waits is stopped: a caller for whom it was woken is
	 * taken by another. */
	for (size_t i = 0; i < 2; i++) {
		workers[i] = fork();
		ck_assert_int_ge(workers[i], 0);
		if (workers[i] == 0)
			serve(listening);
		while (waits_of(workers[i]) == 0)
			(void)usleep(1000);
	}
	ck_assert_int_eq(kill(workers[0], SIGSTOP), 0);
	call();
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(kill(workers[i], SIGKILL), 0);
		ck_assert_int_eq(waitpid(workers[i], NULL, 0), workers[i]);
	}
}
END_TEST

TEST_MAIN("worker/accept", TEST(one_is_woken), TEST(nobody_is_forgotten))
