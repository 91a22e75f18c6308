/* SPDX-License-Identifier: ISC */
/*
 * poison_test.c - the interchange is killed, or a file kills it (F4)
 *
 * Whatever step msmi-in or msmi-out is killed at, no file is lost and none is
 * delivered twice.  A file on which the worker crashes is set aside at the
 * first such end and its sender told; after another's SIGKILL the file at work
 * is innocent.  A postoffice that goes away stops its own mail alone, a map
 * that is wrong stops none.
 */

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/bad_files.h"
#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/system/postoffice.h"
#include "tests/unit/test.h"

#define PATH_ROOM (SUITE_PATH * 3)
#define BATCH	  60 /* good files of one point */

static struct pair pair;

/* A point and the pass at which each process dies there.  Few passes are made
 * of those that only bad files come to. */
struct point {
	const char *fault;
	bool sender_side; /* a process of suite A */
	bool quick;	  /* also in the short form */
};

static const struct point points[] = {
    {"in-begun:25:crash", true, false},
    {"in-ended:25:crash", true, true},
    {"in-part:3:crash", true, true},
    {"in-remove:25:crash", true, true},
    {"in-removed:25:crash", true, true},
    {"in-sync:3:crash", true, false},
    {"in-forget:25:crash", true, true},
    {"in-aside:3:crash", true, false},
    {"in-why:3:crash", true, true},
    {"in-moved:3:crash", true, false},
    {"out-create:25:crash", false, false},
    {"out-write:25:crash", false, true},
    {"out-sync:25:crash", false, false},
    {"out-note:3:crash", false, true},
    {"out-rename:25:crash", false, true},
    {"out-named:3:crash", false, true},
};

/* restart_with - start the suite again, its processes with this fault or
 * none */
static void
restart_with(const struct suite *suite, const char *fault)
{
	suite_stop(suite);
	if (fault != NULL)
		setenv("FOURPOST_FAULT", fault, 1);
	suite_start(suite);
	unsetenv("FOURPOST_FAULT");
}

/* drop - drop a batch of good files, some with bad recipients too, and a few
 * bad ones */
static unsigned
drop(unsigned *serial, unsigned *bad)
{
	unsigned told = 0;
	char name[32];

	for (unsigned i = 0; i < BATCH; i++) {
		snprintf(name, sizeof(name), "G%05u.MSG", *serial);
		if (i % 5 == 2) {
			half_good_file(pair.a_in, name, (*serial)++);
			told++;
		} else {
			good_file(pair.a_in, name, (*serial)++);
		}
		if (i % 10 != 5)
			continue;
		/* 5 to 14 wait for nothing */
		snprintf(name, sizeof(name), "B%05u.MSG", *bad);
		bad_file(pair.a_in, name, 5 + *bad % 10);
		told += bad_way(5 + *bad % 10)->sender;
		(*bad)++;
	}
	return told;
}

/* killed - count how many workers of both have died of SIGKILL */
static unsigned
killed(void)
{
	return log_count(&pair.a, "signal 9") + log_count(&pair.b, "signal 9");
}

START_TEST(killed_at_every_step)
{
	unsigned serial = 0, bad = 0, told = 0, ended = 0;
	char name[32];

	suite_begin("poison-steps");
	pair_start(&pair, PAIR_DIRECT, "");
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		const struct point *p = &points[i];

		if (!p->quick && !suite_long())
			continue;
		restart_with(p->sender_side ? &pair.a : &pair.b, p->fault);
		told += drop(&serial, &bad);
		pair_wait_files(pair.b_out, serial, 90);
		pair_wait_files(pair.a_bad, (size_t)bad * 2, 90);
		/* the fault did happen */
		ck_assert_msg(killed() > ended, "nobody died at %s", p->fault);
		ended = killed();
		restart_with(p->sender_side ? &pair.a : &pair.b, NULL);
	}
	pair_wait_files(pair.a_out, told, 60);
	pair_wait_empty(&pair, 60);
	good_check(pair.b_out, serial);
	ck_assert_uint_eq(suite_count_files(pair.b_out), serial);
	ck_assert_uint_eq(suite_count_files(pair.a_out), told);
	ck_assert_uint_eq(suite_count_files(pair.a_in), 0);
	for (unsigned i = 0; i < bad; i++) {
		snprintf(name, sizeof(name), "B%05u.MSG", i);
		bad_check(pair.a_bad, name, 5 + i % 10);
	}
	pair_stop(&pair);
	pair_check(&pair);
	suite_end();
}
END_TEST

