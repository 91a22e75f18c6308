/* SPDX-License-Identifier: ISC */
/*
 * query.c - paths that are answered by requests to the suite
 */
#include "console/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/reply.h"
#include "ipc/exit_status.h"
#include "ipc/row_json.h"

#define OUT_MAX	  (ROWS_OCTETS + 4096)
#define ANSWER_MS 15000
#define NAMES_MAX 8
#define OWN_MAX	  2 /* arguments that are added to those of the visitor */

/* How the value of a parameter becomes an argument. */
enum form {
	FORM_NAMED,  /* NAME=VALUE */
	FORM_BARE,   /* VALUE */
	FORM_SECONDS /* NAME=VALUE, seconds as ms */
};

struct parameter {
	const char *name;
	enum form form;
};

struct query_kind {
	const char *path;
	enum ask_server server; /* ASK_SEARCH: ASK_TRACKER too */
	const char *command;
	struct parameter parameters[NAMES_MAX];
};

static const struct query_kind kinds[] = {
    {"/api/queue", ASK_QMGR, "list",
	{{"link", FORM_NAMED}, {"state", FORM_NAMED}, {"from", FORM_NAMED},
	    {"to", FORM_NAMED}, {"mts", FORM_NAMED}}},
    {"/api/show", ASK_QMGR, "show", {{"id", FORM_BARE}}},
    {"/api/why", ASK_QMGR, "why", {{"id", FORM_BARE}}},
    {"/api/track", ASK_SEARCH, "find",
	{{"id", FORM_NAMED}, {"content-id", FORM_NAMED}, {"link", FORM_NAMED},
	    {"from", FORM_NAMED}, {"to", FORM_NAMED}, {"state", FORM_NAMED},
	    {"since", FORM_SECONDS}, {"until", FORM_SECONDS}}},
    {"/api/stats", ASK_TRACKER, "stats",
	{{"by", FORM_NAMED}, {"zone", FORM_SECONDS}, {"since", FORM_SECONDS},
	    {"until", FORM_SECONDS}}},
};

/* query_find - find what answers a path */
const struct query_kind *
query_find(const char *path)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].path, path) == 0)
			return &kinds[i];
	return NULL;
}

/* refuse - answer that the request is wrong */
static enum MHD_Result
refuse(struct query *query, const char *name, const char *reason)
{
	query->status = MHD_HTTP_BAD_REQUEST;
	(void)snprintf(
	    query->error, sizeof(query->error), "%s: %s", name, reason);
	return MHD_NO;
}

/* add_argument - add an argument, as its form says */
static enum MHD_Result
add_argument(
    struct query *query, const struct parameter *parameter, const char *value)
{
	const char *error = NULL;
	long long number;
	char *to;
	int len;

	if (query->argument_count == ASK_ARGUMENTS - OWN_MAX)
		return refuse(query, parameter->name, "given too often");
	to = query->arguments[query->argument_count];
	switch (parameter->form) {
	case FORM_SECONDS:
		number = strtonum(value, -100000, INT64_MAX / 1000000, &error);
		if (error != NULL)
			return refuse(
			    query, parameter->name, "is no number of seconds");
		len = snprintf(to, ASK_TEXT_MAX, "%s=%lld", parameter->name,
		    number * 1000);
		break;
	case FORM_BARE:
		len = snprintf(to, ASK_TEXT_MAX, "%s", value);
		break;
	case FORM_NAMED:
	default:
		len =
		    snprintf(to, ASK_TEXT_MAX, "%s=%s", parameter->name, value);
	}
	if (len < 0 || len >= ASK_TEXT_MAX)
		return refuse(query, parameter->name, "is too long");
	query->argument_count++;
	return MHD_YES;
}

/* set_limit - set how many rows are wanted */
static enum MHD_Result
set_limit(struct query *query, const char *value)
{
	const char *error = NULL;

	query->limit = (unsigned)strtonum(value, 1, QUERY_ROWS_MAX, &error);
	return error == NULL ? MHD_YES
			     : refuse(query, "limit", "is not 1 to 1000");
}

