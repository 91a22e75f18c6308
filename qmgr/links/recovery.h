/* SPDX-License-Identifier: ISC */
/*
 * recovery.h - a link whose association was lost inside an activity
 *
 * It is opened again at once, then every five seconds, or open intervals if
 * these are shorter, until the link's recovery timeout has passed since the
 * loss.  What fails meanwhile is no open
 * failure: it is not counted and not logged each time.  After that it is as
 * with any other.  A worker that recovers its association itself is let; we
 * open only when it has gone.  With recovery-timeout 0 there is none of this.
 */
#ifndef FOURPOST_QMGR_RECOVERY_H
#define FOURPOST_QMGR_RECOVERY_H

#include <stdbool.h>

#include "qmgr/links/link.h"

/* recovery_lost - begin to recover a link whose last association was cut; tell
 * whether the link is recovering now */
bool recovery_lost(struct qmgr *qmgr, struct link *link);

/* recovery_link - open an association if one is due; called when the link is
 * looked at, and each second */
void recovery_link(struct qmgr *qmgr, struct link *link);

/* recovery_goes_on - schedule the next attempt to recover; false: the time is
 * over */
bool recovery_goes_on(struct link *link);

/* recovery_over - give up the recovery of a link: its next failure is one like
 * any other */
void recovery_over(struct link *link);

#endif
