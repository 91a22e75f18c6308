/* SPDX-License-Identifier: ISC */
/*
 * admit.c - what a submission or transfer becomes in the queue
 */
#include <stdio.h>

#include "mhs/downgrade.h"
#include "mhs/p1.h"
#include "qmgr/engine/rights.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/distribute.h"
#include "qmgr/queue/list_report.h"
#include "qmgr/queue/report.h"
#include "qmgr/queue/route.h"
#include "qmgr/queue/stamp.h"
#include "qmgr/queue/told.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/keyed.h"
#include "store/store.h"

/* admit_refuse - decide that a submission cannot be processed at all */
static void
admit_refuse(
    struct submit *submit, enum ipc_submit_result result, const char *text)
{
	submit->decided = result;
	submit->reason = REASON_UNABLE_TO_TRANSFER;
	submit->diagnostic = DIAGNOSTIC_INVALID_ARGUMENTS;
	snprintf(submit->text, sizeof(submit->text), "%s", text);
	placing_reset(&submit->placing);
}

/* delay_before - compute the ms since the first MTA took a message; -1:
 * unknown */
static int64_t
delay_before(const struct trace *trace, int64_t arrival)
{
	int64_t begun;

	/* No trace at all: the message began here. */
	if (trace->count == 0)
		return 0;
	begun = trace->elements[0].arrival;
	if (begun == TRACE_NO_TIME)
		return -1;
	return arrival > begun * 1000 ? arrival - begun * 1000 : 0;
}

/* came_from_1984 - tell whether a message came over a link of 1984 */
static bool
came_from_1984(struct qmgr *qmgr, const struct submit *submit)
{
	const struct link *link = link_get(&qmgr->links, submit->from_link);

	return link != NULL && link->policy.of_1984;
}

/* came_by_gateway - tell whether a message comes from another mail system */
static bool
came_by_gateway(struct qmgr *qmgr, const struct submit *submit)
{
	const struct link *link = link_get(&qmgr->links, submit->from_link);

	return link != NULL && link->kind == LINK_MIXER;
}

/* stamp_arrived - stamp what did not begin here; its trace may be full */
static int
stamp_arrived(struct qmgr *qmgr, struct submit *submit,
    struct p1_envelope *envelope, bool *loops)
{
	int rc = submit->origin == IPC_SUBMISSION
	    ? stamp_gateway(qmgr, envelope, &qmgr->arena, submit->arrival)
	    : stamp_transfer(qmgr, envelope, &qmgr->arena, submit->arrival);

	/* A trace that is full went round often enough to be a loop, even if no
	 * element repeats. */
	if (rc == ERR_LIMIT &&
	    (envelope->trace.count >= TRACE_MAX ||
		envelope->internal_trace.count >= TRACE_MAX)) {
		*loops = true;
		return 0;
	}
	return rc;
}

/* stamp_it - append our element of trace; *loops: the message has been here
 * before */
static int
stamp_it(struct qmgr *qmgr, struct submit *submit, struct p1_envelope *envelope,
    bool *loops)
{
	enum p1_notes notes = P1_NOTES_KEPT;
	int rc;

	*loops = false;
	if (submit->origin == IPC_SUBMISSION && !came_by_gateway(qmgr, submit))
		return stamp_submission(
		    qmgr, envelope, &qmgr->arena, submit->arrival);
	/* A message of 1984 is made one of 1988 once, here, so that nothing
	 * behind this knows of two versions. */
	if (came_from_1984(qmgr, submit)) {
		notes = P1_NOTES_LOST;
		rc = upgrade_envelope(envelope, &qmgr->domain, &qmgr->arena);
		if (rc < 0)
			return rc;
	}
	/* Looked for before our own element is added, which would be found as
	 * well. */
	*loops = submit->origin == IPC_SUBMISSION
	    ? stamp_goes_round(qmgr, envelope)
	    : p1_loops(envelope, notes, &qmgr->domain,
		  slice_of_string(qmgr->conf->mta.name));
	submit->delay = delay_before(&envelope->trace, submit->arrival);
	return stamp_arrived(qmgr, submit, envelope, loops);
}

