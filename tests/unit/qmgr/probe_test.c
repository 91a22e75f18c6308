/* SPDX-License-Identifier: ISC */
/*
 * probe_test.c - a cheap way that failed is taken again
 */
#include "qmgr/links/link.h"
#include "qmgr/links/schedule.h"
#include "qmgr/loop.h"
#include "qmgr/sending/probe.h"
#include "tests/unit/qmgr/remote.h"

#define TO_BOTH "C=FR;A=X;S=x"

/* Two ways to one address space, and where the workers of the cheap one are. */
struct ways {
	struct harness h;
	struct link *cheap, *dear;
	int listener;
};

/* two_ways - write the configuration with two ways */
static struct conf *
two_ways(void)
{
	char text[1024] = "mta { name=\"M\" domain=\"C=DE;A=V;P=A\" }\n";
	static const char *const names[] = {"cheap", "dear"};
	struct conf *conf;
	struct diag diag = {0};

	for (int i = 0; i < 2; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "link \"%s\" { remote-mta=\"MTA-%s\" remote-password=\"p\" "
		    "address={\"127.0.0.1:1\"} address-space={\"C=FR\"} "
		    "cost=%d open-interval=600 }\n",
		    names[i], names[i], 10 * (i + 1));
	ck_assert_msg(conf_parse_text(slice_of_string(text), "test",
			  CONF_HANDED, &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	return conf;
}

/* next - name the link that the next message takes */
static const char *
next(struct ways *w)
{
	struct or_name name = harness_name(&w->h, TO_BOTH);
	struct link *link = NULL;

	ck_assert_int_eq(
	    route_find(&w->h.qmgr, &name.address, ROUTE_ANYWHERE, 0, &link),
	    ROUTE_FOUND);
	return link->name;
}

/* begin - let the cheap way fail, with nothing queued for it */
static void
begin(struct ways *w)
{
	struct diag diag = {0};

	*w = (struct ways){.listener = -1};
	harness_init(&w->h);
	ck_assert_int_eq(loop_reload(&w->h.qmgr, two_ways(), &diag), 0);
	w->cheap = harness_link(&w->h, "cheap");
	w->dear = harness_link(&w->h, "dear");
	w->listener = remote_listen(&w->h, "x400out.cheap");
	ck_assert_str_eq(next(w), "cheap");
	w->cheap->open_failures = 1;
	w->cheap->failing_since = clock_monotonic();
	w->cheap->probe_after = clock_after(w->cheap->policy.open_interval);
	ck_assert_str_eq(next(w), "dear");
}

/* end - give everything back */
static void
end(struct ways *w)
{
	close(w->listener);
	harness_fini(&w->h);
}

/* fail_open - fail to open, as a worker of the cheap link */
static void
fail_open(struct ways *w)
{
	struct remote r;

	remote_wait_for(&w->h, w->listener, &r);
	remote_greet(&r, IPC_ROLE_X400OUT, "cheap");
	remote_event(&r, IPC_LINK_FAILED, "connection refused");
	harness_steps(&w->h, 10);
	remote_close(&r);
}

/* An idle link that failed is tried once an open interval, and when it opens
 * the next message goes by it. */
START_TEST(idle_is_probed)
{
	struct remote r, other;
	struct ways w;
	uint64_t now;

	begin(&w);
	now = clock_monotonic();
	probe_link(&w.h.qmgr, w.cheap, now);
	ck_assert_int_eq(w.cheap->state, LINK_IDLE);
	now += w.cheap->policy.open_interval + 1000;
	probe_link(&w.h.qmgr, w.cheap, now);
	ck_assert_int_eq(w.cheap->state, LINK_CONNECTING);
	ck_assert_str_eq(next(&w), "dear");
	fail_open(&w);
	ck_assert_int_eq(w.cheap->state, LINK_WAITING);
	ck_assert_uint_eq(w.cheap->open_failures, 2);

	/* However it became idle, it is tried once and not twice. */
	w.cheap->state = LINK_IDLE;
	w.cheap->probe_after = 0;
	schedule_tick(&w.h.qmgr);
	schedule_tick(&w.h.qmgr);
	remote_open(&w.h, w.listener, "cheap", &r);
	harness_steps(&w.h, 10);
	ck_assert(!remote_accept(&w.h, w.listener, &other));
	ck_assert_int_eq(w.cheap->state, LINK_UP);
	ck_assert_uint_eq(w.cheap->open_failures, 0);
	ck_assert_str_eq(next(&w), "cheap");
	remote_close(&r);
	end(&w);
}
END_TEST

/* Links that no message would take are left alone: a dearer way, and one that
 * is disabled or closed. */
START_TEST(others_are_not)
{
	struct ways w;

	begin(&w);
	w.dear->open_failures = 1;
	w.dear->probe_after = 0;
	probe_link(&w.h.qmgr, w.dear, clock_monotonic());
	ck_assert_int_eq(w.dear->state, LINK_IDLE);
	w.cheap->probe_after = 0;
	schedule_event(&w.h.qmgr, w.cheap, LINK_EV_CLOSE);
	probe_link(&w.h.qmgr, w.cheap, clock_monotonic());
	ck_assert_int_eq(w.cheap->state, LINK_CLOSED);
	schedule_event(&w.h.qmgr, w.cheap, LINK_EV_OPEN);
	schedule_event(&w.h.qmgr, w.dear, LINK_EV_DISABLE);
	probe_link(&w.h.qmgr, w.cheap, clock_monotonic());
	ck_assert_int_eq(w.cheap->state, LINK_IDLE);
	end(&w);
}
END_TEST

/* ask - ask about the cheap link, as a tool */
static void
ask(struct ways *w, const char *command)
{
	struct slice arguments[] = {slice_of_string("cheap")};
	struct ipc_record record = {.type = IPC_REQUEST};
	struct remote tool;

	record.request.command = slice_of_string(command);
	record.request.arguments = arguments;
	record.request.argument_count = 1;
	remote_connect_as(&w->h, &tool, IPC_ROLE_TOOL, "x4ctl");
	remote_send(&tool, &record);
	remote_expect(&tool, IPC_DONE, &record);
	ck_assert_int_eq(record.done.status, 0);
	remote_close(&tool);
}

/* call - bind as the peer */
static void
call(struct ways *w)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	struct remote in;

	remote_connect_as(&w->h, &in, IPC_ROLE_X400IN, "1");
	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string("MTA-cheap");
	record.bind_check.password = slice_of_string("p");
	record.bind_check.address = slice_of_string("127.0.0.1");
	remote_send(&in, &record);
	remote_expect(&in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	remote_event(&in, IPC_LINK_BOUND, "");
	harness_steps(&w->h, 5);
	remote_close(&in);
}

/* give_sign - show in one of the ways that the peer is there */
static void
give_sign(struct ways *w, int which)
{
	switch (which) {
	case 0:
		call(w);
		break;
	case 1:
		ask(w, "retry");
		break;
	default:
		ask(w, "reached");
		break;
	}
}

/* A peer that binds, x4ctl retry and x4ping have the failures forgotten,
 * whether the link is idle or waits. */
START_TEST(signs_of_life)
{
	struct ways w;

	begin(&w);
	give_sign(&w, _i);
	ck_assert_uint_eq(w.cheap->open_failures, 0);
	ck_assert_str_eq(next(&w), "cheap");
	end(&w);

	begin(&w);
	w.cheap->probe_after = 0;
	probe_link(&w.h.qmgr, w.cheap, clock_monotonic());
	fail_open(&w);
	ck_assert_int_eq(w.cheap->state, LINK_WAITING);
	give_sign(&w, _i);
	ck_assert_int_eq(w.cheap->state, LINK_CONNECTING);
	ck_assert_str_eq(next(&w), "cheap");
	end(&w);
}
END_TEST

/* While something is queued for it the failures count its retries: a peer that
 * calls and cannot be called does not have them begin again. */
START_TEST(retries_are_counted)
{
	struct remote tool;
	struct ways w;

	begin(&w);
	w.cheap->open_failures = 0;
	remote_connect_as(&w.h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&w.h, &tool, TO_BOTH);
	fail_open(&w);
	ck_assert_uint_eq(w.cheap->open_failures, 1);
	call(&w);
	ck_assert_int_eq(w.cheap->state, LINK_CONNECTING);
	ck_assert_uint_eq(w.cheap->open_failures, 1);
	remote_close(&tool);
	end(&w);
}
END_TEST

TEST_MAIN("qmgr/probe", TEST(idle_is_probed); TEST(others_are_not);
	  TEST_LOOP(signs_of_life, 3); TEST(retries_are_counted))
