/* SPDX-License-Identifier: ISC */
/*
 * heading_in.c - the fields of a message of the Internet as heading of X.420
 * (RFC 2156 5.1.3)
 *
 * Contract in heading.h.
 */
#include <strings.h>

#include "mhs/charset.h"
#include "mime/mime_address.h"
#include "mime/mime_date.h"
#include "mime/mime_word.h"
#include "mixer/field_list.h"
#include "mixer/heading.h"
#include "mixer/heading_fields.h"
#include "mixer/heading_oid.h"
#include "mixer/languages.h"
#include "mixer/message_id.h"
#include "mixer/or_name.h"

/* Extensions that are written: field list, languages, auto-submitted,
 * incomplete copy, multipart. */
#define EXTENSIONS 5

/* Identifiers of a field that are looked at for cut ones. */
#define CHECKED_IDS_MAX 100

/* A header that is being read. */
struct in {
	const struct mapping *mapping;
	const struct mime_header *header;
	struct arena *arena;
	struct ipm_heading *heading;
	struct slice from; /* the only address of From, or empty */
};

/* --- users --- */

/* is_full - tell whether a name has all characters that X.420 has room for */
static bool
is_full(struct slice name)
{
	/* No character has more than four octets. */
	return name.len >= 4 * (size_t)IPM_UB_FREE_FORM_NAME ||
	    charset_length(name) >= IPM_UB_FREE_FORM_NAME;
}

/* add_comment - add a comment to the name of a user, or make it that */
static int
add_comment(struct slice comment, struct arena *arena, struct ipm_descriptor *d)
{
	char *text;

	/* Each piece copies the name: thousands would fill the arena. */
	if (comment.len == 0 || is_full(d->free_form))
		return 0;
	if (d->free_form.len == 0) {
		d->free_form = comment;
		return 0;
	}
	text = arena_printf(arena, "%.*s (%.*s)", (int)d->free_form.len,
	    (const char *)d->free_form.data, (int)comment.len,
	    (const char *)comment.data);
	if (text == NULL)
		return arena_error(arena);
	d->free_form = slice_of_string(text);
	return 0;
}

/* set_comment - set what a comment says */
static int
set_comment(struct slice comment, struct arena *arena, struct ipm_descriptor *d,
    bool *reply)
{
	const size_t skip = sizeof(HEADING_TELEPHONE) - 1;
	const uint8_t *end;
	int error;

	while (comment.len > 0) {
		end = memchr(comment.data, ';', comment.len);
		struct slice one = mime_trim(slice_of(comment.data,
		    end != NULL ? (size_t)(end - comment.data) : comment.len));

		if (mime_name_is(one, HEADING_REPLY_REQUESTED))
			*reply = true;
		else if (mime_name_begins(one, HEADING_TELEPHONE))
			d->telephone =
			    slice_of(one.data + skip, one.len - skip);
		else if ((error = add_comment(one, arena, d)) < 0)
			return error;
		if (end == NULL)
			return 0;
		comment = slice_of(
		    end + 1, comment.len - (size_t)(end - comment.data) - 1);
	}
	return 0;
}

/* set_text - say in words what is no address */
static int
set_text(struct in *in, const struct mime_mailbox *m, struct ipm_descriptor *d)
{
	char *text;

	if (m->phrase.len == 0) {
		d->free_form = m->address;
		return 0;
	}
	text = arena_printf(in->arena, "%.*s <%.*s>", (int)m->phrase.len,
	    (const char *)m->phrase.data, (int)m->address.len,
	    (const char *)m->address.data);
	if (text == NULL)
		return arena_error(in->arena);
	d->free_form = slice_of_string(text);
	return 0;
}

/* set_descriptor - make a user of a mailbox */
static int
set_descriptor(struct in *in, const struct mime_mailbox *m,
    struct ipm_descriptor *d, bool *reply)
{
	struct or_name name = {.directory_name = {.len = 0}};
	enum address_kind kind;
	int error;

	*d = (struct ipm_descriptor){.free_form = m->phrase};
	*reply = false;
	if (m->address.len > 0) {
		error = address_from_internet(in->mapping->addresses,
		    m->address, in->arena, &name.address, &kind, NULL);
		if (error == 0)
			error = or_name_octets(&name, in->arena, &d->name);
		/* A name without an address is better than none. */
		if (error != 0 && error != ERR_NOMEM)
			error = set_text(in, m, d);
		if (error != 0)
			return error;
	}
	return set_comment(m->comment, in->arena, d, reply);
}

