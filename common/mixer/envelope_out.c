/* SPDX-License-Identifier: ISC */
/*
 * envelope_out.c - the envelope of a message in its header (RFC 2156 5.3.7)
 *
 * Contract in envelope_out.h.
 */
#include "mixer/envelope_out.h"

#include <stdio.h>

#include "mhs/dl_history.h"
#include "mime/mime_date.h"
#include "mixer/dl_text.h"
#include "mixer/eits_text.h"
#include "mixer/field_out.h"
#include "mixer/heading.h"
#include "mixer/mts_id.h"
#include "mixer/oid_text.h"
#include "mixer/trace_text.h"

/* Memory for the names of one recipient. */
#define SCRATCH_MAX ((size_t)1024 * 1024)

/* Octets of an address that is written: a line must hold it. */
#define ADDRESS_MAX 900

/* Octets of an address in a comment, which would be encoded beyond that. */
#define WORD_MAX 400

/* Octets of a history of redirections, beyond which no more are written. */
#define COMMENT_MAX 4000

/* An envelope that is being written. */
struct out {
	const struct mapping *mapping;
	const struct p1_envelope *envelope;
	struct mime_writer *writer;
	struct arena arena; /* reset by each field */
};

/* put_field - write a field of one text */
static void
put_field(struct out *out, const char *name, struct slice text)
{
	mime_field(out->writer, name);
	mime_text(out->writer, text);
	mime_field_end(out->writer);
}

/* find_address - get the address of a name; false: there is none */
static bool
find_address(struct out *out, const struct or_name *name, struct slice *text)
{
	enum address_kind kind;

	return address_to_internet(out->mapping->addresses, &name->address,
		   &out->arena, text, &kind, NULL) == 0 &&
	    text->len <= ADDRESS_MAX;
}

/* put_name - write a field of one name, if it has an address */
static void
put_name(struct out *out, const char *field, const struct or_name *name)
{
	struct slice text;

	if (find_address(out, name, &text)) {
		mime_field(out->writer, field);
		mime_word(out->writer, text);
		mime_field_end(out->writer);
	}
	arena_reset(&out->arena);
}

/* add_escaped - append an address, fit for a comment */
static int
add_escaped(struct buffer *out, struct slice text)
{
	int error = 0;

	for (size_t i = 0; i < text.len && error == 0; i++) {
		if (strchr("()\\", text.data[i]) != NULL)
			error = buffer_append(out, "\\", 1);
		if (error == 0)
			error = buffer_append(out, text.data + i, 1);
	}
	return error;
}

/* add_redirection - append an entry of a redirection history */
static int
add_redirection(
    struct buffer *out, struct slice text, const struct dl_history_entry *entry)
{
	bool again = buffer_length(out) > 0;
	char date[MIME_DATE_MAX], rest[256];
	int error = again ? buffer_append(out, " ", 1)
			  : buffer_append(out, "(Originally To: ", 16);

	snprintf(rest, sizeof(rest), " Redirected%s on %s To: %s",
	    again ? " Again" : "", mime_date_format(entry->time, date),
	    dl_text_reason(entry->reason));
	if (error == 0)
		error = add_escaped(out, text);
	return error == 0 ? buffer_append(out, rest, strlen(rest)) : error;
}

/* put_redirections - write whom the message of a recipient was for, as a
 * comment (4.6.2.2) */
static void
put_redirections(struct out *out, const struct p1_recipient *recipient)
{
	struct dl_history_walk walk;
	struct dl_history_entry entry;
	struct buffer comment;
	struct slice text;
	int error = 0;

	if (dl_history_walk_init(&walk, &recipient->extensions,
		EXTENSION_REDIRECTION_HISTORY) != 0)
		return;
	buffer_init(&comment, COMMENT_MAX + 2 * WORD_MAX + 256);
	while (buffer_length(&comment) <= COMMENT_MAX && error == 0 &&
	    dl_history_walk_next(&walk, &out->arena, &entry) > 0)
		if (entry.time != TRACE_NO_TIME &&
		    find_address(out, &entry.name, &text) &&
		    text.len <= WORD_MAX)
			error = add_redirection(&comment, text, &entry);
	if (error == 0 && buffer_length(&comment) > 0) {
		mime_text(out->writer, buffer_slice(&comment));
		mime_join(out->writer, ")");
	}
	buffer_fini(&comment);
}

/* put_recipients - write who else gets the message, where all may know */
static void
put_recipients(struct out *out)
{
	const struct p1_envelope *envelope = out->envelope;
	struct slice text;
	bool any = false;

	if (envelope->recipient_count > 1 &&
	    (envelope->indicators & P1_DISCLOSURE_OF_RECIPIENTS) == 0)
		return;
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct p1_recipient *recipient = &envelope->recipients[i];

		if (!find_address(out, &recipient->name, &text))
			continue;
		if (!any)
			mime_field(out->writer, "X400-Recipients");
		else
			mime_join(out->writer, ",");
		any = true;
		mime_word(out->writer, text);
		put_redirections(out, recipient);
		arena_reset(&out->arena);
		if (out->writer->field > ENVELOPE_LIST_MAX)
			break;
	}
	if (any)
		mime_field_end(out->writer);
}

