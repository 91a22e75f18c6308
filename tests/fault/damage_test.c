/* SPDX-License-Identifier: ISC */
/*
 * damage_test.c - a queue of an earlier commit, whole and with damaged pages
 *
 * tests/vectors/queue/65fc5d6.mdb opens, is listed and sent on.  With pages of
 * it damaged at random (seeded) the suite either starts, and answers list,
 * status and delete, or says plainly that the queue is damaged; after a repair
 * it runs, and over both runs nothing arrives twice.
 */
#include <sys/stat.h>

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define VECTOR TEST_SOURCE_DIR "/tests/vectors/queue/65fc5d6.mdb"
#define PAGE   4096
/* Ready for a link whose peer is up: 1 to 5, 9 and 10. */
#define SENT_PARIS 6
#define SENT_ROME  1

/* With this one some of the messages are lost. */
#define SEED_OF_A_LOSS 1

static struct suite tested;
static struct load_sink paris, rome;

/* give - give a path of the queue to the user that owns it */
static void
give(const char *path)
{
	const struct passwd *user = getpwnam(SUITE_USER);

	if (geteuid() != 0)
		return;
	ck_assert_ptr_nonnull(user);
	ck_assert_int_eq(chown(path, user->pw_uid, user->pw_gid), 0);
}

/* damage - change some pages of a database at random; none if seed is 0 */
static void
damage(char *octets, size_t length, unsigned seed)
{
	unsigned count;

	srandom(seed);
	count = seed == 0 ? 0 : 1 + (unsigned)random() % 3;
	for (unsigned i = 0; i < count; i++) {
		size_t page = (size_t)random() % (length / PAGE);
		bool junk = random() % 2 == 0;

		for (size_t j = 0; j < PAGE; j++)
			octets[page * PAGE + j] = junk ? (char)random() : 0;
	}
}

/* prepare - start a suite with the queue, whose links' peers are up */
static void
prepare(const char *name, unsigned seed)
{
	char sections[2048] = "", path[SUITE_PATH + 64];
	char *octets;
	size_t length;

	load_sink(&paris, "paris", 0, NULL);
	load_sink(&rome, "rome", 0, NULL);
	load_link(sections, sizeof(sections), "paris", paris.port, "");
	load_link(sections, sizeof(sections), "rome", rome.port, "");
	suite_configure(&tested, name, "C=DE;A=VIAT;P=ACME",
	    "  queue-size = \"16M\"\n", sections);
	snprintf(path, sizeof(path), "%s/state", tested.directory);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	give(path);
	strlcat(path, "/queue", sizeof(path));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	give(path);
	strlcat(path, "/data.mdb", sizeof(path));
	octets = suite_read(VECTOR, &length);
	ck_assert_ptr_nonnull(octets);
	damage(octets, length, seed);
	suite_write(path, octets, length);
	give(path);
	free(octets);
}

/* state_of - read the state of a message in x4queue list -j */
static const char *
state_of(json_t *rows, int64_t id)
{
	json_t *row;
	size_t i;

	json_array_foreach(
	    rows, i, row) if (json_integer_value(json_object_get(row, "id")) ==
	    id) return json_string_value(json_object_get(row, "state"));
	return "missing";
}

/* delivered - count how much both sinks have */
static bool
delivered(void *arg)
{
	const uint64_t *wanted = arg;

	return load_noted(paris.lines) + load_noted(rome.lines) >= *wanted;
}

/* assert_once - assert that no two lines of a sink have the same MTS
 * identifier */
static void
assert_once(const struct load_sink *sink)
{
	char *twice;

	ck_assert_int_eq(
	    suite_shell(&twice, "cut -f 1-2 %s 2>/dev/null | sort | uniq -d",
		sink->lines),
	    0);
	ck_assert_msg(twice[0] == '\0', "sent twice: %s", twice);
	free(twice);
}

