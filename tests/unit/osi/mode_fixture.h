/* SPDX-License-Identifier: ISC */
/*
 * mode_fixture.h - tests that are run in each mode of an association
 *
 * The fixtures of this directory take mode_of_test for what their initiators
 * ask for; a responder takes each.
 */
#ifndef FOURPOST_TESTS_MODE_FIXTURE_H
#define FOURPOST_TESTS_MODE_FIXTURE_H

#include "osi/association.h"
#include "tests/unit/test.h"

extern enum association_mode mode_of_test;

/* mode_add - add a test in normal mode, X.410 mode and 1984 mode, for each of
 * count values of _i */
void mode_add(Suite *suite, const char *name, const TTest *test, size_t count);

#define TEST_MODES(name)	     mode_add(suite, #name, name, 1)
#define TEST_LOOP_MODES(name, count) mode_add(suite, #name, name, count)

#endif
