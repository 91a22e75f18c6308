/* SPDX-License-Identifier: ISC */
/*
 * postgres.c - a PostgreSQL with the tables of tracking, filled by a test
 */
#include "tests/unit/tracker/postgres.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"
#include "track/track_tables.h"
#include "track/address_key.h"

/* postgres_run - run a statement that must work */
void
postgres_run(struct postgres *postgres, const char *sql)
{
	PGresult *result = PQexec(postgres->conn, sql);
	ExecStatusType status = PQresultStatus(result);

	ck_assert_msg(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK,
	    "%s: %s", sql, PQresultErrorMessage(result));
	PQclear(result);
}

/* connect_to - connect as the role that owns the tables */
static PGconn *
connect_to(const struct cluster *cluster)
{
	static const char *const names[] = {
	    "host", "port", "user", "password", "dbname", NULL};
	char port[8];
	const char *const values[] = {
	    "127.0.0.1", port, "fourpost", CLUSTER_PASSWORD, "fourpost", NULL};
	PGconn *conn;

	(void)snprintf(port, sizeof(port), "%u", cluster->port);
	conn = PQconnectdbParams(names, values, 0);
	ck_assert_msg(
	    PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	return conn;
}

/* postgres_start - start a cluster, and make the tables */
bool
postgres_start(struct postgres *postgres)
{
	if (!cluster_here())
		return false;
	suite_begin("gather");
	cluster_make(&postgres->cluster);
	postgres->conn = connect_to(&postgres->cluster);
	for (int i = 0; i < TRACK_TABLES_VERSION; i++)
		postgres_run(postgres, track_tables_steps[i]);
	postgres_run(postgres,
	    "CREATE TABLE fourpost.event_all PARTITION OF fourpost.event"
	    " DEFAULT");
	postgres_run(postgres,
	    "CREATE TABLE fourpost.recipient_all PARTITION OF"
	    " fourpost.recipient DEFAULT");
	return true;
}

/* postgres_source - say where it is */
void
postgres_source(
    const struct postgres *postgres, struct postgresql_source *source)
{
	*source = (struct postgresql_source){.address_count = 1};
	source->url.host_count = 1;
	(void)strlcpy(source->url.hosts[0].name, "127.0.0.1",
	    sizeof(source->url.hosts[0].name));
	(void)snprintf(source->url.hosts[0].port,
	    sizeof(source->url.hosts[0].port), "%u", postgres->cluster.port);
	(void)strlcpy(source->url.user, "fourpost", sizeof(source->url.user));
	(void)strlcpy(
	    source->url.database, "fourpost", sizeof(source->url.database));
	(void)strlcpy(
	    source->password, CLUSTER_PASSWORD, sizeof(source->password));
	source->addresses[0].host = &source->url.hosts[0];
	(void)strlcpy(source->addresses[0].address, "127.0.0.1",
	    sizeof(source->addresses[0].address));
}

/* postgres_open - connect to it as a process of the suite does */
struct postgresql
postgres_open(const struct postgres *postgres, struct postgresql_io io,
    enum postgresql_use use)
{
	struct postgresql pg = {.io = io, .patience = 60000};
	struct postgresql_source source;
	struct diag diag = {0};

	postgres_source(postgres, &source);
	ck_assert_msg(postgresql_open(&pg, &source, use, 0, &diag) == 0, "%s",
	    diag_text(&diag));
	return pg;
}

/* postgres_stop - end it and remove the directory */
void
postgres_stop(struct postgres *postgres)
{
	PQfinish(postgres->conn);
	cluster_end(&postgres->cluster);
	suite_end();
}

/* postgres_queue - add a machine */
int
postgres_queue(struct postgres *postgres, const char *mta, const char *host)
{
	const char *const values[] = {mta, host};
	PGresult *result = PQexecParams(postgres->conn,
	    "INSERT INTO fourpost.queue(uuid,mta,domain,host,days)"
	    " VALUES(gen_random_uuid(),$1,'C=XX;A=TEST',$2,30) RETURNING id",
	    2, NULL, values, NULL, NULL, 0);
	int id;

	ck_assert_int_eq(PQresultStatus(result), PGRES_TUPLES_OK);
	id = atoi(PQgetvalue(result, 0, 0));
	PQclear(result);
	return id;
}

/* Values of a row, as texts; NULL is NULL. */
struct values {
	const char *list[32];
	char texts[32][1700];
	int count;
};

/* add_number - add a number */
static void
add_number(struct values *values, int64_t number)
{
	char *text = values->texts[values->count];

	(void)snprintf(text, sizeof(values->texts[0]), "%" PRId64, number);
	values->list[values->count++] = text;
}

/* add_plus - add a number that is kept plus 1 */
static void
add_plus(struct values *values, uint64_t number)
{
	if (number == 0)
		values->list[values->count++] = NULL;
	else
		add_number(values, (int64_t)number - 1);
}

/* add_text - add a text; empty is NULL */
static void
add_text(struct values *values, struct slice text)
{
	char *to = values->texts[values->count];

	ck_assert_uint_lt(text.len, sizeof(values->texts[0]));
	if (text.len > 0)
		memcpy(to, text.data, text.len);
	to[text.len] = '\0';
	values->list[values->count++] = text.len == 0 ? NULL : to;
}

/* insert - insert a row */
static void
insert(struct postgres *postgres, const char *sql, const struct values *values)
{
	PGresult *result = PQexecParams(postgres->conn, sql, values->count,
	    NULL, values->list, NULL, NULL, 0);

	ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s",
	    PQresultErrorMessage(result));
	PQclear(result);
}

