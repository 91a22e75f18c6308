/* SPDX-License-Identifier: ISC */
/*
 * proxy_test.c - callers whose address a balancer tells
 *
 * The test plays the balancer, with headers of its own; HAProxy itself stands
 * before the suite in two cases, the second with TLS that it passes on.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/balancer.h"
#include "tests/system/letter.h"
#include "tests/system/raw_peer.h"
#include "tests/system/tls_suites.h"
#include "tests/unit/test.h"

#define HEADER(from) "PROXY TCP4 " from " 127.0.0.1 56324 102\r\n"
#define BINARY                   \
	"\r\n\r\n\0\r\nQUIT\n"   \
	"\x21\x11\0\x0c"         \
	"\xc0\x00\x02\x07\x7f\0" \
	"\0\x01\xdc\x04\x00\x66"
#define CHECK "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"

static struct suite tested;
static uint16_t proxied;

/* configure - write a configuration whose peer calls from one network */
static void
configure(const char *balancers, const char *peers)
{
	char mta[256], sections[512];

	if (proxied == 0)
		proxied = suite_free_port();
	snprintf(mta, sizeof(mta),
	    "  listen-proxy = {\"127.0.0.1:%u\"} proxy-from = {\"%s\"}\n",
	    proxied, balancers);
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=YY\"}"
	    " incoming-associations = 100 schedule = \"never\""
	    " remote-addresses = {\"%s\"} }\n",
	    peers);
	suite_configure(&tested, "tested", "C=XX;A=TEST;P=HERE", mta, sections);
}

/* call - call a port behind some octets; what association_open returns */
static int
call(uint16_t port, struct slice before)
{
	const struct raw_called called = {.before = before};
	struct raw_call peer;
	int error = raw_try(&peer, port, &called);

	if (error == 0)
		raw_release(&peer);
	else
		raw_hang_up(&peer);
	return error;
}

/* octets_of - make a slice of a literal, which may hold zeros */
#define octets_of(literal) slice_of(literal, sizeof(literal) - 1)

/* ends_silently - connect, say some octets, and wait until the other side has
 * closed without one */
static void
ends_silently(struct slice octets)
{
	struct sockaddr_in there = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(proxied)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char octet;

	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
	if (octets.len > 0)
		ck_assert_int_eq(
		    send(fd, octets.data, octets.len, MSG_NOSIGNAL),
		    (ssize_t)octets.len);
	ck_assert_int_le(recv(fd, &octet, 1, 0), 0);
	close(fd);
}

