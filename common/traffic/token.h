/* SPDX-License-Identifier: ISC */
/*
 * token.h - whose turn it is, and what is done with it
 *
 * In monologue the turn is the initiator's for good.  In a two-way alternate
 * association who has it sends, and gives it away when there is nothing left
 * to send, when the peer has something more urgent, or after a batch.  Who
 * has it not asks for it as soon as there is something to send, by a priority
 * that tells how urgent that is.
 */
#ifndef FOURPOST_TRAFFIC_TOKEN_H
#define FOURPOST_TRAFFIC_TOKEN_H

#include "traffic/engine/traffic.h"

enum turn_purpose {
	TURN_TO_SEND,	/* the first job, if there is one */
	TURN_TO_RELEASE /* the association */
};

/* turn_ask - ask for the turn, unless it is ours or asked for already */
void turn_ask(struct traffic *traffic, enum turn_purpose purpose);

/* turn_given - the peer has given us the turn */
void turn_given(struct traffic *traffic);

/*
 * turn_take - while the turn is ours: transfer one job, or give it away
 *
 * Whether anything was done; traffic->over tells that the association ended
 * by it.
 */
bool turn_take(struct traffic *traffic);

#endif
