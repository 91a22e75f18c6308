/* SPDX-License-Identifier: ISC */
/*
 * report_status.c - what a report says to programs: message/delivery-status
 *
 * Contract in report_status.h.
 */
#include "mixer/report_status.h"

#include <stdio.h>

#include "mhs/charset.h"
#include "mhs/dl_history.h"
#include "mime/mime_date.h"
#include "mixer/correlator.h"
#include "mixer/dl_text.h"
#include "mixer/eits_text.h"
#include "mixer/field_out.h"
#include "mixer/heading.h"
#include "mixer/mts_id.h"
#include "mixer/oid_text.h"
#include "mixer/status_code.h"
#include "mixer/trace_text.h"

#define TEXT_MAX 512

/* Octets of a history of redirections, beyond which no more is written. */
#define HISTORY_MAX 6000

/* Fields that are being written. */
struct out {
	const struct mapping *mapping;
	const struct p1_envelope *envelope; /* or NULL */
	const struct report *report;
	const struct report_origin *origin; /* or NULL */
	struct mime_writer *writer;
	struct arena *arena;
};

/* put_x400 - write a field of an O/R address as it is */
static void
put_x400(struct out *out, const char *field, const struct or_name *name)
{
	const char *slash =
	    or_address_format(&name->address, OR_STYLE_RFC2156, out->arena);
	char *line =
	    slash != NULL ? arena_printf(out->arena, "x400; %s", slash) : NULL;

	if (line != NULL)
		field_string(out->writer, field, line);
}

/* put_reporter - write who reports: the MTA that is first in the trace of the
 * report, or we */
static void
put_reporter(struct out *out)
{
	const struct slice domain = out->mapping->addresses->mail_domain;
	const struct p1_envelope *envelope = out->envelope;
	const struct trace_element *first, *mta;
	char *line = arena_printf(out->arena, "dns; %.*s", (int)domain.len,
	    (const char *)domain.data);

	if (line == NULL)
		return;
	if (envelope == NULL || envelope->trace.count == 0) {
		field_string(out->writer, "Reporting-MTA", line);
		return;
	}
	first = &envelope->trace.elements[0];
	mta = envelope->internal_trace.count > 0
	    ? &envelope->internal_trace.elements[0]
	    : first;
	if (global_domain_compare(&mta->domain, &first->domain) != 0)
		mta = first;
	mime_field(out->writer, "Reporting-MTA");
	mime_words(out->writer, "x400;");
	(void)trace_text_point(
	    out->writer, &first->domain, mta->mta, out->arena);
	mime_field_end(out->writer);
	field_string(out->writer, "DSN-Gateway", line);
}

/* is_written - tell whether an extension has a field, or is of no use */
static bool
is_written(int number)
{
	switch (number) {
	case EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY:
	case EXTENSION_REPORTING_DL_NAME:
	case EXTENSION_REPORTING_MTA_NAME:
	case EXTENSION_CONTENT_CORRELATOR:
	case EXTENSION_REDIRECTION_HISTORY:
	case EXTENSION_PHYSICAL_FORWARDING_ADDRESS:
	case EXTENSION_TRACE_INFORMATION:
	case EXTENSION_INTERNAL_TRACE:
		return true;
	default:
		return false;
	}
}

/* put_extension - write a field of the name that is the value of an
 * extension */
static void
put_extension(struct out *out, const char *field,
    const struct extension_list *list, int number)
{
	const struct extension *extension = extension_find(list, number);
	struct or_name name = {.directory_name = {.len = 0}};
	struct ber_reader reader;
	struct ber_element el;

	if (extension == NULL)
		return;
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) > 0 &&
	    or_name_decode(&reader, &el, field, out->arena, &name) == 0)
		field_address(
		    out->writer, out->mapping, out->arena, field, "", &name);
}

/* put_known - write a field whose value came from the sender, if it is text */
static void
put_known(struct out *out, const char *name, struct slice value)
{
	if (value.len == 0 || !charset_is_ascii(value) ||
	    charset_has_control(value))
		return;
	mime_field(out->writer, name);
	mime_value(out->writer, value);
	mime_field_end(out->writer);
}

/* put_correlator - write a content correlator that is text, and no ENVID */
static void
put_correlator(struct out *out)
{
	struct slice text = correlator_text(&out->report->extensions);

	if (correlator_get(&out->report->extensions).len == 0 &&
	    text.len <= TEXT_MAX)
		put_known(out, "X400-Content-Correlator", text);
}

