/* SPDX-License-Identifier: ISC */
/*
 * control_change.c - requests of the tools that change messages
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "ipc/exit_status.h"
#include "mhs/report.h"
#include "qmgr/answer.h"
#include "qmgr/control_change.h"
#include "qmgr/engine/rights.h"
#include "qmgr/engine/step.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/schedule.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/sending/probe.h"
#include "qmgr/sending/reroute.h"
#include "store/store.h"
#include "view/row.h"
#include "view/view.h"

#define IDS_MAX 4096 /* in one request */

enum change {
	CHANGE_HOLD,
	CHANGE_RELEASE,
	CHANGE_DELETE,
	CHANGE_RETRY,
	CHANGE_REROUTE,
	CHANGE_RETURN,
	CHANGE_COUNT
};

static const char *const names[CHANGE_COUNT] = {
    [CHANGE_HOLD] = "hold",
    [CHANGE_RELEASE] = "release",
    [CHANGE_DELETE] = "delete",
    [CHANGE_RETRY] = "retry-message",
    [CHANGE_REROUTE] = "reroute",
    [CHANGE_RETURN] = "return",
};

/* A message of a request. */
struct target {
	uint64_t id;
	bool changed;
	bool ready; /* it is, now */
	uint32_t link;
	enum store_priority priority;
	char *mts_id; /* owned; NULL: not known */
};

/* How many messages of a request were changed, and why others were not. */
struct counts {
	unsigned changed, busy, missing, unfit;
};

struct control {
	struct commit_member member;
	struct client *client;		 /* kept until this is done */
	char user[CREDENTIALS_NAME_MAX]; /* who asked, or empty */
	char by[CLIENT_WHO_MAX]; /* likewise, for the records of tracking */
	enum change change;
	struct counts all;   /* of the steps that are committed */
	struct counts step;  /* of the one under way */
	size_t begun, ended; /* the targets of that step */
	size_t count;
	struct target targets[];
};

/* name_target - note the MTS identifier of a message, for the log */
static void
name_target(struct target *target, const struct store_message *message)
{
	free(target->mts_id);
	/* Without memory the line has the queue's number alone. */
	target->mts_id = message->mts_id.len == 0
	    ? NULL
	    : strndup((const char *)message->mts_id.data, message->mts_id.len);
}

/* log_change - log that a message was changed, and by whom */
static void
log_change(const struct control *control, const struct target *target)
{
	LOG_EVENT(EVENT_MESSAGE_CHANGED, LOG_INT("id", target->id),
	    LOG_STRING("mts_id", target->mts_id == NULL ? "" : target->mts_id),
	    LOG_STRING("change", names[control->change]),
	    LOG_INT("uid", control->client->caller.uid),
	    LOG_STRING("user", control->user));
}

/* control_free - free a change and what its messages are called */
static void
control_free(struct control *control)
{
	for (size_t i = 0; i < control->count; i++)
		free(control->targets[i].mts_id);
	free(control);
}

/* fit_change - check that a change makes sense in the state of a message, and
 * make it */
static bool
fit_change(enum change change, struct store_message *message)
{
	enum store_state state = message->state;

	switch (change) {
	case CHANGE_HOLD:
		message->state = STORE_HELD;
		message->reason = slice_of_string("held by an administrator");
		return state != STORE_HELD;
	case CHANGE_RELEASE:
		message->state = STORE_READY;
		/* An administrator has decided that the message may go, so its
		 * tries begin again. */
		message->crashes = 0;
		message->attempts = message->transfer_attempts = 0;
		message->reason = slice_of(NULL, 0);
		return state == STORE_HELD || state == STORE_QUARANTINED;
	case CHANGE_RETRY:
		message->state = STORE_READY;
		message->next_try = 0;
		return state == STORE_DEFERRED || state == STORE_READY;
	case CHANGE_DELETE:
	case CHANGE_REROUTE:
	case CHANGE_RETURN:
	case CHANGE_COUNT:
		break;
	}
	return true;
}

/* change_damaged - delete a record that cannot be decoded, or set it aside */
static int
change_damaged(
    struct qmgr *qmgr, struct control *control, struct target *target)
{
	const struct track_record told = {
	    .event = TRACK_DELETION, .by = slice_of_string(control->by)};
	char reason[256];
	int rc = 0;

	switch (control->change) {
	case CHANGE_DELETE:
		rc = ledger_delete(qmgr, target->id, &told);
		break;
	case CHANGE_HOLD:
		snprintf(
		    reason, sizeof(reason), "%s", store_reason(qmgr->store));
		rc = ledger_aside(qmgr, target->id, reason);
		break;
	case CHANGE_RELEASE:
	case CHANGE_RETRY:
	case CHANGE_REROUTE:
	case CHANGE_RETURN:
	case CHANGE_COUNT:
		/* The other changes need a record that can be read. */
		control->step.unfit++;
		return 0;
	}
	if (rc < 0)
		return rc;
	control->step.changed++;
	target->changed = true;
	target->ready = false;
	return 0;
}

