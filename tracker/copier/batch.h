/* SPDX-License-Identifier: ISC */
/*
 * batch.h - pages into the tables, in one transaction
 */
#ifndef FOURPOST_TRACKING_DATABASE_BATCH_H
#define FOURPOST_TRACKING_DATABASE_BATCH_H

#include "store/queue_uuid.h"
#include "tracker/copier/rows.h"
#include "tracker/copier/tables.h"

#define BATCH_QUEUES 4

struct batch_page {
	uint64_t number;
	uint8_t queue[STORE_UUID_LEN];
	uint8_t *octets; /* owned */
	size_t len;
};

struct batch {
	struct postgresql pg;
	const struct conf *conf;
	struct days days;
	struct rows rows;
	struct {
		uint8_t uuid[STORE_UUID_LEN];
		int64_t id; /* 0: the place is free */
	} queues[BATCH_QUEUES];
	unsigned next; /* of queues: the place that is used next */
};

/* batch_init, batch_fini - begin without a connection, close it */
void batch_init(struct batch *batch, const struct conf *conf,
    const struct postgresql_io *io);
void batch_fini(struct batch *batch);

/* batch_open - connect, and see that the tables are there.  Errors of
 * postgresql_open and tables_prepare; closed after them */
int batch_open(struct batch *batch, const struct postgresql_source *source,
    unsigned attempt, struct diag *diag) WARN_UNUSED;

/*
 * batch_write - write the rows of the first pages, and commit
 *
 * *count of pages are there, and as many of them as fit into one transaction
 * are written; *count is how many that were.  Errors of postgresql.h, and then
 * nothing was written, unless the connection was lost: then nobody knows.
 * ERR_NOTFOUND, ERR_UNSUPPORTED too: the tables are not those of before.  After
 * an error the connection is closed, unless batch_is_refused.
 */
int batch_write(struct batch *batch, const struct batch_page *pages,
    size_t *count, struct diag *diag) WARN_UNUSED;

/* batch_is_refused - tell whether an error is one of what was written.  The
 * partition of a day that somebody has dropped is one too, which is made when
 * the pages are tried again */
bool batch_is_refused(int error);

#endif
