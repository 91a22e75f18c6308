/* SPDX-License-Identifier: ISC */
/*
 * problems_test.c - the first line of x4ctl status names cause and cure
 *
 * Scenarios of an administrator's day, each staged until status says 2: the
 * line must name what is wrong and the command that helps.  With nothing wrong
 * it says so, and exits 0.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define FROM "C=DE;A=VIAT;P=HERE;S=Ann"
#define TO   "C=FR;A=ATLAS;S=Dupont"

static struct suite here;

/* start - start a suite with a link to a host and port */
static void
start(const char *address)
{
	char sections[512];

	snprintf(sections, sizeof(sections),
	    "link \"far\" {\n  remote-mta = \"MTA-far\"\n"
	    "  remote-password = \"secret-far\"\n  address = {\"%s\"}\n"
	    "  open-interval = \"600\" open-retries = 1000000\n"
	    "  address-space = {\"C=FR;A=ATLAS\"}\n}\n",
	    address);
	suite_configure(&here, "h", "C=DE;A=VIAT;P=HERE", "", sections);
	suite_start(&here);
}

/* begin - start it in a directory of its own */
static void
begin(const char *test, const char *address)
{
	suite_begin(test);
	start(address);
}

/* send_letter - submit a message for the link */
static void
send_letter(void)
{
	ck_assert_int_eq(
	    suite_tool(&here, NULL, "x4send", "-f", FROM, "-t", TO, NULL), 0);
}

/* A text that the first line is to have. */
struct wanted {
	const char *text, *command;
	char line[1024];
};

/* is_said - tell whether the first line of status is the one that is wanted */
static bool
is_said(void *arg)
{
	struct wanted *wanted = arg;
	char *output, command[64];
	int status = suite_tool(&here, &output, "x4ctl", "status", NULL);

	snprintf(wanted->line, sizeof(wanted->line), "%.*s",
	    (int)strcspn(output, "\n"), output);
	free(output);
	snprintf(command, sizeof(command), "-> %s", wanted->command);
	return status == 2 && strstr(wanted->line, wanted->text) != NULL &&
	    strstr(wanted->line, command) != NULL;
}

/* expect - wait until the first line of status is the one that is wanted */
static void
expect(const char *text, const char *command)
{
	struct wanted wanted = {.text = text, .command = command};

	suite_wait(text, 30, is_said, &wanted);
}

/* end - stop the suite */
static void
end(void)
{
	suite_stop(&here);
	suite_end();
}

START_TEST(nothing_is_wrong)
{
	char *output;

	begin("no-problems", "127.0.0.1:1");
	ck_assert_int_eq(
	    suite_tool(&here, &output, "x4ctl", "status", NULL), 0);
	ck_assert_int_eq(strncmp(output, "no problems\n", 12), 0);
	ck_assert_ptr_nonnull(strstr(output, "far"));
	/* Workers are shown on request alone. */
	ck_assert_ptr_null(strstr(output, "qmgr"));
	free(output);
	ck_assert_int_eq(
	    suite_tool(&here, &output, "x4ctl", "status", "workers", NULL), 0);
	ck_assert_ptr_nonnull(strstr(output, "qmgr"));
	free(output);
	ck_assert_int_eq(
	    suite_tool(&here, NULL, "x4ctl", "status", "nonsense", NULL), 64);
	end();
}
END_TEST

START_TEST(peer_is_down)
{
	char address[32];

	snprintf(address, sizeof(address), "127.0.0.1:%u", suite_free_port());
	begin("peer-down", address);
	send_letter();
	expect("far fails: network: ", "x4ping far");
	expect("Connection refused", "x4ping far");
	end();
}
END_TEST

START_TEST(name_is_wrong)
{
	begin("name-wrong", "no.such.host.invalid:102");
	send_letter();
	expect("far fails: name: no.such.host.invalid", "x4ping far");
	end();
}
END_TEST

