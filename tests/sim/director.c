/* SPDX-License-Identifier: ISC */
/*
 * director.c - what happens when
 */
#include "tests/sim/director.h"

#include <stdio.h>

#include "base/clock.h"
#include "qmgr/links/link.h"
#include "store/store.h"
#include "tests/sim/clock.h"
#include "tests/sim/fake_file.h"
#include "tests/sim/fake_in.h"
#include "tests/sim/fake_out.h"
#include "tests/sim/fake_program.h"
#include "tests/sim/fake_socket.h"
#include "tests/sim/fake_tool.h"
#include "tests/sim/fake_tracker.h"
#include "tests/sim/fault.h"
#include "tests/sim/items.h"
#include "tests/sim/life.h"
#include "tests/sim/links.h"
#include "tests/sim/master.h"
#include "tests/sim/side.h"

/* So long the queue may take to become empty once all is well (s): a few open
 * intervals, and less than association-lifetime. */
#define BOUND 200

enum act {
	ACT_FAULTS,
	ACT_ALL_WELL,
	ACT_STOPPING,
	ACT_OVER
};

/* The rates of mishaps by which seeds differ: once in so many deeds; 0:
 * never. */
struct plan {
	uint64_t end; /* of the faults */
	unsigned items;
	uint64_t pace; /* ms between deeds, about */
	uint64_t cuts, kills, crashes, callers, outages, swizzles, jumps;
	uint64_t reloads, looks;
};

static struct plan plan;
static enum act act;
static uint64_t next, deadline;
static bool small;

/* perhaps - choose a rate, or none, so that each seed is about something */
static uint64_t
perhaps(uint64_t low, uint64_t high)
{
	return chance_one_in(2) ? 0 : chance_between(low, high);
}

/* director_small - have seeds be small */
void
director_small(void)
{
	small = true;
}

/* plan_small - choose what a small seed is about: a bit of everything */
static void
plan_small(void)
{
	const struct fault_rates none = {0};

	plan.end = chance_between(20, 40) * SIM_SECOND;
	plan.items = (unsigned)chance_between(15, 40);
	plan.pace = chance_between(100, 400);
	plan.cuts = plan.kills = plan.callers = plan.outages = 15;
	plan.swizzles = plan.jumps = plan.reloads = 40;
	plan.looks = 8;
	plan.crashes = 60;
	fault_set(&none);
}

/* director_init - choose what the seed is about */
void
director_init(void)
{
	struct fault_rates rates = {.lives = perhaps(100, 3000),
	    .writes = chance_one_in(4) ? chance_between(50, 1000) : 0,
	    .flushes = chance_one_in(8) ? chance_between(50, 500) : 0,
	    .allocations = chance_one_in(4) ? chance_between(500, 20000) : 0};

	plan = (struct plan){.end = chance_between(60, 400) * SIM_SECOND,
	    .items = (unsigned)chance_between(20, 150),
	    .pace = chance_between(50, 1500),
	    .cuts = perhaps(4, 40),
	    .kills = perhaps(4, 60),
	    .crashes = chance_one_in(6) ? chance_between(40, 200) : 0,
	    .callers = perhaps(4, 40),
	    .outages = perhaps(10, 80),
	    .swizzles = perhaps(20, 120),
	    .jumps = perhaps(50, 300),
	    .reloads = perhaps(20, 200),
	    .looks = perhaps(5, 60)};
	for (unsigned i = 0; i < LINKS; i++)
		peers[i].cuts = perhaps(5, 100);
	links_init(chance_one_in(4));
	if (chance_one_in(8))
		peers[chance_number(CONNECTORS)].forgetful = true;
	fault_set(&rates);
	if (small)
		plan_small();
	if (fault_fails_memory())
		items_lack_memory();
	next = 0;
}

/* send_something - have somebody send an item or several */
static void
send_something(void)
{
	unsigned from = (unsigned)chance_number(FROM_TOOL + 1);
	unsigned burst = chance_one_in(8) ? (unsigned)chance_number(40) : 1;

	for (; burst > 0 && items_count() < plan.items; burst--) {
		if (from != FROM_TOOL)
			(void)item_new(from);
		else if (fake_at(FAKES_BUSY) == NULL)
			tool_submit(item_new(FROM_TOOL));
	}
}

/* call_with - have a peer call that has this to send */
static void
call_with(unsigned link, const struct item *item)
{
	static unsigned connections = CONNECTIONS_OF_PEERS;
	unsigned recovers = 0;
	bool two_way = sections[link].two_way;

	/* Sessions that we have opened are recovered by us. */
	if (act == ACT_FAULTS && item->state == ITEM_CUT &&
	    item->connection > CONNECTIONS_OF_PEERS && chance_one_in(3)) {
		recovers = item->connection;
		two_way = item->two_way;
	}
	if (two_way)
		out_call(link, ++connections, recovers);
	else
		in_call(link, ++connections, recovers);
}

