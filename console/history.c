/* SPDX-License-Identifier: ISC */
/*
 * history.c - what passed in each minute of the last day
 */
#include "console/history.h"

#include <inttypes.h>
#include <stdio.h>

#define MINUTE_MS 60000

static const char *const names[HISTORY_COUNTERS] = {
    [HISTORY_IN] = "in",
    [HISTORY_OUT] = "out",
    [HISTORY_OCTETS_IN] = "octets_in",
    [HISTORY_OCTETS_OUT] = "octets_out",
};

/* begin - begin with the counters as they are: what passed before is nobody's
 * knowledge */
static void
begin(struct history *history, int64_t minute)
{
	*history = (struct history){.minute = minute, .started = minute};
}

/* clear_between - clear the minutes in which nothing was added */
static void
clear_between(struct history *history, int64_t minute)
{
	int64_t from = history->minute + 1;

	if (minute - from > HISTORY_MINUTES)
		from = minute - HISTORY_MINUTES;
	for (; from <= minute; from++)
		memset(history->passed[from % HISTORY_MINUTES], 0,
		    sizeof(history->passed[0]));
}

/* history_add - take the counters of now */
void
history_add(struct history *history, int64_t now,
    const int64_t totals[HISTORY_COUNTERS])
{
	int64_t minute = now / MINUTE_MS;
	/* A clock that was set back begins again. */
	bool first = history->started == 0 || minute < history->minute;

	if (first)
		begin(history, minute);
	clear_between(history, minute);
	history->minute = minute;
	for (int i = 0; i < HISTORY_COUNTERS; i++) {
		/* Counters fall when a link goes, or qmgr begins again. */
		if (!first && totals[i] > history->totals[i])
			history->passed[minute % HISTORY_MINUTES][i] +=
			    totals[i] - history->totals[i];
		history->totals[i] = totals[i];
	}
}

/* history_fill - add what passed in a minute that was not seen */
void
history_fill(struct history *history, int64_t minute,
    const int64_t passed[HISTORY_COUNTERS])
{
	/* Another minute has that place. */
	if (minute > history->minute ||
	    minute <= history->minute - HISTORY_MINUTES)
		return;
	for (int i = 0; i < HISTORY_COUNTERS; i++)
		history->passed[minute % HISTORY_MINUTES][i] += passed[i];
}

/* history_reach - note that the minutes from this one on are filled */
void
history_reach(struct history *history, int64_t minute)
{
	if (minute < history->started)
		history->started = minute;
}

/* append - append a text */
static int
append(struct buffer *out, const char *text)
{
	return buffer_append(out, text, strlen(text));
}

/* append_number - append a number behind a text */
static int
append_number(struct buffer *out, const char *before, int64_t number)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "%s%" PRId64, before, number);
	return append(out, text);
}

/* append_steps - append a counter, so many minutes in one step */
static int
append_steps(const struct history *history, int64_t first, int count,
    int minutes, enum history_counter counter, struct buffer *out)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < count; i++) {
		int64_t from = first + (int64_t)i * minutes, sum = 0;

		for (int64_t m = from; m < from + minutes; m++)
			if (m >= history->started && m <= history->minute)
				sum +=
				    history
					->passed[m % HISTORY_MINUTES][counter];
		if (history->started == 0 || from + minutes <= history->started)
			rc = append(out, i > 0 ? ",null" : "null");
		else
			rc = append_number(out, i > 0 ? "," : "", sum);
	}
	return rc;
}

/* append_series - append all counters of a time */
static int
append_series(const struct history *history, int64_t now, int count,
    int minutes, struct buffer *out)
{
	/* Steps begin at full quarters, so that they do not wander. */
	int64_t last = now / MINUTE_MS / minutes * minutes;
	int64_t first = last - (int64_t)(count - 1) * minutes;
	int rc = append_number(out, "{\"step\":", minutes * 60);

	if (rc == 0)
		rc = append_number(out, ",\"from\":", first * 60);
	for (int i = 0; rc == 0 && i < HISTORY_COUNTERS; i++) {
		rc = append(out, ",\"");
		if (rc == 0)
			rc = append(out, names[i]);
		if (rc == 0)
			rc = append(out, "\":[");
		if (rc == 0)
			rc = append_steps(history, first, count, minutes,
			    (enum history_counter)i, out);
		if (rc == 0)
			rc = append(out, "]");
	}
	return rc == 0 ? append(out, "}") : rc;
}

/* history_json - append the last hour by minutes and the last day by
 * quarters */
int
history_json(const struct history *history, int64_t now, struct buffer *out)
{
	int rc = append(out, "{\"hour\":");

	if (rc == 0)
		rc = append_series(history, now, 60, 1, out);
	if (rc == 0)
		rc = append(out, ",\"day\":");
	if (rc == 0)
		rc = append_series(history, now, 96, 15, out);
	return rc == 0 ? append(out, "}") : rc;
}
