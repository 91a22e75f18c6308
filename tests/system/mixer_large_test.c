/* SPDX-License-Identifier: ISC */
/*
 * mixer_large_test.c - a message larger than the memory that it may take comes
 * by LMTP; a gigabyte in the long form
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/mail_peer.h"
#include "tests/system/program.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define DOMAIN	"C=XX;A=TEST;P=LARGE"
#define RSS_MAX SUITE_MEMORY(32)
#define OCTETS	57 /* of a line of base64 */
#define LINE                                                           \
	"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJz" \
	"dHV2d3h5ejAxMjM0"
#define DECODED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234"

static struct suite tested;
static struct program edi;
static uint64_t largest; /* RssAnon of any that was looked at */

/* watch - look at the memory of a process */
static void
watch(pid_t pid)
{
	uint64_t rss = suite_rss_anon(pid);

	largest = rss > largest ? rss : largest;
	ck_assert_msg(rss <= RSS_MAX, "process %d has %llu octets of RssAnon",
	    (int)pid, (unsigned long long)rss);
}

/* begin - start a suite with an application and a gateway: its port */
static uint16_t
begin(void)
{
	char sections[2048], directory[SUITE_PATH + 16];
	uint16_t lmtp;

	suite_begin("mixer-large");
	lmtp = suite_free_port();
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=EDI\"}\n}\n"
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" DOMAIN ";O=GW\"\n"
	    "  map = {\"edi.example = " DOMAIN ";O=EDI\"}\n"
	    "  listen-lmtp = {\"127.0.0.1:%u\"}\n}\n",
	    edi.directory, lmtp);
	suite_configure(&tested, "a", DOMAIN, "", sections);
	suite_start(&tested);
	program_await(&edi, "in/new");
	return lmtp;
}

/* send_lines - send a message with a file of so many lines, looking at the
 * memory of who takes it */
static void
send_lines(uint16_t lmtp, unsigned lines)
{
	FILE *peer = mail_peer_call(lmtp);
	pid_t worker = suite_worker(&tested, "mixer-in/net");
	pid_t qmgr = suite_pid(&tested, "qmgr");

	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
	mail_peer_say(peer, "RCPT TO:<jo@edi.example>", "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	ck_assert_int_ge(
	    fprintf(peer,
		"Subject: large\r\nMIME-Version: 1.0\r\n"
		"Content-Type: application/octet-stream; name=large.bin\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n"),
	    0);
	for (unsigned i = 0; i < lines; i++) {
		ck_assert_int_ge(fputs(LINE "\r\n", peer), 0);
		if (i % 16384 == 0) {
			watch(worker);
			watch(qmgr);
		}
	}
	mail_peer_say(peer, ".", "250 ");
	watch(worker);
	watch(qmgr);
	(void)fclose(peer);
}

/* check_file - check that a file consists of so many lines, decoded */
static void
check_file(const char *path, unsigned lines)
{
	FILE *file = fopen(path, "re");
	char octets[OCTETS];

	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < lines; i++) {
		ck_assert_uint_eq(fread(octets, 1, OCTETS, file), OCTETS);
		ck_assert_mem_eq(octets, DECODED, OCTETS);
	}
	ck_assert_int_eq(fgetc(file), EOF);
	(void)fclose(file);
}

START_TEST(from_the_internet)
{
	/* of 78 octets */
	unsigned lines = (suite_long() ? 1024u : 48u) * 1024 * 1024 / 78;
	uint64_t given;
	json_t *object;

	send_lines(begin(), lines);
	given = program_await_next(&edi);
	object = program_claim(&edi, given);
	check_file(program_path(&edi, "out/new/%d.1.part", (int)given), lines);
	json_decref(object);
	printf(
	    "largest RssAnon: %llu KB\n", (unsigned long long)largest / 1024);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/mixer_large", TEST_LONG(from_the_internet, 1200))
