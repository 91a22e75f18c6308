/* SPDX-License-Identifier: ISC */
/*
 * client.h - the tools' side of the sockets "control" (qmgr), "master",
 * "tracker" and "search"
 *
 *	error = client_open(&client, conf, CLIENT_QMGR, "x4queue", &diag);
 *	error = client_request(&client, &(struct client_request){.command =
 *	    "list", .on_row = on_row, .arg = arg}, &done, &diag);
 *	client_close(&client);
 *
 * Waits in the ordinary way; every wait has a deadline.
 */
#ifndef FOURPOST_TOOLS_CLIENT_H
#define FOURPOST_TOOLS_CLIENT_H

#include "conf/conf.h"
#include "ipc/channel.h"
#include "tools/options.h"
#include "worker/worker.h"

#define CLIENT_OPEN_MS	     10000 /* until the other side says hello */
#define CLIENT_TIMEOUT_MS    60000 /* until it answers */
#define CLIENT_ARGUMENTS_MAX 1024

enum client_server {
	CLIENT_QMGR,
	CLIENT_MASTER,
	CLIENT_TRACKER, /* this machine's */
	CLIENT_SEARCH	/* all machines */
};

struct client {
	struct ipc_channel channel;
	struct worker worker; /* for its wait function */
	const char *server;   /* "qmgr", for messages */
	uint64_t timeout_ms;  /* of each wait; may be changed */
	int64_t pid;	      /* of the other side */
};

/* How a request ended. */
struct client_done {
	int status; /* an exit code of the tools */
	uint64_t cursor;
	char text[1024]; /* as it came: to be escaped when printed */
};

/* Called for each row; its slices are valid during the call.  0 to go on, or
 * an error that ends the request. */
typedef int client_row_fn(void *arg, const struct ipc_row *row);

/* A request: a command and its arguments. */
struct client_request {
	const char *command;
	const char *const *arguments;
	size_t argument_count;
	client_row_fn *on_row; /* may be NULL */
	void *arg;	       /* of on_row */
};

/* client_has - tell whether the suite has the socket of a server: "search" is
 * there if all machines can be searched */
bool client_has(const struct conf *conf, enum client_server server);

/*
 * client_open - connect to the running suite of a configuration
 *
 * ERR_CLOSED: it is not running.  ERR_DENIED: we may not.  ERR_TIMEOUT: it is
 * there and does not answer.  diag says it in words.
 */
int client_open(struct client *client, const struct conf *conf,
    enum client_server server, const char *tool, struct diag *diag) WARN_UNUSED;

/* client_open_or_fail - connect likewise for a tool, or end the tool and say
 * why */
void client_open_or_fail(struct client *client, const struct options *options,
    const struct conf *conf, enum client_server server);

/* client_exit_status - tell how a tool ends after an error of client_open,
 * client_send, client_receive or client_request */
enum exit_status client_exit_status(int error);

/* client_close - end the connection */
void client_close(struct client *client);

/* client_send - send a record, which is written when this returns 0 */
int client_send(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* client_receive - receive the next record; its slices are valid until the next
 * call */
int client_receive(struct client *client, struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/*
 * client_step - ask for a part of an answer, and have its rows
 *
 * From a cursor on, 0: from its beginning.  done->cursor 0: that was the last
 * part.  Else as client_request.
 */
int client_step(struct client *client, const struct client_request *request,
    uint64_t cursor, struct client_done *done, struct diag *diag) WARN_UNUSED;

/*
 * client_request - ask, and have each row of the answer
 *
 * Goes on by the cursor until all rows came.  0: *done says how it ended; else
 * the connection is of no more use.
 */
int client_request(struct client *client, const struct client_request *request,
    struct client_done *done, struct diag *diag) WARN_UNUSED;

#endif
