/* SPDX-License-Identifier: ISC */
/*
 * item.h - the row of an item out of the database of this machine
 */
#ifndef FOURPOST_TRACKER_ITEM_H
#define FOURPOST_TRACKER_ITEM_H

#include "track/address_key.h"
#include "tracker/database.h"
#include "tracker/row.h"

/*
 * item_get - make the row of an item: what it is, its recipients, what happened
 *
 * to and most as item_row_begin has them.  ERR_NOTFOUND: it is gone.
 */
int item_get(struct database *db, int64_t id, const struct address_pattern *to,
    size_t most, struct row *row) WARN_UNUSED;

#endif
