/* SPDX-License-Identifier: ISC */
/*
 * item_row.h - the row of an item, made of what a database returns of it
 *
 *	item_row_begin(&item, &row, to, most)
 *	item_row_what		what it is
 *	item_row_recipient	each recipient
 *	item_row_event		each event, in their order
 *	item_row_concerned	    and whom it concerns, each
 *	item_row_event_end
 *	item_row_report		each report that came about it
 *	item_row_end
 *
 * All but the second may be left out.  What the columns of each are stands with
 * its function; a failure is kept in row.error and told by item_row_end.
 */
#ifndef FOURPOST_TRACKER_ITEM_ROW_H
#define FOURPOST_TRACKER_ITEM_ROW_H

#include "track/address_key.h"
#include "tracker/cells.h"
#include "tracker/database.h"
#include "tracker/row.h"

/* A list of rows within the row. */
struct item_list {
	struct ipc_row *rows; /* in the arena */
	size_t count;	      /* of those that are shown */
	int64_t total;
};

/* How an item as a whole stands: as the recipients do who stand worst. */
struct item_standing {
	enum party_state state;
	size_t count; /* of those */
	size_t total;
};

struct item_row {
	const struct address_pattern *to; /* or NULL */
	size_t most;
	struct row *row;
	struct item_list recipients, events, reports;
	struct item_standing standing;
	struct row event; /* the last, while it is made */
	struct item_list concerned;
};

/*
 * item_row_begin - begin the row of an item
 *
 * to, if not NULL: recipients that it does not fit are counted and not shown,
 * nor what happened to them alone.  At most most recipients, events and so on
 * are shown.  The row is begun by the caller (row_init).
 */
void item_row_begin(struct item_row *item, struct row *row,
    const struct address_pattern *to, size_t most);

/* item_row_what - add what it is: MTS identifier, kind, arrival, when something
 * happened last, originator, content identifier, content type, priority, size,
 * link, trace, subject, key of the originator, whether it has arrived */
void item_row_what(struct item_row *item, const struct cells *cells);

/* item_row_recipient - add a recipient: address, state, time, link, key */
void item_row_recipient(struct item_row *item, const struct cells *cells);

/* item_row_event - add what happened, with the columns of row_event: whether
 * it is of interest whom it concerns, else there is room for no more */
bool item_row_event(struct item_row *item, const struct cells *cells);

/* item_row_concerned - add whom the event concerns: address, key */
void item_row_concerned(
    struct item_row *item, struct slice address, struct slice key);

/* item_row_event_end - end an event that is of interest */
void item_row_event_end(struct item_row *item);

/* item_row_report - add a report about it: MTS identifier, time */
void item_row_report(struct item_row *item, const struct cells *cells);

/* item_row_end - end the row.  ERR_NOMEM, ERR_LIMIT */
int item_row_end(struct item_row *item) WARN_UNUSED;

#endif
