/* SPDX-License-Identifier: ISC */
/*
 * source.h - what a source does on its associations
 */
#ifndef FOURPOST_PEERS_SOURCE_H
#define FOURPOST_PEERS_SOURCE_H

#include "mhs/p1.h"
#include "tests/peers/mishap.h"
#include "tests/peers/peer.h"

struct source {
	struct sockaddr_in address;
	const char *name, *password, *from, *to, *tag;
	unsigned associations, checkpoint, window;
	uint64_t messages, octets, rate;
	enum p1_priority priority;
	unsigned trickle_ms;
	uint64_t retries; /* further attempts, of all associations */
	unsigned retry_ms;
	uint32_t patience_ms;
	int output;    /* -1: none */
	bool private;  /* with an extension that nobody knows */
	bool critical; /* which is critical for transfer */
	struct mishaps mishaps;
	struct peer_figures *figures;
};

/*
 * source_run - association number which and its share of the messages
 *
 * A process's exit status: all of them were confirmed or not.
 */
int source_run(const struct source *source, unsigned which);

#endif
