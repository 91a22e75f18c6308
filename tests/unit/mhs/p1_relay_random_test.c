/* SPDX-License-Identifier: ISC */
/*
 * p1_relay_random_test.c - what is only relayed keeps its octets
 *
 * Random valid envelopes of all kinds, with extensions, attributes and
 * bilateral information that nobody knows, are read, stamped and written as
 * qmgr does it.  What is to come out is built as they are (p1_random.h), with
 * one element of trace and one of internal trace more.  Then each is read and
 * written once more in steps.
 */
#include "mhs/p1.h"
#include "tests/unit/mhs/or_random.h"
#include "tests/unit/mhs/p1_random.h"
#include "tests/unit/test.h"

/* relay - read, stamp and write an envelope as qmgr does */
static void
relay(
    uint64_t seed, enum mts_kind kind, struct slice octets, struct buffer *out)
{
	static const uint32_t all[] = {0, 1, 2, 3, 4};
	struct global_domain own = {.country = slice_of_string("DE"),
	    .admd = slice_of_string("VIAT"),
	    .prmd = slice_of_string("ACME")};
	struct p1_envelope envelope;
	struct diag diag = {0};
	struct arena arena;

	buffer_reset(out);
	arena_init(&arena, P1_ARENA_MAX);
	ck_assert_msg(p1_decode(kind, octets, &arena, &envelope, &diag) == 0,
	    "%llu: %s", (unsigned long long)seed, diag_text(&diag));
	ck_assert(!p1_loops(
	    &envelope, P1_NOTES_KEPT, &own, slice_of_string(P1_RANDOM_MTA)));
	ck_assert_int_eq(
	    p1_stamp(&envelope, &arena, &own, slice_of_string(P1_RANDOM_MTA),
		P1_RANDOM_ARRIVAL, TRACE_RELAYED),
	    0);
	if (kind == MTS_REPORT)
		ck_assert_int_eq(
		    p1_encode(&envelope, EXTENSION_IMPLICIT, out), 0);
	else
		ck_assert_int_eq(
		    p1_copy_for(&envelope, all, envelope.recipient_count,
			EXTENSION_IMPLICIT, out),
		    0);
	arena_fini(&arena);
}

/* Nothing changes but what a relay adds to the traces. */
/* decode_in_steps - read an envelope, so many recipients at a time */
static void
decode_in_steps(enum mts_kind kind, struct slice octets, size_t most,
    struct arena *arena, struct p1_decoding *decoding)
{
	int more = 1;

	ck_assert_int_eq(
	    p1_decode_begin(kind, octets, arena, decoding, NULL), 0);
	while (more == 1)
		more = p1_decode_some(decoding, most, arena, NULL);
	ck_assert_int_eq(more, 0);
}

/* check_steps - check that an envelope which is read and written in steps is
 * the same; every other recipient bears responsibility, or all as they did */
static void
check_steps(unsigned n, enum mts_kind kind, struct slice octets)
{
	static uint32_t chosen[P1_RANDOM_OCTETS / 16];
	struct p1_decoding decoding;
	struct p1_encoding encoding = {.envelope = &decoding.envelope};
	size_t count = 0, begin;
	struct buffer out, whole;
	struct arena arena;
	int more = 1;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&out, 2 * P1_RANDOM_OCTETS);
	buffer_init(&whole, 2 * P1_RANDOM_OCTETS);
	decode_in_steps(kind, octets, 1 + n % 3, &arena, &decoding);
	for (size_t i = 0; i < decoding.envelope.recipient_count; i += 2)
		chosen[count++] = (uint32_t)i;
	if (n % 2 == 0) {
		encoding.responsible = chosen;
		encoding.count = count;
		ck_assert_int_eq(p1_copy_for(&decoding.envelope, chosen, count,
				     EXTENSION_IMPLICIT, &whole),
		    0);
	} else {
		ck_assert_int_eq(
		    p1_encode(&decoding.envelope, EXTENSION_IMPLICIT, &whole),
		    0);
		ck_assert(slice_equal(buffer_slice(&whole), octets));
	}
	ck_assert_int_eq(buffer_append(&out, "before", 6), 0);
	ck_assert_int_eq(p1_encode_begin(&encoding, &out), 0);
	while (more == 1)
		more = p1_encode_some(&encoding, 1 + n % 4, &out);
	ck_assert_int_eq(more, 0);
	ck_assert_int_eq(p1_encode_end(&encoding, &out, &begin), 0);
	ck_assert_uint_ge(begin, 6);
	ck_assert_msg(slice_equal(slice_of(buffer_slice(&out).data + begin,
				      buffer_length(&out) - begin),
			  buffer_slice(&whole)),
	    "envelope %u is another in steps", n);
	buffer_fini(&out);
	buffer_fini(&whole);
	arena_fini(&arena);
}

START_TEST(octets_are_kept)
{
	static const enum mts_kind kinds[] = {
	    MTS_MESSAGE, MTS_MESSAGE, MTS_PROBE, MTS_REPORT};
	unsigned count = or_random_count();
	struct buffer in, out, expected;

	buffer_init(&in, P1_RANDOM_OCTETS);
	buffer_init(&out, P1_RANDOM_OCTETS);
	buffer_init(&expected, P1_RANDOM_OCTETS);
	for (unsigned n = 0; n < count; n++) {
		uint64_t seed = (n + 1) * 0x9e3779b97f4a7c15U;
		enum mts_kind kind = kinds[n % 4];

		p1_random_build(seed, kind, P1_RANDOM_COMES_IN, &in);
		p1_random_build(seed, kind, P1_RANDOM_GOES_OUT, &expected);
		relay(seed, kind, buffer_slice(&in), &out);
		ck_assert_msg(
		    slice_equal(buffer_slice(&out), buffer_slice(&expected)),
		    "envelope %u is not what came", n);
		if (kind != MTS_REPORT)
			check_steps(n, kind, buffer_slice(&out));
	}
	printf("figure: %u envelopes went through\n", count);
	buffer_fini(&in);
	buffer_fini(&out);
	buffer_fini(&expected);
}
END_TEST

TEST_MAIN("mhs/p1_relay_random", TEST_LONG(octets_are_kept, 900))
