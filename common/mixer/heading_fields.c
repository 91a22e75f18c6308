/* SPDX-License-Identifier: ISC */
/*
 * heading_fields.c - which fields a heading has a place for (RFC 2156 5.1.3)
 */
#include "mixer/heading_fields.h"

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

/* heading_fields_put - write fields that strangers kept */
void
heading_fields_put(struct mime_writer *writer, const struct mime_header *fields)
{
	char name[MIME_NAME_MAX + 1];

	for (size_t i = 0; i < fields->count; i++) {
		const struct mime_field *f = &fields->fields[i];

		if (heading_field_is_mapped(f->name) ||
		    heading_field_is_history(f->name) ||
		    mime_name_is(f->name, "Date"))
			continue;
		memcpy(name, f->name.data, f->name.len);
		name[f->name.len] = '\0';
		mime_field(writer, name);
		mime_value(writer, f->value);
		mime_field_end(writer);
	}
}

/* heading_field_boolean - tell whether a value says yes */
bool
heading_field_boolean(struct slice value)
{
	return mime_name_is(value, "TRUE") || mime_name_is(value, "Yes");
}
