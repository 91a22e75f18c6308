/* SPDX-License-Identifier: ISC */
/*
 * strip_test.c - what is sent of an envelope is what the encoder writes without
 * the parts that stay here
 */
#include "qmgr/queue/strip.h"

#include "mhs/p1.h"
#include "tests/unit/test.h"

static struct arena arena;
static struct buffer sent;

/* What an envelope is made of. */
struct made {
	enum mts_kind kind;
	enum extension_tagging tagging;
	bool internal, bilateral, other;
	size_t recipients;
};

/* make - make an envelope */
static void
make(const struct made *made, struct p1_envelope *e)
{
	static const uint8_t value[] = {4, 2, 'h', 'i'};
	static const uint8_t bilateral[] = {
	    0x30, 0x09, 0x61, 0x04, 0x13, 0x02, 'F', 'R', 0x02, 0x01, 0x07};
	struct or_name name = {0};
	struct diag diag = {0};

	ck_assert_int_eq(or_address_parse(slice_of_string("S=Doe;O=X;A=Y;C=DE"),
			     &arena, &name.address, &diag),
	    0);
	p1_init(e, made->kind);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=DE;A=Y"),
			     &arena, &e->identifier.domain, &diag),
	    0);
	e->identifier.local = slice_of_string("id");
	e->originator = name;
	e->content_type.built_in = P1_CONTENT_P22;
	if (made->kind != MTS_REPORT) {
		e->recipients = arena_array(
		    &arena, made->recipients, sizeof(*e->recipients));
		ck_assert_ptr_nonnull(e->recipients);
		e->recipient_count = made->recipients;
		for (size_t i = 0; i < made->recipients; i++)
			e->recipients[i] = (struct p1_recipient){.name = name,
			    .number = (int)i + 1,
			    .explicit_conversion = -1,
			    .indicators = P1_RESPONSIBILITY};
		if (made->bilateral)
			e->bilateral = slice_of(bilateral, sizeof(bilateral));
	}
	ck_assert_int_eq(p1_trace_append(e, &arena, &e->identifier.domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
	for (unsigned i = 0; i < 3 && made->internal; i++)
		ck_assert_int_eq(
		    p1_internal_trace_append(e, &arena, &e->identifier.domain,
			slice_of_string("MTA-X"), 1000000, TRACE_RELAYED,
			slice_of(NULL, 0)),
		    0);
	for (int number = 1; number < 120 && made->other; number += 19)
		ck_assert_int_eq(
		    extension_set(&e->extensions, &arena, number,
			number % 2 == 0 ? 0 : CRITICAL_FOR_DELIVERY,
			slice_of(value, sizeof(value))),
		    0);
}

/* read_stored - append a range of the stored envelope */
static int
read_stored(void *arg, size_t offset, size_t len)
{
	const struct buffer *stored = arg;

	ck_assert_uint_le(offset + len, buffer_length(stored));
	return buffer_append(&sent, buffer_slice(stored).data + offset, len);
}

/* check - compare what is sent, in pieces of a size, with what it should be */
static void
check(const struct made *made, uint32_t strip, size_t size)
{
	struct p1_envelope envelope;
	struct buffer stored, expected;
	struct strip_plan plan;

	buffer_init(&stored, 1 << 24);
	buffer_init(&expected, 1 << 24);
	make(made, &envelope);
	ck_assert_int_eq(p1_encode(&envelope, made->tagging, &stored), 0);
	if ((strip & STRIP_INTERNAL_TRACE) != 0)
		envelope.internal_trace = (struct trace){.count = 0};
	if ((strip & STRIP_BILATERAL) != 0)
		envelope.bilateral = slice_of(NULL, 0);
	ck_assert_int_eq(p1_encode(&envelope, made->tagging, &expected), 0);
	ck_assert_int_eq(
	    strip_plan(made->kind, buffer_slice(&stored), strip, &plan), 0);
	ck_assert_uint_eq(plan.length, buffer_length(&expected));
	buffer_reset(&sent);
	for (uint64_t at = 0; at < plan.length; at += size) {
		size_t before = buffer_length(&sent), len = size;

		if (len > plan.length - at)
			len = (size_t)(plan.length - at);
		ck_assert_int_eq(
		    strip_read(&plan, at, size, &sent, read_stored, &stored),
		    0);
		ck_assert_uint_eq(buffer_length(&sent) - before, len);
	}
	ck_assert(slice_equal(buffer_slice(&sent), buffer_slice(&expected)));
	buffer_fini(&stored);
	buffer_fini(&expected);
}

/* Every kind, with and without each part, in pieces of any size. */
START_TEST(as_encoded)
{
	static const size_t sizes[] = {1, 2, 7, 100, 49152};

	arena_init(&arena, 1 << 28);
	buffer_init(&sent, 1 << 24);
	for (unsigned n = 0; n < 3 * 2 * 8 * 4 * 5; n++) {
		const struct made made = {.kind = (enum mts_kind)(n % 3),
		    .tagging = n / 3 % 2 == 0 ? EXTENSION_IMPLICIT
					      : EXTENSION_EXPLICIT,
		    .internal = (n / 6 & 1) != 0,
		    .bilateral = (n / 6 & 2) != 0,
		    .other = (n / 6 & 4) != 0,
		    .recipients = n % 7 == 0 ? 200 : 1};

		check(&made, n / 48 % 4, sizes[n / 192]);
		arena_reset(&arena);
	}
	buffer_fini(&sent);
	arena_fini(&arena);
}
END_TEST

/* Octets that are no envelope are refused, and no octet beyond them is read. */
START_TEST(not_an_envelope)
{
	static const char *const octets[] = {"", "1", "1\200", "1\5\241\3\60"};
	struct strip_plan plan;

	for (size_t i = 0; i < sizeof(octets) / sizeof(octets[0]); i++)
		ck_assert_int_eq(
		    strip_plan(MTS_MESSAGE, slice_of_string(octets[i]),
			STRIP_BILATERAL, &plan),
		    ERR_CORRUPT);
}
END_TEST

static size_t looked; /* octets that were got */

/* get_stored - get octets of the stored envelope, and count them */
static int
get_stored(void *arg, size_t offset, size_t len, struct slice *octets)
{
	const struct buffer *stored = arg;

	ck_assert_uint_le(offset + len, buffer_length(stored));
	*octets = slice_of(buffer_slice(stored).data + offset, len);
	looked += len;
	return 0;
}

/* Of a large envelope little is looked at, and the plan is the same. */
START_TEST(looks_at_little)
{
	const struct made made = {.kind = MTS_MESSAGE,
	    .tagging = EXTENSION_IMPLICIT,
	    .internal = true,
	    .bilateral = true,
	    .other = true,
	    .recipients = 5000};
	struct p1_envelope envelope;
	struct strip_plan plan, large;
	struct buffer stored;

	arena_init(&arena, 1 << 28);
	buffer_init(&stored, 1 << 24);
	make(&made, &envelope);
	ck_assert_int_eq(p1_encode(&envelope, made.tagging, &stored), 0);
	ck_assert_uint_gt(buffer_length(&stored), 100000);
	for (uint32_t strip = 1; strip < 4; strip++) {
		looked = 0;
		ck_assert_int_eq(
		    strip_plan(made.kind, buffer_slice(&stored), strip, &plan),
		    0);
		ck_assert_int_eq(
		    strip_plan_large(made.kind, buffer_length(&stored), strip,
			get_stored, &stored, &large),
		    0);
		ck_assert_uint_lt(looked, 2000);
		ck_assert_uint_eq(large.count, plan.count);
		ck_assert_uint_eq(large.length, plan.length);
	}
	/* The rest of it is not there. */
	ck_assert_int_eq(strip_plan_large(made.kind, buffer_length(&stored) - 1,
			     3, get_stored, &stored, &large),
	    ERR_CORRUPT);
	buffer_fini(&stored);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("qmgr/strip", TEST(looks_at_little);
	  TEST(as_encoded), TEST(not_an_envelope))
