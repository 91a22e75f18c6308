/* SPDX-License-Identifier: ISC */
/*
 * queue_change.h - hold, release, delete, retry, reroute and return messages
 *
 * Messages are named by ids and MTS identifiers, which may come from standard
 * input, or are those that fit filters.  What filters find is counted first;
 * beyond QUEUE_ASK_BEYOND somebody must say that so many are meant.  Then they
 * are changed QUEUE_STEP at a time, each step a commit of its own, and the
 * answers are added up.
 */
#ifndef FOURPOST_TOOLS_QUEUE_CHANGE_H
#define FOURPOST_TOOLS_QUEUE_CHANGE_H

#include "tools/options.h"
#include "tools/queue_ask.h"

#define QUEUE_ASK_BEYOND 100
#define QUEUE_STEP	 250

/* A change that was asked for. */
struct queue_change {
	const char *name;	    /* "hold", for people */
	const char *request;	    /* to qmgr */
	const char *const *filters; /* of "find" */
	size_t filter_count;
	char *const *names; /* ids, MTS identifiers, "-" */
	size_t name_count;
	bool all;     /* all that fit; else those named */
	bool dry_run; /* count, and change nothing */
	bool yes;     /* do not ask */
};

/* queue_change - find the messages, ask, change them, print how it went;
 * returns the exit status.  May end the tool */
enum exit_status
queue_change(struct queue *queue, const struct options *options,
    struct output *output, const struct queue_change *change);

/*
 * queue_change_named - add the message of an id, or those of an MTS identifier
 *
 * With or without brackets.  ERR_NOTFOUND: no message has this MTS identifier;
 * an id is not looked for.
 */
int queue_change_named(struct queue *queue, enum queue_need need,
    const char *name, struct queue_found *found, struct diag *diag) WARN_UNUSED;

#endif
