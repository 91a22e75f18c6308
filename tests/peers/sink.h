/* SPDX-License-Identifier: ISC */
/*
 * sink.h - what a sink does with one connection
 */
#ifndef FOURPOST_PEERS_SINK_H
#define FOURPOST_PEERS_SINK_H

#include "tests/peers/sender.h"
#include "tests/peers/taker.h"

struct sink {
	const char *name, *password;
	unsigned checkpoint, window;
	unsigned trickle_ms;
	uint32_t patience_ms;
	uint64_t down_ns; /* so long after a death it takes no connection */
	struct taker_plan takes;
	bool two_way; /* two-way alternate dialogue is accepted, and then */
	struct sender_plan sends;
	uint64_t expected; /* see two_way.h */
};

/* sink_serve - serve one connection from the CR to its end; fd is closed */
void sink_serve(const struct sink *sink, const struct mishap *mishap, int fd);

#endif
