/* SPDX-License-Identifier: ISC */
/*
 * directory_test.c - the directory of an application, and files of ours in it
 */
#include "app/directory.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/entry.h"
#include "app/new_file.h"
#include "tests/unit/test.h"

static char place[64];

/* begin - make an empty directory */
static void
begin(void)
{
	(void)strlcpy(place, "/tmp/fourpost-app-XXXXXX", sizeof(place));
	ck_assert_ptr_nonnull(mkdtemp(place));
}

/* end - remove all of it */
static void
end(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r %s", place);
	ck_assert_int_eq(system(command), 0);
}

/* mode_of - get the mode of a file below the directory */
static mode_t
mode_of(const char *name)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", place, name);
	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(what_is_missing_is_made)
{
	struct directory d;
	char path[128], away[128];

	begin();
	(void)snprintf(path, sizeof(path), "%s/out", place);
	(void)snprintf(away, sizeof(away), "%s/away", place);
	ck_assert_int_eq(mkdir(path, 0750), 0);
	ck_assert_int_eq(directory_open(&d, place, true, NULL), 0);
	ck_assert_int_eq(mode_of("out"), 0750);
	ck_assert_int_eq(mode_of("out/new"), 02770);
	ck_assert_int_eq(mode_of("in/error"), 02770);
	ck_assert_int_eq(directory_mode(&d), 0660);
	ck_assert(directory_intact(&d));
	directory_close(&d);
	ck_assert(!directory_intact(&d));
	ck_assert_int_eq(directory_open(&d, place, false, NULL), 0);
	ck_assert_int_eq(directory_mode(&d), 0600);
	/* A file that was moved away is not written to any more. */
	(void)snprintf(path, sizeof(path), "%s/in", place);
	ck_assert_int_eq(rename(path, away), 0);
	ck_assert(!directory_intact(&d));
	ck_assert_int_eq(rename(away, path), 0);
	ck_assert(directory_intact(&d));
	directory_close(&d);
	end();
}
END_TEST

START_TEST(links_are_not_followed)
{
	struct directory d;
	struct diag diag = {0};
	char path[128];

	begin();
	(void)snprintf(path, sizeof(path), "%s/out", place);
	ck_assert_int_eq(symlink("/tmp", path), 0);
	ck_assert_int_eq(directory_open(&d, place, false, &diag), ERR_IO);
	ck_assert_int_eq(unlink(path), 0);
	end();
}
END_TEST

START_TEST(it_must_be_ours)
{
	const struct conf_group none = {.name = ""};
	const struct conf_group other = {.name = "other", .id = 54321};
	struct diag diag = {0};

	begin();
	ck_assert_int_eq(directory_check(place, &none, NULL), 0);
	ck_assert_int_eq(
	    directory_check("/nonexistent", &none, NULL), ERR_NOTFOUND);
	ck_assert_int_eq(directory_check("/dev/null", &none, NULL), ERR_DENIED);
	/* Of a group it must be where root can have given it to that. */
	if (geteuid() == 0) {
		ck_assert_int_eq(
		    directory_check(place, &other, &diag), ERR_DENIED);
		ck_assert_ptr_nonnull(
		    strstr(diag_text(&diag), "is it mounted?"));
		ck_assert_int_eq(chown(place, 54321, 0), 0);
	} else {
		ck_assert_int_eq(directory_check("/", &none, NULL), ERR_DENIED);
	}
	if (geteuid() == 0)
		ck_assert_int_eq(
		    directory_check(place, &none, NULL), ERR_DENIED);
	end();
}
END_TEST

START_TEST(files_are_whole_or_not_there)
{
	struct worker worker;
	struct directory d;
	struct new_file file;
	struct buffer text;
	struct stat st;
	int tmp;

	begin();
	worker_init(&worker, "test");
	ck_assert_int_eq(directory_open(&d, place, true, NULL), 0);
	tmp = d.fd[DIRECTORY_OUT_TMP];
	buffer_init(&text, 1024 * 1024);
	/* A file of that name is replaced, even a link. */
	ck_assert_int_eq(symlinkat("/etc/passwd", tmp, ".1.json"), 0);
	ck_assert_int_eq(new_file_put(&worker, tmp, ".1.json", 0660,
			     slice_of_string("{}"), NULL),
	    0);
	ck_assert_int_eq(mode_of("out/tmp/.1.json"), 0660);
	ck_assert_int_eq(entry_read(tmp, ".1.json", 10, &text, &st, NULL), 0);
	ck_assert(slice_equal_string(buffer_slice(&text), "{}"));
	new_file_init(&file);
	new_file_drop(&file);
	ck_assert_int_eq(
	    new_file_begin(&file, &worker, tmp, ".2.content", 0600, NULL), 0);
	ck_assert_int_eq(new_file_write(&file, slice_of_string("abc")), 0);
	ck_assert(entry_exists(tmp, ".2.content"));
	new_file_drop(&file);
	ck_assert(!entry_exists(tmp, ".2.content"));
	buffer_fini(&text);
	directory_close(&d);
	end();
}
END_TEST

TEST_MAIN("app/directory", TEST(what_is_missing_is_made);
	  TEST(links_are_not_followed); TEST(it_must_be_ours);
	  TEST(files_are_whole_or_not_there))
