/* SPDX-License-Identifier: ISC */
/*
 * snapshot.c - what is known of the suite, asked for at most once a second
 */
#include "console/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/version.h"
#include "ipc/row_json.h"

#define FRESH_MS   1000
#define MINUTE_MS  60000
#define ANSWER_MS  3000 /* for a server; then it is told that it is silent */
#define TRACKER_MS 1000 /* likewise; it may be at a search */
#define ROWS_MAX   ((size_t)32 * 1024 * 1024)

/* The parts, and who is asked for each. */
static const struct {
	const char *name; /* in the JSON; NULL: problems, see there */
	enum ask_server server;
	const char *command;
} parts[SNAPSHOT_PARTS] = {
    [SNAPSHOT_MASTER_PROBLEMS] = {NULL, ASK_MASTER, "problems"},
    [SNAPSHOT_QMGR_PROBLEMS] = {NULL, ASK_QMGR, "problems"},
    [SNAPSHOT_WORKERS] = {"workers", ASK_MASTER, "status"},
    [SNAPSHOT_LINKS] = {"links", ASK_QMGR, "links"},
    [SNAPSHOT_SUMMARY] = {"summary", ASK_QMGR, "summary"},
    [SNAPSHOT_DELAYS] = {"delays", ASK_TRACKER, "delays"},
};

/* snapshot_init - begin with nothing known */
void
snapshot_init(struct snapshot *snapshot, struct asker *asker, const char *mta)
{
	*snapshot = (struct snapshot){.asker = asker, .mta = mta};
	TAILQ_INIT(&snapshot->waiters);
	past_init(&snapshot->past, asker, &snapshot->history);
	for (int i = 0; i < 2; i++)
		for (int part = 0; part < SNAPSHOT_PARTS; part++)
			buffer_init(&snapshot->looks[i].rows[part], ROWS_MAX);
	for (int part = 0; part < SNAPSHOT_PARTS; part++)
		snapshot->questions[part] = (struct snapshot_question){
		    snapshot, (enum snapshot_part)part};
}

/* snapshot_fini - give back the memory */
void
snapshot_fini(struct snapshot *snapshot)
{
	past_fini(&snapshot->past);
	for (int part = 0; part < SNAPSHOT_PARTS; part++)
		ask_drop(snapshot->asker, &snapshot->questions[part]);
	for (int i = 0; i < 2; i++) {
		for (int part = 0; part < SNAPSHOT_PARTS; part++)
			buffer_fini(&snapshot->looks[i].rows[part]);
		samples_fini(&snapshot->looks[i].links);
		free(snapshot->looks[i].problems);
	}
}

/* snapshot_get - get what is known, however old */
const struct snapshot_look *
snapshot_get(const struct snapshot *snapshot)
{
	return &snapshot->looks[snapshot->current];
}

/* snapshot_fresh - get what is known, if it is not older than a second */
const struct snapshot_look *
snapshot_fresh(const struct snapshot *snapshot)
{
	return snapshot->made != 0 &&
		clock_monotonic() - snapshot->made < FRESH_MS
	    ? snapshot_get(snapshot)
	    : NULL;
}

/* making - get the look that is being made */
static struct snapshot_look *
making(struct snapshot *snapshot)
{
	return &snapshot->looks[1 - snapshot->current];
}

/* number_of - get a number or a time of a row, 0 if it has none */
static int64_t
number_of(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return row->fields[i].number;
	return 0;
}

/* append_row - append the JSON of a row to a part */
static int
append_row(struct buffer *rows, const struct ipc_row *row)
{
	int rc = buffer_length(rows) > 0 ? buffer_append(rows, ",", 1) : 0;

	return rc != 0 ? rc : row_json_append(row, rows);
}

/* add_problem - keep where a problem stands, to be sorted */
static int
add_problem(
    struct snapshot_look *look, const struct ipc_row *row, struct buffer *rows)
{
	struct snapshot_problem *more = reallocarray(
	    look->problems, look->problem_count + 1, sizeof(*more));
	size_t start = buffer_length(rows);
	int rc;

