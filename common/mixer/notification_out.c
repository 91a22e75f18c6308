/* SPDX-License-Identifier: ISC */
/*
 * notification_out.c - a notification of X.420 as a message disposition
 * notification (RFC 8098)
 *
 * Contract in notification_out.h.
 */
#include "mixer/notification_out.h"

#include <stdio.h>

#include "mime/mime_date.h"
#include "mixer/boundary.h"
#include "mixer/field_out.h"
#include "mixer/message_id.h"
#include "mixer/or_name.h"
#include "tls/tls_digest.h"

/* Memory for the addresses of one notification. */
#define SCRATCH_MAX ((size_t)1024 * 1024)

#define AUTO_FORWARDED 1 /* non-receipt-reason, X.420 8.3.1 */

/* A notification that is being written. */
struct out {
	const struct mapping *mapping;
	const struct ipm_notification *notification;
	struct mime_writer *writer;
	struct arena arena;
	char boundary[BOUNDARY_LEN + 1];
};

/* put_user - write a field of an address, unless there is none */
static void
put_user(
    struct out *out, const char *name, const char *prefix, struct slice user)
{
	struct or_name or_name;
	enum address_kind kind;
	struct slice text;
	char *line;

	if (or_name_of(user, &out->arena, &or_name) != 0 ||
	    address_to_internet(out->mapping->addresses, &or_name.address,
		&out->arena, &text, &kind, NULL) != 0)
		return;
	line = arena_printf(&out->arena, "%s%.*s", prefix, (int)text.len,
	    (const char *)text.data);
	if (line == NULL)
		return;
	mime_field(out->writer, name);
	mime_value(out->writer, slice_of_string(line));
	mime_field_end(out->writer);
}

/* disposition - say what became of the message, as RFC 8098 does */
static const char *
disposition(const struct ipm_notification *n)
{
	if (n->kind == IPM_RECEIPT)
		return n->automatic
		    ? "automatic-action/MDN-sent-automatically; displayed"
		    : "manual-action/MDN-sent-manually; displayed";
	return n->reason == AUTO_FORWARDED
	    ? "automatic-action/MDN-sent-automatically; dispatched"
	    : "automatic-action/MDN-sent-automatically; deleted";
}

/* put_to - write whom the message goes to: who has it, else who wrote the one
 * that it is about */
static void
put_to(struct out *out)
{
	const struct or_address *only = out->mapping->only;
	enum address_kind kind;
	struct slice text;

	if (only == NULL ||
	    address_to_internet(out->mapping->addresses, only, &out->arena,
		&text, &kind, NULL) != 0) {
		put_user(out, "To", "", out->notification->subject_ipm.user);
		return;
	}
	mime_field(out->writer, "To");
	mime_word(out->writer, text);
	mime_field_end(out->writer);
}

/* put_message_id - write an identifier that is the same each time that the
 * message is written */
