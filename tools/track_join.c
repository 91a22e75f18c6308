/* SPDX-License-Identifier: ISC */
/*
 * track_join.c - what the tracker of this machine knows and what the others
 * have written into their database, as one answer
 *
 * Rows of the tracker are read ahead, so many as are wanted or HERE_OCTETS; a
 * row of the database is given when no newer one of the tracker is left.  The
 * database is not asked for what is older than all rows that are wanted.
 */
#include "tools/track_join.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tools/track_line.h"

#define HERE_OCTETS   ((size_t)1024 * 1024)
#define ARGUMENTS_MAX 72
#define NAME_OCTETS   400

/* A search at both places. */
struct join {
	const struct conf *conf;
	const char *tool;
	const struct track_find *find;
	client_row_fn *on_row;
	void *arg;
	char machine[NAME_OCTETS]; /* machine=NAME, of this one */
	char others[NAME_OCTETS];  /* others=NAME, likewise */
	char since[40]; /* older rows of the database are not wanted */
	const char *arguments[ARGUMENTS_MAX];
	struct client here;
	bool asked_here;    /* the tracker answers */
	bool over;	    /* it has no more */
	uint64_t cursor;    /* where its answer goes on */
	struct buffer rows; /* of it, encoded */
	size_t read;	    /* that came from it */
	size_t wanted;	    /* rows: one more than is shown; 0: all */
	int64_t oldest;	    /* arrival of those that are wanted */
	size_t given;	    /* rows */
	int stopped;	    /* what on_row returned */
	struct arena arena;
};

/* note - say why not all could be asked; the first reason counts */
static void
note(const struct join *join, const char *what, const char *why)
{
	if (join->find->note[0] == '\0')
		(void)snprintf(join->find->note, TRACK_FIND_NOTE_MAX, "%s (%s)",
		    what, why);
}

/* set_arguments - set the arguments of a request: those of the search, and some
 * more */
static int
set_arguments(struct join *join, struct client_request *request,
    const char *one, const char *other)
{
	size_t count = join->find->argument_count;

	if (count > ARGUMENTS_MAX - 2)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++)
		join->arguments[i] = join->find->arguments[i];
	if (one[0] != '\0')
		join->arguments[count++] = one;
	if (other[0] != '\0')
		join->arguments[count++] = other;
	request->arguments = join->arguments;
	request->argument_count = count;
	return 0;
}

/* give - give a row */
static int
give(struct join *join, const struct ipc_row *row)
{
	join->given++;
	join->stopped = join->on_row(join->arg, row);
	return join->stopped;
}

/* on_here - keep a row of the tracker until its turn comes */
static int
on_here(void *arg, const struct ipc_row *row)
{
	struct join *join = arg;
	const struct ipc_record record = {.type = IPC_ROW, .row = *row};
	int64_t arrival = track_number(row, "arrival");

	if (join->read++ < join->wanted && arrival < join->oldest)
		join->oldest = arrival;
	return ipc_record_encode(&record, &join->rows);
}

/* read_here - read the next rows of the tracker */
static int
read_here(struct join *join, struct diag *diag)
{
	struct client_request request = {
	    .command = "find", .on_row = on_here, .arg = join};
	struct client_done done = {0};
	int error = set_arguments(join, &request, join->machine, "");

	if (error == 0)
		error = client_step(
		    &join->here, &request, join->cursor, &done, diag);
	if (error == 0 && done.status != 0)
		error = diag_set(diag, ERR_REFUSED, "%s", done.text);
	join->cursor = done.cursor;
	join->over = error != 0 || done.cursor == 0;
	return error;
}

/* begin_here - ask the tracker, and read ahead */
static int
begin_here(struct join *join, struct diag *diag)
{
	int error = client_open(
	    &join->here, join->conf, CLIENT_TRACKER, join->tool, diag);

	join->asked_here = error == 0;
	while (error == 0 && !join->over &&
	    (join->wanted == 0 || join->read < join->wanted) &&
	    buffer_length(&join->rows) < HERE_OCTETS)
		error = read_here(join, diag);
	return error;
}

/* first_here - get the first row of the tracker that was not given: 1, 0 there
 * is none, or an error */
static int
first_here(struct join *join, struct ipc_row *row, size_t *used)
{
	struct ipc_record record;
	struct diag diag = {0};
	int error = 0;

	while (error == 0 && !join->over && buffer_length(&join->rows) == 0)
		error = read_here(join, &diag);
	if (error != 0)
		note(join, "not all messages of this machine are here",
		    diag_text(&diag));
	if (buffer_length(&join->rows) == 0)
		return 0;
	arena_reset(&join->arena);
	error = ipc_record_decode(
	    buffer_slice(&join->rows), &join->arena, &record, used, NULL);
	*row = record.row;
	return error == 0 ? 1 : error;
}

/* give_here - give the rows of the tracker that are not older than a time */
static int
give_here(struct join *join, int64_t time)
{
	struct ipc_row row;
	size_t used;
	int rc;

	while ((rc = first_here(join, &row, &used)) == 1 &&
	    track_number(&row, "arrival") >= time) {
		rc = give(join, &row);
		buffer_consume(&join->rows, used);
		if (rc != 0)
			return rc;
	}
	return rc < 0 ? rc : 0;
}

