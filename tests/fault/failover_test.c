/* SPDX-License-Identifier: ISC */
/*
 * failover_test.c - a machine is gone, and another goes on with its queue
 *
 * The suite runs on a node with the queue on a volume that another node has,
 * too.  The node is killed as a whole at random moments under load, and the
 * suite is started on the other one by the resource agent, again and again.
 * Every message is noted exactly once.  Without the word that the first node is
 * off, the other one does not start.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/backlog.h"
#include "tests/fault/load.h"
#include "tests/fault/node.h"
#include "tests/unit/test.h"

#define BACKLOG 1000000 /* messages, in the long form */

/* What the agent returns. */
#define OCF_SUCCESS	   0
#define OCF_ERR_GENERIC	   1
#define OCF_UNIMPLEMENTED  3
#define OCF_ERR_INSTALLED  5
#define OCF_ERR_CONFIGURED 6
#define OCF_NOT_RUNNING	   7

static struct suite tested;
static struct load_sink sink;
static struct network network;
static struct node node;
static char sections[4096];
static unsigned boots;

/* agent - call an action of the resource agent; what it returns */
static int
agent(const char *action, char **output)
{
	return suite_shell(output,
	    "OCF_ROOT=%s OCF_RESKEY_config=%s OCF_RESKEY_bin=%s/bin "
	    "conf/ocf/fourpost %s 2>&1",
	    suite_directory(), tested.conf, suite_build(), action);
}

/* expect_agent - call an action, which must return this, and say some words */
static void
expect_agent(const char *action, int wanted, const char *words)
{
	char *output;
	int status = agent(action, &output);

	ck_assert_msg(status == wanted && strstr(output, words) != NULL,
	    "%s: exit %d, not %d with \"%s\": %s", action, status, wanted,
	    words, output);
	free(output);
}

/* boot - boot the next node: node1 and node2 in turn */
static void
boot(void)
{
	node_boot(&node, &network, boots++ % 2 == 0 ? "node1" : "node2");
	node_enter(&node);
}

/* begin - start the suite on the first node, with a sink outside; false: no
 * namespaces here */
static bool
begin(const char *test, const char *settings)
{
	char at[64];

	network_begin(&network);
	if (!network.namespaced) {
		printf("skipped: %s\n", network.reason);
		return false;
	}
	suite_begin(test);
	snprintf(at, sizeof(at), "%s:0", network.near);
	load_sink(&sink, "far", 0, "-a", at, NULL);
	snprintf(at, sizeof(at), "%s:%u", network.near, sink.port);
	load_source_link(sections, sizeof(sections));
	load_link_at(sections, sizeof(sections), "far", at, settings);
	strlcpy(tested.host, "0.0.0.0", sizeof(tested.host));
	suite_configure(&tested, "moves", "C=XX;A=TEST;P=F", "", sections);
	boot();
	return true;
}

/* source - start a source outside, which tries again for as long as it takes */
static pid_t
source(const char *to, uint64_t messages, const char *rate)
{
	char output[SUITE_PATH + 64], at[64];

	snprintf(at, sizeof(at), NODE_ADDRESS ":%u", tested.port);
	return load_source(&tested, to, messages, output, "-a", at, "-r", rate,
	    "-A", "8", "-R", "100000", "-I", "100", "-L", "3000", NULL);
}

/* lose - kill the node, and boot the other */
static void
lose(void)
{
	node_leave(&node);
	node_kill(&node);
	boot();
}

/* expect_refused - check that the suite does not start without the word that
 * the other node is off, which it names */
static void
expect_refused(const char *other)
{
	char *output, *log, words[64];
	int status = suite_shell(&output, "%s/bin/x4ctl -c %s start 2>&1",
	    suite_build(), tested.conf);

	snprintf(words, sizeof(words),
	    "the queue of host %s, which has had it "
	    "since 2",
	    other);
	ck_assert_msg(status == 78 && strstr(output, words) != NULL &&
		strstr(output, "x4ctl start --take-over") != NULL,
	    "exit %d: %s", status, output);
	free(output);
	log = suite_read(suite_path(&tested, "state/log"), NULL);
	ck_assert_ptr_nonnull(strstr(log, words));
	free(log);
}

/* take_over - start the suite by the agent; how long that takes */
static double
take_over(void)
{
	double since = suite_now();

	expect_agent("start", OCF_SUCCESS, "started");
	return suite_now() - since;
}

/* finish - check that all arrived, each once; take down what was made */
static void
finish(pid_t from, uint64_t messages)
{
	load_wait_source(from, 300);
	load_wait_noted(&sink, messages, 120);
	load_finish(&tested, &sink, 60);
	node_leave(&node);
	node_kill(&node);
	suite_end();
	network_end(&network);
}

START_TEST(killed_at_any_moment)
{
	const unsigned rounds = suite_long() ? 20 : 3;
	const uint64_t messages = rounds * 600;
	double took, longest = 0;
	pid_t from;

	if (!begin("failover",
		"open-interval = 1 transfer-interval = \"0.2\" "
		"open-timeout = 2 open-retries = 100000\n"
		"  transfer-retries = 1000 associations = 3"))
		return;
	suite_start(&tested);
	node_leave(&node);
	from = source("far", messages, "400");
	for (unsigned i = 0; i < rounds; i++) {
		load_wait_noted(&sink,
		    (messages - 200) / rounds * i + 50 +
			arc4random_uniform(300),
		    60);
		node_enter(&node);
		lose();
		if (i == 0)
			expect_refused("node1");
		took = take_over();
		if (took > longest)
			longest = took;
		node_leave(&node);
	}
	printf("figure: %u failovers, the service is back after %.2f s at "
	       "most\n",
	    rounds, longest);
	node_enter(&node);
	finish(from, messages);
}
END_TEST

