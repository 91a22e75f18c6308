/* SPDX-License-Identifier: ISC */
/*
 * p1_test.c - envelopes as another MTA sent them, and as we make them
 */
#include <stdio.h>

#include "ber/time.h"
#include "mhs/p1.h"
#include "tests/identifier.h"
#include "tests/unit/mhs/apdu.h"
#include "tests/unit/test.h"

/* The captures of an independent MTA, with what its own decoder says. */
static const struct capture {
	const char *file;
	const char *identifier;
	const char *content_identifier;
	const char *time;
	size_t recipients;
	const char *recipient; /* surname of the first */
	const char *prmd;      /* of the recipients */
	int content_type;
	size_t content;
	size_t internal;
	size_t extensions;
} captures[] = {
    {"p1-88-message-1recip", "[C=GB;A= ;P=TESTA;a.test.211:22.10.26.17.29.51]",
	"one-recip", "261122172951Z", 1, "u1", "TESTB", 22, 187, 2, 1},
    {"p1-88-message-3recips", "[C=GB;A= ;P=TESTA;a.test.623:22.10.26.17.31.44]",
	"three-recips", "261122173144Z", 3, "u1", "TESTB", 22, 264, 2, 1},
    {"p1-88-message-24KB-checkpoints",
	"[C=GB;A= ;P=TESTA;a.test.167:22.10.26.17.45.58]", "big",
	"261122174558Z", 1, "u4", "TESTB", 22, 24306, 2, 1},
    {"p1-88-x410-mode-message",
	"[C=GB;A= ;P=TESTA;a.test.036:22.10.26.17.33.41]", "mode410",
	"261122173341Z", 1, "u1", "TESTB410", 22, 188, 2, 1},
    {"p1-84-message", "[C=GB;A= ;P=TESTA;a.test.310:22.10.26.17.34.25]",
	"mode84", "261122173425Z", 1, "u1", "TESTB84", 2, 186, 0, 0},
};

#define CAPTURES (sizeof(captures) / sizeof(captures[0]))

/* check_capture - compare one envelope with what is known of it */
static void
check_capture(const struct p1_envelope *envelope, const struct capture *capture)
{
	char text[MTS_IDENTIFIER_TEXT], time[UTC_TIME_LEN + 1];
	const struct slice *attribute;
	size_t i;

	mts_identifier_format(&envelope->identifier, text);
	ck_assert_str_eq(text, capture->identifier);
	attribute = envelope->originator.address.attribute;
	ck_assert(slice_equal_string(attribute[OR_COUNTRY], "GB"));
	ck_assert(slice_equal_string(attribute[OR_ADMD], " "));
	ck_assert(slice_equal_string(attribute[OR_PRMD], "TESTA"));
	ck_assert(slice_equal_string(attribute[OR_ORGANIZATION], "A"));
	ck_assert(slice_equal_string(attribute[OR_SURNAME], "pp"));
	ck_assert_uint_eq(attribute[OR_GIVEN].len, 0);
	ck_assert_int_eq(
	    envelope->content_type.built_in, capture->content_type);
	ck_assert(slice_equal_string(
	    envelope->content_identifier, capture->content_identifier));
	ck_assert_int_eq(envelope->priority, P1_NORMAL);
	ck_assert(envelope->deferred_time == P1_NO_TIME);
	ck_assert_uint_eq(envelope->trace.count, 2);
	for (i = 0; i < 2; i++) {
		utc_time_format(envelope->trace.elements[i].arrival, time);
		ck_assert_str_eq(time, capture->time);
		ck_assert_int_eq(
		    envelope->trace.elements[i].action, TRACE_RELAYED);
		ck_assert(slice_equal_string(
		    envelope->trace.elements[i].domain.prmd, "TESTA"));
	}
	ck_assert_uint_eq(envelope->internal_trace.count, capture->internal);
	for (i = 0; i < capture->internal; i++)
		ck_assert(slice_equal_string(
		    envelope->internal_trace.elements[i].mta, "a.test"));
	ck_assert_uint_eq(envelope->extensions.count, capture->extensions);
	if (capture->extensions != 0)
		ck_assert_ptr_nonnull(extension_find(
		    &envelope->extensions, EXTENSION_CONTENT_CORRELATOR));
	ck_assert_uint_eq(envelope->recipient_count, capture->recipients);
	for (i = 0; i < capture->recipients; i++) {
		attribute = envelope->recipients[i].name.address.attribute;
		ck_assert(
		    slice_equal_string(attribute[OR_PRMD], capture->prmd));
		ck_assert(slice_equal_string(attribute[OR_ORGANIZATION], "B"));
		ck_assert_uint_eq(attribute[OR_SURNAME].len, 2);
		ck_assert_uint_eq(attribute[OR_SURNAME].data[1],
		    (size_t)capture->recipient[1] + i);
		/* The capture has the same number for every recipient. */
		ck_assert_int_eq(envelope->recipients[i].number, 1);
		ck_assert_uint_eq(envelope->recipients[i].indicators,
		    P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
			P1_ORIGINATOR_NON_DELIVERY_REPORT);
	}
}