	if (more == NULL)
		return ERR_NOMEM;
	look->problems = more;
	rc = row_json_append(row, rows);
	if (rc != 0)
		return rc;
	more[look->problem_count++] = (struct snapshot_problem){
	    .weight = (enum problem_weight)number_of(row, "weight"),
	    .since = number_of(row, "since"),
	    .start = start,
	    .end = buffer_length(rows)};
	return 0;
}

/* add_delay - keep a class of delays, or how many pages wait */
static void
add_delay(struct snapshot_look *look, const struct ipc_row *row)
{
	struct snapshot_delay *delay = &look->delays[look->delay_count];

	if (row->field_count == 1 &&
	    slice_equal_string(row->fields[0].name, "waiting")) {
		look->onward = true;
		look->waiting = number_of(row, "waiting");
		return;
	}
	if (look->delay_count == SNAPSHOT_DELAYS_MAX || row->field_count == 0 ||
	    row->fields[0].type != IPC_FIELD_TEXT)
		return;
	escape_text(delay->stage, sizeof(delay->stage), row->fields[0].octets);
	delay->below = number_of(row, "below");
	delay->count = number_of(row, "count");
	delay->total = number_of(row, "total");
	look->delay_count++;
}

/* on_row - take a row of a part */
static int
on_row(void *arg, const struct ipc_row *row)
{
	const struct snapshot_question *question = arg;
	struct snapshot_look *look = making(question->snapshot);
	struct buffer *rows = &look->rows[question->part];
	int rc = 0;

	switch (question->part) {
	case SNAPSHOT_MASTER_PROBLEMS:
	case SNAPSHOT_QMGR_PROBLEMS:
		/* Problems of both servers lie in one buffer. */
		return add_problem(
		    look, row, &look->rows[SNAPSHOT_MASTER_PROBLEMS]);
	case SNAPSHOT_WORKERS:
		look->workers++;
		look->restarts += number_of(row, "restarts");
		break;
	case SNAPSHOT_LINKS:
		rc = samples_take(&look->links, row, "name");
		break;
	case SNAPSHOT_SUMMARY:
		rc = samples_take(&look->links, row, "link");
		break;
	case SNAPSHOT_DELAYS:
		add_delay(look, row);
		break;
	case SNAPSHOT_PARTS:
		break;
	}
	return rc != 0 ? rc : append_row(rows, row);
}

/* add_silence - add as a problem that a server cannot be asked */
static void
add_silence(struct snapshot_look *look, enum ask_server server)
{
	char text[ASK_TEXT_MAX + 64], command[64];
	const char *name = ask_server_name(server);
	struct ipc_field fields[PROBLEM_FIELDS];
	const struct ipc_row row = {fields, PROBLEM_FIELDS};

	(void)snprintf(text, sizeof(text), "%s cannot be asked: %s", name,
	    look->failed[server]);
	(void)snprintf(command, sizeof(command), "x4ctl %s%s",
	    server == ASK_MASTER ? "status" : "restart ",
	    server == ASK_MASTER ? "" : name);
	problem_fields(&(struct problem){name, "", PROBLEM_WEIGHT_SILENT, 0,
			   text, command},
	    fields);
	/* Without memory the page says that the server is silent all the
	 * same. */
	(void)!add_problem(look, &row, &look->rows[SNAPSHOT_MASTER_PROBLEMS]);
}

/* compare_problems - compare by weight, then by age, for sorting */
static int
compare_problems(const void *a, const void *b)
{
	const struct snapshot_problem *x = a, *y = b;

	if (problem_heavier(x->weight, x->since, y->weight, y->since))
		return -1;
	return problem_heavier(y->weight, y->since, x->weight, x->since);
}

