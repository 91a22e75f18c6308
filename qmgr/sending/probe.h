/* SPDX-License-Identifier: ISC */
/*
 * probe.h - links that failed, and for which nothing is queued any more
 *
 * What is new goes another way while a link fails, so nothing would ever open
 * it again.  So an idle link that failed is opened once an open interval while
 * something would go by it rather than by another, and a sign of life of its
 * peer has its failures forgotten.
 *
 * Failures are kept while something is queued for the link: its retries are
 * counted by them, and a peer that calls though it cannot be called must not
 * have them begin again and again.
 */
#ifndef FOURPOST_QMGR_PROBE_H
#define FOURPOST_QMGR_PROBE_H

#include <stdint.h>

struct link;
struct qmgr;

enum probe_reached {
	PROBE_CALLED, /* the peer has opened an association with us */
	PROBE_ASKED,  /* an administrator says: now */
	PROBE_PINGED  /* x4ping has reached it */
};

/* probe_link - open a link that failed and is idle, if that is due */
void probe_link(struct qmgr *qmgr, struct link *link, uint64_t now);

/* probe_tick - do that for every link; once a second */
void probe_tick(struct qmgr *qmgr);

/* probe_reached - end the waiting of a link whose peer may be there; if
 * nothing is queued for it its failures are forgotten */
void
probe_reached(struct qmgr *qmgr, struct link *link, enum probe_reached how);

/* probe_ask - open a link now that is not open, since an administrator says so,
 * whatever it waits for */
void probe_ask(struct qmgr *qmgr, struct link *link);

#endif
