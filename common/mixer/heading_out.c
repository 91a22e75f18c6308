/* SPDX-License-Identifier: ISC */
/*
 * heading_out.c - the heading of X.420 as fields of the Internet
 * (RFC 2156 5.3.4)
 *
 * Contract in heading.h.
 */
#include <stdio.h>

#include "mhs/charset.h"
#include "mime/mime_address.h"
#include "mime/mime_date.h"
#include "mixer/field_list.h"
#include "mixer/field_out.h"
#include "mixer/heading.h"
#include "mixer/heading_fields.h"
#include "mixer/heading_ids.h"
#include "mixer/heading_oid.h"
#include "mixer/languages.h"
#include "mixer/oid_text.h"
#include "mixer/or_name.h"
#include "mixer/true_ids.h"

/* Memory for one address or identifier. */
#define SCRATCH_MAX ((size_t)1024 * 1024)

/* Octets of an address that is written: a line must hold it. */
#define ADDRESS_MAX 900

#define DISCARDED "Discarded-X400-IPMS-Extensions"

/* A heading that is being written. */
struct out {
	const struct mapping *mapping;
	const struct ipm_heading *heading;
	enum heading_place place;
	struct mime_writer *writer;
	size_t begun;	      /* octets that were written before */
	struct arena arena;   /* of one address; reset by each */
	struct arena lasting; /* of the field list */
	struct mime_header fields;
	struct true_ids ids; /* that the heading has cut */
};

/* put_text_field - write a field of text */
static void
put_text_field(struct out *out, const char *name, struct slice utf8)
{
	mime_field(out->writer, name);
	mime_text(out->writer, utf8);
	mime_field_end(out->writer);
}

/* find_address - get the address of a descriptor; false: there is none */
static bool
find_address(struct out *out, const struct ipm_descriptor *descriptor,
    struct slice *text, enum address_kind *kind)
{
	struct or_name name;

	return or_name_of(descriptor->name, &out->arena, &name) == 0 &&
	    address_to_internet(out->mapping->addresses, &name.address,
		&out->arena, text, kind, NULL) == 0 &&
	    text->len <= ADDRESS_MAX;
}

/* put_address - write an address, behind a phrase in brackets */
static void
put_address(struct out *out, struct slice phrase, struct slice text)
{
	char *bracketed;

	if (phrase.len == 0) {
		mime_word(out->writer, text);
		return;
	}
	mime_phrase(out->writer, charset_begin(phrase, HEADING_NAME_MAX));
	bracketed = arena_printf(
	    &out->arena, "<%.*s>", (int)text.len, (const char *)text.data);
	if (bracketed != NULL)
		mime_words(out->writer, bracketed);
	else if (out->writer->error == 0)
		out->writer->error = arena_error(&out->arena);
}

/* put_telephone - write the telephone of a user, if it is known */
static void
put_telephone(struct out *out, const struct ipm_descriptor *d)
{
	struct slice number = charset_begin(d->telephone, HEADING_NAME_MAX);
	char *comment;

	if (number.len == 0)
		return;
	comment = arena_printf(&out->arena, HEADING_TELEPHONE "%.*s",
	    (int)number.len, (const char *)number.data);
	if (comment != NULL)
		mime_comment(out->writer, slice_of_string(comment));
}

/* put_descriptor - write a user: an address, or a name without one */
static void
put_descriptor(struct out *out, const struct ipm_descriptor *d)
{
	struct slice text, phrase = d->free_form;
	enum address_kind kind;

	if (find_address(out, d, &text, &kind)) {
		put_address(out, phrase, text);
	} else {
		/* A group without members is how RFC 2156 writes a user who
		 * has no address. */
		if (phrase.len == 0)
			phrase = slice_of_string(HEADING_NOBODY);
		mime_phrase(
		    out->writer, charset_begin(phrase, HEADING_NAME_MAX));
		mime_join(out->writer, ":;");
	}
	put_telephone(out, d);
}

/* put_rest - write how many did not have room */
static void
put_rest(struct out *out, size_t count)
{
	char text[64];

	snprintf(text, sizeof(text), "and %zu others", count);
	mime_phrase(out->writer, slice_of_string(text));
	mime_join(out->writer, ":;");
}

/* begin_user - go on with user n of a field; false: the field is long enough,
 * and ends with how many others there are */
static bool
begin_user(struct out *out, size_t n, size_t count, size_t most)
{
	if (n > 0)
		mime_join(out->writer, ",");
	if (out->writer->field <= most && n < HEADING_USERS_MAX &&
	    out->writer->header - out->begun <= HEADING_LISTS_MAX)
		return true;
	put_rest(out, count - n);
	return false;
}

