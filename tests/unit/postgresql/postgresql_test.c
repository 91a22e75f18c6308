/* SPDX-License-Identifier: ISC */
/*
 * postgresql_test.c - what becomes of attempts to connect
 *
 * A child plays the server: it sends what a test says after each message that
 * it gets.
 */
#include "postgresql/postgresql.h"

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

/* Octets that the server sends. */
struct answer {
	const char *octets;
	size_t len;
};
#define ANSWER(octets)                     \
	{                                  \
		octets, sizeof(octets) - 1 \
	}

#define TRUSTED	 "R\0\0\0\10\0\0\0\0"
#define READY	 "Z\0\0\0\5I"
#define PASSWORD "R\0\0\0\10\0\0\0\3"

static struct postgresql_source source;
static struct postgresql pg;
static pid_t server;

/* serve - play the server for one connection */
static void
serve(int listener, const struct answer *answers, size_t count)
{
	int fd = accept(listener, NULL, NULL);
	char message[1024];
	bool sent = true;

	for (size_t i = 0; sent && i < count; i++)
		sent = read(fd, message, sizeof(message)) > 0 &&
		    send(fd, answers[i].octets, answers[i].len, MSG_NOSIGNAL) ==
			(ssize_t)answers[i].len;
	while (read(fd, message, sizeof(message)) > 0)
		;
}

/* begin - start a server that sends these answers */
static void
begin(const struct answer *answers, size_t count)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&address, &len), 0);
	server = fork();
	ck_assert_int_ge(server, 0);
	if (server == 0) {
		serve(listener, answers, count);
		_exit(0);
	}
	(void)close(listener);
	source = (struct postgresql_source){.address_count = 1,
	    .url = {.user = "fourpost",
		.database = "fourpost",
		.mode = "disable",
		.host_count = 1},
	    .password = "secret"};
	(void)strlcpy(source.url.hosts[0].name, "127.0.0.1",
	    sizeof(source.url.hosts[0].name));
	(void)snprintf(source.url.hosts[0].port,
	    sizeof(source.url.hosts[0].port), "%u", ntohs(address.sin_port));
	source.addresses[0].host = &source.url.hosts[0];
	(void)strlcpy(source.addresses[0].address, "127.0.0.1",
	    sizeof(source.addresses[0].address));
}

/* on_wait - wait for the socket */
static int
on_wait(void *arg, int fd, short events, uint64_t deadline)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	uint64_t now = clock_monotonic();

	(void)arg;
	if (now >= deadline)
		return ERR_TIMEOUT;
	return poll(&pfd, 1, (int)(deadline - now)) < 0 ? ERR_IO : 0;
}

/* connects - connect, and check what comes of it and what is told */
static void
connects(int wanted, const char *words)
{
	struct diag diag = {0};
	int status;

	pg = (struct postgresql){.io = {on_wait, NULL}, .patience = 30000};
	ck_assert_int_eq(
	    postgresql_open(&pg, &source, POSTGRESQL_READS, 0, &diag), wanted);
	ck_assert(postgresql_is_gone(&pg) == (wanted != 0));
	if (wanted != 0)
		ck_assert_msg(strstr(diag_text(&diag), words) != NULL,
		    "%s without %s", diag_text(&diag), words);
	postgresql_close(&pg);
	ck_assert_int_eq(waitpid(server, &status, 0), server);
}

START_TEST(a_server_that_takes_us)
{
	static const struct answer answers[] = {ANSWER(PASSWORD),
	    ANSWER(TRUSTED READY), ANSWER("C\0\0\0\10SET\0" READY)};

	begin(answers, 3);
	connects(0, NULL);
}
END_TEST

START_TEST(a_password_that_is_wrong)
{
	static const struct answer answers[] = {ANSWER(PASSWORD),
	    ANSWER("E\0\0\0\35SFATAL\0C28P01\0Mno entry\0\0")};

	begin(answers, 2);
	connects(ERR_DENIED, "no entry");
}
END_TEST

/* No line of pg_hba.conf is for us: no password was asked for. */
START_TEST(nobody_of_ours)
{
	static const struct answer answers[] = {
	    ANSWER("E\0\0\0\35SFATAL\0C28000\0Mno entry\0\0")};

	begin(answers, 1);
	connects(ERR_DENIED, "no entry");
}
END_TEST

START_TEST(a_password_that_we_do_not_have)
{
	static const struct answer answers[] = {ANSWER(PASSWORD)};

	begin(answers, 1);
	source.password[0] = '\0';
	connects(ERR_DENIED, "no password supplied");
}
END_TEST

/* A server that has taken the password may have no place for us all the same,
 * which passes. */
START_TEST(no_place_behind_the_password)
{
	static const struct answer full[] = {ANSWER(PASSWORD),
	    ANSWER("E\0\0\0\35SFATAL\0C53300\0Mno place\0\0")};
	static const struct answer missing[] = {ANSWER(PASSWORD),
	    ANSWER("E\0\0\0\35SFATAL\0C3D000\0Mno place\0\0")};

	begin(full, 2);
	connects(ERR_CLOSED, "no place");
	begin(missing, 2);
	connects(ERR_CLOSED, "no place");
}
END_TEST

/* Without our settings its times and texts would be others. */
START_TEST(settings_that_are_refused)
{
	static const struct answer answers[] = {ANSWER(PASSWORD),
	    ANSWER(TRUSTED READY),
	    ANSWER("E\0\0\0\35SERROR\0C42704\0Mno thing\0\0" READY)};

	begin(answers, 3);
	connects(ERR_REFUSED, "no thing");
}
END_TEST

TEST_MAIN("postgresql/postgresql", TEST(a_server_that_takes_us);
	  TEST(a_password_that_is_wrong); TEST(nobody_of_ours);
	  TEST(a_password_that_we_do_not_have);
	  TEST(no_place_behind_the_password); TEST(settings_that_are_refused))
