/* SPDX-License-Identifier: ISC */
/*
 * ready.h - what is ready to go on a link, read ahead from the queue
 *
 * Ids only, LINK_WINDOW of them for each link and priority: the memory of a
 * link does not grow with what is queued for it.  What is active is passed
 * over.  A message that becomes ready again, behind the place that was read
 * up to, turns the window back to it.
 */
#ifndef FOURPOST_QMGR_READY_H
#define FOURPOST_QMGR_READY_H

#include <stdbool.h>
#include <stdint.h>

#include "qmgr/links/link.h"

/*
 * ready_take - take the next message to be sent
 *
 * first and last are the most and the least urgent priority wanted.
 * ERR_NOTFOUND if there is none, or what the store says.
 */
int ready_take(struct qmgr *qmgr, struct link *link, enum store_priority first,
    enum store_priority last, uint64_t *id) WARN_UNUSED;

/* ready_again - have a message found again that is ready, and no longer
 * active */
void ready_again(struct link *link, enum store_priority priority, uint64_t id);

/* ready_reset - begin at the front again, for instance after a message that was
 * taken could not be sent */
void ready_reset(struct link *link);

/* ready_waiting - count the messages that are ready and not active */
uint64_t ready_waiting(const struct qmgr *qmgr, const struct link *link);

/* ready_urgent - tell whether an urgent message or a report is ready and not
 * active */
bool ready_urgent(const struct qmgr *qmgr, const struct link *link);

#endif
