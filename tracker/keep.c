/* SPDX-License-Identifier: ISC */
/*
 * keep.c - put pages of tracking records into the database, once each
 */
#include "tracker/delays.h"
#include "tracker/keep.h"

#include "track/track.h"
#include "track/address_key.h"
#include "tracker/recent.h"

/* When something happened to an item last is written again after so long. */
#define TOUCH_MS 60000

/* An item, as a record finds it. */
struct item {
	int64_t id;
	int64_t last; /* when something happened to it, as the row has it */
	bool arrived; /* its arrival is kept already */
	struct recent_item *recent; /* NULL: not among those */
};

/* bind_number - bind a number of a record */
static void
bind_number(sqlite3_stmt *statement, int at, uint64_t number)
{
	(void)sqlite3_bind_int64(statement, at, (int64_t)number);
}

/* find_address - find or add an address */
static int
find_address(struct database *db, struct slice text, int64_t *id)
{
	char key[ADDRESS_KEY_MAX];
	struct slice folded;
	sqlite3_stmt *s;
	int rc;

	if (recent_address(db->recent, text, id))
		return 0;
	folded = slice_of(key, address_key(text, key));
	s = database_statement(db, STATEMENT_ADDRESS_GET);
	if (s == NULL)
		return database_error(db);
	database_bind_text(s, 1, folded);
	rc = database_step(db, s);
	if (rc == 1) {
		*id = sqlite3_column_int64(s, 0);
		(void)sqlite3_reset(s);
		recent_keep_address(db->recent, text, *id);
		return 0;
	}
	s = rc == 0 ? database_statement(db, STATEMENT_ADDRESS_ADD) : NULL;
	if (s == NULL)
		return rc < 0 ? rc : database_error(db);
	database_bind_text(s, 1, folded);
	database_bind_text(s, 2, text);
	rc = database_run(db, s);
	if (rc == 0) {
		*id = sqlite3_last_insert_rowid(db->db);
		recent_keep_address(db->recent, text, *id);
	}
	return rc;
}

/* look_up_item - look an item up by its MTS identifier or queue id: 1, 0 there
 * is none, or an error */
static int
look_up_item(
    struct database *db, const struct track_record *record, struct item *item)
{
	bool named = record->mts_id.len > 0;
	sqlite3_stmt *s = database_statement(
	    db, named ? STATEMENT_ITEM_BY_MTS : STATEMENT_ITEM_BY_COPY);
	int rc;

	if (s == NULL)
		return database_error(db);
	if (named)
		database_bind_text(s, 1, record->mts_id);
	else
		bind_number(s, 1, record->message);
	rc = database_step(db, s);
	if (rc == 1) {
		item->id = sqlite3_column_int64(s, 0);
		item->arrived = sqlite3_column_int(s, 1) != 0;
		item->last = sqlite3_column_int64(s, 2);
		(void)sqlite3_reset(s);
	}
	return rc;
}

/* add_item - add the item of a record */
static int
add_item(
    struct database *db, const struct track_record *record, struct item *item)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_ITEM_ADD);
	int rc;

	if (s == NULL)
		return database_error(db);
	database_bind_text(s, 1, record->mts_id);
	bind_number(s, 2, record->kind);
	(void)sqlite3_bind_int64(s, 3, record->time);
	(void)sqlite3_bind_int64(s, 4, record->time);
	rc = database_run(db, s);
	if (rc == 0)
		*item = (struct item){.id = sqlite3_last_insert_rowid(db->db),
		    .last = record->time};
	return rc;
}

/* find_item - find the item of a record, or add it */
static int
find_item(
    struct database *db, const struct track_record *record, struct item *item)
{
	struct recent_item *recent = recent_item(db->recent, record->mts_id);
	int rc;

	if (recent != NULL) {
		*item = (struct item){.id = recent->id,
		    .last = recent->last,
		    .arrived = recent->arrived,
		    .recent = recent};
		return 0;
	}
	rc = look_up_item(db, record, item);
	if (rc == 0)
		rc = add_item(db, record, item);
	if (rc < 0)
		return rc;
	recent_keep_item(
	    db->recent, record->mts_id, item->id, item->last, item->arrived);
	item->recent = recent_item(db->recent, record->mts_id);
	return 0;
}

/* touch_item - note when something happened to an item last, unless that is
 * known well enough */
static int
touch_item(struct database *db, const struct track_record *record,
    const struct item *item)
{
	sqlite3_stmt *s;

	if (record->time < item->last + TOUCH_MS)
		return 0;
	s = database_statement(db, STATEMENT_ITEM_TOUCH);
	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, record->time);
	(void)sqlite3_bind_int64(s, 2, item->id);
	if (item->recent != NULL)
		item->recent->last = record->time;
	return database_run(db, s);
}

