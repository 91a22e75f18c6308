/* SPDX-License-Identifier: ISC */
/*
 * track_find.c - ask the tracker where messages are
 *
 * The first row is kept until the second is there, since the way of a single
 * message is shown, and several are a list.
 */
#include "tools/track_find.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "tools/track_print.h"

/* The part of an answer that is shown. */
struct showing {
	const struct track_find *find;
	struct output *out;
	enum output_format format;
	unsigned count;
	bool more;	     /* than is shown */
	struct buffer first; /* the first row, encoded */
};

/* keep_first - keep the first row until it is known whether it is the only
 * one */
static int
keep_first(struct showing *showing, const struct ipc_row *row)
{
	const struct ipc_record record = {.type = IPC_ROW, .row = *row};

	return ipc_record_encode(&record, &showing->first);
}

/* show_first - show the row that was kept, with its way or as a line */
static int
show_first(struct showing *showing,
    void (*print)(struct output *out, const struct ipc_row *item))
{
	struct ipc_record record;
	struct arena arena;
	size_t used;
	int error;

	/* The row lies in the record that is decoded, until the arena is
	 * freed. */
	if (buffer_length(&showing->first) == 0)
		return 0;
	arena_init(&arena, (size_t)4 * IPC_RECORD_MAX);
	error = ipc_record_decode(
	    buffer_slice(&showing->first), &arena, &record, &used, NULL);
	if (error == 0)
		print(showing->out, &record.row);
	arena_fini(&arena);
	buffer_reset(&showing->first);
	return error;
}

/* show_row - show one more row, which is not the first */
static int
show_row(struct showing *showing, const struct ipc_row *row)
{
	int error = 0;

	/* Only the second row tells that it is a list. */
	if (showing->count == 2) {
		track_print_heading(showing->out);
		error = show_first(showing, track_print_line);
	}
	track_print_line(showing->out, row);
	return error;
}

/* on_item - show a message that was found */
static int
on_item(void *arg, const struct ipc_row *row)
{
	struct showing *showing = arg;

	if (showing->find->most != 0 && showing->count == showing->find->most) {
		showing->more = true;
		return ERR_CANCELLED;
	}
	showing->count++;
	if (showing->format == OUTPUT_JSON) {
		output_details(showing->out, NULL, 0, row);
		return 0;
	}
	if (showing->find->whole) {
		if (showing->count > 1)
			output_printf(showing->out, "\n");
		track_print_way(showing->out, row);
		return 0;
	}
	return showing->count == 1 ? keep_first(showing, row)
				   : show_row(showing, row);
}

/* show_end - show a single message, or say how many there were */
static int
show_end(struct showing *showing)
{
	if (showing->count == 0)
		return ERR_NOTFOUND;
	if (showing->format == OUTPUT_JSON)
		return 0;
	if (showing->more)
		output_printf(showing->out,
		    "the newest %u; --limit N shows more, --since, --to and "
		    "--from fewer\n",
		    showing->count);
	else if (!showing->find->whole && showing->count > 1)
		output_printf(showing->out,
		    "%u messages; x4track IDENTIFIER shows the way of one\n",
		    showing->count);
	return show_first(showing, track_print_way);
}

/* track_find - find messages and print them */
int
track_find(struct client *client, const struct track_find *find,
    struct output *out, enum output_format format, struct diag *diag)
{
	struct showing showing = {.find = find, .out = out, .format = format};
	const struct client_request request = {.command = "find",
	    .arguments = find->arguments,
	    .argument_count = find->argument_count,
	    .on_row = on_item,
	    .arg = &showing};
	struct client_done done = {0};
	int error;

	buffer_init(&showing.first, IPC_RECORD_MAX);
	error = client_request(client, &request, &done, diag);
	if (error == ERR_CANCELLED && showing.more)
		error = 0;
	if (error == 0 && done.status != 0)
		error = diag_set(diag, ERR_REFUSED, "%s", done.text);
	if (error == 0)
		error = show_end(&showing);
	buffer_fini(&showing.first);
	return error;
}

/* track_find_gone - print the way of a message that is not in the queue any
 * more */
int
track_find_gone(const struct conf *conf, const char *tool, const char *id,
    struct output *out, enum output_format format)
{
	char argument[512];
	const char *arguments[] = {argument};
	const struct track_find find = {
	    .arguments = arguments, .argument_count = 1, .whole = true};
	struct diag diag = {0};
	struct client client;
	int error;

	if ((size_t)snprintf(argument, sizeof(argument), "id=%s", id) >=
	    sizeof(argument))
		return ERR_NOTFOUND;
	if (client_open(&client, conf, CLIENT_TRACKER, tool, &diag) != 0)
		return ERR_NOTFOUND;
	error = track_find(&client, &find, out, format, &diag);
	client_close(&client);
	return error == 0 ? 0 : ERR_NOTFOUND;
}
