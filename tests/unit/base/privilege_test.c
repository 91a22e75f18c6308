/* SPDX-License-Identifier: ISC */
/*
 * privilege_test.c - base/privilege and base/limit
 *
 * As root the drop is done for real, to "nobody", in a process of its own;
 * as anybody else it must be a success that changes nothing.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/privilege.h"
#include "base/sanitize.h"
#include "tests/unit/test.h"

/* status_of - return the exit status of a process that runs probe */
static int
status_of(int (*probe)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(probe());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* drop - become nobody in an empty directory: 0 or what was not so */
static int
drop(void)
{
	struct passwd *nobody = getpwnam("nobody");
	char root[] = "/tmp/privilege_test.XXXXXX";
	gid_t groups[64];
	int i, count;

	if (nobody == NULL || mkdtemp(root) == NULL)
		return 1;
	if (privilege_drop(
		"nobody", NULL, PRIVILEGE_USERS_GROUPS, root, NULL) != 0)
		return 2;
	if (getuid() != nobody->pw_uid || geteuid() != nobody->pw_uid ||
	    getgid() != nobody->pw_gid || getegid() != nobody->pw_gid)
		return 3;
	if (access("/etc/passwd", F_OK) == 0 || access("/", R_OK) == 0)
		return 4;
	if (setuid(0) == 0 || setgid(0) == 0 || chroot("/") == 0)
		return 5;
	count = getgroups(64, groups);
	for (i = 0; i < count; i++)
		if (groups[i] == 0)
			return 6;
	/* Nothing is left to drop. */
	return privilege_is_root() ||
	    privilege_drop(
		"root", NULL, PRIVILEGE_USERS_GROUPS, "/nowhere", NULL) != 0;
}

START_TEST(drops)
{
	if (privilege_is_root()) {
		ck_assert_int_eq(status_of(drop), 0);
		ck_assert_int_eq(
		    system("rmdir /tmp/privilege_test.?????? 2>/dev/null"), 0);
	} else {
		uid_t uid = getuid();

		ck_assert_int_eq(privilege_drop("nobody", NULL,
				     PRIVILEGE_USERS_GROUPS, "/tmp", NULL),
		    0);
		ck_assert_uint_eq(getuid(), uid);
		ck_assert_int_eq(access("/etc/passwd", R_OK), 0);
	}
}
END_TEST

/* groups_left - become nobody in the group bin: how many groups are left, and
 * 100 if one of them is nobody's own */
static int
groups_left(enum privilege_groups keep)
{
	const struct passwd *nobody = getpwnam("nobody");
	gid_t groups[64], own = nobody == NULL ? 0 : nobody->pw_gid;
	int count, result;

	if (privilege_drop("nobody", "bin", keep, NULL, NULL) != 0)
		return 200;
	result = count = getgroups(64, groups);
	for (int i = 0; i < count; i++)
		if (groups[i] == own)
			result += 100;
	return result;
}

/* all_groups - count the groups that are left of the user's */
static int
all_groups(void)
{
	return groups_left(PRIVILEGE_USERS_GROUPS);
}

/* one_group - count the groups that are left where one was wanted */
static int
one_group(void)
{
	return groups_left(PRIVILEGE_GROUP_ALONE);
}

START_TEST(keeps_groups)
{
	if (!privilege_is_root()) {
		printf("skipped: groups are set by root alone\n");
		return;
	}
	ck_assert_int_ge(status_of(all_groups), 101);
	ck_assert_int_eq(status_of(one_group), 1);
}
END_TEST

START_TEST(refuses)
{
	struct diag diag = {.code = 0};

	if (!privilege_is_root())
		return;
	ck_assert_int_eq(privilege_drop("no such user", NULL,
			     PRIVILEGE_USERS_GROUPS, NULL, &diag),
	    ERR_NOTFOUND);
	ck_assert_str_eq(diag_text(&diag), "no user \"no such user\"");
	ck_assert_int_eq(privilege_drop("nobody", "no group",
			     PRIVILEGE_USERS_GROUPS, NULL, NULL),
	    ERR_NOTFOUND);
	ck_assert_int_eq(
	    privilege_drop("root", NULL, PRIVILEGE_USERS_GROUPS, NULL, NULL),
	    ERR_DENIED);
	ck_assert_int_eq(privilege_drop("nobody", "root",
			     PRIVILEGE_USERS_GROUPS, NULL, NULL),
	    ERR_DENIED);
	ck_assert_int_eq(privilege_drop("nobody", NULL, PRIVILEGE_USERS_GROUPS,
			     "/no/such/place", NULL),
	    ERR_IO);
}
END_TEST

START_TEST(locks)
{
	ck_assert_int_eq(privilege_lock(NULL), 0);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	if (!SANITIZE_ADDRESS)
		ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}
END_TEST

START_TEST(memory_is_limited)
{
	void *p;

	if (SANITIZE_ADDRESS)
		return;
	p = malloc(256 << 20);
	ck_assert_ptr_nonnull(p);
	free(p);
	ck_assert_int_eq(limit_memory(64 << 20, NULL), 0);
	ck_assert_ptr_null(malloc(256 << 20));
	p = malloc(16 << 20);
	ck_assert_ptr_nonnull(p);
	free(p);
	/* Never more again. */
	ck_assert_int_eq(limit_memory(1 << 30, NULL), 0);
	ck_assert_ptr_null(malloc(256 << 20));
}
END_TEST

START_TEST(files_and_cores)
{
	struct rlimit limit = {64, 128};
	int i, count;

	ck_assert_int_eq(limit_core(NULL), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_max, 0);
	limit.rlim_cur = 64;
	limit.rlim_max = 128;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(limit_files(10, NULL), 64);
	ck_assert_int_eq(limit_files(100, NULL), 100);
	count = limit_files(1000, NULL);
	/* root in a container may lack the capability. */
	ck_assert(count == 128 || (count == 1000 && privilege_is_root()));
	for (i = 0; i < 90; i++)
		ck_assert_int_ge(dup(1), 0);
}
END_TEST

TEST_MAIN("base/privilege", TEST(drops), TEST(keeps_groups), TEST(refuses),
    TEST(locks), TEST(memory_is_limited), TEST(files_and_cores))
