/* SPDX-License-Identifier: ISC */
/*
 * postgresql_time.c - times as PostgreSQL reads them
 */
#include "postgresql/postgresql_time.h"

#include <stdio.h>

#include "base/calendar.h"

#define LAST INT64_C(253402300799999) /* ms: the end of the year 9999 */

/* postgresql_time_within - return the nearest time that can be written */
int64_t
postgresql_time_within(int64_t ms)
{
	if (ms < 0)
		return 0;
	return ms > LAST ? LAST : ms;
}

/* postgresql_time - write a time */
const char *
postgresql_time(int64_t ms, char text[POSTGRESQL_TIME_MAX])
{
	int64_t time = postgresql_time_within(ms);
	struct calendar date;

	calendar_from_seconds(time / 1000, &date);
	(void)snprintf(text, POSTGRESQL_TIME_MAX,
	    "%04d-%02d-%02d %02d:%02d:%02d.%03d+00", date.year, date.month,
	    date.day, date.hour, date.minute, date.second, (int)(time % 1000));
	return text;
}
