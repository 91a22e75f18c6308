/* SPDX-License-Identifier: ISC */
/*
 * distribute_place.c - place one record for each route of a message
 *
 * See distribute.h.
 */
#include "qmgr/links/link.h"
#include "qmgr/queue/distribute.h"
#include "qmgr/queue/named.h"
#include "qmgr/queue/share.h"
#include "qmgr/queue/strip.h"
#include "store/store.h"

/* A copy of so many recipients at most is encoded in one step. */
#define AT_ONCE 500

/* in_ms - convert seconds of a peer's clock to milliseconds; 0: they are
 * absurd */
static int64_t
in_ms(int64_t seconds)
{
	return seconds < 0 || seconds > INT64_MAX / 2000 ? 0 : seconds * 1000;
}

/* set_lifetime - set until when a message may wait here */
static void
set_lifetime(const struct qmgr *qmgr, const struct p1_envelope *envelope,
    struct store_message *message)
{
	int rank = p1_priority_rank(envelope->priority);
	/* A clock that is behind must not have it expire once it is right. */
	int64_t now = timekeeper_latest(&qmgr->time);
	/* From the later of both times: a message must not lose the time that
	 * it waited while the clock was wrong. */
	int64_t expires = message->arrival > now ? message->arrival : now;
	int64_t latest = p1_latest_delivery_time(envelope);

	/* The lifetime counts from when it may leave, or mail deferred for a
	 * month would expire before it is due. */
	if (in_ms(envelope->deferred_time) > expires)
		expires = in_ms(envelope->deferred_time);
	expires += (int64_t)qmgr->conf->mta.message_lifetime[rank];
	/* The originator's own limit may shorten the time and never lengthen
	 * it. */
	message->own_time = latest != P1_NO_TIME && in_ms(latest) < expires;
	if (message->own_time)
		expires = in_ms(latest);
	/* Zero in a record means "never expires"; a time in the past becomes
	 * the earliest one there is. */
	message->expires = expires < 1 ? 1 : expires;
}

/* fill_record - fill in what the store is to know of a copy */
static void
fill_record(const struct qmgr *qmgr, const struct distribution *d,
    const struct link *link, struct store_message *message)
{
	const struct p1_envelope *envelope = d->envelope;
	int64_t deferred = in_ms(envelope->deferred_time);

	message->kind = envelope->kind;
	message->state = STORE_READY;
	/* Reports go with the urgent ones. */
	message->priority = envelope->kind == MTS_REPORT
	    ? STORE_URGENT
	    : (enum store_priority)p1_priority_rank(envelope->priority);
	/* Where it goes stands in the record, so that a dead link costs
	 * nothing: its messages stay, and only the link waits. */
	message->link = link->number;
	message->from_link = d->from_link;
	/* Elements left out for a link are chosen now and cut when it is sent:
	 * the stored envelope stays whole, since it may take another route. */
	message->strip = strip_of(&link->policy);
	message->explicit = link->policy.explicit_extensions;
	message->source = d->source;
	if (envelope->kind != MTS_REPORT)
		message->recipients = (uint32_t)d->count;
	message->arrival = d->arrival;
	set_lifetime(qmgr, envelope, message);
	/* By the earlier clock, because sending before its time cannot be
	 * undone. */
	if (envelope->kind == MTS_MESSAGE &&
	    deferred > timekeeper_earliest(&qmgr->time)) {
		message->state = STORE_DEFERRED;
		message->next_try = deferred;
	}
}

/* ask_link - note whether a link that is not up, or this source's part of it,
 * is full */
static void
ask_link(struct qmgr *qmgr, struct distribution *d, const struct link *link)
{
	enum share_full full =
	    share_ask_link(qmgr, d->from_link, link->number, d->content_length);

	if (full == SHARE_FULL_NOT)
		return;
	d->full = link;
	d->full_share = full == SHARE_FULL_SOURCE;
}

/* is_redirected - tell whether one of the first recipients in d->indexes was
 * redirected */
