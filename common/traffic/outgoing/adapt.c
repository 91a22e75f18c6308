/* SPDX-License-Identifier: ISC */
/*
 * adapt.c - make of a job what a peer of 1984 can be told (X.419 annex B)
 *
 * A content is read from qmgr twice where it has to become another: once for
 * the plan, and once to be sent.
 */
#include "traffic/outgoing/adapt.h"

#include "mhs/cause.h"
#include "mhs/downgrade.h"
#include "mhs/p2_downgrade.h"
#include "mhs/report_gather.h"
#include "traffic/outgoing/adapt_large.h"
#include "traffic/outgoing/jobs.h"

/* Octets of a report's content; of a longer one the content that it returns is
 * left out. */
#define REPORT_MAX ((size_t)8 * 1024 * 1024)

/* The fate of the job at hand. */
struct adapting {
	struct traffic *traffic;
	struct client_job *job;
	uint64_t deadline;
	struct arena arena;
	struct p1_envelope envelope; /* of a large one the rest */
	struct adapt_large *large;   /* and its recipients, or NULL */
	struct global_domain gateway;
};

/* refuse - note why the peer cannot be told */
static int
refuse(struct traffic *traffic, enum cause cause, const char *text)
{
	traffic->out.adapted.cause = cause;
	traffic->out.adapted.why = text;
	return ERR_UNSUPPORTED;
}

/* adapt_reset - forget what was planned */
void
adapt_reset(struct traffic *traffic)
{
	struct outgoing_adapted *adapted = &traffic->out.adapted;

	if (adapted->planned)
		p2_plan_fini(&adapted->plan);
	adapted->planned = false;
	adapt_large_free(adapted->large);
	adapted->large = NULL;
	adapted->why = NULL;
}

/* adapt_keep - keep a plan for what is sent */
void
adapt_keep(struct traffic *traffic, const struct p2_plan *plan, uint64_t base)
{
	adapt_reset(traffic);
	traffic->out.adapted.plan = *plan;
	traffic->out.adapted.base = base;
	traffic->out.adapted.planned = true;
}

/* keep_plan - keep a plan for the content of the job at hand */
static void
keep_plan(struct adapting *a, const struct p2_plan *plan)
{
	adapt_keep(a->traffic, plan, a->job->envelope_length);
}

/* take_piece - take octets of the content that are here, at most so many */
static int
take_piece(struct adapting *a, uint64_t most, struct slice *octets)
{
	struct buffer *piece = &a->traffic->out.adapted.piece;
	int error = jobs_take(a->traffic, most, a->deadline, piece);

	*octets = buffer_slice(piece);
	return error;
}

/* may_convert - tell whether the originator lets a content be converted so */
static int
may_convert(struct adapting *a, const struct p2_downgrade *d)
{
	/* The originator's prohibitions come before the wish to deliver: a
	 * report is the honest answer. */
	if (d->converted &&
	    (a->envelope.indicators & P1_IMPLICIT_CONVERSION_PROHIBITED) != 0)
		return refuse(a->traffic, CAUSE_IMPLICIT_PROHIBITED,
		    "a body would have to be converted for a peer of 1984");
	if (d->lossy &&
	    extension_find(&a->envelope.extensions,
		EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED) != NULL)
		return refuse(a->traffic, CAUSE_LOSS_PROHIBITED,
		    "a body would lose something for a peer of 1984");
	return 0;
}