/* read_mailboxes - read the mailboxes of a field; none if it is absent */
static int
read_mailboxes(struct in *in, const char *name, struct mime_mailboxes *list)
{
	const struct mime_field *field = mime_header_find(in->header, name);
	int error;

	*list = (struct mime_mailboxes){.count = 0};
	if (field == NULL)
		return 0;
	error = mime_address_parse(
	    in->mapping->charsets, field->value, in->arena, list);
	return error;
}

/* is_nobody - tell whether a mailbox says that nobody is named */
static bool
is_nobody(const struct mime_mailbox *m)
{
	return mime_name_is(m->phrase, HEADING_NOBODY);
}

/* drop_undisclosed - leave out the recipient who says that none is named */
static void
drop_undisclosed(struct ipm_recipients *list)
{
	if (list->count == 1 && list->list[0].descriptor.name.len == 0 &&
	    mime_name_is(
		list->list[0].descriptor.free_form, HEADING_UNDISCLOSED))
		list->count = 0;
}

/* read_descriptors - read a field of users */
static int
read_descriptors(struct in *in, const char *name, struct ipm_descriptors *out)
{
	struct mime_mailboxes list;
	struct ipm_descriptor *d;
	int error = read_mailboxes(in, name, &list);
	bool reply;

	if (error < 0)
		return error;
	d = arena_array(in->arena, list.count + 1, sizeof(*d));
	if (d == NULL)
		return arena_error(in->arena);
	for (size_t i = 0; i < list.count; i++)
		if ((error = set_descriptor(in, &list.list[i], &d[i], &reply)) <
		    0)
			return error;
	*out = (struct ipm_descriptors){d, list.count};
	return 0;
}

/* read_recipients - read a field of recipients */
static int
read_recipients(struct in *in, const char *name, struct ipm_recipients *out)
{
	struct mime_mailboxes list;
	struct ipm_recipient *r;
	int error = read_mailboxes(in, name, &list);

	if (error < 0)
		return error;
	r = arena_array(in->arena, list.count + 1, sizeof(*r));
	if (r == NULL)
		return arena_error(in->arena);
	for (size_t i = 0; i < list.count; i++)
		if ((error = set_descriptor(in, &list.list[i], &r[i].descriptor,
			 &r[i].reply_requested)) < 0)
			return error;
	*out = (struct ipm_recipients){r, list.count};
	return 0;
}

/* read_blind - read the blind recipients whom this message may name */
static int
read_blind(struct in *in)
{
	struct ipm_recipients *blind = &in->heading->blind;
	int error = read_recipients(in, "Bcc", blind);
	size_t told = 0;

	if (error < 0)
		return error;
	for (size_t i = 0; i < blind->count; i++)
		if (mapping_tells_blind(
			in->mapping, blind->list[i].descriptor.name))
			blind->list[told++] = blind->list[i];
	blind->count = told;
	return 0;
}

/* read_originator - read From and Sender */
static int
read_originator(struct in *in)
{
	struct ipm_heading *h = in->heading;
	struct ipm_descriptors from, sender;
	struct mime_mailboxes list;
	int error;

	if ((error = read_descriptors(in, "From", &from)) < 0 ||
	    (error = read_descriptors(in, "Sender", &sender)) < 0 ||
	    (error = read_mailboxes(in, "From", &list)) < 0)
		return error;
	if (list.count == 1) {
		in->from = list.list[0].address;
		if (is_nobody(&list.list[0]))
			from.count = 0;
	}
	/* Several authors, or another who sent it for them, are authorizing
	 * users. */
	if (sender.count > 0) {
		h->has_originator = true;
		h->originator = sender.list[0];
		h->authorizing = from;
	} else if (from.count > 1) {
		h->authorizing = from;
	} else if (from.count == 1) {
		h->has_originator = true;
		h->originator = from.list[0];
	}
	return 0;
}

/* ask_receipts - ask each recipient of a list for a receipt */
static void
ask_receipts(struct ipm_recipients *list)
{
	for (size_t i = 0; i < list->count; i++)
		list->list[i].requests = IPM_REQUEST_RN | IPM_REQUEST_NRN;
}

/* is_address - tell whether an address is this one, without regard to case */
static bool
is_address(struct slice address, struct slice other)
{
	return address.len > 0 && address.len == other.len &&
	    strncasecmp((const char *)address.data, (const char *)other.data,
		address.len) == 0;
}

/* may_ask - tell whether receipts may go to an address: to anybody else than
 * author and sender they could not, for X.420 knows the originator alone */
