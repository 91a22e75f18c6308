/* SPDX-License-Identifier: ISC */
/*
 * association_fixture.h - an initiator and a responder, face to face
 *
 * The responder runs in a thread of its own, on the other end of a
 * socketpair; a test gives it a function to run there.
 */
#ifndef FOURPOST_TESTS_ASSOCIATION_FIXTURE_H
#define FOURPOST_TESTS_ASSOCIATION_FIXTURE_H

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "osi/association.h"
#include "tests/unit/test.h"

#define BIND_ARGUMENT "\xa1\x13\x80\x05mta-a\xa1\x0a\x04\x08secret-a"
#define BIND_RESULT   "\xa1\x13\x80\x05mta-b\xa1\x0a\x04\x08secret-b"
#undef LITERAL
#define LITERAL(text) slice_of((text), sizeof(text) - 1)

struct pair {
	int fd[2]; /* initiator's, responder's */
	struct association here, there;
	struct association_parameters parameters; /* of both */
	pthread_t thread;
	void (*run)(struct pair *);
	bool running;
	/* What the responder saw, for the test to look at after pair_join. */
	struct association_indication indication;
	uint8_t bind[256];
	size_t bind_len;
	uint64_t octets;
	uint64_t sum;
	unsigned transfers, checkpoints, runs;
	int result;
	void *arg;
};

struct association_parameters pair_parameters(void);

void pair_init(struct pair *pair);

void pair_start(struct pair *pair, void (*run)(struct pair *));

void pair_join(struct pair *pair);

void pair_fini(struct pair *pair);

int pair_listen(struct pair *pair);

/* pair_receive - receive as a well-behaved receiver does, to the end */
void pair_receive(struct pair *pair);

/* pair_serve - listen, accept, receive to the end */
void pair_serve(struct pair *pair);

int pair_open(struct pair *pair);

/* pair_send_octets - send a transfer of these octets */
int pair_send_octets(struct pair *pair, struct slice octets);

/* pair_send - send a transfer of len octets; sum is as the receiver counts */
int pair_send(struct pair *pair, uint64_t len, uint64_t *sum);

#endif
