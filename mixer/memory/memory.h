/* SPDX-License-Identifier: ISC */
/*
 * memory.h - the process that remembers for gateways to Internet mail
 *
 *	remember     values under keys, in a file
 *	notes	     pages into it, answers out of it, and its troubles
 *	memory	     the loop: qmgr, time
 *
 * qmgr alone speaks with it; questions of gateways come through qmgr.
 */
#ifndef FOURPOST_MIXER_MEMORY_MEMORY_H
#define FOURPOST_MIXER_MEMORY_MEMORY_H

#include "mixer/memory/notes.h"
#include "worker/worker.h"

struct mixer_memory {
	struct worker *worker;
	struct ipc_channel qmgr;
	struct notes notes;
};

/*
 * memory_run - keep what qmgr sends and answer, until told to stop or qmgr is
 * gone
 *
 * The channel is connected, the working directory is where the database is,
 * and the process is confined.
 */
void memory_run(struct mixer_memory *memory);

#endif
