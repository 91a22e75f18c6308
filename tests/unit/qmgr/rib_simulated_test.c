/* SPDX-License-Identifier: ISC */
/*
 * rib_simulated_test.c - a thousand random networks of MTAs that tell each
 * other their routes, in memory
 *
 * Each MTA has a space of its own and learns the others'.  Updates are delayed,
 * and lost at random, at most two in a row.  Then something happens: a link
 * fails, an MTA is gone (noticed by its neighbours or not), or starts again.
 * Within the bound that rib.h gives every MTA has the cheapest way to each that
 * can be reached, no way that works to any other, and none at all to what is
 * gone.  The same seed gives the same run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "qmgr/routing/rib.h"
#include "tests/unit/test.h"

#define NETWORKS  1000
#define MTAS_MAX  8
#define LINKS_MAX 14
#define WIRE_MAX  64
#define REFRESH	  8000 /* ms */
#define STEP	  1000 /* ms of a step of the simulation */
#define DELAY_MAX 2    /* steps */
#define LOST_MAX  2    /* updates in a row */
#define FAR	  1000000

struct edge {
	size_t end[2];
	uint32_t cost;
	bool works;
	unsigned lost[2]; /* in a row, from each end */
};

struct letter {
	struct buffer octets;
	size_t edge, from;
	uint64_t due; /* 0: none */
};

struct network {
	uint64_t seed, now, boots;
	size_t mtas, edges;
	struct rib *rib[MTAS_MAX]; /* NULL: gone */
	struct edge edge[LINKS_MAX];
	struct letter wire[WIRE_MAX];
	size_t updates;
};

static struct network net;
static struct arena arena; /* of an update */

/* must - fail the test if something did: Check writes a file for each of its
 * own assertions */
static void
must(bool ok, const char *what)
{
	if (!ok)
		ck_abort_msg("%s", what);
}

/* chance - draw a number below a bound */
static uint32_t
chance(uint32_t bound)
{
	net.seed ^= net.seed << 13;
	net.seed ^= net.seed >> 7;
	net.seed ^= net.seed << 17;
	return (uint32_t)((net.seed >> 11) % bound);
}

/* name_of - name an MTA */
static const char *
name_of(size_t mta)
{
	static const char *const names[MTAS_MAX] = {"MTA-0", "MTA-1", "MTA-2",
	    "MTA-3", "MTA-4", "MTA-5", "MTA-6", "MTA-7"};

	return names[mta];
}

/* space_of - name the space of an MTA */
static const char *
space_of(size_t mta)
{
	static const char *const names[MTAS_MAX] = {"C=XX;A=T;P=0",
	    "C=XX;A=T;P=1", "C=XX;A=T;P=2", "C=XX;A=T;P=3", "C=XX;A=T;P=4",
	    "C=XX;A=T;P=5", "C=XX;A=T;P=6", "C=XX;A=T;P=7"};

	return names[mta];
}

/* start - start an MTA with what it has, and its links; number 1 is its own
 * postoffice, others are 2 and the number of the edge */
static void
start(size_t mta)
{
	const struct rib_link own = {1, RIB_OTHER, "", 0};
	struct rib *rib = rib_new(++net.boots);

	must(rib != NULL, "rib_new");
	rib_configure_begin(rib, name_of(mta), REFRESH);
	must(rib_configure_link(rib, &own) == 0, "own");
	must(rib_configure_space(rib, space_of(mta)) == 0, "space");
	for (size_t i = 0; i < net.edges; i++) {
		const struct edge *edge = &net.edge[i];
		size_t side = edge->end[1] == mta;
		struct rib_link link = {.number = (uint32_t)(2 + i),
		    .kind = RIB_NEIGHBOUR,
		    .mta = name_of(edge->end[1 - side]),
		    .cost = edge->cost};

		if (edge->end[side] == mta)
			must(rib_configure_link(rib, &link) == 0, "link");
	}
	must(rib_configure_end(rib) == 0, "end");
	net.rib[mta] = rib;
}

