/* SPDX-License-Identifier: ISC */
/*
 * track_print.c - what the tracker knows of messages, as lists
 */
#include "tools/track_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/track_tell.h"

#define STATE_WIDTH   16
#define MACHINE_WIDTH 12

/* The columns of a list, in their order. */
struct columns {
	const char *arrived, *machine, *state, *link, *from, *to, *id;
};

/* add_columns - append the columns of a list, as wide as the terminal lets
 * them be; the identifier comes last and is never cut */
static void
add_columns(const struct output *out, struct track_line *line,
    const struct columns *columns)
{
	size_t width = track_width(out), name = 30;

	if (width > 0) {
		/* Time, state, link and what stands between, and a part of the
		 * identifier. */
		name = (width > 120 ? width - 80 - STATE_WIDTH : 28) / 2;
		if (name > 48)
			name = 48;
	}
	track_line_cell(line, columns->arrived, 19);
	if (columns->machine != NULL)
		track_line_cell(line, columns->machine, MACHINE_WIDTH);
	track_line_cell(line, columns->state, STATE_WIDTH);
	track_line_cell(line, columns->link, 10);
	track_line_cell(line, columns->from, name);
	track_line_cell(line, columns->to, name);
	track_line_add(line, "%s", columns->id);
}

/* track_print_heading - print the titles of a list */
void
track_print_heading(struct output *out, const struct ipc_row *first)
{
	const struct columns titles = {.arrived = "ARRIVED",
	    .machine = track_has(first, "machine") ? "MACHINE" : NULL,
	    .state = "STATE",
	    .link = "LINK",
	    .from = "FROM",
	    .to = "TO",
	    .id = "IDENTIFIER"};
	struct track_line line = {.len = 0};

	add_columns(out, &line, &titles);
	track_line_put(out, &line);
}

/* track_print_line - print a message as one line of a list */
void
track_print_line(struct output *out, const struct ipc_row *item)
{
	static const struct ipc_row none = {.field_count = 0};
	const struct ipc_field *list = track_field(item, "recipients");
	const struct ipc_row *first =
	    list != NULL && list->row_count > 0 ? &list->rows[0] : &none;
	int64_t total = track_number(item, "recipient_count");
	char to[OUTPUT_CELL_MAX];
	struct track_line line = {.len = 0}, state = {.len = 0};
	struct columns columns = {.to = to, .state = state.text};

	track_tell_state(&state, item);
	(void)snprintf(to, sizeof(to), "%s", track_text(first, "address"));
	if (total > 1)
		(void)snprintf(to, sizeof(to), "+%" PRId64 " %s", total - 1,
		    track_text(first, "address"));
	columns.arrived = track_time(track_number(item, "arrival"));
	if (track_has(item, "machine"))
		columns.machine = track_text(item, "machine");
	columns.link = track_text(first, "link");
	columns.from = track_text(item, "originator");
	columns.id = track_text(item, "mts_id");
	add_columns(out, &line, &columns);
	track_line_put(out, &line);
}

/* track_print_event - print an event of --follow as one line */
void
track_print_event(struct output *out, const struct ipc_row *event)
{
	struct track_line line = {.len = 0};

	track_line_add(&line, "%s  %s  ",
	    track_time(track_number(event, "time")),
	    track_text(event, "mts_id"));
	track_tell_event(&line, event);
	if (strcmp(track_text(event, "event"), "arrival") == 0 &&
	    track_has(event, "originator"))
		track_line_add(
		    &line, ", originator %s", track_text(event, "originator"));
	track_line_put(out, &line);
}
