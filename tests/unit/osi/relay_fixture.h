/* SPDX-License-Identifier: ISC */
/*
 * relay_fixture.h - a network between two associations, to be cut anywhere
 *
 * A thread carries octets between two socketpairs until so many went in one
 * direction, then ends both connections: what was said before arrives, what
 * comes after does not.
 */
#ifndef FOURPOST_TESTS_RELAY_FIXTURE_H
#define FOURPOST_TESTS_RELAY_FIXTURE_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define RELAY_NEVER SIZE_MAX

struct relay {
	int here[2], there[2]; /* [0]: an association's, [1]: the relay's */
	size_t limit[2];       /* octets from here, octets from there */
	size_t carried[2];
	pthread_t thread;
};

void relay_start(struct relay *relay, size_t from_here, size_t from_there);

/* relay_end - end the relay; both associations are over */
void relay_end(struct relay *relay);

#endif