/* stop - have an MTA gone */
static void
stop(size_t mta)
{
	rib_free(net.rib[mta]);
	net.rib[mta] = NULL;
}

/* connect - connect two MTAs, unless they are */
static void
connect(size_t a, size_t b)
{
	for (size_t i = 0; i < net.edges; i++)
		if ((net.edge[i].end[0] == a && net.edge[i].end[1] == b) ||
		    (net.edge[i].end[0] == b && net.edge[i].end[1] == a))
			return;
	if (a != b && net.edges < LINKS_MAX)
		net.edge[net.edges++] = (struct edge){
		    .end = {a, b}, .cost = chance(20), .works = true};
}

/* build - make a network in which each reaches each */
static void
build(uint64_t seed)
{
	net = (struct network){
	    .seed = seed * 0x9e3779b97f4a7c15ULL + 1, .now = 100000};
	net.mtas = 2 + chance(MTAS_MAX - 1);
	for (size_t i = 1; i < net.mtas; i++)
		connect(i, chance((uint32_t)i));
	for (size_t i = chance((uint32_t)net.mtas + 1); i > 0; i--)
		connect(chance((uint32_t)net.mtas), chance((uint32_t)net.mtas));
	for (size_t i = 0; i < net.mtas; i++)
		start(i);
}

/* all - allow every space to be learnt */
static bool
all(void *arg, const char *space)
{
	(void)arg;
	(void)space;
	return true;
}

/* arrive - give what has arrived to whom it is for */
static void
arrive(struct letter *letter)
{
	const struct edge *edge = &net.edge[letter->edge];
	struct rib *rib = net.rib[edge->end[1 - letter->from]];
	struct route_update update;
	enum rib_taken taken;

	arena_reset(&arena);
	must(route_update_decode(
		 buffer_slice(&letter->octets), &arena, &update, NULL) == 0,
	    "decode");
	if (rib != NULL && edge->works)
		must(rib_take(rib, (uint32_t)(2 + letter->edge), &update, all,
			 NULL, net.now, &taken) == 0,
		    "take");
	buffer_fini(&letter->octets);
	letter->due = 0;
}

/* post - put an update on the wire, or lose it */
static void
post(size_t number, size_t from, struct buffer *octets)
{
	struct edge *edge = &net.edge[number];
	bool lost = edge->lost[from] < LOST_MAX && chance(10) < 3;

	net.updates++;
	edge->lost[from] = lost ? edge->lost[from] + 1 : 0;
	for (size_t i = 0; i < WIRE_MAX && !lost && edge->works; i++)
		if (net.wire[i].due == 0) {
			net.wire[i] = (struct letter){.octets = *octets,
			    .edge = number,
			    .from = from,
			    .due = net.now + STEP * (1 + chance(DELAY_MAX))};
			return;
		}
	buffer_fini(octets);
}

/* tell - have one end of an edge tell the other what is due */
static void
tell(size_t number, size_t from)
{
	struct rib *rib = net.rib[net.edge[number].end[from]];
	uint32_t link = (uint32_t)(2 + number);
	struct buffer octets;
	size_t left_out;

	if (rib == NULL || !rib_due(rib, link, net.now))
		return;
	buffer_init(&octets, ROUTE_UPDATE_MAX);
	must(rib_tell(rib, link, net.now, &octets, &left_out) == 0, "tell");
	must(left_out == 0, "no room");
	post(number, from, &octets);
}

/* run - let so many milliseconds pass */
static void
run(uint64_t ms)
{
	for (uint64_t end = net.now + ms; net.now < end; net.now += STEP) {
		for (size_t i = 0; i < WIRE_MAX; i++)
			if (net.wire[i].due != 0 && net.wire[i].due <= net.now)
				arrive(&net.wire[i]);
		for (size_t i = 0; i < net.mtas; i++)
			if (net.rib[i] != NULL)
				must(
				    rib_tick(net.rib[i], net.now) == 0, "tick");
		for (size_t i = 0; i < net.edges; i++) {
			tell(i, 0);
			tell(i, 1);
		}
	}
}

/* settle - let the time pass within which all must be known: the interval in
 * which an update arrives, or a route ends, for each hop */
