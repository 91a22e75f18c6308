/* SPDX-License-Identifier: ISC */
/*
 * never_fits_test.c - what can never fit is refused once, and blocks nothing
 *
 * A file of a postoffice, what a tool submits and what a peer transfers, each
 * larger than the queue: each is refused for good with its reason, while ten
 * good ones behind it are taken.  Nothing of the file is written: it has holes,
 * and is larger than the disk may be.  An envelope of more than a megabyte is
 * none of these: its sender gets reports on all its recipients, in several.
 */

#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/system/bad_files.h"
#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/system/postoffice.h"
#include "tests/unit/test.h"

#define GOOD	   10
#define TOO_LARGE  (48 * 1024 * 1024)
#define RECIPIENTS 3900 /* whose addresses alone take a megabyte */
#define PATH_ROOM  (SUITE_PATH * 3)
#define EX_LATER   75

static struct suite tested;
static char po[2][SUITE_PATH];

/* start - start one suite with two postoffices and a source, and a small
 * queue */
static void
start(void)
{
	static char sections[8192];
	size_t used;

	load_source_link(sections, sizeof(sections));
	used = strlen(sections);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(
		    po[i], sizeof(po[i]), "%s/po%u", suite_directory(), i + 1);
		postoffice_make(po[i]);
		used +=
		    (size_t)snprintf(sections + used, sizeof(sections) - used,
			"msmail \"po%u\" {\n postoffice = \"%s\"\n"
			" network = \"ACME\"\n name = \"PO%u\"\n"
			" address-space = {\"C=DE;A=V;O=PO%u\"}\n}\n",
			i + 1, po[i], i + 1, i + 1);
	}
	suite_configure(&tested, "small", "C=DE;A=V",
	    "queue-size = \"32M\" postmaster = \"C=DE;A=V;O=PO2;S=Postmaster\"",
	    sections);
	suite_start(&tested);
}

/* put - drop a file into P1 of the first postoffice, in one rename */
static void
put(const char *name, const char *text, size_t length)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/P1/%s", po[0], name);
	suite_write(path, text, length);
}

/* good_files - put in ten files that are taken */
static void
good_files(const char *stem)
{
	char path[PATH_ROOM];

	for (unsigned i = 0; i < GOOD; i++) {
		snprintf(path, sizeof(path), "%s/P1/%s%u.MSG", po[0], stem, i);
		letter_write(path, "CSI:ACME/PO1/ANN",
		    "X400:C=DE;A=V;O=PO2;S=Bob", '3', "good", "good\r\n", NULL,
		    0);
	}
}

/* wait_out - wait until a postoffice was brought so many */
static void
wait_out(unsigned number, size_t count)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/OUT", po[number]);
	pair_wait_files(path, count, 60);
}

/* refused - check that a file lies in BAD with this reason, its sender was
 * told, and one event names it */
static void
refused(const char *name, const char *reason)
{
	char path[PATH_ROOM], field[64], *why;

	snprintf(path, sizeof(path), "%s/BAD/%s.why", po[0], name);
	why = suite_read(path, NULL);
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_msg(strstr(why, "sender: was sent") != NULL, "%s", why);
	free(why);
	snprintf(field, sizeof(field), "file=%s ", name);
	log_wait_both(&tested, ": 2342 ", field, 1);
}

/* submit - submit a message of a tool; return its exit status */
static int
submit(const char *content)
{
	return suite_tool(&tested, NULL, "x4send", "-f", "C=DE;A=V;O=PO1;S=Ann",
	    "-t", "C=DE;A=V;O=PO2;S=Bob", "--content", content,
	    "--content-type", "0", NULL);
}

/* disk - measure the KB that the suite's state takes */
static unsigned long
disk(void)
{
	unsigned long kilobytes;
	char *output;

	ck_assert_int_eq(
	    suite_shell(&output, "du -sk '%s/state'", tested.directory), 0);
	kilobytes = strtoul(output, NULL, 10);
	free(output);
	return kilobytes;
}

