/* SPDX-License-Identifier: ISC */
/*
 * report_out.c - a report of X.400 as a delivery status notification
 * (RFC 2156 5.3.8, RFC 3464)
 *
 * Contract in report_out.h.
 */
#include "mixer/report_out.h"

#include <stdio.h>

#include "mime/mime_date.h"
#include "mime/mime_write.h"
#include "mixer/boundary.h"
#include "mixer/field_out.h"
#include "mixer/message_out.h"
#include "mixer/mts_id.h"
#include "mixer/report_status.h"
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
	const struct p1_envelope *envelope; /* or NULL */
	const struct report *report;
	const struct report_origin *origin; /* or NULL */
	struct mime_writer writer;
	struct arena arena;
	char boundary[BOUNDARY_LEN + 1];
};

/* put_boundary - write the boundary before a part */
static void
put_boundary(struct out *out)
{
	mime_puts(&out->writer, "\r\n--");
	mime_puts(&out->writer, out->boundary);
	mime_puts(&out->writer, "\r\n");
}

/* count_delivered - count the recipients who have the message */
static size_t
count_delivered(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->recipient_count; i++)
		if (report->recipients[i].delivered)
			count++;
	return count;
}

/* is_delivered - tell whether all recipients have the message */
static bool
is_delivered(const struct report *report)
{
	return count_delivered(report) == report->recipient_count;
}

/* find_address - find the address that the sender gave a recipient; false:
 * there is none of the Internet */
static bool
find_address(
    struct out *out, const struct report_recipient *r, struct slice *text)
{
	const struct or_name *name =
	    r->has_intended ? &r->intended : &r->actual;
	enum address_kind kind;

	return address_to_internet(out->mapping->addresses, &name->address,
		   &out->arena, text, &kind, NULL) == 0;
}

/* put_title - write the subject: what became of it, and for whom if there is
 * one recipient alone */
static void
put_title(struct out *out)
{
	const struct report *report = out->report;
	size_t delivered = count_delivered(report);
	struct slice text;
	char line[TEXT_MAX];
	int len = 0;

	if (report->recipient_count == 1 &&
	    find_address(out, &report->recipients[0], &text) &&
	    text.len < TEXT_MAX / 2)
		len = (int)text.len;
	snprintf(line, sizeof(line), "Delivery Report (%s)%s%.*s",
	    delivered == report->recipient_count ? "success"
		: delivered == 0		 ? "failure"
						 : "success and failures",
	    len > 0 ? " for " : "", len, (const char *)text.data);
	field_string(&out->writer, "Subject", line);
}

/* put_identifier - write the identifier of the report */
static void
put_identifier(struct out *out)
{
	const char *id = out->envelope != NULL
	    ? mts_id_format(&out->envelope->identifier, &out->arena)
	    : NULL;

	if (id != NULL)
		field_string(&out->writer, "X400-MTS-Identifier", id);
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
put_header(struct out *out)
{
	const struct slice domain = out->mapping->addresses->mail_domain;
	char from[TEXT_MAX];

	put_identifier(out);
	field_time(&out->writer, "Date", out->mapping->now);
	snprintf(from, sizeof(from), "Mail Delivery System <postmaster@%.*s>",
	    (int)domain.len, (const char *)domain.data);
	mime_field(&out->writer, "From");
	mime_value(&out->writer, slice_of_string(from));
	mime_field_end(&out->writer);
	if (out->envelope != NULL)
		field_address(&out->writer, out->mapping, &out->arena, "To", "",
		    &out->envelope->originator);
	put_title(out);
	field_string(&out->writer, "Message-Type", "Delivery Report");
	put_message_id(out);
	field_string(&out->writer, "Auto-Submitted", "auto-replied");
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
	const char *address =
	    or_address_format(&r->actual.address, OR_STYLE_F401, &out->arena);
	struct slice text;

	if (find_address(out, r, &text))
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

/* put_subject - say which message it is about, as far as the report does */
static void
put_subject(struct out *out)
{
	const struct report *report = out->report;
	const struct slice id = report->content_identifier;
	char date[MIME_DATE_MAX];

	if (report->has_trace && report->trace.count > 0 &&
	    report->trace.elements[0].arrival != TRACE_NO_TIME) {
		mime_puts(&out->writer, " on ");
		mime_puts(&out->writer,
		    mime_date_format(report->trace.elements[0].arrival, date));
	}
	mime_puts(&out->writer, id.len > 0 ? ":\r\n\r\n" : ".\r\n");
	if (id.len > 0)
		put_line(out,
		    arena_printf(&out->arena, "    %.*s",
			id.len < SHOWN_MAX ? (int)id.len : SHOWN_MAX,
			(const char *)id.data));
	arena_reset(&out->arena);
}

/* put_text - write the part for people */
static void
put_text(struct out *out)
{
	put_boundary(out);
	mime_puts(&out->writer,
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
	    "This is the gateway between Internet mail and X.400.\r\n"
	    "It reports on a message that you sent");
	put_subject(out);
	put_group(
	    out, false, "\r\nThe message could NOT be delivered to:\r\n\r\n");
	put_group(out, true, "\r\nThe message was delivered to:\r\n\r\n");
	if (!is_delivered(out->report))
		mime_puts(&out->writer,
		    out->report->has_content
			? "\r\nThe message, or its header, is attached.\r\n"
			: "\r\nThe message itself did not come back.\r\n");
}

/* put_status - write the part for programs */
static void
put_status(struct out *out)
{
	put_boundary(out);
	mime_puts(
	    &out->writer, "Content-Type: message/delivery-status\r\n\r\n");
	report_status_put(out->mapping, out->envelope, out->report, out->origin,
	    &out->writer, &out->arena);
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
report_to_internet(const struct mapping *mapping,
    const struct p1_envelope *envelope, const struct report *report,
    const struct report_origin *origin, mime_sink sink, void *arg)
{
	struct out out = {.mapping = mapping,
	    .envelope = envelope,
	    .report = report,
	    .origin = origin};
	int error =
	    boundary_make(mapping->secret, BOUNDARY_OUTERMOST, out.boundary);

	if (error < 0)
		return error;
	mime_writer_init(&out.writer, sink, arg);
	arena_init(&out.arena, SCRATCH_MAX);
	put_header(&out);
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
