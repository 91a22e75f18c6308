/* SPDX-License-Identifier: ISC */
/*
 * heading_fields.c - which fields a heading has a place for (RFC 2156 5.1.3)
 */
#include "mixer/heading_fields.h"

#include "mhs/charset.h"

static const char *const mapped[] = {"From", "Sender", "To", "Cc", "Bcc",
    "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References",
    "Supersedes", "Obsoletes", "Expires", "Expiry-Date", "Reply-By",
    "Importance", "Sensitivity", "Autoforwarded", "Auto-Submitted",
    "Autosubmitted", "Incomplete-Copy", "Content-Language", "Language",
    "Disposition-Notification-To", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "Content-Disposition", "Received",
    "Return-Path", "Delivered-To", "Original-Encoded-Information-Types",
    "Priority", "MT-Priority", "Conversion", "Conversion-With-Loss",
    "Deferred-Delivery", "Latest-Delivery-Time", "DL-Expansion-History",
    "Originator-Return-Address", "Alternate-Recipient", "Delivery-Date",
    "Content-Identifier", "Message-Type", "Content-Length"};

static const char *const history[] = {"DKIM-Signature",
    "Authentication-Results", "Received-SPF", "DomainKey-Signature"};

/* heading_field_is_mapped - tell whether the mapping reads or writes a field
 * itself */
bool
heading_field_is_mapped(struct slice name)
{
	for (size_t i = 0; i < sizeof(mapped) / sizeof(mapped[0]); i++)
		if (mime_name_is(name, mapped[i]))
			return true;
	return mime_name_begins(name, "X400-") ||
	    mime_name_begins(name, "Discarded-X400-");
}

/* heading_field_is_history - tell whether a field says how the message came */
bool
heading_field_is_history(struct slice name)
{
	for (size_t i = 0; i < sizeof(history) / sizeof(history[0]); i++)
		if (mime_name_is(name, history[i]))
			return true;
	return mime_name_begins(name, "ARC-");
}

/* written_length - count the octets that a field has when it is written, or
 * more */
static size_t
written_length(const struct mime_field *field)
{
	/* A fold has three, and each line some sixty; encoded words take twice
	 * what is in them at most. */
	return field->name.len + 4 +
	    (charset_is_ascii(field->value)
		    ? field->value.len + field->value.len / 16
		    : 2 * field->value.len);
}

/* heading_fields_put - write fields that strangers kept */
bool
heading_fields_put(
    struct mime_writer *writer, const struct mime_header *fields, size_t most)
{
	size_t begun = writer->header;
	char name[MIME_NAME_MAX + 1];
	bool whole = true;

	for (size_t i = 0; i < fields->count; i++) {
		const struct mime_field *f = &fields->fields[i];

		if (heading_field_is_mapped(f->name) ||
		    heading_field_is_history(f->name) ||
		    mime_name_is(f->name, "Date"))
			continue;
		if (writer->header - begun + written_length(f) > most) {
			whole = false;
			continue;
		}
		memcpy(name, f->name.data, f->name.len);
		name[f->name.len] = '\0';
		mime_field(writer, name);
		mime_value(writer, f->value);
		mime_field_end(writer);
	}
	return whole;
}

/* heading_field_boolean - tell whether a value says yes */
bool
heading_field_boolean(struct slice value)
{
	return mime_name_is(value, "TRUE") || mime_name_is(value, "Yes");
}