/* on_parameter - take a parameter of the path; an empty one is none */
static enum MHD_Result
on_parameter(
    void *arg, enum MHD_ValueKind from, const char *name, const char *value)
{
	struct query *query = arg;

	(void)from;
	if (value == NULL || *value == '\0')
		return MHD_YES;
	if (strcmp(name, "limit") == 0)
		return set_limit(query, value);
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (query->kind->parameters[i].name != NULL &&
		    strcmp(name, query->kind->parameters[i].name) == 0)
			return add_argument(
			    query, &query->kind->parameters[i], value);
	return refuse(query, "parameter", "there is none of that name");
}

/* take_machine - take the name of this machine */
static int
take_machine(struct query *query, const struct ipc_row *row)
{
	struct slice name = slice_of(NULL, 0);

	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, "machine"))
			name = row->fields[i].octets;
	if (name.len == 0 || name.len >= sizeof(query->machine))
		return ERR_PROTOCOL;
	memcpy(query->machine, name.data, name.len);
	query->machine[name.len] = '\0';
	return 0;
}

/* on_row - take a row of the answer */
static int
on_row(void *arg, const struct ipc_row *row)
{
	struct query *query = arg;

	switch (query->stage) {
	case QUERY_MACHINE:
		return take_machine(query, row);
	case QUERY_OTHERS:
	case QUERY_ALL:
		return rows_add(&query->others, row);
	case QUERY_ONE:
	case QUERY_ALONE:
	case QUERY_HERE:
		break;
	}
	return rows_add(&query->rows, row);
}

/* status_of - find the status of HTTP for how a request ended */
static unsigned
status_of(const struct ask_end *end)
{
	if (end->error == ERR_TIMEOUT)
		return MHD_HTTP_GATEWAY_TIMEOUT;
	if (end->error != 0)
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	if (end->status == EXIT_STATUS_DONE)
		return MHD_HTTP_OK;
	return end->status == EXIT_STATUS_USAGE ? MHD_HTTP_BAD_REQUEST
						: MHD_HTTP_NOT_FOUND;
}

/* note - say what could not be searched; the first reason counts */
static void
note(struct query *query, const char *what, const struct ask_end *end)
{
	if (query->note[0] == '\0')
		(void)snprintf(query->note, sizeof(query->note), "%s: %s", what,
		    end->text);
}

/* after_machine - choose what is asked when it is known, or not, what this
 * machine is called */
static enum query_stage
after_machine(struct query *query, const struct ask_end *end)
{
	if (end->error == ERR_DENIED)
		return QUERY_MACHINE;
	if (end->error == 0 && end->status == EXIT_STATUS_DONE)
		return QUERY_HERE;
	/* Without a database of all machines nobody is there to be asked. */
	if (end->reached)
		note(query,
		    "Of this machine alone; the database of all machines is "
		    "away",
		    end);
	return QUERY_ALONE;
}

/* next_stage - choose what is asked after an answer; the same: nothing */
static enum query_stage
next_stage(struct query *query, const struct ask_end *end)
{
	bool well = end->error == 0 && end->status == EXIT_STATUS_DONE;

	switch (query->stage) {
	case QUERY_MACHINE:
		return after_machine(query, end);
	case QUERY_HERE:
		if (well)
			return QUERY_OTHERS;
		note(query, "The tracker of this machine cannot be asked", end);
		return end->error == ERR_DENIED ? QUERY_HERE : QUERY_ALL;
	case QUERY_OTHERS:
		/* Of a tracker that has lost what it had. */
		if (well && query->rows.count + query->others.count == 0)
			return QUERY_ALL;
		break;
	case QUERY_ONE:
	case QUERY_ALONE:
	case QUERY_ALL:
		break;
	}
	return query->stage;
}

/* refuse_busy - answer that there are too many requests */
static void
refuse_busy(struct query *query)
{
	query->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	(void)strlcpy(
	    query->error, "too many ask at the moment", sizeof(query->error));
}

static int start(struct query *query, enum query_stage stage);

/* on_end - ask what is to be asked next, or note how the request ended */
static void
on_end(void *arg, const struct ask_end *end)
{
	struct query *query = arg;
	enum query_stage next = next_stage(query, end);

	if (next != query->stage) {
		if (start(query, next) == 0)
			return;
		refuse_busy(query);
		query->answered(query->arg);
		return;
	}
	query->status = status_of(end);
	/* Rows of this machine are told even if the others cannot be asked. */
	if (query->status != MHD_HTTP_OK && query->stage == QUERY_OTHERS &&
	    query->rows.count + query->others.count > 0) {
		note(query,
		    "These are not all; the database of all machines cannot "
		    "be searched",
		    end);
		query->status = MHD_HTTP_OK;
	}
	if (query->status != MHD_HTTP_OK)
		(void)strlcpy(query->error, end->text, sizeof(query->error));
	query->answered(query->arg);
}

