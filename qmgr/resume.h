/* SPDX-License-Identifier: ISC */
/*
 * resume.h - transfers of peers that were cut, and go on
 *
 * A peer that lost an association within a transfer opens another one with
 * the references of the lost one, and resumes the transfer there.  Who it is
 * tell the references alone: they are known to us and to it.  What was
 * completed is said to be; what is marked goes on where the mark stands; of
 * anything else we know nothing.
 *
 * What is marked and not resumed is given up when the recovery timeout of its
 * link is over.
 */
#ifndef FOURPOST_QMGR_RESUME_H
#define FOURPOST_QMGR_RESUME_H

#include "ipc/record.h"
#include "qmgr/qmgr.h"
#include "store/session.h"

/* resume_caller - the link whose peer has these references of a session that
 * is to be recovered, and may call from this address; or NULL */
struct link *resume_caller(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *address);

/* resume_take - a resume check of x400in */
int resume_take(struct peer *peer, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* resume_tick - once a second: give up what was not resumed in time, and of a
 * source that was refused at its limit the oldest partial content, so that an
 * old transfer which does not get on keeps none of its others out for ever */
void resume_tick(struct qmgr *qmgr);

#endif
