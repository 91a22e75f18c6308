/* SPDX-License-Identifier: ISC */
/*
 * copier.h - pages from the tracker into the database of many machines
 *
 *	source	where the database is
 *	tables	what is in it
 *	days	its partitions
 *	rows	pages as rows
 *	batch	rows into the tables, in one transaction
 *	copier	the loop: the tracker, the database, time
 *
 * The tracker hands pages in order, a window of them ahead (track.h); they are
 * acknowledged when a transaction that holds their rows is committed.  A page
 * whose acknowledgement got lost comes again, and its rows are known by their
 * keys.  A batch that takes too long is tried again with fewer pages.  One that
 * the server refuses for what it says is tried page by page: up to three that
 * are refused alone, twice each, are left out once the page behind them is
 * written.  A database that cannot be written, or refuses all, is tried again
 * after 1, 2, 4 ... 30 s, meanwhile pages wait at the tracker.
 */
#ifndef FOURPOST_TRACKING_DATABASE_COPIER_H
#define FOURPOST_TRACKING_DATABASE_COPIER_H

#include "ipc/channel.h"
#include "store/queue_uuid.h"
#include "track/track.h"
#include "tracker/copier/batch.h"
#include "worker/tracking_source.h"

struct copier {
	struct worker *worker;
	struct conf *conf; /* owned */
	struct tracking_source source;
	struct ipc_channel tracker; /* fd -1: not connected */
	struct batch batch;
	struct batch_page pages[TRACK_WINDOW];
	size_t count;
	uint64_t due;	      /* monotonic ms: pages are written; CLOCK_NEVER */
	uint64_t retry_at;    /* likewise: the database is tried again */
	uint64_t retry_delay; /* ms */
	uint64_t days_at;     /* likewise: partitions are made and dropped */
	uint64_t calm_at;     /* likewise: no page waits; CLOCK_NEVER */
	uint64_t reached_at;  /* likewise: the database was there last */
	unsigned attempts;
	size_t most;	     /* pages of a batch: fewer after one that failed */
	size_t refused;	     /* pages at the front that were refused, alone */
	bool tried;	     /* the page behind them was refused once */
	struct diag refusal; /* why the last of them was refused */
	struct diag why;     /* nothing gets there; code 0: it does */
	struct diag stays;   /* old days cannot be dropped; code 0: they can */
	bool known;	     /* whether something gets there */
	bool told;	     /* the tracker knows how it is */
};

/* copier_run - copy until told to stop, or until the database was away for so
 * long that where it is must be looked up again; the process is confined */
void copier_run(struct copier *copier);

#endif
