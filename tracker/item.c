/* SPDX-License-Identifier: ISC */
/*
 * item.c - the row of an item out of the database of this machine
 */
#include "tracker/item.h"

#include "tracker/item_row.h"

/* begin - get a statement with the item as its value */
static sqlite3_stmt *
begin(struct database *db, enum statement which, int64_t id)
{
	sqlite3_stmt *s = database_statement(db, which);

	if (s != NULL)
		(void)sqlite3_bind_int64(s, 1, id);
	return s;
}

/* get_what - get what an item is, with its MTS identifier: 1, 0 if it is gone,
 * or an error */
static int
get_what(struct database *db, int64_t id, struct item_row *item)
{
	sqlite3_stmt *s = begin(db, STATEMENT_ITEM_GET, id);
	struct cells cells = database_cells(s);
	int rc = database_step(db, s);

	if (rc == 1) {
		item_row_what(item, &cells);
		(void)sqlite3_reset(s);
	}
	return rc;
}

/* get_recipients - get the recipients of an item */
static int
get_recipients(struct database *db, int64_t id, struct item_row *item)
{
	sqlite3_stmt *s = begin(db, STATEMENT_PARTY_LIST, id);
	struct cells cells = database_cells(s);
	int rc;

	while ((rc = database_step(db, s)) == 1)
		item_row_recipient(item, &cells);
	return rc;
}

/* bind_concerned - get the statement that lists whom the event that another
 * has come to concerns: those it names, else those of its copy */
static sqlite3_stmt *
bind_concerned(struct database *db, const struct cells *event, bool named)
{
	sqlite3_stmt *s = begin(db,
	    named ? STATEMENT_EVENT_RECIPIENTS : STATEMENT_COPY_RECIPIENTS,
	    cells_number(event, named ? 0 : 1));

	if (s != NULL && !named) {
		(void)sqlite3_bind_int64(s, 2, cells_number(event, 2));
		(void)sqlite3_bind_int64(s, 3, cells_number(event, 0));
	}
	return s;
}

/* get_concerned - get whom an event concerns */
static int
get_concerned(struct database *db, const struct cells *event, bool named,
    struct item_row *item)
{
	sqlite3_stmt *s = bind_concerned(db, event, named);
	int rc;

	while ((rc = database_step(db, s)) == 1)
		item_row_concerned(
		    item, database_text(s, 0), database_text(s, 1));
	return rc;
}

/* get_event - get an event, and whom it concerns */
static int
get_event(struct database *db, const struct cells *event, struct item_row *item)
{
	int rc;

	if (!item_row_event(item, event))
		return 0;
	rc = get_concerned(db, event, true, item);
	if (rc == 0 && item->concerned.total == 0 &&
	    cells_number(event, 2) != 0)
		rc = get_concerned(db, event, false, item);
	item_row_event_end(item);
	return rc;
}

/* get_events - get what happened to an item */
static int
get_events(struct database *db, int64_t id, struct item_row *item)
{
	sqlite3_stmt *s = begin(db, STATEMENT_EVENT_LIST, id);
	struct cells cells = database_cells(s);
	int rc = 0, inner = 0;

	while (inner == 0 && (rc = database_step(db, s)) == 1)
		inner = get_event(db, &cells, item);
	(void)sqlite3_reset(s);
	return inner != 0 ? inner : rc;
}

/* get_reports - get the reports that came about an item */
static int
get_reports(struct database *db, struct item_row *item)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_REPORT_LIST);
	struct cells cells = database_cells(s);
	int rc;

	if (s == NULL)
		return database_error(db);
	/* The first field is the MTS identifier. */
	database_bind_text(s, 1, item->row->fields[0].octets);
	while ((rc = database_step(db, s)) == 1)
		item_row_report(item, &cells);
	return rc;
}

/* item_get - make the row of an item */
int
item_get(struct database *db, int64_t id, const struct address_pattern *to,
    size_t most, struct row *row)
{
	struct item_row item;
	int rc;

	item_row_begin(&item, row, to, most);
	rc = get_what(db, id, &item);
	if (rc != 1)
		return rc < 0 ? rc : ERR_NOTFOUND;
	rc = get_recipients(db, id, &item);
	if (rc == 0)
		rc = get_events(db, id, &item);
	if (rc == 0)
		rc = get_reports(db, &item);
	return rc != 0 ? rc : item_row_end(&item);
}
