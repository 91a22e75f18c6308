/* SPDX-License-Identifier: ISC */
/*
 * x4track.c - find messages that are gone or here, and tell their way; see
 * x4track(1)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tools/moment.h"
#include "tools/options.h"
#include "tools/track_find.h"
#include "tools/track_print.h"

#define ARGUMENTS_MAX 64
#define LIMIT_DEFAULT 50
#define FOLLOW_MS     1000
#define STATS_DAYS    7 /* that stats looks at if nothing else is said */

static const struct options_option own[] = {
    {'i', "id", "ID", "an MTS identifier, its beginning, or a queue id"},
    {'f', "from", "ADDRESS", "the originator: an address, attributes, or text"},
    {'t', "to", "ADDRESS", "a recipient, likewise"},
    {'\0', "since", "TIME", "arrived since: 14:02, 2026-11-30, 2h (ago)"},
    {'\0', "until", "TIME", "arrived until, likewise"},
    {'l', "link", "LINK", "came from this link, or went there"},
    {'s', "state", "STATE",
	"a recipient is queued, transferred, delivered, "
	"failed, held ..."},
    {'\0', "content-id", "ID", "the content identifier"},
    {'n', "limit", "N", "show the newest N, default 50; 0: all"},
    {'w', "whole", NULL, "show the whole way of each, however many"},
    {'\0', "follow", NULL, "show what happens from now on"},
};

/* The command line. */
struct task {
	struct options options;
	struct conf *conf;
	struct output out;
	char *arguments[ARGUMENTS_MAX]; /* owned */
	size_t count;
	unsigned limit;
	bool limited, whole, follow, stats, since;
	bool partly; /* not all machines were asked */
};

/* add_argument - add an argument of the request */
static void
add_argument(struct task *task, const char *name, const char *value)
{
	char *text;

	if (task->count == ARGUMENTS_MAX)
		options_usage(&task->options, "too many options");
	if (asprintf(&text, "%s=%s", name, value) < 0)
		options_fail(
		    &task->options, EXIT_STATUS_REFUSED, "out of memory");
	task->arguments[task->count++] = text;
}

/* add_number - add an argument that is a number */
static void
add_number(struct task *task, const char *name, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)number);
	add_argument(task, name, text);
}

/* add_moment - add the time of --since or --until */
static void
add_moment(struct task *task, const char *name, const char *value)
{
	bool since = strcmp(name, "since") == 0;
	int64_t ms;

	if (moment_parse(value, since ? MOMENT_BEGIN : MOMENT_END, clock_wall(),
		&ms) != 0)
		options_usage(&task->options,
		    "--%s %s: no time like 14:02, 2026-11-30, "
		    "\"2026-11-30 14:02\", 2h, yesterday",
		    name, value);
	task->since = task->since || since;
	add_number(task, name, ms);
}

/* take_option - take one option */
static void
take_option(struct task *task, const char *name, const char *value)
{
	const char *error = NULL;

	if (strcmp(name, "since") == 0 || strcmp(name, "until") == 0)
		add_moment(task, name, value);
	else if (strcmp(name, "whole") == 0)
		task->whole = true;
	else if (strcmp(name, "follow") == 0)
		task->follow = true;
	else if (strcmp(name, "limit") == 0) {
		task->limit = (unsigned)strtonum(value, 0, 1000000, &error);
		task->limited = true;
		if (error != NULL)
			options_usage(
			    &task->options, "--limit %s: %s", value, error);
	} else if (value[0] == '\0')
		options_usage(&task->options, "--%s: is empty", name);
	else
		add_argument(task, name, value);
}

/* local_zone - tell how many ms local time is ahead */
static int64_t
local_zone(void)
{
	time_t now = time(NULL);
	struct tm tm;

	return localtime_r(&now, &tm) == NULL ? 0 : tm.tm_gmtoff * 1000;
}

/* read_stats - read the operands of stats */
static void
read_stats(struct task *task)
{
	const struct options *options = &task->options;

	task->stats = true;
	if (options->operand_count > 2)
		options_usage(
		    options, "%s: not expected", options->operands[2]);
	for (size_t i = 0; i < task->count; i++)
		if (strncmp(task->arguments[i], "since=", 6) != 0 &&
		    strncmp(task->arguments[i], "until=", 6) != 0)
			options_usage(
			    options, "stats takes --since and --until alone");
	add_argument(task, "by",
	    options->operand_count == 2 ? options->operands[1] : "day");
	/* Days begin at midnight where the person is, not in UTC. */
	add_number(task, "zone", local_zone());
	if (!task->since)
		add_number(task, "since",
		    clock_wall() - (int64_t)STATS_DAYS * 86400 * 1000);
}

/* read_command - read options and operands */
static void
read_command(struct task *task)
{
	const struct options_option *o;
	struct options *options = &task->options;
	const char *value;

	while ((o = options_next(options, &value)) != NULL)
		take_option(task, o->name, value);
	/* JSON is for programs, which want everything. */
	if (!task->limited && options->format == OUTPUT_TEXT)
		task->limit = LIMIT_DEFAULT;
	if (options->operand_count > 0 &&
	    strcmp(options->operands[0], "stats") == 0) {
		read_stats(task);
		return;
	}
	if (options->operand_count > 1)
		options_usage(
		    options, "%s: not expected", options->operands[1]);
	if (options->operand_count == 1)
		add_argument(task, "id", options->operands[0]);
	/* Following begins at the end, and filters are of the past. */
	if (task->follow && task->count > 0)
		options_usage(options, "--follow shows everything");
}