/* The other suite knows another password of ours. */
START_TEST(peer_refuses_our_password)
{
	struct suite far = {0};
	char address[32];

	suite_begin("password-wrong");
	suite_configure(&far, "far", "C=FR;A=ATLAS", "",
	    "link \"here\" {\n  remote-mta = \"MTA-h\"\n"
	    "  remote-password = \"another\"\n"
	    "  schedule = \"never\"\n}\n");
	suite_start(&far);
	snprintf(address, sizeof(address), "127.0.0.1:%u", far.port);
	start(address);
	send_letter();
	expect("far fails: bind: refused: authentication error", "x4ping far");
	suite_stop(&here);
	suite_stop(&far);
	suite_end();
}
END_TEST

/* edit - put a text before the configuration */
static void
edit(const char *before)
{
	size_t length;
	char *text = suite_read(here.conf, &length), *whole;

	ck_assert_ptr_nonnull(text);
	ck_assert_int_gt(asprintf(&whole, "%s%s", before, text), 0);
	suite_write(here.conf, whole, strlen(whole));
	free(whole);
	free(text);
	if (geteuid() == 0)
		ck_assert_int_eq(chmod(here.conf, 0600), 0);
}

START_TEST(configuration_is_newer)
{
	begin("conf-newer", "127.0.0.1:1");
	/* A comment changes nothing. */
	edit("# harmless\n");
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "status", NULL), 0);
	edit("list \"staff\" { address = \"C=DE;A=VIAT;P=HERE;S=Staff\" "
	     "members = {\"" FROM "\"} }\n");
	expect("was changed", "x4ctl reload");
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "reload", NULL), 0);
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "status", NULL), 0);
	edit("nonsense { }\n");
	expect("nonsense", "x4conf check");
	end();
}
END_TEST

START_TEST(clock_is_doubted)
{
	begin("clock", "127.0.0.1:1");
	suite_stop(&here);
	setenv("FOURPOST_CLOCK_OFFSET", "864000", 1);
	suite_start(&here);
	unsetenv("FOURPOST_CLOCK_OFFSET");
	expect("doubted", "x4ctl clock-ok");
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "clock-ok", NULL), 0);
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "status", NULL), 0);
	end();
}
END_TEST

/* A file that is included, changed and wrong, and one more beside it. */
START_TEST(included_file_is_newer)
{
	static const char list[] =
	    "list \"%s\" { address = \"C=DE;A=VIAT;P=HERE;S=%s\" "
	    "members = {\"" FROM "\"} }\n";
	char path[SUITE_PATH + 32], text[512];

	suite_begin("included");
	snprintf(path, sizeof(path), "%s/conf.d", suite_directory());
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/conf.d/a.conf", suite_directory());
	snprintf(text, sizeof(text), list, "staff", "Staff");
	suite_write(path, text, strlen(text));
	snprintf(
	    text, sizeof(text), "include \"%s/conf.d\"\n", suite_directory());
	suite_configure(&here, "h", "C=DE;A=VIAT;P=HERE", "", text);
	suite_start(&here);
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "status", NULL), 0);
	snprintf(text, sizeof(text), list, "staff", "Everybody");
	suite_write(path, text, strlen(text));
	expect("was changed", "x4ctl reload");
	suite_write(path, "nonsense { }\n", 13);
	expect("a.conf:1: nonsense", "x4conf check");
	suite_write(path, text, strlen(text));
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "reload", NULL), 0);
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "status", NULL), 0);
	snprintf(path, sizeof(path), "%s/conf.d/b.conf", suite_directory());
	snprintf(text, sizeof(text), list, "other", "Other");
	suite_write(path, text, strlen(text));
	expect("was changed", "x4ctl reload");
	end();
}
END_TEST

/* sent_to_far - read from status how many messages went to the link */
static long long
sent_to_far(void)
{
	json_t *rows = suite_rows(&here, "x4ctl", "-j", "status", NULL), *row;
	long long sent = -1;
	size_t i;

	json_array_foreach(rows, i,
	    row) if (strcmp(json_string_value(json_object_get(row, "kind")),
			 "link") == 0) sent =
	    json_integer_value(json_object_get(row, "messages_out"));
	json_decref(rows);
	return sent;
}

