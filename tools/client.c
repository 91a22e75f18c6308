/* SPDX-License-Identifier: ISC */
/*
 * client.c - the tools' side of the sockets "control" (qmgr) and "master"
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/holder.h"
#include "tools/client.h"

/* fail_exchange - note that an exchange with the server failed, and how */
static int
fail_exchange(const struct client *client, int error, struct diag *diag)
{
	switch (error) {
	case ERR_CLOSED:
		return diag_set(
		    diag, error, "%s ended the connection", client->server);
	case ERR_TIMEOUT:
		return diag_set(
		    diag, error, "%s does not answer", client->server);
	default:
		return diag_set(diag, error, "%s: %s", client->server,
		    error_strerror(error));
	}
}

/* master_of - find the master that runs with our state directory, whose lock
 * it has; 0: none, or we may not know */
static pid_t
master_of(const struct conf *conf)
{
	pid_t pid;
	int fd =
	    open(conf->mta.state_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	pid = holder_of(fd);
	(void)close(fd);
	return pid;
}

/* connect_to - connect to the socket of that name in the run directory */
static int
connect_to(struct client *client, const struct conf *conf, const char *name,
    struct diag *diag)
{
	uint64_t deadline = clock_after(client->timeout_ms);
	char path[512];
	pid_t pid;
	int error;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s",
		conf->mta.run_directory, name) >= sizeof(path))
		return diag_set(diag, ERR_LIMIT, "run-directory: too long");
	/* ERR_AGAIN: more wait to be accepted than the socket holds. */
	while ((error = ipc_channel_connect(&client->channel, path)) ==
		ERR_AGAIN &&
	    clock_monotonic() < deadline)
		(void)!worker_sleep(&client->worker, 50);
	if (error == ERR_CLOSED && (pid = master_of(conf)) > 0)
		return diag_set(diag, ERR_CLOSED,
		    "the suite runs (pid %ld), but %s is not there: it is "
		    "starting or stopping, or something removed the socket; "
		    "then end that process, and start again",
		    (long)pid, path);
	if (error == ERR_CLOSED)
		return diag_set(diag, ERR_CLOSED,
		    "not running (nobody listens on %s)", path);
	if (error == ERR_IO && (errno == EACCES || errno == EPERM))
		return diag_set(
		    diag, ERR_DENIED, "%s: %s", path, strerror(errno));
	if (error != 0)
		return diag_set(
		    diag, error, "%s: %s", path, error_strerror(error));
	return 0;
}

/* exchange_hellos - exchange hellos */
static int
exchange_hellos(struct client *client, const char *tool, struct diag *diag)
{
	struct ipc_record record;
	int error;

	error = ipc_channel_hello(&client->channel, IPC_ROLE_TOOL, tool, 0);
	if (error != 0)
		return fail_exchange(client, error, diag);
	error = client_receive(client, &record, diag);
	/* The server may have said why it does not let us in, and closed the
	 * connection before our hello was written. */
	if (error == ERR_CLOSED &&
	    ipc_channel_fill(&client->channel) >= ERR_CLOSED &&
	    ipc_channel_take(&client->channel, &record, NULL) == 1)
		error = 0;
	if (error == 0 && record.type == IPC_DONE) {
		diag_clear(diag);
		return diag_set(diag, ERR_DENIED, "%.*s",
		    (int)record.done.text.len,
		    (const char *)record.done.text.data);
	}
	if (error == 0)
		error = ipc_hello_check(&record, diag);
	if (error == 0)
		client->pid = record.hello.pid;
	return error;
}

/* The servers: how messages call them, and their sockets. */
static const struct {
	const char *name;
	const char *socket;
} servers[] = {
    [CLIENT_QMGR] = {"qmgr", "control"},
    [CLIENT_MASTER] = {"master", "master"},
    [CLIENT_TRACKER] = {"tracker", "tracker"},
    [CLIENT_SEARCH] = {"search", "search"},
};

/* client_has - tell whether the suite has the socket of a server */
bool
client_has(const struct conf *conf, enum client_server server)
{
	char path[512];

	return (size_t)snprintf(path, sizeof(path), "%s/%s",
		   conf->mta.run_directory,
		   servers[server].socket) < sizeof(path) &&
	    access(path, F_OK) == 0;
}

/* client_open - connect to the running suite of a configuration */
int
client_open(struct client *client, const struct conf *conf,
    enum client_server server, const char *tool, struct diag *diag)
{
	int error;

