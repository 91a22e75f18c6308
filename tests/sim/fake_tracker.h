/* SPDX-License-Identifier: ISC */
/*
 * fake_tracker.h - the tracker: it keeps pages for good, and acknowledges them
 *
 * What it keeps outlives it and every life of the queue manager, as the
 * tracker's database does.  It dies at any time: before it has kept what came,
 * and between that and the acknowledgement.
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_TRACKER_H
#define FOURPOST_TESTS_SIM_FAKE_TRACKER_H

#include "tests/sim/fake.h"

/* tracker_worker - see that there is a tracker */
void tracker_worker(void);

/* tracker_kill - kill it, if there is one */
void tracker_kill(void);

#endif
