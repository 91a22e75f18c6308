/* SPDX-License-Identifier: ISC */
/*
 * curtail_test.c - envelopes with as many recipients as there may be, and more
 */
#include "tests/unit/mhs/apdu.h"

/* The parts that a message is made of. */
struct many {
	size_t recipients;
	size_t name; /* octets of each address, besides its country */
	size_t more; /* octets of an extension of each; 0: none */
	bool indefinite;
	enum mts_kind kind;
};

/* fill - make an envelope with so many recipients */
static void
fill(const struct many *many, struct p1_envelope *envelope, struct arena *arena)
{
	struct diag diag = {0};
	static const uint8_t oid[] = {0x2b, 6, 1, 4, 1, 0x83, 0xb2, 0x03, 7};
	static struct extension extension;
	struct or_name name = {0};
	uint8_t *value;
	char *text = arena_alloc(arena, 2 * many->name + 128);

	ck_assert_ptr_nonnull(text);
	snprintf(text, 64, "C=DE;A=X");
	for (size_t left = many->name; left > 0;) {
		size_t some = left < 120 ? left : 120;

		snprintf(text + strlen(text), 16, ";DDA:T=");
		memset(text + strlen(text), 'a', some);
		left -= some;
	}
	ck_assert_msg(or_address_parse(slice_of_string(text), arena,
			  &name.address, &diag) == 0,
	    "%s", diag_text(&diag));
	value = arena_alloc(arena, many->more + 4);
	ck_assert_ptr_nonnull(value);
	value[0] = 4;
	value[1] = 0x82;
	value[2] = (uint8_t)(many->more >> 8);
	value[3] = (uint8_t)many->more;
	extension.value = slice_of(value, many->more + 4);
	p1_init(envelope, many->kind);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=DE;A=X"), arena,
			     &envelope->identifier.domain, &diag),
	    0);
	envelope->identifier.local = slice_of_string("many");
	envelope->originator = name;
	envelope->content_type.built_in = P1_CONTENT_P22;
	envelope->recipients =
	    arena_array(arena, many->recipients, sizeof(*envelope->recipients));
	ck_assert_ptr_nonnull(envelope->recipients);
	envelope->recipient_count = many->recipients;
	for (size_t i = 0; i < many->recipients; i++)
		envelope->recipients[i] = (struct p1_recipient){.name = name,
		    .number = (int)(i % P1_RECIPIENTS_READ) + 1,
		    .explicit_conversion = -1,
		    .indicators = P1_RESPONSIBILITY};
	extension.number = EXTENSION_PRIVATE;
	extension.oid = slice_of(oid, sizeof(oid));
	for (size_t i = 0; i < many->recipients && many->more > 0; i++)
		envelope->recipients[i].extensions =
		    (struct extension_list){&extension, 1, 1};
	ck_assert_int_eq(
	    p1_trace_append(envelope, arena, &envelope->identifier.domain,
		1000000, TRACE_RELAYED, NULL),
	    0);
}

/* open_length - put an element's contents into an indefinite length */
static void
open_length(struct buffer *out, uint8_t tag, struct slice contents)
{
	const uint8_t header[] = {tag, 0x80};

	ck_assert_int_eq(buffer_append(out, header, 2), 0);
	ck_assert_int_eq(buffer_append(out, contents.data, contents.len), 0);
	ck_assert_int_eq(buffer_append(out, "\0\0", 2), 0);
}

/* loosen - write the envelope and its list of recipients with indefinite
 * lengths */
static void
loosen(struct slice envelope, struct buffer *out)
{
	struct ber_reader reader, inner;
	struct ber_element set, el;
	struct buffer contents;

	buffer_init(&contents, 128 << 20);
	ber_reader_init(&reader, envelope, NULL);
	ck_assert_int_eq(ber_next(&reader, &set), 1);
	ck_assert_int_eq(ber_enter(&reader, &set, &inner), 0);
	while (ber_next(&inner, &el) == 1) {
		if (el.tag == BER_CTX(2))
			open_length(&contents, 0xa2, el.contents);
		else
			ck_assert_int_eq(buffer_append(&contents, el.whole.data,
					     el.whole.len),
			    0);
	}
	open_length(out, 0x31, buffer_slice(&contents));
	buffer_fini(&contents);
}

