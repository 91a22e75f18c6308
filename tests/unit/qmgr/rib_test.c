/* SPDX-License-Identifier: ISC */
/*
 * rib_test.c - the rules of routing updates, one by one
 */
#include "qmgr/routing/rib.h"

#include <stdio.h>

#include "tests/unit/test.h"

#define REFRESH	  60000
#define NOW	  1000000
#define TO_B	  2 /* numbers of links */
#define TO_THIRD  3
#define OWN_SPACE "C=XX;P=A"

static struct rib *rib;
static struct arena arena;

/* configure - make MTA-A with a postoffice, a neighbour MTA-B, and a third
 * party */
static void
configure(void)
{
	const struct rib_link own = {1, RIB_OTHER, "", 0};
	const struct rib_link b = {TO_B, RIB_NEIGHBOUR, "MTA-B", 10};
	const struct rib_link third = {TO_THIRD, RIB_OTHER, "THIRD", 5};

	rib_configure_begin(rib, "MTA-A", REFRESH);
	ck_assert_int_eq(rib_configure_link(rib, &own), 0);
	ck_assert_int_eq(rib_configure_space(rib, OWN_SPACE), 0);
	ck_assert_int_eq(rib_configure_link(rib, &b), 0);
	ck_assert_int_eq(rib_configure_link(rib, &third), 0);
	ck_assert_int_eq(rib_configure_space(rib, "C=YY"), 0);
	ck_assert_int_eq(rib_configure_end(rib), 0);
}

/* setup - make a table */
static void
setup(void)
{
	rib = rib_new(7);
	ck_assert_ptr_nonnull(rib);
	arena_init(&arena, 1 << 20);
	configure();
}

/* teardown - free it */
static void
teardown(void)
{
	rib_free(rib);
	arena_fini(&arena);
}

/* allow - allow all spaces but C=NO */
static bool
allow(void *arg, const char *space)
{
	(void)arg;
	return strcmp(space, "C=NO") != 0;
}

/* told - make a route as MTA-B tells it, with these MTAs behind it */
static struct route_told
told(const char *space, const char *behind)
{
	struct route_told route = {.space = slice_of_string(space),
	    .cost = 3,
	    .lifetime = RIB_LIVES * REFRESH,
	    .path = {slice_of_string("MTA-B"), slice_of_string(behind)},
	    .hops = behind[0] != '\0' ? 2 : 1};

	return route;
}

/* take - take an update of MTA-B with one route, or none */
static enum rib_taken
take(uint64_t boot, uint64_t sequence, const struct route_told *route,
    uint64_t now)
{
	struct route_update update = {.mta = slice_of_string("MTA-B"),
	    .boot = boot,
	    .sequence = sequence,
	    .routes = (struct route_told *)(uintptr_t)route,
	    .count = route != NULL};
	enum rib_taken taken = RIB_OLD;

	ck_assert_int_eq(
	    rib_take(rib, TO_B, &update, allow, NULL, now, &taken), 0);
	ck_assert_int_eq(rib_tick(rib, now), 0);
	return taken;
}

/* find - find the best route to a space, or NULL */
static const struct rib_route *
find(const char *space)
{
	const struct rib_route *route;

	for (size_t i = 0; (route = rib_route(rib, i)) != NULL; i++)
		if (strcmp(route->space, space) == 0)
			return route;
	return NULL;
}

/* tell - get what MTA-B is told */
static struct route_update
tell(uint64_t now)
{
	struct route_update update;
	struct buffer octets;
	struct slice kept;
	size_t left_out;

	buffer_init(&octets, ROUTE_UPDATE_MAX);
	ck_assert_int_eq(rib_tell(rib, TO_B, now, &octets, &left_out), 0);
	ck_assert_int_eq(arena_slice(&arena, buffer_slice(&octets), &kept), 0);
	ck_assert_int_eq(route_update_decode(kept, &arena, &update, NULL), 0);
	ck_assert_uint_eq(left_out, 0);
	buffer_fini(&octets);
	return update;
}

START_TEST(told_what_we_have)
{
	struct route_update update;

	setup();
	ck_assert(rib_due(rib, TO_B, NOW));
	ck_assert(!rib_due(rib, TO_THIRD, NOW));
	update = tell(NOW);
	ck_assert(slice_equal_string(update.mta, "MTA-A"));
	ck_assert_uint_eq(update.count, 2);
	ck_assert(slice_equal_string(update.routes[0].space, OWN_SPACE));
	ck_assert_uint_eq(update.routes[0].cost, 0);
	ck_assert_uint_eq(update.routes[0].hops, 1);
	ck_assert(slice_equal_string(update.routes[1].space, "C=YY"));
	ck_assert_uint_eq(update.routes[1].cost, 5);
	ck_assert(slice_equal_string(update.routes[1].path[1], "THIRD"));
	ck_assert_uint_eq(update.routes[1].lifetime, RIB_LIVES * REFRESH);
	/* Then only what changes, at once, and all each refresh interval. */
	ck_assert(!rib_due(rib, TO_B, NOW + REFRESH - 1));
	ck_assert(rib_due(rib, TO_B, NOW + REFRESH));
	rib_link_state(rib, TO_THIRD, RIB_FAILS);
	ck_assert_int_eq(rib_tick(rib, NOW), 0);
	ck_assert(!rib_due(rib, TO_B, NOW + RIB_PACE - 1));
	ck_assert(rib_due(rib, TO_B, NOW + RIB_PACE));
	ck_assert(tell(NOW + RIB_PACE).routes[1].down);
	teardown();
}
END_TEST

