/* SPDX-License-Identifier: ISC */
/*
 * recipients_test.c - as many recipients as X.411 allows cross two suites, and
 * what has more is refused once, with reports
 *
 * A source sends to suite A, A to suite B, B to a sink that counts.  No process
 * of either suite takes more than MEMORY octets of its own, and none that faces
 * the network more than WORKER.  The long form has addresses of 800 octets, so
 * that the envelope has 25 MB.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "mhs/p1.h"
#include "tests/fault/load.h"
#include "tests/system/bad_files.h"
#include "tests/unit/test.h"

#define MEMORY	 SUITE_MEMORY(suite_long() ? 256 : 96)
#define WORKER	 SUITE_MEMORY(16)
#define TOO_MANY 33500 /* all of whom reports name */

static struct suite a, b;
static struct load_sink sink;
static pid_t masters[2];
static uint64_t largest, largest_worker;

/* start - start the sink, and the two suites before it */
static void
start(const char *test)
{
	static char sections[8192];

	suite_begin(test);
	load_sink(&sink, "third", 0, NULL);
	snprintf(sections, sizeof(sections),
	    "link \"source\" {\n  remote-mta = \"SOURCE\" "
	    "remote-password = \"s\" local-name = \"third\" "
	    "local-password = \"s\"\n  address = {\"127.0.0.1:1\"} "
	    "address-space = {\"C=XX;A=LOAD\"}\n  schedule = \"never\"\n}\n");
	load_link(sections, sizeof(sections), "third", sink.port, "");
	suite_configure(&b, "b", "C=XX;A=TEST;P=B", "", sections);
	suite_start(&b);
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "third", b.port,
	    "local-name = \"SOURCE\" local-password = \"s\"");
	suite_configure(&a, "a", "C=XX;A=TEST;P=A", "", sections);
	suite_start(&a);
	masters[0] = suite_pid(&a, "master");
	masters[1] = suite_pid(&b, "master");
}

/* faces_network - tell whether a process talks to peers */
static bool
faces_network(pid_t pid)
{
	char path[64], *name;
	bool faces;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	name = suite_read_proc(path);
	faces = name != NULL && strstr(name, "x400") != NULL;
	free(name);
	return faces;
}

/* watch - note the largest RssAnon of any process of ours */
static void
watch(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	ck_assert_ptr_nonnull(proc);
	while ((entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		char path[64], *text;
		const char *place;
		uint64_t rss;
		int parent = 0;

		if (pid < 2)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		text = suite_read_proc(path);
		place = text != NULL ? strrchr(text, ')') : NULL;
		if (place == NULL || sscanf(place, ") %*c %d", &parent) != 1)
			parent = 0;
		free(text);
		if (parent != masters[0] && parent != masters[1])
			continue;
		rss = suite_rss_anon(pid);
		if (rss > largest)
			largest = rss;
		if (rss > largest_worker && faces_network(pid))
			largest_worker = rss;
	}
	closedir(proc);
}

/* noted - tell whether the sink has noted so many; looks at memory meanwhile */
static bool
noted(void *arg)
{
	watch();
	return load_noted(sink.lines) >= *(const uint64_t *)arg;
}

/* send - send one message to so many, from C=YY;A=third, and wait until
 * the sink has noted what comes of it */
static void
send(const char *recipients, uint64_t comes)
{
	char output[SUITE_PATH + 64], to[768] = "C=YY;A=third;S=Sink";
	pid_t pid;

	for (char c = 'a'; c <= 'd' && suite_long(); c++)
		snprintf(to + strlen(to), sizeof(to) - strlen(to),
		    ";DDA:%c=%0126d", c, 0);
	pid = load_source(&a, "third", 1, output, "-f", "C=YY;A=third;S=Source",
	    "-N", recipients, "-t", to, NULL);

	suite_wait("what the sink notes", 60, noted, &comes);
	ck_assert_int_eq(suite_wait_exit(pid, 60), 0);
}

/* stop - stop all, and count the lines of the sink that match */
static unsigned
stop(const char *expression)
{
	char *output;
	unsigned n;

	suite_wait_empty(&a, 60);
	suite_wait_empty(&b, 60);
	suite_stop(&a);
	suite_stop(&b);
	ck_assert_int_eq(suite_tool(&a, NULL, "x4check", NULL), 0);
	ck_assert_int_eq(suite_tool(&b, NULL, "x4check", NULL), 0);
	load_sink_stop(&sink);
	suite_shell(&output, "grep -cE '%s' '%s'", expression, sink.lines);
	n = (unsigned)strtoul(output, NULL, 10);
	free(output);
	printf("figure: RssAnon at most %.1f MB, of x400in and x400out %.1f "
	       "MB\n",
	    (double)largest / 1e6, (double)largest_worker / 1e6);
	ck_assert_uint_le(largest, MEMORY);
	ck_assert_uint_gt(largest_worker, 0);
	ck_assert_uint_le(largest_worker, WORKER);
	return n;
}

START_TEST(as_many_as_allowed)
{
	char number[16];

	start("recipients");
	snprintf(number, sizeof(number), "%d", P1_RECIPIENTS_MAX);
	send(number, 1);
	ck_assert_uint_eq(stop("^message.*#32767$"), 1);
	ck_assert_uint_eq(load_noted(sink.lines), 1);
	suite_end();
}
END_TEST

START_TEST(more_than_allowed)
{
	char number[16];

	start("recipients-more");
	snprintf(number, sizeof(number), "%d", TOO_MANY);
	send(number, (TOO_MANY + 999) / 1000);
	ck_assert_uint_eq(stop("^report"), (TOO_MANY + 999) / 1000);
	ck_assert_uint_eq(load_noted(sink.lines), (TOO_MANY + 999) / 1000);
	ck_assert_uint_eq(log_count(&a, ": 20142 "), 1);
	suite_end();
}
END_TEST

TEST_MAIN("system/recipients", TEST_LONG(as_many_as_allowed, 120),
    TEST_LONG(more_than_allowed, 120))