/* on_other - give a row of the database in its turn */
static int
on_other(void *arg, const struct ipc_row *row)
{
	struct join *join = arg;
	int rc = give_here(join, track_number(row, "arrival"));

	return rc == 0 ? give(join, row) : rc;
}

/* on_machine - take the name of this machine */
static int
on_machine(void *arg, const struct ipc_row *row)
{
	struct join *join = arg;
	const struct ipc_field *name = track_field(row, "machine");

	if (name == NULL || name->octets.len == 0)
		return ERR_PROTOCOL;
	(void)snprintf(join->machine, sizeof(join->machine), "machine=%.*s",
	    (int)name->octets.len, (const char *)name->octets.data);
	(void)snprintf(join->others, sizeof(join->others), "others=%.*s",
	    (int)name->octets.len, (const char *)name->octets.data);
	return 0;
}

/* ask_search - ask the database of all machines */
static int
ask_search(struct join *join, const struct client_request *request,
    struct client_done *done, struct diag *diag)
{
	struct client client;
	int error =
	    client_open(&client, join->conf, CLIENT_SEARCH, join->tool, diag);

	if (error != 0)
		return error;
	error = client_request(&client, request, done, diag);
	client_close(&client);
	if (error == 0 && done->status == EXIT_STATUS_NOT_RUNNING)
		error = diag_set(diag, ERR_CLOSED, "%s", done->text);
	else if (error == 0 && done->status != 0)
		error = diag_set(diag, ERR_REFUSED, "%s", done->text);
	return error;
}

/* ask_machine - ask what this machine is called, and so whether the database is
 * there */
static int
ask_machine(struct join *join, struct diag *diag)
{
	const struct client_request request = {
	    .command = "machine", .on_row = on_machine, .arg = join};
	struct client_done done = {0};

	return ask_search(join, &request, &done, diag);
}

/* ask_others - give what the database has, with rows of the tracker between */
static int
ask_others(struct join *join, const char *others, struct diag *diag)
{
	struct client_request request = {
	    .command = "find", .on_row = on_other, .arg = join};
	struct client_done done = {0};
	int error;

	join->since[0] = '\0';
	if (join->wanted != 0 && join->read >= join->wanted)
		(void)snprintf(join->since, sizeof(join->since),
		    "since=%" PRId64, join->oldest);
	error = set_arguments(join, &request, others, join->since);
	return error == 0 ? ask_search(join, &request, &done, diag) : error;
}

/* end_others - go on after the database has failed, with what the tracker has,
 * or fail */
static int
end_others(struct join *join, int error, struct diag *diag)
{
	int rc;

	if (error == 0 || error == ERR_DENIED || join->stopped != 0)
		return error;
	rc = give_here(join, INT64_MIN);
	if (rc != 0)
		return rc;
	/* The database is there, and the question is none. */
	if (join->given == 0 && error == ERR_REFUSED)
		return error;
	note(join, "these are not all: the database cannot be asked",
	    diag_text(diag));
	diag_clear(diag);
	return 0;
}

/* join_all - give what both have */
static int
join_all(struct join *join, struct diag *diag)
{
	int error = begin_here(join, diag);
	bool whole = error == 0;

	if (error == ERR_DENIED)
		return error;
	if (!whole)
		note(join, "the tracker of this machine cannot be asked",
		    diag_text(diag));
	diag_clear(diag);
	error = ask_others(join, whole ? join->others : "", diag);
	error = end_others(join, error, diag);
	if (error == 0)
		error = give_here(join, INT64_MIN);
	if (error == 0 && join->given == 0 && whole &&
	    join->find->note[0] == '\0')
		error = end_others(join, ask_others(join, "", diag), diag);
	return error;
}

/* here_alone - give what the tracker has */
static int
here_alone(struct join *join, struct diag *diag)
{
	int error;

	join->machine[0] = '\0';
	error = begin_here(join, diag);
	return error == 0 ? give_here(join, INT64_MIN) : error;
}

/* join_run - give what can be had */
static int
join_run(struct join *join, struct diag *diag)
{
	int error;

	/* Whoever may look may not read the configuration. */
	if (!client_has(join->conf, CLIENT_SEARCH))
		return here_alone(join, diag);
	error = ask_machine(join, diag);
	if (error == 0)
		return join_all(join, diag);
	if (error == ERR_DENIED)
		return error;
	note(join, "the database is away: this machine alone", diag_text(diag));
	diag_clear(diag);
	return here_alone(join, diag);
}

/* track_join - find messages */
int
track_join(const struct conf *conf, const char *tool,
    const struct track_find *find, client_row_fn *on_row, void *arg,
    struct diag *diag)
{
	static struct join join;
	int error;

	join = (struct join){.conf = conf,
	    .tool = tool,
	    .find = find,
	    .on_row = on_row,
	    .arg = arg,
	    .wanted = find->most == 0 ? 0 : (size_t)find->most + 1,
	    .oldest = INT64_MAX};
	find->note[0] = '\0';
	buffer_init(&join.rows, HERE_OCTETS + IPC_UNANSWERED_MAX);
	arena_init(&join.arena, (size_t)4 * IPC_RECORD_MAX);
	error = join_run(&join, diag);
	if (join.asked_here)
		client_close(&join.here);
	buffer_fini(&join.rows);
	arena_fini(&join.arena);
	return error;
}
