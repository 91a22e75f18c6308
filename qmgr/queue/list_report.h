/* SPDX-License-Identifier: ISC */
/*
 * list_report.h - reports on what a list of ours sent on (X.411 14.3.10)
 *
 * They go to the list, and what it does with them is its policy: they end here,
 * go to its owner (with reporting-DL-name), or to who stands before the list in
 * the history of the report, the list whose member it is or the originator.
 */
#ifndef FOURPOST_QMGR_QUEUE_LIST_REPORT_H
#define FOURPOST_QMGR_QUEUE_LIST_REPORT_H

#include "mhs/p1.h"
#include "qmgr/engine/qmgr.h"

enum list_report {
	LIST_REPORT_GOES = 0, /* to the destination that the envelope has now */
	LIST_REPORT_ENDS      /* at a list, which is *list */
};

/*
 * list_report_forward - replace the destination of a report by whoever gets the
 * reports of that list, as long as it is a list here
 *
 * *list is the last of these lists, or untouched.  An enum list_report, or
 * ERR_NOMEM, ERR_LIMIT.
 */
int list_report_forward(struct qmgr *qmgr, struct p1_envelope *report,
    const struct conf_list **list) WARN_UNUSED;

/* list_report_why - say why a report ends at a list */
const char *list_report_why(const struct conf_list *list);

#endif