/* A million wait for a link that is down, and the service is back as fast. */
START_TEST(with_a_backlog)
{
	double took;
	pid_t from;

	if (!suite_long())
		return;
	if (!begin("failover-backlog", ""))
		return;
	strlcat(sections,
	    "link \"dead\" { remote-mta = \"DEAD\" remote-password = \"s\""
	    " address = {\"198.51.100.9:1\"} address-space = {\"C=YY;A=dead\"}"
	    " open-interval = 600 open-retries = 100000 }\n",
	    sizeof(sections));
	suite_configure(&tested, "moves", "C=XX;A=TEST;P=F",
	    "  queue-size = \"16G\"\n", sections);
	suite_start(&tested);
	suite_stop(&tested);
	backlog_fill(&tested, "dead", BACKLOG);
	suite_start(&tested);
	lose();
	took = take_over();
	ck_assert_int_eq(load_link_number(&tested, "dead", "queued"), BACKLOG);
	node_leave(&node);
	printf("figure: with %d queued the service is back after %.2f s\n",
	    BACKLOG, took);
	from = source("far", 1000, "1000");
	load_wait_source(from, 60);
	load_wait_noted(&sink, 1000, 60);
	node_enter(&node);
	suite_stop(&tested);
	load_sink_stop(&sink);
	load_same_lines("far.source*.lines", sink.lines);
	node_leave(&node);
	node_kill(&node);
	suite_end();
	network_end(&network);
}
END_TEST

/* What Pacemaker hears of a suite in each of its states. */
START_TEST(agent_actions)
{
	char *log;
	static const char *const said[] = {"<action name=\"start\"",
	    "<action name=\"stop\"", "<action name=\"monitor\"",
	    "name=\"config\""};

	if (!begin("agent", ""))
		return;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		expect_agent("meta-data", OCF_SUCCESS, said[i]);
	ck_assert_int_eq(
	    suite_shell(NULL,
		"conf/ocf/fourpost meta-data | python3 -c "
		"'import sys, xml.dom.minidom as m; m.parse(sys.stdin)'"),
	    0);
	expect_agent("promote", OCF_UNIMPLEMENTED, "usage");
	expect_agent("validate-all", OCF_SUCCESS, "");
	expect_agent("monitor", OCF_NOT_RUNNING, "");
	expect_agent("stop", OCF_SUCCESS, "");
	/* A volume that is not mounted has no queue, and gets none. */
	expect_agent("start", OCF_ERR_GENERIC, "there is none");
	suite_start(&tested);
	expect_agent("monitor", OCF_SUCCESS, "");
	expect_agent("start", OCF_SUCCESS, "");
	expect_agent("stop", OCF_SUCCESS, "stopped");
	expect_agent("stop", OCF_SUCCESS, "");
	expect_agent("monitor", OCF_NOT_RUNNING, "");
	/* Where it was stopped in order, another host is told so, and refused
	 * all the same. */
	lose();
	/* The refusal is waited for: grep -q would end at its first line, with
	 * the master that refuses still there. */
	ck_assert_int_eq(
	    suite_shell(NULL,
		"said=$(%s/bin/x4ctl -c %s start 2>&1); echo \"$said\" | "
		"grep -q 'host node1, which stopped with it at'",
		suite_build(), tested.conf),
	    0);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "take-over", NULL), 0);
	suite_start(&tested);
	log = suite_read(suite_path(&tested, "state/log"), NULL);
	ck_assert_ptr_nonnull(strstr(log, " 20342 "));
	ck_assert_ptr_nonnull(strstr(log, "host=node1"));
	free(log);
	ck_assert_int_ne(
	    suite_tool(&tested, NULL, "x4ctl", "take-over", NULL), 0);
	/* A master that stands still is there, and serves nobody. */
	ck_assert_int_eq(suite_shell(NULL, "kill -STOP $(cat %s)",
			     suite_path(&tested, "run/master.pid")),
	    0);
	if (suite_long())
		expect_agent("monitor", OCF_ERR_GENERIC, "does not answer");
	load_sink_stop(&sink);
	node_leave(&node);
	node_kill(&node);
	boot();
	ck_assert_int_eq(
	    suite_shell(NULL, "echo nonsense >>%s", tested.conf), 0);
	expect_agent("validate-all", OCF_ERR_CONFIGURED, "nonsense");
	expect_agent("start", OCF_ERR_CONFIGURED, "");
	ck_assert_int_eq(
	    suite_shell(NULL,
		"OCF_RESKEY_bin=/nonexistent conf/ocf/fourpost validate-all "
		"2>%s; test $? -eq %d",
		suite_path(&tested, "said"), OCF_ERR_INSTALLED),
	    0);
	node_leave(&node);
	node_kill(&node);
	suite_end();
	network_end(&network);
}
END_TEST

TEST_MAIN("fault/failover", TEST_LONG(agent_actions, 120);
	  TEST_LONG(killed_at_any_moment, 900); TEST_LONG(with_a_backlog, 3600))
