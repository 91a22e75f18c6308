/* SPDX-License-Identifier: ISC */
/*
 * two_way_test.c - one association carries messages both ways
 *
 * A calls B, whose link back is remote-initiated: whatever B has for A goes
 * over the association that A has opened, when B has the turn.  What arrives
 * is counted at the far end, who called whom at the relay, and the turns are
 * read off the wire by an independent decoder.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/cutter.h"
#include "tests/fault/load.h"
#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define CALLS "dialogue = \"two-way-alternate\"\n"
#define IS_CALLED \
	"dialogue = \"two-way-alternate\" schedule = \"remote-initiated\"\n"

/* SPDUs that give the turn, and that say thank you (X.225 8.4.2) */
#define GTC 21
#define GTA 22

#define SIZE ((size_t)1024 * 1024)

static struct pair pair;
static uint8_t data[SIZE];

/* send - write files for both, from number first on */
static void
send(unsigned first, unsigned count, char priority)
{
	for (unsigned i = first; i < first + count; i++) {
		char name[32], subject[32];

		snprintf(name, sizeof(name), "%05u.MSG", i);
		snprintf(subject, sizeof(subject), "number %u", i);
		pair_letter(&pair, name, PAIR_BOB, priority, subject,
		    "text\r\n", NULL, 0);
		pair_answer(&pair, name, priority, subject, NULL, 0);
	}
}

/* arrived - wait until all that was sent arrived, each once */
static void
arrived(unsigned to_alice, unsigned to_bob)
{
	pair_wait_files(pair.b_out, to_bob, 60);
	pair_wait_files(pair.a_out, to_alice, 60);
	pair_wait_empty(&pair, 30);
	ck_assert_uint_eq(suite_count_files(pair.b_out), to_bob);
	ck_assert_uint_eq(suite_count_files(pair.a_out), to_alice);
}

/* count_of - count in a decoding of what crossed, filtered by this command */
static unsigned
count_of(const char *options, const char *filter)
{
	char *output;
	unsigned count;

	suite_shell(&output,
	    "tshark -r '%s' -d tcp.port==%u,tpkt %s 2>/dev/null | %s",
	    pair.pcap, pair.b.port, options, filter);
	count = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return count;
}

/* spdus - count how many SPDUs of this number the independent decoder sees */
static unsigned
spdus(unsigned number)
{
	char filter[64];

	snprintf(filter, sizeof(filter), "tr , '\\n' | grep -cx %u", number);
	return count_of("-T fields -e ses.type", filter);
}

/* says - read what x4queue why has for the one message of B's queue */
static void
says(const char *expression)
{
	json_t *rows = suite_rows(&pair.b, "x4queue", "-j", "list", NULL);
	char id[32], *output;

	ck_assert_uint_eq(json_array_size(rows), 1);
	snprintf(id, sizeof(id), "%lld",
	    (long long)json_integer_value(
		json_object_get(json_array_get(rows, 0), "id")));
	json_decref(rows);
	ck_assert_int_eq(
	    suite_tool(&pair.b, &output, "x4queue", "why", id, NULL), 0);
	ck_assert_msg(strstr(output, expression) != NULL, "%s", output);
	free(output);
}

/* is_refused - tell whether A's link knows why it was not let in */
static bool
is_refused(void *arg)
{
	json_t *row = load_link_row(&pair.a, "b");
	const char *error =
	    json_string_value(json_object_get(row, "last_error"));
	bool is = error != NULL && strstr(error, "dialogue mode") != NULL;

	(void)arg;
	json_decref(row);
	return is;
}

/* is_one - tell whether a suite has one message in its queue */
static bool
is_one(void *arg)
{
	return suite_queued(arg) == 1;
}

/* has_called - tell whether A has called B, as it does at its start, and
 * released */
static bool
has_called(void *arg)
{
	char *text;
	bool is;

	(void)arg;
	suite_shell(&text,
	    "grep -c 'from=connecting event=bound' '%s/state/log'",
	    pair.a.directory);
	is = strtoul(text, NULL, 10) == 1 &&
	    load_link_number(&pair.a, "b", "associations") == 0;
	free(text);
	return is;
}

START_TEST(both_ways)
{
	const unsigned count = suite_long() ? 1000 : 60;

	suite_begin("two-way");
	pair_start_as(&pair, PAIR_RECORDED, CALLS, IS_CALLED);
	send(1, count, '3');
	arrived(count, count);
	pair_stop(&pair);
	pair_check(&pair);
	/* asked for, given and acknowledged; the rest is the relay's count */
	ck_assert_uint_ge(count_of("", "grep -c Turn-Please"), 1);
	ck_assert_uint_ge(spdus(GTC), 2);
	ck_assert_uint_eq(spdus(GTC), spdus(GTA));
	ck_assert_uint_eq(count_of("", "grep -c Malformed"), 0);
	suite_end();
}
END_TEST

