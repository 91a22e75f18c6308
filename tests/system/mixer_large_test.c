/* SPDX-License-Identifier: ISC */
/*
 * mixer_large_test.c - a message larger than the memory that it may take comes
 * by LMTP, and goes to a mail server; a gigabyte in the long form
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/mail_peer.h"
#include "tests/system/program.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define DOMAIN	"C=XX;A=TEST;P=LARGE"
#define RSS_MAX SUITE_MEMORY(suite_long() ? 32 : 6)
#define OCTETS	57 /* of a line of base64 */
#define LINE                                                           \
	"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJz" \
	"dHV2d3h5ejAxMjM0"
#define DECODED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234"

/* octets of a file, in lines of base64 that have 78 */
#define LINES ((suite_long() ? 1024u : 8u) * 1024 * 1024 / 78)

static struct suite tested;
static char sink[SUITE_PATH + 16];
static pid_t server;
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
begin(const char *test)
{
	char sections[2048], directory[SUITE_PATH + 16];
	uint16_t lmtp, smtp;

	suite_begin(test);
	lmtp = suite_free_port();
	smtp = suite_free_port();
	(void)snprintf(sink, sizeof(sink), "%s/sink", suite_directory());
	ck_assert_int_eq(suite_shell(NULL, "mkdir '%s'", sink), 0);
	server = mail_peer_serve(sink, smtp);
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=EDI\"}\n}\n"
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" DOMAIN ";O=GW\"\n"
	    "  map = {\"edi.example = " DOMAIN ";O=EDI\"}\n"
	    "  address-space = {\"" DOMAIN ";O=GW\"}\n"
	    "  relay-from = {\"*\"}\n  relay = {\"127.0.0.1:%u\"}\n"
	    "  listen-lmtp = {\"127.0.0.1:%u\"}\n}\n",
	    edi.directory, smtp, lmtp);
	suite_configure(&tested, "a", DOMAIN, "", sections);
	suite_start(&tested);
	program_await(&edi, "in/new");
	return lmtp;
}

/* end - stop all */
static void
end(void)
{
	suite_stop(&tested);
	mail_peer_end(server);
	if (suite_long())
		printf("largest RssAnon: %llu KB\n",
		    (unsigned long long)largest / 1024);
	suite_end();
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
	unsigned lines = LINES;
	uint64_t given;
	json_t *object;

	send_lines(begin("mixer-large-in"), lines);
	given = program_await_next(&edi);
	object = program_claim(&edi, given);
	check_file(program_path(&edi, "out/new/%d.1.part", (int)given), lines);
	json_decref(object);
	end();
}
END_TEST

/* make_file - make a file of so many lines, decoded */
static void
make_file(const char *path, unsigned lines)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < lines; i++)
		ck_assert_int_ge(fputs(DECODED, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	suite_give(path);
}

/* has_arrived - tell whether the server has the message, looking at the memory
 * of who sends it */
static bool
has_arrived(void *arg)
{
	pid_t worker = suite_pid(&tested, "mixer-out/net#1");

	if (worker != 0)
		watch(worker);
	watch(suite_pid(&tested, "qmgr"));
	return access(arg, F_OK) == 0;
}

/* count_lines - count the lines of a message that are those of the file */
static unsigned
count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	unsigned count = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		count += strcmp(line, LINE "\r\n") == 0;
	(void)fclose(file);
	return count;
}

START_TEST(to_the_internet)
{
	static const char object[] =
	    "{\"kind\":\"message\",\"originator\":\"" DOMAIN ";O=EDI;S=Me\","
	    "\"recipients\":[{\"address\":\"" DOMAIN
	    ";O=GW;DDA:RFC-822=kim(a)example.org\"}],"
	    "\"ipm\":{\"subject\":\"large\"},\"parts\":[{\"type\":\"file\","
	    "\"name\":\"large.bin\",\"file\":\"large.part\"}]}";
	char path[SUITE_PATH + 32];
	unsigned lines = LINES;

	(void)begin("mixer-large-out");
	make_file(program_path(&edi, "in/new/large.part"), lines);
	program_submit(&edi, "large", object);
	(void)snprintf(path, sizeof(path), "%s/1", sink);
	suite_wait("the message", 1200, has_arrived, path);
	ck_assert_uint_eq(count_lines(path), lines);
	end();
}
END_TEST

TEST_MAIN("system/mixer_large", TEST_LONG(from_the_internet, 1200);
	  TEST_LONG(to_the_internet, 1200))
