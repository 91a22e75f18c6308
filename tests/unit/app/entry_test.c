/* SPDX-License-Identifier: ISC */
/*
 * entry_test.c - names of files that others put into the directory, and the
 * files
 */
#include "app/entry.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/test.h"

static char place[64];
static int directory;

/* begin - make an empty directory */
static void
begin(void)
{
	(void)strlcpy(place, "/tmp/fourpost-entry-XXXXXX", sizeof(place));
	ck_assert_ptr_nonnull(mkdtemp(place));
	directory = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(directory, 0);
}

/* end - remove the directory, and these files in it */
static void
end(const char *const *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(unlinkat(directory, files[i], 0), 0);
	(void)close(directory);
	ck_assert_int_eq(rmdir(place), 0);
}

/* put - write a file */
static void
put(const char *name, const char *text)
{
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

START_TEST(ids)
{
	static const char *const wrong[] = {"0.json", "01.json", "7.jso",
	    "7.JSON", ".json", "7", "-7.json", "7a.json", " 7.json",
	    "9223372036854775808.json", "99999999999999999999999.json",
	    "7.json.json", "7.error.json"};
	uint64_t id = 0;

	ck_assert(entry_id("7.json", &id));
	ck_assert_uint_eq(id, 7);
	ck_assert(entry_id("9223372036854775807.json", &id));
	ck_assert_uint_eq(id, INT64_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!entry_id(wrong[i], &id), "%s", wrong[i]);
}
END_TEST

START_TEST(names)
{
	static const char *const wrong[] = {".a.json", "a b.json", "a/b.json",
	    "a\n.json", "a", ".json", "a.json.tmp", "a.error.json",
	    "\xc3\xa4.json"};
	char name[ENTRY_NAME_MAX + 1], longest[ENTRY_NAME_MAX + 8];

	ck_assert(entry_name("Az0._-.json", name));
	ck_assert_str_eq(name, "Az0._-");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!entry_name(wrong[i], name), "%s", wrong[i]);
	memset(longest, 'a', sizeof(longest));
	(void)strlcpy(longest + ENTRY_NAME_MAX, ".json", 8);
	ck_assert(entry_name(longest, name));
	(void)strlcpy(longest + ENTRY_NAME_MAX + 1, ".json", 7);
	longest[ENTRY_NAME_MAX] = 'a';
	ck_assert(!entry_name(longest, name));
}
END_TEST

START_TEST(files_of_an_object)
{
	ck_assert(entry_is_of("a.1.part", "a"));
	ck_assert(entry_is_of("a.", "a"));
	ck_assert(!entry_is_of("a", "a"));
	ck_assert(!entry_is_of("ab.part", "a"));
	ck_assert(!entry_is_of("a./../x", "a"));
	ck_assert(!entry_is_of("a.\nx", "a"));
}
END_TEST

START_TEST(only_whole_files_are_opened)
{
	static const char *const files[] = {
	    "good", "link", "fifo", "twice", "twice2"};
	struct buffer text;
	struct diag diag = {0};
	struct stat st;
	int fd;

	begin();
	put("good", "octets");
	put("twice", "octets");
	ck_assert_int_eq(linkat(directory, "twice", directory, "twice2", 0), 0);
	ck_assert_int_eq(symlinkat("good", directory, "link"), 0);
	ck_assert_int_eq(mkfifoat(directory, "fifo", 0600), 0);
	buffer_init(&text, 1024 * 1024);
	ck_assert_int_eq(
	    entry_read(directory, "good", 6, &text, &st, &diag), 0);
	ck_assert(slice_equal_string(buffer_slice(&text), "octets"));
	ck_assert_int_eq(st.st_size, 6);
	ck_assert_int_eq(
	    entry_read(directory, "good", 5, &text, &st, NULL), ERR_LIMIT);
	ck_assert_int_eq(
	    entry_open(directory, "link", &fd, &st, &diag), ERR_DENIED);
	ck_assert_str_eq(diag_text(&diag), "link: a symbolic link");
	ck_assert_int_eq(
	    entry_open(directory, "fifo", &fd, &st, NULL), ERR_DENIED);
	ck_assert_int_eq(
	    entry_open(directory, "twice", &fd, &st, NULL), ERR_DENIED);
	ck_assert_int_eq(
	    entry_open(directory, ".", &fd, &st, NULL), ERR_DENIED);
	ck_assert_int_eq(
	    entry_open(directory, "none", &fd, &st, NULL), ERR_NOTFOUND);
	ck_assert(entry_exists(directory, "link"));
	ck_assert(!entry_exists(directory, "none"));
	buffer_fini(&text);
	end(files, 5);
}
END_TEST

TEST_MAIN("app/entry", TEST(ids); TEST(names); TEST(files_of_an_object);
	  TEST(only_whole_files_are_opened))
