/* SPDX-License-Identifier: ISC */
/*
 * in_envelope.c - the envelopes of what is submitted
 *
 * qmgr completes them: the identifier and the last element of the trace only
 * hold a place.
 */
#include "mixer/in.h"
#include "mixer/trace_text.h"

#define PLACEHOLDER "x"
#define RETURN_MAX  ((uint64_t)32 * 1024)

/* begin - begin an envelope with the domain of this MTA */
static int
begin(struct in *in, enum mts_kind kind, struct p1_envelope *envelope)
{
	p1_init(envelope, kind);
	envelope->identifier.local = slice_of_string(PLACEHOLDER);
	return global_domain_parse(
	    slice_of_string(in->mixer.conf->mta.domain.text), &in->arena,
	    &envelope->identifier.domain, NULL);
}

/* finish - add the last element of the trace, and write the envelope */
static int
finish(struct in *in, struct p1_envelope *envelope, struct buffer *out)
{
	int error = p1_trace_append(envelope, &in->arena,
	    &envelope->identifier.domain, 0, TRACE_RELAYED, NULL);

	return error != 0 ? error
			  : p1_encode(envelope, EXTENSION_IMPLICIT, out);
}

/* in_envelope_message - write the envelope for one recipient */
int
in_envelope_message(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope)
{
	struct p1_recipient to = {.name = {.address = recipient->address},
	    .number = 1,
	    .indicators = P1_RESPONSIBILITY | recipient->indicators,
	    .explicit_conversion = -1};
	struct p1_envelope made;
	int error = begin(in, MTS_MESSAGE, &made);

	if (error != 0)
		return error;
	made.originator = (struct or_name){.address = in->from};
	made.content_type.built_in =
	    in->plan.type == IPM_P22 ? P1_CONTENT_P22 : P1_CONTENT_P2;
	/* The heading names all recipients anyway. */
	made.indicators = P1_DISCLOSURE_OF_RECIPIENTS;
	/* A report with its content is of use to people, but not by
	 * megabytes. */
	if (recipient->indicators != 0 && in->plan.length <= RETURN_MAX)
		made.indicators |= P1_CONTENT_RETURN_REQUEST;
	made.recipients = &to;
	made.recipient_count = 1;
	error =
	    trace_text_get(buffer_slice(&in->content), &in->arena, &made.trace);
	return error != 0 ? error : finish(in, &made, envelope);
}

/* in_envelope_report - write the envelope of a report */
int
in_envelope_report(
    struct in *in, const struct or_address *to, struct buffer *envelope)
{
	struct p1_envelope made;
	int error = begin(in, MTS_REPORT, &made);

	made.originator = (struct or_name){.address = *to};
	return error != 0 ? error : finish(in, &made, envelope);
}
