/* SPDX-License-Identifier: ISC */
/*
 * child.c - the life of a worker as master sees it: states and events
 */
#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/service.h"
#include "master/watchdog.h"
#include "worker/status.h"

enum action {
	NOTHING,
	NOTE_CALL,
	SEND_TERM,
	SEND_ABRT,
	SEND_KILL
};

#define IN(state) (1U << (state))
#define ALIVE                                                   \
	(IN(CHILD_STARTING) | IN(CHILD_IDLE) | IN(CHILD_BUSY) | \
	    IN(CHILD_BOUND) | IN(CHILD_LEAVING))
#define WORKING (IN(CHILD_BUSY) | IN(CHILD_BOUND))

/* The transitions: an event, its states, the next, and the action; in all
 * others it changes nothing.  A worker that was told to go, or found late,
 * cannot talk its way back: whatever it says then is not in the table.  A qmgr
 * that ends before it was ready stays CHILD_STARTING, for that is what has to
 * be known of its end. */
static const struct {
	unsigned in; /* states */
	enum child_event event;
	enum child_state next;
	enum action action;
} transitions[] = {
    {IN(CHILD_STARTING), CHILD_SAYS_READY, CHILD_IDLE, NOTHING},
    {IN(CHILD_IDLE), CHILD_SAYS_BUSY, CHILD_BUSY, NOTE_CALL},
    {IN(CHILD_BUSY), CHILD_SAYS_BOUND, CHILD_BOUND, NOTHING},
    {WORKING, CHILD_SAYS_IDLE, CHILD_IDLE, NOTHING},
    {ALIVE & ~IN(CHILD_STARTING), CHILD_SAYS_EXIT, CHILD_LEAVING, NOTHING},
    {ALIVE, CHILD_TOLD_TO_GO, CHILD_RETIRING, SEND_TERM},
    {ALIVE | IN(CHILD_RETIRING), CHILD_LATE, CHILD_ABORTED, SEND_ABRT},
    {IN(CHILD_RETIRING) | IN(CHILD_KILLED), CHILD_GRACE_OVER, CHILD_KILLED,
	SEND_KILL},
    {IN(CHILD_ABORTED) | IN(CHILD_KILLED_LATE), CHILD_GRACE_OVER,
	CHILD_KILLED_LATE, SEND_KILL},
};

/* child_state_name - return "idle" and the like, for status */
const char *
child_state_name(enum child_state state)
{
	static const char *const names[CHILD_STATES] = {
	    [CHILD_STARTING] = "starting",
	    [CHILD_IDLE] = "idle",
	    [CHILD_BUSY] = "busy",
	    [CHILD_BOUND] = "busy",
	    [CHILD_LEAVING] = "stopping",
	    [CHILD_RETIRING] = "stopping",
	    [CHILD_ABORTED] = "aborted",
	    [CHILD_KILLED] = "killed",
	    [CHILD_KILLED_LATE] = "killed",
	};

	return (unsigned)state < CHILD_STATES ? names[state] : "unknown";
}

/* child_is_killed - tell whether a worker counts as gone already */
bool
child_is_killed(const struct child *child)
{
	return child->state == CHILD_KILLED ||
	    child->state == CHILD_KILLED_LATE;
}

/* child_disk_ticks - count the ticks of a wait for the disk */
uint64_t
child_disk_ticks(const struct child *child)
{
	return child->disk_since == 0
	    ? 0
	    : child->service->master->ticks - child->disk_tick;
}

/* child_is_late - tell whether the watchdog ended a worker */
bool
child_is_late(const struct child *child)
{
	return child->state == CHILD_ABORTED ||
	    child->state == CHILD_KILLED_LATE;
}

/* child_is_told - tell whether a worker ends because master said so */
bool
child_is_told(const struct child *child)
{
	return child->state == CHILD_RETIRING || child->state == CHILD_KILLED;
}

/* act - do what a transition asks for */
static void
act(struct child *child, enum action action)
{
	struct master *master = child->service->master;

	switch (action) {
	case NOTHING:
		break;
	case NOTE_CALL:
		/* Time that a call may take is counted from here, and also
		 * tells later that the worker took a connection at all. */
		child->busy_since = clock_monotonic();
		break;
	case SEND_TERM:
		(void)kill(child->pid, SIGTERM);
		break;
	case SEND_ABRT:
		/* SIGABRT comes before SIGKILL because it leaves a core, which
		 * shows where the worker hung; a worker that cannot even die of
		 * it is killed when this grace is over. */
		child->grace_until = master->ticks + WATCHDOG_ABRT_GRACE;
		LOG_EVENT(EVENT_NO_PROGRESS, LOG_STRING("worker", child->name),
		    LOG_INT("worker_pid", child->pid));
		(void)kill(child->pid, SIGABRT);
		break;
	case SEND_KILL:
		/* A process that is stuck in the kernel may never end; it is
		 * replaced all the same, and not killed every second. */
		child->grace_until = UINT64_MAX;
		(void)kill(child->pid, SIGKILL);
		break;
	}
}

