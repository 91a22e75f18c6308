/* SPDX-License-Identifier: ISC */
/*
 * external_test.c - the EXTERNAL around a transfer, taken off in pieces
 */
#include "osi/external.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

struct sample {
	const char *octets, *apdu;
};

static const struct sample samples[] = {
    /* definite, as we send it */
    {"28 09 02 01 05 a0 04 a0 02 05 00", "a0 02 05 00"},
    /* all indefinite, as PP does */
    {"28 80 02 01 05 a0 80 a0 80 05 00 00 00 00 00 00 00", "a0 80 05 00 00 00"},
    {"28 80 02 01 05 a0 80 05 00 00 00 00 00", "05 00"},
    /* mixed */
    {"28 80 02 01 05 a0 04 a0 02 05 00 00 00", "a0 02 05 00"},
    {"28 0d 02 01 05 a0 80 a0 80 05 00 00 00 00 00", "a0 80 05 00 00 00"},
    {"28 82 00 0c 02 01 05 a0 83 00 00 04 a0 02 05 00", "a0 02 05 00"},
    /* with a direct reference and a descriptor */
    {"28 12 06 02 51 01 02 02 00 05 07 02 78 79 a0 04 a0 02 05 00",
	"a0 02 05 00"},
    /* octet-aligned */
    {"28 09 02 01 05 81 04 a0 02 05 00", "a0 02 05 00"},
};

/* In two pieces, cut anywhere, and octet by octet. */
START_TEST(sample)
{
	struct hex hex, want;
	struct slice octets = hex_parse(&hex, samples[_i].octets);
	struct diag diag = {0};

	hex_parse(&want, samples[_i].apdu);
	for (size_t cut = 0; cut <= octets.len + 1; cut++) {
		struct external external;
		uint8_t got[64];
		size_t len = 0, step = 1;

		external_init(&external, 5);
		for (size_t at = 0; at < octets.len; at += step) {
			struct slice out[2];

			if (cut <= octets.len)
				step = at < cut ? cut - at : octets.len - at;
			ck_assert_int_eq(
			    external_push(&external,
				slice_of(octets.data + at, step), out, &diag),
			    0);
			for (int i = 0; i < 2; i++) {
				if (out[i].len > 0)
					memcpy(
					    got + len, out[i].data, out[i].len);
				len += out[i].len;
			}
			/* Never complete before it is; of indefinite
			 * length an APDU's own zeros look alike. */
			if (at + step < octets.len && external.tail == 0)
				ck_assert_int_lt(
				    external_finish(&external, NULL), 0);
		}
		ck_assert_int_eq(external_finish(&external, &diag), 0);
		ck_assert_uint_eq(len, want.len);
		ck_assert_mem_eq(got, want.data, want.len);
	}
}
END_TEST

/* Given up after any octet, saved, and gone on with elsewhere. */
START_TEST(elsewhere)
{
	struct hex hex, want;
	struct slice octets = hex_parse(&hex, samples[_i].octets);

	hex_parse(&want, samples[_i].apdu);
	for (size_t cut = 0; cut <= octets.len; cut++) {
		struct slice parts[2] = {slice_of(octets.data, cut),
		    slice_of(octets.data + cut, octets.len - cut)};
		struct external external, other;
		uint8_t got[64], state[EXTERNAL_SAVED_MAX];
		size_t len = 0, saved = 0;

		external_init(&other, 5);
		for (int part = 0; part < 2; part++) {
			struct slice out[2];

			external = other;
			ck_assert_int_eq(
			    external_push(&external, parts[part], out, NULL),
			    0);
			for (int i = 0; i < 2; i++) {
				if (out[i].len > 0)
					memcpy(
					    got + len, out[i].data, out[i].len);
				len += out[i].len;
			}
			saved = external_save(&external, state);
			ck_assert_uint_eq(saved, external_saved_len(&external));
			memset(&other, 0xff, sizeof(other));
			ck_assert_int_eq(
			    external_restore(&other, 5, slice_of(state, saved)),
			    0);
		}
		ck_assert_int_eq(external_finish(&other, NULL), 0);
		ck_assert_uint_eq(len, want.len);
		ck_assert_mem_eq(got, want.data, want.len);
		/* Octets that are not whole, or too many, are not a state. */
		for (size_t i = 0; i < saved; i++)
			ck_assert_int_eq(
			    external_restore(&other, 5, slice_of(state, i)),
			    ERR_CORRUPT);
		state[0] = EXTERNAL_FAILED;
		ck_assert_int_eq(
		    external_restore(&other, 5, slice_of(state, saved)),
		    ERR_CORRUPT);
	}
}
END_TEST

static const char *const bad[] = {
    "30 09 02 01 05 a0 04 a0 02 05 00", /* another tag */
    "28 09 02 01 03 a0 04 a0 02 05 00", /* another context */
    "28 0a 02 01 05 a0 04 a0 02 05 00", /* lengths disagree */
    "28 08 02 01 05 a0 04 a0 02 05 00",
    "28 04 02 01 05 a0 80",
    "28 09 02 01 05 a0 04 a0 02 05 00 00", /* octets after it */
    "28 80 02 01 05 a0 04 a0 02 05 00 00 01",
    "28 80 02 00 a0 04",
    "28 09 02 01 05 30 04 a0 02 05 00", /* no value */
    "28 09 02 01 05 a1 04 a0 02 05 00", /* constructed octet-aligned */
    "28 80 06 82 01 00",		/* a long reference */
    "28 80 02 08 05 05 05 05 05 05 05 05",
};

START_TEST(malformed)
{
	struct hex hex;
	struct slice octets = hex_parse(&hex, bad[_i]), out[2];
	struct external external;
	struct diag diag = {0};

	external_init(&external, 5);
	ck_assert_int_lt(external_push(&external, octets, out, &diag), 0);
	ck_assert_int_eq(strncmp(diag_text(&diag), "RTSE: EXTERNAL", 14), 0);
	/* And so it stays. */
	ck_assert_int_lt(external_push(&external, octets, out, &diag), 0);
	ck_assert_int_lt(external_finish(&external, &diag), 0);
}
END_TEST

/* The prefix that we write is the prefix that we read. */
START_TEST(prefix)
{
	static const uint64_t lens[] = {1, 118, 122, 127, 128, 250, 255, 256,
	    65530, 65536, (uint64_t)1 << 24, (uint64_t)1 << 32,
	    (uint64_t)1 << 50};
	static const uint32_t contexts[] = {5, 127, 128, 1 << 20};
	uint8_t octets[EXTERNAL_PREFIX_MAX];
	struct external external;
	struct slice out[2];

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		for (size_t j = 0; j < 4; j++) {
			size_t len =
			    external_prefix(octets, contexts[j], lens[i]);

			external_init(&external, contexts[j]);
			ck_assert_int_eq(external_push(&external,
					     slice_of(octets, len), out, NULL),
			    0);
			ck_assert_int_eq(external.state, EXTERNAL_APDU);
			ck_assert_uint_eq(external.left, lens[i]);
			ck_assert_uint_eq(external.tail_left, 0);
		}
	ck_assert_uint_eq(external_prefix(octets, 5, 4), 7);
	ck_assert_mem_eq(octets, "\x28\x09\x02\x01\x05\xa0\x04", 7);
}
END_TEST

TEST_MAIN(
    "osi/external", TEST_LOOP(sample, sizeof(samples) / sizeof(samples[0]));
    TEST_LOOP(elsewhere, sizeof(samples) / sizeof(samples[0]));
    TEST_LOOP(malformed, sizeof(bad) / sizeof(bad[0])); TEST(prefix))
