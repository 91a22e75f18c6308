/* SPDX-License-Identifier: ISC */
/*
 * apdu.h - an MTS-APDU of tests/vectors/mhs, taken apart
 */
#ifndef FOURPOST_TESTS_UNIT_MHS_APDU_H
#define FOURPOST_TESTS_UNIT_MHS_APDU_H

#include <stdio.h>
#include <stdlib.h>

#include "mhs/transfer.h"
#include "tests/unit/test.h"

struct apdu {
	struct buffer file;
	struct transfer_reader reader;
	struct p1_envelope envelope;
	struct buffer octets;  /* of the envelope, as they came */
	struct buffer content; /* all of it */
	struct buffer apart;   /* recipients that came apart, see apdu_apart */
	struct arena arena;    /* of the envelope, if they did */
	uint64_t announced;    /* before it came; 0: not known */
};

/* apdu_load - read a file of the vectors */
void apdu_load(struct buffer *buffer, const char *name);

/* apdu_init - prepare for transfer_push into its reader */
void apdu_init(struct apdu *apdu, uint64_t content_max);

/* apdu_init_apart - likewise; recipients of a large envelope come apart */
void apdu_init_apart(struct apdu *apdu, uint64_t content_max);

/* apdu_join - decode an envelope whose recipients came apart; another one is
 * left alone */
void apdu_join(struct apdu *apdu);

/* apdu_read - read a file of the vectors as an APDU */
void apdu_read(struct apdu *apdu, const char *name);

/* apdu_fini - give the memory back */
void apdu_fini(struct apdu *apdu);

#endif
