/* SPDX-License-Identifier: ISC */
/*
 * network.h - a network of the test's own, which can vanish
 *
 * Two network namespaces with a pair of virtual interfaces between them: the
 * near one, which the test and the suites that it starts are in, and the far
 * one, for peers.  The link is taken down at the far end, so that packets are
 * lost and nobody hears of it.  No packet leaves the two namespaces.
 *
 * Where they are not allowed, or there is no ip(8), a relay on loopback that
 * falls silent stands in: network.reason says why.
 *
 * The far namespace's first process is also the first of a process namespace
 * with all that is started after network_begin: when it ends, or the test
 * does, everything ends and the namespaces are gone.  After network_end the
 * test can start no process any more.
 */
#ifndef FOURPOST_TESTS_NETWORK_H
#define FOURPOST_TESTS_NETWORK_H

#include <sys/types.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/fault/load.h"

struct network {
	bool namespaced;
	char reason[128];	/* why it is not */
	const char *near, *far; /* addresses of the two sides */
	const char *listen;	/* where a suite listens to hear both */
	int near_fd, far_fd;	/* the namespaces */
	pid_t holder;		/* the first process of the far one; 0: none */
	pid_t relay;		/* 0: none */
	char output[SUITE_PATH + 64]; /* of the relay */
};

/* network_begin - make it; before the test starts any process */
void network_begin(struct network *network);

/* network_far - choose whether what starts from here on is at the far side,
 * or near */
void network_far(const struct network *network, bool far);

/* network_way - find the address to call for what listens on a port at the
 * far side; once in a test */
void
network_way(struct network *network, uint16_t port, char *address, size_t size);

/* network_ip - run ip(8) in a namespace, with the words of command: whether it
 * could */
bool network_ip(int namespace, const char *command);

/* network_namespace - open a descriptor of a namespace of a process: "net", or
 * another kind; -1 */
int network_namespace(pid_t pid, const char *kind);

/* network_down, network_up - stop all packets, or let them pass again, when
 * the function returns */
void network_down(const struct network *network);
void network_up(const struct network *network);

/* network_end - remove all that was made, and all that runs in it */
void network_end(struct network *network);

#endif
