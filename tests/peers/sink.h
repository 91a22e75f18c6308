/* SPDX-License-Identifier: ISC */
/*
 * sink.h - what a sink does with one connection
 */
#ifndef FOURPOST_PEERS_SINK_H
#define FOURPOST_PEERS_SINK_H

#include "tests/peers/mishap.h"
#include "tests/peers/peer.h"

/* Transfers that a sink with a memory keeps: a power of two. */
#define SINK_MEMORY (1U << 21)

struct sink {
	const char *name, *password;
	unsigned checkpoint, window;
	unsigned trickle_ms;
	int output; /* -1: none */
	struct peer_figures *figures;
	atomic_uint_fast64_t *memory; /* hashes of transfers; NULL: none */
};

/* sink_memory_new - shared with children, empty */
atomic_uint_fast64_t *sink_memory_new(void);

/* sink_memory_load - what an earlier sink noted in this file, if it is there */
void sink_memory_load(const struct sink *sink, const char *path);

/* sink_serve - one connection from the CR to its end; fd is closed */
void sink_serve(const struct sink *sink, const struct mishap *mishap, int fd);

#endif