/* kill_worker - send SIGKILL to a worker, as another program may */
static unsigned
kill_worker(const struct suite *suite, const char *name)
{
	pid_t pid = suite_pid(suite, name);

	return pid > 0 && kill(pid, SIGKILL) == 0;
}

START_TEST(killed_at_any_moment)
{
	unsigned files = suite_long() ? 2000 : 300, kills = 0;
	uint8_t dice[256];
	char name[32];

	suite_begin("poison-kills");
	pair_start(&pair, PAIR_DIRECT, "");
	letter_fill(dice, sizeof(dice), 4711);
	for (unsigned i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "G%05u.MSG", i);
		good_file(pair.a_in, name, i);
		if (i % 20 != 19)
			continue;
		/* the moments: when so many of those written have arrived */
		pair_wait_files(
		    pair.b_out, i - dice[i % sizeof(dice)] % 20, 60);
		kills += kill_worker(&pair.a, "msmi-in/po1");
		pair_wait_files(
		    pair.b_out, i - dice[(i + 7) % sizeof(dice)] % 5, 60);
		kills += kill_worker(&pair.b, "msmi-out/po2#1");
	}
	pair_wait_files(pair.b_out, files, 300);
	pair_wait_empty(&pair, 60);
	good_check(pair.b_out, files);
	ck_assert_uint_eq(suite_count_files(pair.b_out), files);
	/* a kill by a person counts against no file */
	ck_assert_uint_eq(suite_count_files(pair.a_bad), 0);
	ck_assert_uint_ge(kills, files / 40);
	pair_stop(&pair);
	pair_check(&pair);
	suite_end();
}
END_TEST

/* shown_aside - check that x4queue names this file alone as set aside, with
 * its reason */
static void
shown_aside(const char *file, const char *reason)
{
	json_t *rows = suite_rows(&pair.a, "x4queue", "-j", "aside", NULL);
	json_t *row = json_array_get(rows, 0);

	ck_assert_uint_eq(json_array_size(rows), 1);
	ck_assert_str_eq(
	    json_string_value(json_object_get(row, "postoffice")), "po1");
	ck_assert_str_eq(json_string_value(json_object_get(row, "file")), file);
	ck_assert_ptr_nonnull(
	    strstr(json_string_value(json_object_get(row, "reason")), reason));
	json_decref(rows);
	ck_assert_int_eq(
	    suite_tool(&pair.a, NULL, "x4queue", "aside", "none", NULL), 1);
	ck_assert_int_eq(
	    suite_tool(&pair.a, NULL, "x4queue", "aside", "po1", NULL), 0);
}

/* ends_worker - check that a file on which the worker ends so is set aside,
 * once */
