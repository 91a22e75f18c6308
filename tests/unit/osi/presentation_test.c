/* SPDX-License-Identifier: ISC */
/*
 * presentation_test.c - PPDUs, ACSE and RTSE APDUs beyond the captures
 *
 * The AB with ABRT and RTAB, the ARP and the RTORQ that recovers were composed
 * by hand from the standards and accepted by an independent decoder.
 */
#include "osi/acse.h"
#include "osi/presentation.h"
#include "osi/rtse.h"
#include "tests/references.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

static struct arena arena;
static struct buffer out;
static struct diag diag;

static void
setup(void)
{
	arena_init(&arena, 65536);
	buffer_init(&out, 65536);
	diag_clear(&diag);
}

static void
teardown(void)
{
	arena_fini(&arena);
	buffer_fini(&out);
}

static void
same(struct slice want)
{
	ck_assert_uint_eq(buffer_length(&out), want.len);
	ck_assert_mem_eq(buffer_slice(&out).data, want.data, want.len);
	buffer_reset(&out);
}

static const char *const aru =
    "a0 30 a0 12 30 07 02 01 01 06 02 51 01 30 07 02 01 03 06 02 51 01 "
    "61 1a 30 18 02 01 01 a0 13 64 11 80 01 00 be 0c 28 0a 02 01 03 a0 05 "
    "b6 03 80 01 04";

START_TEST(user_abort)
{
	struct hex hex;
	struct slice octets = hex_parse(&hex, aru), value;
	struct presentation_abort abort;
	struct acse_apdu abrt;
	struct rtse_apdu rtab;

	ck_assert_int_eq(presentation_decode_abort(octets, &abort, &diag), 0);
	ck_assert_int_eq(abort.kind, PRESENTATION_ARU);
	ck_assert_uint_eq(abort.contexts, 2);
	ck_assert_uint_eq(abort.context[1].id, 3);
	ck_assert_int_eq(
	    presentation_find(abort.user_data, 1, &value, &diag), 1);
	ck_assert_int_eq(acse_decode(value, 3, &abrt, &diag), 0);
	ck_assert_int_eq(abrt.kind, ACSE_ABRT);
	ck_assert_int_eq(abrt.abort_source, ACSE_ABORT_USER);
	ck_assert_uint_eq(abrt.indirect, 3);
	ck_assert_int_eq(rtse_decode(abrt.value, &arena, &rtab, &diag), 0);
	ck_assert_int_eq(rtab.kind, RTSE_RTAB);
	ck_assert_int_eq(rtab.abort_reason, 4);
	/* And from the inside out again. */
	ck_assert_int_eq(rtse_encode(&rtab, &out), 0);
	same(abrt.value);
	ck_assert_int_eq(acse_encode(&abrt, &out), 0);
	same(value);
	ck_assert_int_eq(presentation_encode_abort(&abort, 1, value, &out), 0);
	same(octets);
	/* Another context has nothing to say. */
	ck_assert_int_eq(
	    presentation_find(abort.user_data, 3, &value, &diag), 0);
}
END_TEST

/* ISODE's own RTAB bears universal tag 22. */
START_TEST(isode_abort)
{
	struct hex hex;
	struct rtse_apdu rtab;

	ck_assert_int_eq(rtse_decode(hex_parse(&hex, "36 03 80 01 04"), &arena,
			     &rtab, &diag),
	    0);
	ck_assert_int_eq(rtab.kind, RTSE_RTAB);
	ck_assert_int_eq(rtab.abort_reason, 4);
}
END_TEST

