/* SPDX-License-Identifier: ISC */
/*
 * barred.h - messages that a link does not take, whoever they are for
 *
 * By their originator (refuse-from, accept-from), their priority
 * (least-priority) and the number of their recipients (max-recipients, of the
 * link that they came by too).  Reports are taken always.
 */
#ifndef FOURPOST_QMGR_QUEUE_BARRED_H
#define FOURPOST_QMGR_QUEUE_BARRED_H

#include "mhs/cause.h"
#include "mhs/p1.h"
#include "qmgr/links/link.h"

/* barred_cause - find why a link does not take a message; CAUSES: it does */
enum cause
barred_cause(const struct link *link, const struct p1_envelope *envelope);

/* barred_originator - tell whether a link bars an originator, whatever the
 * message */
bool
barred_originator(const struct link *link, const struct or_address *originator);

/* barred_text - say in words why, for the report */
const char *barred_text(enum cause cause);

/* barred_count - tell whether a message has more recipients than a link takes;
 * link may be NULL */
bool barred_count(const struct link *link, const struct p1_envelope *envelope);

#endif
