/* SPDX-License-Identifier: ISC */
/*
 * report.c - what the originator is told
 */
#include "base/clock.h"
#include "base/escape.h"
#include "mhs/dl_history.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/list_report.h"
#include "qmgr/queue/named.h"
#include "qmgr/queue/report.h"
#include "qmgr/queue/route.h"
#include "qmgr/queue/stamp.h"
#include "qmgr/queue/storm.h"
#include "qmgr/queue/strip.h"
#include "qmgr/queue/told.h"

/* report_wants_content - tell whether the content may have to be returned */
bool
report_wants_content(
    const struct p1_envelope *envelope, uint64_t content_length)
{
	/* The content is read from the disk only if a report may return it:
	 * this is asked before. */
	return envelope->kind == MTS_MESSAGE &&
	    (envelope->indicators & P1_CONTENT_RETURN_REQUEST) != 0 &&
	    content_length > 0 && content_length <= REPORT_RETURN_MAX;
}

/*
 * report_wanted - tell whether a report on this is owed
 *
 * Towards another domain what its MTA asked for counts; it sees to what its
 * user wanted.  For a message that began here we are that MTA.
 */
bool
report_wanted(const struct p1_envelope *envelope,
    const struct p1_recipient *recipient, enum report_verdict verdict,
    enum report_origin origin)
{
	uint32_t mta = recipient->indicators &
	    (P1_MTA_REPORT | P1_MTA_NON_DELIVERY_REPORT);
	uint32_t user = recipient->indicators &
	    (P1_ORIGINATOR_REPORT | P1_ORIGINATOR_NON_DELIVERY_REPORT);

	/* A report on a report could go round without end between two MTAs. */
	if (envelope->kind == MTS_REPORT)
		return false;
	/* A probe is nothing but a question, so it is always answered. */
	if (envelope->kind == MTS_PROBE)
		return true;
	/* From elsewhere a failure is always reported: the MTA that asked for
	 * less knows by itself what its user gets. */
	if (verdict == REPORT_FAILED)
		return origin == REPORT_FROM_ELSEWHERE || user != 0;
	return origin == REPORT_FROM_HERE ? (user & P1_ORIGINATOR_REPORT) != 0
					  : (mta & P1_MTA_REPORT) != 0;
}

/* began_here - tell whether a message began at this MTA.  One of another MTA
 * of this domain has a trace of one element too, but came over a link. */
static bool
began_here(const struct qmgr *qmgr, const struct report_subject *subject)
{
	const struct p1_envelope *envelope = subject->envelope;
	const struct link *from = link_get(&qmgr->links, subject->source);

	return envelope->trace.count <= 1 &&
	    (from == NULL || from->kind == LINK_MSMAIL ||
		from->kind == LINK_APPLICATION || from->kind == LINK_MIXER) &&
	    global_domain_compare(
		&envelope->identifier.domain, &qmgr->domain) == 0;
}

/* printable - make text fit for the supplementary information */
static struct slice
printable(struct arena *arena, struct slice text)
{
	/* The standard has a PrintableString or T.61 here; the reason came from
	 * a peer and may hold anything. */
	char line[REPORT_SUPPLEMENTARY_MAX];
	size_t len = escape_printable(line, sizeof(line), text);
	struct slice copy = {0};

	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = '?';
	/* Supplementary information is optional: without memory the report goes
	 * without it. */
	if (arena_slice(arena, slice_of(line, len), &copy) < 0)
		return slice_of(NULL, 0);
	return copy;
}

/* keep_redirection - name whom the originator wrote to, where the message was
 * redirected: the actual recipient is a stranger to him */
static int
keep_redirection(struct arena *arena, const struct p1_recipient *recipient,
    struct report_recipient *out)
{
	const struct extension *history = extension_find(
	    &recipient->extensions, EXTENSION_REDIRECTION_HISTORY);
	int rc =
	    redirection_intended(&recipient->extensions, arena, &out->intended);

	/* A recipient that was not redirected has no history, and a history
	 * that cannot be read is not worth losing the report for. */
	if (rc != 0)
		return rc == ERR_NOMEM ? rc : 0;
	out->has_intended = true;
	return extension_set(&out->extensions, arena,
	    EXTENSION_REDIRECTION_HISTORY, history->criticality,
	    history->value);
}

