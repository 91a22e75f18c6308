/* SPDX-License-Identifier: ISC */
/*
 * ask.h - requests to qmgr, master, tracker and search, as tools make them
 *
 * Each has a connection of its own, which ends with it; nothing waits.  The
 * loop waits for the descriptors of ask_poll and calls ask_run.
 */
#ifndef FOURPOST_CONSOLE_ASK_H
#define FOURPOST_CONSOLE_ASK_H

#include <poll.h>

#include "ipc/channel.h"

#define ASK_MAX		 12 /* at a time */
#define ASK_VISITORS_MAX 5  /* of these, for single visitors */
#define ASK_ARGUMENTS	 12
#define ASK_TEXT_MAX	 512

enum ask_server {
	ASK_QMGR,
	ASK_MASTER,
	ASK_TRACKER, /* this machine's */
	ASK_SEARCH   /* all machines, if there is a database of all */
};

/* The purpose of a request: a place is always left for what all visitors
 * need. */
enum ask_purpose {
	ASK_FOR_ALL,
	ASK_FOR_VISITOR
};

/* How a request ended. */
struct ask_end {
	int error;    /* 0: answered; ERR_TIMEOUT and the like, text says why */
	int status;   /* an exit status of the tools */
	bool reached; /* the server was connected to */
	const char *text;
};

struct ask_request {
	enum ask_server server;
	enum ask_purpose purpose;
	const char *command;
	const char *arguments[ASK_ARGUMENTS]; /* copied */
	size_t argument_count;
	uint64_t timeout_ms;
	/* Take a row, whose slices live during the call: 0, or ERR_CANCELLED
	 * when no more are wanted. */
	int (*on_row)(void *arg, const struct ipc_row *row);
	/* Called once, and not during ask_start. */
	void (*on_end)(void *arg, const struct ask_end *end);
	void *arg;
};

struct ask;

struct asker {
	char run_directory[256];
	struct ask *asks[ASK_MAX]; /* owned; NULL: free */
};

/* asker_init - ask the servers whose sockets are in this directory */
void asker_init(struct asker *asker, const char *run_directory);

/* asker_fini - end all requests without a word */
void asker_fini(struct asker *asker);

/* asker_abandon - end all requests, and tell each so */
void asker_abandon(struct asker *asker);

/* ask_start - start a request.  ERR_BUSY: there are too many, ERR_NOMEM; what
 * goes wrong with the server is told by on_end */
int
ask_start(struct asker *asker, const struct ask_request *request) WARN_UNUSED;

/* ask_drop - forget the requests of this arg: nothing is called any more */
void ask_drop(struct asker *asker, const void *arg);

/* ask_poll - say what is waited for: descriptors of ASK_MAX places, and when
 * the first request is too late.  Returns that deadline */
uint64_t ask_poll(const struct asker *asker, struct pollfd fds[ASK_MAX]);

/* ask_run - read, write, and end what is answered, broken or late */
void ask_run(struct asker *asker, const struct pollfd fds[ASK_MAX]);

/* ask_server_name - return "qmgr" and the like */
const char *ask_server_name(enum ask_server server);

#endif
