/* SPDX-License-Identifier: ISC */
/*
 * leak_test.c - failed attempts give back all that they took (F1)
 *
 * Attempts that fail in every way, at every step, out and in: what each
 * process of the suite that lives on holds is the same after all of them as
 * after a hundredth: descriptors, private memory, and the number of the
 * processes.  Then the first attempt at a healthy peer succeeds, and the
 * first of one.  Long form: 100,000 attempts, against what there was after
 * 1,000; short form: 1,000 against 130.
 *
 * Out, two links fail side by side, one at once and one by its time limits.
 * In, the workers that refuse before the bind live on and are looked at too;
 * those of a peer that was bound end with its association.
 */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

/* The slack that malloc needs, which keeps more at one time than at another; a
 * leak of six octets an attempt is more in the long form. A sanitizer keeps
 * freed memory, and reports leaks itself. */
#define RSS_SLACK ((uint64_t)(SANITIZE_ADDRESS ? 256 * 1024 : 512) * 1024)

/* Out: what the sink does.  Most fail before there is an association. */
#define OUT_MISHAPS                                                            \
	"-M", "reset:accept", "-M", "fin:accept", "-M", "fin:cr", "-M",        \
	    "reset:cc", "-M", "truncate:cc", "-M", "garbage:cr:64", "-M",      \
	    "nonsense:cn", "-M", "reset:cn", "-M", "fin:cn", "-M",             \
	    "truncate:bind", "-M", "refuse-transport", "-M", "refuse-session", \
	    "-M", "refuse-presentation", "-M", "refuse-association", "-M",     \
	    "refuse-bind", "-M", "busy", "-M", "reset:start", "-M",            \
	    "fin:data", "-M", "reset:end", "-M", "abort"

/* Out, after which only a time limit helps. */
#define OUT_SILENCE                                                        \
	"-M", "black-hole", "-M", "silence:cr", "-M", "stall:cn", "-M",    \
	    "silence:bind", "-M", "stall:data", "-M", "silence:end", "-M", \
	    "silence:end", "-M", "trickle:cc"

/* In: what the source does, before it is bound and after. */
#define IN_UNBOUND                                                     \
	"-M", "reset:accept", "-M", "fin:cr", "-M", "reset:cc", "-M",  \
	    "truncate:cn", "-M", "reset:cn", "-M", "garbage:cc", "-M", \
	    "nonsense:cn", "-M", "refuse-association", "-M", "refuse-bind"
#define IN_BOUND                                                       \
	"-M", "fin:start", "-M", "abort", "-M", "truncate:data", "-M", \
	    "nonsense:end", "-M", "reset:end", "-M", "discard"

/* In, of a machine that is gone: the suite holds these for its own time, of
 * those before the bind ten of an address. */
#define IN_SILENCE "-M", "silence:accept", "-M", "stall:cr", "-M", "silence:cn"
#define IN_BOUND_SILENCE \
	"-M", "silence:start", "-M", "stall:data", "-M", "silence:end"

/* Attempts of one kind before the look, and after it. */
struct share {
	unsigned before, after;
};

/* Of all attempts, which are least at least.  The long forms' are 100,000 in
 * three runs: Check can time no test that lasts longer than 35 minutes. */
static const struct shares {
	unsigned least;
	struct share out, silent, unbound, bound, gone, bound_gone;
} short_out = {300, {50, 250}, {8, 16}, {9, 9}, {9, 9}, {3, 3}, {3, 3}},
  short_in = {650, {20, 20}, {8, 8}, {20, 500}, {20, 120}, {6, 12}, {6, 6}},
  long_out = {24025, {430, 22925}, {20, 650}, {9, 9}, {9, 9}, {3, 3}, {3, 3}},
  long_in = {51950, {20, 20}, {8, 8}, {260, 26740}, {260, 23640}, {20, 1000},
      {10, 20}};

#define PROCESSES_MAX 16

/* The event that is logged when the memory of sessions is full. */
#define DROPPED " 20027 "

/* A process of the suite, by the name of its service. */
struct process {
	char name[32];
	unsigned descriptors;
	uint64_t rss;
};

