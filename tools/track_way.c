/* SPDX-License-Identifier: ISC */
/*
 * track_way.c - the whole way of a message, on one machine or across several
 *
 * Each machine tells what happened there, in its order; all of it is merged by
 * time.  The clocks of machines differ, so that an arrival may stand before
 * the transfer that it comes from: each machine's own order is kept.
 */
#include "tools/track_way.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/track_tell.h"

#define MACHINE_MAX 24 /* columns of a machine's name */

/* The rows of a message, the machine that had it first before the others. */
struct way {
	const struct ipc_row *rows[TRACK_WAY_MAX];
	size_t count;
	int width; /* of the names of machines; 0: there is one without */
};

/* compare_arrivals - compare when a message came to two machines, for qsort */
static int
compare_arrivals(const void *a, const void *b)
{
	int64_t x = track_number(*(const struct ipc_row *const *)a, "arrival");
	int64_t y = track_number(*(const struct ipc_row *const *)b, "arrival");

	return x < y ? -1 : x > y;
}

/* sort_machines - sort the rows by arrival, and measure the names */
static void
sort_machines(struct way *way, const struct ipc_row *rows, size_t count)
{
	*way = (struct way){.count = 0};
	for (size_t i = 0; i < count && i < TRACK_WAY_MAX; i++) {
		size_t width = strlen(track_text(&rows[i], "machine"));

		if (width > MACHINE_MAX)
			width = MACHINE_MAX;
		if (count > 1 && (int)width > way->width)
			way->width = (int)width;
		way->rows[way->count++] = &rows[i];
	}
	qsort(way->rows, way->count, sizeof(way->rows[0]), compare_arrivals);
}

/* add_machine - append the machine of a row in a column of its own, where there
 * are several */
static void
add_machine(
    struct track_line *line, const struct way *way, const struct ipc_row *item)
{
	if (way->count > 1)
		track_line_cell(
		    line, track_text(item, "machine"), (size_t)way->width);
}

/* put_standings - print how a message stands on each machine */
static void
put_standings(struct output *out, const struct way *way)
{
	for (size_t i = 0; way->count > 1 && i < way->count; i++) {
		struct track_line line = {.len = 0};

		track_line_add(&line, "  on ");
		add_machine(&line, way, way->rows[i]);
		track_tell_state(&line, way->rows[i]);
		track_tell_cause(&line, way->rows[i]);
		track_line_wrap(out, &line, 6);
	}
}

/* put_facts - print what a message is */
static void
put_facts(struct output *out, const struct ipc_row *item)
{
	struct track_line line = {.len = 0};
	char size[16];

	output_size(track_number(item, "size"), size, sizeof(size));
	track_line_add(&line, "  %s", track_text(item, "priority"));
	if (track_has(item, "content_type"))
		track_line_add(&line, ", %s", track_text(item, "content_type"));
	if (track_number(item, "size") > 0)
		track_line_add(&line, ", %s octets", size);
	if (track_has(item, "content_id"))
		track_line_add(&line, ", content identifier %s",
		    track_text(item, "content_id"));
	if (track_has(item, "trace"))
		track_line_add(
		    &line, ", last through %s", track_text(item, "trace"));
	if (track_has(item, "subject"))
		track_line_add(
		    &line, ", about %s", track_text(item, "subject"));
	track_line_wrap(out, &line, 4);
	if (!track_has(item, "originator"))
		return;
	line.len = 0;
	track_line_add(&line, "  from %s", track_text(item, "originator"));
	track_line_wrap(out, &line, 7);
}

/* put_what - print what a message is, and how it stands */
static void
put_what(struct output *out, const struct way *way)
{
	const struct ipc_row *item = way->rows[0];
	struct track_line line = {.len = 0};

	track_line_add(&line, "%s %s ", track_text(item, "kind"),
	    track_text(item, "mts_id"));
	if (way->count > 1)
		track_line_add(&line, "on %zu machines", way->count);
	else {
		if (track_has(item, "machine"))
			track_line_add(
			    &line, "on %s ", track_text(item, "machine"));
		track_tell_state(&line, item);
		track_tell_cause(&line, item);
	}
	track_line_wrap(out, &line, 4);
	put_standings(out, way);
	put_facts(out, item);
}

/* next_machine - find the machine whose next event is the oldest; way->count:
 * there are none left */
