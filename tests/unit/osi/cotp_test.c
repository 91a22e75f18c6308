/* SPDX-License-Identifier: ISC */
/*
 * cotp_test.c - packets and TPDUs: what captures don't hold, and malformed ones
 */
#include <stdio.h>

#include "osi/cotp.h"
#include "osi/tpkt.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

START_TEST(packet)
{
	struct hex hex;
	struct slice octets = hex_parse(&hex, "03 00 00 0b 06 80 27ea 27e8 80");
	struct slice tpdu;
	struct diag diag = {0};
	uint8_t header[TPKT_HEADER];
	size_t used = 0;

	for (size_t len = 0; len < octets.len; len++)
		ck_assert_int_eq(tpkt_decode(slice_of(octets.data, len), &tpdu,
				     &used, &diag),
		    0);
	ck_assert_int_eq(tpkt_decode(octets, &tpdu, &used, &diag), 1);
	ck_assert_uint_eq(used, 11);
	ck_assert_uint_eq(tpdu.len, 7);
	tpkt_encode(header, 7);
	ck_assert_mem_eq(header, octets.data, 4);
	tpkt_encode(header, 65531);
	ck_assert_mem_eq(header, "\x03\x00\xff\xff", 4);
	/* The error names the first octet that is wrong. */
	ck_assert_int_eq(
	    tpkt_decode(hex_parse(&hex, "47"), &tpdu, &used, &diag),
	    ERR_SYNTAX);
	ck_assert_str_eq(diag_text(&diag), "TPKT: version is 71, not 3");
	ck_assert_int_eq(
	    tpkt_decode(hex_parse(&hex, "03 00 00 06"), &tpdu, &used, &diag),
	    ERR_SYNTAX);
}
END_TEST

struct size {
	const char *parameters;
	unsigned size, preferred;
};

static const struct size sizes[] = {
    {"", 0, 0}, {"c0 01 07", 128, 0}, {"c0 01 0d", 8192, 0},
    {"f0 01 10", 0, 2048}, {"c0 01 0b f0 02 01 ff", 2048, 65408},
    {"f0 04 ff ff ff ff", 0, 65531},
    {"c5 01 00", 0, 0}, /* a checksum option: passed over */
};

START_TEST(tpdu_size)
{
	char text[100];
	struct hex hex, parameters;
	struct cotp_tpdu tpdu;
	struct diag diag = {0};

	hex_parse(&parameters, sizes[_i].parameters);
	snprintf(text, sizeof(text), "%02zx e0 0000 0001 00 %s",
	    6 + parameters.len, sizes[_i].parameters);
	ck_assert_int_eq(cotp_decode(hex_parse(&hex, text), &tpdu, &diag), 0);
	ck_assert_uint_eq(tpdu.tpdu_size, sizes[_i].size);
	ck_assert_uint_eq(tpdu.preferred_size, sizes[_i].preferred);
	ck_assert(tpdu.class0);
}
END_TEST

/* Class 4 with class 0 as its alternative, and without. */
START_TEST(classes)
{
	struct hex hex;
	struct cotp_tpdu tpdu;
	struct diag diag = {0};

	ck_assert_int_eq(
	    cotp_decode(hex_parse(&hex, "06 e5 0000 0001 40"), &tpdu, &diag),
	    0);
	ck_assert_int_eq(tpdu.code, COTP_CR);
	ck_assert(!tpdu.class0);
	ck_assert_int_eq(
	    cotp_decode(
		hex_parse(&hex, "09 e5 0000 0001 40 c7 01 00"), &tpdu, &diag),
	    0);
	ck_assert(tpdu.class0);
}
END_TEST

static const char *const bad[] = {
    "",
    "06",
    "02 f0",
    "01 f0 80",
    "03 f0 80 00",		   /* DT with parameters */
    "07 e0 0000 0001 00",	   /* length over the TPDU */
    "05 e0 0000 0001 00",	   /* too short */
    "07 e0 0000 0001 00 c0",	   /* half a parameter */
    "08 e0 0000 0001 00 c1 05",	   /* parameter over the header */
    "09 e0 0000 0001 00 c0 01 06", /* size of 64 */
    "0a e0 0000 0001 00 c0 02 0b 0b",
    "08 e0 0000 0001 00 f0 00",
    "09 e0 0000 0001 00 f0 01 00",
    "04 60 0001 01", /* AK */
    "ff e0 0000 0001 00",
};

START_TEST(malformed)
{
	struct hex hex;
	struct cotp_tpdu tpdu = {.reason = 77};
	struct diag diag = {0};

	ck_assert_int_lt(
	    cotp_decode(hex_parse(&hex, bad[_i]), &tpdu, &diag), 0);
	ck_assert_uint_eq(tpdu.reason, 77);
	ck_assert_int_eq(strncmp(diag_text(&diag), "transport: ", 11), 0);
}
END_TEST

START_TEST(encode)
{
	static const uint8_t large[65];
	struct cotp_tpdu tpdu = {.code = COTP_DR,
	    .dst_ref = 0x27ea,
	    .src_ref = 0x27e8,
	    .reason = 0x80};
	struct buffer out;

	buffer_init(&out, 1000);
	ck_assert_int_eq(cotp_encode(&tpdu, &out), 0);
	ck_assert_uint_eq(buffer_length(&out), 7);
	ck_assert_mem_eq(
	    buffer_slice(&out).data, "\x06\x80\x27\xea\x27\xe8\x80", 7);
	tpdu.code = COTP_CC;
	tpdu.tpdu_size = 2000;
	ck_assert_int_eq(cotp_encode(&tpdu, &out), ERR_VALUE);
	tpdu.tpdu_size = 0;
	tpdu.called = slice_of(large, sizeof(large));
	ck_assert_int_eq(cotp_encode(&tpdu, &out), ERR_VALUE);
	buffer_fini(&out);
}
END_TEST

TEST_MAIN("osi/cotp", TEST(packet);
	  TEST_LOOP(tpdu_size, sizeof(sizes) / sizeof(sizes[0])); TEST(classes);
	  TEST_LOOP(malformed, sizeof(bad) / sizeof(bad[0])); TEST(encode))
