/* SPDX-License-Identifier: ISC */
/*
 * isolation_test.c - figures: what bad links cost those beside them (F0)
 *
 * The capacity of the healthy links alone is found first, with sources that
 * nothing holds back.  Half of it is what they are offered in every run after
 * that.  Runs come in pairs, alone and beside the bad links, interleaved so
 * that what else the machine does meets both.  All is measured at the far
 * end.  Nothing is asserted but that every message arrived, exactly once.
 *
 * Alone and beside are two suites with the same healthy links to the same
 * sinks, of which one is up at a time.  One suite whose bad links are disabled
 * for the runs alone would not be fair: what is queued for them would still
 * be in the store, and be routed anew at every change.  So "alone" has never
 * had a bad link, and "beside" keeps the queue of its bad ones from one run to
 * the next as it would over any restart, and is measured when every bad link
 * has been tried.
 *
 * Two series: with the open interval that is usual, when bad links hold on to
 * what they have; and with one of a second and transfers that time out, when
 * they try again all the time.  Of that each run begins late enough for all
 * the black holes' attempts to time out and come again within it.
 */
#include <string.h>
#include <time.h>

#include "tests/bench/median.h"
#include "tests/fault/bad_links.h"
#include "tests/unit/test.h"

#define HEALTHY		  12
#define PAIRS		  5
#define RUNS_FULL	  3    /* with sources that nothing holds back */
#define MESSAGES_FULL	  1500 /* a link, in each of them */
#define SECONDS		  10   /* of a run at half of capacity */
#define SOURCE_PROCESSES  "2"  /* associations of each link's source */
#define LIVE_SECONDS	  60   /* until every bad link was tried */
#define OPEN_TIME_SECONDS 30   /* how long a black hole can hold an attempt */
#define EARLY_SECONDS	  6    /* a run begins so long before they end */

#define HEALTHY_SETTINGS "associations = 4 threshold = 1"
#define HOLE_SETTINGS	 "associations = 10 threshold = 1"
/* none of their messages is given up while this lasts */
#define AGAIN                                            \
	" open-interval = 1 open-retries = 1000000"      \
	" transfer-interval = 1 transfer-retries = 1000" \
	" transfer-timeout-normal = 1"

/* What is printed of a run. */
enum figure {
	RATE,
	MEDIAN,
	P99,
	FIGURES
};

struct run {
	double figure[FIGURES];
	int64_t failures; /* attempts of the bad links meanwhile */
};

static struct suite alone, beside;
static struct load_sink sinks[HEALTHY];
static uint64_t sent; /* to each link, by all runs */
static struct bad_links bad = {.kinds = BAD_KINDS,
    .kind_messages = 5000,
    .holes = 60,
    .hole_messages = 50};

/* name_of - name healthy link number i */
static const char *
name_of(unsigned i)
{
	static char name[32];

	snprintf(name, sizeof(name), "l%u", i);
	return name;
}

/* wait_until - wait until a time of suite_now */
static void
wait_until(double time)
{
	double left = time - suite_now();
	struct timespec wait;

	if (left <= 0)
		return;
	wait.tv_sec = (time_t)left;
	wait.tv_nsec = (long)((left - (double)wait.tv_sec) * 1e9);
	nanosleep(&wait, NULL);
}

/* start_sinks - start the sinks of the healthy links, at the ports that they
 * had before */
static void
start_sinks(void)
{
	for (unsigned i = 0; i < HEALTHY; i++) {
		if (sinks[i].port == 0)
			sinks[i].port = suite_free_port();
		load_sink(&sinks[i], name_of(i), sinks[i].port, NULL);
	}
}

/* configure - configure a suite with the healthy links, and the bad ones
 * with these settings if there are any */
static void
configure(struct suite *suite, const char *name, const char *settings)
{
	static char sections[65536], holes[256];

	load_source_link(sections, sizeof(sections));
	if (settings != NULL) {
		snprintf(
		    holes, sizeof(holes), "%s %s", HOLE_SETTINGS, settings);
		bad_links_configure(
		    &bad, sections, sizeof(sections), settings, holes);
	}
	for (unsigned i = 0; i < HEALTHY; i++)
		load_link(sections, sizeof(sections), name_of(i), sinks[i].port,
		    HEALTHY_SETTINGS);
	suite_configure(suite, name, "C=XX;A=TEST;P=F",
	    "  max-associations = 100\n", sections);
}

