/* SPDX-License-Identifier: ISC */
/*
 * child.h - a worker's life as master sees it
 */
#ifndef FOURPOST_MASTER_CHILD_H
#define FOURPOST_MASTER_CHILD_H

#include <sys/queue.h>
#include <sys/types.h>

#include <event2/event.h>

#include "base/error.h"
#include "worker/slot.h"
#include "worker/worker.h"

struct master;
struct service;

enum child_state {
	CHILD_IDLE,	/* waits for a connection, also when just started */
	CHILD_BUSY,	/* works */
	CHILD_RETIRING, /* was told to go (SIGTERM) */
	CHILD_ABORTED,	/* showed no progress (SIGABRT) */
	CHILD_KILLED,	/* did not go (SIGKILL): counts as gone already */
	CHILD_STATES
};

enum child_event {
	CHILD_SAYS_IDLE,
	CHILD_SAYS_BUSY,
	CHILD_TOLD_TO_GO,
	CHILD_LATE,	  /* no tick for too long */
	CHILD_GRACE_OVER, /* did not go in the time that it had */
	CHILD_EVENTS
};

struct child {
	TAILQ_ENTRY(child) link;
	struct service *service;
	char name[WORKER_NAME_MAX];
	unsigned instance; /* from 1 */
	pid_t pid;
	uint8_t ticket[IPC_TICKET_LEN]; /* for it and qmgr alone */
	int status_fd;			/* owned */
	struct event *status_event;
	unsigned slot_number;
	struct worker_slot *slot;
	enum child_state state;
	uint64_t last_tick;   /* in master's ticks */
	uint64_t grace_until; /* likewise; UINT64_MAX: none */
	uint64_t started;     /* monotonic ms */
	uint64_t busy_since;  /* likewise */
	int64_t since;	      /* wall-clock ms */
	bool ready;	      /* said so */
	bool bound;	      /* its peer is known */
	bool served;	      /* was busy at least once */
	bool wanted;	      /* said that its end is wanted */
	bool told;	      /* was told to go by us */
	bool late;	      /* the watchdog found it */
};

TAILQ_HEAD(child_list, child);

/* child_start - start a worker of a service.  ERR_FULL, ERR_IO, ERR_NOMEM */
int child_start(struct service *service) WARN_UNUSED;

/* child_event - something happened: the state that follows, and its action */
void child_event(struct child *child, enum child_event event);

/* child_state_name - "idle", for status and log */
const char *child_state_name(enum child_state state);

/* child_find - the worker of that pid or name, or NULL; a corpse that was
 * replaced has no name any more */
struct child *child_find_pid(struct master *master, pid_t pid);
struct child *child_find_name(struct master *master, const char *name);

/* child_is_going - whether it no longer counts as there */
bool child_is_going(const struct child *child);

/* child_abandon - forget the workers of a service, whatever they do */
void child_abandon(struct service *service);

/*
 * child_reap - take note of all that have ended
 *
 * qmgr is told of an end before the process is reaped: until then no other can
 * have its pid.  While qmgr does not read, the last that ended stays a zombie.
 */
void child_reap(struct master *master);

#endif
