/* SPDX-License-Identifier: ISC */
/*
 * bad_input_test.c - nothing that a peer, a file or a person sends ends a
 * process, and what is good goes on
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

static struct pair pair;

/* throw_at - send octets to a suite's port, then read until it closes */
static void
throw_at(const struct suite *target, const void *octets, size_t length)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(target->port)};
	struct timeval limit = {.tv_sec = 2};
	char answer[4096];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	/* the suite may have closed already: that is an answer too */
	if (send(fd, octets, length, MSG_NOSIGNAL) > 0) {
		shutdown(fd, SHUT_WR);
		while (recv(fd, answer, sizeof(answer), 0) > 0)
			;
	}
	close(fd);
}

/* throw_all - send what strangers send */
static void
throw_all(const struct suite *target)
{
	static const char http[] = "GET / HTTP/1.0\r\n\r\n";
	static const uint8_t cr[] = {3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 1, 0};
	static const uint8_t cr_then[] = {3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 1, 0,
	    3, 0, 0, 12, 2, 0xf0, 0x80, 13, 3, 0xff, 0xff, 0xff};
	static const uint8_t endless[] = {3, 0, 0xff, 0xff, 2, 0xf0, 0};
	uint8_t junk[3000];

	throw_at(target, http, sizeof(http) - 1);
	throw_at(target, cr, sizeof(cr));
	throw_at(target, cr_then, sizeof(cr_then));
	throw_at(target, endless, sizeof(endless));
	for (unsigned i = 0; i < 20; i++) {
		letter_fill(junk, sizeof(junk), i);
		throw_at(target, junk, sizeof(junk));
		memcpy(junk, cr, sizeof(cr));
		junk[sizeof(cr)] = 3;
		throw_at(target, junk, sizeof(junk));
	}
}

/* junk_file - write any octets as a file of A's postoffice */
static void
junk_file(const char *name, const void *octets, size_t length)
{
	char path[SUITE_PATH + 128];

	snprintf(path, sizeof(path), "%s/%s", pair.a_in, name);
	suite_write(path, octets, length);
}

/* junk_text - write text as a file of A's postoffice */
static void
junk_text(const char *name, const char *text)
{
	junk_file(name, text, strlen(text));
}

/* bad_files - write one of each kind; count them */
static unsigned
bad_files(void)
{
	uint8_t junk[5000];

	letter_fill(junk, sizeof(junk), 7);
	junk_text("01.MSG", "");
	junk_file("02.MSG", junk, sizeof(junk));
	junk_text("03.MSG", "VERSION:3.00\r\nFROM:CSI:ACME/PO1/ALICE\r\n");
	junk_text("04.MSG",
	    "VERSION:3.00\r\nTO:X400:C=FR;A=\x01\r\nFROM:CSI:ACME/PO1/ALICE\r\n"
	    "TEXT:1\r\nx");
	junk_text("05.MSG",
	    "VERSION:3.00\r\nTO:X400:" PAIR_BOB
	    "\r\nFROM:CSI:ACME/PO1/ALICE\r\nTEXT:99999\r\nshort");
	junk_text("06.MSG", "VERSION:3.00\r\nFOO:bar\r\nTEXT:1\r\nx");
	return 6;
}

/* delivered - tell whether letter n of the good ones has arrived */
static void
good_letter(unsigned n)
{
	char name[32];

	snprintf(name, sizeof(name), "9%u.MSG", n);
	pair_letter(&pair, name, PAIR_BOB, '3', "good", "good\r\n", NULL, 0);
	pair_wait_files(pair.b_out, n, 20);
}

START_TEST(strangers_and_bad_files)
{
	pid_t qmgr_a, qmgr_b;
	char *why, path[SUITE_PATH + 128];
	unsigned bad;

	suite_begin("bad-input");
	pair_start(&pair, PAIR_DIRECT, "");
	qmgr_a = suite_pid(&pair.a, "qmgr");
	qmgr_b = suite_pid(&pair.b, "qmgr");
	good_letter(1);
	throw_all(&pair.a);
	throw_all(&pair.b);
	good_letter(2);
	bad = bad_files();
	good_letter(3);
	/* each bad one with its reason beside it */
	pair_wait_files(pair.a_bad, (size_t)bad * 2, 20);
	snprintf(path, sizeof(path), "%s/06.MSG.why", pair.a_bad);
	why = suite_read(path, NULL);
	ck_assert_ptr_nonnull(why);
	ck_assert_ptr_nonnull(strstr(why, "FOO"));
	free(why);
	ck_assert_uint_eq(suite_count_files(pair.a_in), 0);
	ck_assert_int_eq(suite_pid(&pair.a, "qmgr"), qmgr_a);
	ck_assert_int_eq(suite_pid(&pair.b, "qmgr"), qmgr_b);
	pair_wait_empty(&pair, 20);
	pair_stop(&pair);
	pair_check(&pair);
	suite_end();
}
END_TEST

/* a wrong configuration: file and line, and nothing is started */
START_TEST(wrong_configuration)
{
	struct suite wrong = {0};
	char expected[SUITE_PATH + 64], *output;

	suite_begin("wrong-conf");
	suite_configure(&wrong, "w", "C=XX;A=TEST", "  nonsense = 1\n", "");
	ck_assert_int_eq(suite_shell(&output, "%s/bin/x4ctl -c %s start 2>&1",
			     suite_build(), wrong.conf),
	    78);
	snprintf(expected, sizeof(expected), "%s:", wrong.conf);
	ck_assert_msg(strstr(output, expected) != NULL, "%s", output);
	ck_assert_ptr_nonnull(strstr(output, "nonsense"));
	free(output);
	/* The file leads to no suite, and is told wrong by who validates it. */
	ck_assert_int_eq(suite_tool(&wrong, NULL, "x4ctl", "status", NULL), 69);
	ck_assert_int_eq(suite_tool(&wrong, NULL, "x4conf", "check", NULL), 78);
	suite_end();
}
END_TEST

/* who may not bind learns no more than that */
START_TEST(wrong_password)
{
	char address[32], output[SUITE_PATH], *log;
	char path[SUITE_PATH + 32];

	suite_begin("wrong-password");
	/* the letter at the end crosses because this matches */
	pair_start(
	    &pair, PAIR_DIRECT, "  remote-addresses = {\"127.0.0.0/8\"}\n");
	snprintf(address, sizeof(address), "127.0.0.1:%u", pair.b.port);
	snprintf(output, sizeof(output), "%s/source", suite_directory());
	ck_assert_int_eq(
	    suite_wait_exit(suite_spawn(output, "peers/x4source", "-a", address,
				"-n", "MTA-a", "-w", "wrong", "-f", PAIR_ALICE,
				"-t", PAIR_BOB, NULL),
		30),
	    1);
	snprintf(path, sizeof(path), "%s/state/log", pair.b.directory);
	log = suite_read(path, NULL);
	ck_assert_ptr_nonnull(log);
	ck_assert_ptr_nonnull(strstr(log, ": 51 warn"));
	ck_assert_ptr_null(strstr(log, "secret-a"));
	free(log);
	good_letter(1);
	pair_stop(&pair);
	suite_end();
}
END_TEST

TEST_MAIN("system/bad_input", TEST_LONG(strangers_and_bad_files, 120),
    TEST_LONG(wrong_configuration, 60), TEST_LONG(wrong_password, 60))
