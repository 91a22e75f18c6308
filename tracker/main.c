/* SPDX-License-Identifier: ISC */
/*
 * main.c - run the tracker, fourpost-tracker(8)
 *
 * master starts it as fourpost-tracker -n tracker; descriptor 5 is the socket
 * that tools connect to, FOURPOST_ROOT the directory of the database.  As
 * fourpost-tracker -n search#N it searches the database of all machines for one
 * tool after another; the descriptor behind the socket has its settings.
 */
#include <sys/resource.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/version.h"
#include "tracker/everywhere.h"
#include "tracker/tracker.h"
#include "worker/handed.h"

#define NICE 19 /* mail comes first */

/* run_search - search the database of all machines */
static _Noreturn void
run_search(struct worker *worker)
{
	static struct tracking_source source;
	struct conf *conf = handed_conf(worker);

	tracking_source_prepare(&source, worker, conf);
	worker_confine(worker, NULL, SANDBOX_CONNECT);
	tracking_source_confined(&source, worker);
	everywhere_run(worker, conf, &source);
	conf_free(conf);
	worker_exit(worker, 0);
}

int
main(int argc, char **argv)
{
	static struct worker worker;
	static struct tracker tracker = {.worker = &worker};
	const char *root;

	worker_start(&worker, argc, argv);
	if (strncmp(worker.name, "search", 6) == 0)
		run_search(&worker);
	root = getenv("FOURPOST_ROOT");
	if (root == NULL || root[0] == '\0' || chdir(root) != 0)
		fatal(EX_OSFILE, "%s: %s", root == NULL ? "" : root,
		    strerror(errno));
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	/* qmgr's socket cannot be seen from there afterwards: when qmgr ends,
	 * so does the tracker, and master starts another. */
	if (worker_qmgr(
		&worker, &tracker.qmgr, IPC_ROLE_TRACKER, CLOCK_NEVER) != 0)
		worker_exit(&worker, 0);
	worker_confine(&worker, NULL, SANDBOX_DATABASE);
	LOG_EVENT(EVENT_STARTED, LOG_STRING("name", worker.name),
	    LOG_STRING("version", version_text()));
	tracker_run(&tracker);
	ipc_channel_fini(&tracker.qmgr);
	worker_exit(&worker, 0);
}
