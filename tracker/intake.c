/* SPDX-License-Identifier: ISC */
/*
 * intake.c - pages from qmgr into the database, whatever state that is in
 */
#include <sys/statvfs.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "tracker/intake.h"
#include "tracker/forget.h"
#include "tracker/keep.h"

#define RETRY_FIRST   1000 /* ms */
#define RETRY_MAX     30000
#define REBUILD_PAUSE 10000 /* ms between two times that it is made again */
#define FORGET_PAUSE  60000 /* ms between looks for what is old */
#define FORGET_STEP   200   /* items in one transaction */
#define ARENA_MAX     ((size_t)1024 * 1024)
#define DAY_MS	      ((int64_t)86400 * 1000)

/* intake_init - begin with a database that is not open yet */
void
intake_init(struct intake *intake)
{
	*intake = (struct intake){.commit_at = CLOCK_NEVER,
	    .retry_delay = RETRY_FIRST,
	    .forget_at = clock_after(FORGET_PAUSE),
	    .bounds = {OUTGOING_MOST, OUTGOING_LEAST, OUTGOING_RESERVE}};
	intake->db.delays = &intake->delays;
	arena_init(&intake->arena, ARENA_MAX);
}

/* drop_pages - forget the pages, which are kept or will come again */
static void
drop_pages(struct intake *intake)
{
	for (size_t i = 0; i < intake->count; i++)
		free(intake->pages[i].octets);
	intake->count = intake->octets = 0;
	intake->commit_at = CLOCK_NEVER;
}

/* intake_fini - close the database and give everything back */
void
intake_fini(struct intake *intake)
{
	drop_pages(intake);
	database_close(&intake->db);
	arena_fini(&intake->arena);
}

/* say_waits - log once that the database cannot be used for the time being */
static void
say_waits(struct intake *intake, int error, const char *reason)
{
	if (intake->said == error)
		return;
	intake->said = error;
	LOG_EVENT(error == ERR_UNSUPPORTED ? EVENT_TRACKING_NEWER
					   : EVENT_TRACKING_WAITS,
	    LOG_STRING("file", DATABASE_FILE), LOG_STRING("reason", reason),
	    LOG_INT("pages", intake->count));
}

/* say_rebuilt - log that a new database begins */
static void
say_rebuilt(const char *reason, const char *aside)
{
	LOG_EVENT(EVENT_TRACKING_REBUILT, LOG_STRING("file", DATABASE_FILE),
	    LOG_STRING("reason", reason), LOG_STRING("aside", aside));
}

/* wait_and_retry - close the database and open it again after a while */
static void
wait_and_retry(struct intake *intake, int error, const char *reason)
{
	char text[128];

	(void)strlcpy(text, reason, sizeof(text));
	database_close(&intake->db);
	say_waits(intake, error, text);
	intake->retry_at = clock_after(intake->retry_delay);
	intake->retry_delay *= 2;
	if (intake->retry_delay > RETRY_MAX)
		intake->retry_delay = RETRY_MAX;
}

/* set_aside - put a damaged database aside, so that another is made */
static void
set_aside(struct intake *intake, const char *reason)
{
	bool again = intake->rebuilt_at != 0 &&
	    clock_monotonic() < intake->rebuilt_at + REBUILD_PAUSE;
	char text[128];

	(void)strlcpy(text, reason, sizeof(text));
	database_close(&intake->db);
	/* A disk that damages whatever is written must not keep us busy. */
	if (again || database_set_aside() != 0) {
		wait_and_retry(intake, ERR_CORRUPT, text);
		return;
	}
	intake->rebuilt_at = clock_monotonic();
	intake->retry_at = 0;
	say_rebuilt(text, DATABASE_ASIDE);
}

/* handle_error - do what an error of the database asks for */
static void
handle_error(struct intake *intake, int error, const char *reason)
{
	if (error == ERR_CORRUPT)
		set_aside(intake, reason);
	else
		wait_and_retry(intake, error, reason);
}

/* open_database - see that the database is open, if that may be tried again */
static bool
open_database(struct intake *intake)
{
	struct diag diag = {0};
	int error;

	if (intake->db.db != NULL && !database_is_there(&intake->db)) {
		database_close(&intake->db);
		say_rebuilt("it was removed", NULL);
	}
	/* After a damaged database a new one is opened at once. */
	for (int tries = 0; tries < 2 && intake->db.db == NULL; tries++) {
		if (clock_monotonic() < intake->retry_at)
			return false;
		diag_clear(&diag);
		error = database_open(&intake->db, &diag);
		if (error != 0)
			handle_error(intake, error, diag_text(&diag));
		else
			intake->opened++;
	}
	return intake->db.db != NULL;
}

