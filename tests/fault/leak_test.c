/* SPDX-License-Identifier: ISC */
/*
 * leak_test.c - failed attempts give back all that they took (F1)
 *
 * Attempts that fail in every way, at every step, out and in: descriptors of
 * master and qmgr and the number of processes are the same after all of them
 * as after a tenth, and private memory has not grown.  Then the first attempt
 * at a healthy peer succeeds.  Short form: 500 out and 1,500 in; long form:
 * 50,000 out, 50,000 in before the bind and 100,000 after it.
 */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

/* What malloc may keep more of at one time than at another; a leak of 40
 * octets an attempt is more in the long form.  A sanitizer keeps what was
 * freed, and tells leaks itself. */
#define RSS_SLACK ((uint64_t)(SANITIZE_ADDRESS ? 256 * 1024 : 512) * 1024)

/* Out: what the sink does.  Most fail before there is an association. */
#define OUT_MISHAPS                                                            \
	"-M", "reset:accept", "-M", "fin:accept", "-M", "fin:cr", "-M",        \
	    "reset:cc", "-M", "truncate:cc", "-M", "garbage:cr", "-M",         \
	    "nonsense:cn", "-M", "reset:cn", "-M", "fin:cn", "-M",             \
	    "truncate:bind", "-M", "refuse-transport", "-M", "refuse-session", \
	    "-M", "refuse-presentation"
#define OUT_MISHAPS_2                                                        \
	"-M", "refuse-association", "-M", "refuse-bind", "-M", "busy", "-M", \
	    "reset:start", "-M", "fin:data", "-M", "reset:before-confirm",   \
	    "-M", "abort"

/* In: what the source does, before it is bound and after. */
#define IN_UNBOUND                                                     \
	"-M", "reset:accept", "-M", "fin:cr", "-M", "reset:cc", "-M",  \
	    "truncate:cn", "-M", "reset:cn", "-M", "garbage:cc", "-M", \
	    "nonsense:cn", "-M", "refuse-association", "-M", "refuse-bind"
#define IN_BOUND                                                       \
	"-M", "fin:start", "-M", "abort", "-M", "truncate:data", "-M", \
	    "nonsense:end", "-M", "reset:end", "-M", "discard"

/* Idle x400in that there may be. */
#define IDLE_MAX 4

struct state {
	/* of master, of qmgr: but the one that each has for every worker */
	unsigned descriptors[2];
	uint64_t rss[2];
	size_t processes;
};

static struct suite tested;
static char sections[8192];

/* descriptors - that a process has open */
static unsigned
descriptors(pid_t pid)
{
	char path[64];
	const struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* lasting - the descriptors that it keeps: the connection of the tool that
 * we asked last goes a moment later; what is lost for good never does */
static unsigned
lasting(pid_t pid)
{
	unsigned least = descriptors(pid);

	for (int i = 0; i < 20; i++) {
		unsigned count;

		usleep(20000);
		count = descriptors(pid);
		least = count < least ? count : least;
	}
	return least;
}

/* processes - workers of the suite, by its own account */
static size_t
processes(void)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	json_t *row;
	size_t i, count = 0;

	json_array_foreach(rows, i, row)
	{
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));

		count += strcmp(kind, "worker") == 0 &&
		    json_integer_value(json_object_get(row, "pid")) != 0;
	}
	json_decref(rows);
	return count;
}

/* is_quiet - whether master and qmgr are alone, with no association */
static bool
is_quiet(void *arg)
{
	return processes() <= *(size_t *)arg;
}

/* look - at the suite when what was started has ended */
static void
look(struct state *state)
{
	/* master and qmgr; an x400in that waits for work does so 100 s */
	size_t idle = suite_long() ? 2 : 2 + IDLE_MAX;
	pid_t pid[2];

	suite_wait("the workers to end", 200, is_quiet, &idle);
	pid[0] = suite_pid(&tested, "master");
	pid[1] = suite_pid(&tested, "qmgr");
	state->processes = processes();
	for (int i = 0; i < 2; i++) {
		ck_assert_int_ne(pid[i], 0);
		state->descriptors[i] =
		    lasting(pid[i]) - (unsigned)state->processes;
		state->rss[i] = suite_rss_anon(pid[i]);
	}
}

/* compare - what a tenth of the attempts left, and what all left */
static void
compare(const char *way, const struct state *before, const struct state *after)
{
	static const char *const names[] = {"master", "qmgr"};

	for (int i = 0; i < 2; i++) {
		printf("figure: %s: %s %u and %u descriptors, RssAnon %llu "
		       "and %llu KB\n",
		    way, names[i], before->descriptors[i],
		    after->descriptors[i],
		    (unsigned long long)before->rss[i] / 1024,
		    (unsigned long long)after->rss[i] / 1024);
		ck_assert_msg(after->descriptors[i] == before->descriptors[i],
		    "%s: %s had %u descriptors and has %u", way, names[i],
		    before->descriptors[i], after->descriptors[i]);
		ck_assert_msg(after->rss[i] <= before->rss[i] + RSS_SLACK,
		    "%s: %s grew", way, names[i]);
	}
	if (suite_long())
		ck_assert_uint_eq(after->processes, before->processes);
}

