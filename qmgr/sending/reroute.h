/* SPDX-License-Identifier: ISC */
/*
 * reroute.h - a queued message takes another route
 *
 * When its link is disabled, gone from the configuration or out of retries,
 * or when an administrator says so.  The recipients are routed again; the
 * message is replaced by a copy for each link, with the mark "rerouted" in
 * its trace, and keeps its arrival and its time.  If its routes are as they
 * were it stays where it is, and so does a copy for those recipients whom no
 * other link takes.
 *
 * A message that its peer may have (doubtful.h) leaves its link only when that
 * is gone, or when an administrator says so: both are logged.
 */
#ifndef FOURPOST_QMGR_REROUTE_H
#define FOURPOST_QMGR_REROUTE_H

#include "qmgr/sending/dispatch.h"

enum reroute_why {
	REROUTE_ASKED,	  /* by an administrator; no other route: it stays */
	REROUTE_DISABLED, /* no other route: likewise */
	REROUTE_LEARNT, /* likewise, and where its link is as good as another */
	REROUTE_GONE,	/* no other route: its originator is told */
	REROUTE_RETRIES, /* as gone, once it has waited for all the retries */
	REROUTE_DRAINED	 /* to the link that gets all, see reroute_drain */
};

/* reroute_start - have a message that is claimed routed again, in the next
 * transaction */
void reroute_start(
    struct qmgr *qmgr, struct job *job, enum reroute_why why, const char *by);

/* reroute_drain - have a message that is claimed go to a link with all its
 * recipients, and be ready there, in the next transaction */
void reroute_drain(struct qmgr *qmgr, struct job *job, struct link *to);

#endif
