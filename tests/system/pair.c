/* SPDX-License-Identifier: ISC */
/*
 * pair.c - two suites with a postoffice each; see pair.h
 */
#include "tests/system/pair.h"

#include <sys/stat.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/letter.h"
#include "tests/system/postoffice.h"

const char *pair_mode;

/* mode_of - write what a link needs to be of pair_mode; domain is the peer's */
static void
mode_of(char *text, size_t size, const char *domain)
{
	text[0] = '\0';
	if (pair_mode != NULL)
		snprintf(text, size, "  mode = \"%s\" remote-domain = \"%s\"\n",
		    pair_mode, domain);
}

/* postoffice - make a postoffice's directories, its map, and its section */
static void
postoffice(const char *suite, const char *name, const char *po,
    const char *space, const char *mailbox, const char *address, char *section,
    size_t size)
{
	char path[SUITE_PATH], map[SUITE_PATH], text[512];

	snprintf(path, sizeof(path), "%s/%s", suite_directory(), suite);
	mkdir(path, 0755);
	snprintf(
	    path, sizeof(path), "%s/%s/%s", suite_directory(), suite, name);
	postoffice_make(path);
	snprintf(
	    map, sizeof(map), "%s/%s/%s.map", suite_directory(), suite, name);
	snprintf(text, sizeof(text), "# mailboxes\n%s = ACME/%s/%s\n", address,
	    po, mailbox);
	suite_write(map, text, strlen(text));
	snprintf(section, size,
	    "msmail \"%s\" {\n  postoffice = \"%s/%s/%s\"\n"
	    "  network = \"ACME\" name = \"%s\"\n"
	    "  address-space = {\"%s\"}\n  directory = \"%s\"\n}\n",
	    name, suite_directory(), suite, name, po, space, map);
}

/* directories - name where the files of both go */
static void
directories(struct pair *pair)
{
	const char *d = suite_directory();

	snprintf(pair->a_in, sizeof(pair->a_in), "%s/a/po1/P1", d);
	snprintf(pair->a_out, sizeof(pair->a_out), "%s/a/po1/OUT", d);
	snprintf(pair->a_bad, sizeof(pair->a_bad), "%s/a/po1/BAD", d);
	snprintf(pair->b_in, sizeof(pair->b_in), "%s/b/po2/P1", d);
	snprintf(pair->b_out, sizeof(pair->b_out), "%s/b/po2/OUT", d);
	snprintf(pair->b_bad, sizeof(pair->b_bad), "%s/b/po2/BAD", d);
}

/* relay - record between A and B, whoever calls */
static void
relay(struct pair *pair)
{
	char target[32], output[SUITE_PATH];

	snprintf(target, sizeof(target), "127.0.0.1:%u",
	    pair->b_tls != 0 ? pair->b_tls : pair->b.port);
	snprintf(output, sizeof(output), "%s/relay", suite_directory());
	snprintf(
	    pair->pcap, sizeof(pair->pcap), "%s/wire.pcap", suite_directory());
	pair->relay = suite_spawn(
	    output, "peers/record", "-w", pair->pcap, "-t", target, NULL);
	pair->relay_port = suite_port_of(output);
	recording_start(
	    &pair->back, "back", pair->a_tls != 0 ? pair->a_tls : pair->a.port);
}

void
pair_start(struct pair *pair, enum pair_way way, const char *link)
{
	pair_start_as(pair, way, link, link);
}

