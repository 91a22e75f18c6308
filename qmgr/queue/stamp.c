/* SPDX-License-Identifier: ISC */
/*
 * stamp.c - what this MTA adds to an envelope, once, when it takes it over
 */
#include "qmgr/queue/stamp.h"

/* append_trace - append one element each of trace and internal trace; a message
 * that another MTA of our domain passes on is in that domain's element */
static int
append_trace(const struct qmgr *qmgr, struct p1_envelope *envelope,
    struct arena *arena, int64_t arrival)
{
	/* Whether p1_stamp added a domain element or went into the last one is
	 * seen by the count. */
	size_t domains = envelope->trace.count;
	struct trace *trace;
	int rc = p1_stamp(envelope, arena, &qmgr->domain,
	    slice_of_string(qmgr->conf->mta.name), arrival / 1000,
	    TRACE_RELAYED);

	/* X.411 wants the trace to show for how long the message was deferred
	 * here, and only if it was. */
	if (rc < 0 || envelope->kind != MTS_MESSAGE ||
	    envelope->deferred_time == P1_NO_TIME ||
	    envelope->deferred_time <= arrival / 1000)
		return rc;
	/* Where a domain element was added it belongs there, else into the
	 * MTA's own element. */
	trace = envelope->trace.count > domains ? &envelope->trace
						: &envelope->internal_trace;
	trace->elements[trace->count - 1].deferred = envelope->deferred_time;
	return 0;
}

/* stamp_transfer - stamp what comes from another MTA */
int
stamp_transfer(const struct qmgr *qmgr, struct p1_envelope *envelope,
    struct arena *arena, int64_t arrival)
{
	return append_trace(qmgr, envelope, arena, arrival);
}

/* stamp_identifier - make an MTS identifier that was never given before */
int
stamp_identifier(
    struct qmgr *qmgr, struct arena *arena, struct mts_identifier *identifier)
{
	/* When we started, and a number: never given again after a restart. */
	char *local =
	    arena_printf(arena, "%llx-%llx", (unsigned long long)qmgr->started,
		(unsigned long long)++qmgr->next_local);

	if (local == NULL)
		return arena_error(arena);
	identifier->domain = qmgr->domain;
	identifier->local = slice_of_string(local);
	return 0;
}

/* complete_recipients - complete numbers, responsibility, and the reports that
 * are asked for */
static void
complete_recipients(struct p1_envelope *envelope)
{
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		struct p1_recipient *recipient = &envelope->recipients[i];

		/* A submitter's numbers are not trusted to be different, and
		 * reports name recipients by them. */
		recipient->number = (int)i + 1;
		recipient->indicators |= P1_RESPONSIBILITY;
		if ((recipient->indicators & P1_ORIGINATOR_REPORT) != 0)
			recipient->indicators |= P1_MTA_REPORT;
		/* At least a non-delivery report is asked for, or mail could be
		 * lost in silence. */
		if ((recipient->indicators &
			(P1_MTA_REPORT | P1_MTA_NON_DELIVERY_REPORT)) == 0)
			recipient->indicators |= P1_MTA_NON_DELIVERY_REPORT;
	}
}

/* begin_here - give a message what it has from where it begins */
static int
begin_here(struct qmgr *qmgr, struct p1_envelope *envelope, struct arena *arena)
{
	/* Given here, since whoever submits could otherwise repeat an
	 * identifier and have a report go astray. */
	int rc = stamp_identifier(qmgr, arena, &envelope->identifier);

	if (rc < 0)
		return rc;
	envelope->internal_trace.count = 0;
	complete_recipients(envelope);
	return 0;
}

/* stamp_submission - stamp what begins here */
int
stamp_submission(struct qmgr *qmgr, struct p1_envelope *envelope,
    struct arena *arena, int64_t arrival)
{
	int rc = begin_here(qmgr, envelope, arena);

	/* The numbers of the submitter only hold the place. */
	envelope->trace.count = 0;
	return rc < 0 ? rc : append_trace(qmgr, envelope, arena, arrival);
}

/* stamp_goes_round - tell whether the message came back from other mail
 * systems so often that it goes round */
bool
stamp_goes_round(const struct qmgr *qmgr, const struct p1_envelope *envelope)
{
	unsigned visits = 0;

	/* The last element only holds the place of ours. */
	for (size_t i = 0; i + 1 < envelope->trace.count; i++)
		visits +=
		    global_domain_compare(&envelope->trace.elements[i].domain,
			&qmgr->domain) == 0;
	return visits >= TRACE_VISITS;
}

/* take_place - take over what a gateway says of its own: when the message came
 * into this domain, and what it was converted to */
static void
take_place(struct trace_element *ours, const struct trace_element *place)
{
	if (place->arrival != TRACE_NO_TIME && place->arrival >= 0 &&
	    place->arrival < ours->arrival)
		ours->arrival = place->arrival;
	ours->converted_eits = place->converted_eits;
}

/* stamp_gateway - stamp what comes from another mail system */
int
stamp_gateway(struct qmgr *qmgr, struct p1_envelope *envelope,
    struct arena *arena, int64_t arrival)
{
	/* The gateway tells of hosts that the message came by. */
	const struct trace hops = envelope->internal_trace;
	struct trace_element ours = {
	    .arrival = arrival / 1000, .deferred = TRACE_NO_TIME};
	int rc = begin_here(qmgr, envelope, arena);

	envelope->internal_trace = hops;
	/* The last element only holds the place of ours, which is another one
	 * though we may have been the last before: the message was outside. */
	if (envelope->trace.count > 0)
		take_place(
		    &ours, &envelope->trace.elements[--envelope->trace.count]);
	ours.domain = qmgr->domain;
	if (rc == 0)
		rc = trace_append(&envelope->trace, arena, &ours);
	return rc < 0 ? rc : append_trace(qmgr, envelope, arena, arrival);
}