/* is_disabled - tell whether a link is disabled: nothing of it can be tried */
static bool
is_disabled(const struct qmgr *qmgr, uint32_t number)
{
	const struct link *link = link_get(&qmgr->links, number);

	return link != NULL && link->state == LINK_DISABLED;
}

/* make_change - write a change, and have it told */
static int
make_change(struct qmgr *qmgr, const struct control *control,
    const struct store_message *message)
{
	struct track_record told = {.by = slice_of_string(control->by)};

	switch (control->change) {
	case CHANGE_DELETE:
		told.event = TRACK_DELETION;
		ledger_describe(qmgr, message, &told);
		return ledger_delete(qmgr, message->id, &told);
	case CHANGE_HOLD:
		told.event = TRACK_HOLD;
		return ledger_update(qmgr, message, &told);
	case CHANGE_RELEASE:
		told.event = TRACK_RELEASE;
		return ledger_update(qmgr, message, &told);
	case CHANGE_RETRY:
	case CHANGE_REROUTE:
	case CHANGE_RETURN:
	case CHANGE_COUNT:
		break;
	}
	return ledger_update(qmgr, message, NULL);
}

/* change_one - change a message, within the transaction */
static int
change_one(struct qmgr *qmgr, struct control *control, struct target *target)
{
	struct store_message message;
	int rc;

	/* A worker has the message: its outcome would overwrite the change. */
	if (table_find(&qmgr->active, target->id) != NULL) {
		control->step.busy++;
		return 0;
	}
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, target->id, STORE_HEAD, &qmgr->arena, &message);
	if (rc == ERR_NOTFOUND) {
		control->step.missing++;
		return 0;
	}
	if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED)
		return change_damaged(qmgr, control, target);
	if (rc < 0)
		return rc;
	/* A retry of a disabled link would only look as if it did something. */
	if (!fit_change(control->change, &message) ||
	    (control->change == CHANGE_RETRY &&
		is_disabled(qmgr, message.link))) {
		control->step.unfit++;
		return 0;
	}
	rc = make_change(qmgr, control, &message);
	if (rc < 0)
		return rc;
	control->step.changed++;
	target->changed = true;
	name_target(target, &message);
	target->ready =
	    control->change != CHANGE_DELETE && message.state == STORE_READY;
	target->link = message.link;
	target->priority = message.priority;
	return 0;
}

/* sends_off - tell whether each message of a change is a member of its own */
static bool
sends_off(const struct control *control)
{
	return control->change == CHANGE_REROUTE ||
	    control->change == CHANGE_RETURN;
}

/* change_apply - apply a step of a change that affects records alone */
static int
change_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct control *control = (struct control *)member;
	size_t at = control->begun;
	int rc = 0;

	if (sends_off(control))
		return 0;
	/* A transaction that is undone is applied again, and must not count
	 * twice. */
	control->step = (struct counts){0};
	while (at < control->count && rc == 0) {
		control->targets[at].changed = false;
		rc = change_one(qmgr, control, &control->targets[at++]);
		if (step_is_over(qmgr->commit.step))
			break;
	}
	control->ended = at;
	return rc;
}

/* send_counts - send a row with how many were changed, and why others were
 * not */
static void
send_counts(struct qmgr *qmgr, const struct control *control)
{
	struct view_row row;
	struct ipc_row out;

	arena_reset(&qmgr->arena);
	view_row_init(&row, &qmgr->arena);
	view_text(&row, "kind", "change");
	view_number(&row, "done", control->all.changed);
	view_number(&row, "busy", control->all.busy);
	view_number(&row, "missing", control->all.missing);
	view_number(&row, "unfit", control->all.unfit);
	out = view_row_of(&row);
	(void)!answer_row(control->client, &out);
}

/* say_result - say in words how a change went */
static void
say_result(const struct control *control)
{
	const struct counts *all = &control->all;
	char text[128];

	snprintf(text, sizeof(text), "%u done%s", all->changed,
	    all->busy + all->missing + all->unfit == 0 ? "" : ";");
	if (all->busy > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    " %u being transferred", all->busy);
	if (all->missing > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    " %u not found", all->missing);
	if (all->unfit > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    " %u in another state", all->unfit);
	answer_done(control->client,
	    all->changed == 0 ? EXIT_STATUS_REFUSED : EXIT_STATUS_DONE, text,
	    0);
}

/* add_step - add what a committed step has done to the whole */
static void
add_step(struct control *control)
{
	control->all.changed += control->step.changed;
	control->all.busy += control->step.busy;
	control->all.missing += control->step.missing;
	control->all.unfit += control->step.unfit;
	control->begun = control->ended;
}

