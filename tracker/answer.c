/* SPDX-License-Identifier: ISC */
/*
 * answer.c - the tools' requests to the tracker, and its answers
 */
#include "base/clock.h"
#include "ipc/exit_status.h"
#include "tracker/answer.h"
#include "tracker/asked.h"
#include "tracker/item.h"
#include "tracker/outgoing.h"
#include "tracker/passed.h"
#include "tracker/reply.h"

#define QUERY_MS  10000 /* of one step, with what cannot be interrupted */
#define ARENA_MAX ((size_t)8 * 1024 * 1024)

/* An answer that is being given. */
struct answer {
	struct database *db;
	struct ipc_channel *channel;
	struct arena arena;
	struct asked asked;
	bool onward; /* pages go to the database of many machines */
};

/* on_found - send the row of an item, with less in it if it is too long */
static int
on_found(void *arg, int64_t item)
{
	struct answer *answer = arg;
	const struct address_pattern *to =
	    answer->asked.search.has_to ? &answer->asked.search.to : NULL;
	struct row row;
	int rc = ERR_LIMIT;

	for (size_t most = REPLY_MOST; rc == ERR_LIMIT; most /= 2) {
		arena_reset(&answer->arena);
		row_init(&row, &answer->arena);
		rc = item_get(answer->db, item, to, most, &row);
		row_some(&row, "machine", answer->asked.machine);
		if (rc == 0)
			rc = reply_row(answer->channel, &row);
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
	struct answer *answer = arg;

	return reply_row(answer->channel, row);
}

/* answer_find - give the items that are searched for */
static int
answer_find(struct answer *answer, int64_t *next)
{
	return search_step(
	    answer->db, &answer->asked.search, on_found, answer, next);
}

/* answer_events - give what happened after an event */
static int
answer_events(struct answer *answer, int64_t *next)
{
	sqlite3_stmt *s =
	    database_statement(answer->db, STATEMENT_EVENTS_AFTER);
	struct cells cells = database_cells(s);
	struct row row;
	int rc, sent = 0;

	(void)next;
	if (s == NULL)
		return database_error(answer->db);
	(void)sqlite3_bind_int64(s, 1, answer->asked.after);
	while (sent == 0 && (rc = database_step(answer->db, s)) == 1) {
		arena_reset(&answer->arena);
		row_init(&row, &answer->arena);
		row_number(&row, "number", sqlite3_column_int64(s, 0));
		row_text(&row, "mts_id", database_text(s, 15));
		row_text(&row, "originator", database_text(s, 17));
		row_event(&row, &cells);
		sent = reply_row(answer->channel, &row);
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
	return reply_row(answer->channel, &row);
}

/* give_waiting - give how many pages wait for the database of many machines */
static int
give_waiting(struct answer *answer)
{
	int64_t count = 0;
	struct row row;
	int rc = outgoing_count(answer->db, &count);

	if (rc != 0)
		return rc;
	arena_reset(&answer->arena);
	row_init(&row, &answer->arena);
	row_number(&row, "waiting", count);
	return reply_row(answer->channel, &row);
}

/* answer_delays - give how long messages took, and what waits */
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
			rc = reply_row(answer->channel, &row);
	}
	if (rc == ERR_NOTFOUND)
		rc = answer->onward ? give_waiting(answer) : 0;
	return rc;
}

/* answer_stats - give figures */
static int
answer_stats(struct answer *answer, int64_t *next)
{
	int rc = stats_run(
	    answer->db, &answer->asked.stats, &answer->arena, on_stats, answer);

	(void)next;
	return rc == ERR_AGAIN ? 0 : rc;
}

/* answer_passed - give what passed in each minute */
static int
answer_passed(struct answer *answer, int64_t *next)
{
	int rc = passed_run(answer->db, answer->asked.stats.since,
	    answer->asked.stats.until, &answer->arena, on_stats, answer);

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
		return REPLY_TOO_LONG;
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
		return reply_done(
		    answer->channel, EXIT_STATUS_REFUSED, words, 0);
	}
	return reply_done(
	    answer->channel, EXIT_STATUS_DONE, "", (uint64_t)next);
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

	answer = (struct answer){.channel = channel, .onward = intake->onward};
	answer.db = intake_database(intake, &diag);
	if (answer.db == NULL)
		return reply_done(
		    channel, EXIT_STATUS_REFUSED, diag_text(&diag), 0);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (slice_equal_string(request->command, commands[i].name))
			break;
	if (i == sizeof(commands) / sizeof(commands[0]))
		return reply_done(
		    channel, EXIT_STATUS_REFUSED, "no such request", 0);
	if (!asked_parse(&answer.asked, request))
		return reply_done(
		    channel, EXIT_STATUS_REFUSED, answer.asked.problem, 0);
	arena_init(&answer.arena, ARENA_MAX);
	rc = give_answer(intake, &answer, i);
	arena_fini(&answer.arena);
	return rc;
}
