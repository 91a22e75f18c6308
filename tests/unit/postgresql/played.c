/* SPDX-License-Identifier: ISC */
/*
 * played.c - a server of PostgreSQL that is played by a child of the test
 */
#include "tests/unit/postgresql/played.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/test.h"

/* say_where - say where the server is */
static void
say_where(struct postgresql_source *source, uint16_t port)
{
	*source = (struct postgresql_source){.address_count = 1,
	    .url = {.user = "fourpost",
		.database = "fourpost",
		.mode = "disable",
		.host_count = 1}};
	(void)strlcpy(source->url.hosts[0].name, "127.0.0.1",
	    sizeof(source->url.hosts[0].name));
	(void)snprintf(source->url.hosts[0].port,
	    sizeof(source->url.hosts[0].port), "%u", port);
	source->addresses[0].host = &source->url.hosts[0];
	(void)strlcpy(source->addresses[0].address, "127.0.0.1",
	    sizeof(source->addresses[0].address));
}

/* played_start - start a child that serves so many connections */
pid_t
played_start(struct postgresql_source *source, unsigned connections,
    played_fn *serve, const void *arg)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);
	pid_t server;
	int fd;

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(listener, 5), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&address, &len), 0);
	server = fork();
	ck_assert_int_ge(server, 0);
	if (server == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (connections-- > 0) {
			fd = accept(listener, NULL, NULL);
			serve(fd, arg);
			(void)close(fd);
		}
		_exit(0);
	}
	(void)close(listener);
	say_where(source, ntohs(address.sin_port));
	return server;
}

/* played_end - wait for its end */
int
played_end(pid_t server)
{
	int status;

	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* played_wait - wait for a socket */
int
played_wait(void *arg, int fd, short events, uint64_t deadline)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	uint64_t now = clock_monotonic();

	(void)arg;
	if (now >= deadline)
		return ERR_TIMEOUT;
	return poll(&pfd, 1, (int)(deadline - now)) < 0 ? ERR_IO : 0;
}
