/* SPDX-License-Identifier: ISC */
/*
 * ask.c - requests to qmgr, master, tracker and search, as tools make them
 */
#include "console/ask.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum ask_state {
	ASK_UNCONNECTED, /* the server could not be reached: to be told */
	ASK_GREETING,	 /* our hello is on its way */
	ASK_ANSWER	 /* rows come */
};

struct ask {
	struct ipc_channel channel; /* fd -1: closed */
	struct ask_request request;
	char arguments[ASK_ARGUMENTS][ASK_TEXT_MAX];
	enum ask_state state;
	uint64_t deadline;
	struct ask_end end;
	char text[ASK_TEXT_MAX]; /* of end */
};

/* The servers: their names, and their sockets. */
static const struct {
	const char *name;
	const char *socket;
} servers[] = {
    [ASK_QMGR] = {"qmgr", "control"},
    [ASK_MASTER] = {"master", "master"},
    [ASK_TRACKER] = {"tracker", "tracker"},
    [ASK_SEARCH] = {"search", "search"},
};

/* ask_server_name - return "qmgr" and the like */
const char *
ask_server_name(enum ask_server server)
{
	return servers[server].name;
}

/* asker_init - ask the servers whose sockets are in this directory */
void
asker_init(struct asker *asker, const char *run_directory)
{
	*asker = (struct asker){0};
	(void)strlcpy(
	    asker->run_directory, run_directory, sizeof(asker->run_directory));
}

/* release - give back a request */
static void
release(struct asker *asker, size_t i)
{
	if (asker->asks[i]->channel.fd >= 0)
		ipc_channel_fini(&asker->asks[i]->channel);
	free(asker->asks[i]);
	asker->asks[i] = NULL;
}

/* asker_fini - end all requests without a word */
void
asker_fini(struct asker *asker)
{
	for (size_t i = 0; i < ASK_MAX; i++)
		if (asker->asks[i] != NULL)
			release(asker, i);
}

/* fail - note why a request cannot be answered */
static int
fail(struct ask *ask, int error, const char *what)
{
	const char *name = servers[ask->request.server].name;

	ask->end.error = error;
	ask->end.text = ask->text;
	if (ask->text[0] == '\0')
		(void)snprintf(
		    ask->text, sizeof(ask->text), "%s: %s", name, what);
	return error;
}

/* send_request - send the request, from a cursor on if there is one */
static int
send_request(struct ask *ask, uint64_t cursor)
{
	struct slice slices[ASK_ARGUMENTS + 1];
	const struct ask_request *request = &ask->request;
	size_t count = request->argument_count;
	char text[32];
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {.command = slice_of_string(request->command),
		.arguments = slices}};

	for (size_t i = 0; i < count; i++)
		slices[i] = slice_of_string(ask->arguments[i]);
	if (cursor != 0) {
		(void)snprintf(text, sizeof(text), "cursor=%" PRIu64, cursor);
		slices[count++] = slice_of_string(text);
	}
	record.request.argument_count = count;
	return ipc_channel_send(&ask->channel, &record);
}

/* connect_to - connect to the server and say hello */
static void
connect_to(struct ask *ask, const struct asker *asker)
{
	char path[sizeof(asker->run_directory) + 16];
	int error;

	(void)snprintf(path, sizeof(path), "%s/%s", asker->run_directory,
	    servers[ask->request.server].socket);
	error = ipc_channel_connect(&ask->channel, path);
	if (error != 0) {
		ask->channel.fd = -1;
		(void)fail(ask, error,
		    error == ERR_CLOSED	     ? "is not running"
			: error == ERR_AGAIN ? "too many ask it"
					     : strerror(errno));
		return;
	}
	ask->state = ASK_GREETING;
	ask->end.reached = true;
	error = ipc_channel_hello(&ask->channel, IPC_ROLE_TOOL, "console", 0);
	if (error == 0)
		error = ipc_channel_flush(&ask->channel);
	/* A caller who is not let in is told why before the connection is
	 * closed: that is read below. */
	if (error != 0 && error != ERR_CLOSED)
		(void)fail(ask, error, error_strerror(error));
}

/* free_place - find a place for a request, or ASK_MAX */
static size_t
free_place(const struct asker *asker, enum ask_purpose purpose)
{
	size_t place = ASK_MAX, visitors = 0;

	for (size_t i = 0; i < ASK_MAX; i++) {
		if (asker->asks[i] == NULL)
			place = i;
		else if (asker->asks[i]->request.purpose == ASK_FOR_VISITOR)
			visitors++;
	}
	return purpose == ASK_FOR_VISITOR && visitors >= ASK_VISITORS_MAX
	    ? ASK_MAX
	    : place;
}

/* ask_start - start a request */
int
ask_start(struct asker *asker, const struct ask_request *request)
{
	size_t place = free_place(asker, request->purpose);
	struct ask *ask;

	if (place == ASK_MAX || request->argument_count > ASK_ARGUMENTS)
		return ERR_BUSY;
	ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		return ERR_NOMEM;
	ask->request = *request;
	ask->channel.fd = -1;
	ask->deadline = clock_after(request->timeout_ms);
	for (size_t i = 0; i < request->argument_count; i++)
		(void)strlcpy(ask->arguments[i], request->arguments[i],
		    sizeof(ask->arguments[i]));
	asker->asks[place] = ask;
	connect_to(ask, asker);
	return 0;
}

