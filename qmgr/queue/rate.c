/* SPDX-License-Identifier: ISC */
/*
 * rate.c - how many non-delivery reports leave in a second
 */
#include "qmgr/queue/rate.h"

#define BURST_TIME ((int64_t)RATE_BURST * 1000 / RATE_REPORTS) /* ms */
#define INTERVAL   (1000 / RATE_REPORTS)		       /* ms */

/* next_of - compute when a report may leave, with others before it that are
 * not committed yet */
static int64_t
next_of(const struct qmgr *qmgr, unsigned others, int64_t now)
{
	/* Unused time is not saved up beyond "now": after a quiet night not all
	 * reports of the morning may leave at once. */
	int64_t next = qmgr->next_report < now ? now : qmgr->next_report;

	return next + ((int64_t)others + 1) * INTERVAL;
}

/* rate_apply - decide when a report leaves, now or later */
void
rate_apply(struct qmgr *qmgr, struct store_message *message)
{
	int64_t now = timekeeper_now(&qmgr->time);
	/* Counted within this transaction, since none of its reports is in
	 * next_report before the commit. */
	int64_t next = next_of(qmgr, qmgr->commit.reports++, now);

	/* A member that is applied again decides again. */
	message->state = STORE_READY;
	message->next_try = 0;
	/* A burst is let through, so that single failures are reported at
	 * once. */
	if (next - now <= BURST_TIME)
		return;
	message->state = STORE_DEFERRED;
	message->next_try = next;
}

/* rate_committed - count a report for those that come after it */
void
rate_committed(struct qmgr *qmgr)
{
	qmgr->next_report = next_of(qmgr, 0, timekeeper_now(&qmgr->time));
}