static bool
may_ask(const struct in *in, struct slice address)
{
	const char *sender = in->mapping->sender;

	/* Mail without a sender asks for nothing, or receipts go round. */
	if ((sender != NULL && *sender == '\0') ||
	    in->mapping->receipts == CONF_RECEIPTS_NONE)
		return false;
	return is_address(address, in->from) ||
	    (sender != NULL && is_address(address, slice_of_string(sender)));
}

/* read_receipt - ask for receipts if those are to go to the author */
static int
read_receipt(struct in *in)
{
	struct mime_mailboxes list;
	int error = read_mailboxes(in, "Disposition-Notification-To", &list);

	if (error < 0 || list.count != 1 || !may_ask(in, list.list[0].address))
		return error;
	ask_receipts(&in->heading->primary);
	ask_receipts(&in->heading->copy);
	ask_receipts(&in->heading->blind);
	return 0;
}

/* drop_own_reply - leave out a Reply-To that a gateway has written for authors
 * of the Internet, whom From names as addresses of X.400 */
static void
drop_own_reply(struct in *in)
{
	struct ipm_heading *h = in->heading;
	const struct ipm_descriptors *reply = &h->reply_recipients;
	const struct ipm_descriptors authors = h->authorizing.count > 0
	    ? h->authorizing
	    : (struct ipm_descriptors){&h->originator, h->has_originator};
	struct or_name name;
	bool foreign = false;

	if (reply->count != authors.count)
		return;
	for (size_t i = 0; i < reply->count; i++) {
		const struct ipm_descriptor *d = &reply->list[i];

		if (d->free_form.len > 0 || d->name.len == 0 ||
		    !slice_equal(d->name, authors.list[i].name) ||
		    or_name_of(d->name, in->arena, &name) != 0)
			return;
		foreign = foreign || address_names_internet(&name.address);
	}
	if (foreign)
		h->reply_recipients.count = 0;
}

/* --- identifiers --- */

/* read_ids - read all identifiers of a field */
static int
read_ids(struct in *in, const char *name, struct ipm_identifiers *out)
{
	const struct mime_field *field = mime_header_find(in->header, name);
	struct ipm_identifier *list;
	struct slice *ids = NULL;
	size_t count = 0;
	int error = 0;

	if (field != NULL)
		error = mime_address_ids(field->value, in->arena, &ids, &count);
	if (error < 0)
		return error;
	if (count > IPM_LIST_MAX)
		count = IPM_LIST_MAX;
	list = arena_array(in->arena, count + 1, sizeof(*list));
	if (list == NULL)
		return arena_error(in->arena);
	for (size_t i = 0; i < count; i++)
		if ((error = message_id_to_x400(
			 in->mapping, ids[i], in->arena, &list[i])) < 0)
			return error;
	*out = (struct ipm_identifiers){list, count};
	return 0;
}

/* make_id - make an identifier for a message that has none, of its fields */
static int
make_id(struct in *in)
{
	struct buffer all;
	int error = 0;

	buffer_init(&all, IPM_HEADING_MAX);
	for (size_t i = 0; i < in->header->count && error == 0; i++) {
		const struct mime_field *f = &in->header->fields[i];

		/* How it came differs when it comes again. */
		if (mime_name_is(f->name, "Received"))
			continue;
		error = buffer_append(&all, f->value.data, f->value.len);
		if (error == 0)
			error = buffer_append(&all, "\n\n", 2);
	}
	/* With a blank it is no identifier that anybody could have. */
	if (error == 0)
		error = message_id_to_x400(in->mapping, buffer_slice(&all),
		    in->arena, &in->heading->this_ipm);
	buffer_fini(&all);
	return error;
}

/* read_identifiers - read what names this message and others */
static int
read_identifiers(struct in *in)
{
	struct ipm_heading *h = in->heading;
	struct ipm_identifiers this_ids, replied, related;
	struct ipm_identifier *all;
	int error;

	if ((error = read_ids(in, "Message-ID", &this_ids)) < 0 ||
	    (error = read_ids(in, "In-Reply-To", &replied)) < 0 ||
	    (error = read_ids(in, "References", &related)) < 0 ||
	    (error = read_ids(in, "Supersedes", &h->obsoleted)) < 0)
		return error;
	if (h->obsoleted.count == 0 &&
	    (error = read_ids(in, "Obsoletes", &h->obsoleted)) < 0)
		return error;
	if (this_ids.count > 0)
		h->this_ipm = this_ids.list[0];
	else if ((error = make_id(in)) < 0)
		return error;
	h->related = related;
	if (replied.count == 0)
		return 0;
	/* A message is a reply to one; the others it refers to. */
	h->has_replied_to = true;
	h->replied_to = replied.list[0];
	all = arena_array(
	    in->arena, replied.count + related.count + 1, sizeof(*all));
	if (all == NULL)
		return arena_error(in->arena);
	for (size_t i = 1; i < replied.count; i++)
		all[i - 1] = replied.list[i];
	for (size_t i = 0; i < related.count; i++)
		all[replied.count - 1 + i] = related.list[i];
	h->related =
	    (struct ipm_identifiers){all, replied.count - 1 + related.count};
	return 0;
}

