/* SPDX-License-Identifier: ISC */
/*
 * row.c - answers of the tracker as rows of named fields
 */
#include "tracker/row.h"

#include <string.h>

#include "base/log.h"
#include "mhs/mts_kind.h"
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
row_plus(struct row *row, const char *name, sqlite3_stmt *s, int column)
{
	int64_t value = sqlite3_column_int64(s, column);

	if (value > 0)
		row_number(row, name, value - 1);
}

/* row_some - add a text if there is any */
static void
row_some(struct row *row, const char *name, struct slice text)
{
	if (text.len > 0)
		row_text(row, name, text);
}

/* row_event - add the fields of an event */
void
row_event(struct row *row, sqlite3_stmt *s)
{
	row_time(row, "time", sqlite3_column_int64(s, 4));
	row_string(row, "event", row_event_name(sqlite3_column_int(s, 3)));
	if (sqlite3_column_int64(s, 2) != 0)
		row_number(row, "id", sqlite3_column_int64(s, 2));
	row_some(row, "link", database_text(s, 5));
	row_plus(row, "reason", s, 6);
	row_plus(row, "diagnostic", s, 7);
	row_some(row, "text", database_text(s, 8));
	row_some(row, "by", database_text(s, 9));
	row_some(row, "other", database_text(s, 10));
	if (sqlite3_column_int64(s, 11) != 0)
		row_number(row, "size", sqlite3_column_int64(s, 11));
	row_plus(row, "delay", s, 12);
	row_plus(row, "delay_queue", s, 13);
	row_plus(row, "delay_transfer", s, 14);
}

/* The parts that are put together for one item. */
struct making {
	struct database *db;
	const struct address_pattern *to; /* or NULL */
	size_t most;
	struct row *row;
};

/* is_wanted - tell whether a recipient is one asked for */
static bool
is_wanted(const struct making *making, struct slice key)
{
	return making->to == NULL || address_pattern_matches(making->to, key);
}

/* keep_row - add a row to an array, within its bound */
static void
keep_row(const struct making *making, struct row *from, struct ipc_row *rows,
    size_t *count)
{
	if (*count < making->most)
		rows[(*count)++] = row_copy(from);
	if (from->error != 0 && making->row->error == 0)
		making->row->error = from->error;
}

/* How an item as a whole stands: as the recipients do who stand worst. */
struct standing {
	enum party_state state;
	size_t count; /* of those */
	size_t total;
};

/* stand - count a recipient for how the item stands */
static void
stand(struct standing *standing, enum party_state state)
{
	/* The worst has the highest: what ended badly, what is still here, what
	 * went on.  Who was redirected or expanded has others in his place. */
	static const int ranks[PARTY_STATES] = {[PARTY_FAILED] = 11,
	    [PARTY_QUARANTINED] = 10,
	    [PARTY_RETURNED] = 9,
	    [PARTY_EXPIRED] = 8,
	    [PARTY_DISCARDED] = 7,
	    [PARTY_DELETED] = 6,
	    [PARTY_HELD] = 5,
	    [PARTY_QUEUED] = 4,
	    [PARTY_TRANSFERRED] = 3,
	    [PARTY_DELIVERED] = 2,
	    [PARTY_EXPANDED] = 1,
	    [PARTY_REDIRECTED] = 0};

	if ((unsigned)state >= PARTY_STATES)
		return;
	standing->total++;
	if (standing->count > 0 && ranks[state] < ranks[standing->state])
		return;
	if (standing->count == 0 || state != standing->state)
		standing->count = 0;
	standing->state = state;
	standing->count++;
}

/* add_standing - add how the item as a whole stands */
static void
add_standing(struct row *row, const struct standing *standing)
{
	if (standing->total == 0)
		return;
	row_string(row, "state", party_state_name(standing->state));
	row_number(row, "state_count", (int64_t)standing->count);
	row_number(row, "state_total", (int64_t)standing->total);
}