START_TEST(file_above_the_queue)
{
	static const char poison[] =
	    "VERSION:3.00\r\nTO:X400:C=DE;A=V;O=PO2;S=Bob\r\n"
	    "FROM:CSI:ACME/PO1/ANN\r\nXATTACH:HOLES x.bin\r\nTEXT:0\r\n";
	char path[PATH_ROOM];

	suite_begin("never-file");
	start();
	snprintf(path, sizeof(path), "%s/ATT/HOLES", po[0]);
	suite_write(path, "x", 1);
	ck_assert_int_eq(truncate(path, (off_t)16 << 30), 0);
	put("POISON.MSG", poison, sizeof(poison) - 1);
	good_files("GOOD");
	wait_out(1, GOOD);
	wait_out(0, 1);
	refused("POISON.MSG", "larger than the queue");
	suite_wait_empty(&tested, 30);
	ck_assert_uint_lt(disk(), 128 * 1024);
	suite_stop(&tested);
	suite_end();
}
END_TEST

START_TEST(envelope_of_a_megabyte)
{
	static char text[1024 * 1024];
	size_t used;

	suite_begin("never-envelope");
	start();
	used = (size_t)snprintf(
	    text, sizeof(text), "VERSION:3.00\r\nFROM:CSI:ACME/PO1/ANN\r\n");
	for (unsigned i = 0; i < RECIPIENTS; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "TO:X400:C=US;A=X;P=P;O=%060u;OU1=%030u;OU2=%030u;"
		    "OU3=%030u;OU4=%030u;S=%039u\r\n",
		    i, i, i, i, i, i);
	used +=
	    (size_t)snprintf(text + used, sizeof(text) - used, "TEXT:0\r\n");
	put("MANY.MSG", text, used);
	good_files("GOOD");
	wait_out(1, GOOD);
	wait_out(0, (RECIPIENTS + 999) / 1000);
	suite_wait_empty(&tested, 30);
	suite_stop(&tested);
	suite_end();
}
END_TEST

START_TEST(submission_and_transfer_above_the_queue)
{
	char large[PATH_ROOM], small[PATH_ROOM], output[SUITE_PATH + 64];
	char octets[24];
	int status;

	suite_begin("never-submit");
	start();
	snprintf(large, sizeof(large), "%s/content.large", suite_directory());
	snprintf(small, sizeof(small), "%s/content.small", suite_directory());
	suite_write(large, "x", 1);
	suite_write(small, "x", 1);
	ck_assert_int_eq(truncate(large, TOO_LARGE), 0);
	status = submit(large);
	ck_assert_int_ne(status, 0);
	ck_assert_int_ne(status, EX_LATER);
	for (unsigned i = 0; i < GOOD; i++)
		ck_assert_int_eq(submit(small), 0);
	wait_out(1, GOOD);
	snprintf(octets, sizeof(octets), "%d", TOO_LARGE);
	/* A peer that is refused would send it again: it is told yes, and the
	 * originator that it goes to nobody. */
	load_wait_source(
	    load_source(&tested, "po2", 1, output, "-f", "C=DE;A=V;O=PO1;S=Ann",
		"-t", "C=DE;A=V;O=PO2;S=Bob", "-s", octets, NULL),
	    60);
	wait_out(0, 1);
	ck_assert_uint_eq(
	    log_count_both(&tested, ": 290 ", "content-too-long"), 1);
	load_wait_source(load_source(&tested, "po2", GOOD, output, "-t",
			     "C=DE;A=V;O=PO2;S=Bob", NULL),
	    60);
	wait_out(1, 2 * GOOD);
	suite_wait_empty(&tested, 30);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("fault/never_fits", TEST_LONG(file_above_the_queue, 120),
    TEST_LONG(envelope_of_a_megabyte, 120),
    TEST_LONG(submission_and_transfer_above_the_queue, 120))
