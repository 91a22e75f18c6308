/* SPDX-License-Identifier: ISC */
/*
 * resume.h - transfers of peers that were cut, and go on
 *
 * A peer that lost an association within a transfer opens another one, and
 * resumes the transfer there by the references of the lost one.  These name a
 * transfer, and prove nothing: strangers can know or guess them.  A peer that
 * bound with its password may resume what began on any session of its own, for
 * duplicate-memory.  One that recovered a session (recoverer.h) may resume what
 * began on that session and nothing else, and begins nothing: an activity that
 * we know nothing of only if none behind it was completed.  What was completed
 * is said to be; what is marked goes on where the mark stands; of anything
 * else we know nothing.
 *
 * What is marked and not resumed is given up when the recovery timeout of its
 * link is over.
 */
#ifndef FOURPOST_QMGR_RESUME_H
#define FOURPOST_QMGR_RESUME_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"
#include "store/session.h"

/* resume_take - take a resume check of x400in */
int resume_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* resume_tick - give up, once a second, what was not resumed in time, and of a
 * source that was refused at its limit the oldest partial content, so that an
 * old transfer which does not get on keeps none of its others out for ever */
void resume_tick(struct qmgr *qmgr);

#endif
