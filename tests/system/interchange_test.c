/* SPDX-License-Identifier: ISC */
/*
 * interchange_test.c - a bad file never stops the good ones (F4, Q151791)
 *
 * Files are dropped while all runs, one in ten bad in one of the ways of
 * bad_files.c.  At the end each good one is at the far end once and whole,
 * each bad one in BAD with its right reason and one event, and those were
 * told who can be made out.  Some are good but for two of their recipients:
 * they arrive, and their sender is told.  Short form: 500 files; long form:
 * 5,000.
 *
 * Then files of the fuzzer's corpus, and mutations of them: whatever becomes
 * of one, it is tried once and not lost.  Then figures: good files a second
 * with and without bad ones between them.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/bad_files.h"
#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define CORPUS	  "tests/fuzz/corpus/mmff"
#define SEEDS_MAX 64
#define PATH_ROOM (SUITE_PATH * 3)

static struct pair pair;

/* bad_name - name bad file i */
static void
bad_name(char *name, size_t size, unsigned i)
{
	snprintf(name, size, "B%05u.MSG", i);
}

/* p1_empty - tell whether nothing waits in A's P1 */
static bool
p1_empty(void *arg)
{
	DIR *dir = opendir(pair.a_in);
	const struct dirent *entry;
	bool empty = true;

	(void)arg;
	ck_assert_ptr_nonnull(dir);
	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return empty;
}

/* all_logged - tell whether as many files as this were logged as set aside */
static bool
all_logged(void *arg)
{
	return log_count(&pair.a, ": 2342 ") >= *(const unsigned *)arg;
}

/* all_tried - tell whether as many files of the corpus as this were logged */
static bool
all_tried(void *arg)
{
	return log_count_both(&pair.a, ": 20011 ", "file=F") +
	    log_count_both(&pair.a, ": 2342 ", "file=F") >=
	    *(const unsigned *)arg;
}

/* check_bad - check that each was set aside once, with its reason; count the
 * told */
static unsigned
check_bad(unsigned bad)
{
	unsigned told = 0;
	char name[32];

	for (unsigned i = 0; i < bad; i++) {
		bad_name(name, sizeof(name), i);
		bad_check(pair.a_bad, name, i % bad_ways());
		told += bad_way(i % bad_ways())->sender;
		strlcat(name, " ", sizeof(name));
		ck_assert_uint_eq(log_count_both(&pair.a, ": 2342 ", name), 1);
	}
	ck_assert_uint_eq(log_count(&pair.a, ": 2342 "), bad);
	return told;
}

/* check_told - check that each report to a sender is a message with a code */
static void
check_told(unsigned told)
{
	DIR *dir;
	const struct dirent *entry;
	unsigned found = 0;

	pair_wait_files(pair.a_out, told, 60);
	dir = opendir(pair.a_out);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[PATH_ROOM], text[1024];
		struct letter letter;
		int code = 0;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(
		    path, sizeof(path), "%s/%s", pair.a_out, entry->d_name);
		letter_read(path, &letter);
		snprintf(text, sizeof(text), "%.*s", (int)letter.text_length,
		    letter.text);
		ck_assert_str_eq(letter.to, "ACME/PO1/ALICE");
		ck_assert_msg(sscanf(text, "[%d]", &code) == 1 && code > 0 &&
			strstr(text, "File: P1/B") != NULL,
		    "%s: %s", path, text);
		found++;
		letter_free(&letter);
	}
	closedir(dir);
	ck_assert_uint_eq(found, told);
}

