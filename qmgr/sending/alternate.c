/* SPDX-License-Identifier: ISC */
/*
 * alternate.c - an alternate gets the message that its recipient could not get
 */
#include "base/clock.h"
#include "qmgr/queue/distribute.h"
#include "qmgr/queue/redirect.h"
#include "qmgr/queue/route.h"
#include "qmgr/sending/alternate.h"
#include "store/store.h"

/* alternate_helps - tell whether an alternate may get what a recipient did
 * not */
bool
alternate_helps(int reason, int diagnostic)
{
	/* Another address helps only where the fault lies with this recipient
	 * or its way. What the peer finds wrong with the message itself would
	 * be wrong for an alternate too. */
	if (reason != REASON_TRANSFER_FAILURE &&
	    reason != REASON_UNABLE_TO_TRANSFER)
		return false;
	switch (diagnostic) {
	case DIAGNOSTIC_UNRECOGNISED_OR_NAME:
	case DIAGNOSTIC_AMBIGUOUS_OR_NAME:
	case DIAGNOSTIC_RECIPIENT_UNAVAILABLE:
	case DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER:
	case DIAGNOSTIC_TRANSFER_ATTEMPTS_LIMIT_REACHED:
		return true;
	case DIAGNOSTIC_NONE:
		return reason == REASON_TRANSFER_FAILURE;
	default:
		return false;
	}
}

/* may_redirect - tell whether a message may go to alternates at all: a copy of
 * one whose time is over would only expire */
static bool
may_redirect(const struct store_message *message)
{
	return message->kind == MTS_MESSAGE &&
	    (message->expires == 0 || message->expires > clock_wall());
}

/* alternate_is_wanted - tell whether an alternate is to get a message */
bool
alternate_is_wanted(struct qmgr *qmgr, const struct alternate *alternate,
    const struct verdict *verdict)
{
	const struct redirect redirect = {.envelope = alternate->envelope,
	    .recipient = &alternate->envelope->recipients[verdict->index]};

	return may_redirect(alternate->message) && !verdict->delivered &&
	    alternate_helps(verdict->reason, verdict->diagnostic) &&
	    redirect_has_alternate(qmgr, &redirect);
}

/* copy_recipients - give an envelope recipients of its own, for none of which
 * it is responsible */
static int
copy_recipients(struct qmgr *qmgr, struct p1_envelope *envelope)
{
	size_t count = envelope->recipient_count;
	struct p1_recipient *copies =
	    arena_array(&qmgr->arena, count, sizeof(*copies));

	if (copies == NULL)
		return arena_error(&qmgr->arena);
	memcpy(copies, envelope->recipients, count * sizeof(*copies));
	for (size_t i = 0; i < count; i++)
		/* A copy is made for the alternates alone: a recipient left
		 * responsible would be served, or reported on, a second
		 * time. */
		copies[i].indicators &= ~(uint32_t)P1_RESPONSIBILITY;
	envelope->recipients = copies;
	return 0;
}

/* replace_failed - replace those that cannot be delivered to by their
 * alternates; return how many, or an error */
static int
replace_failed(struct qmgr *qmgr, const struct alternate *alternate,
    struct distribution *d)
{
	int replaced = 0;

	for (size_t i = 0; i < alternate->verdict_count; i++) {
		const struct verdict *verdict = &alternate->verdicts[i];
		struct redirect redirect = {.envelope = d->envelope,
		    .recipient = &d->envelope->recipients[verdict->index]};
		int rc;

		if (verdict->delivered ||
		    !alternate_helps(verdict->reason, verdict->diagnostic))
			continue;
		rc = redirect_alternate(qmgr, &redirect);
		if (rc < 0)
			return rc;
		/* The redirection leads back to a recipient already tried (a
		 * loop), or no alternate is named: the verdict stands and is
		 * reported. */
		if (rc != REDIRECT_DONE)
			continue;
		redirect.recipient->indicators |= P1_RESPONSIBILITY;
		d->redirected[verdict->index] = true;
		/* The original envelope stays untouched: the reports below are
		 * still made from it, and a transaction that is tried again
		 * starts from it. */
		replaced++;
	}
	return replaced;
}