/* note_success - log once that the database can be written again */
static void
note_success(struct intake *intake)
{
	intake->retry_delay = RETRY_FIRST;
	if (intake->said == 0)
		return;
	intake->said = 0;
	LOG_EVENT(EVENT_TRACKING_GOES_ON, LOG_STRING("file", DATABASE_FILE));
}

/* keep_onward - keep a page for the database of many machines, unless that has
 * been done */
static int
keep_onward(
    struct intake *intake, const struct intake_page *page, uint64_t last)
{
	const struct outgoing_page outgoing = {.number = page->number,
	    .queue = slice_of(page->queue, page->queue_len),
	    .octets = slice_of(page->octets, page->len)};

	if (!intake->onward || page->queue_len == 0 || page->number <= last)
		return 0;
	return outgoing_add(&intake->db, &outgoing, clock_wall());
}

/* is_volume_low - tell whether the volume has little room for mail */
static bool
is_volume_low(const struct intake *intake)
{
	struct statvfs fs;

	return statvfs(".", &fs) == 0 &&
	    (uint64_t)fs.f_bavail * fs.f_frsize < intake->bounds.reserve;
}

/* curb_outgoing - give up the oldest pages that wait, where all of them take
 * more than there is for them; before is how many octets they were before those
 * of this transaction: count them in *given_up */
static int
curb_outgoing(struct intake *intake, uint64_t before, int *given_up)
{
	const struct outgoing_bounds *bounds = &intake->bounds;
	uint64_t most = bounds->most;

	/* What is deleted makes room in the file and not on the volume: it is
	 * enough that new pages take the place of old ones. */
	if (most > before && is_volume_low(intake))
		most = before > bounds->least ? before : bounds->least;
	*given_up =
	    outgoing_curb(&intake->db, most, FORGET_STEP + (int)intake->count);
	return *given_up < 0 ? *given_up : 0;
}

/* tell_given_up - log how many pages were given up for want of room, now and
 * then */
static void
tell_given_up(struct intake *intake)
{
	if (intake->given_up == 0 || clock_monotonic() < intake->tell_at)
		return;
	LOG_EVENT(EVENT_TRACKING_DATABASE_GIVEN_UP,
	    LOG_INT("pages", intake->given_up),
	    LOG_STRING("reason", "they take more room than there is for them"));
	intake->given_up = 0;
	intake->tell_at = clock_after(FORGET_PAUSE);
}

/* keep_pages - put all pages into one transaction */
static int
keep_pages(struct intake *intake)
{
	uint64_t last = 0, before = 0;
	int given_up = 0, error = database_begin(&intake->db);

	if (error == 0)
		error = database_page(&intake->db, &last);
	if (error == 0)
		error = outgoing_octets(&intake->db, &before);
	for (size_t i = 0; error == 0 && i < intake->count; i++) {
		const struct intake_page *page = &intake->pages[i];
		struct diag diag = {0};
		bool unreadable = false;

		arena_reset(&intake->arena);
		error = keep_page(&intake->db, page->number,
		    slice_of(page->octets, page->len), &intake->arena,
		    &unreadable, &diag);
		if (error == 0)
			error = keep_onward(intake, page, last);
		if (unreadable)
			LOG_EVENT(EVENT_TRACKING_UNREADABLE,
			    LOG_INT("page", page->number),
			    LOG_STRING("reason", diag_text(&diag)));
	}
	if (error == 0)
		error = curb_outgoing(intake, before, &given_up);
	if (error == 0)
		error = database_commit(&intake->db);
	if (error == 0)
		intake->given_up += given_up;
	/* The queue deletes pages that are acknowledged. */
	if (error == 0)
		error = database_sync();
	return error;
}

/* intake_commit - put all pages that are here into the database */
int
intake_commit(struct intake *intake)
{
	uint64_t last;
	char text[128];
	int error;

	if (intake->count == 0 || !open_database(intake))
		return 0;
	error = keep_pages(intake);
	if (error != 0) {
		(void)strlcpy(text, database_words(&intake->db), sizeof(text));
		database_rollback(&intake->db);
		delays_forget(&intake->delays);
		handle_error(intake, error, text);
		return 0;
	}
	delays_keep(&intake->delays);
	tell_given_up(intake);
	last = intake->pages[intake->count - 1].number;
	drop_pages(intake);
	note_success(intake);
	return intake->acknowledge(intake->arg, last);
}