/* put_descriptors - write a field of users, unless there are none */
static void
put_descriptors(
    struct out *out, const char *name, const struct ipm_descriptors *list)
{
	if (list->count == 0)
		return;
	mime_field(out->writer, name);
	for (size_t i = 0; i < list->count &&
	     begin_user(out, i, list->count, HEADING_AUTHORS_MAX);
	     i++) {
		put_descriptor(out, &list->list[i]);
		arena_reset(&out->arena);
	}
	mime_field_end(out->writer);
}

/* put_recipients - write a field of recipients, unless there are none */
static void
put_recipients(
    struct out *out, const char *name, const struct ipm_recipients *list)
{
	if (list->count == 0)
		return;
	mime_field(out->writer, name);
	for (size_t i = 0; i < list->count &&
	     begin_user(out, i, list->count, HEADING_LIST_MAX);
	     i++) {
		put_descriptor(out, &list->list[i].descriptor);
		if (list->list[i].reply_requested)
			mime_comment(out->writer,
			    slice_of_string(HEADING_REPLY_REQUESTED));
		arena_reset(&out->arena);
	}
	mime_field_end(out->writer);
}

/* put_blind - write the blind recipients whom this message may name */
static void
put_blind(struct out *out)
{
	const struct ipm_recipients *all = &out->heading->blind;
	struct ipm_recipients told = {.count = 0};

	told.list =
	    arena_array(&out->lasting, all->count + 1, sizeof(*told.list));
	if (told.list == NULL) {
		out->writer->error = arena_error(&out->lasting);
		return;
	}
	for (size_t i = 0; i < all->count; i++)
		if (mapping_tells_blind(
			out->mapping, all->list[i].descriptor.name))
			told.list[told.count++] = all->list[i];
	put_recipients(out, "Bcc", &told);
}

/* put_identifiers - write the identifiers that a heading has */
static void
put_identifiers(struct out *out)
{
	const struct ipm_heading *h = out->heading;
	const struct {
		const char *name;
		const struct ipm_identifier *list;
		size_t count;
	} fields[] = {
	    {"Message-ID", &h->this_ipm, 1},
	    {"In-Reply-To", &h->replied_to, h->has_replied_to ? 1 : 0},
	    {"References", h->related.list, h->related.count},
	    {"Supersedes", h->obsoleted.list, h->obsoleted.count},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].count == 0)
			continue;
		mime_field(out->writer, fields[i].name);
		heading_ids_put(out->writer, out->mapping, &out->ids,
		    fields[i].list, fields[i].count, &out->arena);
		mime_field_end(out->writer);
	}
}

/* put_date - write the date that the field list keeps, else when it came here
 */
static void
put_date(struct out *out)
{
	const struct mime_field *field = mime_header_find(&out->fields, "Date");
	int64_t seconds;

	if (field != NULL && mime_date_parse(field->value, &seconds) == 0)
		put_text_field(out, "Date", field->value);
	else if (out->place == HEADING_OUTERMOST)
		field_time(out->writer, "Date", out->mapping->now);
}

/* is_foreign - tell whether From may not name an author: a user of the
 * Internet, as policies of whose domain (DMARC) nobody else may send for it;
 * *slash is the address of ours that is named instead */
static bool
is_foreign(struct out *out, const struct ipm_descriptor *d, struct slice *slash)
{
	enum address_kind kind;
	struct or_name name;
	struct slice text;

	return out->mapping->foreign_from == CONF_FOREIGN_ENCAPSULATE &&
	    out->place == HEADING_OUTERMOST &&
	    or_name_of(d->name, &out->arena, &name) == 0 &&
	    address_to_internet(out->mapping->addresses, &name.address,
		&out->arena, &text, &kind, NULL) == 0 &&
	    (kind == ADDRESS_INTERNET || kind == ADDRESS_ELSEWHERE) &&
	    address_to_slash(out->mapping->addresses, &name.address,
		&out->arena, slash, NULL) == 0 &&
	    slash->len <= ADDRESS_MAX;
}

/* put_authors - write a field of authors; whether any is foreign */
static bool
put_authors(
    struct out *out, const char *name, const struct ipm_descriptors *list)
{
	struct slice slash;
	bool foreign = false;

	mime_field(out->writer, name);
	for (size_t i = 0; i < list->count &&
	     begin_user(out, i, list->count, HEADING_AUTHORS_MAX);
	     i++) {
		const struct ipm_descriptor *d = &list->list[i];

		if (is_foreign(out, d, &slash)) {
			foreign = true;
			put_address(out, d->free_form, slash);
			put_telephone(out, d);
		} else {
			put_descriptor(out, d);
		}
		arena_reset(&out->arena);
	}
	mime_field_end(out->writer);
	return foreign;
}