START_TEST(provider_abort)
{
	struct hex hex;
	struct slice octets = hex_parse(&hex, "30 06 80 01 02 81 01 19");
	struct presentation_abort abort;

	ck_assert_int_eq(presentation_decode_abort(octets, &abort, &diag), 0);
	ck_assert_int_eq(abort.kind, PRESENTATION_ARP);
	ck_assert_int_eq(abort.reason, 2);
	ck_assert_int_eq(abort.event, 25);
	ck_assert_int_eq(
	    presentation_encode_abort(&abort, 0, slice_of(NULL, 0), &out), 0);
	same(octets);
	octets = hex_parse(&hex, "31 03 80 01 04");
	ck_assert_int_eq(presentation_decode_abort(octets, &abort, &diag), 0);
	ck_assert_int_eq(abort.kind, PRESENTATION_ABORT_X410);
	octets = hex_parse(&hex, "04 00");
	ck_assert_int_lt(presentation_decode_abort(octets, &abort, &diag), 0);
}
END_TEST

START_TEST(recover)
{
	struct hex hex;
	struct slice octets = hex_parse(&hex,
	    "b0 1d 80 01 3f 82 01 00 a3 15 a1 13 04 02 76 6d 17 0d 32 36 31 "
	    "31 32 32 31 37 32 39 35 31 5a");
	struct rtse_apdu rtorq, again;

	ck_assert_int_eq(rtse_decode(octets, &arena, &rtorq, &diag), 0);
	ck_assert(rtorq.recover);
	ck_assert_uint_eq(rtorq.checkpoint_size, 63);
	ck_assert(reference_is(&rtorq.references, SESSION_CALLING, "vm"));
	ck_assert(
	    reference_is(&rtorq.references, SESSION_COMMON, "261122172951Z"));
	ck_assert_int_eq(rtse_encode(&rtorq, &out), 0);
	ck_assert_int_eq(
	    rtse_decode(buffer_slice(&out), &arena, &again, &diag), 0);
	ck_assert(again.recover);
	ck_assert(
	    session_references_equal(&again.references, &rtorq.references));
	/* T61, as ISODE has it in every mode. */
	hex.data[12] = 0x14;
	ck_assert_int_eq(rtse_decode(octets, &arena, &again, &diag), 0);
	ck_assert(reference_is(&again.references, SESSION_CALLING, "vm"));
}
END_TEST

/* A bind error with its own tag and, as PP has it, without. */
START_TEST(rejected)
{
	struct hex hex, want;
	struct rtse_apdu rtorj;
	struct slice value;

	hex_parse(&want, "02 01 02");
	ck_assert_int_eq(
	    rtse_decode(hex_parse(&hex, "b2 07 a1 05 b2 03 02 01 02"), &arena,
		&rtorj, &diag),
	    0);
	ck_assert_int_eq(
	    rtse_bind_decode(rtorj.user, RTSE_BIND_ERROR, &value, &diag), 0);
	ck_assert(slice_equal(value, slice_of(want.data, want.len)));
	ck_assert_int_eq(rtse_encode(&rtorj, &out), 0);
	same(slice_of(hex.data, hex.len));
	ck_assert_int_eq(rtse_decode(hex_parse(&hex, "b2 05 a1 03 02 01 02"),
			     &arena, &rtorj, &diag),
	    0);
	ck_assert_int_eq(
	    rtse_bind_decode(rtorj.user, RTSE_BIND_ERROR, &value, &diag), 0);
	ck_assert(slice_equal(value, slice_of(want.data, want.len)));
	/* Without any: a recovery that is refused. */
	ck_assert_int_eq(
	    rtse_decode(hex_parse(&hex, "b2 00"), &arena, &rtorj, &diag), 0);
	ck_assert_uint_eq(rtorj.user.len, 0);
	/* But an argument must have its tag. */
	ck_assert_int_lt(rtse_bind_decode(hex_parse(&hex, "a1 03 02 01 02"),
			     RTSE_BIND_INVOKE, &value, &diag),
	    0);
}
END_TEST

/* A CP in other clothes: SETs out of order, indefinite lengths, long forms,
 * constructed strings, what we do not know. */
