/* SPDX-License-Identifier: ISC */
/*
 * application_group_test.c - what a worker of an application may do by groups
 */
#include <sys/stat.h>

#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/program.h"
#include "tests/unit/test.h"

#define DOMAIN "C=XX;A=TEST;P=APP"
#define EDI    DOMAIN ";O=EDI"
#define GROUP  "bin"

static struct suite tested;
static struct program edi;

/* begin - start a suite with an application whose directory is open to its
 * group, and not to the worker's user */
static void
begin(gid_t group)
{
	char directory[SUITE_PATH + 16], section[1024];

	suite_begin("application-group");
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	ck_assert_int_eq(chown(directory, 0, group), 0);
	ck_assert_int_eq(chmod(directory, 02770), 0);
	(void)snprintf(section, sizeof(section),
	    "application \"edi\" {\n  path = \"%s\"\n  group = \"" GROUP "\"\n"
	    "  address-space = {\"" EDI "\"}\n}\n",
	    directory);
	suite_configure(&tested, "a", DOMAIN, "", section);
	suite_start(&tested);
	program_await(&edi, "in/new");
}

/* check_groups - check that a worker is in this group and no other */
static void
check_groups(const char *worker, gid_t group)
{
	char groups[32], ids[64], *status;

	ck_assert_int_eq(suite_shell(&status, "cat /proc/%d/status",
			     (int)suite_pid(&tested, worker)),
	    0);
	(void)snprintf(groups, sizeof(groups), "\nGroups:\t%u \n", group);
	(void)snprintf(ids, sizeof(ids), "\nGid:\t%u\t%u\t%u\t%u\n", group,
	    group, group, group);
	ck_assert_msg(strstr(status, groups) != NULL, "%s", status);
	ck_assert_msg(strstr(status, ids) != NULL, "%s", status);
	free(status);
}

/* Either worker has the group of the directory alone, and can work. */
START_TEST(no_group_but_its_own)
{
	const struct group *group = getgrnam(GROUP);
	uint64_t id;

	if (geteuid() != 0) {
		puts("skipped: a worker is given its group by root alone");
		return;
	}
	ck_assert_ptr_nonnull(group);
	begin(group->gr_gid);
	check_groups("app-in/edi", group->gr_gid);
	program_submit(&edi, "x",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=A\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"x\"}]}");
	program_await(&edi, "in/done/x.json");
	id = program_await_next(&edi);
	check_groups("app-out/edi", group->gr_gid);
	json_decref(program_claim(&edi, id));
	program_answer(&edi, id, "{\"all\":{\"result\":\"delivered\"}}");
	suite_wait_empty(&tested, 20);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("application_group", TEST(no_group_but_its_own))