/* call - have peers call that have something to send */
static void
call(void)
{
	const struct item *has[CONNECTORS] = {NULL};

	for (unsigned n = 1; n <= items_count(); n++) {
		const struct item *item = item_get(n);

		if (item->from < CONNECTORS &&
		    (item->state == ITEM_CUT ||
			(item->state == ITEM_NEW && has[item->from] == NULL)))
			has[item->from] = item;
	}
	file_worker();
	tracker_worker();
	program_workers();
	socket_worker();
	for (unsigned i = 0; i < CONNECTORS; i++)
		if (has[i] != NULL && !sections[i].absent &&
		    in_callers(i) + out_turns(i) <
			(chance_one_in(4) ? 2U : 1U) &&
		    fake_at(FAKES_BUSY + 10) == NULL)
			call_with(i, has[i]);
}

/* What is done with a random subset of links. */
static enum {
	SWIZZLE_NOT,
	SWIZZLE_STOPPING, /* one by one */
	SWIZZLE_FREEING	  /* likewise, in another order */
} swizzling;
static unsigned subset[LINKS], chosen, stopped;

/* request_of_link - have a request made about a link */
static void
request_of_link(const char *command, unsigned link)
{
	char name[24];

	snprintf(
	    name, sizeof(name), "%s%s", links[link].kind, links[link].name);
	tool_request(command, name);
}

/* choose_subset - choose links to be stopped, in a random order */
static void
choose_subset(void)
{
	chosen = stopped = 0;
	for (unsigned link = 0; link < LINKS; link++)
		if (chance_one_in(2)) {
			unsigned at = (unsigned)chance_number(chosen + 1);

			subset[chosen++] = subset[at];
			subset[at] = link;
		}
	swizzling = chosen > 0 ? SWIZZLE_STOPPING : SWIZZLE_NOT;
}

/* swizzle - stop the next link of a random subset, or free one, in another
 * order */
static void
swizzle(void)
{
	unsigned at;

	switch (swizzling) {
	case SWIZZLE_NOT:
		choose_subset();
		break;
	case SWIZZLE_STOPPING:
		request_of_link("disable", subset[stopped++]);
		if (stopped == chosen)
			swizzling = SWIZZLE_FREEING;
		break;
	case SWIZZLE_FREEING:
		at = (unsigned)chance_number(chosen);
		request_of_link("enable", subset[at]);
		subset[at] = subset[--chosen];
		if (chosen == 0)
			swizzling = SWIZZLE_NOT;
	}
}

/* jump - have the wall clock jump: back by less than an hour in all, which is
 * believed, or forward by anything */
static void
jump(void)
{
	static int64_t back;

	if (back == 0 && chance_one_in(3)) {
		back = (int64_t)chance_between(1, 3000);
		sim_jump(-back);
		return;
	}
	sim_jump((int64_t)chance_number(chance_one_in(4) ? 2000000 : 4000));
}

/* go_wrong - have something go wrong, as the seed has chosen */
static void
go_wrong(void)
{
	unsigned link = (unsigned)chance_number(LINKS);

	if (chance_one_in(plan.cuts))
		out_mishap(OUT_CUT);
	if (chance_one_in(plan.kills))
		out_mishap(OUT_KILLED);
	if (chance_one_in(plan.kills))
		file_kill();
	if (chance_one_in(plan.kills))
		tracker_kill();
	if (chance_one_in(plan.kills))
		program_kill();
	if (chance_one_in(plan.kills))
		socket_kill();
	if (chance_one_in(plan.crashes))
		out_mishap(OUT_CRASHED);
	if (chance_one_in(plan.callers))
		in_mishap((enum in_mishap)chance_number(IN_MISHAPS));
	if (chance_one_in(plan.callers))
		out_mishap(OUT_RELEASED);
	if (chance_one_in(plan.reloads)) {
		links_change();
		master_reload();
	}
	if (chance_one_in(plan.outages))
		peers[link].down = !peers[link].down;
	if (chance_one_in(swizzling == SWIZZLE_NOT ? plan.swizzles : 4))
		swizzle();
	if (chance_one_in(plan.swizzles))
		request_of_link("retry", (unsigned)chance_number(LINKS));
	if (chance_one_in(plan.looks) && fake_at(FAKES_BUSY) == NULL)
		tool_look();
	if (chance_one_in(plan.outages))
		master_throttle(
		    link, clock_wall() + (int64_t)chance_between(100, 10000));
	if (chance_one_in(plan.jumps))
		jump();
}

