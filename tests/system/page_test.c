/* SPDX-License-Identifier: ISC */
/*
 * page_test.c - the page of the console, in a browser
 *
 * Chromium without a window draws the page of a suite: problems, links, the
 * queue, and the way of a message.  It reaches the local socket as a person
 * does, through a port that leads there.  The long form draws 1,000 links, and
 * leaves pictures: light, dark, as wide as a phone.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* A user and a group that every Debian has. */
#define CONSOLE_USER "irc"
#define VIEWERS	     "games"

#define FROM   "C=DE;A=VIAT;P=B;S=Ann"
#define TO     "C=FR;A=ATLAS;S=Dupont"
#define ROOM   ((size_t)4 * 1024 * 1024)
#define PAIRS  32
#define MANY   1000			    /* links of the long form */
#define BUDGET "--virtual-time-budget=4000" /* ms of the page's own time */

static struct suite here;
static pid_t tunnel;
static uint16_t port;

/* has_browser - tell whether there is a browser, or say that there is not */
static bool
has_browser(void)
{
	if (suite_shell(NULL, "command -v chromium >/dev/null") == 0)
		return true;
	printf("skipped: no chromium\n");
	return false;
}

/* pass - pass on what one side has sent; false: it has ended */
static bool
pass(int from, int to)
{
	char octets[65536];
	ssize_t n = read(from, octets, sizeof(octets)), sent = 0, m;

	while (n > sent) {
		m = send(to, octets + sent, (size_t)(n - sent), MSG_NOSIGNAL);
		if (m <= 0)
			return false;
		sent += m;
	}
	return n > 0;
}

/* lead - lead a caller to the local socket, as a place in the pairs */
static void
lead(int listener, const char *path, struct pollfd *pair)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};

	snprintf(local.sun_path, sizeof(local.sun_path), "%s", path);
	pair[0] = (struct pollfd){
	    .fd = accept(listener, NULL, NULL), .events = POLLIN};
	pair[1] = (struct pollfd){
	    .fd = socket(AF_UNIX, SOCK_STREAM, 0), .events = POLLIN};
	if (connect(pair[1].fd, (struct sockaddr *)&local, sizeof(local)) != 0)
		_exit(1);
}

/* run_tunnel - lead whoever calls a port to the local socket, for ever */
static void
run_tunnel(int listener, const char *path)
{
	static struct pollfd fds[1 + 2 * PAIRS];

	for (int i = 1; i <= 2 * PAIRS; i++)
		fds[i].fd = -1;
	fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
	while (poll(fds, 1 + 2 * PAIRS, -1) > 0) {
		for (int i = 1; i <= 2 * PAIRS; i++) {
			int other = i % 2 == 1 ? i + 1 : i - 1;

			if (fds[i].fd < 0 || fds[i].revents == 0 ||
			    pass(fds[i].fd, fds[other].fd))
				continue;
			close(fds[i].fd);
			close(fds[other].fd);
			fds[i].fd = fds[other].fd = -1;
		}
		for (int i = 1; fds[0].revents != 0 && i < 2 * PAIRS; i += 2)
			if (fds[i].fd < 0) {
				lead(listener, path, &fds[i]);
				break;
			}
	}
	_exit(1);
}

/* open_tunnel - make a port that leads to the local socket of the console */
static void
open_tunnel(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, PAIRS), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	port = ntohs(address.sin_port);
	tunnel = fork();
	ck_assert_int_ge(tunnel, 0);
	if (tunnel == 0)
		run_tunnel(fd, suite_path(&here, "run/console"));
	close(fd);
}

