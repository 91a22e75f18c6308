/* SPDX-License-Identifier: ISC */
/*
 * p1_apart.h - the recipients of a large envelope, some at a time
 *
 * Each is read, and written as p1_encode writes it, so that an envelope of
 * P1_ENVELOPE_MAX takes the memory of its largest recipient.  The octets are
 * for p1_decode_begin_apart.
 *
 * Whoever decodes all of them at once must have the memory.  What would take
 * more is left out and counted, as curtail.h has it: extensions first.
 */
#ifndef FOURPOST_MHS_P1_APART_H
#define FOURPOST_MHS_P1_APART_H

#include "mhs/p1.h"

/* Of P1_ARENA_MAX, for recipients with their extensions, for recipients, and
 * for the rest of an envelope. */
#define P1_APART_EXTENDED ((size_t)64 * 1024 * 1024)
#define P1_APART_BARE	  ((size_t)80 * 1024 * 1024)
#define P1_APART_REST	  (P1_ARENA_MAX - P1_APART_BARE)

struct p1_apart {
	struct arena arena; /* of the recipient at hand */
	struct buffer out;  /* recipients as they are sent on */
	size_t memory;	    /* octets that all take when they are decoded */
	uint64_t count;	    /* recipients that were written */
	uint64_t left_out;  /* and that were not */
	uint64_t elements_left_out;
};

/* p1_apart_init - begin with none; p1_apart_fini - give the memory back;
 * p1_apart_reset - begin again */
void p1_apart_init(struct p1_apart *apart);
void p1_apart_reset(struct p1_apart *apart);
void p1_apart_fini(struct p1_apart *apart);

/*
 * p1_apart_push - read recipients, whole elements in lengths of any form, and
 * append them to out
 *
 * The caller empties out.  Errors as p1_decode, which name the recipient by its
 * number, from 1; ERR_NOMEM.
 */
int p1_apart_push(struct p1_apart *apart, struct slice recipients,
    struct diag *diag) WARN_UNUSED;

#endif