/* what B has waits for A to call, and goes as soon as it does */
START_TEST(remote_initiated)
{
	suite_begin("called");
	pair_start_as(&pair, PAIR_DIRECT,
	    CALLS "association-lifetime = \"0.1\"\n", IS_CALLED);
	suite_wait("A to have called and ended it", 20, has_called, NULL);
	pair_answer(&pair, "1.MSG", '3', "waits", NULL, 0);
	suite_wait("it to wait", 20, is_one, &pair.b);
	says("it waits for the peer of link a to call");
	ck_assert_uint_eq(suite_count_files(pair.a_out), 0);
	/* A has nothing to send */
	ck_assert_int_eq(
	    suite_tool(&pair.a, NULL, "x4ctl", "retry", "b", NULL), 0);
	arrived(1, 0);
	pair_stop(&pair);
	pair_check(&pair);
	suite_end();
}
END_TEST

/* the peer does not agree: an event that says so, and nothing is lost */
START_TEST(not_agreed)
{
	suite_begin("not-agreed");
	pair_start_as(&pair, PAIR_DIRECT, CALLS, "");
	pair_letter(&pair, "1.MSG", PAIR_BOB, '3', "x", "text", NULL, 0);
	suite_wait("the refusal", 20, is_refused, NULL);
	suite_wait("it to wait", 20, is_one, &pair.a);
	ck_assert_uint_eq(suite_count_files(pair.b_out), 0);
	pair_stop(&pair);
	pair_check(&pair);
	suite_end();
}
END_TEST

/* large - send one message of B's, of a megabyte of its own octets */
static void
large(unsigned number)
{
	char name[32], subject[32];

	letter_fill(data, SIZE, number);
	snprintf(name, sizeof(name), "%05u.MSG", number);
	snprintf(subject, sizeof(subject), "large %u", number);
	pair_answer(&pair, name, '3', subject, data, SIZE);
}

/* is_held - tell whether the relay holds the transfer */
static bool
is_held(void *arg)
{
	const struct cutter *cutter = arg;

	return atomic_load(&cutter->held) != 0;
}

/* relayed - start both suites, with the test's own relay between them */
static struct cutter *
relayed(const char *name)
{
	struct cutter *cutter;

	suite_begin(name);
	cutter = cutter_start();
	pair.relay_port = cutter->port;
	pair_start_as(&pair, PAIR_RELAYED, CALLS, IS_CALLED);
	atomic_store(&cutter->target, pair.b.port);
	ck_assert_int_eq(
	    suite_tool(&pair.a, NULL, "x4ctl", "retry", "b", NULL), 0);
	return cutter;
}

/* end - end such a test */
static void
end(struct cutter *cutter)
{
	pair_stop(&pair);
	pair_check(&pair);
	cutter_stop(cutter);
	suite_end();
}

/* what B sends is cut: A opens again by itself, and it arrives once */
START_TEST(cut_while_receiving)
{
	struct cutter *cutter = relayed("two-way-cut");
	unsigned cuts = suite_long() ? 40 : 6;

	for (unsigned i = 1; i <= cuts; i++) {
		cutter_plan(cutter, i % 2 == 0 ? CUTTER_FIN : CUTTER_RESET, 1,
		    SIZE * i / cuts);
		large(i);
		arrived(i, 0);
	}
	ck_assert_int_eq(atomic_load(&cutter->done), 1);
	end(cutter);
}
END_TEST

/* kill_within - kill a process while B's message passes; check it arrives
 * once */
static void
kill_within(struct cutter *cutter, const struct suite *suite,
    const char *service, unsigned number)
{
	cutter_plan(cutter, CUTTER_HOLD, 1, SIZE / 2);
	large(number);
	suite_wait("the relay to hold", 20, is_held, cutter);
	kill(suite_worker(suite, service), SIGKILL);
	cutter_release(cutter);
	arrived(number, 0);
}

/* any process of either side is killed while B sends */
START_TEST(killed_while_receiving)
{
	struct cutter *cutter = relayed("two-way-kill");

	kill_within(cutter, &pair.a, "x400out/b", 1);
	kill_within(cutter, &pair.b, "x400in", 2);
	kill_within(cutter, &pair.a, "qmgr", 3);
	kill_within(cutter, &pair.b, "qmgr", 4);
	end(cutter);
}
END_TEST

TEST_MAIN("fault/two_way", TEST_LONG(both_ways, 200),
    TEST_LONG(remote_initiated, 60), TEST_LONG(not_agreed, 60),
    TEST_LONG(cut_while_receiving, 300), TEST_LONG(killed_while_receiving, 100))
