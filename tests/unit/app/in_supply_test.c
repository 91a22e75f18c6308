/* SPDX-License-Identifier: ISC */
/*
 * in_supply_test.c - the files that an object names, and what may become of
 * them while they are read
 */
#include "app/in_supply.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define PART "a.1.part"

static struct in in;
static struct in_object object;
static struct in_supply supply;
static struct object_supply functions;
static char place[64];

/* begin - make a directory, and the object "a" in it */
static void
begin(void)
{
	(void)strlcpy(place, "/tmp/fourpost-supply-XXXXXX", sizeof(place));
	ck_assert_ptr_nonnull(mkdtemp(place));
	memset(&in, 0, sizeof(in));
	ck_assert_int_eq(in_init(&in), 0);
	worker_init(&in.app.worker, "app-in/edi");
	ck_assert_int_eq(
	    directory_open(&in.app.directory, place, false, NULL), 0);
	object = (struct in_object){.name = "a"};
	in_supply_init(&supply, &in, &object);
	functions = in_supply_of(&supply);
}

/* end - remove all of it */
static void
end(void)
{
	char command[128];

	in_supply_fini(&supply);
	in_clear(&object);
	in_fini(&in);
	(void)snprintf(command, sizeof(command), "rm -r %s", place);
	ck_assert_int_eq(system(command), 0);
}

/* put - put a file into in/new, written under another name */
static void
put(const char *name, const char *text)
{
	int new = in.app.directory.fd[DIRECTORY_IN_NEW];
	int fd = openat(new, ".put", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	ck_assert_int_eq(renameat(new, ".put", new, name), 0);
}

/* length - ask for the length of a file, or why it has none */
static int
length(const char *file, struct diag *diag)
{
	const struct object_source source = {
	    .place = OBJECT_FILE, .file = slice_of_string(file)};
	uint64_t found;

	return functions.length(functions.arg, 0, &source, &found, diag);
}

/* read_at - read octets of the file */
static int64_t
read_at(uint64_t offset, struct diag *diag)
{
	const struct object_source source = {
	    .place = OBJECT_FILE, .file = slice_of_string(PART)};
	uint8_t room[4];

	return functions.read(
	    functions.arg, 0, &source, offset, room, sizeof(room), diag);
}

START_TEST(read_to_the_end)
{
	struct diag diag = {0};

	begin();
	put(PART, "octets");
	ck_assert_int_eq(length(PART, &diag), 0);
	ck_assert_int_eq(read_at(0, &diag), 4);
	ck_assert_int_eq(read_at(4, &diag), 2);
	end();
}
END_TEST

/* A file of another object, or of no object, is not taken along. */
START_TEST(names)
{
	static const char *const wrong[] = {"b.1.part", "a", "a.", "ab.part",
	    "a./x", "../in/new/" PART, "a.\n", "a.1.part/"};

	begin();
	put(PART, "octets");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct diag diag = {0};

		ck_assert_msg(length(wrong[i], &diag) < 0, "%s", wrong[i]);
	}
	end();
}
END_TEST

/* A file that is another one when it is read again ends the submission. */
START_TEST(swapped_while_read)
{
	struct diag diag = {0};

	begin();
	put(PART, "octets");
	ck_assert_int_eq(length(PART, &diag), 0);
	put(PART, "others");
	ck_assert_int_eq(read_at(0, &diag), ERR_VALUE);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "changed"));
	end();
}
END_TEST

/* A file that is open is read on, whatever has its name by then; one that
 * became shorter ends the submission. */
START_TEST(cut_while_read)
{
	struct diag diag = {0};
	int fd;

	begin();
	put(PART, "octets");
	ck_assert_int_eq(length(PART, &diag), 0);
	ck_assert_int_eq(read_at(0, &diag), 4);
	fd = openat(in.app.directory.fd[DIRECTORY_IN_NEW], PART, O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, 4), 0);
	(void)close(fd);
	ck_assert_int_eq(read_at(4, &diag), ERR_VALUE);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "shorter"));
	end();
}
END_TEST

TEST_MAIN("app/in_supply", TEST(read_to_the_end); TEST(names);
	  TEST(swapped_while_read); TEST(cut_while_read))
