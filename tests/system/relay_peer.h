/* SPDX-License-Identifier: ISC */
/*
 * relay_peer.h - an SMTP server that behaves as a test wants (relay.py)
 */
#ifndef FOURPOST_TESTS_SYSTEM_RELAY_PEER_H
#define FOURPOST_TESTS_SYSTEM_RELAY_PEER_H

#include <sys/types.h>

#include <jansson.h>
#include <stdint.h>

#include "tests/system/suite.h"

struct relay_peer {
	char directory[SUITE_PATH + 16];
	uint16_t port;
	pid_t pid; /* 0: it does not run */
};

/* relay_peer_make - make its directory, and choose its port */
void relay_peer_make(struct relay_peer *peer, const char *name);

/* relay_peer_start, relay_peer_stop - have it run, or nobody listen */
void relay_peer_start(struct relay_peer *peer);
void relay_peer_stop(struct relay_peer *peer);

/* relay_peer_habits - have the next connections behave so: a text of JSON as
 * for printf */
void relay_peer_habits(const struct relay_peer *peer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* relay_peer_file - read a file of its directory, to be freed; NULL: not
 * there */
char *relay_peer_file(const struct relay_peer *peer, const char *name);

/* relay_peer_taken - list what it has taken, an object a message; json_decref
 * when done */
json_t *relay_peer_taken(const struct relay_peer *peer);

/* relay_peer_await - wait until it has taken so many messages */
void relay_peer_await(const struct relay_peer *peer, size_t count);

#endif
