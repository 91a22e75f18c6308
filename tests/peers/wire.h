/* SPDX-License-Identifier: ISC */
/*
 * wire.h - which step of an association's life a TPDU is
 *
 * Looks at one direction of a TCP connection, TPKT by TPKT (RFC 1006 6), at
 * the TPDU's code (X.224 13) and, where a session PDU begins, at its SI
 * (X.225 8.3).  It understands no more than that: it is for causing trouble at
 * a named step, on any connection, whoever speaks at its ends.
 */
#ifndef FOURPOST_PEERS_WIRE_H
#define FOURPOST_PEERS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No side alone: in two-way alternate dialogue both send. */
#define WIRE_EITHER 2U

/* In the order in which they happen, the turn's at the end; see
 * wire_step_name for their names. */
enum wire_step {
	WIRE_OTHER,		 /* nothing that has a name */
	WIRE_ACCEPT,		 /* the connection is there, no octet yet */
	WIRE_SENT,		 /* any octet that the initiator sends */
	WIRE_ANSWERED,		 /* any octet that the responder sends */
	WIRE_CR,		 /* connection request */
	WIRE_CC,		 /* connection confirm */
	WIRE_CN,		 /* session CONNECT: the bind is in it */
	WIRE_BIND,		 /* session ACCEPT: the bind's result */
	WIRE_START,		 /* ACTIVITY START */
	WIRE_DATA,		 /* DATA TRANSFER */
	WIRE_CHECKPOINT,	 /* MINOR SYNC POINT */
	WIRE_CHECKPOINT_CONFIRM, /* MINOR SYNC ACK */
	WIRE_END,		 /* ACTIVITY END */
	WIRE_BEFORE_CONFIRM,	 /* ACTIVITY END ACK, before it passes */
	WIRE_AFTER_CONFIRM,	 /* the same, when it has passed */
	WIRE_RELEASE,		 /* FINISH */
	WIRE_RELEASED,		 /* DISCONNECT */
	WIRE_PLEASE,		 /* PLEASE TOKENS with a token: the turn */
	WIRE_GIVE,		 /* GIVE TOKENS CONFIRM: the turn */
	WIRE_GIVEN,		 /* GIVE TOKENS ACK */
	WIRE_STEPS
};

/* A direction of a connection; zeroed at its start. */
struct wire_tap {
	bool within; /* a TSDU that an earlier TPDU began */
	bool lost;   /* this is no TPKT: no steps any more */
};

/*
 * wire_frame - look at the TPKT that data begins with
 *
 * True: *step is what it is and *length its octets, which may be more than
 * are there.  False: more octets are needed to tell.  ended: none will come.
 */
bool wire_frame(struct wire_tap *tap, const uint8_t *data, size_t available,
    bool ended, enum wire_step *step, size_t *length);

/* wire_side - tell who sends it: 0 the initiator, 1 the responder, or
 * WIRE_EITHER */
unsigned wire_side(enum wire_step step);

/* wire_step_name - name a step: "cr", "before-confirm", … */
const char *wire_step_name(enum wire_step step);

/* wire_step_find - find a step by its name; WIRE_STEPS if there is none */
enum wire_step wire_step_find(const char *name);

#endif
