/* SPDX-License-Identifier: ISC */
/*
 * main.c - the simulator of the queue manager: seeds, each in a process of its
 * own
 *
 *   sim [-prsv] [-j JOBS] [-f FIRST] [COUNT]
 *
 * Runs COUNT seeds from FIRST (1).  -r runs each twice and compares their
 * traces; -s stops at the first that fails; -p prints the steps and the hash of
 * each; -v prints the trace and the log of the queue manager to standard error.
 * A seed that fails is printed with what it found; exit 1 then.
 *
 * Without COUNT it is a test program of tests/run: 200 seeds, 20,000 in the
 * long form, and ten of them twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/side.h"
#include "tests/sim/world.h"

#define JOBS_MAX  64
#define RESULT_FD 3 /* of a seed's process */

/* What make check runs, and its long form: 10 and 1,000 s on two cores. */
#define SEEDS	   200
#define SEEDS_LONG 20000
#define REPLAYED   10

struct options {
	uint64_t first, count;
	unsigned jobs;
	bool twice;
};

/* A process, and its output. */
struct run {
	pid_t pid;
	uint64_t seed;
	int from; /* its result */
	FILE *said;
};

static struct run runs[JOBS_MAX];
static uint64_t failed, steps, virtual_ns;
static bool prints, stops;

/* Of a build with --coverage: write what was run, which _exit does not. */
extern void __gcov_dump(void) __attribute__((weak));

/* begin - begin a seed in a process of its own */
static void
begin(struct run *run, uint64_t seed)
{
	int pair[2];

	run->seed = seed;
	run->said = tmpfile();
	if (run->said == NULL || pipe(pair) != 0)
		exit(2);
	fflush(stdout);
	run->pid = fork();
	if (run->pid == 0) {
		struct world_result result;

		/* Whatever has the same numbers always does the same. */
		(void)dup2(fileno(run->said), 1);
		(void)dup2(pair[1], RESULT_FD);
		(void)close_range(RESULT_FD + 1, ~0U, 0);
		result = world_run(seed);
		fflush(stdout);
		if (__gcov_dump != NULL)
			__gcov_dump();
		if (write(RESULT_FD, &result, sizeof(result)) < 0)
			_exit(2);
		_exit(0);
	}
	close(pair[1]);
	run->from = pair[0];
}

/* finish - take the result of a run; whether all was well */
static bool
finish(struct run *run, int status, struct world_result *result)
{
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    read(run->from, result, sizeof(*result)) ==
		(ssize_t)sizeof(*result);
	char line[512];

	close(run->from);
	if (!well || trace_verbose) {
		printf("seed %llu%s:\n", (unsigned long long)run->seed,
		    well ? "" : " FAILED");
		if (WIFSIGNALED(status))
			printf("  signal %d\n", WTERMSIG(status));
		rewind(run->said);
		while (fgets(line, sizeof(line), run->said) != NULL)
			printf("  %s", line);
		fflush(stdout);
	}
	fclose(run->said);
	run->pid = 0;
	return well;
}

/* wait_one - wait until a run ends, and count what it did */
static void
wait_one(unsigned jobs, struct world_result *result)
{
	int status;
	pid_t pid = wait(&status);

	for (unsigned i = 0; i < jobs; i++) {
		if (runs[i].pid != pid || pid <= 0)
			continue;
		if (!finish(&runs[i], status, result))
			failed++;
		if (prints)
			printf("seed %llu: %llu steps, trace %016llx\n",
			    (unsigned long long)runs[i].seed,
			    (unsigned long long)result->steps,
			    (unsigned long long)result->hash);
		steps += result->steps;
		virtual_ns += result->nanoseconds;
	}
}

/* run_all - run the seeds, several at a time */
static void
run_all(const struct options *options)
{
	uint64_t seed = options->first, left = options->count;
	unsigned running = 0;
	struct world_result result = {0};

	while (left > 0 || running > 0) {
		if (stops && failed > 0)
			left = 0;
		for (unsigned i = 0; i < options->jobs && left > 0; i++) {
			if (runs[i].pid != 0)
				continue;
			begin(&runs[i], seed++);
			left--;
			running++;
		}
		if (running == 0)
			break;
		wait_one(options->jobs, &result);
		running--;
	}
}

/* run_twice - run each seed twice: the traces must be the same */
static void
run_twice(const struct options *options)
{
	for (uint64_t i = 0; i < options->count; i++) {
		struct world_result one = {0}, two = {0};

		begin(&runs[0], options->first + i);
		wait_one(1, &one);
		begin(&runs[0], options->first + i);
		wait_one(1, &two);
		if (one.hash != two.hash || one.steps != two.steps) {
			printf("seed %llu: the second run was another\n",
			    (unsigned long long)(options->first + i));
			failed++;
		}
	}
}

/* parse - read the arguments */
static struct options
parse(int argc, char **argv)
{
	struct options options = {.first = 1, .jobs = 1};
	int c;

	while ((c = getopt(argc, argv, "prsvj:f:")) != -1)
		switch (c) {
		case 'v':
			trace_verbose = true;
			break;
		case 'p':
			prints = true;
			break;
		case 's':
			stops = true;
			break;
		case 'r':
			options.twice = true;
			break;
		case 'j':
			options.jobs = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'f':
			options.first = strtoull(optarg, NULL, 10);
			break;
		default:
			exit(64);
		}
	if (optind + 1 < argc || options.jobs < 1 || options.jobs > JOBS_MAX)
		exit(64);
	if (optind < argc)
		options.count = strtoull(argv[optind], NULL, 10);
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

/* say_figures - print what all seeds came to */
static void
say_figures(const char *prefix, uint64_t count, double took)
{
	printf("%s%llu seeds, %llu steps, %.0f s of virtual time in %.1f s, "
	       "%llu failed\n",
	    prefix, (unsigned long long)count, (unsigned long long)steps,
	    (double)virtual_ns / 1e9, took, (unsigned long long)failed);
}

/* test - be a test program: each seed is a check */
static int
test(void)
{
	struct options some = {.first = 1, .jobs = 2};
	struct options again = {.first = 1, .count = REPLAYED, .jobs = 1};
	double begun = real_time();
	uint64_t checks;

	some.count = getenv("FOURPOST_TEST_LONG") != NULL ? SEEDS_LONG : SEEDS;
	checks = some.count + again.count;
	run_all(&some);
	run_twice(&again);
	say_figures("figure: ", checks, real_time() - begun);
	printf("%llu%%: Checks: %llu, Failures: %llu, Errors: 0\n",
	    (unsigned long long)((checks - failed) * 100 / checks),
	    (unsigned long long)checks, (unsigned long long)failed);
	return failed == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct options options = parse(argc, argv);
	double begun = real_time();

	/* Where memory fails while libevent sets up epoll it takes poll, which
	 * waits in real time: a life without epoll does not begin. */
	if (setenv("EVENT_NOPOLL", "1", 1) != 0 ||
	    setenv("EVENT_NOSELECT", "1", 1) != 0)
		return 1;
	if (options.count == 0)
		return test();
	if (options.twice)
		run_twice(&options);
	else
		run_all(&options);
	say_figures("", options.count, real_time() - begun);
	return failed == 0 ? 0 : 1;
}
