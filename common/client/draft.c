/* SPDX-License-Identifier: ISC */
/*
 * draft.c - compose what is submitted: envelope and heading
 *
 * Contract in draft.h.
 */
#include "client/draft.h"

#include "mhs/ipm_eits.h"
#include "mhs/charset.h"

/* Identifiers and trace of a submission are qmgr's to fill in. */
#define PLACEHOLDER "x"

#define RETURN_MAX ((uint64_t)32 * 1024)

/* draft_init - begin a draft */
void
draft_init(struct draft *draft)
{
	*draft =
	    (struct draft){.priority = P1_NORMAL, .importance = IPM_NORMAL};
}

/* encode_name - encode an O/R name of an address alone into the arena */
static int
encode_name(
    const struct or_address *address, struct arena *arena, struct slice *octets)
{
	const struct or_name name = {.address = *address};
	struct ber_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, OR_ADDRESS_MAX + 64);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, &name);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), octets);
	buffer_fini(&out);
	return error;
}

/* list_primary - list the recipients for the heading */
static int
list_primary(const struct draft *draft, struct arena *arena,
    struct ipm_recipients *primary)
{
	struct ipm_recipient *list =
	    arena_array(arena, draft->to_count, sizeof(*list));
	int error = list == NULL ? arena_error(arena) : 0;

	for (size_t i = 0; error == 0 && i < draft->to_count; i++) {
		error = encode_name(
		    &draft->to[i].address, arena, &list[i].descriptor.name);
		list[i].descriptor.free_form = draft->to[i].name;
		if (draft->to[i].receipt)
			list[i].requests = IPM_REQUEST_RN;
	}
	*primary = (struct ipm_recipients){list, draft->to_count};
	return error;
}

/* make_heading - make the heading of the message */
static int
make_heading(
    const struct draft *draft, struct arena *arena, struct ipm_heading *heading)
{
	int error;

	ipm_heading_init(heading);
	heading->has_originator = true;
	if ((error = encode_name(
		 &draft->from, arena, &heading->originator.name)) != 0)
		return error;
	heading->originator.free_form = draft->from_name;
	/* X.420: the identifier of an IPM has the originator's name, so that
	 * the local part need be unique only there. */
	heading->this_ipm.user = heading->originator.name;
	heading->this_ipm.local = slice_of_string(draft->id);
	heading->has_subject = draft->subject.len > 0;
	heading->subject = draft->subject;
	heading->importance = draft->importance;
	return list_primary(draft, arena, &heading->primary);
}

/* indicators_of - encode what the originator wants to hear of a recipient */
static uint32_t
indicators_of(enum draft_report report)
{
	/* X.411 wants both, what the MTAs report and what the originator gets;
	 * the first includes the second. */
	switch (report) {
	case DRAFT_DELIVERY:
		return P1_RESPONSIBILITY | P1_MTA_REPORT | P1_ORIGINATOR_REPORT;
	case DRAFT_NON_DELIVERY:
		return P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		    P1_ORIGINATOR_NON_DELIVERY_REPORT;
	case DRAFT_NO_REPORT:
	default:
		return P1_RESPONSIBILITY;
	}
}

/* list_recipients - list the recipients for the envelope */
static int
list_recipients(const struct draft *draft, struct arena *arena,
    struct p1_envelope *envelope)
{
	struct p1_recipient *list =
	    arena_array(arena, draft->to_count, sizeof(*list));

	if (list == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < draft->to_count; i++)
		list[i] = (struct p1_recipient){
		    .name = {.address = draft->to[i].address},
		    .number = (int)i + 1,
		    .indicators = indicators_of(draft->to[i].report),
		    .explicit_conversion = -1};
	envelope->recipients = list;
	envelope->recipient_count = draft->to_count;
	return 0;
}

