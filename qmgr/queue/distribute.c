/* SPDX-License-Identifier: ISC */
/*
 * distribute.c - decide where each recipient of a message is served
 */
#include "conf/conf_content.h"
#include "mixer/address.h"
#include "mhs/downgrade.h"
#include "mhs/or_downgrade.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/barred.h"
#include "qmgr/queue/distribute.h"
#include "qmgr/queue/lists.h"
#include "qmgr/queue/names.h"
#include "qmgr/queue/redirect.h"
#include "qmgr/queue/route.h"
#include "qmgr/queue/told.h"

/* distribute_init - make room for the decisions, in qmgr's arena */
int
distribute_init(struct qmgr *qmgr, struct distribution *d)
{
	size_t count = d->envelope->recipient_count;

	if (count == 0)
		/* A report has no recipients: its destination is the originator
		 * of its subject. */
		return 0;
	d->links = arena_array(&qmgr->arena, count, sizeof(struct link *));
	d->verdicts = arena_array(&qmgr->arena, count, sizeof(*d->verdicts));
	d->indexes = arena_array(&qmgr->arena, count, sizeof(*d->indexes));
	d->redirected = arena_array(&qmgr->arena, count, sizeof(bool));
	return d->links == NULL || d->verdicts == NULL || d->indexes == NULL ||
		d->redirected == NULL
	    ? arena_error(&qmgr->arena)
	    : 0;
}

/* refuse_recipient - decide that a recipient cannot be served */
static void
refuse_recipient(
    struct distribution *d, size_t index, enum cause cause, const char *text)
{
	d->links[index] = NULL;
	d->verdicts[d->verdict_count++] = (struct verdict){
	    .index = (uint32_t)index,
	    .reason = cause_reason(cause),
	    .diagnostic = cause_diagnostic(cause),
	    .text = slice_of_string(text),
	};
}

/* responsible - tell whether this copy is responsible for a recipient */
static bool
responsible(const struct distribution *d, size_t index)
{
	return (d->envelope->recipients[index].indicators &
		   P1_RESPONSIBILITY) != 0;
}

/* distribute_refuse - decide that no recipient can be served */
void
distribute_refuse(struct distribution *d, enum cause cause, const char *text)
{
	/* Verdicts on single recipients made before are replaced, or somebody
	 * would be reported on twice. */
	d->verdict_count = 0;
	for (size_t i = 0; i < d->envelope->recipient_count; i++)
		/* Other copies of the message, with other MTAs, are responsible
		 * for the rest. */
		if (responsible(d, i))
			refuse_recipient(d, i, cause, text);
}

/* is_over - tell whether a content is larger than a link takes */
static bool
is_over(const struct link *link, uint64_t length)
{
	return link != NULL && link->policy.max_size != 0 &&
	    length > link->policy.max_size;
}

/* is_too_long - tell whether a message, or the one that a probe asks about, is
 * larger than a link takes.  A message that came was held against the limit of
 * the link that it came by. */
static bool
is_too_long(const struct qmgr *qmgr, const struct distribution *d,
    const struct link *to)
{
	uint64_t length = d->content_length;

	if (d->envelope->kind != MTS_PROBE)
		/* A probe has no content; its envelope says how long the
		 * message would be. */
		return is_over(to, length);
	if (d->envelope->content_length > 0)
		length = (uint64_t)d->envelope->content_length;
	return is_over(to, length) ||
	    is_over(link_get(&qmgr->links, d->from_link), length);
}

/* delivery_refused - decide whether a recipient of a postoffice asks for what
 * is not done on delivery.  A peer is not refused it: its MTA decides. */
static bool
delivery_refused(struct distribution *d, size_t index)
{
	const struct p1_recipient *recipient = &d->envelope->recipients[index];

	if (extension_undelivered(&d->envelope->extensions) != NULL ||
	    extension_undelivered(&recipient->extensions) != NULL) {
		refuse_recipient(d, index, CAUSE_CRITICAL,
		    "an extension critical for delivery is not supported");
		return true;
	}
	return false;
}

/* conversion_refused - decide whether a recipient that is served here asks for
 * a conversion */
static bool
conversion_refused(struct distribution *d, size_t index, struct link *link)
{
	/* Delivering unconverted what the originator wanted converted would
	 * hand the recipient octets that it cannot read. */
	if (d->envelope->recipients[index].explicit_conversion >= 0) {
		refuse_recipient(d, index, CAUSE_CONVERSION,
		    "the conversion that is asked for is not done here");
		/* Messages are counted: one that several recipients would need
		 * converted is one. */
		if (!d->unconverted && d->envelope->kind == MTS_MESSAGE)
			link->counters.unconverted++;
		d->unconverted = true;
		return true;
	}
	return false;
}