/* absorb_report - have it logged that a report ends at a list */
static int
absorb_report(struct distribution *d, const struct conf_list *list)
{
	const struct verdicts_entry entry = {.event = VERDICTS_ABSORBED,
	    .mts_id = slice_of_string(d->mts_id),
	    .to = slice_of_string(list->name),
	    .text = slice_of_string(list_report_why(list))};

	return verdicts_add(&d->placing->verdicts, &entry);
}

/* admit_report - place a report of somebody else's, or discard it */
static int
admit_report(struct qmgr *qmgr, const struct submit *submit,
    struct distribution *d, bool loops)
{
	bool is_cut = submit->length != SUBMIT_LENGTH_FITS ||
	    submit->elements_left_out > 0;
	struct verdicts_entry entry = {
	    .event = VERDICTS_DISCARDED, .mts_id = slice_of_string(d->mts_id)};
	struct link *link = NULL, *from;
	const char *why =
	    loops ? "it has been here" : "its content is larger than is taken";
	const struct conf_list *list = NULL;
	int rc;

	/* A looping report is dropped: a report about it could loop too. */
	if (!loops && !is_cut) {
		rc = list_report_forward(qmgr, d->envelope, &list);
		if (rc < 0)
			return rc;
		if (rc == LIST_REPORT_ENDS)
			return absorb_report(d, list);
		why = "nobody serves its destination";
		if (route_find(qmgr, &d->envelope->originator.address,
			list == NULL ? d->route_from : ROUTE_ANYWHERE,
			qmgr->share, &link) == ROUTE_FOUND)
			return distribute_report(qmgr, d, link);
	}
	from = link_get(&qmgr->links, d->route_from);
	entry.from = slice_of_string(from == NULL ? "local" : from->name);
	entry.text = slice_of_string(why);
	return verdicts_add(&d->placing->verdicts, &entry);
}

/* place_reports - place the next report of what is owed for recipients that
 * cannot be served: 1, there are more */
static int
place_reports(struct qmgr *qmgr, struct admission *admission)
{
	const struct submit *submit = admission->submit;
	const struct distribution *d = &admission->d;
	struct report_subject subject = {.envelope = d->envelope,
	    .arrival = submit->arrival,
	    .source = submit->from_link};
	size_t count = d->verdict_count - admission->reported;
	int rc;

	/* Content that has gone to the store already is not fetched back, and a
	 * part of one is none. */
	if (submit->staged == 0 && submit->length == SUBMIT_LENGTH_FITS)
		subject.content = buffer_slice(&submit->content);
	if (count > REPORT_RECIPIENTS_MAX)
		count = REPORT_RECIPIENTS_MAX;
	rc = report_add(qmgr, &subject, d->verdicts + admission->reported,
	    count, d->placing);
	if (rc < 0)
		return rc;
	admission->reported += count;
	return admission->reported < d->verdict_count;
}

/* is_deferred_too_long - tell whether a message is deferred for longer than it
 * may be kept */
static bool
is_deferred_too_long(const struct qmgr *qmgr,
    const struct p1_envelope *envelope, int64_t arrival)
{
	int64_t max = (int64_t)qmgr->conf->mta.deferred_max / 1000;

	/* Deferred messages fill the queue without being sent, so their time is
	 * bounded. */
	return envelope->kind == MTS_MESSAGE &&
	    envelope->deferred_time > arrival / 1000 + max;
}

/*
 * why_cut - find why a part of a message did not come here, and which cause the
 * report names; NULL: all is here
 */