static const char *const cps[] = {
    "31 80 a2 80 81 01 41 82 01 42 a4 80 30 80 02 01 01 06 04 52 01 00 01 "
    "30 80 06 02 51 01 00 00 00 00 00 00 88 02 06 00 61 80 30 80 02 01 01 "
    "a0 80 60 00 00 00 00 00 00 00 00 00 a0 80 80 01 01 00 00 00 00",
    "31 83 00 00 3f a0 03 80 01 01 a2 82 00 36 80 02 07 80 a1 03 04 01 41 "
    "a2 81 05 24 03 04 01 42 a4 14 30 12 02 01 01 06 04 52 01 00 01 30 82 "
    "00 05 06 81 02 51 01 61 0d 30 0b 02 01 01 a0 84 00 00 00 02 60 00",
};

START_TEST(tolerant)
{
	struct hex hex;
	struct presentation_connect cp;
	struct slice value;

	ck_assert_int_eq(presentation_decode_connect(
			     hex_parse(&hex, cps[_i]), &arena, &cp, &diag),
	    0);
	ck_assert_int_eq(cp.mode, PRESENTATION_NORMAL);
	ck_assert(slice_equal_string(cp.calling_selector, "A"));
	ck_assert(slice_equal_string(cp.called_selector, "B"));
	ck_assert_uint_eq(cp.contexts, 1);
	ck_assert(cp.context[0].ber);
	ck_assert(slice_equal(cp.context[0].abstract, PRESENTATION_ACSE));
	ck_assert_int_eq(presentation_find(cp.user_data, 1, &value, &diag), 1);
	ck_assert(slice_equal(value, slice_of("\x60\x00", 2)));
}
END_TEST

/* Every element of a good CP left out or cut: an error, never a crash. */
START_TEST(truncated)
{
	struct hex hex;
	struct slice octets = hex_parse(&hex, cps[0]);
	struct presentation_connect cp = {.contexts = 77};

	for (size_t len = 0; len < octets.len; len++) {
		ck_assert_int_lt(
		    presentation_decode_connect(
			slice_of(octets.data, len), &arena, &cp, &diag),
		    0);
		ck_assert_uint_eq(cp.contexts, 77);
	}
}
END_TEST

static const char *const bad_cps[] = {
    "30 00", "31 00",					  /* no mode */
    "31 05 a0 03 80 01 01",				  /* no parameters */
    "31 05 a0 03 80 01 02",				  /* another mode */
    "31 02 a0 00",					  /* an empty mode */
    "31 0f a0 03 80 01 01 a2 08 a4 06 30 04 02 02 80 00", /* negative id */
    "31 0e a0 03 80 01 01 a2 07 a4 05 30 03 02 01 00",	  /* id 0 */
};

START_TEST(malformed)
{
	struct hex hex;
	struct presentation_connect cp;

	ck_assert_int_lt(presentation_decode_connect(
			     hex_parse(&hex, bad_cps[_i]), &arena, &cp, &diag),
	    0);
	ck_assert_str_ne(diag_text(&diag), "");
}
END_TEST

/* More contexts than anybody has. */
START_TEST(many_contexts)
{
	static const uint8_t context[] = {
	    0x30, 15, 2, 1, 1, 6, 4, 0x52, 1, 0, 1, 0x30, 4, 6, 2, 0x51, 1};
	size_t list = 33 * sizeof(context);
	uint8_t at[4 + 5 + 4 + 4 + 33 * sizeof(context)];
	struct presentation_connect cp;
	struct diag why = {0};

	memcpy(at, "\x31\x82", 2);
	at[2] = (uint8_t)((list + 13) >> 8);
	at[3] = (uint8_t)(list + 13);
	memcpy(at + 4, "\xa0\x03\x80\x01\x01\xa2\x82", 7);
	at[11] = (uint8_t)((list + 4) >> 8);
	at[12] = (uint8_t)(list + 4);
	memcpy(at + 13, "\xa4\x82", 2);
	at[15] = (uint8_t)(list >> 8);
	at[16] = (uint8_t)list;
	for (size_t i = 0; i < 33; i++)
		memcpy(at + 17 + i * sizeof(context), context, sizeof(context));
	ck_assert_int_eq(presentation_decode_connect(
			     slice_of(at, sizeof(at)), &arena, &cp, &why),
	    ERR_LIMIT);
}
END_TEST