/* keep_arrival - keep what the arrival of an item says of it */
static int
keep_arrival(
    struct database *db, const struct track_record *record, int64_t item)
{
	int64_t originator = 0;
	sqlite3_stmt *s;
	int rc = record->originator.len > 0 && record->kind != MTS_REPORT
	    ? find_address(db, record->originator, &originator)
	    : 0;

	if (rc != 0)
		return rc;
	s = database_statement(db, STATEMENT_ITEM_ARRIVED);
	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, record->time);
	if (originator != 0)
		(void)sqlite3_bind_int64(s, 2, originator);
	database_bind_text(s, 3, record->content_id);
	database_bind_text(s, 4, record->content_type);
	bind_number(s, 5, record->priority);
	bind_number(s, 6, record->size);
	database_bind_text(s, 7, record->link);
	database_bind_text(s, 8, record->trace);
	database_bind_text(s, 9, record->subject);
	(void)sqlite3_bind_int64(s, 10, item);
	return database_run(db, s);
}

/* keep_copy - note that a queue id is of an item */
static int
keep_copy(struct database *db, const struct track_record *record,
    const struct item *item)
{
	sqlite3_stmt *s;

	if (recent_has_copy(item->recent, record->message))
		return 0;
	s = database_statement(db, STATEMENT_COPY_ADD);
	if (s == NULL)
		return database_error(db);
	bind_number(s, 1, record->message);
	(void)sqlite3_bind_int64(s, 2, item->id);
	return database_run(db, s);
}

/* find_event - find the event that a further part of a record belongs to: 1, 0
 * there is none, or an error */
static int
find_event(struct database *db, const struct track_record *record, int64_t item,
    int64_t *event)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_EVENT_LAST);
	int rc;

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, item);
	bind_number(s, 2, record->message);
	bind_number(s, 3, record->event);
	rc = database_step(db, s);
	if (rc == 1) {
		*event = sqlite3_column_int64(s, 0);
		(void)sqlite3_reset(s);
	}
	return rc;
}

/* keep_event - add what happened, unless it is a further part */
static int
keep_event(struct database *db, const struct track_record *record, int64_t item,
    int64_t *event)
{
	sqlite3_stmt *s;
	int rc = record->part > 0 ? find_event(db, record, item, event) : 0;

	if (rc != 0)
		return rc < 0 ? rc : 0;
	s = database_statement(db, STATEMENT_EVENT_ADD);
	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, item);
	bind_number(s, 2, record->message);
	bind_number(s, 3, record->event);
	(void)sqlite3_bind_int64(s, 4, record->time);
	database_bind_text(s, 5, record->link);
	bind_number(s, 6, record->reason_plus);
	bind_number(s, 7, record->diagnostic_plus);
	database_bind_text(s, 8, record->text);
	database_bind_text(s, 9, record->by);
	database_bind_text(s, 10, record->other);
	bind_number(s, 11, record->size);
	bind_number(s, 12, record->delay_plus);
	bind_number(s, 13, record->delay_queue_plus);
	bind_number(s, 14, record->delay_transfer_plus);
	rc = database_run(db, s);
	if (rc == 0)
		*event = sqlite3_last_insert_rowid(db->db);
	if (rc == 0 && db->delays != NULL)
		delays_note(db->delays, record);
	return rc;
}

/* keep_party - keep where one recipient stands.  An item that arrives twice
 * does not undo what is known of the first */
static int
keep_party(struct database *db, const struct track_record *record, int64_t item,
    int64_t address)
{
	bool arrival = record->event == TRACK_ARRIVAL;
	sqlite3_stmt *s = database_statement(
	    db, arrival ? STATEMENT_PARTY_ARRIVED : STATEMENT_PARTY_SET);

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, item);
	(void)sqlite3_bind_int64(s, 2, address);
	(void)sqlite3_bind_int(s, 3, (int)party_state_after(record->event));
	(void)sqlite3_bind_int64(s, 4, record->time);
	database_bind_text(s, 5, arrival ? record->to : record->link);
	bind_number(
	    s, 6, arrival || record->event == TRACK_COPY ? record->message : 0);
	return database_run(db, s);
}

/* keep_recipient - keep one recipient of an event.  Those of an arrival are the
 * parties of the item */
static int
keep_recipient(struct database *db, const struct track_record *record,
    int64_t item, int64_t event, struct slice text)
{
	int64_t address = 0;
	sqlite3_stmt *s;
	int rc = find_address(db, text, &address);

	if (rc == 0)
		rc = keep_party(db, record, item, address);
	if (rc != 0 || record->event == TRACK_ARRIVAL)
		return rc;
	s = database_statement(db, STATEMENT_EVENT_RECIPIENT_ADD);
	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, event);
	(void)sqlite3_bind_int64(s, 2, address);
	return database_run(db, s);
}

/* keep_for_copy - note a record without recipients: it concerns those of a copy
 * that were not dealt with, or of all copies */
