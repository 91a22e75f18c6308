/* SPDX-License-Identifier: ISC */
/*
 * everywhere.c - the process that answers a tool out of the database of all
 * machines
 */
#include "tracker/everywhere.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "ipc/exit_status.h"
#include "tracker/asked.h"
#include "tracker/gather.h"
#include "tracker/reply.h"

#define IDLE_MS	 30000 /* without a tool, or one that asks nothing */
#define OPEN_MS	 3000  /* to connect to the database */
#define QUERY_MS 10000 /* of one step; the database gives up before */
#define STEP_MS	 500   /* after which a search is asked for again */

#define ARENA_MAX ((size_t)8 * 1024 * 1024)

/* A question that nobody needs any more is given up, and nothing is changed. */
static const char session[] = "SET statement_timeout='8s';"
			      "SET default_transaction_read_only=on";

struct everywhere {
	struct worker *worker;
	const struct conf *conf;
	const struct tracking_source *source;
	unsigned attempt;
	struct postgresql pg;
	struct question question; /* of pg */
	struct fold fold;
	struct candidates candidates;
	struct arena records, rows;
	struct ipc_channel channel;
	struct asked asked;
	bool given;	/* rows of the request were sent */
	bool unreached; /* the last attempt to connect to the database failed */
};

/* on_found - give the item that the fold has */
static int
on_found(void *arg, const struct candidate *candidate)
{
	struct everywhere *e = arg;
	const struct address_pattern *to =
	    e->asked.search.has_to ? &e->asked.search.to : NULL;
	struct row row;
	int rc = ERR_LIMIT;

	if (e->asked.others.len > 0 &&
	    slice_equal_string(e->asked.others, candidate->machine))
		return 0;
	for (size_t most = REPLY_MOST; rc == ERR_LIMIT; most /= 2) {
		arena_reset(&e->rows);
		row_init(&row, &e->rows);
		rc = fold_row(&e->fold, to, most, &row);
		row_text(&row, "machine", slice_of_string(candidate->machine));
		if (rc == 0)
			rc = reply_row(&e->channel, &row);
		if (most == 0)
			break;
	}
	if (rc == 0)
		e->given = true;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* look_through - give what is found, as long as there is time and room */
static int
look_through(struct everywhere *e, uint64_t *cursor, struct diag *diag)
{
	const struct gather gather = {.candidates = &e->candidates,
	    .fold = &e->fold,
	    .arena = &e->records,
	    .found = on_found,
	    .arg = e};
	uint64_t end = clock_after(STEP_MS);
	size_t done = 0;
	int rc;

	do {
		rc = candidates_next(&e->candidates, &e->question, diag);
		if (rc == 0 && e->candidates.count > 0)
			rc = gather_items(&gather, &e->question, &done, diag);
		else
			done = 0;
	} while (rc == 0 && !e->candidates.over &&
	    done == e->candidates.count && clock_monotonic() < end);
	*cursor = candidates_cursor(&e->candidates, done);
	return rc;
}

/* connect_database - connect to the database */
static int
connect_database(struct everywhere *e, struct diag *diag)
{
	int rc;

	e->unreached = true;
	if (e->source->why.code != 0)
		return diag_set(diag, e->source->why.code, "%s",
		    diag_text(&e->source->why));
	e->pg.io = (struct postgresql_io){tracking_source_wait, e->worker};
	e->pg.patience = OPEN_MS;
	rc = postgresql_open(
	    &e->pg, &e->source->database, POSTGRESQL_READS, e->attempt, diag);
	/* The next process, or attempt, begins with another address. */
	if (rc != 0)
		e->attempt++;
	e->pg.patience = QUERY_MS;
	if (rc == 0)
		rc = postgresql_run(&e->pg, session, diag);
	/* Without them a question would have no end. */
	if (rc != 0)
		postgresql_close(&e->pg);
	e->unreached = rc != 0;
	return rc;
}

/* answer_find - give the items that are searched for */
static int
answer_find(struct everywhere *e, uint64_t *cursor, struct diag *diag)
{
	int rc = candidates_begin(&e->candidates, &e->asked.search,
	    (uint64_t)e->asked.search.below, &e->question, diag);

	return rc == 0 ? look_through(e, cursor, diag) : rc;
}

/* answer_machine - give the name of this machine */
static int
answer_machine(struct everywhere *e, uint64_t *cursor, struct diag *diag)
{
	char name[MACHINE_NAME_MAX];
	struct row row;
	int rc = machine_here(&e->question, e->conf->mta.name, name, diag);

	(void)cursor;
	if (rc != 0)
		return rc;
	arena_reset(&e->rows);
	row_init(&row, &e->rows);
	row_string(&row, "machine", name);
	return reply_row(&e->channel, &row);
}

/* Give what a command asks for: 0, with where it goes on, or an error. */
typedef int give_fn(struct everywhere *e, uint64_t *cursor, struct diag *diag);

/* give_connected - give it with a connection that is made if there is none */
static int
give_connected(
    struct everywhere *e, give_fn *give, uint64_t *cursor, struct diag *diag)
{
	int rc = postgresql_is_gone(&e->pg) ? connect_database(e, diag) : 0;

	return rc == 0 ? give(e, cursor, diag) : rc;
}

/* give_again - give it; a connection that the database has closed meanwhile is
 * made again, once */
static int
give_again(
    struct everywhere *e, give_fn *give, uint64_t *cursor, struct diag *diag)
{
	bool was_open = !postgresql_is_gone(&e->pg);
	int rc = give_connected(e, give, cursor, diag);

	if (rc != ERR_CLOSED || !was_open || e->given)
		return rc;
	diag_clear(diag);
	return give_connected(e, give, cursor, diag);
}

/* answer_failed - say why there is no answer */
static int
answer_failed(struct everywhere *e, int error, const struct diag *diag)
{
	char text[240];

	/* The server has given up by itself. */
	if (error == ERR_TIMEOUT && !postgresql_is_gone(&e->pg))
		return reply_done(
		    &e->channel, EXIT_STATUS_REFUSED, REPLY_TOO_LONG, 0);
	escape_printable(text, sizeof(text), slice_of_string(diag_text(diag)));
	/* The database is there, and has something against the question. */
	return reply_done(&e->channel,
	    error == ERR_VALUE ? EXIT_STATUS_REFUSED : EXIT_STATUS_NOT_RUNNING,
	    text, 0);
}

/* find_command - find what answers a command, or NULL */
static give_fn *
find_command(struct slice command)
{
	if (slice_equal_string(command, "find"))
		return answer_find;
	return slice_equal_string(command, "machine") ? answer_machine : NULL;
}

/* answer - answer a request */
static int
answer(struct everywhere *e, const struct ipc_request *request)
{
	struct diag diag = {0};
	uint64_t cursor = 0;
	give_fn *give = find_command(request->command);
	int rc;

	if (give == NULL)
		return reply_done(
		    &e->channel, EXIT_STATUS_REFUSED, "no such request", 0);
	if (!asked_parse(&e->asked, request))
		return reply_done(
		    &e->channel, EXIT_STATUS_REFUSED, e->asked.problem, 0);
	e->given = false;
	rc = give_again(e, give, &cursor, &diag);
	return rc == 0 ? reply_done(&e->channel, EXIT_STATUS_DONE, "", cursor)
		       : answer_failed(e, rc, &diag);
}

/* greet - exchange hellos with a tool */
static int
greet(struct everywhere *e)
{
	struct ipc_record record;
	struct diag diag = {0};
	int rc = worker_receive(
	    e->worker, &e->channel, &record, clock_after(QUERY_MS), &diag);

	if (rc == 0)
		rc = ipc_hello_check(&record, &diag);
	if (rc == 0 && record.hello.role != IPC_ROLE_TOOL)
		rc = ERR_PROTOCOL;
	return rc == 0
	    ? ipc_channel_hello(&e->channel, IPC_ROLE_TRACKER, "search", 0)
	    : rc;
}

/* serve - answer what a tool asks, until it has no more questions */
static void
serve(struct everywhere *e)
{
	struct ipc_record record;
	struct diag diag = {0};
	uid_t caller;
	int rc = reply_admits(e->conf, &e->channel, "search", &caller)
	    ? greet(e)
	    : ERR_DENIED;

	while (rc == 0) {
		rc = worker_flush(e->worker, &e->channel, clock_after(IDLE_MS));
		if (rc == 0)
			rc = worker_receive(e->worker, &e->channel, &record,
			    clock_after(IDLE_MS), &diag);
		if (rc == 0)
			rc = record.type == IPC_REQUEST
			    ? answer(e, &record.request)
			    : ERR_PROTOCOL;
	}
}

/* everywhere_run - answer one tool after another */
void
everywhere_run(struct worker *worker, const struct conf *conf,
    const struct tracking_source *source)
{
	static struct everywhere e;
	struct diag diag = {0};
	int fd;

	e = (struct everywhere){
	    .worker = worker, .conf = conf, .source = source};
	e.question.pg = &e.pg;
	arena_init(&e.records, ARENA_MAX);
	arena_init(&e.rows, ARENA_MAX);
	if (fold_init(&e.fold, &diag) != 0)
		fatal(EX_OSERR, "%s", diag_text(&diag));
	worker_ready(worker);
	/* Names are looked up at the start alone: what could not be reached may
	 * be elsewhere for the next process. */
	while (
	    !worker->stopping && (fd = worker_accept(worker, IDLE_MS)) >= 0) {
		if (ipc_channel_init(&e.channel, fd) == 0) {
			serve(&e);
			ipc_channel_fini(&e.channel);
		}
		if (e.unreached)
			break;
	}
	PQclear(e.question.row);
	postgresql_close(&e.pg);
	fold_fini(&e.fold);
	arena_fini(&e.records);
	arena_fini(&e.rows);
}
