/* SPDX-License-Identifier: ISC */
/*
 * child.h - the life of a worker as master sees it: states and events
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

/* A worker's last state tells what it did before it ended:
 * CHILD_KILLED was told to go and did not, CHILD_KILLED_LATE was stuck. */
enum child_state {
	CHILD_STARTING,	   /* a qmgr that is not yet open for business */
	CHILD_IDLE,	   /* waits for a connection, also when just started */
	CHILD_BUSY,	   /* works, for a caller who has not said who it is */
	CHILD_BOUND,	   /* works for a caller who is known */
	CHILD_LEAVING,	   /* said that it ends in an orderly way */
	CHILD_RETIRING,	   /* was told to go (SIGTERM) */
	CHILD_ABORTED,	   /* showed no progress (SIGABRT) */
	CHILD_KILLED,	   /* SIGKILL after CHILD_RETIRING: counts as gone */
	CHILD_KILLED_LATE, /* SIGKILL after CHILD_ABORTED: likewise */
	CHILD_STATES
};

enum child_event {
	CHILD_SAYS_READY,
	CHILD_SAYS_IDLE,
	CHILD_SAYS_BUSY,
	CHILD_SAYS_BOUND,
	CHILD_SAYS_EXIT,
	CHILD_TOLD_TO_GO,
	CHILD_LATE,	 /* no tick for too long */
	CHILD_GRACE_OVER /* did not go in the time that it had */
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
	uint64_t disk_since;  /* as its slot says: it waits for the disk */
	uint64_t disk_tick;   /* in master's ticks: when that was seen first */
	uint64_t grace_until; /* likewise; UINT64_MAX: none */
	uint64_t started;     /* monotonic ms */
	uint64_t busy_since;  /* likewise; 0: never was busy */
	int64_t since;	      /* wall-clock ms */
};

TAILQ_HEAD(child_list, child);

/*
 * child_event - take an event: change the state, act, tell the hooks
 *
 * An event that means nothing in the present state changes nothing.
 */
void child_event(struct child *child, enum child_event event);

/* child_state_name - return "idle" and the like, for status */
const char *child_state_name(enum child_state state);

/* child_listen - take the letters that come on the status socket.  ERR_NOMEM */
int child_listen(struct child *child) WARN_UNUSED;

/* child_drain - take all letters that are there */
void child_drain(struct child *child);

/* child_find_pid, child_find_name - find the worker of that pid or name, or
 * NULL.  Killed workers have no name any more; one that was told to go is found
 * only where nobody has taken its place */
struct child *child_find_pid(struct master *master, pid_t pid);
struct child *child_find_name(struct master *master, const char *name);

/* child_is_killed - tell whether a worker counts as gone already */
bool child_is_killed(const struct child *child);

/* child_is_late - tell whether the watchdog ended a worker */
bool child_is_late(const struct child *child);

/* child_disk_ticks - count the ticks for which a worker has waited for the disk
 * in one go */
uint64_t child_disk_ticks(const struct child *child);

/* child_is_told - tell whether a worker ends because master said so */
bool child_is_told(const struct child *child);

/* child_free - give back the slot, the status socket and the memory of a
 * worker that is in no list */
void child_free(struct master *master, struct child *child);

/* child_abandon - forget the workers of a service, whatever they do */
void child_abandon(struct service *service);

#endif
