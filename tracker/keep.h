/* SPDX-License-Identifier: ISC */
/*
 * keep.h - put pages of tracking records into the database, once each
 */
#ifndef FOURPOST_TRACKER_KEEP_H
#define FOURPOST_TRACKER_KEEP_H

#include "base/arena.h"
#include "track/track.h"
#include "tracker/database.h"

/* keep_record - put one record into the transaction that is open: *id is that
 * of its item */
int keep_record(struct database *db, const struct track_record *record,
    int64_t *id) WARN_UNUSED;

/*
 * keep_page - put a page into the transaction that is open
 *
 * Nothing is done if its number is not above that of the last page.  A page
 * that cannot be read is kept as far as it can, and *unreadable is set, diag
 * says why; that is no error, because it would come again for ever.
 */
int keep_page(struct database *db, uint64_t number, struct slice page,
    struct arena *arena, bool *unreadable, struct diag *diag) WARN_UNUSED;

#endif