static bool
is_redirected(const struct distribution *d, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (d->redirected[d->indexes[i]])
			return true;
	return false;
}

/* name_alone - have the copy name its own recipients and no others */
static int
name_alone(struct qmgr *qmgr, struct distribution *d)
{
	struct p1_envelope *sent = &d->sent;
	struct p1_recipient *recipients =
	    arena_array(&qmgr->arena, d->count, sizeof(*recipients));

	if (recipients == NULL)
		return arena_error(&qmgr->arena);
	for (size_t i = 0; i < d->count; i++) {
		recipients[i] = sent->recipients[d->indexes[i]];
		/* Every recipient named here is one of this copy's;
		 * "responsible" was cleared for those of another link. */
		recipients[i].indicators |= P1_RESPONSIBILITY;
	}
	sent->recipients = recipients;
	sent->recipient_count = d->count;
	return 0;
}

/* is_told - tell whether the recipients of a copy are those that arrived */
static bool
is_told(const struct distribution *d)
{
	return d->count == 0 ||
	    (d->arrives && d->count == p1_responsible(d->envelope) &&
		!is_redirected(d, d->count));
}

/* name_copy - keep with a copy who sends it to whom */
static int
name_copy(struct qmgr *qmgr, const struct distribution *d, struct placed *item)
{
	const struct named *named = d->named;
	struct named own;

	if (named == NULL || !is_told(d)) {
		named_set(qmgr, d->envelope, d->indexes, d->count, &own);
		named = &own;
	}
	return placing_name(
	    d->placing, item, slice_of(named->text, named->len));
}

/* tagging_of - tell how extensions are tagged for a link */
static enum extension_tagging
tagging_of(const struct link *link)
{
	return link->policy.explicit_extensions ? EXTENSION_EXPLICIT
						: EXTENSION_IMPLICIT;
}

/* begin_copy - begin the copy for the link and the recipients that were
 * found */
static int
begin_copy(struct qmgr *qmgr, struct distribution *d)
{
	struct placed *item;
	int rc = placing_add(d->placing, d->mts_id, &item);

	/* The marks of this copy go into a copy of the envelope: the next
	 * link's has a trace of its own. */
	d->sent = *d->envelope;
	/* Noted in the trace, so that coming back is no loop (X.411 14.3). */
	if (rc == 0 && is_redirected(d, d->count))
		rc = p1_trace_mark(&d->sent, &qmgr->arena, TRACE_REDIRECTED);
	if (rc < 0)
		return rc;
	d->encoding = (struct p1_encoding){
	    .envelope = &d->sent, .tagging = tagging_of(d->link)};
	/* A list's members are separate (X.411 14.3.10): each copy names its
	 * own recipients only. */
	if (d->alone || d->link->kind == LINK_LIST) {
		rc = name_alone(qmgr, d);
	} else {
		/* Other links' recipients are named too, without
		 * responsibility, because a reply to all needs them. */
		d->encoding.responsible = d->indexes;
		d->encoding.count = d->count;
	}
	d->step = DISTRIBUTE_ENCODE;
	if (rc == 0 && d->sent.recipient_count > AT_ONCE)
		rc = p1_encode_begin(&d->encoding, &d->placing->octets);
	return rc;
}

/* end_copy - note the octets of a copy, and what the store is to know of it */
static int
end_copy(struct qmgr *qmgr, struct distribution *d)
{
	struct placing *placing = d->placing;
	struct placed *item = &placing->items[placing->count - 1];
	const struct link *link = d->link;
	int rc;

	item->envelope = placing_close(placing, d->at);
	/* Bounded by the store. */
	if (item->envelope.len > STORE_ENVELOPE_MAX)
		return ERR_LIMIT;
	rc = name_copy(qmgr, d, item);
	if (rc < 0)
		return rc;
	fill_record(qmgr, d, link, &item->message);
	d->shares_content = true;
	/* Only a link that cannot send now is asked for room: what flows
	 * through a link that is up never fills the queue. */
	if (link->state == LINK_WAITING || link->open_failures > 0 ||
	    link_out(link)) {
		d->for_waiting = true;
		ask_link(qmgr, d, link);
	}
	d->told = (struct told_list){0};
	d->step = is_told(d) ? DISTRIBUTE_NEXT : DISTRIBUTE_TELL;
	return 0;
}

