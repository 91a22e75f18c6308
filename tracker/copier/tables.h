/* SPDX-License-Identifier: ISC */
/*
 * tables.h - the tables of tracking: that they are there, and of our version
 *
 * track_tables.h has what they are.  Errors are those of postgresql.h.
 */
#ifndef FOURPOST_TRACKING_DATABASE_TABLES_H
#define FOURPOST_TRACKING_DATABASE_TABLES_H

#include "conf/conf.h"
#include "postgresql/postgresql.h"

/* tables_prepare - see that the tables are there: made, or brought to our
 * version, by one machine at a time.  ERR_UNSUPPORTED: they are of a newer
 * release, or the database is not in UTF-8 */
int tables_prepare(struct postgresql *pg, struct diag *diag) WARN_UNUSED;

/* tables_queue - find or add the queue with a UUID (STORE_UUID_LEN octets), and
 * note whose it is: *id is its number */
int tables_queue(struct postgresql *pg, struct slice uuid,
    const struct conf_mta *mta, int64_t *id, struct diag *diag) WARN_UNUSED;

/* tables_written - note in a transaction that pages of a queue were written,
 * and which was the last.  ERR_NOTFOUND: the queue has another number by now;
 * ERR_UNSUPPORTED: the tables are of another release by now */
int tables_written(struct postgresql *pg, struct slice uuid, int64_t id,
    uint64_t page, struct diag *diag) WARN_UNUSED;

#endif
