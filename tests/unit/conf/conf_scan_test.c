/* SPDX-License-Identifier: ISC */
/*
 * conf_scan_test.c - what must be seen to before libconfuse reads a text
 */
#include "conf/conf_scan.h"

#include <string.h>

#include "tests/unit/test.h"

/* scan_ok - a text that passes becomes another of the same length */
static void
scan_ok(const char *text, const char *expected)
{
	char copy[256];
	struct diag diag = {0};
	unsigned line = 0;
	size_t len = strlen(text);

	ck_assert_uint_lt(len, sizeof(copy));
	memcpy(copy, text, len + 1);
	ck_assert_msg(conf_scan(copy, len, &line, &diag) == 0, "%s: %s", text,
	    diag_text(&diag));
	ck_assert_str_eq(copy, expected);
	ck_assert_uint_eq(line, 0);
}

/* scan_bad - a text that is refused, at a line */
static void
scan_bad(const char *text, size_t len, unsigned expected, const char *reason)
{
	char copy[256];
	struct diag diag = {0};
	unsigned line = 0;

	memcpy(copy, text, len);
	ck_assert_msg(conf_scan(copy, len, &line, &diag) == ERR_SYNTAX,
	    "accepted: %s", text);
	ck_assert_msg(line == expected, "%s: line %u", text, line);
	ck_assert_str_eq(diag_text(&diag), reason);
}

#define BAD(text, line, reason) scan_bad(text, sizeof(text) - 1, line, reason)

START_TEST(comments)
{
	scan_ok("", "");
	scan_ok("a = b # c\nd", "a = b    \nd");
	scan_ok("a = b // c\nd", "a = b     \nd");
	scan_ok("a /* b\n c */ d", "a     \n      d");
	scan_ok("a = x//y", "a = x//y");
	scan_ok("a#b\nc", "a  \nc");
	BAD("a\n/* b\nc", 2, "comment does not end");
	BAD("a /*/", 1, "comment does not end");
}
END_TEST

START_TEST(strings)
{
	scan_ok("\"a # b\" 'c // d'", "\"a # b\" 'c // d'");
	scan_ok("\"\\\"#\"", "\"\\\"#\"");
	scan_ok("'\\'#'", "'\\'#'");
	scan_ok("'\\\\' #c", "'\\\\'   ");
	scan_ok("\"\\x41\\101\\n\"", "\"\\x41\\101\\n\"");
	scan_ok("\"\\${x}\" '${x}'", "\"\\${x}\" '${x}'");
	BAD("\n\"a", 2, "string does not end");
	BAD("\n'a", 2, "string does not end");
	BAD("\"a\\", 1, "string does not end");
	BAD("\n\"a\nb\"", 2, "string does not end on its line");
	BAD("'a\\\nb'", 1, "string does not end on its line");
	BAD("\"a\\\nb\"", 1, "string does not end on its line");
	BAD("\"a\001\"", 1, "control character in a string");
	BAD("'a\0'", 1, "control character in a string");
	/* found by fuzzing: the text ended there for libconfuse */
	BAD("\"a\\\0b\"", 1, "control character in a string");
	BAD("'a\\\0b'", 1, "control character in a string");
	BAD("\"${HOME}\"", 1, "variables are not replaced; write $ as \\$");
}
END_TEST

START_TEST(escapes)
{
	BAD("\"\\0\"", 1, "NUL in a string");
	BAD("\"\\000\"", 1, "NUL in a string");
	BAD("\"\\x0\"", 1, "NUL in a string");
	BAD("\"\\x00\"", 1, "NUL in a string");
	BAD("\"\\400\"", 1, "bad octal escape");
	BAD("\"\\1234\"", 1, "bad octal escape");
	BAD("\"\\18\"", 1, "bad octal escape");
	scan_ok("\"\\x0a\\x01\\xg\"", "\"\\x0a\\x01\\xg\"");
}
END_TEST

START_TEST(stray)
{
	scan_ok("a += {b}", "a += {b}");
	BAD("a + b", 1, "stray character");
	BAD("\n\n a = *", 3, "stray character");
	BAD("a = ${HOME}", 1, "variables are not replaced");
	BAD("a\0", 1, "control character");
	BAD("a\033", 1, "control character");
	scan_ok("a = b\r\n", "a = b\r\n");
}
END_TEST

START_TEST(braces)
{
	scan_ok("a { b = {c} } d { }", "a { b = {c} } d { }");
	scan_ok("} '{' \"{\"", "} '{' \"{\"");
	BAD("a {\n b = {c\n}", 1, "{ is not closed");
	BAD("a {\n b = {c\n", 2, "{ is not closed");
	BAD("a { # }\n", 1, "{ is not closed");
	BAD("{\n{{{{{", 2, "{ is not closed");
}
END_TEST

TEST_MAIN("conf/conf_scan", TEST(comments); TEST(strings); TEST(escapes);
	  TEST(stray); TEST(braces))
