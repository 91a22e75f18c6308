/* SPDX-License-Identifier: ISC */
/*
 * mime_value_test.c - the values of fields: words in other sets (RFC 2047 8,
 * RFC 2231), parameters, addresses (RFC 5322 A), dates
 */
#include <stdio.h>

#include "mime/mime_address.h"
#include "mime/mime_date.h"
#include "mime/mime_type.h"
#include "mime/mime_word.h"
#include "tests/unit/test.h"

static struct mime_charsets charsets;
static struct arena arena;

static void
setup(void)
{
	mime_charsets_open(&charsets);
	arena_init(&arena, (size_t)64 * 1024 * 1024);
}

static void
teardown(void)
{
	arena_fini(&arena);
	mime_charsets_close(&charsets);
}

/* word - check what a text with encoded words says */
static void
word(const char *text, const char *expected)
{
	struct slice utf8;

	ck_assert_int_eq(
	    mime_word_decode(&charsets, slice_of_string(text), &arena, &utf8),
	    0);
	ck_assert_msg(slice_equal_string(utf8, expected), "%s: %.*s", text,
	    (int)utf8.len, (const char *)utf8.data);
}

START_TEST(words)
{
	setup();
	word("=?ISO-8859-1?Q?a?=", "a");
	word("=?ISO-8859-1?Q?a?= b", "a b");
	word("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab");
	word("=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab");
	word("=?ISO-8859-1?Q?a_b?=", "a b");
	word("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b");
	word("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore");
	word("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=",
	    "Keld J\xc3\xb8rn Simonsen");
	word("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?="
	     " =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
	    "If you can read this you understand the example.");
	/* a character cut between two words */
	word("=?utf-8?B?w7w=?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=",
	    "\xc3\xbc\xc3\xbc");
	word("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac");
	/* none of these is a word */
	word("=?x?=", "=?x?=");
	word("a=?b =??Q?x?= =?utf-8?X?y?=", "a=?b =??Q?x?= =?utf-8?X?y?=");
	/* sets that lie, and controls */
	word("=?utf-8?Q?a=ff?=", "a\xc3\xbf");
	word("=?windows-1252?Q?=80=81?=", "\xe2\x82\xac\xef\xbf\xbd");
	word("=?utf-8?Q?a=0d=0aBcc:_x?=",
	    "a\xef\xbf\xbd\xef\xbf\xbd"
	    "Bcc: x");
	teardown();
}
END_TEST

/* parameter - check what a parameter of a value is */
static void
parameter(const char *value, const char *name, const char *expected)
{
	struct mime_type type;
	struct slice got;

	ck_assert_int_eq(
	    mime_type_parse(&charsets, slice_of_string(value), &arena, &type),
	    0);
	got = mime_type_parameter(&type, name);
	ck_assert_msg(slice_equal_string(got, expected), "%s: %.*s", value,
	    (int)got.len, (const char *)got.data);
}

START_TEST(parameters)
{
	struct mime_type type;

	setup();
	parameter(
	    "text/plain; Charset=US-ascii (Plain)", "charset", "US-ascii");
	parameter("text/plain; charset=\"us-ascii\"", "charset", "us-ascii");
	/* RFC 2231 3, 4, 4.1 */
	parameter("message/external-body; access-type=URL;\tURL*0=\"ftp://\";"
		  " URL*1=\"cs.utk.edu/pub\"",
	    "url", "ftp://cs.utk.edu/pub");
	parameter("application/x-stuff; title*=us-ascii'en-us'This%20is%20"
		  "%2A%2A%2Afun%2A%2A%2A",
	    "title", "This is ***fun***");
	parameter("application/x-stuff;"
		  " title*0*=us-ascii'en'This%20is%20even%20more%20;"
		  " title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
	    "title", "This is even more ***fun*** isn't it!");
	parameter("a/b; x*1*=b; x*0*=utf-8''%c3", "x", "\xc3\x83\x62");
	parameter("a/b; n=old; n*=utf-8''%c3%bc", "n", "\xc3\xbc");
	parameter("a/b; n=\"=?utf-8?B?w7w=?=\"", "n", "\xc3\xbc");
	/* parameters that are not readable are left out */
	parameter("a/b; =; x y; n=1;;", "n", "1");
	parameter("a/b; n=\"a\\\"b", "n", "a\"b");
	parameter("a/b; n=a/b=c", "n", "a/b=c");
	ck_assert_int_eq(
	    mime_type_parse(&charsets, slice_of_string("; a=b"), &arena, &type),
	    ERR_SYNTAX);
	teardown();
}
END_TEST

/* addresses - check the mailboxes of a value: "phrase<address>(comment)," */
static void
addresses(const char *value, const char *expected)
{
	struct mime_mailboxes list;
	char text[1024] = "";
	size_t len = 0;

	ck_assert_int_eq(mime_address_parse(
			     &charsets, slice_of_string(value), &arena, &list),
	    0);
	for (size_t i = 0; i < list.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%.*s<%.*s>(%.*s),", (int)list.list[i].phrase.len,
		    (const char *)list.list[i].phrase.data,
		    (int)list.list[i].address.len,
		    (const char *)list.list[i].address.data,
		    (int)list.list[i].comment.len,
		    (const char *)list.list[i].comment.data);
	ck_assert_str_eq(text, expected);
}

