/* SPDX-License-Identifier: ISC */
/*
 * error_test.c - base/error: texts for all codes, the first reason wins
 */
#include "base/error.h"
#include "base/event.h"
#include "tests/unit/test.h"

START_TEST(every_code_has_its_text)
{
	int a, b;

	for (a = ERR_PROTOCOL; a <= 0; a++) {
		ck_assert_ptr_nonnull(error_strerror(a));
		ck_assert_str_ne(error_strerror(a), "unknown error");
		for (b = ERR_PROTOCOL; b < a; b++)
			ck_assert_str_ne(error_strerror(a), error_strerror(b));
	}
	ck_assert_str_eq(error_strerror(1), "unknown error");
	ck_assert_str_eq(error_strerror(ERR_PROTOCOL - 1), "unknown error");
}
END_TEST

START_TEST(first_reason_wins)
{
	struct diag diag = {.code = 0};

	ck_assert_str_eq(diag_text(&diag), "no error");
	diag_prefix(&diag, "nothing");
	ck_assert_str_eq(diag_text(&diag), "no error");
	ck_assert_int_eq(
	    diag_set(&diag, ERR_VALUE, "port %d", 70000), ERR_VALUE);
	ck_assert_int_eq(diag_set(&diag, ERR_IO, "other"), ERR_IO);
	ck_assert_int_eq(diag.code, ERR_VALUE);
	ck_assert_str_eq(diag_text(&diag), "port 70000");
	diag_prefix(&diag, "line %d", 3);
	diag_prefix(&diag, "file");
	ck_assert_str_eq(diag_text(&diag), "file: line 3: port 70000");
	diag_clear(&diag);
	ck_assert_int_eq(diag.code, 0);
	diag_set(&diag, ERR_IO, "%s", "");
	ck_assert_str_eq(diag_text(&diag), error_strerror(ERR_IO));
	ck_assert_int_eq(diag_set(NULL, ERR_IO, "x"), ERR_IO);
	diag_prefix(NULL, "x");
	diag_clear(NULL);
}
END_TEST

START_TEST(only_printable)
{
	struct diag diag = {.code = 0};
	char text[2000];

	diag_set(&diag, ERR_SYNTAX, "name %s", "a\x1b[31m\n\xff");
	ck_assert_str_eq(diag.text, "name a\\x1b[31m\\x0a\\xff");
	diag_clear(&diag);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	diag_set(&diag, ERR_SYNTAX, "%s", text);
	ck_assert_uint_eq(strlen(diag.text), sizeof(diag.text) - 1);
	ck_assert_str_eq(diag.text + sizeof(diag.text) - 4, "...");
	diag_prefix(&diag, "%s", text);
	ck_assert_uint_eq(strlen(diag.text), sizeof(diag.text) - 1);
}
END_TEST

START_TEST(event_numbers_are_distinct)
{
	unsigned a, b;

	for (a = 0; a < EVENT_COUNT; a++) {
		ck_assert_int_gt(event_number((enum event_name)a), 0);
		ck_assert_uint_gt(strlen(event_text((enum event_name)a)), 0);
		for (b = 0; b < a; b++)
			ck_assert_int_ne(event_number((enum event_name)a),
			    event_number((enum event_name)b));
	}
	ck_assert_int_eq(event_number(EVENT_NOT_OPENED), 289);
	ck_assert_int_eq(event_severity(EVENT_PANIC), SEVERITY_PANIC);
	ck_assert_int_eq(
	    event_number(EVENT_COUNT), event_number(EVENT_UNEXPECTED));
}
END_TEST

TEST_MAIN("base/error", TEST(every_code_has_its_text), TEST(first_reason_wins),
    TEST(only_printable), TEST(event_numbers_are_distinct))
