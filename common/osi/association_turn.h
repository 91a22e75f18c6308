/* SPDX-License-Identifier: ISC */
/*
 * association_turn.h - whose turn it is, in a two-way alternate association
 *
 * Who has the turn (association.turn) may send, and give the turn away between
 * transfers; the other side receives, and may ask for the turn at any time.
 * The initiator has it first unless its parameters.turn says otherwise.  Only
 * the initiator releases, and only with the turn: without it, it asks for it,
 * and goes on with association_receive until ASSOCIATION_EVENT_TURN_GIVEN.
 *
 * Being asked shows in association.turn_wanted at once, also in the middle of
 * sending, and as ASSOCIATION_EVENT_TURN_WANTED in the next
 * association_receive.  A sender looks at it between two transfers:
 *
 *	while there is something to send and turn
 *		if turn_wanted >= 0 and the peer's is the more urgent (or fair)
 *			association_turn_give
 *		else
 *			association_send_start ...
 *	association_receive ...
 *
 * A request that crosses with the turn being given is forgotten.  A request
 * stays pending over an interrupted or discarded transfer, not over the end
 * of the association: after a recovery it is made again.
 *
 * In monologue all of them give ERR_STATE.
 */
#ifndef FOURPOST_OSI_ASSOCIATION_TURN_H
#define FOURPOST_OSI_ASSOCIATION_TURN_H

#include "osi/association.h"

/*
 * association_turn_please - ask for the turn (RTTP); 0 is the highest priority
 *
 * May be repeated, with another priority.  Does not wait.  ERR_STATE: we have
 * the turn, or have given it away and the peer has not taken it, or we refused
 * the transfer (association_except) and the peer has not left it yet.
 */
int association_turn_please(
    struct association *association, uint32_t priority) WARN_UNUSED;

/*
 * association_turn_give - give the turn to the peer (GTC)
 *
 * Between transfers only.  Does not wait: the peer has the turn at once, and
 * association_receive takes its acknowledgement.
 */
int association_turn_give(struct association *association) WARN_UNUSED;

#endif
