/* SPDX-License-Identifier: ISC */
/*
 * report_status.h - what a report says to programs: message/delivery-status
 * (RFC 2156 5.3.8, RFC 3464)
 *
 *   X.400				Internet
 *   trace of the report, its first	Reporting-MTA
 *   last-trace of the first recipient	Arrival-Date
 *   subject-identifier			Original-Envelope-Id, unless the
 *					sender gave one, and
 *					X400-Subject-Submission-Identifier
 *   content-correlator			Original-Envelope-Id, or
 *					X400-Content-Correlator
 *   content identifier and type	X400-Content-Identifier, -Type
 *   original types			X400-Original-Encoded-Information-Types
 *   intermediate trace			X400-Subject-Intermediate-Trace-
 *					Information
 *   histories of lists, reporting list	X400-Originator-and-DL-Expansion-
 *					History, X400-Reporting-DL-Name
 *   recipient as intended, or actual	Original-Recipient, Final-Recipient
 *   actual, of another intended one	X400-Redirect-Recipient,
 *					X400-Mapped-Redirect-Recipient
 *   report, with user type		Action, Status, Diagnostic-Code,
 *					X400-Delivery-Time,
 *					X400-Type-of-MTS-User
 *   last-trace, converted types	X400-Last-Trace, X400-Converted-EITs
 *   redirection-history		X400-Redirection-History
 *   physical-forwarding-address	X400-Physical-Forwarding-Address
 *   supplementary information		X400-Supplementary-Info
 *   other extensions			X400-Discarded-DR-Extensions
 */
#ifndef FOURPOST_MIXER_REPORT_STATUS_H
#define FOURPOST_MIXER_REPORT_STATUS_H

#include "mime/mime_write.h"
#include "mixer/report_out.h"

/* report_status_put - write the fields of a report, an empty line before those
 * of each recipient; arena is reset.  Errors stick to the writer */
void report_status_put(const struct mapping *mapping,
    const struct p1_envelope *envelope, const struct report *report,
    const struct report_origin *origin, struct mime_writer *writer,
    struct arena *arena);

#endif
