/* SPDX-License-Identifier: ISC */
/*
 * tracking_test.c - figures: what tracking costs mail, and what it takes
 *
 * x4source -> suite -> x4sink, without and with tracking in turn, for several
 * shapes of traffic.  Then half of what passed with tracking for a minute: what
 * the sink has noted and the tracker has not kept yet, as time goes on.  Rates
 * are those of the far end, CPU is what the kernel counted.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/median.h"
#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define PAIRS	  7
#define HALF_TIME 60 /* s */
#define HALF_STEP 10

/* What is sent in a run. */
struct shape {
	unsigned associations, recipients;
	uint64_t messages;
};

static const struct shape shapes[] = {
    {1, 1, 3000}, {10, 1, 20000}, {50, 1, 20000}, {10, 100, 3000}};

/* What was measured of a run. */
struct figures {
	double rate;	      /* messages a second */
	double qmgr, tracker; /* us of CPU a message */
};

static struct suite tested;
static struct load_sink sink;

/* start - start a suite that tracks for so many days, and its sink */
static void
start(const char *days, unsigned associations)
{
	static char sections[4096];
	char settings[64];

	sections[0] = '\0';
	if (sink.lines[0] != '\0')
		(void)unlink(sink.lines);
	load_sink(&sink, "l0", 0, NULL);
	load_source_link(sections, sizeof(sections));
	snprintf(settings, sizeof(settings), "associations = %u threshold = 1",
	    associations);
	load_link(sections, sizeof(sections), "l0", sink.port, settings);
	suite_configure(&tested, "b", "C=XX;A=TEST;P=F", days, sections);
	suite_start(&tested);
}

/* stop - end both, and remove the queue */
static void
stop(void)
{
	suite_stop(&tested);
	load_sink_stop(&sink);
	suite_shell(NULL, "rm -rf '%s'", tested.directory);
}

/* cpu_of - read how many us of CPU a worker has used; 0: it is not there */
static double
cpu_of(const char *worker)
{
	char path[64], *text;
	double ns;

	snprintf(path, sizeof(path), "/proc/%d/schedstat",
	    (int)suite_pid(&tested, worker));
	text = suite_read_proc(path);
	ns = text == NULL ? 0 : strtod(text, NULL);
	free(text);
	return ns / 1e3;
}

/* begin_source - start a source of that shape, at a rate; 0: as fast as it
 * can */
static pid_t
begin_source(const struct shape *shape, uint64_t rate)
{
	char output[SUITE_PATH + 64], associations[16], recipients[16];
	char each[24];

	snprintf(associations, sizeof(associations), "%u", shape->associations);
	snprintf(recipients, sizeof(recipients), "%u", shape->recipients);
	snprintf(each, sizeof(each), "%llu", (unsigned long long)rate);
	return load_source(&tested, "l0", shape->messages, output, "-A",
	    associations, "-N", recipients, rate == 0 ? NULL : "-r", each,
	    NULL);
}

/* run - measure one run, behind one that has made the files as large as they
 * need to be: a file that grows has all flushes of its file system wait */
static struct figures
run(const char *days, const struct shape *shape)
{
	struct figures figures;
	double begun, qmgr, tracker;

	start(days, shape->associations);
	load_wait_source(begin_source(shape, 0), 300);
	load_wait_noted(&sink, shape->messages, 120);
	qmgr = cpu_of("qmgr");
	tracker = cpu_of("tracker");
	begun = suite_now();
	load_wait_source(begin_source(shape, 0), 300);
	load_wait_noted(&sink, 2 * shape->messages, 120);
	figures.rate = (double)shape->messages / (suite_now() - begun);
	figures.qmgr = (cpu_of("qmgr") - qmgr) / (double)shape->messages;
	figures.tracker =
	    (cpu_of("tracker") - tracker) / (double)shape->messages;
	stop();
	return figures;
}

/* measure - compare runs of a shape without and with tracking: the rate with
 * it */
static double
measure(const struct shape *shape)
{
	double without[PAIRS], with[PAIRS], ratios[PAIRS], qmgr[2][PAIRS];
	double tracker[PAIRS], rate;

	for (int i = 0; i < PAIRS; i++) {
		struct figures off = run("tracking-days = 0", shape);
		struct figures on = run("tracking-days = 30", shape);

		without[i] = off.rate;
		with[i] = on.rate;
		ratios[i] = on.rate / off.rate;
		qmgr[0][i] = off.qmgr;
		qmgr[1][i] = on.qmgr;
		tracker[i] = on.tracker;
	}
	rate = median(with, PAIRS);
	printf("%u associations, %u recipients: %.0f messages a second, "
	       "without tracking %.0f; median ratio %.2f; us of CPU a message: "
	       "qmgr %.0f, without %.0f, tracker %.0f\n",
	    shape->associations, shape->recipients, rate,
	    median(without, PAIRS), median(ratios, PAIRS),
	    median(qmgr[1], PAIRS), median(qmgr[0], PAIRS),
	    median(tracker, PAIRS));
	fflush(stdout);
	return rate;
}

/* count_kept - count the transfers that the tracker has kept */
static int64_t
count_kept(void)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	int64_t count = 0;

	if (sqlite3_open_v2(suite_path(&tested, "state/tracking/tracking.db"),
		&db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM event WHERE event=1",
		-1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		count = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return count;
}

/* watch - send at half of a rate, and print what the tracker is behind */
static void
watch(const struct shape *shape, double rate)
{
	struct shape half = *shape;
	pid_t source;
	double tracker;

	half.messages = (uint64_t)(rate / 2 * HALF_TIME);
	start("tracking-days = 30", half.associations);
	source = begin_source(&half, (uint64_t)(rate / 2));
	printf("%u recipients, half of that, %.0f messages a second; behind "
	       "after",
	    half.recipients, rate / 2);
	for (int i = HALF_STEP; i < HALF_TIME; i += HALF_STEP) {
		int64_t noted;

		sleep(HALF_STEP);
		noted = (int64_t)load_noted(sink.lines);
		printf(" %d s: %lld", i, (long long)(noted - count_kept()));
		fflush(stdout);
	}
	load_wait_source(source, 120);
	load_wait_noted(&sink, half.messages, 120);
	sleep(2);
	tracker = cpu_of("tracker");
	printf(", 2 s after the end: %lld; tracker %.0f us of CPU a message\n",
	    (long long)((int64_t)half.messages - count_kept()),
	    tracker / (double)half.messages);
	fflush(stdout);
	stop();
}

START_TEST(tracking)
{
	suite_begin("bench-tracking");
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		double rate = measure(&shapes[i]);

		if (shapes[i].associations == 10)
			watch(&shapes[i], rate);
	}
	suite_end();
}
END_TEST

TEST_MAIN("bench/tracking", TEST_LONG(tracking, 3600))
