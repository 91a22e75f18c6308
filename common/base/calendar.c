/* SPDX-License-Identifier: ISC */
/*
 * calendar.c - seconds since 1970 and the date they are, in UTC
 */
#include <stdbool.h>
#include <stdio.h>

#include "base/calendar.h"

#define DAY 86400

/* days_in - return how many days a month has */
static int
days_in(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* days_before - count days from 1970-01-01 to the first of January of a year */
static int64_t
days_before(int year)
{
	int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

/* calendar_to_seconds - convert a date to a moment.  ERR_VALUE: no such date */
int
calendar_to_seconds(const struct calendar *date, int64_t *seconds)
{
	int64_t days;
	int month;

	if (date->year < 1 || date->year > 9999 || date->month < 1 ||
	    date->month > 12 || date->day < 1 ||
	    date->day > days_in(date->year, date->month) || date->hour < 0 ||
	    date->hour > 23 || date->minute < 0 || date->minute > 59 ||
	    date->second < 0 || date->second > 59)
		return ERR_VALUE;
	days = days_before(date->year) + date->day - 1;
	for (month = 1; month < date->month; month++)
		days += days_in(date->year, month);
	*seconds =
	    days * DAY + date->hour * 3600 + date->minute * 60 + date->second;
	return 0;
}

/* calendar_from_seconds - convert a moment to a date, or the nearest there
 * is */
void
calendar_from_seconds(int64_t seconds, struct calendar *date)
{
	int64_t first = days_before(1) * DAY;
	int64_t last = days_before(10000) * DAY - 1;
	int64_t days, rest;

	if (seconds < first)
		seconds = first;
	if (seconds > last)
		seconds = last;
	days = (seconds - first) / DAY;
	rest = (seconds - first) % DAY;
	/* 146097 days are 400 years: a guess that is a year off at most. */
	date->year = 1 + (int)(days * 400 / 146097);
	days += days_before(1);
	while (days_before(date->year) > days)
		date->year--;
	while (days_before(date->year + 1) <= days)
		date->year++;
	days -= days_before(date->year);
	for (date->month = 1; days >= days_in(date->year, date->month);
	     date->month++)
		days -= days_in(date->year, date->month);
	date->day = (int)days + 1;
	date->hour = (int)(rest / 3600);
	date->minute = (int)(rest / 60 % 60);
	date->second = (int)(rest % 60);
}

/* calendar_format - write "2026-11-22T19:36:00Z", for logs and people */
const char *
calendar_format(int64_t seconds, char text[CALENDAR_TEXT_MAX])
{
	struct calendar date;
	char out[80];

	calendar_from_seconds(seconds, &date);
	(void)snprintf(out, sizeof(out), "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    date.year, date.month, date.day, date.hour, date.minute,
	    date.second);
	(void)snprintf(text, CALENDAR_TEXT_MAX, "%.23s", out);
	return text;
}
