/* SPDX-License-Identifier: ISC */
/*
 * settle.c - what an outcome leaves of its message
 */
#include "qmgr/sending/settle.h"

#include <stdio.h>

#include "base/clock.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/ledger.h"
#include "qmgr/queue/report.h"
#include "qmgr/sending/alternate.h"
#include "qmgr/sending/outcome_told.h"
#include "qmgr/sending/passed.h"
#include "qmgr/sending/settle_judge.h"
#include "qmgr/sending/settle_large.h"
#include "store/store.h"

/* settle_verdicts - place copies for alternates, and the reports that are
 * owed */
static int
settle_verdicts(struct settling *s)
{
	struct outcome *outcome = s->outcome;
	struct alternate alternate = {.message = &s->message,
	    .envelope = &s->envelope,
	    .verdicts = s->verdicts,
	    .verdict_count = s->verdict_count};
	struct report_subject subject = {.envelope = &s->envelope,
	    .message = s->message.id,
	    .arrival = s->message.arrival,
	    .source = store_source_of(&s->message)};
	/* An administrator who returns a message wants its originator to know,
	 * not somebody else to get it. */
	int rc = outcome->kind == OUTCOME_RETURNED
	    ? 0
	    : alternate_place(s->qmgr, &alternate, &outcome->reports);

	if (rc == 0) {
		/* After the alternates: both use the scratch memory, and the
		 * content must be intact when the report copies it. */
		settle_content(s, &subject.content);
		rc = report_add(s->qmgr, &subject, alternate.verdicts,
		    alternate.verdict_count, &outcome->reports);
	}
	return rc < 0 ? rc : 0;
}

/* settle_report - note what became of a report: one that cannot be delivered is
 * never reported on, or two failing MTAs would write to each other for ever */
static int
settle_report(struct settling *s)
{
	struct report_subject subject = {.envelope = &s->envelope,
	    .message = s->message.id,
	    .arrival = s->message.arrival,
	    .source = store_source_of(&s->message)};
	struct verdict none = {0};
	int rc;

	s->counts[settle_common_fate(s->outcome)] = 1;
	s->outcome->served = outcome_succeeds(s->outcome);
	if (settle_common_fate(s->outcome) != IPC_FATE_FAILED)
		return 0;
	rc = report_add(s->qmgr, &subject, &none, 1, &s->outcome->reports);
	return rc < 0 ? rc : 0;
}

/* write_placed - write the copies, which share the content, and the reports */
static int
write_placed(struct settling *s)
{
	const struct placing_content content = {.id = s->message.content_id,
	    .length = s->message.content_length,
	    .octets = s->message.content};

	return placing_write(s->qmgr, &s->outcome->reports, &content);
}

/* told_of - make what tracking tells of the recipients of one fate, named one
 * by one; without memory, of none */
static struct track_record
told_of(struct settling *s, enum ipc_fate fate)
{
	struct track_record record = outcome_told(s->outcome,
	    fate == IPC_FATE_DELIVERED ? TRACK_DELIVERY : TRACK_TRANSFER);
	struct slice *list =
	    arena_array(&s->qmgr->arena, s->counts[fate] + 1, sizeof(*list));

	record.recipients = list;
	for (size_t i = 0; list != NULL && i < s->envelope.recipient_count;
	     i++) {
		const char *text;

		if (!settle_is_ours(s, i) || s->fates[i] != fate)
			continue;
		text = or_address_format(&s->recipients[i].name.address,
		    OR_STYLE_F401, &s->qmgr->arena);
		list[record.recipient_count++] =
		    slice_of_string(text == NULL ? "" : text);
	}
	return record;
}

/* tell_served - have it told who has the message while others wait for it, or
 * have it in another way */
static void
tell_served(struct settling *s, enum ipc_fate fate)
{
	struct track_record record;

	if (s->counts[fate] == 0 || !tracking_wanted(s->qmgr))
		return;
	record = told_of(s, fate);
	record.message = s->message.id;
	if (record.recipient_count > 0)
		tracking_put(s->qmgr, &record);
	else
		tracking_miss(s->qmgr);
}

/* end_of - find how tracking calls the end of a message; recipients who have it
 * in two ways are told apart before */
static enum track_event
end_of(struct settling *s)
{
	bool delivered = s->counts[IPC_FATE_DELIVERED] > 0;

	if (s->outcome->served == 0 || s->envelope.kind == MTS_REPORT)
		return outcome_end(s->outcome);
	if (delivered)
		tell_served(s, IPC_FATE_TRANSFERRED);
	return delivered ? TRACK_DELIVERY : TRACK_TRANSFER;
}

/* count_recipients - count those who have a message while others wait for it */
static int
count_recipients(struct qmgr *qmgr, const struct outcome *outcome)
{
	if (outcome->served == 0 || outcome->link == NULL)
		return 0;
	return store_link_passed(qmgr->store, outcome->link->number,
	    &(struct store_traffic){.recipients_out = outcome->served});
}

