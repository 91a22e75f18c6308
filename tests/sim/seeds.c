/* SPDX-License-Identifier: ISC */
/*
 * seeds.c - seeds, each run in a process of its own, several at a time
 */
#include "tests/sim/seeds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/side.h"
#include "tests/sim/site.h"

/* Descriptors of a seed's process. */
#define RESULT_FD 3
#define LIST_FD	  4

/* A process, and its output. */
struct run {
	pid_t pid; /* 0: none */
	struct seed seed;
	int from; /* its result */
	FILE *said;
};

static struct run runs[SEEDS_JOBS_MAX];
static unsigned jobs = 1;
static struct seeds_total total;
static struct world_result last;
static bool prints;

/* Of a build with --coverage: write what was run, which _exit does not. */
extern void __gcov_dump(void) __attribute__((weak));

/* seeds_jobs - run so many at a time */
void
seeds_jobs(unsigned count, bool each)
{
	jobs = count;
	prints = each;
}

/* run_seed - be the process of a seed */
static void __attribute__((noreturn))
run_seed(const struct run *run, int result_fd, FILE *list)
{
	struct world_result result;

	/* Whatever has the same numbers always does the same. */
	(void)dup2(fileno(run->said), 1);
	if (list != NULL)
		(void)dup2(fileno(list), LIST_FD);
	(void)dup2(result_fd, RESULT_FD);
	if (list == NULL)
		(void)dup2(RESULT_FD, LIST_FD);
	(void)close_range(LIST_FD + 1, ~0U, 0);
	fault_single(&run->seed.single);
	if (list != NULL)
		site_list(LIST_FD);
	result = world_run(run->seed.number);
	fflush(stdout);
	if (__gcov_dump != NULL)
		__gcov_dump();
	if (write(RESULT_FD, &result, sizeof(result)) < 0)
		_exit(2);
	_exit(0);
}

/* start - start the process of a seed */
static void
start(struct run *run, const struct seed *seed, FILE *list)
{
	int pair[2];

	run->seed = *seed;
	run->said = tmpfile();
	if (run->said == NULL || pipe(pair) != 0)
		exit(2);
	fflush(stdout);
	run->pid = fork();
	if (run->pid == 0)
		run_seed(run, pair[1], list);
	close(pair[1]);
	run->from = pair[0];
}

/* error_name - name the error by which a call failed */
static const char *
error_name(int error)
{
	return error == FAULT_SHORT ? "is short"
	    : error == ENOSPC	    ? "fails with ENOSPC"
	    : error == EIO	    ? "fails with EIO"
				    : "fails";
}

/* say - print which seed it is, and what it said */
static void
say(struct run *run, bool well, int status)
{
	const struct fault_single *single = &run->seed.single;
	char line[512];

	if (single->number != 0)
		printf("%s %llu %s:\n",
		    single->calls == FAULT_WRITES ? "write" : "allocation",
		    (unsigned long long)single->number,
		    error_name(single->error));
	printf("seed %llu%s:\n", (unsigned long long)run->seed.number,
	    well ? "" : " FAILED");
	if (WIFSIGNALED(status))
		printf("  signal %d\n", WTERMSIG(status));
	rewind(run->said);
	while (fgets(line, sizeof(line), run->said) != NULL)
		printf("  %s", line);
	fflush(stdout);
}

/* finish - take the result of a run, and count it */
static void
finish(struct run *run, int status)
{
	struct world_result result = {0};
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    read(run->from, &result, sizeof(result)) == (ssize_t)sizeof(result);

	close(run->from);
	if (!well || trace_verbose)
		say(run, well, status);
	fclose(run->said);
	run->pid = 0;
	last = result;
	total.runs++;
	total.failed += !well;
	total.steps += result.steps;
	total.nanoseconds += result.nanoseconds;
	total.records |= result.records;
	if (prints)
		printf("seed %llu: %llu steps, trace %016llx\n",
		    (unsigned long long)run->seed.number,
		    (unsigned long long)result.steps,
		    (unsigned long long)result.hash);
}

/* wait_one - wait until a run ends; false: none runs */
static bool
wait_one(void)
{
	int status;
	pid_t pid = wait(&status);

	for (unsigned i = 0; pid > 0 && i < jobs; i++)
		if (runs[i].pid == pid)
			finish(&runs[i], status);
	return pid > 0;
}

/* seeds_begin - run a seed, as soon as there is a process for it */
void
seeds_begin(const struct seed *seed)
{
	for (;;) {
		for (unsigned i = 0; i < jobs; i++)
			if (runs[i].pid == 0) {
				start(&runs[i], seed, NULL);
				return;
			}
		(void)wait_one();
	}
}

/* seeds_wait - wait until all are over */
void
seeds_wait(void)
{
	while (wait_one())
		;
}

/* seeds_one - run a seed while no other runs */
struct world_result
seeds_one(const struct seed *seed, FILE *list)
{
	seeds_wait();
	start(&runs[0], seed, list);
	seeds_wait();
	return last;
}

/* seeds_total - get what all came to until now */
struct seeds_total
seeds_total(void)
{
	return total;
}
