/* SPDX-License-Identifier: ISC */
/*
 * draft.c - envelope and heading of a message from a file
 *
 * Contract in draft.h.  Priorities as Microsoft's X.400 gateway mapped them
 * (Q118862): 1 is non-urgent and of low importance, 5 urgent and of high
 * importance, R asks for receipts.
 */
#include "mhs/charset.h"
#include "msmi/draft.h"

/* Identifiers and trace of a submission are qmgr's to fill in. */
#define PLACEHOLDER "x"

#define CONTENT_IDENTIFIER_MAX 16 /* X.411 ub-content-id-length */
#define RETURN_MAX	       ((uint64_t)32 * 1024)

/* as_name - an O/R name of an address alone */
static struct or_name
as_name(const struct or_address *address)
{
	return (struct or_name){.address = *address};
}

/* encode_name - an O/R name as BER in the arena */
static int
encode_name(
    const struct or_address *address, struct arena *arena, struct slice *octets)
{
	struct or_name name = as_name(address);
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

/* make_heading - the heading of the message */
static int
make_heading(
    const struct draft *draft, struct arena *arena, struct ipm_heading *heading)
{
	struct ipm_recipient *to;
	int error;

	ipm_heading_init(heading);
	heading->has_originator = true;
	if ((error = encode_name(
		 &draft->from, arena, &heading->originator.name)) < 0)
		return error;
	heading->originator.free_form = draft->from_name;
	heading->this_ipm.user = heading->originator.name;
	heading->this_ipm.local = slice_of_string(draft->id);
	to = arena_array(arena, draft->to_count, sizeof(*to));
	if (to == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < draft->to_count; i++) {
		if ((error = encode_name(
			 &draft->to[i], arena, &to[i].descriptor.name)) < 0)
			return error;
		if (draft->to_names != NULL)
			to[i].descriptor.free_form = draft->to_names[i];
		if (draft->priority == 'R')
			to[i].requests = IPM_REQUEST_RN;
	}
	heading->primary = (struct ipm_recipients){to, draft->to_count};
	heading->has_subject = draft->subject.len > 0;
	heading->subject = draft->subject;
	if (draft->priority == '5')
		heading->importance = IPM_HIGH;
	else if (draft->priority == '1')
		heading->importance = IPM_LOW;
	return 0;
}

/* indicators - what a recipient's copy is to do */
static uint32_t
indicators(const struct draft *draft)
{
	if (!draft->reports)
		return P1_RESPONSIBILITY;
	if (draft->priority == 'R')
		return P1_RESPONSIBILITY | P1_MTA_REPORT | P1_ORIGINATOR_REPORT;
	return P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
	    P1_ORIGINATOR_NON_DELIVERY_REPORT;
}

/* fill_recipients - everybody it is for */
static int
fill_recipients(const struct draft *draft, struct arena *arena,
    struct p1_envelope *envelope)
{
	struct p1_recipient *list =
	    arena_array(arena, draft->to_count, sizeof(*list));

	if (list == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < draft->to_count; i++)
		list[i] = (struct p1_recipient){.name = as_name(&draft->to[i]),
		    .number = (int)i + 1,
		    .indicators = indicators(draft),
		    .explicit_conversion = -1};
	envelope->recipients = list;
	envelope->recipient_count = draft->to_count;
	return 0;
}

/* content_type - P2 where that can say it, else P22 */
static int
content_type(const struct draft *draft, const struct ipm_heading *heading)
{
	return ipm_type(heading, draft->parts, draft->part_count);
}

/* eits - encoded information types of the parts, as an element */
static int
eits(const struct draft *draft, struct arena *arena, struct slice *element)
{
	/* id-eit-file-transfer; id-cs-eit-authority 100 and 196 */
	static const char file[] = "\x06\x04\x56\x01\x0c\x00";
	static const char latin1[] = "\x06\x07\x28\xce\x25\x07\x01\x00\x64";
	static const char utf8[] = "\x06\x08\x28\xce\x25\x07\x01\x00\x81\x44";
	bool has_file = false, has_latin1 = false, has_utf8 = false;
	uint32_t built_in = 0;
	struct ber_writer writer;
	struct buffer out;
	int error;

	for (size_t i = 0; i < draft->part_count; i++) {
		const struct ipm_outgoing *part = &draft->parts[i];

		if (part->form == IPM_FORM_FILE)
			has_file = true;
		else if (part->form != IPM_FORM_TEXT)
			built_in |= BER_BIT(0); /* undefined */
		else if (part->repertoire == IPM_IA5)
			built_in |= BER_BIT(2); /* ia5-text */
		else if (part->repertoire == IPM_LATIN1)
			has_latin1 = true;
		else
			has_utf8 = true;
	}
	buffer_init(&out, 256);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_APP(5));
	ber_put_bits(&writer, BER_CTX(0), built_in,
	    built_in == 0		       ? 0
		: (built_in & BER_BIT(2)) != 0 ? 3
					       : 1);
	if (has_file || has_latin1 || has_utf8) {
		ber_begin(&writer, BER_CTX(4));
		if (has_file)
			ber_put_raw(&writer, slice_of(file, sizeof(file) - 1));
		if (has_latin1)
			ber_put_raw(
			    &writer, slice_of(latin1, sizeof(latin1) - 1));
		if (has_utf8)
			ber_put_raw(&writer, slice_of(utf8, sizeof(utf8) - 1));
		ber_end_element(&writer);
	}
	ber_end_element(&writer);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), element);
	buffer_fini(&out);
	return error;
}

