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
#include "conf/conf_quantity.h"
#include "base/clock.h"
#include "tools/options.h"
#include "tools/queue_ask.h"
#include "tools/queue_change.h"
#include "tools/track_find.h"

#define FILTERS_MAX 64

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
	bool ids;     /* takes ids and MTS identifiers */
	bool many;    /* any number, "-", or --all */
	bool filters; /* takes --link and the like */
	const struct output_column *columns;
	size_t column_count;
};

static const struct output_column list_columns[] = {
    {"id", "ID", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"link", "LINK", OUTPUT_PLAIN},
    {"size", "SIZE", OUTPUT_SIZE},
    {"arrival", "ARRIVED", OUTPUT_PLAIN},
    {"originator", "FROM", OUTPUT_FITTED},
    {"recipients", "TO", OUTPUT_FITTED},
    {"why", "WHY", OUTPUT_BELOW},
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
#define CHANGE(n, r)                                           \
	{                                                      \
		n, r, SHAPE_NOTHING, true, true, true, NULL, 0 \
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
    {'l', "link", "LINK", "only messages for this link"},
    {'s', "state", "STATE",
	"only ready, active, deferred, held or quarantined ones"},
    {'f', "from", "ADDRESS", "only from O/R addresses that begin so"},
    {'t', "to", "ADDRESS", "only to O/R addresses that begin so"},
    {'\0', "older", "AGE", "only older than this, as 30m, 2h or 1d"},
    {'\0', "larger", "SIZE", "only with a larger content, as 500K or 2M"},
    {'\0', "all", NULL, "all messages, instead of ids or filters"},
    {'n', "dry-run", NULL, "count the messages, and change nothing"},
    {'y', "yes", NULL, "do not ask, however many they are"},
};

/* The arguments of a command. */
struct task {
	const struct command *command;
	struct options options;
	struct conf *conf;
	struct queue queue;
	const char *filters[FILTERS_MAX];
	size_t filter_count;
	bool all, dry_run, yes;
	char **names; /* ids and the like, of argv */
	size_t name_count;
	struct output out;
	uint64_t messages, octets; /* that were listed */
};

/* add_filter - add a filter like "link=paris", owned for the tool's life */
static void
add_filter(struct task *task, const char *name, const char *value)
{
	char *text;

	if (task->filter_count == FILTERS_MAX)
		options_usage(&task->options, "too many filters");
	if (asprintf(&text, "%s=%s", name, value) == -1)
		options_fail(
		    &task->options, EXIT_STATUS_REFUSED, "out of memory");
	task->filters[task->filter_count++] = text;
}

/* add_quantity - add a filter whose value qmgr gets as a number */
static void
add_quantity(struct task *task, const char *name, const char *value)
{
	bool age = strcmp(name, "older") == 0;
	int64_t now = clock_wall();
	char text[24];
	uint64_t number;

	if ((age ? conf_interval_parse(value, &number)
		 : conf_size_parse(value, &number)) < 0 ||
	    (age && number >= (uint64_t)now))
		options_usage(&task->options, "--%s: %s: not %s", name, value,
		    age ? "an age such as 30m, 2h or 1d"
			: "a size such as 500K or 2M");
	(void)snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)(age ? (uint64_t)now - number : number));
	add_filter(task, name, text);
}

/* take_option - take one option, as the command takes it */
static void
take_option(struct task *task, const char *name, const char *value)
{
	const struct command *command = task->command;
	bool changes = command->shape == SHAPE_NOTHING;

	if (!command->filters)
		options_usage(
		    &task->options, "%s has no --%s", command->name, name);
	/* Options without a value are those of changes. */
	if (value == NULL && !changes)
		options_usage(
		    &task->options, "%s has no --%s", command->name, name);
	if (strcmp(name, "all") == 0)
		task->all = true;
	else if (strcmp(name, "dry-run") == 0)
		task->dry_run = true;
	else if (strcmp(name, "yes") == 0)
		task->yes = true;
	else if (strcmp(name, "older") == 0 || strcmp(name, "larger") == 0)
		add_quantity(task, name, value);
	else
		add_filter(task, name, value);
}