/* ask_drop - forget the requests of this arg */
void
ask_drop(struct asker *asker, const void *arg)
{
	for (size_t i = 0; i < ASK_MAX; i++)
		if (asker->asks[i] != NULL &&
		    asker->asks[i]->request.arg == arg)
			release(asker, i);
}

/* ask_poll - say what is waited for */
uint64_t
ask_poll(const struct asker *asker, struct pollfd fds[ASK_MAX])
{
	uint64_t deadline = CLOCK_NEVER;

	for (size_t i = 0; i < ASK_MAX; i++) {
		const struct ask *ask = asker->asks[i];

		fds[i] = (struct pollfd){.fd = -1};
		if (ask == NULL)
			continue;
		/* A request that has failed already is told at once. */
		if (ask->end.error != 0)
			return 0;
		if (ask->deadline < deadline)
			deadline = ask->deadline;
		fds[i].fd = ask->channel.fd;
		fds[i].events = POLLIN;
		if (ipc_channel_pending(&ask->channel) > 0)
			fds[i].events |= POLLOUT;
	}
	return deadline;
}

/* keep_text - keep what the server says at the end */
static void
keep_text(struct ask *ask, struct slice text)
{
	size_t len =
	    text.len < sizeof(ask->text) - 1 ? text.len : sizeof(ask->text) - 1;

	if (len > 0)
		memcpy(ask->text, text.data, len);
	ask->text[len] = '\0';
	ask->end.text = ask->text;
}

/* take_done - take the end of an answer, or of its first part: 1, it is over */
static int
take_done(struct ask *ask, const struct ipc_done *done)
{
	if (ask->state == ASK_ANSWER && done->status == 0 && done->cursor != 0)
		return send_request(ask, done->cursor);
	keep_text(ask, done->text);
	ask->end.status = done->status;
	/* Instead of a hello comes why nobody is let in. */
	if (ask->state == ASK_GREETING)
		return fail(ask, ERR_DENIED, "");
	return 1;
}

/* take_record - take a record of the server: 1, it is over */
static int
take_record(struct ask *ask, const struct ipc_record *record)
{
	struct diag diag = {0};

	if (record->type == IPC_DONE)
		return take_done(ask, &record->done);
	if (ask->state == ASK_GREETING) {
		ask->state = ASK_ANSWER;
		return ipc_hello_check(record, &diag) != 0
		    ? fail(ask, ERR_PROTOCOL, diag_text(&diag))
		    : send_request(ask, 0);
	}
	return record->type == IPC_ROW
	    ? ask->request.on_row(ask->request.arg, &record->row)
	    : fail(ask, ERR_PROTOCOL, "an answer of another release");
}

/* take_records - take all records that are here: 1, it is over */
static int
take_records(struct ask *ask)
{
	struct ipc_record record;
	struct diag diag = {0};
	int got;

	while ((got = ipc_channel_take(&ask->channel, &record, &diag)) == 1) {
		got = take_record(ask, &record);
		if (got == ERR_CANCELLED)
			return 1;
		if (got != 0)
			return got;
	}
	return got;
}

/* serve - read and write: 1, the request is over; 0, it goes on; an error */
static int
serve(struct ask *ask)
{
	int filled = ipc_channel_fill(&ask->channel), rc;

	rc = take_records(ask);
	if (rc != 0)
		return rc;
	if (filled != 0 && filled != ERR_AGAIN)
		return fail(ask, filled, "ended the connection");
	return ipc_channel_flush(&ask->channel);
}

/* finish - tell how a request ended, and give it back before, so that another
 * can be started */
static void
finish(struct asker *asker, size_t i)
{
	struct ask *ask = asker->asks[i];

	if (ask->channel.fd >= 0)
		ipc_channel_fini(&ask->channel);
	asker->asks[i] = NULL;
	ask->request.on_end(ask->request.arg, &ask->end);
	free(ask);
}

/* asker_abandon - end all requests, and tell each so */
void
asker_abandon(struct asker *asker)
{
	for (size_t i = 0; i < ASK_MAX; i++)
		if (asker->asks[i] != NULL) {
			(void)fail(
			    asker->asks[i], ERR_CANCELLED, "is asked no more");
			finish(asker, i);
		}
}

/* ask_run - read, write, and end what is answered, broken or late */
void
ask_run(struct asker *asker, const struct pollfd fds[ASK_MAX])
{
	uint64_t now = clock_monotonic();

	for (size_t i = 0; i < ASK_MAX; i++) {
		struct ask *ask = asker->asks[i];
		int rc = 0;

		if (ask == NULL)
			continue;
		/* A place may have been given to another request since the
		 * descriptors were waited for. */
		if (ask->end.error == 0 && fds[i].revents != 0 &&
		    fds[i].fd == ask->channel.fd)
			rc = serve(ask);
		if (rc < 0)
			(void)fail(ask, rc, error_strerror(rc));
		else if (rc == 0 && now >= ask->deadline)
			(void)fail(ask, ERR_TIMEOUT, "does not answer");
		if (rc != 0 || ask->end.error != 0)
			finish(asker, i);
	}
}
