/* SPDX-License-Identifier: ISC */
/*
 * row.c - answers of the tracker as rows of named fields
 */
#include "tracker/row.h"

#include <string.h>

#include "base/log.h"
#include "track/track.h"

/* row_init - begin an empty row */
void
row_init(struct row *row, struct arena *arena)
{
	row->count = 0;
	row->arena = arena;
	row->error = 0;
}

/* row_add - add a field */
static struct ipc_field *
row_add(struct row *row, const char *name, enum ipc_field_type type)
{
	struct ipc_field *field;

	if (row->count == ROW_FIELDS_MAX)
		panic("a row of more than %d fields", ROW_FIELDS_MAX);
	field = &row->fields[row->count++];
	*field =
	    (struct ipc_field){.name = slice_of_string(name), .type = type};
	return field;
}

/* row_number - add a number */
void
row_number(struct row *row, const char *name, int64_t number)
{
	row_add(row, name, IPC_FIELD_NUMBER)->number = number;
}

/* row_time - add a time in milliseconds since 1970 */
void
row_time(struct row *row, const char *name, int64_t ms)
{
	row_add(row, name, IPC_FIELD_TIME)->number = ms;
}

/* row_text - add a text, which is copied */
void
row_text(struct row *row, const char *name, struct slice text)
{
	struct ipc_field *field = row_add(row, name, IPC_FIELD_TEXT);
	int rc =
	    text.len == 0 ? 0 : arena_slice(row->arena, text, &field->octets);

	if (rc != 0 && row->error == 0)
		row->error = rc;
}

/* row_string - add a constant text */
void
row_string(struct row *row, const char *name, const char *text)
{
	row_add(row, name, IPC_FIELD_TEXT)->octets = slice_of_string(text);
}

/* row_rows - add rows, which lie in the arena */
void
row_rows(
    struct row *row, const char *name, const struct ipc_row *rows, size_t count)
{
	struct ipc_field *field = row_add(row, name, IPC_FIELD_ROWS);

	field->rows = rows;
	field->row_count = count;
}

/* row_copy - copy the fields into the arena */
struct ipc_row
row_copy(struct row *row)
{
	struct ipc_field *copy =
	    arena_array(row->arena, row->count, sizeof(*copy));

	if (copy == NULL) {
		row->error = arena_error(row->arena);
		return (struct ipc_row){.field_count = 0};
	}
	memcpy(copy, row->fields, row->count * sizeof(*copy));
	return (struct ipc_row){.fields = copy, .field_count = row->count};
}

/* row_event_name - get the name of an event that the database has */
const char *
row_event_name(int event)
{
	return track_event_name((enum track_event)event);
}

/* row_plus - add a number that is kept plus 1, if it is there */
static void
row_plus(
    struct row *row, const char *name, const struct cells *cells, int column)
{
	int64_t value = cells_number(cells, column);

	if (value > 0)
		row_number(row, name, value - 1);
}

/* row_some - add a text if there is any */
void
row_some(struct row *row, const char *name, struct slice text)
{
	if (text.len > 0)
		row_text(row, name, text);
}

/* row_event - add the fields of an event */
void
row_event(struct row *row, const struct cells *c)
{
	row_time(row, "time", cells_number(c, 4));
	row_string(row, "event", row_event_name((int)cells_number(c, 3)));
	if (cells_number(c, 2) != 0)
		row_number(row, "id", cells_number(c, 2));
	row_some(row, "link", cells_text(c, 5));
	row_plus(row, "reason", c, 6);
	row_plus(row, "diagnostic", c, 7);
	row_some(row, "text", cells_text(c, 8));
	row_some(row, "by", cells_text(c, 9));
	row_some(row, "other", cells_text(c, 10));
	if (cells_number(c, 11) != 0)
		row_number(row, "size", cells_number(c, 11));
	row_plus(row, "delay", c, 12);
	row_plus(row, "delay_queue", c, 13);
	row_plus(row, "delay_transfer", c, 14);
}
