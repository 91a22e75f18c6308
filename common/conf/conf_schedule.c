/* SPDX-License-Identifier: ISC */
/*
 * conf_schedule.c - when a link calls
 *
 * Exchange's schedule page had a grid of quarters of an hour; so has this.
 */
#include "conf/conf_schedule.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#define QUARTERS_DAY 96
#define DAYS	     7
#define QUARTER	     900 /* seconds */

static const char *const day_names[DAYS] = {
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static const struct {
	const char *text;
	enum conf_schedule_kind kind;
} words[] = {
    {"always", CONF_SCHEDULE_ALWAYS},
    {"never", CONF_SCHEDULE_NEVER},
    {"remote-initiated", CONF_SCHEDULE_REMOTE_INITIATED},
};

/* quarter_get - tell whether quarter n of the week is in the schedule */
static bool
quarter_get(const struct conf_schedule *schedule, unsigned n)
{
	return (schedule->quarters[n / 8] >> (n % 8) & 1) != 0;
}

/* quarter_set - put quarter n of the week into the schedule */
static void
quarter_set(struct conf_schedule *schedule, unsigned n)
{
	schedule->quarters[n / 8] =
	    (uint8_t)(schedule->quarters[n / 8] | 1u << (n % 8));
}

/* skip_blanks - move behind blanks */
static void
skip_blanks(const char **at)
{
	while (**at == ' ' || **at == '\t')
		(*at)++;
}

/* day_parse - parse a day's name; *at moves behind it */
static bool
day_parse(const char **at, unsigned *day)
{
	for (unsigned i = 0; i < DAYS; i++) {
		/* A fourth letter makes it another word, which is better
		 * refused than guessed. */
		if (strncasecmp(*at, day_names[i], 3) == 0 &&
		    !isalpha((unsigned char)(*at)[3])) {
			*at += 3;
			*day = i;
			return true;
		}
	}
	return false;
}

/* days_parse - parse "Mon", "Mon-Fri", or nothing for every day */
static int
days_parse(const char **at, unsigned *first, unsigned *last)
{
	*first = 0;
	*last = DAYS - 1;
	/* A time without days holds for all of them. */
	if (isdigit((unsigned char)**at))
		return 0;
	if (!day_parse(at, first))
		return ERR_SYNTAX;
	*last = *first;
	skip_blanks(at);
	if (**at == '-') {
		(*at)++;
		skip_blanks(at);
		if (!day_parse(at, last))
			return ERR_SYNTAX;
		skip_blanks(at);
	}
	return 0;
}

/* two_digits - parse exactly two digits; *at moves behind them */
static int
two_digits(const char **at, unsigned *number)
{
	if (!isdigit((unsigned char)(*at)[0]) ||
	    !isdigit((unsigned char)(*at)[1]))
		return ERR_SYNTAX;
	*number = (unsigned)((*at)[0] - '0') * 10 + (unsigned)((*at)[1] - '0');
	*at += 2;
	return 0;
}

/* time_parse - parse "08:15" as a number of quarters; *at moves behind it */
static int
time_parse(const char **at, unsigned *quarter)
{
	unsigned hour, minute;

	if (two_digits(at, &hour) < 0 || *(*at)++ != ':' ||
	    two_digits(at, &minute) < 0)
		return ERR_SYNTAX;
	/* Quarters of an hour, as in Exchange's grid, so that a week is a map
	 * of 672 bits. */
	if (minute % 15 != 0 || minute > 45 || hour > 24 ||
	    (hour == 24 && minute != 0))
		return ERR_VALUE;
	*quarter = hour * 4 + minute / 15;
	return 0;
}

/* span_parse - parse days and a span of time, into the schedule */
static int
span_parse(const char **at, struct conf_schedule *schedule)
{
	unsigned first, last, from, to;
	int r = days_parse(at, &first, &last);

	if (r == 0)
		r = time_parse(at, &from);
	if (r < 0)
		return r;
	skip_blanks(at);
	if (*(*at)++ != '-')
		return ERR_SYNTAX;
	skip_blanks(at);
	r = time_parse(at, &to);
	if (r < 0)
		return r;
	/* An empty span is refused: nobody can mean it, and "00:00-00:00" could
	 * mean all day. */
	if (from == to || from == QUARTERS_DAY)
		return ERR_VALUE;
	if (to < from)
		to += QUARTERS_DAY; /* over midnight */
	if (last < first)
		last += DAYS;
	for (unsigned day = first; day <= last; day++) {
		for (unsigned q = from; q < to; q++) {
			quarter_set(schedule,
			    (day * QUARTERS_DAY + q) % CONF_QUARTERS_WEEK);
		}
	}
	return 0;
}

/* conf_schedule_parse - parse a text as a schedule */
int
conf_schedule_parse(
    const char *text, struct conf_schedule *schedule, struct diag *diag)
{
	struct conf_schedule result = {.kind = CONF_SCHEDULE_TIMES};
	const char *at = text;

	/* Words first: no word is also the beginning of a span. */
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].text) == 0) {
			result.kind = words[i].kind;
			*schedule = result;
			return 0;
		}
	}
	for (;;) {
		int r;

		skip_blanks(&at);
		r = span_parse(&at, &result);
		if (r == ERR_VALUE) {
			return diag_set(diag, r,
			    "\"%s\": times are quarters of an hour, 00:00 to "
			    "24:00, and a span is not empty",
			    text);
		}
		if (r == 0)
			skip_blanks(&at);
		if (r == 0 && *at == '\0')
			break;
		if (r < 0 || *at++ != ',') {
			return diag_set(diag, ERR_SYNTAX,
			    "\"%s\" is none of always, never, "
			    "remote-initiated, Mon-Fri 08:00-18:00, ...",
			    text);
		}
	}
	*schedule = result;
	return 0;
}

