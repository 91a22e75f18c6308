/* SPDX-License-Identifier: ISC */
/*
 * x4queue.c - show and change the queue; see x4queue(1)
 *
 * Asks qmgr, a thousand rows at a time.  With the suite down what only shows
 * is read from the queue itself, under its lock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/aside_list.h"
#include "tools/client.h"
#include "tools/offline.h"
#include "tools/options.h"

#define ARGUMENTS_MAX CLIENT_ARGUMENTS_MAX

enum shape {
	SHAPE_TABLE,	/* rows under a heading */
	SHAPE_DETAILS,	/* one thing, a line for each field */
	SHAPE_SENTENCE, /* the field "text" alone */
	SHAPE_OCTETS,	/* the field "octets" as it is */
	SHAPE_NOTHING	/* what was done is in the last words */
};

struct command {
	const char *name;    /* on the command line */
	const char *request; /* to qmgr; NULL: nothing is asked */
	enum shape shape;
	bool ids;     /* takes queue ids */
	bool many;    /* any number, or --all */
	bool filters; /* takes --link, --state, --from, --to */
	const struct output_column *columns;
	size_t column_count;
};

static const struct output_column list_columns[] = {
    {"id", "ID", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"link", "LINK", OUTPUT_PLAIN},
    {"priority", "PRIORITY", OUTPUT_PLAIN},
    {"size", "SIZE", OUTPUT_SIZE},
    {"arrival", "ARRIVAL", OUTPUT_PLAIN},
    {"attempts", "TRIES", OUTPUT_PLAIN},
    {"originator", "FROM", OUTPUT_PLAIN},
};

static const struct output_column show_columns[] = {
    {"id", "id", OUTPUT_PLAIN},
    {"mts_id", "MTS identifier", OUTPUT_PLAIN},
    {"state", "state", OUTPUT_STATE},
    {"link", "link", OUTPUT_PLAIN},
    {"priority", "priority", OUTPUT_PLAIN},
    {"originator", "originator", OUTPUT_PLAIN},
    {"content_type", "content type", OUTPUT_PLAIN},
    {"size", "size", OUTPUT_SIZE},
    {"arrival", "arrival", OUTPUT_ABSOLUTE},
    {"next_try", "next try", OUTPUT_PLAIN},
    {"attempts", "attempts", OUTPUT_PLAIN},
    {"expires", "expires", OUTPUT_ABSOLUTE},
    {"recipients", "recipients", OUTPUT_PLAIN},
};

static const struct output_column summary_columns[] = {
    {"link", "LINK", OUTPUT_PLAIN},
    {"messages", "MESSAGES", OUTPUT_PLAIN},
    {"octets", "SIZE", OUTPUT_SIZE},
    {"oldest", "OLDEST", OUTPUT_PLAIN},
    {"hour", "<1H", OUTPUT_PLAIN},
    {"day", "<1D", OUTPUT_PLAIN},
    {"week", "<1W", OUTPUT_PLAIN},
    {"older", "OLDER", OUTPUT_PLAIN},
    {"source_octets", "FROM IT", OUTPUT_SIZE},
    {"partial_octets", "IN PART", OUTPUT_SIZE},
    {"partials", "PARTS", OUTPUT_PLAIN},
};

static const struct output_column aside_columns[] = {
    {"postoffice", "POSTOFFICE", OUTPUT_PLAIN},
    {"file", "FILE", OUTPUT_PLAIN},
    {"size", "SIZE", OUTPUT_SIZE},
    {"time", "SET ASIDE", OUTPUT_PLAIN},
    {"reason", "REASON", OUTPUT_PLAIN},
};

#define COLUMNS(c) c, sizeof(c) / sizeof(c[0])
#define CHANGE(n, r)                                            \
	{                                                       \
		n, r, SHAPE_NOTHING, true, true, false, NULL, 0 \
	}

static const struct command commands[] = {
    {"list", "list", SHAPE_TABLE, false, false, true, COLUMNS(list_columns)},
    {"show", "show", SHAPE_DETAILS, true, false, false, COLUMNS(show_columns)},
    {"cat", "cat", SHAPE_OCTETS, true, false, false, NULL, 0},
    {"why", "why", SHAPE_SENTENCE, true, false, false, NULL, 0},
    {"summary", "summary", SHAPE_TABLE, false, false, false,
	COLUMNS(summary_columns)},
    {"aside", NULL, SHAPE_TABLE, false, false, false, COLUMNS(aside_columns)},
    CHANGE("hold", "hold"),
    CHANGE("release", "release"),
    CHANGE("delete", "delete"),
    CHANGE("retry", "retry-message"),
    CHANGE("reroute", "reroute"),
    CHANGE("return", "return"),
};

static const struct options_option own[] = {
    {'l', "link", "LINK", "list: only messages for this link"},
    {'s', "state", "STATE",
	"list: only ready, active, deferred, held or quarantined ones"},
    {'f', "from", "ADDRESS", "list: only from this O/R address, or a part"},
    {'t', "to", "ADDRESS", "list: only to this O/R address, or a part"},
    {'\0', "all", NULL, "all messages, instead of ids"},
};

/* The arguments of a request, as they are put together. */
struct arguments {
	const char *list[ARGUMENTS_MAX];
	size_t count;
};

/* The arguments of a command. */
struct task {
	const struct command *command;
	struct options options;
	struct conf *conf;
	struct arguments arguments;
	struct output out;
};

/* add_argument - add an argument, whose text the caller keeps */
static void
add_argument(const struct options *options, struct arguments *arguments,
    const char *text)
{
	if (arguments->count == ARGUMENTS_MAX - 1)
		options_usage(options, "too many arguments");
	arguments->list[arguments->count++] = text;
}

