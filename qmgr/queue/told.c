/* SPDX-License-Identifier: ISC */
/*
 * told.c - what tracking tells of messages that are to enter the queue
 */
#include "qmgr/queue/told.h"

#include <stdio.h>

#include "base/clock.h"
#include "mhs/report.h"
#include "qmgr/links/link.h"

/* Recipients of one record on verdicts that are alike. */
#define ALIKE_MOST 64
/* Octets of an arrival that are written again with its record. */
#define ONE_MOST ((size_t)64 * 1024)

/* address_text - write an address; empty: no memory */
static struct slice
address_text(struct qmgr *qmgr, const struct or_address *address)
{
	const char *text =
	    or_address_format(address, OR_STYLE_F401, &qmgr->arena);

	return slice_of_string(text == NULL ? "" : text);
}

/* told_trace - write the last element of a trace as text */
void
told_trace(const struct p1_envelope *envelope, char text[TOLD_TRACE_TEXT])
{
	const struct trace *trace = &envelope->trace;
	const struct trace *within = &envelope->internal_trace;
	char domain[GLOBAL_DOMAIN_TEXT] = "";
	struct slice mta = slice_of_string("");

	if (trace->count > 0)
		global_domain_format(
		    &trace->elements[trace->count - 1].domain, domain);
	if (within->count > 0)
		mta = within->elements[within->count - 1].mta;
	if (mta.len > 64)
		mta.len = 64;
	snprintf(text, TOLD_TRACE_TEXT, "%s%s%.*s", domain,
	    mta.len > 0 ? " " : "", (int)mta.len, (const char *)mta.data);
}

/* keep_parts - keep a record, or further parts of one */
static void
keep_parts(struct qmgr *qmgr, struct buffer *told, struct track_record *record,
    uint64_t *part)
{
	record->time = clock_wall();
	if (track_encode_parts(record, part, told) < 0)
		tracking_miss(qmgr);
}

/* keep - keep a record with a placing until that is written */
static void
keep(struct qmgr *qmgr, struct placing *placing, struct track_record *record)
{
	uint64_t part = 0;

	keep_parts(qmgr, &placing->told, record, &part);
}

/* responsible_for - list the next recipients that an envelope is responsible
 * for, of so many */
static void
responsible_for(struct qmgr *qmgr, const struct p1_envelope *envelope,
    struct told_list *told, size_t most, struct track_record *record)
{
	size_t left = envelope->recipient_count - told->next;
	size_t end = told->next + (left < most ? left : most);
	struct slice *list =
	    arena_array(&qmgr->arena, end - told->next + 1, sizeof(*list));

	record->recipients = list;
	for (; told->next < end; told->next++) {
		const struct p1_recipient *to =
		    &envelope->recipients[told->next];

		if (list != NULL && (to->indicators & P1_RESPONSIBILITY) != 0)
			list[record->recipient_count++] =
			    address_text(qmgr, &to->name.address);
	}
}

/* subject_of - write the identifier of the message that a report is about */
static struct slice
subject_of(
    struct qmgr *qmgr, struct slice content, char text[MTS_IDENTIFIER_TEXT])
{
	struct report report;

	text[0] = '\0';
	if (content.len > 0 &&
	    report_decode(content, &qmgr->arena, &report, NULL) == 0)
		mts_identifier_format(&report.subject, text);
	return slice_of_string(text);
}

/* told_arrive - have it told that a message was taken */
void
told_arrive(struct qmgr *qmgr, struct placing *placing,
    const struct told_arrival *arrival, struct told_list *list, size_t most)
{
	const struct p1_envelope *envelope = arrival->envelope;
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .kind = envelope->kind,
	    .mts_id = slice_of_string(arrival->mts_id),
	    .trace = slice_of_string(arrival->trace),
	    .by = slice_of_string(arrival->by),
	    .size = arrival->size,
	    .content_id = envelope->content_identifier,
	    .delay_plus = (uint64_t)(arrival->delay + 1)};
	char type[P1_CONTENT_TYPE_TEXT], subject[MTS_IDENTIFIER_TEXT];

	*list = (struct told_list){0};
	if (!tracking_wanted(qmgr))
		return;
	if (arrival->from != NULL)
		record.link = slice_of_string(arrival->from->name);
	record.originator = address_text(qmgr, &envelope->originator.address);
	if (envelope->kind == MTS_REPORT)
		record.subject = subject_of(qmgr, arrival->content, subject);
	else {
		p1_content_type_format(&envelope->content_type, type);
		record.content_type = slice_of_string(type);
		record.priority =
		    (uint64_t)p1_priority_rank(envelope->priority);
		/* All of them, or none, so that a step does one thing. */
		if (envelope->recipient_count <= most)
			responsible_for(qmgr, envelope, list, most, &record);
	}
	keep_parts(qmgr, &placing->told, &record, &list->part);
}