static size_t
next_machine(const struct way *way, const size_t at[TRACK_WAY_MAX])
{
	size_t next = way->count;
	int64_t time = 0, other;

	for (size_t i = 0; i < way->count; i++) {
		const struct ipc_field *list =
		    track_field(way->rows[i], "events");

		if (list == NULL || at[i] >= list->row_count)
			continue;
		other = track_number(&list->rows[at[i]], "time");
		if (next < way->count && other >= time)
			continue;
		next = i;
		time = other;
	}
	return next;
}

/* put_event - print an event of a machine as a line */
static void
put_event(struct output *out, const struct way *way, size_t machine,
    const struct ipc_row *event)
{
	struct track_line line = {.len = 0};

	track_line_add(
	    &line, "  %s  ", track_time(track_number(event, "time")));
	add_machine(&line, way, way->rows[machine]);
	track_tell_event(&line, event);
	track_line_wrap(out, &line, 23);
}

/* put_events - print what happened, a line each */
static void
put_events(struct output *out, const struct way *way)
{
	size_t at[TRACK_WAY_MAX] = {0}, i;
	int64_t hidden = 0;

	while ((i = next_machine(way, at)) < way->count) {
		const struct ipc_field *list =
		    track_field(way->rows[i], "events");

		put_event(out, way, i, &list->rows[at[i]++]);
	}
	for (i = 0; i < way->count; i++) {
		int64_t total = track_number(way->rows[i], "event_count");

		if (total > (int64_t)at[i])
			hidden += total - (int64_t)at[i];
	}
	if (hidden > 0)
		output_printf(out,
		    "  %" PRId64 " more events that do not concern these "
		    "recipients, or have no room\n",
		    hidden);
}

/* is_told - tell whether a machine before this one has told of a report */
static bool
is_told(const struct way *way, size_t machine, const struct ipc_row *report)
{
	struct slice id = track_field(report, "mts_id")->octets;

	for (size_t i = 0; i < machine; i++) {
		const struct ipc_field *list =
		    track_field(way->rows[i], "reports");

		for (size_t n = 0; list != NULL && n < list->row_count; n++)
			if (slice_equal(
				track_field(&list->rows[n], "mts_id")->octets,
				id))
				return true;
	}
	return false;
}

/* put_reports - print which reports came about a message, each once */
static void
put_reports(struct output *out, const struct way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		const struct ipc_field *list =
		    track_field(way->rows[i], "reports");

		for (size_t n = 0; list != NULL && n < list->row_count; n++) {
			struct track_line line = {.len = 0};

			if (is_told(way, i, &list->rows[n]))
				continue;
			track_line_add(&line, "  %s  report %s",
			    track_time(track_number(&list->rows[n], "time")),
			    track_text(&list->rows[n], "mts_id"));
			track_line_wrap(out, &line, 23);
		}
	}
}

/* put_recipients - print where each recipient stands on a machine */
static void
put_recipients(struct output *out, const struct ipc_row *item)
{
	const struct ipc_field *list = track_field(item, "recipients");
	int64_t total = track_number(item, "recipient_count");

	for (size_t i = 0; list != NULL && i < list->row_count; i++) {
		const struct ipc_row *row = &list->rows[i];
		struct track_line line = {.len = 0};

		track_line_add(&line, "  %-12s", track_text(row, "state"));
		track_line_add(&line, " %s", track_text(row, "address"));
		if (track_has(row, "link"))
			track_line_add(&line, "  (%s, %s)",
			    track_text(row, "link"),
			    track_time(track_number(row, "time")));
		track_line_wrap(out, &line, 15);
	}
	if (list != NULL && total > (int64_t)list->row_count)
		output_printf(out, "  %" PRId64 " more recipients\n",
		    total - (int64_t)list->row_count);
}

/* track_way_print - print the way of a message */
void
track_way_print(struct output *out, const struct ipc_row *rows, size_t count)
{
	struct way way;

	sort_machines(&way, rows, count);
	if (way.count == 0)
		return;
	put_what(out, &way);
	put_events(out, &way);
	put_reports(out, &way);
	for (size_t i = 0; i < way.count; i++) {
		if (way.count > 1)
			output_printf(out, "recipients on %s:\n",
			    track_text(way.rows[i], "machine"));
		else
			output_printf(out, "recipients:\n");
		put_recipients(out, way.rows[i]);
	}
}