/* read_arguments - read options and operands, as the command takes them */
static void
read_arguments(struct task *task, size_t first)
{
	struct options *options = &task->options;
	const struct command *command = task->command;
	const struct options_option *o;
	const char *value;
	bool selected;

	while ((o = options_next(options, &value)) != NULL)
		take_option(task, o->name, value);
	task->names = options->operands + first;
	task->name_count = options->operand_count - first;
	selected = task->all || task->filter_count > 0;
	/* aside takes the name of a postoffice */
	if (task->name_count > 0 &&
	    ((!command->ids && command->request != NULL) || selected ||
		(command->request == NULL && task->name_count > 1)))
		options_usage(options, "%s: not expected",
		    task->names[command->request == NULL ? 1 : 0]);
	if (command->ids && task->name_count == 0 && !selected)
		options_usage(options,
		    command->many ? "%s needs ids, filters or --all"
				  : "%s needs an id",
		    command->name);
	if (command->ids && !command->many && task->name_count > 1)
		options_usage(options, "%s takes one id", command->name);
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
		task->messages++;
		task->octets += queue_number(row, "size");
		output_row(&task->out, row);
		return 0;
	case SHAPE_DETAILS:
		output_details(
		    &task->out, command->columns, command->column_count, row);
		return 0;
	case SHAPE_SENTENCE:
		field = queue_field(row, "text");
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
		field = queue_field(row, "octets");
		if (field != NULL &&
		    fwrite(field->octets.data, 1, field->octets.len, stdout) !=
			field->octets.len)
			return ERR_IO;
		return 0;
	case SHAPE_NOTHING:
		break;
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

/* ask_one - send one request, about one message or with the filters */
static int
ask_one(struct task *task, const char *id, struct client_done *done,
    struct diag *diag)
{
	const struct client_request request = {
	    .command = task->command->request,
	    .arguments = id != NULL ? &id : task->filters,
	    .argument_count = id != NULL ? 1 : task->filter_count,
	    .on_row = on_row,
	    .arg = task};

	return queue_ask(&task->queue, QUEUE_SHOWS, &request, done, diag);
}

/* show_messages - show the message that is named; of an MTS identifier all of
 * its copies, or their one content */
static int
show_messages(struct task *task, struct client_done *done, struct diag *diag)
{
	struct queue_found found = {0};
	char id[24];
	int error = queue_change_named(
	    &task->queue, QUEUE_SHOWS, task->names[0], &found, diag);

	if (error == ERR_NOTFOUND) {
		*done = (struct client_done){.status = EXIT_STATUS_REFUSED};
		(void)strlcpy(done->text, diag_text(diag), sizeof(done->text));
		error = 0;
	}
	for (size_t i = 0; error == 0 && done->status == 0 && i < found.count;
	     i++) {
		/* The first content is enough: a second one behind it could not
		 * be told apart. */
		if (i > 0 && task->command->shape == SHAPE_OCTETS)
			break;
		if (i > 0 && task->command->shape == SHAPE_DETAILS)
			output_printf(&task->out, "\n");
		(void)snprintf(
		    id, sizeof(id), "%llu", (unsigned long long)found.ids[i]);
		error = ask_one(task, id, done, diag);
	}
	queue_found_free(&found);
	return error;
}

/* ask_suite - ask the running suite, or read the queue if that can do */
static int
ask_suite(struct task *task, struct client_done *done, struct diag *diag)
{
	if (task->command->request == NULL)
		return aside_list(task->conf,
		    task->name_count > 0 ? task->names[0] : NULL, on_row, task,
		    diag);
	return task->command->ids ? show_messages(task, done, diag)
				  : ask_one(task, NULL, done, diag);
}

/* print_total - print a line with how many messages were listed */
static void
print_total(struct task *task)
{
	char octets[16];

	output_size((int64_t)task->octets, octets, sizeof(octets));
	if (task->messages == 0)
		output_printf(&task->out, "-- no messages\n");
	else
		output_printf(&task->out, "-- %llu message%s, %s\n",
		    (unsigned long long)task->messages,
		    task->messages == 1 ? "" : "s", octets);
}

/* show_gone - show the way of a message that is not in the queue, if the
 * tracker knows it */
static bool
show_gone(struct task *task)
{
	return task->command->ids && task->name_count == 1 &&
	    task->command->shape != SHAPE_OCTETS &&
	    track_find_gone(task->conf, "x4queue", task->names[0], &task->out,
		task->options.format) == 0;
}

/* show - ask, and show the answer; returns the exit status */
static int
show(struct task *task)
{
	struct client_done done = {0};
	struct diag diag = {0};
	int error;

	if (task->command->shape == SHAPE_TABLE)
		output_table(&task->out, task->command->columns,
		    task->command->column_count);
	/* People see a part of each row: no envelope need be read for it. */
	if (task->command->columns == list_columns &&
	    task->options.format == OUTPUT_TEXT)
		add_filter(task, "brief", "yes");
	error = ask_suite(task, &done, &diag);
	/* A message that has left is looked for where its way was kept. */
	if (error == 0 && done.status != 0 && show_gone(task))
		done.status = 0;
	if (error == 0 && done.status == 0 &&
	    task->command->columns == list_columns)
		print_total(task);
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

/* change - change messages; returns the exit status */
static int
change(struct task *task)
{
	const struct queue_change change = {.name = task->command->name,
	    .request = task->command->request,
	    .filters = task->filters,
	    .filter_count = task->filter_count,
	    .names = task->names,
	    .name_count = task->name_count,
	    .all = task->all || task->filter_count > 0,
	    .dry_run = task->dry_run,
	    .yes = task->yes};
	int status =
	    queue_change(&task->queue, &task->options, &task->out, &change);

	return output_finish(&task->out) != 0 ? EXIT_STATUS_REFUSED : status;
}

int
main(int argc, char **argv)
{
	static const struct options_tool tool = {.name = "x4queue",
	    .synopsis = "[list] [FILTER]...\n"
			"show|cat|why ID|MTS-ID\n"
			"summary\n"
			"aside [POSTOFFICE]\n"
			"hold|release|delete|retry|reroute|return "
			"ID|MTS-ID|- ...\n"
			"hold|release|delete|retry|reroute|return "
			"[-n] [-y] FILTER...|--all",
	    .purpose = "show and change the queue",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	static struct task task;
	size_t first = 0;
	int status;

	options_parse(&task.options, &tool, argc, argv);
	task.command = find_command(&task.options, &first);
	read_arguments(&task, first);
	/* The files that were set aside lie where the configuration says. */
	task.conf = task.command->request == NULL
	    ? options_conf(&task.options)
	    : options_reach(&task.options);
	task.queue.options = &task.options;
	task.queue.conf = task.conf;
	output_init(&task.out, task.options.format, stdout);
	status =
	    task.command->shape == SHAPE_NOTHING ? change(&task) : show(&task);
	queue_close(&task.queue);
	conf_free(task.conf);
	return status;
}