/* told_arrive_some - have it told for whom a message that was taken is */
bool
told_arrive_some(struct qmgr *qmgr, struct placing *placing,
    const struct p1_envelope *envelope, struct told_list *list, size_t most)
{
	struct track_record record = {
	    .event = TRACK_ARRIVAL, .kind = envelope->kind};
	char mts_id[MTS_IDENTIFIER_TEXT];

	if (list->next >= envelope->recipient_count || !tracking_wanted(qmgr))
		return false;
	mts_identifier_format(&envelope->identifier, mts_id);
	record.mts_id = slice_of_string(mts_id);
	responsible_for(qmgr, envelope, list, most, &record);
	if (record.recipient_count > 0)
		keep_parts(qmgr, &placing->told_later, &record, &list->part);
	return list->next < envelope->recipient_count;
}

/* told_copy_some - have it told for whom the record is that was placed last */
bool
told_copy_some(struct qmgr *qmgr, struct placing *placing,
    const struct p1_envelope *envelope, const uint32_t *indexes, size_t count,
    struct told_list *list, size_t most)
{
	struct placed *item = &placing->items[placing->count - 1];
	const struct link *link = link_get(&qmgr->links, item->message.link);
	struct track_record record = {.event = TRACK_COPY,
	    .time = clock_wall(),
	    .kind = envelope->kind,
	    .priority = item->message.priority};
	struct slice *texts;
	char mts_id[MTS_IDENTIFIER_TEXT];

	if (!tracking_wanted(qmgr))
		return false;
	if (most > count - list->next)
		most = count - list->next;
	mts_identifier_format(&envelope->identifier, mts_id);
	record.mts_id = slice_of_string(mts_id);
	record.link = slice_of_string(link == NULL ? "" : link->name);
	texts = arena_array(&qmgr->arena, most, sizeof(*texts));
	if (texts == NULL)
		return false;
	for (size_t i = 0; i < most; i++)
		texts[i] = address_text(qmgr,
		    &envelope->recipients[indexes[list->next + i]]
			 .name.address);
	record.recipients = texts;
	record.recipient_count = most;
	if (list->next == 0)
		list->at = placing_open(placing);
	list->next += most;
	if (track_encode_parts(&record, &list->part, &placing->octets) == 0)
		item->told = placing_close(placing, list->at);
	return list->next < count;
}

/* told_redirect - have it told who gets a message instead of whom */
void
told_redirect(struct qmgr *qmgr, struct placing *placing, const char *mts_id,
    const struct or_address *to, const struct or_address *instead)
{
	struct track_record record = {.event = TRACK_REDIRECTION,
	    .mts_id = slice_of_string(mts_id),
	    .recipient_count = 1};
	struct slice recipient;

	if (!tracking_wanted(qmgr))
		return;
	recipient = address_text(qmgr, to);
	record.recipients = &recipient;
	record.other = address_text(qmgr, instead);
	keep(qmgr, placing, &record);
}

/* told_report - have it told that a report was made here */
void
told_report(struct qmgr *qmgr, struct placing *placing,
    const struct p1_envelope *report, const struct p1_envelope *subject)
{
	struct track_record record = {
	    .event = TRACK_ARRIVAL, .kind = MTS_REPORT};
	char id[MTS_IDENTIFIER_TEXT], about[MTS_IDENTIFIER_TEXT];

	if (!tracking_wanted(qmgr))
		return;
	mts_identifier_format(&report->identifier, id);
	mts_identifier_format(&subject->identifier, about);
	record.mts_id = slice_of_string(id);
	record.subject = slice_of_string(about);
	record.originator = address_text(qmgr, &report->originator.address);
	keep(qmgr, placing, &record);
}