/* put_recipient - put a recipient of a record */
static void
put_recipient(struct postgres *postgres, const struct values *place, int number,
    struct slice address)
{
	static struct values values;
	char key[ADDRESS_KEY_MAX];

	values.count = 0;
	for (int i = 0; i < 4; i++)
		add_text(&values, slice_of_string(place->list[i]));
	add_number(&values, number);
	add_text(&values, address);
	add_text(&values, slice_of(key, address_key(address, key)));
	insert(postgres,
	    "INSERT INTO fourpost.recipient VALUES("
	    "to_timestamp($1::bigint/1000.0),$2,$3,$4,$5,$6,$7)",
	    &values);
}

/* put_record - put a record */
static void
put_record(struct postgres *postgres, int queue, uint64_t page, int place,
    const struct track_record *r)
{
	static struct values values;
	char key[ADDRESS_KEY_MAX];
	bool report = r->event == TRACK_ARRIVAL && r->kind == MTS_REPORT;
	bool originator = r->originator.len > 0 && !report;

	values.count = 0;
	add_number(&values, r->time);
	add_number(&values, queue);
	add_number(&values, (int64_t)page);
	add_number(&values, place);
	add_number(&values, r->event);
	add_number(&values, r->kind);
	add_text(&values, r->mts_id);
	add_number(&values, (int64_t)r->message);
	add_number(&values, (int64_t)r->part);
	add_text(&values, r->link);
	add_number(&values, (int64_t)r->size);
	add_plus(&values, r->reason_plus);
	add_plus(&values, r->diagnostic_plus);
	add_text(&values, r->text);
	add_text(&values, r->by);
	add_text(&values, r->other);
	add_plus(&values, r->delay_plus);
	add_plus(&values, r->delay_queue_plus);
	add_plus(&values, r->delay_transfer_plus);
	add_text(&values, originator ? r->originator : slice_of(NULL, 0));
	add_text(&values,
	    originator ? slice_of(key, address_key(r->originator, key))
		       : slice_of(NULL, 0));
	add_text(&values, r->content_id);
	add_text(&values, r->content_type);
	add_number(&values, (int64_t)r->priority);
	add_text(&values, r->trace);
	add_text(&values, r->subject);
	add_text(&values, r->to);
	insert(postgres,
	    "INSERT INTO fourpost.event VALUES("
	    "to_timestamp($1::bigint/1000.0),$2,$3,$4,$5,$6,coalesce($7,''),"
	    "$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,"
	    "$24,$25,$26,$27)",
	    &values);
	for (size_t i = 0; i < r->recipient_count; i++)
		put_recipient(postgres, &values, (int)i, r->recipients[i]);
	if (report && r->originator.len > 0 && r->part == 0)
		put_recipient(
		    postgres, &values, (int)r->recipient_count, r->originator);
}

/* postgres_put - put a page of a machine into the tables */
void
postgres_put(
    struct postgres *postgres, int queue, uint64_t page, struct slice octets)
{
	struct track_reader reader;
	struct track_record record;
	struct diag diag = {0};
	struct arena arena;
	int place = 0, rc;

	arena_init(&arena, (size_t)1024 * 1024);
	ck_assert_int_eq(track_open(&reader, octets, &arena, &diag), 0);
	while ((rc = track_next(&reader, &record, &diag)) == 0)
		put_record(postgres, queue, page, place++, &record);
	ck_assert_int_eq(rc, ERR_NOTFOUND);
	arena_fini(&arena);
}
