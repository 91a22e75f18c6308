/* SPDX-License-Identifier: ISC */
/*
 * place_test.c - what master finds in its places and did not make
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/directory.h"
#include "master/place.h"
#include "tests/unit/test.h"

static char directory[64];
static struct conf conf;
static struct place place;
static char run[96], state[96];

/* setup - name a run and a state directory that are not there */
static void
setup(void)
{
	strcpy(directory, "/tmp/place_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chmod(directory, 0755), 0);
	snprintf(run, sizeof(run), "%s/run", directory);
	snprintf(state, sizeof(state), "%s/state", directory);
	conf = (struct conf){.mta = {.run_directory = run,
				 .state_directory = state,
				 .user = "daemon",
				 .network_user = "nobody",
				 .postoffice_group = ""}};
	umask(077);
}

/* teardown - remove them */
static void
teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	ck_assert_int_eq(system(command), 0);
}

/* path_of - write a path in the test's directory */
static const char *
path_of(const char *name)
{
	static char path[4][192];
	static unsigned next;
	char *text = path[next++ % 4];

	snprintf(text, sizeof(path[0]), "%s/%s", directory, name);
	return text;
}

/* make_file - make a file with a word in it, which must stay there */
static void
make_file(const char *name)
{
	FILE *file = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs("precious", file);
	fclose(file);
}

/* check_whole - fail unless such a file still has its word */
static void
check_whole(const char *name)
{
	char text[16] = "";
	FILE *file = fopen(path_of(name), "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
	ck_assert_str_eq(text, "precious");
	fclose(file);
}

/* check_refused - fail unless master does not start, for this reason */
static void
check_refused(const char *why)
{
	struct diag diag = {0};

	ck_assert_int_lt(place_init(&place, &conf, &diag), 0);
	ck_assert_msg(
	    strstr(diag_text(&diag), why) != NULL, "\"%s\"", diag_text(&diag));
}

/* check_taken - fail unless master takes its places */
static void
check_taken(void)
{
	struct diag diag = {0};

	ck_assert_msg(
	    place_init(&place, &conf, &diag) == 0, "%s", diag_text(&diag));
}

/* owner_of - read the user and the mode of a path, as "0 711" */
static const char *
owner_of(const char *path)
{
	static char text[32];
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	snprintf(text, sizeof(text), "%u %o", (unsigned)st.st_uid,
	    (unsigned)st.st_mode & 07777);
	return text;
}

/* The pid file is emptied: no link, no other's file, no FIFO. */
START_TEST(pid_file_of_others)
{
	setup();
	ck_assert_int_eq(mkdir(run, 0700), 0);
	make_file("victim");
	ck_assert_int_eq(symlink("../victim", path_of("run/master.pid")), 0);
	check_refused("is no pid file of ours");
	check_whole("victim");
	ck_assert_int_eq(unlink(path_of("run/master.pid")), 0);
	ck_assert_int_eq(link(path_of("victim"), path_of("run/master.pid")), 0);
	check_refused("is no pid file of ours");
	check_whole("victim");
	ck_assert_int_eq(unlink(path_of("run/master.pid")), 0);
	ck_assert_int_eq(mkfifo(path_of("run/master.pid"), 0600), 0);
	check_refused("is no pid file of ours");
	ck_assert_int_eq(unlink(path_of("run/master.pid")), 0);
	check_taken();
	place_fini(&place);
	teardown();
}
END_TEST

/* The slots file is replaced, never written through. */
START_TEST(slots_of_others)
{
	setup();
	ck_assert_int_eq(mkdir(run, 0700), 0);
	make_file("victim");
	ck_assert_int_eq(symlink("../victim", path_of("run/slots")), 0);
	check_taken();
	check_whole("victim");
	place_fini(&place);
	teardown();
}
END_TEST

/* The log is a file of ours; nothing waits for the reader of a FIFO. */
START_TEST(log_of_others)
{
	struct diag diag = {0};
	int fd;

	setup();
	check_taken();
	make_file("victim");
	ck_assert_int_eq(symlink("../victim", path_of("state/log")), 0);
	ck_assert_int_lt(place_log_open(&place, &conf, &diag), 0);
	ck_assert_int_eq(unlink(path_of("state/log")), 0);
	ck_assert_int_eq(mkfifo(path_of("state/log"), 0666), 0);
	ck_assert_int_lt(place_log_open(&place, &conf, &diag), 0);
	ck_assert_int_eq(unlink(path_of("state/log")), 0);
	if (geteuid() != 0) {
		ck_assert_int_eq(
		    link(path_of("victim"), path_of("state/log")), 0);
		ck_assert_int_lt(place_log_open(&place, &conf, &diag), 0);
		ck_assert_int_eq(unlink(path_of("state/log")), 0);
	}
	fd = place_log_open(&place, &conf, &diag);
	ck_assert_int_ge(fd, 0);
	close(fd);
	check_whole("victim");
	ck_assert_int_eq(geteuid(), getuid());
	place_fini(&place);
	teardown();
}
END_TEST

/* As root: whose the directories are, and whose they may not be. */
START_TEST(directories_of_root)
{
	const struct passwd user = *getpwnam("daemon");
	const struct passwd stranger = *getpwnam("nobody");
	char expected[32];

	if (geteuid() != 0)
		return;
	setup();
	check_taken();
	ck_assert_str_eq(owner_of(run), "0 711");
	snprintf(expected, sizeof(expected), "%u 700", user.pw_uid);
	ck_assert_str_eq(owner_of(state), expected);
	place_fini(&place);
	/* a group that is none, and that of root */
	conf.mta.postoffice_group = "no such group";
	check_refused("no group \"no such group\"");
	conf.mta.postoffice_group = "root";
	check_refused("group \"root\" is root");
	conf.mta.postoffice_group = "";
	/* a run directory of an earlier release is taken back */
	ck_assert_int_eq(chown(run, user.pw_uid, user.pw_gid), 0);
	check_taken();
	ck_assert_str_eq(owner_of(run), "0 711");
	place_fini(&place);
	ck_assert_int_eq(chown(run, stranger.pw_uid, stranger.pw_gid), 0);
	check_refused("belongs to user");
	ck_assert_int_eq(chown(run, 0, 0), 0);
	ck_assert_int_eq(chown(state, stranger.pw_uid, stranger.pw_gid), 0);
	check_refused("belongs to user");
	ck_assert_int_eq(chown(state, user.pw_uid, user.pw_gid), 0);
	/* the owner of a directory above could exchange them */
	ck_assert_int_eq(chown(directory, user.pw_uid, user.pw_gid), 0);
	check_refused("can be changed by others than root");
	ck_assert_int_eq(chown(directory, 0, 0), 0);
	check_taken();
	place_fini(&place);
	teardown();
}
END_TEST

/* A link in the place of a directory is followed only if it is root's or our
 * own. */
START_TEST(links_of_others)
{
	const struct passwd *stranger = getpwnam("nobody");

	setup();
	ck_assert_int_eq(mkdir(path_of("elsewhere"), 0700), 0);
	ck_assert_int_eq(symlink("elsewhere", run), 0);
	check_taken();
	place_fini(&place);
	if (geteuid() == 0) {
		ck_assert_int_eq(
		    lchown(run, stranger->pw_uid, stranger->pw_gid), 0);
		check_refused("run: open");
	}
	teardown();
}
END_TEST

TEST_MAIN("master/place", TEST(pid_file_of_others), TEST(slots_of_others),
    TEST(log_of_others), TEST(directories_of_root), TEST(links_of_others))
