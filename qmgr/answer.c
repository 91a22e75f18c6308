/* SPDX-License-Identifier: ISC */
/*
 * answer.c - what a tool is answered: rows, then a Done
 */
#include "qmgr/answer.h"

#include <string.h>

#include "view/view.h"

/* Rows lie unsent up to this; the rest is asked for again. */
#define UNSENT_MAX (IPC_UNANSWERED_MAX - 2 * IPC_RECORD_MAX)

/* answer_done - end an answer */
void
answer_done(
    struct client *client, int status, const char *text, uint64_t cursor)
{
	struct ipc_record record = {.type = IPC_DONE};

	record.done.status = status;
	record.done.text = slice_of_string(text);
	record.done.cursor = cursor;
	client_send(client, &record);
}

/* answer_row - send a row to a tool */
int
answer_row(struct client *client, const struct ipc_row *row)
{
	struct ipc_record record = {.type = IPC_ROW, .row = *row};

	/* A tool that reads slowly is asked to come again with a cursor, so
	 * that rows of a million messages never lie in memory at once. */
	if (ipc_channel_pending(&client->channel) > UNSENT_MAX)
		return ERR_AGAIN;
	client_send(client, &record);
	return 0;
}

/* answer_cursor - find "cursor=N" among the arguments */
uint64_t
answer_cursor(const struct ipc_request *request)
{
	uint64_t cursor = 0;

	for (size_t i = 0; i < request->argument_count; i++) {
		struct slice argument = request->arguments[i];

		if (argument.len > 7 &&
		    memcmp(argument.data, "cursor=", 7) == 0 &&
		    view_parse_id(slice_of(argument.data + 7, argument.len - 7),
			&cursor) < 0)
			return 0;
	}
	return cursor;
}
