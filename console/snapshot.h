/* SPDX-License-Identifier: ISC */
/*
 * snapshot.h - what is known of the suite, asked for at most once a second
 *
 * However many look, qmgr and master are asked once: who wants a newer one
 * waits until it is complete.  A server that does not answer leaves out what it
 * knows, and is itself a problem.
 */
#ifndef FOURPOST_CONSOLE_SNAPSHOT_H
#define FOURPOST_CONSOLE_SNAPSHOT_H

#include <sys/queue.h>

#include "base/buffer.h"
#include "console/ask.h"
#include "console/history.h"
#include "console/past.h"
#include "console/samples.h"
#include "ipc/problem.h"

/* The parts that are asked for. */
enum snapshot_part {
	SNAPSHOT_MASTER_PROBLEMS,
	SNAPSHOT_QMGR_PROBLEMS,
	SNAPSHOT_WORKERS,
	SNAPSHOT_LINKS,
	SNAPSHOT_SUMMARY,
	SNAPSHOT_DELAYS,
	SNAPSHOT_PARTS
};

struct snapshot_problem {
	enum problem_weight weight;
	int64_t since;
	size_t start, end; /* of its JSON */
};

#define SNAPSHOT_DELAYS_MAX 48

/* How many messages took no longer than a time. */
struct snapshot_delay {
	char stage[16];
	int64_t below; /* ms; 0: all */
	int64_t count, total;
};

/* A look at the suite. */
struct snapshot_look {
	int64_t time; /* ms since 1970; 0: there was none */
	struct buffer rows[SNAPSHOT_PARTS]; /* JSON objects and commas */
	struct snapshot_problem *problems;  /* owned; the heaviest first */
	size_t problem_count;
	struct samples links;
	int64_t workers, restarts;
	struct snapshot_delay delays[SNAPSHOT_DELAYS_MAX];
	size_t delay_count;
	bool onward;	 /* there is a database of many machines */
	int64_t waiting; /* pages that are not there yet */
	char failed[3]
		   [ASK_TEXT_MAX]; /* by server: why not; empty: it answers */
};

struct snapshot_waiter {
	TAILQ_ENTRY(snapshot_waiter) entry;
	void (*ready)(void *arg);
	void *arg;
};

struct snapshot;

/* A part that is asked for. */
struct snapshot_question {
	struct snapshot *snapshot;
	enum snapshot_part part;
};

struct snapshot {
	struct asker *asker;
	const char *mta; /* our name; borrowed */
	struct snapshot_look looks[2];
	unsigned current; /* of looks; the other is being made */
	unsigned missing; /* parts that are not answered yet */
	uint64_t made;	  /* monotonic ms; 0: never */
	struct snapshot_question questions[SNAPSHOT_PARTS];
	TAILQ_HEAD(, snapshot_waiter) waiters;
	struct history history;
	struct past past;
};

/* snapshot_init - begin with nothing known */
void
snapshot_init(struct snapshot *snapshot, struct asker *asker, const char *mta);

/* snapshot_fini - give back the memory; nobody may wait */
void snapshot_fini(struct snapshot *snapshot);

/* snapshot_fresh - get what is known, if it is not older than a second; or
 * NULL */
const struct snapshot_look *snapshot_fresh(const struct snapshot *snapshot);

/* snapshot_get - get what is known, however old */
const struct snapshot_look *snapshot_get(const struct snapshot *snapshot);

/* snapshot_wait - call a waiter once when the next look is complete, and see
 * that one is made */
void snapshot_wait(struct snapshot *snapshot, struct snapshot_waiter *waiter);

/* snapshot_leave - wait no more */
void snapshot_leave(struct snapshot *snapshot, struct snapshot_waiter *waiter);

/* snapshot_tick - make a look each minute, for the history, and ask for what
 * passed before; returns when it is to be called again (monotonic ms) */
uint64_t snapshot_tick(struct snapshot *snapshot);

/* snapshot_json - append a look as one JSON object */
int snapshot_json(const struct snapshot *snapshot,
    const struct snapshot_look *look, struct buffer *out) WARN_UNUSED;

#endif
