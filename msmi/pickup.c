/* SPDX-License-Identifier: ISC */
/*
 * pickup.c - msmi-in, the worker that takes the files of a postoffice
 *
 * See fourpost-msmi(8).  One a postoffice, as long as the suite runs.  When
 * qmgr goes away it ends; master starts it again, and what was not answered is
 * found in P1 by the next one.
 */
#include <sys/inotify.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/pickup.h"

#define CONNECT_TIMEOUT 60000 /* ms for qmgr to be there */
#define EXIT_FAILED	1
#define CULPRIT_WHY	"the interchange crashed or hung while it read this file"

/* Events by which a file is known to be there and whole. */
#define WATCHED (IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR)

/* connect_qmgr - connect to qmgr, or end */
static void
connect_qmgr(struct pickup *pickup)
{
	struct worker *worker = &pickup->msmi.worker;
	struct diag diag = {0};
	int error;

	error = worker_qmgr(worker, &pickup->msmi.qmgr, IPC_ROLE_MSMI_IN,
	    clock_after(CONNECT_TIMEOUT));
	if (error == 0)
		error = msmi_settings(&pickup->msmi, &diag);
	if (error != 0)
		worker_without_qmgr(worker, error, &diag);
}

/* note_unreached - tell qmgr what keeps the files from being taken; stage NULL:
 * nothing does */
static void
note_unreached(
    struct pickup *pickup, const char *stage, const struct diag *diag)
{
	bool map = stage != NULL && strcmp(stage, "directory") == 0;
	char text[PICKUP_WHY_MAX] = "";

	if (map)
		(void)snprintf(text, sizeof(text), "%s; no file is taken",
		    diag_text(diag));
	pickup_state_trouble(pickup, PICKUP_TROUBLE_MAP, text);
	pickup_state_trouble(pickup, PICKUP_TROUBLE_UNREAD,
	    stage == NULL || map ? "" : diag_text(diag));
	if (stage != NULL)
		pickup_state_tell(pickup);
}

/* rest - wait for the interval; false: the worker is to end */
static bool
rest(struct pickup *pickup)
{
	uint64_t until = clock_after(PICKUP_INTERVAL);

	while (!pickup->gone && !pickup->msmi.worker.stopping &&
	    clock_remaining(until) > 0)
		(void)!pickup_wait(pickup, PICKUP_WAIT_QMGR, until);
	return !pickup->gone && !pickup->msmi.worker.stopping;
}

/* reach_postoffice - open map and postoffice; log once when they are not
 * there */
static void
reach_postoffice(struct pickup *pickup)
{
	const char *stage = "";
	bool said = false;

	for (;;) {
		struct diag diag = {0};

		if (msmi_reach(&pickup->msmi, &stage, &diag) == 0) {
			note_unreached(pickup, NULL, NULL);
			return;
		}
		note_unreached(pickup, stage, &diag);
		if (!said)
			LOG_EVENT(EVENT_NOT_OPENED,
			    LOG_STRING("postoffice", pickup->msmi.msmail->name),
			    LOG_STRING("stage", stage),
			    LOG_STRING("reason", diag_text(&diag)));
		/* The reason is said once, as a share that is away may stay
		 * away for a weekend. */
		said = true;
		/* A qmgr that is gone has to be told again, by a worker that
		 * knows the next one. */
		if (!rest(pickup))
			worker_exit(&pickup->msmi.worker, 0);
	}
}

/* watch_files - have the kernel tell of files; else the interval finds them */
static void
watch_files(struct pickup *pickup)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s",
	    pickup->msmi.postoffice.path, postoffice_name(PO_P1));
	if (pickup->inotify != -1)
		close(pickup->inotify);
	pickup->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	/* Without inotify, as on a file system of the network, the scan at each
	 * interval finds the files as well, only later. */
	if (pickup->inotify != -1 &&
	    inotify_add_watch(pickup->inotify, path, WATCHED) == -1) {
		close(pickup->inotify);
		pickup->inotify = -1;
	}
}

/*
 * drain_inotify - read what inotify told, and decide when to scan
 *
 * A file that was moved here is whole; one that was written is looked at soon,
 * and read when it has not changed since.
 */
static void
drain_inotify(struct pickup *pickup)
{
	_Alignas(struct inotify_event) char events[4096];
	uint64_t soon = clock_after(PICKUP_SETTLE);
	ssize_t len;

	/* Events say that something changed, not what must be done: the scan
	 * decides, so that a lost event costs time alone. */
	while (pickup->inotify != -1 &&
	    (len = read(pickup->inotify, events, sizeof(events))) > 0) {
		for (ssize_t at = 0; at < len;) {
			struct inotify_event event;

			memcpy(&event, events + at, sizeof(event));
			/* Events that overflowed may have told of a file that
			 * was moved here: so the scan comes at once. */
			if ((event.mask & (IN_MOVED_TO | IN_Q_OVERFLOW)) != 0)
				soon = 0;
			if ((event.mask & IN_MOVED_TO) != 0 && event.len > 0)
				pickup_moved(
				    pickup, events + at + sizeof(event));
			at += (ssize_t)(sizeof(event) + event.len);
		}
		/* A pause that qmgr asked for is not cut short by new files. */
		if (pickup->backoff == 0 && pickup->next_scan > soon)
			pickup->next_scan = soon;
	}
}

