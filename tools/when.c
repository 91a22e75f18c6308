/* SPDX-License-Identifier: ISC */
/*
 * when.c - a moment on a command line; see when.h
 */
#include "tools/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

#define AHEAD_MAX ((int64_t)10 * 365 * 86400) /* s: ten years are a mistake */

/* relative - "+2h" */
static int
relative(const char *text, int64_t now, int64_t *seconds)
{
	static const char units[] = "smhd";
	static const int64_t factor[] = {1, 60, 3600, 86400};
	const char *unit;
	char *end;
	long long n = strtoll(text, &end, 10);

	if (end == text || n < 0 || *end == '\0' || end[1] != '\0' ||
	    (unit = strchr(units, *end)) == NULL)
		return ERR_SYNTAX;
	if (n > AHEAD_MAX / factor[unit - units])
		return ERR_VALUE;
	*seconds = now + n * factor[unit - units];
	return 0;
}

/* when_parse - from now, or a date */
int
when_parse(const char *text, int64_t now, int64_t *seconds)
{
	struct calendar date = {0};
	int used = 0;

	if (*text == '+')
		return relative(text + 1, now, seconds);
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d%n", &date.year, &date.month,
		&date.day, &date.hour, &date.minute, &used) != 5)
		return ERR_SYNTAX;
	text += used;
	used = 0;
	if (*text == ':' && sscanf(text, ":%2d%n", &date.second, &used) != 1)
		return ERR_SYNTAX;
	if (strcmp(text + used, "Z") != 0)
		return ERR_SYNTAX;
	return calendar_to_seconds(&date, seconds);
}
