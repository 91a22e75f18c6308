/* SPDX-License-Identifier: ISC */
/*
 * ring_test.c - three MTAs of this suite and one of a third party in a ring
 *
 *	a --- b
 *	|     |
 *	third-c
 *
 * a and c have a link to the third party each; a, b and c tell each other which
 * address spaces they reach.  While a's link to the third party is down its
 * messages go by b and c, and then directly again.  What crosses is written
 * down: on the wires to the third party there is nothing of our own, where the
 * same search finds it between a and b.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

/* The contents octets of the content type of a routing update (mhs/mts.h). */
static const char routing[] =
    "\x69\x83\xa8\xd6\xa3\xc7\x87\xb9\xf2\x9f\xe9\xb0\xcc\x90\x84\x99\xb3\xe8"
    "\xd4\x4f";

struct wire {
	pid_t relay;
	uint16_t port, target; /* to be connected to; what it connects to */
	char pcap[SUITE_PATH + 48];
};

static struct suite a, b, c;
static struct load_sink third;
static struct wire a_third, c_third, a_b;
static char cut_output[SUITE_PATH + 64];
static pid_t cut;

/* record - record what passes between a port and who connects to it */
static void
record(struct wire *wire, const char *name, uint16_t port)
{
	char target[32], output[SUITE_PATH + 32];

	wire->target = port;
	snprintf(target, sizeof(target), "127.0.0.1:%u", port);
	snprintf(output, sizeof(output), "%s/%s", suite_directory(), name);
	snprintf(wire->pcap, sizeof(wire->pcap), "%s.pcap", output);
	wire->relay = suite_spawn(
	    output, "peers/record", "-w", wire->pcap, "-t", target, NULL);
	wire->port = suite_port_of(output);
}

/* is_private - tell whether the octets of our content type are on a wire */
static bool
is_private(const struct wire *wire)
{
	size_t length;
	char *octets = suite_read(wire->pcap, &length);
	bool found;

	ck_assert_ptr_nonnull(octets);
	found = memmem(octets, length, routing, sizeof(routing) - 1) != NULL;
	free(octets);
	return found;
}

/* decoded - count how many lines of an independent decoder's output match */
static unsigned
decoded(const struct wire *wire, const char *expression)
{
	char *output;
	unsigned n;

	suite_shell(&output,
	    "tshark -r '%s' -d tcp.port==%u,tpkt -V 2>/dev/null | "
	    "grep -cE '%s'",
	    wire->pcap, wire->target, expression);
	n = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return n;
}

#define THIRD "C=YY;A=third"
#define OURS  "peer = \"fourpost\" learn = {\"*\"}"

/* add_link - add a link to another suite */
static void
add_link(char *text, size_t size, const char *name, uint16_t port,
    const char *settings)
{
	size_t used = strlen(text);
	int n = snprintf(text + used, size - used,
	    "link \"%s\" {\n  remote-mta = \"MTA-%s\" "
	    "remote-password = \"secret-%s\"\n  address = {\"127.0.0.1:%u\"} "
	    "open-interval = \"0.2\"\n  %s\n}\n",
	    name, name, name, port, settings);

	ck_assert_uint_lt(used + (size_t)n, size);
}

/* configure - write the configuration of one of the three: its neighbours, and
 * how it calls the third party, if it does */
static void
configure(struct suite *suite, const char *name, struct suite *left,
    uint16_t left_port, struct suite *right, uint16_t third_port)
{
	static const char *const retries =
	    "open-interval = \"0.2\" open-retries = 2 open-timeout = 5";
	char sections[8192], domain[32];

	load_source_link(sections, sizeof(sections));
	if (left != NULL)
		add_link(
		    sections, sizeof(sections), left->name, left_port, OURS);
	if (right != NULL)
		add_link(
		    sections, sizeof(sections), right->name, right->port, OURS);
	if (third_port != 0)
		load_link(
		    sections, sizeof(sections), "third", third_port, retries);
	snprintf(domain, sizeof(domain), "C=XX;A=TEST;P=%s", name);
	suite_configure(suite, name, domain, "  route-refresh = 2\n", sections);
}

