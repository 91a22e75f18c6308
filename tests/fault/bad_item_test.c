/* SPDX-License-Identifier: ISC */
/*
 * bad_item_test.c - an item on which the peer dies blocks nothing (F0, F3)
 *
 * Each link has a peer that dies on one particular item, a message, a report or
 * a probe, urgent or not, first in the queue or not, and is down for a while
 * then; or that answers one of the reasons of an exception to it.  All that
 * waits behind the item has arrived, counted at the far end, before the peer
 * meets the item a second time.  While others pass the item ends after
 * transfer-retries, as its link is configured; where every transfer is cut
 * nothing ends.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fold.h"
#include "tests/fault/load.h"
#include "tests/system/bad_files.h"
#include "tests/unit/test.h"

#define BEFORE	10
#define AFTER	40
#define OCTETS	(300 * 1024) /* of a large one */
#define PASSING 240	     /* seconds in which an item must come to its end */
#define TRIES	3U	     /* of an item: transfer-retries and one more */

/* A large one has checkpoints, which the peer confirms before it dies: it goes
 * on once, and then is one like the others. */
enum item {
	MESSAGE,
	LARGE,
	URGENT,
	PROBE,
	REPORT
};

struct bad {
	const char *name; /* of the link */
	const char *mishap;
	enum item item;
	unsigned before; /* messages that are queued before it */
	const char *settings;
};

#define AT_ONCE "recovery-timeout = 0"
#define RECOVER "recovery-timeout = \"0.5\""

static const struct bad bads[] = {
    {"first", "die", MESSAGE, 0, AT_ONCE},
    {"later", "die", MESSAGE, BEFORE, RECOVER},
    {"large", "die", LARGE, 0, RECOVER},
    {"urgent", "die", URGENT, BEFORE, AT_ONCE},
    {"probe", "die", PROBE, 0, RECOVER},
    {"report", "die", REPORT, BEFORE, AT_ONCE},
    {"except0", "except=0", MESSAGE, 0, AT_ONCE},
    {"except1", "except=1", MESSAGE, 0, RECOVER},
    {"urgent1", "except=1", URGENT, BEFORE, AT_ONCE},
    {"report1", "except=1", REPORT, 0, AT_ONCE},
    {"except3", "except=3", MESSAGE, BEFORE, AT_ONCE},
    {"except5", "except=5", PROBE, BEFORE, AT_ONCE},
    {"except6", "except=6", MESSAGE, 0, AT_ONCE},
    {"held", "die", MESSAGE, 0, AT_ONCE " refused-message = \"hold\""},
    {"held1", "except=1", URGENT, 0, AT_ONCE " refused-message = \"hold\""},
};

#define BADS (sizeof(bads) / sizeof(bads[0]))

static struct suite tested;
static struct load_sink sinks[BADS], home;
static uint64_t sent[BADS]; /* good ones */
static char sections[32768];

/* is_held - tell whether the item of a link ends on hold */
static bool
is_held(const struct bad *bad)
{
	return strstr(bad->settings, "hold") != NULL;
}

