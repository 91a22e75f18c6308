/* SPDX-License-Identifier: ISC */
/*
 * tables.c - the tables of tracking: that they are there, and of our version
 */
#include "tracker/copier/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/queue_uuid.h"
#include "track/track_tables.h"

/* check_encoding - check that whatever stands in a message has a place */
static int
check_encoding(struct postgresql *pg, struct diag *diag)
{
	PGresult *rows;
	int rc =
	    postgresql_ask(pg, "SHOW server_encoding", 0, NULL, &rows, diag);

	if (rc != 0)
		return rc;
	if (PQntuples(rows) != 1 || strcmp(PQgetvalue(rows, 0, 0), "UTF8") != 0)
		rc = diag_set(diag, ERR_UNSUPPORTED,
		    "the database is not in UTF8: CREATE DATABASE ... "
		    "ENCODING 'UTF8' TEMPLATE template0");
	PQclear(rows);
	return rc;
}

/* get_version - get the version of the tables; 0: there are none */
static int
get_version(struct postgresql *pg, int64_t *version, struct diag *diag)
{
	int64_t there = 0;
	/* Asked for by name first, because an error would end a transaction. */
	int rc = postgresql_number(pg,
	    "SELECT (to_regclass('fourpost.version') IS NOT NULL)::int", 0,
	    NULL, &there, diag);

	*version = 0;
	if (rc != 0 || there == 0)
		return rc;
	return postgresql_number(
	    pg, "SELECT version FROM fourpost.version", 0, NULL, version, diag);
}

/* take_steps - bring the tables to our version, in a transaction */
static int
take_steps(struct postgresql *pg, struct diag *diag)
{
	int64_t version = 0;
	int rc = postgresql_run(
	    pg, "SELECT pg_advisory_xact_lock(" TRACK_TABLES_LOCK ")", diag);

	/* Another machine may have done it meanwhile. */
	if (rc == 0)
		rc = get_version(pg, &version, diag);
	while (rc == 0 && version < TRACK_TABLES_VERSION)
		rc = postgresql_run(pg, track_tables_steps[version++], diag);
	return rc;
}

/* refuse_version - tell that the tables are not of our version */
static int
refuse_version(int64_t version, struct diag *diag)
{
	return diag_set(diag, ERR_UNSUPPORTED,
	    "its tables are of %s release: version %" PRId64 ", and ours is %d",
	    version > TRACK_TABLES_VERSION ? "a newer" : "an older", version,
	    TRACK_TABLES_VERSION);
}

/* tables_prepare - see that the tables are there */
int
tables_prepare(struct postgresql *pg, struct diag *diag)
{
	int64_t version = 0;
	int rc = check_encoding(pg, diag);

	if (rc == 0)
		rc = get_version(pg, &version, diag);
	if (rc == 0 && version > TRACK_TABLES_VERSION)
		rc = refuse_version(version, diag);
	if (rc != 0 || version == TRACK_TABLES_VERSION)
		return rc;
	rc = postgresql_run(pg, "BEGIN", diag);
	if (rc == 0)
		rc = take_steps(pg, diag);
	return postgresql_end(pg, rc, diag);
}

/* format_uuid - write a UUID as text */
static void
format_uuid(struct slice uuid, char text[2 * STORE_UUID_LEN + 1])
{
	text[0] = '\0';
	for (size_t i = 0; i < uuid.len && i < STORE_UUID_LEN; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", uuid.data[i]);
}

/* tables_queue - find or add the queue with a UUID */
int
tables_queue(struct postgresql *pg, struct slice uuid,
    const struct conf_mta *mta, int64_t *id, struct diag *diag)
{
	char name[2 * STORE_UUID_LEN + 1], host[256] = "", days[16];
	const char *const values[] = {
	    name, mta->name, mta->domain.text, host, days};

	format_uuid(uuid, name);
	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(days, sizeof(days), "%u", mta->tracking_days);
	return postgresql_number(pg,
	    "INSERT INTO fourpost.queue(uuid,mta,domain,host,days)"
	    " VALUES($1,$2,$3,$4,$5) ON CONFLICT(uuid) DO UPDATE SET"
	    " mta=excluded.mta,domain=excluded.domain,host=excluded.host,"
	    "days=excluded.days,last=now() RETURNING id",
	    5, values, id, diag);
}

/* tables_written - note that pages of a queue were written */
int
tables_written(struct postgresql *pg, struct slice uuid, int64_t id,
    uint64_t page, struct diag *diag)
{
	char name[2 * STORE_UUID_LEN + 1], number[24], last[24];
	const char *const values[] = {number, name, last};
	int64_t version = 0;
	int rc;

	format_uuid(uuid, name);
	(void)snprintf(number, sizeof(number), "%" PRId64, id);
	(void)snprintf(last, sizeof(last), "%" PRIu64, page);
	rc = postgresql_number(pg,
	    "UPDATE fourpost.queue SET last=now(),page=greatest(page,$3)"
	    " WHERE id=$1 AND uuid=$2"
	    " RETURNING(SELECT version FROM fourpost.version)",
	    3, values, &version, diag);
	/* Somebody may have made the tables again since we looked. */
	if (rc == ERR_NOTFOUND)
		return diag_set(diag, rc, "its tables are not those of before");
	return rc == 0 && version != TRACK_TABLES_VERSION
	    ? refuse_version(version, diag)
	    : rc;
}
