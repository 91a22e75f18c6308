/* SPDX-License-Identifier: ISC */
/*
 * in_strays_test.c - which files go with an object that cannot be read
 */
#include "app/in.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/test.h"

static struct in in;
static char place[64];

/* begin - make a directory, and a worker that has it open */
static void
begin(void)
{
	(void)strlcpy(place, "/tmp/fourpost-strays-XXXXXX", sizeof(place));
	ck_assert_ptr_nonnull(mkdtemp(place));
	memset(&in, 0, sizeof(in));
	ck_assert_int_eq(in_init(&in), 0);
	worker_init(&in.app.worker, "app-in/edi");
	ck_assert_int_eq(
	    directory_open(&in.app.directory, place, false, NULL), 0);
}

/* end - remove all of it */
static void
end(void)
{
	char command[128];

	in_fini(&in);
	(void)snprintf(command, sizeof(command), "rm -r %s", place);
	ck_assert_int_eq(system(command), 0);
}

/* put - put an empty file into in/new */
static void
put(const char *name)
{
	int fd = openat(in.app.directory.fd[DIRECTORY_IN_NEW], name,
	    O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	(void)close(fd);
}

/* put_object - put an object into in/new, and wait until what comes after it
 * has a later date: the file system's clock goes in steps */
static void
put_object(const char *name)
{
	int new = in.app.directory.fd[DIRECTORY_IN_NEW];
	struct stat object, later;

	put(name);
	ck_assert_int_eq(fstatat(new, name, &object, 0), 0);
	do {
		put(".later");
		ck_assert_int_eq(unlinkat(new, ".later", 0), 0);
		ck_assert_int_eq(fstat(new, &later), 0);
	} while (later.st_ctim.tv_sec == object.st_ctim.tv_sec &&
	    later.st_ctim.tv_nsec == object.st_ctim.tv_nsec);
}

/* move - move what an object may have named */
static void
move(const char *name)
{
	struct in_object object = {.busy = false};

	(void)strlcpy(object.name, name, sizeof(object.name));
	in_move_strays(&in, &object);
}

/* moved - tell whether a file is in in/error; it is there or in in/new */
static bool
moved(const char *name)
{
	bool is = entry_exists(in.app.directory.fd[DIRECTORY_IN_ERROR], name);

	ck_assert_msg(
	    is != entry_exists(in.app.directory.fd[DIRECTORY_IN_NEW], name),
	    "%s", name);
	return is;
}

START_TEST(its_files_go)
{
	begin();
	put("a.1.part");
	put("a.2.part");
	put("ab.part");
	put("b.part");
	put("a");
	put(".a.part");
	put_object("a.json");
	move("a");
	ck_assert(moved("a.1.part"));
	ck_assert(moved("a.2.part"));
	ck_assert(!moved("ab.part"));
	ck_assert(!moved("b.part"));
	ck_assert(!moved("a"));
	ck_assert(!moved(".a.part"));
	/* The object itself goes after its files. */
	ck_assert(!moved("a.json"));
	end();
}
END_TEST

START_TEST(what_another_may_name_stays)
{
	begin();
	put("a.b.part");
	put("a.c.part");
	put("a.part");
	put_object("a.b.json");
	put_object("a.json");
	move("a");
	ck_assert(!moved("a.b.part"));
	ck_assert(moved("a.c.part"));
	ck_assert(moved("a.part"));
	/* The other way round too: a may name what begins with a.b. */
	move("a.b");
	ck_assert(!moved("a.b.part"));
	ck_assert(!moved("a.b.json"));
	ck_assert_int_eq(
	    unlinkat(in.app.directory.fd[DIRECTORY_IN_NEW], "a.json", 0), 0);
	move("a.b");
	ck_assert(moved("a.b.part"));
	end();
}
END_TEST

START_TEST(what_is_no_part_stays)
{
	int new;

	begin();
	new = in.app.directory.fd[DIRECTORY_IN_NEW];
	/* In in/error it would be taken for the reason. */
	put("a.error.json");
	ck_assert_int_eq(mkdirat(new, "a.directory", 0700), 0);
	ck_assert_int_eq(symlinkat("/etc/passwd", new, "a.link"), 0);
	put_object("a.json");
	put("a.later");
	move("a");
	ck_assert(!moved("a.error.json"));
	ck_assert(!moved("a.directory"));
	ck_assert(!moved("a.later"));
	ck_assert_int_eq(faccessat(in.app.directory.fd[DIRECTORY_IN_ERROR],
			     "a.link", F_OK, AT_SYMLINK_NOFOLLOW),
	    0);
	/* An object that has gone names nothing. */
	put("b.part");
	move("b");
	ck_assert(!moved("b.part"));
	end();
}
END_TEST

TEST_MAIN("app/in_strays", TEST(its_files_go);
	  TEST(what_another_may_name_stays); TEST(what_is_no_part_stays))