/* add_own - add what the stage needs beside the arguments of the visitor */
static void
add_own(const struct query *query, struct ask_request *request,
    char texts[OWN_MAX][ASK_TEXT_MAX])
{
	if (query->stage != QUERY_HERE && query->stage != QUERY_OTHERS)
		return;
	(void)snprintf(texts[0], ASK_TEXT_MAX, "%s=%s",
	    query->stage == QUERY_HERE ? "machine" : "others", query->machine);
	request->arguments[request->argument_count++] = texts[0];
	/* Older ones would be left out. */
	if (query->stage == QUERY_HERE || !query->rows.more)
		return;
	(void)snprintf(texts[1], ASK_TEXT_MAX, "since=%lld",
	    (long long)query->rows.oldest);
	request->arguments[request->argument_count++] = texts[1];
}

/* server_of - find who is asked in a stage */
static enum ask_server
server_of(const struct query *query)
{
	if (query->stage == QUERY_ONE)
		return query->kind->server;
	return query->stage == QUERY_ALONE || query->stage == QUERY_HERE
	    ? ASK_TRACKER
	    : ASK_SEARCH;
}

/* start - start the request of a stage */
static int
start(struct query *query, enum query_stage stage)
{
	char own[OWN_MAX][ASK_TEXT_MAX];
	struct ask_request request = {.purpose = ASK_FOR_VISITOR,
	    .command = query->kind->command,
	    .argument_count = query->argument_count,
	    .timeout_ms = ANSWER_MS,
	    .on_row = on_row,
	    .on_end = on_end,
	    .arg = query};

	query->stage = stage;
	request.server = server_of(query);
	for (size_t i = 0; i < query->argument_count; i++)
		request.arguments[i] = query->arguments[i];
	add_own(query, &request, own);
	if (stage == QUERY_MACHINE) {
		request.command = "machine";
		request.argument_count = 0;
	}
	return ask_start(query->asker, &request);
}

/* query_start - ask the suite what a connection wants to know */
bool
query_start(struct query *query, const struct query_kind *kind,
    struct asker *asker, struct MHD_Connection *connection)
{
	query->kind = kind;
	query->asker = asker;
	buffer_init(&query->out, OUT_MAX);
	query->limit = QUERY_ROWS_DEFAULT;
	(void)MHD_get_connection_values(
	    connection, MHD_GET_ARGUMENT_KIND, on_parameter, query);
	if (query->status != 0)
		return false;
	rows_init(&query->rows, query->limit);
	rows_init(&query->others, query->limit);
	if (start(query,
		kind->server == ASK_SEARCH ? QUERY_MACHINE : QUERY_ONE) == 0)
		return true;
	refuse_busy(query);
	return false;
}

/* put_answer - write the answer, with what could not be searched */
static int
put_answer(struct query *query)
{
	const char *text;
	bool more = false;
	int rc = buffer_append(&query->out, "{\"rows\":[", 9);

	if (rc == 0)
		rc = rows_merge(
		    &query->rows, &query->others, &query->out, &more);
	text = more ? "],\"more\":true" : "],\"more\":false";
	if (rc == 0)
		rc = buffer_append(&query->out, text, strlen(text));
	if (rc == 0 && query->note[0] != '\0')
		rc = buffer_append(&query->out, ",\"note\":", 8);
	if (rc == 0 && query->note[0] != '\0')
		rc = row_json_string(slice_of_string(query->note), &query->out);
	return rc == 0 ? buffer_append(&query->out, "}\n", 2) : rc;
}

/* query_reply - give the answer */
enum MHD_Result
query_reply(struct query *query, struct MHD_Connection *connection)
{
	if (query->status != MHD_HTTP_OK)
		return reply_error(connection, query->status, query->error);
	if (put_answer(query) != 0)
		return MHD_NO;
	return reply_queue(
	    connection, query->status, reply_take(&query->out, REPLY_JSON));
}

/* query_end - forget the query */
void
query_end(struct query *query, struct asker *asker)
{
	ask_drop(asker, query);
	rows_fini(&query->rows);
	rows_fini(&query->others);
	buffer_fini(&query->out);
}
