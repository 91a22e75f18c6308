/* SPDX-License-Identifier: ISC */
/*
 * mmff_test.c - message files, good ones and bad ones
 */
#include "msmi/code_page.h"
#include "msmi/mmff.h"
#include "tests/unit/test.h"

/* read - read the header of a file that is whole in memory */
static int
read_file(struct slice file, struct arena *arena, struct mmff *mmff,
    struct mmff_diag *diag)
{
	return mmff_read(
	    CONF_CODE_PAGE_UTF8, file, file.len, arena, mmff, diag);
}

#define FILE_OF(string) slice_of(string, sizeof(string) - 1)

/* check_all_fields - check the file that three tests write with other ends */
static void
check_all_fields(struct slice file)
{
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	ck_assert_msg(read_file(file, &arena, &m, &diag) == 0, "%s", diag.text);
	ck_assert_uint_eq(m.to_count, 3);
	ck_assert_uint_eq(m.to[0].type.len, 0);
	ck_assert(slice_equal_string(m.to[0].text, "NET/PO/BOB"));
	ck_assert(slice_equal_string(m.to[1].type, "CSI"));
	ck_assert(slice_equal_string(m.to[1].text, "NET/PO/EVE"));
	ck_assert(slice_equal_string(m.to[2].type, "X400"));
	ck_assert(
	    slice_equal_string(m.to[2].text, "C=DE;A=VIAT;DDA:a==b=c;S=Doe"));
	ck_assert_uint_eq(m.to[2].line, 4);
	ck_assert(slice_equal_string(m.from.text, "NET/PO/ALICE"));
	ck_assert(slice_equal_string(m.subject, "Hello: a b"));
	ck_assert_int_eq(m.priority, 'R');
	ck_assert_uint_eq(m.attachment_count, 2);
	ck_assert(slice_equal_string(m.attachments[0].name, "A FILE.DOC"));
	ck_assert_uint_eq(m.attachments[0].size, 3);
	ck_assert(slice_equal_string(m.attachments[1].name, "Plan"));
	ck_assert(slice_equal_string(m.attachments[1].physical, "P.XLS"));
	ck_assert_uint_eq(m.text_size, 5);
	ck_assert(slice_equal(
	    slice_of(file.data + m.contents, 8), FILE_OF("\nTextabc")));
	arena_fini(&arena);
}

#define ALL(end)                                                           \
	"VERSION:3.00" end "TO:NET/PO/BOB" end "to: [CSI:NET/PO/EVE] " end \
	"TO:X400:C=DE;A=VIAT;DDA:a==b=c;S=Doe" end "From:NET/PO/ALICE" end \
	"Date:1997-01-07" end "TIME:09:05" end "SUBJECT: Hello: a b" end   \
	"PRIORITY:r" end "ATTACHMENTS:A FILE.DOC 3" end                    \
	"XATTACH:C:\\OUT\\P.XLS Plan" end "TEXT:5" end "\nTextabc"

START_TEST(line_ends)
{
	check_all_fields(FILE_OF(ALL("\r\n")));
	check_all_fields(FILE_OF(ALL("\n")));
	/* behind CR alone the text may begin with LF */
	check_all_fields(FILE_OF(ALL("\r")));
}
END_TEST

START_TEST(xtext)
{
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(read_file(FILE_OF("VERSION:3.00\nTO:A/B/C\n"
					   "FROM:A/B/D\nXTEXT:..\\BODY.TXT"),
			     &arena, &m, &diag),
	    0);
	ck_assert(slice_equal_string(m.text_file, "BODY.TXT"));
	ck_assert_uint_eq(m.text_size, 0);
	arena_fini(&arena);
}
END_TEST

/* A tab in a subject is a blank, and no mark of something unreadable. */
START_TEST(tab_in_subject)
{
	static const char file[] =
	    "VERSION:3.00\nTO:A/B/C\nFROM:A/B/D\nSUBJECT:a\tb\nTEXT:0\n";
	struct mmff_diag diag;
	struct arena arena;
	struct mmff m;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(mmff_read(CONF_CODE_PAGE_UTF8, slice_of_string(file),
			     strlen(file), &arena, &m, &diag),
	    0);
	ck_assert(slice_equal_string(m.subject, "a b"));
	arena_fini(&arena);
}
END_TEST

