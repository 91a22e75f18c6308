/* SPDX-License-Identifier: ISC */
/*
 * track_request_fuzz.c - what tools ask the tracker: commands and what is
 * searched for
 *
 * An input is a command and its arguments, a line each, asked of a database
 * that is empty.  Each request has an end, and leaves the database usable.
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/lines.h"
#include "tracker/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARGUMENTS_MAX 64

static struct intake intake;
static struct ipc_channel channel, other;
static int away = -1;
static char directory[] = "/tmp/track-requestXXXXXX";

/* clean_up - remove the database, which has a name while it is used */
static void
clean_up(void)
{
	char command[64];

	intake_fini(&intake);
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	(void)!system(command);
}

/* begin - make an empty database, and a pair of channels */
static void
begin(void)
{
	int ends[2];

	if (mkdtemp(directory) == NULL ||
	    (away = open(directory, O_RDONLY | O_DIRECTORY)) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0 ||
	    ipc_channel_init(&channel, ends[0]) != 0 ||
	    ipc_channel_init(&other, ends[1]) != 0)
		abort();
	intake_init(&intake);
	(void)atexit(clean_up);
}

/* take_end - take the answer, which must have an end */
static void
take_end(void)
{
	struct ipc_record record;
	bool ended = false;

	if (ipc_channel_flush(&channel) != 0)
		abort();
	while (!ended) {
		if (ipc_channel_take(&other, &record, NULL) == 1)
			ended = record.type == IPC_DONE;
		else if (ipc_channel_fill(&other) != 0)
			abort();
	}
	if (record.done.status != 0 && record.done.text.len == 0)
		abort();
}

/* LLVMFuzzerTestOneInput - ask one request */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice lines[ARGUMENTS_MAX + 1];
	struct ipc_request request;
	size_t count;
	int here = open(".", O_RDONLY | O_DIRECTORY);

	if (away < 0)
		begin();
	count = lines_split(data, size, lines, ARGUMENTS_MAX + 1);
	request = (struct ipc_request){lines[0], lines + 1, count - 1};
	/* The database is opened by its name in the working directory. */
	if (here < 0 || fchdir(away) != 0 ||
	    answer_request(&intake, &channel, &request) != 0 ||
	    fchdir(here) != 0)
		abort();
	(void)close(here);
	take_end();
	return 0;
}
