/* SPDX-License-Identifier: ISC */
/*
 * siblings_test.c - two suites of one domain, one of which is retired
 *
 * East and west tell each other their routes.  What waits at east for a peer
 * that it does not reach is drained to west, which does, while west has traffic
 * of its own; messages are among it that had come to east from west.  Nothing
 * new enters east.  Each message arrives once.  In the other test a postoffice,
 * an application and a gateway move from east to west, by one file.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fault/load.h"
#include "tests/system/mail_peer.h"
#include "tests/system/postoffice.h"
#include "tests/system/program.h"
#include "tests/unit/test.h"

#define DOMAIN "C=XX;A=TEST;P=HERE"
#define ROE    DOMAIN ";O=PO1;S=Roe"
#define DOE    DOMAIN ";O=PO2;S=Doe"
#define EDI    DOMAIN ";O=EDI;S=Desk"
#define KIM    DOMAIN ";O=GW;DDA:RFC-822=kim(a)example.org"

static struct suite east, west;
static struct load_sink third;

/* add_sibling - append the link to the other one, with further settings */
static void
add_sibling(char *text, size_t size, const struct suite *other,
    const char *name, const char *settings)
{
	size_t used = strlen(text);
	int n = snprintf(text + used, size - used,
	    "link \"%s\" {\n  remote-mta = \"MTA-%s\" "
	    "remote-password = \"secret-%s\"\n  address = {\"127.0.0.1:%u\"} "
	    "peer = \"fourpost\" learn = {\"" DOMAIN "\"}\n"
	    "  open-interval = \"0.2\" transfer-interval = \"0.2\"\n  %s\n}\n",
	    name, name, name, other->port, settings);

	ck_assert_uint_lt(used + (size_t)n, size);
}

/* begin - start both; the third party is where west alone calls it */
static void
begin(const char *test)
{
	char sections[8192];

	suite_begin(test);
	load_sink(&third, "third", 0, NULL);
	east.port = suite_free_port();
	west.port = suite_free_port();
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "third", suite_free_port(),
	    "open-interval = 600 open-retries = 100000");
	add_sibling(sections, sizeof(sections), &west, "west", "");
	suite_configure(
	    &east, "east", DOMAIN, "  route-refresh = 2\n", sections);
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "third", third.port,
	    "open-interval = 1 associations = 3");
	add_sibling(sections, sizeof(sections), &east, "east",
	    "address-space = {\"C=YY\"}");
	suite_configure(
	    &west, "west", DOMAIN, "  route-refresh = 2\n", sections);
	suite_start(&east);
	suite_start(&west);
}

/* ask - run x4ctl with some words; its exit status */
static int
ask(const struct suite *suite, const char *words, char **output)
{
	return suite_shell(output, "%s/bin/x4ctl -c %s %s 2>&1", suite_build(),
	    suite->conf, words);
}

/* expect - run x4ctl, which must end so and say some words */
static void
expect(
    const struct suite *suite, const char *words, int wanted, const char *said)
{
	char *output;
	int status = ask(suite, words, &output);

	ck_assert_msg(status == wanted && strstr(output, said) != NULL,
	    "x4ctl %s: exit %d, not %d with \"%s\": %s", words, status, wanted,
	    said, output);
	free(output);
}

/* How much is queued for the peer that east does not reach. */
struct backlog {
	int64_t messages;
};

/* is_waiting - tell whether so many wait at east */
static bool
is_waiting(void *arg)
{
	const struct backlog *backlog = arg;

	return load_link_number(&east, "third", "queued") == backlog->messages;
}

/* fill - have messages wait at east, some of which came from west */
static void
fill(unsigned own, unsigned from_west)
{
	struct backlog backlog = {own + from_west};
	char output[SUITE_PATH + 64];

	expect(&west, "disable third", 0, "");
	load_send(&west, "third", from_west);
	load_wait_source(
	    load_source(&east, "third", own, output, "-A", "8", NULL), 900);
	suite_wait("messages to wait at east", 120, is_waiting, &backlog);
	expect(&west, "enable third", 0, "");
}

/* refuses - check that east takes nothing, of peers and of tools */
static void
refuses(void)
{
	char output[SUITE_PATH + 64], *said;
	pid_t source = load_source(&east, "elsewhere", 1, output, NULL);

	ck_assert_int_eq(suite_wait_exit(source, 60), 1);
	ck_assert_int_eq(suite_shell(&said,
			     "echo | %s/bin/x4send -c %s -f '" DOMAIN
			     ";S=Me' -t 'C=YY;A=third;S=Sink' 2>&1",
			     suite_build(), east.conf),
	    1);
	ck_assert_msg(strstr(said, "being drained") != NULL, "%s", said);
	free(said);
}

