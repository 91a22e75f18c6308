/* SPDX-License-Identifier: ISC */
/*
 * large_test.c - a content far larger than memory crosses two suites
 *
 * 64 MB, in the long form 1 GB.  No process of either suite ever has more
 * than 32 MB of memory of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define RSS_MAX ((uint64_t)32 * 1024 * 1024)
#define CHUNK	((size_t)1024 * 1024)

static struct pair pair;
static uint64_t largest;

/* watch - note the largest RssAnon of any process of ours, by its name */
static void
watch(void)
{
	static const char *const names[] = {
	    "master", "qmgr", "x400in", "x400out", "msmi"};
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	char path[64], *name;

	ck_assert_ptr_nonnull(proc);
	while ((entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		uint64_t rss;

		if (pid < 2)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
		name = suite_read_proc(path);
		for (size_t i = 0; name != NULL && i < 5; i++)
			if (strncmp(name, names[i], strlen(names[i])) == 0) {
				rss = suite_rss_anon(pid);
				if (rss > largest)
					largest = rss;
				ck_assert_msg(rss <= RSS_MAX,
				    "%s has %llu octets of RssAnon", name,
				    (unsigned long long)rss);
			}
		free(name);
	}
	closedir(proc);
}

/* arrived - whether the file is at the far end; looks at memory meanwhile */
static bool
arrived(void *arg)
{
	(void)arg;
	watch();
	return suite_count_files(pair.b_out) == 1;
}

/* write_large - a message file with one attachment of megabytes */
static void
write_large(unsigned megabytes)
{
	char path[SUITE_PATH + 128], temporary[SUITE_PATH + 128];
	char original[SUITE_PATH];
	uint8_t *chunk = malloc(CHUNK);
	FILE *file;

	ck_assert_ptr_nonnull(chunk);
	for (size_t i = 0; i < CHUNK; i++)
		chunk[i] = (uint8_t)(i * 2654435761U >> 13);
	snprintf(temporary, sizeof(temporary), "%s/.large.TMP", pair.a_in);
	snprintf(path, sizeof(path), "%s/large.MSG", pair.a_in);
	file = fopen(temporary, "we");
	ck_assert_ptr_nonnull(file);
	fprintf(file,
	    "VERSION:3.00\r\nTO:X400:" PAIR_BOB "\r\nFROM:" PAIR_ALICE_BOX
	    "\r\nSUBJECT:large\r\nATTACHMENTS:large.bin %zu\r\nTEXT:2\r\nx\n",
	    megabytes * CHUNK);
	for (unsigned i = 0; i < megabytes; i++) {
		memcpy(chunk, &i, sizeof(i));
		ck_assert_uint_eq(fwrite(chunk, 1, CHUNK, file), CHUNK);
	}
	ck_assert_int_eq(fclose(file), 0);
	/* kept under another name, for the comparison at the far end */
	snprintf(original, sizeof(original), "%s/original", suite_directory());
	ck_assert_int_eq(link(temporary, original), 0);
	ck_assert_int_eq(rename(temporary, path), 0);
	free(chunk);
}

START_TEST(larger_than_memory)
{
	unsigned megabytes = suite_long() ? 1024 : 64;

	suite_begin("large");
	pair_start(&pair, PAIR_DIRECT, "");
	write_large(megabytes);
	suite_wait(
	    "the file at the far end", suite_long() ? 600 : 60, arrived, NULL);
	ck_assert_int_eq(suite_shell(NULL,
			     "a=$(tail -c %zu '%s'/[!.]* | sha256sum); "
			     "b=$(tail -c %zu '%s/original' | sha256sum); "
			     "[ \"$a\" = \"$b\" ]",
			     megabytes * CHUNK, pair.b_out, megabytes * CHUNK,
			     suite_directory()),
	    0);
	pair_wait_empty(&pair, 60);
	pair_stop(&pair);
	pair_check(&pair);
	printf("figure: %u MB crossed, RssAnon at most %.1f MB\n", megabytes,
	    (double)largest / 1e6);
	suite_end();
}
END_TEST

TEST_MAIN("system/large", TEST_LONG(larger_than_memory, 900))