/* record_of - turn a verdict into a record but for its recipient; whether
 * there is one */
static bool
record_of(const struct verdicts_entry *entry, struct track_record *record)
{
	*record = (struct track_record){.message = entry->message,
	    .mts_id = entry->mts_id,
	    .text = entry->text};
	switch (entry->event) {
	case VERDICTS_NDR:
	case VERDICTS_NDR_UNWANTED:
		record->event = TRACK_REPORT;
		record->reason_plus = (uint64_t)(entry->reason + 1);
		record->diagnostic_plus = (uint64_t)(entry->diagnostic + 1);
		record->other = slice_of_string(
		    entry->event == VERDICTS_NDR ? "sent" : "not wanted");
		return true;
	case VERDICTS_DISCARDED:
		record->event = TRACK_DISCARD;
		record->kind = MTS_REPORT;
		record->subject = entry->subject;
		return true;
	case VERDICTS_ABSORBED:
	case VERDICTS_RECURSION:
		record->event = TRACK_DISCARD;
		record->other = entry->to;
		if (record->text.len == 0)
			record->text =
			    slice_of_string("its list was expanded before");
		return true;
	case VERDICTS_REDIRECTED:
		record->event = TRACK_REDIRECTION;
		record->other = entry->subject;
		return true;
	case VERDICTS_BARRED: /* and refused, which is told */
		break;
	}
	return false;
}

/* are_alike - tell whether two verdicts differ in their recipient alone */
static bool
are_alike(const struct verdicts_entry *a, const struct verdicts_entry *b)
{
	return (a->event == VERDICTS_NDR ||
		   a->event == VERDICTS_NDR_UNWANTED) &&
	    a->event == b->event && a->message == b->message &&
	    a->reason == b->reason && a->diagnostic == b->diagnostic &&
	    slice_equal(a->mts_id, b->mts_id) && slice_equal(a->text, b->text);
}

/* tell_verdicts - tell verdicts, those that are alike together */
static void
tell_verdicts(struct qmgr *qmgr, const struct verdicts *verdicts)
{
	struct slice recipients[ALIKE_MOST];
	struct verdicts_entry first, next;
	struct track_record record;
	size_t count;

	for (size_t i = 0; i < verdicts->count; i += count) {
		verdicts_get(verdicts, i, &first);
		recipients[0] = first.to;
		for (count = 1;
		     count < ALIKE_MOST && i + count < verdicts->count;
		     count++) {
			verdicts_get(verdicts, i + count, &next);
			if (!are_alike(&first, &next))
				break;
			recipients[count] = next.to;
		}
		if (!record_of(&first, &record))
			continue;
		record.recipients = recipients;
		record.recipient_count =
		    first.to.len > 0 && record.event != TRACK_DISCARD ? count
								      : 0;
		tracking_put(qmgr, &record);
	}
}

/* told_is_one - tell whether what arrived becomes one record */
bool
told_is_one(const struct placing *placing)
{
	return placing->count == 1 && !placing->items[0].own_content &&
	    placing->items[0].told.len == 0 && placing->old.id == 0 &&
	    buffer_length(&placing->told) > 0 &&
	    buffer_length(&placing->told) <= ONE_MOST &&
	    buffer_length(&placing->told_later) == 0;
}

/* told_one - tell what arrived, and as what it is queued */
void
told_one(struct qmgr *qmgr, const struct placing *placing)
{
	const struct store_message *message = &placing->items[0].message;
	const struct link *link = link_get(&qmgr->links, message->link);

	tracking_put_encoded(qmgr, buffer_slice(&placing->told), message->id,
	    slice_of_string(link == NULL ? "" : link->name));
}

/* told_before - tell what happened to a message before its records */
void
told_before(struct qmgr *qmgr, const struct placing *placing)
{
	tracking_put_encoded(
	    qmgr, buffer_slice(&placing->told), 0, slice_of(NULL, 0));
}

/* told_after - tell what was decided beside the records of a placing */
void
told_after(struct qmgr *qmgr, const struct placing *placing)
{
	if (tracking_wanted(qmgr))
		tell_verdicts(qmgr, &placing->verdicts);
}
