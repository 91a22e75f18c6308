/* SPDX-License-Identifier: ISC */
/*
 * main_job_test.c - a postoffice's file crosses two suites over P1
 *
 * What arrives is compared with what was sent, at the far end; what crossed
 * the wire is judged by an independent decoder.
 */
#include <dirent.h>
#include <string.h>

#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define SUBJECT              \
	"Gr\xc3\xbc\xc3\x9f" \
	"e aus Berlin"
#define TEXT "Dear Bob,\r\nthis is the text: \xc3\xa4\xc3\xb6\xc3\xbc.\r\n"

static struct pair pair;

/* only_file - read the one file of a directory that has one */
static void
only_file(const char *directory, struct letter *letter)
{
	char path[SUITE_PATH + 320];
	DIR *dir = opendir(directory);
	const struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	path[0] = '\0';
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_REG && entry->d_name[0] != '.')
			snprintf(path, sizeof(path), "%s/%s", directory,
			    entry->d_name);
	closedir(dir);
	ck_assert_str_ne(path, "");
	letter_read(path, letter);
}

/* no_trouble - check for what tshark calls malformed, or worse than a note */
static void
no_trouble(void)
{
	char *output;

	suite_shell(&output,
	    "tshark -r '%s' -d tcp.port==%u,tpkt -V 2>/dev/null | "
	    "grep -E 'Malformed|Expert Info \\((Error|Warning)' | sort -u",
	    pair.pcap, pair.b.port);
	ck_assert_str_eq(output, "");
	free(output);
}

/* on_wire - check that a line of tshark's full decoding matches this
 * expression */
static void
on_wire(const char *expression)
{
	int status = suite_shell(NULL,
	    "tshark -r '%s' -d tcp.port==%u,tpkt -V 2>/dev/null | "
	    "grep -Eq '%s'",
	    pair.pcap, pair.b.port, expression);

	ck_assert_msg(status == 0, "not on the wire: %s", expression);
}

/* the whole way, and a report for a mailbox that is not there */
START_TEST(file_crosses)
{
	uint8_t data[10000];
	struct letter letter;

	suite_begin("main-job");
	letter_fill(data, sizeof(data), 1);
	pair_start(&pair, PAIR_RECORDED, "");
	pair_letter(
	    &pair, "1.MSG", PAIR_BOB, '5', SUBJECT, TEXT, data, sizeof(data));
	pair_wait_files(pair.b_out, 1, 20);
	only_file(pair.b_out, &letter);
	ck_assert_str_eq(letter.subject, SUBJECT);
	ck_assert_ptr_nonnull(strstr(letter.to, "ACME/PO2/BOB"));
	ck_assert_ptr_nonnull(
	    memmem(letter.text, letter.text_length, TEXT, strlen(TEXT)));
	ck_assert_str_eq(letter.attachment_name, "data.bin");
	ck_assert_uint_eq(letter.attachment_length, sizeof(data));
	ck_assert_mem_eq(letter.attachment, data, sizeof(data));
	letter_free(&letter);

	pair_letter(
	    &pair, "2.MSG", PAIR_NOBODY, '3', "to nobody", "x", NULL, 0);
	pair_wait_files(pair.a_out, 1, 20);
	only_file(pair.a_out, &letter);
	ck_assert_ptr_nonnull(strstr(letter.to, "ACME/PO1/ALICE"));
	ck_assert_ptr_nonnull(
	    memmem(letter.text, letter.text_length, "[002]", 5));
	ck_assert_ptr_nonnull(
	    memmem(letter.text, letter.text_length, "Nobody", 6));
	letter_free(&letter);
	ck_assert_uint_eq(suite_count_files(pair.b_out), 1);
	ck_assert_uint_eq(suite_count_files(pair.a_in), 0);
	ck_assert_uint_eq(suite_count_files(pair.a_bad), 0);

	pair_wait_empty(&pair, 10);
	pair_stop(&pair);
	pair_check(&pair);
	no_trouble();
	on_wire("initiator-name: MTA-a");
	on_wire("responder-name: MTA-b");
	on_wire("octet-string: 7365637265742d61"); /* secret-a */
	on_wire("octet-string: 7365637265742d62"); /* secret-b */
	on_wire("surname: Alice");
	on_wire("surname: Bob");
	on_wire("priority: urgent");
	on_wire("GeneralTextData: Dear Bob");
	on_wire("Pathname item: data.bin");
	on_wire("local-identifier: .");
	on_wire("InternalTraceInformationElement .*MTA-a relayed");
	on_wire("  TraceInformationElement ./C=DE/A=VIAT/P=ALPHA/ relayed");
	suite_end();
}
END_TEST

TEST_MAIN("system/main_job", TEST_LONG(file_crosses, 120))
