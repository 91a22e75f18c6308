/* SPDX-License-Identifier: ISC */
/*
 * p2_downgrade_test.c - messages of 1988 as messages of 1984
 */
#include "mhs/p2_downgrade.h"

#include "tests/unit/mhs/apdu.h"
#include "tests/unit/mhs/five_bodies.h"
#include "tests/unit/mhs/ipm_record.h"

static const struct global_domain gateway = {
    .country = {(const uint8_t *)"DE", 2},
    .admd = {(const uint8_t *)"VIAT", 4},
    .prmd = {(const uint8_t *)"ACME", 4}};

/* downgrade - plan a content that comes in pieces of a size; the result */
static int
downgrade(struct p2_downgrade *d, struct slice octets, size_t step)
{
	struct diag diag = {0};
	int error = 0;

	p2_downgrade_init(d, &gateway);
	for (size_t at = 0; error == 0 && at < octets.len; at += step) {
		size_t len = octets.len - at < step ? octets.len - at : step;

		error = p2_downgrade_push(
		    d, slice_of(octets.data + at, len), &diag);
	}
	return error == 0 ? p2_downgrade_finish(d, &diag) : error;
}

/* carry_out - make the content that was planned, in odd pieces */
static void
carry_out(struct p2_downgrade *d, struct slice old, struct buffer *out)
{
	uint64_t at = 0, within;

	while (at < d->plan.length) {
		const struct p2_piece *piece =
		    p2_plan_find(&d->plan, at, &within);
		struct slice from =
		    piece->own ? buffer_slice(&d->plan.own) : old;
		uint64_t len = piece->len - within;

		if (len > 3)
			len = 3;
		ck_assert_int_eq(
		    buffer_append(
			out, from.data + piece->at + within, (size_t)len),
		    0);
		at += len;
	}
	ck_assert_ptr_null(p2_plan_find(&d->plan, at, &within));
}

/* Five kinds of body: each is of 1984 afterwards, whatever the pieces. */
START_TEST(five_bodies)
{
	static const size_t steps[] = {1, 2, 7, 100, 65536};
	struct buffer old, first;

	buffer_init(&old, 1 << 16);
	buffer_init(&first, 1 << 16);
	five_bodies_make(&old);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct p2_downgrade d;
		struct buffer out;
		struct record record;
		struct diag diag = {0};

		buffer_init(&out, 1 << 16);
		ck_assert_int_eq(
		    downgrade(&d, buffer_slice(&old), steps[i]), 0);
		ck_assert(d.converted && d.lossy);
		carry_out(&d, buffer_slice(&old), &out);
		ck_assert_uint_eq(buffer_length(&out), d.plan.length);
		if (i == 0)
			ck_assert_int_eq(
			    buffer_append(&first, buffer_slice(&out).data,
				buffer_length(&out)),
			    0);
		ck_assert(
		    slice_equal(buffer_slice(&out), buffer_slice(&first)));
		/* Nothing is externally defined. */
		ck_assert_ptr_null(memmem(buffer_slice(&out).data,
		    buffer_length(&out), "\x56\x01\x04", 3));
		record_init(&record);
		ck_assert_msg(
		    record_decode(&record, buffer_slice(&out), 17, &diag) == 0,
		    "%s", diag_text(&diag));
		ck_assert_uint_eq(record.headings, 2);
		ck_assert_uint_eq(record.parts, 7);
		ck_assert_ptr_nonnull(strstr(record_text(&record), "Gruse"));
		ck_assert_ptr_nonnull(
		    memmem(buffer_slice(&out).data, buffer_length(&out),
			"\x8e\x13\x00\x01"
			"octets of a file\xff",
			21));
		ck_assert_ptr_nonnull(memmem(
		    buffer_slice(&out).data, buffer_length(&out), "inside", 6));
		ck_assert_ptr_nonnull(memmem(buffer_slice(&out).data,
		    buffer_length(&out), FIVE_BODIES_FACSIMILE,
		    sizeof(FIVE_BODIES_FACSIMILE) - 1));
		record_fini(&record);
		buffer_fini(&out);
		p2_downgrade_fini(&d);
	}
	buffer_fini(&old);
	buffer_fini(&first);
}
END_TEST

