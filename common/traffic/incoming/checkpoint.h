/* SPDX-License-Identifier: ISC */
/*
 * checkpoint.h - the checkpoints of a transfer, and when they are confirmed
 *
 * A checkpoint is confirmed to the peer when all before it is committed, with
 * its mark (mark.h).  A transfer that comes to its end before the peer needs a
 * checkpoint confirmed has none confirmed: it costs no commits of its own.  The
 * agreed window is only what the peer may have outstanding; its own may be
 * smaller (Exchange before 5.5 SP2 never used more than 3).  So a peer that
 * falls silent behind a checkpoint is taken to wait for its confirmation.
 * Beyond that, checkpoints are marked together up to half of the window.
 */
#ifndef FOURPOST_TRAFFIC_CHECKPOINT_H
#define FOURPOST_TRAFFIC_CHECKPOINT_H

#include "traffic/engine/traffic.h"

/* checkpoint_note - note a checkpoint that the peer wants confirmed */
void checkpoint_note(struct traffic *traffic, uint32_t serial);

/*
 * checkpoint_due - tell when checkpoints that wait must be committed
 *
 * Monotonic ms: soon after the peer fell silent behind one, the first time at
 * the latest a second after the transfer began.  CLOCK_NEVER: none waits.
 */
uint64_t checkpoint_due(const struct traffic *traffic);

/* checkpoint_commit - have what came committed now, and what comes as it comes,
 * so that the checkpoints in it can be confirmed */
void checkpoint_commit(struct traffic *traffic);

/* checkpoint_confirm - confirm the checkpoints before which nothing need come
 * again */
void checkpoint_confirm(struct traffic *traffic);

#endif