/* Each captured message is read as its sender meant it. */
START_TEST(captured)
{
	const struct capture *capture = &captures[_i];
	struct apdu apdu;

	apdu_read(&apdu, capture->file);
	check_capture(&apdu.envelope, capture);
	ck_assert_uint_eq(buffer_length(&apdu.content), capture->content);
	apdu_fini(&apdu);
}
END_TEST

/* An envelope that we encode again says the same, and a further round changes
 * nothing. */
START_TEST(encoded_again)
{
	const struct capture *capture = &captures[_i];
	struct p1_envelope again;
	struct buffer one, two;
	struct apdu apdu;
	struct arena arena;
	struct diag diag;
	unsigned tagging;

	apdu_read(&apdu, capture->file);
	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&one, P1_ENVELOPE_MAX);
	buffer_init(&two, P1_ENVELOPE_MAX);
	for (tagging = EXTENSION_IMPLICIT; tagging <= EXTENSION_EXPLICIT;
	     tagging++) {
		buffer_reset(&one);
		buffer_reset(&two);
		ck_assert_int_eq(p1_encode(&apdu.envelope, tagging, &one), 0);
		diag_clear(&diag);
		ck_assert_msg(p1_decode(MTS_MESSAGE, buffer_slice(&one), &arena,
				  &again, &diag) == 0,
		    "%s", diag.text);
		check_capture(&again, capture);
		ck_assert_int_eq(p1_encode(&again, tagging, &two), 0);
		ck_assert(slice_equal(buffer_slice(&one), buffer_slice(&two)));
	}
	buffer_fini(&one);
	buffer_fini(&two);
	arena_fini(&arena);
	apdu_fini(&apdu);
}
END_TEST

/* A cut anywhere is an error that says so, and nothing worse. */
START_TEST(truncated)
{
	struct p1_envelope envelope;
	struct slice octets;
	struct arena arena;
	struct apdu apdu;
	struct diag diag;
	uint8_t *copy;
	size_t len;
	int error;

	apdu_read(&apdu, captures[_i].file);
	octets = buffer_slice(&apdu.octets);
	arena_init(&arena, P1_ARENA_MAX);
	for (len = 0; len < octets.len; len++) {
		/* Of its own size, so that a sanitizer sees the end. */
		copy = malloc(len + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, octets.data, len);
		diag_clear(&diag);
		error = p1_decode(
		    MTS_MESSAGE, slice_of(copy, len), &arena, &envelope, &diag);
		ck_assert_int_eq(error, ERR_TRUNCATED);
		ck_assert_uint_ne(strlen(diag.text), 0);
		free(copy);
		arena_reset(&arena);
	}
	arena_fini(&arena);
	apdu_fini(&apdu);
}
END_TEST

/* text - make a slice of a literal */
static struct slice
text(const char *string)
{
	return slice_of_string(string);
}

/* make_name - make an O/R name from text */
static void
make_name(struct or_name *name, const char *address, struct arena *arena)
{
	struct diag diag;

	diag_clear(&diag);
	memset(name, 0, sizeof(*name));
	ck_assert_msg(
	    or_address_parse(text(address), arena, &name->address, &diag) == 0,
	    "%s", diag.text);
}