/* set_culprit_aside - set the file aside on which the last worker ended */
static void
set_culprit_aside(struct pickup *pickup)
{
	const char *name = pickup->msmi.worker.culprit;
	struct pickup_submission *s = pickup_free(pickup);
	char why[PICKUP_WHY_MAX], aside[PICKUP_NAME_MAX];
	struct stat st;
	int fd, error;

	/* The name stood in memory that the worker that crashed could write: it
	 * must not lead out of P1. */
	if (*name == '\0' || strchr(name, '/') != NULL || pickup_ignored(name))
		return;
	error = pickup_open(pickup, name, &fd, &s->file, &st, why);
	/* The file was removed after all, or its sender took it back. */
	if (error == ERR_NOTFOUND)
		return;
	if (error == 0)
		close(fd);
	/* Out of the way first: to read its sender may end us too. */
	if (pickup_set_aside(pickup, &s->file, CULPRIT_WHY,
		error == 0 ? PICKUP_TO_BE_TOLD : PICKUP_NOT_TOLD, aside) &&
	    error == 0)
		pickup_report_culprit(pickup, s, aside, CULPRIT_WHY);
}

/* is_waiting - tell whether any submission awaits its answer */
static bool
is_waiting(const struct pickup *pickup)
{
	for (size_t i = 0; i < LIMITS_FILES; i++) {
		if (pickup->submissions[i].busy)
			return true;
	}
	return false;
}

/*
 * reopen - tell whether the directories are there; open them if they were
 * moved, or mounted again
 */
static bool
reopen(struct pickup *pickup)
{
	struct postoffice *po = &pickup->msmi.postoffice;
	char path[sizeof(po->path)];
	struct postoffice again;
	struct diag diag = {0};

	if (postoffice_intact(po))
		return true;
	/* Files that were taken from the old place are removed there. */
	while (is_waiting(pickup) && !pickup->gone &&
	    !pickup->msmi.worker.stopping) {
		(void)!pickup_wait(
		    pickup, PICKUP_WAIT_QMGR, clock_after(PICKUP_INTERVAL));
		pickup_settle(pickup);
	}
	(void)strlcpy(path, po->path, sizeof(path));
	if (postoffice_open(&again, path, &diag) < 0) {
		if (!pickup->unreachable)
			LOG_EVENT(EVENT_NOT_OPENED,
			    LOG_STRING("postoffice", pickup->msmi.msmail->name),
			    LOG_STRING("stage", "postoffice"),
			    LOG_STRING("reason", diag_text(&diag)));
		pickup->unreachable = true;
		pickup_state_trouble(
		    pickup, PICKUP_TROUBLE_UNREAD, diag_text(&diag));
		return false;
	}
	/* The old directory stays open until all its files are settled. */
	postoffice_close(po);
	*po = again;
	pickup->unreachable = false;
	pickup_state_trouble(pickup, PICKUP_TROUBLE_UNREAD, "");
	watch_files(pickup);
	LOG_EVENT(EVENT_MSMI_SESSION,
	    LOG_STRING("postoffice", pickup->msmi.msmail->name),
	    LOG_STRING("path", pickup->msmi.msmail->postoffice),
	    LOG_INT("mailboxes", pickup->msmi.map.count));
	return true;
}

/* serve_postoffice - scan, wait, settle, until told to stop */
static void
serve_postoffice(struct pickup *pickup)
{
	while (!pickup->gone && !pickup->msmi.worker.stopping) {
		if (clock_remaining(pickup->next_scan) == 0) {
			/* The time is set before the scan, so that an event
			 * during the scan asks for another one. */
			pickup->next_scan = clock_after(PICKUP_INTERVAL);
			if (msmi_map_again(&pickup->msmi) == ERR_CLOSED)
				break;
			pickup_state_trouble(pickup, PICKUP_TROUBLE_MAP,
			    pickup->msmi.map_trouble);
			if (reopen(pickup))
				pickup_scan(pickup);
		}
		pickup_state_tell(pickup);
		if (pickup_wait(pickup, PICKUP_WAIT_FILES,
			pickup_state_next(pickup)) == ERR_CLOSED)
			break;
		pickup_settle(pickup);
		drain_inotify(pickup);
	}
	/* Answers come soon, and files must be removed before we end. */
	for (uint64_t limit = clock_after(LIMITS_STOP_ANSWERS);
	     is_waiting(pickup) && !pickup->gone &&
	     clock_remaining(limit) > 0;) {
		(void)!pickup_wait(pickup, PICKUP_WAIT_QMGR, limit);
		pickup_settle(pickup);
	}
	if (!pickup->gone)
		(void)!worker_flush(&pickup->msmi.worker, &pickup->msmi.qmgr,
		    clock_after(LIMITS_STOP_ANSWERS));
}

/* msmi_in - pick up files until told to stop */
void
msmi_in(struct worker *worker)
{
	static struct pickup pickup;

	pickup.msmi.worker = *worker;
	pickup.msmi.map_fd = -1;
	map_init(&pickup.msmi.map);
	postoffice_init(&pickup.msmi.postoffice);
	if (pickup_init(&pickup) < 0)
		fatal(EXIT_FAILED, "no memory");
	connect_qmgr(&pickup);
	reach_postoffice(&pickup);
	msmi_confine(&pickup.msmi);
	watch_files(&pickup);
	/* The file that ended the last worker goes before any scan, which would
	 * read it again. */
	set_culprit_aside(&pickup);
	worker_ready(&pickup.msmi.worker);
	LOG_EVENT(EVENT_MSMI_SESSION,
	    LOG_STRING("postoffice", pickup.msmi.msmail->name),
	    LOG_STRING("path", pickup.msmi.msmail->postoffice),
	    LOG_INT("mailboxes", pickup.msmi.map.count));
	serve_postoffice(&pickup);
	pickup_fini(&pickup);
	worker_exit(&pickup.msmi.worker, 0);
}
