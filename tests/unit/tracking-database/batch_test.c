/* SPDX-License-Identifier: ISC */
/*
 * batch_test.c - pages into the tables of a server that others change too
 */
#include "tracker/copier/batch.h"

#include <string.h>

#include "tests/unit/postgresql/played.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/postgres.h"
#include "track/track.h"

#define TIME INT64_C(1764500000123) /* 2025-11-30 10:53:20.123 */

static struct postgres postgres;
static struct postgresql_source source;
static struct batch batch;
static struct buffer records, octets;
static struct batch_page page = {.queue = "0123456789abcdef"};

/* begin - start a server, and connect; false: there is none */
static bool
begin(void)
{
	static struct conf conf = {.mta = {.name = "MTA-A",
				       .domain.text = "C=XX;A=TEST",
				       .tracking_days = 30}};
	const struct postgresql_io io = {played_wait, NULL};

	if (!postgres_start(&postgres))
		return false;
	postgres_run(&postgres,
	    "SET client_min_messages=warning;"
	    "DROP SCHEMA fourpost CASCADE");
	postgres_source(&postgres, &source);
	buffer_init(&records, (size_t)1024 * 1024);
	buffer_init(&octets, TRACK_PAGE_MAX);
	batch_init(&batch, &conf, &io);
	ck_assert_int_eq(batch_open(&batch, &source, 0, NULL), 0);
	return true;
}

/* end - end it */
static void
end(void)
{
	batch_fini(&batch);
	buffer_fini(&records);
	buffer_fini(&octets);
	postgres_stop(&postgres);
}

/* write_page - write a page with one record */
static int
write_page(uint64_t number, struct diag *diag)
{
	const struct track_record record = {.event = TRACK_TRANSFER,
	    .time = TIME,
	    .mts_id = slice_of_string("[C=XX;A=A;1]")};
	struct slice rest;
	size_t count = 1;

	buffer_reset(&records);
	ck_assert_int_eq(track_encode(&record, &records), 0);
	rest = buffer_slice(&records);
	ck_assert_int_eq(track_make_page(&rest, &octets), 0);
	page.number = number;
	page.octets = (uint8_t *)(uintptr_t)buffer_slice(&octets).data;
	page.len = buffer_slice(&octets).len;
	return batch_write(&batch, &page, &count, diag);
}

/* writes - write a page, which must work */
static void
writes(uint64_t number)
{
	struct diag diag = {0};

	ck_assert_msg(write_page(number, &diag) == 0, "%s", diag_text(&diag));
}

/* fails - write a page, which must fail so that the connection is closed, and
 * connect again */
static void
fails(uint64_t number, int wanted, const char *words, int opens)
{
	struct diag diag = {0};

	ck_assert_int_eq(write_page(number, &diag), wanted);
	ck_assert_msg(
	    strstr(diag_text(&diag), words) != NULL, "%s", diag_text(&diag));
	ck_assert(postgresql_is_gone(&batch.pg));
	ck_assert_int_eq(batch_open(&batch, &source, 0, NULL), opens);
}

/* events - count the events */
static int64_t
events(void)
{
	return cluster_number(
	    &postgres.cluster, "SELECT count(*) FROM fourpost.event");
}

/* Whatever becomes of the tables while we are connected, rows go to where they
 * belong, or nowhere. */
START_TEST(tables_that_others_change)
{
	if (!begin())
		return;
	writes(1);
	postgres_run(&postgres, "DROP SCHEMA fourpost CASCADE");
	fails(2, ERR_NOTFOUND, "fourpost.event", 0);
	writes(2);
	ck_assert_int_eq(events(), 1);
	/* Our number is that of another machine. */
	postgres_run(
	    &postgres, "UPDATE fourpost.queue SET uuid=gen_random_uuid()");
	fails(3, ERR_NOTFOUND, "not those of before", 0);
	ck_assert_int_eq(events(), 1);
	writes(3);
	ck_assert_int_eq(cluster_number(&postgres.cluster,
			     "SELECT q.page FROM fourpost.queue q JOIN"
			     " fourpost.event e ON e.queue=q.id"
			     " WHERE e.page=3 AND q.uuid="
			     "'30313233-3435-3637-3839-616263646566'"),
	    3);
	postgres_run(&postgres, "UPDATE fourpost.version SET version=99");
	fails(
	    4, ERR_UNSUPPORTED, "a newer release: version 99", ERR_UNSUPPORTED);
	ck_assert_int_eq(events(), 2);
	end();
}
END_TEST

/* A day that somebody dropped is made when the page is tried again. */
START_TEST(day_that_somebody_dropped)
{
	struct diag diag = {0};
	int rc;

	if (!begin())
		return;
	writes(1);
	postgres_run(&postgres, "DROP TABLE fourpost.event_20251130");
	rc = write_page(2, &diag);
	ck_assert(batch_is_refused(rc));
	ck_assert(!postgresql_is_gone(&batch.pg));
	writes(2);
	ck_assert_int_eq(events(), 1);
	end();
}
END_TEST

TEST_MAIN("tracking-database/batch", TEST_LONG(tables_that_others_change, 120);
	  TEST_LONG(day_that_somebody_dropped, 120))
