/* SPDX-License-Identifier: ISC */
/*
 * query.c - paths that are answered by one request to the suite
 */
#include "console/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/reply.h"
#include "ipc/exit_status.h"
#include "ipc/row_json.h"

#define OUT_MAX	  ((size_t)8 * 1024 * 1024)
#define ROW_ROOM  ((size_t)256 * 1024) /* more than one row needs */
#define ANSWER_MS 15000
#define NAMES_MAX 8

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
	enum ask_server server; /* ASK_SEARCH: or else ASK_TRACKER */
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

	if (query->argument_count == ASK_ARGUMENTS)
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

/* on_row - take a row of the answer */
static int
on_row(void *arg, const struct ipc_row *row)
{
	struct query *query = arg;
	int rc;

	if (query->count == query->limit ||
	    buffer_length(&query->out) > OUT_MAX - ROW_ROOM) {
		query->more = true;
		return ERR_CANCELLED;
	}
	rc = query->count++ > 0 ? buffer_append(&query->out, ",", 1) : 0;
	return rc != 0 ? rc : row_json_append(row, &query->out);
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

static int start(struct query *query, enum ask_server server);

/* search_here - ask the tracker of this machine, since all machines cannot be
 * searched: whether that works */
static bool
search_here(struct query *query, const struct ask_end *end)
{
	/* Without a database of all machines nobody is there to be asked. */
	if (end->reached)
		(void)strlcpy(query->note, end->text, sizeof(query->note));
	return start(query, ASK_TRACKER) == 0;
}

/* on_end - note how the request ended */
static void
on_end(void *arg, const struct ask_end *end)
{
	struct query *query = arg;

	if (query->server == ASK_SEARCH && query->count == 0 &&
	    (end->error != 0 || end->status == EXIT_STATUS_NOT_RUNNING) &&
	    end->error != ERR_DENIED && search_here(query, end))
		return;
	query->status = status_of(end);
	if (query->status != MHD_HTTP_OK)
		(void)strlcpy(query->error, end->text, sizeof(query->error));
	query->answered(query->arg);
}

/* start - start the request whose arguments were collected */
static int
start(struct query *query, enum ask_server server)
{
	struct ask_request request = {.server = server,
	    .purpose = ASK_FOR_VISITOR,
	    .command = query->kind->command,
	    .argument_count = query->argument_count,
	    .timeout_ms = ANSWER_MS,
	    .on_row = on_row,
	    .on_end = on_end,
	    .arg = query};

	query->server = server;
	for (size_t i = 0; i < query->argument_count; i++)
		request.arguments[i] = query->arguments[i];
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
	if (buffer_append(&query->out, "{\"rows\":[", 9) == 0 &&
	    start(query, kind->server) == 0)
		return true;
	query->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	(void)strlcpy(
	    query->error, "too many ask at the moment", sizeof(query->error));
	return false;
}

/* end_rows - end the answer, with why it is of this machine alone */
static int
end_rows(struct query *query)
{
	const char *more = query->more ? "],\"more\":true" : "],\"more\":false";
	int rc = buffer_append(&query->out, more, strlen(more));

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
	if (end_rows(query) != 0)
		return MHD_NO;
	return reply_queue(
	    connection, query->status, reply_take(&query->out, REPLY_JSON));
}

/* query_end - forget the query */
void
query_end(struct query *query, struct asker *asker)
{
	ask_drop(asker, query);
	buffer_fini(&query->out);
}
