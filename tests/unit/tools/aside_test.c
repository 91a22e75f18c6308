/* SPDX-License-Identifier: ISC */
/*
 * aside_test.c - files that were set aside, moved back
 */
#include <sys/stat.h>

#include <stdio.h>
#include <unistd.h>

#include "tests/unit/test.h"
#include "tools/aside.h"

static char directory[64];
static struct conf_msmail msmail = {.postoffice = directory};
static struct diag diag;

/* make - make a file with some text */
static void
make(const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("x", file);
	fclose(file);
}

/* exists - tell whether a file is there */
static bool
exists(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return access(path, F_OK) == 0;
}

/* setup - make a postoffice with one file set aside */
static void
setup(void)
{
	char path[128];

	snprintf(directory, sizeof(directory), "/tmp/aside_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/P1", directory);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/BAD", directory);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	make("BAD/1.P1");
	make("BAD/1.P1.why");
	diag_clear(&diag);
}

/* teardown - remove it */
static void
teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(moved_back)
{
	setup();
	ck_assert_int_eq(aside_take_back(&msmail, "1.P1", &diag), 0);
	ck_assert(exists("P1/1.P1"));
	ck_assert(!exists("BAD/1.P1") && !exists("BAD/1.P1.why"));
	ck_assert_int_eq(aside_take_back(&msmail, "1.P1", &diag), ERR_NOTFOUND);
	teardown();
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	setup();
	make("P1/1.P1");
	ck_assert_int_eq(aside_take_back(&msmail, "1.P1", &diag), ERR_EXISTS);
	ck_assert(exists("BAD/1.P1") && exists("BAD/1.P1.why"));
	teardown();
}
END_TEST

START_TEST(names_that_are_none)
{
	static const char *const names[] = {
	    "", ".", "..", "../BAD/1.P1", "/etc/passwd", "1.P1.why", ".x"};
	size_t i;

	setup();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		diag_clear(&diag);
		ck_assert_int_eq(
		    aside_take_back(&msmail, names[i], &diag), ERR_VALUE);
	}
	ck_assert(exists("BAD/1.P1.why"));
	teardown();
}
END_TEST

TEST_MAIN("tools/aside", TEST(moved_back); TEST(nothing_is_overwritten);
	  TEST(names_that_are_none))