/* plan_content - plan an interpersonal message; *converted: a body changes */
static int
plan_content(struct adapting *a, bool *converted)
{
	uint64_t left = a->job->content_length;
	struct diag diag = {0};
	struct p2_downgrade d;
	struct slice octets;
	int error = 0;

	p2_downgrade_init(&d, &a->gateway);
	/* Read from its start; the envelope was read already. */
	client_job_seek(a->job, a->job->envelope_length);
	while (error == 0 && left > 0) {
		error = take_piece(a, left, &octets);
		if (error < 0)
			goto out;
		left -= octets.len;
		error = p2_downgrade_push(&d, octets, &diag);
	}
	if (error == 0)
		error = p2_downgrade_finish(&d, &diag);
	if (error == 0) {
		*converted = d.converted;
		error = may_convert(a, &d);
		/* Lack of memory passes; everything else is the message's own
		 * fault and final. */
	} else if (error != ERR_NOMEM)
		error = refuse(a->traffic, CAUSE_DOWNGRADE,
		    d.why != NULL ? d.why
				  : "its content cannot be read for a peer of "
				    "1984");
	if (error == 0) {
		keep_plan(a, &d.plan);
		/* The plan belongs to the traffic now, and must not be freed
		 * with d. */
		p2_plan_init(&d.plan);
	}
out:
	p2_downgrade_fini(&d);
	return error;
}

/* open_external - begin the EXTERNAL that holds a content, up to its octets:
 * octet-aligned, for that needs no look at them */
static int
open_external(struct p2_plan *plan, struct slice oid)
{
	int error = p2_plan_open(plan, BER_EXTERNAL | 0x20);

	if (error == 0)
		error = p2_plan_open(plan, BER_OID);
	if (error == 0)
		error = p2_plan_own(plan, oid);
	if (error == 0)
		error = p2_plan_close(plan);
	if (error == 0)
		error = p2_plan_open(plan, 0x81);
	return error;
}

/* plan_external - plan a content whose type is an OID */
static int
plan_external(struct adapting *a)
{
	struct p2_plan plan;
	int error;

	p2_plan_init(&plan);
	error = open_external(&plan, a->envelope.content_type.oid);
	if (error == 0)
		error = p2_plan_old(&plan, 0, a->job->content_length);
	if (error == 0)
		error = p2_plan_close(&plan);
	if (error == 0)
		error = p2_plan_close(&plan);
	if (error == 0)
		keep_plan(a, &plan);
	else
		p2_plan_fini(&plan);
	return error;
}

/* encode_report - write a report for the peer, as a plan of our own octets */
static int
encode_report(struct adapting *a, struct slice octets)
{
	struct report report;
	struct buffer out;
	struct p2_plan plan;
	int error = report_decode(octets, &a->arena, &report, NULL);

	if (error == 0)
		error = downgrade_report(&report, &a->gateway, &a->arena);
	if (error != 0)
		return error == ERR_NOMEM
		    ? error
		    : refuse(a->traffic, CAUSE_DOWNGRADE,
			  "the report cannot be said to a peer of 1984");
	/* Twice the size: addresses may become longer in the form of 1984. */
	buffer_init(&out, REPORT_MAX * 2);
	p2_plan_init(&plan);
	error = report_encode(&report, EXTENSION_IMPLICIT, &out);
	if (error == 0)
		error = p2_plan_own(&plan, buffer_slice(&out));
	buffer_fini(&out);
	if (error == 0)
		keep_plan(a, &plan);
	else
		p2_plan_fini(&plan);
	return error;
}

/* gather_report - read what a report says: whole, or if it is too long for that
 * without the content that it returns */
static int
gather_report(struct adapting *a, struct buffer *gathered)
{
	uint64_t left = a->job->content_length;
	bool whole = left <= REPORT_MAX;
	struct report_gather gather;
	struct slice octets;
	int error = 0;

	report_gather_init(&gather, gathered);
	client_job_seek(a->job, a->job->envelope_length);
	while (left > 0) {
		/* A fault of the connection to qmgr says nothing of the
		 * report. */
		if ((error = take_piece(a, left, &octets)) != 0)
			return error;
		left -= octets.len;
		error = whole ? buffer_append(gathered, octets.data, octets.len)
			      : report_gather_push(&gather, octets);
		if (error == ERR_NOMEM)
			return error;
		if (error != 0)
			return refuse(a->traffic, CAUSE_DOWNGRADE,
			    "the report is too large for a peer of 1984");
	}
	if (!whole && !report_gather_complete(&gather))
		return refuse(a->traffic, CAUSE_DOWNGRADE,
		    "the report cannot be said to a peer of 1984");
	return 0;
}

