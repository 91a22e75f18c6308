/* SPDX-License-Identifier: ISC */
/*
 * forget.h - take what is too old out of the database
 */
#ifndef FOURPOST_TRACKER_FORGET_H
#define FOURPOST_TRACKER_FORGET_H

#include "tracker/database.h"

/* forget_items - take items out that nothing happened to since a time (ms since
 * 1970), at most so many, in a transaction of its own: how many, or an error.
 * When something happened last is known to a minute */
int forget_items(struct database *db, int64_t before, int most) WARN_UNUSED;

#endif
