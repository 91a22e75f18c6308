/* SPDX-License-Identifier: ISC */
/*
 * copier.c - pages from the tracker into the database of many machines
 */
#include "tracker/copier/copier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define GATHER_MS   500 /* for pages that become one transaction */
#define BATCH	    (TRACK_WINDOW / 2)
#define RETRY_FIRST 1000 /* ms */
#define RETRY_MAX   30000
#define REFUSED_MAX 3	   /* pages in a row that are left out */
#define TRACKER_MS  1000   /* between attempts to reach the tracker */
#define GREET_MS    10000  /* for its hello */
#define FLUSH_MS    10000  /* for the tracker to read */
#define CALM_MS	    1000   /* for pages to come, if there are some */
#define DAYS_FIRST  2000   /* ms until it is looked after days */
#define DAYS_PAUSE  600000 /* ms between these looks */

/* drop_pages - forget the first pages */
static void
drop_pages(struct copier *copier, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(copier->pages[i].octets);
	copier->count -= count;
	memmove(copier->pages, copier->pages + count,
	    copier->count * sizeof(copier->pages[0]));
	copier->due = copier->count > 0 ? clock_after(GATHER_MS) : CLOCK_NEVER;
	copier->refused = 0;
	copier->tried = false;
}

/* leave_tracker - drop the connection; pages come again */
static void
leave_tracker(struct copier *copier)
{
	if (copier->tracker.fd < 0)
		return;
	ipc_channel_fini(&copier->tracker);
	copier->tracker.fd = -1;
	drop_pages(copier, copier->count);
	copier->told = false;
}

/* take_page - take a page over */
static int
take_page(struct copier *copier, const struct ipc_track_page *from)
{
	struct batch_page *page = &copier->pages[copier->count];

	if (copier->count == TRACK_WINDOW || from->queue.len != STORE_UUID_LEN)
		return ERR_PROTOCOL;
	page->octets = malloc(from->page.len + 1);
	if (page->octets == NULL)
		return ERR_NOMEM;
	page->number = from->number;
	page->len = from->page.len;
	if (page->len > 0)
		memcpy(page->octets, from->page.data, page->len);
	memcpy(page->queue, from->queue.data, STORE_UUID_LEN);
	if (copier->count++ == 0)
		copier->due = clock_after(GATHER_MS);
	return 0;
}

/* serve_tracker - take what the tracker has sent */
static void
serve_tracker(struct copier *copier)
{
	struct diag diag = {0};
	struct ipc_record record;
	int got = 0, error = ipc_channel_fill(&copier->tracker);

	while (got >= 0 &&
	    (got = ipc_channel_take(&copier->tracker, &record, &diag)) == 1)
		got = record.type == IPC_TRACK_PAGE
		    ? take_page(copier, &record.track_page)
		    : ERR_PROTOCOL;
	if (got < 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "tracker"),
		    LOG_STRING("reason", error_strerror(got)));
	if (got < 0 || (error != 0 && error != ERR_AGAIN))
		leave_tracker(copier);
}

/* reach_tracker - connect to the tracker, which may be starting */
static void
reach_tracker(struct copier *copier)
{
	char path[sizeof(copier->worker->run_directory) + sizeof("/tracker")];
	struct diag diag = {0};
	int rc;

	(void)snprintf(
	    path, sizeof(path), "%s/tracker", copier->worker->run_directory);
	rc = ipc_channel_connect(&copier->tracker, path);
	if (rc != 0) {
		copier->tracker.fd = -1;
		(void)!worker_sleep(copier->worker, TRACKER_MS);
		return;
	}
	rc = worker_greet(copier->worker, &copier->tracker,
	    IPC_ROLE_TRACKING_DATABASE, clock_after(GREET_MS), &diag);
	if (rc == 0) {
		/* Pages behind its hello may have been read with it, and then
		 * no poll tells of them. */
		serve_tracker(copier);
		return;
	}
	leave_tracker(copier);
	(void)!worker_sleep(copier->worker, TRACKER_MS);
}

/* send_tracker - send the tracker a record */
static void
send_tracker(struct copier *copier, const struct ipc_record *record)
{
	if (copier->tracker.fd >= 0 &&
	    worker_send(copier->worker, &copier->tracker, record,
		clock_after(FLUSH_MS)) != 0)
		leave_tracker(copier);
}

/* lasts - tell whether an error stays until somebody does something */
static bool
lasts(int error)
{
	return error != 0 && error != ERR_CLOSED && error != ERR_TIMEOUT &&
	    error != ERR_BUSY && error != ERR_IO;
}

