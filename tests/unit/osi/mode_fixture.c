/* SPDX-License-Identifier: ISC */
/*
 * mode_fixture.c - tests that are run in each mode; see mode_fixture.h
 */
#include "tests/unit/osi/mode_fixture.h"

enum association_mode mode_of_test = ASSOCIATION_NORMAL;

static void
normal(void)
{
	mode_of_test = ASSOCIATION_NORMAL;
}

static void
x410(void)
{
	mode_of_test = ASSOCIATION_X410;
}

static void
of_1984(void)
{
	mode_of_test = ASSOCIATION_1984;
}

static void
add(Suite *suite, const char *name, const TTest *test, size_t count,
    void (*setup)(void))
{
	TCase *tcase = tcase_create(name);

	/* The long forms transfer gigabytes. */
	tcase_set_timeout(tcase,
	    getenv("FOURPOST_TEST_LONG") != NULL ? 1800 : 60 * TEST_PATIENCE);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test, 0, (int)count);
	suite_add_tcase(suite, tcase);
}

void
mode_add(Suite *suite, const char *name, const TTest *test, size_t count)
{
	add(suite, name, test, count, normal);
	add(suite, name, test, count, x410);
	add(suite, name, test, count, of_1984);
}
