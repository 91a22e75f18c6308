/* SPDX-License-Identifier: ISC */
/*
 * expand_test.c - figures: how fast a list of 10,000 members is expanded, and
 * in how much memory of the queue manager
 *
 * The members are behind three links that are not called, so that what is
 * measured is the expansion alone, with its commits.  Nothing is asserted but
 * that each member got a copy.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define MEMBERS 10000
#define LISTED	"C=XX;A=TEST;P=BENCH;CN=All"

static struct suite listed;

/* write_members - write the file of the members */
static void
write_members(const char *path)
{
	size_t size = (size_t)MEMBERS * 40, len = 0;
	char *text = malloc(size);

	ck_assert_ptr_nonnull(text);
	for (unsigned i = 0; i < MEMBERS; i++)
		len += (size_t)snprintf(text + len, size - len,
		    "C=Y%c;A=SINK;S=Member%u\n", "ABC"[i % 3], i);
	suite_write(path, text, len);
	free(text);
}

/* configure - configure three links that are not called, and the list */
static void
configure(void)
{
	char sections[2048], path[SUITE_PATH + 16];
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/members", suite_directory());
	write_members(path);
	for (const char *c = "ABC"; *c != '\0'; c++)
		len += (size_t)snprintf(sections + len, sizeof(sections) - len,
		    "link \"y%c\" { remote-mta = \"Y%c\" remote-password = "
		    "\"s\" address = {\"127.0.0.1:1\"} address-space = "
		    "{\"C=Y%c\"} schedule = \"remote-initiated\" dialogue = "
		    "\"two-way-alternate\" }\n",
		    *c - 'A' + 'a', *c, *c);
	snprintf(sections + len, sizeof(sections) - len,
	    "list \"all\" { address = \"" LISTED "\" members-file = \"%s\" }\n",
	    path);
	suite_configure(&listed, "bench", "C=XX;A=TEST;P=BENCH", "", sections);
}

/* is_expanded - tell whether the log says so of as many messages */
static bool
is_expanded(void *arg)
{
	char *output;
	unsigned count;

	suite_shell(&output, "grep -c 'members=%d\\b' '%s'", MEMBERS,
	    suite_path(&listed, "state/log"));
	count = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return count >= *(unsigned *)arg;
}

/* one message of 2 KB after the other, each to all members */
START_TEST(expansion)
{
	char path[SUITE_PATH + 16], body[2048];
	uint64_t before = 0;
	double begun;

	suite_begin("expand");
	configure();
	suite_start(&listed);
	memset(body, 'x', sizeof(body));
	snprintf(path, sizeof(path), "%s/body", suite_directory());
	suite_write(path, body, sizeof(body));
	for (unsigned n = 1; n <= 5; n++) {
		pid_t qmgr = suite_pid(&listed, "qmgr");

		if (n == 1)
			before = suite_rss_anon(qmgr);
		begun = suite_now();
		ck_assert_int_eq(suite_tool(&listed, NULL, "x4send", "-f",
				     "C=XX;A=TEST;P=BENCH;S=Sender", "-t",
				     LISTED, "--body", path, NULL),
		    0);
		suite_wait("the expansion", 60, is_expanded, &n);
		printf("list of %d members: %.0f members a second, RssAnon of "
		       "qmgr %.1f MB (%.1f MB before the first)\n",
		    MEMBERS, MEMBERS / (suite_now() - begun),
		    (double)suite_rss_anon(qmgr) / 1e6, (double)before / 1e6);
	}
	suite_stop(&listed);
	suite_end();
}
END_TEST

TEST_MAIN("expand", TEST_LONG(expansion, 300))
