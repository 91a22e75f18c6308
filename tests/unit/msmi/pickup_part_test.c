/* SPDX-License-Identifier: ISC */
/*
 * pickup_part_test.c - a file with recipients that are no addresses
 */
#include "base/fault.h"
#include "tests/unit/msmi/pickup_run.h"

#define BAD_TO	  "TO:CSI://\r\nTO:X400:Q9=foo\r\nTO:\r\n"
#define MANY	  2000
#define PART_FILE HEAD BAD_TO "SUBJECT:Part\r\nTEXT:2\r\nHi"

/* check_part - check what was sent of PART_FILE: message, report, once each */
static void
check_part(struct run *run)
{
	struct p1_envelope envelope;
	const char *text;

	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE,
		place_get(&run->place, "sent/1.envelope", &run->arena),
		&run->arena, &envelope, NULL),
	    0);
	ck_assert_uint_eq(envelope.recipient_count, 1);
	text = told(run, "sent/1.content");
	ck_assert_ptr_nonnull(strstr(text, " to=S=Bob;P=BETA;A=ATLAS;C=FR"));
	text = told(run, "sent/2.content");
	ck_assert_ptr_nonnull(
	    strstr(text, " to=S=Alice;O=PO1;P=ACME;A=VIAT;C=DE"));
	ck_assert_ptr_nonnull(strstr(text, "subject=NDR: Part"));
	ck_assert_msg(
	    strstr(text,
		"[002] unknown address. Message not delivered to:\r\n"
		"    CSI://\r\n        142-1-4 Bad address: ") != NULL,
	    "%s", text);
	ck_assert_ptr_nonnull(strstr(
	    text, "    X400:Q9=foo\r\n        142-1-5 Bad address: Q9=foo: "));
	ck_assert_ptr_nonnull(
	    strstr(text, "    \r\n        142-1-6 Bad address: empty\r\n"));
	ck_assert_ptr_null(strstr(text, "BOB"));
	ck_assert(!place_has(&run->place, "sent/3.content"));
	ck_assert_uint_eq(place_count(&run->place, "P1"), 0);
	ck_assert_uint_eq(place_count(&run->place, "BAD"), 0);
}

/* Bad recipients cost the good ones nothing. */
START_TEST(bad_recipients_of_several)
{
	struct run run;

	run_init(&run);
	place_put(&run.place, "P1/A.P1", FILE_OF(PART_FILE));
	run_scan(&run);
	run_end(&run);
	check_part(&run);
	/* both identities are forgotten */
	ck_assert(place_has(&run.place, "sent/removed.A.P1"));
	ck_assert(place_has(&run.place, "sent/removed.%A.P1"));
	run_fini(&run);
}
END_TEST

/* The report cannot be made where we have no name: the file is kept. */
START_TEST(nobody_can_be_told_of_recipients)
{
	struct run run;
	struct conf *conf;
	const char *why;

	run_init(&run);
	memcpy(&conf, &run.pickup->msmi.conf, sizeof(conf));
	conf->mta.postmaster.address = NULL;
	place_put(&run.place, "P1/A.P1", FILE_OF(PART_FILE));
	run_scan(&run);
	run_end(&run);
	ck_assert(place_has(&run.place, "sent/1.content"));
	ck_assert(!place_has(&run.place, "sent/2.content"));
	ck_assert(place_has(&run.place, "BAD/A.P1"));
	why = arena_string(
	    &run.arena, place_get(&run.place, "BAD/A.P1.why", &run.arena));
	ck_assert_msg(strstr(why, "142-1-4 ") != NULL, "%s", why);
	ck_assert_ptr_nonnull(strstr(why, "could not be told"));
	ck_assert(place_has(&run.place, "sent/removed.A.P1"));
	run_fini(&run);
}
END_TEST

/* scan_killed - scan in a process that dies at fault point n; true if it
 * did */
static bool
scan_killed(struct run *run, int n)
{
	char fault[32];
	int status;
	pid_t pid;

	snprintf(fault, sizeof(fault), "*:%d:crash", n);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (fault_arm(fault) < 0)
			_exit(2);
		run_scan(run);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(
	    WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : status == 0);
	return WIFSIGNALED(status);
}

/* Killed at point n, 1, 2, 3 …: the next worker sends what was not sent. */
START_TEST(killed_with_bad_recipients)
{
	bool killed = true;
	int n = 1;

	for (; killed; n++) {
		struct run run;

		run_init(&run);
		place_put(&run.place, "P1/A.P1", FILE_OF(PART_FILE));
		killed = scan_killed(&run, n);
		run_end(&run);
		run_connect(&run);
		run_scan(&run);
		run_end(&run);
		check_part(&run);
		run_fini(&run);
	}
	/* begun, ended, told of, and what stands before and after a removal */
	ck_assert_int_ge(n, 8);
}
END_TEST

/* put_many - put a file with so many recipients that its envelope goes to qmgr
 * in many pieces */
static void
put_many(struct run *run)
{
	struct buffer file;

	buffer_init(&file, 8 << 20);
	ck_assert_int_eq(buffer_append(&file, "VERSION:3.00\r\n", 14), 0);
	for (unsigned i = 0; i < MANY; i++) {
		char line[128];
		int len = snprintf(line, sizeof(line),
		    "TO:X400:C=US;A=X;P=P;O=%060u;S=%030u\r\n", i, i);

		ck_assert_int_eq(buffer_append(&file, line, (size_t)len), 0);
	}
	ck_assert_int_eq(
	    buffer_append(&file, "FROM:ACME/PO1/ALICE\r\nTEXT:0\r\n", 29), 0);
	place_put(&run->place, "P1/A.P1", buffer_slice(&file));
	buffer_fini(&file);
}

/* The same with an envelope that is larger than a window. */
START_TEST(killed_with_many_recipients)
{
	bool killed = true;
	int n = 1;

	for (; killed; n++) {
		struct p1_envelope envelope;
		struct run run;

		run_init(&run);
		put_many(&run);
		killed = scan_killed(&run, n);
		run_end(&run);
		run_connect(&run);
		run_scan(&run);
		run_end(&run);
		ck_assert_int_eq(
		    p1_decode(MTS_MESSAGE,
			place_get(&run.place, "sent/1.envelope", &run.arena),
			&run.arena, &envelope, NULL),
		    0);
		ck_assert_uint_eq(envelope.recipient_count, MANY);
		ck_assert(!place_has(&run.place, "sent/2.content"));
		ck_assert_uint_eq(place_count(&run.place, "P1"), 0);
		ck_assert_uint_eq(place_count(&run.place, "BAD"), 0);
		run_fini(&run);
	}
	ck_assert_int_ge(n, 5);
}
END_TEST

TEST_MAIN("msmi/pickup_part", TEST(bad_recipients_of_several),
    TEST(nobody_can_be_told_of_recipients), TEST(killed_with_bad_recipients),
    TEST_LONG(killed_with_many_recipients, 60))
