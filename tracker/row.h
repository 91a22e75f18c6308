/* SPDX-License-Identifier: ISC */
/*
 * row.h - answers of the tracker as rows of named fields
 */
#ifndef FOURPOST_TRACKER_ROW_H
#define FOURPOST_TRACKER_ROW_H

#include "base/arena.h"
#include "ipc/record.h"
#include "tracker/cells.h"

#define ROW_FIELDS_MAX 24

/* A row that is being made; texts are copied into the arena. */
struct row {
	struct ipc_field fields[ROW_FIELDS_MAX];
	size_t count;
	struct arena *arena;
	int error; /* the first: ERR_NOMEM, ERR_LIMIT */
};

/* row_init - begin an empty row */
void row_init(struct row *row, struct arena *arena);

/* Add a field; row_some does nothing for an empty text. */
void row_number(struct row *row, const char *name, int64_t number);
void row_time(struct row *row, const char *name, int64_t ms);
void row_text(struct row *row, const char *name, struct slice text);
void row_some(struct row *row, const char *name, struct slice text);
void row_string(struct row *row, const char *name, const char *text);
void row_rows(struct row *row, const char *name, const struct ipc_row *rows,
    size_t count);

/* row_copy - copy the fields into the arena, as a row within another or to be
 * sent */
struct ipc_row row_copy(struct row *row);

/* row_event_name - get the name of an event that the database has */
const char *row_event_name(int event);

/* row_event - add the fields of an event.  Columns, from 2 on: queue id, event,
 * time, link, reason and diagnostic plus 1, text, who, other, size, three
 * delays plus 1 */
void row_event(struct row *row, const struct cells *cells);

#endif