/* plan_report - read a report, and plan it */
static int
plan_report(struct adapting *a)
{
	struct buffer gathered;
	int error;

	buffer_init(&gathered, REPORT_MAX);
	error = gather_report(a, &gathered);
	if (error == 0)
		error = encode_report(a, buffer_slice(&gathered));
	buffer_fini(&gathered);
	return error;
}

/* note_conversion - note in our element of the trace which types there are now:
 * IA5 text, and what has no name */
static void
note_conversion(struct p1_envelope *envelope)
{
	static const uint8_t eits[] = {0x65, 0x04, 0x80, 0x02, 0x05, 0xa0};
	struct trace_element *last =
	    &envelope->trace.elements[envelope->trace.count - 1];

	last->converted_eits = slice_of(eits, sizeof(eits));
	/* The raw octets would be copied to the wire instead of the new
	 * types. */
	last->raw = slice_of(NULL, 0);
}

/* adapt_envelope - downgrade the envelope, or what is here of it, and write it
 */
static int
adapt_envelope(struct adapting *a, bool converted, struct buffer *out)
{
	int error = downgrade_envelope(&a->envelope, &a->gateway, &a->arena);

	if (error == ERR_VALUE || error == ERR_SYNTAX)
		return refuse(a->traffic, CAUSE_DOWNGRADE,
		    "a name cannot be said to a peer of 1984");
	if (error < 0)
		return error;
	/* P22 is the content of 1988; what was planned is P2 by now. */
	if (a->envelope.content_type.built_in == P1_CONTENT_P22)
		a->envelope.content_type.built_in = P1_CONTENT_P2;
	if (converted)
		note_conversion(&a->envelope);
	return a->large != NULL
	    ? p1_encode_rest(&a->envelope, EXTENSION_IMPLICIT, out)
	    : p1_encode(&a->envelope, EXTENSION_IMPLICIT, out);
}

/* find_refusal - find what forbids to tell the peer, or NULL */
static const char *
find_refusal(const struct p1_envelope *envelope)
{
	const char *why = downgrade_refuses(envelope);

	for (size_t i = 0; i < envelope->recipient_count && why == NULL; i++)
		/* Others' recipients are only named; their fate is not decided
		 * here. */
		if ((envelope->recipients[i].indicators & P1_RESPONSIBILITY) !=
		    0)
			why = downgrade_refuses_recipient(
			    &envelope->recipients[i]);
	return why;
}

/* plan_job - plan what follows the envelope, where it has to become another */
static int
plan_job(struct adapting *a, bool *converted)
{
	if (a->envelope.kind == MTS_REPORT)
		return plan_report(a);
	if (a->envelope.kind == MTS_MESSAGE &&
	    a->envelope.content_type.built_in == P1_CONTENT_P22)
		return plan_content(a, converted);
	if (a->envelope.kind == MTS_MESSAGE &&
	    a->envelope.content_type.built_in == P1_CONTENT_OID)
		return plan_external(a);
	return 0;
}

/* adapt_begin - begin with a job */
static int
adapt_begin(struct adapting *a)
{
	adapt_reset(a->traffic);
	arena_init(&a->arena, P1_ARENA_MAX);
	/* The gateway is our own domain: it stands for what an address of 1984
	 * cannot say. */
	return global_domain_parse(
	    slice_of_string(a->traffic->conf->mta.domain.text), &a->arena,
	    &a->gateway, NULL);
}

/* adapt_rest - write what is decoded of the envelope, and plan the content */
static int
adapt_rest(struct adapting *a, struct buffer *out)
{
	const char *why = find_refusal(&a->envelope);
	bool converted = false;
	int error;

	if (why != NULL)
		return refuse(a->traffic, CAUSE_DOWNGRADE, why);
	/* The content first, since whether a body changes decides what the
	 * envelope must say. */
	error = plan_job(a, &converted);
	return error == 0 ? adapt_envelope(a, converted, out) : error;
}

