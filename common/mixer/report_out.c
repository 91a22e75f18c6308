/* SPDX-License-Identifier: ISC */
/*
 * report_out.c - a report of X.400 as a delivery status notification
 * (RFC 2156 5.3.8, RFC 3464)
 *
 * Contract in report_out.h.
 */
#include "mixer/report_out.h"

#include <stdio.h>

#include "mhs/charset.h"
#include "mime/mime_date.h"
#include "mime/mime_write.h"
#include "mixer/boundary.h"
#include "mixer/correlator.h"
#include "mixer/message_out.h"
#include "mixer/mts_id.h"
#include "mixer/status_code.h"
#include "mixer/status_words.h"

/* Memory for the text of one recipient. */
#define SCRATCH_MAX ((size_t)1024 * 1024)

/* Octets of a message that is returned; a longer one is left out. */
#define RETURNED_MAX ((size_t)64 * 1024 * 1024)

#define TEXT_MAX 512

/* Octets of an address in the text for people, whose lines are bounded. */
#define SHOWN_MAX 900

/* A report that is being written. */
struct out {
	const struct mapping *mapping;
	const struct report *report;
	const struct report_origin *origin; /* or NULL */
	struct mime_writer writer;
	struct arena arena;
	char boundary[BOUNDARY_LEN + 1];
};

/* put_field - write a field of one string */
static void
put_field(struct out *out, const char *name, const char *value)
{
	mime_field(&out->writer, name);
	mime_text(&out->writer, slice_of_string(value));
	mime_field_end(&out->writer);
}

/* put_time - write a field of one time, unless there is none */
static void
put_time(struct out *out, const char *name, int64_t seconds)
{
	char text[MIME_DATE_MAX];

	if (seconds != P1_NO_TIME)
		put_field(out, name, mime_date_format(seconds, text));
}

/* put_name - write a field of an address of the Internet, or an O/R address */
static void
put_name(struct out *out, const char *name, const char *prefix,
    const struct or_name *value)
{
	enum address_kind kind;
	struct slice text;
	char *line;

	if (address_to_internet(out->mapping->addresses, &value->address,
		&out->arena, &text, &kind, NULL) != 0)
		return;
	line = arena_printf(&out->arena, "%s%.*s", prefix, (int)text.len,
	    (const char *)text.data);
	if (line == NULL)
		return;
	mime_field(&out->writer, name);
	mime_value(&out->writer, slice_of_string(line));
	mime_field_end(&out->writer);
}

/* put_final - write an O/R address as it is */
static void
put_final(struct out *out, const struct or_name *name)
{
	const char *slash =
	    or_address_format(&name->address, OR_STYLE_RFC2156, &out->arena);
	char *line =
	    slash != NULL ? arena_printf(&out->arena, "x400; %s", slash) : NULL;

	if (line != NULL)
		put_field(out, "Final-Recipient", line);
}

/* put_boundary - write the boundary before a part */
static void
put_boundary(struct out *out)
{
	mime_puts(&out->writer, "\r\n--");
	mime_puts(&out->writer, out->boundary);
	mime_puts(&out->writer, "\r\n");
}

/* is_delivered - tell whether all recipients have the message */
static bool
is_delivered(const struct report *report)
{
	for (size_t i = 0; i < report->recipient_count; i++)
		if (!report->recipients[i].delivered)
			return false;
	return true;
}

/* put_message_id - write the identifier of the message, if it has one */
static void
put_message_id(struct out *out)
{
	char *text;

	if (out->origin == NULL || out->origin->message_id.len == 0)
		return;
	text = arena_printf(&out->arena, "<%.*s>",
	    (int)out->origin->message_id.len,
	    (const char *)out->origin->message_id.data);
	if (text == NULL)
		return;
	mime_field(&out->writer, "Message-ID");
	mime_words(&out->writer, text);
	mime_field_end(&out->writer);
}