/* fail_request - end the tool for a request that failed */
static void
fail_request(const struct task *task, int error, const struct diag *diag)
{
	if (error == ERR_NOTFOUND)
		options_fail(&task->options, EXIT_STATUS_REFUSED,
		    "no such message was tracked");
	if (error != 0)
		options_fail(&task->options, client_exit_status(error), "%s",
		    diag_text(diag));
}

/* find - find messages and print them */
static void
find(struct task *task)
{
	char note[TRACK_FIND_NOTE_MAX] = "";
	const struct track_find search = {
	    .arguments = (const char *const *)task->arguments,
	    .argument_count = task->count,
	    .most = task->limit,
	    .whole = task->whole,
	    .note = note};
	struct diag diag = {0};
	int error = track_find(task->conf, task->options.tool->name, &search,
	    &task->out, task->options.format, &diag);

	if (error != 0)
		(void)!output_finish(&task->out);
	if (note[0] != '\0')
		options_warn(task->options.tool, "%s", note);
	fail_request(task, error, &diag);
	task->partly = note[0] != '\0';
}

/* on_figures - print a row of figures */
static int
on_figures(void *arg, const struct ipc_row *row)
{
	struct task *task = arg;

	output_row(&task->out, row);
	return 0;
}

/* show_stats - print figures */
static void
show_stats(struct task *task, struct client *client)
{
	static const struct output_column columns[] = {
	    {"name", "", OUTPUT_PLAIN}, {"received", "RECEIVED", OUTPUT_PLAIN},
	    {"sent", "SENT", OUTPUT_PLAIN}, {"octets", "OCTETS", OUTPUT_SIZE},
	    {"delay_median", "MEDIAN MS", OUTPUT_PLAIN},
	    {"delay_p99", "99% MS", OUTPUT_PLAIN}};
	const struct client_request request = {.command = "stats",
	    .arguments = (const char *const *)task->arguments,
	    .argument_count = task->count,
	    .on_row = on_figures,
	    .arg = task};
	struct client_done done = {0};
	struct diag diag = {0};
	int error;

	output_table(&task->out, columns, sizeof(columns) / sizeof(columns[0]));
	error = client_request(client, &request, &done, &diag);
	fail_request(task, error, &diag);
	if (done.status != 0)
		options_fail(&task->options, (enum exit_status)done.status,
		    "%s", done.text);
}

/* The state of --follow. */
struct following {
	struct task *task;
	int64_t last; /* event */
	bool show;
};

/* on_event - show an event, or note where to begin */
static int
on_event(void *arg, const struct ipc_row *row)
{
	struct following *following = arg;
	struct task *task = following->task;

	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, "number"))
			following->last = row->fields[i].number;
	if (!following->show)
		return 0;
	if (task->options.format == OUTPUT_JSON)
		output_details(&task->out, NULL, 0, row);
	else
		track_print_event(&task->out, row);
	return 0;
}

/* follow - show what happens until the tool is ended */
static void
follow(struct task *task, struct client *client)
{
	struct following following = {.task = task};
	char after[40] = "";
	const char *const arguments[] = {after};
	struct client_request request = {
	    .command = "end", .on_row = on_event, .arg = &following};
	struct client_done done = {0};
	struct diag diag = {0};
	int64_t before;

	for (;;) {
		before = following.last;
		fail_request(task,
		    client_request(client, &request, &done, &diag), &diag);
		if (output_finish(&task->out) != 0 || fflush(stdout) != 0)
			return;
		output_init(&task->out, task->options.format, stdout);
		if (!following.show || following.last == before)
			(void)!worker_sleep(&client->worker, FOLLOW_MS);
		following.show = true;
		(void)snprintf(after, sizeof(after), "after=%lld",
		    (long long)following.last);
		request.command = "events";
		request.arguments = arguments;
		request.argument_count = 1;
	}
}

/* ask_here - ask the tracker of this machine for figures, or what happens */
static void
ask_here(struct task *task)
{
	struct client client;

	client_open_or_fail(
	    &client, &task->options, task->conf, CLIENT_TRACKER);
	if (task->stats)
		show_stats(task, &client);
	else
		follow(task, &client);
	client_close(&client);
}

int
main(int argc, char **argv)
{
	static const struct options_tool tool = {.name = "x4track",
	    .synopsis = "[--from A] [--to A] [--since T] [--until T] [--link L]"
			" [--state S] ...\nID\n--follow\n"
			"stats [day|link|sender|recipient] [--since T]"
			" [--until T]",
	    .purpose = "tell the way of messages that are gone or here",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	static struct task task;

	options_parse(&task.options, &tool, argc, argv);
	read_command(&task);
	task.conf = options_reach(&task.options);
	output_init(&task.out, task.options.format, stdout);
	if (!task.stats && !task.follow)
		find(&task);
	else
		ask_here(&task);
	conf_free(task.conf);
	for (size_t i = 0; i < task.count; i++)
		free(task.arguments[i]);
	return output_finish(&task.out) == 0 && fflush(stdout) == 0 &&
		!task.partly
	    ? EXIT_STATUS_DONE
	    : EXIT_STATUS_REFUSED;
}