/* may_relay - tell whether messages of a link may go to any address of the
 * Internet: relay-from names it.  What was submitted on this machine may, and
 * so may copies for members of a list, which are in the configuration */
static bool
may_relay(
    const struct qmgr *qmgr, uint32_t from, const struct conf_names *names)
{
	const struct link *link = link_get(&qmgr->links, from);

	if (from == STORE_LINK_NONE || (link != NULL && link->list != NULL))
		return true;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], "*") == 0 ||
		    (link != NULL && strcmp(names->items[i], link->name) == 0))
			return true;
	return false;
}

/* relay_refused - decide whether a recipient is of the Internet, and the
 * gateway would relay for whom it may not */
static bool
relay_refused(struct distribution *d, size_t index, struct link *link)
{
	if (!address_names_internet(
		&d->envelope->recipients[index].name.address) ||
	    may_relay(link->qmgr, d->from_link, &link->mixer->relay_from))
		return false;
	refuse_recipient(d, index, CAUSE_BARRED,
	    "relay-from of the gateway does not name where this came from");
	return true;
}

/* content_refused - decide whether a content is none that becomes a message of
 * the Internet: no interpersonal message */
static bool
content_refused(struct distribution *d, size_t index)
{
	int type = d->envelope->content_type.built_in;

	if (d->envelope->kind == MTS_REPORT || type == P1_CONTENT_P2 ||
	    type == P1_CONTENT_P22)
		return false;
	refuse_recipient(d, index, CAUSE_CONTENT_TYPE,
	    "a gateway takes interpersonal messages alone");
	return true;
}

/* local_refused - decide whether a recipient of a postoffice or an application
 * gets nothing, since what it is sent cannot be given out as it is */
static bool
local_refused(struct distribution *d, size_t index, struct link *link)
{
	if (link->kind == LINK_MSMAIL)
		return delivery_refused(d, index) ||
		    conversion_refused(d, index, link);
	if (link->kind == LINK_MIXER)
		return relay_refused(d, index, link) ||
		    content_refused(d, index) || delivery_refused(d, index) ||
		    conversion_refused(d, index, link);
	if (link->kind != LINK_APPLICATION)
		return false;
	if (!conf_content_accepts(
		&link->application->contents, &d->envelope->content_type)) {
		refuse_recipient(d, index, CAUSE_CONTENT_TYPE,
		    "its program does not take this type of content");
		return true;
	}
	/* The program gets every extension, and knows those that it needs. */
	return conversion_refused(d, index, link);
}

/*
 * bar_recipient - refuse a recipient whose link does not take the message
 *
 * 1 if it was refused, 0 if not, or an error.  A probe says what would become
 * of a message.
 */
static int
bar_recipient(struct qmgr *qmgr, struct distribution *d, size_t index,
    const struct link *link)
{
	enum cause cause = barred_cause(link, d->envelope);
	struct verdicts_entry entry = {.event = VERDICTS_BARRED,
	    .mts_id = slice_of_string(d->mts_id),
	    .from = slice_of_string(link->name)};
	const char *originator;
	int rc;

	/* Copies for members of a list are as small as the link wants. */
	if (cause == CAUSES && !d->alone && barred_count(link, d->envelope)) {
		refuse_recipient(d, index, CAUSE_TOO_MANY,
		    "it has more recipients than the link takes");
		return 1;
	}
	if (cause == CAUSES)
		return 0;
	refuse_recipient(d, index, cause, barred_text(cause));
	/* Only barred originators are an event: the other causes are ordinary
	 * reports. */
	if (cause != CAUSE_BARRED)
		return 1;
	originator = or_address_format(
	    &d->envelope->originator.address, OR_STYLE_F401, &qmgr->arena);
	if (originator == NULL)
		return arena_error(&qmgr->arena);
	entry.subject = slice_of_string(originator);
	rc = verdicts_add(&d->placing->verdicts, &entry);
	return rc < 0 ? rc : 1;
}

/* log_recursion - have it logged that a list is not expanded once more */
static int
log_recursion(struct distribution *d, const struct list *list)
{
	const struct verdicts_entry entry = {.event = VERDICTS_RECURSION,
	    .mts_id = slice_of_string(d->mts_id),
	    .to = slice_of_string(list->conf->name)};

	return verdicts_add(&d->placing->verdicts, &entry);
}