/* put_header - write the header of the message */
static void
put_header(struct out *out, const struct or_name *to)
{
	const struct slice domain = out->mapping->addresses->mail_domain;
	char from[TEXT_MAX];

	put_time(out, "Date", out->mapping->now);
	snprintf(from, sizeof(from), "Mail Delivery System <postmaster@%.*s>",
	    (int)domain.len, (const char *)domain.data);
	mime_field(&out->writer, "From");
	mime_value(&out->writer, slice_of_string(from));
	mime_field_end(&out->writer);
	if (to != NULL)
		put_name(out, "To", "", to);
	put_field(out, "Subject",
	    is_delivered(out->report) ? "Delivery Report"
				      : "Delivery Report (failure)");
	put_message_id(out);
	put_field(out, "Auto-Submitted", "auto-replied");
	mime_puts(&out->writer, "MIME-Version: 1.0\r\n");
	mime_field(&out->writer, "Content-Type");
	mime_words(&out->writer, "multipart/report");
	mime_parameter(
	    &out->writer, "report-type", slice_of_string("delivery-status"));
	mime_parameter(
	    &out->writer, "boundary", slice_of_string(out->boundary));
	mime_field_end(&out->writer);
	mime_puts(&out->writer, "\r\n");
}

/* put_line - write a line of the text for people, without what is not ASCII */
static void
put_line(struct out *out, char *line)
{
	for (char *c = line; c != NULL && *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	mime_puts(&out->writer, line != NULL ? line : "?");
	mime_puts(&out->writer, "\r\n");
}

/* put_who - write a recipient: as the sender calls him, and as X.400 does */
static void
put_who(struct out *out, const struct report_recipient *r)
{
	const struct or_name *name =
	    r->has_intended ? &r->intended : &r->actual;
	const char *address =
	    or_address_format(&r->actual.address, OR_STYLE_F401, &out->arena);
	enum address_kind kind;
	struct slice text = {.len = 0};

	if (address_to_internet(out->mapping->addresses, &name->address,
		&out->arena, &text, &kind, NULL) == 0)
		put_line(out,
		    arena_printf(&out->arena, "    %.*s",
			text.len < SHOWN_MAX ? (int)text.len : SHOWN_MAX,
			(const char *)text.data));
	put_line(out,
	    arena_printf(&out->arena, "        (X.400: %.*s)", SHOWN_MAX,
		address != NULL ? address : "?"));
}

/* put_words - say in words what became of a recipient */
static void
put_words(struct out *out, const struct report_recipient *r)
{
	char text[REPORT_TEXT], date[MIME_DATE_MAX];

	put_who(out, r);
	report_describe(r, text);
	if (!r->delivered) {
		put_line(out,
		    arena_printf(&out->arena, "        %s",
			status_words(r->reason, r->diagnostic)));
		put_line(out,
		    arena_printf(&out->arena,
			"        (reason %d, diagnostic %d: %s)", r->reason,
			r->diagnostic, text));
	} else if (r->user_type == REPORT_USER_DL) {
		mime_puts(&out->writer,
		    "        This is a list: the message went to its "
		    "members.\r\n");
	} else {
		put_line(out,
		    arena_printf(&out->arena, "        Delivered on %s.",
			r->delivery_time == P1_NO_TIME
			    ? "an unknown date"
			    : mime_date_format(r->delivery_time, date)));
	}
	if (r->supplementary.len > 0)
		put_line(out,
		    arena_printf(&out->arena, "        It said: %.*s",
			r->supplementary.len < SHOWN_MAX
			    ? (int)r->supplementary.len
			    : SHOWN_MAX,
			(const char *)r->supplementary.data));
	arena_reset(&out->arena);
}

/* put_group - say in words what became of those who have the message, or of the
 * others */
static void
put_group(struct out *out, bool delivered, const char *intro)
{
	bool any = false;

	for (size_t i = 0; i < out->report->recipient_count; i++) {
		const struct report_recipient *r = &out->report->recipients[i];

		if (r->delivered != delivered)
			continue;
		if (!any)
			mime_puts(&out->writer, intro);
		any = true;
		put_words(out, r);
	}
}

/* put_text - write the part for people */
static void
put_text(struct out *out)
{
	put_boundary(out);
	mime_puts(&out->writer,
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
	    "This is the gateway between Internet mail and X.400.\r\n"
	    "It reports on a message that you sent.\r\n");
	put_group(
	    out, false, "\r\nThe message could NOT be delivered to:\r\n\r\n");
	put_group(out, true, "\r\nThe message was delivered to:\r\n\r\n");
	if (out->report->has_content && !is_delivered(out->report))
		mime_puts(&out->writer,
		    "\r\nThe message, or its header, is attached.\r\n");
}

/* put_known - write a field whose value came from the sender, if it is text */
static void
put_known(struct out *out, const char *name, struct slice value)
{
	if (value.len == 0 || !charset_is_ascii(value) ||
	    charset_has_control(value))
		return;
	mime_field(&out->writer, name);
	mime_value(&out->writer, value);
	mime_field_end(&out->writer);
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
	line = id != NULL ? arena_printf(&out->arena, MTS_ID_ENVELOPE "%s", id)
			  : NULL;
	if (line != NULL)
		put_field(out, "Original-Envelope-Id", line);
}

/* put_message_fields - write what holds for all recipients */
static void
put_message_fields(struct out *out)
{
	const struct report *report = out->report;
	const struct slice domain = out->mapping->addresses->mail_domain;
	const char *id = mts_id_format(&report->subject, &out->arena);
	char text[P1_CONTENT_TYPE_TEXT], *line;

	line = arena_printf(&out->arena, "dns; %.*s", (int)domain.len,
	    (const char *)domain.data);
	if (line != NULL)
		put_field(out, "Reporting-MTA", line);
	put_envelope_id(out, id);
	if (id != NULL)
		put_field(out, "X400-Subject-Submission-Identifier", id);
	if (report->content_identifier.len > 0) {
		mime_field(&out->writer, "X400-Content-Identifier");
		mime_text(&out->writer, report->content_identifier);
		mime_field_end(&out->writer);
	}
	if (report->has_content_type) {
		p1_content_type_format(&report->content_type, text);
		put_field(out, "X400-Content-Type", text);
	}
	arena_reset(&out->arena);
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

/* put_original - write whom the sender wrote to */
static void
put_original(struct out *out, const struct report_recipient *r)
{
	size_t place = (size_t)(r - out->report->recipients);

	if (out->origin == NULL)
		put_name(out, "Original-Recipient", "rfc822; ",
		    r->has_intended ? &r->intended : &r->actual);
	else
		put_known(
		    out, "Original-Recipient", out->origin->recipients[place]);
}

/* put_failure - write why a recipient did not get the message */
static void
put_failure(struct out *out, const struct report_recipient *r)
{
	struct status_code code = status_code_of(r->reason, r->diagnostic);
	char text[TEXT_MAX], words[REPORT_TEXT];

	report_describe(r, words);
	snprintf(text, sizeof(text), "%u.%u.%u", code.class, code.subject,
	    code.detail);
	put_field(out, "Action", "failed");
	put_field(out, "Status", text);
	if (r->diagnostic >= 0)
		snprintf(text, sizeof(text),
		    "x400; reason %d, diagnostic %d (%s)", r->reason,
		    r->diagnostic, words);
	else
		snprintf(text, sizeof(text), "x400; reason %d (%s)", r->reason,
		    words);
	put_field(out, "Diagnostic-Code", text);
}

/* put_recipient - write what became of a recipient */
static void
put_recipient(struct out *out, const struct report_recipient *r)
{
	char number[16];

	mime_puts(&out->writer, "\r\n");
	put_original(out, r);
	put_final(out, &r->actual);
	if (r->delivered) {
		put_field(out, "Action", action_of(r));
		put_field(out, "Status", "2.0.0");
		put_time(out, "X400-Delivery-Time", r->delivery_time);
	} else {
		put_failure(out, r);
	}
	put_time(out, "Last-Attempt-Date", r->arrival);
	snprintf(number, sizeof(number), "%d", r->number);
	put_field(out, "X400-Originally-Specified-Recipient-Number", number);
	if (r->supplementary.len > 0) {
		mime_field(&out->writer, "X400-Supplementary-Info");
		mime_text(&out->writer, r->supplementary);
		mime_field_end(&out->writer);
	}
	arena_reset(&out->arena);
}

/* put_status - write the part for programs */
static void
put_status(struct out *out)
{
	put_boundary(out);
	mime_puts(
	    &out->writer, "Content-Type: message/delivery-status\r\n\r\n");
	put_message_fields(out);
	for (size_t i = 0; i < out->report->recipient_count; i++)
		put_recipient(out, &out->report->recipients[i]);
}

/* gather - collect a message that is returned */
static int
gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* map_returned - map the message; ERR_AGAIN: raw has one part more that cannot
 * be read */
static int
map_returned(struct out *out, struct ipm_raw *raw, struct buffer *octets)
{
	struct message_out *message;
	int error =
	    message_out_new(out->mapping, raw, gather, octets, &message);

	if (error < 0)
		return error;
	error = message_out_push(message, out->report->content, NULL);
	if (error == 0)
		error = message_out_finish(message, NULL);
	if (error != 0 && message_out_unreadable(message, raw))
		error = ERR_AGAIN;
	message_out_free(message);
	return error;
}

/* header_of - find the header of a message, with its last line's end */
static struct slice
header_of(struct slice message)
{
	for (size_t i = 0; i + 3 < message.len; i++)
		if (memcmp(message.data + i, "\r\n\r\n", 4) == 0)
			return slice_of(message.data, i + 2);
	return message;
}

/* wants_header - tell whether the header alone is returned: who asked for no
 * more, or whoever has the message */
static bool
wants_header(const struct out *out)
{
	if (out->origin == NULL)
		return false;
	return out->origin->returned == REPORT_RETURN_HEADERS ||
	    is_delivered(out->report);
}

/* put_returned - write the message, if it is there and can be mapped */
static int
put_returned(struct out *out)
{
	const struct report *report = out->report;
	struct ipm_raw raw = {.count = 0};
	struct buffer octets;
	int error;

	if (!report->has_content)
		return 0;
	buffer_init(&octets, RETURNED_MAX);
	do {
		buffer_reset(&octets);
		error = map_returned(out, &raw, &octets);
	} while (error == ERR_AGAIN);
	if (error == 0 && wants_header(out)) {
		put_boundary(out);
		mime_puts(
		    &out->writer, "Content-Type: text/rfc822-headers\r\n\r\n");
		mime_put(&out->writer, header_of(buffer_slice(&octets)));
	} else if (error == 0) {
		put_boundary(out);
		mime_puts(&out->writer, "Content-Type: message/rfc822\r\n\r\n");
		mime_put(&out->writer, buffer_slice(&octets));
	}
	buffer_fini(&octets);
	/* A content that is no message is not worth the report. */
	return error == ERR_NOMEM ? error : 0;
}

/* report_to_internet - write a report */
int
report_to_internet(const struct mapping *mapping, const struct or_name *to,
    const struct report *report, const struct report_origin *origin,
    mime_sink sink, void *arg)
{
	struct out out = {
	    .mapping = mapping, .report = report, .origin = origin};
	int error =
	    boundary_make(mapping->secret, BOUNDARY_OUTERMOST, out.boundary);

	if (error < 0)
		return error;
	mime_writer_init(&out.writer, sink, arg);
	arena_init(&out.arena, SCRATCH_MAX);
	put_header(&out, to);
	put_text(&out);
	put_status(&out);
	/* The boundaries of a returned message differ by their number. */
	error = put_returned(&out);
	mime_puts(&out.writer, "\r\n--");
	mime_puts(&out.writer, out.boundary);
	mime_puts(&out.writer, "--\r\n");
	arena_fini(&out.arena);
	return error < 0 ? error : out.writer.error;
}
