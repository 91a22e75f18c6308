/* SPDX-License-Identifier: ISC */
/*
 * rows.c - pages of tracking as rows of the tables
 *
 * A row is a line, columns are parted by tabs, \N is NULL.  Text of strangers
 * may hold any octets; what is not UTF-8 becomes U+FFFD, for the server would
 * refuse all rows for it.
 */
#include "tracker/copier/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "postgresql/postgresql_time.h"
#include "track/address_key.h"
#include "track/track.h"

#define ROWS_MAX  ((size_t)16 * 1024 * 1024) /* octets of each table's */
#define ARENA_MAX ((size_t)1024 * 1024)

/* A line that is being written. */
struct line {
	struct buffer *out;
	bool first;
	int error;
};

/* rows_init - begin without rows */
void
rows_init(struct rows *rows)
{
	*rows = (struct rows){.day_count = 0};
	buffer_init(&rows->events, ROWS_MAX);
	buffer_init(&rows->recipients, ROWS_MAX);
	arena_init(&rows->arena, ARENA_MAX);
}

/* rows_fini - give the memory back */
void
rows_fini(struct rows *rows)
{
	buffer_fini(&rows->events);
	buffer_fini(&rows->recipients);
	arena_fini(&rows->arena);
}

/* rows_reset - drop all rows */
void
rows_reset(struct rows *rows)
{
	buffer_reset(&rows->events);
	buffer_reset(&rows->recipients);
	rows->day_count = rows->count = 0;
}

/* put - append octets */
static void
put(struct line *line, const void *octets, size_t len)
{
	if (line->error == 0)
		line->error = buffer_append(line->out, octets, len);
}

/* put_tab - begin the next column */
static void
put_tab(struct line *line)
{
	if (!line->first)
		put(line, "\t", 1);
	line->first = false;
}

/* put_number - append a column */
static void
put_number(struct line *line, int64_t number)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%" PRId64, number);

	put_tab(line);
	put(line, text, (size_t)len);
}

/* put_null - append a column without a value */
static void
put_null(struct line *line)
{
	put_tab(line);
	put(line, "\\N", 2);
}

/* put_plus - append a number that the record has plus 1, 0: absent; what has no
 * place in the column is the largest */
static void
put_plus(struct line *line, uint64_t plus, int64_t most)
{
	if (plus == 0)
		put_null(line);
	else
		put_number(line,
		    plus - 1 > (uint64_t)most ? most : (int64_t)(plus - 1));
}

/* character_length - measure the character of UTF-8 that a text begins with, 0:
 * it begins with none */
