/* SPDX-License-Identifier: ISC */
/*
 * in.c - app-in, the worker that takes what a program submits
 *
 * See fourpost-app(8).  One an application, as long as the suite runs.  When
 * qmgr goes away it ends; master starts it again, and what was not answered is
 * found in in/new by the next one.
 */
#include <sys/inotify.h>

#include <stdio.h>
#include <unistd.h>

#include "app/in.h"
#include "base/clock.h"
#include "base/log.h"

#define CONNECT_TIMEOUT 60000 /* ms for qmgr to be there */
#define EXIT_FAILED	1
#define CULPRIT_WHY	"the worker crashed or hung while it read this object"

/* connect_qmgr - connect to qmgr, or end */
static void
connect_qmgr(struct in *in)
{
	struct worker *worker = &in->app.worker;
	struct diag diag = {0};
	int error = worker_qmgr(worker, &in->app.qmgr, IPC_ROLE_APP_IN,
	    clock_after(CONNECT_TIMEOUT));

	if (error == 0)
		error = app_settings(&in->app, &diag);
	if (error != 0)
		worker_without_qmgr(worker, error, &diag);
}

/* log_unusable - say why the directory cannot be used */
static void
log_unusable(const struct in *in, const char *why)
{
	LOG_EVENT(EVENT_APP_UNUSABLE,
	    LOG_STRING("link", in->app.application->name),
	    LOG_STRING("path", in->app.application->path),
	    LOG_STRING("reason", why));
}

/* reach_directory - wait for the directory; log once when it is not there */
static void
reach_directory(struct in *in)
{
	const struct conf_application *application = in->app.application;
	bool said = false;

	for (;;) {
		struct diag diag = {0};

		if (directory_check(
			application->path, &application->group, &diag) == 0)
			return;
		if (!said)
			log_unusable(in, diag_text(&diag));
		said = true;
		if (worker_sleep(&in->app.worker, IN_INTERVAL) < 0)
			worker_exit(&in->app.worker, 0);
	}
}

/* enter_directory - be confined to the directory, and open it */
static void
enter_directory(struct in *in)
{
	struct diag diag = {0};

	reach_directory(in);
	if (app_enter(&in->app, &diag) == 0)
		return;
	log_unusable(in, diag_text(&diag));
	/* Confined already: the next worker begins from the start. */
	(void)!worker_sleep(&in->app.worker, IN_INTERVAL);
	worker_exit(&in->app.worker, 0);
}

/* watch_files - have the kernel tell of files; else the interval finds them */
static void
watch_files(struct in *in)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", in->app.directory.path,
	    directory_name(DIRECTORY_IN_NEW));
	in->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (in->inotify >= 0 &&
	    inotify_add_watch(in->inotify, path,
		IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
		close(in->inotify);
		in->inotify = -1;
	}
}

/* drain_inotify - read what inotify told: that there is something to take */
static void
drain_inotify(struct in *in)
{
	_Alignas(struct inotify_event) char events[4096];

	while (
	    in->inotify >= 0 && read(in->inotify, events, sizeof(events)) > 0)
		/* A pause that qmgr asked for is not cut short. */
		if (in->backoff == 0)
			in->next_scan = 0;
}

/* set_culprit_aside - set the object aside on which the last worker ended */
static void
set_culprit_aside(struct in *in)
{
	struct in_object object = {.busy = false};
	struct object_fault fault = {.error = ERR_CORRUPT, .text = CULPRIT_WHY};
	char file[ENTRY_FILE_MAX];

	/* The name stood in memory that the worker that crashed could write. */
	(void)snprintf(
	    file, sizeof(file), "%.200s.json", in->app.worker.culprit);
	if (in->app.worker.culprit[0] == '\0' ||
	    !entry_name(file, object.name) ||
	    !entry_exists(in->app.directory.fd[DIRECTORY_IN_NEW], file))
		return;
	in_set_aside(in, &object, "crashed", &fault);
}

/* is_waiting - tell whether any object awaits its answer */
static bool
is_waiting(const struct in *in)
{
	for (size_t i = 0; i < LIMITS_FILES; i++)
		if (in->objects[i].busy)
			return true;
	return false;
}

/* scan - take the objects there are, unless qmgr asked for a pause */
static void
scan(struct in *in)
{
	in->unavailable = false;
	in_scan(in);
}

/* back_off - wait for longer each time that qmgr could not take an object */
static void
back_off(struct in *in)
{
	if (!in->unavailable)
		return;
	in->unavailable = false;
	in->backoff = in->backoff == 0	       ? IN_BACKOFF
	    : in->backoff * 2 < IN_BACKOFF_MAX ? in->backoff * 2
					       : IN_BACKOFF_MAX;
	in->next_scan = clock_after(in->backoff);
}

/* serve_directory - scan, wait, settle, until told to stop */
static void
serve_directory(struct in *in)
{
	while (!in->gone && !in->app.worker.stopping &&
	    directory_intact(&in->app.directory)) {
		if (clock_remaining(in->next_scan) == 0)
			scan(in);
		back_off(in);
		if (in_wait(in, IN_WAIT_FILES, in->next_scan) == ERR_CLOSED)
			break;
		in_settle(in);
		drain_inotify(in);
	}
	/* Answers come soon, and are told to the program before we end. */
	for (uint64_t limit = clock_after(LIMITS_STOP_ANSWERS);
	     is_waiting(in) && !in->gone && clock_remaining(limit) > 0;) {
		(void)!in_wait(in, IN_WAIT_QMGR, limit);
		in_settle(in);
	}
	if (!in->gone)
		(void)!worker_flush(&in->app.worker, &in->app.qmgr,
		    clock_after(LIMITS_STOP_ANSWERS));
}

/* app_in - take what a program submits until told to stop */
void
app_in(struct worker *worker)
{
	static struct in in;

	in.app.worker = *worker;
	if (in_init(&in) < 0)
		worker_exit(&in.app.worker, EXIT_FAILED);
	connect_qmgr(&in);
	enter_directory(&in);
	watch_files(&in);
	/* The object that ended the last worker goes before any scan, which
	 * would read it again. */
	set_culprit_aside(&in);
	in_recover(&in);
	worker_ready(&in.app.worker);
	LOG_EVENT(EVENT_APP_SESSION,
	    LOG_STRING("application", in.app.application->name),
	    LOG_STRING("path", in.app.application->path));
	serve_directory(&in);
	in_fini(&in);
	worker_exit(&in.app.worker, 0);
}