/* put_envelope_id - write by what the sender knows his message */
static void
put_envelope_id(struct out *out, const char *id)
{
	char *line;

	if (out->origin != NULL) {
		put_known(out, "Original-Envelope-Id",
		    out->origin->envid.len > 0
			? out->origin->envid
			: correlator_get(&out->report->extensions));
		return;
	}
	line = id != NULL ? arena_printf(out->arena, MTS_ID_ENVELOPE "%s", id)
			  : NULL;
	if (line != NULL)
		field_string(out->writer, "Original-Envelope-Id", line);
}

/* put_subject - write what the report says of the message */
static void
put_subject(struct out *out)
{
	const struct report *report = out->report;
	const char *id = mts_id_format(&report->subject, out->arena);
	char text[P1_CONTENT_TYPE_TEXT];

	put_envelope_id(out, id);
	if (id != NULL)
		field_string(
		    out->writer, "X400-Subject-Submission-Identifier", id);
	if (report->content_identifier.len > 0) {
		mime_field(out->writer, "X400-Content-Identifier");
		mime_text(out->writer, report->content_identifier);
		mime_field_end(out->writer);
	}
	if (report->has_content_type) {
		p1_content_type_format(&report->content_type, text);
		field_string(out->writer, "X400-Content-Type", text);
	}
	eits_text_put(out->writer, "X400-Original-Encoded-Information-Types",
	    report->original_eits);
	put_correlator(out);
}

/* put_message_fields - write what holds for all recipients */
static void
put_message_fields(struct out *out)
{
	const struct report *report = out->report;

	put_reporter(out);
	if (report->recipient_count > 0)
		field_time(
		    out->writer, "Arrival-Date", report->recipients[0].arrival);
	field_time(out->writer, "X400-Conversion-Date", out->mapping->now);
	put_subject(out);
	dl_text_put(out->mapping->addresses, &report->extensions,
	    EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY,
	    "X400-Originator-and-DL-Expansion-History", out->writer,
	    out->arena);
	put_extension(out, "X400-Reporting-DL-Name", &report->extensions,
	    EXTENSION_REPORTING_DL_NAME);
	if (report->has_trace)
		trace_text_list(out->writer,
		    "X400-Subject-Intermediate-Trace-Information",
		    &report->trace, out->arena);
	field_discarded(out->writer, "X400-Discarded-DR-Extensions",
	    &report->extensions, is_written);
	arena_reset(out->arena);
}

/* action_of - say what was done for a recipient who has the message */
static const char *
action_of(const struct report_recipient *r)
{
	switch (r->user_type) {
	case REPORT_USER_DL:
		return "expanded";
	case REPORT_USER_PDAU:
	case REPORT_USER_PHYSICAL:
		return "relayed";
	default:
		return "delivered";
	}
}

/* put_addresses - write whom the sender wrote to, and who it is now */
static void
put_addresses(struct out *out, const struct report_recipient *r)
{
	const struct or_name *intended =
	    r->has_intended ? &r->intended : &r->actual;
	size_t place = (size_t)(r - out->report->recipients);

	if (out->origin == NULL)
		field_address(out->writer, out->mapping, out->arena,
		    "Original-Recipient", "rfc822; ", intended);
	else
		put_known(
		    out, "Original-Recipient", out->origin->recipients[place]);
	put_x400(out, "Final-Recipient", intended);
	if (r->has_intended) {
		put_x400(out, "X400-Redirect-Recipient", &r->actual);
		field_address(out->writer, out->mapping, out->arena,
		    "X400-Mapped-Redirect-Recipient", "rfc822; ", &r->actual);
	}
}

/* put_failure - write why a recipient did not get the message */
static void
put_failure(struct out *out, const struct report_recipient *r)
{
	struct status_code code = status_code_of(r->reason, r->diagnostic);
	const char *why = report_reason_name(r->reason),
		   *what = report_diagnostic_name(r->diagnostic);
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "%u.%u.%u", code.class, code.subject,
	    code.detail);
	field_string(out->writer, "Action", "failed");
	field_string(out->writer, "Status", text);
	mime_field(out->writer, "Diagnostic-Code");
	snprintf(text, sizeof(text), "x400; Reason %d (%s)", r->reason,
	    why != NULL ? why : "unknown");
	mime_words(out->writer, text);
	if (r->diagnostic >= 0) {
		snprintf(text, sizeof(text), "Diagnostic %d (%s)",
		    r->diagnostic, what != NULL ? what : "unknown");
		mime_join(out->writer, ";");
		mime_words(out->writer, text);
	}
	mime_field_end(out->writer);
}

