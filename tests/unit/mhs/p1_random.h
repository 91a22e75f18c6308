/* SPDX-License-Identifier: ISC */
/*
 * p1_random.h - envelopes drawn from a seed, built octet by octet without
 * common/mhs
 *
 * Valid ones of all kinds, with extensions, attributes and bilateral
 * information that nobody knows.
 */
#ifndef FOURPOST_TESTS_UNIT_MHS_P1_RANDOM_H
#define FOURPOST_TESTS_UNIT_MHS_P1_RANDOM_H

#include "mhs/p1.h"

#define P1_RANDOM_ARRIVAL 1790000000
#define P1_RANDOM_OCTETS  (64 * 1024)
#define P1_RANDOM_MTA	  "MTA-HERE"

/* How an envelope is built: as it comes in, or as a relay that is P1_RANDOM_MTA
 * of C=DE;A=VIAT;P=ACME is to send it. */
enum p1_random_stage {
	P1_RANDOM_COMES_IN,
	P1_RANDOM_GOES_OUT
};

/* p1_random_build - build the envelope of a seed, as it is at a stage; what out
 * holds is replaced */
void p1_random_build(uint64_t seed, enum mts_kind kind,
    enum p1_random_stage stage, struct buffer *out);

#endif
