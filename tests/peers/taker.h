/* SPDX-License-Identifier: ISC */
/*
 * taker.h - what a peer takes: noted, remembered, counted
 *
 * Each transfer is a line of output:
 *	KIND <tab> MTS-ID <tab> OCTETS <tab> HASH <tab> ORIGINATOR <tab> RECIPIENT...
 * and, instead of more than 500 recipients, "#" and their number.
 * With a memory a transfer that comes again is confirmed, counted as a
 * duplicate and noted no second time; and one that is resumed is found
 * complete (X.228), if it was.
 */
#ifndef FOURPOST_PEERS_TAKER_H
#define FOURPOST_PEERS_TAKER_H

#include <xxhash.h>

#include "mhs/transfer.h"
#include "tests/peers/mishap.h"
#include "tests/peers/peer.h"

/* Transfers that a memory keeps: a power of two. */
#define TAKER_MEMORY (1U << 21)

struct taker_plan {
	int output; /* -1: none */
	struct peer_figures *figures;
	atomic_uint_fast64_t *memory; /* hashes of transfers; NULL: none */
};

/* The transfer that one association is in. */
struct taker {
	const struct taker_plan *plan;
	const struct mishap *mishap;
	struct transfer_handler handler;
	struct transfer_reader reader;
	XXH64_state_t *hash;
	uint64_t octets;
	uint64_t sent_ns;
	char head[32];
	size_t head_len;
	char line[65536];
	uint64_t number;  /* of transfers on this association */
	bool hit;	  /* the mishap is meant for this one */
	bool implicit;	  /* an extension of its envelope is tagged so */
	uint64_t old_key; /* of the activity that goes on in it; 0: none */
};

/* taker_memory_new - make a memory, shared with children, empty */
atomic_uint_fast64_t *taker_memory_new(void);

/* taker_memory_load - load what an earlier peer noted in this file, if it is
 * there */
void taker_memory_load(const struct taker_plan *plan, const char *path);

/* taker_init - prepare for a new association, with its mishap; not to be
 * moved */
void taker_init(struct taker *taker, const struct taker_plan *plan,
    const struct mishap *mishap);
void taker_fini(struct taker *taker);

/* taker_event - handle one event of the association; false if it has ended */
bool taker_event(struct taker *taker, struct association *association,
    const struct association_event *event);

#endif
