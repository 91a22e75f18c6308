/* SPDX-License-Identifier: ISC */
/*
 * ping_test.c - a ping that qmgr has a worker do for a tool
 */
#include "ipc/exit_status.h"
#include "qmgr/links/link.h"
#include "qmgr/ping.h"
#include "tests/unit/qmgr/remote.h"

/* A tool, and the worker that pings for it. */
struct pinged {
	struct harness h;
	struct remote tool, worker;
	int listener;
};

/* ask - have the tool send a request with one argument */
static void
ask(struct remote *tool, const char *command, const char *link)
{
	const struct slice argument = slice_of_string(link);
	const struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {slice_of_string(command), &argument, 1}};

	remote_send(tool, &record);
}

/* expect_done - take the end of the tool's answer */
static void
expect_done(struct remote *tool, int status, const char *text)
{
	struct ipc_record record;

	remote_expect(tool, IPC_DONE, &record);
	ck_assert_msg(record.done.status == status &&
		slice_equal_string(record.done.text, text),
	    "%d: %.*s", (int)record.done.status, (int)record.done.text.len,
	    (const char *)record.done.text.data);
}

/* begin - connect tool and worker, up to the worker's hello */
static void
begin(struct pinged *p)
{
	*p = (struct pinged){.listener = -1};
	harness_init(&p->h);
	p->listener = remote_listen(&p->h, "x400out.paris");
	remote_connect_as(&p->h, &p->tool, IPC_ROLE_TOOL, "x4ping");
	ask(&p->tool, "ping", "paris");
	remote_wait_for(&p->h, p->listener, &p->worker);
}

/* greet - say hello as the worker, and take its settings */
static void
greet(struct pinged *p)
{
	struct ipc_hello hello =
	    harness_hello(harness_announce(&p->h, IPC_ROLE_X400OUT, "paris", 1),
		IPC_ROLE_X400OUT, "paris", 1);
	struct ipc_record record;

	remote_expect(&p->worker, IPC_HELLO, &record);
	ck_assert_int_eq(ipc_channel_introduce(&p->worker.channel, &hello), 0);
	ck_assert_int_eq(ipc_channel_flush(&p->worker.channel), 0);
	remote_expect(&p->worker, IPC_SETTINGS, &record);
	ck_assert(record.settings.ping);
}

/* end - give everything back */
static void
end(struct pinged *p)
{
	remote_close(&p->worker);
	remote_close(&p->tool);
	close(p->listener);
	harness_fini(&p->h);
}

/* step - say as the worker that a step was done */
static void
step(struct pinged *p)
{
	const struct ipc_field field = {.name = slice_of_string("step"),
	    .type = IPC_FIELD_TEXT,
	    .octets = slice_of_string("tcp")};

	remote_send(&p->worker,
	    &(struct ipc_record){.type = IPC_ROW, .row = {&field, 1}});
}

/* answer - have a bind judged with a password, and tell whether it was right */
static bool
answer(struct pinged *p, const char *password)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK,
	    .bind_check = {.link = slice_of_string("paris"),
		.authenticated = true,
		.name = slice_of_string("MTA-PARIS"),
		.password = slice_of_string(password)}};

	remote_send(&p->worker, &record);
	remote_expect(&p->worker, IPC_BIND_ANSWER, &record);
	return record.bind_answer.accepted;
}

/* Steps go to the tool as they come, the bind is judged, and a success ends
 * the waiting of a link that failed. */
START_TEST(reached)
{
	struct ipc_record record;
	struct pinged p;
	struct link *link;

	begin(&p);
	link = harness_link(&p.h, "paris");
	link->open_failures = 3;
	greet(&p);
	step(&p);
	remote_expect(&p.tool, IPC_ROW, &record);
	ck_assert(slice_equal_string(record.row.fields[0].octets, "tcp"));
	ck_assert(!answer(&p, "wrong"));
	ck_assert(answer(&p, "pw-paris"));
	ck_assert_uint_eq(link->open_failures, 3);
	remote_send(&p.worker, &(struct ipc_record){.type = IPC_DONE});
	expect_done(&p.tool, EXIT_STATUS_DONE, "");
	ck_assert_uint_eq(link->open_failures, 0);
	/* The link itself has no association, and may be pinged again. */
	ck_assert_uint_eq(link->assoc_count, 0);
	remote_dropped(&p.worker);
	remote_close(&p.worker);
	ask(&p.tool, "ping", "paris");
	remote_wait_for(&p.h, p.listener, &p.worker);
	end(&p);
}
END_TEST