/* start - start the peers, each behind a link of its own */
static void
start(void)
{
	char mishap[64], settings[256];

	load_source_link(sections, sizeof(sections));
	for (size_t i = 0; i < BADS; i++) {
		snprintf(mishap, sizeof(mishap), "%s:S=Poison", bads[i].mishap);
		load_sink(&sinks[i], bads[i].name, 0, "-M", mishap, "-R", "500",
		    NULL);
		snprintf(settings, sizeof(settings),
		    "transfer-retries = %u transfer-interval = \"0.1\" "
		    "open-interval = \"1\" %s",
		    TRIES - 1, bads[i].settings);
		load_link(sections, sizeof(sections), bads[i].name,
		    sinks[i].port, settings);
	}
	load_sink(&home, "home", 0, NULL);
	load_link(sections, sizeof(sections), "home", home.port, "");
	suite_configure(&tested, "bad", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
}

/* good - send so many messages for each link that the peers will take */
static void
good(const unsigned count[BADS])
{
	char output[SUITE_PATH + 64];
	pid_t pids[BADS] = {0};

	for (size_t i = 0; i < BADS; i++)
		if (count[i] > 0)
			pids[i] = load_source(
			    &tested, bads[i].name, count[i], output, NULL);
	for (size_t i = 0; i < BADS; i++) {
		if (count[i] > 0)
			load_wait_source(pids[i], 120);
		sent[i] += count[i];
	}
}

/* poison - send the item at which the peer of a link fails */
static void
poison(const struct bad *bad)
{
	static char text[OCTETS];
	char address[64], body[SUITE_PATH + 16];

	memset(text, 'x', sizeof(text));
	snprintf(body, sizeof(body), "%s/body", suite_directory());
	suite_write(body, text, bad->item == LARGE ? sizeof(text) : 1);
	snprintf(address, sizeof(address), "C=YY;A=%s;S=Poison", bad->name);
	if (bad->item == REPORT)
		ck_assert_int_eq(
		    suite_tool(&tested, NULL, "x4send", "-f", address, "-t",
			"C=QQ;A=NONE;S=Nobody", "-b", body, NULL),
		    0);
	else
		ck_assert_int_eq(
		    suite_tool(&tested, NULL, "x4send", "-f",
			"C=YY;A=home;S=Origin", "-t", address, "-p",
			bad->item == URGENT ? "urgent" : "normal",
			bad->item == PROBE ? "--probe" : "-b",
			bad->item == PROBE ? NULL : body, NULL),
		    0);
}

/* switch_all - enable or disable the links */
static void
switch_all(const char *command)
{
	for (size_t i = 0; i < BADS; i++)
		ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", command,
				     bads[i].name, NULL),
		    0);
}

/* hits - count how often the peer of a link met its item */
static uint64_t
hits(size_t i)
{
	return load_said(sinks[i].output, "hit: ");
}

/* met_again - count the messages that the peer had taken when it met the
 * item again; UINT64_MAX if it has not yet */
static uint64_t
met_again(size_t i)
{
	unsigned times = bads[i].item == LARGE ? 2 : 1;
	char path[SUITE_PATH + 72], *text, *at;
	uint64_t after = UINT64_MAX;

	snprintf(path, sizeof(path), "%s.err", sinks[i].output);
	text = suite_read(path, NULL);
	at = text == NULL ? NULL : strstr(text, "hit: ");
	while (at != NULL && times-- > 0)
		at = strstr(at + 1, "hit: ");
	at = at == NULL ? NULL : strstr(at, " after ");
	if (at != NULL)
		after = strtoull(at + strlen(" after "), NULL, 10);
	free(text);
	return after;
}

/* ended - tell whether the item of a link has come to its end */
static bool
ended(const struct bad *bad)
{
	json_t *rows = suite_rows(&tested, "x4queue", "-j", "list", "--link",
	    bad->name, is_held(bad) ? "--state" : NULL, "held", NULL);
	size_t count = json_array_size(rows);

	json_decref(rows);
	return count == (is_held(bad) ? 1 : 0);
}

/* all_arrived - wait for what was sent to all links */
static void
all_arrived(void)
{
	for (size_t i = 0; i < BADS; i++)
		load_wait_noted(&sinks[i], sent[i], 60);
}

/* pass - let others pass until each item has come to its end */
static void
pass(void)
{
	uint64_t end = clock_after(PASSING * 1000);

	while (clock_monotonic() < end) {
		unsigned count[BADS] = {0}, left = 0;

		for (size_t i = 0; i < BADS; i++) {
			count[i] = !ended(&bads[i]);
			left += count[i];
		}
		if (left == 0)
			return;
		good(count);
		all_arrived();
	}
	ck_abort_msg("an item did not end");
}