static const char *
why_cut(struct qmgr *qmgr, const struct submit *submit,
    const struct p1_envelope *envelope, enum cause *cause)
{
	const char *text;

	/* The first cause that fits, from what was cut first on its way in. */
	*cause = CAUSE_TOO_MANY;
	if (submit->left_out > 0) {
		text = arena_printf(&qmgr->arena,
		    "more recipients than are allowed, %llu are not named",
		    (unsigned long long)submit->left_out);
		return text != NULL ? text : "more recipients than are allowed";
	}
	if (envelope->recipient_count > P1_RECIPIENTS_MAX)
		return "its envelope has more recipients than are allowed";
	*cause = CAUSE_ENVELOPE;
	if (submit->elements_left_out > 0)
		return "its envelope has larger elements than are allowed";
	*cause = CAUSE_TOO_LONG;
	if (submit->length == SUBMIT_LENGTH_OVER_LINK)
		return "larger than the link takes that it came by";
	if (submit->length == SUBMIT_LENGTH_OVER_QUEUE)
		return "larger than the queue can take";
	return NULL;
}

/* begin_message - decide what holds for all recipients of a message */
static int
begin_message(struct qmgr *qmgr, struct admission *admission, bool loops)
{
	struct distribution *d = &admission->d;
	enum cause cause;
	const char *cut = why_cut(qmgr, admission->submit, d->envelope, &cause);

	/* Another MTA has this copy's recipients; accepting it would make them
	 * ours. */
	if (p1_responsible(d->envelope) == 0)
		return ERR_VALUE;
	admission->phase = ADMISSION_REPORT;
	if (cut != NULL)
		distribute_refuse(d, cause, cut);
	else if (loops)
		distribute_refuse(d, CAUSE_LOOP, "it has been here");
	/* Judged before routes: a route chosen today says nothing of a day next
	 * year. */
	else if (is_deferred_too_long(qmgr, d->envelope, d->arrival))
		distribute_refuse(d, CAUSE_DEFERRED_TOO_LONG,
		    "its deferred delivery time is beyond deferred-max");
	else
		admission->phase = ADMISSION_DECIDE;
	return 1;
}

/* tell_arrival - have it told that a submission was taken */
static void
tell_arrival(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	struct submit *submit = admission->submit;
	const struct p1_envelope *envelope = &admission->decoding.envelope;
	char by[CLIENT_WHO_MAX] = "";
	const struct told_arrival arrival = {.envelope = envelope,
	    .mts_id = submit->mts_id,
	    .trace = admission->trace,
	    .by = by,
	    .from = link_get(&qmgr->links, submit->from_link),
	    .size = submit->content_length,
	    .delay = submit->delay,
	    .content = submit->staged == 0 ? buffer_slice(&submit->content)
					   : slice_of(NULL, 0)};

	/* Without the name: /etc/passwd is not read for each message. */
	if (submit->client != NULL &&
	    submit->client->side == CLIENT_CONTROL_SOCKET)
		snprintf(by, sizeof(by), "uid %u", submit->client->caller.uid);
	told_arrive(qmgr, &submit->placing, &arrival, &admission->told, most);
}

/* note_arrival - count for whom a submission was taken, and have it told */
static void
note_arrival(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	const struct p1_envelope *envelope = &admission->decoding.envelope;

	admission->submit->recipients = envelope->kind == MTS_REPORT
	    ? 0
	    : (uint32_t)p1_responsible(envelope);
	tell_arrival(qmgr, admission, most);
}

/* tell_then - have the next steps tell tracking of the recipients, before a
 * phase */
static void
tell_then(struct admission *admission, enum admission_phase phase)
{
	admission->then = phase;
	admission->phase = ADMISSION_TELL;
}

/* refuses_at_once - tell whether recipients that cannot be served are named to
 * the submitter, and not reported on; a probe is answered by reports alone */
static bool
refuses_at_once(const struct admission *admission)
{
	return admission->submit->refuse_at_once &&
	    admission->submit->origin == IPC_SUBMISSION &&
	    admission->decoding.envelope.kind == MTS_MESSAGE;
}

/* may_submit - tell whether the client may submit as this originator, or
 * refuse it */
static bool
may_submit(struct qmgr *qmgr, struct submit *submit,
    const struct p1_envelope *envelope)
{
	char text[CONF_ACCESS_TEXT_MAX] = "its submitter has gone";
	const char *why;

	if (!keyed_may_submit(qmgr, submit, envelope, &why)) {
		admit_refuse(submit, IPC_SUBMIT_REFUSED, why);
		return false;
	}
	if (!submit->limited ||
	    (submit->client != NULL &&
		rights_submit(
		    submit->client, &envelope->originator.address, text)))
		return true;
	admit_refuse(submit, IPC_SUBMIT_REFUSED, text);
	return false;
}

