/* SPDX-License-Identifier: ISC */
/*
 * in.c - msmi-in, the worker that takes the files of a postoffice
 *
 * See fourpost-msmi(8).  One a postoffice, as long as the suite runs.  When
 * qmgr goes away it ends; master starts it again, and what was not answered is
 * found in P1 by the next one.
 */
#include <sys/inotify.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/in.h"

#define CONNECT_TIMEOUT 60000 /* ms for qmgr to be there */
#define REACH_INTERVAL	5000  /* ms between looks for the postoffice */
#define IN_EXIT_FAILURE 1
#define CULPRIT_WHY	"the interchange crashed or hung while it read this file"

/* What tells that a file is there and whole. */
#define WATCHED (IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR)

/* connect_qmgr - until it is there, or we are to stop */
static void
connect_qmgr(struct in *in)
{
	struct worker *worker = &in->msmi.worker;
	struct diag diag = {0};
	int error;

	error = worker_qmgr(worker, &in->msmi.qmgr, IPC_ROLE_MSMI_IN,
	    clock_after(CONNECT_TIMEOUT));
	if (error == 0)
		error = msmi_settings(&in->msmi, &diag);
	if (error == 0)
		return;
	if (!worker->stopping)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason",
			diag.code != 0 ? diag_text(&diag)
				       : error_strerror(error)));
	worker_exit(worker, worker->stopping ? 0 : IN_EXIT_FAILURE);
}

/* reach - map and postoffice; said once when they are not there */
static void
reach(struct in *in)
{
	const char *stage = "";
	bool said = false;

	for (;;) {
		struct diag diag = {0};

		if (msmi_reach(&in->msmi, &stage, &diag) == 0)
			return;
		if (!said)
			LOG_EVENT(EVENT_NOT_OPENED,
			    LOG_STRING("postoffice", in->msmi.msmail->name),
			    LOG_STRING("stage", stage),
			    LOG_STRING("reason", diag_text(&diag)));
		said = true;
		if (worker_sleep(&in->msmi.worker, REACH_INTERVAL) < 0)
			worker_exit(&in->msmi.worker, 0);
	}
}

/* watch - be told of files; without that the interval finds them */
static void
watch(struct in *in)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", in->msmi.postoffice.path,
	    postoffice_name(PO_P1));
	if (in->inotify != -1)
		close(in->inotify);
	in->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (in->inotify != -1 &&
	    inotify_add_watch(in->inotify, path, WATCHED) == -1) {
		close(in->inotify);
		in->inotify = -1;
	}
}

/*
 * drain - what inotify told: when to scan
 *
 * A file that was moved here is whole; one that was written may be once it is
 * old enough.
 */
static void
drain(struct in *in)
{
	_Alignas(struct inotify_event) char events[4096];
	uint64_t soon = clock_after(IN_SETTLE_MS);
	ssize_t len;

	while (in->inotify != -1 &&
	    (len = read(in->inotify, events, sizeof(events))) > 0) {
		for (ssize_t at = 0; at < len;) {
			struct inotify_event event;

			memcpy(&event, events + at, sizeof(event));
			if ((event.mask & (IN_MOVED_TO | IN_Q_OVERFLOW)) != 0)
				soon = 0;
			at += (ssize_t)(sizeof(event) + event.len);
		}
		if (in->backoff == 0 && in->next_scan > soon)
			in->next_scan = soon;
	}
}

/* set_culprit_aside - the file on which the last worker crashed or hung */
static void
set_culprit_aside(struct in *in)
{
	const char *name = getenv("FOURPOST_CULPRIT");
	struct in_submission *s = in_free(in);
	char why[IN_WHY_MAX], aside[IN_NAME_MAX];
	struct stat st;
	int fd, error;

	if (name == NULL || *name == '\0' || strchr(name, '/') != NULL ||
	    in_ignored(name))
		return;
	error = in_open(in, name, &fd, &s->file, &st, why);
	if (error == ERR_NOTFOUND)
		return;
	if (error == 0)
		close(fd);
	/* First it is out of the way, then its sender is looked for. */
	if (in_set_aside(in, &s->file, CULPRIT_WHY,
		error == 0 ? IN_TO_BE_TOLD : IN_NOT_TOLD, aside) &&
	    error == 0)
		in_report_culprit(in, s, aside, CULPRIT_WHY);
}

