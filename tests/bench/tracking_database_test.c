/* SPDX-License-Identifier: ISC */
/*
 * tracking_database_test.c - figures: mail while PostgreSQL is in trouble
 *
 * x4source -> suite -> x4sink at half of what passes, in turn without
 * tracking-database, with a server that is well, and with one that is killed,
 * stopped as a process, slow and full in turn.  All run on one machine, the
 * server too.  Rates are those of the far end, CPU is what the kernel counted.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/cpu.h"
#include "tests/bench/median.h"
#include "tests/fault/load.h"
#include "tests/system/cluster.h"
#include "tests/unit/test.h"

#define PAIRS	  5
#define ATTEMPTS  20000 /* messages, to find out what passes */
#define HALF_TIME 26	/* s: all troubles twice */
#define STEP	  2	/* s between two troubles */

static struct suite tested;
static struct load_sink sink;
static struct cluster cluster;

/* The server of a run. */
enum server {
	SERVER_NONE,
	SERVER_WELL,
	SERVER_TROUBLED
};

/* start - start a suite and its sink */
static void
start(enum server server)
{
	static char sections[4096], mta[2048];

	sections[0] = mta[0] = '\0';
	if (sink.lines[0] != '\0')
		(void)unlink(sink.lines);
	if (server != SERVER_NONE) {
		cluster_make(&cluster);
		cluster_setting(&cluster, CLUSTER_PASSWORD, "sslmode=disable",
		    mta, sizeof(mta));
	}
	load_sink(&sink, "l0", 0, NULL);
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "l0", sink.port,
	    "associations = 10 threshold = 1");
	suite_configure(&tested, "b", "C=XX;A=TEST;P=F", mta, sections);
	suite_start(&tested);
}

/* stop - end all, and remove the queue */
static void
stop(enum server server)
{
	suite_stop(&tested);
	load_sink_stop(&sink);
	if (server != SERVER_NONE)
		cluster_end(&cluster);
	suite_shell(NULL, "rm -rf '%s'", tested.directory);
}

/* begin_source - start a source of so many messages, at a rate; 0: as fast as
 * it can */
static pid_t
begin_source(uint64_t messages, uint64_t rate)
{
	char output[SUITE_PATH + 64], each[24];

	snprintf(each, sizeof(each), "%llu", (unsigned long long)rate);
	return load_source(&tested, "l0", messages, output, "-A", "10",
	    rate == 0 ? NULL : "-r", each, NULL);
}

/* measure_all - measure what passes with tracking, messages a second */
static double
measure_all(void)
{
	double begun;

	start(SERVER_NONE);
	load_wait_source(begin_source(ATTEMPTS, 0), 300);
	load_wait_noted(&sink, ATTEMPTS, 120);
	begun = suite_now();
	load_wait_source(begin_source(ATTEMPTS, 0), 300);
	load_wait_noted(&sink, 2 * (uint64_t)ATTEMPTS, 120);
	begun = suite_now() - begun;
	stop(SERVER_NONE);
	return ATTEMPTS / begun;
}

/* change - begin or end one trouble of the server */
static void
change(unsigned step)
{
	static const char full[] =
	    "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger "
	    "LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(0.5); RAISE EXCEPTION"
	    " 'no space left on device' USING ERRCODE='53100'; END$$;"
	    "CREATE TRIGGER full_disk BEFORE INSERT ON fourpost.recipient"
	    " FOR EACH STATEMENT EXECUTE FUNCTION full_disk()";

	switch (step % 6) {
	case 0:
		cluster_freeze(&cluster);
		break;
	case 1:
		cluster_thaw(&cluster);
		break;
	case 2:
		cluster_stop(&cluster, CLUSTER_KILLED);
		break;
	case 3:
		cluster_start(&cluster);
		break;
	case 4:
		cluster_run(&cluster, full);
		break;
	default:
		cluster_run(&cluster,
		    "DROP TRIGGER IF EXISTS full_disk ON fourpost.recipient");
		break;
	}
}

static int64_t wanted;

/* all_written - tell whether the server has as many transfers as are wanted */
static bool
all_written(void *arg)
{
	(void)arg;
	return cluster_number(&cluster,
		   "SELECT count(*) FROM fourpost.event WHERE event=1") ==
	    wanted;
}

/* The figures of a run. */
struct figures {
	double rate;		/* messages a second */
	double tracker, copier; /* us of CPU a message */
	double behind;		/* s until all was written */
};

/* used_by - read how many us of CPU a worker has used; 0: it is not there */
static double
used_by(const char *worker)
{
	pid_t pid = suite_pid(&tested, worker);

	return pid > 0 ? cpu_of(pid) * 1e6 : 0;
}

/* run - send at a rate, with such a server */
static struct figures
run(enum server server, double rate)
{
	uint64_t messages = (uint64_t)(rate * HALF_TIME);
	struct figures figures = {0};
	double begun, ended;
	pid_t source;

	start(server);
	begun = suite_now();
	source = begin_source(messages, (uint64_t)rate);
	for (unsigned step = 0;
	     server == SERVER_TROUBLED && step * STEP < HALF_TIME - STEP;
	     step++) {
		while (suite_now() < begun + (step + 1) * STEP)
			usleep(10000);
		change(step);
	}
	load_wait_source(source, 300);
	load_wait_noted(&sink, messages, 120);
	ended = suite_now();
	figures.rate = (double)messages / (ended - begun);
	if (server == SERVER_TROUBLED)
		cluster_run(&cluster,
		    "DROP TRIGGER IF EXISTS full_disk ON fourpost.recipient");
	wanted = (int64_t)messages;
	if (server != SERVER_NONE)
		suite_wait("all to be written", 120, all_written, NULL);
	figures.behind = suite_now() - ended;
	figures.tracker = used_by("tracker") / (double)messages;
	figures.copier = used_by("tracking-database") / (double)messages;
	stop(server);
	return figures;
}

START_TEST(at_half)
{
	double well[PAIRS], troubled[PAIRS], rate;
	struct figures last[2];

	if (!cluster_here())
		return;
	suite_begin("bench-tracking-database");
	rate = measure_all() / 2;
	for (int i = 0; i < PAIRS; i++) {
		double alone = run(SERVER_NONE, rate).rate;

		last[0] = run(SERVER_WELL, rate);
		last[1] = run(SERVER_TROUBLED, rate);
		well[i] = last[0].rate / alone;
		troubled[i] = last[1].rate / alone;
	}
	printf(
	    "%.0f messages a second, which is half; ratio with a server that "
	    "is well %.2f, in trouble %.2f; us of CPU a message: tracker "
	    "%.0f, tracking-database %.0f; behind at the end %.1f s, after "
	    "trouble %.1f s\n",
	    rate, median(well, PAIRS), median(troubled, PAIRS), last[0].tracker,
	    last[0].copier, last[0].behind, last[1].behind);
	suite_end();
}
END_TEST

TEST_MAIN("bench/tracking_database", TEST_LONG(at_half, 3600))