/* put_true_authors - write that replies go to the authors where they are */
static void
put_true_authors(struct out *out, const struct ipm_descriptors *list)
{
	struct slice text;
	enum address_kind kind;
	bool any = false;

	for (size_t i = 0; i < list->count; i++) {
		if (find_address(out, &list->list[i], &text, &kind)) {
			if (!any)
				mime_field(out->writer, "Reply-To");
			else
				mime_join(out->writer, ",");
			any = true;
			mime_word(out->writer, text);
		}
		arena_reset(&out->arena);
		if (any && out->writer->field > HEADING_AUTHORS_MAX)
			break;
	}
	if (any)
		mime_field_end(out->writer);
}

/* put_from - write who says it, and who sent it */
static void
put_from(struct out *out)
{
	const struct ipm_heading *h = out->heading;
	const struct ipm_descriptors originator = {
	    .list = &(struct ipm_descriptor){.name = h->originator.name,
		.free_form = h->originator.free_form,
		.telephone = h->originator.telephone},
	    .count = 1};
	const struct ipm_descriptors *authors =
	    h->authorizing.count > 0 ? &h->authorizing : &originator;

	if (authors == &originator && !h->has_originator &&
	    out->place == HEADING_OUTERMOST && out->mapping->author != NULL) {
		mime_field(out->writer, "From");
		put_address(out, slice_of_string(HEADING_NOBODY),
		    slice_of_string(out->mapping->author));
		mime_field_end(out->writer);
		return;
	}
	if (h->authorizing.count > 0 && h->has_originator)
		(void)put_authors(out, "Sender", &originator);
	/* RFC 5322 3.6.2 wants From in every message. */
	if (put_authors(out, "From", authors) && h->reply_recipients.count == 0)
		put_true_authors(out, authors);
}

/* put_nobody - write that no recipient is named, where a header has no field
 * of them: some readers want one */
static void
put_nobody(struct out *out)
{
	const struct ipm_heading *h = out->heading;

	if (out->place != HEADING_OUTERMOST || h->primary.count > 0 ||
	    h->copy.count > 0)
		return;
	mime_field(out->writer, "To");
	mime_words(out->writer, HEADING_UNDISCLOSED);
	mime_join(out->writer, ":;");
	mime_field_end(out->writer);
}

/* wants_receipt - tell whether a recipient is asked for a receipt */
static bool
wants_receipt(const struct ipm_recipients *list)
{
	for (size_t i = 0; i < list->count; i++)
		if ((list->list[i].requests & IPM_REQUEST_RN) != 0)
			return true;
	return false;
}

/* put_receipt - ask for a receipt where a recipient is asked for one */
static void
put_receipt(struct out *out)
{
	const struct ipm_heading *h = out->heading;
	struct ipm_descriptor to = {.name = h->originator.name};
	struct slice text;
	enum address_kind kind;

	if (out->mapping->receipts == CONF_RECEIPTS_NONE ||
	    (!wants_receipt(&h->primary) && !wants_receipt(&h->copy) &&
		!wants_receipt(&h->blind)))
		return;
	if (find_address(out, &to, &text, &kind)) {
		mime_field(out->writer, "Disposition-Notification-To");
		mime_word(out->writer, text);
		mime_field_end(out->writer);
	}
	arena_reset(&out->arena);
}

/* put_words - write fields that have one of a few words */
static void
put_words(struct out *out)
{
	static const char *const importance[] = {"low", NULL, "high"};
	static const char *const sensitivity[] = {
	    NULL, "Personal", "Private", "Company-Confidential"};
	const struct ipm_heading *h = out->heading;

	if (importance[h->importance] != NULL)
		field_string(
		    out->writer, "Importance", importance[h->importance]);
	if (sensitivity[h->sensitivity] != NULL)
		field_string(
		    out->writer, "Sensitivity", sensitivity[h->sensitivity]);
	if (h->auto_forwarded)
		field_string(out->writer, "Autoforwarded", "TRUE");
}

/* put_languages - write the languages of an extension, or the field that had
 * longer ones */
static void
put_languages(struct out *out, struct slice value)
{
	const struct mime_field *kept =
	    mime_header_find(&out->fields, "Content-Language");

	if (kept != NULL)
		put_text_field(out, "Content-Language",
		    charset_begin(kept->value, HEADING_TEXT_MAX));
	else
		languages_put(out->writer, value);
}