START_TEST(learnt)
{
	struct route_told route = told("C=ZZ", "MTA-C");
	const struct rib_route *found;
	uint64_t version;

	setup();
	(void)tell(NOW);
	version = rib_version(rib);
	ck_assert_int_eq(take(1, 1, &route, NOW), RIB_TAKEN);
	ck_assert_uint_eq(rib_version(rib), version + 1);
	ck_assert_uint_eq(rib_heard(rib, TO_B), NOW);
	found = find("C=ZZ");
	ck_assert_ptr_nonnull(found);
	ck_assert(found->learnt);
	ck_assert_uint_eq(found->link, TO_B);
	ck_assert_uint_eq(found->cost, 13);
	ck_assert_str_eq(found->path[1], "MTA-C");
	/* The neighbour that has started again is told at once. */
	ck_assert(rib_due(rib, TO_B, NOW + RIB_PACE));
	/* Its own route does not come back to it. */
	ck_assert_uint_eq(tell(NOW + RIB_PACE).count, 2);
	/* The same again changes nothing; what is old is dropped. */
	ck_assert_int_eq(take(1, 2, &route, NOW), RIB_TAKEN);
	ck_assert_uint_eq(rib_version(rib), version + 1);
	ck_assert_int_eq(take(1, 2, NULL, NOW), RIB_OLD);
	ck_assert_ptr_nonnull(find("C=ZZ"));
	/* A way that its teller has down, and a link that fails. */
	route.down = true;
	ck_assert_int_eq(take(1, 3, &route, NOW), RIB_TAKEN);
	ck_assert_int_eq(find("C=ZZ")->state, RIB_FAILS);
	route.down = false;
	ck_assert_int_eq(take(2, 1, &route, NOW), RIB_TAKEN);
	ck_assert_int_eq(find("C=ZZ")->state, RIB_WORKS);
	rib_link_state(rib, TO_B, RIB_FAILS);
	ck_assert_int_eq(rib_tick(rib, NOW), 0);
	ck_assert_int_eq(find("C=ZZ")->state, RIB_FAILS);
	/* Withdrawn. */
	ck_assert_int_eq(take(2, 2, NULL, NOW), RIB_TAKEN);
	ck_assert_ptr_null(find("C=ZZ"));
	teardown();
}
END_TEST

START_TEST(dropped)
{
	struct route_told route = told("C=ZZ", "MTA-A");
	struct route_update update = {.mta = slice_of_string("MTA-X")};
	enum rib_taken taken;

	setup();
	/* We are on its way; it may not be learnt; it does not begin there. */
	ck_assert_int_eq(take(1, 1, &route, NOW), RIB_TAKEN);
	ck_assert_ptr_null(find("C=ZZ"));
	route = told("C=NO", "");
	ck_assert_int_eq(take(1, 2, &route, NOW), RIB_TAKEN);
	ck_assert_ptr_null(find("C=NO"));
	route = told("C=ZZ", "");
	route.path[0] = slice_of_string("MTA-C");
	ck_assert_int_eq(take(1, 3, &route, NOW), RIB_TAKEN);
	ck_assert_ptr_null(find("C=ZZ"));
	/* Another sender, a third party, a link that there is not. */
	ck_assert_int_eq(
	    rib_take(rib, TO_B, &update, allow, NULL, NOW, &taken), 0);
	ck_assert_int_eq(taken, RIB_NOT_SENDER);
	ck_assert_int_eq(
	    rib_take(rib, TO_THIRD, &update, allow, NULL, NOW, &taken),
	    ERR_NOTFOUND);
	ck_assert_int_eq(
	    rib_take(rib, 99, &update, allow, NULL, NOW, &taken), ERR_NOTFOUND);
	teardown();
}
END_TEST

START_TEST(ages)
{
	struct route_told route = told("C=ZZ", "MTA-C");

	setup();
	ck_assert_int_eq(take(1, 1, &route, NOW), RIB_TAKEN);
	ck_assert_int_eq(rib_tick(rib, NOW + RIB_LIVES * REFRESH - 1), 0);
	ck_assert_ptr_nonnull(find("C=ZZ"));
	ck_assert_int_eq(rib_tick(rib, NOW + RIB_LIVES * REFRESH), 0);
	ck_assert_ptr_null(find("C=ZZ"));
	teardown();
}
END_TEST

