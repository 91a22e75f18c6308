/* SPDX-License-Identifier: ISC */
/*
 * control.c - requests of the tools: which there are, and those that show
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "ipc/exit_status.h"
#include "qmgr/alarm.h"
#include "qmgr/answer.h"
#include "qmgr/control.h"
#include "qmgr/control_change.h"
#include "qmgr/copy.h"
#include "qmgr/drain.h"
#include "qmgr/engine/client.h"
#include "qmgr/engine/doubt.h"
#include "qmgr/engine/rights.h"
#include "qmgr/engine/step.h"
#include "qmgr/explain.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/schedule.h"
#include "qmgr/ping.h"
#include "qmgr/problems.h"
#include "qmgr/sending/probe.h"
#include "qmgr/throughput.h"
#include "qmgr/ways.h"
#include "view/row.h"
#include "view/view.h"

/* Us of one part of an answer, in which mail stands: less than a step of what
 * changes messages, because a tool asks for the next part at once. */
#define SHOW_TIME 2000

/* emit - send a row to a tool */
static int
emit(void *arg, const struct ipc_row *row)
{
	return answer_row(arg, row);
}

/* An answer that shows the queue. */
struct showing {
	struct client *client;
	uint64_t step; /* when it has had its time (step.h) */
};

/* show_row - send a row of the queue to a tool, for view.h */
static int
show_row(void *arg, const struct ipc_row *row)
{
	const struct showing *showing = arg;

	return answer_row(showing->client, row);
}

/* is_enough - tell whether an answer is to go on with its next request */
static bool
is_enough(void *arg)
{
	const struct showing *showing = arg;

	return step_is_over(showing->step);
}

/* is_active - tell whether a message is being worked on */
static bool
is_active(void *arg, uint64_t message)
{
	const struct showing *showing = arg;

	return table_find(&showing->client->qmgr->active, message) != NULL;
}

/* explain_link - explain what a link does, for `why` */
static void
explain_link(
    void *arg, const struct store_message *message, char text[VIEW_TEXT_MAX])
{
	const struct showing *showing = arg;

	explain(showing->client->qmgr, message, text);
}

/* explain_link_brief - say what a link does, for `list` */
static void
explain_link_brief(
    void *arg, const struct store_message *message, char text[VIEW_TEXT_MAX])
{
	const struct showing *showing = arg;

	explain_brief(showing->client->qmgr, message, text);
}

/* show - answer what view.h answers; ERR_NOTFOUND: it does not */
static int
show(struct client *client, const struct ipc_request *request)
{
	struct showing showing = {
	    .client = client, .step = step_begin(SHOW_TIME)};
	struct view view = {.store = client->qmgr->store,
	    .emit = show_row,
	    .enough = is_enough,
	    .active = is_active,
	    .explain = explain_link,
	    .brief = explain_link_brief,
	    .arg = &showing};
	struct view_done done = {0};
	int rc = view_request(&view, request->command, request->arguments,
	    request->argument_count, &done);

	/* Commands that show the queue are the same whether or not the suite
	 * runs, so they stand in view.h. */
	if (rc == ERR_NOTFOUND)
		return rc;
	if (rc < 0)
		answer_done(client, EXIT_STATUS_REFUSED, error_strerror(rc), 0);
	else
		answer_done(client, done.status, done.text, done.cursor);
	return 0;
}

/* associations - count those of a link that are open; a two-way alternate one
 * that the peer opened is both incoming and bound */
static unsigned
associations(const struct link *link)
{
	const struct assoc *assoc;
	unsigned count = link->incoming + link->bound;

	/* A two-way association that the peer opened was counted as incoming by
	 * its bind, and as bound by its state. */
	TAILQ_FOREACH(assoc, &link->assocs, entry)
		if (assoc->incoming && assoc->client->bound &&
		    assoc_is_open(assoc))
			count--;
	return count;
}

/* tagging_of - tell how what goes to a link is tagged, and who says so */
static const char *
tagging_of(const struct link *link)
{
	if (link->x400 != NULL &&
	    link->x400->extension_tagging == CONF_TAGGING_AUTO)
		return link->policy.explicit_extensions ? "auto, explicit"
							: "auto, implicit";
	return link->policy.explicit_extensions ? "explicit" : "implicit";
}

/* fill_totals - fill in what has passed, all restarts included */
static void
fill_totals(const struct store_traffic *traffic, struct view_row *row)
{
	view_number(row, "messages_out", traffic->messages_out);
	view_number(row, "messages_in", traffic->messages_in);
	view_number(row, "bytes_out", traffic->octets_out);
	view_number(row, "bytes_in", traffic->octets_in);
	view_number(row, "reports_out", traffic->reports_out);
	view_number(row, "recipients_out", traffic->recipients_out);
	view_number(row, "recipients_in", traffic->recipients_in);
	view_time(row, "totals_since", traffic->since);
}

/* fill_counters - fill in the associations of each side, and what became of
 * messages, since this process began */