/* begin - start a suite with a console and so many links to nowhere */
static void
begin(const char *test, unsigned links)
{
	char *sections = malloc(ROOM), mta[256];
	size_t len = 0;

	ck_assert_ptr_nonnull(sections);
	suite_begin(test);
	for (unsigned i = 0; i < links; i++)
		len += (size_t)snprintf(sections + len, ROOM - len,
		    "link \"site-%03u\" { remote-mta = \"M%u\" "
		    "remote-password = \"x\" address = {\"127.0.0.1:1\"} "
		    "schedule = \"%s\" "
		    "open-retries = 1000000 address-space = {\"%s%u\"} }\n",
		    i, i, i == 0 ? "always" : "never",
		    i == 0 ? "C=FR;A=ATLAS\", \"C=GB;A=X" : "C=FR;A=A", i);
	snprintf(sections + len, ROOM - len, "console { }\n");
	snprintf(mta, sizeof(mta), "tracking-days = 30 %s",
	    geteuid() == 0 ? "viewer-group = \"" VIEWERS
			     "\" console-user = \"" CONSOLE_USER "\""
			   : "");
	suite_configure(&here, "b", "C=DE;A=VIAT;P=B", mta, sections);
	free(sections);
	suite_start(&here);
	open_tunnel();
	ck_assert_int_eq(
	    suite_tool(&here, NULL, "x4send", "-f", FROM, "-t", TO, NULL), 0);
}

/* end - stop it */
static void
end(void)
{
	kill(tunnel, SIGKILL);
	suite_stop(&here);
	suite_end();
}

/* browse - have the browser draw the page: what it has drawn, to be freed */
static char *
browse(const char *options, const char *hash)
{
	char *output;

	/* The sandbox of the browser refuses root, who may run tests. */
	ck_assert_int_eq(
	    suite_shell(&output,
		"HOME=%s timeout 120 chromium --headless=new --no-sandbox "
		"--disable-gpu --no-first-run --disable-background-networking "
		"--user-data-dir=%s/browser --hide-scrollbars " BUDGET
		" %s 'http://127.0.0.1:%u/%s' 2>/dev/null",
		suite_directory(), suite_directory(), options, port, hash),
	    0);
	return output;
}

/* A text that the page is to have. */
struct wanted {
	const char *hash;
	const char *texts[6];
};

/* is_drawn - tell whether the page has all texts, in their order */
static bool
is_drawn(void *arg)
{
	const struct wanted *wanted = arg;
	char *page = browse("--dump-dom", wanted->hash);
	const char *at = page;

	for (size_t i = 0; i < 6 && at != NULL && wanted->texts[i] != NULL; i++)
		at = strstr(at, wanted->texts[i]);
	free(page);
	return at != NULL;
}

START_TEST(page_is_drawn)
{
	struct wanted wanted = {"#find=S%3DDupont",
	    {">1 problem<", "x4ping site-000", "arrived", "queued for site-000",
		"1 link", "1 up to an hour"}};

	if (!has_browser())
		return;
	begin("page", 1);
	suite_wait("page", 60, is_drawn, &wanted);
	end();
}
END_TEST

/* picture - leave a picture of the page in the test's directory */
static void
picture(const char *name, const char *options)
{
	char all[512], path[SUITE_PATH + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s.png", suite_directory(), name);
	snprintf(all, sizeof(all), "--screenshot=%s %s", path, options);
	free(browse(all, ""));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_gt(st.st_size, 20000);
}

/* Of 1,000 links the one in trouble comes first. */
START_TEST(many_links)
{
	struct wanted wanted = {"",
	    {"x4ping site-000", "50 of 1,000 links", "link-rows", "failing",
		"site-000", "Show all 1000"}};

	if (!suite_long() || !has_browser())
		return;
	begin("page-many", MANY);
	suite_wait("page", 60, is_drawn, &wanted);
	picture("light", "--window-size=1280,1600");
	picture("dark",
	    "--window-size=1280,1600 --blink-settings=preferredColorScheme=0");
	picture("phone", "--window-size=390,2400");
	end();
}
END_TEST

TEST_MAIN(
    "system/page", TEST_LONG(page_is_drawn, 120), TEST_LONG(many_links, 240))
