/* SPDX-License-Identifier: ISC */
/*
 * out.c - app-out, the worker that gives messages to a program
 *
 * See fourpost-app(8).  master starts one when qmgr connects to its socket; it
 * serves that connection and ends.
 */
#include <sys/inotify.h>

#include <stdio.h>
#include <unistd.h>

#include "app/out.h"
#include "base/clock.h"
#include "base/log.h"

#define ACCEPT_TIMEOUT 100000 /* ms */
#define GREET_TIMEOUT  30000
#define SWEEP_INTERVAL 3600000 /* ms */
#define EXIT_FAILED    1

/* link_event - tell qmgr what became of the directory */
static void
link_event(struct out *out, enum ipc_link_state state, const char *stage,
    const char *reason)
{
	const struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = state,
		.link = slice_of_string(out->app.worker.service),
		.stage = slice_of_string(stage),
		.reason = slice_of_string(reason),
		.address = slice_of_string(out->app.application == NULL
			? ""
			: out->app.application->path)}};

	(void)!handing_give(&out->hand, &record);
}

/* finish_worker - write what is pending, and end */
static void __attribute__((noreturn)) finish_worker(struct out *out)
{
	if (!out->hand.channel.gone)
		(void)!worker_flush(&out->app.worker, &out->app.qmgr,
		    clock_after(LIMITS_STOP_ANSWERS));
	worker_exit(&out->app.worker, 0);
}

/* watch_place - have the kernel tell what happens in a place */
static void
watch_place(struct out *out, enum directory_place place, uint32_t events)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", out->app.directory.path,
	    directory_name(place));
	if (out->inotify >= 0 &&
	    inotify_add_watch(out->inotify, path, events | IN_ONLYDIR) < 0) {
		/* Without inotify the scan at each interval sees it too. */
		close(out->inotify);
		out->inotify = -1;
	}
}

/* open_directory - exchange hellos, and open the directory or say why not */
static void
open_directory(struct out *out)
{
	const char *stage = "settings";
	struct diag diag = {0};
	int error = worker_greet(&out->app.worker, &out->app.qmgr,
	    IPC_ROLE_APP_OUT, clock_after(GREET_TIMEOUT), &diag);

	if (error < 0)
		worker_exit(&out->app.worker, 0);
	error = app_settings(&out->app, &diag);
	if (error == 0) {
		stage = "directory";
		error = app_enter(&out->app, &diag);
	}
	if (error < 0) {
		link_event(out, IPC_LINK_FAILED, stage,
		    diag.code != 0 ? diag_text(&diag) : error_strerror(error));
		finish_worker(out);
	}
	out->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	watch_place(out, DIRECTORY_OUT_NEW, IN_MOVED_FROM | IN_DELETE);
	watch_place(out, DIRECTORY_OUT_CUR, IN_MOVED_FROM | IN_DELETE);
	watch_place(out, DIRECTORY_OUT_DONE, IN_MOVED_TO | IN_CLOSE_WRITE);
	out->hand.last_job = clock_monotonic();
	link_event(out, IPC_LINK_BOUND, "", "");
}

/* drain_inotify - read what inotify told: that something is to be looked at */
static void
drain_inotify(struct out *out)
{
	_Alignas(struct inotify_event) char events[4096];

	while (
	    out->inotify >= 0 && read(out->inotify, events, sizeof(events)) > 0)
		out->next_scan = 0;
}

/* write_all - make the files of the objects that have come */
static void
write_all(struct out *out)
{
	for (size_t i = 0;
	     i < HANDED_MAX && !out->hand.channel.gone && !out->lost; i++) {
		struct handed *object = &out->hand.objects[i];

		if (object->used && object->state == HANDED_COME &&
		    !object->given.cancelled && !out->app.worker.stopping)
			out_write(out, object);
	}
}

/* look_around - scan the places, if it is time */
static void
look_around(struct out *out)
{
	uint64_t now = clock_monotonic();

	drain_inotify(out);
	if (out->next_scan > now && handing_lapses(&out->hand) > now)
		return;
	out->next_scan = clock_after(OUT_INTERVAL);
	if (!directory_intact(&out->app.directory)) {
		out_unusable(out, "the directories were moved or unmounted");
		return;
	}
	out_scan(out);
	out_stray(out);
	if (out->next_sweep <= now) {
		out->next_sweep = clock_after(SWEEP_INTERVAL);
		out_sweep(out);
	}
}

/* any_cancelled - tell whether qmgr has cancelled an object */
static bool
any_cancelled(const struct out *out)
{
	for (size_t i = 0; i < HANDED_MAX; i++)
		if (out->hand.objects[i].used &&
		    out->hand.objects[i].given.cancelled &&
		    out->hand.objects[i].state != HANDED_ANSWERED)
			return true;
	return false;
}

/* serve_qmgr - give out until qmgr retires the worker or goes away */
static void
serve_qmgr(struct out *out)
{
	while (!out->hand.channel.gone && !out->lost &&
	    !out->hand.channel.retire && !out->app.worker.stopping) {
		uint64_t deadline;

		job_channel_pump(&out->hand.channel);
		write_all(out);
		if (any_cancelled(out))
			out->next_scan = 0;
		look_around(out);
		deadline = handing_lapses(&out->hand) < out->next_scan
		    ? handing_lapses(&out->hand)
		    : out->next_scan;
		(void)!out_wait(out, deadline);
	}
}

/* give_back - put all objects back that were not answered, their files stay */
static void
give_back(struct out *out, const char *why)
{
	for (size_t i = 0; i < HANDED_MAX; i++)
		if (out->hand.objects[i].used &&
		    out->hand.objects[i].state != HANDED_ANSWERED)
			out_outcome(
			    out, &out->hand.objects[i], IPC_UNSTARTED, why);
}

/* app_out - give messages to a program over one connection of qmgr */
void
app_out(struct worker *worker)
{
	static struct out out;
	int fd;

	out_init(&out);
	out.app.worker = *worker;
	fd = worker_accept(&out.app.worker, ACCEPT_TIMEOUT);
	if (fd < 0)
		worker_exit(&out.app.worker, 0);
	if (ipc_channel_init(&out.app.qmgr, fd) < 0)
		worker_exit(&out.app.worker, EXIT_FAILED);
	open_directory(&out);
	serve_qmgr(&out);
	give_back(&out, out.lost ? out.why : "stopping");
	if (out.lost)
		link_event(&out, IPC_LINK_LOST, "directory", out.why);
	else
		link_event(&out, IPC_LINK_RELEASED, "", "");
	out_fini(&out);
	finish_worker(&out);
}