/* configure - a link for a tenth of the attempts, and one for the rest */
static void
configure(struct load_sink sinks[2], unsigned attempts)
{
	static const char *const names[] = {"first", "rest"};
	const char *settings =
	    "open-interval = \"0.01\" open-retries = 1000000\n"
	    "  transfer-interval = \"0.01\" transfer-retries = 1000\n"
	    "  recovery-timeout = 0 association-lifetime = 0 associations = 1";
	char limit[16];

	load_source_link(sections, sizeof(sections));
	for (unsigned i = 0; i < 2; i++) {
		snprintf(limit, sizeof(limit), "%u",
		    i == 0 ? attempts / 10 : attempts - attempts / 10);
		load_sink(&sinks[i], names[i], 0, OUT_MISHAPS, OUT_MISHAPS_2,
		    "-N", limit, NULL);
		load_link(sections, sizeof(sections), names[i], sinks[i].port,
		    settings);
	}
	suite_configure(&tested, "leak", "C=XX;A=TEST;P=LEAK", "", sections);
	suite_start(&tested);
}

/* is_sent - whether the queue is empty */
static bool
is_sent(void *arg)
{
	(void)arg;
	return suite_queued(&tested) == 0;
}

/* fail_out - one link's attempts, until its peer is healthy */
static void
fail_out(struct load_sink *sink, unsigned attempts)
{
	/* enough that none runs out of its thousand transfers */
	const uint64_t messages = 1 + attempts / 1000;
	char pattern[64];

	load_send(&tested, sink->name, messages);
	suite_wait("the peer to be healthy", 3600, is_sent, NULL);
	load_sink_stop(sink);
	ck_assert_uint_gt(load_figure(sink->output, "connections"), attempts);
	snprintf(pattern, sizeof(pattern), "%s.source*.lines", sink->name);
	load_same(sink, pattern);
}

START_TEST(out)
{
	unsigned attempts = suite_long() ? 50000 : 500;
	struct load_sink sinks[2];
	struct state before, after;

	suite_begin("leak-out");
	configure(sinks, attempts);
	fail_out(&sinks[0], attempts / 10);
	look(&before);
	fail_out(&sinks[1], attempts - attempts / 10);
	look(&after);
	compare("out", &before, &after);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}
END_TEST

/* fail_in - a source that misbehaves each time */
static void
fail_in(const struct load_sink *sink, unsigned attempts, bool bound)
{
	char output[SUITE_PATH + 64], retries[16];
	pid_t pid;

	snprintf(retries, sizeof(retries), "%u", attempts - 1);
	if (bound)
		pid = load_source(&tested, sink->name, 1, output, "-R", retries,
		    "-I", "0", "-L", "5000", IN_BOUND, NULL);
	else
		pid = load_source(&tested, sink->name, 1, output, "-R", retries,
		    "-I", "0", "-L", "5000", IN_UNBOUND, NULL);
	ck_assert_int_eq(suite_wait_exit(pid, 3600), 1);
	ck_assert_uint_eq(load_figure(output, "failures"), attempts);
}

/* fail_all_in - a tenth, look, the rest, look; then a healthy one */
static void
fail_all_in(const char *way, unsigned attempts, bool bound)
{
	struct load_sink sink;
	struct state before, after;

	suite_begin("leak-in");
	load_source_link(sections, sizeof(sections));
	load_sink(&sink, "good", 0, NULL);
	load_link(sections, sizeof(sections), "good", sink.port,
	    "association-lifetime = 0");
	suite_configure(&tested, "leak", "C=XX;A=TEST;P=LEAK", "", sections);
	suite_start(&tested);
	fail_in(&sink, attempts / 10, bound);
	look(&before);
	fail_in(&sink, attempts - attempts / 10, bound);
	look(&after);
	compare(way, &before, &after);
	load_send(&tested, "good", 10);
	load_wait_noted(&sink, 10, 30);
	load_sink_stop(&sink);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}

START_TEST(in_before_the_bind)
{
	fail_all_in("in, unbound", suite_long() ? 50000 : 900, false);
}
END_TEST

/* Of these qmgr remembers the sessions, against duplicates: ten thousand of
 * them, so that a tenth of the long form's attempts fills that memory. */
START_TEST(in_after_the_bind)
{
	fail_all_in("in, bound", suite_long() ? 100000 : 600, true);
}
END_TEST

TEST_MAIN("fault/leak", TEST_LONG(out, 4000),
    TEST_LONG(in_before_the_bind, 4000), TEST_LONG(in_after_the_bind, 4000))
