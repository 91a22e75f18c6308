/* SPDX-License-Identifier: ISC */
/*
 * p1_relay_random_test.c - what is only relayed keeps its octets
 *
 * Random valid envelopes of all kinds, with extensions, attributes and
 * bilateral information that nobody knows, are read, stamped and written as
 * qmgr does it.  What is to come out is built as they are (p1_random.h), with
 * one element of trace and one of internal trace more.
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
	}
	printf("figure: %u envelopes went through\n", count);
	buffer_fini(&in);
	buffer_fini(&out);
	buffer_fini(&expected);
}
END_TEST

TEST_MAIN("mhs/p1_relay_random", TEST_LONG(octets_are_kept, 900))
