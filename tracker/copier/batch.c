/* SPDX-License-Identifier: ISC */
/*
 * batch.c - pages into the tables, in one transaction
 *
 * COPY knows no rows that are there already, so it fills temporary tables, from
 * which one statement takes what is new.
 */
#include "tracker/copier/batch.h"

#include <string.h>

#define PATIENCE_MS 30000 /* for one call */

/* What a session needs: the server gives up a little before we do. */
static const char session[] =
    "SET statement_timeout='25s';"
    "SET lock_timeout='20s';"
    "SET idle_in_transaction_session_timeout='60s';"
    "CREATE TEMP TABLE incoming_event(LIKE fourpost.event)"
    " ON COMMIT DELETE ROWS;"
    "CREATE TEMP TABLE incoming_recipient(LIKE fourpost.recipient)"
    " ON COMMIT DELETE ROWS";

/* batch_init - begin without a connection */
void
batch_init(struct batch *batch, const struct conf *conf,
    const struct postgresql_io *io)
{
	*batch = (struct batch){
	    .conf = conf, .pg = {.io = *io, .patience = PATIENCE_MS}};
	rows_init(&batch->rows);
}

/* batch_fini - close the connection */
void
batch_fini(struct batch *batch)
{
	postgresql_close(&batch->pg);
	rows_fini(&batch->rows);
}

/* batch_open - connect, and see that the tables are there */
int
batch_open(struct batch *batch, const struct postgresql_source *source,
    unsigned attempt, struct diag *diag)
{
	int rc = postgresql_open(
	    &batch->pg, source, POSTGRESQL_WRITES, attempt, diag);

	days_forget(&batch->days);
	memset(batch->queues, 0, sizeof(batch->queues));
	if (rc == 0)
		rc = tables_prepare(&batch->pg, diag);
	if (rc == 0)
		rc = postgresql_run(&batch->pg, session, diag);
	if (rc != 0)
		postgresql_close(&batch->pg);
	return rc;
}

/* find_queue - find the number of the queue of a page */
static int
find_queue(struct batch *batch, const struct batch_page *page, int64_t *id,
    struct diag *diag)
{
	int rc;

	for (unsigned i = 0; i < BATCH_QUEUES; i++)
		if (batch->queues[i].id != 0 &&
		    memcmp(batch->queues[i].uuid, page->queue,
			STORE_UUID_LEN) == 0) {
			*id = batch->queues[i].id;
			return 0;
		}
	rc = tables_queue(&batch->pg, slice_of(page->queue, STORE_UUID_LEN),
	    &batch->conf->mta, id, diag);
	if (rc != 0)
		return rc;
	memcpy(batch->queues[batch->next].uuid, page->queue, STORE_UUID_LEN);
	batch->queues[batch->next].id = *id;
	batch->next = (batch->next + 1) % BATCH_QUEUES;
	return 0;
}

/* make_rows - make the rows of the first pages, as many as there is room for;
 * a page that has no room alone has none at all */
static int
make_rows(struct batch *batch, const struct batch_page *pages, size_t *count,
    struct diag *diag)
{
	size_t done = 0;
	int64_t id = 0;
	int rc = 0;

	rows_reset(&batch->rows);
	for (; rc == 0 && done < *count; done++) {
		rc = find_queue(batch, &pages[done], &id, diag);
		if (rc != 0)
			return rc;
		rc = rows_add(&batch->rows, id, pages[done].number,
		    slice_of(pages[done].octets, pages[done].len),
		    batch->days.oldest);
		if (rc != 0)
			break;
	}
	if (rc == ERR_LIMIT && done > 0)
		rc = 0;
	if (rc == 0)
		*count = done;
	return rc == 0 ? 0 : diag_set(diag, rc, "rows: %s", error_strerror(rc));
}

/* note_written - note when the machine wrote last whose pages are here, and up
 * to which page; check that the rows have the number of their queue */
static int
note_written(struct batch *batch, const struct batch_page *pages, size_t count,
    struct diag *diag)
{
	int64_t id = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (i + 1 < count &&
		    memcmp(pages[i].queue, pages[i + 1].queue,
			STORE_UUID_LEN) == 0)
			continue;
		rc = find_queue(batch, &pages[i], &id, diag);
		if (rc == 0)
			rc = tables_written(&batch->pg,
			    slice_of(pages[i].queue, STORE_UUID_LEN), id,
			    pages[i].number, diag);
	}
	return rc;
}

/* write_rows - write the rows, in a transaction */
static int
write_rows(struct batch *batch, const struct batch_page *pages, size_t count,
    struct diag *diag)
{
	struct postgresql *pg = &batch->pg;
	int rc = postgresql_copy(pg, "COPY incoming_event FROM STDIN",
	    buffer_slice(&batch->rows.events), diag);

	if (rc == 0)
		rc = postgresql_copy(pg, "COPY incoming_recipient FROM STDIN",
		    buffer_slice(&batch->rows.recipients), diag);
	if (rc == 0)
		rc = postgresql_run(pg,
		    "INSERT INTO fourpost.event SELECT * FROM incoming_event"
		    " ON CONFLICT DO NOTHING;"
		    "INSERT INTO fourpost.recipient"
		    " SELECT * FROM incoming_recipient ON CONFLICT DO NOTHING",
		    diag);
	return rc == 0 ? note_written(batch, pages, count, diag) : rc;
}

/* batch_is_refused - tell whether an error is one of what was written */
bool
batch_is_refused(int error)
{
	return error == ERR_VALUE || error == ERR_LIMIT;
}

/* batch_write - write the rows of the first pages, and commit */
int
batch_write(struct batch *batch, const struct batch_page *pages, size_t *count,
    struct diag *diag)
{
	struct postgresql *pg = &batch->pg;
	size_t done = *count;
	int rc = make_rows(batch, pages, &done, diag);

	for (size_t i = 0; rc == 0 && i < batch->rows.day_count; i++)
		rc = days_need(pg, &batch->days, batch->rows.days[i], diag);
	if (rc == 0)
		rc = postgresql_run(pg, "BEGIN", diag);
	if (rc == 0)
		rc = write_rows(batch, pages, done, diag);
	rc = postgresql_end(pg, rc, diag);
	if (rc == 0)
		*count = done;
	else if (batch_is_refused(rc))
		/* The partition of a day may have been dropped. */
		days_forget(&batch->days);
	else
		/* Only a new connection sees what others dropped or changed. */
		postgresql_close(pg);
	return rc;
}
