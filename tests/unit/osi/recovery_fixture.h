/* SPDX-License-Identifier: ISC */
/*
 * recovery_fixture.h - a sender and a receiver whose associations come and go
 *
 * Both keep what the contract says that they must, and nothing else: each
 * attempt has associations of its own, on a relay that may be cut.
 */
#ifndef FOURPOST_TESTS_RECOVERY_FIXTURE_H
#define FOURPOST_TESTS_RECOVERY_FIXTURE_H

#include "osi/association.h"
#include "osi/association_recovery.h"
#include "tests/unit/osi/relay_fixture.h"
#include "tests/unit/test.h"

#undef LITERAL
#define LITERAL(text) slice_of((text), sizeof(text) - 1)
#define NAMES_MAX     16
#define APDU_MAX      ((size_t)1024 * 1024)

/* The receiver's store, of one transfer. */
struct receiver {
	struct transfer_name name[NAMES_MAX];
	size_t names;
	struct session_references session[NAMES_MAX];
	size_t sessions;
	bool completed, stated;
	struct association_receive_state state;
	uint8_t *octets;
	size_t len;
	unsigned delivered, resumed, repeated;
	/* How it behaves. */
	unsigned checkpoint, window;
	unsigned lag; /* checkpoints that it confirms later than it could */
	bool forgets; /* recover: refused */
};

/* The sender's, of the same. */
struct sender {
	const uint8_t *octets;
	size_t len;
	bool begun;
	struct session_references references;
	struct association_resumption resumption;
	unsigned checkpoint, window;
	unsigned restarts, resumes;
};

struct attempt {
	struct relay relay;
	struct receiver *receiver;
	struct association there;
	pthread_t thread;
};

extern unsigned recovery_tsdu_max; /* session segments, of both */

int receiver_open(struct receiver *receiver, struct association *a, int fd);

void attempt_start(struct attempt *attempt, struct receiver *receiver,
    size_t from_here, size_t from_there);

void attempt_end(struct attempt *attempt);

/* sender_open - open an association, to recover what was begun if there is
 * such */
int sender_open(struct sender *sender, struct association *a, int fd);

/* sender_rest - send the octets from offset on, in odd portions, and the end */
int sender_rest(struct sender *sender, struct association *a, size_t at);

/* sender_try - try one association: 0 if all is done */
int sender_try(struct sender *sender, struct receiver *receiver,
    size_t from_here, size_t from_there, size_t *carried);

void recovery_init(struct sender *sender, struct receiver *receiver,
    uint8_t *octets, size_t len, unsigned checkpoint, unsigned window);

/* recovery_check - check that the transfer arrived once, octet for octet */
void recovery_check(struct sender *sender, struct receiver *receiver);

#endif
