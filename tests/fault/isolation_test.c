/* SPDX-License-Identifier: ISC */
/*
 * isolation_test.c - one dead link stops no other (F0)
 *
 * Links of every bad kind have messages queued first; then the healthy ones
 * get theirs, which all arrive while every bad link still holds all of its
 * own.  Order and counts are asserted, at the peers; no time is.  The open
 * interval is long, so that "all healthy messages before any retry" shows in
 * the number of connections that the bad peers saw.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define LINKS_MAX 128

/* What a bad peer does; NULL: nobody listens at all. */
static const struct bad {
	const char *mishap;
	bool opens; /* an association comes about */
} bad[] = {
    {NULL, false},
    {"black-hole", false},
    {"stall:data", true},
    {"trickle:cc", false},
    {"reset:cn", false},
    {"silence:before-confirm", true},
    {"garbage:bind", false},
    {"busy", false},
};

struct counts {
	unsigned links, bad, holes;
	unsigned bad_messages, messages, hole_messages;
	const char *settings; /* of every link */
};

static struct suite tested;
static struct load_sink sinks[LINKS_MAX];
static char sections[65536];

/* name_of - link number i */
static const char *
name_of(unsigned i)
{
	static char name[32];

	snprintf(name, sizeof(name), "l%u", i);
	return name;
}

/* start_bad - the peers of the bad links, which come first */
static void
start_bad(const struct counts *counts)
{
	for (unsigned i = 0; i < counts->bad; i++) {
		struct load_sink *sink = &sinks[i];

		if (bad[i].mishap == NULL)
			sink->port = suite_free_port();
		else
			load_sink(
			    sink, name_of(i), 0, "-M", bad[i].mishap, NULL);
		load_link(sections, sizeof(sections), name_of(i), sink->port,
		    counts->settings);
	}
}

/* start_holes - links into one black hole, greedy for associations */
static void
start_holes(const struct counts *counts)
{
	struct load_sink *hole = &sinks[counts->links];
	char name[32];

	if (counts->holes == 0)
		return;
	load_sink(hole, "hole", 0, "-M", "black-hole", NULL);
	for (unsigned i = 0; i < counts->holes; i++) {
		snprintf(name, sizeof(name), "hole%u", i);
		load_link(sections, sizeof(sections), name, hole->port,
		    "associations = 10 threshold = 1");
	}
}

/* start - all peers and the suite */
static void
start(const struct counts *counts)
{
	load_source_link(sections, sizeof(sections));
	start_bad(counts);
	for (unsigned i = counts->bad; i < counts->links; i++) {
		load_sink(&sinks[i], name_of(i), 0, NULL);
		load_link(sections, sizeof(sections), name_of(i), sinks[i].port,
		    counts->settings);
	}
	start_holes(counts);
	suite_configure(&tested, "f", "C=XX;A=TEST;P=F",
	    "  max-associations = 100\n", sections);
	suite_start(&tested);
}

/* send_bad - what the bad links get, first of all */
static void
send_bad(const struct counts *counts)
{
	char name[32];

	for (unsigned i = 0; i < counts->bad; i++)
		load_send(&tested, name_of(i), counts->bad_messages);
	for (unsigned i = 0; i < counts->holes; i++) {
		snprintf(name, sizeof(name), "hole%u", i);
		load_send(&tested, name, counts->hole_messages);
	}
}

/* send_healthy - to all healthy links at once, until all has arrived */
static void
send_healthy(const struct counts *counts)
{
	static char outputs[LINKS_MAX][SUITE_PATH + 64];
	pid_t pids[LINKS_MAX];

	for (unsigned i = counts->bad; i < counts->links; i++)
		pids[i] = load_source(
		    &tested, name_of(i), counts->messages, outputs[i], NULL);
	for (unsigned i = counts->bad; i < counts->links; i++)
		ck_assert_int_eq(suite_wait_exit(pids[i], 120), 0);
	for (unsigned i = counts->bad; i < counts->links; i++)
		load_wait_noted(&sinks[i], counts->messages, 60);
}

/* check_bad - they hold theirs, and nothing was tried a second time */
static void
check_bad(const struct counts *counts)
{
	for (unsigned i = 0; i < counts->bad; i++) {
		ck_assert_int_eq(
		    load_link_number(&tested, name_of(i), "queued"),
		    counts->bad_messages);
		ck_assert_int_le(
		    load_link_number(&tested, name_of(i), "open_failures"), 1);
		if (bad[i].mishap == NULL)
			continue;
		load_sink_stop(&sinks[i]);
		ck_assert_msg(load_noted(sinks[i].lines) <=
			(strcmp(bad[i].mishap, "silence:before-confirm") == 0
				? 10
				: 0),
		    "%s took messages", bad[i].mishap);
		if (!bad[i].opens)
			ck_assert_msg(
			    load_figure(sinks[i].output, "connections") == 1,
			    "%s was tried again", bad[i].mishap);
	}
	if (counts->holes > 0)
		load_sink_stop(&sinks[counts->links]);
}

/* check_healthy - each message once, and nothing is left */
static void
check_healthy(const struct counts *counts)
{
	char pattern[64];

	for (unsigned i = counts->bad; i < counts->links; i++) {
		ck_assert_int_eq(
		    load_link_number(&tested, name_of(i), "open_failures"), 0);
		load_sink_stop(&sinks[i]);
		ck_assert_uint_eq(
		    load_figure(sinks[i].output, "duplicates"), 0);
		snprintf(
		    pattern, sizeof(pattern), "%s.source*.lines", name_of(i));
		load_same(&sinks[i], pattern);
	}
}

/* prove - that the bad cost the healthy nothing */
static void
prove(const struct counts *counts)
{
	start(counts);
	send_bad(counts);
	send_healthy(counts);
	check_bad(counts);
	check_healthy(counts);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
}

START_TEST(bad_links_beside_healthy)
{
	const struct counts small = {.links = 12,
	    .bad = 6,
	    .bad_messages = 50,
	    .messages = 50,
	    .settings = ""};
	const struct counts large = {.links = 20,
	    .bad = 8,
	    .bad_messages = 5000,
	    .messages = 2000,
	    .settings = "associations = 4"};

	suite_begin("isolation");
	prove(suite_long() ? &large : &small);
	suite_end();
}
END_TEST

/* more dead links than there are slots for associations */
START_TEST(more_holes_than_slots)
{
	const struct counts small = {.links = 4,
	    .holes = 30,
	    .hole_messages = 5,
	    .messages = 100,
	    .settings = "associations = 2"};
	const struct counts large = {.links = 12,
	    .holes = 60,
	    .hole_messages = 50,
	    .messages = 2000,
	    .settings = "associations = 4"};

	suite_begin("holes");
	prove(suite_long() ? &large : &small);
	suite_end();
}
END_TEST

TEST_MAIN("fault/isolation", TEST_LONG(bad_links_beside_healthy, 300),
    TEST_LONG(more_holes_than_slots, 300))
