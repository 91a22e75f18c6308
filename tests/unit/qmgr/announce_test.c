/* SPDX-License-Identifier: ISC */
/*
 * announce_test.c - to whom routing updates go, and what is done with those
 * that come
 */
#include "qmgr/sending/announce.h"

#include "mhs/mts.h"
#include "mhs/route_update.h"
#include "qmgr/links/link.h"
#include "tests/unit/qmgr/remote.h"

#define SINK	"C=YY;A=SINK;S=x"
#define SECTION "remote-password=\"p\" address={\"127.0.0.1:1\"}\n"

static const char ours[] =
    "mta { name=\"MTA-A\" domain=\"C=DE;A=V;P=A\" state-directory=\"/tmp\"\n"
    "run-directory=\"/tmp\" queue-size=\"64M\" route-refresh=60 }\n"
    "link \"b\" { remote-mta=\"MTA-B\" peer=\"fourpost\" learn={\"C=YY\"}\n"
    "cost=10 " SECTION "}\n"
    "link \"d\" { remote-mta=\"MTA-D\" peer=\"fourpost\" learn={\"*\"}\n"
    "cost=20 " SECTION "}\n"
    "link \"third\" { remote-mta=\"THIRD\" address-space={\"C=TT\"} " SECTION
    "}\n";

static const char third_parties[] =
    "mta { name=\"MTA-A\" domain=\"C=DE;A=V;P=A\" state-directory=\"/tmp\"\n"
    "run-directory=\"/tmp\" queue-size=\"64M\" route-refresh=60 }\n"
    "link \"b\" { remote-mta=\"MTA-B\" cost=10 " SECTION "}\n"
    "link \"d\" { remote-mta=\"MTA-D\" cost=20 " SECTION "}\n"
    "link \"third\" { remote-mta=\"THIRD\" address-space={\"C=TT\"} " SECTION
    "}\n";

/* bound - say as a worker that an association is open, and whether the peer
 * takes updates */
static void
bound(struct remote *r, bool routes)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = IPC_LINK_BOUND, .routes = routes}};

	remote_send(r, &record);
}

/* open_worker - become a worker of a link whose association is open */
static void
open_worker(struct harness *h, const char *link, bool routes, struct remote *r)
{
	char service[32];
	int listener;

	snprintf(service, sizeof(service), "x400out.%s", link);
	listener = remote_listen(h, service);
	announce_tick(&h->qmgr);
	if (harness_link(h, link)->assoc_count == 0)
		schedule_event(&h->qmgr, harness_link(h, link), LINK_EV_RETRY);
	remote_wait_for(h, listener, r);
	close(listener);
	remote_greet(r, IPC_ROLE_X400OUT, link);
	bound(r, routes);
	harness_steps(h, 3);
}

/* take - have an update come by a link: one route to a space, NULL for none */
static void
take(struct harness *h, const char *link, const char *mta, uint64_t sequence,
    const char *space, bool down)
{
	struct route_told route = {
	    .space = slice_of_string(space != NULL ? space : ""),
	    .cost = 1,
	    .lifetime = 240000,
	    .down = down,
	    .path = {slice_of_string(mta), slice_of_string("MTA-C")},
	    .hops = 2};
	struct route_update update = {.mta = slice_of_string(mta),
	    .boot = 1,
	    .sequence = sequence,
	    .routes = &route,
	    .count = space != NULL};
	struct client client = {
	    .qmgr = &h->qmgr, .link = harness_link(h, link)};
	struct ipc_record record = {.type = IPC_ROUTES};
	struct diag diag = {0};
	struct buffer octets;

	buffer_init(&octets, ROUTE_UPDATE_MAX);
	ck_assert_int_eq(route_update_encode(&update, &octets), 0);
	record.routes.update = buffer_slice(&octets);
	ck_assert_int_eq(announce_take(&client, &record, &diag), 0);
	buffer_fini(&octets);
	harness_steps(h, 10);
}

/* next - name the link that the next message to an address takes; "": none */
static const char *
next(struct harness *h, const char *to)
{
	struct or_name name = harness_name(h, to);
	struct link *link = NULL;

	return route_find(&h->qmgr, &name.address, ROUTE_ANYWHERE, 0, &link) ==
		ROUTE_FOUND
	    ? link->name
	    : "";
}

/* queued - count what is queued for a link */
static uint64_t
queued(struct harness *h, const char *link)
{
	return store_link_total(h->qmgr.store, harness_link(h, link)->number)
	    .messages;
}

/* A neighbour whose link has nothing to send is called, and told. */
START_TEST(neighbour_is_told)
{
	struct route_update update;
	struct p1_envelope envelope;
	struct ipc_record record;
	struct harness h;
	struct remote r;

	harness_init_conf(&h, ours);
	open_worker(&h, "b", true, &r);
	announce_tick(&h.qmgr);
	remote_expect(&r, IPC_ROUTES, &record);
	ck_assert_int_eq(p1_decode(MTS_MESSAGE, record.routes.envelope,
			     &h.arena, &envelope, NULL),
	    0);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_OID);
	ck_assert(slice_equal(envelope.content_type.oid, mts_routing_syntax));
	ck_assert_int_eq(
	    route_update_decode(record.routes.update, &h.arena, &update, NULL),
	    0);
	ck_assert_uint_eq(update.count, 1);
	ck_assert(slice_equal_string(update.routes[0].space, "C=TT"));
	/* The peer has taken it: nothing more is due. */
	record = (struct ipc_record){.type = IPC_ROUTES};
	remote_send(&r, &record);
	announce_tick(&h.qmgr);
	remote_quiet(&r);
	remote_close(&r);
	harness_fini(&h);
}
END_TEST