/* put_auto_submitted - write whether a program wrote the message, as RFC 3834
 * and RFC 2156 say it */
static void
put_auto_submitted(struct out *out, struct slice value)
{
	static const char *const words[][2] = {{"no", "not-auto-submitted"},
	    {"auto-generated", "auto-generated"},
	    {"auto-replied", "auto-replied"}};
	struct ber_reader reader;
	struct ber_element el;
	int64_t number;

	ber_reader_init(&reader, value, NULL);
	if (ber_next(&reader, &el) > 0 &&
	    ber_get_integer(&reader, &el, "auto-submitted", 0, 2, &number) ==
		0) {
		field_string(out->writer, "Auto-Submitted", words[number][0]);
		field_string(out->writer, "Autosubmitted", words[number][1]);
	}
}

/* put_extension - write an extension that has a field; false: it has none */
static bool
put_extension(struct out *out, const struct ipm_extension *extension)
{
	struct slice type = extension->type;

	if (slice_equal(type, HEADING_OID_LANGUAGES))
		put_languages(out, extension->value);
	else if (slice_equal(type, HEADING_OID_AUTO_SUBMITTED))
		put_auto_submitted(out, extension->value);
	else if (slice_equal(type, HEADING_OID_INCOMPLETE_COPY))
		field_string(out->writer, "Incomplete-Copy", "");
	else
		return slice_equal(type, FIELD_LIST_OID) ||
		    slice_equal(type, MULTIPART_OID);
	return true;
}

/* put_extensions - write what extensions say, and name those that are lost */
static void
put_extensions(struct out *out)
{
	const struct ipm_heading *h = out->heading;
	bool *lost = arena_array(&out->lasting, h->extension_count + 1, 1);
	char text[OID_TEXT_MAX];
	bool any = false;

	if (lost == NULL) {
		out->writer->error = arena_error(&out->lasting);
		return;
	}
	for (size_t i = 0; i < h->extension_count; i++)
		lost[i] = !put_extension(out, &h->extensions[i]);
	for (size_t i = 0; i < h->extension_count; i++) {
		if (!lost[i] || (any && out->writer->field > HEADING_TEXT_MAX))
			continue;
		if (any)
			mime_join(out->writer, ",");
		else
			mime_field(out->writer, DISCARDED);
		any = true;
		oid_text(h->extensions[i].type, text);
		mime_words(out->writer, text);
	}
	if (any)
		mime_field_end(out->writer);
}

/* put_fields - write the fields that strangers kept, and say if some had no
 * room */
static void
put_fields(struct out *out)
{
	size_t used = out->writer->header - out->begun;
	char text[OID_TEXT_MAX];

	if (heading_fields_put(out->writer, &out->fields,
		used < HEADING_MAX ? HEADING_MAX - used : 0))
		return;
	oid_text(FIELD_LIST_OID, text);
	mime_field(out->writer, DISCARDED);
	mime_words(out->writer, text);
	mime_comment(out->writer, slice_of_string("in part"));
	mime_field_end(out->writer);
}

/* heading_to_internet - write the fields of a heading */
void
heading_to_internet(const struct mapping *mapping, const struct ipm_heading *h,
    enum heading_place place, struct mime_writer *writer)
{
	struct out out = {.mapping = mapping,
	    .heading = h,
	    .place = place,
	    .writer = writer,
	    .begun = writer->header};

	arena_init(&out.arena, SCRATCH_MAX);
	arena_init(&out.lasting, IPM_ARENA_MAX);
	true_ids_fields(h, &out.lasting, &out.fields);
	true_ids_read(mapping, &out.fields, &out.lasting, &out.ids);
	true_ids_recall(mapping, h, &out.lasting, &out.ids);
	put_date(&out);
	put_from(&out);
	put_descriptors(&out, "Reply-To", &h->reply_recipients);
	put_recipients(&out, "To", &h->primary);
	put_recipients(&out, "Cc", &h->copy);
	put_blind(&out);
	put_nobody(&out);
	if (h->has_subject)
		put_text_field(&out, "Subject",
		    charset_begin(h->subject, HEADING_TEXT_MAX));
	put_identifiers(&out);
	field_time(out.writer, "Expires", h->expiry);
	field_time(out.writer, "Reply-By", h->reply);
	if (place == HEADING_FORWARDED)
		field_time(out.writer, "Delivery-Date", h->delivery);
	put_words(&out);
	put_receipt(&out);
	put_extensions(&out);
	put_fields(&out);
	arena_fini(&out.arena);
	arena_fini(&out.lasting);
}
