/* SPDX-License-Identifier: ISC */
/*
 * room_test.c - a disk filled by a backlog takes mail again by itself
 *
 * The state directory is a small file system of its own, which takes root.
 * Messages for a dead link fill it until the suite refuses more; the link comes
 * back and takes all; the next message is taken without a hand, though the
 * database's file is as large as the backlog made it.
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

/* More than the reserve that the disk must have, by some messages. */
#define DISK "size=84m"
#define MOST 200
/* Octets of what the tools said that a failure shows. */
#define TAIL 1000

static struct suite tested;

/* small_disk - mount a small file system where the state directory will be;
 * return whether that was possible */
static bool
small_disk(void)
{
	const struct passwd *user = getpwnam(SUITE_USER);
	char path[SUITE_PATH + 16];

	snprintf(path, sizeof(path), "%s/state", tested.directory);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	if (geteuid() != 0 || user == NULL || unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("room", path, "tmpfs", 0, DISK) != 0) {
		printf("skipped: no file system of our own: %s\n",
		    geteuid() != 0 ? "not root" : strerror(errno));
		fflush(stdout);
		return false;
	}
	ck_assert_int_eq(chown(path, user->pw_uid, user->pw_gid), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
	return true;
}

/* submit - submit a message of 700 KB for the link; return x4send's exit
 * status */
static int
submit(void)
{
	return suite_shell(NULL,
	    "head -c 700000 /dev/zero | tr '\\0' x | fold -w 70 | "
	    "%s/bin/x4send -c %s -f 'C=XX;A=TEST;S=A' -t 'C=YY;A=late;S=B' "
	    ">>%s/said 2>&1",
	    suite_build(), tested.conf, suite_directory());
}

/* taken - tell whether a message is taken */
static bool
taken(void *arg)
{
	(void)arg;
	return submit() == 0;
}

START_TEST(a_backlog_that_left_leaves_room)
{
	char sections[1024] = "", path[SUITE_PATH + 16], *said;
	uint16_t port = suite_free_port();
	struct load_sink sink;
	uint64_t count = 0;

	suite_begin("room");
	load_link(sections, sizeof(sections), "late", port, "");
	suite_configure(&tested, "r", "C=XX;A=TEST;P=R",
	    "  queue-size = \"512M\"\n", sections);
	if (!small_disk()) {
		suite_end();
		return;
	}
	suite_start(&tested);
	while (count < MOST && submit() == 0)
		count++;
	ck_assert_uint_ge(count, 5);
	ck_assert_uint_lt(count, MOST);
	snprintf(path, sizeof(path), "%s/said", suite_directory());
	said = suite_read(path, NULL);
	ck_assert_ptr_nonnull(said);
	/* The end is shown: Check cannot print all that so many tools say. */
	ck_assert_msg(strstr(said, "disk space is low") != NULL, "%s",
	    said + (strlen(said) > TAIL ? strlen(said) - TAIL : 0));
	free(said);
	load_sink(&sink, "late", port, NULL);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "retry", "late", NULL), 0);
	load_wait_noted(&sink, count, 60);
	suite_wait("a message to be taken again", 30, taken, NULL);
	load_wait_noted(&sink, count + 1, 60);
	suite_stop(&tested);
	load_sink_stop(&sink);
	snprintf(path, sizeof(path), "%s/state", tested.directory);
	ck_assert_int_eq(umount2(path, MNT_DETACH), 0);
	suite_end();
}
END_TEST

TEST_MAIN("fault/room", TEST_LONG(a_backlog_that_left_leaves_room, 180))