/* begin - start all four */
static void
begin(const char *test)
{
	struct suite *all[] = {&a, &b, &c};
	static const char *const names[] = {"a", "b", "c"};
	uint16_t cut_port;

	suite_begin(test);
	for (size_t i = 0; i < 3; i++) {
		*all[i] = (struct suite){.port = suite_free_port()};
		strlcpy(all[i]->name, names[i], sizeof(all[i]->name));
	}
	load_sink(&third, "third", 0, NULL);
	record(&a_third, "a-third", third.port);
	record(&c_third, "c-third", third.port);
	cut = load_relay("cut", a_third.port, cut_output, &cut_port, NULL);
	record(&a_b, "a-b", b.port);
	configure(&a, "a", &b, a_b.port, NULL, cut_port);
	configure(&b, "b", &a, a.port, &c, 0);
	configure(&c, "c", &b, b.port, NULL, c_third.port);
	for (size_t i = 0; i < 3; i++)
		suite_start(all[i]);
}

/* A route to wait for: a suite knows of a way to a space by a link, that works
 * or that does not. */
struct way {
	const struct suite *suite;
	const char *space, *link, *state, *path;
};

/* is_known - tell whether x4ctl status shows a learnt route */
static bool
is_known(void *arg)
{
	const struct way *way = arg;
	json_t *rows = suite_rows(way->suite, "x4ctl", "-j", "status", NULL),
	       *row;
	bool found = false;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *space =
		    json_string_value(json_object_get(row, "space"));

		if (space == NULL || strcmp(space, way->space) != 0 ||
		    strcmp(json_string_value(json_object_get(row, "link")),
			way->link) != 0)
			continue;
		found = strcmp(json_string_value(json_object_get(row, "state")),
			    way->state) == 0 &&
		    strcmp(json_string_value(json_object_get(row, "path")),
			way->path) == 0;
	}
	json_decref(rows);
	return found;
}

/* wait_known - wait until a learnt route is shown so */
static void
wait_known(const struct suite *suite, const char *space, const char *link,
    const char *state, const char *path)
{
	struct way way = {suite, space, link, state, path};

	suite_wait("a learnt route", 120, is_known, &way);
}

/* check_first - check which link x4conf says is the first for the third
 * party, and from where it is known */
static void
check_first(const struct suite *suite, const char *link, const char *source)
{
	json_t *rows = suite_rows(
	    suite, "x4conf", "-j", "route", "C=YY;A=third;S=Sink", NULL);
	json_t *row = json_array_get(rows, 0);

	ck_assert_ptr_nonnull(row);
	ck_assert_str_eq(json_string_value(json_object_get(row, "link")), link);
	ck_assert_str_eq(
	    json_string_value(json_object_get(row, "source")), source);
	json_decref(rows);
}

/* stop - stop all, so that the recordings are whole */
static void
stop(void)
{
	suite_stop(&a);
	suite_stop(&b);
	suite_stop(&c);
	ck_assert_int_eq(suite_tool(&a, NULL, "x4check", NULL), 0);
	ck_assert_int_eq(suite_tool(&b, NULL, "x4check", NULL), 0);
	ck_assert_int_eq(suite_tool(&c, NULL, "x4check", NULL), 0);
	ck_assert_int_eq(suite_reap(cut), 0);
	ck_assert_int_eq(suite_reap(a_third.relay), 0);
	ck_assert_int_eq(suite_reap(c_third.relay), 0);
	ck_assert_int_eq(suite_reap(a_b.relay), 0);
	load_sink_stop(&third);
}

/* check_third - check that the decoder sees this many messages at least on a
 * wire to the third party, and nothing that is ours alone */
static void
check_third(const struct wire *wire, unsigned messages)
{
	static const char *const ours[] = {"content-type: extended",
	    "private-extension", "[Bb]ilateral", "Malformed",
	    "definition-list: [4-9] items"};

	ck_assert_uint_ge(decoded(wire, "originator-name"), messages);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		ck_assert_msg(decoded(wire, ours[i]) == 0,
		    "on the wire to a third party: %s", ours[i]);
}

