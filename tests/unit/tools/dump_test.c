/* SPDX-License-Identifier: ISC */
/*
 * dump_test.c - any octets as a tree, and no crash for any of them
 */
#include "tools/dump.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/mhs/apdu.h"
#include "tests/unit/test.h"

/* dump - dump octets as JSON lines, to be freed; *error is the result */
static char *
dump(struct slice octets, int *error, struct diag *diag)
{
	struct output out;
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(stream);
	output_init(&out, OUTPUT_JSON, stream);
	diag_clear(diag);
	*error = dump_tree(&out, octets, diag);
	ck_assert_int_eq(output_finish(&out), 0);
	fclose(stream);
	return text;
}

/* expect - expect the next line of text to be an element with these things */
static void
expect(char **text, int64_t offset, int64_t depth, const char *tag,
    int64_t length, const char *value)
{
	char *end = strchr(*text, '\n');
	json_error_t why;
	const char *got;
	json_t *row;

	ck_assert_ptr_nonnull(end);
	*end = '\0';
	row = json_loads(*text, 0, &why);
	ck_assert_ptr_nonnull(row);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(row, "offset")), offset);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(row, "depth")), depth);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(row, "length")), length);
	got = json_string_value(json_object_get(row, "tag"));
	ck_assert_str_eq(got + strspn(got, " "), tag);
	ck_assert_str_eq(
	    json_string_value(json_object_get(row, "value")), value);
	json_decref(row);
	*text = end + 1;
}

START_TEST(a_tree)
{
	static const uint8_t octets[] = {0x30, 0x80, 0x02, 0x02, 0x01, 0x00,
	    0x06, 0x04, 0x56, 0x00, 0x01, 0x06, 0xa3, 0x04, 0x16, 0x02, 'h',
	    'i', 0x04, 0x02, 0xff, 0x00, 0x69, 0x00, 0x00, 0x00, 0x05, 0x00};
	struct diag diag = {0};
	int error;
	char *text = dump(slice_of(octets, sizeof(octets)), &error, &diag);
	char *at = text;

	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	expect(&at, 0, 0, "SEQUENCE", 22, "");
	expect(&at, 2, 1, "INTEGER", 2, "256");
	expect(&at, 6, 1, "OBJECT IDENTIFIER", 4, "2.6.0.1.6");
	expect(&at, 12, 1, "[3]", 4, "");
	expect(&at, 14, 2, "IA5String", 2, "\"hi\"");
	expect(&at, 18, 1, "OCTET STRING", 2, "ff00");
	expect(&at, 22, 1, "[APPLICATION 9]", 0, "");
	expect(&at, 26, 0, "NULL", 0, "");
	ck_assert_str_eq(at, "");
	free(text);
}
END_TEST

/* Whole elements are shown; then the place where the rest is missing. */
START_TEST(cut_off)
{
	static const uint8_t octets[] = {
	    0x02, 0x01, 0x05, 0x30, 0x05, 0x02, 0x01};
	struct diag diag = {0};
	int error;
	char *text = dump(slice_of(octets, sizeof(octets)), &error, &diag);
	char *at = text;

	ck_assert_int_lt(error, 0);
	ck_assert_msg(strstr(diag_text(&diag), "offset 5") != NULL, "%s",
	    diag_text(&diag));
	expect(&at, 0, 0, "INTEGER", 1, "5");
	ck_assert_str_eq(at, "");
	free(text);
}
END_TEST

/* Nested deeper than any parser should go: an error, not a crash. */
START_TEST(too_deep)
{
	size_t len = 200000;
	uint8_t *octets = malloc(len);
	struct diag diag = {0};
	int error;

	for (size_t i = 0; i + 1 < len; i += 2) {
		octets[i] = 0x30;
		octets[i + 1] = 0x80;
	}
	free(dump(slice_of(octets, len), &error, &diag));
	ck_assert_int_lt(error, 0);
	free(octets);
}
END_TEST

/* A capture, cut at each octet, and with each octet changed. */
START_TEST(mangled)
{
	struct buffer file;
	struct diag diag = {0};
	struct slice all;
	uint8_t *octets;
	int error;

	apdu_load(&file, "p1-88-message-1recip");
	all = buffer_slice(&file);
	free(dump(all, &error, &diag));
	ck_assert_int_eq(error, 0);
	for (size_t len = 1; len < all.len; len++) {
		free(dump(slice_of(all.data, len), &error, &diag));
		ck_assert_int_lt(error, 0);
		ck_assert_int_ne(diag.code, 0);
	}
	octets = malloc(all.len);
	for (size_t i = 0; i < all.len; i++) {
		memcpy(octets, all.data, all.len);
		octets[i] ^= 0xff;
		free(dump(slice_of(octets, all.len), &error, &diag));
		ck_assert(error == 0 || diag.code != 0);
	}
	free(octets);
	buffer_fini(&file);
}
END_TEST

TEST_MAIN("tools/dump", TEST(a_tree); TEST(cut_off); TEST(too_deep);
	  TEST(mangled))