void
pair_start_as(struct pair *pair, enum pair_way way, const char *a_link,
    const char *b_link)
{
	char section[1024], sections[8192], mode[256];
	uint16_t port;

	directories(pair);
	pair->a.port = suite_free_port();
	pair->b.port = suite_free_port();
	port = pair->b_tls != 0 ? pair->b_tls : pair->b.port;
	if (way == PAIR_RECORDED)
		relay(pair);
	if (way != PAIR_DIRECT)
		port = pair->relay_port;
	postoffice("a", "po1", "PO1", "C=DE;A=VIAT;P=ALPHA;O=PO1", "ALICE",
	    PAIR_ALICE, section, sizeof(section));
	mode_of(mode, sizeof(mode), "C=FR;A=ATLAS;P=BETA");
	snprintf(sections, sizeof(sections),
	    "link \"b\" {\n  remote-mta = \"MTA-b\"\n"
	    "  remote-password = \"secret-b\"\n"
	    "  address = {\"127.0.0.1:%u\"}\n"
	    "  address-space = {\"C=FR;A=ATLAS\"}\n"
	    "  open-interval = \"0.5\" transfer-interval = "
	    "\"0.5\"\n%s%s}\n%s%s",
	    port, mode, a_link, section,
	    pair->a_sections != NULL ? pair->a_sections : "");
	suite_configure(&pair->a, "a", "C=DE;A=VIAT;P=ALPHA",
	    pair->a_mta != NULL ? pair->a_mta : "", sections);
	postoffice("b", "po2", "PO2", "C=FR;A=ATLAS;P=BETA;O=PO2", "BOB",
	    PAIR_BOB, section, sizeof(section));
	mode_of(mode, sizeof(mode), "C=DE;A=VIAT;P=ALPHA");
	port = pair->a_tls != 0 ? pair->a_tls : pair->a.port;
	if (way == PAIR_RECORDED)
		port = pair->back.port;
	snprintf(sections, sizeof(sections),
	    "link \"a\" {\n  remote-mta = \"MTA-a\"\n"
	    "  remote-password = \"secret-a\"\n"
	    "  address = {\"127.0.0.1:%u\"}\n"
	    "  address-space = {\"C=DE;A=VIAT\"}\n"
	    "  open-interval = \"0.5\" transfer-interval = "
	    "\"0.5\"\n%s%s}\n%s%s",
	    port, mode, b_link, section,
	    pair->b_sections != NULL ? pair->b_sections : "");
	suite_configure(&pair->b, "b", "C=FR;A=ATLAS;P=BETA",
	    pair->b_mta != NULL ? pair->b_mta : "", sections);
	suite_start(&pair->b);
	suite_start(&pair->a);
}

void
pair_stop(struct pair *pair)
{
	suite_stop(&pair->a);
	suite_stop(&pair->b);
	if (pair->relay != 0)
		ck_assert_int_eq(suite_reap(pair->relay), 0);
	if (pair->back.relay != 0)
		recording_stop(&pair->back);
	pair->relay = pair->back.relay = 0;
}

void
pair_letter(const struct pair *pair, const char *name, const char *to,
    char priority, const char *subject, const char *text,
    const void *attachment, size_t length)
{
	char path[SUITE_PATH + 128], address[256];

	snprintf(path, sizeof(path), "%s/%s", pair->a_in, name);
	snprintf(address, sizeof(address), "X400:%s", to);
	letter_write(path, PAIR_ALICE_BOX, address, priority, subject, text,
	    attachment, length);
}

void
pair_answer(const struct pair *pair, const char *name, char priority,
    const char *subject, const void *attachment, size_t length)
{
	char path[SUITE_PATH + 128];

	snprintf(path, sizeof(path), "%s/%s", pair->b_in, name);
	letter_write(path, PAIR_BOB_BOX, "X400:" PAIR_ALICE, priority, subject,
	    "text\r\n", attachment, length);
}

struct files {
	const char *directory;
	size_t count;
};

/* has_files - tell whether a directory has as many */
static bool
has_files(void *arg)
{
	const struct files *files = arg;

	return suite_count_files(files->directory) >= files->count;
}

void
pair_wait_files(const char *directory, size_t count, double seconds)
{
	struct files files = {directory, count};
	char what[SUITE_PATH + 128];

	snprintf(what, sizeof(what), "%zu files in %s", count, directory);
	suite_wait(what, seconds, has_files, &files);
}

/* both_empty - tell whether both queues are */
static bool
both_empty(void *arg)
{
	const struct pair *pair = arg;

	return suite_queued(&pair->a) == 0 && suite_queued(&pair->b) == 0;
}

void
pair_wait_empty(struct pair *pair, double seconds)
{
	suite_wait("both queues to empty", seconds, both_empty, pair);
}

void
pair_check(const struct pair *pair)
{
	const struct suite *suites[] = {&pair->a, &pair->b};

	for (size_t i = 0; i < 2; i++) {
		char *output;
		int status = suite_tool(suites[i], &output, "x4check", NULL);

		ck_assert_msg(status == 0, "x4check of %s: exit %d: %s",
		    suites[i]->name, status, output);
		free(output);
	}
}