/* draft_identifier - make a content identifier of the beginning of a subject */
size_t
draft_identifier(struct slice subject, uint8_t text[DRAFT_IDENTIFIER_MAX])
{
	size_t len = 0, pos = 0, from;

	/* X.411: a content identifier is a PrintableString, so any other
	 * character becomes a mark. */
	while (pos < subject.len && len < DRAFT_IDENTIFIER_MAX) {
		from = pos;
		(void)charset_next(subject, &pos);
		text[len++] = charset_is_printable(
				  slice_of(subject.data + from, pos - from))
		    ? subject.data[from]
		    : (uint8_t)'?';
	}
	return len;
}

/* is_reported - tell whether a report is wanted of any recipient */
static bool
is_reported(const struct draft *draft)
{
	for (size_t i = 0; i < draft->to_count; i++) {
		if (draft->to[i].report != DRAFT_NO_REPORT)
			return true;
	}
	return false;
}

/* is_small - tell whether a report may well return the content */
static bool
is_small(const struct draft *draft)
{
	uint64_t total = 0;

	for (size_t i = 0; i < draft->part_count; i++) {
		if (draft->parts[i].length > RETURN_MAX - total)
			return false;
		total += draft->parts[i].length;
	}
	return true;
}

/* fill_envelope - say in the envelope what the draft says */
static int
fill_envelope(const struct draft *draft, struct arena *arena,
    struct p1_envelope *envelope)
{
	uint8_t *identifier = arena_alloc(arena, DRAFT_IDENTIFIER_MAX);
	int error;

	if (identifier == NULL)
		return arena_error(arena);
	envelope->originator = (struct or_name){.address = draft->from};
	envelope->content_identifier =
	    slice_of(identifier, draft_identifier(draft->subject, identifier));
	envelope->priority = draft->priority;
	/* Recipients may know of each other, as the heading names them
	 * anyway. */
	envelope->indicators = P1_DISCLOSURE_OF_RECIPIENTS;
	/* A report with its content is of use to people, but not by
	 * megabytes. */
	if (is_reported(draft) && is_small(draft))
		envelope->indicators |= P1_CONTENT_RETURN_REQUEST;
	error = ipm_eits(
	    draft->parts, draft->part_count, arena, &envelope->original_eits);
	return error == 0 ? list_recipients(draft, arena, envelope) : error;
}

/* encode_envelope - append the envelope of the submission */
static int
encode_envelope(const struct draft *draft, int type, const struct conf *conf,
    struct arena *arena, struct buffer *out, struct diag *diag)
{
	struct p1_envelope envelope;
	int error;

	p1_init(&envelope, MTS_MESSAGE);
	envelope.content_type.built_in = type;
	error = global_domain_parse(slice_of_string(conf->mta.domain.text),
	    arena, &envelope.identifier.domain, diag);
	if (error != 0)
		return error;
	envelope.identifier.local = slice_of_string(PLACEHOLDER);
	error = fill_envelope(draft, arena, &envelope);
	if (error == 0)
		error = p1_trace_append(&envelope, arena,
		    &envelope.identifier.domain, 0, TRACE_RELAYED, NULL);
	if (error == 0)
		error = p1_encode(&envelope, EXTENSION_IMPLICIT, out);
	return error == 0
	    ? 0
	    : diag_set(diag, error, "envelope: %s", error_strerror(error));
}

/* draft_encode - append the envelope of a draft, and make its encoder */
int
draft_encode(const struct draft *draft, const struct conf *conf,
    struct arena *arena, struct buffer *envelope, struct ipm_encoder *encoder,
    struct diag *diag)
{
	struct ipm_heading *heading = arena_alloc(arena, sizeof(*heading));
	int error, type;

	if (heading == NULL)
		return arena_error(arena);
	if ((error = make_heading(draft, arena, heading)) != 0)
		return error;
	/* P2 where that can say it: more systems know it. */
	type = ipm_type(heading, draft->parts, draft->part_count);
	error = encode_envelope(draft, type, conf, arena, envelope, diag);
	return error != 0 ? error
			  : ipm_encoder_init(encoder, heading, draft->parts,
				draft->part_count, type, diag);
}