START_TEST(one_in_ten_is_bad)
{
	unsigned files = suite_long() ? 5000 : 500, good = 0, bad = 0, half = 0,
		 gone = 0, seen;
	pid_t worker;
	char name[32];

	suite_begin("interchange");
	pair_start(&pair, PAIR_DIRECT, "");
	worker = suite_pid(&pair.a, "msmi-in/po1");
	for (unsigned i = 0; i < files; i++) {
		if (i % 10 == 9) {
			bad_name(name, sizeof(name), bad);
			bad_file(pair.a_in, name, bad++ % bad_ways());
		} else if (i % 25 == 13) {
			snprintf(name, sizeof(name), "BH%05u.MSG", good);
			half_good_file(pair.a_in, name, good++);
			half++;
		} else {
			snprintf(name, sizeof(name), "G%05u.MSG", good);
			good_file(pair.a_in, name, good++);
		}
		/* some are gone again before anybody looks */
		if (i % 50 == 7) {
			char path[PATH_ROOM];

			snprintf(path, sizeof(path), "%s/V.MSG", pair.a_in);
			/* If msmi-in is quicker, this is sent as well. */
			letter_write(path, PAIR_ALICE_BOX, "X400:" PAIR_BOB,
			    '3', "vanished", "soon gone", NULL, 0);
			unlink(path);
			gone++;
		}
	}
	ck_assert_uint_ge(bad, bad_ways());
	pair_wait_files(pair.b_out, good, 300);
	suite_wait("P1 to empty", 120, p1_empty, NULL);
	/* A file leaves P1 before that is synchronized and logged. */
	suite_wait("the log of bad files", 60, all_logged, &bad);
	check_told(check_bad(bad) + half);
	log_wait_both(&pair.a, ": 2117 ", "142-1-2 Bad address: //: ", half);
	pair_wait_empty(&pair, 60);
	good_check(pair.b_out, good);
	seen = (unsigned)suite_count_files(pair.b_out) - good;
	ck_assert_uint_le(seen, gone);
	/* the same worker did it all, and there is not one event more */
	ck_assert_int_eq(suite_pid(&pair.a, "msmi-in/po1"), worker);
	log_wait_both(&pair.a, ": 20011 ", "file=", good + seen);
	pair_stop(&pair);
	pair_check(&pair);
	suite_end();
}
END_TEST

struct seed {
	char *octets;
	size_t length;
};

/* read_seeds - read the files of the corpus */
static size_t
read_seeds(struct seed *seeds)
{
	char path[PATH_ROOM];
	const struct dirent *entry;
	DIR *dir;
	size_t count = 0;

	snprintf(path, sizeof(path), "%s/%s", TEST_SOURCE_DIR, CORPUS);
	dir = opendir(path);
	ck_assert_msg(dir != NULL, "%s is not there", path);
	while (count < SEEDS_MAX && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", TEST_SOURCE_DIR,
		    CORPUS, entry->d_name);
		seeds[count].octets = suite_read(path, &seeds[count].length);
		ck_assert_ptr_nonnull(seeds[count].octets);
		count++;
	}
	closedir(dir);
	ck_assert_uint_gt(count, 0);
	return count;
}

/* mutated - make file number i: a seed as it is, or with a few octets
 * changed, doubled or cut off */
static void
mutated(const struct seed *seeds, size_t count, unsigned i)
{
	const struct seed *seed = &seeds[i % count];
	size_t length = seed->length, at;
	char *octets = malloc(2 * length + 1), path[PATH_ROOM];
	uint8_t dice[64];

	ck_assert_ptr_nonnull(octets);
	memcpy(octets, seed->octets, length);
	letter_fill(dice, sizeof(dice), i);
	for (unsigned k = 0; i >= count && k < 1U + dice[0] % 4; k++) {
		at = length == 0
		    ? 0
		    : ((size_t)dice[4 * k + 1] << 8 | dice[4 * k + 2]) % length;
		switch (dice[4 * k + 3] % 8) {
		case 0:
			length = at;
			break;
		case 1:
			memcpy(octets + length, octets + at,
			    length <= seed->length ? length - at : 0);
			length += length <= seed->length ? length - at : 0;
			break;
		default:
			if (length > 0)
				octets[at] = (char)dice[4 * k + 4];
			break;
		}
	}
	snprintf(path, sizeof(path), "%s/F%05u.MSG", pair.a_in, i);
	suite_write(path, octets, length);
	free(octets);
}

