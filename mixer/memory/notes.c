/* SPDX-License-Identifier: ISC */
/*
 * notes.c - pages from qmgr into the database, and answers out of it
 *
 * Contract in notes.h.
 */
#include "mixer/memory/notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define RETRY_FIRST   1000 /* ms */
#define RETRY_MAX     30000
#define REBUILD_PAUSE 10000
#define FORGET_PAUSE  60000
#define DAY_MS	      ((int64_t)86400 * 1000)
/* Reports come as long as somebody tries to deliver. */
#define REPORTS_MS (30 * DAY_MS)
/* Values of all keys of a question, and of a page. */
#define ARENA_MAX ((size_t)1024 * 1024)

/* notes_init - begin with a database that is not open yet */
void
notes_init(struct notes *notes)
{
	*notes = (struct notes){.commit_at = CLOCK_NEVER,
	    .retry_delay = RETRY_FIRST,
	    .memory = (uint64_t)90 * DAY_MS,
	    .forget_at = clock_after(FORGET_PAUSE)};
	arena_init(&notes->arena, ARENA_MAX);
}

/* drop_pages - forget the pages, which are kept or will come again */
static void
drop_pages(struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		free(notes->pages[i].octets);
	notes->count = 0;
	notes->commit_at = CLOCK_NEVER;
}

/* notes_fini - close the database and give everything back */
void
notes_fini(struct notes *notes)
{
	drop_pages(notes);
	remember_close(&notes->db);
	arena_fini(&notes->arena);
}

/* notes_take - take a page over */
int
notes_take(struct notes *notes, const struct ipc_track_page *from)
{
	struct notes_page *page = &notes->pages[notes->count];

	if (notes->count == NOTES_WINDOW)
		return ERR_LIMIT;
	page->octets = malloc(from->page.len + 1);
	if (page->octets == NULL)
		return ERR_NOMEM;
	page->number = from->number;
	page->len = from->page.len;
	if (page->len > 0)
		memcpy(page->octets, from->page.data, page->len);
	if (notes->count++ == 0)
		notes->commit_at = clock_after(NOTES_GATHER);
	return 0;
}

/* wait_and_retry - close the database and open it again after a while */
static void
wait_and_retry(struct notes *notes, int error, const char *reason)
{
	if (notes->said != error)
		LOG_EVENT(EVENT_MEMORY_WAITS, LOG_STRING("file", REMEMBER_FILE),
		    LOG_STRING("reason", reason));
	notes->said = error;
	remember_close(&notes->db);
	notes->retry_at = clock_after(notes->retry_delay);
	if ((notes->retry_delay *= 2) > RETRY_MAX)
		notes->retry_delay = RETRY_MAX;
}

/* say_rebuilt - log that a new database begins */
static void
say_rebuilt(const char *reason, const char *aside)
{
	LOG_EVENT(EVENT_MEMORY_REBUILT, LOG_STRING("file", REMEMBER_FILE),
	    LOG_STRING("reason", reason), LOG_STRING("aside", aside));
}

/* handle_error - do what an error of the database asks for */
static void
handle_error(struct notes *notes, int error, const char *words)
{
	uint64_t now = clock_monotonic();
	char reason[128];

	(void)strlcpy(reason, words, sizeof(reason));
	remember_rollback(&notes->db);
	/* A disk that damages whatever is written must not keep us busy. */
	if (error != ERR_CORRUPT ||
	    (notes->rebuilt_at != 0 &&
		now < notes->rebuilt_at + REBUILD_PAUSE)) {
		wait_and_retry(notes, error, reason);
		return;
	}
	remember_close(&notes->db);
	if (sqlite_file_aside(REMEMBER_FILE, REMEMBER_ASIDE) != 0) {
		wait_and_retry(notes, error, reason);
		return;
	}
	notes->rebuilt_at = now;
	say_rebuilt(reason, REMEMBER_ASIDE);
}

/* open_database - see that the database is open, if that may be tried again */
static bool
open_database(struct notes *notes)
{
	struct diag diag = {0};
	int error;

	if (notes->db.db != NULL &&
	    !sqlite_file_is(REMEMBER_FILE, &notes->db.file)) {
		remember_close(&notes->db);
		say_rebuilt("it was removed", NULL);
	}
	/* After a damaged database a new one is opened at once. */
	for (int tries = 0; tries < 2 && notes->db.db == NULL; tries++) {
		if (clock_monotonic() < notes->retry_at)
			return false;
		diag_clear(&diag);
		error = remember_open(&notes->db, &diag);
		if (error != 0)
			handle_error(notes, error, diag_text(&diag));
	}
	return notes->db.db != NULL;
}

