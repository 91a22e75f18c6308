/* SPDX-License-Identifier: ISC */
/*
 * drain.c - empty the queue, and take nothing new
 *
 * See drain.h.  What is to go to another link is found by walking over all
 * messages in order of their numbers, again and again while there are any: new
 * ones are made meanwhile, such as reports, and others are being sent.
 */
#include "qmgr/drain.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/exit_status.h"
#include "qmgr/answer.h"
#include "qmgr/engine/rights.h"
#include "qmgr/engine/step.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/reroute.h"
#include "store/store.h"
#include "view/row.h"

#define MOVE_TIME  1000 /* us in which messages are claimed, each turn */
#define PASS_PAUSE 1000 /* ms between two walks; more, if the last was idle */
#define IDLE_PAUSE 5000

struct drain {
	uint64_t cursor; /* of the walk; all up to here were looked at */
	uint64_t next;	 /* monotonic ms: when it goes on */
	unsigned moved;	 /* messages, on this walk */
	bool walking;
	bool begun; /* that was logged */
	bool empty; /* likewise, and it still is */
};

/* A change of whether the queue is drained, for a tool. */
struct drain_change {
	struct commit_member member;
	struct client *client;
	struct store_drain drain;
};

/* drain_new - make what is known of it */
struct drain *
drain_new(void)
{
	return calloc(1, sizeof(struct drain));
}

/* drain_free - free it */
void
drain_free(struct drain *drain)
{
	free(drain);
}

/* drain_state - count what is in the queue */
struct drain_state
drain_state(const struct qmgr *qmgr)
{
	struct drain_state state = {.held = 0};

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		for (int i = 0; i < STORE_PRIORITIES; i++)
			state.held +=
			    store_link_state(qmgr->store, link->number,
				STORE_HELD, (enum store_priority)i)
				.messages +
			    store_link_state(qmgr->store, link->number,
				STORE_QUARANTINED, (enum store_priority)i)
				.messages;
	state.left = store_total(qmgr->store).messages - state.held;
	return state;
}

/* link_of - find the link that gets what waits for peers, or NULL */
static struct link *
link_of(const struct qmgr *qmgr)
{
	const struct store_drain *drain = store_drain(qmgr->store);

	return drain->since == 0 || drain->link == STORE_LINK_NONE
	    ? NULL
	    : link_get(&qmgr->links, drain->link);
}

/* may_move - tell whether a message goes to that link */
static bool
may_move(const struct qmgr *qmgr, const struct store_message *message,
    const struct link *to)
{
	const struct link *now = link_get(&qmgr->links, message->link);

	if (now == NULL || now == to || now->kind != LINK_X400)
		return false;
	if (message->state != STORE_READY && message->state != STORE_DEFERRED)
		return false;
	return to->policy.max_size == 0 ||
	    message->content_length <= to->policy.max_size;
}

/* move_one - have a message go to the link that gets all, if it may */
static void
move_one(struct qmgr *qmgr, uint64_t id, struct link *to)
{
	struct store_message message;
	struct job *job;

	/* A message that a worker has is decided by its outcome, and a doubtful
	 * one by its peer. */
	if (table_find(&qmgr->active, id) != NULL || doubtful_is(qmgr, id))
		return;
	arena_reset(&qmgr->arena);
	if (store_message_get(
		qmgr->store, id, STORE_HEAD, &qmgr->arena, &message) < 0 ||
	    !may_move(qmgr, &message, to))
		return;
	job = dispatch_claim(
	    qmgr, link_get(&qmgr->links, message.link), &message);
	if (job == NULL)
		return;
	qmgr->drain->moved++;
	reroute_drain(qmgr, job, to);
}

/* end_walk - end a walk, and decide when the next one begins */
static void
end_walk(struct drain *drain)
{
	drain->walking = false;
	/* Where nothing could be moved, that will rarely change at once; and
	 * what waits for the other link is walked over, too. */
	drain->next = clock_after(drain->moved > 0 ? PASS_PAUSE : IDLE_PAUSE);
	drain->moved = 0;
	drain->cursor = 0;
}

/* drain_step - have some messages go to the link that gets all */
void
drain_step(struct qmgr *qmgr)
{
	struct drain *drain = qmgr->drain;
	struct link *to = link_of(qmgr);
	uint64_t end;

	/* While that link does not work, the others may. */
	if (to == NULL || to->kind != LINK_X400 || link_out(to)) {
		drain->walking = false;
		return;
	}
	if (!drain->walking && clock_monotonic() < drain->next)
		return;
	drain->walking = true;
	end = step_begin(MOVE_TIME);
	do {
		if (store_message_next(
			qmgr->store, drain->cursor, &drain->cursor) < 0) {
			end_walk(drain);
			return;
		}
		move_one(qmgr, drain->cursor, to);
	} while (!step_is_over(end));
}

/* drain_again - tell whether there are more at once */
bool
drain_again(const struct qmgr *qmgr)
{
	return qmgr->drain->walking;
}

