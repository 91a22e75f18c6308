/* SPDX-License-Identifier: ISC */
/*
 * source.h - where the database is, looked up before a process is confined
 *
 * Names are resolved, and passfile and sslrootcert read, while the files of the
 * system can be seen.  What could not be had then is known at the next start:
 * a process that has not reached the database for SOURCE_RENEW_MS ends, so that
 * the next one looks again.
 */
#ifndef FOURPOST_TRACKING_DATABASE_SOURCE_H
#define FOURPOST_TRACKING_DATABASE_SOURCE_H

#include "conf/conf.h"
#include "postgresql/postgresql.h"
#include "worker/worker.h"

#define SOURCE_RENEW_MS 120000

struct source {
	struct postgresql_source database;
	struct diag why; /* it cannot be connected to; code 0: it can */
};

/* source_prepare - look everything up; before worker_confine */
void source_prepare(struct source *source, const struct worker *worker,
    const struct conf *conf);

/* source_confined - see files by the names that they have now; after it */
void source_confined(struct source *source, const struct worker *worker);

#endif