/* --- the rest --- */

/* read_time - read a field of one time, if it is there and readable */
static void
read_time(struct in *in, const char *name, int64_t *seconds)
{
	const struct mime_field *field = mime_header_find(in->header, name);

	if (field != NULL)
		(void)!mime_date_parse(field->value, seconds);
}

/* value_of - get the value of a field, or an empty slice */
static struct slice
value_of(struct in *in, const char *name)
{
	const struct mime_field *field = mime_header_find(in->header, name);

	return field != NULL ? field->value : (struct slice){.len = 0};
}

/* read_words - read the fields that have one of a few words */
static void
read_words(struct in *in)
{
	struct ipm_heading *h = in->heading;
	struct slice importance = value_of(in, "Importance");
	struct slice sensitivity = value_of(in, "Sensitivity");

	if (mime_name_is(importance, "low"))
		h->importance = IPM_LOW;
	else if (mime_name_is(importance, "high"))
		h->importance = IPM_HIGH;
	if (mime_name_is(sensitivity, "Personal"))
		h->sensitivity = IPM_PERSONAL;
	else if (mime_name_is(sensitivity, "Private"))
		h->sensitivity = IPM_PRIVATE;
	else if (mime_name_is(sensitivity, "Company-Confidential"))
		h->sensitivity = IPM_COMPANY_CONFIDENTIAL;
	h->auto_forwarded =
	    heading_field_boolean(value_of(in, "Autoforwarded"));
	read_time(in, "Expires", &h->expiry);
	if (h->expiry == IPM_NO_TIME)
		read_time(in, "Expiry-Date", &h->expiry);
	read_time(in, "Reply-By", &h->reply);
	read_time(in, "Delivery-Date", &h->delivery);
}

/* read_subject - read the subject, as long as X.420 lets it be */
static int
read_subject(struct in *in)
{
	const struct mime_field *field =
	    mime_header_find(in->header, "Subject");

	if (field == NULL)
		return 0;
	in->heading->has_subject = true;
	return mime_word_decode(in->mapping->charsets, field->value, in->arena,
	    &in->heading->subject);
}

/* add - add an extension */
static void
add(struct in *in, struct slice type, struct slice value)
{
	struct ipm_heading *h = in->heading;

	h->extensions[h->extension_count++] =
	    (struct ipm_extension){.type = type, .value = value};
}

/* add_written - add an extension whose value a writer has written */
static int
add_written(struct in *in, struct slice type, struct ber_writer *writer)
{
	struct slice value;
	int error = ber_finish(writer);

	if (error == 0)
		error =
		    arena_slice(in->arena, buffer_slice(writer->out), &value);
	if (error == 0)
		add(in, type, value);
	return error;
}

/* read_languages - read Content-Language, which was Language once */
static int
read_languages(struct in *in)
{
	struct slice value = value_of(in, "Content-Language");
	struct ber_writer writer;
	struct buffer out;
	size_t count;
	int error = 0;

	if (value.len == 0)
		value = value_of(in, "Language");
	buffer_init(&out, 1024);
	ber_writer_init(&writer, &out);
	count = languages_encode(&writer, value);
	if (count > 0)
		error = add_written(in, HEADING_OID_LANGUAGES, &writer);
	buffer_fini(&out);
	return error;
}

/* read_auto_submitted - read whether a program wrote the message */
static int
read_auto_submitted(struct in *in)
{
	struct slice value = value_of(in, "Auto-Submitted");
	struct ber_writer writer;
	struct buffer out;
	int number, error;

	if (value.len == 0)
		value = value_of(in, "Autosubmitted");
	if (mime_name_begins(value, "auto-replied"))
		number = 2;
	else if (mime_name_begins(value, "auto-"))
		number = 1;
	else if (mime_name_is(value, "no") ||
	    mime_name_is(value, "not-auto-submitted"))
		number = 0;
	else
		return 0;
	buffer_init(&out, 16);
	ber_writer_init(&writer, &out);
	ber_put_integer(&writer, BER_UNI(BER_ENUMERATED), number);
	error = add_written(in, HEADING_OID_AUTO_SUBMITTED, &writer);
	buffer_fini(&out);
	return error;
}

