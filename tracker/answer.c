/* SPDX-License-Identifier: ISC */
/*
 * answer.c - the tools' requests to the tracker, and its answers
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "ipc/exit_status.h"
#include "tracker/answer.h"
#include "tracker/passed.h"
#include "tracker/row.h"
#include "tracker/search.h"
#include "tracker/stats.h"

/* Rows lie unsent up to this; the rest is asked for again. */
#define UNSENT_MAX (IPC_UNANSWERED_MAX - 2 * IPC_RECORD_MAX)

#define QUERY_MS  10000 /* of one step, with what cannot be interrupted */
#define ARENA_MAX ((size_t)8 * 1024 * 1024)
#define MOST	  64 /* recipients and events of an item in a row */

/* An answer that is being given. */
struct answer {
	struct database *db;
	struct ipc_channel *channel;
	struct arena arena;
	struct search search;
	struct stats stats;
	int64_t after;
	char problem[160]; /* with the arguments; empty: none */
};

/* send_done - end an answer */
static int
send_done(
    struct ipc_channel *channel, int status, const char *text, uint64_t cursor)
{
	struct ipc_record record = {.type = IPC_DONE};

	record.done.status = status;
	record.done.text = slice_of_string(text);
	record.done.cursor = cursor;
	return ipc_channel_send(channel, &record);
}

/* send_row - send a row.  ERR_AGAIN: no more until the tool has read */
static int
send_row(struct answer *answer, struct row *row)
{
	struct ipc_record record = {.type = IPC_ROW, .row = row_copy(row)};

	if (ipc_channel_pending(answer->channel) > UNSENT_MAX)
		return ERR_AGAIN;
	return row->error != 0 ? row->error
			       : ipc_channel_send(answer->channel, &record);
}

