/* SPDX-License-Identifier: ISC */
/*
 * machines_test.c - one search over two machines
 *
 * Two suites write what happened into one PostgreSQL: x4track and the console
 * of either tell the way of a message across both.  While it is away each tells
 * of itself, and says so.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/cluster.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

/* A user and a group that every Debian has. */
#define CONSOLE_USER "irc"
#define VIEWERS	     "games"

/* Nobody listens there. */
#define AWAY \
	"tracking-database = \"postgresql://fourpost@127.0.0.1:1/fourpost\""

static struct pair pair;

/* begin - start the pair with the setting of a database, and a console of A */
static void
begin(const char *setting)
{
	static char mta[1024];

	snprintf(mta, sizeof(mta), "tracking-days = 30 %s %s", setting,
	    geteuid() == 0 ? "viewer-group = \"" VIEWERS
			     "\" console-user = \"" CONSOLE_USER "\""
			   : "");
	pair = (struct pair){
	    .a_mta = mta, .b_mta = mta, .a_sections = "console { }\n"};
	pair_start(&pair, PAIR_DIRECT, "");
	pair_letter(&pair, "LETTER", PAIR_BOB, '3', "subject", "text", NULL, 0);
	pair_wait_files(pair.b_out, 1, 60);
}

/* track - run x4track on a suite, with what it prints on both outputs */
static int
track(const struct suite *suite, const char *arguments, char **output)
{
	return suite_shell(output, "%s/bin/x4track -c %s %s 2>&1",
	    suite_build(), suite->conf, arguments);
}

/* Texts that are waited for. */
struct wanted {
	const struct suite *suite;
	const char *arguments;
	const char *texts[6];
};

/* is_told - tell whether x4track prints all texts */
static bool
is_told(void *arg)
{
	const struct wanted *wanted = arg;
	char *output;
	bool is;

	(void)track(wanted->suite, wanted->arguments, &output);
	is = output != NULL;
	for (size_t i = 0; is && i < 6 && wanted->texts[i] != NULL; i++)
		is = strstr(output, wanted->texts[i]) != NULL;
	free(output);
	return is;
}

START_TEST(a_database_that_is_away)
{
	struct wanted wanted = {.suite = &pair.a,
	    .arguments = "--to BOB",
	    .texts = {"transferred to b", "this machine alone"}};
	char *output;

	suite_begin("machines-away");
	begin(AWAY);
	suite_wait("A to tell of itself", 60, is_told, &wanted);
	ck_assert_int_eq(track(&pair.a, "--to BOB", &output), 1);
	ck_assert_ptr_null(strstr(output, "on MTA"));
	free(output);
	ck_assert_int_eq(track(&pair.a, "--to NOBODY", &output), 1);
	ck_assert_ptr_nonnull(strstr(output, "this machine alone"));
	free(output);
	pair_stop(&pair);
	suite_end();
}
END_TEST

/* console_says - tell whether the console of A answers a search with all texts
 * that are wanted */
static bool
console_says(void *arg)
{
	const struct wanted *wanted = arg;
	char *output;
	bool is;

	(void)suite_shell(&output,
	    "curl -s --unix-socket %s 'http://localhost/api/track?%s'",
	    suite_path(&pair.a, "run/console"), wanted->arguments);
	is = output != NULL;
	for (size_t i = 0; is && i < 6 && wanted->texts[i] != NULL; i++)
		is = strstr(output, wanted->texts[i]) != NULL;
	free(output);
	return is;
}

/* check_all - check that both machines, and the console, tell of both */
static void
check_all(void)
{
	struct wanted wanted = {.suite = &pair.a,
	    .arguments = "--to BOB",
	    .texts = {"on 2 machines", "arrived from msmail/po1",
		"transferred to b", "arrived from a", "delivered to msmail/po2",
		"MTA-b@"}};
	struct wanted console = {.arguments = "to=BOB",
	    .texts = {"\"machine\":\"MTA-a@", "\"machine\":\"MTA-b@",
		"\"event\":\"delivery\""}};

	suite_wait("A to tell of both", 60, is_told, &wanted);
	wanted.suite = &pair.b;
	suite_wait("B to tell of both", 60, is_told, &wanted);
	suite_wait("the console to tell of both", 60, console_says, &console);
}

START_TEST(the_way_across_two_machines)
{
	struct wanted alone = {.suite = &pair.b,
	    .arguments = "--to BOB",
	    .texts = {"this machine alone", "delivered to msmail/po2"}};
	struct wanted console = {.arguments = "to=BOB",
	    .texts = {"\"note\":\"", "\"event\":\"transfer\""}};
	struct cluster cluster = {.pid = 0};
	char setting[512], *output;

	if (!cluster_here())
		return;
	suite_begin("machines");
	cluster_make(&cluster);
	cluster_setting(&cluster, CLUSTER_PASSWORD, "sslmode=disable", setting,
	    sizeof(setting));
	begin(setting);
	check_all();
	/* A text that is none for PostgreSQL is refused, and no quote ends it
	 * before its end. */
	ck_assert_int_eq(
	    track(&pair.a, "--to \"$(printf 'a\\377')\"", &output), 1);
	ck_assert_ptr_null(strstr(output, "this machine alone"));
	free(output);
	ck_assert_int_eq(track(&pair.a, "--to \"BOB' OR ''='\"", &output), 1);
	ck_assert_ptr_nonnull(strstr(output, "no such message"));
	free(output);
	cluster_stop(&cluster, CLUSTER_KILLED);
	suite_wait("B to tell of itself", 60, is_told, &alone);
	ck_assert(!is_told(&(struct wanted){
	    .suite = &pair.b, .arguments = "--to BOB", .texts = {"MTA-a@"}}));
	suite_wait("the console to tell of A", 60, console_says, &console);
	/* While it was away. */
	pair_letter(&pair, "LATER", PAIR_BOB, '3', "later", "text", NULL, 0);
	pair_wait_files(pair.b_out, 2, 60);
	cluster_start(&cluster);
	suite_wait("all to be there", 60, is_told,
	    &(struct wanted){.suite = &pair.a,
		.arguments = "-n 0 --to BOB",
		.texts = {"4 messages", "MACHINE"}});
	ck_assert_int_eq(
	    track(&pair.b, "--to BOB --state delivered -j", &output), 0);
	ck_assert_ptr_nonnull(strstr(output, "\"machine\":\"MTA-b@"));
	free(output);
	pair_stop(&pair);
	cluster_end(&cluster);
	suite_end();
}
END_TEST

TEST_MAIN("system/machines", TEST(a_database_that_is_away),
    TEST(the_way_across_two_machines))
