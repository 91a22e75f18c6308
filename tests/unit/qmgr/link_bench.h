/* SPDX-License-Identifier: ISC */
/*
 * link_bench.h - a queue manager and one link of it, whose workers are the
 * test's
 */
#ifndef FOURPOST_TESTS_QMGR_LINK_BENCH_H
#define FOURPOST_TESTS_QMGR_LINK_BENCH_H

#include "tests/unit/qmgr/harness.h"

/* A queue manager, one tool, one link, and where its workers connect. */
struct bench {
	struct harness h;
	struct remote tool;
	struct link *link;
	const char *name; /* of the link */
	int listener;
};

/* bench_init - fresh, for a link of the configuration */
static inline void
bench_init(struct bench *b, const char *name)
{
	char service[64];

	harness_init(&b->h);
	b->name = name;
	b->link = harness_link(&b->h, name);
	snprintf(service, sizeof(service), "x400out.%s", name);
	b->listener = service_listen(&b->h, service);
	client_open(&b->h, &b->tool, IPC_ROLE_TOOL, "x4send");
}

/* bench_fini - end it, and remove the queue */
static inline void
bench_fini(struct bench *b)
{
	remote_close(&b->tool);
	close(b->listener);
	harness_fini(&b->h);
}

/* bench_reopen - the queue manager ends and another begins */
static inline void
bench_reopen(struct bench *b)
{
	remote_close(&b->tool);
	harness_close(&b->h);
	harness_open(&b->h);
	b->link = harness_link(&b->h, b->name);
	client_open(&b->h, &b->tool, IPC_ROLE_TOOL, "x4send");
}

/* bench_submit - a small message to that address; its queue id */
static inline uint64_t
bench_submit(struct bench *b, const char *to)
{
	return submit_to(&b->h, &b->tool, to);
}

/* bench_accept - a worker that qmgr has connected to, and that is to open */
static inline void
bench_accept(struct bench *b, struct remote *r)
{
	remote_wait_for(&b->h, b->listener, r);
	remote_greet(r, IPC_ROLE_X400OUT, b->name);
}

/* bench_open - a worker whose association is open */
static inline void
bench_open(struct bench *b, struct remote *r)
{
	bench_accept(b, r);
	remote_event(r, IPC_LINK_BOUND, "");
}

/* bench_open_by - the same, and its association has these references */
static inline void
bench_open_by(struct bench *b, struct remote *r, const char *additional)
{
	bench_accept(b, r);
	remote_bound(r, IPC_LINK_BOUND, "", additional);
}

/* bench_fail - a worker that cannot open */
static inline void
bench_fail(struct bench *b, struct remote *r)
{
	bench_accept(b, r);
	remote_event(r, IPC_LINK_FAILED, "connection refused");
	harness_turns(&b->h, 10);
	remote_close(r);
}

/* bench_drain - until all that was submitted has left */
static inline void
bench_drain(struct bench *b)
{
	while (queued(&b->h) > 0)
		harness_turn(&b->h);
}

/* bench_outlive - its associations have been idle for their lifetime */
static inline void
bench_outlive(struct bench *b)
{
	assoc_tick(&b->h.qmgr, b->link,
	    clock_monotonic() + b->link->policy.association_lifetime + 1000);
}

#endif
