/* SPDX-License-Identifier: ISC */
/*
 * client.c - a tool's conversation with qmgr or master; see client.h
 */
#include "tools/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"

#define ARGUMENTS_MAX 4096

/* wait_for - until the channel's socket is ready */
static int
wait_for(
    struct client *client, short events, uint64_t deadline, struct diag *diag)
{
	struct pollfd fd = {.fd = client->channel.fd, .events = events};
	int n;

	do
		n = poll(&fd, 1, clock_remaining(deadline));
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return diag_set(diag, ERR_IO, "poll: %s", strerror(errno));
	if (n == 0)
		return diag_set(
		    diag, ERR_TIMEOUT, "no answer from the running suite");
	return 0;
}

/* client_send - send a record */
int
client_send(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	uint64_t deadline = clock_after(CLIENT_PATIENCE);
	int error = ipc_channel_send(&client->channel, record);

	if (error != 0)
		return diag_set(
		    diag, error, "%s too large", ipc_type_name(record->type));
	for (;;) {
		error = ipc_channel_flush(&client->channel);
		if (error != 0)
			return diag_set(diag, error, "the running suite ended");
		if (ipc_channel_pending(&client->channel) == 0)
			return 0;
		error = wait_for(client, POLLOUT, deadline, diag);
		if (error != 0)
			return error;
	}
}

/* client_receive - wait for the next record */
int
client_receive(struct client *client, struct ipc_record *record,
    uint64_t patience, struct diag *diag)
{
	uint64_t deadline = clock_after(patience);

	for (;;) {
		int result = ipc_channel_take(&client->channel, record, diag);

		if (result == 1)
			return 0;
		if (result < 0)
			return result;
		result = ipc_channel_fill(&client->channel);
		if (result == 0)
			continue;
		if (result != ERR_AGAIN)
			return diag_set(
			    diag, result, "the running suite ended");
		result = wait_for(client, POLLIN, deadline, diag);
		if (result != 0)
			return result;
	}
}

/* client_open - connect and say hello */
int
client_open(struct client *client, const struct conf *conf, const char *socket,
    const char *tool, struct diag *diag)
{
	char path[512];
	struct ipc_record record;
	int error;

	snprintf(path, sizeof(path), "%s/%s", conf->mta.run_directory, socket);
	error = ipc_channel_connect(&client->channel, path);
	if (error == ERR_CLOSED)
		return diag_set(diag, error, "the suite is not running (%s)",
		    conf->mta.run_directory);
	if (error != 0)
		return diag_set(diag, errno == EACCES ? ERR_DENIED : error,
		    "%s: %s", path, strerror(errno));
	error = ipc_channel_hello(&client->channel, IPC_ROLE_TOOL, tool, 0);
	if (error == 0)
		error = client_receive(client, &record, CLIENT_PATIENCE, diag);
	if (error == 0)
		error = ipc_hello_check(&record, diag);
	if (error != 0)
		ipc_channel_fini(&client->channel);
	return error;
}

/* client_close - end it */
void
client_close(struct client *client)
{
	ipc_channel_fini(&client->channel);
}

/* note_done - keep how the answer ended */
static void
note_done(struct client_done *done, const struct ipc_done *from)
{
	done->status = from->status;
	done->cursor = from->cursor;
	escape_text(done->text, sizeof(done->text), from->text);
}

/* client_request - ask, and hand on each row */
int
client_request(struct client *client, const char *command,
    const char *const *arguments, size_t argument_count,
    int (*on_row)(void *arg, const struct ipc_row *row), void *arg,
    struct client_done *done, struct diag *diag)
{
	struct slice list[ARGUMENTS_MAX];
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {.command = slice_of_string(command),
		.arguments = list,
		.argument_count = argument_count}};
	int error;

	if (argument_count > ARGUMENTS_MAX)
		return diag_set(diag, ERR_LIMIT, "too many arguments");
	for (size_t i = 0; i < argument_count; i++)
		list[i] = slice_of_string(arguments[i]);
	if ((error = client_send(client, &record, diag)) != 0)
		return error;
	for (;;) {
		error = client_receive(client, &record, CLIENT_PATIENCE, diag);
		if (error != 0)
			return error;
		if (record.type == IPC_DONE) {
			note_done(done, &record.done);
			return 0;
		}
		if (record.type != IPC_ROW)
			return diag_set(diag, ERR_PROTOCOL, "unexpected %s",
			    ipc_type_name(record.type));
		if (on_row != NULL && (error = on_row(arg, &record.row)) < 0)
			return error;
	}
}

/* client_field - the field of that name in a row, or NULL */
const struct ipc_field *
client_field(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return &row->fields[i];
	return NULL;
}
