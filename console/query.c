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
	enum ask_server server;
	const char *command;
	struct parameter parameters[NAMES_MAX];
};

static const struct query_kind kinds[] = {
    {"/api/queue", ASK_QMGR, "list",
	{{"link", FORM_NAMED}, {"state", FORM_NAMED}, {"from", FORM_NAMED},
	    {"to", FORM_NAMED}, {"mts", FORM_NAMED}}},
    {"/api/show", ASK_QMGR, "show", {{"id", FORM_BARE}}},
    {"/api/why", ASK_QMGR, "why", {{"id", FORM_BARE}}},
    {"/api/track", ASK_TRACKER, "find",
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

/* The arguments of a request while they are collected. */
struct collecting {
	struct query *query;
	const struct query_kind *kind;
	char texts[ASK_ARGUMENTS][ASK_TEXT_MAX];
	size_t count;
};

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
    struct collecting *c, const struct parameter *parameter, const char *value)
{
	const char *error = NULL;
	long long number;
	char *to;
	int len;

	if (c->count == ASK_ARGUMENTS)
		return refuse(c->query, parameter->name, "given too often");
	to = c->texts[c->count];
	switch (parameter->form) {
	case FORM_SECONDS:
		number = strtonum(value, -100000, INT64_MAX / 1000000, &error);
		if (error != NULL)
			return refuse(c->query, parameter->name,
			    "is no number of seconds");
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
		return refuse(c->query, parameter->name, "is too long");
	c->count++;
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
	struct collecting *c = arg;

	(void)from;
	if (value == NULL || *value == '\0')
		return MHD_YES;
	if (strcmp(name, "limit") == 0)
		return set_limit(c->query, value);
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (c->kind->parameters[i].name != NULL &&
		    strcmp(name, c->kind->parameters[i].name) == 0)
			return add_argument(c, &c->kind->parameters[i], value);
	return refuse(c->query, "parameter", "there is none of that name");
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

/* on_end - note how the request ended */
static void
on_end(void *arg, const struct ask_end *end)
{
	struct query *query = arg;

	query->status = status_of(end);
	if (query->status != MHD_HTTP_OK)
		(void)strlcpy(query->error, end->text, sizeof(query->error));
	query->answered(query->arg);
}

/* start - start the request whose arguments were collected */
static int
start(const struct collecting *c, struct asker *asker)
{
	struct ask_request request = {.server = c->kind->server,
	    .purpose = ASK_FOR_VISITOR,
	    .command = c->kind->command,
	    .argument_count = c->count,
	    .timeout_ms = ANSWER_MS,
	    .on_row = on_row,
	    .on_end = on_end,
	    .arg = c->query};

	for (size_t i = 0; i < c->count; i++)
		request.arguments[i] = c->texts[i];
	return ask_start(asker, &request);
}

/* query_start - ask the suite what a connection wants to know */
bool
query_start(struct query *query, const struct query_kind *kind,
    struct asker *asker, struct MHD_Connection *connection)
{
	struct collecting collecting = {.query = query, .kind = kind};

	buffer_init(&query->out, OUT_MAX);
	query->limit = QUERY_ROWS_DEFAULT;
	(void)MHD_get_connection_values(
	    connection, MHD_GET_ARGUMENT_KIND, on_parameter, &collecting);
	if (query->status != 0)
		return false;
	if (buffer_append(&query->out, "{\"rows\":[", 9) == 0 &&
	    start(&collecting, asker) == 0)
		return true;
	query->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	(void)strlcpy(
	    query->error, "too many ask at the moment", sizeof(query->error));
	return false;
}

/* query_reply - give the answer */
enum MHD_Result
query_reply(struct query *query, struct MHD_Connection *connection)
{
	const char *end =
	    query->more ? "],\"more\":true}\n" : "],\"more\":false}\n";

	if (query->status != MHD_HTTP_OK)
		return reply_error(connection, query->status, query->error);
	if (buffer_append(&query->out, end, strlen(end)) != 0)
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