/*
 * enlist_recipient - decide on a recipient that is a list
 *
 * Who names itself through others has got the message by its first expansion:
 * there is nothing to report (X.402 14.5).  A probe does not go further than
 * the list (X.411 14.3.10).  ERR_NOMEM, ERR_LIMIT.
 */
static int
enlist_recipient(struct qmgr *qmgr, struct distribution *d, size_t index,
    const struct list *list)
{
	int answer = list_ask(qmgr, list, d->envelope);

	if (answer == LIST_RECURSION)
		return log_recursion(d, list);
	if (answer == LIST_PROHIBITED)
		refuse_recipient(d, index, CAUSE_EXPANSION_PROHIBITED,
		    "it is for a list, and may not be expanded");
	else if (answer == LIST_CLOSED)
		refuse_recipient(d, index, CAUSE_NO_SUBMIT_PERMISSION,
		    "its sender may not write to the list");
	/* The list is where the probe ends, and what would happen beyond is not
	 * told. */
	else if (answer == LIST_OPEN && d->envelope->kind == MTS_PROBE)
		d->verdicts[d->verdict_count++] =
		    (struct verdict){.index = (uint32_t)index,
			.delivered = true,
			.expanded = true};
	else if (answer == LIST_OPEN)
		d->links[index] = list->link;
	return answer < 0 ? answer : 0;
}

/* downgrade_refused - decide whether a message for a recipient behind a link of
 * 1984 says what cannot be said there, and may not be left out */
static bool
downgrade_refused(struct qmgr *qmgr, struct distribution *d, size_t index)
{
	const struct p1_recipient *recipient = &d->envelope->recipients[index];
	struct or_name originator = d->envelope->originator;
	struct or_name name = recipient->name;
	const char *why = downgrade_refuses(d->envelope);

	if (why == NULL)
		why = downgrade_refuses_recipient(recipient);
	/* Made in the arena only to see whether it can be done; the worker does
	 * it again when it sends. */
	if (why == NULL &&
	    (or_name_downgrade(&originator, &qmgr->domain, &qmgr->arena) ==
		    ERR_VALUE ||
		or_name_downgrade(&name, &qmgr->domain, &qmgr->arena) ==
		    ERR_VALUE))
		why = "a name cannot be said to a peer of 1984";
	if (why != NULL)
		refuse_recipient(d, index, CAUSE_DOWNGRADE, why);
	return why != NULL;
}

/* answer_probe - say that a recipient whom a program serves would have a
 * message */
static void
answer_probe(struct distribution *d, size_t index)
{
	d->verdicts[d->verdict_count++] =
	    (struct verdict){.index = (uint32_t)index, .delivered = true};
}

/* route_recipient - find the link of one recipient, or why there is none: 1 if
 * an alternate recipient may help, else 0, or an error */
static int
route_recipient(struct qmgr *qmgr, struct distribution *d, size_t index)
{
	const struct p1_recipient *recipient = &d->envelope->recipients[index];
	struct link *link = NULL;
	int rc;

	/* A redirected recipient may lie behind the very link the message came
	 * by: that is no loop, since somebody else gets it there. */
	uint32_t from = d->redirected[index] ? ROUTE_ANYWHERE : d->route_from;

	switch (route_find(
	    qmgr, &recipient->name.address, from, qmgr->share, &link)) {
	case ROUTE_FOUND:
		break;
	case ROUTE_NONE:
		refuse_recipient(d, index, CAUSE_NOBODY_SERVES,
		    "nobody serves this address");
		return 1;
	case ROUTE_BACK:
		/* Sending it back would let two MTAs pass it to and fro until
		 * the trace stops them. */
		refuse_recipient(d, index, CAUSE_ROUTE_BACK,
		    "the only route leads back to where it came from");
		return 0;
	}
	/* In this order: a barred sender learns nothing of what the recipient's
	 * system can or cannot do. */
	rc = bar_recipient(qmgr, d, index, link);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (local_refused(d, index, link))
		return 0;
	if (link->policy.of_1984 && downgrade_refused(qmgr, d, index))
		return 0;
	/* Size last, since it depends on the link that was chosen. */
	if (is_too_long(qmgr, d, link))
		refuse_recipient(
		    d, index, CAUSE_TOO_LONG, "larger than the link takes");
	/* A program is given no probe: what it would take is known here. */
	else if (link->kind == LINK_APPLICATION &&
	    d->envelope->kind == MTS_PROBE)
		answer_probe(d, index);
	else
		d->links[index] = link;
	return 0;
}

