/* SPDX-License-Identifier: ISC */
/*
 * forgetful_test.c - a peer that remembers nothing gets no message twice for
 * that qmgr was killed (F2)
 *
 * It cannot be asked what it took: that its confirmation came is known to the
 * workers alone when qmgr dies before it has committed it, and they tell the
 * next one.  Associations are many, so that at each kill some have that to
 * tell.  Long form: more kills.
 */
#include <signal.h>
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define KILLS	 (suite_long() ? 100U : 10U)
#define MESSAGES 1000 /* that the peer has taken before each kill */

static struct suite tested;

/* is_back - tell whether another qmgr than this one answers */
static bool
is_back(void *arg)
{
	pid_t pid = suite_pid(&tested, "qmgr");

	return pid != 0 && pid != *(pid_t *)arg;
}

/* kill_qmgr - kill qmgr while messages go */
static void
kill_qmgr(void)
{
	pid_t pid = suite_pid(&tested, "qmgr");

	ck_assert_int_ne(pid, 0);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	suite_wait("another queue manager", 30, is_back, &pid);
}

START_TEST(qmgr_killed)
{
	static char sections[4096];
	char output[SUITE_PATH + 64];
	struct load_sink sink;
	pid_t source;

	suite_begin("forgetful");
	load_source_link(sections, sizeof(sections));
	load_forgetful_sink(&sink, "blank");
	load_link(sections, sizeof(sections), "blank", sink.port,
	    "associations = 8 threshold = 10 open-interval = \"0.1\"\n"
	    "  open-retries = 1000 transfer-interval = \"0.1\" "
	    "transfer-retries = 1000");
	suite_configure(&tested, "forgetful", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
	source = load_source(
	    &tested, "blank", (uint64_t)(KILLS + 1) * MESSAGES, output, NULL);
	for (unsigned i = 1; i <= KILLS; i++) {
		load_wait_noted(&sink, (uint64_t)i * MESSAGES, 60);
		kill_qmgr();
	}
	load_wait_source(source, 60);
	load_wait_noted(&sink, (uint64_t)(KILLS + 1) * MESSAGES, 60);
	load_sink_stop(&sink);
	load_same(&sink, "blank.source*.lines");
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}
END_TEST

TEST_MAIN("fault/forgetful", TEST_LONG(qmgr_killed, 1800))
