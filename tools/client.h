/* SPDX-License-Identifier: ISC */
/*
 * client.h - a tool's conversation with qmgr or master
 *
 * Over the sockets `control` (qmgr) and `master` in the run directory.  A
 * request is a command and its arguments; the answer is any number of rows,
 * then done.  Nothing is held open between requests but the connection.
 */
#ifndef FOURPOST_TOOLS_CLIENT_H
#define FOURPOST_TOOLS_CLIENT_H

#include "conf/conf.h"
#include "ipc/channel.h"

#define CLIENT_CONTROL "control"
#define CLIENT_MASTER  "master"

/* How long a daemon may be silent before it counts as not answering, ms. */
#define CLIENT_PATIENCE 60000

struct client {
	struct ipc_channel channel;
};

/* How an answer ended. */
struct client_done {
	int status;	 /* an exit status of the tools */
	char text[512];	 /* for a person, escaped; may be empty */
	uint64_t cursor; /* more rows from here, 0: that was all */
};

/*
 * client_open - connect to a socket of the run directory and say hello
 *
 * ERR_CLOSED: nobody listens there, the suite is down.  ERR_DENIED: the
 * socket is not ours to use.  ERR_TIMEOUT, ERR_IO, what is wrong with the
 * other side's hello.
 */
int client_open(struct client *client, const struct conf *conf,
    const char *socket, const char *tool, struct diag *diag) WARN_UNUSED;

/* client_close - end it and free what it holds */
void client_close(struct client *client);

/* client_send - send a record, waiting while the socket is full */
int client_send(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* client_receive - wait for the next record, at most for patience ms; its
 * slices are valid until the next call */
int client_receive(struct client *client, struct ipc_record *record,
    uint64_t patience, struct diag *diag) WARN_UNUSED;

/*
 * client_request - ask, and hand each row of the answer to on_row
 *
 * A row's slices are valid during the call.  A negative result of on_row ends
 * it and is returned; on_row may be NULL.
 */
int client_request(struct client *client, const char *command,
    const char *const *arguments, size_t argument_count,
    int (*on_row)(void *arg, const struct ipc_row *row), void *arg,
    struct client_done *done, struct diag *diag) WARN_UNUSED;

/* client_field - the field of that name in a row, or NULL */
const struct ipc_field *
client_field(const struct ipc_row *row, const char *name);

#endif
