/* SPDX-License-Identifier: ISC */
/*
 * source.h - what a source does on its associations
 */
#ifndef FOURPOST_PEERS_SOURCE_H
#define FOURPOST_PEERS_SOURCE_H

#include "tests/peers/sender.h"
#include "tests/peers/taker.h"

struct source {
	struct sockaddr_in address;
	bool roams; /* each connection from another address of loopback */
	const char *name, *password;
	unsigned checkpoint, window;
	struct sender_plan sends;
	bool two_way; /* two-way alternate dialogue: */
	struct taker_plan takes;
	uint64_t expected; /* see two_way.h */
	uint32_t idle_ms;
	unsigned trickle_ms;
	uint64_t retries; /* further attempts, of all associations */
	unsigned retry_ms;
	uint32_t patience_ms;
	struct mishaps mishaps;
};

/*
 * source_run - run association number which and its share of the messages
 *
 * A process's exit status: all of them were confirmed or not.
 */
int source_run(const struct source *source, unsigned which);

#endif