START_TEST(mailboxes)
{
	setup();
	/* RFC 5322 A.1.1 to A.1.3, A.5, A.6.1 */
	addresses("John Doe <jdoe@machine.example>",
	    "John Doe<jdoe@machine.example>(),");
	addresses("\"Joe Q. Public\" <john.q.public@example.com>",
	    "Joe Q. Public<john.q.public@example.com>(),");
	addresses("Mary Smith <mary@x.test>, jdoe@example.org, Who? "
		  "<one@y.test>",
	    "Mary Smith<mary@x.test>(),<jdoe@example.org>(),"
	    "Who?<one@y.test>(),");
	addresses("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" "
		  "<sysservices@example.net>",
	    "<boss@nil.test>(),Giant; \"Big\" "
	    "Box<sysservices@example.net>(),");
	addresses("A Group:Ed Jones <c@a.test>,joe@where.test,John "
		  "<jdoe@one.test>;",
	    "Ed Jones<c@a.test>(),<joe@where.test>(),"
	    "John<jdoe@one.test>(),");
	addresses("Undisclosed recipients:;", "Undisclosed recipients<>(),");
	addresses("Pete(A nice \\) chap) <pete(his account)@silly.test(his "
		  "host)>",
	    "Pete<pete@silly.test>(A nice \\) chap; his account; his host),");
	addresses("jdoe@test   . example", "<jdoe@test.example>(),");
	addresses("Joe Q. Public <john.q.public@example.com>",
	    "Joe Q. Public<john.q.public@example.com>(),");
	addresses("<@node.test,@b:mary@example.net>, , jdoe@test . example",
	    "<mary@example.net>(),<jdoe@test.example>(),");
	/* local parts that need quotes, and those that do not */
	addresses("\"a b\"@c, \"a.b\"@c, \"/G=A/S=B/\"@d, \"a\\\"b\"@c",
	    "<\"a b\"@c>(),<a.b@c>(),</G=A/S=B/@d>(),<\"a\\\"b\"@c>(),");
	/* text that is no address */
	addresses(
	    "jo, Jo <nobody>, @b, a@", "jo<>(),Jo nobody<>(),b<>(),a<>(),");
	addresses("J\xc3\xbc <j\xc3\xbc@b>, (c)", "J\xc3\xbc j\xc3\xbc@b<>(),");
	addresses("a@[127.0.0.1]", "<a@[127.0.0.1]>(),");
	/* addresses without anything between them */
	addresses(
	    "a@b c@d<e@f><g@h>i@j", "<a@bc>(),d<>(),<e@f>(),<g@h>(),<i@j>(),");
	teardown();
}
END_TEST

/* Many quoted strings and comments in comments cost no more than their text. */
START_TEST(bombs)
{
	static char text[200000];
	struct mime_mailboxes list;

	setup();
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\"\"", 2);
	ck_assert_int_eq(mime_address_parse(&charsets,
			     slice_of(text, sizeof(text)), &arena, &list),
	    0);
	memset(text, '(', sizeof(text));
	ck_assert_int_eq(mime_address_parse(&charsets,
			     slice_of(text, sizeof(text)), &arena, &list),
	    0);
	ck_assert_uint_eq(list.count, 0);
	memset(text, ',', sizeof(text));
	ck_assert_int_eq(mime_address_parse(&charsets,
			     slice_of(text, sizeof(text)), &arena, &list),
	    ERR_LIMIT);
	teardown();
}
END_TEST

START_TEST(identifiers)
{
	struct slice *ids;
	size_t count;

	setup();
	ck_assert_int_eq(
	    mime_address_ids(slice_of_string("<a@b> text <\"c>d\"@e>(x) <> <f"),
		&arena, &ids, &count),
	    0);
	ck_assert_uint_eq(count, 2);
	ck_assert(slice_equal_string(ids[0], "a@b"));
	ck_assert(slice_equal_string(ids[1], "\"c>d\"@e"));
	teardown();
}
END_TEST

START_TEST(dates)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
	    {"Mon, 30 Nov 2026 12:05:10 +0000", 1796040310},
	    {"30 Nov 2026 13:05:10 +0100 (CET)", 1796040310},
	    {"30 Nov 26 07:05:10 EST", 1796040310},
	    {"Mon,30 Nov 2026 12:05:10 GMT", 1796040310},
	    {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706},
	    {"1 Jan 70 00:00 Z", 0},
	    {"30-Nov-2026 12:05:10 -0000", 1796040310},
	};
	char text[MIME_DATE_MAX];
	int64_t seconds = 1;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(
		    mime_date_parse(slice_of_string(rows[i].text), &seconds),
		    0);
		ck_assert_msg(seconds == rows[i].seconds, "%s", rows[i].text);
	}
	ck_assert_str_eq(mime_date_format(1796040310, text), rows[0].text);
	ck_assert_str_eq(
	    mime_date_format(-1, text), "Wed, 31 Dec 1969 23:59:59 +0000");
	ck_assert_int_lt(
	    mime_date_parse(slice_of_string("31 Feb 2026 1:2:3"), &seconds), 0);
	ck_assert_int_lt(mime_date_parse(slice_of_string(""), &seconds), 0);
	ck_assert_int_lt(
	    mime_date_parse(slice_of_string("99999 Nov 2026"), &seconds), 0);
}
END_TEST

TEST_MAIN("mime/value", TEST(words), TEST(parameters), TEST(mailboxes),
    TEST(bombs), TEST(identifiers), TEST(dates))
