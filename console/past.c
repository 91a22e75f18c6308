/* SPDX-License-Identifier: ISC */
/*
 * past.c - what passed before the console was started, as the tracker knows it
 */
#include "console/past.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define MINUTE_MS ((int64_t)60000)
#define HOUR_MS	  (60 * MINUTE_MS)
#define DAY_MS	  (24 * HOUR_MS)
#define KEPT_MS	  3000 /* for the tracker to keep what qmgr told it */
#define AGAIN_MS  60000
#define ANSWER_MS 5000

static const char *const names[HISTORY_COUNTERS] = {
    [HISTORY_IN] = "in",
    [HISTORY_OUT] = "out",
    [HISTORY_OCTETS_IN] = "octets_in",
    [HISTORY_OCTETS_OUT] = "octets_out",
};

/* past_init - ask for nothing yet */
void
past_init(struct past *past, struct asker *asker, struct history *history)
{
	*past = (struct past){
	    .asker = asker, .history = history, .ask_at = CLOCK_NEVER};
}

/* past_begin - ask for the day before now */
void
past_begin(struct past *past, int64_t now)
{
	past->until = now;
	past->end = now - DAY_MS;
	past->ask_at = clock_after(KEPT_MS);
}

/* on_row - take a row: since when something is kept, or a minute */
static int
on_row(void *arg, const struct ipc_row *row)
{
	struct past *past = arg;
	int64_t values[HISTORY_COUNTERS] = {0}, minute = 0;
	int64_t first = (past->until - HOUR_MS) / MINUTE_MS;

	for (size_t i = 0; i < row->field_count; i++) {
		const struct ipc_field *field = &row->fields[i];

		if (slice_equal_string(field->name, "since"))
			past->since = field->number;
		if (slice_equal_string(field->name, "minute"))
			minute = field->number;
		for (int n = 0; n < HISTORY_COUNTERS; n++)
			if (slice_equal_string(field->name, names[n]))
				values[n] = field->number;
	}
	if (minute >= first && minute < first + PAST_MINUTES)
		memcpy(past->passed[minute - first], values, sizeof(values));
	return 0;
}

/* fill - have the history know an hour that was answered */
static void
fill(struct past *past)
{
	int64_t from = past->until - HOUR_MS;

	for (int64_t i = 0; i < PAST_MINUTES; i++)
		history_fill(
		    past->history, from / MINUTE_MS + i, past->passed[i]);
	if (past->since != 0 && past->since < past->until)
		history_reach(past->history,
		    (past->since > from ? past->since : from) / MINUTE_MS);
	past->until = from;
	/* Nothing is kept of the time before. */
	past->ask_at =
	    past->since == 0 || past->since >= from || past->until <= past->end
	    ? CLOCK_NEVER
	    : clock_monotonic();
}

/* on_end - take how a request ended */
static void
on_end(void *arg, const struct ask_end *end)
{
	struct past *past = arg;

	if (end->error == 0 && end->status == 0)
		fill(past);
	else
		past->ask_at = clock_after(AGAIN_MS);
}

/* ask_hour - ask for the hour that is due */
static void
ask_hour(struct past *past)
{
	char since[40], until[40];
	struct ask_request request = {.server = ASK_TRACKER,
	    .purpose = ASK_FOR_ALL,
	    .command = "passed",
	    .arguments = {since, until},
	    .argument_count = 2,
	    .timeout_ms = ANSWER_MS,
	    .on_row = on_row,
	    .on_end = on_end,
	    .arg = past};

	(void)snprintf(
	    since, sizeof(since), "since=%" PRId64, past->until - HOUR_MS);
	(void)snprintf(until, sizeof(until), "until=%" PRId64, past->until);
	memset(past->passed, 0, sizeof(past->passed));
	past->since = 0;
	past->ask_at = ask_start(past->asker, &request) == 0
	    ? CLOCK_NEVER
	    : clock_after(AGAIN_MS);
}

/* past_tick - ask if that is due */
uint64_t
past_tick(struct past *past)
{
	if (clock_monotonic() >= past->ask_at)
		ask_hour(past);
	return past->ask_at;
}

/* past_fini - forget what was asked for */
void
past_fini(struct past *past)
{
	ask_drop(past->asker, past);
}
