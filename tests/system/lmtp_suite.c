/* SPDX-License-Identifier: ISC */
/*
 * lmtp_suite.c - a suite with a gateway that takes messages by LMTP, and an
 * application that gets them
 */
#include "tests/system/lmtp_suite.h"

#include "tests/system/mail_peer.h"
#include "tests/unit/test.h"

struct suite lmtp_suite;
struct program lmtp_program;
uint16_t lmtp_port;

/* lmtp_suite_configure - write the configuration of the suite */
void
lmtp_suite_configure(const char *mta, const char *settings)
{
	char sections[2048];

	(void)snprintf(sections, sizeof(sections),
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" LMTP_SUITE_DOMAIN ";O=GW\"\n"
	    "  map = {\"edi.example = " LMTP_SUITE_DOMAIN ";O=EDI\"}\n  %s\n}\n"
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" LMTP_SUITE_DOMAIN ";O=EDI\"}\n}\n",
	    settings, lmtp_program.directory);
	suite_configure(&lmtp_suite, "a", LMTP_SUITE_DOMAIN, mta, sections);
}

/* lmtp_suite_prepare - make what a suite needs */
void
lmtp_suite_prepare(const char *test)
{
	char directory[SUITE_PATH + 16];

	suite_begin(test);
	lmtp_port = suite_free_port();
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&lmtp_program, directory);
}

/* lmtp_suite_begin - start a suite whose gateway listens on a port, with
 * further settings */
void
lmtp_suite_begin(const char *test, const char *mta, const char *settings)
{
	char all[512];

	lmtp_suite_prepare(test);
	(void)snprintf(all, sizeof(all), "%s listen-lmtp = {\"127.0.0.1:%u\"}",
	    settings, lmtp_port);
	lmtp_suite_configure(mta, all);
	suite_start(&lmtp_suite);
	program_await(&lmtp_program, "in/new");
}

/* lmtp_suite_end - stop the suite */
void
lmtp_suite_end(void)
{
	suite_stop(&lmtp_suite);
	suite_end();
}

/* lmtp_suite_greet - connect, and say hello */
FILE *
lmtp_suite_greet(void)
{
	FILE *peer = mail_peer_call(lmtp_port);

	mail_peer_say(peer, "LHLO test", "250 ");
	return peer;
}

/* lmtp_suite_send - send a message of this subject, which is taken */
void
lmtp_suite_send(FILE *peer, const char *subject)
{
	char text[128];

	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
	mail_peer_say(peer, "RCPT TO:<user0@edi.example>", "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	(void)snprintf(
	    text, sizeof(text), "Subject: %s\r\n\r\nHello\r\n.", subject);
	mail_peer_say(peer, text, "250 ");
}

/* has_event - tell whether the log has an event */
static bool
has_event(void *arg)
{
	return suite_shell(NULL, "grep -q ' %u ' '%s'", *(const unsigned *)arg,
		   suite_path(&lmtp_suite, "state/log")) == 0;
}

/* lmtp_suite_await_event - wait until the log has an event of this number:
 * workers have qmgr write it */
void
lmtp_suite_await_event(unsigned number)
{
	suite_wait("an event", 20, has_event, &number);
}
