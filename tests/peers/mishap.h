/* SPDX-License-Identifier: ISC */
/*
 * mishap.h - one way in which a peer misbehaves, as text and as a struct
 *
 *	MODE[:STEP[:OCTETS[:TIME]]]	what happens to the connection
 *	MODE[:TEXT]			what happens to a message
 *
 * To the connection, when STEP comes for the TIMEth time (1) and so many
 * OCTETS (0) of it and of what follows it from the same side have passed:
 *	fin		closes it
 *	reset		closes it with RST
 *	truncate	passes half of STEP's TPKT, or OCTETS, then fin
 *	silence		never says anything again, and takes what comes
 *	stall		the same, and takes nothing
 *	trickle		an octet a while in each direction
 *	garbage		OCTETS (64) that mean nothing, then silence
 *	nonsense	the same, within a right TPKT and DT
 *	black-hole	silence:accept
 * STEP (accept): accept cr cc cn bind start data checkpoint checkpoint-confirm
 * end before-confirm after-confirm release released; in two-way alternate
 * dialogue please (for the turn), give, given (GTA) too; sent or answered:
 * OCTETS from the begin of the connection, in one direction.  Steps of a
 * transfer and of the turn are those of either side, or of one:
 * initiator-STEP, responder-STEP.
 *
 * The responder refuses the association:
 *	refuse-transport refuse-session refuse-presentation
 *	refuse-association refuse-bind busy
 *
 * On a message in which TEXT stands (in its MTS identifier, an address, or its
 * content), with #N on the Nth of an association, else on every one:
 *	except		an exception (ED) instead of the confirmation; except=N:
 *			of this reason
 *	die		as responder only: its process ends without a word
 *	abort		the association is aborted; as initiator half-way
 *	implicit	as responder only: the association is aborted with
 *			"user error", if an extension of the envelope is tagged
 *			implicitly
 *	endless		as initiator only: its content does not end, until the
 *			peer has enough
 *	discard		as initiator only: the activity is, half-way
 *
 * With the turn of a two-way alternate association:
 *	keep-turn	sends what it has, and never gives the turn to anybody
 *	idle-turn	asks for the turn, and then sends nothing and keeps it
 *	toss-turn	gives it away at once, unasked, and asks by the highest
 *			priority in the same breath; sends nothing
 *	beg-turn	asks with every priority, one after another
 *
 * none: no mishap; where several are given in turn.
 */
#ifndef FOURPOST_PEERS_MISHAP_H
#define FOURPOST_PEERS_MISHAP_H

#include "base/slice.h"
#include "tests/peers/wire.h"

#define MISHAPS_MAX 64

enum mishap_kind {
	MISHAP_NONE,
	MISHAP_FIN,
	MISHAP_RESET,
	MISHAP_TRUNCATE,
	MISHAP_SILENCE,
	MISHAP_STALL,
	MISHAP_TRICKLE,
	MISHAP_GARBAGE,
	MISHAP_NONSENSE,
	MISHAP_REFUSE_TRANSPORT,
	MISHAP_REFUSE_SESSION,
	MISHAP_REFUSE_PRESENTATION,
	MISHAP_REFUSE_ASSOCIATION,
	MISHAP_REFUSE_BIND,
	MISHAP_BUSY,
	MISHAP_EXCEPT,
	MISHAP_DIE,
	MISHAP_ABORT,
	MISHAP_IMPLICIT,
	MISHAP_ENDLESS,
	MISHAP_DISCARD,
	MISHAP_KEEP_TURN,
	MISHAP_IDLE_TURN,
	MISHAP_TOSS_TURN,
	MISHAP_BEG_TURN,
	MISHAP_KINDS
};

struct mishap {
	enum mishap_kind kind;
	enum wire_step step;
	unsigned side; /* that sends it: 0, 1, or WIRE_EITHER */
	uint64_t octets;
	int reason;	  /* of an exception */
	uint64_t time;	  /* the how many-th; 0: every one */
	const char *text; /* in the message; NULL: none asked for */
};

/* Several, of which each connection gets the next. */
struct mishaps {
	struct mishap mishap[MISHAPS_MAX];
	unsigned count;
	uint64_t next;
	uint64_t limit; /* this many, then none; 0: for ever */
};

/* mishap_add - add one more from an option's text, or exit with a message */
void mishap_add(struct mishaps *mishaps, const char *text);

/* mishap_next - take that of the next connection; one of kind NONE if there
 * is none */
const struct mishap *mishap_next(struct mishaps *mishaps);

/* mishap_on_wire - tell whether it is done to the connection */
bool mishap_on_wire(const struct mishap *mishap);

/* mishap_hits - tell whether the number-th message, these octets of it, is
 * meant */
bool
mishap_hits(const struct mishap *mishap, uint64_t number, struct slice octets);

/* mishap_name - name a mishap by its kind */
const char *mishap_name(enum mishap_kind kind);

#endif