/* tries_agree - compare what list, the log and the far end say of the tries */
static void
tries_agree(size_t i)
{
	json_t *rows = suite_rows(
	    &tested, "x4queue", "-j", "list", "--link", bads[i].name, NULL);
	json_t *row = json_array_get(rows, 0);
	char id[32], tries[32], *output;

	ck_assert_int_eq(json_integer_value(json_object_get(row, "attempts")),
	    (json_int_t)hits(i));
	snprintf(id, sizeof(id), "id=%lld ",
	    (long long)json_integer_value(json_object_get(row, "id")));
	snprintf(
	    tries, sizeof(tries), " tries=%llu ", (unsigned long long)hits(i));
	ck_assert_int_eq(
	    suite_shell(&output,
		"cd '%s' && grep ' 62 ' state/log | grep -c '%s.*%s'",
		tested.directory, id, tries),
	    0);
	free(output);
	/* the event names the item that ended the association; repetitions
	 * are counted, and with all lines of a minute taken by other links so
	 * is the first */
	ck_assert_msg(log_count_both(&tested, ": 1294 ", id) >= 1 ||
		log_count(&tested, ": 1294 ") >= FOLD_LINES,
	    "no 1294 with %s", id);
	json_decref(rows);
}

/* check - check that nothing else was lost, and that each item had its tries */
static void
check(void)
{
	uint64_t reports = 0;

	for (size_t i = 0; i < BADS; i++) {
		ck_assert_msg(hits(i) >= TRIES, "%s: %llu hits", bads[i].name,
		    (unsigned long long)hits(i));
		/* each of these answers is the item's own fault */
		if (strstr(bads[i].name, "except") != NULL &&
		    strcmp(bads[i].mishap, "except=1") != 0)
			ck_assert_msg(hits(i) == TRIES, "%s: %llu hits",
			    bads[i].name, (unsigned long long)hits(i));
		ck_assert_uint_eq(load_noted(sinks[i].lines), sent[i]);
		reports += bads[i].item != REPORT && !is_held(&bads[i]);
		if (is_held(&bads[i]))
			tries_agree(i);
	}
	load_wait_noted(&home, reports, 30);
	ck_assert_uint_eq(load_noted(home.lines), reports);
}

START_TEST(item_that_kills)
{
	unsigned count[BADS];

	suite_begin("bad-item");
	start();
	switch_all("disable");
	for (size_t i = 0; i < BADS; i++)
		count[i] = bads[i].before;
	good(count);
	for (size_t i = 0; i < BADS; i++)
		poison(&bads[i]);
	for (size_t i = 0; i < BADS; i++)
		count[i] = AFTER;
	good(count);
	switch_all("enable");
	all_arrived();
	for (size_t i = 0; i < BADS; i++)
		ck_assert_msg(met_again(i) >= sent[i],
		    "%s: met again after %llu of %llu", bads[i].name,
		    (unsigned long long)met_again(i),
		    (unsigned long long)sent[i]);
	pass();
	check();
	for (size_t i = 0; i < BADS; i++)
		load_sink_stop(&sinks[i]);
	load_sink_stop(&home);
	suite_stop(&tested);
	suite_end();
}
END_TEST

START_TEST(line_that_flaps)
{
	char output[SUITE_PATH + 64];
	struct load_sink sink;

	suite_begin("flap");
	sections[0] = '\0';
	load_source_link(sections, sizeof(sections));
	/* no transfer of the first 40 connections comes through */
	load_sink(&sink, "flap", 0, "-M", "die", "-N", "40", NULL);
	load_sink(&home, "home", 0, NULL);
	load_link(sections, sizeof(sections), "flap", sink.port,
	    "transfer-retries = 0 transfer-interval = \"0.1\" "
	    "open-interval = \"0.1\" " AT_ONCE);
	load_link(sections, sizeof(sections), "home", home.port, "");
	suite_configure(&tested, "flap", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
	load_wait_source(load_source(&tested, "flap", BEFORE, output, "-f",
			     "C=YY;A=home;S=Origin", NULL),
	    60);
	load_wait_noted(&sink, BEFORE, 60);
	ck_assert_uint_ge(load_said(sink.output, "hit: "), 40);
	suite_wait_empty(&tested, 20);
	load_sink_stop(&sink);
	load_sink_stop(&home);
	ck_assert_uint_eq(load_noted(home.lines), 0);
	load_same(&sink, "flap.source*.lines");
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("fault/bad_item", TEST_LONG(item_that_kills, 900),
    TEST_LONG(line_that_flaps, 120))
