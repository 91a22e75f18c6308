/* SPDX-License-Identifier: ISC */
/*
 * suspect_walk_test.c - whatever happens to messages, each of them ends
 *
 * Messages are lost, refused, taken and given back at random, workers die and
 * queue managers are replaced; then the peer takes all that it is given, and
 * nothing may be left that nobody tries.
 */
#include <stdlib.h>
#include <string.h>

#include "qmgr/links/link.h"
#include "qmgr/sending/suspect.h"
#include "store/store.h"
#include "tests/unit/qmgr/link_bench.h"

#define STEPS	 400
#define MESSAGES 90 /* more than are remembered as suspects */
#define JOBS	 64
#define QUIET	 2000 /* steps in which something must leave */

/* A worker, and the jobs that it has. */
struct walk {
	struct bench b;
	struct remote r;
	bool open;
	uint64_t jobs[JOBS];
	unsigned count, submitted;
};

/* dice - choose a number below n */
static unsigned
dice(unsigned n)
{
	return (unsigned)random() % n;
}

/* hurry - let no interval of the link take long */
static void
hurry(struct walk *walk)
{
	struct link_policy *policy = &walk->b.link->policy;

	policy->transfer_interval = 1;
	policy->open_interval = 1;
	policy->open_retries = 1000000;
	policy->transfer_retries = 1000000;
	policy->associations = 1;
}

/* take - take what the worker is told */
static void
take(struct walk *walk)
{
	struct ipc_record record;

	while (walk->open && remote_try(&walk->r, &record))
		if (record.type == IPC_JOB) {
			ck_assert_uint_lt(walk->count, JOBS);
			walk->jobs[walk->count++] = record.job.job;
		}
}

/* meet - become the worker that qmgr has connected to, if it has */
static void
meet(struct walk *walk)
{
	struct bench *b = &walk->b;

	if (!walk->open && remote_accept(&b->h, b->listener, &walk->r)) {
		remote_greet(&walk->r, IPC_ROLE_X400OUT, b->name);
		remote_event(&walk->r, IPC_LINK_BOUND, "");
		walk->open = true;
	}
	take(walk);
	harness_step(&b->h);
}

/* part - end the worker, with or without a word */
static void
part(struct walk *walk, bool word)
{
	if (word)
		remote_event(&walk->r, IPC_LINK_LOST, "lost");
	remote_close(&walk->r);
	walk->open = false;
	walk->count = 0;
}

/* tell - say what became of the first job, and how far it got */
static void
tell(struct walk *walk, enum ipc_result result, uint64_t octets)
{
	struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = walk->jobs[0],
		.result = result,
		.doubtful = result == IPC_INTERRUPTED,
		.diagnostic = -1,
		.octets = octets,
		.text = slice_of_string("walk")}};

	remote_send(&walk->r, &record);
	memmove(
	    walk->jobs, walk->jobs + 1, --walk->count * sizeof(walk->jobs[0]));
	harness_steps(&walk->b.h, 3);
	take(walk);
}

/* mishap - choose what happens to the first job */
static void
mishap(struct walk *walk, unsigned losses)
{
	unsigned what = dice(100);

	if (what < losses) {
		tell(walk, IPC_INTERRUPTED, dice(3) * 1000);
		part(walk, true);
	} else if (what < 70)
		tell(walk, IPC_TRANSIENT, 0);
	else if (what < 75)
		tell(walk, IPC_UNSTARTED, 0);
	else if (what < 80)
		part(walk, false);
	else
		tell(walk, IPC_TRANSFERRED, 0);
}

/* restart - replace the queue manager, which takes its workers with it */
static void
restart(struct walk *walk)
{
	struct bench *b = &walk->b;

	if (walk->open)
		part(walk, true);
	bench_reopen(b);
	hurry(walk);
	while (remote_accept(&b->h, b->listener, &walk->r))
		remote_close(&walk->r);
}

/* left - count the messages that the link has */
static uint64_t
left(const struct walk *walk)
{
	return store_link_total(walk->b.h.qmgr.store, walk->b.link->number)
	    .messages;
}

/* drain - take all that is given, until nothing is left */
static void
drain(struct walk *walk)
{
	uint64_t before = left(walk);

	for (unsigned quiet = 0; before > 0; quiet++) {
		ck_assert_msg(
		    quiet < QUIET, "%d are tried by nobody", (int)before);
		meet(walk);
		if (walk->count > 0)
			tell(walk, IPC_TRANSFERRED, 0);
		if (left(walk) < before)
			quiet = 0;
		before = left(walk);
	}
}

/* walk_begin - begin with an empty queue */
static void
walk_begin(struct walk *walk, unsigned seed)
{
	srandom(seed);
	*walk = (struct walk){.open = false};
	bench_init(&walk->b, "paris");
	hurry(walk);
}

/* walk_end - check that all has left */
static void
walk_end(struct walk *walk)
{
	drain(walk);
	ck_assert_uint_eq(walk->b.h.qmgr.active.count, 0);
	if (walk->open)
		part(walk, false);
	bench_fini(&walk->b);
}

START_TEST(each_ends)
{
	static struct walk walk;

	walk_begin(&walk, (unsigned)_i + 1);
	for (unsigned i = 0; i < STEPS; i++) {
		if (walk.submitted < MESSAGES && dice(2) == 0) {
			bench_submit(&walk.b, TO_PARIS);
			walk.submitted++;
		}
		meet(&walk);
		if (walk.count > 0)
			mishap(&walk, 20 + 10 * ((unsigned)_i % 5));
		if (dice(60) == 0)
			restart(&walk);
	}
	walk_end(&walk);
}
END_TEST

/* Each is lost once, and more of them than are remembered. */
START_TEST(more_are_lost_than_are_remembered)
{
	static struct walk walk;
	unsigned lost = 0;

	walk_begin(&walk, 1);
	for (unsigned i = 0; i < MESSAGES; i++)
		bench_submit(&walk.b, TO_PARIS);
	while (lost < MESSAGES) {
		meet(&walk);
		if (walk.count == 0)
			continue;
		tell(&walk, IPC_INTERRUPTED, 0);
		part(&walk, true);
		lost++;
	}
	ck_assert_uint_eq(left(&walk), MESSAGES);
	walk_end(&walk);
}
END_TEST

/* walks - choose how many walks are made */
static size_t
walks(void)
{
	return getenv("FOURPOST_TEST_LONG") != NULL ? 60 : 4;
}

TEST_MAIN("qmgr/suspect_walk", TEST(more_are_lost_than_are_remembered);
	  TEST_LOOP(each_ends, walks()))
