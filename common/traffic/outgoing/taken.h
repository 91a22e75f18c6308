/* SPDX-License-Identifier: ISC */
/*
 * taken.h - what the peer has taken, for the qmgr after ours
 *
 * An outcome that was told may not have been committed when qmgr ended.  So
 * the last ones are kept here, and told again to the next qmgr.
 */
#ifndef FOURPOST_TRAFFIC_TAKEN_H
#define FOURPOST_TRAFFIC_TAKEN_H

#include "traffic/engine/traffic.h"

/* taken_keep - keep that the first job was transferred */
void taken_keep(struct traffic *traffic);

/*
 * taken_report - tell the next qmgr what the peer has
 *
 * When ours has gone, at the end of the association: the next one hands
 * nothing out on the link before this process is gone.  It returns when that
 * is committed, when there is no qmgr for some seconds, or when we are to
 * stop.  What was not told the peer is asked for, by its name.
 */
void taken_report(struct traffic *traffic);

#endif
