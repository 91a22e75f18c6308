/* SPDX-License-Identifier: ISC */
/*
 * status.c - what is wrong, and how the suite is: `x4ctl status`
 */
#include "tools/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/problem.h"

#define WORD_MAX 96

static const struct output_column worker_columns[] = {
    {"name", "WORKER", OUTPUT_PLAIN},
    {"pid", "PID", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"since", "SINCE", OUTPUT_PLAIN},
    {"restarts", "RESTARTS", OUTPUT_PLAIN},
    {"last_exit", "LAST EXIT", OUTPUT_PLAIN},
};

static const struct output_column link_columns[] = {
    {"name", "LINK", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"queued", "QUEUED", OUTPUT_PLAIN},
    {"oldest", "OLDEST", OUTPUT_PLAIN},
    {"active", "ACTIVE", OUTPUT_PLAIN},
    {"associations", "ASSOC", OUTPUT_PLAIN},
    {"messages_out_minute", "OUT/S", OUTPUT_RATE},
    {"messages_in_minute", "IN/S", OUTPUT_RATE},
    {"messages_out", "OUT", OUTPUT_PLAIN},
    {"messages_in", "IN", OUTPUT_PLAIN},
    {"open_failures", "FAILURES", OUTPUT_PLAIN},
    {"next_open", "NEXT OPEN", OUTPUT_PLAIN},
    {"last_error_time", "FAILED", OUTPUT_PLAIN},
    {"last_error", "LAST ERROR", OUTPUT_BELOW},
};

static const struct output_column route_columns[] = {
    {"space", "ROUTE", OUTPUT_PLAIN},
    {"link", "LINK", OUTPUT_PLAIN},
    {"cost", "COST", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"path", "PATH", OUTPUT_PLAIN},
    {"expires", "EXPIRES", OUTPUT_PLAIN},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A problem, kept until all are known. */
struct kept_problem {
	int64_t weight, since;
	char id[WORD_MAX], name[PROBLEM_COMMAND_MAX], text[PROBLEM_TEXT_MAX],
	    command[PROBLEM_COMMAND_MAX];
};

struct status {
	const struct options *options;
	const struct conf *conf;
	struct output output;
	struct kept_problem *problems; /* owned */
	size_t count;
	bool silent; /* qmgr does not answer */
	bool blank;  /* a line is to be left before the next table */
};

/* add_problem - make room for one more problem */
static struct kept_problem *
add_problem(struct status *status)
{
	struct kept_problem *problems = reallocarray(
	    status->problems, status->count + 1, sizeof(*problems));

	if (problems == NULL)
		options_fail(
		    status->options, EXIT_STATUS_REFUSED, "out of memory");
	status->problems = problems;
	problems[status->count] = (struct kept_problem){0};
	return &problems[status->count++];
}

/* copy_field - copy a field of a problem to where its name says */
static void
copy_field(struct kept_problem *problem, const struct ipc_field *field)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
	} texts[] = {{"id", problem->id, sizeof(problem->id)},
	    {"name", problem->name, sizeof(problem->name)},
	    {"text", problem->text, sizeof(problem->text)},
	    {"command", problem->command, sizeof(problem->command)}};

	if (slice_equal_string(field->name, "weight"))
		problem->weight = field->number;
	if (slice_equal_string(field->name, "since"))
		problem->since = field->number;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (field->type == IPC_FIELD_TEXT &&
		    slice_equal_string(field->name, texts[i].name))
			(void)snprintf(texts[i].to, texts[i].size, "%.*s",
			    (int)field->octets.len,
			    (const char *)field->octets.data);
}

/* take_problem - keep a problem of an answer */
static int
take_problem(void *arg, const struct ipc_row *row)
{
	struct kept_problem *problem = add_problem(arg);

	for (size_t i = 0; i < row->field_count; i++)
		copy_field(problem, &row->fields[i]);
	return 0;
}

/* fail_unless_done - end the tool if a request failed, or was refused */
static void
fail_unless_done(const struct status *status, int error,
    const struct client_done *done, const struct diag *diag)
{
	if (error != 0)
		options_fail(status->options, client_exit_status(error), "%s",
		    diag_text(diag));
	if (done->status != EXIT_STATUS_DONE)
		options_fail(status->options, (enum exit_status)done->status,
		    "%s", done->text);
}

/* ask - ask a server, which is connected and closed again, for rows */
static void
ask(struct status *status, struct client *client, const char *command,
    client_row_fn *on_row)
{
	struct client_done done = {0};
	struct diag diag = {0};
	int error = client_request(client,
	    &(struct client_request){
		.command = command, .on_row = on_row, .arg = status},
	    &done, &diag);

	/* Closed after each answer, so that no connection is kept while the
	 * next server is asked. */
	client_close(client);
	fail_unless_done(status, error, &done, &diag);
}

/* has_problem - tell whether a problem is among those that were told */
static bool
has_problem(const struct status *status, const char *id)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->problems[i].id, id) == 0)
			return true;
	return false;
}

