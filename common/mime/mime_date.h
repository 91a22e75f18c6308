/* SPDX-License-Identifier: ISC */
/*
 * mime_date.h - dates of headers (RFC 5322 3.3, 4.3)
 */
#ifndef FOURPOST_MIME_MIME_DATE_H
#define FOURPOST_MIME_MIME_DATE_H

#include "base/error.h"
#include "base/slice.h"

#define MIME_DATE_MAX 40

/*
 * mime_date_parse - read a date as seconds since 1970
 *
 * A year of two digits is 1950 to 2049, one of three 1900 more (RFC 5322 4.3).
 * A zone that is not known is UTC.  ERR_SYNTAX, ERR_VALUE.
 */
int mime_date_parse(struct slice value, int64_t *seconds) WARN_UNUSED;

/* mime_date_format - write "Mon, 30 Nov 2026 12:05:10 +0000" */
const char *mime_date_format(int64_t seconds, char text[MIME_DATE_MAX]);

#endif
