/* SPDX-License-Identifier: ISC */
/*
 * or_random.h - O/R addresses drawn from every attribute and every form
 *
 * Two sorts: what X.411 allows, and BER as peers send it, with values past
 * the bounds, controls, characters of other sets, several forms of one name,
 * unknown extension attributes.
 */
#ifndef FOURPOST_TESTS_UNIT_MHS_OR_RANDOM_H
#define FOURPOST_TESTS_UNIT_MHS_OR_RANDOM_H

#include "mhs/or_address.h"

struct or_random {
	uint64_t state;
};

/* or_random_below - draw a number below a limit */
unsigned or_random_below(struct or_random *random, unsigned limit);

/* or_random_address - draw an address; false if X.411 would not have it */
bool or_random_address(struct or_random *random, struct arena *arena,
    struct or_address *address) WARN_UNUSED;

/* or_random_ber - draw an address as a peer might send it; false where it is
 * not read */
bool or_random_ber(struct or_random *random, struct arena *arena,
    struct or_address *address) WARN_UNUSED;

/* or_random_count - count how many cases: 10,000, or 1,000,000 where
 * FOURPOST_TEST_LONG is set */
unsigned or_random_count(void);

#endif