START_TEST(ring)
{
	int64_t by_c;

	begin("ring");
	/* b learns it from both sides, a by b, c by b. */
	wait_known(&a, THIRD, "b", "works", "MTA-b MTA-c third");
	wait_known(&c, THIRD, "b", "works", "MTA-b MTA-a third");
	check_first(&a, "third", "configured");
	load_send(&a, "third", 5);
	load_wait_noted(&third, 5, 120);
	ck_assert_int_eq(load_link_number(&c, "third", "messages_out"), 0);
	/* What waits goes the other way when the link is out of retries, what
	 * comes after it at once. */
	load_relay_down(cut, cut_output);
	load_send(&a, "third", 5);
	load_wait_noted(&third, 10, 120);
	check_first(&a, "b", "learnt");
	/* The others hear that this way fails. */
	wait_known(&c, THIRD, "b", "fails", "MTA-b MTA-a third");
	by_c = load_link_number(&c, "third", "messages_out");
	ck_assert_int_ge(by_c, 1);
	load_relay_up(cut, cut_output);
	wait_known(&c, THIRD, "b", "works", "MTA-b MTA-a third");
	check_first(&a, "third", "configured");
	by_c = load_link_number(&c, "third", "messages_out");
	load_send(&a, "third", 5);
	load_wait_noted(&third, 15, 120);
	ck_assert_int_eq(load_link_number(&c, "third", "messages_out"), by_c);
	stop();
	load_same(&third, "third.source*.lines");
	ck_assert(is_private(&a_b));
	ck_assert(!is_private(&a_third));
	ck_assert(!is_private(&c_third));
	/* The decoder cannot print a number of 128 bits, and says so. */
	ck_assert_uint_ge(decoded(&a_b, "content-type: extended"), 1);
	ck_assert_uint_eq(decoded(&a_b, "Malformed Packet"), 0);
	check_third(&a_third, 10);
	check_third(&c_third, 1);
	suite_end();
}
END_TEST

/* configure_called - write two suites of which b never calls a, and a's link is
 * to a neighbour or to a third party */
static void
configure_called(const char *a_settings)
{
	static const char *const two_way = "dialogue = \"two-way-alternate\"";
	char sections[4096] = "", settings[128];

	snprintf(settings, sizeof(settings), "%s %s", two_way, a_settings);
	add_link(sections, sizeof(sections), "b", a_b.port, settings);
	load_link(sections, sizeof(sections), "third", 1, "");
	suite_configure(
	    &a, "a", "C=XX;A=TEST;P=a", "  route-refresh = 2\n", sections);
	sections[0] = '\0';
	snprintf(settings, sizeof(settings),
	    "%s schedule = \"remote-initiated\" address-space = {\"C=XX\"} %s",
	    two_way, OURS);
	add_link(sections, sizeof(sections), "a", a.port, settings);
	load_link(sections, sizeof(sections), "other", 1, "");
	suite_configure(
	    &b, "b", "C=XX;A=TEST;P=b", "  route-refresh = 2\n", sections);
}

/* knows_nothing - tell whether x4ctl status shows no learnt route */
static bool
knows_nothing(void *arg)
{
	json_t *rows = suite_rows(arg, "x4ctl", "-j", "status", NULL), *row;
	bool found = false;
	size_t i;

	json_array_foreach(rows, i, row) found =
	    found || json_object_get(row, "path") != NULL;
	json_decref(rows);
	return !found;
}

/* A suite that never calls tells its routes over the association that the other
 * has opened. When the other makes its link one to a third party, no updates
 * cross any more, and both sides forget what they learnt. */
START_TEST(called)
{
	struct wire after;

	suite_begin("called");
	a = (struct suite){.port = suite_free_port()};
	b = (struct suite){.port = suite_free_port()};
	record(&a_b, "a-b", b.port);
	configure_called(OURS);
	suite_start(&b);
	suite_start(&a);
	wait_known(&b, THIRD, "a", "works", "MTA-a third");
	wait_known(&a, "C=YY;A=other", "b", "works", "MTA-b other");
	ck_assert_int_eq(suite_reap(a_b.relay), 0);
	ck_assert(is_private(&a_b));
	/* From now on through another recording, to a third party. */
	record(&after, "after", b.port);
	a_b.port = after.port;
	configure_called("");
	ck_assert_int_eq(suite_tool(&a, NULL, "x4ctl", "reload", NULL), 0);
	suite_wait("routes to end at a", 60, knows_nothing, &a);
	ck_assert_int_eq(suite_tool(&a, NULL, "x4ctl", "retry", "b", NULL), 0);
	suite_wait("routes to end at b", 120, knows_nothing, &b);
	suite_stop(&a);
	suite_stop(&b);
	ck_assert_int_eq(suite_reap(after.relay), 0);
	ck_assert(!is_private(&after));
	suite_end();
}
END_TEST

TEST_MAIN("fault/ring", TEST_LONG(ring, 600); TEST_LONG(called, 600))
