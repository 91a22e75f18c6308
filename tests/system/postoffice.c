/* SPDX-License-Identifier: ISC */
/*
 * postoffice.c - the directories of a postoffice, for a suite to serve
 */
#include "tests/system/postoffice.h"

#include <sys/stat.h>

#include <check.h>

#include "tests/system/suite.h"

void
postoffice_make(const char *directory)
{
	static const char *const inside[] = {"", "/P1", "/OUT", "/BAD", "/ATT"};
	char path[SUITE_PATH * 3];

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", directory, inside[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
		suite_give(path);
	}
}
