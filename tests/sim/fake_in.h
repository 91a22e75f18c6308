/* SPDX-License-Identifier: ISC */
/*
 * fake_in.h - workers that receive: x400in, each with the peer that called it
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_IN_H
#define FOURPOST_TESTS_SIM_FAKE_IN_H

#include "tests/sim/fake.h"

/* How an association of a peer ends. */
enum in_mishap {
	IN_CUT,	     /* it is lost; the worker says so */
	IN_KILLED,   /* the worker is killed */
	IN_RELEASED, /* the peer lets it go */
	IN_DEAF,     /* the peer is gone, and the worker does not notice */
	IN_MISHAPS
};

/* in_call - have a peer open an association of that number, or recover one that
 * was lost; recovers 0: it binds */
void in_call(unsigned link, unsigned connection, unsigned recovers);

/* in_callers - count the associations that a peer has open */
unsigned in_callers(unsigned link);

/* in_mishap - have an association of a peer end, chosen by chance */
void in_mishap(enum in_mishap mishap);

#endif