/* DATE and TIME are not used and refuse nothing; VERSION:3 is 3.00. */
START_TEST(unused_lines)
{
	static const char *const lines[] = {"VERSION:3\nDATE:1900-01-01\n",
	    "VERSION:3.0\nDATE:00-01-01\nTIME:24:00\n",
	    "VERSION:3.00\nDATE:\nTIME:10:00:59\n",
	    "VERSION:4.00\nDATE:1997-02-29\nTIME:\n"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct mmff_diag diag;
		struct arena arena;
		struct mmff m;
		char file[256];

		arena_init(&arena, 1 << 20);
		snprintf(file, sizeof(file), "%sTO:A/B/C\nFROM:A/B/D\nTEXT:0\n",
		    lines[i]);
		ck_assert_msg(
		    mmff_read(CONF_CODE_PAGE_UTF8, slice_of_string(file),
			strlen(file), &arena, &m, &diag) == 0,
		    "%s: %s", lines[i], diag.text);
		arena_fini(&arena);
	}
}
END_TEST

#define HEAD "VERSION:3.00\r\nTO:A/B/C\r\nFROM:A/B/D\r\n"

START_TEST(bad_files)
{
	static const struct {
		const char *file;
		const char *text; /* how the error begins, or holds */
	} table[] = {
	    {"", "143-1-0 "},
	    {"\x7f"
	     "ELF\x02\x01",
		"144-1-1 Unable to partition line: \\x7fELF"},
	    {"hello\r\nworld\r\n", "144-1-1 "},
	    {"TO:A/B/C\r\n", "141-1-1 Cannot match token: TO (has tail A/B/C)"},
	    {"VERSION:\r\n", "140-1-1 "},
	    {"VERSION:3.0000\r\n", "140-1-1 "},
	    {HEAD "VERSION:3.00\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "CC:A/B/E\r\nTEXT:0\r\n",
		"141-1-4 Cannot match token: CC (has tail A/B/E)"},
	    {HEAD "\r\nTEXT:0\r\n", "144-1-4 "},
	    {"VERSION:3.00\r\nFROM:\r\n", "142-1-2 Bad address: empty"},
	    {"VERSION:3.00\r\nFROM:CSI:\r\n", "142-1-2 "},
	    {HEAD "FROM:A/B/E\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "PRIORITY:6\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "PRIORITY:\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "ATTACHMENTS:A.DOC\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "ATTACHMENTS:A.DOC -1\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "ATTACHMENTS: 5\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "XATTACH:C:\\\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "XATTACH:/etc/.hidden\r\nTEXT:0\r\n", "140-1-4 "},
	    {HEAD "TEXT:\r\n", "140-1-4 "},
	    {HEAD "TEXT:99999999999999999999\r\n", "140-1-4 "},
	    {HEAD "TEXT:+1\r\nx", "140-1-4 "},
	    {HEAD "XTEXT:\r\n", "146-1-4 "},
	    {HEAD "XTEXT:A\\\r\n", "146-1-4 "},
	    {HEAD "SUBJECT:no text\r\n", "143-1-4 "},
	    {"VERSION:3.00\r\nFROM:A/B/C\r\nTEXT:0\r\n",
		"143-1-3 Unknown parser error: no TO line"},
	    {"VERSION:3.00\r\nTO:A/B/C\r\nTEXT:0\r\n", "no FROM line"},
	    {HEAD "TEXT:5\r\nabcd", "143-1-4 "},
	    {HEAD "ATTACHMENTS:A 9223372036854775807\r\n"
		  "ATTACHMENTS:B 9223372036854775807\r\nTEXT:2\r\nab",
		"143-1-6 "},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena arena;
		struct mmff m;
		struct mmff_diag diag;

		arena_init(&arena, 1 << 20);
		ck_assert_msg(read_file(slice_of_string(table[i].file), &arena,
				  &m, &diag) == ERR_SYNTAX,
		    "%zu passed", i);
		ck_assert_msg(strstr(diag.text, table[i].text) != NULL,
		    "%zu: %s", i, diag.text);
		arena_fini(&arena);
	}
}
END_TEST

/* A sender is found even behind the line that is bad. */
START_TEST(sender_of_a_bad_file)
{
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(
	    read_file(FILE_OF("VERSION:3.00\rTO:X\rNONSENSE\rSUBJECT:S\r"
			      "FROM:NET/PO/ALICE\rTEXT:0\r"),
		&arena, &m, &diag),
	    ERR_SYNTAX);
	ck_assert_uint_eq(diag.line, 3);
	ck_assert_int_eq(diag.code, MMFF_LINE);
	ck_assert(m.has_from);
	ck_assert(slice_equal_string(m.from.text, "NET/PO/ALICE"));
	ck_assert(slice_equal_string(m.subject, "S"));
	ck_assert_uint_eq(m.to_count, 1);
	arena_fini(&arena);
}
END_TEST

START_TEST(truncated_is_told_apart)
{
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;
	static const char whole[] = HEAD "TEXT:3\r\nabc";

	arena_init(&arena, 1 << 20);
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		ck_assert_int_eq(
		    read_file(slice_of(whole, n), &arena, &m, &diag),
		    ERR_SYNTAX);
		ck_assert_msg(diag.truncated, "%zu: %s", n, diag.text);
	}
	ck_assert_int_eq(
	    read_file(slice_of(whole, sizeof(whole) - 1), &arena, &m, &diag),
	    0);
	arena_fini(&arena);
}
END_TEST