/* An AARQ with titles and all, and two EXTERNALs of which one is ours. */
START_TEST(titles)
{
	struct hex hex;
	struct acse_apdu aarq;
	struct slice octets = hex_parse(&hex,
	    "60 39 80 02 07 80 a1 06 06 04 56 00 01 06 a2 03 06 01 2a a3 03 "
	    "02 01 01 a6 03 06 01 2b 8a 02 07 80 be 18 28 0a 02 01 07 a0 05 "
	    "b0 03 80 01 01 28 0a 02 01 03 a0 05 b0 03 80 01 02");

	octets.len = hex.len;
	hex.data[1] = (uint8_t)(hex.len - 2);
	ck_assert_int_eq(acse_decode(octets, 3, &aarq, &diag), 0);
	ck_assert(aarq.version1);
	ck_assert_uint_eq(aarq.indirect, 3);
	ck_assert(slice_equal(aarq.value, slice_of("\xb0\x03\x80\x01\x02", 5)));
	/* Another version only. */
	hex.data[5] = 0x40;
	ck_assert_int_eq(acse_decode(octets, 3, &aarq, &diag), 0);
	ck_assert(!aarq.version1);
}
END_TEST

/* The header of a piece: as long as its lengths need, and readable. */
START_TEST(data_header)
{
	static const uint64_t lens[] = {0, 1, 100, 112, 119, 121, 123, 127, 128,
	    255, 256, 65535, 65536, 1 << 24};
	static const uint32_t contexts[] = {1, 3, 127, 128, 32768};
	uint8_t header[PRESENTATION_DATA_HEADER_MAX];

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		for (size_t j = 0; j < 5; j++) {
			size_t n = presentation_data_header(
			    header, contexts[j], lens[i]);
			uint8_t *whole = calloc(1, n + lens[i]);
			struct slice value;

			ck_assert_uint_le(n, PRESENTATION_DATA_HEADER_MAX);
			memcpy(whole, header, n);
			ck_assert_int_eq(
			    presentation_find(slice_of(whole, n + lens[i]),
				contexts[j], &value, &diag),
			    1);
			ck_assert_uint_eq(value.data[0], 0x04);
			ck_assert_ptr_eq(
			    value.data + value.len, whole + n + lens[i]);
			buffer_reset(&out);
			if (lens[i] < 30000 && lens[i] > 0) {
				ck_assert_int_eq(presentation_encode_data(
						     contexts[j], value, &out),
				    0);
				same(slice_of(whole, n + lens[i]));
			}
			free(whole);
		}
	/* The longest there can be. */
	ck_assert_uint_le(
	    presentation_data_header(header, UINT32_MAX, UINT64_MAX / 4),
	    PRESENTATION_DATA_HEADER_MAX);
}
END_TEST

static void
add(Suite *suite, const char *name, const TTest *test, size_t count)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test, 0, (int)count);
	suite_add_tcase(suite, tcase);
}

TEST_MAIN(
    "osi/presentation", add(suite, "user_abort", user_abort, 1);
    add(suite, "isode_abort", isode_abort, 1);
    add(suite, "provider_abort", provider_abort, 1);
    add(suite, "recover", recover, 1); add(suite, "rejected", rejected, 1);
    add(suite, "tolerant", tolerant, 2); add(suite, "truncated", truncated, 1);
    add(suite, "malformed", malformed, sizeof(bad_cps) / sizeof(bad_cps[0]));
    add(suite, "many_contexts", many_contexts, 1);
    add(suite, "titles", titles, 1); add(suite, "data_header", data_header, 1))
