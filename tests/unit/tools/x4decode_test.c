/* SPDX-License-Identifier: ISC */
/*
 * x4decode_test.c - the tool itself: what it prints and how it exits
 */
#include <sys/wait.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

/* run - run x4decode on a line of text; its output and exit status */
static int
run(const char *line, char *output, size_t size)
{
	const char *build = getenv("FOURPOST_BUILD");
	char command[512];
	size_t len;
	FILE *pipe;
	int status;

	(void)snprintf(command, sizeof(command),
	    "printf '%%s\\n' '%s' | %s/bin/x4decode - 2>&1", line,
	    build != NULL ? build : "build");
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, size - 1, pipe);
	output[len] = '\0';
	status = pclose(pipe);
	ck_assert_msg(WIFEXITED(status), "%s", output);
	return WEXITSTATUS(status);
}

/* A text that is no address says why, as x4send does. */
START_TEST(bad_address)
{
	char output[4096];

	ck_assert_int_eq(run("C=DEU;A=VIAT;S=Doe", output, sizeof(output)), 1);
	ck_assert_str_eq(output,
	    "x4decode: -: country: neither two letters nor three digits\n");
	ck_assert_int_eq(run("C=DE;A=VIAT;S=Doe", output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "Doe"));
}
END_TEST

TEST_MAIN("tools/x4decode", TEST(bad_address))