/* count_loop - count a message that has been here before, for the link that it
 * came from */
static void
count_loop(struct link *from)
{
	if (from != NULL)
		from->counters.loops++;
}

/* begin_decoded - stamp what was decoded, and see what it is */
static int
begin_decoded(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	struct submit *submit = admission->submit;
	struct p1_envelope *envelope = &admission->decoding.envelope;
	bool loops;
	int rc;

	told_trace(envelope, admission->trace);
	rc = stamp_it(qmgr, submit, envelope, &loops);
	admission->d = (struct distribution){
	    .envelope = envelope,
	    .placing = &submit->placing,
	    .mts_id = submit->mts_id,
	    .from_link = submit->from_link,
	    .route_from = submit->origin == IPC_TRANSFER ? submit->from_link
							 : ROUTE_ANYWHERE,
	    .arrival = submit->arrival,
	    .content_length = submit->content_length,
	    .arrives = true,
	    .named = &submit->parties,
	};
	if (rc == 0)
		rc = distribute_init(qmgr, &admission->d);
	if (rc < 0)
		return rc;
	mts_identifier_format(&envelope->identifier, submit->mts_id);
	/* The text only goes into logs and records, and the identifier itself
	 * is kept whole in the envelope. */
	if (strlen(submit->mts_id) > STORE_MTS_ID_MAX)
		submit->mts_id[STORE_MTS_ID_MAX] = '\0';
	named_set(qmgr, envelope, NULL, 0, &submit->parties);
	submit->priority = envelope->kind == MTS_REPORT
	    ? STORE_URGENT
	    : (enum store_priority)p1_priority_rank(envelope->priority);
	/* A recipient who is refused at once does not arrive. */
	if (!refuses_at_once(admission))
		note_arrival(qmgr, admission, most);
	/* Counted up for each message, so that equal routes share the load. */
	qmgr->share++;
	if (loops)
		count_loop(link_get(&qmgr->links, submit->from_link));
	if (envelope->kind == MTS_REPORT)
		return admit_report(qmgr, submit, &admission->d, loops);
	rc = begin_message(qmgr, admission, loops);
	if (!refuses_at_once(admission))
		tell_then(admission, admission->phase);
	return rc;
}

/* decode_all - read the whole envelope in one step */
static int
decode_all(struct qmgr *qmgr, struct admission *admission, struct diag *diag)
{
	const struct submit *submit = admission->submit;

	return p1_decode(submit->kind, buffer_slice(&submit->envelope),
	    &qmgr->arena, &admission->decoding.envelope, diag);
}

/* decode_begin - read all of the envelope but its recipients */
static int
decode_begin(struct qmgr *qmgr, struct admission *admission, struct diag *diag)
{
	const struct submit *submit = admission->submit;
	struct slice octets = buffer_slice(&submit->envelope);
	size_t apart = (size_t)submit->recipients_length;

	if (apart > 0)
		return p1_decode_begin_apart(submit->kind,
		    slice_of(octets.data + apart, octets.len - apart),
		    slice_of(octets.data, apart), &qmgr->arena,
		    &admission->decoding, diag);
	return p1_decode_begin(
	    submit->kind, octets, &qmgr->arena, &admission->decoding, diag);
}

/* decode_some - read the next recipients of the envelope: 1, there are more */
static int
decode_some(struct qmgr *qmgr, struct admission *admission, size_t most,
    struct diag *diag)
{
	int rc;

	if (admission->phase == ADMISSION_BEGIN) {
		admission->phase = ADMISSION_DECODE;
		rc = decode_begin(qmgr, admission, diag);
		rc = rc == 0 ? 1 : rc;
	} else {
		rc = p1_decode_some(
		    &admission->decoding, most, &qmgr->arena, diag);
	}
	/* Its lengths have another form, which is read as a whole; workers
	 * write parts in one form. */
	return rc == ERR_UNSUPPORTED &&
		admission->submit->recipients_length == 0
	    ? decode_all(qmgr, admission, diag)
	    : rc;
}

