/* SPDX-License-Identifier: ISC */
/*
 * sweep.h - what is done to the queue in the background, in bounded steps
 *
 *	expired    see expire.h
 *	rerouted   what is queued for a link that is disabled, gone, or out of
 *		   retries
 *	reaped     contents that nobody uses, a piece a commit
 *	sessions   forgotten after duplicate-memory
 *
 * All of it goes by timekeeper.h: nothing is thrown away because of a wrong
 * clock.
 */
#ifndef FOURPOST_QMGR_SWEEP_H
#define FOURPOST_QMGR_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "qmgr/links/link.h"

/* sweep_new - make a sweep that begins with the first record; NULL: no
 * memory */
struct sweep *sweep_new(void) WARN_UNUSED;

/* sweep_free - free a sweep; NULL is allowed */
void sweep_free(struct sweep *sweep);

/* sweep_commit - have what is due join the next commit */
void sweep_commit(struct qmgr *qmgr);

/* sweep_again - have the next step of the loop come at once if there is more */
void sweep_again(struct qmgr *qmgr);

/* sweep_tick - do what is due, once a second */
void sweep_tick(struct qmgr *qmgr);

#endif