/* compose - compose the octets of the APDU */
static void
compose(const struct many *many, struct buffer *out)
{
	struct arena arena;
	struct p1_envelope envelope;
	struct buffer encoded;
	const uint8_t message[] = {0xa0, 0x80};

	arena_init(&arena, 256 << 20);
	buffer_init(&encoded, 128 << 20);
	buffer_init(out, 128 << 20);
	fill(many, &envelope, &arena);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &encoded), 0);
	if (many->indefinite) {
		ck_assert_int_eq(buffer_append(out, message, 2), 0);
		loosen(buffer_slice(&encoded), out);
		ck_assert_int_eq(buffer_append(out, "\4\3abc\0\0", 7), 0);
	} else {
		ck_assert_int_eq(
		    transfer_prefix(many->kind, buffer_slice(&encoded),
			many->kind == MTS_PROBE ? 0 : 3, TRANSFER_NO_EXTERNAL,
			out),
		    0);
		if (many->kind != MTS_PROBE)
			ck_assert_int_eq(buffer_append(out, "abc", 3), 0);
	}
	buffer_fini(&encoded);
	arena_fini(&arena);
}

/* take - read the APDU in pieces; the result */
static int
take(struct apdu *apdu, const struct buffer *octets, struct diag *diag)
{
	struct slice rest = buffer_slice(octets);
	int error = 0;

	while (rest.len > 0 && error == 0) {
		size_t some = rest.len < 8191 ? rest.len : 8191;

		error = transfer_push(
		    &apdu->reader, slice_of(rest.data, some), diag);
		rest = slice_of(rest.data + some, rest.len - some);
	}
	return error == 0 ? transfer_finish(&apdu->reader, diag) : error;
}

