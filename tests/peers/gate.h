/* SPDX-License-Identifier: ISC */
/*
 * gate.h - stands in a connection and lets a mishap happen to it
 *
 * A gate passes octets between two descriptors, one towards the initiator and
 * one towards the responder, until the mishap's step comes.  Nobody at either
 * end need know of it: a well-behaved association behind a gate is a peer that
 * misbehaves.
 *
 * When it begins to be silent or to stall it writes "holds:STEP" to standard
 * error, in one write: who waits for that moment reads it there.  Any other
 * mishap is "befell:STEP".
 */
#ifndef FOURPOST_PEERS_GATE_H
#define FOURPOST_PEERS_GATE_H

#include <signal.h>

#include "tests/peers/mishap.h"

#define GATE_TRICKLE_MS 1000
#define GATE_HOLD_S	3600

struct gate {
	int fd[2];  /* towards the initiator, towards the responder */
	int remote; /* which of them is the connection; -1: both */
	const struct mishap *mishap;
	unsigned trickle_ms;	    /* an octet of trickle */
	unsigned hold_s;	    /* how long a silent one is kept at most */
	_Atomic uint64_t *happened; /* counts mishaps; NULL: nobody does */
	/* NULL, or set by a signal: let it happen now, whatever the step */
	volatile sig_atomic_t *now;
	const sigset_t *mask; /* while waiting; NULL: as it is */
};

/*
 * gate_run - pass octets until both ends closed or the mishap closed them
 *
 * Both descriptors are closed then.
 */
void gate_run(const struct gate *gate);

/*
 * gate_put - put a process that runs the gate before a connection
 *
 * fd, the connection, becomes the gate's.  gate->remote says on which side of
 * the gate it is.  Returns the descriptor to use instead of it.
 */
int gate_put(struct gate *gate, int fd);

#endif
