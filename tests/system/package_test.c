/* SPDX-License-Identifier: ISC */
/*
 * package_test.c - the packages on a Debian of their own; see package.sh
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define IMPOSSIBLE 77 /* exit status of package.sh */

START_TEST(installed_used_and_purged)
{
	char *output;
	int status;

	if (!suite_long()) {
		printf("skipped: only the long form boots a Debian\n");
		return;
	}
	suite_begin("package");
	status = suite_shell(
	    &output, "tests/system/package.sh '%s' 2>&1", suite_directory());
	printf("%s", output);
	ck_assert_msg(
	    status == 0 || status == IMPOSSIBLE, "exit status %d", status);
	free(output);
	suite_end();
}
END_TEST

TEST_MAIN("system/package", TEST_LONG(installed_used_and_purged, 1200))
