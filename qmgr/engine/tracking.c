/* SPDX-License-Identifier: ISC */
/*
 * tracking.c - what happened to messages, on its way to the tracker
 */
#include "qmgr/engine/tracking.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "store/store.h"

/* Records of one transaction: what goes beyond is given up. */
#define RECORDS_MAX ((size_t)32 * 1024 * 1024)
/* So much memory is kept for them. */
#define RECORDS_KEEP ((size_t)1024 * 1024)
/* Octets of records that one transaction writes: what goes beyond waits for the
 * next, so that the recipients of a large message keep nobody waiting. */
#define WRITE_MOST ((size_t)512 * 1024)
/* Pages that one transaction deletes: more than it makes as a rule. */
#define DELETE_MOST 256
/* The tracker is woken for so many pages, or after so long (ms): each time
 * costs mail more than the page does. */
#define HAND_PAGES 64
#define HAND_PAUSE 250
/* Octets in its channel beyond which it is handed no more for now. */
#define UNSENT_MAX (IPC_UNANSWERED_MAX / 2)
/* Between two lines on what was given up. */
#define TELL_PAUSE 60000
/* A tracker that has pages keeps them within a second or two. */
#define BEHIND_TIME 10000

struct tracking {
	struct commit_member member; /* while some wait */
	struct buffer records;	     /* of the transaction under way */
	struct buffer later;	     /* of committed ones, to be written */
	size_t now, now_later;	     /* octets of both that this one writes */
	struct buffer page;
	struct arena arena;
	bool broken;	    /* nothing is written any more */
	uint64_t deleted;   /* all pages up to this one, committed */
	uint64_t deleting;  /* likewise, with the transaction under way */
	uint64_t acked;	    /* all up to this one the tracker has */
	uint64_t given_up;  /* records */
	uint64_t giving_up; /* likewise, in the transaction under way */
	uint64_t told;	    /* of given_up, in the log */
	uint64_t told_at;   /* monotonic ms; 0: never */
	unsigned making;    /* pages, in the transaction under way */
	/* the tracker */
	unsigned unsent;    /* pages that were made since it was handed any */
	uint64_t handed_at; /* monotonic ms: when it was */
	struct client *client;	      /* NULL: there is none */
	uint64_t sent;		      /* all pages up to this one were */
	uint64_t ahead[TRACK_WINDOW]; /* numbers that it has not acknowledged */
	unsigned first, count;	      /* of ahead, a ring */
	uint64_t moved;		      /* monotonic ms: it acknowledged, or had
					 nothing to */
	uint64_t moved_to;	      /* what was acknowledged then */
	/* why nothing gets from it to the database of many machines, or what
	 * else is wrong there, and how many pages wait; empty: nothing is */
	char away[TRACKING_TEXT_MAX / 2];
	enum track_trouble trouble;
	uint32_t behind;
};

/* tracking_new - begin without a tracker */
struct tracking *
tracking_new(void)
{
	struct tracking *tracking = calloc(1, sizeof(*tracking));

	if (tracking == NULL)
		return NULL;
	buffer_init(&tracking->records, RECORDS_MAX);
	buffer_init(&tracking->later, TRACKING_LATER_MAX);
	buffer_init(&tracking->page, TRACK_PAGE_MAX);
	arena_init(&tracking->arena, (size_t)128 * TRACK_PAGE_MAX);
	return tracking;
}

/* tracking_free - free it */
void
tracking_free(struct tracking *tracking)
{
	if (tracking == NULL)
		return;
	buffer_fini(&tracking->records);
	buffer_fini(&tracking->later);
	buffer_fini(&tracking->page);
	arena_fini(&tracking->arena);
	free(tracking);
}

/* tracking_wanted - tell whether records are made */
bool
tracking_wanted(const struct qmgr *qmgr)
{
	return qmgr->tracking != NULL && qmgr->conf->mta.tracking_days != 0;
}

/* tracking_put - have the transaction under way tell this */
void
tracking_put(struct qmgr *qmgr, const struct track_record *record)
{
	struct track_record timed = *record;

	if (!tracking_wanted(qmgr))
		return;
	if (timed.time == 0)
		timed.time = clock_wall();
	if (track_encode(&timed, &qmgr->tracking->records) < 0)
		qmgr->tracking->giving_up++;
}