struct state {
	struct process process[PROCESSES_MAX];
	size_t count;
};

static struct suite tested;
static struct load_sink good, sinks[4];
static char sections[8192];

/* descriptors - count the descriptors that a process has open; 0 if it is
 * gone */
static unsigned
descriptors(pid_t pid)
{
	char path[64];
	const struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* lasting - count the descriptors that a process keeps: the connection of
 * the tool that we asked last goes a moment later, a leaked one never does */
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

/* workers - count the workers of the suite, by its own account, whose names
 * begin so: busy or all; add them to rows, if that is not NULL */
static size_t
workers(const char *begin, bool busy, json_t *rows)
{
	json_t *all = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	json_t *row;
	size_t i, count = 0;

	json_array_foreach(all, i, row)
	{
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		const char *state =
		    json_string_value(json_object_get(row, "state"));

		if (strcmp(kind, "worker") != 0 ||
		    json_integer_value(json_object_get(row, "pid")) == 0 ||
		    strncmp(name, begin, strlen(begin)) != 0 ||
		    (busy && strcmp(state, "idle") == 0))
			continue;
		count++;
		if (rows != NULL)
			json_array_append(rows, row);
	}
	json_decref(all);
	return count;
}

/* is_quiet - tell whether workers of a kind are idle, or gone */
static bool
is_quiet(void *arg)
{
	return workers(arg, true, NULL) == 0;
}

/* is_alone - tell whether no worker of a link is left; an x400in is idle for
 * 100 s */
static bool
is_alone(void *arg)
{
	(void)arg;
	return workers("x400", false, NULL) == 0;
}

/* note - note a process, with those of the same service the one that has
 * most */
static void
note(struct state *state, const char *name, pid_t pid)
{
	/* only those that tools connect to have more for a moment */
	const unsigned fds =
	    strncmp(name, "x400", 4) == 0 ? descriptors(pid) : lasting(pid);
	const uint64_t rss = suite_rss_anon(pid);
	const size_t length = strcspn(name, "#");
	struct process *p = state->process;

	/* an idle worker may end meanwhile */
	if (fds == 0 || rss == 0)
		return;
	while (p < state->process + state->count &&
	    (strncmp(p->name, name, length) != 0 || p->name[length] != '\0'))
		p++;
	if (p == state->process + state->count) {
		ck_assert_uint_lt(state->count++, PROCESSES_MAX);
		*p = (struct process){.rss = 0};
		memcpy(p->name, name, length);
	}
	p->descriptors = fds > p->descriptors ? fds : p->descriptors;
	p->rss = rss > p->rss ? rss : p->rss;
}

/* look - look at the processes whose names begin so */
static void
look(struct state *state, const char *begin)
{
	json_t *rows = json_array(), *row;
	size_t i;

	*state = (struct state){.count = 0};
	(void)workers(begin, false, rows);
	json_array_foreach(rows, i, row)
	    note(state, json_string_value(json_object_get(row, "name")),
		(pid_t)json_integer_value(json_object_get(row, "pid")));
	json_decref(rows);
}

/* look_refusing - look at the workers that have refused, and wait for more */
static void
look_refusing(struct state *state)
{
	suite_wait("the peers to be gone", 60, is_quiet, (char[]){"x400in"});
	look(state, "x400in");
}

/* look_settled - look at what lives on when all else has ended; the short
 * form does not wait for workers to be idle for long enough */
static void
look_settled(struct state *state)
{
	size_t idle;

	suite_wait("the workers to end", 60, is_quiet, (char[]){"x400"});
	if (suite_long())
		suite_wait("the idle workers to end", 200, is_alone, NULL);
	idle = workers("x400", false, NULL);
	look(state, "master");
	/* of each other worker it has a descriptor, as has qmgr */
	state->process[0].descriptors -= (unsigned)idle;
	look(&state[1], "qmgr");
	state[1].process[0].descriptors -= (unsigned)idle;
}

/* compare - compare what a hundredth of the attempts left with what all left */
static void
compare(const char *when, const struct state *before, const struct state *after)
{
	ck_assert_uint_eq(before->count, after->count);
	for (size_t i = 0; i < before->count; i++) {
		const struct process *was = &before->process[i];
		const struct process *is = &after->process[i];

		ck_assert_str_eq(was->name, is->name);
		printf("figure: %s: %s %u and %u descriptors, RssAnon %llu "
		       "and %llu KB\n",
		    when, was->name, was->descriptors, is->descriptors,
		    (unsigned long long)was->rss / 1024,
		    (unsigned long long)is->rss / 1024);
		ck_assert_msg(is->descriptors == was->descriptors,
		    "%s: %s had %u descriptors and has %u", when, was->name,
		    was->descriptors, is->descriptors);
		ck_assert_msg(is->rss <= was->rss + RSS_SLACK, "%s: %s grew",
		    when, was->name);
	}
}

/* add_sink - add a sink that fails so many times, and its link */
static void
add_sink(
    struct load_sink *sink, const char *name, unsigned attempts, bool silent)
{
	const char *settings =
	    "open-interval = \"0.01\" open-retries = 1000000 "
	    "open-timeout = \"0.25\"\n"
	    "  transfer-interval = 2 transfer-retries = 1000 "
	    "transfer-timeout-normal = \"0.1\"\n"
	    "  disconnect-timeout = \"0.25\" recovery-timeout = 0 "
	    "association-lifetime = 0 associations = 1";
	char limit[16];

	snprintf(limit, sizeof(limit), "%u", attempts);
	if (silent)
		load_sink(sink, name, 0, OUT_SILENCE, "-N", limit, NULL);
	else
		load_sink(sink, name, 0, OUT_MISHAPS, "-N", limit, NULL);
	load_link(sections, sizeof(sections), name, sink->port, settings);
}

/* configure - configure links that fail before the look, and after it, and
 * one whose peer is well and is not called yet */
static void
configure(const struct shares *shares)
{
	load_source_link(sections, sizeof(sections));
	add_sink(&sinks[0], "fast0", shares->out.before, false);
	add_sink(&sinks[1], "slow0", shares->silent.before, true);
	add_sink(&sinks[2], "fast1", shares->out.after, false);
	add_sink(&sinks[3], "slow1", shares->silent.after, true);
	load_sink(&good, "good", 0, NULL);
	load_link(sections, sizeof(sections), "good", good.port,
	    "association-lifetime = 0");
	suite_configure(&tested, "leak", "C=XX;A=TEST;P=LEAK", "", sections);
	suite_start(&tested);
}

/* The kinds of failed attempts in. */
enum in_kind {
	UNBOUND,
	GONE,
	BOUND,
	BOUND_GONE
};

/* start_failing - start a source that fails each time, and soon takes the suite
 * for gone when the source itself is the cause */
static pid_t
start_failing(
    enum in_kind kind, unsigned attempts, char output[SUITE_PATH + 64])
{
	char retries[16];
	pid_t pid = 0;

	snprintf(retries, sizeof(retries), "%u", attempts - 1);
	switch (kind) {
	case UNBOUND:
		pid = load_source(&tested, "good", 1, output, "-R", retries,
		    "-I", "0", "-L", "5000", IN_UNBOUND, NULL);
		break;
	case GONE:
		pid = load_source(&tested, "good", 1, output, "-R", retries,
		    "-I", "0", "-L", "50", IN_SILENCE, NULL);
		break;
	case BOUND:
		pid = load_source(&tested, "good", 1, output, "-R", retries,
		    "-I", "0", "-L", "5000", IN_BOUND, NULL);
		break;
	case BOUND_GONE:
		pid = load_source(&tested, "good", 1, output, "-R", retries,
		    "-I", "0", "-L", "100", IN_BOUND_SILENCE, NULL);
		break;
	}
	return pid;
}

/* fail_in - fail so often, by two sources where that is many times, so that it
 * ends sooner.  Return how many attempts were made */
static unsigned
fail_in(enum in_kind kind, unsigned attempts)
{
	char output[2][SUITE_PATH + 64];
	unsigned sources = attempts >= 10000 ? 2 : 1;
	pid_t pid[2];

	for (unsigned i = 0; i < sources; i++)
		pid[i] = start_failing(kind, attempts / sources, output[i]);
	for (unsigned i = 0; i < sources; i++) {
		ck_assert_int_eq(suite_wait_exit(pid[i], 3600), 1);
		ck_assert_uint_eq(
		    load_figure(output[i], "failures"), attempts / sources);
	}
	return attempts;
}

/* fail_all - fail in every way, before the look or after it; refusing: the
 * workers that live on have refused.  Return how many attempts were made */
static uint64_t
fail_all(const struct shares *s, bool after, struct state *refusing)
{
	struct load_sink *out = &sinks[after ? 2 : 0];
	uint64_t made = 0;
	char pattern[64];

	/* so many that none comes to its thousandth transfer */
	load_send(&tested, out[0].name, 100);
	load_send(&tested, out[1].name, 20);
	made += fail_in(UNBOUND, after ? s->unbound.after : s->unbound.before);
	made += fail_in(GONE, after ? s->gone.after : s->gone.before);
	look_refusing(refusing);
	made += fail_in(BOUND, after ? s->bound.after : s->bound.before);
	made += fail_in(
	    BOUND_GONE, after ? s->bound_gone.after : s->bound_gone.before);
	suite_wait_empty(&tested, 3600);
	for (int i = 0; i < 2; i++) {
		load_sink_stop(&out[i]);
		snprintf(
		    pattern, sizeof(pattern), "%s.source*.lines", out[i].name);
		load_same(&out[i], pattern);
		made += load_figure(out[i].output, "connections");
	}
	return made;
}

/* first_attempts - let a healthy peer call us, and us a healthy peer */
static void
first_attempts(void)
{
	char output[SUITE_PATH + 64], pattern[64];
	pid_t pid = load_source(&tested, "good", 1, output, NULL);

	load_wait_source(pid, 30);
	ck_assert_uint_eq(load_figure(output, "connections"), 1);
	load_wait_noted(&good, 1, 30);
	load_sink_stop(&good);
	snprintf(
	    pattern, sizeof(pattern), "%s.lines", strrchr(output, '/') + 1);
	load_same(&good, pattern);
	ck_assert_uint_eq(load_figure(good.output, "connections"), 1);
}

/* none_dropped - check that what failed has driven out no session that is
 * needed */
static void
none_dropped(void)
{
	char path[SUITE_PATH + 32], *log;

	snprintf(path, sizeof(path), "%s/state/log", tested.directory);
	log = suite_read(path, NULL);
	ck_assert_ptr_nonnull(log);
	ck_assert_msg(strstr(log, DROPPED) == NULL, "sessions were dropped");
	free(log);
}

/* attempt - fail in all of these ways, and compare what was left */
static void
attempt(const struct shares *shares)
{
	struct state refusing[2], left[2][2];
	uint64_t before, all;

	suite_begin("leak");
	configure(shares);
	before = fail_all(shares, false, &refusing[0]);
	look_settled(left[0]);
	all = before + fail_all(shares, true, &refusing[1]);
	look_settled(left[1]);
	printf("figure: %llu attempts, and %llu\n", (unsigned long long)before,
	    (unsigned long long)all);
	ck_assert_uint_ge(all, shares->least);
	compare("while workers refuse", &refusing[0], &refusing[1]);
	for (int i = 0; i < 2; i++)
		compare("when all have ended", &left[0][i], &left[1][i]);
	first_attempts();
	none_dropped();
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}

START_TEST(attempts_out)
{
	attempt(suite_long() ? &long_out : &short_out);
}
END_TEST

START_TEST(attempts_in)
{
	attempt(suite_long() ? &long_in : &short_in);
}
END_TEST

TEST_MAIN(
    "fault/leak", TEST_LOOP_LONG(attempts_out, suite_long() ? 2 : 1, 2100);
    TEST_LONG(attempts_in, 2100))
