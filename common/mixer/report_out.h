/* SPDX-License-Identifier: ISC */
/*
 * report_out.h - a report of X.400 as a delivery status notification
 * (RFC 2156 5.3.8, RFC 3464)
 *
 * A multipart/report: a text that says for each recipient what became of it,
 * message/delivery-status, and the message or its header, if the report has it.
 * The fields that RFC 3464 has no name for begin with X400-
 * (report_status.h).
 *
 *   X.400			Action
 *   not delivered		failed
 *   delivered			delivered
 *   delivered to a list	expanded
 *   delivered on paper		relayed
 */
#ifndef FOURPOST_MIXER_REPORT_OUT_H
#define FOURPOST_MIXER_REPORT_OUT_H

#include "mhs/p1.h"
#include "mhs/report.h"
#include "mixer/mapping.h"

/* How much of a message is returned to a sender (RFC 3461 4.3). */
enum report_return {
	REPORT_RETURN_UNSAID, /* a failure returns all */
	REPORT_RETURN_FULL,
	REPORT_RETURN_HEADERS
};

/* The wishes of a sender for his message, as far as they are remembered. */
struct report_origin {
	struct slice envid; /* decoded; empty: none */
	enum report_return returned;
	/* ORCPT by the places of the report, "rfc822;jo@a.example"; empty: not
	 * known */
	const struct slice *recipients;
	struct slice message_id; /* of what is written, between < and > */
};

/*
 * report_to_internet - write a report
 *
 * envelope is that of the report, whose originator sent the message, or NULL;
 * its trace stands before the message (trace_text.h).  Without an origin the
 * envelope identifier is the MTS identifier, and the original recipients are
 * those of the report.  What the sink returned; ERR_NOMEM.
 */
int report_to_internet(const struct mapping *mapping,
    const struct p1_envelope *envelope, const struct report *report,
    const struct report_origin *origin, mime_sink sink, void *arg) WARN_UNUSED;

#endif
