/* SPDX-License-Identifier: ISC */
/*
 * main.c - the simulator of the queue manager
 *
 *   sim [-prsv] [-j JOBS] [-f FIRST] [COUNT]
 *   sim -a|-w [-v] [-j JOBS] [-f FIRST] [-m MOST | -n NUMBER] COUNT
 *
 * Runs COUNT seeds from FIRST (1).  -r runs each twice and compares their
 * traces; -s stops at the first that fails; -p prints the steps and the hash of
 * each; -v prints the trace and the log of the queue manager to standard error.
 * A seed that fails is printed with what it found; exit 1 then.
 *
 * -a: COUNT small seeds once for each allocation, which fails; -w: for each
 * write (nth.h).  -m runs at most MOST of them, -n that of one number alone.
 *
 * Without COUNT it is a test program of tests/run: seeds, some of them twice,
 * then allocations and writes that fail; more of all in the long form.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc/record.h"
#include "tests/sim/director.h"
#include "tests/sim/nth.h"
#include "tests/sim/seeds.h"
#include "tests/sim/side.h"

/* What make check runs, in 15 s on two cores, and its long form. */
static const struct scope {
	uint64_t seeds, replayed;
	struct nth allocations, writes;
} scopes[] = {
    {200, 10, {1, 2, 80}, {1, 1, 60}},
    {20000, 100, {1, 60, 0}, {1, 2, 0}},
};

/* The records that the world has to send: all that are sent to the queue
 * manager. */
static const enum ipc_type played[] = {IPC_HELLO, IPC_LINK_EVENT, IPC_OUTCOME,
    IPC_BODY_REQUEST, IPC_BIND_CHECK, IPC_SUBMIT_START, IPC_SUBMIT_DATA,
    IPC_SUBMIT_END, IPC_SUBMIT_CANCEL, IPC_SESSION_CLOSED, IPC_FILE_REMOVED,
    IPC_REQUEST, IPC_ROW, IPC_DONE, IPC_WORKER_ENDED, IPC_THROTTLED, IPC_RELOAD,
    IPC_DELIVERY_NOTE, IPC_TAKEN, IPC_SUBMIT_MARK, IPC_RESUME_CHECK,
    IPC_SEQUENCE, IPC_WORKER_STARTED, IPC_NOTICE, IPC_SESSION_CLAIM,
    IPC_SESSION_DOUBT, IPC_WORKERS_LEFT, IPC_SUBMIT_SIZE, IPC_HANDSHAKE,
    IPC_POSTOFFICE_STATE, IPC_ROUTES, IPC_TRACK_ACK, IPC_ROUTE_CHECK,
    IPC_WANTED, IPC_JOB_CLAIM};
#define PLAYED (sizeof(played) / sizeof(played[0]))

struct options {
	uint64_t first, count, most, number;
	enum fault_calls calls;
	unsigned jobs;
	bool twice, stops;
};

/* run_all - run the seeds, several at a time */
static void
run_all(const struct options *options)
{
	for (uint64_t i = 0; i < options->count; i++) {
		if (options->stops && seeds_total().failed > 0)
			break;
		seeds_begin(&(struct seed){.number = options->first + i});
	}
	seeds_wait();
}

/* run_twice - run each seed twice: the traces must be the same; how many were
 * not */
static uint64_t
run_twice(const struct options *options)
{
	uint64_t differ = 0;

	for (uint64_t i = 0; i < options->count; i++) {
		const struct seed seed = {.number = options->first + i};
		struct world_result one = seeds_one(&seed, NULL);
		struct world_result two = seeds_one(&seed, NULL);

		if (one.hash == two.hash && one.steps == two.steps)
			continue;
		printf("seed %llu: the second run was another\n",
		    (unsigned long long)seed.number);
		differ++;
	}
	return differ;
}

/* run_number - run the small seeds with the call of one number failing */
static void
run_number(const struct options *options)
{
	static const int errors[] = {EIO, ENOSPC, FAULT_SHORT};
	bool writes = options->calls == FAULT_WRITES;

	director_small();
	for (uint64_t i = 0; i < options->count; i++)
		for (size_t e = 0; e < (writes ? 3 : 1); e++)
			seeds_begin(&(struct seed){.number = options->first + i,
			    .single = {options->calls, options->number,
				writes ? errors[e] : 0}});
	seeds_wait();
}

/* set_calls - choose the calls that fail one by one, once */
static void
set_calls(struct options *options, enum fault_calls calls)
{
	if (options->calls != FAULT_NO_CALLS)
		exit(64);
	options->calls = calls;
}

/* parse_count - read a number of the arguments */
static uint64_t
parse_count(const char *text)
{
	char *end;
	uint64_t number = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		exit(64);
	return number;
}

