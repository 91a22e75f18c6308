/* SPDX-License-Identifier: ISC */
/*
 * turn_peers.c - one suite amid peers that send and take in turns; see
 * turn_peers.h
 */
#include "tests/fault/turn_peers.h"

#include <check.h>
#include <string.h>

/* For links that are cut, or whose peer is silent, again and again. */
#define LINK                                                                   \
	"dialogue = \"two-way-alternate\" associations = 1\n"                  \
	"  open-retries = 100000 open-timeout = 1 "                            \
	"transfer-interval = \"0.1\"\n"                                        \
	"  transfer-retries = 1000 checkpoint-size = \"1K\" window-size = 1\n" \
	"  disconnect-timeout = \"0.5\" transfer-timeout-normal = \"0.2\"\n"

/* Ways to cut, the most telling first. */
#define KINDS 4

struct suite turn_suite;
struct load_sink turn_good;

const char *const turn_steps[TURN_STEPS] = {"initiator-please",
    "initiator-give", "initiator-given", "responder-please", "responder-give",
    "responder-given", "responder-start", "responder-data",
    "responder-checkpoint", "initiator-checkpoint-confirm", "responder-end",
    "initiator-before-confirm", "initiator-after-confirm"};

static char sections[65536];

void
turn_begin(const char *test)
{
	suite_begin(test);
	load_source_link(sections, sizeof(sections));
	load_sink(&turn_good, "good", 0, NULL);
	load_link(sections, sizeof(sections), "good", turn_good.port, "");
}

void
turn_start(void)
{
	suite_configure(&turn_suite, "turn", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&turn_suite);
}

void
turn_finish(const char *names)
{
	char pattern[64];

	suite_wait_empty(&turn_suite, 120);
	load_sink_stop(&turn_good);
	snprintf(pattern, sizeof(pattern), "%s.sent", names);
	load_same_lines(pattern, turn_good.lines);
	ck_assert_uint_eq(load_figure(turn_good.output, "duplicates"), 0);
	suite_stop(&turn_suite);
	ck_assert_int_eq(suite_tool(&turn_suite, NULL, "x4check", NULL), 0);
	suite_end();
}

void
turn_peer(struct turn_peer *peer, const char *name)
{
	*peer = (struct turn_peer){.messages = "0",
	    .expected = "0",
	    .patience = "120000",
	    .priority = "normal",
	    .mishap = "none",
	    .times = "1",
	    .open_interval = "0.1"};
	strlcpy(peer->name, name, sizeof(peer->name));
	snprintf(peer->sent, sizeof(peer->sent), "%s/%s.sent",
	    suite_directory(), name);
	snprintf(peer->taken, sizeof(peer->taken), "%s/%s.%s",
	    suite_directory(), name, "lines");
}

/* add_link - add the link of a peer; a peer that calls is never called */
static void
add_link(const struct turn_peer *peer, uint16_t port, const char *schedule)
{
	char settings[1024];

	snprintf(settings, sizeof(settings),
	    LINK "  schedule = \"%s\" "
		 "open-interval = \"%s\"",
	    schedule, peer->open_interval);
	load_link(sections, sizeof(sections), peer->name, port, settings);
}

void
turn_calls(const struct turn_peer *peer)
{
	add_link(peer, 1, "remote-initiated");
}

unsigned
turn_kinds(void)
{
	return suite_long() ? KINDS : KINDS / 2;
}

/* relay - start a relay that cuts a peer off, one way after another, or not
 * at all */
static void
relay(struct turn_peer *peer, uint16_t target)
{
	static const char *const kinds[KINDS] = {
	    "reset", "silence", "fin", "truncate"};
	char cuts[KINDS][64], here[16], times[16];

	snprintf(here, sizeof(here), "%u", peer->port);
	snprintf(times, sizeof(times), "%u", turn_kinds());
	for (size_t i = 0; i < KINDS; i++)
		snprintf(
		    cuts[i], sizeof(cuts[i]), "%s:%s", kinds[i], peer->step);
	peer->relay = load_relay(peer->name, target, peer->relay_output,
	    &peer->port, "-l", here, "-N", times, "-M",
	    peer->step == NULL ? "none" : cuts[0],
	    peer->step == NULL ? NULL : "-M", cuts[1], "-M", cuts[2], "-M",
	    cuts[3], NULL);
}

