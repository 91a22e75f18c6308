/* SPDX-License-Identifier: ISC */
/*
 * pages.h - make pages of tracking records for tests, in a directory of their
 * own
 */
#ifndef FOURPOST_TESTS_TRACKER_PAGES_H
#define FOURPOST_TESTS_TRACKER_PAGES_H

#include "ipc/record.h"
#include "track/track.h"
#include "tracker/database.h"

#define PAGES_BEGIN ((int64_t)1764500000 * 1000) /* ms: in November 2025 */

/* pages_enter - make an empty directory and go there; pages_leave removes it */
void pages_enter(void);
void pages_leave(void);

/* pages_record - append a record to what pages_make takes */
void pages_record(const struct track_record *record);

/* pages_make - make the page of the records so far, which must fit into one;
 * valid until the next */
struct slice pages_make(void);

/* pages_keep - keep the page of the records so far, in a transaction */
void pages_keep(struct database *db, uint64_t number);

/* pages_message - add the records of a message that arrived, was queued for a
 * link and transferred; n makes it unique */
void pages_message(uint64_t n, const char *from, const char *to);

/* pages_count - count the rows of a table, or what a query gives */
int64_t pages_count(struct database *db, const char *sql);

#endif