/* The balancer's word counts on its own port, from its own network alone. */
START_TEST(true_callers)
{
	suite_begin("proxy");
	configure("127.0.0.1", "192.0.2.0/24");
	suite_start(&tested);
	ck_assert_int_eq(call(proxied, octets_of(HEADER("192.0.2.7"))), 0);
	ck_assert_int_eq(call(proxied, octets_of(BINARY)), 0);
	/* The caller that is passed on is not the link's peer. */
	ck_assert_int_eq(
	    call(proxied, octets_of(HEADER("198.51.100.9"))), ERR_REFUSED);
	tls_suites_wait_logged(&tested, "198.51.100.9");
	/* Without a header nobody is served there; with one, nobody
	 * elsewhere. */
	ck_assert_int_lt(call(proxied, slice_of(NULL, 0)), 0);
	tls_suites_wait_logged(
	    &tested, " 20370 .*does not begin with a PROXY header");
	ck_assert_int_lt(call(tested.port, octets_of(HEADER("192.0.2.7"))), 0);
	ck_assert_uint_eq(tls_suites_logged(&tested, " 20370 "), 1);
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* A balancer that only looks costs no event. */
START_TEST(checks_of_the_balancer)
{
	suite_begin("proxy-check");
	configure("127.0.0.1", "192.0.2.0/24");
	suite_start(&tested);
	ends_silently(slice_of(NULL, 0));
	ends_silently(octets_of(CHECK));
	ends_silently(octets_of("PROXY UNKNOWN\r\n"));
	ck_assert_int_eq(call(proxied, octets_of(HEADER("192.0.2.7"))), 0);
	ck_assert_uint_eq(tls_suites_logged(&tested, " 20370 "), 0);
	ends_silently(octets_of("PROXY TCP4 192"));
	tls_suites_wait_logged(&tested, " 20370 .*ends early");
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* Whoever is not of proxy-from is believed nothing, also after a reload. */
START_TEST(forged_headers)
{
	suite_begin("proxy-forged");
	configure("192.0.2.128/25", "192.0.2.0/24");
	suite_start(&tested);
	ck_assert_int_lt(call(proxied, octets_of(HEADER("192.0.2.7"))), 0);
	tls_suites_wait_logged(&tested,
	    " 20370 .*address=127.0.0.1:.*not from a network of proxy-from");
	configure("127.0.0.0/8", "192.0.2.0/24");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	ck_assert_int_eq(call(proxied, octets_of(HEADER("192.0.2.7"))), 0);
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* start_haproxy - start HAProxy before one port of loopback */
static void
start_haproxy(struct balancer *balancer, uint16_t to, const char *how)
{
	char server[128];

	snprintf(server, sizeof(server),
	    " server one 127.0.0.1:%u %s check inter 200ms\n", to, how);
	balancer_start(balancer, server);
}

/* Fifty callers through HAProxy, each with an address of its own, one of which
 * is no peer's; the checks of HAProxy cost no event. */
START_TEST(behind_haproxy)
{
	static const char *const versions[] = {"send-proxy", "send-proxy-v2"};
	struct balancer balancer = {.port = suite_free_port()};
	char target[32], figures[SUITE_PATH + 16], *output;
	pid_t source;

	suite_begin("haproxy");
	configure("127.0.0.1", BALANCER_CALLERS);
	suite_start(&tested);
	start_haproxy(&balancer, proxied, versions[_i]);
	snprintf(target, sizeof(target), "127.0.0.1:%u", balancer.port);
	/* HAProxy calls from 127.0.0.1 too, which remote-addresses lacks: only
	 * the true address lets the others in. */
	ck_assert_int_eq(call(balancer.port, slice_of(NULL, 0)), ERR_REFUSED);
	snprintf(figures, sizeof(figures), "%s/source", suite_directory());
	source = suite_spawn(figures, "peers/x4source", "-a", target, "-n",
	    "SOURCE", "-w", "s", "-f", "C=YY;A=LOAD;S=Source", "-t",
	    "C=XX;A=TEST;P=HERE;S=Nobody", "-A", "50", "-m", "500", "-s",
	    "2000", "-B", NULL);
	ck_assert_int_eq(suite_wait_exit(source, 60), 0);
	output = suite_read(figures, NULL);
	ck_assert_msg(strstr(output, "messages=500 ") != NULL, "%s", output);
	free(output);
	ck_assert_uint_eq(tls_suites_logged(&tested, " 20370 "), 0);
	balancer_stop(&balancer);
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* HAProxy passes TLS on, and both sides prove each other through it. */
START_TEST(tls_behind_haproxy)
{
	static struct tls_suites suites;
	struct balancer balancer;
	uint16_t behind;
	char *listen;

	suite_begin("haproxy-tls");
	tls_suites_prepare(&suites);
	balancer.port = suites.pair.b_tls;
	behind = suite_free_port();
	/* A calls the port of HAProxy, behind which B listens. */
	listen = strchr(suites.b_mta, '\n');
	ck_assert_ptr_nonnull(listen);
	listen = strdup(listen);
	snprintf(suites.b_mta, sizeof(suites.b_mta),
	    "  listen-proxy-tls = {\"127.0.0.1:%u\"} "
	    "proxy-from = {\"127.0.0.1\"}%s",
	    behind, listen);
	free(listen);
	start_haproxy(&balancer, behind, "send-proxy-v2");
	tls_suites_start(&suites, PAIR_DIRECT, "");
	pair_letter(&suites.pair, "00001.MSG", PAIR_BOB, '3', "balanced",
	    "words", NULL, 0);
	pair_wait_files(suites.pair.b_out, 1, 60);
	pair_wait_empty(&suites.pair, 60);
	ck_assert_uint_eq(tls_suites_logged(&suites.pair.b, " 20370 "), 0);
	balancer_stop(&balancer);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

TEST_MAIN("system/proxy", TEST_LONG(true_callers, 60);
	  TEST_LONG(checks_of_the_balancer, 60); TEST_LONG(forged_headers, 60);
	  TEST_LOOP_LONG(behind_haproxy, 2, 120);
	  TEST_LONG(tls_behind_haproxy, 120))