static int
keep_for_copy(
    struct database *db, const struct track_record *record, int64_t item)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_PARTY_COPY);

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int(s, 1, (int)party_state_after(record->event));
	(void)sqlite3_bind_int64(s, 2, record->time);
	database_bind_text(s, 3, record->link);
	(void)sqlite3_bind_int64(s, 4, item);
	bind_number(s, 5, record->message);
	return database_run(db, s);
}

/* keep_copy_of_all - note a copy that is for all recipients, as a report's */
static int
keep_copy_of_all(
    struct database *db, const struct track_record *record, int64_t item)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_PARTY_ALL);

	if (s == NULL)
		return database_error(db);
	bind_number(s, 1, record->message);
	database_bind_text(s, 2, record->link);
	(void)sqlite3_bind_int64(s, 3, item);
	return database_run(db, s);
}

/* keep_for_all - note a record that names no recipients */
static int
keep_for_all(
    struct database *db, const struct track_record *record, int64_t item)
{
	switch (record->event) {
	case TRACK_COPY:
		return keep_copy_of_all(db, record, item);
	case TRACK_ARRIVAL:
	case TRACK_EXPANSION:
	case TRACK_EVENTS:
		return 0;
	/* Copies that are told after it say who gets which. */
	case TRACK_REROUTE:
	case TRACK_TRANSFER:
	case TRACK_DELIVERY:
	case TRACK_REPORT:
	case TRACK_HOLD:
	case TRACK_RELEASE:
	case TRACK_REDIRECTION:
	case TRACK_DELETION:
	case TRACK_RETURN:
	case TRACK_EXPIRY:
	case TRACK_DISCARD:
	case TRACK_QUARANTINE:
	case TRACK_FAILURE:
		break;
	}
	return keep_for_copy(db, record, item);
}

/* keep_recipients - keep whom a record names */
static int
keep_recipients(struct database *db, const struct track_record *record,
    int64_t item, int64_t event)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < record->recipient_count; i++)
		rc = keep_recipient(
		    db, record, item, event, record->recipients[i]);
	/* A report goes to the originator of what it is about. */
	if (rc == 0 && record->event == TRACK_ARRIVAL && record->part == 0 &&
	    record->kind == MTS_REPORT && record->originator.len > 0)
		rc =
		    keep_recipient(db, record, item, event, record->originator);
	return rc;
}

/* keep_one_copy - keep the copy of which an arrival tells; again: the item has
 * arrived before, and its recipients are known */
static int
keep_one_copy(struct database *db, const struct track_record *arrival,
    int64_t item, bool again)
{
	const struct track_record copy = {.event = TRACK_COPY,
	    .time = arrival->time,
	    .message = arrival->message,
	    .link = arrival->to,
	    .size = arrival->size};
	int64_t event = 0;
	int rc = keep_event(db, &copy, item, &event);

	return rc == 0 && again ? keep_copy_of_all(db, &copy, item) : rc;
}

/* keep_record - put one record into the transaction that is open */
int
keep_record(struct database *db, const struct track_record *record, int64_t *id)
{
	bool first = record->event == TRACK_ARRIVAL && record->part == 0;
	struct item item = {0};
	int64_t event = 0;
	int rc = find_item(db, record, &item);

	if (rc == 0 && first && !item.arrived) {
		rc = keep_arrival(db, record, item.id);
		if (item.recent != NULL)
			item.recent->arrived = true;
	}
	if (rc == 0)
		rc = touch_item(db, record, &item);
	if (rc == 0 && record->message != 0)
		rc = keep_copy(db, record, &item);
	if (rc == 0)
		rc = keep_event(db, record, item.id, &event);
	if (rc == 0)
		rc = keep_recipients(db, record, item.id, event);
	if (rc == 0 && first && record->to.len > 0)
		rc = keep_one_copy(db, record, item.id, item.arrived);
	if (rc == 0 && record->recipient_count == 0)
		rc = keep_for_all(db, record, item.id);
	if (rc == 0)
		*id = item.id;
	return rc;
}

/* set_page - note that a page is kept */
static int
set_page(struct database *db, uint64_t number)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_PAGE_SET);

	if (s == NULL)
		return database_error(db);
	bind_number(s, 1, number);
	return database_run(db, s);
}

/* keep_page - put a page into the transaction that is open */
int
keep_page(struct database *db, uint64_t number, struct slice page,
    struct arena *arena, bool *unreadable, struct diag *diag)
{
	struct track_reader reader;
	struct track_record record;
	uint64_t last = 0;
	int64_t item;
	int read, rc = database_page(db, &last);

	if (rc != 0 || number <= last)
		return rc;
	read = track_open(&reader, page, arena, diag);
	while (read == 0 && rc == 0) {
		read = track_next(&reader, &record, diag);
		if (read == 0)
			rc = keep_record(db, &record, &item);
	}
	if (rc == 0 && read == ERR_NOMEM)
		return ERR_NOMEM;
	*unreadable = rc == 0 && read != ERR_NOTFOUND;
	return rc == 0 ? set_page(db, number) : rc;
}
