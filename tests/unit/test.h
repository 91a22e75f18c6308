/* SPDX-License-Identifier: ISC */
/*
 * test.h - what every test file begins with
 *
 * A file defines its cases with START_TEST and ends with
 *   TEST_MAIN("ber/reader", TEST(integers), TEST_LONG(many, 60), ...)
 * A line of output that begins with "figure:" is shown by tests/run.
 *
 * Where a new test belongs:
 *   tests/unit/X    functions of common/X or of program X, called directly, or
 *                   one program between a test that plays its neighbours; links
 *                   with that layer and those below, or with the program
 *                   without its main()
 *   tests/system    whole suites started by x4ctl, as a user would (suite.h)
 *   tests/fault     the same with something broken: a link cut (cutter.h), a
 *                   process killed, a disk full, a network of its own
 *   tests/peers     programs that play a remote MTA for system and fault tests
 *   tests/fuzz      a target for each decoder, and its corpus
 *   tests/bench     figures, not part of make check
 * FILE_test.c is a program; the other files of its directory are linked with
 * it, and in tests/unit what it uses of other directories too.  A mended fault
 * has a test that fails without the mending.  Look at the far end (what the
 * peer was given, what is on disk), not at what the program says of itself.
 *
 * One vocabulary for the other side: a peer is a remote MTA (called: peer.h; it
 * calls: caller.h), a client is a local process that talks to qmgr, a relay
 * stands in between; a fixture or harness begins its names with its file's.
 *
 * What programs under test read from the environment, besides the variables of
 * tests/run:
 *   FOURPOST_FAULT    NAME:N:ACTION, see base/fault.h: at the N-th pass through
 *                     that point of the code something goes wrong
 *   FOURPOST_TICK_MS  master's second, shorter
 *   FOURPOST_RUN, _SLOT, _LISTEN, _USER, _ROOT, _CULPRIT,
 *   _TICKET           from master to a worker, see worker/worker.h; stage.c
 *                     shows how a worker is started without master
 *
 * Vectors are files of tests/vectors with their origin beside them.  Debug one
 * case with CK_FORK=no CK_RUN_CASE=name gdb build/tests/unit/...; a worker that
 * master started, with gdb -p and its number from x4ctl status.
 */
#ifndef FOURPOST_TESTS_TEST_H
#define FOURPOST_TESTS_TEST_H

#include <check.h>
#include <stdlib.h>

/* The place of vectors, whatever the directory a test is started in. */
#ifndef TEST_SOURCE_DIR
#define TEST_SOURCE_DIR "."
#endif

/* How many times longer than on an idle machine a test may take before it is
 * ended: the machine may be as busy as it likes. */
#define TEST_PATIENCE 4

/* add_test - add one test in a case of its own; seconds is its limit on an
 * idle machine */
static inline void
add_test(Suite *suite, const char *name, const TTest *test, double seconds)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, seconds * TEST_PATIENCE);
	tcase_add_test(tcase, test);
	suite_add_tcase(suite, tcase);
}

/* add_loop - add a test for each of count values of _i, in one case, with
 * seconds as the limit of each */
static inline void
add_loop(Suite *suite, const char *name, const TTest *test, size_t count,
    double seconds)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, seconds * TEST_PATIENCE);
	tcase_add_loop_test(tcase, test, 0, (int)count);
	suite_add_tcase(suite, tcase);
}

#define TEST(name)		 add_test(suite, #name, name, 20)
#define TEST_LONG(name, seconds) add_test(suite, #name, name, seconds)
#define TEST_LOOP(name, count)	 add_loop(suite, #name, name, count, 30)
#define TEST_LOOP_LONG(name, count, seconds) \
	add_loop(suite, #name, name, count, seconds)

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
