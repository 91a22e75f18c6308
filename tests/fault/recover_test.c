/* SPDX-License-Identifier: ISC */
/*
 * recover_test.c - what was cut flows again by itself, nothing twice (F2)
 *
 * The network fails, or the peer is killed, and comes back, while messages
 * flow; associations are cut at every step and at many octets, in both
 * directions.  Every message that was confirmed to its source is noted at the
 * sink exactly once.  Out, the sink remembers what it noted; in, the suite
 * has to, and the sink sees no duplicate.
 */
#include <sys/wait.h>

#include <signal.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define CUTS(step) \
	"-M", "fin:" step, "-M", "reset:" step, "-M", "truncate:" step

/* For links that are cut again and again: each transfer begins anew. */
#define HASTY                                                              \
	"open-interval = \"0.05\" transfer-interval = \"0.05\"\n"          \
	"  transfer-retries = 1000 open-retries = 10000 associations = 1 " \
	"recovery-timeout = 0"

static struct suite tested;
static struct load_sink sink;
static char sections[8192];

/* configure - configure a suite with one link to port */
static void
configure(uint16_t port, const char *settings)
{
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "far", port, settings);
	suite_configure(&tested, "recover", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
}

/* cut_while_flowing - cut the network under load, and bring it back */
static void
cut_while_flowing(const char *kind)
{
	char cut_output[SUITE_PATH + 64], output[SUITE_PATH + 64];
	uint16_t port;
	pid_t cut, source;

	suite_begin("recover-cut");
	load_sink(&sink, "far", 0, NULL);
	cut = load_relay("far", sink.port, cut_output, &port, "-k", kind, NULL);
	configure(port,
	    "open-interval = \"0.3\" transfer-interval = \"0.3\"\n"
	    "  transfer-retries = 1000 associations = 3 "
	    "open-timeout = 1\n"
	    "  transfer-timeout-normal = \"0.5\"");
	source = load_source(&tested, "far", 2000, output, "-r", "1000", NULL);
	load_wait_noted(&sink, 300, 20);
	load_relay_down(cut, cut_output);
	load_wait_behind(&sink, output, 300, 20);
	load_relay_up(cut, cut_output);
	ck_assert_int_eq(suite_wait_exit(source, 60), 0);
	load_wait_noted(&sink, 2000, 60);
	load_finish(&tested, &sink, 120);
	suite_reap(cut);
	suite_end();
}

START_TEST(network_resets)
{
	cut_while_flowing("reset");
}
END_TEST

START_TEST(network_closes)
{
	cut_while_flowing("fin");
}
END_TEST

START_TEST(network_goes_silent)
{
	cut_while_flowing("silence");
}
END_TEST

/* down_for_long - let messages wait for a link that tries in ten minutes */
static pid_t
down_for_long(char cut_output[SUITE_PATH + 64])
{
	uint16_t port;
	pid_t cut;

	load_sink(&sink, "far", 0, NULL);
	cut = load_relay(
	    "far", sink.port, cut_output, &port, "-k", "reset", NULL);
	configure(port, "open-interval = 600");
	load_relay_down(cut, cut_output);
	load_send(&tested, "far", 100);
	load_wait_waiting(&tested, "far", 20);
	load_relay_up(cut, cut_output);
	ck_assert_uint_eq(load_noted(sink.lines), 0);
	ck_assert_int_eq(load_link_number(&tested, "far", "queued"), 100);
	return cut;
}

START_TEST(operator_retries)
{
	char cut_output[SUITE_PATH + 64];
	pid_t cut;

	suite_begin("recover-retry");
	cut = down_for_long(cut_output);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "retry", "far", NULL), 0);
	load_wait_noted(&sink, 100, 30);
	load_finish(&tested, &sink, 120);
	suite_reap(cut);
	suite_end();
}
END_TEST

START_TEST(peer_calls)
{
	char cut_output[SUITE_PATH + 64], output[SUITE_PATH + 64];
	pid_t cut, caller;

	suite_begin("recover-call");
	cut = down_for_long(cut_output);
	/* the peer of that link connects to us, with nothing to say */
	caller = load_source(&tested, "far", 0, output, "-n", "far", NULL);
	ck_assert_int_eq(suite_wait_exit(caller, 20), 0);
	load_wait_noted(&sink, 100, 30);
	load_finish(&tested, &sink, 120);
	suite_reap(cut);
	suite_end();
}
END_TEST

/* the peer dies without a word to anybody, and is started again */
START_TEST(peer_is_killed)
{
	char output[SUITE_PATH + 64];
	pid_t source;

	suite_begin("recover-kill");
	load_sink(&sink, "far", 0, NULL);
	configure(sink.port,
	    "open-interval = \"0.3\" transfer-interval = \"0.3\"\n"
	    "  transfer-retries = 1000 associations = 3");
	source = load_source(&tested, "far", 2000, output, "-r", "1000", NULL);
	for (unsigned i = 1; i <= 3; i++) {
		load_wait_noted(&sink, i * 300, 30);
		/* kill the sink and the process of each association */
		kill(-sink.pid, SIGKILL);
		waitpid(sink.pid, NULL, 0);
		load_sink(&sink, "far", sink.port, NULL);
	}
	ck_assert_int_eq(suite_wait_exit(source, 60), 0);
	load_wait_noted(&sink, 2000, 60);
	load_finish(&tested, &sink, 120);
	suite_end();
}
END_TEST