static const struct {
	struct many many;
	size_t kept; /* 0: as many as fit; all others are left out */
} cases[] = {
    {{P1_RECIPIENTS_MAX, 10, 0, false, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{P1_RECIPIENTS_MAX, 110, 0, false, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{P1_RECIPIENTS_MAX, 110, 0, true, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{P1_RECIPIENTS_MAX, 10, 0, false, MTS_PROBE}, P1_RECIPIENTS_MAX},
    {{70000, 10, 0, false, MTS_MESSAGE}, P1_RECIPIENTS_READ},
    {{70000, 10, 0, true, MTS_MESSAGE}, P1_RECIPIENTS_READ},
    {{70000, 10, 0, false, MTS_PROBE}, P1_RECIPIENTS_READ},
    {{32767, 10, 1200, false, MTS_MESSAGE}, 0},
    {{32767, 10, 1200, true, MTS_MESSAGE}, 0},
};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

/* Those that are also read with their recipients apart. */
static const int apart_cases[] = {1, 2, 3, 8};

/* assert_little - check that a reader of an envelope whose recipients come
 * apart has taken no more memory than for a piece of them */
static void
assert_little(const struct transfer_reader *reader)
{
	ck_assert(transfer_is_apart(reader));
	ck_assert_uint_le(reader->gathered.capacity, 1 << 18);
	ck_assert_uint_le(reader->apart.out.capacity, 1 << 18);
	ck_assert_uint_le(reader->apart.arena.used, 1 << 16);
	ck_assert_uint_le(reader->arena.used, 1 << 16);
}

/* Recipients beyond the bound are left out, and the envelope is whole: also
 * where they come apart from it, in little memory. */
START_TEST(too_many)
{
	bool apart = _i >= CASES;
	int i = apart ? apart_cases[_i - CASES] : _i;
	const struct many *many = &cases[i].many;
	size_t kept = cases[i].kept;
	struct buffer octets;
	struct apdu apdu = {.announced = 0};
	struct diag diag = {0};
	size_t count;

	compose(many, &octets);
	if (apart)
		apdu_init_apart(&apdu, UINT64_MAX);
	else
		apdu_init(&apdu, UINT64_MAX);
	ck_assert_msg(take(&apdu, &octets, &diag) == 0, "%s", diag_text(&diag));
	if (apart)
		assert_little(&apdu.reader);
	if (kept != 0)
		ck_assert_uint_eq(transfer_elements_left_out(&apdu.reader), 0);
	count = transfer_recipients(&apdu.reader);
	apdu_join(&apdu);
	ck_assert_uint_eq(apdu.envelope.recipient_count, count);
	if (kept != 0)
		ck_assert_uint_eq(count, kept);
	else
		ck_assert_uint_gt(transfer_left_out(&apdu.reader), 0);
	ck_assert_uint_ge(count, 20000);
	ck_assert_uint_eq(
	    count + transfer_left_out(&apdu.reader), many->recipients);
	ck_assert_int_eq(
	    apdu.envelope.recipients[count - 1].number, (int)count);
	ck_assert_uint_eq(apdu.envelope.trace.count, 1);
	if (many->kind == MTS_MESSAGE)
		ck_assert(
		    slice_equal_string(buffer_slice(&apdu.content), "abc"));
	/* The next one is read as if there had been none. */
	transfer_reader_reset(&apdu.reader);
	ck_assert_uint_eq(transfer_left_out(&apdu.reader), 0);
	ck_assert(!transfer_is_apart(&apdu.reader));
	apdu_fini(&apdu);
	buffer_fini(&octets);
}
END_TEST

/* encoded_as_read - read an APDU and write its envelope; whether its recipients
 * came apart */
static bool
encoded_as_read(const struct buffer *octets, bool apart, struct buffer *out)
{
	struct apdu apdu = {.announced = 0};
	struct diag diag = {0};
	bool came_apart;

	if (apart)
		apdu_init_apart(&apdu, UINT64_MAX);
	else
		apdu_init(&apdu, UINT64_MAX);
	ck_assert_msg(take(&apdu, octets, &diag) == 0, "%s", diag_text(&diag));
	came_apart = transfer_is_apart(&apdu.reader);
	apdu_join(&apdu);
	buffer_init(out, P1_ENVELOPE_MAX);
	ck_assert_int_eq(p1_encode(&apdu.envelope, EXTENSION_IMPLICIT, out), 0);
	apdu_fini(&apdu);
	return came_apart;
}

/* An envelope is the same whether its recipients come apart or not. */
START_TEST(same_apart)
{
	static const struct many rows[] = {
	    {1000, 10, 0, false, MTS_MESSAGE},
	    {1000, 110, 0, true, MTS_MESSAGE},
	    {1000, 10, 120, true, MTS_PROBE},
	    {3000, 10, 0, false, MTS_MESSAGE},
	    {3000, 110, 0, true, MTS_MESSAGE},
	    {3000, 10, 120, true, MTS_MESSAGE},
	    {3000, 10, 120, false, MTS_PROBE},
	    {200, 110, 9000, true, MTS_MESSAGE},
	};
	struct buffer octets, whole, parts;

	compose(&rows[_i], &octets);
	ck_assert(!encoded_as_read(&octets, false, &whole));
	ck_assert_int_eq(encoded_as_read(&octets, true, &parts),
	    buffer_length(&whole) > TRANSFER_APART);
	ck_assert(slice_equal(buffer_slice(&whole), buffer_slice(&parts)));
	buffer_fini(&whole);
	buffer_fini(&parts);
	buffer_fini(&octets);
}
END_TEST

/* No claim of an envelope makes the reader take memory without bound: a
 * mandatory element is refused when its length is announced, an optional one is
 * passed over. */
START_TEST(absurd_lengths)
{
	static const struct {
		uint8_t octets[14];
		size_t len;
		int error;
	} rows[] = {
	    /* the SET, the list, and elements of these tags */
	    {{0xa0, 0x80, 0x31, 0x84, 0x7f, 0, 0, 0}, 8, 0},
	    {{0xa0, 0x80, 0x31, 0x80, 0xa2, 0x84, 0x7f, 0, 0, 0}, 10, 0},
	    {{0xa0, 0x80, 0x31, 0x80, 0x60, 0x84, 0x03, 0, 0, 0}, 10,
		ERR_LIMIT},
	    {{0xa0, 0x80, 0x31, 0x80, 0x69, 0x84, 0x03, 0, 0, 0}, 10,
		ERR_LIMIT},
	    {{0xa0, 0x80, 0x31, 0x80, 0xa3, 0x84, 0x03, 0, 0, 0}, 10, 0},
	    {{0xa0, 0x80, 0x31, 0x80, 0xa1, 0x84, 0x03, 0, 0, 0}, 10, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct apdu apdu;
		struct diag diag = {0};
		struct slice octets = slice_of(rows[i].octets, rows[i].len);

		apdu_init(&apdu, UINT64_MAX);
		ck_assert_int_eq(
		    transfer_push(&apdu.reader, octets, &diag), rows[i].error);
		ck_assert_uint_le(apdu.reader.gathered.capacity, 65536);
		if (rows[i].error != 0)
			ck_assert_ptr_nonnull(strstr(diag.text, "larger"));
		transfer_reader_fini(&apdu.reader);
		buffer_fini(&apdu.octets);
		buffer_fini(&apdu.content);
	}
}
END_TEST

/* An element that an envelope need not have is left out where it is too large,
 * wherever it stands: the message is known all the same. */
START_TEST(large_elements)
{
	static const struct {
		size_t octets, count;
		bool bilateral;
		uint64_t left_out;
	} rows[] = {
	    {15 << 20, 1, false, 0},
	    {30 << 20, 1, false, 0},
	    {40 << 20, 1, false, 1},
	    {20 << 20, 0, true, 1},
	    {17 << 20, 1, true, 1},
	    {33 << 20, 1, true, 2},
	};
	static uint8_t value[(40 << 20) + 8];
	const struct many many = {1000, 10, 0, false, MTS_MESSAGE};
	struct extension extension = {.number = 99};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct p1_envelope envelope;
		struct buffer encoded, octets;
		struct arena arena;
		struct apdu apdu;
		struct diag diag = {0};

		arena_init(&arena, 256 << 20);
		buffer_init(&encoded, 256 << 20);
		buffer_init(&octets, 256 << 20);
		fill(&many, &envelope, &arena);
		memcpy(value, "\4\204", 2);
		for (unsigned k = 0; k < 4; k++)
			value[2 + k] =
			    (uint8_t)(rows[i].octets >> (24 - 8 * k));
		extension.value = slice_of(value, rows[i].octets + 6);
		if (rows[i].count > 0)
			envelope.extensions =
			    (struct extension_list){&extension, 1, 1};
		if (rows[i].bilateral)
			envelope.bilateral = extension.value;
		ck_assert_int_eq(
		    p1_encode(&envelope, EXTENSION_IMPLICIT, &encoded), 0);
		ck_assert_int_eq(
		    transfer_prefix(MTS_MESSAGE, buffer_slice(&encoded), 3,
			TRANSFER_NO_EXTERNAL, &octets),
		    0);
		ck_assert_int_eq(buffer_append(&octets, "abc", 3), 0);
		apdu_init(&apdu, UINT64_MAX);
		ck_assert_msg(
		    take(&apdu, &octets, &diag) == 0, "%s", diag_text(&diag));
		ck_assert_uint_eq(apdu.envelope.recipient_count, 1000);
		ck_assert_uint_eq(apdu.reader.curtail.left_out, 0);
		ck_assert_uint_eq(
		    apdu.reader.curtail.elements_left_out, rows[i].left_out);
		transfer_reader_fini(&apdu.reader);
		buffer_fini(&apdu.octets);
		buffer_fini(&apdu.content);
		buffer_fini(&octets);
		buffer_fini(&encoded);
		arena_fini(&arena);
	}
}
END_TEST

/* An element that may have any length leaves its recipient, and the envelope,
 * in place: the only recipient is named in a report. */
START_TEST(alone_over_the_bound)
{
	const struct many many = {
	    1 + (size_t)_i % 2, 10, 0, false, _i < 4 ? MTS_MESSAGE : MTS_PROBE};
	const size_t octets = 40 << 20;
	bool of_recipient = _i % 4 < 2;
	uint8_t *value = malloc(octets + 6);
	struct extension extension = {.number = 99};
	struct p1_envelope envelope;
	struct buffer encoded, all;
	struct arena arena;
	struct apdu apdu;
	struct diag diag = {0};

	ck_assert_ptr_nonnull(value);
	memset(value, 0, octets + 6);
	arena_init(&arena, 256 << 20);
	buffer_init(&encoded, 256 << 20);
	buffer_init(&all, 256 << 20);
	fill(&many, &envelope, &arena);
	memcpy(value, of_recipient ? "\4\204" : "\105\204", 2);
	for (unsigned k = 0; k < 4; k++)
		value[2 + k] = (uint8_t)(octets >> (24 - 8 * k));
	extension.value = slice_of(value, octets + 6);
	if (of_recipient)
		envelope.recipients[0].extensions =
		    (struct extension_list){&extension, 1, 1};
	else
		envelope.original_eits = extension.value;
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &encoded), 0);
	ck_assert_int_eq(
	    transfer_prefix(many.kind, buffer_slice(&encoded),
		many.kind == MTS_MESSAGE ? 3 : 0, TRANSFER_NO_EXTERNAL, &all),
	    0);
	if (many.kind == MTS_MESSAGE)
		ck_assert_int_eq(buffer_append(&all, "abc", 3), 0);
	apdu_init(&apdu, UINT64_MAX);
	ck_assert_msg(take(&apdu, &all, &diag) == 0, "%s", diag_text(&diag));
	ck_assert_uint_eq(apdu.envelope.recipient_count, many.recipients);
	ck_assert_uint_eq(apdu.envelope.recipients[0].extensions.count, 0);
	ck_assert_uint_eq(apdu.envelope.original_eits.len, 0);
	ck_assert_uint_eq(apdu.reader.curtail.left_out, 0);
	ck_assert_uint_eq(apdu.reader.curtail.elements_left_out, 1);
	transfer_reader_fini(&apdu.reader);
	buffer_fini(&apdu.octets);
	buffer_fini(&apdu.content);
	buffer_fini(&all);
	buffer_fini(&encoded);
	arena_fini(&arena);
	free(value);
}
END_TEST

/* Envelopes that would take too much memory are recognized without their
 * optional elements: a million extensions of a few octets each. */
START_TEST(memory)
{
	static const uint8_t field[] = {
	    0x30, 10, 0xa0, 3, 2, 1, 99, 0xa2, 3, 4, 1, 'x'};
	const struct many many = {1000, 10, 0, false, MTS_MESSAGE};
	const size_t count = 1200000;
	struct p1_envelope envelope;
	struct buffer encoded, octets;
	struct arena arena;
	struct apdu apdu;
	struct diag diag = {0};
	struct ber_reader reader, inner;
	struct ber_element set;
	size_t length = count * sizeof(field);
	uint8_t header[] = {0xa3, 0x83, (uint8_t)(length >> 16),
	    (uint8_t)(length >> 8), (uint8_t)length};

	arena_init(&arena, 256 << 20);
	buffer_init(&encoded, 256 << 20);
	buffer_init(&octets, 256 << 20);
	fill(&many, &envelope, &arena);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &encoded), 0);
	ber_reader_init(&reader, buffer_slice(&encoded), NULL);
	ck_assert_int_eq(ber_next(&reader, &set), 1);
	ck_assert_int_eq(ber_enter(&reader, &set, &inner), 0);
	ck_assert_int_eq(buffer_append(&octets, "\xa0\x80\x31\x80", 4), 0);
	ck_assert_int_eq(buffer_append(&octets, header, sizeof(header)), 0);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(
		    buffer_append(&octets, field, sizeof(field)), 0);
	ck_assert_int_eq(
	    buffer_append(&octets, set.contents.data, set.contents.len), 0);
	ck_assert_int_eq(buffer_append(&octets, "\0\0\4\3abc\0\0", 9), 0);
	apdu_init(&apdu, UINT64_MAX);
	ck_assert_msg(take(&apdu, &octets, &diag) == 0, "%s", diag_text(&diag));
	ck_assert_uint_eq(apdu.envelope.recipient_count, 1000);
	ck_assert_uint_eq(apdu.reader.curtail.elements_left_out, 1);
	transfer_reader_fini(&apdu.reader);
	buffer_fini(&apdu.octets);
	buffer_fini(&apdu.content);
	buffer_fini(&octets);
	buffer_fini(&encoded);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/curtail", TEST_LOOP(too_many, CASES + 4),
    TEST_LOOP(same_apart, 8), TEST(absurd_lengths),
    TEST_LOOP(alone_over_the_bound, 4), TEST_LONG(large_elements, 60),
    TEST_LONG(memory, 60))