/* on_found - send the row of an item, with less in it if it is too long */
static int
on_found(void *arg, int64_t item)
{
	struct answer *answer = arg;
	const struct address_pattern *to =
	    answer->search.has_to ? &answer->search.to : NULL;
	struct row row;
	int rc = ERR_LIMIT;

	for (size_t most = MOST; rc == ERR_LIMIT; most /= 2) {
		arena_reset(&answer->arena);
		row_init(&row, &answer->arena);
		rc = row_item(answer->db, item, to, most, &row);
		if (rc == 0)
			rc = send_row(answer, &row);
		if (most == 0)
			break;
	}
	/* Forgotten meanwhile. */
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* on_stats - send a row of figures */
static int
on_stats(void *arg, struct row *row)
{
	return send_row(arg, row);
}

/* is_named - get the value of "name=value", if the argument is that */
static bool
is_named(struct slice argument, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	if (argument.len <= len || memcmp(argument.data, name, len) != 0 ||
	    argument.data[len] != '=')
		return false;
	*value = slice_of(argument.data + len + 1, argument.len - len - 1);
	return true;
}

/* get_number - parse a number */
static bool
get_number(struct slice text, int64_t *number)
{
	char copy[24], *end;

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*number = strtoll(copy, &end, 10);
	return *end == '\0';
}

/* get_pattern - parse an address that is searched for */
static bool
get_pattern(struct slice text, struct address_pattern *pattern, bool *has)
{
	*has = true;
	return text.len > 0 && address_pattern_parse(text, pattern) == 0;
}

/* get_by - parse what figures are wanted by */
static bool
get_by(struct slice text, enum stats_by *by)
{
	static const char *const names[] = {[STATS_BY_DAY] = "day",
	    [STATS_BY_LINK] = "link",
	    [STATS_BY_SENDER] = "sender",
	    [STATS_BY_RECIPIENT] = "recipient"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_string(text, names[i])) {
			*by = (enum stats_by)i;
			return true;
		}
	return false;
}

/* get_argument - parse one argument: whether it is any good */
static bool
get_argument(struct answer *answer, struct slice argument)
{
	struct search *search = &answer->search;
	struct stats *stats = &answer->stats;
	struct slice value;

	if (is_named(argument, "id", &value))
		search->id = value;
	else if (is_named(argument, "content-id", &value))
		search->content_id = value;
	else if (is_named(argument, "link", &value))
		search->link = value;
	else if (is_named(argument, "from", &value))
		return get_pattern(value, &search->from, &search->has_from);
	else if (is_named(argument, "to", &value))
		return get_pattern(value, &search->to, &search->has_to);
	else if (is_named(argument, "since", &value))
		return get_number(value, &search->since) &&
		    get_number(value, &stats->since);
	else if (is_named(argument, "until", &value))
		return get_number(value, &search->until) &&
		    get_number(value, &stats->until);
	else if (is_named(argument, "cursor", &value))
		return get_number(value, &search->below);
	else if (is_named(argument, "after", &value))
		return get_number(value, &answer->after);
	else if (is_named(argument, "zone", &value))
		return get_number(value, &stats->zone);
	else if (is_named(argument, "by", &value))
		return get_by(value, &stats->by);
	else if (is_named(argument, "state", &value)) {
		search->has_state = true;
		return party_state_find(value, &search->state);
	} else
		return false;
	return value.len > 0;
}

/* get_arguments - parse the arguments of a request */
static bool
get_arguments(struct answer *answer, const struct ipc_request *request)
{
	for (size_t i = 0; i < request->argument_count; i++) {
		char text[96];

		if (get_argument(answer, request->arguments[i]))
			continue;
		escape_text(text, sizeof(text), request->arguments[i]);
		(void)snprintf(answer->problem, sizeof(answer->problem),
		    "%s: cannot be searched for", text);
		return false;
	}
	return true;
}

/* answer_find - give the items that are searched for */
static int
answer_find(struct answer *answer, int64_t *next)
{
	return search_step(answer->db, &answer->search, on_found, answer, next);
}

/* answer_events - give what happened after an event */
static int
answer_events(struct answer *answer, int64_t *next)
{
	sqlite3_stmt *s =
	    database_statement(answer->db, STATEMENT_EVENTS_AFTER);
	struct row row;
	int rc, sent = 0;

	(void)next;
	if (s == NULL)
		return database_error(answer->db);
	(void)sqlite3_bind_int64(s, 1, answer->after);
	while (sent == 0 && (rc = database_step(answer->db, s)) == 1) {
		arena_reset(&answer->arena);
		row_init(&row, &answer->arena);
		row_number(&row, "number", sqlite3_column_int64(s, 0));
		row_text(&row, "mts_id", database_text(s, 15));
		row_text(&row, "originator", database_text(s, 17));
		row_event(&row, s);
		sent = send_row(answer, &row);
	}
	(void)sqlite3_reset(s);
	/* The next request begins after the last row, so that rows without room
	 * come then. */
	return sent == ERR_AGAIN ? 0 : sent != 0 ? sent : rc;
}

/* answer_end - give the number of the last event */
static int
answer_end(struct answer *answer, int64_t *next)
{
	sqlite3_stmt *s = database_statement(answer->db, STATEMENT_EVENTS_END);
	int rc = database_step(answer->db, s);
	struct row row;

	(void)next;
	if (rc != 1)
		return rc;
	row_init(&row, &answer->arena);
	row_number(&row, "number", sqlite3_column_int64(s, 0));
	(void)sqlite3_reset(s);
	return send_row(answer, &row);
}

/* answer_delays - give how long messages took */
static int
answer_delays(struct answer *answer, int64_t *next)
{
	struct row row;
	int rc = 0;

	(void)next;
	for (size_t i = 0; rc == 0; i++) {
		arena_reset(&answer->arena);
		row_init(&row, &answer->arena);
		rc = delays_row(answer->db->delays, i, &row);
		if (rc == 0)
			rc = send_row(answer, &row);
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* answer_stats - give figures */
static int
answer_stats(struct answer *answer, int64_t *next)
{
	int rc = stats_run(
	    answer->db, &answer->stats, &answer->arena, on_stats, answer);

	(void)next;
	return rc == ERR_AGAIN ? 0 : rc;
}

/* answer_passed - give what passed in each minute */
static int
answer_passed(struct answer *answer, int64_t *next)
{
	int rc = passed_run(answer->db, answer->stats.since,
	    answer->stats.until, &answer->arena, on_stats, answer);

	(void)next;
	return rc == ERR_AGAIN ? 0 : rc;
}

static const struct {
	const char *name;
	int (*give)(struct answer *answer, int64_t *next);
} commands[] = {
    {"find", answer_find},
    {"events", answer_events},
    {"end", answer_end},
    {"stats", answer_stats},
    {"delays", answer_delays},
    {"passed", answer_passed},
};

/* describe_failure - put an error into words for the tool */
static const char *
describe_failure(int error)
{
	if (error == ERR_TIMEOUT)
		return "the search takes too long: say --since, or more of "
		       "the address";
	if (error == ERR_CORRUPT)
		return "the tracking database is damaged and is made again: "
		       "see the log";
	return error_strerror(error);
}

/* give_answer - give the rows of a request, then its end */
static int
give_answer(struct intake *intake, struct answer *answer, size_t command)
{
	int64_t next = 0;
	int rc;

	answer->db->deadline = clock_after(QUERY_MS);
	rc = commands[command].give(answer, &next);
	answer->db->deadline = CLOCK_NEVER;
	if (rc < 0) {
		const char *words = describe_failure(rc);

		intake_failed(intake, rc);
		return send_done(
		    answer->channel, EXIT_STATUS_REFUSED, words, 0);
	}
	return send_done(answer->channel, EXIT_STATUS_DONE, "", (uint64_t)next);
}

/* answer_request - answer a request on a channel */
int
answer_request(struct intake *intake, struct ipc_channel *channel,
    const struct ipc_request *request)
{
	static struct answer answer;
	struct diag diag = {0};
	size_t i;
	int rc;

	answer = (struct answer){.channel = channel};
	answer.db = intake_database(intake, &diag);
	if (answer.db == NULL)
		return send_done(
		    channel, EXIT_STATUS_REFUSED, diag_text(&diag), 0);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (slice_equal_string(request->command, commands[i].name))
			break;
	if (i == sizeof(commands) / sizeof(commands[0]))
		return send_done(
		    channel, EXIT_STATUS_REFUSED, "no such request", 0);
	if (!get_arguments(&answer, request))
		return send_done(
		    channel, EXIT_STATUS_REFUSED, answer.problem, 0);
	arena_init(&answer.arena, ARENA_MAX);
	rc = give_answer(intake, &answer, i);
	arena_fini(&answer.arena);
	return rc;
}