/* note_history - have the history know the counters of a look */
static void
note_history(struct snapshot *snapshot, const struct snapshot_look *look)
{
	const int64_t totals[HISTORY_COUNTERS] = {
	    [HISTORY_IN] = samples_sum(&look->links, SAMPLE_MESSAGES_IN),
	    [HISTORY_OUT] = samples_sum(&look->links, SAMPLE_MESSAGES_OUT),
	    [HISTORY_OCTETS_IN] = samples_sum(&look->links, SAMPLE_OCTETS_IN),
	    [HISTORY_OCTETS_OUT] =
		samples_sum(&look->links, SAMPLE_OCTETS_OUT)};

	if (look->failed[ASK_QMGR][0] != '\0')
		return;
	if (snapshot->history.started == 0)
		past_begin(&snapshot->past, look->time);
	history_add(&snapshot->history, look->time, totals);
}

/* keep_delays - take the delays of the look before, if the tracker had no time:
 * counters that come and go look like losses */
static void
keep_delays(const struct snapshot *snapshot, struct snapshot_look *look)
{
	const struct snapshot_look *before = snapshot_get(snapshot);

	if (look->failed[ASK_TRACKER][0] == '\0')
		return;
	memcpy(look->delays, before->delays, sizeof(look->delays));
	look->delay_count = before->delay_count;
	look->onward = before->onward;
	look->waiting = before->waiting;
}

/* complete - put a look into force, and call who waits for it */
static void
complete(struct snapshot *snapshot)
{
	struct snapshot_look *look = making(snapshot);
	struct snapshot_waiter *waiter;

	look->time = clock_wall();
	for (int server = 0; server <= ASK_MASTER; server++)
		if (look->failed[server][0] != '\0')
			add_silence(look, (enum ask_server)server);
	if (look->problem_count > 1)
		qsort(look->problems, look->problem_count,
		    sizeof(*look->problems), compare_problems);
	note_history(snapshot, look);
	keep_delays(snapshot, look);
	snapshot->current = 1 - snapshot->current;
	snapshot->made = clock_monotonic();
	while ((waiter = TAILQ_FIRST(&snapshot->waiters)) != NULL) {
		snapshot_leave(snapshot, waiter);
		waiter->ready(waiter->arg);
	}
}

/* on_end - note how a part ended */
static void
on_end(void *arg, const struct ask_end *end)
{
	const struct snapshot_question *question = arg;
	struct snapshot *snapshot = question->snapshot;
	enum ask_server server = parts[question->part].server;
	struct snapshot_look *look = making(snapshot);

	if (end->error != 0 || end->status != 0)
		(void)snprintf(look->failed[server],
		    sizeof(look->failed[server]), "%s",
		    end->text != NULL && *end->text != '\0' ? end->text
							    : "it refused");
	snapshot->missing--;
	if (snapshot->missing == 0)
		complete(snapshot);
}

/* begin_look - ask for all parts of a new look */
static void
begin_look(struct snapshot *snapshot)
{
	struct snapshot_look *look = making(snapshot);

	for (int part = 0; part < SNAPSHOT_PARTS; part++)
		buffer_reset(&look->rows[part]);
	look->problem_count = 0;
	look->workers = look->restarts = 0;
	look->delay_count = 0;
	look->onward = false;
	memset(look->failed, 0, sizeof(look->failed));
	samples_reset(&look->links);
	snapshot->missing = SNAPSHOT_PARTS;
	for (int part = 0; part < SNAPSHOT_PARTS; part++) {
		const struct ask_request request = {
		    .server = parts[part].server,
		    .purpose = ASK_FOR_ALL,
		    .command = parts[part].command,
		    .timeout_ms = parts[part].server == ASK_TRACKER ? TRACKER_MS
								    : ANSWER_MS,
		    .on_row = on_row,
		    .on_end = on_end,
		    .arg = &snapshot->questions[part]};
		const struct ask_end end = {
		    .error = ERR_NOMEM, .text = "no memory"};

		/* No waiter is left waiting for a part that was never asked
		 * for. */
		if (ask_start(snapshot->asker, &request) != 0)
			on_end(&snapshot->questions[part], &end);
	}
}

