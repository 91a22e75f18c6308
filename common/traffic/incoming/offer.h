/* SPDX-License-Identifier: ISC */
/*
 * offer.h - what qmgr is told of a transfer before its end: the start, sizes,
 * and the octets of envelope and content
 *
 * The recipients of a large envelope go to qmgr as they come, and the rest of
 * it after them, so that it takes no more memory here than a content.  Such a
 * transfer is not kept for a new qmgr.
 */
#ifndef FOURPOST_TRAFFIC_OFFER_H
#define FOURPOST_TRAFFIC_OFFER_H

#include "traffic/engine/traffic.h"

/* offer_start - tell qmgr what comes, and by which session it is known */
int offer_start(struct traffic *traffic) WARN_UNUSED;

/* offer_size - tell qmgr the size of the content, if that is so large that qmgr
 * may refuse it before it comes */
int offer_size(struct traffic *traffic) WARN_UNUSED;

/* offer_octets - keep octets of the body, as long as all of it fits, and pass
 * them on to qmgr */
int offer_octets(struct traffic *traffic, struct slice octets) WARN_UNUSED;

/* offer_recipients - pass on recipients of a large envelope.  The first ones
 * start the submission */
int offer_recipients(struct traffic *traffic, struct slice octets) WARN_UNUSED;

/* offer_envelope - pass on the envelope: all of it, or of a large one what its
 * recipients have not */
int offer_envelope(
    struct traffic *traffic, const struct p1_envelope *envelope) WARN_UNUSED;

#endif