/* put_delivery - write when and to what a message was delivered */
static void
put_delivery(struct out *out, const struct report_recipient *r)
{
	static const char *const users[] = {"public", "private", "ms", "dl",
	    "pdau", "physical-recipient", "other"};
	const int count = (int)(sizeof(users) / sizeof(users[0]));
	char text[TEXT_MAX];

	field_string(out->writer, "Action", action_of(r));
	field_string(out->writer, "Status", "2.0.0");
	field_time(out->writer, "X400-Delivery-Time", r->delivery_time);
	snprintf(text, sizeof(text), "%s(%d)",
	    r->user_type >= 0 && r->user_type < count ? users[r->user_type]
						      : "",
	    r->user_type);
	field_string(out->writer, "X400-Type-of-MTS-User", text);
}

/* put_last_trace - write when the MTA that reports got the message, and what it
 * had become */
static void
put_last_trace(struct out *out, const struct report_recipient *r)
{
	char date[MIME_DATE_MAX];

	eits_text_put(out->writer, "X400-Converted-EITs", r->converted_eits);
	if (r->arrival == P1_NO_TIME)
		return;
	mime_field(out->writer, "X400-Last-Trace");
	(void)eits_text_list(out->writer, r->converted_eits);
	mime_words(out->writer, mime_date_format(r->arrival, date));
	mime_field_end(out->writer);
}

/* put_redirections - write whom the message was for, the first one first */
static void
put_redirections(struct out *out, const struct report_recipient *r)
{
	size_t until = out->writer->header + HISTORY_MAX;
	struct dl_history_walk walk;
	struct dl_history_entry entry;
	enum address_kind kind;
	struct slice text;
	char date[MIME_DATE_MAX];

	if (dl_history_walk_init(
		&walk, &r->extensions, EXTENSION_REDIRECTION_HISTORY) != 0)
		return;
	while (out->writer->header <= until &&
	    dl_history_walk_next(&walk, out->arena, &entry) > 0) {
		if (entry.time == TRACE_NO_TIME ||
		    address_to_internet(out->mapping->addresses,
			&entry.name.address, out->arena, &text, &kind,
			NULL) != 0)
			continue;
		mime_field(out->writer, "X400-Redirection-History");
		mime_words(out->writer, "intended recipient");
		mime_word(out->writer, text);
		mime_words(out->writer, "redirected to");
		mime_words(out->writer, dl_text_reason(entry.reason));
		mime_words(out->writer, "on");
		mime_words(out->writer, mime_date_format(entry.time, date));
		mime_field_end(out->writer);
	}
}

/* put_supplementary - write what the MTA that reports says, in quotes */
static void
put_supplementary(struct out *out, struct slice text)
{
	char *line;

	if (text.len == 0)
		return;
	line = arena_printf(
	    out->arena, "\"%.*s\"", (int)text.len, (const char *)text.data);
	if (line != NULL)
		field_string(out->writer, "X400-Supplementary-Info", line);
}

/* put_recipient - write what became of a recipient */
static void
put_recipient(struct out *out, const struct report_recipient *r)
{
	char number[16];

	mime_puts(out->writer, "\r\n");
	put_addresses(out, r);
	if (r->delivered)
		put_delivery(out, r);
	else
		put_failure(out, r);
	put_last_trace(out, r);
	snprintf(number, sizeof(number), "%d", r->number);
	field_string(
	    out->writer, "X400-Originally-Specified-Recipient-Number", number);
	put_redirections(out, r);
	put_extension(out, "X400-Physical-Forwarding-Address", &r->extensions,
	    EXTENSION_PHYSICAL_FORWARDING_ADDRESS);
	put_supplementary(out, r->supplementary);
	field_discarded(out->writer, "X400-Discarded-DR-Extensions",
	    &r->extensions, is_written);
	arena_reset(out->arena);
}

/* report_status_put - write the fields of a report */
void
report_status_put(const struct mapping *mapping,
    const struct p1_envelope *envelope, const struct report *report,
    const struct report_origin *origin, struct mime_writer *writer,
    struct arena *arena)
{
	struct out out = {.mapping = mapping,
	    .envelope = envelope,
	    .report = report,
	    .origin = origin,
	    .writer = writer,
	    .arena = arena};

	put_message_fields(&out);
	for (size_t i = 0; i < report->recipient_count; i++)
		put_recipient(&out, &report->recipients[i]);
}
