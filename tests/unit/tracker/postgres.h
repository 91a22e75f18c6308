/* SPDX-License-Identifier: ISC */
/*
 * postgres.h - a PostgreSQL with the tables of tracking, filled by a test
 */
#ifndef FOURPOST_TESTS_TRACKER_POSTGRES_H
#define FOURPOST_TESTS_TRACKER_POSTGRES_H

#include <libpq-fe.h>

#include "postgresql/postgresql.h"
#include "tests/system/cluster.h"
#include "track/track.h"

struct postgres {
	struct cluster cluster;
	PGconn *conn; /* of the test itself */
};

/* postgres_start - start a cluster, and make the tables; false: there is no
 * PostgreSQL here, which is said */
bool postgres_start(struct postgres *postgres);

/* postgres_stop - end it and remove the directory */
void postgres_stop(struct postgres *postgres);

/* postgres_source - say where it is */
void postgres_source(
    const struct postgres *postgres, struct postgresql_source *source);

/* postgres_open - connect to it as a process of the suite does */
struct postgresql postgres_open(const struct postgres *postgres,
    struct postgresql_io io, enum postgresql_use use);

/* postgres_run - run a statement that must work */
void postgres_run(struct postgres *postgres, const char *sql);

/* postgres_queue - add a machine: its number */
int
postgres_queue(struct postgres *postgres, const char *mta, const char *host);

/* postgres_put - put a page of a machine into the tables */
void postgres_put(
    struct postgres *postgres, int queue, uint64_t page, struct slice octets);

#endif