START_TEST(drained_to_its_sibling)
{
	const unsigned own = suite_long() ? 100000 : 400, back = 10, flow = own;
	char output[SUITE_PATH + 64];
	double since;
	pid_t source;

	begin("siblings");
	fill(own, back);
	source = load_source(&west, "third", flow, output, "-A", "3", NULL);
	since = suite_now();
	expect(&east, "drain --to nowhere", 1, "no such link");
	expect(&east, "drain --to west --wait", 0, "\n0 left, 0 held\n");
	printf("figure: %u messages drained in %.2f s\n", own + back,
	    suite_now() - since);
	expect(&east, "status", 2, "draining to west, nothing new is taken");
	refuses();
	load_wait_source(source, 600);
	load_wait_noted(&third, own + back + flow, 600);
	/* A boot changes nothing of it. */
	suite_stop(&east);
	suite_start(&east);
	refuses();
	expect(&east, "drain --off", 0, "");
	expect(&east, "drain --wait", 0, "0 left, 0 held");
	expect(&east, "drain --off", 0, "");
	suite_stop(&east);
	ck_assert_int_eq(suite_tool(&east, NULL, "x4check", NULL), 0);
	load_finish(&west, &third, 60);
	suite_end();
}
END_TEST

/* own - write the file of what a suite owns: a postoffice, and more sections */
static void
own(const struct suite *suite, const char *file, const char *name,
    const char *user, const char *more)
{
	char path[SUITE_PATH + 64], text[2048];
	int n;

	snprintf(path, sizeof(path), "%s/%s", suite_directory(), name);
	postoffice_make(path);
	snprintf(path, sizeof(path), "%s/%s.map", suite_directory(), name);
	n = snprintf(text, sizeof(text), DOMAIN ";O=%s;S=%s = ACME/%s/%s\n",
	    name, user, name, user);
	suite_write(path, text, (size_t)n);
	n = snprintf(text, sizeof(text),
	    "msmail \"%s\" {\n  postoffice = \"%s/%s\"\n"
	    "  network = \"ACME\" name = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=%s\"}\n"
	    "  directory = \"%s\"\n}\n%s",
	    strcmp(name, "PO1") == 0 ? "po1" : "po2", suite_directory(), name,
	    name, name, path, more);
	snprintf(path, sizeof(path), "%s/own", suite->directory);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/own/%s", suite->directory, file);
	suite_write(path, text, (size_t)n);
}

/* include_own - have the configuration of a suite include what it owns */
static void
include_own(const struct suite *suite)
{
	ck_assert_int_eq(
	    suite_shell(NULL,
		"mkdir -p %s/own && echo 'include \"%s/own\"' >>%s",
		suite->directory, suite->directory, suite->conf),
	    0);
}

/* knows - tell whether a suite has learnt a route, by x4conf route */
struct knows {
	const struct suite *suite;
	const char *address, *way;
};

/* has_learnt - tell whether the way to an address is that one */
static bool
has_learnt(void *arg)
{
	const struct knows *knows = arg;
	char *output;
	bool is;

	(void)suite_shell(&output, "%s/bin/x4conf -c %s route '%s' 2>&1",
	    suite_build(), knows->suite->conf, knows->address);
	is = strstr(output, knows->way) != NULL;
	free(output);
	return is;
}

/* await_way - wait until a suite knows a way to an address */
static void
await_way(const struct suite *suite, const char *address, const char *way)
{
	struct knows knows = {suite, address, way};

	suite_wait(address, 30, has_learnt, &knows);
}

/* send - send a text to an address as a tool of a suite */
static void
send_text(const struct suite *suite, const char *to)
{
	ck_assert_int_eq(suite_shell(NULL,
			     "echo Words | %s/bin/x4send -c %s -f '%s' -t '%s'",
			     suite_build(), suite->conf, DOE, to),
	    0);
}

/* Files of a directory, and how many there are to be. */
struct files {
	char path[SUITE_PATH + 64];
	size_t count;
};

/* has_files - tell whether a directory has as many files as that */
static bool
has_files(void *arg)
{
	const struct files *files = arg;

	return suite_count_files(files->path) == files->count;
}

