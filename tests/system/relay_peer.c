/* SPDX-License-Identifier: ISC */
/*
 * relay_peer.c - an SMTP server that behaves as a test wants
 */
#include "tests/system/relay_peer.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define AWAIT 30 /* seconds */

/* relay_peer_make - make its directory, and choose its port */
void
relay_peer_make(struct relay_peer *peer, const char *name)
{
	*peer = (struct relay_peer){.port = suite_free_port()};
	(void)snprintf(peer->directory, sizeof(peer->directory), "%s/%s",
	    suite_directory(), name);
	ck_assert_int_eq(suite_shell(NULL, "mkdir '%s'", peer->directory), 0);
}

/* listen_on - make the socket that it listens on */
static int
listen_on(uint16_t port)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	ck_assert_int_eq(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	return fd;
}

/* relay_peer_start - have it run */
void
relay_peer_start(struct relay_peer *peer)
{
	int fd = listen_on(peer->port);

	peer->pid = fork();
	ck_assert_int_ge(peer->pid, 0);
	if (peer->pid == 0) {
		if (dup2(fd, 3) == 3 && fcntl(3, F_SETFD, 0) == 0)
			(void)execlp("python3", "python3",
			    TEST_SOURCE_DIR "/tests/system/relay.py",
			    peer->directory, NULL);
		_exit(127);
	}
	(void)close(fd);
}

/* relay_peer_stop - have nobody listen */
void
relay_peer_stop(struct relay_peer *peer)
{
	if (peer->pid == 0)
		return;
	(void)kill(peer->pid, SIGKILL);
	ck_assert_int_eq(waitpid(peer->pid, NULL, 0), peer->pid);
	peer->pid = 0;
}

/* relay_peer_habits - have the next connections behave so */
void
relay_peer_habits(const struct relay_peer *peer, const char *fmt, ...)
{
	char text[4096], path[SUITE_PATH + 32];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ck_assert(len > 0 && len < (int)sizeof(text));
	(void)snprintf(path, sizeof(path), "%s/habits", peer->directory);
	suite_write(path, text, (size_t)len);
}

/* relay_peer_file - read a file of its directory */
char *
relay_peer_file(const struct relay_peer *peer, const char *name)
{
	char path[SUITE_PATH + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", peer->directory, name);
	return suite_read(path, NULL);
}

/* relay_peer_taken - list what it has taken */
json_t *
relay_peer_taken(const struct relay_peer *peer)
{
	json_t *all = json_array();
	char *text = relay_peer_file(peer, "log"), *save = NULL;

	for (char *line = text == NULL ? NULL : strtok_r(text, "\n", &save);
	     line != NULL; line = strtok_r(NULL, "\n", &save)) {
		json_t *one = json_loads(line, 0, NULL);

		/* The last line may be half written. */
		if (one != NULL)
			ck_assert_int_eq(json_array_append_new(all, one), 0);
	}
	free(text);
	return all;
}

/* What is waited for. */
struct awaited {
	const struct relay_peer *peer;
	size_t count;
};

/* has_taken - tell whether it has taken so many messages */
static bool
has_taken(void *arg)
{
	const struct awaited *awaited = arg;
	json_t *all = relay_peer_taken(awaited->peer);
	bool enough = json_array_size(all) >= awaited->count;

	json_decref(all);
	return enough;
}

/* relay_peer_await - wait until it has taken so many messages */
void
relay_peer_await(const struct relay_peer *peer, size_t count)
{
	struct awaited awaited = {peer, count};

	suite_wait("messages at the relay", AWAIT, has_taken, &awaited);
}
