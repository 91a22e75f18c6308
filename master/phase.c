/* SPDX-License-Identifier: ISC */
/*
 * phase.c - from the start to the orderly end of the suite
 */
#include <sys/wait.h>

#include <stdio.h>
#include <sysexits.h>

#include "base/log.h"
#include "client/limits.h"
#include "master/notify.h"
#include "master/phase.h"
#include "master/supervise.h"

#define START_TRIES 3 /* of a qmgr that was never ready */
/* Ticks for qmgr to end its last commit. */
#define QMGR_GRACE (LIMITS_STOP_QMGR / MASTER_TICK_MS)

/* qmgr is stopped last, and apart from all others. */
enum part {
	PART_WORKERS,
	PART_QMGR
};

/* phase_name - return the name of a phase, for the log */
static const char *
phase_name(enum master_phase phase)
{
	switch (phase) {
	case MASTER_STARTING:
		return "starting";
	case MASTER_RUNNING:
		return "running";
	case MASTER_STOPPING_WORKERS:
		return "stopping workers";
	case MASTER_STOPPING_QMGR:
		return "stopping qmgr";
	case MASTER_STOPPED:
		return "stopped";
	}
	return "unknown";
}

/* set_phase - enter a phase, here and nowhere else */
static void
set_phase(struct master *master, enum master_phase phase, uint64_t grace)
{
	LOG_EVENT(phase == MASTER_RUNNING ? EVENT_READY
		: phase == MASTER_STOPPED ? EVENT_STOPPED
					  : EVENT_PHASE,
	    LOG_STRING("from", phase_name(master->phase)),
	    LOG_STRING("to", phase_name(phase)));
	master->phase = phase;
	master->phase_deadline = master->ticks + grace;
}

/* tell_started - tell whoever waits for the start how it went, once */
static void
tell_started(struct master *master, int status, const char *text)
{
	/* The pointer is cleared before the call, so that a stop while starting
	 * does not report a second time. */
	void (*started)(struct master *, int, const char *) = master->started;

	master->started = NULL;
	if (started != NULL)
		started(master, status, text);
}

/* phase_child_ready - announce readiness when qmgr is open for business */
void
phase_child_ready(struct child *child)
{
	struct master *master = child->service->master;

	if (child->service->kind != SERVICE_QMGR)
		return;
	master->qmgr.failed_starts = 0;
	if (master->phase != MASTER_STARTING)
		return;
	set_phase(master, MASTER_RUNNING, 0);
	notify_state(NOTIFY_READY);
	tell_started(master, 0, "");
}

/* phase_not_starting - count a qmgr that ended before it was ready */
void
phase_not_starting(struct master *master, int status, const char *reason)
{
	bool refused = WIFEXITED(status) && WEXITSTATUS(status) == EX_CONFIG;
	char text[256];

	/* A queue that qmgr may not open stays so however often it tries. */
	if (master->phase != MASTER_STARTING ||
	    (++master->qmgr.failed_starts < START_TRIES && !refused))
		return;
	(void)snprintf(text, sizeof(text),
	    "qmgr does not start (%s); the log tells why", reason);
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("reason", text));
	/* A start that failed ends master and is not tried for ever: the
	 * service manager and the administrator must see it. */
	master->exit_status = refused ? EX_CONFIG : MASTER_EXIT_FAILED;
	tell_started(master, master->exit_status, text);
	phase_stop(master);
}

/* is_of - tell whether a service is of one part of the suite */
static bool
is_of(const struct service *service, enum part part)
{
	return (service->kind == SERVICE_QMGR) == (part == PART_QMGR);
}

/* has_children - tell whether workers of a part are left.  A killed one is
 * waited for no longer than it takes a process to end that can end */
static bool
has_children(const struct master *master, enum part part)
{
	const struct service *service;
	const struct child *child;

	TAILQ_FOREACH(service, &master->services, link) {
		if (!is_of(service, part))
			continue;
		TAILQ_FOREACH(child, &service->children, link) {
			if (!child_is_killed(child) ||
			    master->ticks <= master->phase_deadline + 1)
				return true;
		}
	}
	return false;
}

/* tell_part - give an event to all workers of a part */
static void
tell_part(struct master *master, enum part part, enum child_event event)
{
	struct service *service;
	struct child *child;

	TAILQ_FOREACH(service, &master->services, link) {
		if (is_of(service, part))
			TAILQ_FOREACH(child, &service->children, link)
				child_event(child, event);
	}
}

/* phase_progress - go on stopping, if we are */
void
phase_progress(struct master *master)
{
	bool late = master->ticks >= master->phase_deadline;

	/* Workers go first, and qmgr only when all are gone: what they still
	 * report is committed, so nothing that was delivered is sent again at
	 * the next start. */
	if (master->phase == MASTER_STOPPING_WORKERS) {
		if (late)
			tell_part(master, PART_WORKERS, CHILD_GRACE_OVER);
		if (!has_children(master, PART_WORKERS)) {
			set_phase(master, MASTER_STOPPING_QMGR, QMGR_GRACE);
			tell_part(master, PART_QMGR, CHILD_TOLD_TO_GO);
			late = false;
		}
	}
	/* No else stands here: with no workers left, the phase above was just
	 * entered, and qmgr may be gone already. */
	if (master->phase == MASTER_STOPPING_QMGR) {
		if (late)
			tell_part(master, PART_QMGR, CHILD_GRACE_OVER);
		if (!has_children(master, PART_QMGR)) {
			set_phase(master, MASTER_STOPPED, 0);
			(void)event_base_loopbreak(master->base);
		}
	}
}

/* phase_stop - begin the orderly end */
void
phase_stop(struct master *master)
{
	struct service *service;

	if (master->phase >= MASTER_STOPPING_WORKERS)
		return;
	notify_state(NOTIFY_STOPPING);
	tell_started(master, MASTER_EXIT_FAILED, "stopped while starting");
	set_phase(master, MASTER_STOPPING_WORKERS, MASTER_STOP_GRACE);
	/* Sockets are no longer watched from here on: a caller that comes now
	 * waits for the next master, or is refused when the socket closes. */
	TAILQ_FOREACH(service, &master->services, link) {
		supervise(service);
	}
	tell_part(master, PART_WORKERS, CHILD_TOLD_TO_GO);
	phase_progress(master);
}