/* tracking_put_encoded - likewise, records that are made */
void
tracking_put_encoded(
    struct qmgr *qmgr, struct slice record, uint64_t message, struct slice to)
{
	struct tracking *tracking = qmgr->tracking;
	int rc;

	if (!tracking_wanted(qmgr) || record.len == 0)
		return;
	rc = message == 0
	    ? buffer_append(&tracking->records, record.data, record.len)
	    : track_set_message(record, message, to, &tracking->records);
	if (rc < 0)
		tracking->giving_up++;
}

/* tracking_miss - count a record that could not be made */
void
tracking_miss(struct qmgr *qmgr)
{
	qmgr->tracking->given_up++;
}

/* renew - empty a buffer; give back what was large */
static void
renew(struct buffer *buffer, size_t max)
{
	if (buffer->capacity > RECORDS_KEEP) {
		buffer_fini(buffer);
		buffer_init(buffer, max);
	}
	buffer_reset(buffer);
}

/* tracking_begin - forget what a transaction told that was undone */
void
tracking_begin(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;

	if (tracking == NULL)
		return;
	renew(&tracking->records, RECORDS_MAX);
	tracking->giving_up = 0;
	tracking->making = 0;
	tracking->now = tracking->now_later = 0;
	tracking->deleting = tracking->deleted;
}

/* count_records - count the records of a page, or of what cannot be read
 * one */
static uint64_t
count_records(struct tracking *tracking, struct slice page)
{
	struct track_reader reader;
	struct track_record record;
	uint64_t count = 0;

	arena_reset(&tracking->arena);
	if (track_open(&reader, page, &tracking->arena, NULL) == 0)
		while (track_next(&reader, &record, NULL) == 0)
			count++;
	return count == 0 ? 1 : count;
}

/* delete_page - delete the first page that is left.  ERR_NOTFOUND: there is
 * none up to a number */
static int
delete_page(struct qmgr *qmgr, uint64_t until)
{
	struct tracking *tracking = qmgr->tracking;
	uint64_t number;
	int rc = store_paged_next(
	    qmgr->store, STORE_PAGED_TRACKING, tracking->deleting, &number);

	if (rc == 0 && number > until)
		rc = ERR_NOTFOUND;
	if (rc == 0)
		rc = store_paged_delete(
		    qmgr->store, STORE_PAGED_TRACKING, number);
	if (rc == 0)
		tracking->deleting = number;
	return rc;
}