/* tell_tracker - tell the tracker how the database is, if that is otherwise */
static void
tell_tracker(struct copier *copier)
{
	struct ipc_record record = {.type = IPC_PROBLEM};

	if (copier->told || !copier->known || copier->tracker.fd < 0)
		return;
	if (copier->why.code != 0) {
		record.problem.text = slice_of_string(diag_text(&copier->why));
		record.problem.weight = lasts(copier->why.code)
		    ? TRACK_TROUBLE_LASTS
		    : TRACK_TROUBLE_PASSES;
	} else if (copier->stays.code != 0) {
		record.problem.text =
		    slice_of_string(diag_text(&copier->stays));
		record.problem.weight = TRACK_TROUBLE_OLD_DAYS;
	}
	copier->told = true;
	send_tracker(copier, &record);
}

/* is_same - tell whether two reasons are the same */
static bool
is_same(const struct diag *a, const struct diag *b)
{
	return a->code == b->code && strcmp(a->text, b->text) == 0;
}

/* note_failure - note that nothing gets there, and when that is tried again */
static void
note_failure(struct copier *copier, const struct diag *diag)
{
	if (copier->worker->stopping)
		return;
	if (!is_same(&copier->why, diag))
		copier->told = false;
	copier->why = *diag;
	copier->known = true;
	copier->calm_at = CLOCK_NEVER;
	copier->retry_at = clock_after(copier->retry_delay);
	copier->retry_delay *= 2;
	if (copier->retry_delay > RETRY_MAX)
		copier->retry_delay = RETRY_MAX;
}

/* note_success - note that all is well */
static void
note_success(struct copier *copier)
{
	copier->retry_delay = RETRY_FIRST;
	copier->retry_at = 0;
	if (copier->why.code != 0 || !copier->known)
		copier->told = false;
	copier->known = true;
	copier->calm_at = CLOCK_NEVER;
	diag_clear(&copier->why);
}

/* reach_database - connect to the database, if that may be tried again */
static void
reach_database(struct copier *copier)
{
	struct diag diag = copier->source.why;
	int rc = diag.code;

	if (rc == 0)
		rc = batch_open(&copier->batch, &copier->source.database,
		    copier->attempts++, &diag);
	if (rc != 0) {
		note_failure(copier, &diag);
		return;
	}
	copier->days_at = clock_after(DAYS_FIRST);
	/* A server that cannot be written lets us in all the same.  So all is
	 * well once something is written, or if nothing comes to be. */
	copier->calm_at = clock_after(CALM_MS);
}

/* tell_left_out - log that the first pages are left out */
static void
tell_left_out(const struct copier *copier)
{
	for (size_t i = 0; i < copier->refused; i++)
		LOG_EVENT(EVENT_TRACKING_DATABASE_GIVEN_UP, LOG_INT("pages", 1),
		    LOG_INT("page", copier->pages[i].number),
		    LOG_STRING("reason", diag_text(&copier->refusal)));
}

/* take_success - acknowledge pages that are written, and those before them that
 * are left out */
static void
take_success(struct copier *copier, size_t written)
{
	size_t count = copier->refused + written;
	const struct ipc_record record = {.type = IPC_TRACK_ACK,
	    .track_ack = {.number = copier->pages[count - 1].number}};

	tell_left_out(copier);
	drop_pages(copier, count);
	send_tracker(copier, &record);
	note_success(copier);
	copier->most *= 2;
	if (copier->most > TRACK_WINDOW)
		copier->most = TRACK_WINDOW;
}

/*
 * take_refusal - go on after the server refused a page for what it says
 *
 * A page is left out, because it would be refused for ever and all others with
 * it, once another one behind it is written.  A server that refuses all of them
 * has a trouble of its own: none is left out then.
 */
static void
take_refusal(struct copier *copier, const struct diag *diag)
{
	/* The next attempt makes the partition of a day that is missing. */
	if (!copier->tried) {
		copier->tried = true;
		return;
	}
	copier->tried = false;
	copier->refusal = *diag;
	copier->refused++;
	if (copier->refused <= REFUSED_MAX && copier->refused < copier->count)
		return;
	copier->refused = 0;
	/* The tables are looked at again. */
	postgresql_close(&copier->batch.pg);
	note_failure(copier, diag);
}