/* put_content - write what the envelope says of the content */
static void
put_content(struct out *out)
{
	const struct p1_envelope *envelope = out->envelope;
	const struct p1_content_type *type = &envelope->content_type;
	char text[P1_CONTENT_TYPE_TEXT], oid[OID_TEXT_MAX];

	if (type->built_in == P1_CONTENT_P2) {
		put_field(
		    out, "X400-Content-Type", slice_of_string("P2-1984 (2)"));
	} else if (type->built_in == P1_CONTENT_P22) {
		put_field(
		    out, "X400-Content-Type", slice_of_string("P2-1988 (22)"));
	} else if (type->built_in == P1_CONTENT_OID) {
		oid_text(type->oid, oid);
		put_field(out, "X400-Content-Type", slice_of_string(oid));
	} else {
		p1_content_type_format(type, text);
		put_field(out, "X400-Content-Type", slice_of_string(text));
	}
	if (envelope->content_identifier.len > 0)
		put_field(out, "X400-Content-Identifier",
		    envelope->content_identifier);
	eits_text_put(out->writer, "Original-Encoded-Information-Types",
	    envelope->original_eits);
}

/* put_priority - write the priority, unless it is normal */
static void
put_priority(struct out *out)
{
	if (out->envelope->priority == P1_NORMAL)
		return;
	put_field(out, "Priority",
	    slice_of_string(p1_priority_name(out->envelope->priority)));
	put_field(out, "MT-Priority",
	    slice_of_string(out->envelope->priority == P1_URGENT ? "4" : "-4"));
}

/* put_conversion - write which conversions are prohibited */
static void
put_conversion(struct out *out)
{
	const struct p1_envelope *envelope = out->envelope;

	if ((envelope->indicators & P1_IMPLICIT_CONVERSION_PROHIBITED) != 0)
		put_field(out, "Conversion", slice_of_string("Prohibited"));
	if (extension_number_is(&envelope->extensions,
		EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED, 1))
		put_field(
		    out, "Conversion-With-Loss", slice_of_string("Prohibited"));
}

/* put_return_address - write where what cannot be delivered is to go */
static void
put_return_address(struct out *out)
{
	const struct extension *extension = extension_find(
	    &out->envelope->extensions, EXTENSION_ORIGINATOR_RETURN_ADDRESS);
	struct ber_reader reader;
	struct ber_element el;
	struct or_name name = {.directory_name = {.len = 0}};

	if (extension == NULL)
		return;
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) > 0 &&
	    or_name_decode(
		&reader, &el, "return address", &out->arena, &name) == 0)
		put_name(out, "Originator-Return-Address", &name);
}

/* is_written - tell whether an extension of the message has a field */
static bool
is_written(int number)
{
	switch (number) {
	case EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED:
	case EXTENSION_LATEST_DELIVERY_TIME:
	case EXTENSION_ORIGINATOR_RETURN_ADDRESS:
	case EXTENSION_DL_EXPANSION_HISTORY:
	case EXTENSION_TRACE_INFORMATION:
	case EXTENSION_INTERNAL_TRACE:
		return true;
	default:
		return false;
	}
}

/* envelope_to_internet - write the fields of an envelope */
void
envelope_to_internet(const struct mapping *mapping,
    const struct p1_envelope *envelope, struct mime_writer *writer)
{
	struct out out = {
	    .mapping = mapping, .envelope = envelope, .writer = writer};
	const char *identifier;

	arena_init(&out.arena, SCRATCH_MAX);
	trace_text_put(
	    writer, &envelope->trace, &envelope->internal_trace, &out.arena);
	identifier = mts_id_format(&envelope->identifier, &out.arena);
	if (identifier != NULL)
		put_field(
		    &out, "X400-MTS-Identifier", slice_of_string(identifier));
	put_name(&out, "X400-Originator", &envelope->originator);
	put_recipients(&out);
	put_content(&out);
	put_priority(&out);
	put_conversion(&out);
	field_time(out.writer, "Deferred-Delivery", envelope->deferred_time);
	field_time(out.writer, "Latest-Delivery-Time",
	    p1_latest_delivery_time(envelope));
	put_return_address(&out);
	dl_text_put(mapping->addresses, &envelope->extensions,
	    EXTENSION_DL_EXPANSION_HISTORY, DL_TEXT_FIELD, writer, &out.arena);
	field_discarded(out.writer, "Discarded-X400-MTS-Extensions",
	    &envelope->extensions, is_written);
	arena_fini(&out.arena);
}
