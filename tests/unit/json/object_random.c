/* SPDX-License-Identifier: ISC */
/*
 * object_random.c - contents drawn from a seed
 *
 * Contract in object_random.h.
 */
#include "tests/unit/json/object_random.h"

#include "mhs/ipm_encode.h"
#include "tests/unit/test.h"

#define PARTS_MAX 5
#define LIST_MAX  4
#define TIME_BASE 1790000000

/* The memory that one content is drawn in. */
struct drawing {
	struct or_random *random;
	struct arena *arena;
};

/* below - draw a number below a limit */
static unsigned
below(struct drawing *d, unsigned limit)
{
	return or_random_below(d->random, limit);
}

/* object_random_name - draw an O/R name that text can say */
struct or_name
object_random_name(struct or_random *random, struct arena *arena)
{
	struct or_name name = {.directory_name = {.len = 0}};
	struct or_address address;
	char *text;

	/* The address is the one that its text says: blanks at the ends of
	 * a value, which mean nothing, are not in a text. */
	for (;;) {
		if (!or_random_address(random, arena, &address))
			continue;
		text = or_address_format(&address, OR_STYLE_F401, arena);
		ck_assert_ptr_nonnull(text);
		if (or_address_parse(
			slice_of_string(text), arena, &name.address, NULL) == 0)
			return name;
	}
}

/* draw_octets - draw some octets */
static struct slice
draw_octets(struct drawing *d, unsigned most)
{
	size_t len = below(d, most + 1);
	uint8_t *octets = arena_alloc(d->arena, len + 1);

	ck_assert_ptr_nonnull(octets);
	for (size_t i = 0; i < len; i++)
		octets[i] = (uint8_t)below(d, 256);
	return slice_of(octets, len);
}

/* draw_element - draw a BER element under a tag */
static struct slice
draw_element(struct drawing *d, uint32_t tag)
{
	struct ber_writer writer;
	struct slice octets;
	struct buffer out;

	buffer_init(&out, 4096);
	ber_writer_init(&writer, &out);
	if (below(d, 2) == 0) {
		ber_put(&writer, tag, draw_octets(d, 60));
	} else {
		ber_begin(&writer, tag);
		ber_put(&writer, BER_UNI(BER_OCTET_STRING), draw_octets(d, 60));
		ber_put_integer(
		    &writer, BER_UNI(BER_INTEGER), (int)below(d, 1000));
		ber_end_element(&writer);
	}
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(d->arena, buffer_slice(&out), &octets), 0);
	buffer_fini(&out);
	return octets;
}

/* draw_ber_name - draw an O/R name as a whole ORName */
static struct slice
draw_ber_name(struct drawing *d)
{
	struct or_name name = object_random_name(d->random, d->arena);
	struct ber_writer writer;
	struct slice octets;
	struct buffer out;

	buffer_init(&out, 2 * OR_ADDRESS_MAX);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, &name);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(d->arena, buffer_slice(&out), &octets), 0);
	buffer_fini(&out);
	return octets;
}

/* draw_text - draw a text in which characters of one kind stand: of ASCII, of
 * Latin-1, of Unicode */
static struct slice
draw_text(struct drawing *d, unsigned most)
{
	static const char *const words[] = {"Hello ", "a line\r\n", "=;/ \t",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e ",
	    "\xc3\xa9t\xc3\xa9\r\n", "\xe2\x82\xac ", "\xd0\x98\xd0\xb2 \r\n"};
	unsigned kinds = 1 + below(d, 3), count = below(d, most);
	struct buffer out;
	struct slice text;
	const char *word;

	buffer_init(&out, (size_t)1024 * 1024);
	for (unsigned i = 0; i < count; i++) {
		word = words[below(d, kinds == 1 ? 3 : kinds == 2 ? 5 : 7)];
		ck_assert_int_eq(buffer_append(&out, word, strlen(word)), 0);
	}
	ck_assert_int_eq(arena_slice(d->arena, buffer_slice(&out), &text), 0);
	buffer_fini(&out);
	return text;
}

/* draw_subject - draw a text of one line */
static struct slice
draw_subject(struct drawing *d)
{
	static const char *const subjects[] = {"", "Test",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e",
	    "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd \xe2\x82\xac",
	    "A subject that has more than the sixteen characters of an id"};

	return slice_of_string(subjects[below(d, 5)]);
}