START_TEST(too_many)
{
	struct arena arena;
	struct buffer file;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 24);
	buffer_init(&file, 1 << 20);
	ck_assert_int_eq(buffer_append(&file, "VERSION:3.00\n", 13), 0);
	for (int i = 0; i <= MMFF_RECIPIENTS_MAX; i++)
		ck_assert_int_eq(buffer_append(&file, "TO:A/B/C\n", 9), 0);
	ck_assert_int_eq(
	    read_file(buffer_slice(&file), &arena, &m, &diag), ERR_SYNTAX);
	ck_assert_int_eq(diag.code, MMFF_TOO_BIG);
	ck_assert_uint_eq(diag.line, 2 + MMFF_RECIPIENTS_MAX);
	/* a header without an end */
	ck_assert_int_eq(mmff_read(CONF_CODE_PAGE_UTF8, buffer_slice(&file),
			     1 << 30, &arena, &m, &diag),
	    ERR_SYNTAX);
	ck_assert_int_eq(diag.code, MMFF_TOO_BIG);
	buffer_reset(&file);
	ck_assert_int_eq(buffer_append(&file, "VERSION:3.00\nTO:A/B/", 20), 0);
	for (int i = 0; i <= MMFF_LINE_MAX; i++)
		ck_assert_int_eq(buffer_append(&file, "x", 1), 0);
	ck_assert_int_eq(
	    read_file(buffer_slice(&file), &arena, &m, &diag), ERR_SYNTAX);
	ck_assert_int_eq(diag.code, MMFF_TOO_BIG);
	ck_assert_uint_eq(diag.line, 2);
	buffer_fini(&file);
	arena_fini(&arena);
}
END_TEST

START_TEST(headers_of_another_charset)
{
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(read_file(FILE_OF(HEAD "SUBJECT:Gr\xfc\xdf"
						"e\r\nTEXT:0\r\n"),
			     &arena, &m, &diag),
	    0);
	ck_assert(slice_equal_string(m.subject,
	    "Gr\xc3\xbc\xc3\x9f"
	    "e"));
	ck_assert_int_eq(
	    read_file(FILE_OF(HEAD "SUBJECT:\xe2\x82\xac\r\nTEXT:0\r\n"),
		&arena, &m, &diag),
	    0);
	ck_assert(slice_equal_string(m.subject, "\xe2\x82\xac"));
	arena_fini(&arena);
}
END_TEST

START_TEST(written_is_read)
{
	static const char *const to[] = {"NET/PO/BOB", "NET/PO/EVE"};
	const struct mmff_attachment attachments[] = {
	    {.name = slice_of_string("a b.txt"), .size = 2},
	    {.name = slice_of_string("\xe2\x82\xac"), .size = 0}};
	const struct mmff_out out = {.to = to,
	    .to_count = 2,
	    .from = "X400:S=Doe;C=DE",
	    .subject = slice_of_string("two\r\nlines"),
	    .time = 852627900,
	    .priority = '5',
	    .attachments = attachments,
	    .attachment_count = 2,
	    .text_size = 3};
	struct arena arena;
	struct buffer file;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	buffer_init(&file, 1 << 16);
	ck_assert_int_eq(mmff_write(&out, CONF_CODE_PAGE_UTF8, &file), 0);
	ck_assert_int_eq(buffer_append(&file, "abcde", 5), 0);
	ck_assert_msg(read_file(buffer_slice(&file), &arena, &m, &diag) == 0,
	    "%s", diag.text);
	ck_assert_uint_eq(m.to_count, 2);
	ck_assert(slice_equal_string(m.to[1].text, "NET/PO/EVE"));
	ck_assert(slice_equal_string(m.from.type, "X400"));
	ck_assert(slice_equal_string(m.subject, "two  lines"));
	ck_assert_int_eq(m.priority, '5');
	ck_assert_uint_eq(m.attachment_count, 2);
	ck_assert(slice_equal_string(m.attachments[1].name, "\xe2\x82\xac"));
	ck_assert_uint_eq(m.contents + 5, buffer_length(&file));
	buffer_fini(&file);
	arena_fini(&arena);
}
END_TEST