/* is_back - tell whether the queue manager answers again */
static bool
is_back(void *arg)
{
	(void)arg;
	return suite_tool(&here, NULL, "x4queue", "summary", NULL) == 0;
}

START_TEST(totals_outlive_restarts)
{
	char sections[1024] = "";
	struct load_sink sink;

	suite_begin("totals");
	load_sink(&sink, "far", 0, NULL);
	load_link(sections, sizeof(sections), "far", sink.port, "");
	suite_configure(&here, "h", "C=DE;A=VIAT;P=HERE", "", sections);
	suite_start(&here);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(suite_tool(&here, NULL, "x4send", "-f", FROM,
				     "-t", "C=YY;A=far;S=Dupont", NULL),
		    0);
	suite_wait_empty(&here, 10);
	ck_assert_int_eq(sent_to_far(), 3);
	ck_assert_int_eq(kill(suite_pid(&here, "qmgr"), SIGKILL), 0);
	suite_wait("qmgr to be back", 10, is_back, NULL);
	ck_assert_int_eq(sent_to_far(), 3);
	suite_stop(&here);
	suite_start(&here);
	ck_assert_int_eq(sent_to_far(), 3);
	load_sink_stop(&sink);
	end();
}
END_TEST

/* The tracker hangs, and is replaced only later. */
START_TEST(tracker_is_behind)
{
	char sections[1024] = "";

	if (!suite_long()) {
		puts("skipped: ten seconds, FOURPOST_TEST_LONG");
		return;
	}
	suite_begin("tracker");
	load_link(sections, sizeof(sections), "far", 1, "schedule = \"never\"");
	suite_configure(
	    &here, "h", "C=DE;A=VIAT;P=HERE", "tracking-days = 1", sections);
	suite_start(&here);
	ck_assert_int_eq(kill(suite_pid(&here, "tracker"), SIGSTOP), 0);
	ck_assert_int_eq(suite_tool(&here, NULL, "x4send", "-f", FROM, "-t",
			     "C=YY;A=far;S=Dupont", NULL),
	    0);
	expect("the tracker is behind", "x4ctl restart tracker");
	end();
}
END_TEST

/* listen_as_manager - make the socket that a service manager has */
static int
listen_as_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_lt(snprintf(address.sun_path, sizeof(address.sun_path),
			     "%s/notify", suite_directory()),
	    (int)sizeof(address.sun_path));
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(chmod(address.sun_path, 0666), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
	return fd;
}

/* await_notice - read what the service manager is told, until it is this */
static void
await_notice(int fd, const char *beginning)
{
	char text[2048];
	ssize_t len;

	do {
		len = recv(fd, text, sizeof(text) - 1, 0);
		ck_assert_int_ge(len, 0);
		text[len] = '\0';
	} while (strncmp(text, beginning, strlen(beginning)) != 0);
}

START_TEST(the_service_manager_sees_the_first)
{
	char address[32];
	int fd;

	suite_begin("notify");
	fd = listen_as_manager();
	snprintf(address, sizeof(address), "127.0.0.1:%u", suite_free_port());
	start(address);
	unsetenv("NOTIFY_SOCKET");
	await_notice(fd, "READY=1");
	await_notice(fd, "STATUS=no problems");
	send_letter();
	await_notice(fd, "STATUS=far fails: network: ");
	close(fd);
	end();
}
END_TEST

TEST_MAIN("system/problems", TEST_LONG(nothing_is_wrong, 60),
    TEST_LONG(peer_is_down, 60), TEST_LONG(name_is_wrong, 120),
    TEST_LONG(peer_refuses_our_password, 60),
    TEST_LONG(configuration_is_newer, 60), TEST_LONG(clock_is_doubted, 60),
    TEST_LONG(included_file_is_newer, 60),
    TEST_LONG(totals_outlive_restarts, 60), TEST_LONG(tracker_is_behind, 60),
    TEST_LONG(the_service_manager_sees_the_first, 60))