/* calm - stop all that goes wrong, and undo what hands have done */
static void
calm(void)
{
	const struct fault_rates none = {0};

	act = ACT_ALL_WELL;
	trace_note("calm", 0, 0);
	fault_set(&none);
	for (unsigned i = 0; i < LINKS; i++) {
		peers[i].down = false;
		peers[i].cuts = 0;
	}
	for (unsigned n = 1; n <= items_count(); n++)
		item_get(n)->mood = MOOD_TAKE;
	links_restore();
	master_reload();
	for (unsigned i = 0; i < LINKS; i++)
		master_throttle(i, 0);
	/* A request not made yet would come behind what undoes it. */
	tools_cancel();
	for (unsigned i = 0; i < LINKS; i++)
		request_of_link("enable", i);
	deadline = sim_after(BOUND * SIM_SECOND);
}

/* in_state - count the messages of a link in a state */
static unsigned long long
in_state(
    const struct qmgr *qmgr, const struct link *link, enum store_state state)
{
	unsigned long long count = 0;

	for (int p = 0; p < STORE_PRIORITIES; p++)
		count += store_link_state(
		    qmgr->store, link->number, state, (enum store_priority)p)
			     .messages;
	return count;
}

/* say_links - print how the links stand, of a queue that does not become
 * empty */
static void
say_links(void)
{
	const struct qmgr *qmgr = life_qmgr();

	printf("cuts %llu kills %llu crashes %llu callers %llu outages %llu "
	       "swizzles %llu jumps %llu reloads %llu\n",
	    (unsigned long long)plan.cuts, (unsigned long long)plan.kills,
	    (unsigned long long)plan.crashes, (unsigned long long)plan.callers,
	    (unsigned long long)plan.outages, (unsigned long long)plan.swizzles,
	    (unsigned long long)plan.jumps, (unsigned long long)plan.reloads);
	if (qmgr == NULL)
		return;
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		printf("%s: %s, associations %u bound %u active %u suspects %u "
		       "left %u next %lld s; ready %llu deferred %llu "
		       "held %llu quarantined %llu\n",
		    link->name, link_state_name(link->state), link->assoc_count,
		    link->bound, link->active, link->suspect_count, link->left,
		    link->next_open == 0
			? 0LL
			: (long long)(link->next_open - clock_wall()) / 1000,
		    in_state(qmgr, link, STORE_READY),
		    in_state(qmgr, link, STORE_DEFERRED),
		    in_state(qmgr, link, STORE_HELD),
		    in_state(qmgr, link, STORE_QUARANTINED));
}

/* release_held - have the messages released that wait for an administrator, and
 * those tried again that recipients could not have yet */
static void
release_held(const struct qmgr *qmgr)
{
	struct arena arena;
	struct store_message message;
	uint64_t id = 0;

	/* A release that is asked for already is not asked for twice. */
	if (qmgr == NULL || tools_busy())
		return;
	arena_init(&arena, 1 << 20);
	while (store_message_next(qmgr->store, id, &id) == 0) {
		char text[24];

		arena_reset(&arena);
		if (store_message_get(
			qmgr->store, id, STORE_HEAD, &arena, &message) < 0)
			continue;
		snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
		if (message.state == STORE_DEFERRED && message.deferrals > 0)
			tool_request("retry-message", text);
		else if (message.state == STORE_HELD ||
		    message.state == STORE_QUARANTINED)
			tool_request("release", text);
		else
			continue;
		break;
	}
	arena_fini(&arena);
}

/* director_died - note that a life has ended */
void
director_died(void)
{
	deadline = sim_after(BOUND * SIM_SECOND);
}

/* settle - see whether all has come to its end */
static void
settle(void)
{
	const struct qmgr *qmgr = life_qmgr();
	unsigned which;

	release_held(qmgr);

	if (items_settled(&which) && !tools_busy() && files_left() == 0 &&
	    qmgr != NULL && store_total(qmgr->store).messages == 0) {
		act = ACT_STOPPING;
		trace_note("stopping", 0, 0);
		master_stop();
		return;
	}
	if (sim_now() < deadline)
		return;
	say_links();
	if (which != 0)
		item_print(item_get(which));
	sim_fail("HANGS: item %u has come to no end, %llu messages are queued",
	    which,
	    qmgr == NULL
		? 0ULL
		: (unsigned long long)store_total(qmgr->store).messages);
}

/* director_act - do what is due */
void
director_act(void)
{
	if (sim_now() < next)
		return;
	switch (act) {
	case ACT_FAULTS:
		if (sim_now() >= plan.end) {
			calm();
			break;
		}
		send_something();
		call();
		go_wrong();
		break;
	case ACT_ALL_WELL:
		call();
		settle();
		break;
	case ACT_STOPPING:
		if (life_qmgr() == NULL)
			act = ACT_OVER;
		break;
	case ACT_OVER:
		break;
	}
	next = sim_after(act == ACT_FAULTS
		? chance_between(1, 2 * plan.pace) * SIM_MS
		: 100 * SIM_MS);
}

/* director_next - tell when something is due */
uint64_t
director_next(void)
{
	return next;
}

/* director_over - tell whether the seed is over */
bool
director_over(void)
{
	return act == ACT_OVER || act == ACT_STOPPING;
}