/* make - make an envelope of our own with this many recipients */
static void
make(struct p1_envelope *envelope, enum mts_kind kind, size_t recipients,
    struct arena *arena)
{
	struct global_domain domain = {
	    text("DE"), text("VIAT"), text("ACME"), false, false, false};
	char address[64];
	size_t i;

	p1_init(envelope, kind);
	envelope->identifier.domain = domain;
	envelope->identifier.local = text("0001");
	make_name(
	    &envelope->originator, "G=Jo;S=Doe;O=X;P=ACME;A=VIAT;C=DE", arena);
	envelope->content_type.built_in = P1_CONTENT_P22;
	ck_assert_int_eq(p1_stamp(envelope, arena, &domain, text("MTA-1"),
			     1700000000, TRACE_RELAYED),
	    0);
	if (kind == MTS_REPORT)
		return;
	envelope->recipients =
	    arena_array(arena, recipients, sizeof(*envelope->recipients));
	ck_assert_ptr_nonnull(envelope->recipients);
	envelope->recipient_count = recipients;
	for (i = 0; i < recipients; i++) {
		(void)snprintf(
		    address, sizeof(address), "S=u%zu;P=B;A=ATLAS;C=FR", i);
		make_name(&envelope->recipients[i].name, address, arena);
		envelope->recipients[i].number = (int)i + 1;
		envelope->recipients[i].indicators =
		    P1_RESPONSIBILITY | P1_ORIGINATOR_REPORT;
		envelope->recipients[i].explicit_conversion = -1;
	}
}

/* again - encode and decode */
static void
again(const struct p1_envelope *from, struct p1_envelope *to,
    struct buffer *octets, struct arena *arena)
{
	struct diag diag;

	diag_clear(&diag);
	ck_assert_int_eq(p1_encode(from, EXTENSION_IMPLICIT, octets), 0);
	ck_assert_msg(
	    p1_decode(from->kind, buffer_slice(octets), arena, to, &diag) == 0,
	    "%s", diag.text);
}

/* All that a message may say comes back. */
START_TEST(message)
{
	struct p1_envelope envelope, got;
	struct buffer octets;
	struct arena arena;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	make(&envelope, MTS_MESSAGE, 2, &arena);
	envelope.priority = P1_URGENT;
	envelope.indicators = P1_CONTENT_RETURN_REQUEST;
	envelope.deferred_time = 1800000000;
	envelope.content_identifier = text("id 1");
	envelope.recipients[1].explicit_conversion = 11;
	ck_assert_int_eq(p1_set_latest_delivery_time(
			     &envelope.extensions, &arena, 1900000000),
	    0);
	again(&envelope, &got, &octets, &arena);
	ck_assert_int_eq(got.kind, MTS_MESSAGE);
	ck_assert_int_eq(got.priority, P1_URGENT);
	ck_assert_int_eq(p1_priority_rank(got.priority), 0);
	ck_assert_uint_eq(got.indicators, P1_CONTENT_RETURN_REQUEST);
	ck_assert_int_eq(got.deferred_time, 1800000000);
	ck_assert_int_eq(p1_latest_delivery_time(&got), 1900000000);
	ck_assert(slice_equal_string(got.content_identifier, "id 1"));
	ck_assert_int_eq(got.recipients[0].explicit_conversion, -1);
	ck_assert_int_eq(got.recipients[1].explicit_conversion, 11);
	ck_assert_int_eq(got.recipients[1].number, 2);
	ck_assert_int_eq(or_address_compare(&got.originator.address,
			     &envelope.originator.address),
	    0);
	ck_assert_uint_eq(got.trace.count, 1);
	ck_assert_int_eq(got.trace.elements[0].arrival, 1700000000);
	ck_assert(
	    slice_equal_string(got.internal_trace.elements[0].mta, "MTA-1"));
	ck_assert(identifier_same(&got.identifier, &envelope.identifier));
	buffer_fini(&octets);
	arena_fini(&arena);
}
END_TEST