static void
fill_counters(const struct link *link, struct view_row *row)
{
	view_number(row, "associations_in", link->incoming);
	view_number(row, "opened", link->counters.opened);
	view_number(row, "open_failed", link->counters.failed);
	view_number(row, "called", link->counters.called);
	view_number(row, "rejected", link->counters.rejected);
	view_time(row, "last_in", link->counters.last_in);
	view_time(row, "last_out", link->counters.last_out);
	view_number(row, "loops", link->counters.loops);
	view_number(row, "converted", link->counters.converted);
	view_number(row, "unconverted", link->counters.unconverted);
}

/* fill_link - make the row of `x4ctl status` */
static void
fill_link(struct qmgr *qmgr, const struct link *link,
    const struct store_partial_total *partial, struct view_row *row)
{
	struct throughput minute = throughput_of(qmgr, link);
	struct store_total queued = store_link_total(qmgr->store, link->number);
	int64_t oldest = alarm_oldest(qmgr, link->number);
	struct store_link known = {.number = 0};

	/* The store knows each link that the table has. */
	(void)!store_link_get(qmgr->store, link->number, &known);
	view_row_init(row, &qmgr->arena);
	view_text(row, "kind", "link");
	view_text(row, "name", link->name);
	view_text(row, "state",
	    link->kind == LINK_GONE ? "gone" : link_state_name(link->state));
	view_number(row, "queued", queued.messages);
	view_number(row, "recipients", queued.recipients);
	view_number(row, "deferred_delivery", queued.waiting);
	view_time(row, "oldest", oldest == INT64_MAX ? 0 : oldest);
	view_number(row, "active", link->active);
	view_number(row, "associations", associations(link));
	fill_counters(link, row);
	view_number(row, "open_failures", link->open_failures);
	view_time(row, "next_open", link->next_open);
	view_text(row, "last_error", link->last_error);
	view_time(row, "last_error_time",
	    link->last_error[0] == '\0' ? 0 : link->last_error_time);
	view_number(row, "messages_out_minute", minute.out);
	view_number(row, "messages_in_minute", minute.in);
	fill_totals(&known.traffic, row);
	view_number(row, "routes_learnt", link->routes_learnt);
	if (link->kind == LINK_X400)
		view_text(row, "extension_tagging", tagging_of(link));
	/* Only links to peers have extensions. */
	view_source(row, qmgr->store, link->number, partial);
}

/* has_nothing - tell whether a link that is configured no more has left
 * nothing behind */
static bool
has_nothing(const struct qmgr *qmgr, const struct link *link,
    const struct store_partial_total *partial)
{
	return link->kind == LINK_GONE && link->active == 0 &&
	    associations(link) == 0 && partial->contents == 0 &&
	    store_link_total(qmgr->store, link->number).messages == 0;
}

/* emit_links - send a row for each link after a number; where to go on, or 0 */
static uint64_t
emit_links(struct client *client, uint64_t after,
    const struct store_partial_total *partial)
{
	struct qmgr *qmgr = client->qmgr;
	uint64_t last = after;

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		struct view_row row;
		struct ipc_row out;

		if (link->number <= after ||
		    has_nothing(qmgr, link, &partial[link->number]))
			continue;
		fill_link(qmgr, link, &partial[link->number], &row);
		out = view_row_of(&row);
		/* The answer goes on behind the last link that was sent. */
		if (emit(client, &out) == ERR_AGAIN)
			return last;
		last = link->number;
	}
	return 0;
}

/* list_links - send a row for each link; the cursor is the number of the last
 * one */
static void
list_links(struct client *client, uint64_t after)
{
	struct qmgr *qmgr = client->qmgr;
	uint32_t limit = store_link_count(qmgr->store) + 1;
	/* Totals of all links come from one pass over the partial contents, not
	 * from a pass for each link. */
	struct store_partial_total *partial = calloc(limit, sizeof(*partial));
	uint64_t next;

	if (partial == NULL) {
		free(partial);
		answer_done(client, EXIT_STATUS_REFUSED, "no memory", 0);
		return;
	}
	/* A message that cannot be read has an event: the others follow. */
	(void)!store_partial_sum(qmgr->store, partial, limit);
	next = emit_links(client, after, partial);
	free(partial);
	answer_done(client, EXIT_STATUS_DONE, "", next);
}

/* link_named - find the link of the first argument, or say that there is
 * none */
static struct link *
link_named(struct client *client, const struct ipc_request *request)
{
	char name[STORE_LINK_NAME_MAX], text[128];
	struct link *link = NULL;

	if (request->argument_count == 0) {
		answer_done(client, EXIT_STATUS_USAGE, "which link?", 0);
		return NULL;
	}
	/* The name goes back in the answer and may hold anything. */
	escape_text(name, sizeof(name), request->arguments[0]);
	link = link_find(&client->qmgr->links, name);
	if (link == NULL || link->kind == LINK_GONE) {
		snprintf(text, sizeof(text), "%s: no such link", name);
		answer_done(client, EXIT_STATUS_REFUSED, text, 0);
		return NULL;
	}
	return link;
}

/* retry - open it now, whatever the interval says, or if its peer was reached
 * and it fails */