void
turn_is_called(struct turn_peer *peer)
{
	char from[64];

	if (peer->one_file)
		snprintf(peer->sent, sizeof(peer->sent), "%s/%s.lines",
		    suite_directory(), peer->name);
	snprintf(from, sizeof(from), "C=YY;A=%s;S=Peer", peer->name);
	load_sink(&peer->sink, peer->name, 0, "-D", "-F", peer->messages, "-f",
	    from, "-t", "C=YY;A=good;S=Sink", "-s", TURN_OCTETS, "-c", "1",
	    "-W", "1", "-O", peer->sent, "-E", peer->expected, "-P",
	    peer->priority, "-L", peer->patience, "-M", peer->mishap, "-N",
	    peer->times, NULL);
	peer->pid = peer->sink.pid;
	strlcpy(peer->output, peer->sink.output, sizeof(peer->output));
	peer->port = suite_free_port();
	add_link(peer, peer->port, "always");
}

void
turn_reach(struct turn_peer *peer)
{
	relay(peer, peer->sink.port);
}

void
turn_call(struct turn_peer *peer, uint16_t port)
{
	char from[64], address[32];

	peer->port = port;
	if (peer->step != NULL) {
		peer->port = 0;
		relay(peer, port);
	}
	snprintf(from, sizeof(from), "C=YY;A=%s;S=Peer", peer->name);
	snprintf(address, sizeof(address), "127.0.0.1:%u", peer->port);
	peer->pid = load_source(&turn_suite, "good", 0, peer->output, "-a",
	    address, "-n", peer->name, "-f", from, "-m", peer->messages, "-o",
	    peer->one_file ? peer->taken : peer->sent, "-D", peer->taken, "-E",
	    peer->expected, "-s", TURN_OCTETS, "-c", "1", "-W", "1", "-P",
	    peer->priority, "-L", peer->patience, "-R", "1000", "-I", "20",
	    "-M", peer->mishap, "-M", "none", NULL);
}

pid_t
turn_feed(const struct turn_peer *peer, uint64_t messages, const char *priority)
{
	char output[SUITE_PATH + 64];

	return load_source(&turn_suite, peer->name, messages, output, "-s",
	    TURN_OCTETS, "-P", priority, NULL);
}

/* wait_lines - wait until a file of a peer has so many lines */
static void
wait_lines(const struct turn_peer *peer, const char *path, uint64_t lines,
    double seconds)
{
	struct load_sink noted = {0};

	strlcpy(noted.name, peer->name, sizeof(noted.name));
	strlcpy(noted.lines, path, sizeof(noted.lines));
	load_wait_noted(&noted, lines, seconds);
}

void
turn_wait_taken(const struct turn_peer *peer, uint64_t lines, double seconds)
{
	wait_lines(peer, peer->taken, lines, seconds);
}

void
turn_wait_sent(const struct turn_peer *peer, uint64_t lines, double seconds)
{
	wait_lines(peer, peer->sent, lines, seconds);
}

uint64_t
turn_cuts(const struct turn_peer *peer)
{
	return load_said(peer->relay_output, "befell:") +
	    load_said(peer->relay_output, "holds:");
}

void
turn_end(struct turn_peer *peer)
{
	char pattern[64];

	if (peer->pid != 0 && peer->sink.pid == 0)
		(void)suite_reap(peer->pid);
	else if (peer->pid != 0)
		load_sink_stop(&peer->sink);
	if (peer->relay != 0)
		ck_assert_int_eq(suite_reap(peer->relay), 0);
	snprintf(pattern, sizeof(pattern), "%s.source*.lines", peer->name);
	if (!peer->one_file)
		load_same_lines(pattern, peer->taken);
}