/* intake_take - take a page over */
int
intake_take(struct intake *intake, const struct ipc_track_page *from)
{
	struct intake_page *page = &intake->pages[intake->count];

	if (intake->count == TRACK_WINDOW)
		return ERR_LIMIT;
	page->octets = malloc(from->page.len + 1);
	if (page->octets == NULL)
		return ERR_NOMEM;
	page->number = from->number;
	page->len = from->page.len;
	page->queue_len =
	    from->queue.len == STORE_UUID_LEN ? STORE_UUID_LEN : 0;
	if (page->queue_len > 0)
		memcpy(page->queue, from->queue.data, STORE_UUID_LEN);
	if (page->len > 0)
		memcpy(page->octets, from->page.data, page->len);
	intake->octets += page->len;
	if (intake->count++ == 0)
		intake->commit_at = clock_after(INTAKE_GATHER_MS);
	return 0;
}

/* newest_time - find when something happened last, as qmgr's clock has it */
static int
newest_time(struct database *db, int64_t *time)
{
	sqlite3_stmt *s = NULL;
	int rc;

	if (sqlite3_prepare_v2(db->db,
		"SELECT coalesce(max(time),0) FROM event", -1, &s,
		NULL) != SQLITE_OK)
		return database_error(db);
	rc = database_step(db, s);
	if (rc == 1)
		*time = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return rc < 0 ? rc : 0;
}

/* forget_outgoing - give up pages that wait for as long as records are kept, a
 * step of them */
static int
forget_outgoing(struct intake *intake, int64_t before)
{
	int count = outgoing_forget(&intake->db, before, FORGET_STEP);

	if (count > 0)
		LOG_EVENT(EVENT_TRACKING_DATABASE_GIVEN_UP,
		    LOG_INT("pages", count), LOG_INT("days", intake->days));
	if (count == FORGET_STEP)
		intake->forget_at = clock_monotonic();
	return count;
}

/* forget_old - take out what is too old, a step of it.  The clock may be wrong
 * by years: more than a day after the newest record is not believed */
static void
forget_old(struct intake *intake)
{
	int64_t now = clock_wall(), newest = 0;
	int64_t days = (int64_t)intake->days * DAY_MS;
	char text[128];
	int count;

	intake->forget_at = clock_after(FORGET_PAUSE);
	tell_given_up(intake);
	if (intake->days == 0 || !open_database(intake))
		return;
	count = newest_time(&intake->db, &newest);
	if (now > newest + DAY_MS)
		now = newest + DAY_MS;
	if (count == 0)
		count = forget_items(&intake->db, now - days, FORGET_STEP);
	if (count == FORGET_STEP)
		intake->forget_at = clock_monotonic();
	if (count >= 0)
		count = forget_outgoing(intake, now - days);
	if (count >= 0)
		return;
	(void)strlcpy(text, database_words(&intake->db), sizeof(text));
	handle_error(intake, count, text);
}

/* is_batch - tell whether enough pages are here for a transaction */
static bool
is_batch(const struct intake *intake)
{
	return intake->count >= INTAKE_BATCH || intake->octets >= INTAKE_OCTETS;
}

/* intake_work - do what is due */
int
intake_work(struct intake *intake)
{
	uint64_t now = clock_monotonic();

	if (is_batch(intake) || (intake->count > 0 && now >= intake->commit_at))
		return intake->db.db != NULL || now >= intake->retry_at
		    ? intake_commit(intake)
		    : 0;
	if (intake->db.db == NULL && now >= intake->retry_at) {
		if (open_database(intake) && intake->said != 0)
			note_success(intake);
		return 0;
	}
	if (now >= intake->forget_at)
		forget_old(intake);
	return 0;
}

/* intake_next - return when intake_work has something to do next */
uint64_t
intake_next(const struct intake *intake)
{
	uint64_t next = intake->forget_at;

	if (intake->db.db == NULL)
		return intake->retry_at;
	if (is_batch(intake))
		return 0;
	return intake->commit_at < next ? intake->commit_at : next;
}

/* intake_database - get the database if it is open */
struct database *
intake_database(struct intake *intake, struct diag *diag)
{
	if (open_database(intake))
		return &intake->db;
	(void)diag_set(diag, ERR_BUSY,
	    "the tracking database cannot be used: see the log");
	return NULL;
}

/* intake_failed - say that a query met an error of the database */
void
intake_failed(struct intake *intake, int error)
{
	char text[128];

	(void)strlcpy(text, database_words(&intake->db), sizeof(text));
	if (error == ERR_CORRUPT)
		handle_error(intake, error, text);
}
