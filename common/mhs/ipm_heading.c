/* SPDX-License-Identifier: ISC */
/*
 * ipm_heading.c - decode the heading of an interpersonal message (X.420 7.2)
 *
 * Contract in ipm.h.  The fields may come in any order, as a SET allows; a
 * field that we do not know is passed over, because later versions of X.420
 * added some.
 */
#include "ber/list.h"
#include "ber/time.h"
#include "mhs/charset.h"
#include "mhs/ipm.h"
#include "mhs/ipm_field.h"
#include "mhs/ipm_oid.h"

/* Counts of a list that was not bounded yet. */
#define CHECK(call)                         \
	do {                                \
		int check_error = (call);   \
		if (check_error < 0)        \
			return check_error; \
	} while (0)

/* ipm_heading_init - set up an empty heading of normal importance */
void
ipm_heading_init(struct ipm_heading *heading)
{
	*heading = (struct ipm_heading){
	    .expiry = IPM_NO_TIME,
	    .reply = IPM_NO_TIME,
	    .delivery = IPM_NO_TIME,
	    .importance = IPM_NORMAL,
	};
}

/* ipm_get_teletex - read a TeletexString as UTF-8 without controls */
int
ipm_get_teletex(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, struct slice *text)
{
	struct slice raw, utf8;

	CHECK(ber_get_octets(reader, el, name, IPM_HEADING_MAX, arena, &raw));
	/* A text longer than anybody shows is cut, and not refused. */
	if (raw.len > IPM_TEXT_MAX)
		raw.len = IPM_TEXT_MAX;
	CHECK(charset_t61_to_utf8(raw, arena, &utf8));
	return charset_no_controls(utf8, arena, text);
}

/* ipm_get_printable - read a PrintableString; any octets pass as Latin-1 */
int
ipm_get_printable(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, size_t max, struct arena *arena, struct slice *text)
{
	struct slice raw, utf8;

	CHECK(ber_get_octets(reader, el, name, max, arena, &raw));
	CHECK(charset_latin1_to_utf8(raw, arena, &utf8));
	return charset_no_controls(utf8, arena, text);
}

/* ipm_get_identifier - read an IPMIdentifier, whatever its tag */
int
ipm_get_identifier(const struct ber_reader *reader,
    const struct ber_element *el, const char *name, struct arena *arena,
    struct ipm_identifier *identifier)
{
	struct ipm_identifier id = {{0}, {0}};
	struct ber_reader inner;
	struct ber_element field;
	int result;

	CHECK(ber_enter(reader, el, &inner));
	while ((result = ber_next(&inner, &field)) > 0) {
		/* X.420: the user is optional, and the local part is whatever
		 * else stands there. */
		if (field.tag == BER_APP(0))
			id.user = field.whole;
		else
			CHECK(ipm_get_printable(&inner, &field, name,
			    IPM_IDENTIFIER_MAX, arena, &id.local));
	}
	if (result == 0)
		*identifier = id;
	return result;
}

/* ipm_get_descriptor - read an ORDescriptor, whatever its tag */
int
ipm_get_descriptor(const struct ber_reader *reader,
    const struct ber_element *el, const char *name, struct arena *arena,
    struct ipm_descriptor *descriptor)
{
	struct ipm_descriptor d = {{0}, {0}, {0}};
	struct ber_reader inner;
	struct ber_element field;
	int result;

	CHECK(ber_enter(reader, el, &inner));
	while ((result = ber_next(&inner, &field)) > 0) {
		if (field.tag == BER_APP(0))
			d.name = field.whole;
		else if (field.tag == BER_CTX(0))
			CHECK(ipm_get_teletex(
			    &inner, &field, name, arena, &d.free_form));
		else if (field.tag == BER_CTX(1))
			CHECK(ipm_get_printable(&inner, &field, name,
			    IPM_IDENTIFIER_MAX, arena, &d.telephone));
	}
	if (result == 0)
		*descriptor = d;
	return result;
}

/* get_recipient - read a RecipientSpecifier */
static int
get_recipient(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	struct ipm_recipient *recipient = item;
	struct ber_reader inner;
	struct ber_element field;
	size_t bits;
	int result;

	CHECK(ber_enter(reader, el, &inner));
	while ((result = ber_next(&inner, &field)) > 0) {
		if (field.tag == BER_CTX(0))
			CHECK(ipm_get_descriptor(&inner, &field, name, arena,
			    &recipient->descriptor));
		else if (field.tag == BER_CTX(1))
			CHECK(ber_get_bits(&inner, &field,
			    "notification-requests", &recipient->requests,
			    &bits));
		else if (field.tag == BER_CTX(2))
			CHECK(ber_get_boolean(&inner, &field, "reply-requested",
			    &recipient->reply_requested));
		else if (field.tag == BER_CTX(3))
			recipient->extensions = field.whole;
	}
	return result;
}

/* get_descriptor - read an ORDescriptor as a member of a list */
static int
get_descriptor(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	return ipm_get_descriptor(reader, el, name, arena, item);
}

