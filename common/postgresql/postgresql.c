/* SPDX-License-Identifier: ISC */
/*
 * postgresql.c - a connection to a database of PostgreSQL, by libpq
 *
 * libpq is used without blocking throughout: PQconnectPoll, PQflush and
 * PQisBusy say what is to be waited for, and io.wait waits.
 */
#include "postgresql/postgresql.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"

#define PIECE	 ((size_t)64 * 1024) /* of a COPY, handed over at once */
#define LIST_MAX (POSTGRESQL_ADDRESSES * (POSTGRESQL_HOST_MAX + 1))

/* The beginning of what libpq says of each attempt to connect. */
#define ATTEMPT	  "connection to server at "
#define STATE_LEN 5 /* of an SQLSTATE */

/* Numbers are exact and times in UTC, whatever the server's own settings. */
static const char session[] = "SET timezone='UTC';"
			      "SET datestyle='ISO';"
			      "SET client_min_messages=warning;"
			      "SET standard_conforming_strings=on";

/* put_words - note the server's words, in one line */
static int
put_words(struct diag *diag, int code, const char *words)
{
	char line[sizeof(diag->text)], text[sizeof(diag->text)];
	size_t len = 0;
	bool space = false;

	for (; *words != '\0' && len + 2 < sizeof(line); words++) {
		if (*words == '\n' || *words == '\t' || *words == ' ') {
			space = len > 0;
			continue;
		}
		if (space)
			line[len++] = ' ';
		space = false;
		line[len++] = *words;
	}
	escape_printable(text, sizeof(text), slice_of(line, len));
	return diag_set(diag, code, "%s", text);
}

/* is_class - tell whether an SQLSTATE is of a class */
static bool
is_class(const char *state, const char *class)
{
	return strncmp(state, class, strlen(class)) == 0;
}

/* error_of - translate an SQLSTATE */
static int
error_of(const char *state)
{
	static const struct {
		const char *class;
		int error;
	} errors[] = {{"08", ERR_CLOSED}, {"57P", ERR_CLOSED},
	    {"57014", ERR_TIMEOUT}, {"28", ERR_DENIED}, {"42501", ERR_DENIED},
	    {"53100", ERR_FULL}, {"53200", ERR_FULL}, {"53400", ERR_FULL},
	    {"40", ERR_BUSY}, {"55P03", ERR_BUSY}, {"53300", ERR_BUSY},
	    {"22", ERR_VALUE}, {"23", ERR_VALUE}, {"54", ERR_VALUE},
	    {"42P01", ERR_NOTFOUND}, {"3F000", ERR_NOTFOUND},
	    {"3D000", ERR_NOTFOUND}};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (is_class(state, errors[i].class))
			return errors[i].error;
	return ERR_REFUSED;
}

/* ignore_notice - drop what the server says beside its results */
static void
ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* postgresql_close - close it */
void
postgresql_close(struct postgresql *pg)
{
	PQfinish(pg->connection);
	pg->connection = NULL;
}

/* postgresql_is_gone - tell whether an error left the connection closed */
bool
postgresql_is_gone(const struct postgresql *pg)
{
	return pg->connection == NULL;
}

/* break_off - close a connection of which nobody knows how it stands */
static int
break_off(struct postgresql *pg, int error, struct diag *diag)
{
	if (error == ERR_CLOSED)
		(void)put_words(diag, error, PQerrorMessage(pg->connection));
	else
		(void)diag_set(diag, error, "the server does not answer");
	postgresql_close(pg);
	return error;
}

/* await - wait for the connection's socket */
static int
await(struct postgresql *pg, short events, uint64_t deadline)
{
	return pg->io.wait(
	    pg->io.arg, PQsocket(pg->connection), events, deadline);
}

/* The parameters of a connection, as libpq takes them. */
struct parameters {
	const char *names[16], *values[16];
	size_t count;
	char hosts[LIST_MAX], addresses[LIST_MAX], ports[LIST_MAX];
};

/* put_parameter - add a parameter, unless it is empty */
static void
put_parameter(struct parameters *p, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	p->names[p->count] = name;
	p->values[p->count++] = value;
}

/* put_item - append an item to a list */
static void
put_item(char list[LIST_MAX], const char *item)
{
	if (list[0] != '\0')
		(void)strlcat(list, ",", LIST_MAX);
	(void)strlcat(list, item, LIST_MAX);
}

/* fill_parameters - say where and how to connect */
static void
fill_parameters(struct parameters *p, const struct postgresql_source *source,
    enum postgresql_use use, unsigned attempt)
{
	const struct postgresql_url *url = &source->url;
	size_t count = source->address_count;

