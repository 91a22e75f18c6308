/* SPDX-License-Identifier: ISC */
/*
 * queue_change.c - hold, release, delete, retry, reroute and return messages
 */
#include "tools/queue_change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view/view.h"

#define BLANKS " \t\r\n"

/* How many messages were changed, and why others were not. */
struct counts {
	uint64_t done, busy, missing, unfit;
};

/* no_memory - end the tool for want of memory */
static _Noreturn void
no_memory(const struct options *options)
{
	options_fail(options, EXIT_STATUS_REFUSED, "out of memory");
}

/* queue_change_named - add the message of an id, or those of an MTS
 * identifier */
int
queue_change_named(struct queue *queue, enum queue_need need, const char *name,
    struct queue_found *found, struct diag *diag)
{
	struct client_done done = {0};
	size_t before = found->count;
	const char *filter;
	char *text;
	uint64_t id;
	int error;

	/* A number is the queue's own id; anything else is an MTS
	 * identifier. */
	if (view_parse_id(slice_of_string(name), &id) == 0)
		return queue_found_add(found, id);
	if (asprintf(&text, "mts=%s", name) == -1)
		return ERR_NOMEM;
	filter = text;
	error = queue_find(queue, need, &filter, 1, found, &done, diag);
	free(text);
	if (error != 0)
		return error;
	if (done.status != 0 || found->count == before)
		return diag_set(
		    diag, ERR_NOTFOUND, "%s: no such message", name);
	return 0;
}

/* add_named - add what a name means, or count it as missing */
static void
add_named(struct queue *queue, const struct options *options, const char *name,
    struct queue_found *found, struct counts *counts)
{
	struct diag diag = {0};
	int error =
	    queue_change_named(queue, QUEUE_CHANGES, name, found, &diag);

	/* A name that means nothing does not stop the others. */
	if (error == ERR_NOTFOUND)
		counts->missing++;
	else if (error == ERR_NOMEM)
		no_memory(options);
	else if (error != 0)
		options_fail(
		    options, client_exit_status(error), "%s", diag_text(&diag));
}

/*
 * name_in_line - find the name in a line of input, or NULL
 *
 * The lines may be those of the list, of which each begins with the id, beside
 * its titles and its total.
 */
static const char *
name_in_line(char *line)
{
	size_t digits;
	char *end;

	line += strspn(line, BLANKS);
	end = line + strlen(line);
	while (end > line && strchr(BLANKS, end[-1]) != NULL)
		*--end = '\0';
	digits = strspn(line, "0123456789");
	if (digits > 0 && (line[digits] == ' ' || line[digits] == '\t'))
		line[digits] = '\0';
	if (*line == '\0' || strncmp(line, "ID ", 3) == 0 ||
	    strncmp(line, "--", 2) == 0)
		return NULL;
	return line;
}

/* read_names - add the messages that standard input names, one a line */
static void
read_names(struct queue *queue, const struct options *options,
    struct queue_found *found, struct counts *counts)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) >= 0) {
		const char *name = name_in_line(line);

		if (name != NULL)
			add_named(queue, options, name, found, counts);
	}
	free(line);
	/* A read error must not pass for the end of the list. */
	if (ferror(stdin))
		options_fail(options, EXIT_STATUS_REFUSED,
		    "standard input cannot be read");
}

/* find_messages - find what is to be changed */
static void
find_messages(struct queue *queue, const struct options *options,
    const struct queue_change *change, struct queue_found *found,
    struct counts *counts)
{
	struct client_done done = {0};
	struct diag diag = {0};
	int error;

	for (size_t i = 0; i < change->name_count; i++) {
		if (strcmp(change->names[i], "-") == 0)
			read_names(queue, options, found, counts);
		else
			add_named(
			    queue, options, change->names[i], found, counts);
	}
	/* Without filters and --all nothing is meant but the names. */
	if (!change->all)
		return;
	error = queue_find(queue, QUEUE_CHANGES, change->filters,
	    change->filter_count, found, &done, &diag);
	if (error != 0)
		options_fail(
		    options, client_exit_status(error), "%s", diag_text(&diag));
	if (done.status != 0)
		options_fail(
		    options, (enum exit_status)done.status, "%s", done.text);
}

/* quantity - format "12 messages, 34K" */
static void
quantity(const struct queue_found *found, char *text, size_t size)
{
	char octets[16];

	output_size((int64_t)found->octets, octets, sizeof(octets));
	(void)snprintf(text, size, "%zu message%s, %s", found->count,
	    found->count == 1 ? "" : "s", octets);
}

