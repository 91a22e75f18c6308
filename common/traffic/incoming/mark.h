/* SPDX-License-Identifier: ISC */
/*
 * mark.h - what another process needs to go on with a transfer
 *
 * At a checkpoint qmgr is given, besides the octets before it, a mark: where
 * the association, the reader of the APDU and the key stand.  When the peer
 * resumes the transfer, qmgr gives it back (resume.h).
 *
 * A mark is BER: { version [0], association [1], reader [2], key [3] }.
 */
#ifndef FOURPOST_TRAFFIC_MARK_H
#define FOURPOST_TRAFFIC_MARK_H

#include "osi/association_recovery.h"
#include "traffic/engine/traffic.h"

/* mark_note - keep what a mark of the checkpoint just told of would say */
void mark_note(struct traffic *traffic);

/* mark_give - give qmgr the mark of the checkpoint last noted.  An error: there
 * is none, the transfer cannot be resumed from there */
int mark_give(struct traffic *traffic) WARN_UNUSED;

/* mark_restore - continue reader and key as a mark says, and tell where the
 * association stood.  ERR_CORRUPT */
int mark_restore(struct traffic *traffic, struct slice mark,
    struct association_receive_state *association) WARN_UNUSED;

#endif
