/* SPDX-License-Identifier: ISC */
/*
 * time.h - UTCTime (X.680 47) and GeneralizedTime (X.680 46)
 *
 * UTCTime with or without seconds, with Z or an offset; two-digit years below
 * 70 are 20xx.  Written with seconds and Z; a moment before 1970 or after 2069
 * becomes the nearest that can be written.  A GeneralizedTime without a zone,
 * local to whoever wrote it, is taken as UTC; fractions are cut.
 */
#ifndef FOURPOST_BER_TIME_H
#define FOURPOST_BER_TIME_H

#include "base/error.h"
#include "base/slice.h"

#define UTC_TIME_LEN 13 /* YYMMDDhhmmssZ */

/* utc_time_parse - read a UTCTime as seconds since 1970.  ERR_SYNTAX,
 * ERR_VALUE */
int utc_time_parse(struct slice text, int64_t *seconds) WARN_UNUSED;

/* utc_time_format - write seconds since 1970 as YYMMDDhhmmssZ and a NUL */
void utc_time_format(int64_t seconds, char text[UTC_TIME_LEN + 1]);

/* generalized_time_parse - read a GeneralizedTime as seconds since 1970.
 * ERR_SYNTAX, ERR_VALUE */
int generalized_time_parse(struct slice text, int64_t *seconds) WARN_UNUSED;

#endif
