/* SPDX-License-Identifier: ISC */
/*
 * fold.h - what became of an item, out of the records of one machine
 *
 * The database of all machines has records as they came.  Those of an item are
 * put into tables of its own in memory, by the code that does so for this
 * machine's file: what is found, and how it stands, is the same in both.
 *
 *	fold_begin
 *	fold_record	    each, in the order of the machine
 *	fold_report	    each report that came about it
 *	fold_matches, fold_row
 *	fold_end
 */
#ifndef FOURPOST_TRACKER_FOLD_H
#define FOURPOST_TRACKER_FOLD_H

#include "track/track.h"
#include "tracker/database.h"
#include "tracker/row.h"
#include "tracker/search.h"

/* Recipients of one item that are looked at, which bounds its memory. */
#define FOLD_RECIPIENTS_MAX 100000

struct fold {
	struct database db; /* in memory */
	int64_t item;	    /* 0: no record yet */
	size_t recipients;
};

/* fold_init - make the tables.  ERR_NOMEM */
int fold_init(struct fold *fold, struct diag *diag) WARN_UNUSED;

/* fold_fini - give back the memory */
void fold_fini(struct fold *fold);

/* fold_begin - begin an item */
int fold_begin(struct fold *fold) WARN_UNUSED;

/* fold_record - put a record of the item into the tables */
int
fold_record(struct fold *fold, const struct track_record *record) WARN_UNUSED;

/* fold_report - note a report that came about the item */
int fold_report(struct fold *fold, struct slice mts_id, int64_t time,
    struct slice subject) WARN_UNUSED;

/* fold_matches - tell whether the item is as asked for: 1, 0, or an error */
int fold_matches(struct fold *fold, const struct search *search) WARN_UNUSED;

/* fold_row - make the row of the item, as item_get.  ERR_NOTFOUND: it has no
 * record */
int fold_row(struct fold *fold, const struct address_pattern *to, size_t most,
    struct row *row) WARN_UNUSED;

/* fold_end - forget the item */
void fold_end(struct fold *fold);

#endif
