/* SPDX-License-Identifier: ISC */
/*
 * label.c - headings as text
 *
 * Contract in label.h.
 */
#include <stdio.h>

#include "base/calendar.h"
#include "msmi/label.h"
#include "msmi/line.h"

/* address_of - parse the address that a descriptor has */
static bool
address_of(
    const struct ipm_descriptor *who, struct arena *arena, struct or_name *name)
{
	struct ber_reader reader;
	struct ber_element el;

	ber_reader_init(&reader, who->name, NULL);
	return who->name.len > 0 && ber_next(&reader, &el) > 0 &&
	    or_name_decode(&reader, &el, "name", arena, name) == 0;
}

/* label_descriptor - format somebody in a heading */
int
label_descriptor(const struct addressing *addressing, const char *label,
    const struct ipm_descriptor *who, struct arena *arena, struct buffer *out)
{
	struct or_name name;
	const char *text = NULL;

	if (address_of(who, arena, &name))
		text = address_for_mmff(addressing, &name.address, arena);
	return line_append(out, "%s: %.*s%s%s%s", label,
	    (int)who->free_form.len, (const char *)who->free_form.data,
	    who->free_form.len > 0 ? " [" : "", text == NULL ? "" : text,
	    who->free_form.len > 0 ? "]" : "");
}

/* put_people - append a line for each of a list */
static int
put_people(const struct addressing *addressing, const char *label,
    const struct ipm_recipients *list, struct arena *arena, struct buffer *out)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < list->count; i++) {
		/* Bounded, as one message may name thousands. */
		if (i == LABEL_PEOPLE_MAX)
			return line_append(
			    out, "%s: and %zu others", label, list->count - i);
		error = label_descriptor(
		    addressing, label, &list->list[i].descriptor, arena, out);
	}
	return error;
}

/* label_forwarded - append the heading of a forwarded message */
int
label_forwarded(const struct addressing *addressing,
    const struct ipm_heading *h, struct arena *arena, struct buffer *out)
{
	int error = 0;

	if (h->has_originator)
		error = label_descriptor(
		    addressing, "From", &h->originator, arena, out);
	if (error == 0)
		error = put_people(addressing, "To", &h->primary, arena, out);
	if (error == 0)
		error = put_people(addressing, "Cc", &h->copy, arena, out);
	if (error == 0 && h->has_subject)
		error = line_append(out, "Subject: %.*s", (int)h->subject.len,
		    (const char *)h->subject.data);
	/* A heading too long to be shown is shown as far as it goes. */
	return error == ERR_LIMIT ? 0 : error;
}

/* is_here - tell whether a recipient has a mailbox in this postoffice */
static bool
is_here(const struct addressing *addressing,
    const struct ipm_recipient *recipient, struct arena *arena)
{
	struct mailbox mailbox;
	struct or_name name;

	return address_of(&recipient->descriptor, arena, &name) &&
	    address_to_mailbox(addressing, &name.address, &mailbox, NULL) == 0;
}

/* any_registered - tell whether one of a list is here and asked for a
 * receipt */
static bool
any_registered(const struct addressing *addressing,
    const struct ipm_recipients *list, struct arena *arena)
{
	for (size_t i = 0; i < list->count; i++) {
		if ((list->list[i].requests & IPM_REQUEST_RN) != 0 &&
		    is_here(addressing, &list->list[i], arena))
			return true;
	}
	return false;
}

/* label_registered - tell whether somebody here is asked for a receipt */
bool
label_registered(const struct addressing *addressing,
    const struct ipm_heading *h, struct arena *arena)
{
	return any_registered(addressing, &h->primary, arena) ||
	    any_registered(addressing, &h->copy, arena) ||
	    any_registered(addressing, &h->blind, arena);
}

/* all_here - tell whether a file's own TO lines name all of a list */
static bool
all_here(const struct addressing *addressing, const struct ipm_recipients *list,
    struct arena *arena)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!is_here(addressing, &list->list[i], arena))
			return false;
	}
	return true;
}

