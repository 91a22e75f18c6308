/* SPDX-License-Identifier: ISC */
/*
 * passed.h - messages that an application has passed on
 *
 * What an application was given and answers as transferred is noted in the
 * commit of that answer (store/keyed.h): then it may report on it later.
 */
#ifndef FOURPOST_QMGR_SENDING_PASSED_H
#define FOURPOST_QMGR_SENDING_PASSED_H

#include "mhs/p1.h"
#include "qmgr/engine/qmgr.h"

struct link;

/* passed_note - note that the application of a link has passed a message on, if
 * it is one; within the transaction */
int passed_note(struct qmgr *qmgr, const struct link *link, uint64_t message,
    const struct p1_envelope *envelope) WARN_UNUSED;

/* passed_is - tell whether the application of a link has passed a message on,
 * which came from this originator */
bool passed_is(struct qmgr *qmgr, const struct link *link,
    const struct mts_identifier *identifier,
    const struct or_address *originator);

/* passed_key - find the key under which the application of a link submitted
 * what a report is about; empty: it did not.  content: of the report */
struct slice
passed_key(struct qmgr *qmgr, const struct link *link, struct slice content);

#endif
