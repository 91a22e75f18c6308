/* SPDX-License-Identifier: ISC */
/*
 * turn_peers.h - one suite amid peers that send and take in turns
 *
 * Peers that call (x4source -D) send to a good sink, and those that are called
 * (x4sink -D) too; the suite has messages for each of them, on a link of its
 * name.
 */
#ifndef FOURPOST_TESTS_TURN_PEERS_H
#define FOURPOST_TESTS_TURN_PEERS_H

#include "tests/fault/load.h"

/* A message has some checkpoints. */
#define TURN_OCTETS "3000"

/* Where associations are cut: the steps of the turn, and those of transfers
 * from the responder to the initiator. */
#define TURN_STEPS 13
extern const char *const turn_steps[TURN_STEPS];

struct turn_peer {
	/* set before it is started; texts of options */
	char name[16];
	const char *messages; /* that it sends */
	const char *expected; /* that it stays for, or sends nothing before */
	const char *patience; /* ms */
	const char *priority;
	const char *mishap; /* of its first connection, or, where it is */
	const char *times;  /* called, of so many */
	const char *step;   /* where its relay cuts it; NULL: nowhere */
	bool one_file;	    /* sent and taken are noted in the same */
	const char *open_interval;
	/* then */
	struct load_sink sink; /* of who is called */
	char sent[SUITE_PATH + 64], taken[SUITE_PATH + 64];
	char output[SUITE_PATH + 64], relay_output[SUITE_PATH + 64];
	pid_t pid, relay;
	uint16_t port; /* of the relay; 0 before: a free one */
};

/* The suite, and the sink for what peers send. */
extern struct suite turn_suite;
extern struct load_sink turn_good;

/* turn_begin - make a test's directory and its good sink; turn_start - start
 * the suite, of the links that were configured meanwhile */
void turn_begin(const char *test);
void turn_start(void);

/* turn_finish - check that nothing is left, that what the peers of this
 * pattern of names sent came once to the good sink, and that the suite never
 * had it twice */
void turn_finish(const char *names);

/* turn_peer - make a peer with this name and nothing to say */
void turn_peer(struct turn_peer *peer, const char *name);

/* turn_calls - write the link of a peer that will call */
void turn_calls(const struct turn_peer *peer);

/* turn_is_called - start a peer that is called, and write its link;
 * turn_reach - let it be called from now on */
void turn_is_called(struct turn_peer *peer);
void turn_reach(struct turn_peer *peer);

/* turn_call - start a peer that calls, to the suite's port or another */
void turn_call(struct turn_peer *peer, uint16_t port);

/* turn_feed - send so many messages to a peer's link: a source to be waited
 * for */
pid_t turn_feed(
    const struct turn_peer *peer, uint64_t messages, const char *priority);

/* turn_wait_taken - wait until a peer has noted so many lines */
void
turn_wait_taken(const struct turn_peer *peer, uint64_t lines, double seconds);

/* turn_wait_sent - wait until a peer knows of so many that the suite has them
 */
void
turn_wait_sent(const struct turn_peer *peer, uint64_t lines, double seconds);

/* turn_kinds - count the ways in which a relay cuts, in the long form more;
 * turn_cuts - count the cuts that have come */
unsigned turn_kinds(void);
uint64_t turn_cuts(const struct turn_peer *peer);

/* turn_end - stop one that calls or is called, and its relay; what the suite
 * was fed for it was noted once */
void turn_end(struct turn_peer *peer);

#endif