static void
settle(void)
{
	run((net.mtas + 1) * RIB_LIVES * REFRESH);
}

/* distances - find the cheapest ways from an MTA, over what works */
static void
distances(size_t from, uint32_t to[MTAS_MAX])
{
	for (size_t i = 0; i < net.mtas; i++)
		to[i] = i == from && net.rib[i] != NULL ? 0 : FAR;
	for (size_t round = 0; round < net.mtas; round++)
		for (size_t i = 0; i < net.edges * 2; i++) {
			const struct edge *edge = &net.edge[i / 2];
			size_t a = edge->end[i % 2], b = edge->end[1 - i % 2];

			if (edge->works && net.rib[a] != NULL &&
			    net.rib[b] != NULL && to[a] < FAR &&
			    to[a] + edge->cost < to[b])
				to[b] = to[a] + edge->cost;
		}
}

/* best - find the best route of an MTA to another's space, or NULL */
static const struct rib_route *
best(size_t mta, size_t to)
{
	const char *space = space_of(to);
	const struct rib_route *route;

	for (size_t i = 0; (route = rib_route(net.rib[mta], i)) != NULL; i++)
		if (strcmp(route->space, space) == 0)
			return route;
	return NULL;
}

/* check - compare what an MTA knows with the network */
static void
check(uint64_t seed, size_t mta)
{
	uint32_t to[MTAS_MAX];

	distances(mta, to);
	for (size_t i = 0; i < net.mtas; i++) {
		const struct rib_route *route = best(mta, i);

		if (to[i] == FAR && route != NULL)
			ck_abort_msg(
			    "network %llu: MTA-%zu knows a way to MTA-%zu",
			    (unsigned long long)seed, mta, i);
		else if (to[i] < FAR &&
		    (route == NULL || route->state != RIB_WORKS ||
			route->cost != to[i]))
			ck_abort_msg(
			    "network %llu: MTA-%zu reaches MTA-%zu for %u, "
			    "not %u",
			    (unsigned long long)seed, mta, i,
			    route == NULL ? FAR : route->cost, to[i]);
	}
}

/* check_all - compare what all know */
static void
check_all(uint64_t seed)
{
	for (size_t i = 0; i < net.mtas; i++)
		if (net.rib[i] != NULL)
			check(seed, i);
}

/* fail_edge - have a link fail, as both its ends see, or none */
static void
fail_edge(size_t number, bool seen)
{
	struct edge *edge = &net.edge[number];

	edge->works = false;
	for (size_t i = 0; i < 2 && seen; i++)
		if (net.rib[edge->end[i]] != NULL)
			rib_link_state(net.rib[edge->end[i]],
			    (uint32_t)(2 + number), RIB_FAILS);
}

/* happen - have something happen to the network */
static void
happen(void)
{
	size_t mta = chance((uint32_t)net.mtas);
	bool seen = chance(2) == 0;

	switch (chance(3)) {
	case 0:
		fail_edge(chance((uint32_t)net.edges), seen);
		break;
	case 1:
		stop(mta);
		for (size_t i = 0; i < net.edges; i++)
			if (net.edge[i].end[0] == mta ||
			    net.edge[i].end[1] == mta)
				fail_edge(i, seen);
		break;
	default:
		stop(mta);
		run(chance(2 * REFRESH));
		start(mta);
		break;
	}
}

START_TEST(networks)
{
	size_t updates = 0;

	arena_init(&arena, 1 << 20);
	for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
		build(seed);
		settle();
		check_all(seed);
		happen();
		settle();
		check_all(seed);
		for (size_t i = 0; i < net.mtas; i++)
			stop(i);
		for (size_t i = 0; i < WIRE_MAX; i++)
			if (net.wire[i].due != 0)
				buffer_fini(&net.wire[i].octets);
		updates += net.updates;
	}
	arena_fini(&arena);
	printf("figure: %d networks, %zu updates\n", NETWORKS, updates);
}
END_TEST

TEST_MAIN("qmgr/rib_simulated", TEST_LONG(networks, 600))
