/* SPDX-License-Identifier: ISC */
/*
 * main.c - run mixer-memory, fourpost-mixer-memory(8)
 *
 * master starts it as fourpost-mixer-memory -n mixer-memory; FOURPOST_ROOT is
 * the directory of the database.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/version.h"
#include "mixer/memory/memory.h"

int
main(int argc, char **argv)
{
	static struct worker worker;
	static struct mixer_memory memory = {.worker = &worker};
	const char *root;

	worker_start(&worker, argc, argv);
	root = getenv("FOURPOST_ROOT");
	if (root == NULL || root[0] == '\0' || chdir(root) != 0)
		fatal(EX_OSFILE, "%s: %s", root == NULL ? "" : root,
		    strerror(errno));
	/* qmgr's socket cannot be seen from there afterwards: when qmgr ends,
	 * so does this process, and master starts another. */
	if (worker_qmgr(
		&worker, &memory.qmgr, IPC_ROLE_MIXER_MEMORY, CLOCK_NEVER) != 0)
		worker_exit(&worker, 0);
	worker_confine(&worker, NULL, SANDBOX_DATABASE);
	LOG_EVENT(EVENT_STARTED, LOG_STRING("name", worker.name),
	    LOG_STRING("version", version_text()));
	memory_run(&memory);
	ipc_channel_fini(&memory.qmgr);
	worker_exit(&worker, 0);
}
