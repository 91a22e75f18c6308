/* SPDX-License-Identifier: ISC */
/*
 * conf_scan_test.c - cut a configuration text into tokens
 */
#include "conf/conf_scan.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

/* scan_all - write all tokens of a text, in brackets where they are texts */
static void
scan_all(const char *text, size_t len, char *all, size_t size)
{
	struct conf_scanner scanner;
	struct conf_token token;
	char line[300];

	*all = '\0';
	conf_scan_init(&scanner, slice_of(text, len));
	for (;;) {
		ck_assert_int_eq(conf_scan_next(&scanner, &token), 0);
		if (token.kind == CONF_TOKEN_END)
			break;
		if (token.kind == CONF_TOKEN_BAD)
			snprintf(line, sizeof(line), "%u: %s\n", token.line,
			    token.text);
		else
			snprintf(line, sizeof(line),
			    token.kind == CONF_TOKEN_TEXT ? "[%s]" : "%s",
			    token.text);
		strlcat(all, line, size);
	}
	conf_scan_fini(&scanner);
}

/* scan_ok - scan a text that becomes these tokens */
static void
scan_ok(const char *text, const char *expected)
{
	char all[512];

	scan_all(text, strlen(text), all, sizeof(all));
	ck_assert_str_eq(all, expected);
}

/* scan_bad - scan a text that is refused, at a line */
static void
scan_bad(const char *text, size_t len, unsigned line, const char *reason)
{
	char all[512], expected[256];
	const char *found;

	scan_all(text, len, all, sizeof(all));
	snprintf(expected, sizeof(expected), "%u: %s\n", line, reason);
	found = strstr(all, expected);
	ck_assert_msg(found != NULL, "%s: %s", text, all);
}

#define BAD(text, line, reason) scan_bad(text, sizeof(text) - 1, line, reason)

START_TEST(comments)
{
	scan_ok("", "");
	scan_ok("a = b # c\nd", "[a]=[b][d]");
	scan_ok("a = b // c\nd", "[a]=[b][d]");
	scan_ok("a /* b\n c */ d", "[a][d]");
	scan_ok("a = x//y", "[a]=[x//y]");
	scan_ok("a#b\nc", "[a][c]");
	BAD("a\n/* b\nc", 2, "comment does not end");
	BAD("a /*/", 1, "comment does not end");
	BAD("/*\n\n*/ *", 3, "stray character");
}
END_TEST

START_TEST(strings)
{
	scan_ok("\"a # b\" 'c // d'", "[a # b][c // d]");
	scan_ok("\"\\\"#\"", "[\"#]");
	scan_ok("'\\'#'", "['#]");
	scan_ok("'\\\\' #c", "[\\]");
	scan_ok("'\\n'", "[\\n]");
	scan_ok("\"\\x41\\101\\n\"", "[AA\n]");
	scan_ok("\"\\t\\b\\r\\f\\a\\e\\v\\q\"", "[\t\b\r\f\a\033\vq]");
	scan_ok("\"\\${x}\" '${x}'", "[${x}][${x}]");
	scan_ok("\"\"''", "[][]");
	BAD("\n\"a", 2, "string does not end");
	BAD("\n'a", 2, "string does not end");
	BAD("\"a\\", 1, "string does not end");
	BAD("\n\"a\nb\"", 2, "string does not end on its line");
	BAD("'a\\\nb'", 1, "string does not end on its line");
	BAD("\"a\\\nb\"", 1, "string does not end on its line");
	BAD("\"a\001\"", 1, "control character in a string");
	BAD("'a\0'", 1, "control character in a string");
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
	scan_ok("\"\\x0a\\x1\\xg\"", "[\n\001xg]");
}
END_TEST

START_TEST(signs)
{
	scan_ok("a += {b, c}", "[a]+={[b],[c]}");
	scan_ok("a(b)", "[a]([b])");
	scan_ok("'{' \"}\"", "[{][}]");
	scan_ok("a = b\r\n", "[a]=[b]");
	scan_ok("a+=b", "[a]+=[b]");
	BAD("a + b", 1, "stray character");
	BAD("\n\n a = *", 3, "stray character");
	BAD("a = ${HOME}", 1, "variables are not replaced");
	BAD("a\0", 1, "control character");
	BAD("a\033", 1, "control character");
}
END_TEST

/* The scanner goes on behind what is wrong. */
START_TEST(goes_on)
{
	scan_ok("\"a\nb", "1: string does not end on its line\n[b]");
	scan_ok("\"a\001b\" c\nd", "1: control character in a string\n[d]");
	scan_ok("a * b\n\033\nc",
	    "[a]1: stray character\n[b]2: control character\n[c]");
	scan_ok("a /* b\nc", "[a]1: comment does not end\n");
}
END_TEST

TEST_MAIN("conf/conf_scan", TEST(comments); TEST(strings); TEST(escapes);
	  TEST(signs); TEST(goes_on))
