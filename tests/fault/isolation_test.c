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
#include "tests/fault/bad_links.h"
#include "tests/unit/test.h"

#define LINKS_MAX     128
#define HOLE_SETTINGS "associations = 10 threshold = 1"

/* On an association that does not end, so many messages are at most sent. */
#define NOTED_MAX 10

struct counts {
	unsigned healthy, messages;
	const char *settings; /* of the healthy links and the bad kinds */
	struct bad_links bad;
};

static struct suite tested;
static struct load_sink sinks[LINKS_MAX];
static char sections[65536];

/* name_of - name healthy link number i */
static const char *
name_of(unsigned i)
{
	static char name[32];

	snprintf(name, sizeof(name), "l%u", i);
	return name;
}

/* start - start all peers and the suite */
static void
start(struct counts *counts)
{
	load_source_link(sections, sizeof(sections));
	bad_links_start(&counts->bad);
	bad_links_configure(&counts->bad, sections, sizeof(sections),
	    counts->settings, HOLE_SETTINGS);
	for (unsigned i = 0; i < counts->healthy; i++) {
		load_sink(&sinks[i], name_of(i), 0, NULL);
		load_link(sections, sizeof(sections), name_of(i), sinks[i].port,
		    counts->settings);
	}
	suite_configure(&tested, "f", "C=XX;A=TEST;P=F",
	    "  max-associations = 100\n", sections);
	suite_start(&tested);
}

/* send_healthy - send to all healthy links at once, until all has arrived */
static void
send_healthy(const struct counts *counts)
{
	static char outputs[LINKS_MAX][SUITE_PATH + 64];
	pid_t pids[LINKS_MAX];

	for (unsigned i = 0; i < counts->healthy; i++)
		pids[i] = load_source(
		    &tested, name_of(i), counts->messages, outputs[i], NULL);
	for (unsigned i = 0; i < counts->healthy; i++)
		ck_assert_int_eq(suite_wait_exit(pids[i], 120), 0);
	for (unsigned i = 0; i < counts->healthy; i++)
		load_wait_noted(&sinks[i], counts->messages, 60);
}

/* check_bad - check that bad links hold theirs, and nothing was tried a
 * second time */
static void
check_bad(struct bad_links *bad)
{
	for (unsigned i = 0; i < bad->kinds; i++) {
		const char *name = bad_link_name(bad, i);

		ck_assert_int_eq(load_link_number(&tested, name, "queued"),
		    bad->kind_messages);
		ck_assert_int_le(
		    load_link_number(&tested, name, "open_failures"), 1);
	}
	bad_links_stop(bad);
	for (unsigned i = 0; i < bad->kinds; i++) {
		const struct bad_kind *kind = &bad_kinds[i];

		if (kind->mishap == NULL)
			continue;
		ck_assert_msg(load_noted(bad->sinks[i].lines) <=
			(kind->notes ? NOTED_MAX : 0),
		    "%s took messages", kind->mishap);
		if (!kind->opens)
			ck_assert_msg(load_figure(bad->sinks[i].output,
					  "connections") == 1,
			    "%s was tried again", kind->mishap);
	}
}

/* check_healthy - check that each message arrived once, and nothing is left */
static void
check_healthy(const struct counts *counts)
{
	char pattern[64];

	for (unsigned i = 0; i < counts->healthy; i++) {
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

/* prove - prove that the bad links cost the healthy ones nothing */
static void
prove(struct counts *counts)
{
	start(counts);
	bad_links_send(&counts->bad, &tested);
	send_healthy(counts);
	check_bad(&counts->bad);
	check_healthy(counts);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
}

START_TEST(bad_links_beside_healthy)
{
	struct counts small = {.healthy = 6,
	    .messages = 50,
	    .settings = "",
	    .bad = {.kinds = 6, .kind_messages = 50}};
	struct counts large = {.healthy = 12,
	    .messages = 2000,
	    .settings = "associations = 4",
	    .bad = {.kinds = 8, .kind_messages = 5000}};

	suite_begin("isolation");
	prove(suite_long() ? &large : &small);
	suite_end();
}
END_TEST

/* more dead links than there are slots for associations */
START_TEST(more_holes_than_slots)
{
	struct counts small = {.healthy = 4,
	    .messages = 100,
	    .settings = "associations = 2",
	    .bad = {.holes = 30, .hole_messages = 5}};
	struct counts large = {.healthy = 12,
	    .messages = 2000,
	    .settings = "associations = 4",
	    .bad = {.holes = 60, .hole_messages = 50}};

	suite_begin("holes");
	prove(suite_long() ? &large : &small);
	suite_end();
}
END_TEST

TEST_MAIN("fault/isolation", TEST_LONG(bad_links_beside_healthy, 300),
    TEST_LONG(more_holes_than_slots, 300))
