/* SPDX-License-Identifier: ISC */
/*
 * fake_out.h - workers that send: x400out, msmi-out as another role of it, and
 * x400in where the peer takes turns
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_OUT_H
#define FOURPOST_TESTS_SIM_FAKE_OUT_H

#include "tests/sim/fake.h"

/* How a worker ends, or what it works for. */
enum out_mishap {
	OUT_CUT,      /* its association is lost */
	OUT_KILLED,   /* by somebody: nobody is to blame */
	OUT_CRASHED,  /* on the message that it works on */
	OUT_RELEASED, /* by a peer that takes turns, when it has nothing */
	OUT_MISHAPS
};

/* out_begin - start a worker of a link for a connection that waits */
void out_begin(unsigned link, int fd);

/* out_call - have a peer open a two-way alternate association of that number,
 * or recover one that was lost; recovers 0: it binds */
void out_call(unsigned link, unsigned connection, unsigned recovers);

/* out_turns - count the two-way alternate associations of a peer */
unsigned out_turns(unsigned link);

/* out_mishap - have something happen to a worker, chosen by chance */
void out_mishap(enum out_mishap mishap);

/* out_left - count the workers of a link that worked for the life before */
unsigned out_left(unsigned link);

#endif
