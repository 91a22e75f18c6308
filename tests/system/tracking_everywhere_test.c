/* SPDX-License-Identifier: ISC */
/*
 * tracking_everywhere_test.c - a search over all machines finds what the
 * database lacks, by x4track and by the console
 *
 * A suite between a source and a sink writes into a server of the test's own.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/cluster.h"
#include "tests/fault/load.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define ROOM ((size_t)1 << 20) /* for an answer of the console */

/* A group and a user that every Debian has. */
#define ROOT_NEEDS " viewer-group = games console-user = irc"

static struct cluster cluster;
static struct suite tested;
static struct load_sink far;

/* configure - configure the suite, with a console and settings of the mta
 * section */
static void
configure(const char *settings)
{
	static char sections[4096], mta[2048];

	sections[0] = '\0';
	(void)snprintf(mta, sizeof(mta), "%s%s", settings,
	    geteuid() == 0 ? ROOT_NEEDS : "");
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "far", far.port, "");
	(void)strlcat(sections, "console { }\n", sizeof(sections));
	suite_configure(&tested, "tested", "C=DE;A=V", mta, sections);
}

/* set_database - have the suite that runs write into the server */
static void
set_database(void)
{
	static char settings[1024];

	cluster_setting(&cluster, CLUSTER_PASSWORD, "sslmode=disable", settings,
	    sizeof(settings));
	configure(settings);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
}

/* count_messages - count the messages of an answer in JSON, by what stands at
 * the beginning of each */
static int64_t
count_messages(const char *answer)
{
	int64_t count = 0;

	for (const char *at = answer; (at = strstr(at, "{\"mts_id\"")) != NULL;
	     at++)
		count++;
	return count;
}

/* tells - tell whether x4track finds so many messages that were transferred,
 * each once */
static bool
tells(void *arg)
{
	char *output;
	int64_t count = 0;

	(void)suite_tool(
	    &tested, &output, "x4track", "-j", "-s", "transferred", NULL);
	if (output != NULL)
		count = count_messages(output);
	free(output);
	return count == *(int64_t *)arg;
}

/* shows - tell whether the console finds so many likewise */
static bool
shows(void *arg)
{
	static const char request[] =
	    "GET /api/track?state=transferred HTTP/1.1\r\n"
	    "Host: localhost\r\nConnection: close\r\n\r\n";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *answer = calloc(1, ROOM);
	size_t len = 0;
	ssize_t n;
	bool is;

	ck_assert_ptr_nonnull(answer);
	(void)strlcpy(address.sun_path, suite_path(&tested, "run/console"),
	    sizeof(address.sun_path));
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL),
	    sizeof(request) - 1);
	while ((n = read(fd, answer + len, ROOM - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(fd);
	is = strstr(answer, " 200 ") != NULL &&
	    strstr(answer, "\"note\"") == NULL &&
	    count_messages(answer) == *(int64_t *)arg;
	free(answer);
	return is;
}

/* wait_found - wait until both find so many messages */
static void
wait_found(int64_t messages)
{
	suite_wait("x4track to find them", 30, tells, &messages);
	suite_wait("the console to find them", 30, shows, &messages);
}

/* has_rows - tell whether so many messages were written into the server */
static bool
has_rows(void *arg)
{
	return cluster_number(&cluster,
		   "SELECT count(*) FROM fourpost.event WHERE event=1") ==
	    *(int64_t *)arg;
}

/* set_read_only - have the server refuse records, or take them */
static void
set_read_only(const char *sql)
{
	cluster_run(&cluster, sql);
	cluster_run(&cluster,
	    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	    " WHERE usename='fourpost'");
}

/* check_limits - check that so many of five are told as are asked for */
static void
check_limits(void)
{
	char *output;

	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4track", "-n", "4", NULL), 0);
	ck_assert_ptr_nonnull(strstr(output, "the newest 4"));
	free(output);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4track", "-n", "5", NULL), 0);
	ck_assert_ptr_nonnull(strstr(output, "5 messages"));
	free(output);
}

/* What the server does not have, the tracker of this machine has: from before
 * it was set, and while it refuses records; and the other way round. */
START_TEST(what_the_server_lacks)
{
	int64_t written = 1;

	if (!cluster_here())
		return;
	suite_begin("track-pg-lacks");
	cluster_make(&cluster);
	load_sink(&far, "far", 0, NULL);
	configure("");
	suite_start(&tested);
	load_send(&tested, "far", 2);
	wait_found(2);
	set_database();
	load_send(&tested, "far", 1);
	suite_wait("the first row", 60, has_rows, &written);
	wait_found(3);
	set_read_only(
	    "ALTER ROLE fourpost SET default_transaction_read_only=on");
	load_send(&tested, "far", 2);
	wait_found(5);
	check_limits();
	ck_assert(has_rows(&written));
	set_read_only(
	    "ALTER ROLE fourpost RESET default_transaction_read_only");
	written = 3;
	suite_wait("the other rows", 60, has_rows, &written);
	ck_assert_int_eq(
	    unlink(suite_path(&tested, "state/tracking/tracking.db")), 0);
	wait_found(3);
	load_finish(&tested, &far, 60);
	cluster_end(&cluster);
	suite_end();
}
END_TEST

TEST_MAIN("system/tracking_everywhere", TEST_LONG(what_the_server_lacks, 120))