/* decode - read some of the envelope, or refuse it */
static int
decode(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	struct submit *submit = admission->submit;
	struct diag diag = {0};
	int rc = decode_some(qmgr, admission, most, &diag);

	if (rc < 0 && rc != ERR_NOMEM) {
		admit_refuse(submit, IPC_SUBMIT_REFUSED, diag_text(&diag));
		return 0;
	}
	if (rc == 0) {
		admission->phase = ADMISSION_STAMP;
		return 1;
	}
	return rc;
}

/* tell_some - have the next recipients told to tracking */
static void
tell_some(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	if (!told_arrive_some(qmgr, &admission->submit->placing,
		&admission->decoding.envelope, &admission->told, most))
		admission->phase = admission->then;
}

/* place_of - find the place of a recipient in what was submitted: the number
 * that it got from it */
static uint32_t
place_of(const struct distribution *d, size_t index)
{
	return (uint32_t)d->envelope->recipients[index].number - 1;
}

/* keep_refused - note who is refused at once */
static int
keep_refused(struct submit *submit, const struct distribution *d)
{
	for (size_t i = 0; i < d->verdict_count; i++) {
		const struct verdict *verdict = &d->verdicts[i];
		const struct ipc_recipient_outcome refused = {
		    .index = place_of(d, verdict->index),
		    .reason = verdict->reason,
		    .diagnostic = verdict->diagnostic,
		    .text = verdict->text};
		int rc = fates_add(&submit->refused, &refused, 1);

		if (rc < 0)
			return rc;
	}
	return fates_settle(&submit->refused);
}

/* leave_out - take those out of the envelope who are refused at once */
static void
leave_out(struct distribution *d, const struct fates *refused)
{
	struct p1_envelope *envelope = d->envelope;
	size_t kept = 0;

	for (size_t i = 0; i < envelope->recipient_count; i++) {
		if (fates_find(refused, place_of(d, i)) != NULL)
			continue;
		envelope->recipients[kept] = envelope->recipients[i];
		d->links[kept] = d->links[i];
		d->redirected[kept++] = d->redirected[i];
	}
	envelope->recipient_count = kept;
	d->verdict_count = 0;
}

/* refuse_all - refuse a submission of which every recipient is refused */
static void
refuse_all(struct submit *submit)
{
	const struct fate *first = &submit->refused.items[0];

	admit_refuse(submit, IPC_SUBMIT_REFUSED, first->text);
	submit->reason = first->reason;
	submit->diagnostic = first->diagnostic;
}

/* refuse_some - refuse recipients at once: 1, the others are served; 0, there
 * is none */
static int
refuse_some(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	struct submit *submit = admission->submit;
	struct distribution *d = &admission->d;
	int rc = keep_refused(submit, d);

	if (rc < 0)
		return rc;
	leave_out(d, &submit->refused);
	if (d->envelope->recipient_count == 0) {
		refuse_all(submit);
		return 0;
	}
	rc = keyed_prepare(submit);
	if (rc == ERR_LIMIT) {
		admit_refuse(submit, IPC_SUBMIT_REFUSED,
		    "more recipients are refused than its key can remember");
		return 0;
	}
	if (rc < 0)
		return rc;
	note_arrival(qmgr, admission, most);
	tell_then(admission, admission->phase);
	return 1;
}

/* refuse_copies - report on a message whose copies take more than is allowed:
 * the peer would send again what is refused without a report */
static void
refuse_copies(struct admission *admission)
{
	struct distribution *d = &admission->d;

	placing_forget(d->placing);
	d->shares_content = d->for_waiting = d->full_share = false;
	d->full = NULL;
	distribute_refuse(d, CAUSE_TOO_MANY,
	    "the copies for its links take more than is allowed");
	admission->phase = ADMISSION_REPORT;
}