/* A peer that does not know updates is given none, nor is a third party that
 * claims to know them. */
START_TEST(others_are_not)
{
	struct harness h;
	struct remote b, third;

	harness_init_conf(&h, ours);
	open_worker(&h, "third", true, &third);
	open_worker(&h, "b", false, &b);
	for (int i = 0; i < 3; i++) {
		announce_tick(&h.qmgr);
		harness_steps(&h, 3);
	}
	remote_quiet(&b);
	remote_quiet(&third);
	ck_assert(harness_log_has(&h, "a peer takes no routing updates"));
	ck_assert(!harness_link(&h, "b")->announces);
	remote_close(&b);
	remote_close(&third);
	harness_fini(&h);
}
END_TEST

/* A learnt space is a route, as far as the link allows it; queued messages
 * follow when it is withdrawn, and stay where there is no other way. */
START_TEST(learnt_routes)
{
	struct harness h;
	struct remote tool;

	harness_init_conf(&h, ours);
	take(&h, "b", "MTA-B", 1, "C=YY;A=SINK", false);
	take(&h, "d", "MTA-D", 1, NULL, false);
	ck_assert_str_eq(next(&h, SINK), "b");
	ck_assert_str_eq(next(&h, "C=ZZ;A=X;S=x"), "");
	take(&h, "b", "MTA-B", 2, "C=ZZ;A=X", false);
	ck_assert_str_eq(next(&h, "C=ZZ;A=X;S=x"), "");
	take(&h, "b", "MTA-B", 3, "C=YY;A=SINK", false);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&h, &tool, SINK);
	ck_assert_uint_eq(queued(&h, "b"), 1);
	take(&h, "b", "MTA-B", 4, NULL, false);
	ck_assert_uint_eq(queued(&h, "b"), 1);
	take(&h, "b", "MTA-B", 5, "C=YY;A=SINK", true);
	ck_assert_str_eq(next(&h, SINK), "b");
	take(&h, "d", "MTA-D", 2, "C=YY;A=SINK", false);
	ck_assert_str_eq(next(&h, SINK), "d");
	ck_assert_uint_eq(queued(&h, "b"), 0);
	ck_assert_uint_eq(queued(&h, "d"), 1);
	/* The dearer way is left again, and only for a better one. */
	take(&h, "b", "MTA-B", 6, "C=YY;A=SINK", false);
	ck_assert_str_eq(next(&h, SINK), "b");
	ck_assert_uint_eq(queued(&h, "b"), 1);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* Mail is not returned because we started a moment ago. */
START_TEST(hoped_for)
{
	struct harness h;

	harness_init_conf(&h, ours);
	ck_assert_str_eq(next(&h, SINK), "b");
	ck_assert_str_eq(next(&h, "C=ZZ;A=X;S=x"), "d");
	take(&h, "b", "MTA-B", 1, NULL, false);
	ck_assert_str_eq(next(&h, SINK), "d");
	take(&h, "d", "MTA-D", 1, NULL, false);
	ck_assert_str_eq(next(&h, SINK), "");
	/* While a link fails its peer may know more than it could tell. */
	harness_link(&h, "b")->open_failures = 1;
	ck_assert_str_eq(next(&h, SINK), "b");
	ck_assert_str_eq(next(&h, "C=ZZ;A=X;S=x"), "");
	harness_link(&h, "b")->open_failures = 0;
	h.qmgr.learning_until = 0;
	ck_assert_str_eq(next(&h, SINK), "");
	harness_fini(&h);
}
END_TEST

/* A link that becomes one to a third party drops what was learnt and what was
 * to be told. */
START_TEST(becomes_third_party)
{
	struct harness h;
	struct remote r;
	struct conf *conf;
	struct diag diag = {0};
	struct ipc_record record;

	harness_init_conf(&h, ours);
	open_worker(&h, "b", true, &r);
	announce_tick(&h.qmgr);
	remote_expect(&r, IPC_ROUTES, &record);
	take(&h, "b", "MTA-B", 1, "C=YY;A=SINK", false);
	ck_assert_uint_eq(harness_link(&h, "b")->routes_learnt, 1);
	ck_assert_int_eq(conf_parse_text(slice_of_string(third_parties), "test",
			     CONF_HANDED, &conf, &diag),
	    0);
	ck_assert_int_eq(loop_reload(&h.qmgr, conf, &diag), 0);
	for (int i = 0; i < 3; i++) {
		announce_tick(&h.qmgr);
		harness_steps(&h, 3);
	}
	ck_assert_uint_eq(harness_link(&h, "b")->routes_learnt, 0);
	remote_expect(&r, IPC_RETIRE, &record);
	remote_quiet(&r);
	ck_assert_str_eq(next(&h, SINK), "");
	ck_assert(!harness_link(&h, "b")->announces);
	take(&h, "b", "MTA-B", 2, "C=YY;A=SINK", false);
	ck_assert_str_eq(next(&h, SINK), "");
	ck_assert(harness_log_has(&h, "a routing update was dropped"));
	remote_close(&r);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/announce", TEST(neighbour_is_told); TEST(others_are_not);
	  TEST(learnt_routes); TEST(hoped_for); TEST(becomes_third_party))