START_TEST(hops)
{
	struct route_told route = told("C=ZZ", "MTA-C");
	const struct rib_link d = {4, RIB_NEIGHBOUR, "MTA-D", 1};
	struct buffer octets;
	struct route_update update;
	size_t left_out;

	setup();
	for (; route.hops < ROUTE_HOPS_MAX; route.hops++)
		route.path[route.hops] = slice_of_string("MTA-Y");
	rib_configure_begin(rib, "MTA-A", REFRESH);
	ck_assert_int_eq(rib_configure_link(rib, &d), 0);
	ck_assert_int_eq(
	    rib_configure_link(
		rib, &(struct rib_link){TO_B, RIB_NEIGHBOUR, "MTA-B", 10}),
	    0);
	ck_assert_int_eq(rib_configure_end(rib), 0);
	ck_assert_int_eq(take(1, 1, &route, NOW), RIB_TAKEN);
	ck_assert_ptr_nonnull(find("C=ZZ"));
	/* Used, and told to nobody: with us it would be too long. */
	buffer_init(&octets, ROUTE_UPDATE_MAX);
	ck_assert_int_eq(rib_tell(rib, 4, NOW, &octets, &left_out), 0);
	ck_assert_int_eq(
	    route_update_decode(buffer_slice(&octets), &arena, &update, NULL),
	    0);
	ck_assert_uint_eq(update.count, 0);
	buffer_fini(&octets);
	teardown();
}
END_TEST

START_TEST(reconfigured)
{
	struct route_told route = told("C=ZZ", "");
	const struct rib_link b = {TO_B, RIB_OTHER, "MTA-B", 10};
	size_t left_out;
	struct buffer octets;

	setup();
	ck_assert_int_eq(take(1, 1, &route, NOW), RIB_TAKEN);
	/* The same again keeps what was learnt. */
	configure();
	ck_assert_ptr_nonnull(find("C=ZZ"));
	/* A link to a third party has nothing, and tells nothing. */
	rib_configure_begin(rib, "MTA-A", REFRESH);
	ck_assert_int_eq(rib_configure_link(rib, &b), 0);
	ck_assert_int_eq(rib_configure_end(rib), 0);
	ck_assert_ptr_null(find("C=ZZ"));
	ck_assert(!rib_due(rib, TO_B, NOW + 10 * REFRESH));
	buffer_init(&octets, ROUTE_UPDATE_MAX);
	ck_assert_int_eq(
	    rib_tell(rib, TO_B, NOW, &octets, &left_out), ERR_NOTFOUND);
	ck_assert_uint_eq(buffer_length(&octets), 0);
	buffer_fini(&octets);
	teardown();
}
END_TEST

/* More routes than an update holds: the cheapest go, the rest is counted. */
START_TEST(too_many)
{
	const struct rib_link own = {1, RIB_OTHER, "", 0};
	const struct rib_link b = {TO_B, RIB_NEIGHBOUR, "MTA-B", 10};
	struct route_update update;
	struct buffer octets;
	size_t left_out;
	char space[32];

	setup();
	rib_configure_begin(rib, "MTA-A", REFRESH);
	ck_assert_int_eq(rib_configure_link(rib, &own), 0);
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(space, sizeof(space), "C=XX;A=%u", i);
		ck_assert_int_eq(rib_configure_space(rib, space), 0);
	}
	ck_assert_int_eq(rib_configure_link(rib, &b), 0);
	ck_assert_int_eq(rib_configure_end(rib), 0);
	buffer_init(&octets, ROUTE_UPDATE_MAX);
	ck_assert_int_eq(rib_tell(rib, TO_B, NOW, &octets, &left_out), 0);
	ck_assert_int_eq(
	    route_update_decode(buffer_slice(&octets), &arena, &update, NULL),
	    0);
	ck_assert_uint_gt(update.count, 400);
	ck_assert_uint_eq(update.count + left_out, 1500);
	buffer_fini(&octets);
	teardown();
}
END_TEST

/* Who leaves tells that all its ways fail, and goes by them as before. */
START_TEST(leaving)
{
	struct route_update update;

	setup();
	(void)tell(NOW);
	rib_serve(rib, RIB_LEAVES);
	ck_assert_int_eq(rib_tick(rib, NOW + RIB_PACE), 0);
	ck_assert(rib_due(rib, TO_B, NOW + RIB_PACE));
	update = tell(NOW + RIB_PACE);
	ck_assert_uint_eq(update.count, 2);
	ck_assert(update.routes[0].down && update.routes[1].down);
	ck_assert_int_eq(find("C=YY")->state, RIB_WORKS);
	rib_serve(rib, RIB_SERVES);
	ck_assert_int_eq(rib_tick(rib, NOW + 2 * RIB_PACE), 0);
	ck_assert(rib_due(rib, TO_B, NOW + 2 * RIB_PACE));
	ck_assert(!tell(NOW + 2 * RIB_PACE).routes[1].down);
	teardown();
}
END_TEST

TEST_MAIN("qmgr/rib", TEST(told_what_we_have); TEST(learnt); TEST(dropped);
	  TEST(ages); TEST(hops); TEST(reconfigured); TEST(leaving);
	  TEST(too_many))
