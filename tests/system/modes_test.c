/* SPDX-License-Identifier: ISC */
/*
 * modes_test.c - two suites that talk in the modes of 1984
 *
 * Mail, reports and probes cross both ways, and an independent decoder reads
 * what is on the wire.
 */
#include <dirent.h>
#include <string.h>

#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define SUBJECT "In another mode"
#define TEXT	"Hello Bob,\r\nacross the mode.\r\n"

static const char *const modes[] = {"1988-x410"};

static struct pair pair;

/* stop - stop both suites, which must be sound */
static void
stop(void)
{
	pair_wait_empty(&pair, 30);
	pair_stop(&pair);
	pair_check(&pair);
}

/* tshark - have tshark decode what was recorded; the lines that match */
static char *
tshark(const char *how, const char *filter)
{
	char *output;

	suite_shell(&output,
	    "tshark -r '%s' -X lua_script:" TEST_SOURCE_DIR
	    "/tests/system/x410.lua -d tcp.port==%u,%s -V 2>/dev/null | %s",
	    pair.pcap, pair.b.port, how, filter);
	return output;
}

/* no_trouble - check for what tshark calls malformed; of P-DATA in X.410 mode
 * it can judge nothing below P1 */
static void
no_trouble(void)
{
	char *output = tshark("tpkt",
	    "grep -E 'Malformed|Expert Info "
	    "\\((Error|Warning)' "
	    "| grep -v -e 'Malformed: ISO 8823' -e 'Group: Malformed' "
	    "-e \"can't get spdu type\" | sort -u");

	ck_assert_str_eq(output, "");
	free(output);
	output = tshark(
	    "x410", "grep -E 'Malformed|Expert Info \\((Error|Warning)'");
	ck_assert_str_eq(output, "");
	free(output);
}

/* on_wire - check how often a line of the decoding matches an expression */
static void
on_wire(const char *how, const char *expression, unsigned long count)
{
	char filter[256], *output;

	snprintf(filter, sizeof(filter), "grep -Ec '%s'", expression);
	output = tshark(how, filter);
	ck_assert_msg(strtoul(output, NULL, 10) == count,
	    "%s on the wire: %s, not %lu", expression, output, count);
	free(output);
}

/* find - find the file of a directory with this subject */
static void
find(const char *directory, const char *subject, struct letter *letter)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	char path[SUITE_PATH * 3];

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_REG || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		letter_read(path, letter);
		if (strcmp(letter->subject, subject) == 0) {
			closedir(dir);
			return;
		}
		letter_free(letter);
	}
	ck_abort_msg("nothing with subject \"%s\" in %s", subject, directory);
}

/* Mail with an attachment, a report, a probe and an answer cross. */
START_TEST(crosses)
{
	struct letter letter;
	uint8_t data[3000];

	suite_begin("modes");
	letter_fill(data, sizeof(data), 1);
	pair_mode = modes[_i];
	pair_start(&pair, PAIR_RECORDED, "checkpoint-size = 0\n");
	pair_letter(
	    &pair, "1.MSG", PAIR_BOB, '5', SUBJECT, TEXT, data, sizeof(data));
	pair_wait_files(pair.b_out, 1, 30);
	find(pair.b_out, SUBJECT, &letter);
	ck_assert_uint_eq(letter.text_length, strlen(TEXT));
	ck_assert_mem_eq(letter.text, TEXT, letter.text_length);
	ck_assert_uint_eq(letter.attachment_length, sizeof(data));
	ck_assert_mem_eq(letter.attachment, data, sizeof(data));
	ck_assert_str_eq(letter.priority, "5");
	letter_free(&letter);
	pair_letter(&pair, "2.MSG", PAIR_NOBODY, '3', "lost", TEXT, NULL, 0);
	pair_wait_files(pair.a_out, 1, 30);
	pair_answer(&pair, "3.MSG", '1', "back", data, sizeof(data));
	pair_wait_files(pair.a_out, 2, 30);
	find(pair.a_out, "back", &letter);
	ck_assert_uint_eq(letter.attachment_length, sizeof(data));
	letter_free(&letter);
	ck_assert_int_eq(suite_tool(&pair.a, NULL, "x4send", "-f", PAIR_ALICE,
			     "-t", PAIR_BOB, "--probe", "--report", NULL),
	    0);
	pair_wait_files(pair.a_out, 3, 30);
	stop();
	no_trouble();
	on_wire("x410", "MTS-APDU: message", 2);
	on_wire("x410", "MTS-APDU: probe", 1);
	on_wire("tpkt", "application-context|ABRT|AARQ", 0);
	suite_end();
}
END_TEST

TEST_MAIN("system/modes", TEST_LOOP_LONG(crosses, 1, 120))
