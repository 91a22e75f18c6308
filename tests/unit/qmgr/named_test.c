/* SPDX-License-Identifier: ISC */
/*
 * named_test.c - the lines of the log name who sends what to whom
 */
#include "qmgr/queue/named.h"

#include "qmgr/links/link.h"
#include "tests/unit/qmgr/link_bench.h"

#define SENDER	"originator=\"S=Sender;O=PO1;P=ACME;A=VIAT;C=DE\" "
#define DUPONT	"S=Dupont;P=BNP;A=ATLAS;C=FR"
#define TO_MANY 40

/* lines_with - count the lines of the log that hold two texts */
static unsigned
lines_with(const struct bench *b, const char *one, const char *other)
{
	char path[128], line[4096];
	unsigned count = 0;
	FILE *log;

	snprintf(path, sizeof(path), "%s/log", b->h.directory);
	log = fopen(path, "r");
	ck_assert_ptr_nonnull(log);
	while (fgets(line, sizeof(line), log) != NULL)
		count +=
		    strstr(line, one) != NULL && strstr(line, other) != NULL;
	fclose(log);
	return count;
}

/* submit - submit a message; its queue id */
static uint64_t
submit(struct bench *b, size_t count, const char *const *to)
{
	struct ipc_record record;
	struct p1_envelope e;

	harness_envelope(&b->h, &e, count, to);
	remote_submit(&b->tool, harness_octets(&b->h, &e),
	    slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	return record.submit_answer.message;
}

/* send_next - have the next job transferred */
static void
send_next(struct bench *b, struct remote *worker)
{
	struct ipc_record record;

	remote_expect(worker, IPC_JOB, &record);
	remote_outcome(worker, record.job.job, IPC_TRANSFERRED);
	harness_steps(&b->h, 10);
}

START_TEST(a_line_in_and_a_line_out)
{
	static const char *const to[] = {TO_PARIS};
	struct bench b;
	struct remote worker;
	char text[256];
	uint64_t id;

	bench_init(&b, "paris");
	id = submit(&b, 1, to);
	snprintf(text, sizeof(text),
	    " message received id=%llu mts_id=", (unsigned long long)id);
	ck_assert_uint_eq(
	    lines_with(&b, text,
		" kind=message from=local to=paris " SENDER
		"recipients=\"" DUPONT "\" size=7 priority=normal "),
	    1);
	bench_open(&b, &worker);
	send_next(&b, &worker);
	snprintf(text, sizeof(text),
	    " message sent id=%llu mts_id=", (unsigned long long)id);
	ck_assert_uint_eq(
	    lines_with(&b, text,
		" kind=message from=local to=paris " SENDER
		"recipients=\"" DUPONT "\" size=7 priority=normal delay_queue"),
	    1);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* One line comes in for all copies, and one goes out for each. */
START_TEST(copies_of_a_message)
{
	static const char *const to[] = {TO_PARIS, TO_ROME, TO_PARIS};
	struct bench b;
	struct remote worker;

	bench_init(&b, "paris");
	(void)submit(&b, 3, to);
	ck_assert_uint_eq(
	    lines_with(&b, " 272 ",
		" to=paris,rome copies=2 " SENDER "recipients=\"" DUPONT
		", S=Rossi;A=GARR;C=IT, " DUPONT "\" "),
	    1);
	ck_assert_uint_eq(lines_with(&b, " 272 ", "mts_id"), 1);
	bench_open(&b, &worker);
	send_next(&b, &worker);
	ck_assert_uint_eq(
	    lines_with(&b, " 271 ", "recipients=\"" DUPONT ", " DUPONT "\" "),
	    1);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

START_TEST(many_and_long_names)
{
	const char *to[TO_MANY];
	char one[200];
	struct bench b;
	struct ipc_record record;
	struct p1_envelope e;

	bench_init(&b, "paris");
	snprintf(one, sizeof(one), "C=FR;A=ATLAS;P=BNP;S=%.40s;CN=%.64s",
	    "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "Bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
	for (size_t i = 0; i < TO_MANY; i++)
		to[i] = one;
	harness_envelope(&b.h, &e, TO_MANY, to);
	remote_submit(&b.tool, harness_octets(&b.h, &e),
	    slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(lines_with(&b, " 272 ", "\" size=7 "), 1);
	ck_assert_uint_eq(lines_with(&b, " 272 ", " more\" "), 1);
	ck_assert_uint_eq(lines_with(&b, " 272 ", "[cut]"), 0);
	bench_fini(&b);
}
END_TEST

/* A report names whom it goes to, and one that is made here too. */
START_TEST(reports)
{
	static const char *const nowhere[] = {"C=XX;A=NONE;S=Nobody"};
	struct bench b;

	bench_init(&b, "paris");
	(void)submit(&b, 1, nowhere);
	ck_assert_uint_eq(
	    lines_with(&b, " 272 ", "kind=message from=local originator"), 1);
	ck_assert_uint_eq(lines_with(&b, " 272 ", "S=Nobody;A=NONE;C=XX"), 1);
	bench_fini(&b);
}
END_TEST

START_TEST(names_of_an_older_release)
{
	ck_assert_ptr_null(named_originator(slice_of(NULL, 0)).string);
	ck_assert_int_eq(
	    named_originator(slice_of(NULL, 0)).type, LOG_TYPE_STRING);
	ck_assert_int_eq(
	    named_recipients(slice_of("a\0b", 3)).type, LOG_TYPE_SLICE);
	ck_assert(slice_equal_string(
	    named_recipients(slice_of("a\0b", 3)).slice, "b"));
	ck_assert(slice_equal_string(
	    named_originator(slice_of("a\0b", 3)).slice, "a"));
	ck_assert_int_eq(
	    named_originator(slice_of("\0b", 2)).type, LOG_TYPE_STRING);
	ck_assert_int_eq(
	    named_recipients(slice_of("nonsense", 8)).type, LOG_TYPE_STRING);
}
END_TEST

TEST_MAIN("qmgr/named", TEST(a_line_in_and_a_line_out);
	  TEST(copies_of_a_message); TEST(many_and_long_names); TEST(reports);
	  TEST(names_of_an_older_release))
