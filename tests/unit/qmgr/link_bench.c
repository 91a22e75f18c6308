/* SPDX-License-Identifier: ISC */
/*
 * link_bench.c - a queue manager and one link of it, whose workers are the;
 * see link_bench.h
 */
#include "qmgr/links/assoc_retire.h"
#include "tests/unit/qmgr/link_bench.h"

void
bench_init(struct bench *b, const char *name)
{
	char service[64];

	harness_init(&b->h);
	b->name = name;
	b->link = harness_link(&b->h, name);
	snprintf(service, sizeof(service), "x400out.%s", name);
	b->listener = remote_listen(&b->h, service);
	remote_connect_as(&b->h, &b->tool, IPC_ROLE_TOOL, "x4send");
}

void
bench_fini(struct bench *b)
{
	remote_close(&b->tool);
	close(b->listener);
	harness_fini(&b->h);
}

void
bench_reopen(struct bench *b)
{
	remote_close(&b->tool);
	harness_close(&b->h);
	harness_open(&b->h);
	b->link = harness_link(&b->h, b->name);
	remote_connect_as(&b->h, &b->tool, IPC_ROLE_TOOL, "x4send");
}

uint64_t
bench_submit(struct bench *b, const char *to)
{
	return remote_submit_to(&b->h, &b->tool, to);
}

void
bench_ask(struct bench *b, const char *command, const char *argument)
{
	struct slice text = slice_of_string(argument);
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {.command = slice_of_string(command),
		.arguments = &text,
		.argument_count = 1}};

	remote_send(&b->tool, &record);
	do
		remote_next(&b->tool, &record);
	while (record.type != IPC_DONE);
	ck_assert_int_eq(record.done.status, 0);
}

void
bench_ask_id(struct bench *b, const char *command, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
	bench_ask(b, command, text);
}

void
bench_accept(struct bench *b, struct remote *r)
{
	remote_wait_for(&b->h, b->listener, r);
	remote_greet(r, IPC_ROLE_X400OUT, b->name);
}

void
bench_open(struct bench *b, struct remote *r)
{
	bench_accept(b, r);
	remote_event(r, IPC_LINK_BOUND, "");
}

void
bench_open_by(struct bench *b, struct remote *r, const char *additional)
{
	bench_accept(b, r);
	remote_bound(r, IPC_LINK_BOUND, "", additional);
}

void
bench_fail(struct bench *b, struct remote *r)
{
	bench_accept(b, r);
	remote_event(r, IPC_LINK_FAILED, "connection refused");
	harness_steps(&b->h, 10);
	remote_close(r);
}

void
bench_drain(struct bench *b)
{
	while (harness_queued(&b->h) > 0)
		harness_step(&b->h);
}

void
bench_outlive(struct bench *b)
{
	assoc_tick(&b->h.qmgr, b->link,
	    clock_monotonic() + b->link->policy.association_lifetime + 1000);
}
