/* SPDX-License-Identifier: ISC */
/*
 * ways_test.c - by which links an address is served, as x4conf route asks
 */
#include "qmgr/ways.h"

#include "qmgr/routing/rib.h"
#include "qmgr/sending/announce.h"
#include "tests/unit/qmgr/link_bench.h"

#define BERLIN "C=XB;A=X;S=Meier"
#define NOBODY "C=XX;A=X;S=Nobody"

static const char more[] =
    "link \"near\" {\n"
    " remote-mta = \"MTA-NEAR\" remote-password = \"pw\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=XN\"}\n"
    " peer = \"fourpost\" learn = {\"C=XB\"}\n"
    " refuse-from = {\"C=FR\"}\n"
    "}\n";

static struct harness h;
static struct remote tool;
static char all[4096]; /* the fields of all rows, "name=text " each */
static int status;

/* begin - make a queue manager, and forget that peers may know ways */
static void
begin(void)
{
	static char conf[8192];

	snprintf(conf, sizeof(conf), "%s%s", harness_conf, more);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4conf");
}

/* end - end it */
static void
end(void)
{
	remote_close(&tool);
	harness_fini(&h);
}

/* keep - append the texts of a row to what came */
static void
keep(const struct ipc_row *row)
{
	size_t len = strlen(all);

	for (size_t i = 0; i < row->field_count; i++)
		if (row->fields[i].type == IPC_FIELD_TEXT)
			len += (size_t)snprintf(all + len, sizeof(all) - len,
			    "%.*s=%.*s ", (int)row->fields[i].name.len,
			    (const char *)row->fields[i].name.data,
			    (int)row->fields[i].octets.len,
			    row->fields[i].octets.len == 0
				? ""
				: (const char *)row->fields[i].octets.data);
}

/* ask - ask for the ways to an address, for an originator or not */
static void
ask(const char *command, const char *address, const char *originator)
{
	struct slice arguments[] = {slice_of_string(address),
	    slice_of_string(originator == NULL ? "" : originator)};
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {.command = slice_of_string(command),
		.arguments = arguments,
		.argument_count = originator == NULL ? 1 : 2}};

	all[0] = '\0';
	remote_send(&tool, &record);
	for (remote_next(&tool, &record); record.type == IPC_ROW;
	     remote_next(&tool, &record))
		keep(&record.row);
	ck_assert_int_eq(record.type, IPC_DONE);
	status = record.done.status;
}

/* allow - allow any space to be learnt */
static bool
allow(void *arg, const char *space)
{
	(void)arg;
	(void)space;
	return true;
}

/* learn - have the peer tell that it serves a space, behind another MTA */
static void
learn(const char *space)
{
	struct route_told told = {.space = slice_of_string(space),
	    .cost = 7,
	    .lifetime = 600000,
	    .path = {slice_of_string("MTA-NEAR"), slice_of_string("MTA-FAR")},
	    .hops = 2};
	struct route_update update = {.mta = slice_of_string("MTA-NEAR"),
	    .boot = 1,
	    .sequence = 1,
	    .routes = &told,
	    .count = 1};
	enum rib_taken taken;

	ck_assert_int_eq(rib_take(h.qmgr.rib, harness_link(&h, "near")->number,
			     &update, allow, NULL, clock_monotonic(), &taken),
	    0);
	ck_assert_int_eq(taken, RIB_TAKEN);
	announce_tick(&h.qmgr);
}

/* Ways that are configured, in their order, and why. */
START_TEST(configured)
{
	begin();
	ask("route", TO_LYON, NULL);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(strstr(all, "link=lyon source=configured"));
	ck_assert_ptr_nonnull(
	    strstr(all, "why=another address space matches longer"));
	end();
}
END_TEST

/* A way that was learnt names who told it, and the whole path. */
START_TEST(learnt)
{
	begin();
	ask("route", BERLIN, NULL);
	ck_assert_ptr_nonnull(strstr(all, "link=near source=hoped for"));
	learn("C=XB");
	ask("route", BERLIN, NULL);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(
	    strstr(all, "link=near source=learnt space=C=XB"));
	ck_assert_ptr_nonnull(
	    strstr(all, "from=MTA-NEAR path=MTA-NEAR MTA-FAR"));
	ask("routes", "0", NULL);
	ck_assert_ptr_nonnull(strstr(all, "space=C=XB link=near state="));
	end();
}
END_TEST

/* Whoever is barred from a link hears so. */
START_TEST(originators)
{
	begin();
	ask("route", "C=XN;A=X;S=N", "originator=" TO_PARIS);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(strstr(all, "why=it refuses this originator"));
	ask("route", "C=XN;A=X;S=N", "originator=" TO_ROME);
	ck_assert_ptr_null(strstr(all, "why=it refuses this originator"));
	end();
}
END_TEST

/* What is no question is told so. */
START_TEST(usage)
{
	begin();
	ask("route", "no address", NULL);
	ck_assert_int_eq(status, 64);
	ask("route", TO_ROME, "sender=" TO_PARIS);
	ck_assert_int_eq(status, 64);
	ask("route", TO_ROME, "originator=nobody");
	ck_assert_int_eq(status, 64);
	h.qmgr.learning_until = 0;
	ask("route", NOBODY, NULL);
	ck_assert_int_eq(status, 1);
	ck_assert_str_eq(all, "");
	end();
}
END_TEST

TEST_MAIN("qmgr/ways", TEST(configured); TEST(learnt); TEST(originators);
	  TEST(usage))