/* put_replies - append to whom and until when to answer */
static int
put_replies(const struct addressing *addressing, const struct ipm_heading *h,
    struct arena *arena, struct buffer *out)
{
	char when[CALENDAR_TEXT_MAX];
	int error = 0;

	for (size_t i = 0; error == 0 && i < h->reply_recipients.count &&
	     i < LABEL_PEOPLE_MAX;
	     i++)
		error = label_descriptor(addressing, "Reply-To",
		    &h->reply_recipients.list[i], arena, out);
	if (error == 0 && h->reply != IPM_NO_TIME)
		error = line_append(
		    out, "Reply-By: %s", calendar_format(h->reply, when));
	if (error == 0 && h->expiry != IPM_NO_TIME)
		error = line_append(
		    out, "Expires: %s", calendar_format(h->expiry, when));
	return error;
}

/* put_weight - append importance and sensitivity */
static int
put_weight(const struct addressing *addressing, const struct ipm_heading *h,
    struct arena *arena, struct buffer *out)
{
	static const char *const sensitivities[] = {[IPM_PERSONAL] = "personal",
	    [IPM_PRIVATE] = "private",
	    [IPM_COMPANY_CONFIDENTIAL] = "company-confidential"};
	int error = 0;

	/* Registered mail takes the place of the importance in MS Mail's
	 * priority. */
	if (h->importance != IPM_NORMAL &&
	    label_registered(addressing, h, arena))
		error = line_append(out, "Importance: %s",
		    h->importance == IPM_HIGH ? "high" : "low");
	if (error == 0 && h->sensitivity != IPM_NOT_SENSITIVE)
		error = line_append(
		    out, "Sensitivity: %s", sensitivities[h->sensitivity]);
	return error;
}

/* put_originator - write who wrote the message, where the file's FROM is
 * somebody else */
static int
put_originator(const struct addressing *addressing, const struct ipm_heading *h,
    const struct or_address *sender, struct arena *arena, struct buffer *out)
{
	struct or_name name;
	int error = 0;

	if (h->has_originator && sender != NULL && sender->encoded.len > 0 &&
	    !(address_of(&h->originator, arena, &name) &&
		or_address_compare(&name.address, sender) == 0))
		error = label_descriptor(
		    addressing, "From", &h->originator, arena, out);
	for (size_t i = 0;
	     error == 0 && i < h->authorizing.count && i < LABEL_PEOPLE_MAX;
	     i++)
		error = label_descriptor(addressing, "Authorized-By",
		    &h->authorizing.list[i], arena, out);
	if (error == 0 && h->auto_forwarded)
		error = line_append(out, "Auto-Forwarded: yes");
	return error;
}

/* put_rest - write what a message answers, and what of it is not readable */
static int
put_rest(const struct ipm_heading *h, struct buffer *out)
{
	int error = 0;

	if (h->has_replied_to && h->replied_to.local.len > 0)
		error = line_append(out, "In-Reply-To: %.*s",
		    (int)h->replied_to.local.len,
		    (const char *)h->replied_to.local.data);
	if (error == 0 && h->unreadable_fields > 0)
		error = line_append(
		    out, "Fields not readable: %u", h->unreadable_fields);
	return error;
}

/* label_own - write what the file of a message cannot say of its heading */
int
label_own(const struct addressing *addressing, const struct ipm_heading *h,
    const struct or_address *sender, struct arena *arena, struct buffer *out)
{
	int error = put_originator(addressing, h, sender, arena, out);

	/* Recipients that are all here stand in the header of the file. */
	if (error == 0 && !all_here(addressing, &h->primary, arena))
		error = put_people(addressing, "To", &h->primary, arena, out);
	if (error == 0)
		error = put_people(addressing, "Cc", &h->copy, arena, out);
	if (error == 0)
		error = put_people(addressing, "Bcc", &h->blind, arena, out);
	if (error == 0)
		error = put_rest(h, out);
	if (error == 0)
		error = put_replies(addressing, h, arena, out);
	if (error == 0)
		error = put_weight(addressing, h, arena, out);
	/* A heading too long to be shown is shown as far as it goes. */
	return error == ERR_LIMIT ? 0 : error;
}
