/* SPDX-License-Identifier: ISC */
/*
 * track.h - records of tracking, and the pages that carry them
 *
 * track.asn has what each record says.  qmgr makes pages of them in the commit
 * of what they tell, and hands the pages to the tracker in order:
 *
 *	qmgr		TRACK_PAGE number, page		at most TRACK_WINDOW of
 *							them unacknowledged
 *	tracker		TRACK_ACK number		all pages up to this one
 *							are kept for good
 *
 * The tracker connects to qmgr's socket as role tracker, without a name; the
 * settings that it gets are the section mta, again after each reload.  Then
 * it sends a TRACK_ACK with the highest number that it keeps, 0 if none, and
 * only then qmgr sends pages.  Numbers increase, with gaps, for as long as the
 * queue exists and beyond a copy of it that is put back.  A page whose
 * acknowledgement got lost comes again: the tracker keeps the highest number
 * in the transaction that keeps the page, and drops what is not above it.
 * What is not acknowledged stays in the queue, within a bound: then the oldest
 * are given up, with an event.
 */
#ifndef FOURPOST_TRACK_TRACK_H
#define FOURPOST_TRACK_TRACK_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "ber/reader.h"
#include "mhs/mts_kind.h"

#define TRACK_PAGE_MAX	  4080 /* octets of one, all included */
#define TRACK_WINDOW	  1024 /* pages that are not acknowledged */
#define TRACK_ADDRESS_MAX 768  /* octets; more are cut off */
#define TRACK_TEXT_MAX	  192  /* likewise, of all other texts */
#define TRACK_TO_MAX	  64

/* Kinds of trouble with the database of many machines: the weight of a problem
 * in ipc.asn. */
enum track_trouble {
	TRACK_TROUBLE_PASSES,  /* nothing gets there, for now */
	TRACK_TROUBLE_LASTS,   /* nothing gets there; waiting does not help */
	TRACK_TROUBLE_OLD_DAYS /* all gets there; what is old stays */
};

enum track_event {
	TRACK_ARRIVAL,
	TRACK_TRANSFER,
	TRACK_DELIVERY,
	TRACK_REPORT,
	TRACK_HOLD,
	TRACK_RELEASE,
	TRACK_REROUTE,
	TRACK_REDIRECTION,
	TRACK_EXPANSION,
	TRACK_DELETION,
	TRACK_RETURN,
	TRACK_EXPIRY,
	TRACK_DISCARD,
	TRACK_QUARANTINE,
	TRACK_FAILURE,
	TRACK_COPY,
	TRACK_EVENTS
};

/* A record; what is 0 or empty is absent.  Of a decoded one slices borrow from
 * the page, the array from the arena. */
struct track_record {
	enum track_event event;
	int64_t time; /* wall clock ms */
	uint64_t message;
	enum mts_kind kind;
	struct slice mts_id;
	uint64_t part;
	struct slice link;
	struct slice originator;
	struct slice content_id;
	struct slice content_type;
	uint64_t priority;
	uint64_t size;
	struct slice trace;
	const struct slice *recipients;
	size_t recipient_count;
	uint64_t reason_plus;	  /* of X.411, plus 1 */
	uint64_t diagnostic_plus; /* likewise */
	struct slice text;
	struct slice by;
	struct slice subject;
	struct slice other;
	uint64_t delay_plus; /* ms, plus 1 */
	uint64_t delay_queue_plus;
	uint64_t delay_transfer_plus;
	struct slice to;
};

/*
 * track_encode - append a record to records, in parts where it has many
 * recipients
 *
 * ERR_NOMEM, ERR_LIMIT (the buffer's bound): records is unchanged then.
 */
int track_encode(
    const struct track_record *record, struct buffer *records) WARN_UNUSED;

/* track_encode_parts - append a record as further parts of one: *part is the
 * number of the first, and of what follows the last then */
int track_encode_parts(const struct track_record *record, uint64_t *part,
    struct buffer *records) WARN_UNUSED;

/* track_set_message - append a record of track_encode that has neither message
 * nor to yet to records, with a queue id and, unless that is empty, the name
 * of a link (at most TRACK_TO_MAX octets).  ERR_NOMEM, ERR_LIMIT */
int track_set_message(struct slice record, uint64_t message, struct slice to,
    struct buffer *records) WARN_UNUSED;

/* track_make_page - make a page, which replaces what is in the buffer, of as
 * many records as fit, and take them off the front of *records.  ERR_NOMEM,
 * ERR_LIMIT */
int track_make_page(struct slice *records, struct buffer *page) WARN_UNUSED;

/* A reader of one page. */
struct track_reader {
	struct ber_reader records;
	struct arena *arena;
};

/* track_open - begin to read a page.  ERR_SYNTAX, ERR_UNSUPPORTED (another
 * version) */
int track_open(struct track_reader *reader, struct slice page,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

/* track_next - read the next record.  ERR_NOTFOUND at the end, ERR_SYNTAX,
 * ERR_LIMIT, ERR_NOMEM */
int track_next(struct track_reader *reader, struct track_record *record,
    struct diag *diag) WARN_UNUSED;

/* track_event_name - get the name of an event, as in track.asn */
const char *track_event_name(enum track_event event);

#endif
