/* SPDX-License-Identifier: ISC */
/*
 * expand_apply.h - one step of an expansion, in the transaction
 */
#ifndef FOURPOST_QMGR_SENDING_EXPAND_APPLY_H
#define FOURPOST_QMGR_SENDING_EXPAND_APPLY_H

#include "qmgr/links/job.h"
#include "qmgr/queue/placing.h"

enum expand_fate {
	EXPAND_GOES_ON,
	EXPAND_FINISHED,
	EXPAND_GONE,	/* the message has left the queue, or is held */
	EXPAND_ASIDE,	/* it cannot be read, and is quarantined */
	EXPAND_NO_ROOM, /* the queue is full for now */
	EXPAND_NO_LIST	/* the list is not configured any more */
};

struct expansion {
	struct commit_member member;
	struct job *job;
	size_t most; /* members in this step */
	/* of the step that was applied */
	enum expand_fate fate;
	size_t members;
	struct placing placing;
	/* of all steps since the message was taken up */
	size_t total;
};

/* expand_apply - place the copies for some members, and note how far it came.
 * An error leaves the store to be aborted */
int expand_apply(struct qmgr *qmgr, struct commit_member *member) WARN_UNUSED;

#endif
