/* SPDX-License-Identifier: ISC */
/*
 * offline.c - requests about the queue with the suite down; see offline.h
 */
#include "tools/offline.h"

#include <stdio.h>
#include <string.h>

#include "view/view.h"
#include "tools/owner.h"

#define ARGUMENTS_MAX CLIENT_ARGUMENTS_MAX
#define CURSOR_MAX    32

/* open_queue - open the queue of the configuration, read-only */
static int
open_queue(const struct conf *conf, struct store **store, struct diag *diag)
{
	const struct store_options options = {
	    .queue_size = conf->mta.queue_size, .mode = STORE_READ_ONLY};
	char path[1024];
	int error;

	(void)snprintf(
	    path, sizeof(path), "%s/queue", conf->mta.state_directory);
	/* Not as root: files that root made in the queue could not be opened by
	 * the suite. */
	error = owner_become(path, diag);
	if (error == 0)
		error = store_open(path, &options, store, diag);
	if (error != ERR_NOTFOUND)
		return error;
	diag_clear(diag);
	return diag_set(diag, ERR_CLOSED,
	    "the suite is not running, and there is no queue (%s)", path);
}

/* offline_request - ask the view until there are no more rows */
int
offline_request(const struct conf *conf, const struct client_request *request,
    struct client_done *done, struct diag *diag)
{
	struct view view = {.emit = request->on_row, .arg = request->arg};
	struct slice list[ARGUMENTS_MAX + 1];
	struct view_done answer = {0};
	char cursor[CURSOR_MAX];
	size_t count = request->argument_count;
	int error;

	if (count > ARGUMENTS_MAX)
		return diag_set(diag, ERR_LIMIT, "too many arguments");
	for (size_t i = 0; i < count; i++)
		list[i] = slice_of_string(request->arguments[i]);
	if ((error = open_queue(conf, &view.store, diag)) != 0)
		return error;
	/* All pages are read with the queue opened once. */
	do {
		error = view_request(&view, slice_of_string(request->command),
		    list, count, &answer);
		(void)snprintf(cursor, sizeof(cursor), "cursor=%llu",
		    (unsigned long long)answer.cursor);
		list[request->argument_count] = slice_of_string(cursor);
		count = request->argument_count + 1;
	} while (error == 0 && answer.cursor != 0);
	store_close(view.store);
	if (error != 0)
		return diag_set(diag, error, "%s", error_strerror(error));
	done->status = answer.status;
	done->cursor = 0;
	strlcpy(done->text, answer.text, sizeof(done->text));
	return 0;
}
