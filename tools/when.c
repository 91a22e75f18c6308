/* SPDX-License-Identifier: ISC */
/*
 * when.c - a moment on a command line; see when.h
 */
#include "tools/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

#define AHEAD_MAX ((int64_t)10 * 365 * 86400) /* s: ten years are a mistake */

/* relative - parse "+2h" */
static int
relative(const char *text, int64_t now, int64_t *seconds)
{
	static const char units[] = "smhd";
	static const int64_t factor[] = {1, 60, 3600, 86400};
	const char *unit;
	char *end;
	long long n = strtoll(text, &end, 10);

	if (*text < '0' || *text > '9' || *end == '\0' || end[1] != '\0' ||
	    (unit = strchr(units, *end)) == NULL)
		return ERR_SYNTAX;
	if (n > AHEAD_MAX / factor[unit - units])
		return ERR_VALUE;
	*seconds = now + n * factor[unit - units];
	return 0;
}

/* looks_like - compare with a pattern in which 0 stands for any digit */
static bool
looks_like(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; pattern++, text++)
		if (*pattern == '0' ? *text < '0' || *text > '9'
				    : *text != *pattern)
			return false;
	return *text == '\0';
}

/* when_parse - parse a time from now, or a date */
int
when_parse(const char *text, int64_t now, int64_t *seconds)
{
	struct calendar date = {0};

	if (*text == '+')
		return relative(text + 1, now, seconds);
	if (!looks_like(text, "0000-00-00T00:00Z") &&
	    !looks_like(text, "0000-00-00T00:00:00Z"))
		return ERR_SYNTAX;
	/* The seconds are there or not. */
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &date.year, &date.month,
		&date.day, &date.hour, &date.minute, &date.second) < 5)
		return ERR_SYNTAX;
	return calendar_to_seconds(&date, seconds);
}