/* adapt_job - write the envelope for the peer, and plan its content */
int
adapt_job(struct traffic *traffic, struct client_job *job,
    struct slice envelope, uint64_t deadline, struct buffer *out)
{
	struct adapting a = {
	    .traffic = traffic, .job = job, .deadline = deadline};
	int error = adapt_begin(&a);

	if (error == 0)
		error = arena_slice(&a.arena, envelope, &envelope);
	if (error == 0)
		error =
		    p1_decode(job->kind, envelope, &a.arena, &a.envelope, NULL);
	if (error == 0)
		error = adapt_rest(&a, out);
	arena_fini(&a.arena);
	return error;
}

/* plan_whole - plan the content as it is, where it need not become another */
static int
plan_whole(struct adapting *a)
{
	struct p2_plan plan;
	int error = 0;

	if (a->traffic->out.adapted.planned)
		return 0;
	p2_plan_init(&plan);
	if (a->job->content_length > 0)
		error = p2_plan_old(&plan, 0, a->job->content_length);
	if (error == 0)
		keep_plan(a, &plan);
	else
		p2_plan_fini(&plan);
	return error;
}

/* adapt_job_large - write what stands before the recipients of a large
 * envelope, and plan the rest */
int
adapt_job_large(struct traffic *traffic, struct client_job *job,
    uint64_t deadline, struct buffer *prefix)
{
	struct adapting a = {
	    .traffic = traffic, .job = job, .deadline = deadline};
	const char *why = NULL;
	struct buffer rest;
	int error = adapt_begin(&a);

	buffer_init(&rest, P1_ENVELOPE_MAX);
	if (error == 0)
		error = adapt_large_read(traffic, job, deadline, &a.arena,
		    &a.envelope, &a.large, &why);
	if (why != NULL)
		error = refuse(traffic, CAUSE_DOWNGRADE, why);
	if (error == 0)
		error = adapt_rest(&a, &rest);
	if (error == 0)
		error = plan_whole(&a);
	if (error == 0)
		error = adapt_large_frame(a.large, buffer_slice(&rest),
		    traffic->out.adapted.plan.length, prefix);
	if (error == 0)
		traffic->out.adapted.large = a.large;
	else
		adapt_large_free(a.large);
	buffer_fini(&rest);
	arena_fini(&a.arena);
	return error;
}

/* adapt_length - count the octets that are sent behind the prefix */
uint64_t
adapt_length(const struct traffic *traffic)
{
	const struct outgoing_adapted *adapted = &traffic->out.adapted;

	return adapt_large_length(adapted->large) + adapted->plan.length;
}

/* adapt_next - get the next octets of the planned content */
int
adapt_next(struct traffic *traffic, struct client_job *job, uint64_t offset,
    uint64_t deadline, struct slice *octets)
{
	struct p2_plan *plan = &traffic->out.adapted.plan;
	struct adapting a = {
	    .traffic = traffic, .job = job, .deadline = deadline};
	const struct p2_piece *piece;
	uint64_t within;

	/* Recipients come before what is planned. */
	if (offset < adapt_large_length(traffic->out.adapted.large))
		return adapt_large_next(traffic->out.adapted.large, traffic,
		    job, offset, deadline, octets);
	offset -= adapt_large_length(traffic->out.adapted.large);
	piece = p2_plan_find(plan, offset, &within);
	if (piece == NULL)
		return ERR_VALUE;
	/* Octets of ours need no reading ahead. */
	if (piece->own) {
		*octets =
		    slice_of(buffer_slice(&plan->own).data + piece->at + within,
			(size_t)(piece->len - within));
		return 0;
	}
	/* Runs of the old content are read from the job when their turn comes,
	 * so that a content of any size passes. */
	client_job_seek(job, traffic->out.adapted.base + piece->at + within);
	return take_piece(&a, piece->len - within, octets);
}