	*p = (struct parameters){.count = 0};
	for (size_t i = 0; i < count; i++) {
		size_t at = (attempt + i) % count;

		put_item(p->hosts, source->addresses[at].host->name);
		put_item(p->addresses, source->addresses[at].address);
		put_item(p->ports, source->addresses[at].host->port);
	}
	put_parameter(p, "host", p->hosts);
	put_parameter(p, "hostaddr", p->addresses);
	put_parameter(p, "port", p->ports);
	put_parameter(p, "user", url->user);
	put_parameter(p, "dbname", url->database);
	put_parameter(p, "password", source->password);
	put_parameter(p, "sslmode", url->mode);
	put_parameter(p, "sslrootcert", source->root_certificate);
	/* libpq would look for one in the home of whoever started the suite,
	 * which may not be read by us: a path below a file is none. */
	put_parameter(p, "sslcert", "/dev/null/none");
	put_parameter(p, "application_name", "fourpost");
	put_parameter(p, "client_encoding", "UTF8");
	/* Kerberos reads files that are not there in another root. */
	put_parameter(p, "gssencmode", "disable");
	if (use == POSTGRESQL_WRITES)
		put_parameter(p, "target_session_attrs", "read-write");
}

/* find_state - find the SQLSTATE of the last attempt to connect in what libpq
 * says ("FATAL:  28P01: ..."); NULL: the server told none */
