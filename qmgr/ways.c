/* SPDX-License-Identifier: ISC */
/*
 * ways.c - what administrators are shown of routes
 */
#include "qmgr/ways.h"

#include <stdio.h>

#include "base/clock.h"
#include "ipc/exit_status.h"
#include "qmgr/control.h"
#include "qmgr/answer.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/barred.h"
#include "qmgr/queue/route.h"
#include "qmgr/routing/rib.h"
#include "store/store.h"
#include "view/row.h"

/* "MTA-B MTA-C ..." */
#define PATH_TEXT_MAX (ROUTE_HOPS_MAX * (ROUTE_NAME_MAX + 1) + 1)

/* format_path - write the MTAs of a path, the next first */
static const char *
format_path(const struct rib_route *route, char text[PATH_TEXT_MAX])
{
	text[0] = '\0';
	for (unsigned i = 0; i < route->hops; i++) {
		if (i > 0)
			(void)strlcat(text, " ", PATH_TEXT_MAX);
		(void)strlcat(text, route->path[i], PATH_TEXT_MAX);
	}
	return text;
}

/* find_learnt - find the route that a choice was learnt by, or NULL */
static const struct rib_route *
find_learnt(const struct qmgr *qmgr, const struct route_choice *choice)
{
	const struct rib_route *route;

	if (choice->kind != ROUTE_LEARNT)
		return NULL;
	/* Learnt routes of a link are few, and only a person asks for them. */
	for (size_t i = 0; (route = rib_route(qmgr->rib, i)) != NULL; i++)
		if (route->learnt && route->link == choice->link->number &&
		    strcmp(route->space, choice->space) == 0)
			return route;
	return NULL;
}

/* why_later - say why a way comes after the first, or NULL: it is as good */
static const char *
why_later(const struct route_choice *choice, const struct route_choice *first)
{
	/* In the order of route.c, so that the reason given is the one that
	 * decided. */
	if (choice->out != first->out)
		return "its link is disabled, out of retries, or scheduled "
		       "never";
	if (choice->closeness != first->closeness)
		return "another address space matches longer";
	if (choice->active != first->active)
		return choice->fails ? "its teller says that it fails now"
				     : "its link waits";
	if (choice->link->open_failures != first->link->open_failures)
		return "its link has failed more often";
	return choice->cost != first->cost ? "it costs more" : NULL;
}

/* why - say why a way is where it is */
static const char *
why(const struct route_choice *choice, const struct route_choice *first)
{
	const char *later = why_later(choice, first);

	if (later != NULL)
		return later;
	if (choice->kind == ROUTE_HOPED)
		return "nothing is known, and this peer may know: it waits for "
		       "it";
	if (choice != first)
		return "as good as the first: they take turns";
	if (choice->out)
		return "no other way works: it waits";
	if (choice->fails)
		return "its teller says that it fails now, and there is no "
		       "other";
	return choice->active != 0 ? "its link waits, and there is no other"
				   : "the longest match, and the cheapest";
}

/* source_name - name where a way is known from */
static const char *
source_name(enum route_kind kind)
{
	switch (kind) {
	case ROUTE_LEARNT:
		return "learnt";
	case ROUTE_HOPED:
		return "hoped for";
	case ROUTE_CONFIGURED:
		break;
	}
	return "configured";
}

/* fill_way - fill in the fields of a way */
static void
fill_way(struct qmgr *qmgr, struct view_row *row,
    const struct route_choice *choice, const struct route_choice *first,
    const struct or_address *originator)
{
	const struct rib_route *route = find_learnt(qmgr, choice);
	/* Static: the row borrows the text until it is sent. */
	static char path[PATH_TEXT_MAX];

	view_text(row, "kind", "way");
	view_number(row, "rank", (uint64_t)(choice - first) + 1);
	view_text(row, "link", choice->link->name);
	view_text(row, "source", source_name(choice->kind));
	view_text(row, "space", choice->space);
	view_number(row, "cost", choice->cost);
	view_text(row, "state", link_state_name(choice->link->state));
	view_text(row, "from", route != NULL ? route->path[0] : "");
	view_text(row, "path", route != NULL ? format_path(route, path) : "");
	view_text(row, "why",
	    originator != NULL && barred_originator(choice->link, originator)
		? "it refuses this originator: the message would come back"
		: why(choice, first));
}

