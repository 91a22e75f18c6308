/* SPDX-License-Identifier: ISC */
/*
 * track_find.c - ask the tracker where messages are
 *
 * Rows of one message, one for each machine that it was on, are kept until
 * another message comes or none: the way of a single message is shown, and
 * several are a list.
 */
#include "tools/track_find.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tools/track_join.h"
#include "tools/track_print.h"
#include "tools/track_way.h"

#define ID_MAX 512 /* octets of an MTS identifier that is compared */

/* The part of an answer that is shown. */
struct showing {
	const struct track_find *find;
	struct output *out;
	enum output_format format;
	unsigned count;
	bool more;	    /* than is shown */
	bool list;	    /* they are several messages */
	struct buffer kept; /* rows of one message, encoded */
	size_t kept_count;
	char id[ID_MAX]; /* of that message */
	size_t id_len;
};

/* id_of - get the MTS identifier of a row, as far as it is compared */
static struct slice
id_of(const struct ipc_row *row)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, "mts_id"))
			return slice_of(row->fields[i].octets.data,
			    row->fields[i].octets.len < ID_MAX
				? row->fields[i].octets.len
				: ID_MAX);
	return slice_of(NULL, 0);
}

/* is_kept - tell whether a row is of the message whose rows are kept, and there
 * is room for it among them */
static bool
is_kept(const struct showing *showing, const struct ipc_row *row)
{
	struct slice id = id_of(row);

	return showing->kept_count > 0 && showing->kept_count < TRACK_WAY_MAX &&
	    id.len > 0 &&
	    slice_equal(id, slice_of(showing->id, showing->id_len));
}

/* keep - keep a row until it is known what comes behind it */
static int
keep(struct showing *showing, const struct ipc_row *row)
{
	const struct ipc_record record = {.type = IPC_ROW, .row = *row};
	struct slice id = id_of(row);

	if (id.len > 0)
		memcpy(showing->id, id.data, id.len);
	showing->id_len = id.len;
	showing->kept_count++;
	return ipc_record_encode(&record, &showing->kept);
}

/* print_kept - print rows that were kept: as the way of a message, or as lines
 * of a list */
static void
print_kept(struct showing *showing, const struct ipc_row *rows, size_t count)
{
	if (!showing->list) {
		track_way_print(showing->out, rows, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		track_print_line(showing->out, &rows[i]);
}

/* show_kept - print the rows that were kept, and keep none any more */
static int
show_kept(struct showing *showing)
{
	struct ipc_row rows[TRACK_WAY_MAX];
	struct slice rest = buffer_slice(&showing->kept);
	struct ipc_record record;
	struct arena arena;
	size_t used, count = 0;
	int error = 0;

	/* Rows lie in the records that are decoded, until the arena is
	 * freed. */
	arena_init(&arena, (size_t)4 * TRACK_WAY_MAX * IPC_RECORD_MAX);
	while (error == 0 && rest.len > 0) {
		error = ipc_record_decode(rest, &arena, &record, &used, NULL);
		if (error != 0)
			break;
		rows[count++] = record.row;
		rest = slice_of(rest.data + used, rest.len - used);
	}
	if (error == 0)
		print_kept(showing, rows, count);
	arena_fini(&arena);
	buffer_reset(&showing->kept);
	showing->kept_count = 0;
	return error;
}

/* begin_list - begin a list, since there is a second message */
static int
begin_list(struct showing *showing, const struct ipc_row *row)
{
	showing->list = true;
	track_print_heading(showing->out, row);
	return show_kept(showing);
}

/* show_whole - show the way of each message, when all rows of it are here */
static int
show_whole(struct showing *showing, const struct ipc_row *row)
{
	int error = 0;

	if (showing->kept_count > 0) {
		error = show_kept(showing);
		output_printf(showing->out, "\n");
	}
	return error == 0 ? keep(showing, row) : error;
}

/* on_item - show a message that was found */
static int
on_item(void *arg, const struct ipc_row *row)
{
	struct showing *showing = arg;
	int error = 0;

	if (showing->find->most != 0 && showing->count == showing->find->most) {
		showing->more = true;
		return ERR_CANCELLED;
	}
	showing->count++;
	if (showing->format == OUTPUT_JSON) {
		output_details(showing->out, NULL, 0, row);
		return 0;
	}
	if (!showing->list && (showing->count == 1 || is_kept(showing, row)))
		return keep(showing, row);
	if (showing->find->whole)
		return show_whole(showing, row);
	if (!showing->list)
		error = begin_list(showing, row);
	track_print_line(showing->out, row);
	return error;
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
	else if (showing->list)
		output_printf(showing->out,
		    "%u messages; x4track IDENTIFIER shows the way of one\n",
		    showing->count);
	return show_kept(showing);
}

/* track_find - find messages and print them */
int
track_find(const struct conf *conf, const char *tool,
    const struct track_find *search, struct output *out,
    enum output_format format, struct diag *diag)
{
	static struct showing showing;
	int error;

	showing =
	    (struct showing){.find = search, .out = out, .format = format};
	buffer_init(&showing.kept, (size_t)TRACK_WAY_MAX * IPC_RECORD_MAX);
	error = track_join(conf, tool, search, on_item, &showing, diag);
	if (error == ERR_CANCELLED && showing.more)
		error = 0;
	if (error == 0)
		error = show_end(&showing);
	buffer_fini(&showing.kept);
	return error;
}

/* track_find_gone - print the way of a message that is not in the queue any
 * more */
int
track_find_gone(const struct conf *conf, const char *tool, const char *id,
    struct output *out, enum output_format format)
{
	char argument[512], note[TRACK_FIND_NOTE_MAX];
	const char *arguments[] = {argument};
	const struct track_find search = {.arguments = arguments,
	    .argument_count = 1,
	    .whole = true,
	    .note = note};
	struct diag diag = {0};

	if ((size_t)snprintf(argument, sizeof(argument), "id=%s", id) >=
	    sizeof(argument))
		return ERR_NOTFOUND;
	return track_find(conf, tool, &search, out, format, &diag) == 0
	    ? 0
	    : ERR_NOTFOUND;
}