/* write_pages - write the pages that are here, and acknowledge them */
static void
write_pages(struct copier *copier)
{
	struct diag diag = {0};
	size_t left = copier->count - copier->refused;
	size_t tried = left < copier->most ? left : copier->most;
	size_t count = tried;
	int rc = batch_write(
	    &copier->batch, copier->pages + copier->refused, &count, &diag);

	if (rc == 0) {
		take_success(copier, count);
		return;
	}
	if (batch_is_refused(rc)) {
		copier->most = 1;
		if (tried == 1)
			take_refusal(copier, &diag);
		return;
	}
	if (rc == ERR_TIMEOUT && tried > 1)
		copier->most = tried / 2;
	copier->refused = 0;
	copier->tried = false;
	note_failure(copier, &diag);
}

/* note_old_days - note why old days cannot be dropped, code 0: they can */
static void
note_old_days(struct copier *copier, const struct diag *diag)
{
	if (is_same(&copier->stays, diag))
		return;
	if (diag->code != 0)
		LOG_EVENT(EVENT_TRACKING_DATABASE_OLD_DAYS,
		    LOG_STRING("reason", diag_text(diag)));
	copier->stays = *diag;
	copier->told = false;
}

/* keep_days - make the partitions of tomorrow, and drop what is too old */
static void
keep_days(struct copier *copier)
{
	struct diag diag = {0};
	struct batch *batch = &copier->batch;
	unsigned dropped = 0;

	/* A failure to make them is told when a record needs them. */
	(void)!days_need(
	    &batch->pg, &batch->days, days_of(clock_wall()) + 1, &diag);
	if (!postgresql_is_gone(&batch->pg) &&
	    days_drop(&batch->pg, &batch->days, &dropped, &diag) == 0)
		diag_clear(&diag);
	copier->days_at = clock_after(dropped > 0 ? 0 : DAYS_PAUSE);
	if (postgresql_is_gone(&batch->pg))
		note_failure(copier, &diag);
	else
		note_old_days(copier, &diag);
}

/* is_batch - tell whether enough pages are here for a transaction */
static bool
is_batch(const struct copier *copier)
{
	return copier->count >= BATCH || copier->count >= copier->most;
}

/* work - do what is due, which is at most one transaction */
static void
work(struct copier *copier)
{
	uint64_t now = clock_monotonic();
	bool open = !postgresql_is_gone(&copier->batch.pg);

	if (open)
		copier->reached_at = now;
	if (now < copier->retry_at)
		return;
	if (!open)
		reach_database(copier);
	else if (is_batch(copier) || now >= copier->due)
		write_pages(copier);
	else if (copier->count == 0 && now >= copier->calm_at)
		note_success(copier);
	else if (now >= copier->days_at)
		keep_days(copier);
}

/* next_time - tell when there is something to do next */
static uint64_t
next_time(const struct copier *copier)
{
	uint64_t next = copier->due;

	if (clock_monotonic() < copier->retry_at)
		return copier->retry_at;
	if (postgresql_is_gone(&copier->batch.pg) || is_batch(copier))
		return 0;
	if (copier->count == 0 && copier->calm_at < next)
		next = copier->calm_at;
	return copier->days_at < next ? copier->days_at : next;
}

/* wait_tracker - wait for the tracker, or until something is due */
static void
wait_tracker(struct copier *copier)
{
	struct pollfd pfd = {.fd = copier->tracker.fd, .events = POLLIN};
	int got = worker_wait(copier->worker, &pfd, 1, next_time(copier));

	if (got > 0)
		serve_tracker(copier);
}

/* is_stale - tell whether where the database is must be looked up again */
static bool
is_stale(const struct copier *copier)
{
	uint64_t after = copier->source.why.code != 0
	    ? TRACKING_SOURCE_MISSING_MS
	    : TRACKING_SOURCE_RENEW_MS;

	return clock_monotonic() >= copier->reached_at + after;
}

/* copier_run - copy until told to stop */
void
copier_run(struct copier *copier)
{
	const struct postgresql_io io = {tracking_source_wait, copier->worker};

	batch_init(&copier->batch, copier->conf, &io);
	copier->tracker.fd = -1;
	copier->due = copier->calm_at = CLOCK_NEVER;
	copier->retry_delay = RETRY_FIRST;
	copier->most = TRACK_WINDOW;
	copier->reached_at = clock_monotonic();
	worker_ready(copier->worker);
	while (!copier->worker->stopping && !is_stale(copier)) {
		if (copier->tracker.fd < 0)
			reach_tracker(copier);
		if (copier->tracker.fd < 0)
			continue;
		work(copier);
		tell_tracker(copier);
		if (copier->tracker.fd >= 0)
			wait_tracker(copier);
	}
	leave_tracker(copier);
	batch_fini(&copier->batch);
	conf_free(copier->conf);
}