/* count_sent - count a message that was transferred or delivered */
static int
count_sent(struct qmgr *qmgr, const struct outcome *outcome)
{
	const struct job *job = outcome->job;
	bool report;

	if (outcome->served == 0 || outcome->link == NULL || job == NULL)
		return 0;
	report = job->kind == MTS_REPORT;
	return store_link_passed(qmgr->store, outcome->link->number,
	    &(struct store_traffic){.messages_out = 1,
		.octets_out = job->content_length,
		.reports_out = report,
		.recipients_out = report ? 0 : outcome->served});
}

/* served_by - count who has a message after an outcome for all of them */
static size_t
served_by(const struct outcome *outcome)
{
	const struct job *job = outcome->job;

	if (!outcome_succeeds(outcome))
		return 0;
	/* An older release did not count them. */
	return job == NULL || job->recipients == 0 ? 1 : job->recipients;
}

/* leave_queue - take a message out of the queue */
static int
leave_queue(
    struct qmgr *qmgr, const struct outcome *outcome, enum track_event event)
{
	const struct track_record told = outcome_told(outcome, event);
	int rc = count_sent(qmgr, outcome);

	return rc < 0 ? rc : ledger_delete(qmgr, outcome->message, &told);
}

/* encode_rest - make the record that is responsible for those who wait */
static int
encode_rest(struct settling *s, struct placing *rest)
{
	char id[MTS_IDENTIFIER_TEXT];
	struct placed *item;
	size_t at;
	int rc;

	for (size_t i = 0; i < s->envelope.recipient_count; i++)
		if (settle_is_ours(s, i) && s->fates[i] != IPC_FATE_LATER)
			s->recipients[i].indicators &=
			    ~(uint32_t)P1_RESPONSIBILITY;
	s->envelope.recipients = s->recipients;
	snprintf(id, sizeof(id), "%.*s", (int)s->message.mts_id.len,
	    (const char *)s->message.mts_id.data);
	rc = placing_add(rest, id, &item);
	if (rc < 0)
		return rc;
	item->message = s->message;
	item->message.recipients = (uint32_t)s->counts[IPC_FATE_LATER];
	at = placing_open(rest);
	rc = p1_encode(&s->envelope,
	    s->message.explicit ? EXTENSION_EXPLICIT : EXTENSION_IMPLICIT,
	    &rest->octets);
	item->envelope = placing_close(rest, at);
	return rc;
}

/* replace_message - have the message wait for some recipients alone, under its
 * number */
static int
replace_message(struct settling *s)
{
	const struct placing_content content = {.id = s->message.content_id,
	    .length = s->message.content_length,
	    .octets = s->message.content};
	struct placing rest;
	int rc;

	placing_init(&rest);
	rest.old.id = s->message.id;
	rc = encode_rest(s, &rest);
	if (rc == 0)
		rc = placing_write(s->qmgr, &rest, &content);
	placing_fini(&rest);
	return rc;
}

/* next_interval - compute how long recipients wait, who were put off so
 * often */
static int64_t
next_interval(const struct qmgr *qmgr, uint32_t deferrals)
{
	int64_t interval = (int64_t)qmgr->conf->mta.retry_interval;

	for (uint32_t i = 1; i < deferrals && interval < SETTLE_MOST; i++)
		interval *= 2;
	return interval < SETTLE_MOST ? interval : SETTLE_MOST;
}