	/* A suite that ends must not end the tool by a signal: it has something
	 * to say. */
	(void)signal(SIGPIPE, SIG_IGN);
	*client = (struct client){
	    .server = servers[server].name, .timeout_ms = CLIENT_OPEN_MS};
	worker_init(&client->worker, tool);
	error = connect_to(client, conf, servers[server].socket, diag);
	if (error != 0)
		return error;
	error = exchange_hellos(client, tool, diag);
	client->timeout_ms = CLIENT_TIMEOUT_MS;
	if (error != 0)
		client_close(client);
	return error;
}

/* client_open_or_fail - connect for a tool, or end the tool */
void
client_open_or_fail(struct client *client, const struct options *options,
    const struct conf *conf, enum client_server server)
{
	struct diag diag = {0};
	int error =
	    client_open(client, conf, server, options->tool->name, &diag);

	if (error != 0)
		options_fail(
		    options, client_exit_status(error), "%s", diag_text(&diag));
}

/* client_exit_status - tell how a tool ends after an error */
enum exit_status
client_exit_status(int error)
{
	return error == ERR_CLOSED || error == ERR_TIMEOUT
	    ? EXIT_STATUS_NOT_RUNNING
	    : EXIT_STATUS_REFUSED;
}

/* client_close - end the connection */
void
client_close(struct client *client)
{
	ipc_channel_fini(&client->channel);
}

/* client_send - send a record */
int
client_send(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	int error;

	error = worker_send(&client->worker, &client->channel, record,
	    clock_after(client->timeout_ms));
	return error != 0 ? fail_exchange(client, error, diag) : 0;
}

/* client_receive - receive the next record */
int
client_receive(
    struct client *client, struct ipc_record *record, struct diag *diag)
{
	int error;

	error = worker_receive(&client->worker, &client->channel, record,
	    clock_after(client->timeout_ms), diag);
	return error != 0 ? fail_exchange(client, error, diag) : 0;
}

/* take_done - take the end of an answer, or of its first part */
static void
take_done(const struct ipc_done *from, struct client_done *done)
{
	size_t len = from->text.len;

	/* Cut rather than refused: the text is for people. */
	if (len > sizeof(done->text) - 1)
		len = sizeof(done->text) - 1;
	done->status = from->status;
	done->cursor = from->cursor;
	if (len != 0)
		memcpy(done->text, from->text.data, len);
	done->text[len] = '\0';
}

/* client_take_answer - take rows until the end of an answer */
static int
client_take_answer(struct client *client, const struct client_request *request,
    struct client_done *done, struct diag *diag)
{
	struct ipc_record record;
	int error;

	for (;;) {
		error = client_receive(client, &record, diag);
		if (error != 0)
			return error;
		if (record.type == IPC_DONE) {
			take_done(&record.done, done);
			return 0;
		}
		if (record.type != IPC_ROW)
			return diag_set(diag, ERR_PROTOCOL,
			    "%s: %s instead of an answer", client->server,
			    ipc_type_name(record.type));
		/* Rows are taken as they come, so that a long answer needs no
		 * memory. */
		error = request->on_row != NULL
		    ? request->on_row(request->arg, &record.row)
		    : 0;
		if (error != 0)
			return diag_set(
			    diag, error, "%s", error_strerror(error));
	}
}

/* client_step - ask for a part of an answer, and have its rows */
int
client_step(struct client *client, const struct client_request *request,
    uint64_t cursor, struct client_done *done, struct diag *diag)
{
	struct slice slices[CLIENT_ARGUMENTS_MAX + 1];
	size_t count = request->argument_count;
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {.command = slice_of_string(request->command),
		.arguments = slices}};
	char text[32];
	int error;

	if (count > CLIENT_ARGUMENTS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d arguments",
		    CLIENT_ARGUMENTS_MAX);
	for (size_t i = 0; i < count; i++)
		slices[i] = slice_of_string(request->arguments[i]);
	(void)snprintf(text, sizeof(text), "cursor=%" PRIu64, cursor);
	if (cursor != 0)
		slices[count++] = slice_of_string(text);
	record.request.argument_count = count;
	error = client_send(client, &record, diag);
	return error == 0 ? client_take_answer(client, request, done, diag)
			  : error;
}

/* client_request - ask, and have each row of the answer */
int
client_request(struct client *client, const struct client_request *request,
    struct client_done *done, struct diag *diag)
{
	uint64_t cursor = 0;
	int error;

	/* A cursor means that there is more: the request is sent again with
	 * it. */
	do {
		error = client_step(client, request, cursor, done, diag);
		cursor = done->cursor;
	} while (error == 0 && done->status == 0 && cursor != 0);
	return error;
}
