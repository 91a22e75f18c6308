/* SPDX-License-Identifier: ISC */
/*
 * turn.h - whose turn it is, and what is done with it
 *
 * In monologue the turn is the initiator's for good.  In a two-way alternate
 * association the side that has it sends, and gives it away when there is
 * nothing left to send, when the peer has something more urgent, or after a
 * batch.  The side that has it not asks for it as soon as there is something to
 * send, by a priority that tells how urgent that is.
 *
 * These are the actions; the states are those of engine/token.h.
 */
#ifndef FOURPOST_TRAFFIC_TURN_H
#define FOURPOST_TRAFFIC_TURN_H

#include "traffic/engine/traffic.h"

/* turn_ask - ask for the turn to send the first job or a routing update, if
 * there is one, unless the turn is ours or asked for already */
void turn_ask(struct traffic *traffic);

/* turn_received - take the turn that the peer has given us */
void turn_received(struct traffic *traffic);

/*
 * turn_take - transfer one job or a routing update, or give the turn away,
 * while it is ours
 *
 * Whether anything was done; traffic->state tells that the association ended
 * by it.
 */
bool turn_take(struct traffic *traffic);

/*
 * turn_to_release - ask for the turn to release the association
 *
 * True: release it, or end it otherwise.  The turn is waited for as long as a
 * peer may take to disconnect, but for a transfer that the peer has begun
 * meanwhile.
 */
bool turn_to_release(struct traffic *traffic);

/*
 * turn_deadline - tell until when to wait for a peer that has the turn and was
 * asked for it, or that was given it
 *
 * CLOCK_NEVER: the peer owes nothing.  Else *why is what it did not do.
 */
uint64_t turn_deadline(struct traffic *traffic, const char **why);

#endif