/*
 * content_identifier - the beginning of the subject, as far as it is printable
 *
 * It comes back in reports, also where the content does not.
 */
static struct slice
content_identifier(const struct draft *draft, struct arena *arena)
{
	struct slice subject = draft->subject;
	size_t len = subject.len < CONTENT_IDENTIFIER_MAX
	    ? subject.len
	    : CONTENT_IDENTIFIER_MAX;
	uint8_t *text = arena_alloc(arena, len + 1);

	if (text == NULL)
		return (struct slice){0};
	for (size_t i = 0; i < len; i++)
		text[i] = charset_is_printable(slice_of(subject.data + i, 1))
		    ? subject.data[i]
		    : (uint8_t)'?';
	return slice_of(text, len);
}

/* is_small - whether a report may well return the content */
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

/* make_envelope - the envelope of the submission */
static int
make_envelope(const struct draft *draft, const struct conf *conf, int type,
    struct arena *arena, struct buffer *out, struct diag *diag)
{
	struct p1_envelope envelope;
	int error;

	p1_init(&envelope, P1_MESSAGE);
	error = global_domain_parse(slice_of_string(conf->mta.domain.text),
	    arena, &envelope.identifier.domain, diag);
	if (error < 0)
		return error;
	envelope.identifier.local = slice_of_string(PLACEHOLDER);
	envelope.originator = as_name(&draft->from);
	envelope.content_type = (struct p1_content_type){.built_in = type};
	if (draft->priority == '5')
		envelope.priority = P1_URGENT;
	else if (draft->priority == '1')
		envelope.priority = P1_NON_URGENT;
	envelope.indicators = P1_DISCLOSURE_OF_RECIPIENTS;
	if (draft->reports && is_small(draft))
		envelope.indicators |= P1_CONTENT_RETURN_REQUEST;
	envelope.content_identifier = content_identifier(draft, arena);
	if ((error = eits(draft, arena, &envelope.original_eits)) < 0 ||
	    (error = fill_recipients(draft, arena, &envelope)) < 0)
		return error;
	error = p1_trace_append(&envelope, arena, &envelope.identifier.domain,
	    0, TRACE_RELAYED, NULL);
	if (error == 0)
		error = p1_encode(&envelope, EXTENSION_IMPLICIT, out);
	return error == 0
	    ? 0
	    : diag_set(diag, error, "envelope: %s", error_strerror(error));
}

/* draft_encode - envelope and encoder of a draft */
int
draft_encode(const struct draft *draft, const struct conf *conf,
    struct arena *arena, struct buffer *envelope, struct ipm_encoder *encoder,
    struct diag *diag)
{
	struct ipm_heading *heading = arena_alloc(arena, sizeof(*heading));
	int error, type;

	if (heading == NULL)
		return arena_error(arena);
	if ((error = make_heading(draft, arena, heading)) < 0)
		return error;
	type = content_type(draft, heading);
	error = make_envelope(draft, conf, type, arena, envelope, diag);
	if (error < 0)
		return error;
	return ipm_encoder_init(
	    encoder, heading, draft->parts, draft->part_count, type, diag);
}