/* fill_recipient - write one verdict as X.411 says it */
static int
fill_recipient(struct arena *arena, const struct report_subject *subject,
    const struct verdict *verdict, struct report_recipient *out)
{
	const struct p1_recipient *recipient =
	    &subject->envelope->recipients[verdict->index];

	report_recipient_init(out);
	out->actual = recipient->name;
	out->number = recipient->number;
	out->indicators = recipient->indicators;
	/* Seconds on the wire, milliseconds in the queue. */
	out->arrival = subject->arrival / 1000;
	out->delivered = verdict->delivered;
	if (verdict->delivered) {
		out->delivery_time =
		    verdict->time != 0 ? verdict->time : clock_wall() / 1000;
		out->user_type =
		    verdict->expanded ? REPORT_USER_DL : REPORT_USER_PRIVATE;
	} else {
		out->reason = verdict->reason;
		out->diagnostic = verdict->diagnostic;
	}
	if (verdict->text.len > 0)
		out->supplementary = printable(arena, verdict->text);
	else if (verdict->delivered && subject->envelope->kind == MTS_PROBE)
		out->supplementary = slice_of_string(
		    "this was a probe: a message would be delivered");
	return keep_redirection(arena, recipient, out);
}

/* audited - tell whether the originating MTA wants to know the way it took */
static bool
audited(const struct p1_envelope *envelope, const struct verdict *verdicts,
    size_t count)
{
	uint32_t both = P1_MTA_REPORT | P1_MTA_NON_DELIVERY_REPORT;

	/* Both bits together mean "audited-report" (X.411,
	 * PerRecipientIndicators). */
	for (size_t i = 0; i < count; i++)
		if ((envelope->recipients[verdicts[i].index].indicators &
			both) == both)
			return true;
	return false;
}

/* keep_verdict - have a non-delivery logged after the commit */
static int
keep_verdict(struct placing *placing, const struct report_subject *subject,
    const struct verdict *verdict, bool owed, struct arena *arena)
{
	const struct p1_recipient *recipient =
	    &subject->envelope->recipients[verdict->index];
	struct verdicts_entry entry = {
	    .event = owed ? VERDICTS_NDR : VERDICTS_NDR_UNWANTED,
	    .message = subject->message,
	    .reason = verdict->reason,
	    .diagnostic = verdict->diagnostic,
	    .text = verdict->text};
	char id[MTS_IDENTIFIER_TEXT];
	const char *to;

	/* Deliveries are ordinary; only what failed is an event. */
	if (verdict->delivered)
		return 0;
	mts_identifier_format(&subject->envelope->identifier, id);
	entry.mts_id = slice_of_string(id);
	to = or_address_format(&recipient->name.address, OR_STYLE_F401, arena);
	/* Without memory the event is logged without the address: a report must
	 * not depend on its own logging. */
	if (to != NULL)
		entry.to = slice_of_string(to);
	return verdicts_add(&placing->verdicts, &entry);
}

/* fill_report - fill in the content of the report: those verdicts that are
 * wanted */
static int
fill_report(struct qmgr *qmgr, const struct report_subject *subject,
    const struct verdict *verdicts, size_t count, struct report *out,
    struct placing *placing)
{
	const struct p1_envelope *envelope = subject->envelope;
	const struct extension *correlator =
	    extension_find(&envelope->extensions, EXTENSION_CONTENT_CORRELATOR);
	bool local = began_here(qmgr, subject);
	bool failed = false;
	int rc;

