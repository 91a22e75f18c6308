/* SPDX-License-Identifier: ISC */
/*
 * recover.h - a transfer that was cut goes on (X.228 7.8, 8.6)
 *
 * An association lost inside an activity is reopened at once, then every five
 * seconds (or open intervals, if these are shorter) until the link's recovery
 * timeout.  A third party is asked to recover the one that was lost, where it
 * was bound and nowhere else: whoever answers a recovery says no password, so
 * that association carries the resumption alone, and what follows is bound
 * again.  A peer of our kind, or one with recovery = "never", is bound at
 * once: it resumes by the references of the one that was lost.  The activity
 * goes on after the last checkpoint that the peer confirmed, or is found
 * complete.  A peer that cannot recover, or does not know the activity, is
 * sent the message from its start, octet for octet the same, so that a peer
 * which had taken it recognizes it.
 *
 * A message that is cut again and again without getting any further is given
 * up before that, and at its first cut if others wait: they must not wait for
 * it.  qmgr gives it out again when they have gone.
 */
#ifndef FOURPOST_TRAFFIC_RECOVER_H
#define FOURPOST_TRAFFIC_RECOVER_H

#include "traffic/engine/traffic.h"

/*
 * recover_transfer - open an association to go on with the first job's
 * transfer, which was cut, within the recovery timeout
 *
 * 0: transfer it again, traffic.out.recovery tells from where.  Else the
 * association is still over, with the failure that it had.
 */
int recover_transfer(struct traffic *traffic) WARN_UNUSED;

/* recover_unknown - tell whether the association ended because the peer knows
 * nothing of the transfer that it was to resume */
bool recover_unknown(const struct traffic *traffic) WARN_UNUSED;

/* recover_summarize - log in one line how often the first job's transfer was
 * cut, if more than once */
void recover_summarize(const struct traffic *traffic);

#endif
