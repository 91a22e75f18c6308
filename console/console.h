/* SPDX-License-Identifier: ISC */
/*
 * console.h - the process that shows the suite: metrics, JSON and a page
 *
 *	page	  the page itself, its style and script
 *	ask	  requests to qmgr, master and tracker, as tools make them
 *	history	  what passed in each minute of the last day
 *	past	  what passed before, as the tracker knows it
 *	samples	  the numbers of each link, for metrics
 *	snapshot  what is known of the suite, asked for at most once a second
 *	metric	  a snapshot in the text that Prometheus reads
 *	guard	  who may see what: Host, tokens, cookies
 *	visitors  connections, and how long each may take
 *	reply	  answers in HTTP
 *	query	  paths that are answered by requests to the suite
 *	rows	  rows of their answers, put together
 *	request	  what is asked for by which path
 *	console	  the loop: HTTP, answers of the suite, time
 *
 * Nothing that is asked for here changes anything.
 */
#ifndef FOURPOST_CONSOLE_CONSOLE_H
#define FOURPOST_CONSOLE_CONSOLE_H

#include <microhttpd.h>

#include "conf/conf.h"
#include "console/ask.h"
#include "console/guard.h"
#include "console/snapshot.h"
#include "console/visitors.h"
#include "worker/worker.h"

#define CONSOLE_DOORS (CONF_CONSOLE_LISTEN_MAX + 1)

struct console;

/* A socket that can be called. */
struct console_door {
	struct console *console;
	struct MHD_Daemon *daemon; /* owned */
	enum guard_door kind;
	struct visitors visitors;
};

/* A look at the suite in one of its forms, for all who ask meanwhile. */
struct console_form {
	struct MHD_Response *response; /* owned; NULL: none */
	uint64_t made;		       /* the look's */
};

struct console {
	struct worker *worker;
	struct conf *conf; /* owned */
	struct asker asker;
	struct guard guard;
	struct snapshot snapshot;
	struct console_door doors[CONSOLE_DOORS];
	size_t door_count;
	struct console_form status, metrics;
};

/* console_init - prepare to ask the suite whose sockets are in run_directory;
 * conf is owned then.  ERR_NOMEM */
int console_init(struct console *console, struct worker *worker,
    struct conf *conf, const char *run_directory) WARN_UNUSED;

/* console_open - serve HTTP on a listening socket; -1: on none, but where
 * connections are added, for tests.  ERR_NOMEM: MHD does not start */
int
console_open(struct console *console, int fd, enum guard_door kind) WARN_UNUSED;

/* console_step - wait for something and do it: 0, ERR_CANCELLED */
int console_step(struct console *console) WARN_UNUSED;

/* console_form_forget - give back a form of a look */
void console_form_forget(struct console_form *form);

/* console_fini - end all connections, give back everything */
void console_fini(struct console *console);

#endif
