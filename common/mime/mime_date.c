/* SPDX-License-Identifier: ISC */
/*
 * mime_date.c - dates of headers (RFC 5322 3.3, 4.3)
 *
 * Contract in mime_date.h.
 */
#include "mime/mime_date.h"

#include <stdio.h>

#include "base/calendar.h"
#include "mime/mime_header.h"
#include "mime/mime_lex.h"

static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char days[7][4] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* Zones with names (RFC 5322 4.3), in hours. */
static const struct {
	const char *name;
	int hours;
} zones[] = {{"EDT", -4}, {"EST", -5}, {"CDT", -5}, {"CST", -6}, {"MDT", -6},
    {"MST", -7}, {"PDT", -7}, {"PST", -8}};

#define ZONES (sizeof(zones) / sizeof(zones[0]))

/* number - take a number of at most four digits; -1: none */
static int
number(struct mime_lex *lex, int *digits)
{
	int value = 0;

	mime_lex_skip(lex);
	*digits = 0;
	while (mime_lex_peek(lex) >= '0' && mime_lex_peek(lex) <= '9') {
		if (++*digits > 4)
			return -1;
		value = 10 * value + mime_lex_peek(lex) - '0';
		lex->pos++;
	}
	return *digits > 0 ? value : -1;
}

/* month - take the name of a month; 0: none */
static int
month(struct mime_lex *lex)
{
	struct slice name;

	mime_lex_skip(lex);
	name = mime_lex_token(lex, "0123456789,:-");
	for (int i = 0; i < 12; i++)
		if (mime_name_begins(name, months[i]))
			return i + 1;
	return 0;
}

/* year - take a year, with two digits as it was written long ago */
static int
year(struct mime_lex *lex)
{
	int digits, value = number(lex, &digits);

	if (value < 0)
		return -1;
	if (digits == 2)
		return value < 50 ? 2000 + value : 1900 + value;
	return digits == 3 ? 1900 + value : value;
}

/* zone - take a zone: seconds east of Greenwich */
static int
zone(struct mime_lex *lex)
{
	struct slice name;
	int sign, digits, value;

	mime_lex_skip(lex);
	if (mime_lex_peek(lex) == '+' || mime_lex_peek(lex) == '-') {
		sign = mime_lex_peek(lex) == '-' ? -1 : 1;
		lex->pos++;
		value = number(lex, &digits);
		if (value < 0 || digits != 4 || value % 100 > 59)
			return 0;
		return sign * (value / 100 * 3600 + value % 100 * 60);
	}
	name = mime_lex_token(lex, "(");
	for (size_t i = 0; i < ZONES; i++)
		if (mime_name_is(name, zones[i].name))
			return zones[i].hours * 3600;
	return 0;
}

/* take_time - take "12:05:10"; seconds may be missing */
static bool
take_time(struct mime_lex *lex, struct calendar *date)
{
	int digits;

	date->hour = number(lex, &digits);
	mime_lex_skip(lex);
	if (date->hour < 0 || mime_lex_peek(lex) != ':')
		return false;
	lex->pos++;
	date->minute = number(lex, &digits);
	mime_lex_skip(lex);
	date->second = 0;
	if (mime_lex_peek(lex) == ':') {
		lex->pos++;
		date->second = number(lex, &digits);
	}
	/* A leap second is the one before it here. */
	if (date->second == 60)
		date->second = 59;
	return date->minute >= 0 && date->second >= 0;
}

/* mime_date_parse - read a date as seconds since 1970 */
int
mime_date_parse(struct slice value, int64_t *seconds)
{
	struct mime_lex lex = {value, 0};
	struct calendar date = {.year = 0};
	int64_t moment;
	int digits, error;

	mime_lex_skip(&lex);
	/* The day of the week says nothing that the date does not. */
	if (mime_lex_peek(&lex) > '9') {
		(void)mime_lex_token(&lex, ",0123456789");
		mime_lex_skip(&lex);
		if (mime_lex_peek(&lex) == ',')
			lex.pos++;
	}
	date.day = number(&lex, &digits);
	mime_lex_skip(&lex);
	if (mime_lex_peek(&lex) == '-')
		lex.pos++;
	date.month = month(&lex);
	if (mime_lex_peek(&lex) == '-')
		lex.pos++;
	date.year = year(&lex);
	if (date.day < 0 || date.month == 0 || date.year < 0 ||
	    !take_time(&lex, &date))
		return ERR_SYNTAX;
	if ((error = calendar_to_seconds(&date, &moment)) < 0)
		return error;
	*seconds = moment - zone(&lex);
	return 0;
}

/* mime_date_format - write a date */
const char *
mime_date_format(int64_t seconds, char text[MIME_DATE_MAX])
{
	struct calendar date;
	int64_t day;

	calendar_from_seconds(seconds, &date);
	/* 1970 began on a Thursday. */
	day = (seconds >= 0 ? seconds : seconds - 86399) / 86400 + 4;
	snprintf(text, MIME_DATE_MAX, "%s, %02d %s %04d %02d:%02d:%02d +0000",
	    days[((day % 7) + 7) % 7], date.day, months[date.month - 1],
	    date.year, date.hour, date.minute, date.second);
	return text;
}