/* redirect_refused - say why a recipient that was redirected gets nothing */
static void
redirect_refused(struct distribution *d, size_t index, enum cause cause)
{
	refuse_recipient(d, index, cause,
	    cause == CAUSE_REASSIGNMENT_PROHIBITED
		? "its recipient has it redirected, which is prohibited"
		: "it is redirected in a circle");
}

/* decide_recipient - find the link of one recipient, or of whoever stands for
 * it, or why there is none.  ERR_NOMEM */
static int
decide_recipient(struct qmgr *qmgr, struct distribution *d, size_t index)
{
	struct redirect redirect = {.envelope = d->envelope,
	    .recipient = &d->envelope->recipients[index]};
	const struct name_entry *entry;
	int rc = REDIRECT_DONE;

	/* A recipient's critical extension concerns that recipient alone; one
	 * of the envelope refuses all (see distribute_decide). */
	if (extension_unsupported(&redirect.recipient->extensions) != NULL) {
		refuse_recipient(d, index, CAUSE_CRITICAL,
		    "a critical extension is not supported");
		return 0;
	}
	while (rc == REDIRECT_DONE) {
		rc = redirect_assigned(qmgr, &redirect);
		if (rc < 0)
			return rc;
		/* Or-ed: an address may be assigned in several steps, and one
		 * redirection suffices for the trace. */
		d->redirected[index] |= rc == REDIRECT_DONE;
		if (rc == REDIRECT_REFUSED) {
			redirect_refused(d, index, redirect.cause);
			return 0;
		}
		/* Looked up after the redirection: an assigned address may
		 * itself be a list. */
		entry =
		    names_find(qmgr->names, &redirect.recipient->name.address);
		if (entry != NULL && entry->list != NULL)
			return enlist_recipient(qmgr, d, index, entry->list);
		rc = route_recipient(qmgr, d, index);
		/* Found, refused for good, or an error; only "nobody serves it"
		 * leaves the alternate to be tried. */
		if (rc <= 0)
			return rc;
		rc = redirect_alternate(qmgr, &redirect);
		if (rc < 0)
			return rc;
		/* The verdict is on whoever is not to get it any more. */
		if (rc == REDIRECT_DONE) {
			d->redirected[index] = true;
			d->verdict_count--;
		}
	}
	/* The alternate could not be used either: the verdict of its recipient
	 * stands. */
	return 0;
}

/* decide_and_tell - decide on a recipient, and have it told if somebody else
 * is in its place now.  ERR_NOMEM */
static int
decide_and_tell(struct qmgr *qmgr, struct distribution *d, size_t index)
{
	const struct p1_recipient *recipient = &d->envelope->recipients[index];
	const struct or_address before = recipient->name.address;
	bool was = d->redirected[index];
	int rc = decide_recipient(qmgr, d, index);

	if (rc == 0 && !was && d->redirected[index])
		told_redirect(qmgr, d->placing, d->mts_id, &before,
		    &recipient->name.address);
	return rc;
}

/* decide_all - decide what holds for every recipient: whether none can be
 * served */
static bool
decide_all(struct qmgr *qmgr, struct distribution *d)
{
	if (!d->alone &&
	    barred_count(link_get(&qmgr->links, d->from_link), d->envelope)) {
		distribute_refuse(
		    d, CAUSE_TOO_MANY, "it has more recipients than are taken");
		return true;
	}
	/* The message as a whole cannot be handled as its originator asks,
	 * whoever the recipient is. */
	if (extension_unsupported(&d->envelope->extensions) != NULL) {
		distribute_refuse(
		    d, CAUSE_CRITICAL, "a critical extension is not supported");
		return true;
	}
	return false;
}

/* distribute_decide_some - decide on the next recipients, so many at most */
int
distribute_decide_some(struct qmgr *qmgr, struct distribution *d, size_t most)
{
	size_t total = d->envelope->recipient_count, end = total;
	int rc = 0;

	if (d->decided == 0 && decide_all(qmgr, d))
		return 0;
	if (most < total - d->decided)
		end = d->decided + most;
	for (; d->decided < end && rc == 0; d->decided++)
		if (responsible(d, d->decided))
			rc = decide_and_tell(qmgr, d, d->decided);
	return rc < 0 ? rc : end < total;
}

/* distribute_decide - decide on every recipient that the envelope is
 * responsible for */
int
distribute_decide(struct qmgr *qmgr, struct distribution *d)
{
	return distribute_decide_some(qmgr, d, SIZE_MAX);
}