/* A file takes no memory: its octets are runs of the old content. */
START_TEST(large_file)
{
	static uint8_t file[1000000];
	const struct slice contents[] = {slice_of(file, sizeof(file))};
	const struct ipm_outgoing parts[] = {{.form = IPM_FORM_FILE,
	    .length = sizeof(file),
	    .modified = IPM_NO_TIME}};
	struct p2_downgrade d;
	struct buffer old;

	buffer_init(&old, 1 << 21);
	five_bodies_encode(&old, parts, contents, 1);
	ck_assert_int_eq(downgrade(&d, buffer_slice(&old), 4096), 0);
	ck_assert_uint_gt(d.plan.length, sizeof(file));
	ck_assert_uint_lt(buffer_length(&d.plan.own), 200);
	ck_assert_uint_lt(d.plan.count, 10);
	p2_downgrade_fini(&d);
	buffer_fini(&old);
}
END_TEST

/* Real messages of 1988 that use only what 1984 has come out as they were. */
START_TEST(captured)
{
	static const char *const names[] = {"p1-88-message-1recip",
	    "p1-88-message-3recips", "p1-88-message-24KB-checkpoints",
	    "p1-88-x410-mode-message", "p1-84-message"};
	struct apdu apdu;
	struct p2_downgrade d;
	struct record before, after;
	struct buffer out;
	struct diag diag = {0};

	apdu_init(&apdu, UINT64_MAX);
	apdu_read(&apdu, names[_i]);
	ck_assert_int_eq(downgrade(&d, buffer_slice(&apdu.content), 11), 0);
	ck_assert(!d.converted && !d.lossy);
	buffer_init(&out, 1 << 16);
	carry_out(&d, buffer_slice(&apdu.content), &out);
	record_init(&before);
	record_init(&after);
	ck_assert_int_eq(
	    record_decode(&before, buffer_slice(&apdu.content), 100, &diag), 0);
	ck_assert_int_eq(
	    record_decode(&after, buffer_slice(&out), 100, &diag), 0);
	ck_assert_str_eq(record_text(&before), record_text(&after));
	record_fini(&before);
	record_fini(&after);
	buffer_fini(&out);
	p2_downgrade_fini(&d);
	apdu_fini(&apdu);
}
END_TEST

static const struct {
	struct slice octets;
	int error;
} refusals[] = {
    /* a voice body of 1988 */
    {{(const uint8_t *)FIVE_BODIES_VOICE, 26}, ERR_UNSUPPORTED},
    /* a part of an unknown tag */
    {{(const uint8_t
	      *)"\xa0\x0c\x31\x06\x6b\x04\x13\x02\x69\x64\x30\x02\x99\x00",
	 14},
	ERR_UNSUPPORTED},
    /* a notification of another kind */
    {{(const uint8_t
	      *)"\xa1\x0c\x6b\x04\x13\x02\x69\x64\xa0\x04\xa2\x02\x05\x00",
	 14},
	ERR_UNSUPPORTED},
    {{(const uint8_t *)"\x30\x00", 2}, ERR_SYNTAX},
    {{(const uint8_t *)"\xa0\x05\x31\x00\x30", 5}, ERR_TRUNCATED},
};

START_TEST(refused)
{
	struct p2_downgrade d;

	ck_assert_int_eq(
	    downgrade(&d, refusals[_i].octets, 1), refusals[_i].error);
	ck_assert((d.why != NULL) == (refusals[_i].error == ERR_UNSUPPORTED));
	p2_downgrade_fini(&d);
}
END_TEST

/* A receipt is one of 1984 but for its extensions. */
START_TEST(notification)
{
	static const uint8_t receipt[] =
	    "\xa1\x2d\x6b\x04\x13\x02\x69\x64\xa1\x10\x60\x0e\x30\x0c\x61\x04"
	    "\x13\x02\x44\x45\x62\x04\x13\x02\x56\x49\xa3\x00\xa0\x11\xa1\x0f"
	    "\x80\x0d\x32\x36\x30\x31\x30\x31\x30\x30\x30\x30\x30\x30\x5a";
	struct slice octets = slice_of(receipt, sizeof(receipt) - 1);
	struct p2_downgrade d;
	struct buffer out;

	buffer_init(&out, 1 << 16);
	ck_assert_int_eq(downgrade(&d, octets, 5), 0);
	carry_out(&d, octets, &out);
	ck_assert_uint_eq(buffer_length(&out), octets.len - 2);
	ck_assert_uint_eq(buffer_slice(&out).data[1], 0x2b);
	ck_assert_ptr_null(memmem(
	    buffer_slice(&out).data, buffer_length(&out), "\xa3\x00", 2));
	buffer_fini(&out);
	p2_downgrade_fini(&d);
}
END_TEST

TEST_MAIN("mhs/p2_downgrade", TEST(five_bodies), TEST(large_file),
    TEST_LOOP(captured, 5),
    TEST_LOOP(refused, sizeof(refusals) / sizeof(refusals[0])),
    TEST(notification))
