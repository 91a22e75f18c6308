/* SPDX-License-Identifier: ISC */
/*
 * identifier.h - compare MTS identifiers in tests
 */
#ifndef FOURPOST_TESTS_IDENTIFIER_H
#define FOURPOST_TESTS_IDENTIFIER_H

#include "mhs/mts_identifier.h"

/* identifier_same - tell whether two are the same: their domains as addresses
 * compare, their local parts octet by octet */
static inline bool
identifier_same(const struct mts_identifier *a, const struct mts_identifier *b)
{
	return global_domain_compare(&a->domain, &b->domain) == 0 &&
	    slice_equal(a->local, b->local);
}

#endif
