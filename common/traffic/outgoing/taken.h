/* SPDX-License-Identifier: ISC */
/*
 * taken.h - what the peer has taken, for the qmgr after ours
 *
 * qmgr may end before it has committed the outcomes that it was sent.  So the
 * last ones are kept here, and reported again to the next qmgr.
 */
#ifndef FOURPOST_TRAFFIC_TAKEN_H
#define FOURPOST_TRAFFIC_TAKEN_H

#include "traffic/engine/traffic.h"

/* taken_keep - keep that the first job was transferred */
void taken_keep(struct traffic *traffic);

/*
 * taken_report - tell the next qmgr what the peer has
 *
 * Called at the end of the association; does nothing unless the qmgr that gave
 * us the jobs is gone.  The next one hands nothing out on the link before this
 * process is gone.  Returns when that is committed, when there is no qmgr for
 * some seconds, or when we are to stop.  The peer is asked, by its name, for a
 * transfer that could not be reported.
 */
void taken_report(struct traffic *traffic);

#endif
