/* SPDX-License-Identifier: ISC */
/*
 * relay_fixture.c - a network between two associations, to be cut anywhere;
 * see relay_fixture.h
 */
#include "tests/unit/osi/relay_fixture.h"

/* relay_carry - carry what is there from one side; tell whether to go on */
static bool
relay_carry(struct relay *relay, int side)
{
	int from = side == 0 ? relay->here[1] : relay->there[1];
	int to = side == 0 ? relay->there[1] : relay->here[1];
	size_t left = relay->limit[side] - relay->carried[side];
	uint8_t octets[4096];
	ssize_t got;

	got = recv(from, octets, left < sizeof(octets) ? left : sizeof(octets),
	    MSG_DONTWAIT);
	if (got <= 0)
		return false;
	relay->carried[side] += (size_t)got;
	if (send(to, octets, (size_t)got, MSG_NOSIGNAL) != got)
		return false;
	return relay->carried[side] < relay->limit[side];
}

static void *
relay_run(void *arg)
{
	struct relay *relay = arg;
	bool going = relay->limit[0] > 0 && relay->limit[1] > 0;

	while (going) {
		struct pollfd pollfd[2] = {
		    {.fd = relay->here[1], .events = POLLIN},
		    {.fd = relay->there[1], .events = POLLIN},
		};

		if (poll(pollfd, 2, 60000) <= 0)
			break;
		for (int side = 0; going && side < 2; side++)
			if (pollfd[side].revents != 0)
				going = relay_carry(relay, side);
	}
	shutdown(relay->here[1], SHUT_RDWR);
	shutdown(relay->there[1], SHUT_RDWR);
	return NULL;
}

void
relay_start(struct relay *relay, size_t from_here, size_t from_there)
{
	memset(relay, 0, sizeof(*relay));
	relay->limit[0] = from_here;
	relay->limit[1] = from_there;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, relay->here), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, relay->there), 0);
	ck_assert_int_eq(
	    pthread_create(&relay->thread, NULL, relay_run, relay), 0);
}

void
relay_end(struct relay *relay)
{
	shutdown(relay->here[0], SHUT_RDWR);
	shutdown(relay->there[0], SHUT_RDWR);
	pthread_join(relay->thread, NULL);
	for (int i = 0; i < 2; i++) {
		close(relay->here[i]);
		close(relay->there[i]);
	}
}