/* find - find octets in an envelope */
static uint8_t *
find(struct slice octets, const void *what, size_t len)
{
	uint8_t *at = memmem(octets.data, octets.len, what, len);

	ck_assert_ptr_nonnull(at);
	return at;
}

/* per-recipient-indicators are eight bits (X.411, SIZE (8)): more are not sent
 * on, and bits that a peer says are not used come back as ours. */
START_TEST(eight_indicators)
{
	static const uint8_t eight[] = {0x81, 2, 0, 0x88},
			     five[] = {0x81, 2, 3, 0x88};
	struct p1_envelope envelope, got;
	struct buffer octets;
	struct slice encoded;
	struct arena arena;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	make(&envelope, MTS_MESSAGE, 1, &arena);
	envelope.recipients[0].indicators =
	    P1_RESPONSIBILITY | P1_ORIGINATOR_NON_DELIVERY_REPORT | BER_BIT(8);
	again(&envelope, &got, &octets, &arena);
	ck_assert_int_eq(
	    arena_slice(&arena, buffer_slice(&octets), &encoded), 0);
	memcpy(find(encoded, eight, sizeof(eight)), five, sizeof(five));
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, encoded, &arena, &got, NULL), 0);
	ck_assert_uint_eq(got.recipients[0].indicators,
	    P1_RESPONSIBILITY | P1_ORIGINATOR_NON_DELIVERY_REPORT);
	buffer_reset(&octets);
	ck_assert_int_eq(p1_encode(&got, EXTENSION_IMPLICIT, &octets), 0);
	(void)find(buffer_slice(&octets), eight, sizeof(eight));
	buffer_fini(&octets);
	arena_fini(&arena);
}
END_TEST

/* A probe has a length and no content; a report neither recipients. */
START_TEST(probe_and_report)
{
	struct p1_envelope envelope, got;
	struct buffer octets;
	struct arena arena;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	make(&envelope, MTS_PROBE, 1, &arena);
	envelope.content_length = 123456;
	again(&envelope, &got, &octets, &arena);
	ck_assert_int_eq(got.content_length, 123456);
	ck_assert(got.deferred_time == P1_NO_TIME);
	buffer_reset(&octets);
	make(&envelope, MTS_REPORT, 0, &arena);
	again(&envelope, &got, &octets, &arena);
	ck_assert_int_eq(got.kind, MTS_REPORT);
	ck_assert_uint_eq(got.recipient_count, 0);
	ck_assert_uint_eq(got.internal_trace.count, 1);
	ck_assert_int_eq(or_address_compare(&got.originator.address,
			     &envelope.originator.address),
	    0);
	/* Neither is read as the other. */
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, buffer_slice(&octets), &arena, &got, NULL),
	    ERR_SYNTAX);
	buffer_fini(&octets);
	arena_fini(&arena);
}
END_TEST

/* Copies for different links share out the responsibility. */
START_TEST(copies)
{
	static const uint32_t mine[] = {1, 3};
	struct p1_envelope envelope, got;
	struct buffer octets;
	struct arena arena;
	size_t i;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	make(&envelope, MTS_MESSAGE, 5, &arena);
	ck_assert_uint_eq(p1_responsible(&envelope), 5);
	ck_assert_int_eq(
	    p1_copy_for(&envelope, mine, 2, EXTENSION_IMPLICIT, &octets), 0);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, buffer_slice(&octets), &arena, &got, NULL),
	    0);
	ck_assert_uint_eq(got.recipient_count, 5);
	ck_assert_uint_eq(p1_responsible(&got), 2);
	for (i = 0; i < 5; i++)
		ck_assert_uint_eq(got.recipients[i].indicators,
		    (i == 1 || i == 3 ? P1_RESPONSIBILITY : 0) |
			P1_ORIGINATOR_REPORT);
	buffer_reset(&octets);
	ck_assert_int_eq(
	    p1_copy_for(&envelope, NULL, 0, EXTENSION_IMPLICIT, &octets), 0);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, buffer_slice(&octets), &arena, &got, NULL),
	    0);
	ck_assert_uint_eq(p1_responsible(&got), 0);
	buffer_fini(&octets);
	arena_fini(&arena);
}
END_TEST

