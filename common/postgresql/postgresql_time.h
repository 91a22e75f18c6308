/* SPDX-License-Identifier: ISC */
/*
 * postgresql_time.h - times as PostgreSQL reads them
 */
#ifndef FOURPOST_POSTGRESQL_POSTGRESQL_TIME_H
#define FOURPOST_POSTGRESQL_POSTGRESQL_TIME_H

#include <stdint.h>

#define POSTGRESQL_TIME_MAX 64

/* postgresql_time_within - return the nearest time (ms since 1970) in the years
 * 1970 to 9999, which the server and calendar.h both know */
int64_t postgresql_time_within(int64_t ms);

/* postgresql_time - write the nearest such time as a timestamp with time zone,
 * "2026-11-30 22:40:00.123+00", and return the text */
const char *postgresql_time(int64_t ms, char text[POSTGRESQL_TIME_MAX]);

#endif
