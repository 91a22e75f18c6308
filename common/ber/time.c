/* SPDX-License-Identifier: ISC */
/*
 * time.c - UTCTime (X.680 47) and GeneralizedTime (X.680 46)
 */
#include <stdio.h>

#include "base/calendar.h"
#include "ber/time.h"

/* The first two-digit year is this one: years that are ten back and forty ahead
 * are told apart (Doc 9880 3.2.2.3) until 2029. */
#define YEAR_MIN 1970

/* digits - read a number of count decimal digits at *at: 0, or ERR_SYNTAX */
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

/* digit_follows - tell whether a decimal digit stands at */
static bool
digit_follows(struct slice text, size_t at)
{
	return at < text.len && text.data[at] >= '0' && text.data[at] <= '9';
}

/* How long a zone is at least. */
enum zone_form {
	ZONE_MINUTES,
	ZONE_HOURS /* "+hh" will do */
};

/* parse_zone - read "Z", "+hhmm", "-hhmm" up to the end */
static int
parse_zone(struct slice text, size_t at, enum zone_form form, int *offset)
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
	if (!(form == ZONE_HOURS && at == text.len) &&
	    digits(text, &at, 2, &minutes) != 0)
		return ERR_SYNTAX;
	if (at != text.len)
		return ERR_SYNTAX;
	if (hours > 23 || minutes > 59)
		return ERR_VALUE;
	*offset = sign * (hours * 60 + minutes);
	return 0;
}

/* utc_time_parse - read a UTCTime as seconds since 1970 */
int
utc_time_parse(struct slice text, int64_t *seconds)
{
	struct calendar date = {.second = 0};
	int64_t moment;
	int error, zone;
	size_t at = 0;

	if (digits(text, &at, 2, &date.year) != 0 ||
	    digits(text, &at, 2, &date.month) != 0 ||
	    digits(text, &at, 2, &date.day) != 0 ||
	    digits(text, &at, 2, &date.hour) != 0 ||
	    digits(text, &at, 2, &date.minute) != 0)
		return ERR_SYNTAX;
	if (digit_follows(text, at) && digits(text, &at, 2, &date.second) != 0)
		return ERR_SYNTAX;
	error = parse_zone(text, at, ZONE_MINUTES, &zone);
	if (error != 0)
		return error;
	date.year += date.year < YEAR_MIN - 1900 ? 2000 : 1900;
	error = calendar_to_seconds(&date, &moment);
	if (error == 0)
		*seconds = moment - zone * 60;
	return error;
}

/* parse_fraction - read ".123" of a unit of so many seconds, in whole
 * seconds */
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

/* generalized_time_parse - read a GeneralizedTime as seconds since 1970 */
int
generalized_time_parse(struct slice text, int64_t *seconds)
{
	struct calendar date = {.second = 0};
	int error, unit = 3600, more, zone = 0;
	int64_t got;
	size_t at = 0;

	if (digits(text, &at, 4, &date.year) != 0 ||
	    digits(text, &at, 2, &date.month) != 0 ||
	    digits(text, &at, 2, &date.day) != 0 ||
	    digits(text, &at, 2, &date.hour) != 0)
		return ERR_SYNTAX;
	if (digit_follows(text, at)) {
		if (digits(text, &at, 2, &date.minute) != 0)
			return ERR_SYNTAX;
		unit = 60;
	}
	if (unit == 60 && digit_follows(text, at)) {
		if (digits(text, &at, 2, &date.second) != 0)
			return ERR_SYNTAX;
		unit = 1;
	}
	error = parse_fraction(text, &at, unit, &more);
	if (error == 0 && at < text.len)
		error = parse_zone(text, at, ZONE_HOURS, &zone);
	if (error == 0)
		error = calendar_to_seconds(&date, &got);
	if (error == 0)
		*seconds = got + more - zone * 60;
	return error;
}

/* utc_time_format - write seconds since 1970 as YYMMDDhhmmssZ and a NUL */
void
utc_time_format(int64_t seconds, char text[UTC_TIME_LEN + 1])
{
	struct calendar date;
	char out[80];

	/* Two digits name no other years; the nearest moment is the best. */
	calendar_from_seconds(seconds, &date);
	if (date.year < YEAR_MIN)
		date = (struct calendar){YEAR_MIN, 1, 1, 0, 0, 0};
	if (date.year >= YEAR_MIN + 100)
		date = (struct calendar){YEAR_MIN + 99, 12, 31, 23, 59, 59};
	(void)snprintf(out, sizeof(out), "%02d%02d%02d%02d%02d%02dZ",
	    date.year % 100, date.month, date.day, date.hour, date.minute,
	    date.second);
	memcpy(text, out, UTC_TIME_LEN);
	text[UTC_TIME_LEN] = '\0';
}
