/* SPDX-License-Identifier: ISC */
/*
 * problems.c - what is wrong, as rows for `x4ctl status`
 */
#include "qmgr/problems.h"

#include <stdio.h>

#include "base/clock.h"
#include "qmgr/engine/doubt.h"
#include "qmgr/links/link.h"
#include "qmgr/trouble.h"
#include "view/row.h"

/* Heaviest first: what stops everything, then what stops one link. */
enum weight {
	WEIGHT_LINK = 30,
	WEIGHT_SHARE = 50,
	WEIGHT_CLOCK = 60,
	WEIGHT_QUEUE = 80,
	WEIGHT_DISK = 90,
};

struct problem {
	const char *id;
	const char *name;
	enum weight weight;
	int64_t since; /* wall clock ms; 0: not known */
	const char *text;
	const char *command;
};

/* Where the rows go. */
struct listing {
	struct qmgr *qmgr;
	int (*emit)(void *arg, const struct ipc_row *row);
	void *arg;
};

/* send_problem - send a row; ERR_AGAIN: there is no room now */
static int
send_problem(const struct listing *listing, const struct problem *problem)
{
	struct view_row row;
	struct ipc_row out;

	view_row_init(&row, &listing->qmgr->arena);
	view_text(&row, "kind", "problem");
	view_text(&row, "id", problem->id);
	view_text(&row, "name", problem->name);
	view_number(&row, "weight", problem->weight);
	view_time(&row, "since", problem->since);
	view_text(&row, "text", problem->text);
	view_text(&row, "command", problem->command);
	out = view_row_of(&row);
	return listing->emit(listing->arg, &out);
}

/* wall_of - turn a time of the monotonic clock into one of the wall clock */
static int64_t
wall_of(uint64_t monotonic)
{
	return monotonic == 0
	    ? 0
	    : clock_wall() - (int64_t)(clock_monotonic() - monotonic);
}

/* send_common - send the problems that are of no link; a tool that has just
 * asked has room for them */
static void
send_common(const struct listing *listing)
{
	const struct qmgr *qmgr = listing->qmgr;
	char clock[DOUBT_TEXT_MAX], queue[TROUBLE_TEXT_MAX], text[256];

	/* The disk first: while it is low nothing else can be mended by
	 * waiting. */
	if (qmgr->told_disk) {
		snprintf(text, sizeof(text),
		    "the disk of %s is low: new messages are refused",
		    qmgr->conf->mta.state_directory);
		(void)!send_problem(listing,
		    &(struct problem){"disk", "", WEIGHT_DISK,
			wall_of(qmgr->disk_low_since), text, "df -h"});
	}
	if (*trouble_text(qmgr->store, queue) != '\0')
		(void)!send_problem(listing,
		    &(struct problem){"queue", "", WEIGHT_QUEUE, 0, queue,
			"x4ctl stop; x4check --repair"});
	if (*doubt_text(qmgr, clock) != '\0')
		(void)!send_problem(listing,
		    &(struct problem){
			"clock", "", WEIGHT_CLOCK, 0, clock, "x4ctl clock-ok"});
}

/* send_link - send the problems of a link; ERR_AGAIN as send_problem */
static int
send_link(const struct listing *listing, const struct link *link)
{
	char text[LINK_ERROR_MAX + STORE_LINK_NAME_MAX + 80],
	    command[STORE_LINK_NAME_MAX + 32];
	int rc = 0;

	/* A disabled link fails because somebody wants it to. */
	if (link->open_failures > 0 && link->state != LINK_DISABLED) {
		snprintf(text, sizeof(text), "%s fails: %s", link->name,
		    link->last_error);
		snprintf(command, sizeof(command), "x4ping %s", link->name);
		rc = send_problem(listing,
		    &(struct problem){"link", link->name, WEIGHT_LINK,
			wall_of(link->failing_since), text, command});
	}
	if (rc == 0 && link->over_share) {
		snprintf(text, sizeof(text),
		    "what came from %s has its share of the queue: more is "
		    "refused",
		    link->name);
		rc = send_problem(listing,
		    &(struct problem){"share", link->name, WEIGHT_SHARE, 0,
			text, "x4queue summary"});
	}
	return rc;
}

/* problems_list - make a row for each problem */
uint64_t
problems_list(struct qmgr *qmgr, uint64_t cursor,
    int (*emit)(void *arg, const struct ipc_row *row), void *arg)
{
	const struct listing listing = {qmgr, emit, arg};
	uint64_t last = cursor;

	/* Common problems are on the first page alone. */
	if (cursor == 0)
		send_common(&listing);
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (link->number <= cursor || link->kind == LINK_GONE)
			continue;
		/* The cursor names the last link whose rows have all been sent,
		 * so that none is shown in halves. */
		if (send_link(&listing, link) == ERR_AGAIN)
			return last;
		last = link->number;
	}
	return 0;
}