static void
retry(struct client *client, struct link *link, enum probe_reached reached)
{
	struct qmgr *qmgr = client->qmgr;

	if (link->state == LINK_DISABLED) {
		answer_done(
		    client, EXIT_STATUS_REFUSED, "the link is disabled", 0);
		return;
	}
	/* Lists open no association: the loop expands them by itself. */
	if (link->kind == LINK_LIST) {
		answer_done(client, EXIT_STATUS_REFUSED,
		    "a list is expanded as soon as it can be", 0);
		return;
	}
	if (reached == PROBE_ASKED)
		probe_ask(qmgr, link);
	else
		probe_reached(qmgr, link, reached);
	rights_changed(client,
	    slice_of_string(reached == PROBE_ASKED ? "retry" : "reached"),
	    link->name);
	answer_done(client, EXIT_STATUS_DONE, "", 0);
}

/* on_link - retry, reached, ping, enable, disable; false: something else */
static bool
on_link(struct client *client, const struct ipc_request *request)
{
	bool enable = slice_equal_string(request->command, "enable");
	bool disable = slice_equal_string(request->command, "disable");
	bool reached = slice_equal_string(request->command, "reached");
	bool ping = slice_equal_string(request->command, "ping");
	struct link *link;

	if (!enable && !disable && !reached && !ping &&
	    !slice_equal_string(request->command, "retry"))
		return false;
	link = link_named(client, request);
	if (link == NULL)
		return true;
	if (ping)
		ping_begin(client, link);
	else if (!enable && !disable)
		retry(client, link, reached ? PROBE_PINGED : PROBE_ASKED);
	else if (control_switch(client, link,
		     disable ? CONTROL_DISABLE : CONTROL_ENABLE) < 0)
		answer_done(client, EXIT_STATUS_REFUSED, "no memory", 0);
	return true;
}

/* tell_domain - send a row with our domain, which a submitter must know */
static void
tell_domain(struct client *client)
{
	struct view_row row;
	struct ipc_row out;

	view_row_init(&row, &client->qmgr->arena);
	view_text(&row, "domain", client->qmgr->conf->mta.domain.text);
	out = view_row_of(&row);
	(void)!emit(client, &out);
	answer_done(client, EXIT_STATUS_DONE, "", 0);
}

/* confirm_clock - believe the clock, since an administrator says that it is
 * right */
static void
confirm_clock(struct client *client)
{
	char text[DOUBT_TEXT_MAX];
	bool doubted = *doubt_text(client->qmgr, text) != '\0';

	doubt_confirm(client->qmgr);
	rights_changed(client, slice_of_string("clock-ok"), "");
	answer_done(client, EXIT_STATUS_DONE,
	    doubted ? "the clock is believed" : "the clock was not doubted", 0);
}

/* access_of - tell which right a command needs: a new one needs the most */
static enum conf_access
access_of(struct slice command)
{
	static const char *const views[] = {"list", "find", "show", "why",
	    "summary", "links", "routes", "route", "problems", "draining"};

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (slice_equal_string(command, views[i]))
			return CONF_ACCESS_VIEW;
	return CONF_ACCESS_CHANGE;
}

/* is_allowed - tell whether the caller may ask for this, or deny it */
static bool
is_allowed(struct client *client, const struct ipc_request *request)
{
	char text[CONF_ACCESS_TEXT_MAX];

	/* A submitter of any group must know our domain. */
	if (slice_equal_string(request->command, "domain") ||
	    rights_allow(
		client, access_of(request->command), request->command, text))
		return true;
	answer_done(client, EXIT_STATUS_REFUSED, text, 0);
	return false;
}

/* control_take - take a request of a tool */
int
control_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_request *request = &record->request;

	(void)diag;
	arena_reset(&client->qmgr->arena);
	/* Rights first: a command that does not exist is denied as one that
	 * does, so that nothing can be learnt from the answers. */
	if (!is_allowed(client, request))
		return 0;
	if (show(client, request) == 0)
		return 0;
	if (slice_equal_string(request->command, "links"))
		list_links(client, answer_cursor(request));
	else if (slice_equal_string(request->command, "routes"))
		ways_learnt(client, answer_cursor(request));
	else if (slice_equal_string(request->command, "route"))
		ways_list(client, request);
	else if (slice_equal_string(request->command, "problems"))
		answer_done(client, EXIT_STATUS_DONE, "",
		    problems_list(
			client->qmgr, answer_cursor(request), emit, client));
	else if (slice_equal_string(request->command, "domain"))
		tell_domain(client);
	else if (slice_equal_string(request->command, "copy"))
		copy_begin(client);
	else if (slice_equal_string(request->command, "copied"))
		copy_end(client,
		    request->argument_count > 0 ? request->arguments[0]
						: slice_of(NULL, 0));
	else if (slice_equal_string(request->command, "clock-ok"))
		confirm_clock(client);
	else if (!on_link(client, request) && !drain_take(client, request) &&
	    !control_change(client, request))
		answer_done(client, EXIT_STATUS_USAGE, "no such command", 0);
	return 0;
}