/* parse_originator - parse "originator=ADDRESS" */
static int
parse_originator(struct slice text, struct arena *arena,
    struct or_address *originator, struct diag *diag)
{
	static const char name[] = "originator=";
	const size_t len = sizeof(name) - 1;

	if (text.len < len || memcmp(text.data, name, len) != 0)
		return diag_set(diag, ERR_SYNTAX, "originator=ADDRESS, please");
	return or_address_parse(
	    slice_of(text.data + len, text.len - len), arena, originator, diag);
}

/* ways_list - send a row for each link that may take an address */
void
ways_list(struct client *client, const struct ipc_request *request)
{
	struct route_choice choices[ROUTE_CHOICES_MAX];
	bool has_originator = request->argument_count == 2;
	struct qmgr *qmgr = client->qmgr;
	struct or_address address, originator;
	struct diag diag = {0};
	size_t count = 0;
	bool back;

	/* A second argument is the originator, who may be barred from some
	 * links. */
	if ((request->argument_count != 1 && !has_originator) ||
	    or_address_parse(
		request->arguments[0], &qmgr->arena, &address, &diag) < 0 ||
	    (has_originator &&
		parse_originator(request->arguments[1], &qmgr->arena,
		    &originator, &diag) < 0)) {
		answer_done(client, EXIT_STATUS_USAGE,
		    diag.code != 0 ? diag_text(&diag) : "which address?", 0);
		return;
	}
	count = route_choices(qmgr, &address, ROUTE_ANYWHERE, choices, &back);
	for (size_t i = 0; i < count; i++) {
		struct view_row row;
		struct ipc_row out;

		view_row_init(&row, &qmgr->arena);
		fill_way(qmgr, &row, &choices[i], choices,
		    has_originator ? &originator : NULL);
		out = view_row_of(&row);
		/* A tool that reads too slowly for some ways misses the last of
		 * them; nothing depends on the answer. */
		if (answer_row(client, &out) < 0)
			break;
	}
	answer_done(client, count > 0 ? EXIT_STATUS_DONE : EXIT_STATUS_REFUSED,
	    count > 0 ? "" : "nobody serves this address", 0);
}

/* fill_route - fill in the fields of a learnt route */
static void
fill_route(
    struct qmgr *qmgr, struct view_row *row, const struct rib_route *route)
{
	const struct link *link = link_get(&qmgr->links, route->link);
	/* Static: the row borrows the text until it is sent. */
	static char path[PATH_TEXT_MAX];
	uint64_t now = clock_monotonic();

	view_text(row, "kind", "route");
	view_text(row, "space", route->space);
	view_text(row, "link", link != NULL ? link->name : "");
	view_number(row, "cost", route->cost);
	view_text(row, "state", route->state == RIB_WORKS ? "works" : "fails");
	view_text(row, "from", route->path[0]);
	view_text(row, "path", format_path(route, path));
	/* Routes expire by the monotonic clock, and people read the other. */
	view_time(row, "expires",
	    clock_wall() +
		(route->expires > now ? (int64_t)(route->expires - now) : 0));
}

/* ways_learnt - send a row for each route that was learnt */
void
ways_learnt(struct client *client, uint64_t after)
{
	struct qmgr *qmgr = client->qmgr;
	const struct rib_route *route;

	for (size_t i = (size_t)after;
	     (route = rib_route(qmgr->rib, i)) != NULL; i++) {
		struct view_row row;
		struct ipc_row out;

		if (!route->learnt)
			continue;
		arena_reset(&qmgr->arena);
		view_row_init(&row, &qmgr->arena);
		fill_route(qmgr, &row, route);
		out = view_row_of(&row);
		/* Each answer is bounded, for the loop serves workers
		 * meanwhile. */
		if (i - after >= ANSWER_ROWS_MAX ||
		    answer_row(client, &out) < 0) {
			answer_done(client, EXIT_STATUS_DONE, "", i);
			return;
		}
	}
	answer_done(client, EXIT_STATUS_DONE, "", 0);
}
