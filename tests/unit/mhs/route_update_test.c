/* SPDX-License-Identifier: ISC */
/*
 * route_update_test.c - a routing update as octets and back, and its bounds
 */
#include "mhs/route_update.h"

#include "tests/unit/test.h"

static struct buffer out;
static struct arena arena;
static struct diag diag;

/* setup - prepare fresh places for what comes out */
static void
setup(void)
{
	buffer_init(&out, 2 * ROUTE_UPDATE_MAX);
	arena_init(&arena, 1 << 22);
	diag_clear(&diag);
}

/* teardown - give them back */
static void
teardown(void)
{
	buffer_fini(&out);
	arena_fini(&arena);
}

/* make - make a route to a space, by so many MTAs */
static struct route_told
make(const char *space, size_t hops)
{
	struct route_told route = {
	    .space = slice_of_string(space), .cost = 20, .lifetime = 90000};

	for (; route.hops < hops && route.hops < ROUTE_HOPS_MAX; route.hops++)
		route.path[route.hops] = slice_of_string("MTA-B");
	return route;
}

/* decode - decode what was written */
static int
decode(struct route_update *update)
{
	diag_clear(&diag);
	return route_update_decode(buffer_slice(&out), &arena, update, &diag);
}

START_TEST(there_and_back)
{
	struct route_told routes[] = {
	    make("A=ATLAS;C=FR", 1), make("*", ROUTE_HOPS_MAX)};
	struct route_update update = {.mta = slice_of_string("MTA-B"),
				.boot = 1,
				.sequence = INT64_MAX,
				.routes = routes,
				.count = 2},
			    back;
	size_t bound =
	    route_told_length(&routes[0]) + route_told_length(&routes[1]) + 64;

	setup();
	routes[1].down = true;
	ck_assert_int_eq(route_update_encode(&update, &out), 0);
	ck_assert_uint_le(buffer_length(&out), bound);
	ck_assert_int_eq(decode(&back), 0);
	ck_assert(slice_equal_string(back.mta, "MTA-B"));
	ck_assert_uint_eq(back.boot, 1);
	ck_assert_uint_eq(back.sequence, INT64_MAX);
	ck_assert_uint_eq(back.count, 2);
	ck_assert(slice_equal_string(back.routes[0].space, "A=ATLAS;C=FR"));
	ck_assert_uint_eq(back.routes[0].cost, 20);
	ck_assert_uint_eq(back.routes[0].lifetime, 90000);
	ck_assert(!back.routes[0].down);
	ck_assert_uint_eq(back.routes[0].hops, 1);
	ck_assert(back.routes[1].down);
	ck_assert_uint_eq(back.routes[1].hops, ROUTE_HOPS_MAX);
	ck_assert(slice_equal_string(
	    back.routes[1].path[ROUTE_HOPS_MAX - 1], "MTA-B"));
	teardown();
}
END_TEST

/* refused - expect that an update with this route is not read */
static void
refused(struct route_told route, int error)
{
	struct route_update update = {.mta = slice_of_string("MTA-B"),
				.routes = &route,
				.count = 1},
			    back;

	buffer_reset(&out);
	ck_assert_int_eq(route_update_encode(&update, &out), 0);
	ck_assert_int_eq(decode(&back), error);
}

START_TEST(bounds)
{
	static char long_text[ROUTE_SPACE_MAX + 2];
	struct route_told route;
	struct route_update update;

	setup();
	memset(long_text, 'x', sizeof(long_text) - 1);
	refused(make("C=FR", 0), ERR_VALUE);
	refused(make("", 1), ERR_VALUE);
	refused(make(long_text, 1), ERR_LIMIT);
	route = make("C=FR", 1);
	route.path[0] = slice_of(long_text, ROUTE_NAME_MAX + 1);
	refused(route, ERR_LIMIT);
	route.path[0] = slice_of_string("M\n");
	refused(route, ERR_VALUE);
	route = make("C=FR", 1);
	route.cost = ROUTE_COST_MAX + 1;
	refused(route, ERR_VALUE);
	route.cost = 1;
	route.lifetime = (uint64_t)ROUTE_LIFETIME_MAX + 1;
	refused(route, ERR_VALUE);
	buffer_reset(&out);
	ck_assert_int_eq(buffer_append(&out, "\x30\x03\x80\x01\x02", 5), 0);
	ck_assert_int_eq(decode(&update), ERR_UNSUPPORTED);
	buffer_reset(&out);
	ck_assert_int_eq(buffer_append(&out, "\x30\x03\x80\x01\x01", 5), 0);
	ck_assert_int_lt(decode(&update), 0);
	teardown();
}
END_TEST

TEST_MAIN("mhs/route_update", TEST(there_and_back); TEST(bounds))
