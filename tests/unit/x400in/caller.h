/* SPDX-License-Identifier: ISC */
/*
 * caller.h - an MTA that calls x400in, in a thread of the test
 *
 * A test writes what it does as a function; what came of it is looked at
 * after caller_join.
 */
#ifndef FOURPOST_TESTS_X400IN_CALLER_H
#define FOURPOST_TESTS_X400IN_CALLER_H

#include <pthread.h>

#include "mhs/bind.h"
#include "mhs/mts.h"
#include "mhs/report.h"
#include "osi/association.h"
#include "tests/unit/x400out/stage.h"

struct caller {
	unsigned port;
	unsigned checkpoint, window;	/* proposed */
	const char *tsel, *ssel, *psel; /* called; NULL: none */
	void (*run)(struct caller *);
	bool security_context; /* in the bind argument */
	bool two_way;	       /* proposes turns */
	uint64_t large;	       /* octets of a large content */

	int fd;
	struct association a;
	pthread_t thread;
	bool running;
	int opened;			    /* what association_open returned */
	struct association_failure failure; /* why it is not 0 */
	char name[64], password[64];
	int result;    /* of the last transfer */
	int exception; /* that it brought, or -1 */
	int results[8];
	unsigned transfers;
	uint64_t marks[2]; /* for what a test wants to know besides */
};

/* caller_open - connect and bind */
int caller_open(struct caller *caller);

/* caller_close - close the connection without another word */
void caller_close(struct caller *caller);

/* caller_note - note what came of a transfer; an exception is answered */
int caller_note(struct caller *caller, int result);

/* caller_send - transfer these octets as the APDU, to the confirmation */
int caller_send(struct caller *caller, struct slice apdu);

/* caller_prefix - make what stands before a content of that length */
struct buffer
caller_prefix(enum mts_kind kind, struct slice envelope, uint64_t length);

/* caller_release - end in an orderly way */
void caller_release(struct caller *caller);

/* caller_end - end in an orderly way, if it has not ended otherwise */
void caller_end(struct caller *caller);

/* caller_start - do that, meanwhile */
void caller_start(struct caller *caller, void (*run)(struct caller *));

/* caller_join - wait until it is done */
void caller_join(struct caller *caller);

#endif