/* bad_rows - fetch the rows of the bad links from x4ctl status -j */
static json_t *
bad_rows(void)
{
	json_t *rows = suite_rows(&beside, "x4ctl", "-j", "status", NULL);
	json_t *row, *found = json_array();
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));
		const char *name =
		    json_string_value(json_object_get(row, "name"));

		if (kind != NULL && name != NULL && strcmp(kind, "link") == 0 &&
		    (strncmp(name, "bad", 3) == 0 ||
			strncmp(name, "hole", 4) == 0))
			json_array_append(found, row);
	}
	json_decref(rows);
	ck_assert_uint_eq(json_array_size(found), bad.kinds + bad.holes);
	return found;
}

/* all_tried - tell whether none of the bad links is idle */
static bool
all_tried(void *arg)
{
	json_t *rows = bad_rows(), *row;
	bool tried = true;
	size_t i;

	(void)arg;
	json_array_foreach(rows, i, row)
	{
		const char *state =
		    json_string_value(json_object_get(row, "state"));

		if (strcmp(state, "idle") == 0)
			tried = false;
	}
	json_decref(rows);
	return tried;
}

/* bad_failures - count the failed attempts of all bad links */
static int64_t
bad_failures(void)
{
	json_t *rows = bad_rows(), *row;
	int64_t failures = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		failures +=
		    json_integer_value(json_object_get(row, "open_failures"));
	}
	json_decref(rows);
	return failures;
}

/* send - send messages to each link at this rate (0: at any), until all
 * arrived */
static void
send(const struct suite *suite, unsigned messages, unsigned rate)
{
	static char outputs[HEALTHY][SUITE_PATH + 64];
	pid_t pids[HEALTHY];
	char per_second[16];

	snprintf(per_second, sizeof(per_second), "%u", rate);
	for (unsigned i = 0; i < HEALTHY; i++)
		pids[i] = load_source(suite, name_of(i), messages, outputs[i],
		    "-A", SOURCE_PROCESSES, "-r", per_second, NULL);
	for (unsigned i = 0; i < HEALTHY; i++)
		ck_assert_int_eq(suite_wait_exit(pids[i], 300), 0);
	sent += messages;
	for (unsigned i = 0; i < HEALTHY; i++)
		load_wait_noted(&sinks[i], sent, 120);
}

/* take_figures - take what the sinks print and have them begin again:
 * messages a second until the slowest link had all, the median link's
 * median, and the worst link's p99 */
static void
take_figures(unsigned messages, struct run *run)
{
	double seconds, longest = 0, p99, medians[HEALTHY];

	run->figure[P99] = 0;
	for (unsigned i = 0; i < HEALTHY; i++) {
		const char *output = sinks[i].output;

		load_sink_stop(&sinks[i]);
		ck_assert_uint_eq(load_figure(output, "messages"), messages);
		ck_assert_uint_eq(load_figure(output, "duplicates"), 0);
		seconds = load_real(output, " seconds=");
		medians[i] = load_real(output, " latency_median_ms=");
		p99 = load_real(output, " latency_p99_ms=");
		longest = seconds > longest ? seconds : longest;
		if (p99 > run->figure[P99])
			run->figure[P99] = p99;
	}
	run->figure[RATE] = (messages - 1) * HEALTHY / longest;
	run->figure[MEDIAN] = median(medians, HEALTHY);
	start_sinks();
}

/* measure - measure one run, late, so that the first attempts of the silent
 * links end in it */
static struct run
measure(const struct suite *suite, unsigned messages, unsigned rate, bool late)
{
	struct run run = {.failures = 0};
	double begun;

	suite_start(suite);
	begun = suite_now();
	if (suite == &beside) {
		suite_wait(
		    "bad links to be tried", LIVE_SECONDS, all_tried, NULL);
		if (late)
			wait_until(begun + OPEN_TIME_SECONDS - EARLY_SECONDS);
		run.failures = bad_failures();
	}
	send(suite, messages, rate);
	if (suite == &beside)
		run.failures = bad_failures() - run.failures;
	suite_stop(suite);
	take_figures(messages, &run);
	return run;
}

