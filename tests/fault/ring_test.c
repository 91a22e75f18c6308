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

/* add_own - add a link to another MTA of this suite */
static void
add_own(char *text, size_t size, const char *name, uint16_t port,
    const char *settings)
{
	size_t used = strlen(text);
	int n = snprintf(text + used, size - used,
	    "link \"%s\" {\n  remote-mta = \"MTA-%s\" "
	    "remote-password = \"secret-%s\"\n  address = {\"127.0.0.1:%u\"} "
	    "open-interval = \"0.2\" peer = \"fourpost\" learn = {\"*\"}\n"
	    "  %s\n}\n",
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
		add_own(sections, sizeof(sections), left->name, left_port, "");
	if (right != NULL)
		add_own(
		    sections, sizeof(sections), right->name, right->port, "");
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

/* What a wait is for: a suite knows of a way to the third party by a link, that
 * works or that does not. */
struct way {
	const struct suite *suite;
	const char *link, *state, *path;
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

		if (space == NULL || strcmp(space, "C=YY;A=third") != 0 ||
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
wait_known(const struct suite *suite, const char *link, const char *state,
    const char *path)
{
	struct way way = {suite, link, state, path};

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
	wait_known(&a, "b", "works", "MTA-b MTA-c third");
	wait_known(&c, "b", "works", "MTA-b MTA-a third");
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
	wait_known(&c, "b", "fails", "MTA-b MTA-a third");
	by_c = load_link_number(&c, "third", "messages_out");
	ck_assert_int_ge(by_c, 1);
	load_relay_up(cut, cut_output);
	wait_known(&c, "b", "works", "MTA-b MTA-a third");
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

TEST_MAIN("fault/ring", TEST_LONG(ring, 600))