/* child_event - take an event: change the state, act, tell the hooks */
void
child_event(struct child *child, enum child_event event)
{
	const struct service_hooks *hooks = child->service->master->hooks;
	enum child_state before = child->state;

	for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]);
	     i++) {
		if (transitions[i].event != event ||
		    (transitions[i].in & IN(before)) == 0)
			continue;
		child->state = transitions[i].next;
		act(child, transitions[i].action);
		break;
	}
	/* Only a true change is told: the hooks may start a worker, and a
	 * letter said twice must not start two. */
	if (child->state != before)
		hooks->changed(child);
}

/* take_letter - turn what a worker says into an event */
static void
take_letter(struct child *child, char letter)
{
	const struct service_hooks *hooks = child->service->master->hooks;

	switch (letter) {
	case WORKER_STATUS_IDLE:
		child_event(child, CHILD_SAYS_IDLE);
		break;
	case WORKER_STATUS_BUSY:
		child_event(child, CHILD_SAYS_BUSY);
		/* The hook comes after the change of state, so that it counts
		 * this worker as busy when it looks for room. */
		hooks->called(child);
		break;
	case WORKER_STATUS_BOUND:
		child_event(child, CHILD_SAYS_BOUND);
		break;
	case WORKER_STATUS_READY:
		child_event(child, CHILD_SAYS_READY);
		hooks->ready(child);
		break;
	case WORKER_STATUS_EXIT:
		child_event(child, CHILD_SAYS_EXIT);
		break;
	default: /* a tick, or rubbish: the worker lives */
		break;
	}
}

/* child_drain - take all letters that are there */
void
child_drain(struct child *child)
{
	char letters[256];
	ssize_t i, n;

	for (;;) {
		n = recv(
		    child->status_fd, letters, sizeof(letters), MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		/* Every letter proves progress, whatever it says; the tick is
		 * the letter of a worker that has nothing else to say. */
		child->last_tick = child->service->master->ticks;
		for (i = 0; i < n; i++)
			take_letter(child, letters[i]);
	}
	/* A closed socket is always readable.  Nothing is concluded from it:
	 * SIGCHLD tells of an end, and the watchdog of a worker without. */
	if (n == 0 && child->status_event != NULL)
		(void)event_del(child->status_event);
}

/* on_status - take the letters that came */
static void
on_status(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	child_drain(arg);
}

/* child_listen - take the letters that come on the status socket */
int
child_listen(struct child *child)
{
	child->status_event = event_new(child->service->master->base,
	    child->status_fd, EV_READ | EV_PERSIST, on_status, child);
	if (child->status_event == NULL ||
	    event_add(child->status_event, NULL) != 0)
		return ERR_NOMEM;
	return 0;
}

/* child_find_pid - find the worker of that pid, or NULL */
struct child *
child_find_pid(struct master *master, pid_t pid)
{
	struct service *service;
	struct child *child;

	TAILQ_FOREACH(service, &master->services, link) {
		TAILQ_FOREACH(child, &service->children, link) {
			if (child->pid == pid)
				return child;
		}
	}
	return NULL;
}

/* child_find_name - find the worker of that name, or NULL */
struct child *
child_find_name(struct master *master, const char *name)
{
	struct service *service;
	struct child *child, *leaving = NULL;

	TAILQ_FOREACH(service, &master->services, link) {
		TAILQ_FOREACH(child, &service->children, link) {
			if (child_is_killed(child) ||
			    strcmp(child->name, name) != 0)
				continue;
			/* A worker told to go may share its name with the one
			 * that replaced it: the name means the new one while
			 * there is one. */
			if (child->state != CHILD_RETIRING)
				return child;
			leaving = child;
		}
	}
	return leaving;
}

/* child_free - give back what a worker had */
void
child_free(struct master *master, struct child *child)
{

	if (child->status_event != NULL)
		event_free(child->status_event);
	if (child->status_fd >= 0)
		(void)close(child->status_fd);
	if (child->slot != NULL)
		place_slot_return(
		    &master->place, child->slot_number, child->slot);
	free(child);
}

/* child_abandon - forget the workers of a service, whatever they do */
void
child_abandon(struct service *service)
{
	struct child *child;

	while ((child = TAILQ_FIRST(&service->children)) != NULL) {
		TAILQ_REMOVE(&service->children, child, link);
		child_free(service->master, child);
	}
}