/* ask_first - have somebody say that so many are meant, or end the tool */
static void
ask_first(const struct options *options, const struct queue_change *change,
    const struct queue_found *found)
{
	char text[64], answer[16] = "";

	/* Only many messages are asked about, so that the question keeps its
	 * weight. */
	if (!change->all || change->yes || found->count <= QUEUE_ASK_BEYOND)
		return;
	quantity(found, text, sizeof(text));
	/* Without a terminal nobody can answer, and silence is no consent. */
	if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
		options_fail(options, EXIT_STATUS_REFUSED,
		    "%s %s? Nothing was changed: give --yes for more than %d",
		    change->name, text, QUEUE_ASK_BEYOND);
	(void)fprintf(stderr, "%s %s? [y/N] ", change->name, text);
	if (fgets(answer, sizeof(answer), stdin) == NULL ||
	    (answer[0] != 'y' && answer[0] != 'Y'))
		options_fail(
		    options, EXIT_STATUS_REFUSED, "nothing was changed");
}

/* take_counts - add up the counts of one step */
static int
take_counts(void *arg, const struct ipc_row *row)
{
	struct counts *counts = arg;

	counts->done += queue_number(row, "done");
	counts->busy += queue_number(row, "busy");
	counts->missing += queue_number(row, "missing");
	counts->unfit += queue_number(row, "unfit");
	return 0;
}

/* change_step - change some messages */
static void
change_step(struct queue *queue, const struct options *options,
    const struct queue_change *change, const uint64_t *ids, size_t count,
    struct counts *counts)
{
	char texts[QUEUE_STEP][24];
	const char *arguments[QUEUE_STEP];
	const struct client_request request = {.command = change->request,
	    .arguments = arguments,
	    .argument_count = count,
	    .on_row = take_counts,
	    .arg = counts};
	const struct counts before = *counts;
	struct client_done done = {0};
	struct diag diag = {0};
	int error;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "%" PRIu64, ids[i]);
		arguments[i] = texts[i];
	}
	error = queue_ask(queue, QUEUE_CHANGES, &request, &done, &diag);
	if (error != 0)
		options_fail(options, client_exit_status(error),
		    "%s (%" PRIu64 " done before)", diag_text(&diag),
		    counts->done);
	/* Where nothing was counted the request itself was refused. */
	if (done.status != 0 && memcmp(&before, counts, sizeof(before)) == 0)
		options_fail(options, (enum exit_status)done.status,
		    "%s (%" PRIu64 " done before)", done.text, counts->done);
}

/* print_count - append why some were not changed */
static void
print_count(char *text, size_t size, uint64_t count, const char *why)
{
	size_t len = strlen(text);

	if (count > 0)
		(void)snprintf(text + len, size - len, "%s %" PRIu64 " %s",
		    strchr(text, ';') == NULL ? ";" : ",", count, why);
}

/* print_counts - print how it went */
static void
print_counts(struct output *output, const struct queue_change *change,
    const struct counts *counts)
{
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("command", change->name),
	    OUTPUT_FIELD_NUMBER("done", counts->done),
	    OUTPUT_FIELD_NUMBER("busy", counts->busy),
	    OUTPUT_FIELD_NUMBER("missing", counts->missing),
	    OUTPUT_FIELD_NUMBER("unfit", counts->unfit),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};
	char text[160];

	(void)snprintf(text, sizeof(text), "%" PRIu64 " done", counts->done);
	print_count(text, sizeof(text), counts->busy, "being transferred");
	print_count(text, sizeof(text), counts->missing, "not found");
	print_count(text, sizeof(text), counts->unfit, "in another state");
	output_row(output, &row);
	output_printf(output, "%s", text);
}

/* print_dry - print what would be changed */
static void
print_dry(struct output *output, const struct queue_change *change,
    const struct queue_found *found)
{
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("command", change->name),
	    OUTPUT_FIELD_NUMBER("would", found->count),
	    OUTPUT_FIELD_NUMBER("octets", found->octets),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};
	char text[64];

	quantity(found, text, sizeof(text));
	output_row(output, &row);
	if (change->all)
		output_printf(output, "would %s %s", change->name, text);
	else
		output_printf(output, "would %s %zu message%s", change->name,
		    found->count, found->count == 1 ? "" : "s");
}

/* queue_change - find the messages, ask, change them, print how it went */
enum exit_status
queue_change(struct queue *queue, const struct options *options,
    struct output *output, const struct queue_change *change)
{
	struct queue_found found = {0};
	struct counts counts = {0};

	find_messages(queue, options, change, &found, &counts);
	if (change->dry_run)
		print_dry(output, change, &found);
	else
		ask_first(options, change, &found);
	/* In steps, so that the queue manager serves its workers between
	 * them. */
	for (size_t at = 0; !change->dry_run && at < found.count;) {
		size_t count = found.count - at < QUEUE_STEP ? found.count - at
							     : QUEUE_STEP;

		change_step(
		    queue, options, change, &found.ids[at], count, &counts);
		at += count;
		output_progress(change->name, at, found.count);
	}
	output_progress_end();
	if (!change->dry_run)
		print_counts(output, change, &counts);
	queue_found_free(&found);
	/* A message that was not changed is told by the exit status too, for
	 * scripts. */
	return counts.busy + counts.missing + counts.unfit > 0
	    ? EXIT_STATUS_REFUSED
	    : EXIT_STATUS_DONE;
}
