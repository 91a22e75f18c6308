/* SPDX-License-Identifier: ISC */
/*
 * curtail_test.c - envelopes with as many recipients as there may be, and more
 */
#include "tests/unit/mhs/apdu.h"

/* What a message is made of. */
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
		    .number = (int)(i % P1_RECIPIENTS_MAX) + 1,
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
	size_t kept; /* 0: as many as fit */
} cases[] = {
    {{P1_RECIPIENTS_MAX, 10, 0, false, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{P1_RECIPIENTS_MAX, 110, 0, false, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{P1_RECIPIENTS_MAX, 110, 0, true, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{P1_RECIPIENTS_MAX, 10, 0, false, MTS_PROBE}, P1_RECIPIENTS_MAX},
    {{40000, 10, 0, false, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{40000, 10, 0, true, MTS_MESSAGE}, P1_RECIPIENTS_MAX},
    {{40000, 10, 0, false, MTS_PROBE}, P1_RECIPIENTS_MAX},
    {{32767, 10, 1200, false, MTS_MESSAGE}, 0},
    {{32767, 10, 1200, true, MTS_MESSAGE}, 0},
};

/* Those that are too many are left out, and the envelope is whole. */
START_TEST(too_many)
{
	const struct many *many = &cases[_i].many;
	struct buffer octets;
	struct apdu apdu;
	struct diag diag = {0};
	size_t count;

	compose(many, &octets);
	apdu_init(&apdu, UINT64_MAX);
	ck_assert_msg(take(&apdu, &octets, &diag) == 0, "%s", diag_text(&diag));
	count = apdu.envelope.recipient_count;
	if (cases[_i].kept != 0)
		ck_assert_uint_eq(count, cases[_i].kept);
	else
		ck_assert_uint_gt(apdu.reader.curtail.left_out, 0);
	ck_assert_uint_ge(count, 20000);
	ck_assert_uint_eq(
	    count + apdu.reader.curtail.left_out, many->recipients);
	ck_assert_int_eq(
	    apdu.envelope.recipients[count - 1].number, (int)count);
	ck_assert_uint_eq(apdu.envelope.trace.count, 1);
	if (many->kind == MTS_MESSAGE)
		ck_assert(
		    slice_equal_string(buffer_slice(&apdu.content), "abc"));
	/* The next one is read as if there had been none. */
	transfer_reader_reset(&apdu.reader);
	ck_assert_uint_eq(apdu.reader.curtail.left_out, 0);
	transfer_reader_fini(&apdu.reader);
	buffer_fini(&apdu.octets);
	buffer_fini(&apdu.content);
	buffer_fini(&octets);
}
END_TEST

/* Whatever an envelope claims, nothing without bound is taken. */
START_TEST(absurd_lengths)
{
	static const struct {
		uint8_t octets[14];
		size_t len;
	} rows[] = {
	    /* the SET, the list, and another element */
	    {{0xa0, 0x80, 0x31, 0x84, 0x7f, 0, 0, 0}, 8},
	    {{0xa0, 0x80, 0x31, 0x80, 0xa2, 0x84, 0x7f, 0, 0, 0}, 10},
	    {{0xa0, 0x80, 0x31, 0x80, 0xa3, 0x84, 0x03, 0, 0, 0}, 10},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct apdu apdu;
		struct diag diag = {0};

		apdu_init(&apdu, UINT64_MAX);
		ck_assert_int_eq(
		    transfer_push(&apdu.reader,
			slice_of(rows[i].octets, rows[i].len), &diag),
		    ERR_LIMIT);
		ck_assert_ptr_nonnull(strstr(diag.text, "larger"));
		transfer_reader_fini(&apdu.reader);
		buffer_fini(&apdu.octets);
		buffer_fini(&apdu.content);
	}
}
END_TEST

TEST_MAIN("mhs/curtail",
    TEST_LOOP(too_many, (int)(sizeof(cases) / sizeof(cases[0]))),
    TEST(absurd_lengths))
