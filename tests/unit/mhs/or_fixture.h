/* SPDX-License-Identifier: ISC */
/*
 * or_fixture.h - what tests of O/R addresses share: an arena, and addresses
 * through text and BER
 */
#ifndef FOURPOST_TESTS_UNIT_MHS_OR_FIXTURE_H
#define FOURPOST_TESTS_UNIT_MHS_OR_FIXTURE_H

#include "mhs/or_address.h"

extern struct arena or_fixture_arena;

/* or_fixture_setup - prepare an arena for each test */
void or_fixture_setup(void);

/* or_fixture_teardown - free the arena */
void or_fixture_teardown(void);

/* or_fixture_parse - parse an address that must be one */
struct or_address or_fixture_parse(const char *text);

/* or_fixture_through - encode an address in BER and decode it again */
struct or_address or_fixture_through(const struct or_address *address);

#endif