/* The greatest number of recipients passes, one more does not. */
START_TEST(many_recipients)
{
	struct p1_envelope envelope, got;
	struct p1_recipient *recipients;
	struct buffer octets;
	struct arena arena, other;
	struct diag diag;
	size_t i;

	arena_init(&arena, P1_ARENA_MAX);
	arena_init(&other, P1_ARENA_MAX);
	buffer_init(&octets, 4 * P1_ENVELOPE_MAX);
	make(&envelope, MTS_MESSAGE, 1, &arena);
	/* As short as can be, so that they fit an envelope. */
	memset(&envelope.recipients[0].name, 0, sizeof(struct or_name));
	recipients =
	    arena_array(&arena, P1_RECIPIENTS_READ + 1, sizeof(*recipients));
	ck_assert_ptr_nonnull(recipients);
	for (i = 0; i <= P1_RECIPIENTS_READ; i++)
		recipients[i] = envelope.recipients[0];
	envelope.recipients = recipients;
	envelope.recipient_count = P1_RECIPIENTS_READ;
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, buffer_slice(&octets), &other, &got, NULL),
	    0);
	ck_assert_uint_eq(got.recipient_count, P1_RECIPIENTS_READ);
	envelope.recipient_count++;
	buffer_reset(&octets);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	diag_clear(&diag);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, buffer_slice(&octets), &other, &got, &diag),
	    ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(diag.text, "per-recipient-fields"));
	buffer_fini(&octets);
	arena_fini(&arena);
	arena_fini(&other);
}
END_TEST

/* Private and unknown extensions pass octet for octet. */
START_TEST(extensions)
{
	/* standard 99, critical for transfer; private 1.2.3 with a value of
	 * indefinite length; explicit and implicit types */
	static const uint8_t octets_in[] = {0xa3, 0x80, 0x30, 0x0b, 0xa0, 0x03,
	    0x02, 0x01, 0x63, 0x81, 0x02, 0x06, 0x40, 0xa2, 0x00, 0x30, 0x80,
	    0x83, 0x02, 0x2a, 0x03, 0xa2, 0x80, 0x30, 0x80, 0x04, 0x01, 0x78,
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
	static const uint8_t value[] = {0x30, 0x03, 0x04, 0x01, 0x78};
	struct extension_list list;
	const struct extension *critical;
	struct p1_envelope envelope, got;
	struct ber_reader reader;
	struct ber_element el;
	struct buffer octets;
	struct arena arena;
	struct diag diag;

	diag_clear(&diag);
	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	ber_reader_init(&reader, slice_of(octets_in, sizeof(octets_in)), &diag);
	ck_assert_msg(ber_next(&reader, &el) == 1, "%s", diag.text);
	ck_assert_msg(extension_list_decode(
			  &reader, &el, "extensions", &arena, &list) == 0,
	    "%s", diag.text);
	ck_assert_uint_eq(list.count, 2);
	ck_assert_int_eq(list.items[0].number, 99);
	ck_assert_uint_eq(list.items[0].criticality, CRITICAL_FOR_TRANSFER);
	ck_assert_int_eq(list.items[1].number, EXTENSION_PRIVATE);
	ck_assert(
	    slice_equal(list.items[1].value, slice_of(value, sizeof(value))));
	make(&envelope, MTS_MESSAGE, 3, &arena);
	ck_assert_ptr_null(extension_unsupported(&envelope.extensions));
	envelope.recipients[2].extensions = list;
	again(&envelope, &got, &octets, &arena);
	critical = extension_unsupported(&got.recipients[2].extensions);
	ck_assert_ptr_nonnull(critical);
	ck_assert_int_eq(critical->number, 99);
	ck_assert(slice_equal(got.recipients[2].extensions.items[1].value,
	    slice_of(value, sizeof(value))));
	buffer_fini(&octets);
	arena_fini(&arena);
}
END_TEST

/* Unknown elements, doubled and missing ones are named. */
START_TEST(refused)
{
	struct p1_envelope envelope, got;
	struct buffer octets;
	struct arena arena;
	struct diag diag;
	struct slice whole;
	uint8_t *copy;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	make(&envelope, MTS_MESSAGE, 1, &arena);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	whole = buffer_slice(&octets);
	/* The content-type, 46 01 16, as an unknown tag, then as a priority
	 * that is none. */
	copy = malloc(whole.len);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, whole.data, whole.len);
	uint8_t *type = memmem(copy, whole.len, "\x46\x01\x16", 3);
	ck_assert_ptr_nonnull(type);
	type[0] = 0x4d;
	diag_clear(&diag);
	ck_assert_int_eq(p1_decode(MTS_MESSAGE, slice_of(copy, whole.len),
			     &arena, &got, &diag),
	    ERR_SYNTAX);
	ck_assert_ptr_nonnull(strstr(diag.text, "[APPLICATION 13]"));
	type[0] = 0x47;
	diag_clear(&diag);
	ck_assert_int_eq(p1_decode(MTS_MESSAGE, slice_of(copy, whole.len),
			     &arena, &got, &diag),
	    ERR_VALUE);
	ck_assert_ptr_nonnull(strstr(diag.text, "priority"));
	type[2] = 0x02;
	diag_clear(&diag);
	ck_assert_int_eq(p1_decode(MTS_MESSAGE, slice_of(copy, whole.len),
			     &arena, &got, &diag),
	    ERR_SYNTAX);
	ck_assert_ptr_nonnull(strstr(diag.text, "content-type"));
	ck_assert_ptr_nonnull(strstr(diag.text, "missing"));
	free(copy);
	envelope.recipient_count = 0;
	ck_assert_int_eq(
	    p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), ERR_VALUE);
	buffer_fini(&octets);
	arena_fini(&arena);
}
END_TEST

