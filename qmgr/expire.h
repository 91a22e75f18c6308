/* SPDX-License-Identifier: ISC */
/*
 * expire.h - messages whose time is over are returned
 *
 * The store counts messages by link, priority and hour of arrival, and ids
 * rise with arrival: what has been there for a lifetime stands at the front of
 * the ready messages of its link and priority, where the counts say whether
 * there is any.  Only what is near its end is read.
 *
 * What this does not find (a latest delivery time, a message that is deferred
 * beyond its time, a lifetime that was longer in the configuration before) is
 * found by a slow walk over all records, which looks for damage too.
 */
#ifndef FOURPOST_QMGR_EXPIRE_H
#define FOURPOST_QMGR_EXPIRE_H

#include "qmgr/engine/qmgr.h"

struct expire {
	uint32_t turn;	 /* number of the link that was looked at last */
	bool due;	 /* links may have something whose time is over */
	uint64_t cursor; /* of the walk over all records */
	unsigned pause;	 /* s until it begins again */
};

/* expire_tick - find out what may be due; once a second */
void expire_tick(struct qmgr *qmgr, struct expire *expire);

/* expire_step - have some of what is due returned in the next transactions; the
 * links take turns */
void expire_step(struct qmgr *qmgr, struct expire *expire);

#endif
