/* SPDX-License-Identifier: ISC */
/*
 * time.c - UTCTime (X.680 47) and GeneralizedTime (X.680 46)
 *
 * The calendar is computed here: gmtime and timegm look at the environment
 * and at files that a worker in its chroot does not have.
 */
#include <stdio.h>

#include "ber/time.h"

#define DAY 86400

/* A moment as it is written. */
struct moment {
	int year, month, day, hour, minute, second;
	int offset; /* minutes east of UTC */
};

/* digits - a number of count decimal digits at *at: 0, or ERR_SYNTAX */
static int
digits(struct slice text, size_t *at, size_t count, int *value)
{
	int got = 0;
	size_t i;

	if (count > text.len - *at)
		return ERR_SYNTAX;
	for (i = 0; i < count; i++) {
		uint8_t c = text.data[*at + i];

		if (c < '0' || c > '9')
			return ERR_SYNTAX;
		got = got * 10 + (c - '0');
	}
	*at += count;
	*value = got;
	return 0;
}

/* digit_follows - whether a decimal digit stands at */
static bool
digit_follows(struct slice text, size_t at)
{
	return at < text.len && text.data[at] >= '0' && text.data[at] <= '9';
}

/* days_in - how many days a month has */
static int
days_in(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* days_before - days from 1970-01-01 to the first of a month */
static int64_t
days_before(int year, int month)
{
	int64_t y = year - 1;
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400;
	int m;

	for (m = 1; m < month; m++)
		days += days_in(year, m);
	return days - 719162; /* 1970-01-01 */
}

/* to_seconds - the moment as seconds since 1970.  ERR_VALUE */
static int
to_seconds(const struct moment *m, int64_t *seconds)
{
	if (m->year < 1 || m->month < 1 || m->month > 12 || m->day < 1 ||
	    m->day > days_in(m->year, m->month) || m->hour > 23 ||
	    m->minute > 59 || m->second > 59)
		return ERR_VALUE;
	*seconds = (days_before(m->year, m->month) + m->day - 1) * DAY +
	    m->hour * 3600 + m->minute * 60 + m->second - m->offset * 60;
	return 0;
}

/* parse_zone - "Z", "+hhmm", "-hhmm" up to the end; "+hh" if hours_do */
static int
parse_zone(struct slice text, size_t at, bool hours_do, int *offset)
{
	int hours, minutes = 0, sign;

	if (at >= text.len)
		return ERR_SYNTAX;
	if (text.data[at] == 'Z') {
		*offset = 0;
		return at + 1 == text.len ? 0 : ERR_SYNTAX;
	}
	if (text.data[at] != '+' && text.data[at] != '-')
		return ERR_SYNTAX;
	sign = text.data[at++] == '-' ? -1 : 1;
	if (digits(text, &at, 2, &hours) != 0)
		return ERR_SYNTAX;
	if (!(hours_do && at == text.len) &&
	    digits(text, &at, 2, &minutes) != 0)
		return ERR_SYNTAX;
	if (at != text.len)
		return ERR_SYNTAX;
	if (hours > 23 || minutes > 59)
		return ERR_VALUE;
	*offset = sign * (hours * 60 + minutes);
	return 0;
}

/* utc_time_parse - seconds since 1970.  ERR_SYNTAX, ERR_VALUE */
int
utc_time_parse(struct slice text, int64_t *seconds)
{
	struct moment m = {.second = 0};
	size_t at = 0;
	int error;

	if (digits(text, &at, 2, &m.year) != 0 ||
	    digits(text, &at, 2, &m.month) != 0 ||
	    digits(text, &at, 2, &m.day) != 0 ||
	    digits(text, &at, 2, &m.hour) != 0 ||
	    digits(text, &at, 2, &m.minute) != 0)
		return ERR_SYNTAX;
	if (digit_follows(text, at) && digits(text, &at, 2, &m.second) != 0)
		return ERR_SYNTAX;
	error = parse_zone(text, at, false, &m.offset);
	if (error != 0)
		return error;
	m.year += m.year < 50 ? 2000 : 1900;
	return to_seconds(&m, seconds);
}

/* parse_fraction - ".123" of a unit of so many seconds, in whole seconds */
static int
parse_fraction(struct slice text, size_t *at, int unit, int *seconds)
{
	int64_t part = unit, value = 0;
	size_t i = *at;

	*seconds = 0;
	if (i >= text.len || (text.data[i] != '.' && text.data[i] != ','))
		return 0;
	if (!digit_follows(text, ++i))
		return ERR_SYNTAX;
	/* In billionths; what lies beyond is less than a second anyway. */
	for (part *= 1000000000; digit_follows(text, i); i++) {
		part /= 10;
		value += part * (text.data[i] - '0');
	}
	*seconds = (int)(value / 1000000000);
	*at = i;
	return 0;
}

/* generalized_time_parse - seconds since 1970.  ERR_SYNTAX, ERR_VALUE */
int
generalized_time_parse(struct slice text, int64_t *seconds)
{
	struct moment m = {.second = 0};
	int error, unit = 3600, more;
	int64_t got;
	size_t at = 0;

	if (digits(text, &at, 4, &m.year) != 0 ||
	    digits(text, &at, 2, &m.month) != 0 ||
	    digits(text, &at, 2, &m.day) != 0 ||
	    digits(text, &at, 2, &m.hour) != 0)
		return ERR_SYNTAX;
	if (digit_follows(text, at)) {
		if (digits(text, &at, 2, &m.minute) != 0)
			return ERR_SYNTAX;
		unit = 60;
	}
	if (unit == 60 && digit_follows(text, at)) {
		if (digits(text, &at, 2, &m.second) != 0)
			return ERR_SYNTAX;
		unit = 1;
	}
	error = parse_fraction(text, &at, unit, &more);
	if (error == 0 && at < text.len)
		error = parse_zone(text, at, true, &m.offset);
	if (error == 0)
		error = to_seconds(&m, &got);
	if (error == 0)
		*seconds = got + more;
	return error;
}

/* utc_time_format - seconds since 1970 as YYMMDDhhmmssZ and a NUL */
void
utc_time_format(int64_t seconds, char text[UTC_TIME_LEN + 1])
{
	int64_t first = days_before(1950, 1) * DAY;
	int64_t end = days_before(2050, 1) * DAY;
	int64_t days, rest;
	int year, month = 1;
	char out[64];

	/* Two digits name no other years; the nearest moment is the best. */
	if (seconds < first)
		seconds = first;
	if (seconds >= end)
		seconds = end - 1;
	days = first / DAY + (seconds - first) / DAY;
	rest = (seconds - first) % DAY;
	year = 1950 + (int)((seconds - first) / DAY / 366);
	while (days_before(year + 1, 1) <= days)
		year++;
	while (month < 12 && days_before(year, month + 1) <= days)
		month++;
	days -= days_before(year, month);
	(void)snprintf(out, sizeof(out), "%02d%02d%02d%02d%02d%02dZ",
	    year % 100, month, (int)days + 1, (int)(rest / 3600),
	    (int)(rest / 60 % 60), (int)(rest % 60));
	memcpy(text, out, UTC_TIME_LEN);
	text[UTC_TIME_LEN] = '\0';
}
