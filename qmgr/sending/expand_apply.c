/* SPDX-License-Identifier: ISC */
/*
 * expand_apply.c - one step of an expansion, in the transaction
 */
#include "base/clock.h"
#include "mhs/dl_exempted.h"
#include "mhs/dl_history.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/distribute.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/queue/lists.h"
#include "qmgr/queue/names.h"
#include "qmgr/queue/report.h"
#include "qmgr/queue/route.h"
#include "qmgr/sending/expand_apply.h"
#include "store/store.h"

/* The message of a step, and what it becomes. */
struct step {
	struct expansion *expansion;
	const struct list *list;
	struct store_message message;
	struct p1_envelope envelope; /* as it is queued */
	struct p1_envelope expanded; /* for the members of this step */
	uint64_t done;		     /* is noted as expanded */
	bool last;
};

/* list_of - find the list of a link, or NULL */
static const struct list *
list_of(const struct qmgr *qmgr, const struct link *link)
{
	const struct name_entry *entry = link->list == NULL
	    ? NULL
	    : names_find(qmgr->names, link->list->address.address);

	return entry == NULL ? NULL : entry->list;
}

/* read_message - read and decode the message of a step */
static int
read_message(struct qmgr *qmgr, struct step *step)
{
	struct expansion *expansion = step->expansion;
	int rc = store_message_get(qmgr->store, expansion->job->message,
	    STORE_WHOLE, &qmgr->arena, &step->message);

	/* Deleted or moved by an administrator between two steps. */
	if (rc == ERR_NOTFOUND ||
	    (rc == 0 &&
		(step->message.state != STORE_READY ||
		    step->message.link != expansion->job->link->number))) {
		expansion->fate = EXPAND_GONE;
		return 0;
	}
	if (rc == 0)
		rc = p1_decode(step->message.kind, step->message.envelope,
		    &qmgr->arena, &step->envelope, NULL);
	if (rc == 0 && p1_responsible(&step->envelope) == 0)
		rc = ERR_VALUE;
	/* Such errors pass by themselves or stop the whole queue; the message
	 * is not to blame and stays. */
	if (rc == 0 || rc == ERR_NOMEM || rc == ERR_IO || rc == ERR_STATE)
		return rc;
	expansion->fate = EXPAND_ASIDE;
	return ledger_aside(
	    qmgr, expansion->job->message, "it cannot be decoded for its list");
}

/* responsible_for - find the recipient that is the list */
static struct p1_recipient *
responsible_for(const struct p1_envelope *envelope)
{
	size_t at = 0;

	/* read_message checked that there is one, so the loop ends. */
	while ((envelope->recipients[at].indicators & P1_RESPONSIBILITY) == 0)
		at++;
	return &envelope->recipients[at];
}

/* indicators_for - say which reports are asked for about a member */
static uint32_t
indicators_for(const struct conf_list *list, uint32_t asked)
{
	switch (list->reports) {
	case CONF_REPORTS_ORIGINATOR:
		return asked;
	case CONF_REPORTS_OWNER:
		return P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		    P1_ORIGINATOR_NON_DELIVERY_REPORT;
	case CONF_REPORTS_NONE:
		break;
	}
	/* X.411 has an MTA ask for the least that there is. */
	return P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT;
}

/*
 * member_of - make the recipient that a member is
 *
 * What is asked for the list holds for its members (X.411 14.3.10), but for
 * the alternate of the list, and for the redirections that led to it.
 */
static int
member_of(struct qmgr *qmgr, const struct step *step,
    const struct p1_recipient *list, const struct list_member *member,
    struct p1_recipient *recipient)
{
	struct extension *items = NULL;
	size_t count = list->extensions.count;

	/* Start from the list's own recipient: priorities, conversions and
	 * extensions asked for hold for each member. */
	*recipient = *list;
	recipient->name = (struct or_name){.address = *member->address};
	recipient->indicators =
	    indicators_for(step->list->conf, list->indicators);
	recipient->extensions = (struct extension_list){0};
	if (count == 0)
		return 0;
	items = arena_array(&qmgr->arena, count, sizeof(*items));
	if (items == NULL)
		return arena_error(&qmgr->arena);
	/* A copy, since removing an extension would otherwise remove it from
	 * the list's recipient, which the next member is made of. */
	memcpy(items, list->extensions.items, count * sizeof(*items));
	recipient->extensions = (struct extension_list){
	    .items = items, .count = count, .capacity = count};
	/* The alternate and the history belong to the list as a recipient; a
	 * member inherits neither (X.411 14.3.10). */
	extension_remove(&recipient->extensions,
	    EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT);
	extension_remove(&recipient->extensions, EXTENSION_REDIRECTION_HISTORY);
	return 0;
}

