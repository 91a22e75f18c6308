/* SPDX-License-Identifier: ISC */
/*
 * demand.h - how many associations a link wants, has, and may have
 *
 * Looks, and changes nothing: schedule.h acts on it.
 */
#ifndef FOURPOST_QMGR_LINKS_DEMAND_H
#define FOURPOST_QMGR_LINKS_DEMAND_H

#include "qmgr/links/link.h"

/* demand_wanted - compute how many associations this many messages want; the
 * last that the policy allows is for urgent messages and reports */
unsigned demand_wanted(const struct link_policy *policy, uint64_t waiting);

/* demand_beyond - count what waits for more than the next batches of open
 * associations; the one for urgent messages does not count */
uint64_t demand_beyond(const struct qmgr *qmgr, const struct link *link);

/* demand_serving - count the associations of a link that take jobs, or will */
unsigned demand_serving(const struct link *link);

/* demand_is_open - tell whether an association of a link takes jobs */
bool demand_is_open(const struct link *link);

/* demand_may_open - tell whether a further association may be tried: the last
 * open of the link succeeded, and beyond the first the pool has one left */
bool demand_may_open(const struct qmgr *qmgr, const struct link *link);

/* demand_lets - tell down to which priority a link may be given a further job:
 * of a storm of reports a few are at work at a time, so that what they take of
 * each turn is little, and others' mail goes on */
enum store_priority demand_lets(const struct qmgr *qmgr, struct link *link);

/* demand_reserved - find the association for urgent messages and reports, or
 * NULL */
struct assoc *demand_reserved(const struct link *link);

/* demand_reserves - tell whether urgent messages will have an association of
 * their own, which is not open yet: they need not queue behind others */
bool demand_reserves(const struct qmgr *qmgr, const struct link *link);

/* demand_log_limit - log, once, that a link would have more associations if the
 * common pool had */
void demand_log_limit(struct qmgr *qmgr, const struct link *link);

#endif
