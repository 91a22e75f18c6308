/* SPDX-License-Identifier: ISC */
/*
 * fold.c - what became of an item, out of the records of one machine
 */
#include "tracker/fold.h"

#include "tracker/item.h"
#include "tracker/keep.h"

/* fold_init - make the tables */
int
fold_init(struct fold *fold, struct diag *diag)
{
	*fold = (struct fold){.item = 0};
	return database_open_empty(&fold->db, diag);
}

/* fold_fini - give back the memory */
void
fold_fini(struct fold *fold)
{
	database_close(&fold->db);
}

/* fold_begin - begin an item */
int
fold_begin(struct fold *fold)
{
	fold->item = 0;
	fold->recipients = 0;
	return database_begin(&fold->db);
}

/* fold_end - forget the item */
void
fold_end(struct fold *fold)
{
	database_rollback(&fold->db);
}

/* fold_record - put a record of the item into the tables */
int
fold_record(struct fold *fold, const struct track_record *record)
{
	if (fold->recipients > FOLD_RECIPIENTS_MAX)
		return 0;
	fold->recipients += record->recipient_count;
	return keep_record(&fold->db, record, &fold->item);
}

/* fold_report - note a report that came about the item */
int
fold_report(
    struct fold *fold, struct slice mts_id, int64_t time, struct slice subject)
{
	const struct track_record report = {.event = TRACK_ARRIVAL,
	    .kind = MTS_REPORT,
	    .time = time,
	    .mts_id = mts_id,
	    .subject = subject};
	int64_t item = 0;

	return keep_record(&fold->db, &report, &item);
}

/* fold_matches - tell whether the item is as asked for */
int
fold_matches(struct fold *fold, const struct search *search)
{
	return fold->item == 0 ? 0
			       : search_matches(&fold->db, search, fold->item);
}

/* fold_row - make the row of the item */
int
fold_row(struct fold *fold, const struct address_pattern *to, size_t most,
    struct row *row)
{
	return fold->item == 0 ? ERR_NOTFOUND
			       : item_get(&fold->db, fold->item, to, most, row);
}