/* each step of an association out is cut, three ways, one after another */
START_TEST(cut_at_every_step_out)
{
	char output[SUITE_PATH + 64];
	pid_t source;

	suite_begin("recover-steps-out");
	load_sink(&sink, "far", 0, CUTS("cc"), CUTS("bind"), CUTS("start"),
	    CUTS("data"), CUTS("checkpoint"), CUTS("checkpoint-confirm"),
	    CUTS("end"), CUTS("before-confirm"), CUTS("after-confirm"), "-N",
	    "27", NULL);
	configure(sink.port, HASTY);
	source = load_source(&tested, "far", 40, output, "-s", "100000", NULL);
	ck_assert_int_eq(suite_wait_exit(source, 60), 0);
	load_wait_noted(&sink, 40, 120);
	load_finish(&tested, &sink, 120);
	ck_assert_uint_gt(load_figure(sink.output, "connections"), 27);
	suite_end();
}
END_TEST

/* the same of what comes in: here it is the suite that has to remember */
START_TEST(cut_at_every_step_in)
{
	char output[SUITE_PATH + 64];
	pid_t source;

	suite_begin("recover-steps-in");
	load_sink(&sink, "far", 0, NULL);
	configure(sink.port, HASTY);
	source = load_source(&tested, "far", 40, output, "-s", "100000", "-R",
	    "200", "-I", "10", CUTS("cn"), CUTS("start"), CUTS("data"),
	    CUTS("end"), CUTS("checkpoint"), CUTS("before-confirm"),
	    CUTS("after-confirm"), "-M", "none", NULL);
	ck_assert_int_eq(suite_wait_exit(source, 100), 0);
	ck_assert_uint_ge(load_figure(output, "failures"), 21);
	load_wait_noted(&sink, 40, 60);
	load_finish(&tested, &sink, 120);
	ck_assert_uint_eq(load_figure(sink.output, "duplicates"), 0);
	suite_end();
}
END_TEST

#define OCTETS_OUT                                              \
	"-M", "reset:sent:500", "-M", "fin:sent:1000", "-M",    \
	    "reset:sent:50000", "-M", "fin:sent:99999", "-M",   \
	    "reset:sent:200000", "-M", "fin:sent:333333", "-M", \
	    "reset:sent:500001", "-M", "fin:sent:700000", "-M", \
	    "reset:sent:999000", "-M", "fin:sent:1000500"

/* a large message is cut at many octets, out and in */
START_TEST(cut_within_a_large_message)
{
	char output[SUITE_PATH + 64];
	pid_t source;

	suite_begin("recover-octets");
	load_sink(&sink, "far", 0, OCTETS_OUT, "-N", "10", NULL);
	configure(sink.port, HASTY);
	source = load_source(&tested, "far", 2, output, "-s", "1000000", "-R",
	    "50", "-I", "10", OCTETS_OUT, "-M", "none", NULL);
	ck_assert_int_eq(suite_wait_exit(source, 60), 0);
	ck_assert_uint_ge(load_figure(output, "failures"), 9);
	load_wait_noted(&sink, 2, 60);
	load_finish(&tested, &sink, 120);
	suite_end();
}
END_TEST

/* the peer took it and its word was lost: it is asked, not sent it again */
START_TEST(completed_is_found_complete)
{
	suite_begin("recover-complete");
	load_sink(
	    &sink, "far", 0, "-M", "reset:before-confirm", "-N", "1", NULL);
	configure(sink.port, "open-interval = 600 transfer-interval = 600");
	load_send(&tested, "far", 1);
	load_wait_noted(&sink, 1, 20);
	load_finish(&tested, &sink, 120);
	/* at once, on a second connection: neither interval has passed */
	ck_assert_uint_eq(load_figure(sink.output, "connections"), 2);
	ck_assert_uint_eq(load_figure(sink.output, "duplicates"), 1);
	suite_end();
}
END_TEST

TEST_MAIN("fault/recover", TEST_LONG(network_resets, 200),
    TEST_LONG(network_closes, 200), TEST_LONG(network_goes_silent, 200),
    TEST_LONG(operator_retries, 100), TEST_LONG(peer_calls, 100),
    TEST_LONG(peer_is_killed, 200), TEST_LONG(cut_at_every_step_out, 300),
    TEST_LONG(cut_at_every_step_in, 300),
    TEST_LONG(cut_within_a_large_message, 200),
    TEST_LONG(completed_is_found_complete, 60))