/* add_named - add an argument like "link=paris", owned for the tool's life */
static void
add_named(const struct options *options, struct arguments *arguments,
    const char *name, const char *value)
{
	char *text;

	if (asprintf(&text, "%s=%s", name, value) == -1)
		options_fail(options, EXIT_STATUS_REFUSED, "out of memory");
	add_argument(options, arguments, text);
}

/* read_arguments - read options and operands, as the command takes them */
static void
read_arguments(struct options *options, const struct command *command,
    size_t first, struct arguments *arguments)
{
	const struct options_option *o;
	const char *value;
	bool all = false;

	while ((o = options_next(options, &value)) != NULL) {
		if (strcmp(o->name, "all") == 0) {
			if (!command->many)
				options_usage(
				    options, "%s has no --all", command->name);
			all = true;
			add_argument(options, arguments, "all=1");
			continue;
		}
		if (!command->filters)
			options_usage(options, "--%s belongs to list", o->name);
		add_named(options, arguments, o->name, value);
	}
	for (size_t i = first; i < options->operand_count; i++) {
		/* aside takes the name of a postoffice */
		if ((!command->ids && command->request != NULL) || all ||
		    (command->request == NULL && arguments->count > 0))
			options_usage(
			    options, "%s: not expected", options->operands[i]);
		add_argument(options, arguments, options->operands[i]);
	}
	if (command->ids && arguments->count == 0)
		options_usage(options, "%s needs an id", command->name);
	if (command->ids && !command->many && arguments->count > 1)
		options_usage(options, "%s takes one id", command->name);
}

/* find_field - find the field of that name in a row, or NULL */
static const struct ipc_field *
find_field(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return &row->fields[i];
	return NULL;
}

/* on_row - show a row of the answer */
static int
on_row(void *arg, const struct ipc_row *row)
{
	struct task *task = arg;
	const struct command *command = task->command;
	const struct ipc_field *field;

	switch (command->shape) {
	case SHAPE_TABLE:
	case SHAPE_NOTHING:
		output_row(&task->out, row);
		return 0;
	case SHAPE_DETAILS:
		output_details(
		    &task->out, command->columns, command->column_count, row);
		return 0;
	case SHAPE_SENTENCE:
		field = find_field(row, "text");
		if (field == NULL)
			return 0;
		if (task->options.format == OUTPUT_TEXT)
			output_printf(&task->out, "%.*s\n",
			    (int)field->octets.len,
			    (const char *)field->octets.data);
		else
			output_details(&task->out, NULL, 0, row);
		return 0;
	case SHAPE_OCTETS:
		field = find_field(row, "octets");
		if (field != NULL &&
		    fwrite(field->octets.data, 1, field->octets.len, stdout) !=
			field->octets.len)
			return ERR_IO;
		return 0;
	}
	return 0;
}

/* find_command - find the command that the operands begin with, else list */
static const struct command *
find_command(const struct options *options, size_t *first)
{
	if (options->operand_count == 0)
		return &commands[0];
	*first = 1;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, options->operands[0]) == 0)
			return &commands[i];
	options_usage(options, "%s: no such command", options->operands[0]);
}

/* ask_suite - ask the running suite, or read the queue if that can do */
static int
ask_suite(struct task *task, struct client_done *done, struct diag *diag)
{
	const struct client_request request = {
	    .command = task->command->request,
	    .arguments = task->arguments.list,
	    .argument_count = task->arguments.count,
	    .on_row = on_row,
	    .arg = task};
	struct client client;
	int error;

	if (request.command == NULL)
		return aside_list(task->conf,
		    request.argument_count > 0 ? request.arguments[0] : NULL,
		    on_row, task, diag);
	error = client_open(&client, task->conf, CLIENT_QMGR, "x4queue", diag);
	if (error == 0) {
		error = client_request(&client, &request, done, diag);
		client_close(&client);
		return error;
	}
	if (error != ERR_CLOSED || task->command->shape == SHAPE_NOTHING)
		return error;
	diag_clear(diag);
	return offline_request(task->conf, &request, done, diag);
}

/* run_command - ask, and show the answer; returns the exit status */
static int
run_command(struct task *task)
{
	struct client_done done = {0};
	struct diag diag = {0};
	int error;

	output_init(&task->out, task->options.format, stdout);
	if (task->command->shape == SHAPE_TABLE)
		output_table(&task->out, task->command->columns,
		    task->command->column_count);
	error = ask_suite(task, &done, &diag);
	if (error == 0 && done.status == 0 && done.text[0] != '\0')
		output_printf(&task->out, "%s\n", done.text);
	if (output_finish(&task->out) != 0 || fflush(stdout) != 0)
		return EXIT_STATUS_REFUSED;
	if (error != 0)
		options_fail(&task->options, client_exit_status(error), "%s",
		    diag_text(&diag));
	if (done.status != 0)
		options_fail(&task->options, (enum exit_status)done.status,
		    "%s", done.text);
	return EXIT_STATUS_DONE;
}

int
main(int argc, char **argv)
{
	static const struct options_tool tool = {.name = "x4queue",
	    .synopsis = "[list] [--link L] [--state S] [--from A] [--to A]\n"
			"show ID\ncat ID\nwhy ID\nsummary\naside [POSTOFFICE]\n"
			"hold|release|delete|retry|reroute|return ID...|--all",
	    .purpose = "show and change the queue",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	static struct task task;
	size_t first = 0;
	int status;

	options_parse(&task.options, &tool, argc, argv);
	task.command = find_command(&task.options, &first);
	read_arguments(&task.options, task.command, first, &task.arguments);
	task.conf = options_conf(&task.options);
	status = run_command(&task);
	conf_free(task.conf);
	return status;
}
