/* SPDX-License-Identifier: ISC */
/*
 * bomb_test.c - messages that are made to cost much: each is refused, or
 * becomes a content; neither takes memory without bound
 */
#include <sys/resource.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

#define OCTETS_MAX ((size_t)128 * 1024 * 1024)

/* In KB, for what a mapping may hold; AddressSanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX (1024 * 1024)
#else
#define MEMORY_MAX (64 * 1024)
#endif

#define HEADER                                      \
	"Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n" \
	"Message-ID: <a1@acme.example>\r\n"         \
	"From: jo@acme.example\r\n"

static struct mixer_message m;
static struct buffer bomb;

static void
bomb_begin(const char *text)
{
	mixer_message_init(&m);
	buffer_init(&bomb, OCTETS_MAX);
	ck_assert_int_eq(buffer_append(&bomb, text, strlen(text)), 0);
}

/* more - append a text that often */
static void
more(const char *text, unsigned times)
{
	size_t len = strlen(text);

	while (times-- > 0)
		if (buffer_append(&bomb, text, len) != 0)
			ck_abort_msg("no room");
}

/* go_off - take the message to X.400; the error.  Of what becomes a content a
 * message is made again */
static int
go_off(struct diag *diag)
{
	struct buffer content, back;
	struct rusage before, after;
	int error;

	buffer_init(&content, OCTETS_MAX);
	buffer_init(&back, OCTETS_MAX);
	getrusage(RUSAGE_SELF, &before);
	error = mixer_message_to_x400(
	    &m, buffer_slice(&bomb), 4096, &content, diag);
	if (error == 0)
		error = mixer_message_to_internet(
		    &m, buffer_slice(&content), 4096, &back, diag);
	getrusage(RUSAGE_SELF, &after);
	/* Both forms are in memory here, which a gateway does not do. */
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss,
	    MEMORY_MAX +
		(long)(4 * (buffer_length(&content) + buffer_length(&back)) /
		    1024));
	buffer_fini(&content);
	buffer_fini(&back);
	buffer_fini(&bomb);
	mixer_message_fini(&m);
	return error;
}

/* becomes - check that the message becomes a content, and that a message */
static void
becomes(void)
{
	struct diag diag = {0};

	ck_assert_msg(go_off(&diag) == 0, "%s", diag_text(&diag));
}

/* refused - check that the message is refused, and why */
static void
refused(const char *why)
{
	struct diag diag = {0};

	ck_assert_int_lt(go_off(&diag), 0);
	ck_assert_str_eq(diag_text(&diag), why);
}

START_TEST(depth)
{
	char line[64];

	bomb_begin(HEADER "MIME-Version: 1.0\r\n");
	for (unsigned i = 0; i < 2000; i++) {
		(void)snprintf(line, sizeof(line),
		    "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u"
		    "\r\n",
		    i, i);
		more(line, 1);
	}
	more("\r\ntext\r\n", 1);
	becomes();
	bomb_begin(HEADER "MIME-Version: 1.0\r\n");
	more("Content-Type: message/rfc822\r\n\r\n", 5000);
	becomes();
}
END_TEST