START_TEST(an_old_queue_is_sent_on)
{
	uint64_t wanted = SENT_PARIS + SENT_ROME;
	json_t *rows;

	suite_begin("old-queue");
	prepare("o", 0);
	/* With the suite down the tools read it themselves. */
	rows = suite_rows(&tested, "x4queue", "-j", "list", NULL);
	ck_assert_uint_eq(json_array_size(rows), 11);
	ck_assert_str_eq(state_of(rows, 2), "ready");
	ck_assert_str_eq(state_of(rows, 6), "deferred");
	ck_assert_str_eq(state_of(rows, 7), "held");
	ck_assert_str_eq(state_of(rows, 8), "quarantined");
	json_decref(rows);
	suite_start(&tested);
	suite_wait("the ready messages to arrive", 60, delivered, &wanted);
	rows = suite_rows(&tested, "x4queue", "-j", "list", NULL);
	ck_assert_str_eq(state_of(rows, 7), "held");
	ck_assert_str_eq(state_of(rows, 8), "quarantined");
	json_decref(rows);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "release", "7", NULL), 0);
	wanted++;
	suite_wait("the released message to arrive", 60, delivered, &wanted);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	assert_once(&paris);
	assert_once(&rome);
	load_sink_stop(&paris);
	load_sink_stop(&rome);
	suite_end();
}
END_TEST

/* says_damage - tell whether the suite said what is wrong */
static bool
says_damage(void)
{
	char path[SUITE_PATH + 32], *log;
	bool said;

	snprintf(path, sizeof(path), "%s/state/log", tested.directory);
	log = suite_read(path, NULL);
	said = log != NULL &&
	    (strstr(log, "x4check") != NULL || strstr(log, " 2015") != NULL ||
		strstr(log, "damaged") != NULL);
	free(log);
	return said;
}

/* work - list, status and delete answer, whatever there is */
static void
work(void)
{
	int rc;

	rc = suite_tool(&tested, NULL, "x4queue", "-j", "list", NULL);
	ck_assert_msg(rc == 0 || says_damage(), "list: %d", rc);
	rc = suite_tool(&tested, NULL, "x4ctl", "-j", "status", NULL);
	ck_assert_msg(rc == 0 || rc == 2 || says_damage(), "status: %d", rc);
	/* Deleted, or not found: message 8 goes to nobody. */
	rc = suite_tool(&tested, NULL, "x4queue", "delete", "8", NULL);
	ck_assert_msg(rc == 0 || rc == 1 || says_damage(), "delete: %d", rc);
}

START_TEST(damaged_pages)
{
	char name[16];
	int rc;

	suite_begin("damaged-pages");
	snprintf(name, sizeof(name), "d%d", _i);
	prepare(name, (unsigned)_i + 1);
	rc = suite_tool(&tested, NULL, "x4ctl", "start", NULL);
	if (rc == 0)
		work();
	else
		ck_assert_msg(says_damage(), "nothing says why it is down");
	(void)suite_tool(&tested, NULL, "x4ctl", "stop", NULL);
	rc = suite_tool(&tested, NULL, "x4check", "--repair", NULL);
	ck_assert_msg(rc == 0 || rc == 1, "repair: %d", rc);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_start(&tested);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "-j", "list", NULL), 0);
	suite_stop(&tested);
	assert_once(&paris);
	assert_once(&rome);
	load_sink_stop(&paris);
	load_sink_stop(&rome);
	suite_end();
}
END_TEST

/* A repair run by root moves things out to where root said, and writes them as
 * the user who owns the queue. */
START_TEST(moved_out_for_root)
{
	char out[SUITE_PATH + 16], *owners;

	if (geteuid() != 0) {
		puts("figure: moved out for root: skipped, not root");
		return;
	}
	suite_begin("damaged-out");
	prepare("o", SEED_OF_A_LOSS);
	snprintf(out, sizeof(out), "%s/private", suite_directory());
	ck_assert_int_eq(mkdir(out, 0700), 0);
	strlcat(out, "/out", sizeof(out));
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", "--repair",
			     "--out", out, NULL),
	    1);
	ck_assert_int_eq(suite_shell(&owners,
			     "find '%s' -printf '%%f %%u\n' | grep -v ' %s$'",
			     out, SUITE_USER),
	    1);
	ck_assert_str_eq(owners, "");
	free(owners);
	ck_assert_int_eq(
	    suite_shell(
		NULL, "cd '%s' && test -f REASONS && test -f data.mdb", out),
	    0);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	/* Nothing to move out: nothing is left there. */
	strlcat(out, "2", sizeof(out));
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", "--repair",
			     "--out", out, NULL),
	    0);
	ck_assert_int_ne(access(out, F_OK), 0);
	load_sink_stop(&paris);
	load_sink_stop(&rome);
	suite_end();
}
END_TEST

TEST_MAIN("fault/damage", TEST_LONG(an_old_queue_is_sent_on, 120);
	  TEST_LONG(moved_out_for_root, 60);
	  TEST_LOOP(damaged_pages, suite_long() ? 100 : 4))