static void
ends_worker(const char *action, double seconds)
{
	char fault[64], path[PATH_ROOM], *why;
	struct letter letter;

	suite_begin("poison-file");
	pair_start(&pair, PAIR_DIRECT, "");
	snprintf(fault, sizeof(fault), "file-POISON.MSG:1:%s", action);
	restart_with(&pair.a, fault);
	good_file(pair.a_in, "A.MSG", 0);
	pair_wait_files(pair.b_out, 1, 30);
	good_file(pair.a_in, "POISON.MSG", 9);
	good_file(pair.a_in, "Z.MSG", 1);
	pair_wait_files(pair.a_bad, 2, seconds);
	pair_wait_files(pair.b_out, 2, 30);
	/* the sender is told after the file was moved out of the way */
	pair_wait_files(pair.a_out, 1, 30);
	snprintf(path, sizeof(path), "%s/POISON.MSG.why", pair.a_bad);
	why = suite_read(path, NULL);
	ck_assert_ptr_nonnull(why);
	ck_assert_ptr_nonnull(strstr(why, "crashed or hung"));
	ck_assert_msg(strstr(why, "was sent") != NULL, "%s", why);
	free(why);
	snprintf(path, sizeof(path), "ls '%s'/*", pair.a_out);
	ck_assert_int_eq(suite_shell(&why, "%s", path), 0);
	*strchr(why, '\n') = '\0';
	letter_read(why, &letter);
	free(why);
	ck_assert_int_eq(strncmp(letter.text, "[012]", 5), 0);
	letter_free(&letter);
	log_wait_both(&pair.a, ": 2342 ", "file=POISON.MSG ", 1);
	shown_aside("POISON.MSG", "crashed or hung");
	/* mended, it is taken again */
	restart_with(&pair.a, NULL);
	ck_assert_int_eq(suite_tool(&pair.a, NULL, "x4ctl", "retry",
			     "msmail/po1", "POISON.MSG", NULL),
	    0);
	pair_wait_files(pair.b_out, 3, 30);
	ck_assert_uint_eq(suite_count_files(pair.a_bad), 0);
	/* without a file it is the postoffice that is tried at once */
	ck_assert_int_eq(
	    suite_tool(&pair.a, NULL, "x4ctl", "retry", "msmail/po1", NULL), 0);
	pair_stop(&pair);
	suite_end();
}

START_TEST(file_that_crashes)
{
	ends_worker("abort", 30);
}
END_TEST

START_TEST(file_that_hangs)
{
	if (suite_long())
		ends_worker("hang", 120);
}
END_TEST

/* A suite with two postoffices. */
static struct suite two;
static char po[2][SUITE_PATH];

/* two_start - start ACME/PO1 with a map, ACME/PO2 without */
static void
two_start(void)
{
	char sections[4096], path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/map", suite_directory());
	suite_write(path, "C=DE;A=V;O=PO1;S=Ann = ACME/PO1/ANN\n", 36);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(
		    po[i], sizeof(po[i]), "%s/po%u", suite_directory(), i + 1);
		postoffice_make(po[i]);
	}
	snprintf(sections, sizeof(sections),
	    "msmail \"po1\" {\n postoffice = \"%s\"\n network = \"ACME\"\n"
	    " name = \"PO1\"\n address-space = {\"C=DE;A=V;O=PO1\"}\n"
	    " directory = \"%s/map\"\n}\n"
	    "msmail \"po2\" {\n postoffice = \"%s\"\n network = \"ACME\"\n"
	    " name = \"PO2\"\n address-space = {\"C=DE;A=V;O=PO2\"}\n"
	    " code-page = \"850\"\n}\n",
	    po[0], suite_directory(), po[1]);
	suite_configure(&two, "two", "C=DE;A=V", "", sections);
	suite_start(&two);
}

/* two_letter - write a letter from somebody in the first postoffice */
static void
two_letter(const char *name, const char *to)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/P1/%s", po[0], name);
	letter_write(path, "CSI:ACME/PO1/ANN", to, '3', name, "gr\xc3\xbcn\r\n",
	    NULL, 0);
}

/* two_wait - wait until a directory of a postoffice has so many files */
static void
two_wait(unsigned number, const char *inside, size_t count)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/%s", po[number], inside);
	pair_wait_files(path, count, 30);
}

/* said - tell whether the log has a line with both texts */
struct said {
	const char *text, *other;
	unsigned count;
};

