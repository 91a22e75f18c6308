/* SPDX-License-Identifier: ISC */
/*
 * replay.c - a fuzz target's seeds through its function, without libFuzzer
 *
 * Linked with one NAME_fuzz.c it is the program NAME_fuzz of make check: each
 * file of tests/fuzz/corpus/NAME, whole and cut off at every octet, in a
 * process of its own.  A target says that something is wrong by abort().
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

#define SEEDS_MAX 256
#define SEED_MAX  (64 << 10) /* octets of a seed */
#define CUT_MAX	  (4 << 10)  /* those longer are only taken whole */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char corpus[256];
static struct dirent **seeds;
static int seed_count;

/* feed - feed the first octets of a seed, where nothing may lie behind them */
static void
feed(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);

	ck_assert_ptr_nonnull(exact);
	if (size > 0)
		memcpy(exact, data, size);
	ck_assert_int_eq(LLVMFuzzerTestOneInput(exact, size), 0);
	free(exact);
}

START_TEST(seed)
{
	static uint8_t data[SEED_MAX + 1];
	char path[sizeof(corpus) + 256];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", corpus, seeds[_i]->d_name);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	ck_assert_msg(size <= SEED_MAX, "%s is too long for a seed", path);
	feed(data, size);
	for (size_t cut = 0; cut < size && size <= CUT_MAX; cut++)
		feed(data, cut);
}
END_TEST

START_TEST(there_are_seeds)
{
	ck_assert_msg(seed_count > 0, "no seeds in %s", corpus);
	ck_assert_int_le(seed_count, SEEDS_MAX);
}
END_TEST

/* is_seed - leave out hidden files, for scandir */
static int
is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* main - replay the corpus that has the name of the program */
int
main(int argc, char **argv)
{
	const char *program = argc > 0 ? strrchr(argv[0], '/') : NULL;
	TCase *tcase = tcase_create("seeds");
	Suite *suite;
	SRunner *runner;
	int failed;

	program = program != NULL ? program + 1 : "none_fuzz";
	snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%.*s",
	    TEST_SOURCE_DIR, (int)(strlen(program) - strlen("_fuzz")), program);
	seed_count = scandir(corpus, &seeds, is_seed, alphasort);
	suite = suite_create(program);
	TEST(there_are_seeds);
	tcase_set_timeout(tcase, 60);
	if (seed_count > 0)
		tcase_add_loop_test(tcase, seed, 0, seed_count);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	for (int i = 0; i < seed_count; i++)
		free(seeds[i]);
	free(seeds);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