START_TEST(tails)
{
	const struct mmff m = {.lines = 4};
	struct mmff_diag diag = {0};

	ck_assert_int_eq(
	    mmff_tail_check(FILE_OF("\r\n\x1a\0\0"), &m, &diag), 0);
	ck_assert_int_eq(
	    mmff_tail_check(FILE_OF("\r\nVERSION:3.00"), &m, &diag),
	    ERR_SYNTAX);
	ck_assert_ptr_nonnull(strstr(diag.text, "VERSION:3.00"));
}
END_TEST

START_TEST(free_form_names)
{
	static const char file[] =
	    "VERSION:3.00\r\n"
	    "FROM:\"Jo Doe\" [CSI:N/P/JO]\r\n"
	    "TO:0123456789012345678901234567890123456789012345678901234567890"
	    "123xyz [MS:N/P/EVE]\r\n"
	    "TO:[N/P/BOB]\r\nTO:X400:S=a[b];C=DE\r\nTEXT:0\r\n";
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	ck_assert_msg(
	    read_file(FILE_OF(file), &arena, &m, &diag) == 0, "%s", diag.text);
	ck_assert(slice_equal_string(m.from.name, "Jo Doe"));
	ck_assert(slice_equal_string(m.from.type, "CSI"));
	ck_assert(slice_equal_string(m.from.text, "N/P/JO"));
	ck_assert_uint_eq(m.to[0].name.len, MMFF_FREE_FORM_MAX);
	ck_assert(slice_equal_string(m.to[0].text, "N/P/EVE"));
	ck_assert_uint_eq(m.to[1].name.len, 0);
	ck_assert(slice_equal_string(m.to[1].text, "N/P/BOB"));
	ck_assert_uint_eq(m.to[2].name.len, 0);
	ck_assert(slice_equal_string(m.to[2].text, "S=a[b];C=DE"));
	arena_fini(&arena);
}
END_TEST

/* Q173344: recipient names of more than 256 characters */
START_TEST(long_names)
{
	char file[1024], name[512];
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	for (int len = 256; len <= 257; len++) {
		memset(name, 'x', sizeof(name));
		name[len] = '\0';
		snprintf(file, sizeof(file),
		    "VERSION:3.00\nFROM:A/B/C\nTO:SMTP:%s\nTEXT:0\n", name);
		/* a recipient costs only itself */
		ck_assert_int_eq(
		    read_file(slice_of_string(file), &arena, &m, &diag), 0);
		ck_assert_int_eq(mmff_address_check(&m.to[0], MMFF_TO, &diag),
		    len == 256 ? 0 : ERR_SYNTAX);
	}
	ck_assert_int_eq(diag.code, MMFF_TOO_BIG);
	ck_assert_uint_eq(diag.line, 3);
	ck_assert(m.has_from);
	/* an O/R address has bounds of its own */
	snprintf(file, sizeof(file),
	    "VERSION:3.00\nFROM:A/B/C\nTO:X400:%s\nTEXT:0\n", name);
	ck_assert_int_eq(
	    read_file(slice_of_string(file), &arena, &m, &diag), 0);
	arena_fini(&arena);
}
END_TEST

START_TEST(code_pages)
{
	static const char file[] = "VERSION:3.00\nFROM:A/B/C\nTO:A/B/D\n"
				   "SUBJECT:gr\x81n\nTEXT:0\n";
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(code_page_load(NULL), 0);
	ck_assert_int_eq(mmff_read(CONF_CODE_PAGE_437, FILE_OF(file),
			     sizeof(file) - 1, &arena, &m, &diag),
	    0);
	ck_assert(slice_equal_string(m.subject, "gr\xc3\xbcn"));
	arena_fini(&arena);
}
END_TEST

/* without a version the first line may be the sender's */
START_TEST(sender_without_version)
{
	struct arena arena;
	struct mmff m;
	struct mmff_diag diag;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(read_file(FILE_OF("FROM:A/B/C\nTO:A/B/D\nTEXT:0\n"),
			     &arena, &m, &diag),
	    ERR_SYNTAX);
	ck_assert_int_eq(diag.code, MMFF_UNMATCHED);
	ck_assert(m.has_from);
	ck_assert_uint_eq(m.to_count, 1);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("msmi/mmff", TEST(free_form_names), TEST(long_names),
    TEST(code_pages), TEST(sender_without_version), TEST(line_ends),
    TEST(xtext), TEST(bad_files), TEST(sender_of_a_bad_file),
    TEST(truncated_is_told_apart), TEST(too_many), TEST(unused_lines),
    TEST(tab_in_subject), TEST(headers_of_another_charset),
    TEST(written_is_read), TEST(tails))
