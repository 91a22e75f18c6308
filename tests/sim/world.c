/* SPDX-License-Identifier: ISC */
/*
 * world.c - one seed: its world and its lives
 */
#include "tests/sim/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "check/check.h"
#include "tests/sim/clock.h"
#include "tests/sim/director.h"
#include "tests/sim/fault.h"
#include "tests/sim/items.h"
#include "tests/sim/life.h"
#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/owned.h"
#include "tests/sim/side.h"

#define LIVES_MAX 3000

static char directory[64];

/* world_directory - get the directory of the seed */
const char *
world_directory(void)
{
	return directory;
}

/* world_act - have the world act */
void
world_act(void)
{
	director_act();
	master_act();
	fakes_act();
}

/* world_next - tell when the world will act next */
uint64_t
world_next(void)
{
	uint64_t director = director_next(), fakes = fakes_next();

	return director < fakes ? director : fakes;
}

/* remove_one - remove a file or directory, for nftw */
static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

/* begin - make the directory, open the log */
static void
begin(uint64_t seed)
{
	const char *in = getenv("TMPDIR");
	time_t now = time(NULL);
	struct tm tm;
	int log;

	/* Time zones are read into the world's memory by that. */
	(void)localtime_r(&now, &tm);
	chance_seed(seed);
	snprintf(directory, sizeof(directory), "%.40s/sim-XXXXXX",
	    in != NULL ? in : "/tmp");
	if (mkdtemp(directory) == NULL)
		sim_fail("no directory %s", directory);
	log = trace_verbose ? dup(2) : open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_init("qmgr", log);
	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			owned_keep(fd);
	fakes_init();
	master_init();
	director_init();
}

/* be_dead - let time pass in which there is no queue manager */
static void
be_dead(void)
{
	uint64_t until = sim_after(
	    chance_between(10, chance_one_in(8) ? 20000 : 500) * SIM_MS);
	uint64_t next;

	while (sim_now() < until) {
		world_act();
		next = world_next();
		if (next > until)
			next = until;
		if (next > sim_now())
			sim_spend(next - sim_now());
	}
}

/* say_finding - print what the offline check has found */
static void
say_finding(void *arg, const char *object, const char *problem)
{
	(void)arg;
	printf("%s: %s\n", object, problem);
}

/* check_queue - check the queue that is left: it is clean, and empty */
static void
check_queue(void)
{
	struct store_check_result result;
	struct diag diag = {0};
	char path[80];

	snprintf(path, sizeof(path), "%s/queue", directory);
	if (store_check(path, say_finding, NULL, &result, &diag) < 0)
		sim_fail("check: %s", diag_text(&diag));
	if (result.verdict != STORE_CLEAN || result.messages != 0)
		sim_fail("the queue that is left: %s, %llu messages",
		    store_verdict_name(result.verdict),
		    (unsigned long long)result.messages);
}

/* world_run - run a seed in a directory of its own */
struct world_result
world_run(uint64_t seed)
{
	struct world_result result = {0};
	struct life_setting setting = {
	    .conf = links_text(), .directory = directory};

	begin(seed);
	setting.qmgr_socket = master_qmgr_socket();
	setting.control_socket = master_control_socket();
	while (!director_over()) {
		enum life_end end;

		setting.master = master_life();
		end = life_run(&setting);
		director_died();
		trace_note("life", result.lives, end);
		if (++result.lives > LIVES_MAX)
			sim_fail("%u lives", result.lives);
		if (!director_over())
			be_dead();
	}
	items_final();
	check_queue();
	(void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	result.steps = sim_steps();
	result.hash = trace_hash();
	result.nanoseconds = sim_now();
	result.items = items_count();
	result.calls = fault_calls();
	result.records = fakes_sent();
	return result;
}
