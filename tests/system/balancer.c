/* SPDX-License-Identifier: ISC */
/*
 * balancer.c - HAProxy before the suites of a test; see balancer.h
 */
#include "tests/system/balancer.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* is_open - tell whether a port of loopback takes connections */
static bool
is_open(void *arg)
{
	struct sockaddr_in there = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(*(const uint16_t *)arg)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool open = connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0;

	close(fd);
	return open;
}

/* run - become HAProxy with one thread, of which the figures are read */
static void __attribute__((noreturn)) run(const char *conf)
{
	execlp("haproxy", "haproxy", "-q", "-db", "-f", conf, NULL);
	_exit(127);
}

void
balancer_start(struct balancer *balancer, const char *servers)
{
	char conf[SUITE_PATH + 16], text[2048];
	int n;

	snprintf(conf, sizeof(conf), "%s/haproxy.cfg", suite_directory());
	snprintf(balancer->control, sizeof(balancer->control), "%s/haproxy",
	    suite_directory());
	n = snprintf(text, sizeof(text),
	    "global\n nbthread 1\n stats socket %s level admin\n"
	    "defaults\n mode tcp\n timeout connect 5s\n timeout client 1m\n"
	    " timeout server 1m\n"
	    "listen mtas\n bind 127.0.0.1:%u\n balance source\n"
	    " hash-type consistent\n%s",
	    balancer->control, balancer->port, servers);
	ck_assert_uint_lt((size_t)n, sizeof(text));
	suite_write(conf, text, (size_t)n);
	balancer->pid = fork();
	ck_assert_int_ge(balancer->pid, 0);
	if (balancer->pid == 0)
		run(conf);
	suite_wait("HAProxy", 30, is_open, &balancer->port);
}

bool
balancer_tell(const struct balancer *balancer, const char *command)
{
	struct sockaddr_un there = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[512];
	ssize_t len;

	strlcpy(there.sun_path, balancer->control, sizeof(there.sun_path));
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
	ck_assert_int_gt(dprintf(fd, "%s\n", command), 0);
	len = read(fd, answer, sizeof(answer) - 1);
	close(fd);
	ck_assert_int_ge(len, 0);
	/* An empty line says that the command is done. */
	return len <= 1;
}

double
balancer_seconds(const struct balancer *balancer)
{
	unsigned long user, system;
	char path[64], *text, *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)balancer->pid);
	text = suite_read_proc(path);
	ck_assert_ptr_nonnull(text);
	end = strrchr(text, ')');
	ck_assert_int_eq(
	    sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		&user, &system),
	    2);
	free(text);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void
balancer_stop(struct balancer *balancer)
{
	ck_assert_int_eq(suite_reap(balancer->pid), 128 + SIGTERM);
}