/* draw_identifier - draw an IPMIdentifier */
static struct ipm_identifier
draw_identifier(struct drawing *d)
{
	struct ipm_identifier identifier = {.local = {.len = 0}};

	if (below(d, 3) > 0)
		identifier.user = draw_ber_name(d);
	identifier.local =
	    slice_of_string(arena_printf(d->arena, "id %u", below(d, 100000)));
	return identifier;
}

/* draw_descriptor - draw an ORDescriptor */
static struct ipm_descriptor
draw_descriptor(struct drawing *d)
{
	struct ipm_descriptor descriptor = {.name = {.len = 0}};

	if (below(d, 4) > 0)
		descriptor.name = draw_ber_name(d);
	if (below(d, 3) == 0 || descriptor.name.len == 0)
		descriptor.free_form = slice_of_string("Jos\xc3\xa9 Doe");
	if (below(d, 4) == 0)
		descriptor.telephone = slice_of_string("+49 30 1234");
	return descriptor;
}

/* draw_recipients - draw a list of recipients of a heading */
static struct ipm_recipients
draw_recipients(struct drawing *d)
{
	static const char precedence[] =
	    "\xa3\x0b\x30\x09\x06\x04\x56\x01\x14\x01\x02\x01\x65";
	size_t count = below(d, LIST_MAX);
	struct ipm_recipient *list =
	    arena_array(d->arena, count + 1, sizeof(*list));

	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < count; i++) {
		list[i].descriptor = draw_descriptor(d);
		list[i].requests = below(d, 8) << 29;
		list[i].reply_requested = below(d, 2) == 0;
		if (below(d, 3) == 0)
			list[i].extensions =
			    slice_of(precedence, sizeof(precedence) - 1);
	}
	return (struct ipm_recipients){list, count};
}

/* draw_descriptors - draw a list of users */
static struct ipm_descriptors
draw_descriptors(struct drawing *d)
{
	size_t count = below(d, LIST_MAX);
	struct ipm_descriptor *list =
	    arena_array(d->arena, count + 1, sizeof(*list));

	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < count; i++)
		list[i] = draw_descriptor(d);
	return (struct ipm_descriptors){list, count};
}

/* draw_identifiers - draw a list of messages */
static struct ipm_identifiers
draw_identifiers(struct drawing *d)
{
	size_t count = below(d, LIST_MAX);
	struct ipm_identifier *list =
	    arena_array(d->arena, count + 1, sizeof(*list));

	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < count; i++)
		list[i] = draw_identifier(d);
	return (struct ipm_identifiers){list, count};
}

/* draw_extensions - draw extensions of a heading, of which two are members of
 * their own */
static void
draw_extensions(struct drawing *d, struct ipm_heading *heading)
{
	struct ipm_extension *list =
	    arena_array(d->arena, LIST_MAX, sizeof(*list));
	size_t count = 0;

	ck_assert_ptr_nonnull(list);
	if (below(d, 2) == 0)
		list[count++] =
		    (struct ipm_extension){slice_of("\x56\x01\x05\x05", 4),
			slice_of("\x17\x0d"
				 "261129120000Z",
			    15)};
	if (below(d, 2) == 0)
		list[count++] =
		    (struct ipm_extension){slice_of("\x56\x01\x05\x0b", 4),
			slice_of("\x31\x06\x1e\x04\x00\x41\x20\xac", 8)};
	if (below(d, 2) == 0)
		list[count++] = (struct ipm_extension){
		    slice_of("\x2b\x06\x01\x04\x01\x83\xb2\x03\x07", 9),
		    draw_element(d, BER_CTX(below(d, 50)))};
	heading->extensions = list;
	heading->extension_count = count;
}

/* draw_heading - draw a heading */
static void
draw_heading(struct drawing *d, struct ipm_heading *h)
{
	ipm_heading_init(h);
	h->this_ipm = draw_identifier(d);
	h->has_originator = below(d, 4) > 0;
	if (h->has_originator)
		h->originator = draw_descriptor(d);
	h->authorizing = draw_descriptors(d);
	h->primary = draw_recipients(d);
	h->copy = draw_recipients(d);
	h->blind = draw_recipients(d);
	h->has_replied_to = below(d, 2) == 0;
	if (h->has_replied_to)
		h->replied_to = draw_identifier(d);
	h->obsoleted = draw_identifiers(d);
	h->related = draw_identifiers(d);
	h->has_subject = below(d, 4) > 0;
	if (h->has_subject)
		h->subject = draw_subject(d);
	if (below(d, 3) == 0)
		h->expiry = TIME_BASE + (int)below(d, 100000);
	if (below(d, 3) == 0)
		h->reply = TIME_BASE + (int)below(d, 100000);
	h->reply_recipients = draw_descriptors(d);
	h->importance = (enum ipm_importance)below(d, 3);
	h->sensitivity = (enum ipm_sensitivity)below(d, 4);
	h->auto_forwarded = below(d, 5) == 0;
	if (below(d, 2) == 0)
		draw_extensions(d, h);
}