/* Memory for one exempted name at a time. */
#define EXEMPTED_ARENA_MAX (4 * OR_ADDRESS_MAX)

/* mark_exempted - mark the members from one place on until another that the
 * originator wants left out */
static int
mark_exempted(const struct step *step, size_t from, size_t end, bool *exempted)
{
	struct ber_reader names;
	struct or_name name;
	struct arena arena;
	int rc;

	if (!dl_exempted_begin(&step->envelope.extensions, &names))
		return 0;
	/* An arena of its own: strangers decide how many names there are, and
	 * they must not fill that of the step. */
	arena_init(&arena, EXEMPTED_ARENA_MAX);
	while ((rc = dl_exempted_next(&names, &arena, &name)) > 0) {
		size_t at = list_find(step->list, &name.address);

		if (at >= from && at < end)
			exempted[at - from] = true;
		arena_reset(&arena);
	}
	arena_fini(&arena);
	return rc;
}

/* add_members - have members as recipients, but for those that are exempted */
static int
add_members(struct qmgr *qmgr, struct step *step, size_t from, size_t end)
{
	const struct p1_recipient *recipient = responsible_for(&step->envelope);
	struct p1_envelope *expanded = &step->expanded;
	/* An element more than needed: an empty list has no members, and an
	 * array of none would look like a lack of memory. */
	bool *exempted =
	    arena_array(&qmgr->arena, end - from + 1, sizeof(*exempted));
	int rc;

	expanded->recipient_count = 0;
	expanded->recipients = arena_array(
	    &qmgr->arena, end - from + 1, sizeof(*expanded->recipients));
	if (exempted == NULL || expanded->recipients == NULL)
		return arena_error(&qmgr->arena);
	rc = mark_exempted(step, from, end, exempted);
	for (size_t i = from; i < end && rc == 0; i++)
		if (!exempted[i - from])
			rc = member_of(qmgr, step, recipient,
			    &step->list->members[i],
			    &expanded->recipients[expanded->recipient_count++]);
	step->expansion->members = expanded->recipient_count;
	return rc;
}

/* choose_members - have the members of this step as recipients */
static int
choose_members(struct qmgr *qmgr, struct step *step)
{
	const struct list *list = step->list;
	size_t from = list_from(list, step->message.expanded), end;

	/* The hash of the last member expanded stands in the record. Hashes,
	 * unlike places in the list, stay right if the administrator adds
	 * members between two steps. */
	step->done = step->message.expanded;
	end = list_until(list, from, step->expansion->most, &step->done);
	step->last = end == list->count;
	step->expanded = step->envelope;
	return add_members(qmgr, step, from, end);
}

/* copy_extensions - give the members' envelope extensions of its own */
static int
copy_extensions(struct qmgr *qmgr, struct step *step)
{
	const struct extension_list *from = &step->envelope.extensions;
	struct extension *items =
	    arena_array(&qmgr->arena, from->count + 1, sizeof(*items));

	if (items == NULL)
		return arena_error(&qmgr->arena);
	if (from->count > 0)
		memcpy(items, from->items, from->count * sizeof(*items));
	step->expanded.extensions = (struct extension_list){
	    .items = items, .count = from->count, .capacity = from->count + 1};
	return 0;
}

/* mark_expansion - note the expansion in the history and in the trace */
static int
mark_expansion(struct qmgr *qmgr, struct step *step)
{
	const struct or_name name = {
	    .address = *step->list->conf->address.address};
	int rc = copy_extensions(qmgr, step);

	/* The history stops loops: a list finds its own name there and does not
	 * expand again. */
	if (rc == 0)
		rc = dl_history_append(&step->expanded.extensions, &qmgr->arena,
		    &name, clock_wall() / 1000);
	return rc != 0
	    ? rc
	    : p1_trace_mark(&step->expanded, &qmgr->arena, TRACE_DL_OPERATION);
}

/* place_copies - place a copy for each link of the members, and what is owed
 * for those that cannot be served */
static int
place_copies(struct qmgr *qmgr, struct step *step)
{
	struct placing *placing = &step->expansion->placing;
	struct distribution d = {.envelope = &step->expanded,
	    .placing = placing,
	    .mts_id = step->expansion->job->mts_id,
	    .from_link = step->expansion->job->link->number,
	    .source = store_source_of(&step->message),
	    .route_from = ROUTE_ANYWHERE,
	    .arrival = step->message.arrival,
	    .content_length = step->message.content_length,
	    .alone = true};
	struct report_subject subject = {.envelope = &step->expanded,
	    .message = step->message.id,
	    .arrival = step->message.arrival,
	    .source = d.source,
	    .content = step->message.content};
	/* The members get no copy of their own where several share a link:
	 * distribution groups them, as it does for a message that arrives. */
	int rc = distribute_init(qmgr, &d);

	qmgr->share++;
	if (rc == 0)
		rc = distribute_decide(qmgr, &d);
	if (rc == 0)
		rc = distribute_place(qmgr, &d);
	for (size_t i = 0; rc == 0 && i < placing->count; i++) {
		/* The originator's term goes on; expansion does not renew
		 * it. */
		placing->items[i].message.expires = step->message.expires;
		placing->items[i].message.own_time = step->message.own_time;
	}
	if (rc == 0)
		rc = report_add(
		    qmgr, &subject, d.verdicts, d.verdict_count, placing);
	return rc < 0 ? rc : 0;
}

