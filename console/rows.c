/* SPDX-License-Identifier: ISC */
/*
 * rows.c - rows of an answer as JSON, and two answers put together
 */
#include "console/rows.h"

#include <string.h>

#include "ipc/row_json.h"

#define ROW_ROOM ((size_t)256 * 1024) /* more than one row needs */

/* The head of a row, which stands before its JSON. */
struct head {
	int64_t arrival;
	size_t len; /* of the JSON */
};

/* rows_init - begin with none */
void
rows_init(struct rows *rows, unsigned limit)
{
	*rows = (struct rows){.limit = limit, .oldest = INT64_MAX};
	buffer_init(&rows->octets, ROWS_OCTETS);
}

/* rows_fini - give them back */
void
rows_fini(struct rows *rows)
{
	buffer_fini(&rows->octets);
}

/* arrival_of - get when a row arrived; those without come as they are */
static int64_t
arrival_of(const struct ipc_row *row)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, "arrival"))
			return row->fields[i].number;
	return 0;
}

/* rows_add - add a row */
int
rows_add(struct rows *rows, const struct ipc_row *row)
{
	struct head head = {.arrival = arrival_of(row)};
	size_t at = buffer_length(&rows->octets);
	int rc;

	if (rows->count == rows->limit || at > ROWS_OCTETS - ROW_ROOM) {
		rows->more = true;
		return ERR_CANCELLED;
	}
	rc = buffer_append(&rows->octets, &head, sizeof(head));
	if (rc == 0)
		rc = row_json_append(row, &rows->octets);
	if (rc != 0)
		return rc;
	head.len = buffer_length(&rows->octets) - at - sizeof(head);
	memcpy((uint8_t *)(uintptr_t)buffer_slice(&rows->octets).data + at,
	    &head, sizeof(head));
	rows->count++;
	if (head.arrival < rows->oldest)
		rows->oldest = head.arrival;
	return 0;
}

/* take_head - get the head of the first row of those that are left: false,
 * there is none */
static bool
take_head(struct slice left, struct head *head)
{
	if (left.len == 0)
		return false;
	memcpy(head, left.data, sizeof(*head));
	return true;
}

/* put_row - append the first row of those that are left */
static int
put_row(
    struct slice *left, const struct head *head, bool first, struct buffer *out)
{
	int rc = first ? 0 : buffer_append(out, ",", 1);

	if (rc == 0)
		rc = buffer_append(out, left->data + sizeof(*head), head->len);
	*left = slice_of(left->data + sizeof(*head) + head->len,
	    left->len - sizeof(*head) - head->len);
	return rc;
}

/* rows_merge - append the rows of two answers */
int
rows_merge(
    const struct rows *a, const struct rows *b, struct buffer *out, bool *more)
{
	struct slice x = buffer_slice(&a->octets), y = buffer_slice(&b->octets);
	struct head of_x, of_y;
	unsigned count = 0;
	int rc = 0;

	while (rc == 0 && x.len + y.len > 0 && count < a->limit &&
	    buffer_length(out) <= ROWS_OCTETS - ROW_ROOM) {
		bool has_x = take_head(x, &of_x), has_y = take_head(y, &of_y);

		rc = has_x && (!has_y || of_x.arrival >= of_y.arrival)
		    ? put_row(&x, &of_x, count == 0, out)
		    : put_row(&y, &of_y, count == 0, out);
		count++;
	}
	*more = a->more || b->more || x.len + y.len > 0;
	return rc;
}