/* print_run - print the figures of a run */
static void
print_run(const char *title, const struct run *run)
{
	printf("    %s %7.1f messages/s, latency median %6.2f ms, p99 %6.2f ms",
	    title, run->figure[RATE], run->figure[MEDIAN], run->figure[P99]);
}

/* pair - measure one run alone and one beside bad links; note the ratios */
static void
pair(unsigned number, unsigned rate, bool late, double ratio[FIGURES])
{
	unsigned messages = rate * SECONDS;
	struct run runs[2];
	bool first = number % 2 == 0;

	/* the order changes from pair to pair, so that neither gains by it */
	for (unsigned i = 0; i < 2; i++) {
		bool is_beside = (i == 0) != first;

		runs[is_beside] =
		    measure(is_beside ? &beside : &alone, messages, rate, late);
	}
	for (unsigned f = 0; f < FIGURES; f++)
		ratio[f] = runs[1].figure[f] / runs[0].figure[f];
	print_run("alone ", &runs[0]);
	printf("\n");
	print_run("beside", &runs[1]);
	printf("; %lld attempts of bad links failed\n",
	    (long long)runs[1].failures);
	printf("    ratios %7.3f %29.3f %13.3f\n", ratio[RATE], ratio[MEDIAN],
	    ratio[P99]);
	fflush(stdout);
}

/* series - run pairs with these settings of the bad links */
static void
series(const char *title, unsigned rate, const char *settings, bool late)
{
	double ratios[FIGURES][PAIRS], ratio[FIGURES];

	configure(&beside, "beside", settings);
	printf("%s:\n", title);
	for (unsigned i = 0; i < PAIRS; i++) {
		pair(i, rate, late, ratio);
		for (unsigned f = 0; f < FIGURES; f++)
			ratios[f][i] = ratio[f];
	}
	printf("  median ratios beside/alone: throughput %.3f, "
	       "latency median %.3f, p99 %.3f\n",
	    median(ratios[RATE], PAIRS), median(ratios[MEDIAN], PAIRS),
	    median(ratios[P99], PAIRS));
	fflush(stdout);
}

/* capacity - measure the healthy links alone: messages a second of the best
 * run */
static double
capacity(void)
{
	double best = 0;

	for (unsigned i = 0; i < RUNS_FULL; i++) {
		struct run run = measure(&alone, MESSAGES_FULL, 0, false);

		if (run.figure[RATE] > best)
			best = run.figure[RATE];
	}
	return best;
}

/* check_all - check that each message arrived, once */
static void
check_all(void)
{
	char pattern[64];

	for (unsigned i = 0; i < HEALTHY; i++) {
		load_sink_stop(&sinks[i]);
		snprintf(
		    pattern, sizeof(pattern), "%s.source*.lines", name_of(i));
		load_same(&sinks[i], pattern);
	}
	ck_assert_int_eq(suite_tool(&alone, NULL, "x4check", NULL), 0);
	ck_assert_int_eq(suite_tool(&beside, NULL, "x4check", NULL), 0);
}

START_TEST(isolation)
{
	unsigned rate;
	double full;

	suite_begin("isolation");
	start_sinks();
	configure(&alone, "alone", NULL);
	full = capacity();
	rate = (unsigned)(full / 2 / HEALTHY) + 1;
	printf("%d healthy links alone: %.0f messages of 2 KB a second; half "
	       "of it is offered, %u to each\n",
	    HEALTHY, full, rate);
	fflush(stdout);
	bad_links_start(&bad);
	configure(&beside, "beside", "");
	suite_start(&beside);
	bad_links_send(&bad, &beside);
	suite_stop(&beside);
	series("bad links with an open interval of 600 s", rate, "", false);
	series("the same with one of 1 s", rate, AGAIN, true);
	bad_links_stop(&bad);
	check_all();
	suite_end();
}
END_TEST

TEST_MAIN("bench/isolation", TEST_LONG(isolation, 1800))
