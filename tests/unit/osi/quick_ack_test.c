/* SPDX-License-Identifier: ISC */
/*
 * quick_ack_test.c - what was read is acknowledged at once, for peers that
 * leave Nagle's algorithm on
 */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tests/unit/osi/association_fixture.h"

/* over_tcp - have a pair talk over TCP, as a socketpair acknowledges nothing */
static void
over_tcp(struct pair *pair)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	close(pair->fd[0]);
	close(pair->fd[1]);
	ck_assert_int_eq(
	    bind(listener, (const struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&address, &len), 0);
	pair->fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(
	    connect(pair->fd[0], (const struct sockaddr *)&address, len), 0);
	pair->fd[1] = accept(listener, NULL, NULL);
	ck_assert_int_ge(pair->fd[1], 0);
	close(listener);
}

/* acknowledges - tell whether the kernel acknowledges at once what comes */
static bool
acknowledges(int fd)
{
	socklen_t len = sizeof(int);
	int on = 0;

	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, &len), 0);
	return on != 0;
}

/* What the receiver saw. */
struct seen {
	unsigned transfers, quick;
};

/* serve - receive transfers, and look how each was acknowledged */
static void
serve(struct pair *pair)
{
	struct association_event event;
	struct seen *seen = pair->arg;

	ck_assert_int_eq(pair_listen(pair), 0);
	ck_assert_int_eq(
	    association_accept(&pair->there, LITERAL(BIND_RESULT), 30, 3), 0);
	while (association_receive(&pair->there, &event, clock_after(60000)) ==
	    0) {
		if (event.kind == ASSOCIATION_EVENT_RELEASE) {
			ck_assert_int_eq(
			    association_confirm_release(&pair->there), 0);
			return;
		}
		if (event.kind != ASSOCIATION_EVENT_TRANSFER_END)
			continue;
		seen->transfers++;
		seen->quick += acknowledges(pair->fd[1]);
		ck_assert_int_eq(association_confirm_transfer(&pair->there), 0);
	}
}

#define TRANSFERS 20

/* The kernel takes a connection on which we answer for one where it may wait
 * with its acknowledgements: after each read it is told not to. */
START_TEST(acknowledged)
{
	struct seen seen = {0};
	struct pair pair;

	pair_init(&pair);
	over_tcp(&pair);
	pair.arg = &seen;
	pair_start(&pair, serve);
	ck_assert_int_eq(pair_open(&pair), 0);
	for (unsigned i = 0; i < TRANSFERS; i++)
		ck_assert_int_eq(
		    pair_send_octets(&pair, LITERAL("\x28\x02\x05\x00")), 0);
	ck_assert_int_eq(association_release(&pair.here), 0);
	shutdown(pair.fd[0], SHUT_WR);
	pair_join(&pair);
	ck_assert_uint_eq(seen.transfers, TRANSFERS);
	ck_assert_uint_eq(seen.quick, TRANSFERS);
	pair_fini(&pair);
}
END_TEST

TEST_MAIN("osi/quick_ack", TEST(acknowledged))