/* ask_problems - collect the problems of master and of qmgr */
static void
ask_problems(struct status *status)
{
	struct client client;
	struct diag diag = {0};
	struct kept_problem *problem;
	int error;

	client_open_or_fail(
	    &client, status->options, status->conf, CLIENT_MASTER);
	ask(status, &client, "problems", take_problem);
	/* Nobody would answer before the disk does. */
	if (has_problem(status, "flush")) {
		status->silent = true;
		return;
	}
	/* A queue manager that cannot be asked is itself the problem. */
	error = client_open(&client, status->conf, CLIENT_QMGR,
	    status->options->tool->name, &diag);
	if (error == 0) {
		ask(status, &client, "problems", take_problem);
		return;
	}
	status->silent = true;
	problem = add_problem(status);
	problem->weight = PROBLEM_WEIGHT_SILENT;
	(void)strlcpy(problem->id, "qmgr", sizeof(problem->id));
	(void)snprintf(problem->text, sizeof(problem->text),
	    "the queue manager cannot be asked: %s", diag_text(&diag));
	(void)strlcpy(
	    problem->command, "x4ctl restart qmgr", sizeof(problem->command));
}

/* compare_problems - compare by weight, then by age, for sorting */
static int
compare_problems(const void *a, const void *b)
{
	const struct kept_problem *x = a, *y = b;

	/* The heaviest first, and of equal ones the oldest. */
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->since == y->since ? 0 : x->since < y->since ? -1 : 1;
}

/* print_problem - print a problem as a line, or a JSON object */
static void
print_problem(struct status *status, const struct kept_problem *problem)
{
	const struct problem shown = {problem->id, problem->name,
	    (enum problem_weight)problem->weight, problem->since, problem->text,
	    problem->command};
	struct ipc_field fields[PROBLEM_FIELDS];
	const struct ipc_row row = {fields, COUNT(fields)};
	char since[64] = "";

	problem_fields(&shown, fields);
	if (status->options->format == OUTPUT_JSON) {
		output_row(&status->output, &row);
		return;
	}
	/* A problem of this moment may be a little ahead of our clock. */
	if (problem->since != 0)
		output_relative(problem->since < status->output.now
			? problem->since
			: status->output.now,
		    status->output.now, since, sizeof(since));
	output_printf(&status->output, "%s%s%s%s -> %s\n", problem->text,
	    since[0] == '\0' ? "" : " (", since, since[0] == '\0' ? "" : ")",
	    problem->command);
}

/* print_problems - print all problems, the heaviest first */
static void
print_problems(struct status *status)
{
	output_table(&status->output, NULL, 0);
	if (status->count > 1)
		qsort(status->problems, status->count,
		    sizeof(*status->problems), compare_problems);
	for (size_t i = 0; i < status->count; i++)
		print_problem(status, &status->problems[i]);
	if (status->count == 0)
		output_printf(&status->output, "no problems\n");
	status->blank = true;
}

/* print_row - print a row of a table, with a blank line before the first */
static int
print_row(void *arg, const struct ipc_row *row)
{
	struct status *status = arg;

	if (status->blank && status->options->format == OUTPUT_TEXT)
		(void)putchar('\n');
	status->blank = false;
	output_row(&status->output, row);
	return 0;
}

/* print_table - ask for rows, and print them as a table if there are any */
static void
print_table(struct status *status, enum client_server server,
    const char *command, const struct output_column *columns, size_t count)
{
	struct client client;

	if (output_finish(&status->output) != 0)
		exit(EXIT_STATUS_REFUSED);
	output_init(&status->output, status->options->format, stdout);
	output_table(&status->output, columns, count);
	client_open_or_fail(&client, status->options, status->conf, server);
	ask(status, &client, command, print_row);
	status->blank = true;
}

/* status_show - show what is wrong, and how the suite is */
enum exit_status
status_show(const struct options *options, const struct conf *conf,
    enum status_extent extent)
{
	struct status status = {.options = options, .conf = conf};

	output_init(&status.output, options->format, stdout);
	ask_problems(&status);
	print_problems(&status);
	/* Without the queue manager its worker shows why. */
	if (extent == STATUS_WORKERS || options->format == OUTPUT_JSON ||
	    status.silent)
		print_table(&status, CLIENT_MASTER, "status", worker_columns,
		    COUNT(worker_columns));
	if (extent == STATUS_LINKS && !status.silent) {
		print_table(&status, CLIENT_QMGR, "links", link_columns,
		    COUNT(link_columns));
		print_table(&status, CLIENT_QMGR, "routes", route_columns,
		    COUNT(route_columns));
	}
	free(status.problems);
	if (output_finish(&status.output) != 0)
		return EXIT_STATUS_REFUSED;
	/* Scripts learn from the exit status alone that there are problems. */
	return status.count > 0 ? EXIT_STATUS_PROBLEMS : EXIT_STATUS_DONE;
}