/* encode_all - encode a copy in one step, which is faster */
static int
encode_all(struct distribution *d)
{
	const struct p1_encoding *encoding = &d->encoding;
	struct buffer *octets = &d->placing->octets;

	d->at = placing_open(d->placing);
	if (encoding->responsible == NULL)
		return p1_encode(encoding->envelope, encoding->tagging, octets);
	return p1_copy_for(encoding->envelope, encoding->responsible,
	    encoding->count, encoding->tagging, octets);
}

/* encode_some - encode the next recipients of a copy */
static int
encode_some(struct qmgr *qmgr, struct distribution *d, size_t most)
{
	struct buffer *octets = &d->placing->octets;
	int rc;

	if (d->sent.recipient_count <= AT_ONCE) {
		rc = encode_all(d);
	} else {
		rc = p1_encode_some(&d->encoding, most, octets);
		if (rc == 0)
			rc = p1_encode_end(&d->encoding, octets, &d->at);
	}
	return rc != 0 ? rc : end_copy(qmgr, d);
}

/* most_of - tell how many recipients one copy may be for */
static size_t
most_of(const struct distribution *d, const struct link *link)
{
	return link == NULL || !d->alone || link->x400 == NULL ||
		link->x400->max_recipients == 0
	    ? d->envelope->recipient_count
	    : link->x400->max_recipients;
}

/* next_link - begin with the copy for the next link: 1; 0, there is none */
static int
next_link(struct qmgr *qmgr, struct distribution *d)
{
	size_t total = d->envelope->recipient_count, most;
	int rc;

	while (d->placed < total && d->links[d->placed] == NULL)
		d->placed++;
	if (d->placed == total)
		return 0;
	d->link = d->links[d->placed];
	d->count = 0;
	most = most_of(d, d->link);
	/* All recipients of one link share a record and so a transfer; their
	 * places are cleared so that each is placed once. */
	for (size_t i = d->placed; i < total && d->count < most; i++) {
		if (d->links[i] != d->link)
			continue;
		d->indexes[d->count++] = (uint32_t)i;
		d->links[i] = NULL;
	}
	rc = begin_copy(qmgr, d);
	return rc < 0 ? rc : 1;
}

/* distribute_place_some - take the next step of placing */
int
distribute_place_some(struct qmgr *qmgr, struct distribution *d, size_t most)
{
	int rc;

	switch (d->step) {
	case DISTRIBUTE_NEXT:
		return next_link(qmgr, d);
	case DISTRIBUTE_ENCODE:
		rc = encode_some(qmgr, d, most);
		return rc < 0 ? rc : 1;
	case DISTRIBUTE_TELL:
		if (!told_copy_some(qmgr, d->placing, d->envelope, d->indexes,
			d->count, &d->told, most))
			d->step = DISTRIBUTE_NEXT;
		break;
	}
	return 1;
}

/* distribute_place - place a record for each link */
int
distribute_place(struct qmgr *qmgr, struct distribution *d)
{
	int rc;

	while ((rc = distribute_place_some(qmgr, d, SIZE_MAX)) > 0)
		;
	return rc;
}

/* distribute_report - place the record of a report */
int
distribute_report(struct qmgr *qmgr, struct distribution *d, struct link *link)
{
	struct placed *item;
	int rc = placing_add(d->placing, d->mts_id, &item);

	d->link = link;
	d->count = 0;
	d->at = placing_open(d->placing);
	if (rc == 0)
		rc = p1_encode(
		    d->envelope, tagging_of(link), &d->placing->octets);
	return rc < 0 ? rc : end_copy(qmgr, d);
}