/* add_recipients - add the recipients of an item */
static int
add_recipients(const struct making *making, int64_t item)
{
	struct row *row = making->row, one;
	sqlite3_stmt *s = database_statement(making->db, STATEMENT_PARTY_LIST);
	struct ipc_row *rows =
	    arena_array(row->arena, making->most + 1, sizeof(*rows));
	size_t count = 0;
	int64_t total = 0;
	struct standing standing = {.count = 0};
	enum party_state state;
	int rc;

	if (s == NULL || rows == NULL)
		return s == NULL ? database_error(making->db)
				 : arena_error(row->arena);
	(void)sqlite3_bind_int64(s, 1, item);
	while ((rc = database_step(making->db, s)) == 1) {
		total++;
		if (!is_wanted(making, database_text(s, 4)))
			continue;
		state = (enum party_state)sqlite3_column_int(s, 1);
		stand(&standing, state);
		if (count == making->most)
			continue;
		row_init(&one, row->arena);
		row_text(&one, "address", database_text(s, 0));
		row_string(&one, "state", party_state_name(state));
		row_time(&one, "time", sqlite3_column_int64(s, 2));
		row_some(&one, "link", database_text(s, 3));
		keep_row(making, &one, rows, &count);
	}
	row_number(row, "recipient_count", total);
	add_standing(row, &standing);
	row_rows(row, "recipients", rows, count);
	return rc;
}

/* bind_recipients - get the statement that lists whom the event that another
 * has come to concerns: those it names, else those of its copy */
static sqlite3_stmt *
bind_recipients(struct database *db, sqlite3_stmt *event, bool named)
{
	sqlite3_stmt *s = database_statement(
	    db, named ? STATEMENT_EVENT_RECIPIENTS : STATEMENT_COPY_RECIPIENTS);

	if (s == NULL)
		return NULL;
	(void)sqlite3_bind_int64(
	    s, 1, sqlite3_column_int64(event, named ? 0 : 1));
	if (!named) {
		(void)sqlite3_bind_int64(s, 2, sqlite3_column_int64(event, 2));
		(void)sqlite3_bind_int64(s, 3, sqlite3_column_int64(event, 0));
	}
	return s;
}

/* list_recipients - list whom an event concerns; *total is how many they are */
static int
list_recipients(const struct making *making, sqlite3_stmt *s, struct row *row,
    struct ipc_row *rows, size_t *count, int64_t *total)
{
	struct row one;
	int rc;

	if (s == NULL)
		return database_error(making->db);
	while ((rc = database_step(making->db, s)) == 1) {
		(*total)++;
		if (*count == making->most ||
		    !is_wanted(making, database_text(s, 1)))
			continue;
		row_init(&one, row->arena);
		row_text(&one, "address", database_text(s, 0));
		keep_row(making, &one, rows, count);
	}
	return rc;
}

/* add_event_recipients - add to the row of an event whom it concerns; *skip:
 * nobody asked for */
static int
add_event_recipients(const struct making *making, sqlite3_stmt *event,
    struct row *row, bool *skip)
{
	struct ipc_row *rows =
	    arena_array(row->arena, making->most + 1, sizeof(*rows));
	size_t count = 0;
	int64_t total = 0;
	int rc;

	if (rows == NULL)
		return arena_error(row->arena);
	rc = list_recipients(making, bind_recipients(making->db, event, true),
	    row, rows, &count, &total);
	if (rc == 0 && total == 0 && sqlite3_column_int64(event, 2) != 0)
		rc = list_recipients(making,
		    bind_recipients(making->db, event, false), row, rows,
		    &count, &total);
	*skip = total > 0 && count == 0 && making->most > 0;
	if (total > 0) {
		row_number(row, "recipient_count", total);
		row_rows(row, "recipients", rows, count);
	}
	return rc;
}

