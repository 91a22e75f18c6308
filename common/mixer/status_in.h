/* SPDX-License-Identifier: ISC */
/*
 * status_in.h - notifications of the Internet as reports and notifications of
 * X.400 (RFC 2156 5.1.8, RFC 3464, RFC 8098)
 *
 * What is read is the part of a multipart/report for programs: groups of
 * fields with an empty line between them.
 *
 *   failed				non-delivery, reason and diagnostic by
 *					status_code.h
 *   delivered				delivery
 *   delayed, relayed, expanded		nothing: the message is for people
 *   displayed				receipt
 *   deleted, dispatched		non-receipt, discarded or auto-forwarded
 */
#ifndef FOURPOST_MIXER_STATUS_IN_H
#define FOURPOST_MIXER_STATUS_IN_H

#include "mhs/ipm.h"
#include "mhs/report.h"
#include "mixer/mapping.h"

/*
 * status_to_report - make the content of a report of a message/delivery-status
 *
 * What its Original-Envelope-Id names is the subject of the report.  A
 * recipient is the final one, and the original one the intended, if that is
 * another.  What X.400 reported first comes back with its own codes and text.
 * ERR_NOTFOUND: it tells of no message that this gateway sent, or of nobody to
 * whom it was delivered or not; ERR_SYNTAX; ERR_LIMIT, ERR_NOMEM.
 */
int status_to_report(const struct mapping *mapping, struct slice text,
    struct arena *arena, struct report *report) WARN_UNUSED;

/*
 * status_to_notification - make a notification of a
 * message/disposition-notification
 *
 * ERR_NOTFOUND: it names no message, or says nothing that X.420 has a word
 * for; ERR_SYNTAX, ERR_LIMIT, ERR_NOMEM.
 */
int status_to_notification(const struct mapping *mapping, struct slice text,
    struct arena *arena, struct ipm_notification *notification) WARN_UNUSED;

#endif