	/* Failing to allocate must leave a report that can be encoded, or not
	 * at all. */
	report_init(out);
	out->recipients =
	    arena_array(&qmgr->arena, count, sizeof(*out->recipients));
	if (out->recipients == NULL)
		return arena_error(&qmgr->arena);
	for (size_t i = 0; i < count; i++) {
		bool owed = report_wanted(envelope,
		    &envelope->recipients[verdicts[i].index],
		    verdicts[i].delivered ? REPORT_DELIVERED : REPORT_FAILED,
		    local ? REPORT_FROM_HERE : REPORT_FROM_ELSEWHERE);

		rc = keep_verdict(
		    placing, subject, &verdicts[i], owed, &qmgr->arena);
		if (rc < 0)
			return rc;
		if (!owed)
			continue;
		/* The content is returned with a non-delivery only; whoever got
		 * it has it. */
		failed = failed || !verdicts[i].delivered;
		rc = fill_recipient(&qmgr->arena, subject, &verdicts[i],
		    &out->recipients[out->recipient_count++]);
		if (rc < 0)
			return rc;
	}
	out->subject = envelope->identifier;
	out->original_eits = envelope->original_eits;
	out->has_content_type = true;
	out->content_type = envelope->content_type;
	out->content_identifier = envelope->content_identifier;
	out->has_trace = audited(envelope, verdicts, count);
	out->trace = envelope->trace;
	out->has_content = failed && subject->content.len > 0 &&
	    report_wants_content(envelope, subject->content.len);
	out->content = subject->content;
	/* The originator's own key to its message: a program matches the report
	 * by it. */
	if (correlator != NULL)
		return extension_set(&out->extensions, &qmgr->arena,
		    EXTENSION_CONTENT_CORRELATOR, correlator->criticality,
		    correlator->value);
	return 0;
}

/* encode_report - encode envelope and content of a report into a placing */
static int
encode_report(struct qmgr *qmgr, struct placing *placing,
    const struct p1_envelope *envelope, const struct report *report,
    const struct link_policy *policy)
{
	enum extension_tagging tagging = policy->explicit_extensions
	    ? EXTENSION_EXPLICIT
	    : EXTENSION_IMPLICIT;
	char id[MTS_IDENTIFIER_TEXT];
	struct placed *item;
	struct named named;
	size_t at;
	int rc;

	named_set(qmgr, envelope, NULL, 0, &named);
	mts_identifier_format(&envelope->identifier, id);
	rc = placing_add(placing, id, &item);
	if (rc < 0)
		return rc;
	item->own_content = true;
	rc = placing_name(placing, item, slice_of(named.text, named.len));
	at = placing_open(placing);
	if (rc == 0)
		rc = p1_encode(envelope, tagging, &placing->octets);
	item->envelope = placing_close(placing, at);
	at = placing_open(placing);
	if (rc == 0)
		rc = report_encode(report, tagging, &placing->octets);
	item->content = placing_close(placing, at);
	/* The record is taken off the list again, or a half-made report would
	 * be written with the rest. */
	if (rc < 0)
		placing->count--;
	return rc;
}

/* discard_report - have it logged after the commit that a report has nowhere
 * to go */
static int
discard_report(struct placing *placing, const struct report_subject *subject,
    const char *why)
{
	struct verdicts_entry entry = {.event = VERDICTS_DISCARDED,
	    .message = subject->message,
	    .text = slice_of_string(why)};
	char id[MTS_IDENTIFIER_TEXT];

	mts_identifier_format(&subject->envelope->identifier, id);
	entry.subject = slice_of_string(id);
	return verdicts_add(&placing->verdicts, &entry);
}

/*
 * address_report - name the destination of a report
 *
 * That of a message which a list sent on is the list, the last if there were
 * several: whether the originator hears of its members is the list's business.
 * The history tells the lists on the way back who comes next.
 */
static int
address_report(struct qmgr *qmgr, const struct p1_envelope *subject,
    struct p1_envelope *out)
{
	struct dl_history history;
	struct slice value;
	int64_t origin;
	int rc = dl_history_last(&subject->extensions, &qmgr->arena, &history);

	/* The originator, unless a list sent it on; this is also what is left
	 * if the history cannot be read. */
	out->originator = subject->originator;
	if (rc != 0)
		return rc == ERR_NOMEM ? rc : 0;
	out->originator = history.list;
	origin = trace_begun(&subject->trace);
	if (origin == TRACE_NO_TIME)
		origin = clock_wall() / 1000;
	rc = dl_history_of_report(
	    &history, &subject->originator, origin, &qmgr->arena, &value);
	return rc != 0
	    ? rc
	    : extension_set(&out->extensions, &qmgr->arena,
		  EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY, 0, value);
}

/* absorb_report - have it logged after the commit that a report ends at a
 * list */
