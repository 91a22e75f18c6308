/* SPDX-License-Identifier: ISC */
/*
 * track_tables.h - the tables of tracking in PostgreSQL
 *
 * All are in the schema "fourpost", which many machines write and search.
 *
 *	version    one row: the version of the tables
 *	queue	   one row for each queue that was ever written from: its uuid,
 *		   and the number by which the rows of events know it.  The uuid
 *		   changes when a copy of a queue is started as the queue
 *	event	   one row for each record of tracking (track.asn), as it came,
 *		   never changed: key is the queue, the number of its page and
 *		   its place in the page, so that a row that comes twice is
 *		   there once.  Absent elements are NULL
 *	recipient  one row for each recipient that an event names; of the
 *		   arrival of a report the address that it goes to, which is no
 *		   originator there
 *	event_name the names of events
 *	history	   a view: events with their names, machines and recipients,
 *		   for people
 *
 * event and recipient are partitioned by the day (UTC) of "time": the partition
 * of a day is event_20261130, or recipient_20261130.  Both are dropped when the
 * day is too old.
 *
 * Columns of event that are not those of track.asn:
 *
 *	page, place	where the record stood; within a queue events are in the
 *			order of these two
 *	who		"by" of the record
 *	destination	"to" of an arrival: the link that its one copy, with the
 *			queue id "message", is for
 *	originator_key, recipient.key  the address as address_key.h has it
 *	reason, diagnostic, delay, delay_queue, delay_transfer	as they are, not
 *			plus 1
 *
 * How a recipient stands is not kept: it follows from the events, in their
 * order (keep.c of the tracker does the same with SQLite).
 */
#ifndef FOURPOST_TRACK_TRACK_TABLES_H
#define FOURPOST_TRACK_TRACK_TABLES_H

#define TRACK_TABLES_VERSION 1

/* Statements that lead from each version to the next; 0 has no tables.  Run in
 * one transaction, with the lock below, by whoever finds an older version. */
extern const char *const track_tables_steps[TRACK_TABLES_VERSION];

/* The advisory lock that is held while tables or partitions are made or
 * dropped: pg_advisory_xact_lock(TRACK_TABLES_LOCK). */
#define TRACK_TABLES_LOCK "1179669362"

#endif
