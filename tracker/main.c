/* SPDX-License-Identifier: ISC */
/*
 * main.c - run the tracker, fourpost-tracker(8)
 *
 * master starts it as fourpost-tracker -n tracker; descriptor 5 is the socket
 * that tools connect to, FOURPOST_ROOT the directory of the database.
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
#include "tracker/tracker.h"

#define NICE 19 /* mail comes first */

int
main(int argc, char **argv)
{
	static struct worker worker;
	static struct tracker tracker = {.worker = &worker};
	const char *root;

	worker_start(&worker, argc, argv);
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
