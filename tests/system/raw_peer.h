/* SPDX-License-Identifier: ISC */
/*
 * raw_peer.h - a remote MTA whose APDUs are octets in the hands of the test
 *
 * It calls with octets of the test's own, and where it is called it keeps each
 * APDU as a file of a directory, 0, 1, 2 ..., before it confirms.
 */
#ifndef FOURPOST_TESTS_RAW_PEER_H
#define FOURPOST_TESTS_RAW_PEER_H

#include <sys/types.h>

#include "osi/association.h"

/* raw_keep - listen on a port of loopback as MTA "KEEPER" in a process of its
 * own, and keep what comes in a directory; end it by suite_reap */
pid_t raw_keep(const char *directory, uint16_t *port);

struct raw_call {
	struct association association;
	int fd;
};

/* The selectors that a caller calls; NULL: none.  And octets that go before
 * everything else, as a balancer's do. */
struct raw_called {
	const char *tsel, *ssel, *psel;
	struct slice before;
};

/* raw_try - call as "SOURCE" with password "s"; what association_open
 * returns */
int raw_try(struct raw_call *call, uint16_t port,
    const struct raw_called *called) WARN_UNUSED;

/* raw_open - call likewise without selectors; it must succeed */
void raw_open(struct raw_call *call, uint16_t port);

/* raw_hang_up - close the connection without a word */
void raw_hang_up(struct raw_call *call);

/* raw_send - transfer these octets as an APDU; 0, or ERR_REFUSED and the
 * exception */
int raw_send(struct raw_call *call, struct slice apdu) WARN_UNUSED;

/* raw_release - end in an orderly way */
void raw_release(struct raw_call *call);

#endif
