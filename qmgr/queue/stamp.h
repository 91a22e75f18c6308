/* SPDX-License-Identifier: ISC */
/*
 * stamp.h - what this MTA adds to an envelope, once, when it takes it over
 * (X.411 12.2.1.1, 14.3)
 *
 * A transfer gets an element of trace (our domain), unless it comes from
 * another MTA of our domain and so has one, and one of internal trace (our
 * domain and name).  A submission gets an MTS identifier, originally
 * specified numbers, and the same elements as its first.
 */
#ifndef FOURPOST_QMGR_STAMP_H
#define FOURPOST_QMGR_STAMP_H

#include "mhs/p1.h"
#include "qmgr/engine/qmgr.h"

/* stamp_transfer - stamp what comes from another MTA.  ERR_LIMIT: it has been
 * transferred so often that it is a loop */
int stamp_transfer(const struct qmgr *qmgr, struct p1_envelope *envelope,
    struct arena *arena, int64_t arrival) WARN_UNUSED;

/* stamp_submission - stamp what begins here */
int stamp_submission(struct qmgr *qmgr, struct p1_envelope *envelope,
    struct arena *arena, int64_t arrival) WARN_UNUSED;

/*
 * stamp_goes_round - tell whether a message of another mail system was here so
 * often that it goes round
 *
 * To be asked before stamp_gateway.  Outside nobody notes why a message comes
 * back, so that one visit alone says nothing.
 */
bool
stamp_goes_round(const struct qmgr *qmgr, const struct p1_envelope *envelope);

/*
 * stamp_gateway - stamp what comes from another mail system, with a trace of
 * where it was before
 *
 * ERR_LIMIT: as stamp_transfer.
 */
int stamp_gateway(struct qmgr *qmgr, struct p1_envelope *envelope,
    struct arena *arena, int64_t arrival) WARN_UNUSED;

/* stamp_identifier - make an MTS identifier that was never given before */
int stamp_identifier(struct qmgr *qmgr, struct arena *arena,
    struct mts_identifier *identifier) WARN_UNUSED;

#endif