/* day_run - find the next run of quarters of a day that are set, from *from */
static bool
day_run(const struct conf_schedule *schedule, unsigned day, unsigned *from,
    unsigned *to)
{
	unsigned base = day * QUARTERS_DAY, q = *from;

	while (q < QUARTERS_DAY && !quarter_get(schedule, base + q))
		q++;
	if (q == QUARTERS_DAY)
		return false;
	*from = q;
	while (q < QUARTERS_DAY && quarter_get(schedule, base + q))
		q++;
	*to = q;
	return true;
}

/* conf_schedule_format - append its canonical text */
int
conf_schedule_format(const struct conf_schedule *schedule, struct buffer *out)
{
	const char *separator = "";
	char text[48];
	int r = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].kind == schedule->kind)
			return buffer_append(
			    out, words[i].text, strlen(words[i].text));
	}
	for (unsigned day = 0; day < DAYS; day++) {
		unsigned from = 0, to;

		for (; day_run(schedule, day, &from, &to); from = to) {
			int len = snprintf(text, sizeof(text),
			    "%s%s %02u:%02u-%02u:%02u", separator,
			    day_names[day], from / 4, from % 4 * 15, to / 4,
			    to % 4 * 15);

			r = buffer_append(out, text, (size_t)len);
			if (r < 0)
				return r;
			separator = ", ";
		}
	}
	return r;
}

/* quarter_now - return the quarter of the week of a time, local time */
static unsigned
quarter_now(time_t now)
{
	struct tm tm;

	/* A time that cannot be broken down is none that a clock has; any
	 * quarter will do. */
	if (localtime_r(&now, &tm) == NULL)
		return 0;
	/* struct tm's week begins on Sunday, ours on Monday. */
	return ((unsigned)(tm.tm_wday + 6) % DAYS) * QUARTERS_DAY +
	    (unsigned)tm.tm_hour * 4 + (unsigned)tm.tm_min / 15;
}

/* conf_schedule_open - tell whether we may call at this time */
bool
conf_schedule_open(const struct conf_schedule *schedule, time_t now)
{
	switch (schedule->kind) {
	case CONF_SCHEDULE_ALWAYS:
		return true;
	case CONF_SCHEDULE_NEVER:
	case CONF_SCHEDULE_REMOTE_INITIATED:
		return false;
	case CONF_SCHEDULE_TIMES:
		return quarter_get(schedule, quarter_now(now));
	}
	return false;
}

/* conf_schedule_next - return when what conf_schedule_open says may change */
bool
conf_schedule_next(
    const struct conf_schedule *schedule, time_t now, time_t *next)
{
	bool open = conf_schedule_open(schedule, now);
	time_t at = now - now % QUARTER;

	if (schedule->kind != CONF_SCHEDULE_TIMES)
		return false;
	/* asked for each quarter's own time, so that summer time is right;
	 * all zones are whole quarters from UTC */
	for (unsigned i = 0; i <= CONF_QUARTERS_WEEK; i++) {
		at += QUARTER;
		if (conf_schedule_open(schedule, at) != open) {
			*next = at;
			return true;
		}
	}
	return false;
}