/* A ping that failed, a worker that could not begin, and one that ends. */
START_TEST(not_reached)
{
	struct ipc_record record = {
	    .type = IPC_DONE, .done.status = EXIT_STATUS_REFUSED};
	struct pinged p;

	begin(&p);
	greet(&p);
	remote_send(&p.worker, &record);
	expect_done(&p.tool, EXIT_STATUS_REFUSED, "");
	end(&p);

	begin(&p);
	greet(&p);
	remote_event(&p.worker, IPC_LINK_FAILED, "no settings");
	expect_done(&p.tool, EXIT_STATUS_REFUSED, "no settings");
	ck_assert_uint_eq(harness_link(&p.h, "paris")->open_failures, 0);
	end(&p);

	begin(&p);
	greet(&p);
	remote_close(&p.worker);
	expect_done(&p.tool, EXIT_STATUS_REFUSED, "the worker ended");
	end(&p);
}
END_TEST

/* The tool that asked is gone: so is the ping. */
START_TEST(nobody_waits)
{
	struct pinged p;

	begin(&p);
	greet(&p);
	remote_close(&p.tool);
	remote_dropped(&p.worker);
	end(&p);
}
END_TEST

/* A link that cannot be pinged, and a second ping beside the first. */
START_TEST(refused)
{
	struct remote other;
	struct pinged p;

	begin(&p);
	remote_connect_as(&p.h, &other, IPC_ROLE_TOOL, "x4ping");
	ask(&other, "ping", "paris");
	expect_done(
	    &other, EXIT_STATUS_REFUSED, "paris: it is being pinged already");
	ask(&other, "ping", "nice");
	expect_done(&other, EXIT_STATUS_REFUSED, "nice: no such link");
	ask(&other, "ping", "msmail/po1");
	expect_done(&other, EXIT_STATUS_REFUSED,
	    "msmail/po1: only X.400 peers and relays can be pinged");
	ask(&p.tool, "ping", "rome");
	expect_done(&p.tool, EXIT_STATUS_REFUSED,
	    "rome: this connection has a ping under way");
	/* Nobody listens where a worker of it would. */
	ask(&other, "ping", "rome");
	expect_done(
	    &other, EXIT_STATUS_REFUSED, "rome: closed by the other side");
	remote_close(&other);
	end(&p);
}
END_TEST

/* A worker that pings may do nothing else of an association, sends no endless
 * answer, and no worker of another kind says rows. */
START_TEST(out_of_control)
{
	struct remote po;
	struct pinged p;

	begin(&p);
	greet(&p);
	remote_send(&p.worker,
	    &(struct ipc_record){
		.type = IPC_SUBMIT_START, .submit_start = {.submit = 1}});
	remote_dropped(&p.worker);
	end(&p);

	begin(&p);
	greet(&p);
	for (int i = 0; i < 100; i++)
		step(&p);
	remote_dropped(&p.worker);
	end(&p);

	begin(&p);
	remote_connect_as(&p.h, &po, IPC_ROLE_MSMI_IN, "po1");
	remote_send(&po, &(struct ipc_record){.type = IPC_DONE});
	remote_dropped(&po);
	remote_close(&po);
	end(&p);
}
END_TEST

/* No worker says hello: the connection waits where as many run as may. */
START_TEST(no_worker)
{
	struct pinged p;

	begin(&p);
	ping_tick(&p.h.qmgr, clock_monotonic());
	remote_quiet(&p.tool);
	ping_tick(&p.h.qmgr, clock_after(30000));
	expect_done(&p.tool, EXIT_STATUS_REFUSED,
	    "the worker ended: none was free for this");
	end(&p);
}
END_TEST

TEST_MAIN("qmgr/ping", TEST(reached); TEST(not_reached); TEST(nobody_waits);
	  TEST(refused); TEST(out_of_control); TEST(no_worker))