/* parse - read the arguments */
static struct options
parse(int argc, char **argv)
{
	struct options options = {.first = 1, .jobs = 1};
	bool prints = false;
	int c;

	while ((c = getopt(argc, argv, "aprsvwj:f:m:n:")) != -1)
		switch (c) {
		case 'a':
			set_calls(&options, FAULT_ALLOCATIONS);
			break;
		case 'w':
			set_calls(&options, FAULT_WRITES);
			break;
		case 'v':
			trace_verbose = true;
			break;
		case 'p':
			prints = true;
			break;
		case 's':
			options.stops = true;
			break;
		case 'r':
			options.twice = true;
			break;
		case 'j':
			options.jobs = (unsigned)parse_count(optarg);
			break;
		case 'f':
			options.first = parse_count(optarg);
			break;
		case 'm':
			options.most = parse_count(optarg);
			break;
		case 'n':
			options.number = parse_count(optarg);
			break;
		default:
			exit(64);
		}
	if (optind + 1 < argc || options.jobs < 1 ||
	    options.jobs > SEEDS_JOBS_MAX)
		exit(64);
	if (optind < argc)
		options.count = parse_count(argv[optind]);
	seeds_jobs(options.jobs, prints);
	return options;
}

/* real_time - read the machine's clock, which the simulator does not show */
static double
real_time(void)
{
	FILE *up = fopen("/proc/uptime", "r");
	double seconds = 0;

	if (up == NULL || fscanf(up, "%lf", &seconds) != 1)
		seconds = 0;
	if (up != NULL)
		fclose(up);
	return seconds;
}

/* say_figures - print what all runs since begun came to */
static void
say_figures(const char *prefix, const char *what, double begun,
    const struct seeds_total *before)
{
	struct seeds_total total = seeds_total();
	double took = real_time() - begun;
	double passed = (double)(total.nanoseconds - before->nanoseconds) / 1e9;

	printf("%s%s: %llu runs, %llu steps, %.0f s of virtual time in %.1f s",
	    prefix, what, (unsigned long long)(total.runs - before->runs),
	    (unsigned long long)(total.steps - before->steps), passed, took);
	if (took > 0)
		printf(" (%.0f times as fast)", passed / took);
	printf(", %llu failed\n",
	    (unsigned long long)(total.failed - before->failed));
}

/* run_calls - run what a scope has of calls that fail one by one */
static void
run_calls(const char *prefix, enum fault_calls calls, const struct nth *nth)
{
	const struct seeds_total before = seeds_total();
	double begun = real_time();
	char what[64];
	uint64_t count = nth_run(calls, nth);

	snprintf(what, sizeof(what), "%s, %llu in all",
	    calls == FAULT_WRITES ? "writes and flushes that fail"
				  : "allocations that fail, by place",
	    (unsigned long long)count);
	say_figures(prefix, what, begun, &before);
}

/* say_records - print how many kinds of records were sent, of those that the
 * world has to send, and which were not; how many */
static uint64_t
say_records(uint64_t sent)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < PLAYED; i++) {
		if ((sent & UINT64_C(1) << played[i]) != 0)
			continue;
		printf("no seed has sent %s\n", ipc_type_name(played[i]));
		missing++;
	}
	printf("figure: %zu of %zu kinds of records were sent\n",
	    PLAYED - (size_t)missing, PLAYED);
	return missing;
}

/* test - be a test program: each run is a check */
static int
test(void)
{
	const struct scope *scope =
	    &scopes[getenv("FOURPOST_TEST_LONG") != NULL ? 1 : 0];
	struct options some = {.first = 1, .count = scope->seeds};
	struct options again = {.first = 1, .count = scope->replayed};
	const struct seeds_total none = {0};
	double begun = real_time();
	struct seeds_total total;
	uint64_t differ;

	seeds_jobs(2, false);
	run_all(&some);
	say_figures("figure: ", "seeds", begun, &none);
	differ = run_twice(&again);
	differ += say_records(seeds_total().records);
	run_calls("figure: ", FAULT_ALLOCATIONS, &scope->allocations);
	run_calls("figure: ", FAULT_WRITES, &scope->writes);
	total = seeds_total();
	total.failed += differ;
	printf("%llu%%: Checks: %llu, Failures: %llu, Errors: 0\n",
	    (unsigned long long)((total.runs - total.failed) * 100 /
		total.runs),
	    (unsigned long long)total.runs, (unsigned long long)total.failed);
	return total.failed == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct options options = parse(argc, argv);
	const struct nth nth = {options.first, options.count, options.most};
	const struct seeds_total none = {0};
	double begun = real_time();
	uint64_t differ = 0;

	/* Where memory fails while libevent sets up epoll it takes poll, which
	 * waits in real time: a life without epoll does not begin. */
	if (setenv("EVENT_NOPOLL", "1", 1) != 0 ||
	    setenv("EVENT_NOSELECT", "1", 1) != 0 ||
	    setenv("TZ", "UTC0", 1) != 0)
		return 1;
	if (options.count == 0)
		return test();
	if (options.calls != FAULT_NO_CALLS && options.number == 0)
		run_calls("", options.calls, &nth);
	else if (options.calls != FAULT_NO_CALLS)
		run_number(&options);
	else if (options.twice)
		differ = run_twice(&options);
	else
		run_all(&options);
	if (options.calls == FAULT_NO_CALLS)
		say_figures("", "seeds", begun, &none);
	return seeds_total().failed + differ == 0 ? 0 : 1;
}