/* delete_acknowledged - delete what the tracker has, or nobody wants */
static int
delete_acknowledged(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	uint64_t until = tracking_wanted(qmgr) ? tracking->acked : UINT64_MAX;
	int rc = 0;

	for (int i = 0; tracking->deleting < until && i < DELETE_MOST; i++) {
		rc = delete_page(qmgr, until);
		if (rc == ERR_NOTFOUND && until != UINT64_MAX)
			tracking->deleting = until;
		if (rc != 0)
			break;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* give_up_oldest - delete the first page and count its records */
static int
give_up_oldest(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	uint64_t number;
	int rc = store_paged_next(
	    qmgr->store, STORE_PAGED_TRACKING, tracking->deleting, &number);

	if (rc != 0)
		return rc;
	buffer_reset(&tracking->page);
	if (store_paged_read(qmgr->store, STORE_PAGED_TRACKING, number,
		&tracking->page) == 0)
		tracking->giving_up +=
		    count_records(tracking, buffer_slice(&tracking->page));
	return delete_page(qmgr, number);
}

/* keep_bound - give up the oldest pages while all take more than they may */
static int
keep_bound(struct qmgr *qmgr)
{
	uint64_t used, size, octets = 0;
	int rc = 0;

	store_usage(qmgr->store, &used, &size);
	size /= TRACKING_PART;
	if (size < TRACKING_AT_LEAST)
		size = TRACKING_AT_LEAST;
	if (size > TRACKING_AT_MOST)
		size = TRACKING_AT_MOST;
	for (int i = 0; rc == 0 && i < DELETE_MOST; i++) {
		rc = store_paged_octets(
		    qmgr->store, STORE_PAGED_TRACKING, &octets);
		if (rc == 0 && octets <= size)
			break;
		if (rc == 0)
			rc = give_up_oldest(qmgr);
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* append_pages - write pages of records, until so many octets are left; tell
 * how many were written */
static int
append_pages(struct qmgr *qmgr, struct slice records, size_t left, size_t *done)
{
	struct tracking *tracking = qmgr->tracking;
	struct slice rest = records;
	uint64_t number;
	int rc = 0;

	while (rc == 0 && rest.len > left) {
		rc = track_make_page(&rest, &tracking->page);
		if (rc == 0)
			rc = store_paged_append(qmgr->store,
			    STORE_PAGED_TRACKING, buffer_slice(&tracking->page),
			    &number);
		tracking->making += rc == 0;
		if (rc == ERR_LIMIT) {
			tracking->giving_up += count_records(
			    tracking, buffer_slice(&tracking->page));
			rc = 0;
		}
	}
	*done = records.len - rest.len;
	return rc;
}

/* beyond - compute how many octets are more than there is room for */
static size_t
beyond(size_t len, size_t room)
{
	return len > room ? len - room : 0;
}

/* write_records - write the records that wait, then those of the transaction,
 * as many as one takes */
static int
write_records(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	struct slice later = buffer_slice(&tracking->later);
	struct slice records = buffer_slice(&tracking->records);
	size_t room = qmgr->stopping ? SIZE_MAX : WRITE_MOST;
	int rc;

	/* The tracker may have numbers that this queue has forgotten. */
	store_paged_skip(qmgr->store, tracking->acked);
	/* By it the records of this queue are known among those of all. */
	rc = *qmgr->conf->mta.tracking_database != '\0'
	    ? store_uuid_make(qmgr->store)
	    : 0;
	if (rc != 0)
		return rc;
	rc = append_pages(
	    qmgr, later, beyond(later.len, room), &tracking->now_later);
	room = beyond(room, tracking->now_later);
	/* In their order: nothing of this transaction before all of earlier
	 * ones. */
	if (rc == 0 && tracking->now_later == later.len)
		rc = append_pages(
		    qmgr, records, beyond(records.len, room), &tracking->now);
	return rc;
}

/* tracking_write - write what the transaction told, and delete what is
 * acknowledged */
int
tracking_write(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	int rc;

	if (tracking == NULL || tracking->broken)
		return 0;
	rc = delete_acknowledged(qmgr);
	if (rc == 0 &&
	    buffer_length(&tracking->records) +
		    buffer_length(&tracking->later) >
		0) {
		rc = write_records(qmgr);
		if (rc == 0)
			rc = keep_bound(qmgr);
	}
	/* The transaction is tried again, without this. */
	if (rc == ERR_CORRUPT) {
		tracking->broken = true;
		LOG_EVENT(EVENT_TRACKING_BROKEN,
		    LOG_STRING("reason", store_reason(qmgr->store)));
	}
	return rc;
}

/* send_page - hand the tracker one page: ERR_NOTFOUND, it has all */
static int
send_page(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	struct ipc_record record = {.type = IPC_TRACK_PAGE};
	uint64_t number;
	int rc = store_paged_next(
	    qmgr->store, STORE_PAGED_TRACKING, tracking->sent, &number);

	if (rc != 0)
		return rc;
	tracking->sent = number;
	buffer_reset(&tracking->page);
	rc = store_paged_read(
	    qmgr->store, STORE_PAGED_TRACKING, number, &tracking->page);
	/* A page that cannot be read is deleted with those after it. */
	if (rc != 0)
		return rc == ERR_CORRUPT ? 0 : rc;
	record.track_page.number = number;
	record.track_page.page = buffer_slice(&tracking->page);
	record.track_page.queue = store_uuid(qmgr->store);
	tracking->ahead[(tracking->first + tracking->count) % TRACK_WINDOW] =
	    number;
	tracking->count++;
	client_send(tracking->client, &record);
	return 0;
}

/* hand_on - hand the tracker pages while it may have more, and reads them */
static void
hand_on(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	int rc = 0;

	tracking->unsent = 0;
	tracking->handed_at = clock_monotonic();
	while (rc == 0 && tracking->client != NULL &&
	    !tracking->client->closing && tracking->count < TRACK_WINDOW &&
	    ipc_channel_pending(&tracking->client->channel) < UNSENT_MAX)
		rc = send_page(qmgr);
}

/* later_apply - take part in a transaction, so that there is one */
static int
later_apply(struct qmgr *qmgr, struct commit_member *member)
{
	(void)qmgr;
	(void)member;
	return 0;
}

/* later_done - take part in the next transaction too, if records wait still */
static void
later_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	if (result == 0 && buffer_length(&qmgr->tracking->later) > 0 &&
	    !member->queued)
		commit_add(qmgr, member);
}

/* begin_later - take part in the next transactions while records wait */
static void
begin_later(struct qmgr *qmgr)
{
	struct commit_member *member = &qmgr->tracking->member;

	if (buffer_length(&qmgr->tracking->later) == 0) {
		renew(&qmgr->tracking->later, TRACKING_LATER_MAX);
		return;
	}
	if (member->queued || member->applied)
		return;
	member->order = COMMIT_BACKGROUND;
	member->apply = later_apply;
	member->done = later_done;
	commit_add(qmgr, member);
}

/* append_later - keep records that are to be written, behind those that wait */
static void
append_later(struct tracking *tracking, struct slice records)
{
	if (buffer_append(&tracking->later, records.data, records.len) < 0)
		tracking->given_up++;
}

/* keep_later - keep the records of a transaction that it did not write */
static void
keep_later(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	struct slice rest = buffer_slice(&tracking->records);

	buffer_consume(&tracking->later, tracking->now_later);
	rest = slice_of(rest.data + tracking->now, rest.len - tracking->now);
	if (rest.len > 0)
		append_later(tracking, rest);
	begin_later(qmgr);
}

/* tracking_put_later - have records told by the next transactions */
void
tracking_put_later(struct qmgr *qmgr, struct buffer *records)
{
	struct tracking *tracking = qmgr->tracking;

	if (buffer_length(records) == 0 || !tracking_wanted(qmgr) ||
	    tracking->broken)
		return;
	/* Taken over where nothing waits, which saves a copy of megabytes. */
	if (buffer_length(&tracking->later) == 0) {
		buffer_fini(&tracking->later);
		tracking->later = *records;
		buffer_init(records, TRACKING_LATER_MAX);
	} else {
		append_later(tracking, buffer_slice(records));
		buffer_reset(records);
	}
	begin_later(qmgr);
}

/* tracking_committed - hand the tracker what is committed */
void
tracking_committed(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;

	if (tracking == NULL)
		return;
	tracking->deleted = tracking->deleting;
	tracking->given_up += tracking->giving_up;
	if (tracking->broken) {
		tracking->given_up += buffer_length(&tracking->records) > 0;
		buffer_reset(&tracking->later);
	} else {
		keep_later(qmgr);
	}
	tracking->unsent += tracking->making;
	/* Records that wait beyond this go with the tick. */
	if (tracking->unsent >= HAND_PAGES ||
	    clock_monotonic() - tracking->handed_at >= HAND_PAUSE)
		hand_on(qmgr);
}

/* begin_client - begin with a tracker that says what it has */
static void
begin_client(struct tracking *tracking, struct client *client, uint64_t number)
{
	tracking->client = client;
	tracking->first = tracking->count = 0;
	tracking->sent =
	    number > tracking->deleted ? number : tracking->deleted;
	if (number > tracking->acked && number < INT64_MAX / 2)
		tracking->acked = number;
}

/* tracking_take - take an acknowledgement of the tracker's */
int
tracking_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct tracking *tracking = client->qmgr->tracking;
	uint64_t number = record->track_ack.number;

	if (tracking->client != client)
		begin_client(tracking, client, number);
	else if (number > tracking->sent)
		return diag_set(
		    diag, ERR_PROTOCOL, "it has pages that were not sent");
	else if (number > tracking->acked)
		tracking->acked = number;
	while (
	    tracking->count > 0 && tracking->ahead[tracking->first] <= number) {
		tracking->first = (tracking->first + 1) % TRACK_WINDOW;
		tracking->count--;
	}
	hand_on(client->qmgr);
	return 0;
}

/* tracking_take_problem - take what the tracker says of the database of many
 * machines */
int
tracking_take_problem(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct tracking *tracking = client->qmgr->tracking;

	(void)diag;
	escape_printable(
	    tracking->away, sizeof(tracking->away), record->problem.text);
	tracking->behind = record->problem.count;
	tracking->trouble = record->problem.weight;
	return 0;
}

/* tracking_gone - forget the tracker, if this was it */
void
tracking_gone(const struct client *client)
{
	struct tracking *tracking = client->qmgr->tracking;

	if (tracking == NULL || tracking->client != client)
		return;
	tracking->client = NULL;
	tracking->away[0] = '\0';
}

/* note_progress - note that the tracker has acknowledged something, or has
 * nothing to acknowledge */
static void
note_progress(struct tracking *tracking, uint64_t now)
{
	if (tracking->moved != 0 && tracking->acked == tracking->moved_to &&
	    (tracking->client == NULL || tracking->count > 0))
		return;
	tracking->moved = now == 0 ? 1 : now;
	tracking->moved_to = tracking->acked;
}

/* tracking_is_broken - tell whether a page of the queue could not be written */
bool
tracking_is_broken(const struct qmgr *qmgr)
{
	return qmgr->tracking != NULL && qmgr->tracking->broken;
}

/* tracking_text - say what keeps the tracker from having what happened */
const char *
tracking_text(const struct qmgr *qmgr, char text[TRACKING_TEXT_MAX])
{
	const struct tracking *tracking = qmgr->tracking;
	uint64_t stands = clock_monotonic() - tracking->moved;

	text[0] = '\0';
	if (!tracking_wanted(qmgr))
		return text;
	if (tracking->broken)
		snprintf(text, TRACKING_TEXT_MAX,
		    "tracking has ended: a page of the queue cannot be "
		    "written");
	else if (tracking->moved != 0 && stands >= BEHIND_TIME)
		snprintf(text, TRACKING_TEXT_MAX,
		    tracking->client == NULL
			? "there is no tracker: x4track does not know what "
			  "happens"
			: "the tracker is behind: x4track does not know what "
			  "happened last");
	return text;
}

/* tracking_database_text - say what keeps the database of many machines from
 * having what happened */
const char *
tracking_database_text(const struct qmgr *qmgr, char text[TRACKING_TEXT_MAX])
{
	const struct tracking *tracking = qmgr->tracking;

	text[0] = '\0';
	if (!tracking_wanted(qmgr) || tracking->away[0] == '\0')
		return text;
	if (tracking->trouble == TRACK_TROUBLE_OLD_DAYS)
		snprintf(text, TRACKING_TEXT_MAX,
		    "old days of tracking-database cannot be dropped: %s",
		    tracking->away);
	else
		snprintf(text, TRACKING_TEXT_MAX,
		    "tracking-database cannot be written, %u pages wait: %s",
		    tracking->behind, tracking->away);
	return text;
}

/* tracking_tick - hand on what waits, say what was given up, and note whether
 * the tracker goes on */
void
tracking_tick(struct qmgr *qmgr)
{
	struct tracking *tracking = qmgr->tracking;
	uint64_t now = clock_monotonic();

	hand_on(qmgr);
	note_progress(tracking, now);
	if (tracking->given_up == tracking->told ||
	    (tracking->told_at != 0 && now - tracking->told_at < TELL_PAUSE))
		return;
	LOG_EVENT(EVENT_TRACKING_GIVEN_UP,
	    LOG_INT("count", tracking->given_up - tracking->told),
	    LOG_STRING("reason",
		tracking->broken	       ? "a page cannot be written"
		    : tracking->client != NULL ? "the tracker is behind"
					       : "there is no tracker"));
	tracking->told = tracking->given_up;
	tracking->told_at = now == 0 ? 1 : now;
}
