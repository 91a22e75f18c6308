/* SPDX-License-Identifier: ISC */
/*
 * view_request_fuzz.c - what tools ask about the queue: commands and filters
 *
 * An input is a command and its arguments, a line each.  They are asked of a
 * queue with a link and a message.  An answer that goes on must go on somewhere
 * else, and one that fails must say so in words that fit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"
#include "tests/fuzz/lines.h"
#include "view/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARGUMENTS_MAX 64
#define QUEUE_OCTETS  ((uint64_t)16 * 1024 * 1024)

static struct store *store;

/* make_queue - make a queue whose files have no names any more */
static void
make_queue(void)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "lock"};
	const struct store_options options = {.queue_size = QUEUE_OCTETS};
	struct store_message message = {.state = STORE_READY,
	    .priority = STORE_NORMAL,
	    .link = 1,
	    .arrival = INT64_C(1700000000000),
	    .mts_id = slice_of_string("[C=DE;A=X;1]"),
	    .content = slice_of_string("content"),
	    .content_length = 7};
	char directory[] = "/tmp/view-requestXXXXXX", path[64];
	uint32_t link;

	if (mkdtemp(directory) == NULL ||
	    store_open(directory, &options, &store, NULL) != 0 ||
	    store_begin(store) != 0 ||
	    store_link_create(store, "paris", &link) != 0 ||
	    store_message_add(store, &message) != 0 || store_commit(store) != 0)
		abort();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", directory, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(directory);
}

/* emit - look at a row */
static int
emit(void *arg, const struct ipc_row *row)
{
	unsigned *rows = arg;

	if (row->field_count == 0)
		abort();
	return ++*rows > VIEW_ROWS_MAX ? ERR_AGAIN : 0;
}

/* LLVMFuzzerTestOneInput - ask one request */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice lines[ARGUMENTS_MAX + 1];
	unsigned rows = 0;
	struct view view = {.emit = emit, .arg = &rows};
	struct view_done done = {0};
	size_t count;
	int rc;

	if (store == NULL)
		make_queue();
	view.store = store;
	count = lines_split(data, size, lines, ARGUMENTS_MAX + 1);
	rc = view_request(&view, lines[0], lines + 1, count - 1, &done);
	if (memchr(done.text, '\0', sizeof(done.text)) == NULL ||
	    (rc == 0 && done.status != 0 && done.text[0] == '\0'))
		abort();
	return 0;
}
