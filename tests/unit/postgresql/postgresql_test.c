/* SPDX-License-Identifier: ISC */
/*
 * postgresql_test.c - what becomes of attempts to connect
 *
 * A child plays the server: it sends what a test says after each message that
 * it gets.
 */
#include "postgresql/postgresql.h"

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "tests/unit/postgresql/played.h"
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

/* Answers of the server, in their order. */
struct script {
	const struct answer *answers;
	size_t count;
};

#define TRUSTED	 "R\0\0\0\10\0\0\0\0"
#define READY	 "Z\0\0\0\5I"
#define PASSWORD "R\0\0\0\10\0\0\0\3"

static struct postgresql_source source;
static struct postgresql pg;
static pid_t server;

/* serve - send the answers, one after each message */
static void
serve(int fd, const void *arg)
{
	const struct script *script = arg;
	char message[1024];
	bool sent = true;

	for (size_t i = 0; sent && i < script->count; i++)
		sent = read(fd, message, sizeof(message)) > 0 &&
		    send(fd, script->answers[i].octets, script->answers[i].len,
			MSG_NOSIGNAL) == (ssize_t)script->answers[i].len;
	while (read(fd, message, sizeof(message)) > 0)
		;
}

/* begin - start a server that sends these answers */
static void
begin(const struct answer *answers, size_t count)
{
	const struct script script = {answers, count};

	server = played_start(&source, 1, serve, &script);
	(void)strlcpy(source.password, "secret", sizeof(source.password));
}

/* connects - connect, and check what comes of it and what is told */
static void
connects(int wanted, const char *words)
{
	struct diag diag = {0};

	pg = (struct postgresql){.io = {played_wait, NULL}, .patience = 30000};
	ck_assert_int_eq(
	    postgresql_open(&pg, &source, POSTGRESQL_READS, 0, &diag), wanted);
	ck_assert(postgresql_is_gone(&pg) == (wanted != 0));
	if (wanted != 0)
		ck_assert_msg(strstr(diag_text(&diag), words) != NULL,
		    "%s without %s", diag_text(&diag), words);
	postgresql_close(&pg);
	ck_assert_int_eq(played_end(server), 0);
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