/* note_redirected - have it logged who gets the message instead of whom */
static int
note_redirected(struct qmgr *qmgr, const struct alternate *alternate,
    const struct distribution *d, const struct verdict *verdict)
{
	struct verdicts_entry entry = {.event = VERDICTS_REDIRECTED,
	    .message = alternate->message->id,
	    .mts_id = alternate->message->mts_id,
	    .text = verdict->text};
	const struct p1_recipient *before =
	    &alternate->envelope->recipients[verdict->index];
	const struct p1_recipient *now =
	    &d->envelope->recipients[verdict->index];
	const char *to = or_address_format(
	    &before->name.address, OR_STYLE_F401, &qmgr->arena);
	const char *instead =
	    or_address_format(&now->name.address, OR_STYLE_F401, &qmgr->arena);

	/* Both texts lie in the scratch arena, which lives until the commit has
	 * written the event. */
	if (to == NULL || instead == NULL)
		return arena_error(&qmgr->arena);
	entry.to = slice_of_string(to);
	entry.subject = slice_of_string(instead);
	return verdicts_add(&d->placing->verdicts, &entry);
}

/* keep_terms - give the copies for alternates the time that is left, and the
 * priority */
static void
keep_terms(
    const struct store_message *message, struct placing *placing, size_t first)
{
	for (size_t i = first; i < placing->count; i++) {
		/* An alternate gets the time that the originator granted, not a
		 * fresh term: a chain of alternates must not keep a message for
		 * ever. */
		placing->items[i].message.expires = message->expires;
		placing->items[i].message.own_time = message->own_time;
		placing->items[i].message.priority = message->priority;
	}
}

/* place_copies - place the copies for the alternates */
static int
place_copies(struct qmgr *qmgr, const struct alternate *alternate,
    struct distribution *d)
{
	size_t first = d->placing->count;
	int rc = distribute_decide(qmgr, d);

	for (size_t i = 0; rc == 0 && i < alternate->verdict_count; i++) {
		const struct verdict *verdict = &alternate->verdicts[i];

		/* An alternate without a link has a verdict of its own by now;
		 * nobody got the message instead. */
		if (d->links[verdict->index] != NULL)
			rc = note_redirected(qmgr, alternate, d, verdict);
	}
	if (rc == 0)
		rc = distribute_place(qmgr, d);
	if (rc == 0)
		keep_terms(alternate->message, d->placing, first);
	return rc;
}

/* settle_verdicts - keep the verdicts on those who were not replaced, and add
 * those on alternates that cannot be served */
static void
settle_verdicts(struct alternate *alternate, const struct distribution *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < alternate->verdict_count; i++)
		if (!d->redirected[alternate->verdicts[i].index])
			alternate->verdicts[kept++] = alternate->verdicts[i];
	/* Verdicts on alternates fit: each replaced a recipient whose own
	 * verdict was dropped above. */
	for (size_t i = 0; i < d->verdict_count; i++)
		alternate->verdicts[kept++] = d->verdicts[i];
	alternate->verdict_count = kept;
	/* A report on the alternate needs its redirection history, which the
	 * new address carries. */
	for (size_t i = 0; i < d->envelope->recipient_count; i++)
		if (d->redirected[i])
			alternate->envelope->recipients[i] =
			    d->envelope->recipients[i];
}

/* alternate_place - place copies for the alternates of recipients */
int
alternate_place(
    struct qmgr *qmgr, struct alternate *alternate, struct placing *placing)
{
	const struct store_message *message = alternate->message;
	struct p1_envelope envelope = *alternate->envelope;
	char mts_id[MTS_IDENTIFIER_TEXT];
	struct distribution d = {.envelope = &envelope,
	    .placing = placing,
	    .mts_id = mts_id,
	    .from_link = message->from_link,
	    .route_from = message->from_link,
	    .source = store_source_of(message),
	    .arrival = message->arrival,
	    .content_length = message->content_length};
	size_t first = placing->count;
	size_t told = buffer_length(&placing->told);
	int rc;

	if (!may_redirect(message))
		return 0;
	mts_identifier_format(&envelope.identifier, mts_id);
	/* From here on nothing may write through alternate->envelope: the
	 * copies are made of a second set of recipients. */
	rc = copy_recipients(qmgr, &envelope);
	if (rc == 0)
		rc = distribute_init(qmgr, &d);
	if (rc == 0)
		rc = replace_failed(qmgr, alternate, &d);
	if (rc > 0) {
		/* Several links may serve the alternate; counting up spreads
		 * the load as for a message that arrives. */
		qmgr->share++;
		rc = place_copies(qmgr, alternate, &d);
		if (rc == 0)
			settle_verdicts(alternate, &d);
	}
	/* A message that grows beyond its bounds is reported on instead, or it
	 * would be tried for ever. */
	if (rc == ERR_LIMIT) {
		placing->count = first;
		buffer_truncate(&placing->told, told);
		rc = 0;
	}
	return rc;
}
