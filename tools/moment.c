/* SPDX-License-Identifier: ISC */
/*
 * moment.c - a moment in the past on a command line, as people write it
 */
#include "tools/moment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY 86400

/* A date as it is parsed: where it begins, and how long it is. */
struct parsed {
	struct tm tm;
	int64_t length; /* s */
	bool utc;
	bool clock; /* a time of the day without a date */
};

/* parse_ago - parse "2h" */
static int
parse_ago(const char *text, int64_t now, int64_t *ms)
{
	static const char units[] = "smhdw";
	static const int64_t factor[] = {1, 60, 3600, DAY, 7 * DAY};
	const char *unit;
	char *end;
	long long n;

	if (*text < '0' || *text > '9')
		return ERR_SYNTAX;
	n = strtoll(text, &end, 10);
	unit = *end == '\0' ? NULL : strchr(units, *end);
	if (unit == NULL || end[1] != '\0')
		return ERR_SYNTAX;
	/* Compared before it is multiplied, so that no product overflows. */
	if (n > INT64_C(100) * 365 * DAY / factor[unit - units])
		return ERR_VALUE;
	*ms = now - n * factor[unit - units] * 1000;
	return 0;
}

/* parse_clock - parse "14:02" or "14:02:30", with Z or not, to its end */
static bool
parse_clock(const char *text, struct parsed *out)
{
	int hour, minute, second = 0, used = 0;

	if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 || used == 0)
		return false;
	text += used;
	/* A minute without seconds is meant as a whole. */
	out->length = 60;
	if (*text == ':') {
		used = 0;
		if (sscanf(text, ":%2d%n", &second, &used) != 1)
			return false;
		text += used;
		out->length = 1;
	}
	if (*text == 'Z') {
		out->utc = true;
		text++;
	}
	out->tm.tm_hour = hour;
	out->tm.tm_min = minute;
	out->tm.tm_sec = second;
	return *text == '\0' && hour >= 0 && hour < 24 && minute >= 0 &&
	    minute < 60 && second >= 0 && second <= 60;
}

/* parse_date - parse "2026-11-30", with a time or not */
static bool
parse_date(const char *text, struct parsed *out)
{
	int year, month, day, used = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 ||
	    used == 0)
		return false;
	out->tm.tm_year = year - 1900;
	out->tm.tm_mon = month - 1;
	out->tm.tm_mday = day;
	out->length = DAY;
	text += used;
	if (*text == '\0')
		return true;
	return (*text == 'T' || *text == ' ') && parse_clock(text + 1, out);
}

/* set_day - set the date of a moment */
static void
set_day(struct parsed *out, int64_t now)
{
	time_t seconds = (time_t)(now / 1000);
	struct tm today;

	if (out->utc)
		(void)gmtime_r(&seconds, &today);
	else
		(void)localtime_r(&seconds, &today);
	out->tm.tm_year = today.tm_year;
	out->tm.tm_mon = today.tm_mon;
	out->tm.tm_mday = today.tm_mday;
}

/* parse_word - parse "today" and "yesterday" */
static bool
parse_word(const char *text, int64_t now, struct parsed *out)
{
	bool yesterday = strcmp(text, "yesterday") == 0;

	if (!yesterday && strcmp(text, "today") != 0)
		return false;
	set_day(out, now);
	/* mktime makes the day before of day 0. */
	out->tm.tm_mday -= yesterday;
	out->length = DAY;
	return true;
}

/* to_seconds - convert a date; -1: there is no such date */
static int64_t
to_seconds(const struct parsed *parsed, bool checked)
{
	struct tm tm = parsed->tm;
	int day = tm.tm_mday, month = tm.tm_mon;
	time_t seconds;

	/* -1: whether summer time holds is for the system to say. */
	tm.tm_isdst = -1;
	seconds = parsed->utc ? timegm(&tm) : mktime(&tm);
	/* A date that changed when it was normalized, such as February 30, does
	 * not exist. */
	return checked && (tm.tm_mday != day || tm.tm_mon != month)
	    ? -1
	    : (int64_t)seconds;
}

/* moment_parse - parse a moment */
int
moment_parse(const char *text, enum moment_side side, int64_t now, int64_t *ms)
{
	struct parsed parsed = {.length = 0};
	bool checked = false;
	int64_t seconds;

	if (strcmp(text, "now") == 0) {
		*ms = now;
		return 0;
	}
	if (parse_date(text, &parsed))
		checked = true;
	else if (memset(&parsed, 0, sizeof(parsed)),
	    parse_clock(text, &parsed)) {
		parsed.clock = true;
		set_day(&parsed, now);
	} else if (memset(&parsed, 0, sizeof(parsed)),
	    !parse_word(text, now, &parsed))
		return parse_ago(text, now, ms);
	seconds = to_seconds(&parsed, checked);
	if (seconds < 0)
		return ERR_VALUE;
	if (parsed.clock && seconds * 1000 > now) {
		parsed.tm.tm_mday--;
		seconds = to_seconds(&parsed, false);
	}
	*ms = seconds * 1000;
	if (side == MOMENT_END)
		*ms += parsed.length * 1000 - 1;
	return 0;
}