/* has_cut_id - tell whether a field has an identifier that the heading can only
 * have cut; our own ones come back however long they are */
static bool
has_cut_id(struct in *in, struct slice value)
{
	struct ipm_identifier made;
	struct slice *ids, text;
	size_t count;

	if (!message_id_any_is_long(value) ||
	    mime_address_ids(value, in->arena, &ids, &count) < 0)
		return false;
	for (size_t i = 0; i < count && i < CHECKED_IDS_MAX; i++)
		if (message_id_to_x400(in->mapping, ids[i], in->arena, &made) ==
			0 &&
		    message_id_to_internet(
			in->mapping, &made, in->arena, &text) == 0 &&
		    !slice_equal(text, ids[i]))
			return true;
	return false;
}

/* is_kept - tell whether a field belongs into the field list */
static bool
is_kept(struct in *in, const struct mime_field *field)
{
	/* True identifiers are kept where the heading has cut ones. */
	if (mime_name_is(field->name, "Message-ID") ||
	    mime_name_is(field->name, "In-Reply-To") ||
	    mime_name_is(field->name, "References") ||
	    mime_name_is(field->name, "Supersedes"))
		return has_cut_id(in, field->value);
	if (mime_name_is(field->name, "Content-Language"))
		return languages_are_long(field->value);
	return !heading_field_is_mapped(field->name);
}

/* keep_fields - put the fields that have no other place in the field list */
static int
keep_fields(struct in *in)
{
	struct mime_header kept = {.count = 0};
	struct slice value;
	int error;

	kept.fields =
	    arena_array(in->arena, in->header->count + 1, sizeof(*kept.fields));
	if (kept.fields == NULL)
		return arena_error(in->arena);
	for (size_t i = 0; i < in->header->count; i++)
		if (is_kept(in, &in->header->fields[i]))
			kept.fields[kept.count++] = in->header->fields[i];
	if (kept.count == 0)
		return 0;
	error = field_list_encode(&kept, in->arena, &value);
	if (error == 0)
		add(in, FIELD_LIST_OID, value);
	return error;
}

/* read_extensions - make the extensions */
static int
read_extensions(struct in *in, const struct multipart *multipart)
{
	struct slice value;
	int error;

	in->heading->extensions = arena_array(
	    in->arena, EXTENSIONS, sizeof(*in->heading->extensions));
	if (in->heading->extensions == NULL)
		return arena_error(in->arena);
	/* In RFC 2156 the field has no value. */
	if (mime_header_find(in->header, "Incomplete-Copy") != NULL &&
	    !mime_name_is(value_of(in, "Incomplete-Copy"), "FALSE"))
		add(in, HEADING_OID_INCOMPLETE_COPY, (struct slice){.len = 0});
	if ((error = read_languages(in)) < 0 ||
	    (error = read_auto_submitted(in)) < 0)
		return error;
	if (multipart != NULL) {
		error = multipart_encode(multipart, in->arena, &value);
		if (error < 0)
			return error;
		add(in, MULTIPART_OID, value);
	}
	return keep_fields(in);
}

/* heading_to_x400 - make the heading of a message */
int
heading_to_x400(const struct mapping *mapping, const struct mime_header *header,
    const struct multipart *multipart, struct arena *arena,
    struct ipm_heading *heading)
{
	struct in in = {.mapping = mapping,
	    .header = header,
	    .arena = arena,
	    .heading = heading};
	int error;

	ipm_heading_init(heading);
	if ((error = read_originator(&in)) < 0 ||
	    (error = read_descriptors(
		 &in, "Reply-To", &heading->reply_recipients)) < 0 ||
	    (error = read_recipients(&in, "To", &heading->primary)) < 0 ||
	    (error = read_recipients(&in, "Cc", &heading->copy)) < 0 ||
	    (error = read_blind(&in)) < 0 || (error = read_receipt(&in)) < 0 ||
	    (error = read_identifiers(&in)) < 0 ||
	    (error = read_subject(&in)) < 0)
		return error;
	drop_undisclosed(&heading->primary);
	drop_own_reply(&in);
	read_words(&in);
	return read_extensions(&in, multipart);
}
