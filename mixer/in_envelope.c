/* SPDX-License-Identifier: ISC */
/*
 * in_envelope.c - the envelopes of what is submitted
 *
 * qmgr completes them: the identifier and the last element of the trace only
 * hold a place.
 */
#include "mhs/ipm_eits.h"
#include "mixer/dl_text.h"
#include "mixer/envelope_in.h"
#include "mixer/correlator.h"
#include "mixer/in.h"

#define PLACEHOLDER "x"
#define RETURN_MAX  ((uint64_t)32 * 1024)
#define BEGUN_MAX   ((int64_t)30 * 24 * 3600) /* an older date is not true */

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

/* arrival_of - find when a message came into this domain: of one that was never
 * in X.400 its date, if that can be true */
static int64_t
arrival_of(const struct p1_envelope *envelope, int64_t now)
{
	int64_t begun = envelope->trace.count == 0
	    ? trace_begun(&envelope->internal_trace)
	    : TRACE_NO_TIME;

	return begun != TRACE_NO_TIME && begun <= now &&
		begun >= now - BEGUN_MAX
	    ? begun
	    : now;
}

/* finish - add the last element of the trace, and write the envelope */
static int
finish(struct in *in, struct p1_envelope *envelope, struct buffer *out)
{
	int error = p1_trace_append(envelope, &in->arena,
	    &envelope->identifier.domain,
	    arrival_of(envelope, in->mixer.mapping.now), TRACE_RELAYED, NULL);

	/* The gateway has converted it to what it is now (RFC 2156 5.1.6). */
	if (error == 0)
		envelope->trace.elements[envelope->trace.count - 1]
		    .converted_eits = envelope->original_eits;
	return error != 0 ? error
			  : p1_encode(envelope, EXTENSION_IMPLICIT, out);
}

/* add_recipients - add those that are pending; *reports: any is to be reported
 * on */
static int
add_recipients(struct in *in, struct p1_envelope *envelope, bool *reports)
{
	struct p1_recipient *list =
	    arena_array(&in->arena, in->pending_count, sizeof(*list));

	if (list == NULL)
		return arena_error(&in->arena);
	for (unsigned i = 0; i < in->pending_count; i++) {
		const struct in_recipient *from =
		    &in->recipients[in->pending[i]];

		list[i] =
		    (struct p1_recipient){.name = {.address = from->address},
			.number = (int)i + 1,
			.indicators = P1_RESPONSIBILITY | from->indicators,
			.explicit_conversion = -1};
		*reports = *reports || from->indicators != 0;
	}
	envelope->recipients = list;
	envelope->recipient_count = in->pending_count;
	return 0;
}

/* read_header - read the message as far as its header goes at least, where it
 * lies or into a buffer */
static int
read_header(struct in *in, uint8_t piece[SPOOL_PIECE], struct buffer *buffer,
    struct slice *message)
{
	struct slice octets;
	int error = spool_read(&in->spool, 0, piece, message);

	if (error != 0 || mime_header_cut(*message).len < message->len)
		return error;
	/* More than a header may have was refused before. */
	do {
		error = spool_read(
		    &in->spool, buffer_length(buffer), piece, &octets);
		if (error == 0)
			error = buffer_append(buffer, octets.data, octets.len);
	} while (error == 0 && octets.len > 0 &&
	    buffer_length(buffer) < MIME_HEADER_MAX);
	*message = buffer_slice(buffer);
	return error;
}

/* add_header - add what the header says */
static int
add_header(struct in *in, struct p1_envelope *envelope)
{
	uint8_t piece[SPOOL_PIECE];
	struct buffer buffer;
	struct slice message;
	int error;

	buffer_init(&buffer, MIME_HEADER_MAX + SPOOL_PIECE);
	error = read_header(in, piece, &buffer, &message);
	if (error == 0)
		error = envelope_from_internet(message, &in->arena, envelope);
	if (error == 0)
		error = dl_text_get(&in->mixer.addresses, message, &in->arena,
		    &envelope->extensions);
	buffer_fini(&buffer);
	return error;
}

/* in_envelope_message - write the envelope for those that are pending */
int
in_envelope_message(struct in *in, struct buffer *envelope)
{
	struct p1_envelope made;
	bool reports = false;
	int error = begin(in, MTS_MESSAGE, &made);

	if (error == 0)
		error = add_recipients(in, &made, &reports);
	if (error == 0)
		error = add_header(in, &made);
	if (error == 0)
		error = correlator_set(&made.extensions,
		    slice_of(in->server.mail.envid, in->server.mail.envid_len),
		    &in->arena);
	if (error != 0)
		return error;
	error = ipm_eits_with(in->plan.parts, in->plan.count, IPM_EIT_MIXER,
	    &in->arena, &made.original_eits);
	if (error != 0)
		return error;
	made.originator = (struct or_name){.address = in->from};
	made.content_type.built_in =
	    in->plan.type == IPM_P22 ? P1_CONTENT_P22 : P1_CONTENT_P2;
	/* Recipients are not disclosed to each other: some may be blind ones,
	 * whom no field names.  A report with its content is of use to people,
	 * but not by megabytes; of who wants the header alone that is made. */
	if (reports && in->plan.length <= RETURN_MAX)
		made.indicators |= P1_CONTENT_RETURN_REQUEST;
	return finish(in, &made, envelope);
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

/* in_envelope_receipt - write the envelope of a receipt */
int
in_envelope_receipt(struct in *in, const struct or_name *from,
    const struct or_address *to, struct buffer *envelope)
{
	struct p1_recipient recipient = {.name = {.address = *to},
	    .number = 1,
	    .indicators = P1_RESPONSIBILITY,
	    .explicit_conversion = -1};
	struct p1_envelope made;
	int error = begin(in, MTS_MESSAGE, &made);

	made.originator = *from;
	made.content_type.built_in = P1_CONTENT_P2;
	made.recipients = &recipient;
	made.recipient_count = 1;
	return error != 0 ? error : finish(in, &made, envelope);
}