static int
absorb_report(struct placing *placing, const struct report_subject *subject,
    const struct conf_list *list)
{
	struct verdicts_entry entry = {.event = VERDICTS_ABSORBED,
	    .to = slice_of_string(list->name),
	    .text = slice_of_string(list_report_why(list))};
	char id[MTS_IDENTIFIER_TEXT];

	mts_identifier_format(&subject->envelope->identifier, id);
	entry.mts_id = slice_of_string(id);
	return verdicts_add(&placing->verdicts, &entry);
}

/* put_report - place an encoded report as a record of the queue */
static int
put_report(struct qmgr *qmgr, const struct report_subject *subject,
    const struct report *report, struct placing *placing)
{
	struct p1_envelope envelope;
	struct store_message *message;
	const struct conf_list *list;
	struct link *link;
	int64_t now = clock_wall();
	int rc;

	p1_init(&envelope, MTS_REPORT);
	rc = address_report(qmgr, subject->envelope, &envelope);
	/* Lists of ours on the way are asked here: what they do not want is
	 * neither routed nor sent. */
	if (rc == 0)
		rc = list_report_forward(qmgr, &envelope, &list);
	if (rc < 0)
		return rc;
	if (rc == LIST_REPORT_ENDS)
		return absorb_report(placing, subject, list);
	/* A report nobody can route is dropped with an event; the only other
	 * way is to keep it for ever. */
	if (route_find(qmgr, &envelope.originator.address, ROUTE_ANYWHERE,
		qmgr->share, &link) != ROUTE_FOUND)
		return discard_report(
		    placing, subject, "nobody serves its destination");
	/* Only a report that is to leave uses up an identifier. */
	rc = stamp_identifier(qmgr, &qmgr->arena, &envelope.identifier);
	if (rc == 0)
		rc = stamp_transfer(qmgr, &envelope, &qmgr->arena, now);
	if (rc == 0)
		rc = encode_report(
		    qmgr, placing, &envelope, report, &link->policy);
	if (rc < 0)
		return rc;
	message = &placing->items[placing->count - 1].message;
	told_report(qmgr, placing, &envelope, subject->envelope);
	message->kind = MTS_REPORT;
	/* A report tells a human that mail failed; it goes before ordinary
	 * mail. */
	message->priority = STORE_URGENT;
	message->link = link->number;
	/* Charged to whoever sent the subject: reports on mail that a peer
	 * floods us with fill that peer's share. */
	message->source = subject->source;
	message->strip = strip_of(&link->policy);
	message->explicit = link->policy.explicit_extensions;
	message->arrival = now;
	message->expires = timekeeper_latest(&qmgr->time) +
	    (int64_t)qmgr->conf->mta.message_lifetime[CONF_NORMAL];
	/* Deliveries do not count as a storm of failures. */
	if (!report->recipients[0].delivered)
		placing->items[placing->count - 1].storm =
		    storm_key(&envelope.originator.address);
	return 1;
}

/* add_one - place one report, for so many verdicts as one may hold */
static int
add_one(struct qmgr *qmgr, const struct report_subject *subject,
    const struct verdict *verdicts, size_t count, struct placing *placing)
{
	struct report report;
	int rc;

	rc = fill_report(qmgr, subject, verdicts, count, &report, placing);
	if (rc < 0)
		return rc;
	if (report.recipient_count == 0)
		return 0;
	return put_report(qmgr, subject, &report, placing);
}

/* report_add - place what is owed to the originator for these verdicts */
int
report_add(struct qmgr *qmgr, const struct report_subject *subject,
    const struct verdict *verdicts, size_t count, struct placing *placing)
{
	size_t some;
	int rc, placed = 0;

	if (count == 0)
		return 0;
	/* Reached when a report itself cannot be delivered. */
	if (subject->envelope->kind == MTS_REPORT)
		return discard_report(
		    placing, subject, "no report on a report");
	/* X.411 bounds the recipients of one report, so many recipients make
	 * several. */
	for (size_t at = 0; at < count; at += some) {
		some = count - at < REPORT_RECIPIENTS_MAX
		    ? count - at
		    : REPORT_RECIPIENTS_MAX;
		rc = add_one(qmgr, subject, verdicts + at, some, placing);
		if (rc < 0)
			return rc;
		placed |= rc;
	}
	return placed;
}
