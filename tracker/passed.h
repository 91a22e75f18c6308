/* SPDX-License-Identifier: ISC */
/*
 * passed.h - what passed in each minute, for whoever draws it
 */
#ifndef FOURPOST_TRACKER_PASSED_H
#define FOURPOST_TRACKER_PASSED_H

#include "tracker/database.h"
#include "tracker/row.h"

/* Called for each row.  0 to go on */
typedef int passed_row_fn(void *arg, struct row *row);

/*
 * passed_run - count what passed from one time on and before another, ms since
 * 1970, and give the rows
 *
 * First a row with the time "since" which something is kept, 0: nothing is.
 * Then one for each minute in which something passed, in their order: "minute"
 * since 1970, "in" and "octets_in" by links, "out" and "octets_out" to links
 * and postoffices.
 */
int passed_run(struct database *db, int64_t from, int64_t before,
    struct arena *arena, passed_row_fn *give, void *arg) WARN_UNUSED;

#endif