/* refuse_full - refuse for now what is for a link that has its share */
static void
refuse_full(struct qmgr *qmgr, struct admission *admission)
{
	const struct distribution *d = &admission->d;
	struct submit *submit = admission->submit;
	char text[128];

	submit->full_share = d->full_share;
	link_get(&qmgr->links, d->full->number)->backlog_refused_at =
	    store_link_total(qmgr->store, d->full->number).octets;
	/* A link that cannot send now takes no more than its share; the peer
	 * keeps the message and tries again. */
	snprintf(text, sizeof(text),
	    d->full_share
		? "link %s is not up, and what came from here has its "
		  "share of it"
		: "link %s is not up, and has its share of the queue",
	    d->full->name);
	admit_refuse(submit, IPC_SUBMIT_UNAVAILABLE, text);
}

/* finish - note what was decided, or why nothing could be */
static void
finish(struct qmgr *qmgr, struct admission *admission, int rc)
{
	struct submit *submit = admission->submit;

	submit->shares_content = admission->d.shares_content;
	submit->for_waiting = admission->d.for_waiting;
	if (rc == 0 && admission->d.full != NULL)
		refuse_full(qmgr, admission);
	/* Later there may be memory; what is over a limit stays over it. */
	if (rc == ERR_NOMEM)
		admit_refuse(submit, IPC_SUBMIT_UNAVAILABLE, "out of memory");
	else if (rc == ERR_LIMIT)
		admit_refuse(submit, IPC_SUBMIT_REFUSED,
		    "its envelope takes more than is allowed");
	else if (rc == ERR_VALUE)
		admit_refuse(submit, IPC_SUBMIT_REFUSED,
		    "it makes us responsible for no recipient");
	else if (rc < 0)
		admit_refuse(submit, IPC_SUBMIT_REFUSED, error_strerror(rc));
}

/* take_step - take the next step of an admission: 1, there is more to do */
static int
take_step(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	int rc = 0;

	switch (admission->phase) {
	case ADMISSION_BEGIN:
	case ADMISSION_DECODE:
		return decode(qmgr, admission, most);
	case ADMISSION_STAMP:
		return may_submit(qmgr, admission->submit,
			   &admission->decoding.envelope)
		    ? begin_decoded(qmgr, admission, most)
		    : 0;
	case ADMISSION_TELL:
		tell_some(qmgr, admission, most);
		break;
	case ADMISSION_DECIDE:
		rc = distribute_decide_some(qmgr, &admission->d, most);
		if (rc != 0)
			break;
		admission->phase = ADMISSION_PLACE;
		return refuses_at_once(admission)
		    ? refuse_some(qmgr, admission, most)
		    : 1;
	case ADMISSION_PLACE:
		rc = distribute_place_some(qmgr, &admission->d, most);
		if (rc == 0)
			admission->phase = ADMISSION_REPORT;
		break;
	case ADMISSION_REPORT:
		/* Nobody was placed, or all were: verdicts are on all. */
		if (refuses_at_once(admission) &&
		    admission->d.verdict_count > 0)
			return refuse_some(qmgr, admission, most);
		return place_reports(qmgr, admission);
	}
	if (rc == ERR_LIMIT)
		refuse_copies(admission);
	return rc < 0 && rc != ERR_LIMIT ? rc : 1;
}

/* admission_begin - begin to decide on a submission */
void
admission_begin(struct admission *admission, struct submit *submit)
{
	*admission = (struct admission){.submit = submit};
	fates_fini(&submit->refused);
	submit->decided = IPC_SUBMIT_ACCEPTED;
	submit->full_share = false;
}

/* admission_step - take the next step of an admission */
bool
admission_step(struct qmgr *qmgr, struct admission *admission, size_t most)
{
	int rc = take_step(qmgr, admission, most);

	if (rc <= 0)
		finish(qmgr, admission, rc);
	return rc > 0;
}

/* admit - fill submit->placing, or say why not */
void
admit(struct qmgr *qmgr, struct submit *submit)
{
	struct admission admission;

	arena_reset(&qmgr->arena);
	admission_begin(&admission, submit);
	while (admission_step(qmgr, &admission, SIZE_MAX))
		;
}
