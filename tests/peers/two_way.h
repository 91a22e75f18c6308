/* SPDX-License-Identifier: ISC */
/*
 * two_way.h - a peer that sends and takes on one association, in turns
 *
 * Who has the turn sends.  It gives the turn away when asked for it by a
 * higher priority, or after TWO_WAY_BURST messages, or when it has nothing
 * left to send; the initiator then also unasked.  Who has it not asks for it,
 * by the priority of its messages, or by the highest to release.
 */
#ifndef FOURPOST_PEERS_TWO_WAY_H
#define FOURPOST_PEERS_TWO_WAY_H

#include "tests/peers/sender.h"
#include "tests/peers/taker.h"

#define TWO_WAY_BURST 8

struct two_way {
	struct sender *sender;
	struct taker *taker;
	const struct mishap *mishap;
	int fd;		      /* of the association */
	uint32_t patience_ms; /* for the turn, and for anything else */
	/* Messages to be taken by all processes: the responder sends nothing
	 * before, the initiator stays until then. */
	uint64_t expected;
	uint32_t idle_ms; /* if that is 0: so long without a message */
};

/*
 * two_way_run - run until the association has ended, or may be released
 *
 * 0: nothing is left to do, and the turn is ours.  Else it is over, or to be
 * given up.
 */
int two_way_run(
    const struct two_way *two_way, struct association *association) WARN_UNUSED;

#endif