/* tell_links - give the links their work after a step */
static void
tell_links(struct qmgr *qmgr, const struct control *control)
{
	const struct link *asked = NULL;

	for (size_t i = control->begun; i < control->ended; i++) {
		const struct target *target = &control->targets[i];
		struct link *link;

		if (!target->changed)
			continue;
		log_change(control, target);
		/* A message that is gone need not be asked about by its
		 * name. */
		if (control->change == CHANGE_DELETE)
			batch_end(qmgr, target->id);
		link = link_get(&qmgr->links, target->link);
		if (link == NULL)
			continue;
		if (target->ready)
			ready_again(link, target->priority, target->id);
		/* The link is opened once for a row of its messages, not once
		 * for each. */
		if (control->change == CHANGE_RETRY && link != asked &&
		    link->kind != LINK_LIST)
			probe_ask(qmgr, link);
		asked = link;
		/* A message that left may be the one that another waited
		 * for. */
		link_touch(qmgr, link);
	}
}

/* send_one_off - have a message routed again, or returned */
static void
send_one_off(struct qmgr *qmgr, struct control *control, struct target *target)
{
	struct store_message message;
	struct link *link = NULL;
	struct job *job;

	arena_reset(&qmgr->arena);
	if (table_find(&qmgr->active, target->id) != NULL) {
		control->step.busy++;
		return;
	}
	if (store_message_get(qmgr->store, target->id, STORE_HEAD, &qmgr->arena,
		&message) == 0)
		link = link_get(&qmgr->links, message.link);
	/* Claimed before the move, so that no worker is given the message
	 * meanwhile. */
	job = link == NULL ? NULL : dispatch_claim(qmgr, link, &message);
	if (job == NULL) {
		control->step.missing++;
		return;
	}
	control->step.changed++;
	name_target(target, &message);
	log_change(control, target);
	if (control->change == CHANGE_RETURN)
		outcome_returned(qmgr, job, control->by);
	else
		reroute_start(qmgr, job, REROUTE_ASKED, control->by);
}

/* send_off - have some messages routed again, or returned, in the next
 * transactions */
static void
send_off(struct qmgr *qmgr, struct control *control)
{
	uint64_t end = qmgr->stopping ? CLOCK_NEVER : step_begin(STEP_TIME);

	control->step = (struct counts){0};
	do
		send_one_off(
		    qmgr, control, &control->targets[control->ended++]);
	while (control->ended < control->count && !step_is_over(end));
}

/* begin_step - have the next step of a change join the next commit */
static void
begin_step(struct qmgr *qmgr, struct control *control)
{
	/* Behind what it sends off: the answer tells that all of it is
	 * committed. */
	if (sends_off(control))
		send_off(qmgr, control);
	commit_add(qmgr, &control->member);
}

/* change_done - go on with a change, or answer the tool */
static void
change_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct control *control = (struct control *)member;

	if (result == 0) {
		if (!sends_off(control))
			tell_links(qmgr, control);
		add_step(control);
		if (control->ended < control->count) {
			begin_step(qmgr, control);
			return;
		}
	}
	control->client->waiting--;
	send_counts(qmgr, control);
	if (result < 0)
		answer_done(control->client, EXIT_STATUS_REFUSED,
		    store_reason(qmgr->store), 0);
	else
		say_result(control);
	control_free(control);
}

/* take_ids - collect the ids that were named; false: one is no id */
static bool
take_ids(struct control *control, const struct ipc_request *request)
{
	for (size_t i = 0; i < request->argument_count; i++)
		if (view_parse_id(request->arguments[i],
			&control->targets[control->count++].id) < 0)
			return false;
	return control->count > 0;
}

/* start_change - have the first step of a change join the next commit */
static void
start_change(struct qmgr *qmgr, struct control *control)
{
	control->member.order = COMMIT_BACKGROUND;
	control->member.apply = change_apply;
	control->member.done = change_done;
	control->client->waiting++;
	begin_step(qmgr, control);
}

/* control_change - begin a change of messages */
bool
control_change(struct client *client, const struct ipc_request *request)
{
	struct control *control;
	int change = 0;

	while (change < CHANGE_COUNT &&
	    !slice_equal_string(request->command, names[change]))
		change++;
	if (change == CHANGE_COUNT)
		return false;
	if (request->argument_count > IDS_MAX) {
		answer_done(client, EXIT_STATUS_USAGE, "too many messages", 0);
		return true;
	}
	control = calloc(1,
	    sizeof(*control) + request->argument_count * sizeof(struct target));
	if (control == NULL) {
		answer_done(client, EXIT_STATUS_REFUSED, "no memory", 0);
		return true;
	}
	control->client = client;
	client_who(client, control->by);
	control->change = (enum change)change;
	(void)credentials_name(&client->caller, control->user);
	if (!take_ids(control, request)) {
		control_free(control);
		answer_done(
		    client, EXIT_STATUS_USAGE, "ids of messages, please", 0);
		return true;
	}
	start_change(client->qmgr, control);
	return true;
}