START_TEST(many_parts)
{
	bomb_begin(HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	more("--b\r\n\r\n", 100000);
	refused("too many parts");
	/* A thousand parts with a long name each are few enough. */
	bomb_begin(HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (unsigned i = 0; i < 990; i++) {
		more("--b\r\nContent-Type: application/x; name=\"", 1);
		more("x", 2000);
		more("\"\r\n\r\nx\r\n", 1);
	}
	becomes();
}
END_TEST

START_TEST(headers)
{
	bomb_begin(HEADER "Subject: ");
	more("x", 20000000);
	refused("a header is too long");
	bomb_begin(HEADER);
	more("X-A: b\r\n", 30000);
	refused("a header has too many fields");
	bomb_begin(HEADER "Subject: a\r\n");
	more(" b\r\n", 50000);
	more("\r\ntext\r\n", 1);
	becomes();
	bomb_begin(HEADER "Content-Type: text/plain");
	for (unsigned i = 0; i < 4000; i++)
		more("; name*9=x", 1);
	more("\r\n\r\ntext\r\n", 1);
	becomes();
}
END_TEST

START_TEST(comments)
{
	bomb_begin(HEADER "To: ");
	more("(", 100000);
	more("\r\n\r\ntext\r\n", 1);
	becomes();
	/* Pieces of comments, each of which is added to a name. */
	bomb_begin(HEADER "To: a@b");
	more("(x)", 80000);
	more("\r\n\r\ntext\r\n", 1);
	becomes();
	bomb_begin(HEADER "To: a@b (x");
	more(";x", 25000);
	more(")\r\n\r\ntext\r\n", 1);
	becomes();
	bomb_begin(HEADER "To: a@b");
	for (unsigned i = 0; i < 400; i++) {
		more(", a@b (x", 1);
		more(";\xc3\xbc", 64);
		more(")", 1);
	}
	more("\r\n\r\ntext\r\n", 1);
	becomes();
}
END_TEST

START_TEST(addresses)
{
	bomb_begin(HEADER "To: a@b");
	more(",a@b", 50000);
	more("\r\n\r\ntext\r\n", 1);
	refused("more than a content may have");
	bomb_begin(HEADER "To: a@b");
	more(",a@b", 5000);
	more("\r\nReferences:", 1);
	more(" <a@b>", 5000);
	more("\r\n\r\ntext\r\n", 1);
	becomes();
}
END_TEST

START_TEST(words)
{
	bomb_begin(HEADER "Subject: ");
	more("=?utf-8?Q?=C3=BC?= ", 10000);
	more("\r\n\r\ntext\r\n", 1);
	becomes();
	bomb_begin(HEADER "To: ");
	more("a:", 30000);
	more("\"", 30000);
	more("\r\n\r\ntext\r\n", 1);
	refused("more than a content may have");
}
END_TEST

START_TEST(bodies)
{
	/* Lines without end, boundaries that never come whole. */
	bomb_begin(HEADER "\r\n");
	more("x", 8000000);
	becomes();
	bomb_begin(HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	more("--b\r\n\r\n", 1);
	more("\r\n-", 1000000);
	becomes();
	bomb_begin(
	    HEADER "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	more("=\r\n", 1000000);
	more("=", 1000000);
	becomes();
	bomb_begin(HEADER "Content-Type: application/x\r\n"
			  "Content-Transfer-Encoding: base64\r\n\r\n");
	more("====\r\n", 1000000);
	becomes();
}
END_TEST

START_TEST(lying_sets)
{
	static const char *const sets[] = {"utf-8", "utf-16", "utf-16le",
	    "utf-7", "iso-2022-jp", "iso-2022-kr", "shift_jis", "big5",
	    "gb18030", "euc-jp", "us-ascii", "iso-8859-1", "windows-1252",
	    "x-unknown", "utf-8\xff", ""};
	char head[256];

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		(void)snprintf(head, sizeof(head),
		    HEADER "Subject: =?%s?B?/wD+/8OD4oKsgA==?=\r\n"
			   "Content-Type: text/plain; charset=\"%s\"\r\n"
			   "Content-Transfer-Encoding: base64\r\n\r\n",
		    sets[i], sets[i]);
		bomb_begin(head);
		/* NUL, cut characters, escapes that are none, a lone
		 * surrogate. */
		more("/wD+/8OD4oKsgBskQhso3ADYAAAbJFz/gYHwn5g=\r\n", 3000);
		becomes();
	}
}
END_TEST

TEST_MAIN("mixer/bomb", TEST_LONG(depth, 20); TEST_LONG(many_parts, 20);
	  TEST_LONG(headers, 20); TEST_LONG(comments, 20);
	  TEST_LONG(addresses, 20); TEST_LONG(words, 20); TEST_LONG(bodies, 20);
	  TEST_LONG(lying_sets, 20))