/* Queues of earlier releases and peers have these numbers. */
START_TEST(kinds_keep_their_numbers)
{
	static const uint32_t tags[] = {[MTS_MESSAGE] = BER_CTX(0),
	    [MTS_PROBE] = BER_CTX(2),
	    [MTS_REPORT] = BER_CTX(1)};
	enum mts_kind kind;

	ck_assert_int_eq(MTS_MESSAGE, 0);
	ck_assert_int_eq(MTS_PROBE, 1);
	ck_assert_int_eq(MTS_REPORT, 2);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(p1_tag((enum mts_kind)i), tags[i]);
		ck_assert_int_eq(p1_kind_of(tags[i], &kind), 0);
		ck_assert_int_eq(kind, i);
	}
	ck_assert_int_eq(p1_kind_of(BER_CTX(3), &kind), ERR_VALUE);
}
END_TEST

/* Content types in BER and as text. */
START_TEST(content_types)
{
	static const char *const texts[] = {
	    "p2", "p22", "unidentified", "edi", "7", "32767", "2.6.1.4.1"};
	static const char *const bad[] = {"", "x", "32768", "-1", "9.9", "2."};
	struct p1_content_type type, got;
	char string[P1_CONTENT_TYPE_TEXT];
	struct p1_envelope envelope, decoded;
	struct buffer octets;
	struct arena arena;
	size_t i;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&octets, P1_ENVELOPE_MAX);
	make(&envelope, MTS_MESSAGE, 1, &arena);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_int_eq(
		    p1_content_type_parse(texts[i], &arena, &type), 0);
		envelope.content_type = type;
		buffer_reset(&octets);
		again(&envelope, &decoded, &octets, &arena);
		got = decoded.content_type;
		p1_content_type_format(&got, string);
		ck_assert_str_eq(string, texts[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(p1_content_type_parse(bad[i], &arena, &type) != 0,
		    "%s", bad[i]);
	buffer_fini(&octets);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/p1", TCase *tc = tcase_create("captures");
	  tcase_add_loop_test(tc, captured, 0, CAPTURES);
	  tcase_add_loop_test(tc, encoded_again, 0, CAPTURES);
	  tcase_add_loop_test(tc, truncated, 0, CAPTURES);
	  suite_add_tcase(suite, tc); TEST(message); TEST(eight_indicators);
	  TEST(probe_and_report); TEST(copies); TEST(many_recipients);
	  TEST(extensions); TEST(refused); TEST(content_types);
	  TEST(kinds_keep_their_numbers))
