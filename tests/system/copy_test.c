/* SPDX-License-Identifier: ISC */
/*
 * copy_test.c - a copy of the queue, made while mail comes and goes, put back
 *
 * Messages wait for a link to nowhere while others pass to a sink: the copy has
 * those that wait, it does not start before somebody accepts that what has left
 * goes out again, and then it does.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/store/tail.h"
#include "tests/unit/test.h"

#define WAITING 5

static struct suite tested;
static struct load_sink sink;

/* submit - submit a message that waits */
static void
submit(void)
{
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", "C=DE;A=VIAT;P=T;S=A",
		"-t", "C=FR;A=ATLAS;S=Dupont", NULL),
	    0);
}

/* copied - copy the queue; the exit status, and what was said */
static int
copy(const char *name, char **output)
{
	return suite_shell(output, "%s/bin/x4ctl -c %s copy %s 2>&1",
	    suite_build(), tested.conf, suite_path(&tested, name));
}

/* expect_says - check how a tool ends, and what it says */
static void
expect_says(int status, int wanted, char *output, const char *words)
{
	ck_assert_msg(status == wanted && strstr(output, words) != NULL,
	    "exit %d, not %d with \"%s\": %s", status, wanted, words, output);
	free(output);
}

/* start - start the suite as a person does; its exit status */
static int
start(const char *option, char **output)
{
	return suite_shell(output, "%s/bin/x4ctl -c %s start %s 2>&1",
	    suite_build(), tested.conf, option);
}

/* put_back - put the copy in the place of the queue */
static void
put_back(const char *name)
{
	ck_assert_int_eq(
	    suite_shell(NULL,
		"cd %s && o=$(stat -c %%u:%%g queue) && "
		"rm -r queue && cp -r %s queue && "
		"chown -R \"$o\" queue",
		suite_path(&tested, "state"), suite_path(&tested, name)),
	    0);
}

/* begin - start a suite with a link to nowhere, and one that works */
static void
begin(void)
{
	char sections[2048];
	size_t length;

	suite_begin("copy");
	load_sink(&sink, "sink", 0, NULL);
	snprintf(sections, sizeof(sections),
	    "link \"far\" {\n  remote-mta = \"MTA-FAR\"\n"
	    "  remote-password = \"secret-far\"\n"
	    "  address = {\"127.0.0.1:%u\"} open-interval = \"600\"\n"
	    "  open-retries = 1000000 address-space = {\"C=FR;A=ATLAS\"}\n}\n",
	    suite_free_port());
	length = strlen(sections);
	load_link(sections + length, sizeof(sections) - length, "sink",
	    sink.port, "");
	length = strlen(sections);
	load_source_link(sections + length, sizeof(sections) - length);
	suite_configure(&tested, "t", "C=DE;A=VIAT;P=T", "", sections);
	suite_start(&tested);
}

START_TEST(put_back_and_started)
{
	char *output, *log, lines[SUITE_PATH + 64];
	pid_t source;
	int status;

	begin();
	for (unsigned i = 0; i < WAITING; i++)
		submit();
	source = load_source(&tested, "sink", 300, lines, NULL);
	load_wait_noted(&sink, 20, 60);
	status = copy("copy", &output);
	expect_says(status, 0, output, " messages, ");
	load_wait_source(source, 60);
	/* Never over what is there. */
	status = copy("copy", &output);
	expect_says(status, 1, output, "File exists");
	submit();
	suite_stop(&tested);
	status = copy("late", &output);
	expect_says(status, 69, output, "not running");
	status = start("--restored", &output);
	expect_says(status, 1, output, "no copy of another");
	/* Where there is no queue none is made, which would hide the loss. */
	ck_assert_int_eq(rename(suite_path(&tested, "state/queue"),
			     suite_path(&tested, "state/lost")),
	    0);
	status = start("--restored", &output);
	expect_says(status, 1, output, "the database is gone or empty");
	status = start("", &output);
	ck_assert_int_ne(status, 0);
	free(output);
	ck_assert_int_eq(
	    suite_shell(NULL, "cd %s && rm -r queue && mv lost queue",
		suite_path(&tested, "state")),
	    0);

	put_back("copy");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	status = start("", &output);
	ck_assert_int_ne(status, 0);
	free(output);
	log = suite_read(suite_path(&tested, "state/log"), NULL);
	ck_assert_ptr_nonnull(strstr(log, "x4ctl start --restored"));
	free(log);
	status = start("--restored", &output);
	ck_assert_msg(status == 0, "%s", output);
	free(output);
	ck_assert_int_eq(load_link_number(&tested, "far", "queued"), WAITING);
	submit();
	log = suite_read(suite_path(&tested, "state/log"), NULL);
	ck_assert_ptr_nonnull(strstr(log, " 20321 "));
	free(log);
	/* The copy is the queue from now on, like any other. */
	suite_stop(&tested);
	suite_start(&tested);
	ck_assert_int_eq(
	    load_link_number(&tested, "far", "queued"), WAITING + 1);
	load_sink_stop(&sink);
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* A queue whose last pages are free, and missing in its file, is copied. */
START_TEST(missing_tail)
{
	char *output, copied[SUITE_PATH + 32];
	int status;

	begin();
	submit();
	suite_stop(&tested);
	tail_leave(suite_path(&tested, "state/queue"));
	suite_start(&tested);
	status = copy("copy", &output);
	expect_says(status, 0, output, " messages, ");
	(void)strlcpy(copied, suite_path(&tested, "copy"), sizeof(copied));
	ck_assert_int_gt(
	    tail_size(copied), tail_size(suite_path(&tested, "state/queue")));
	load_sink_stop(&sink);
	suite_stop(&tested);
	put_back("copy");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}
END_TEST

/* patch - put another octet behind each occurrence of some, in a file */
static unsigned
patch(const char *path, const char *octets, size_t len, char other)
{
	size_t size;
	char *data = suite_read(path, &size), *at;
	unsigned count = 0;
	FILE *out;

	ck_assert_ptr_nonnull(data);
	for (at = data;
	     (at = memmem(at, size - (size_t)(at - data), octets, len)) != NULL;
	     at += len) {
		/* header, SEQUENCE, length in one or two octets, INTEGER 1 */
		char *version = at + len + 2;

		version += (uint8_t)version[-1] == 0x81;
		if (at[len] != 0x30 || version[0] != 2 || version[2] != 1)
			continue;
		version[2] = other;
		count++;
	}
	out = fopen(path, "r+");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(data, 1, size, out), size);
	ck_assert_int_eq(fclose(out), 0);
	free(data);
	return count;
}

/* A queue that a later release has made is refused with its version, and
 * nothing happens to it. */
START_TEST(of_the_future)
{
	char *output;
	int status;

	begin();
	submit();
	suite_stop(&tested);
	ck_assert_uint_gt(
	    patch(suite_path(&tested, "state/queue/data.mdb"), "header", 6, 9),
	    0);
	status = suite_shell(
	    &output, "%s/bin/x4queue -c %s 2>&1", suite_build(), tested.conf);
	ck_assert_int_ne(status, 0);
	ck_assert_ptr_nonnull(strstr(output, "version 9 is not known"));
	free(output);
	load_sink_stop(&sink);
	suite_end();
}
END_TEST

TEST_MAIN("system/copy", TEST_LONG(put_back_and_started, 120);
	  TEST_LONG(missing_tail, 60); TEST_LONG(of_the_future, 60))
