/* SPDX-License-Identifier: ISC */
/*
 * report.h - what the originator is told (X.411 12.2.1.3, 14.3.5)
 *
 * For a non-delivery, and for a delivery (or a probe that would have been
 * delivered) where the indicators of the recipient ask for it.  A report
 * never begets a report.  On a message that a distribution list sent on it
 * goes to that list, with originator-and-DL-expansion-history.  Where a
 * recipient was redirected to, the one that was originally meant stands beside
 * it.  Content is returned only if that was asked for, and not beyond
 * REPORT_RETURN_MAX.
 */
#ifndef FOURPOST_QMGR_REPORT_H
#define FOURPOST_QMGR_REPORT_H

#include <stdbool.h>

#include "mhs/p1.h"
#include "mhs/report.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/queue/placing.h"

#define REPORT_RETURN_MAX ((size_t)128 * 1024)

/* Recipients of one report.  What is owed for more is said in several: X.411
 * lets a report be about any of them, and small ones pass everywhere. */
#define REPORT_RECIPIENTS_MAX ((size_t)1000)

/* The fate of one recipient. */
struct verdict {
	uint32_t index; /* in the envelope, from 0 */
	bool delivered;
	bool expanded;	   /* delivered: to a list, which has sent it on */
	int reason;	   /* enum report_reason */
	int diagnostic;	   /* enum report_diagnostic */
	struct slice text; /* for people, or empty */
	int64_t time;	   /* delivered: s since 1970; 0: now */
};

/* The message that the report is about. */
struct report_subject {
	const struct p1_envelope *envelope; /* stamped by us */
	uint64_t message;		    /* queue id, for the log; or 0 */
	int64_t arrival;		    /* wall clock ms */
	uint32_t source;		    /* for which the report counts */
	/* to be returned, if that was asked for; or empty */
	struct slice content;
};

/* report_wants_content - tell whether the content may have to be returned */
bool report_wants_content(
    const struct p1_envelope *envelope, uint64_t content_length);

/*
 * report_add - place what is owed to the originator for these verdicts
 *
 * 1 if a report was placed, or several for more than REPORT_RECIPIENTS_MAX; 0
 * if none is owed or it has nowhere to go; or an error.  Each non-delivery is
 * kept in the placing, to be logged once it is committed.
 */
int report_add(struct qmgr *qmgr, const struct report_subject *subject,
    const struct verdict *verdicts, size_t count,
    struct placing *placing) WARN_UNUSED;

/* The verdict on a recipient. */
enum report_verdict {
	REPORT_FAILED,
	REPORT_DELIVERED
};

/* Where the message of a report began. */
enum report_origin {
	REPORT_FROM_ELSEWHERE,
	REPORT_FROM_HERE
};

/* report_wanted - tell whether the originator wants to see this verdict */
bool report_wanted(const struct p1_envelope *envelope,
    const struct p1_recipient *recipient, enum report_verdict verdict,
    enum report_origin origin);

#endif