/* draw_part - draw a body part and its octets, as they travel */
static void
draw_part(struct drawing *d, struct ipm_outgoing *part, struct buffer *octets)
{
	struct ipm_scan scan;
	struct slice raw = {.len = 0};
	unsigned state = 0;

	*part = (struct ipm_outgoing){.modified = IPM_NO_TIME};
	part->form = (enum ipm_form)below(d, IPM_FORM_EXTENDED + 1);
	switch (part->form) {
	case IPM_FORM_TEXT:
		raw = draw_text(d, below(d, 20) == 0 ? 12000 : 30);
		ipm_scan_init(&scan);
		ipm_scan_push(&scan, raw);
		part->repertoire = ipm_scan_finish(&scan, &part->length);
		ck_assert_int_eq(
		    ipm_scan_convert(&scan, &state, raw, octets), 0);
		return;
	case IPM_FORM_FILE:
		part->filename =
		    slice_of_string(below(d, 2) == 0 ? "Gr\xc3\xbc\xc3\x9f"
						       "e.txt"
						     : "");
		if (below(d, 2) == 0)
			part->modified = TIME_BASE;
		raw = draw_octets(d, 3000);
		break;
	case IPM_FORM_BILATERALLY:
		raw = draw_octets(d, 300);
		break;
	case IPM_FORM_RAW:
		raw = below(d, 2) == 0
		    ? slice_of("\xa3\x08\x31\x00\x30\x04\x03\x02\x00\x55", 10)
		    : slice_of("\xa7\x10\x31\x00\x30\x0c\x31\x06\x6b\x04\x13"
			       "\x02id\x30\x02\xa1\x00",
			  18);
		break;
	case IPM_FORM_EXTENDED:
		part->oid = slice_of("\x56\x01\x04\x10", 4);
		if (below(d, 2) == 0)
			part->parameters = slice_of(
			    "\xa0\x0a\x06\x04\x56\x01\x0b\x10\xa0\x02\x05\x00",
			    12);
		part->aligned = below(d, 2) == 0;
		raw = part->aligned ? draw_octets(d, 100)
				    : draw_element(d, BER_UNI(BER_SEQUENCE));
		break;
	}
	part->length = raw.len;
	ck_assert_int_eq(buffer_append(octets, raw.data, raw.len), 0);
}

/* draw_message - append a message of P2 or P22; the type */
static int
draw_message(struct drawing *d, struct buffer *out)
{
	struct ipm_outgoing parts[PARTS_MAX];
	struct buffer octets[PARTS_MAX];
	size_t count = below(d, PARTS_MAX + 1);
	struct ipm_heading heading;
	struct ipm_encoder encoder;
	struct slice prefix;
	struct diag diag = {0};
	int type;

	draw_heading(d, &heading);
	for (size_t i = 0; i < count; i++) {
		buffer_init(&octets[i], (size_t)1024 * 1024);
		draw_part(d, &parts[i], &octets[i]);
	}
	type = ipm_type(&heading, parts, count);
	ck_assert_msg(ipm_encoder_init(
			  &encoder, &heading, parts, count, type, &diag) == 0,
	    "%s", diag_text(&diag));
	for (size_t i = 0; i < (count > 0 ? count : 1); i++) {
		prefix = ipm_encoder_prefix(&encoder, i);
		ck_assert_int_eq(
		    buffer_append(out, prefix.data, prefix.len), 0);
		if (i < count) {
			struct slice body = buffer_slice(&octets[i]);

			ck_assert_int_eq(
			    buffer_append(out, body.data, body.len), 0);
			buffer_fini(&octets[i]);
		}
	}
	ipm_encoder_fini(&encoder);
	return type;
}