/* add_events - add what happened to an item */
static int
add_events(const struct making *making, int64_t item)
{
	sqlite3_stmt *s = database_statement(making->db, STATEMENT_EVENT_LIST);
	struct row *row = making->row, one;
	struct ipc_row *rows =
	    arena_array(row->arena, making->most + 1, sizeof(*rows));
	size_t count = 0;
	int64_t total = 0;
	bool skip = false;
	int rc, inner = 0;

	if (s == NULL || rows == NULL)
		return s == NULL ? database_error(making->db)
				 : arena_error(row->arena);
	(void)sqlite3_bind_int64(s, 1, item);
	while (inner == 0 && (rc = database_step(making->db, s)) == 1) {
		total++;
		if (count == making->most)
			continue;
		row_init(&one, row->arena);
		row_event(&one, s);
		inner = add_event_recipients(making, s, &one, &skip);
		if (!skip)
			keep_row(making, &one, rows, &count);
	}
	(void)sqlite3_reset(s);
	row_number(row, "event_count", total);
	row_rows(row, "events", rows, count);
	return inner != 0 ? inner : rc;
}

/* add_reports - add the reports that came about an item */
static int
add_reports(const struct making *making, struct slice mts_id)
{
	sqlite3_stmt *s = database_statement(making->db, STATEMENT_REPORT_LIST);
	struct row *row = making->row, one;
	struct ipc_row *rows =
	    arena_array(row->arena, making->most + 1, sizeof(*rows));
	size_t count = 0;
	int rc;

	if (s == NULL || rows == NULL)
		return s == NULL ? database_error(making->db)
				 : arena_error(row->arena);
	database_bind_text(s, 1, mts_id);
	while ((rc = database_step(making->db, s)) == 1) {
		row_init(&one, row->arena);
		row_text(&one, "mts_id", database_text(s, 0));
		row_time(&one, "time", sqlite3_column_int64(s, 1));
		keep_row(making, &one, rows, &count);
	}
	row_rows(row, "reports", rows, count);
	return rc;
}

/* priority_name - get the name of a priority by its rank */
static const char *
priority_name(int rank)
{
	static const char *const names[] = {"urgent", "normal", "non-urgent"};

	return rank >= 0 && rank <= 2 ? names[rank] : "normal";
}

/* add_item - add what an item is: 1, 0 if it is gone, or an error */
static int
add_item(const struct making *making, int64_t item, struct slice *mts_id)
{
	sqlite3_stmt *s = database_statement(making->db, STATEMENT_ITEM_GET);
	struct row *row = making->row;
	int rc;

	if (s == NULL)
		return database_error(making->db);
	(void)sqlite3_bind_int64(s, 1, item);
	rc = database_step(making->db, s);
	if (rc != 1)
		return rc;
	row_text(row, "mts_id", database_text(s, 0));
	*mts_id = row->fields[0].octets;
	row_string(row, "kind",
	    mts_kind_name((enum mts_kind)sqlite3_column_int(s, 1)));
	row_time(row, "arrival", sqlite3_column_int64(s, 2));
	row_time(row, "last", sqlite3_column_int64(s, 3));
	row_text(row, "originator", database_text(s, 4));
	row_text(row, "content_id", database_text(s, 5));
	row_text(row, "content_type", database_text(s, 6));
	row_string(row, "priority",
	    sqlite3_column_int(s, 13) != 0
		? priority_name(sqlite3_column_int(s, 7))
		: "");
	row_number(row, "size", sqlite3_column_int64(s, 8));
	row_text(row, "link", database_text(s, 9));
	row_text(row, "trace", database_text(s, 10));
	row_text(row, "subject", database_text(s, 11));
	(void)sqlite3_reset(s);
	return 1;
}

/* row_item - make the row of an item */
int
row_item(struct database *db, int64_t item, const struct address_pattern *to,
    size_t most, struct row *row)
{
	const struct making making = {
	    .db = db, .to = to, .most = most, .row = row};
	struct slice mts_id = {0};
	int rc = add_item(&making, item, &mts_id);

	if (rc != 1)
		return rc < 0 ? rc : ERR_NOTFOUND;
	rc = add_recipients(&making, item);
	if (rc == 0)
		rc = add_events(&making, item);
	if (rc == 0)
		rc = add_reports(&making, mts_id);
	return rc != 0 ? rc : row->error;
}
