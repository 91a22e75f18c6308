/* SPDX-License-Identifier: ISC */
/*
 * announce_envelope.h - the envelope by which a routing update goes out
 *
 * An ordinary message of X.411, from this MTA to its neighbour, whose content
 * type is private: nobody is asked for a report.
 */
#ifndef FOURPOST_QMGR_ANNOUNCE_ENVELOPE_H
#define FOURPOST_QMGR_ANNOUNCE_ENVELOPE_H

#include "qmgr/links/link.h"

/* announce_envelope - make the envelope for the peer of a link, in qmgr's
 * arena */
int announce_envelope(struct qmgr *qmgr, const struct link *link,
    struct slice *envelope) WARN_UNUSED;

#endif