START_TEST(corpus_of_the_fuzzer)
{
	unsigned files = suite_long() ? 3000 : 300, taken, aside;
	struct seed seeds[SEEDS_MAX];
	pid_t worker;
	size_t count;
	char name[32];

	suite_begin("interchange-fuzz");
	pair_start(&pair, PAIR_DIRECT, "");
	worker = suite_pid(&pair.a, "msmi-in/po1");
	count = read_seeds(seeds);
	for (unsigned i = 0; i < files; i++)
		mutated(seeds, count, i);
	suite_wait("P1 to empty", 120, p1_empty, NULL);
	good_file(pair.a_in, "G.MSG", 0);
	suite_wait("P1 to empty", 60, p1_empty, NULL);
	suite_wait("the log of all files", 60, all_tried, &files);
	/* each was taken or set aside, never both, never twice */
	taken = log_count_both(&pair.a, ": 20011 ", "file=F");
	aside = log_count_both(&pair.a, ": 2342 ", "file=F");
	ck_assert_uint_eq(taken + aside, files);
	for (unsigned i = 0; i < files; i += files / 100) {
		snprintf(name, sizeof(name), "file=F%05u.MSG ", i);
		ck_assert_uint_eq(log_count_both(&pair.a, ": 20011 ", name) +
			log_count_both(&pair.a, ": 2342 ", name),
		    1);
	}
	ck_assert_int_eq(suite_pid(&pair.a, "msmi-in/po1"), worker);
	ck_assert_uint_eq(suite_count_files(pair.a_bad), 2 * (size_t)aside);
	pair_wait_files(pair.b_out, 1, 60);
	pair_stop(&pair);
	pair_check(&pair);
	for (size_t i = 0; i < count; i++)
		free(seeds[i].octets);
	suite_end();
}
END_TEST

/* move_all - rename all that is in one directory into another, from which it
 * may be gone at once: mv looks for it there */
static void
move_all(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	const struct dirent *entry;
	char old[PATH_ROOM], new[PATH_ROOM];

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(old, sizeof(old), "%s/%s", from, entry->d_name);
		snprintf(new, sizeof(new), "%s/%s", to, entry->d_name);
		ck_assert_int_eq(rename(old, new), 0);
	}
	closedir(dir);
	ck_assert_int_eq(rmdir(from), 0);
}

/* round_of - write good files, perhaps a bad one after each nine; count these
 * good ones a second came out at the far end */
static double
round_of(unsigned files, bool with_bad, unsigned *serial)
{
	size_t before = suite_count_files(pair.b_out);
	char staging[SUITE_PATH * 2], name[32];
	double begun;

	snprintf(
	    staging, sizeof(staging), "%s/a/po1/staging", suite_directory());
	mkdir(staging, 0755);
	for (unsigned i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "G%06u.MSG", *serial);
		good_file(staging, name, (*serial)++);
		if (!with_bad || i % 9 != 8)
			continue;
		snprintf(name, sizeof(name), "B%06u.MSG", *serial);
		bad_file(staging, name, *serial % bad_ways());
	}
	begun = suite_now();
	move_all(staging, pair.a_in);
	pair_wait_files(pair.b_out, before + files, 300);
	return files / (suite_now() - begun);
}

/* by_value - order figures */
static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

START_TEST(rates)
{
	unsigned pairs = suite_long() ? 9 : 3, serial = 0;
	unsigned files = suite_long() ? 900 : 180;
	double with[9], without[9], ratio[9];

	suite_begin("interchange-rates");
	pair_start(&pair, PAIR_DIRECT, "");
	round_of(20, false, &serial);
	for (unsigned i = 0; i < pairs; i++) {
		/* the order changes, so that neither gains by it */
		if (i % 2 == 0)
			without[i] = round_of(files, false, &serial);
		with[i] = round_of(files, true, &serial);
		if (i % 2 != 0)
			without[i] = round_of(files, false, &serial);
		ratio[i] = with[i] / without[i];
		suite_wait("P1 to empty", 60, p1_empty, NULL);
	}
	qsort(with, pairs, sizeof(with[0]), by_value);
	qsort(without, pairs, sizeof(without[0]), by_value);
	qsort(ratio, pairs, sizeof(ratio[0]), by_value);
	printf("figure: good files a second: %.0f without bad ones, %.0f with "
	       "one in ten; ratio of %u pairs: %.2f\n",
	    without[pairs / 2], with[pairs / 2], pairs, ratio[pairs / 2]);
	pair_wait_empty(&pair, 60);
	good_check(pair.b_out, serial);
	pair_stop(&pair);
	suite_end();
}
END_TEST

TEST_MAIN("system/interchange", TEST_LONG(one_in_ten_is_bad, 900),
    TEST_LONG(corpus_of_the_fuzzer, 600), TEST_LONG(rates, 900))
