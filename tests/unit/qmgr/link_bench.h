/* SPDX-License-Identifier: ISC */
/*
 * link_bench.h - a queue manager and one link of it, whose workers are the
 * test's
 */
#ifndef FOURPOST_TESTS_QMGR_LINK_BENCH_H
#define FOURPOST_TESTS_QMGR_LINK_BENCH_H

#include "tests/unit/qmgr/remote.h"

/* A queue manager, one tool, one link, and where its workers connect. */
struct bench {
	struct harness h;
	struct remote tool;
	struct link *link;
	const char *name; /* of the link */
	int listener;
};

/* bench_init - make a queue manager, for a link of the configuration */
void bench_init(struct bench *b, const char *name);

/* bench_fini - end it, and remove the queue */
void bench_fini(struct bench *b);

/* bench_reopen - end the queue manager and begin another */
void bench_reopen(struct bench *b);

/* bench_submit - submit a small message to that address; its queue id */
uint64_t bench_submit(struct bench *b, const char *to);

/* bench_ask - ask for a change as its tool, which must be done: the command and
 * its argument */
void bench_ask(struct bench *b, const char *command, const char *argument);

/* bench_ask_id - likewise, the argument being a queue id */
void bench_ask_id(struct bench *b, const char *command, uint64_t id);

/* bench_accept - become a worker that qmgr has connected to, and that is to
 * open */
void bench_accept(struct bench *b, struct remote *r);

/* bench_open - become a worker whose association is open */
void bench_open(struct bench *b, struct remote *r);

/* bench_open_by - become one whose association has these references */
void bench_open_by(struct bench *b, struct remote *r, const char *additional);

/* bench_fail - become a worker that cannot open, and leave */
void bench_fail(struct bench *b, struct remote *r);

/* bench_drain - turn the loop until all that was submitted has left */
void bench_drain(struct bench *b);

/* bench_outlive - let its associations be idle for their lifetime */
void bench_outlive(struct bench *b);

#endif
