/* SPDX-License-Identifier: ISC */
/*
 * tracker.h - the process that keeps tracking records and answers for them
 *
 *	database     the file, by SQLite
 *	recent	     what was looked up in it last
 *	keep	     a page into it
 *	forget	     what is old out of it
 *	search	     items by what is known of them
 *	cells	     what a database returns
 *	row	     an answer as a row of named fields
 *	item_row     an item as a row
 *	item	     an item out of the database
 *	stats	     figures
 *	passed	     what passed in each minute
 *	intake	     pages until they are kept, and a database in trouble
 *	outgoing     pages for the database of many machines
 *	onward	     these to the process that writes them there
 *	answer	     requests of tools
 *	tracker	     the loop: qmgr, tools, time
 */
#ifndef FOURPOST_TRACKER_TRACKER_H
#define FOURPOST_TRACKER_TRACKER_H

#include "tracker/intake.h"
#include "tracker/onward.h"
#include "worker/worker.h"

/* Tools that are connected at a time; a further one takes the place of the one
 * that was silent for longest. */
#define TRACKER_TOOLS 12

struct tracker_tool {
	struct ipc_channel channel; /* fd -1: free */
	bool greeted;
	bool ours;	/* a process of the user that this one has */
	uint64_t heard; /* monotonic ms */
};

struct tracker {
	struct worker *worker;
	struct ipc_channel qmgr;
	struct conf *conf; /* owned; the section mta; NULL before it came */
	struct intake intake;
	struct tracker_tool tools[TRACKER_TOOLS];
	struct onward onward;
	uint64_t told_at; /* monotonic ms: qmgr was told of its trouble */
	bool told;	  /* there was any */
	bool introduced;  /* qmgr was told what is kept */
};

/*
 * tracker_run - keep what qmgr sends and answer tools, until told to stop or
 * qmgr is gone
 *
 * The channel is connected, the working directory is where the database is,
 * and the process is confined.
 */
void tracker_run(struct tracker *tracker);

#endif