/* snapshot_wait - call a waiter once when the next look is complete */
void
snapshot_wait(struct snapshot *snapshot, struct snapshot_waiter *waiter)
{
	TAILQ_INSERT_TAIL(&snapshot->waiters, waiter, entry);
	if (snapshot->missing == 0)
		begin_look(snapshot);
}

/* snapshot_leave - wait no more */
void
snapshot_leave(struct snapshot *snapshot, struct snapshot_waiter *waiter)
{
	TAILQ_REMOVE(&snapshot->waiters, waiter, entry);
}

/* look_tick - make a look each minute, for the history */
static uint64_t
look_tick(struct snapshot *snapshot)
{
	uint64_t now = clock_monotonic();

	if (snapshot->missing > 0)
		return CLOCK_NEVER;
	if (snapshot->made != 0 && now < snapshot->made + MINUTE_MS)
		return snapshot->made + MINUTE_MS;
	begin_look(snapshot);
	return CLOCK_NEVER;
}

/* snapshot_tick - make a look each minute, and ask for what passed before */
uint64_t
snapshot_tick(struct snapshot *snapshot)
{
	uint64_t look = look_tick(snapshot);
	uint64_t past = past_tick(&snapshot->past);

	return look < past ? look : past;
}

/* append - append a text */
static int
append(struct buffer *out, const char *text)
{
	return buffer_append(out, text, strlen(text));
}

/* append_head - append when, of whom, and who does not answer */
static int
append_head(const struct snapshot *snapshot, const struct snapshot_look *look,
    struct buffer *out)
{
	char text[64];
	int rc;

	(void)snprintf(text, sizeof(text),
	    "{\"time\":%" PRId64 ",\"mta\":", look->time / 1000);
	rc = append(out, text);
	if (rc == 0)
		rc = row_json_string(slice_of_string(snapshot->mta), out);
	if (rc == 0)
		rc = append(out, ",\"version\":");
	if (rc == 0)
		rc = row_json_string(slice_of_string(version_text()), out);
	return rc;
}

/* append_problems - append the problems, the heaviest first */
static int
append_problems(const struct snapshot_look *look, struct buffer *out)
{
	struct slice rows = buffer_slice(&look->rows[SNAPSHOT_MASTER_PROBLEMS]);
	int rc = append(out, ",\"problems\":[");

	for (size_t i = 0; rc == 0 && i < look->problem_count; i++) {
		const struct snapshot_problem *problem = &look->problems[i];

		rc = i > 0 ? append(out, ",") : 0;
		if (rc == 0)
			rc = buffer_append(out, rows.data + problem->start,
			    problem->end - problem->start);
	}
	return rc == 0 ? append(out, "]") : rc;
}

/* snapshot_json - append a look as one JSON object */
int
snapshot_json(const struct snapshot *snapshot, const struct snapshot_look *look,
    struct buffer *out)
{
	int rc = append_head(snapshot, look, out);

	if (rc == 0)
		rc = append_problems(look, out);
	for (int part = 0; rc == 0 && part < SNAPSHOT_PARTS; part++) {
		struct slice rows = buffer_slice(&look->rows[part]);

		if (parts[part].name == NULL)
			continue;
		rc = append(out, ",\"");
		if (rc == 0)
			rc = append(out, parts[part].name);
		if (rc == 0)
			rc = append(out, "\":[");
		if (rc == 0 && rows.len > 0)
			rc = buffer_append(out, rows.data, rows.len);
		if (rc == 0)
			rc = append(out, "]");
	}
	if (rc == 0)
		rc = append(out, ",\"throughput\":");
	if (rc == 0)
		rc = history_json(&snapshot->history, look->time, out);
	return rc == 0 ? append(out, "}\n") : rc;
}