static size_t
character_length(struct slice text)
{
	static const struct {
		uint8_t lead, mask;
		uint32_t least;
	} forms[] = {{0x00, 0x80, 1}, {0xc0, 0xe0, 0x80}, {0xe0, 0xf0, 0x800},
	    {0xf0, 0xf8, 0x10000}};
	uint32_t value;

	for (size_t n = 0; n < 4; n++) {
		if ((text.data[0] & forms[n].mask) != forms[n].lead)
			continue;
		if (text.len <= n)
			return 0;
		value = text.data[0] & (uint8_t)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((text.data[i] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (text.data[i] & 0x3f);
		}
		return value >= forms[n].least && value <= 0x10ffff &&
			(value < 0xd800 || value > 0xdfff)
		    ? n + 1
		    : 0;
	}
	return 0;
}

/* put_character - append a character of a text: how many octets it has */
static size_t
put_character(struct line *line, struct slice text)
{
	size_t len = character_length(text);
	char escaped[2] = {'\\', 0};

	if (len == 0) {
		put(line, "\xef\xbf\xbd", 3);
		return 1;
	}
	switch (text.data[0]) {
	case '\n':
		escaped[1] = 'n';
		break;
	case '\r':
		escaped[1] = 'r';
		break;
	case '\t':
		escaped[1] = 't';
		break;
	case '\\':
		escaped[1] = '\\';
		break;
	default:
		break;
	}
	if (escaped[1] != 0)
		put(line, escaped, 2);
	else
		put(line, text.data, len);
	return len;
}

/* put_text - append a column; a text that is empty is absent */
static void
put_text(struct line *line, struct slice text)
{
	size_t len;

	if (text.len == 0) {
		put_null(line);
		return;
	}
	put_tab(line);
	while (text.len > 0) {
		len = put_character(line, text);
		text = slice_of(text.data + len, text.len - len);
	}
}

/* put_key - append an address as a key */
static void
put_key(struct line *line, struct slice address)
{
	char key[ADDRESS_KEY_MAX];

	put_text(line,
	    slice_of(key, address.len == 0 ? 0 : address_key(address, key)));
}

/* put_time - append a time as a column */
static void
put_time(struct line *line, int64_t time)
{
	char text[POSTGRESQL_TIME_MAX];

	(void)postgresql_time(time, text);
	put_tab(line);
	put(line, text, strlen(text));
}

/* The place of a record. */
struct place {
	int64_t queue, page, number;
};

/* put_place - append the columns by which a record is known */
static void
put_place(struct line *line, const struct place *place,
    const struct track_record *record)
{
	put_time(line, record->time);
	put_number(line, place->queue);
	put_number(line, place->page);
	put_number(line, place->number);
}

/* put_arrival - append the columns of arrivals, which others leave empty */
static void
put_arrival(struct line *line, const struct track_record *record)
{
	bool first = record->event == TRACK_ARRIVAL && record->part == 0;
	/* A report goes to whom its record names there. */
	struct slice originator = first && record->kind != MTS_REPORT
	    ? record->originator
	    : slice_of(NULL, 0);

	put_text(line, originator);
	put_key(line, originator);
	put_text(line, record->content_id);
	put_text(line, record->content_type);
	put_plus(line,
	    first && record->kind != MTS_REPORT ? record->priority + 1 : 0, 2);
	put_text(line, record->trace);
	put_text(line, record->subject);
	put_text(line, record->to);
}

/* put_event - append the row of a record */
static int
put_event(struct rows *rows, const struct place *place,
    const struct track_record *record)
{
	struct line line = {.out = &rows->events, .first = true};

	put_place(&line, place, record);
	put_number(&line, record->event);
	put_number(&line, record->kind);
	/* The column is not NULL. */
	if (record->mts_id.len == 0)
		put_tab(&line);
	else
		put_text(&line, record->mts_id);
	put_number(&line, (int64_t)record->message);
	put_number(&line,
	    record->part > INT32_MAX ? INT32_MAX : (int64_t)record->part);
	put_text(&line, record->link);
	put_number(&line, (int64_t)record->size);
	put_plus(&line, record->reason_plus, INT32_MAX);
	put_plus(&line, record->diagnostic_plus, INT32_MAX);
	put_text(&line, record->text);
	put_text(&line, record->by);
	put_text(&line, record->other);
	put_plus(&line, record->delay_plus, INT64_MAX);
	put_plus(&line, record->delay_queue_plus, INT64_MAX);
	put_plus(&line, record->delay_transfer_plus, INT64_MAX);
	put_arrival(&line, record);
	put(&line, "\n", 1);
	return line.error;
}

/* put_recipient - append the row of a recipient */
static int
put_recipient(struct rows *rows, const struct place *place,
    const struct track_record *record, size_t number, struct slice address)
{
	struct line line = {.out = &rows->recipients, .first = true};

	if (address.len == 0)
		return 0;
	put_place(&line, place, record);
	put_number(&line, (int64_t)number);
	put_text(&line, address);
	put_key(&line, address);
	put(&line, "\n", 1);
	return line.error;
}

/* put_record - append the rows of a record */
static int
put_record(struct rows *rows, const struct place *place,
    const struct track_record *record)
{
	size_t i = 0;
	int rc = put_event(rows, place, record);

	for (; rc == 0 && i < record->recipient_count; i++)
		rc = put_recipient(
		    rows, place, record, i, record->recipients[i]);
	if (rc == 0 && record->event == TRACK_ARRIVAL && record->part == 0 &&
	    record->kind == MTS_REPORT)
		rc = put_recipient(rows, place, record, i, record->originator);
	rows->count += rc == 0;
	return rc;
}

/* need_day - note that a day occurs.  ERR_LIMIT: too many do */
static int
need_day(struct rows *rows, int64_t day)
{
	for (size_t i = 0; i < rows->day_count; i++)
		if (rows->days[i] == day)
			return 0;
	if (rows->day_count == ROWS_DAYS)
		return ERR_LIMIT;
	rows->days[rows->day_count++] = day;
	return 0;
}

/* add_records - add the rows of the records of a page */
static int
add_records(
    struct rows *rows, struct place *place, struct slice page, int64_t oldest)
{
	struct track_reader reader;
	struct track_record record;
	int rc = 0, read;

	arena_reset(&rows->arena);
	read = track_open(&reader, page, &rows->arena, NULL);
	while (read == 0 && rc == 0) {
		int64_t day;

		read = track_next(&reader, &record, NULL);
		if (read != 0)
			break;
		day = days_of(postgresql_time_within(record.time));
		if (day >= oldest) {
			rc = need_day(rows, day);
			if (rc == 0)
				rc = put_record(rows, place, &record);
		}
		place->number++;
	}
	return rc == 0 && read == ERR_NOMEM ? ERR_NOMEM : rc;
}

/* rows_add - add the rows of a page of a queue */
int
rows_add(struct rows *rows, int64_t queue, uint64_t number, struct slice page,
    int64_t oldest)
{
	size_t events = buffer_length(&rows->events);
	size_t recipients = buffer_length(&rows->recipients);
	size_t days = rows->day_count, count = rows->count;
	struct place place = {.queue = queue, .page = (int64_t)number};
	int rc = add_records(rows, &place, page, oldest);

	if (rc == 0)
		return 0;
	buffer_truncate(&rows->events, events);
	buffer_truncate(&rows->recipients, recipients);
	rows->day_count = days;
	rows->count = count;
	return rc;
}