/* draw_notification - append a notification */
static void
draw_notification(struct drawing *d, struct buffer *out)
{
	struct ipm_notification n = {
	    .kind = (enum ipm_notification_kind)below(d, 3),
	    .subject_ipm = draw_identifier(d),
	    .receipt_time = IPM_NO_TIME,
	    .reason = -1,
	    .discard_reason = -1};

	if (below(d, 2) == 0)
		n.originator = draw_descriptor(d);
	if (below(d, 2) == 0)
		n.intended = draw_descriptor(d);
	if (n.kind == IPM_RECEIPT) {
		n.receipt_time = TIME_BASE;
		n.automatic = below(d, 2) == 0;
	} else if (n.kind == IPM_NON_RECEIPT) {
		n.reason = (int)below(d, 2);
		n.discard_reason = (int)below(d, 5) - 1;
		if (below(d, 2) == 0)
			n.comment = slice_of_string("on leave");
	}
	ck_assert_int_eq(ipm_notification_encode(&n, out), 0);
}

/* object_random_content - append the content of a message */
int
object_random_content(
    struct or_random *random, struct arena *arena, struct buffer *out)
{
	struct drawing d = {random, arena};

	if (below(&d, 8) > 0)
		return draw_message(&d, out);
	draw_notification(&d, out);
	return IPM_P22;
}

/* draw_reported - draw what a report says of one recipient */
static void
draw_reported(struct drawing *d, struct report_recipient *r)
{
	report_recipient_init(r);
	r->actual = object_random_name(d->random, d->arena);
	r->number = (int)below(d, 100);
	r->indicators = P1_RESPONSIBILITY | P1_MTA_REPORT |
	    (below(d, 2) == 0 ? P1_ORIGINATOR_REPORT : 0);
	r->arrival = TIME_BASE;
	r->delivered = below(d, 2) == 0;
	if (r->delivered) {
		r->delivery_time = TIME_BASE + 5;
		r->user_type = (int)below(d, 6);
	} else {
		r->reason = (int)below(d, 9);
		r->diagnostic = (int)below(d, 50) - 1;
	}
	r->has_intended = below(d, 3) == 0;
	if (r->has_intended)
		r->intended = object_random_name(d->random, d->arena);
	if (below(d, 2) == 0)
		r->supplementary = slice_of_string("no such mailbox");
	if (below(d, 3) == 0)
		r->converted_eits = slice_of("\x65\x04\x80\x02\x05\x20", 6);
	if (below(d, 3) == 0)
		ck_assert_int_eq(extension_set(&r->extensions, d->arena, 28, 0,
				     draw_element(d, BER_UNI(BER_SEQUENCE))),
		    0);
}

/* object_random_report - append the content of a report */
void
object_random_report(
    struct or_random *random, struct arena *arena, struct buffer *out)
{
	struct drawing d = {random, arena};
	struct report report;

	report_init(&report);
	report.subject.domain =
	    (struct global_domain){.country = slice_of_string("FR"),
		.admd = slice_of_string(below(&d, 2) == 0 ? "ATLAS" : " "),
		.prmd = slice_of_string(below(&d, 2) == 0 ? "ACME" : "")};
	report.subject.local =
	    slice_of_string(arena_printf(arena, "P=%u;x]", below(&d, 10000)));
	report.recipient_count = 1 + below(&d, LIST_MAX);
	report.recipients = arena_array(
	    arena, report.recipient_count, sizeof(*report.recipients));
	ck_assert_ptr_nonnull(report.recipients);
	for (size_t i = 0; i < report.recipient_count; i++)
		draw_reported(&d, &report.recipients[i]);
	report.has_content_type = below(&d, 2) == 0;
	report.content_type.built_in = P1_CONTENT_P22;
	if (below(&d, 2) == 0)
		report.content_identifier = slice_of_string("a letter");
	if (below(&d, 2) == 0)
		report.original_eits = slice_of("\x65\x04\x80\x02\x05\x20", 6);
	report.has_content = below(&d, 2) == 0;
	if (report.has_content)
		report.content = draw_octets(&d, 500);
	if (below(&d, 2) == 0)
		ck_assert_int_eq(extension_set(&report.extensions, arena, 33, 0,
				     draw_element(&d, BER_UNI(BER_SEQUENCE))),
		    0);
	ck_assert_int_eq(report_encode(&report, EXTENSION_IMPLICIT, out), 0);
}