/* report_delivery - place the delivery report of the list itself, where its
 * members' reports do not go to who asks for it (X.411 14.3.10) */
static int
report_delivery(struct qmgr *qmgr, struct step *step)
{
	const struct report_subject subject = {.envelope = &step->envelope,
	    .message = step->message.id,
	    .arrival = step->message.arrival,
	    .source = store_source_of(&step->message)};
	const struct p1_envelope *envelope = &step->envelope;
	struct verdict *verdicts = arena_array(
	    &qmgr->arena, envelope->recipient_count, sizeof(*verdicts));
	size_t count = 0;
	int rc;

	/* Here each member's report goes to the originator directly, who would
	 * otherwise be told twice. */
	if (step->list->conf->reports == CONF_REPORTS_ORIGINATOR)
		return 0;
	if (verdicts == NULL)
		return arena_error(&qmgr->arena);
	/* A list that is named several times is expanded once, and each time it
	 * is named asks for its own report. */
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if ((envelope->recipients[i].indicators & P1_RESPONSIBILITY) !=
		    0)
			verdicts[count++] =
			    (struct verdict){.index = (uint32_t)i,
				.delivered = true,
				.expanded = true};
	rc = report_add(
	    qmgr, &subject, verdicts, count, &step->expansion->placing);
	return rc < 0 ? rc : 0;
}

/* finish_step - write the copies, and how far the expansion came */
static int
finish_step(struct qmgr *qmgr, struct step *step)
{
	const struct placing_content content = {.id = step->message.content_id,
	    .length = step->message.content_length,
	    .octets = step->message.content};
	struct expansion *expansion = step->expansion;
	struct track_record told = {.event = TRACK_EXPANSION,
	    .size = expansion->members,
	    .other = slice_of_string(step->list->conf->name)};
	int rc;

	/* Asked before anything is written: a list multiplies mail, and must
	 * not fill the queue to the point where nothing else is accepted. */
	if (store_room(qmgr->store, STORE_INTAKE_UP,
		placing_size(&expansion->placing)) != 0) {
		expansion->fate = EXPAND_NO_ROOM;
		placing_reset(&expansion->placing);
		return 0;
	}
	rc = placing_write(qmgr, &expansion->placing, &content);
	if (rc < 0)
		return rc;
	expansion->fate = step->last ? EXPAND_FINISHED : EXPAND_GOES_ON;
	/* The source leaves in the same commit that holds its last copies, so a
	 * crash leaves either the message or all copies. */
	ledger_describe(qmgr, &step->message, &told);
	if (step->last) {
		rc = store_link_passed(qmgr->store, step->message.link,
		    &(struct store_traffic){.messages_out = 1,
			.recipients_out = step->message.recipients});
		return rc < 0 ? rc
			      : ledger_delete(qmgr, step->message.id, &told);
	}
	step->message.expanded = step->done;
	return ledger_update(qmgr, &step->message, &told);
}

/* expand_apply - place the copies for some members, and note how far it came */
int
expand_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct expansion *expansion = (struct expansion *)member;
	struct step step = {.expansion = expansion,
	    .list = list_of(qmgr, expansion->job->link)};
	int rc;

	/* A step that was undone leaves copies behind in memory; start from
	 * none. */
	placing_reset(&expansion->placing);
	arena_reset(&qmgr->arena);
	qmgr_item(qmgr, expansion->job->message);
	expansion->fate = EXPAND_GOES_ON;
	expansion->members = 0;
	if (step.list == NULL) {
		expansion->fate = EXPAND_NO_LIST;
		return 0;
	}
	rc = read_message(qmgr, &step);
	if (rc != 0 || expansion->fate != EXPAND_GOES_ON)
		return rc;
	rc = choose_members(qmgr, &step);
	if (rc == 0)
		rc = mark_expansion(qmgr, &step);
	if (rc == 0)
		rc = place_copies(qmgr, &step);
	/* With the last step only: earlier the expansion is not complete, and
	 * X.411 reports a delivery once. */
	if (rc == 0 && step.last)
		rc = report_delivery(qmgr, &step);
	return rc != 0 ? rc : finish_step(qmgr, &step);
}