/* get_identifier - read an IPMIdentifier as a member of a list */
static int
get_identifier(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	return ipm_get_identifier(reader, el, name, arena, item);
}

/* get_extension - read an IPMSExtension */
static int
get_extension(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	struct ipm_extension *extension = item;
	struct ber_reader inner;
	struct ber_element field;
	int result;

	(void)arena;
	CHECK(ber_enter(reader, el, &inner));
	CHECK(ber_expect(&inner, BER_UNI(BER_OID), name, &field));
	CHECK(ber_get_oid(&inner, &field, name, &extension->type));
	/* The value may be absent: its type alone says something then. */
	if ((result = ber_next(&inner, &field)) > 0)
		extension->value = field.whole;
	return result < 0 ? result : 0;
}

static const struct ber_list_kind descriptors = {
    .size = sizeof(struct ipm_descriptor),
    .most = IPM_LIST_MAX,
    .get = get_descriptor,
};
static const struct ber_list_kind recipients = {
    .size = sizeof(struct ipm_recipient),
    .most = IPM_LIST_MAX,
    .get = get_recipient,
};
static const struct ber_list_kind identifiers = {
    .size = sizeof(struct ipm_identifier),
    .most = IPM_LIST_MAX,
    .get = get_identifier,
};
static const struct ber_list_kind extensions = {
    .size = sizeof(struct ipm_extension),
    .most = IPM_LIST_MAX,
    .get = get_extension,
};

/* get_descriptors - read a list of ORDescriptor */
static int
get_descriptors(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, struct ipm_descriptors *list)
{
	size_t count;
	void *items;

	CHECK(ber_get_list(
	    reader, el, name, &descriptors, arena, &items, &count));
	*list = (struct ipm_descriptors){items, count};
	return 0;
}

/* get_recipients - read a list of RecipientSpecifier */
static int
get_recipients(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, struct ipm_recipients *list)
{
	size_t count;
	void *items;

	CHECK(
	    ber_get_list(reader, el, name, &recipients, arena, &items, &count));
	*list = (struct ipm_recipients){items, count};
	return 0;
}

/* get_identifiers - read a list of IPMIdentifier */
static int
get_identifiers(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, struct ipm_identifiers *list)
{
	size_t count;
	void *items;

	CHECK(ber_get_list(
	    reader, el, name, &identifiers, arena, &items, &count));
	*list = (struct ipm_identifiers){items, count};
	return 0;
}

/* get_subject - read the subject, explicitly tagged */
static int
get_subject(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_heading *heading)
{
	struct ber_element inner_el = *el;
	struct ber_reader inner = *reader;

	/* 1984 implementations are known to tag it implicitly. */
	if (el->constructed) {
		int result;

		CHECK(ber_enter(reader, el, &inner));
		if ((result = ber_next(&inner, &inner_el)) <= 0)
			return result < 0 ? result
					  : ber_error(reader, el, ERR_TRUNCATED,
						"subject", "nothing in it");
	}
	CHECK(ipm_get_teletex(
	    &inner, &inner_el, "subject", arena, &heading->subject));
	heading->has_subject = true;
	return 0;
}

/* ipm_get_time - read a UTCTime */
int
ipm_get_time(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, int64_t *seconds)
{
	struct slice text;

	CHECK(ber_get_octets(reader, el, name, 32, arena, &text));
	if (utc_time_parse(text, seconds) < 0)
		return ber_error(reader, el, ERR_VALUE, name, "not a time");
	return 0;
}

/* get_extended_subject - read the subject that T.61 could not express */
static int
get_extended_subject(struct slice value, struct arena *arena, struct diag *diag,
    struct slice *subject)
{
	struct ber_reader reader, inner;
	struct ber_element set, el;
	struct slice raw, utf8;
	int result;

	ber_reader_init(&reader, value, diag);
	if ((result = ber_next(&reader, &set)) <= 0)
		return result < 0 ? result : ERR_TRUNCATED;
	CHECK(ber_enter(&reader, &set, &inner));
	while ((result = ber_next(&inner, &el)) > 0) {
		if (el.tag != BER_UNI(BER_BMP_STRING) &&
		    el.tag != BER_UNI(BER_UNIVERSAL_STRING))
			continue;
		CHECK(ber_get_octets(&inner, &el, "extended-subject",
		    IPM_HEADING_MAX, arena, &raw));
		/* A text longer than anybody shows is cut, and not refused. */
		if (raw.len > IPM_TEXT_MAX)
			raw.len = IPM_TEXT_MAX;
		CHECK(el.tag == BER_UNI(BER_BMP_STRING)
			? charset_bmp_to_utf8(raw, arena, &utf8)
			: charset_universal_to_utf8(raw, arena, &utf8));
		return charset_no_controls(utf8, arena, subject);
	}
	return result;
}

