/* SPDX-License-Identifier: ISC */
/*
 * mail_suite.c - a suite with a gateway between a program and a mail server
 */
#include "tests/system/mail_suite.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

struct mail_suite mail_suite;

/* mail_suite_begin - start the suite and the server */
void
mail_suite_begin(const char *test, const char *settings)
{
	struct mail_suite *m = &mail_suite;
	char directory[SUITE_PATH + 16];
	uint16_t smtp;

	suite_begin(test);
	m->taken = 0;
	m->lmtp = suite_free_port();
	smtp = suite_free_port();
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&m->edi, directory);
	(void)snprintf(m->sink, sizeof(m->sink), "%s/sink", suite_directory());
	ck_assert_int_eq(suite_shell(NULL, "mkdir '%s'", m->sink), 0);
	m->server = mail_peer_serve(m->sink, smtp);
	ck_assert_int_lt(
	    snprintf(m->sections, sizeof(m->sections),
		"application \"edi\" {\n  path = \"%s\"\n"
		"  address-space = {\"" MAIL_SUITE_EDI "\"}\n}\n"
		"mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
		"  gateway-address = \"" MAIL_SUITE_DOMAIN ";O=GW\"\n"
		"  map = {\"edi.example = " MAIL_SUITE_EDI "\"}\n"
		"  address-space = {\"" MAIL_SUITE_DOMAIN ";O=GW\"}\n"
		"  listen-lmtp = {\"127.0.0.1:%u\"}\n"
		"  relay = {\"127.0.0.1:%u\"}\n  %s\n}\n",
		m->edi.directory, m->lmtp, smtp, settings),
	    (int)sizeof(m->sections));
	suite_configure(
	    &m->suite, "a", MAIL_SUITE_DOMAIN, MAIL_SUITE_MTA, m->sections);
	suite_start(&m->suite);
	program_await(&m->edi, "in/new");
}

/* mail_suite_end - stop the suite and the server */
void
mail_suite_end(void)
{
	suite_stop(&mail_suite.suite);
	mail_peer_end(mail_suite.server);
	suite_end();
}

/* mail_suite_has_next - tell whether the server has got the next message */
bool
mail_suite_has_next(void *arg)
{
	char path[SUITE_PATH + 32];

	(void)arg;
	(void)snprintf(
	    path, sizeof(path), "%s/%u", mail_suite.sink, mail_suite.taken + 1);
	return access(path, F_OK) == 0;
}

/* mail_suite_next - wait for the next message that the server gets */
char *
mail_suite_next(void)
{
	char path[SUITE_PATH + 32];

	suite_wait("a message at the server", 20, mail_suite_has_next, NULL);
	(void)snprintf(
	    path, sizeof(path), "%s/%u", mail_suite.sink, ++mail_suite.taken);
	return suite_read(path, NULL);
}

/* mail_suite_commands - read the commands that the server was given */
char *
mail_suite_commands(void)
{
	char path[SUITE_PATH + 32], *text;

	(void)snprintf(path, sizeof(path), "%s/commands", mail_suite.sink);
	text = suite_read(path, NULL);
	ck_assert_ptr_nonnull(text);
	return text;
}

/* mail_suite_has - check that a text has another in it */
void
mail_suite_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no %s in:\n%s", part, text);
}

/* mail_suite_has_not - check that it has not */
void
mail_suite_has_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "%s in:\n%s", part, text);
}
