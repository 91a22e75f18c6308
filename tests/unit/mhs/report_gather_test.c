/* SPDX-License-Identifier: ISC */
/*
 * report_gather_test.c - gather what a report says without what it returns
 */
#include "mhs/report_gather.h"

#include <stdio.h>

#include "tests/unit/test.h"

/* A report in hexadecimal, and what is kept of it; NULL: it is refused. */
static const struct {
	const char *report, *kept;
} rows[] = {
    /* Definite lengths, and indefinite ones. */
    {"3109 020101 810199 800105", "3180 020101 800105 0000"},
    {"3180 020101 810199 800105 0000", "3180 020101 800105 0000"},
    /* The content in pieces, with what looks like another within. */
    {"3180 a180 040199 810101 0000 020101 0000", "3180 020101 0000"},
    /* The same tag further inside is something else. */
    {"3107 a005 810199 0500", "3180 a005 810199 0500 0000"},
    {"3009 020101 810199 800105", NULL},
    {"3109 020101 810199 8001", NULL},
};

/* octets_of - read hexadecimal with blanks; return how many octets */
static size_t
octets_of(const char *text, uint8_t *octets)
{
	size_t count = 0;
	unsigned octet;

	for (; *text != '\0'; text += *text == ' ' ? 1 : 2)
		if (*text != ' ') {
			ck_assert_int_eq(sscanf(text, "%2x", &octet), 1);
			octets[count++] = (uint8_t)octet;
		}
	return count;
}

/* gather - push a report in pieces of this size; true: it was whole */
static bool
gather(struct slice report, size_t piece, struct buffer *out)
{
	struct report_gather g;
	int error = 0;

	report_gather_init(&g, out);
	for (size_t at = 0; error == 0 && at < report.len; at += piece)
		error = report_gather_push(&g,
		    slice_of(report.data + at,
			report.len - at < piece ? report.len - at : piece));
	return error == 0 && report_gather_complete(&g);
}

START_TEST(kept)
{
	uint8_t report[64], expected[64];
	struct slice whole =
	    slice_of(report, octets_of(rows[_i].report, report));

	for (size_t piece = 1; piece <= whole.len; piece++) {
		struct buffer out;

		buffer_init(&out, 64);
		ck_assert_int_eq(
		    gather(whole, piece, &out), rows[_i].kept != NULL);
		if (rows[_i].kept != NULL)
			ck_assert(slice_equal(buffer_slice(&out),
			    slice_of(
				expected, octets_of(rows[_i].kept, expected))));
		buffer_fini(&out);
	}
}
END_TEST

/* What is kept is bounded, what is left out is not. */
START_TEST(bounded)
{
	static const uint8_t begin[] = {0x31, 0x80, 0x81, 0x84, 0x01, 0, 0, 0};
	static uint8_t piece[65536];
	struct report_gather g;
	struct buffer out;

	buffer_init(&out, 64);
	report_gather_init(&g, &out);
	ck_assert_int_eq(
	    report_gather_push(&g, slice_of(begin, sizeof(begin))), 0);
	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(
		    report_gather_push(&g, slice_of(piece, sizeof(piece))), 0);
	ck_assert_uint_eq(buffer_length(&out), 2);
	ck_assert_int_eq(report_gather_push(&g, slice_of("\x04\x7f", 2)), 0);
	ck_assert_int_eq(
	    report_gather_push(&g, slice_of(piece, 127)), ERR_LIMIT);
	buffer_fini(&out);
}
END_TEST

TEST_MAIN("mhs/report_gather", TEST_LOOP(kept, sizeof(rows) / sizeof(rows[0])),
    TEST(bounded))
