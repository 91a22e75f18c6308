/* SPDX-License-Identifier: ISC */
/*
 * storm.h - non-delivery reports: single ones first, a flood behind other mail
 *
 * A report tells a person that mail failed, and goes before ordinary mail.  A
 * hundred thousand of them, because a link is gone or somebody writes to a list
 * of dead addresses, must not: whoever is told of more than STORM_FEW failures
 * within a minute gets further reports behind all other mail of the link, so
 * that others' reports and mail do not wait for them.  No report is put off,
 * but a link has few of them at work at a time, and few associations for them
 * (demand.h): they would take most of each turn of the loop from other links.
 *
 * Originators are counted by a hash of their address; two that fall together
 * are counted together.
 */
#ifndef FOURPOST_QMGR_STORM_H
#define FOURPOST_QMGR_STORM_H

#include <stdint.h>

#include "store/message.h"

#define STORM_FEW 20

struct or_address;
struct qmgr;
struct storm;

/* storm_new - begin with none, or NULL: no memory */
struct storm *storm_new(void) WARN_UNUSED;

/* storm_free - free it; NULL is allowed */
void storm_free(struct storm *storm);

/* storm_key - hash the originator that a report goes to; never 0 */
uint32_t storm_key(const struct or_address *originator);

/* storm_apply - decide whether a report goes before other mail or behind it;
 * within the transaction that it enters the queue in */
void storm_apply(
    const struct qmgr *qmgr, uint32_t key, struct store_message *message);

/* storm_committed - count a report for those that come after it */
void storm_committed(struct qmgr *qmgr, uint32_t key);

#endif