static void
put_message_id(struct out *out)
{
	const struct ipm_notification *n = out->notification;
	const struct slice domain = out->mapping->addresses->mail_domain;
	uint8_t digest[TLS_DIGEST_LEN] = {0};
	char hex[2 * 16 + 1], *text;
	struct buffer all;
	int error;

	buffer_init(&all, SCRATCH_MAX);
	if ((error = buffer_append(&all, n->subject_ipm.local.data,
		 n->subject_ipm.local.len)) == 0 &&
	    (error = buffer_append(
		 &all, n->originator.name.data, n->originator.name.len)) == 0)
		error = tls_digest(buffer_slice(&all), digest);
	buffer_fini(&all);
	for (unsigned i = 0; error == 0 && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	text = error == 0 ? arena_printf(&out->arena, "<receipt-%s@%.*s>", hex,
				(int)domain.len, (const char *)domain.data)
			  : NULL;
	if (text == NULL)
		return;
	mime_field(out->writer, "Message-ID");
	mime_words(out->writer, text);
	mime_field_end(out->writer);
}

/* put_header - write the header of the message */
static void
put_header(struct out *out)
{
	const struct ipm_notification *n = out->notification;
	char date[MIME_DATE_MAX];

	field_string(
	    out->writer, "Date", mime_date_format(out->mapping->now, date));
	put_user(out, "From", "", n->originator.name);
	put_to(out);
	field_string(out->writer, "Subject",
	    n->kind == IPM_RECEIPT ? "Receipt" : "Message was not read");
	put_message_id(out);
	field_string(out->writer, "Auto-Submitted", "auto-replied");
	mime_puts(out->writer, "MIME-Version: 1.0\r\n");
	mime_field(out->writer, "Content-Type");
	mime_words(out->writer, "multipart/report");
	mime_parameter(out->writer, "report-type",
	    slice_of_string("disposition-notification"));
	mime_parameter(out->writer, "boundary", slice_of_string(out->boundary));
	mime_field_end(out->writer);
	mime_puts(out->writer, "\r\n");
}

/* put_boundary - write the boundary before a part */
static void
put_boundary(struct out *out)
{
	mime_puts(out->writer, "\r\n--");
	mime_puts(out->writer, out->boundary);
	mime_puts(out->writer, "\r\n");
}

/* put_text - write the part for people */
static void
put_text(struct out *out)
{
	const struct ipm_notification *n = out->notification;
	char date[MIME_DATE_MAX];

	put_boundary(out);
	mime_puts(
	    out->writer, "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
	mime_puts(out->writer, "Your message ");
	if (n->kind == IPM_RECEIPT) {
		mime_puts(out->writer, "was received ");
		if (n->receipt_time != IPM_NO_TIME)
			mime_puts(out->writer,
			    mime_date_format(n->receipt_time, date));
	} else {
		mime_puts(out->writer, "was not received: ");
		mime_puts(out->writer, ipm_notification_reason(n));
	}
	mime_puts(out->writer, ".\r\n");
}

/* put_original - write which message it is about */
static void
put_original(struct out *out)
{
	const struct ipm_identifier *id = &out->notification->subject_ipm;
	struct mapping_cut cut = {.local = id->local};
	struct slice text;
	char *line;

	if (out->mapping->recall != NULL && message_id_is_cut(id))
		out->mapping->recall(
		    out->mapping->recall_arg, &out->arena, &cut, 1);
	if (cut.text.len > 0)
		text = cut.text;
	else if (message_id_to_internet(out->mapping, id, &out->arena, &text) !=
	    0)
		return;
	line = arena_printf(
	    &out->arena, "<%.*s>", (int)text.len, (const char *)text.data);
	if (line == NULL)
		return;
	mime_field(out->writer, "Original-Message-ID");
	mime_words(out->writer, line);
	mime_field_end(out->writer);
}

/* put_fields - write the part for programs */
static void
put_fields(struct out *out)
{
	const struct ipm_notification *n = out->notification;
	const struct slice domain = out->mapping->addresses->mail_domain;
	char date[MIME_DATE_MAX];

	put_boundary(out);
	mime_puts(out->writer,
	    "Content-Type: message/disposition-notification\r\n\r\n");
	mime_field(out->writer, "Reporting-UA");
	mime_word(out->writer, domain);
	mime_field_end(out->writer);
	put_user(out, "Original-Recipient", "rfc822; ", n->intended.name);
	put_user(out, "Final-Recipient", "rfc822; ", n->originator.name);
	put_original(out);
	field_string(out->writer, "Disposition", disposition(n));
	if (n->kind == IPM_RECEIPT && n->receipt_time != IPM_NO_TIME)
		field_string(out->writer, "X400-Receipt-Time",
		    mime_date_format(n->receipt_time, date));
}

/* notification_to_internet - write a notification */
int
notification_to_internet(const struct mapping *mapping,
    const struct ipm_notification *notification, struct mime_writer *writer)
{
	struct out out = {
	    .mapping = mapping, .notification = notification, .writer = writer};
	int error;

	if (notification->kind == IPM_OTHER_NOTIFICATION ||
	    mapping->receipts == CONF_RECEIPTS_NONE)
		return ERR_UNSUPPORTED;
	error =
	    boundary_make(mapping->secret, BOUNDARY_OUTERMOST, out.boundary);
	if (error < 0)
		return error;
	arena_init(&out.arena, SCRATCH_MAX);
	put_header(&out);
	put_text(&out);
	put_fields(&out);
	mime_puts(writer, "\r\n--");
	mime_puts(writer, out.boundary);
	mime_puts(writer, "--\r\n");
	arena_fini(&out.arena);
	return writer->error;
}
