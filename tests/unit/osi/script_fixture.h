/* SPDX-License-Identifier: ISC */
/*
 * script_fixture.h - a peer that says what is written in a file
 *
 * Without threads and without time: whenever the association waits to read,
 * the next octets of the script arrive; when there are none, the connection
 * ends, or nothing comes any more (ERR_TIMEOUT).  What the association writes
 * is kept.
 */
#ifndef FOURPOST_TESTS_SCRIPT_FIXTURE_H
#define FOURPOST_TESTS_SCRIPT_FIXTURE_H

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "osi/association.h"
#include "osi/association_recovery.h"
#include "tests/unit/test.h"

#undef LITERAL
#define LITERAL(text) slice_of((text), sizeof(text) - 1)

enum script_end {
	SCRIPT_CLOSES,
	SCRIPT_SILENT
};

struct script {
	const uint8_t *octets;
	uint8_t *owned; /* freed by script_fini; may be NULL */
	size_t len, at;
	size_t step; /* how many arrive at a time */
	enum script_end end;
	bool closed;
	int fd[2]; /* the association's, the script's */
	uint8_t *said;
	size_t said_len, said_max;
	struct association association;
};

uint8_t *script_file(const char *name, size_t *len);

/* script_hear - take what the association wrote */
void script_hear(struct script *script);

void script_init(struct script *script, const uint8_t *octets, size_t len,
    size_t step, enum script_end end);

void script_fini(struct script *script);

struct association_parameters script_parameters(void);

/* What a responder made of a script. */
struct outcome {
	int result; /* of listen, accept, or the first receive that failed */
	struct association_indication indication;
	unsigned transfers, checkpoints;
	bool released, aborted;
	uint8_t apdu[65536];
	size_t apdu_len;
	struct association_failure failure;
	enum association_mode mode; /* that the peer asked for */
};

/* script_respond - listen, accept, receive to the end */
void script_respond(struct script *script, unsigned checkpoint, unsigned window,
    bool confirm, struct outcome *outcome);

#endif
