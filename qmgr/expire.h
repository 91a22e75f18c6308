/* SPDX-License-Identifier: ISC */
/*
 * expire.h - messages whose time is over are returned
 *
 * The store counts messages by link, priority and hour of arrival, and ids
 * rise with arrival: what has been there for a lifetime stands at the front of
 * the ready messages of its link and priority, where the counts say whether
 * there is any.  Only what is near its end is read.
 *
 * Messages whose originators chose an earlier time have an entry by that in
 * the store, and are found there.
 *
 * What neither finds (a message that is deferred beyond its time, a lifetime
 * that was longer in the configuration before, what an older release queued)
 * is found by a slow walk over all records, which looks for damage too.
 */
#ifndef FOURPOST_QMGR_EXPIRE_H
#define FOURPOST_QMGR_EXPIRE_H

#include "qmgr/engine/qmgr.h"

#define EXPIRE_FORGOTTEN 1024 /* entries that one transaction forgets */

/* How far the entries of those with a time of their own were looked at. */
struct expire_chosen {
	int64_t time; /* all entries up to here were */
	uint64_t id;
	int64_t began;		   /* when the front was looked at last */
	struct rounds *rounds;	   /* owned; NULL: nothing was due since */
	struct commit_member gone; /* forgets these: their messages are gone */
	struct {
		int64_t time;
		uint64_t id;
	} forgotten[EXPIRE_FORGOTTEN];
	size_t forgotten_count;
};

struct expire {
	uint32_t turn;	 /* number of the link that was looked at last */
	bool due;	 /* links may have something whose time is over */
	uint64_t cursor; /* of the walk over all records */
	unsigned pause;	 /* s until it begins again */
	struct expire_chosen chosen;
};

/* expire_fini - free what it has */
void expire_fini(struct expire *expire);

/* expire_tick - find out what may be due; once a second */
void expire_tick(struct qmgr *qmgr, struct expire *expire);

/* expire_step - have some of what is due returned in the next transactions; the
 * links take turns */
void expire_step(struct qmgr *qmgr, struct expire *expire);

#endif