/* get_extensions - read all and take the extended subject out */
static int
get_extensions(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_heading *heading, struct slice *subject)
{
	size_t count, kept = 0;
	struct ipm_extension *list;
	void *items;

	CHECK(ber_get_list(
	    reader, el, "extensions", &extensions, arena, &items, &count));
	list = items;
	for (size_t i = 0; i < count; i++) {
		/* X.420 defined the extension for subjects that T.61 cannot
		 * express: it replaces the subject and is not shown beside
		 * it. */
		if (slice_equal(list[i].type, IPM_OID_EXTENDED_SUBJECT) &&
		    list[i].value.len > 0)
			CHECK(get_extended_subject(
			    list[i].value, arena, reader->diag, subject));
		else
			list[kept++] = list[i];
	}
	heading->extensions = list;
	heading->extension_count = kept;
	return 0;
}

/* get_plain - read a field that is a number, a truth or a time */
static int
get_plain(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_heading *h)
{
	int64_t value;

	switch (el->tag) {
	case BER_CTX(9):
		return ipm_get_time(
		    reader, el, "expiry-time", arena, &h->expiry);
	case BER_CTX(10):
		return ipm_get_time(reader, el, "reply-time", arena, &h->reply);
	case BER_CTX(12):
		CHECK(ber_get_integer(reader, el, "importance", 0, 2, &value));
		h->importance = (enum ipm_importance)value;
		return 0;
	case BER_CTX(13):
		CHECK(ber_get_integer(reader, el, "sensitivity", 1, 3, &value));
		h->sensitivity = (enum ipm_sensitivity)value;
		return 0;
	case BER_CTX(14):
		return ber_get_boolean(
		    reader, el, "auto-forwarded", &h->auto_forwarded);
	default:
		return 0; /* of a later version */
	}
}

/* get_field - read one field of a heading */
static int
get_field(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_heading *h, struct slice *extended)
{
	switch (el->tag) {
	case BER_APP(11):
		return ipm_get_identifier(
		    reader, el, "this-IPM", arena, &h->this_ipm);
	case BER_CTX(0):
		h->has_originator = true;
		return ipm_get_descriptor(
		    reader, el, "originator", arena, &h->originator);
	case BER_CTX(1):
		return get_descriptors(
		    reader, el, "authorizing-users", arena, &h->authorizing);
	case BER_CTX(2):
		return get_recipients(
		    reader, el, "primary-recipients", arena, &h->primary);
	case BER_CTX(3):
		return get_recipients(
		    reader, el, "copy-recipients", arena, &h->copy);
	case BER_CTX(4):
		return get_recipients(
		    reader, el, "blind-copy-recipients", arena, &h->blind);
	case BER_CTX(5):
		h->has_replied_to = true;
		return ipm_get_identifier(
		    reader, el, "replied-to-IPM", arena, &h->replied_to);
	case BER_CTX(6):
		return get_identifiers(
		    reader, el, "obsoleted-IPMs", arena, &h->obsoleted);
	case BER_CTX(7):
		return get_identifiers(
		    reader, el, "related-IPMs", arena, &h->related);
	case BER_CTX(8):
		return get_subject(reader, el, arena, h);
	case BER_CTX(11):
		return get_descriptors(reader, el, "reply-recipients", arena,
		    &h->reply_recipients);
	case BER_CTX(15):
		return get_extensions(reader, el, arena, h, extended);
	default:
		return get_plain(reader, el, arena, h);
	}
}

/* keep_field - note one field of a heading, or that it is not readable
 *
 * A number out of range in one field must not hide the text of the message.
 */
static int
keep_field(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_heading *h, struct slice *extended)
{
	struct ipm_heading before = *h;
	struct ber_reader quiet = *reader;
	int error;

	/* Errors of a single field are not the diagnosis of the heading. */
	quiet.diag = NULL;
	error = get_field(&quiet, el, arena, h, extended);
	/* Lack of memory is no fault of the field: the message is tried
	 * again. */
	if (error == ERR_NOMEM || (error < 0 && arena->error != 0))
		return error;
	if (error < 0) {
		/* Half a field is none. */
		*h = before;
		h->unreadable_fields++;
	}
	return 0;
}

/* ipm_heading_decode - decode the heading in a whole Heading element */
int
ipm_heading_decode(struct slice octets, struct arena *arena,
    struct ipm_heading *heading, struct diag *diag)
{
	struct ipm_heading h;
	struct slice extended = {0};
	struct ber_reader reader, inner;
	struct ber_element set, field;
	int result;

	if (octets.len > IPM_HEADING_MAX)
		return diag_set(
		    diag, ERR_LIMIT, "heading of %zu octets", octets.len);
	ipm_heading_init(&h);
	ber_reader_init(&reader, octets, diag);
	CHECK(ber_expect(&reader, BER_UNI(BER_SET), "heading", &set));
	CHECK(ber_enter(&reader, &set, &inner));
	while ((result = ber_next(&inner, &field)) > 0)
		CHECK(keep_field(&inner, &field, arena, &h, &extended));
	if (result < 0)
		return result;
	/* Set behind the loop, as a SET may have the subject after its
	 * extension. */
	if (extended.len > 0) {
		h.subject = extended;
		h.has_subject = true;
	}
	*heading = h;
	return 0;
}
