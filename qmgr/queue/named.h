/* SPDX-License-Identifier: ISC */
/*
 * named.h - who sent a message to whom, for the lines of the log
 *
 * Kept with the record of each copy, because a line is written when it leaves,
 * and its envelope is not read for that.
 */
#ifndef FOURPOST_QMGR_QUEUE_NAMED_H
#define FOURPOST_QMGR_QUEUE_NAMED_H

#include "base/log.h"
#include "mhs/p1.h"
#include "qmgr/engine/qmgr.h"
#include "store/message.h"

/* The names as a record has them: originator (of a report none), an octet 0,
 * the first recipients and how many more there are. */
struct named {
	char text[STORE_NAMES_MAX];
	size_t len;
};

/* named_set - name the originator and some of the recipients of an envelope,
 * by their indexes; NULL: those that it is responsible for.  The recipient of
 * a report is its destination */
void named_set(struct qmgr *qmgr, const struct p1_envelope *envelope,
    const uint32_t *indexes, size_t count, struct named *named);

/* named_originator, named_recipients - get either from the names of a record,
 * as fields of the log; one that is not known is left out */
struct log_field named_originator(struct slice names);
struct log_field named_recipients(struct slice names);

#endif
