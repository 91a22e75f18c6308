/* SPDX-License-Identifier: ISC */
/*
 * item_row.c - the row of an item, made of what a database returns of it
 */
#include "tracker/item_row.h"

#include "mhs/mts_kind.h"

/* list_begin - begin a list with room for so many rows */
static void
list_begin(const struct item_row *item, struct item_list *list)
{
	struct row *row = item->row;

	*list = (struct item_list){.rows = arena_array(row->arena,
				       item->most + 1, sizeof(*list->rows))};
	if (list->rows == NULL && row->error == 0)
		row->error = arena_error(row->arena);
}

/* item_row_begin - begin the row of an item */
void
item_row_begin(struct item_row *item, struct row *row,
    const struct address_pattern *to, size_t most)
{
	*item = (struct item_row){.to = to, .most = most, .row = row};
	list_begin(item, &item->recipients);
	list_begin(item, &item->events);
	list_begin(item, &item->reports);
}

/* is_wanted - tell whether a recipient is one asked for */
static bool
is_wanted(const struct item_row *item, struct slice key)
{
	return item->to == NULL || address_pattern_matches(item->to, key);
}

/* list_add - add a row to a list, within its bound */
static void
list_add(struct item_row *item, struct item_list *list, struct row *from)
{
	if (list->count < item->most && list->rows != NULL)
		list->rows[list->count++] = row_copy(from);
	if (from->error != 0 && item->row->error == 0)
		item->row->error = from->error;
}

/* list_put - put a list into a row */
static void
list_put(struct row *row, const char *name, const struct item_list *list)
{
	row_rows(row, name, list->rows, list->count);
}

/* priority_name - get the name of a priority by its rank */
static const char *
priority_name(int64_t rank)
{
	static const char *const names[] = {"urgent", "normal", "non-urgent"};

	return rank >= 0 && rank <= 2 ? names[rank] : "normal";
}

/* item_row_what - add what it is */
void
item_row_what(struct item_row *item, const struct cells *c)
{
	struct row *row = item->row;

	row_text(row, "mts_id", cells_text(c, 0));
	row_string(
	    row, "kind", mts_kind_name((enum mts_kind)cells_number(c, 1)));
	row_time(row, "arrival", cells_number(c, 2));
	row_time(row, "last", cells_number(c, 3));
	row_text(row, "originator", cells_text(c, 4));
	row_text(row, "content_id", cells_text(c, 5));
	row_text(row, "content_type", cells_text(c, 6));
	row_string(row, "priority",
	    cells_number(c, 13) != 0 ? priority_name(cells_number(c, 7)) : "");
	row_number(row, "size", cells_number(c, 8));
	row_text(row, "link", cells_text(c, 9));
	row_text(row, "trace", cells_text(c, 10));
	row_text(row, "subject", cells_text(c, 11));
}

/* stand - count a recipient for how the item stands */
static void
stand(struct item_standing *standing, enum party_state state)
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

/* item_row_recipient - add a recipient */
void
item_row_recipient(struct item_row *item, const struct cells *c)
{
	enum party_state state = (enum party_state)cells_number(c, 1);
	struct row one;

	item->recipients.total++;
	if (!is_wanted(item, cells_text(c, 4)))
		return;
	stand(&item->standing, state);
	if (item->recipients.count == item->most)
		return;
	row_init(&one, item->row->arena);
	row_text(&one, "address", cells_text(c, 0));
	row_string(&one, "state", party_state_name(state));
	row_time(&one, "time", cells_number(c, 2));
	row_some(&one, "link", cells_text(c, 3));
	list_add(item, &item->recipients, &one);
}

/* item_row_event - add what happened */
bool
item_row_event(struct item_row *item, const struct cells *cells)
{
	item->events.total++;
	if (item->events.count == item->most)
		return false;
	row_init(&item->event, item->row->arena);
	row_event(&item->event, cells);
	list_begin(item, &item->concerned);
	return true;
}

/* item_row_concerned - add whom the event concerns */
void
item_row_concerned(
    struct item_row *item, struct slice address, struct slice key)
{
	struct row one;

	item->concerned.total++;
	if (item->concerned.count == item->most || !is_wanted(item, key))
		return;
	row_init(&one, item->row->arena);
	row_text(&one, "address", address);
	list_add(item, &item->concerned, &one);
}

/* item_row_event_end - end an event that is of interest */
void
item_row_event_end(struct item_row *item)
{
	const struct item_list *concerned = &item->concerned;

	/* Nobody who was asked for has anything to do with it. */
	if (concerned->total > 0 && concerned->count == 0 && item->most > 0)
		return;
	if (concerned->total > 0) {
		row_number(&item->event, "recipient_count", concerned->total);
		list_put(&item->event, "recipients", concerned);
	}
	list_add(item, &item->events, &item->event);
}

/* item_row_report - add a report about it */
void
item_row_report(struct item_row *item, const struct cells *c)
{
	struct row one;

	row_init(&one, item->row->arena);
	row_text(&one, "mts_id", cells_text(c, 0));
	row_time(&one, "time", cells_number(c, 1));
	list_add(item, &item->reports, &one);
}

/* add_standing - add how the item as a whole stands */
static void
add_standing(struct row *row, const struct item_standing *standing)
{
	if (standing->total == 0)
		return;
	row_string(row, "state", party_state_name(standing->state));
	row_number(row, "state_count", (int64_t)standing->count);
	row_number(row, "state_total", (int64_t)standing->total);
}

/* item_row_end - end the row */
int
item_row_end(struct item_row *item)
{
	struct row *row = item->row;

	row_number(row, "recipient_count", item->recipients.total);
	add_standing(row, &item->standing);
	list_put(row, "recipients", &item->recipients);
	row_number(row, "event_count", item->events.total);
	list_put(row, "events", &item->events);
	list_put(row, "reports", &item->reports);
	return row->error;
}