static bool
is_said(void *arg)
{
	const struct said *said = arg;

	return log_count_both(&two, said->text, said->other) >= said->count;
}

/* has_queued - tell whether so many messages are in the queue */
static bool
has_queued(void *arg)
{
	return suite_queued(&two) == *(const int64_t *)arg;
}

START_TEST(postoffice_that_goes_away)
{
	struct said away = {": 289 ", "postoffice=po2", 1};
	int64_t waiting = 5;
	char *output;

	suite_begin("poison-away");
	two_start();
	two_letter("1.MSG", "X400:C=DE;A=V;O=PO2;S=Bob");
	two_wait(1, "OUT", 1);
	/* text is in its code page */
	ck_assert_int_eq(suite_shell(&output,
			     "LC_ALL=C grep -c '^gr\201n' '%s'/OUT/*", po[1]),
	    0);
	free(output);
	/* an unmounted share leaves an empty directory behind */
	ck_assert_int_eq(
	    suite_shell(NULL, "cd '%s' && mkdir away && mv [A-Z]* away", po[1]),
	    0);
	suite_wait("an event", 30, is_said, &away);
	for (unsigned i = 0; i < 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "A%u.MSG", i);
		two_letter(name, "X400:C=DE;A=V;O=PO2;S=Bob");
		snprintf(name, sizeof(name), "B%u.MSG", i);
		two_letter(name, "CSI:ACME/PO1/ANN");
	}
	/* mail of this postoffice waits, the other's does not */
	two_wait(0, "OUT", 5);
	/* A delivered message leaves the queue after its file has appeared. */
	suite_wait("what waits to be alone", 30, has_queued, &waiting);
	ck_assert_int_eq(
	    suite_shell(
		NULL, "cd '%s' && [ \"$(ls)\" = away ] && mv away/* .", po[1]),
	    0);
	ck_assert_int_eq(
	    suite_tool(&two, NULL, "x4ctl", "retry", "msmail/po2", NULL), 0);
	two_wait(1, "OUT", 6);
	suite_stop(&two);
	suite_end();
}
END_TEST

START_TEST(map_that_changes)
{
	static const char right[] = "C=DE;A=V;O=PO1;S=Ann = ACME/PO1/ANN\n"
				    "C=DE;A=V;O=PO1;S=Cy = ACME/PO1/CY\n";
	static const char wrong[] = "C=DE;A=V;O=PO1;S=Ann = ACME/PO1/ANN\n"
				    "C=DE;A=V;O=PO1;S=Cy = nonsense\n";
	struct said kept = {"stage=directory", "map:2", 1};
	struct said read = {": 2384 ", "mailboxes=2", 1};
	char path[PATH_ROOM];

	suite_begin("poison-map");
	two_start();
	snprintf(path, sizeof(path), "%s/map", suite_directory());
	two_letter("1.MSG", "CSI:ACME/PO1/ANN");
	two_wait(0, "OUT", 1);
	suite_write(path, wrong, strlen(wrong));
	if (geteuid() != 0) {
		suite_wait("an event", 30, is_said, &kept);
		/* the old one stays */
		two_letter("2.MSG", "CSI:ACME/PO1/ANN");
		two_wait(0, "OUT", 2);
	}
	suite_write(path, right, strlen(right));
	suite_wait("the new map", 30, is_said, &read);
	two_letter("3.MSG", "X400:C=DE;A=V;O=PO1;S=Cy");
	two_wait(0, "OUT", geteuid() != 0 ? 3 : 2);
	suite_stop(&two);
	suite_end();
}
END_TEST

TEST_MAIN("fault/poison", TEST_LONG(killed_at_every_step, 600),
    TEST_LONG(killed_at_any_moment, 600), TEST_LONG(file_that_crashes, 120),
    TEST_LONG(file_that_hangs, 300), TEST_LONG(postoffice_that_goes_away, 120),
    TEST_LONG(map_that_changes, 120))
