/* SPDX-License-Identifier: ISC */
/*
 * view.h - the queue as rows, for people: list, show, cat, why, summary
 *
 * One code for qmgr, which has the queue open, and for a tool that reads it
 * with the suite down.  A request is a command and its arguments, as in
 * FourpostIPC:
 *
 *	list [FILTER...] [cursor=N]
 *		a row for each message that fits all filters: link=L state=S
 *		from=A to=A older=MS larger=OCTETS mts=ID.  An address fits if
 *		it begins with A as an O/R address, or A is a part of its text;
 *		older is a time, before which the message arrived
 *	find [FILTER...] [cursor=N]
 *		the same messages as rows of many: "count", "octets" (of their
 *		contents) and "ids", 8 octets each, the most significant first
 *	show ID		one row, everything about a message
 *	cat ID [cursor=N]	the octets of its content, rows of a piece each
 *	why ID		one row, "text": a sentence on what it waits for
 *	summary [cursor=N]	a row for each link: how much, how old; and
 *		what came from it, in part and in all
 *
 * Nothing is held between requests: what does not fit is asked for again
 * with the cursor that came back.
 */
#ifndef FOURPOST_VIEW_VIEW_H
#define FOURPOST_VIEW_VIEW_H

#include "ipc/record.h"
#include "store/store.h"

#define VIEW_ROWS_MAX	    1000
#define VIEW_RECIPIENTS_MAX 100 /* of one message in a row */
#define VIEW_TEXT_MAX	    512

struct view {
	struct store *store;
	/*
	 * Takes a row; its slices live during the call.  0; ERR_AGAIN: there is
	 * no room for it now, end here; or an error.
	 */
	int (*emit)(void *arg, const struct ipc_row *row);
	/* Whether the answer has had its time and is to go on by its cursor;
	 * NULL: it has all the time there is. */
	bool (*enough)(void *arg);
	/* Whether a message is being worked on; NULL: none is. */
	bool (*active)(void *arg, uint64_t message);
	/* Explain what a ready message waits for, in a sentence and in a few
	 * words for a list; NULL: nobody knows. */
	void (*explain)(void *arg, const struct store_message *message,
	    char text[VIEW_TEXT_MAX]);
	void (*brief)(void *arg, const struct store_message *message,
	    char text[VIEW_TEXT_MAX]);
	void *arg;
};

/* How a request ended, as struct ipc_done. */
struct view_done {
	int32_t status; /* an exit status of the tools */
	char text[VIEW_TEXT_MAX];
	uint64_t cursor; /* more from there; 0: that was all */
};

/*
 * view_request - answer one of the commands above
 *
 * ERR_NOTFOUND: the command is none of them, and nothing was emitted.  Where
 * the arguments are wrong, or the message is not there, the result is 0 and
 * done->status is not.
 */
int view_request(const struct view *view, struct slice command,
    const struct slice *arguments, size_t argument_count,
    struct view_done *done) WARN_UNUSED;

/* view_parse_id - parse a queue id.  ERR_VALUE */
int view_parse_id(struct slice text, uint64_t *id) WARN_UNUSED;

#endif