/* drain_tick - log the beginning, and when all is gone */
void
drain_tick(struct qmgr *qmgr)
{
	struct drain *drain = qmgr->drain;
	const struct link *to = link_of(qmgr);
	struct drain_state state;

	if (store_drain(qmgr->store)->since == 0)
		return;
	/* Some were let in just before. */
	callers_end(qmgr);
	state = drain_state(qmgr);
	/* With each start, too, as the log of a day must show it. */
	if (!drain->begun)
		LOG_EVENT(EVENT_DRAIN_BEGUN,
		    LOG_STRING("to", to == NULL ? NULL : to->name),
		    LOG_INT("left", state.left), LOG_INT("held", state.held));
	drain->begun = true;
	if (state.left == 0 && !drain->empty)
		LOG_EVENT(EVENT_DRAINED, LOG_INT("held", state.held));
	drain->empty = state.left == 0;
	/* The loop may sleep until then. */
	if (to != NULL && !drain->walking && clock_monotonic() >= drain->next)
		qmgr->again = true;
}

/* drain_apply - note whether the queue is drained */
static int
drain_apply(struct qmgr *qmgr, struct commit_member *member)
{
	const struct drain_change *change = (struct drain_change *)member;
	struct store_drain drain = change->drain;

	/* Since when it is drained stays when it only goes elsewhere. */
	if (drain.since != 0 && store_drain(qmgr->store)->since != 0)
		drain.since = store_drain(qmgr->store)->since;
	store_drain_set(qmgr->store, &drain);
	return 0;
}

/* say_left - write how much is left of a queue that is drained */
static void
say_left(const struct qmgr *qmgr, char *text, size_t size)
{
	struct drain_state state = drain_state(qmgr);

	(void)snprintf(text, size, "%llu left, %llu held",
	    (unsigned long long)state.left, (unsigned long long)state.held);
}

/* drain_done - begin to drain, or end that, and answer the tool */
static void
drain_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct drain_change *change = (struct drain_change *)member;
	struct client *client = change->client;
	bool drains = change->drain.since != 0;
	const struct link *to = link_get(&qmgr->links, change->drain.link);
	char text[64] = "";

	client->waiting--;
	free(change);
	if (result < 0) {
		answer_done(
		    client, EXIT_STATUS_REFUSED, store_reason(qmgr->store), 0);
		return;
	}
	rights_changed(client, slice_of_string(drains ? "drain" : "drain-off"),
	    to == NULL ? "" : to->name);
	*qmgr->drain = (struct drain){.cursor = 0};
	if (drains) {
		callers_end(qmgr);
		say_left(qmgr, text, sizeof(text));
	} else
		LOG_EVENT(EVENT_DRAIN_ENDED,
		    LOG_INT("left", store_total(qmgr->store).messages));
	qmgr->again = true;
	answer_done(client, EXIT_STATUS_DONE, text, 0);
}

/* change_drain - have it changed with the next commit */
static void
change_drain(struct client *client, int64_t since, uint32_t link)
{
	struct drain_change *change = calloc(1, sizeof(*change));

	if (change == NULL) {
		answer_done(client, EXIT_STATUS_REFUSED, "no memory", 0);
		return;
	}
	change->client = client;
	change->drain = (struct store_drain){.since = since, .link = link};
	change->member.order = COMMIT_CONTROL;
	change->member.apply = drain_apply;
	change->member.done = drain_done;
	client->waiting++;
	commit_add(client->qmgr, &change->member);
}

/* begin_drain - drain to the link that is named, or to each link its own */
static void
begin_drain(struct client *client, const struct ipc_request *request)
{
	char name[STORE_LINK_NAME_MAX] = "", text[128];
	const struct link *link = NULL;
	const char *why = NULL;

	if (request->argument_count > 0 &&
	    request->arguments[0].len < sizeof(name))
		memcpy(name, request->arguments[0].data,
		    request->arguments[0].len);
	if (request->argument_count > 0) {
		link = link_find(&client->qmgr->links, name);
		if (link == NULL || link->kind == LINK_GONE)
			why = "no such link";
		else if (link->kind != LINK_X400 || link->policy.of_1984)
			why = "not a link to an MTA that takes all";
		else if (link_out(link))
			why = "it does not work";
	}
	if (why != NULL) {
		snprintf(text, sizeof(text), "%s: %s",
		    link == NULL ? "drain" : link->name, why);
		answer_done(client, EXIT_STATUS_REFUSED, text, 0);
		return;
	}
	change_drain(client, clock_wall(),
	    link == NULL ? STORE_LINK_NONE : link->number);
}

/* show_drain - send a row with how far the queue is drained */
static void
show_drain(struct client *client)
{
	struct qmgr *qmgr = client->qmgr;
	const struct store_drain *drain = store_drain(qmgr->store);
	const struct link *to = link_of(qmgr);
	struct drain_state state = drain_state(qmgr);
	struct view_row row;
	struct ipc_row out;

	if (drain->since == 0) {
		answer_done(
		    client, EXIT_STATUS_REFUSED, "the queue is not drained", 0);
		return;
	}
	view_row_init(&row, &qmgr->arena);
	view_text(&row, "kind", "drain");
	view_time(&row, "since", drain->since);
	view_text(&row, "to", to == NULL ? "" : to->name);
	view_number(&row, "left", state.left);
	view_number(&row, "held", state.held);
	out = view_row_of(&row);
	(void)!answer_row(client, &out);
	answer_done(client, EXIT_STATUS_DONE, "", 0);
}

/* drain_take - take a request of a tool */
bool
drain_take(struct client *client, const struct ipc_request *request)
{
	if (slice_equal_string(request->command, "drain"))
		begin_drain(client, request);
	else if (slice_equal_string(request->command, "drain-off"))
		change_drain(client, 0, STORE_LINK_NONE);
	else if (slice_equal_string(request->command, "draining"))
		show_drain(client);
	else
		return false;
	return true;
}
