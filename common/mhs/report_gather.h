/* SPDX-License-Identifier: ISC */
/*
 * report_gather.h - gather what a report says as it arrives, without the
 * content that it returns
 *
 * A report may return a content of any size (X.411 8.3.1.2.1.14), and what is
 * to be made another is read whole.  So the returned content, which a report
 * need not have, is left out while it passes; the rest is bounded by the
 * buffer.
 */
#ifndef FOURPOST_MHS_REPORT_GATHER_H
#define FOURPOST_MHS_REPORT_GATHER_H

#include "ber/stream.h"

struct report_gather {
	struct ber_stream stream;
	struct buffer *out; /* borrowed */
	bool leaving_out;   /* the returned content is passing */
};

/* report_gather_init - expect one ReportTransferContent; what is kept of it
 * goes to out */
void report_gather_init(struct report_gather *gather, struct buffer *out);

/* report_gather_push - read the next octets.  ERR_SYNTAX, ERR_LIMIT (of out
 * too), ERR_NOMEM */
int report_gather_push(
    struct report_gather *gather, struct slice octets) WARN_UNUSED;

/* report_gather_complete - tell whether the report has ended */
bool report_gather_complete(const struct report_gather *gather);

#endif
