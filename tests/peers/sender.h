/* SPDX-License-Identifier: ISC */
/*
 * sender.h - the messages that a peer sends, one after another
 *
 * Every message has an MTS identifier of its own and a content of its own, of
 * type unidentified, that begins with "@NS " where NS is when it was first
 * prepared, or an interpersonal message with such a text.  One that was not
 * confirmed is sent again, the same octets.
 *
 * Who sends which: with shares, process number n sends n, n + shares, …; with
 * claims, a process that has an association takes the next that nobody has.
 */
#ifndef FOURPOST_PEERS_SENDER_H
#define FOURPOST_PEERS_SENDER_H

#include <time.h>

#include "mhs/p1.h"
#include "tests/peers/mishap.h"
#include "tests/peers/peer.h"

/* A message among several processes. */
struct sender_claim {
	atomic_int pid; /* of who sends it; 0: nobody; -1: it was confirmed */
	atomic_uint_fast64_t sent_ns; /* first prepared; 0: not yet */
};

struct sender_plan {
	const char *from, *to, *tag;
	uint64_t messages, octets;
	uint64_t recipients; /* of each message; 0: one */
	uint64_t rate; /* a second, of all shares; 0: as fast as they go */
	unsigned shares;
	struct sender_claim *claims; /* NULL: there are shares */
	enum p1_priority priority;
	time_t begun;  /* stands in the trace */
	int output;    /* for the confirmed ones; -1: none */
	bool ipm;      /* interpersonal messages */
	bool private;  /* with an extension that nobody knows */
	bool critical; /* which is critical for transfer */
	struct peer_figures *figures;
};

/* The state of one sending process. */
struct sender {
	const struct sender_plan *plan;
	const struct mishap *mishap; /* of this connection */
	struct arena arena;
	struct p1_envelope envelope;
	uint8_t *content;
	uint64_t number;  /* the message in content */
	uint64_t next;	  /* the first message not confirmed yet */
	uint64_t count;	  /* of messages confirmed here */
	uint64_t on_this; /* of messages begun on this connection */
	uint64_t begun;	  /* the process, in ns */
	uint64_t sent_ns; /* the message in content, first */
	struct buffer encoded, prefix;
};

/* sender_claims_new - make claims shared with children, nobody's */
struct sender_claim *sender_claims_new(uint64_t messages);

/* sender_init - process number which; no connection yet.  sender_fini gives
 * back what it has not sent */
void sender_init(
    struct sender *sender, const struct sender_plan *plan, unsigned which);
void sender_fini(struct sender *sender);

/* sender_connected - note another connection, with its mishap */
void sender_connected(struct sender *sender, const struct mishap *mishap);

/* sender_has - tell whether there is a message for it to send */
bool sender_has(struct sender *sender);

/*
 * sender_send - send the next, when it is due by the rate, until it is
 * confirmed
 *
 * Of the association's errors; ERR_CANCELLED: a mishap befell it.
 */
int
sender_send(struct sender *sender, struct association *association) WARN_UNUSED;

#endif