/* defer_rest - have those who may have it later wait */
static int
defer_rest(struct settling *s)
{
	struct outcome *outcome = s->outcome;
	struct store_message *message = &s->message;
	int rc;

	outcome->fate = FATE_DEFERRED;
	outcome->tries = ++message->deferrals;
	/* The queue's own clock, so that a message is not tried at once, or
	 * never, when the wall clock is set. */
	outcome->next_try = timekeeper_now(&s->qmgr->time) +
	    next_interval(s->qmgr, message->deferrals);
	message->next_try = outcome->next_try;
	message->state = STORE_DEFERRED;
	message->reason = slice_of_string(outcome->why);
	if (outcome->served + s->counts[IPC_FATE_FAILED] > 0) {
		tell_served(s, IPC_FATE_DELIVERED);
		tell_served(s, IPC_FATE_TRANSFERRED);
		rc = count_recipients(s->qmgr, outcome);
		return rc < 0 ? rc : replace_message(s);
	}
	rc = ledger_update(s->qmgr, message, NULL);
	/* The next worker begins afresh, as with a message that is replaced. */
	if (rc == 0)
		rc = store_delivery_forget(s->qmgr->store, message->id);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* judge_whole - judge all recipients of a message that is read, and place what
 * is owed to them */
static int
judge_whole(struct settling *s)
{
	int rc;

	if (s->envelope.kind == MTS_REPORT)
		return settle_report(s);
	rc = settle_room(s, &s->qmgr->arena);
	if (rc < 0)
		return rc;
	(void)settle_judge(s, SIZE_MAX);
	return settle_verdicts(s);
}

/* may_be_reported - tell whether whoever has the message may report on it: a
 * mail server does so, too, where delivery was reported at once because an MTA
 * wanted that */
static bool
may_be_reported(const struct settling *s)
{
	const struct link *link = s->outcome->link;

	return s->counts[IPC_FATE_TRANSFERRED] > 0 ||
	    (s->counts[IPC_FATE_DELIVERED] > 0 && link != NULL &&
		link->kind == LINK_MIXER && s->envelope.kind == MTS_MESSAGE);
}

/* settle_write - write what was placed, and what becomes of the message */
static int
settle_write(struct settling *s)
{
	int rc = 0;

	if (may_be_reported(s))
		rc = passed_note(
		    s->qmgr, s->outcome->link, s->message.id, &s->envelope);
	if (rc == 0)
		/* Copies and reports before the deletion, in the same
		 * transaction: the content that they share loses its last user
		 * only afterwards. */
		rc = write_placed(s);
	if (rc < 0)
		return rc;
	return s->counts[IPC_FATE_LATER] > 0
	    ? defer_rest(s)
	    : leave_queue(s->qmgr, s->outcome, end_of(s));
}

/* settle_at_once - read a message, and settle it in one step */
static int
settle_at_once(struct settling *s)
{
	struct qmgr *qmgr = s->qmgr;
	int rc;

	arena_reset(&qmgr->arena);
	rc = store_message_get(qmgr->store, s->outcome->message, STORE_WHOLE,
	    &qmgr->arena, &s->message);
	if (rc < 0)
		return rc;
	settle_keep_text(s);
	rc = p1_decode(s->message.kind, s->message.envelope, &qmgr->arena,
	    &s->envelope, NULL);
	if (rc == 0) {
		rc = judge_whole(s);
		return rc < 0 ? rc : settle_write(s);
	}
	/* Without memory the outcome is tried again, and reported then.  An
	 * envelope was decoded when it came in; if it cannot be decoded now
	 * there is nobody to report to. */
	return rc == ERR_NOMEM
	    ? rc
	    : leave_queue(qmgr, s->outcome, outcome_end(s->outcome));
}

/* settle_prepared - settle a message of which all is placed */
static int
settle_prepared(struct qmgr *qmgr, struct outcome *outcome)
{
	struct settling s = *settle_large_got(outcome->large);
	struct slice content = s.message.content;
	int rc;

	/* A process that ended on it may have been counted meanwhile. */
	arena_reset(&qmgr->arena);
	rc = store_message_get(qmgr->store, outcome->message, STORE_HEAD,
	    &qmgr->arena, &s.message);
	if (rc < 0)
		return rc;
	s.message.content = content;
	outcome->served =
	    s.counts[IPC_FATE_DELIVERED] + s.counts[IPC_FATE_TRANSFERRED];
	if (s.why != NULL)
		outcome->why = s.why;
	outcome->settled = true;
	return settle_write(&s);
}

/* is_large - tell whether the envelope of an outcome's message is so large that
 * it is settled in steps.  Errors of the store */
static int
is_large(struct qmgr *qmgr, const struct outcome *outcome)
{
	struct store_message message;
	int rc;

	if (outcome->at_once)
		return false;
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, outcome->message, STORE_HEAD, &qmgr->arena, &message);
	return rc < 0 ? rc
		      : message.kind != MTS_REPORT &&
		message.envelope_length > STORE_BRIEF_MAX;
}

/* settle_message - apply an outcome after which nobody, or only those who may
 * have it later, have a claim on the message */
int
settle_message(struct qmgr *qmgr, struct outcome *outcome)
{
	struct settling s = {.qmgr = qmgr, .outcome = outcome};
	int rc;

	/* Set first: a transaction that is undone and applied again must not
	 * start from the fate of the attempt before. */
	outcome->fate = FATE_LEFT;
	outcome->served = served_by(outcome);
	/* The ordinary case: nothing is owed, and nothing is read. */
	if (outcome->kind == OUTCOME_TRANSFERRED && outcome->fates.count == 0 &&
	    (outcome->link == NULL ||
		(outcome->link->application == NULL &&
		    outcome->link->mixer == NULL)))
		return leave_queue(qmgr, outcome, TRACK_TRANSFER);
	if (outcome->large != NULL)
		return settle_prepared(qmgr, outcome);
	rc = is_large(qmgr, outcome);
	if (rc == 1)
		outcome->fate = FATE_PREPARES;
	return rc == 0 ? settle_at_once(&s) : rc < 0 ? rc : 0;
}
