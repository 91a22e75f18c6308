/* SPDX-License-Identifier: ISC */
/*
 * tracking_source.h - where the database of many machines is, looked up before
 * a process is confined
 *
 * Names are resolved, and passfile and sslrootcert read, while the files of the
 * system can be seen.  What could not be had then is known at the next start:
 * a process that has not reached the database for TRACKING_SOURCE_RENEW_MS, or
 * for TRACKING_SOURCE_MISSING_MS where something was missing, ends, so that the
 * next one looks again.
 */
#ifndef FOURPOST_WORKER_TRACKING_SOURCE_H
#define FOURPOST_WORKER_TRACKING_SOURCE_H

#include "conf/conf.h"
#include "postgresql/postgresql.h"
#include "worker/worker.h"

#define TRACKING_SOURCE_RENEW_MS   600000
#define TRACKING_SOURCE_MISSING_MS 60000

struct tracking_source {
	struct postgresql_source database;
	struct diag why; /* it cannot be connected to; code 0: it can */
};

/* tracking_source_prepare - look everything up; before worker_confine */
void tracking_source_prepare(struct tracking_source *source,
    const struct worker *worker, const struct conf *conf);

/* tracking_source_confined - see files by the names that they have now; after
 * it */
void tracking_source_confined(
    struct tracking_source *source, const struct worker *worker);

/* tracking_source_wait - wait for the socket of the database, for struct
 * postgresql_io; arg is the worker.  ERR_CANCELLED: it is to stop */
int tracking_source_wait(void *arg, int fd, short events, uint64_t deadline);

#endif
