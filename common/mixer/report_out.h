/* SPDX-License-Identifier: ISC */
/*
 * report_out.h - a report of X.400 as a delivery status notification
 * (RFC 2156 5.3.8, RFC 3464)
 *
 * A multipart/report: a text that says for each recipient what became of it,
 * message/delivery-status, and the message if the report returns it.  The
 * fields that RFC 3464 has no name for begin with X400-.
 */
#ifndef FOURPOST_MIXER_REPORT_OUT_H
#define FOURPOST_MIXER_REPORT_OUT_H

#include "mhs/report.h"
#include "mixer/mapping.h"

/*
 * report_to_internet - write a report
 *
 * to is the user who sent the message, as a report's envelope names it, or
 * NULL.  What the sink returned; ERR_NOMEM.
 */
int report_to_internet(const struct mapping *mapping, const struct or_name *to,
    const struct report *report, mime_sink sink, void *arg) WARN_UNUSED;

#endif
