/* SPDX-License-Identifier: ISC */
/*
 * test.h - what every test file begins with
 *
 * A file defines its cases with START_TEST and ends with
 *   TEST_MAIN("ber/reader", add_case(suite, "integers", integer_min, ...))
 * where the expressions add cases to the Suite *suite.
 */
#ifndef FOURPOST_TESTS_TEST_H
#define FOURPOST_TESTS_TEST_H

#include <check.h>
#include <stdlib.h>

/* The place of vectors, whatever the directory a test is started in. */
#ifndef TEST_SOURCE_DIR
#define TEST_SOURCE_DIR "."
#endif

/* add_test - one test in a case of its own, with seconds as its limit */
static inline void
add_test(Suite *suite, const char *name, const TTest *test, double seconds)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, seconds);
	tcase_add_test(tcase, test);
	suite_add_tcase(suite, tcase);
}

/* add_loop - a test for each of count values of _i, in one case */
static inline void
add_loop(Suite *suite, const char *name, const TTest *test, size_t count)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, test, 0, (int)count);
	suite_add_tcase(suite, tcase);
}

#define TEST(name)		 add_test(suite, #name, name, 20)
#define TEST_LONG(name, seconds) add_test(suite, #name, name, seconds)
#define TEST_LOOP(name, count)	 add_loop(suite, #name, name, count)

/* test_run() of a program whose main does more than TEST_MAIN's */
#define TEST_RUN(title, ...)                                      \
	static int test_run(void)                                 \
	{                                                         \
		Suite *suite = suite_create(title);               \
		SRunner *runner;                                  \
		int failed;                                       \
		__VA_ARGS__;                                      \
		runner = srunner_create(suite);                   \
		srunner_run_all(runner, CK_NORMAL);               \
		failed = srunner_ntests_failed(runner);           \
		srunner_free(runner);                             \
		return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE; \
	}

#define TEST_MAIN(title, ...)        \
	TEST_RUN(title, __VA_ARGS__) \
	int main(void)               \
	{                            \
		return test_run();   \
	}

#endif
