/* SPDX-License-Identifier: ISC */
/*
 * receiver.h - what a peer sends over one association, in the worker that
 * receives it
 *
 * A part of a worker: x400in, or one that has a two-way alternate association.
 * The peer sends the items that come from it, and asks for what was cut before
 * it sends it again.
 */
#ifndef FOURPOST_TESTS_SIM_RECEIVER_H
#define FOURPOST_TESTS_SIM_RECEIVER_H

#include "tests/sim/fake.h"
#include "tests/sim/items.h"

enum receiver_phase {
	RECEIVER_ASKING, /* what is known of a transfer that was cut */
	RECEIVER_GIVING, /* the body, in pieces */
	RECEIVER_WAITING /* for the answer */
};

/* What came of a record. */
enum receiver_step {
	RECEIVER_GOES_ON,
	RECEIVER_OVER, /* nothing is under way any more */
	RECEIVER_LOST  /* the peer is told to come again: it aborts */
};

struct receiver {
	struct fake *fake;
	unsigned link;
	unsigned connection;
	bool two_way;
	bool routes; /* the peer takes routing updates */
	unsigned
	    recovers; /* that was lost; 0: none.  Else nothing new is sent */
	uint64_t session, activity, submit;
	uint8_t token[IPC_KEY_LEN * 4]; /* for the next queue manager */
	size_t token_len;
	enum receiver_phase phase;
	struct item *item; /* under way; or NULL */
	uint64_t old_session, old_activity;
	size_t given; /* octets of the body */
	bool marks;   /* it has checkpoints */
};

/* receiver_bind - ask whether the peer is let in, or whether it is who was
 * called */
void receiver_bind(struct receiver *receiver);

/* receiver_bound - take the answer; false: it is not let in */
bool
receiver_bound(struct receiver *receiver, const struct ipc_bind_answer *answer);

/* receiver_claim - say which session it is, to the next queue manager */
void receiver_claim(struct receiver *receiver);

/* receiver_open - say that the association is open */
void receiver_open(struct receiver *receiver);

/* receiver_next - have the peer begin with its next item; false: it has none */
bool receiver_next(struct receiver *receiver);

/* receiver_again - give the item once more, to the next queue manager; false:
 * that cannot be */
bool receiver_again(struct receiver *receiver);

/* receiver_is_cut - draw whether the association is lost in the transfer that
 * is under way */
bool receiver_is_cut(const struct receiver *receiver);

/* receiver_act - give the next piece, if it is time */
void receiver_act(struct receiver *receiver);

/* receiver_take - take an answer on a transfer */
enum receiver_step
receiver_take(struct receiver *receiver, const struct ipc_record *record);

/* receiver_leave - leave the item that is under way: the peer does not know
 * whether it was taken */
void receiver_leave(struct receiver *receiver);

/* receiver_cut - leave it likewise, since the association is lost; the worker
 * may say so */
void receiver_cut(struct receiver *receiver);

/* receiver_close - end the session, in good order or not */
void receiver_close(struct receiver *receiver, bool orderly);

#endif
