/* SPDX-License-Identifier: ISC */
/*
 * status_code.h - why a message is not delivered: reason and diagnostic of
 * X.411, and the status codes of RFC 3463
 *
 * Both ways by one table, status_table.h (RFC 2156 5.1.8.4 and 5.3.8.2).
 */
#ifndef FOURPOST_MIXER_STATUS_CODE_H
#define FOURPOST_MIXER_STATUS_CODE_H

#include "base/slice.h"

/* A status: class 2, 4 or 5, subject and detail. */
struct status_code {
	unsigned class;
	unsigned subject;
	unsigned detail;
};

/* status_code_of - get the status of a reason and a diagnostic, which may be
 * DIAGNOSTIC_NONE; by the reason where the diagnostic says nothing */
struct status_code status_code_of(int reason, int diagnostic);

/* status_code_parse - read "5.1.1", as far as it is one; class 0: it is none */
struct status_code status_code_parse(struct slice text);

/* status_code_report - get reason and diagnostic of a status; where the detail
 * is not known, those of its subject */
void status_code_report(struct status_code code, int *reason, int *diagnostic);

#endif
