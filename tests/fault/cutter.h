/* SPDX-License-Identifier: ISC */
/*
 * cutter.h - a relay in the test that cuts at an octet and counts the rest
 *
 * It runs as processes of its own; what it is to do and what it saw lies in
 * memory that it shares with the test.  Only the connection that reaches the
 * octet first is cut; those after it pass.
 */
#ifndef FOURPOST_TESTS_CUTTER_H
#define FOURPOST_TESTS_CUTTER_H

#include <sys/types.h>

#include <stdatomic.h>
#include <stdint.h>

enum cutter_how {
	CUTTER_PASS,
	CUTTER_FIN,	/* both sides see an orderly end */
	CUTTER_RESET,	/* both sides see a reset */
	CUTTER_SILENCE, /* neither side sees or hears anything any more */
	CUTTER_HOLD	/* nothing passes until cutter_release */
};

struct cutter {
	/* set by the test */
	atomic_uint target; /* port that is called */
	atomic_int how;
	atomic_int side; /* 0: octets of who calls are counted, 1: the other */
	atomic_ullong at;
	atomic_int by_record; /* at counts whole TLS records, not octets */
	/* seen */
	atomic_uint connections;
	atomic_int held;
	atomic_ullong first[2]; /* octets that passed before the cut */
	atomic_ullong after[2]; /* and on all later connections */
	atomic_uint records[2]; /* whole TLS records before the cut */
	atomic_uint confirmed;	/* the last checkpoint confirmed before it */
	atomic_int done;	/* the cut has been made */
	uint16_t port;
	pid_t pid;
};

/* cutter_start - start a relay that passes all; *port tells where it listens */
struct cutter *cutter_start(void);

/* cutter_plan - cut once, when so many octets of a side have passed */
void
cutter_plan(struct cutter *cutter, enum cutter_how how, int side, uint64_t at);

/* cutter_plan_record - cut once, right behind so many TLS records of a side */
void cutter_plan_record(
    struct cutter *cutter, enum cutter_how how, int side, unsigned record);

/* cutter_release - let pass what is held */
void cutter_release(struct cutter *cutter);

/* cutter_stop - end it */
void cutter_stop(struct cutter *cutter);

#endif
