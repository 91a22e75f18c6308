/* SPDX-License-Identifier: ISC */
/*
 * calendar.h - seconds since 1970 and the date they are, in UTC
 *
 * gmtime and timegm look at the environment and open files, which a process
 * in its sandbox must not; these compute.  Gregorian throughout, no leap
 * seconds.
 */
#ifndef FOURPOST_BASE_CALENDAR_H
#define FOURPOST_BASE_CALENDAR_H

#include <stdint.h>

#include "base/error.h"

struct calendar {
	int year;	/* 1 to 9999 */
	int month, day; /* from 1 */
	int hour, minute, second;
};

/* calendar_to_seconds - convert a date to a moment.  ERR_VALUE: no such date */
int
calendar_to_seconds(const struct calendar *date, int64_t *seconds) WARN_UNUSED;

/* calendar_from_seconds - convert a moment to a date; beyond the years 1 to
 * 9999 the nearest within */
void calendar_from_seconds(int64_t seconds, struct calendar *date);

/* calendar_format - write "2026-11-22T19:36:00Z", for logs and people */
#define CALENDAR_TEXT_MAX 24
const char *calendar_format(int64_t seconds, char text[CALENDAR_TEXT_MAX]);

#endif
