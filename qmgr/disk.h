/* SPDX-License-Identifier: ISC */
/*
 * disk.h - waits for the disk: master is told while they last, the log after
 *
 * The loop stands still in a commit.  While it does, the slot that master
 * shares says since when, so that master does not take the wait for a hang,
 * and tells of it in our place.
 */
#ifndef FOURPOST_QMGR_DISK_H
#define FOURPOST_QMGR_DISK_H

#include "store/store.h"

/* disk_wait - note that a wait begins or has ended, as struct store_options
 * wants it; arg is the struct worker */
void disk_wait(void *arg, enum store_wait wait);

#endif
