/* SPDX-License-Identifier: ISC */
/*
 * phase.h - from the start to the orderly end of the suite
 *
 * starting -> running -> stopping workers -> stopping qmgr -> stopped; a stop
 * while starting goes straight to stopping workers.  qmgr is stopped last, so
 * that workers can tell it what became of their messages.
 */
#ifndef FOURPOST_MASTER_PHASE_H
#define FOURPOST_MASTER_PHASE_H

#include "master/master.h"

struct child;

/* phase_child_ready - announce readiness when qmgr is open for business */
void phase_child_ready(struct child *child);

/* phase_not_starting - count a qmgr that ended before it was ready, with a
 * status as of waitpid, and stop after too many of them, or at once if it said
 * that nothing but an administrator helps (EX_CONFIG) */
void phase_not_starting(struct master *master, int status, const char *reason);

/* phase_stop - begin the orderly end */
void phase_stop(struct master *master);

/* phase_progress - go on stopping, if we are; called when a worker ended and
 * with each tick */
void phase_progress(struct master *master);

#endif