/* note_success - log once that the database can be written again */
static void
note_success(struct notes *notes)
{
	notes->retry_delay = RETRY_FIRST;
	if (notes->said == 0)
		return;
	notes->said = 0;
	LOG_EVENT(EVENT_MEMORY_GOES_ON, LOG_STRING("file", REMEMBER_FILE));
}

/* put_note - put a note of a page into the database */
static int
put_note(void *arg, struct slice key, struct slice value)
{
	struct notes *notes = arg;

	return remember_put(&notes->db, key, value, clock_wall());
}

/* put_pages - put all pages into one transaction */
static int
put_pages(struct notes *notes)
{
	int error = remember_begin(&notes->db);

	for (size_t i = 0; error == 0 && i < notes->count; i++) {
		arena_reset(&notes->arena);
		error = memory_note_read(
		    slice_of(notes->pages[i].octets, notes->pages[i].len),
		    &notes->arena, put_note, notes);
		/* A page that cannot be read would come again for ever. */
		if (error == ERR_SYNTAX || error == ERR_LIMIT)
			error = 0;
	}
	return error == 0 ? remember_commit(&notes->db) : error;
}

/* notes_keep - put all pages that are here into the database now */
bool
notes_keep(struct notes *notes)
{
	int error;

	if (notes->count == 0 || !open_database(notes))
		return false;
	error = put_pages(notes);
	if (error != 0) {
		handle_error(notes, error, remember_words(&notes->db));
		return false;
	}
	notes->kept = notes->pages[notes->count - 1].number;
	drop_pages(notes);
	note_success(notes);
	return true;
}

/* forget_old - take out what is too old, a step of each kind.  The clock may be
 * wrong by years: more than a day after the newest note is not believed */
static void
forget_old(struct notes *notes)
{
	static const char kinds[] = {MEMORY_ID, MEMORY_CAME, MEMORY_PASSED};
	int64_t now = clock_wall(), newest = 0;
	int rc;

	notes->forget_at = clock_after(FORGET_PAUSE);
	if (!open_database(notes))
		return;
	rc = remember_newest(&notes->db, &newest);
	if (now > newest + DAY_MS)
		now = newest + DAY_MS;
	for (size_t i = 0; rc >= 0 && i < sizeof(kinds); i++) {
		int64_t age =
		    kinds[i] == MEMORY_ID ? (int64_t)notes->memory : REPORTS_MS;

		rc = remember_forget(&notes->db, kinds[i], now - age);
		if (rc == REMEMBER_STEP)
			notes->forget_at = clock_monotonic();
	}
	if (rc < 0)
		handle_error(notes, rc, remember_words(&notes->db));
}

/* notes_work - do what is due */
bool
notes_work(struct notes *notes)
{
	uint64_t now = clock_monotonic();

	if (notes->db.db == NULL && now < notes->retry_at)
		return false;
	if (notes->db.db == NULL && open_database(notes))
		note_success(notes);
	if (notes->count > 0 && now >= notes->commit_at)
		return notes_keep(notes);
	if (now >= notes->forget_at)
		forget_old(notes);
	return false;
}

/* notes_next - return when notes_work has something to do next */
uint64_t
notes_next(const struct notes *notes)
{
	if (notes->db.db == NULL)
		return notes->retry_at;
	return notes->commit_at < notes->forget_at ? notes->commit_at
						   : notes->forget_at;
}

/* notes_answer - find the values of keys */
void
notes_answer(struct notes *notes, const struct slice *keys, size_t count,
    struct slice *values)
{
	int rc = 0;

	memset(values, 0, count * sizeof(*values));
	arena_reset(&notes->arena);
	if (!open_database(notes))
		return;
	for (size_t i = 0; i < count && i < MEMORY_TEXTS_MAX; i++) {
		rc = remember_find(
		    &notes->db, keys[i], &notes->arena, &values[i]);
		if (rc != 0 && rc != ERR_NOTFOUND)
			break;
	}
	if (rc != 0 && rc != ERR_NOTFOUND && rc != ERR_LIMIT)
		handle_error(notes, rc, remember_words(&notes->db));
}
