/* SPDX-License-Identifier: ISC */
/*
 * ended.c - take note of workers that have ended, and do what follows
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/control.h"
#include "master/ended.h"
#include "master/phase.h"
#include "master/supervise.h"
#include "worker/status.h"

#define START_MS   5000 /* an end before that is a failure to start */
#define EARLY_ENDS 3	/* in a row, if they are orderly, are none */

/* is_culprit - tell whether an end speaks against the item at work */
static bool
is_culprit(const struct child *child, int status)
{
	/* A worker that made no progress was killed by us: the signal says
	 * nothing, but the item it held is what it did not get on with. */
	if (child_is_late(child))
		return true;
	/* Two exits are the worker's own word that the item was too much for
	 * it; any other exit speaks of the surroundings, such as a full
	 * disk. */
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == WORKER_EXIT_BUG ||
		    WEXITSTATUS(status) == WORKER_EXIT_MEMORY;
	switch (WTERMSIG(status)) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGABRT:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

/* ended_early - count an orderly end right after the start: tell whether there
 * were too many */
static bool
ended_early(struct child *child)
{
	struct service *service = child->service;
	bool wanted =
	    child->state == CHILD_LEAVING || child->state == CHILD_STARTING;

	/* The connection that woke a worker which never took it would start
	 * the next at once, for ever. */
	if (!service_is_permanent(service))
		return child->busy_since == 0;
	/* Workers end with their qmgr, however often that is killed. */
	if (wanted && child->started < service->master->qmgr.renewed)
		return false;
	/* A worker may depend on another that is just being replaced. */
	return !wanted || ++service->early_ends > EARLY_ENDS;
}

/* failed_to_start - tell whether the next start of its service must wait */
static bool
failed_to_start(struct child *child, int status)
{
	/* A worker that lived that long started well, whatever ended it: only
	 * ends in a row at the start count. */
	if (clock_monotonic() - child->started >= START_MS)
		child->service->early_ends = 0;
	else if (child_is_told(child))
		return false;
	else if (WIFSIGNALED(status) && !child_is_late(child) &&
	    (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM))
		return false; /* somebody killed it, for reasons of his own */
	else if (status != 0)
		return true;
	else
		return ended_early(child);
	return false;
}

/* describe - put an end into words */
static void
describe(const struct child *child, int status, char *text, size_t size)
{
	if (WIFEXITED(status))
		(void)snprintf(
		    text, size, "exit status %d", WEXITSTATUS(status));
	else
		(void)snprintf(text, size, "signal %d (%s)", WTERMSIG(status),
		    sigdescr_np(WTERMSIG(status)) != NULL
			? sigdescr_np(WTERMSIG(status))
			: "unknown");
	if (child_is_late(child))
		(void)strlcat(text, ", no progress", size);
}

/* note_history - keep how an instance ended, for status */
static void
note_history(struct child *child, int status)
{
	struct service_history *history =
	    service_record(child->service, child->instance);

	if (history != NULL && WIFEXITED(status))
		(void)snprintf(history->last_exit, sizeof(history->last_exit),
		    "exit %d", WEXITSTATUS(status));
	else if (history != NULL)
		(void)snprintf(history->last_exit, sizeof(history->last_exit),
		    "signal %d", WTERMSIG(status));
}

/* note_bad_end - keep how a worker ended, for the problems */
static void
note_bad_end(const struct child *child, const char *text)
{
	struct service_end *end = &child->service->bad_end;

	end->time = clock_wall();
	(void)snprintf(
	    end->text, sizeof(end->text), "%.64s: %.120s", child->name, text);
}

/* note_end - keep, log and tell qmgr how a worker ended */
static void
note_end(struct child *child, int status, const char *text)
{
	struct service *service = child->service;
	char file[WORKER_SLOT_FILE];
	bool counted = is_culprit(child, status);
	uint64_t item;

	worker_slot_get(child->slot, &item, file);
	note_history(child, status);
	/* An end that master itself ordered is no event, unless the worker
	 * crashed on the way out. */
	if (status != 0 && !(child_is_told(child) && !counted)) {
		note_bad_end(child, text);
		LOG_EVENT(EVENT_WORKER_ENDED, LOG_STRING("worker", child->name),
		    LOG_INT("worker_pid", child->pid),
		    LOG_STRING("reason", text), LOG_INT("item", item),
		    LOG_STRING("file", file[0] != '\0' ? file : NULL));
	}
	/* The next worker is told of this file and sets it aside; otherwise the
	 * same file would kill each of them. */
	if (service_takes_files(service) && counted && file[0] != '\0')
		(void)strlcpy(service->culprit, file, sizeof(service->culprit));
	/* qmgr knows nothing of these. */
	if (service->kind == SERVICE_CONSOLE ||
	    service->kind == SERVICE_TRACKING_DATABASE ||
	    service->kind == SERVICE_SEARCH)
		return;
	qmgr_channel_worker_ended(service->master,
	    &(struct ipc_worker_ended){.name = slice_of_string(child->name),
		.pid = child->pid,
		.status =
		    WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
		/* The slot is the worker's to write: if it was taken over, any
		 * number may stand there. */
		.item = item <= INT64_MAX ? item : 0,
		.counted = counted,
		.text = slice_of_string(text)});
}

/* settle_end - settle what a worker that is gone leaves behind */
static void
settle_end(struct child *child, int status)
{
	struct service *service = child->service;
	struct master *master = service->master;
	bool failed, qmgr = service->kind == SERVICE_QMGR;
	char text[128];

	/* The last letters of a worker may still be in the socket. */
	child_drain(child);
	failed = failed_to_start(child, status);
	describe(child, status, text, sizeof(text));
	/* The worker leaves the list before anybody counts it, so that
	 * supervise() sees the room that it leaves. */
	TAILQ_REMOVE(&service->children, child, link);
	/* The next qmgr is told of the end of this one. */
	if (qmgr && TAILQ_EMPTY(&service->children))
		qmgr_channel_renew(master);
	note_end(child, status, text);
	if (failed)
		supervise_failed(service, text);
	else if (child->busy_since != 0 || !service_is_permanent(service))
		supervise_passed(service);
	/* The state is still CHILD_STARTING because nothing in the table of
	 * child.c moves it: a qmgr that was ready once does not count here. */
	if (failed && qmgr && child->state == CHILD_STARTING)
		phase_not_starting(master, status, text);
	if (service->removed && TAILQ_EMPTY(&service->children))
		service_free(service);
	else
		supervise(service);
	control_worker_ended(master, child);
	child_free(master, child);
	phase_progress(master);
}

/* status_of - put an end as waitpid would */
static int
status_of(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return W_EXITCODE(info->si_status & 0xff, 0);
	return W_EXITCODE(0, info->si_status) |
	    (info->si_code == CLD_DUMPED ? WCOREFLAG : 0);
}

/* reap_last - let go of the process that ended last, once qmgr was told of it:
 * whether the next may be looked for */
static bool
reap_last(struct master *master)
{
	if (master->ended == 0)
		/* qmgr knows a worker by its pid.  The pid stays a zombie, and
		 * cannot be given to another process, until qmgr has read that
		 * this one ended. */
		return true;
	if (!qmgr_channel_is_told(master))
		return false;
	while (waitpid(master->ended, NULL, 0) < 0 && errno == EINTR)
		continue;
	master->ended = 0;
	return true;
}

/* ended_reap - take note of all workers that have ended */
void
ended_reap(struct master *master)
{
	struct child *child;
	siginfo_t info;

	while (reap_last(master)) {
		info.si_pid = 0;
		/* With WNOWAIT the process is only looked at; reap_last() lets
		 * go of it. */
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (info.si_pid == 0)
			break;
		master->ended = info.si_pid;
		child = child_find_pid(master, info.si_pid);
		if (child != NULL)
			settle_end(child, status_of(&info));
		else
			alarm_command_ended(
			    master, info.si_pid, status_of(&info));
	}
}