/* await_files - wait until a directory of the test has so many files */
static void
await_files(const char *name, size_t count)
{
	struct files files = {.count = count};

	snprintf(
	    files.path, sizeof(files.path), "%s/%s", suite_directory(), name);
	suite_wait(name, 60, has_files, &files);
}

/* has_mail - tell whether the mail server has a message of that number */
static bool
has_mail(void *arg)
{
	char path[SUITE_PATH + 64], *text;

	snprintf(path, sizeof(path), "%s/mail/%s", suite_directory(),
	    (const char *)arg);
	text = suite_read(path, NULL);
	free(text);
	return text != NULL;
}

/* await_mail - wait until it has */
static void
await_mail(const char *number)
{
	char name[8];

	strlcpy(name, number, sizeof(name));
	suite_wait("mail of the gateway", 60, has_mail, name);
}

/* serve - take the one object that a program has, as the program does */
static void
serve(struct program *program)
{
	uint64_t id = program_await_next(program);
	json_t *object = program_claim(program, id);

	ck_assert_ptr_nonnull(object);
	json_decref(object);
	program_answer(program, id, "{\"all\":{\"result\":\"delivered\"}}");
}

/* move_to_west - move what east owns to west, by one file */
static void
move_to_west(const char *file)
{
	ck_assert_int_eq(suite_shell(NULL, "mv %s/own/%s %s/own/%s",
			     east.directory, file, west.directory, file),
	    0);
	expect(&east, "reload", 0, "");
	expect(&west, "reload", 0, "");
}

/* sections_of_east - write what east owns beside its postoffice: an application
 * and a gateway, whose mail goes to a server of the test */
static void
sections_of_east(struct program *edi, uint16_t smtp, char *text, size_t size)
{
	char path[SUITE_PATH + 64];
	int n;

	snprintf(path, sizeof(path), "%s/edi", suite_directory());
	program_make(edi, path);
	n = snprintf(text, size,
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=EDI\"}\n}\n"
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" DOMAIN ";O=GW\"\n"
	    "  address-space = {\"" DOMAIN ";O=GW\"} relay-from = {\"*\"}\n"
	    "  listen-lmtp = {\"127.0.0.1:%u\"}\n"
	    "  relay = {\"127.0.0.1:%u\"}\n}\n",
	    path, suite_free_port(), smtp);
	ck_assert_uint_lt((size_t)n, size);
}

/* send_all - send to what east owns, by a suite, and have it taken: files that
 * the postoffice has then, and the number of the mail at the server */
static void
send_all(
    const struct suite *by, struct program *edi, size_t files, const char *mail)
{
	send_text(by, ROE);
	send_text(by, EDI);
	send_text(by, KIM);
	await_files("PO1/OUT", files);
	await_mail(mail);
	serve(edi);
	suite_wait_empty(&east, 60);
	suite_wait_empty(&west, 60);
}

START_TEST(owned_by_one)
{
	char sections[2048], path[SUITE_PATH + 64];
	const uint16_t smtp = suite_free_port();
	static struct program edi;
	pid_t server;

	begin("owned");
	suite_stop(&east);
	suite_stop(&west);
	snprintf(path, sizeof(path), "%s/mail", suite_directory());
	ck_assert_int_eq(mkdir(path, 0755), 0);
	server = mail_peer_serve(path, smtp);
	sections_of_east(&edi, smtp, sections, sizeof(sections));
	own(&east, "1.conf", "PO1", "Roe", sections);
	own(&west, "2.conf", "PO2", "Doe", "");
	include_own(&east);
	include_own(&west);
	suite_start(&east);
	suite_start(&west);
	await_way(&west, ROE, "east");
	await_way(&west, EDI, "east");
	await_way(&west, KIM, "east");
	await_way(&east, DOE, "west");
	send_all(&west, &edi, 1, "1");
	send_text(&east, DOE);
	await_files("PO2/OUT", 1);
	move_to_west("1.conf");
	await_way(&east, ROE, "west");
	await_way(&east, EDI, "west");
	await_way(&east, KIM, "west");
	await_way(&west, ROE, "msmail/po1");
	send_all(&east, &edi, 2, "2");
	send_all(&west, &edi, 3, "3");
	/* No failure was told. */
	await_files("PO2/OUT", 1);
	mail_peer_end(server);
	load_sink_stop(&third);
	suite_stop(&east);
	suite_stop(&west);
	suite_end();
}
END_TEST

TEST_MAIN("system/siblings", TEST_LONG(drained_to_its_sibling, 1800);
	  TEST_LONG(owned_by_one, 180))