static const char *
find_state(const char *words)
{
	const char *next, *at = words;

	while ((next = strstr(at, ATTEMPT)) != NULL)
		at = next + strlen(ATTEMPT);
	while ((at = strstr(at, ":  ")) != NULL) {
		at += 3;
		if (at[strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")] ==
			':' &&
		    strcspn(at, ":") == STATE_LEN)
			return at;
	}
	return NULL;
}

/* give_up_connect - close a connection that was not made, and tell why */
static int
give_up_connect(struct postgresql *pg, struct diag *diag)
{
	const char *words = PQerrorMessage(pg->connection);
	const char *state = find_state(words);
	int rc = ERR_CLOSED;

	/* A server that has no place for us, or no such database, may have
	 * taken the password before. */
	if (PQconnectionNeedsPassword(pg->connection) != 0 ||
	    (state != NULL && is_class(state, "28")))
		rc = ERR_DENIED;
	(void)put_words(diag, rc, words);
	postgresql_close(pg);
	return rc;
}

/* finish_connect - go on with a connection until it is made */
static int
finish_connect(struct postgresql *pg, struct diag *diag)
{
	uint64_t deadline = clock_after(pg->patience);
	PostgresPollingStatusType poll = PGRES_POLLING_WRITING;
	int rc = 0;

	while (poll != PGRES_POLLING_OK && poll != PGRES_POLLING_FAILED) {
		rc = await(pg, poll == PGRES_POLLING_READING ? POLLIN : POLLOUT,
		    deadline);
		if (rc != 0)
			return break_off(pg, rc, diag);
		poll = PQconnectPoll(pg->connection);
	}
	return poll == PGRES_POLLING_OK ? 0 : give_up_connect(pg, diag);
}

/* postgresql_open - connect */
int
postgresql_open(struct postgresql *pg, const struct postgresql_source *source,
    enum postgresql_use use, unsigned attempt, struct diag *diag)
{
	struct parameters p;
	int rc;

	fill_parameters(&p, source, use, attempt);
	pg->connection = PQconnectStartParams(p.names, p.values, 0);
	if (pg->connection == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	if (PQstatus(pg->connection) == CONNECTION_BAD)
		return break_off(pg, ERR_CLOSED, diag);
	(void)PQsetNoticeReceiver(pg->connection, ignore_notice, NULL);
	/* libpq has no other way to tell the SQLSTATE of an attempt. */
	(void)PQsetErrorVerbosity(pg->connection, PQERRORS_VERBOSE);
	rc = finish_connect(pg, diag);
	if (rc != 0)
		return rc;
	(void)PQsetErrorVerbosity(pg->connection, PQERRORS_DEFAULT);
	if (PQsetnonblocking(pg->connection, 1) != 0)
		return break_off(pg, ERR_CLOSED, diag);
	rc = postgresql_run(pg, session, diag);
	if (rc != 0)
		postgresql_close(pg);
	return rc;
}

/* send_all - send what libpq holds, and take in what comes meanwhile, without
 * which a server that waits for us to read would wait for ever */
static int
send_all(struct postgresql *pg, uint64_t deadline)
{
	int rc, left;

	while ((left = PQflush(pg->connection)) == 1) {
		rc = await(pg, POLLIN | POLLOUT, deadline);
		if (rc != 0)
			return rc;
		if (PQconsumeInput(pg->connection) == 0)
			return ERR_CLOSED;
	}
	return left == 0 ? 0 : ERR_CLOSED;
}

/* next_result - get the next result, NULL after the last */
static int
next_result(struct postgresql *pg, uint64_t deadline, PGresult **result)
{
	int rc;

	while (PQisBusy(pg->connection) != 0) {
		rc = await(pg, POLLIN, deadline);
		if (rc != 0)
			return rc;
		if (PQconsumeInput(pg->connection) == 0)
			return ERR_CLOSED;
	}
	*result = PQgetResult(pg->connection);
	return 0;
}

/* judge - tell what a result means, and note the words of an error */
static int
judge(const PGresult *result, struct diag *diag)
{
	const char *state;

	switch (PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_EMPTY_QUERY:
	case PGRES_COPY_IN:
		return 0;
	case PGRES_COPY_OUT:
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_FATAL_ERROR:
	case PGRES_COPY_BOTH:
	case PGRES_SINGLE_TUPLE:
	case PGRES_PIPELINE_SYNC:
	case PGRES_PIPELINE_ABORTED:
		break;
	}
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	return put_words(diag, state == NULL ? ERR_CLOSED : error_of(state),
	    PQresultErrorMessage(result));
}

/* take_results - take all results of what was sent, and keep the last one's
 * rows, if the caller wants them */
static int
take_results(struct postgresql *pg, uint64_t deadline, PGresult **rows,
    struct diag *diag)
{
	PGresult *result = NULL;
	int rc = 0, gone;

	while ((gone = next_result(pg, deadline, &result)) == 0 &&
	    result != NULL) {
		if (rc == 0)
			rc = judge(result, diag);
		if (rows != NULL && rc == 0) {
			PQclear(*rows);
			*rows = result;
		} else
			PQclear(result);
	}
	if (gone != 0)
		return break_off(pg, gone, diag);
	/* A server that ends tells why before it closes. */
	if (rc == ERR_CLOSED || PQstatus(pg->connection) != CONNECTION_OK)
		return break_off(pg, ERR_CLOSED, diag);
	return rc;
}

/* begin_call - tell whether a connection can be used */
static int
begin_call(struct postgresql *pg, struct diag *diag)
{
	return pg->connection != NULL
	    ? 0
	    : diag_set(diag, ERR_CLOSED, "there is no connection");
}

/* postgresql_run - run statements whose results nobody wants */
int
postgresql_run(struct postgresql *pg, const char *sql, struct diag *diag)
{
	uint64_t deadline = clock_after(pg->patience);
	int rc = begin_call(pg, diag);

	if (rc != 0)
		return rc;
	if (PQsendQuery(pg->connection, sql) == 0)
		return break_off(pg, ERR_CLOSED, diag);
	rc = send_all(pg, deadline);
	return rc != 0 ? break_off(pg, rc, diag)
		       : take_results(pg, deadline, NULL, diag);
}

/* postgresql_end - end a transaction */
int
postgresql_end(struct postgresql *pg, int rc, struct diag *diag)
{
	if (rc == 0)
		rc = postgresql_run(pg, "COMMIT", diag);
	if (rc != 0 && !postgresql_is_gone(pg))
		(void)!postgresql_run(pg, "ROLLBACK", NULL);
	return rc;
}

/* postgresql_ask - run one statement with values, and get its rows */
int
postgresql_ask(struct postgresql *pg, const char *sql, int count,
    const char *const *values, PGresult **result, struct diag *diag)
{
	uint64_t deadline = clock_after(pg->patience);
	PGresult *rows = NULL;
	int rc = begin_call(pg, diag);

	if (rc != 0)
		return rc;
	if (PQsendQueryParams(
		pg->connection, sql, count, NULL, values, NULL, NULL, 0) == 0)
		return break_off(pg, ERR_CLOSED, diag);
	rc = send_all(pg, deadline);
	if (rc != 0)
		return break_off(pg, rc, diag);
	rc = take_results(pg, deadline, &rows, diag);
	if (rc != 0)
		PQclear(rows);
	else
		*result = rows;
	return rc;
}

/* postgresql_stream - run one statement with values, whose rows come one by
 * one */
int
postgresql_stream(struct postgresql *pg, const char *sql, int count,
    const char *const *values, struct diag *diag)
{
	int rc = begin_call(pg, diag);

	if (rc != 0)
		return rc;
	if (PQsendQueryParams(
		pg->connection, sql, count, NULL, values, NULL, NULL, 0) == 0 ||
	    PQsetSingleRowMode(pg->connection) == 0)
		return break_off(pg, ERR_CLOSED, diag);
	rc = send_all(pg, clock_after(pg->patience));
	return rc != 0 ? break_off(pg, rc, diag) : 0;
}

/* end_stream - take what is behind an error, which has no words */
static int
end_stream(struct postgresql *pg, int rc, uint64_t deadline)
{
	int rest = take_results(pg, deadline, NULL, NULL);

	if (rest == 0 && rc == ERR_CLOSED)
		postgresql_close(pg);
	return rc;
}

/* postgresql_row - get the next row */
int
postgresql_row(struct postgresql *pg, PGresult **row, struct diag *diag)
{
	uint64_t deadline = clock_after(pg->patience);
	PGresult *result = NULL;
	int rc = begin_call(pg, diag);

	while (rc == 0) {
		rc = next_result(pg, deadline, &result);
		if (rc != 0)
			return break_off(pg, rc, diag);
		if (result == NULL)
			return 0;
		if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
			*row = result;
			return 1;
		}
		rc = judge(result, diag);
		PQclear(result);
	}
	return postgresql_is_gone(pg) ? rc : end_stream(pg, rc, deadline);
}

/* postgresql_number - run one statement with values, and get a number */
int
postgresql_number(struct postgresql *pg, const char *sql, int count,
    const char *const *values, int64_t *number, struct diag *diag)
{
	PGresult *rows;
	int rc = postgresql_ask(pg, sql, count, values, &rows, diag);

	if (rc != 0)
		return rc;
	if (PQntuples(rows) == 0 || PQgetisnull(rows, 0, 0) != 0)
		rc = ERR_NOTFOUND;
	else
		*number = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
	PQclear(rows);
	return rc;
}

/* put_piece - hand libpq a piece of a COPY */
static int
put_piece(struct postgresql *pg, struct slice piece, uint64_t deadline)
{
	int put, rc;

	while ((put = PQputCopyData(pg->connection, (const char *)piece.data,
		    (int)piece.len)) == 0) {
		rc = await(pg, POLLIN | POLLOUT, deadline);
		if (rc != 0)
			return rc;
		if (PQconsumeInput(pg->connection) == 0)
			return ERR_CLOSED;
	}
	return put < 0 ? ERR_CLOSED : send_all(pg, deadline);
}

/* put_rows - send the rows of a COPY, and its end */
static int
put_rows(struct postgresql *pg, struct slice rows, uint64_t deadline)
{
	int rc = 0, put = 0;

	while (rc == 0 && rows.len > 0) {
		size_t len = rows.len < PIECE ? rows.len : PIECE;

		rc = put_piece(pg, slice_of(rows.data, len), deadline);
		rows = slice_of(rows.data + len, rows.len - len);
	}
	while (rc == 0 && (put = PQputCopyEnd(pg->connection, NULL)) == 0)
		rc = await(pg, POLLOUT, deadline);
	if (rc == 0 && put < 0)
		return ERR_CLOSED;
	return rc != 0 ? rc : send_all(pg, deadline);
}

/* postgresql_copy - run a COPY ... FROM STDIN with its rows */
int
postgresql_copy(struct postgresql *pg, const char *sql, struct slice rows,
    struct diag *diag)
{
	uint64_t deadline = clock_after(pg->patience);
	PGresult *result = NULL;
	bool ready;
	int rc = begin_call(pg, diag);

	if (rc != 0)
		return rc;
	if (PQsendQuery(pg->connection, sql) == 0)
		return break_off(pg, ERR_CLOSED, diag);
	rc = send_all(pg, deadline);
	if (rc == 0)
		rc = next_result(pg, deadline, &result);
	if (rc != 0)
		return break_off(pg, rc, diag);
	ready = PQresultStatus(result) == PGRES_COPY_IN;
	if (!ready)
		rc = judge(result, diag);
	PQclear(result);
	if (ready) {
		rc = put_rows(pg, rows, deadline);
		if (rc != 0)
			return break_off(pg, rc, diag);
		return take_results(pg, deadline, NULL, diag);
	}
	if (rc == 0)
		rc = diag_set(diag, ERR_REFUSED, "it is no COPY");
	/* The words of the error are noted: what follows has none. */
	ready = take_results(pg, deadline, NULL, NULL) == 0;
	return ready || pg->connection != NULL ? rc : ERR_CLOSED;
}
