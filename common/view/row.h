/* SPDX-License-Identifier: ISC */
/*
 * row.h - a message of the queue as one row of named fields
 */
#ifndef FOURPOST_VIEW_ROW_H
#define FOURPOST_VIEW_ROW_H

#include "base/arena.h"
#include "ipc/record.h"
#include "mhs/p1.h"
#include "store/message.h"

#define VIEW_FIELDS_MAX 48

struct store;

/* Fields of a row that is being made; texts lie in the arena. */
struct view_row {
	struct ipc_field fields[VIEW_FIELDS_MAX];
	size_t count;
	struct arena *arena;
};

/* view_row_init - begin an empty row */
void view_row_init(struct view_row *row, struct arena *arena);

/* Add a field.  Text is borrowed. */
void view_number(struct view_row *row, const char *name, uint64_t number);
void view_text(struct view_row *row, const char *name, const char *text);
void view_slice(struct view_row *row, const char *name, struct slice text);
void view_time(struct view_row *row, const char *name, int64_t ms);
void view_octets(struct view_row *row, const char *name, struct slice octets);

/* view_row_of - make the row as a record has it; valid while row is */
struct ipc_row view_row_of(const struct view_row *row);

/* view_source - add the fields of what a source has in the queue:
 * source_octets of all, partials, partial_octets and partial_oldest of what
 * came in part */
void view_source(struct view_row *row, const struct store *store,
    uint32_t source, const struct store_partial_total *partial);

enum view_detail {
	VIEW_LIST,
	VIEW_SHOW
};

/*
 * view_message - add the fields of a message
 * decoded.  state is "active" or what the record says
 */
void view_message(struct view_row *row, struct store *store,
    const struct store_message *message, const struct p1_envelope *envelope,
    const char *state, enum view_detail detail);

/* view_brief - add the fields of a message that a list for people shows, from
 * the head of its record alone; false: that has no names, and nothing is added
 */
bool view_brief(struct view_row *row, struct store *store,
    const struct store_message *message, const char *state) WARN_UNUSED;

/* view_damaged - add the fields of a message that cannot be read
 * "damaged" and the reason */
void view_damaged(struct view_row *row, uint64_t id, const char *reason);

/* view_address - format an O/R name in the arena, "" if there is none */
const char *view_address(const struct or_name *name, struct arena *arena);

#endif