/* waiting - whether any submission awaits its answer */
static bool
waiting(const struct in *in)
{
	for (size_t i = 0; i < IN_OUTSTANDING; i++) {
		if (in->submissions[i].busy)
			return true;
	}
	return false;
}

/*
 * reachable - whether the directories are where they were, or are again
 *
 * They may have been moved, unmounted, or mounted anew.
 */
static bool
reachable(struct in *in)
{
	struct postoffice *po = &in->msmi.postoffice;
	char path[sizeof(po->path)];
	struct postoffice again;
	struct diag diag = {0};

	if (postoffice_intact(po))
		return true;
	/* What was taken out of the old place is removed from there. */
	while (waiting(in) && !in->gone && !in->msmi.worker.stopping) {
		(void)!in_wait(in, false, clock_after(REACH_INTERVAL));
		in_settle(in);
	}
	(void)strlcpy(path, po->path, sizeof(path));
	if (postoffice_open(&again, path, &diag) < 0) {
		if (!in->unreachable)
			LOG_EVENT(EVENT_NOT_OPENED,
			    LOG_STRING("postoffice", in->msmi.msmail->name),
			    LOG_STRING("stage", "postoffice"),
			    LOG_STRING("reason", diag_text(&diag)));
		in->unreachable = true;
		return false;
	}
	postoffice_close(po);
	*po = again;
	in->unreachable = false;
	watch(in);
	LOG_EVENT(EVENT_MSMI_SESSION,
	    LOG_STRING("postoffice", in->msmi.msmail->name),
	    LOG_STRING("path", in->msmi.msmail->postoffice),
	    LOG_INT("mailboxes", in->msmi.map.count));
	return true;
}

/* serve - scan, wait, settle, until told to stop */
static void
serve(struct in *in)
{
	while (!in->gone && !in->msmi.worker.stopping) {
		if (clock_remaining(in->next_scan) == 0) {
			in->next_scan = clock_after(REACH_INTERVAL);
			if (msmi_map_again(&in->msmi) == ERR_CLOSED)
				break;
			if (reachable(in))
				in_scan(in);
		}
		if (in_wait(in, true, in->next_scan) == ERR_CLOSED)
			break;
		in_settle(in);
		drain(in);
	}
	/* What was sent is answered soon; the files go before we do. */
	for (uint64_t limit = clock_after(5000);
	     waiting(in) && !in->gone && clock_remaining(limit) > 0;) {
		(void)!in_wait(in, false, limit);
		in_settle(in);
	}
	if (!in->gone)
		(void)!worker_flush(
		    &in->msmi.worker, &in->msmi.qmgr, clock_after(5000));
}

/* msmi_in - the life of the worker */
void
msmi_in(struct worker *worker)
{
	static struct in in;

	in.msmi.worker = *worker;
	in.inotify = -1;
	in.msmi.map_fd = -1;
	map_init(&in.msmi.map);
	postoffice_init(&in.msmi.postoffice);
	arena_init(&in.arena, P1_ARENA_MAX);
	buffer_init(&in.piece, IPC_PIECE_MAX);
	if ((in.head = malloc(MMFF_HEADER_MAX)) == NULL)
		fatal(IN_EXIT_FAILURE, "no memory");
	connect_qmgr(&in);
	reach(&in);
	msmi_confine(&in.msmi);
	watch(&in);
	set_culprit_aside(&in);
	worker_ready(&in.msmi.worker);
	LOG_EVENT(EVENT_MSMI_SESSION,
	    LOG_STRING("postoffice", in.msmi.msmail->name),
	    LOG_STRING("path", in.msmi.msmail->postoffice),
	    LOG_INT("mailboxes", in.msmi.map.count));
	serve(&in);
	worker_exit(&in.msmi.worker, 0);
}
