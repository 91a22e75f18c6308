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

#define RSS_MAX SUITE_MEMORY(32)
#define CHUNK	((size_t)1024 * 1024)

static struct pair pair;
static uint64_t largest;
static pid_t masters[2];

/* is_ours - tell whether a process is a master of the pair or a child of one */
static bool
is_ours(pid_t pid)
{
	char path[64], *text;
	const char *place;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = suite_read_proc(path);
	/* "PID (NAME) STATE PARENT" */
	place = text != NULL ? strrchr(text, ')') : NULL;
	if (place == NULL || sscanf(place, ") %*c %d", &parent) != 1)
		parent = 0;
	free(text);
	return pid == masters[0] || pid == masters[1] || parent == masters[0] ||
	    parent == masters[1];
}

/* watch - note the largest RssAnon of any process of ours */
static void
watch(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	ck_assert_ptr_nonnull(proc);
	while ((entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		uint64_t rss;

		if (pid < 2 || !is_ours(pid))
			continue;
		rss = suite_rss_anon(pid);
		if (rss > largest)
			largest = rss;
		ck_assert_msg(rss <= RSS_MAX,
		    "process %d has %llu octets of RssAnon", (int)pid,
		    (unsigned long long)rss);
	}
	closedir(proc);
}

/* arrived - tell whether the file is at the far end, looking at memory */
static bool
arrived(void *arg)
{
	(void)arg;
	watch();
	return suite_count_files(pair.b_out) == 1;
}

/* write_large - write a message file with one attachment of megabytes */
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
	masters[0] = suite_pid(&pair.a, "master");
	masters[1] = suite_pid(&pair.b, "master");
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
