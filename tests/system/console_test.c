/* SPDX-License-Identifier: ISC */
/*
 * console_test.c - the console shows what the tools show, to whom it should
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/postoffice.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* A user and a group that every Debian has. */
#define CONSOLE_USER "irc"
#define VIEWERS	     "games"

#define FROM  "C=DE;A=VIAT;P=C;S=Ann"
#define TO    "C=FR;A=ATLAS;S=Dupont"
#define TOKEN "0123456789abcdef"
#define OTHER "fedcba9876543210"
#define LOCAL 0 /* instead of a port */

static struct suite here;
static uint16_t port;

/* who - say who the console is, where root starts the suite */
static const char *
who(void)
{
	return geteuid() == 0 ? "viewer-group = \"" VIEWERS
				"\" console-user = \"" CONSOLE_USER "\" "
			      : "";
}

/* configure - make a suite with a link to nowhere, and a console */
static void
configure(const char *console)
{
	char sections[1024], mta[256];

	snprintf(mta, sizeof(mta), "%s tracking-days = 30", who());
	snprintf(sections, sizeof(sections),
	    "link \"far\" {\n  remote-mta = \"MTA-FAR\"\n"
	    "  remote-password = \"secret-far\"\n"
	    "  address = {\"127.0.0.1:%u\"} open-interval = \"600\"\n"
	    "  open-retries = 1000000 address-space = {\"C=FR;A=ATLAS\"}\n}\n"
	    "%s",
	    suite_free_port(), console);
	suite_configure(&here, "c", "C=DE;A=VIAT;P=C", mta, sections);
}

/* begin - start it */
static void
begin(const char *test, const char *console)
{
	suite_begin(test);
	configure(console);
	suite_start(&here);
}

/* begin_with_port - start it with a port that wants a token */
static void
begin_with_port(const char *test)
{
	char console[256];

	suite_begin(test);
	port = suite_free_port();
	snprintf(console, sizeof(console),
	    "console {\n  listen = {\"127.0.0.1:%u\"}\n  token = \"" TOKEN
	    "\"\n  metrics-token = \"" OTHER "\"\n}\n",
	    port);
	configure(console);
	suite_start(&here);
}

/* end - stop it */
static void
end(void)
{
	suite_stop(&here);
	suite_end();
}

/* call - connect to the local socket, or to a port: a descriptor, or -1 */
static int
call(uint16_t to)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in tcp = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(to)};
	int fd = socket(
	    to == LOCAL ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	ck_assert_int_ge(fd, 0);
	snprintf(local.sun_path, sizeof(local.sun_path), "%s",
	    suite_path(&here, "run/console"));
	rc = to == LOCAL ? connect(fd, (struct sockaddr *)&local, sizeof(local))
			 : connect(fd, (struct sockaddr *)&tcp, sizeof(tcp));
	if (rc == 0)
		return fd;
	rc = errno;
	close(fd);
	errno = rc;
	return -1;
}

/* take_answer - read an answer to its end, to be freed */
static char *
take_answer(int fd)
{
	size_t len = 0, room = 1 << 22;
	char *text = malloc(room);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	ck_assert_ptr_nonnull(text);
	while (poll(&pfd, 1, 60000) == 1 &&
	    (n = read(fd, text + len, room - len - 1)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
	return text;
}

/* talk - send octets, return the answer, to be freed; headers with \r\n */
static char *
talk(uint16_t to, const char *octets)
{
	int fd = call(to);

	ck_assert_msg(fd >= 0, "connect: %s", strerror(errno));
	ck_assert_int_eq(send(fd, octets, strlen(octets), MSG_NOSIGNAL),
	    (ssize_t)strlen(octets));
	return take_answer(fd);
}

/* get - ask for a path with further headers; the status, and the body if it is
 * wanted, to be freed */
static int
get(uint16_t to, const char *path, const char *headers, char **body)
{
	char octets[1024], *text, *blank;
	int status = 0;

	snprintf(octets, sizeof(octets),
	    "GET %s HTTP/1.1\r\nConnection: close\r\n%s%s\r\n", path,
	    strstr(headers, "Host:") == NULL ? "Host: localhost\r\n" : "",
	    headers);
	text = talk(to, octets);
	(void)sscanf(text, "HTTP/1.1 %d ", &status);
	blank = strstr(text, "\r\n\r\n");
	if (body != NULL) {
		ck_assert_ptr_nonnull(blank);
		*body = strdup(blank + 4);
	}
	free(text);
	return status;
}

/* get_json - ask the local socket for a path: what it answers, json_decref */
static json_t *
get_json(const char *path)
{
	char *body;
	json_t *json;

	ck_assert_int_eq(get(LOCAL, path, "", &body), 200);
	json = json_loads(body, 0, NULL);
	ck_assert_msg(json != NULL, "no JSON: %s", body);
	free(body);
	return json;
}

/* send_letter - submit a message for the link */
static void
send_letter(void)
{
	ck_assert_int_eq(
	    suite_tool(&here, NULL, "x4send", "-f", FROM, "-t", TO, NULL), 0);
}

/* has_problem - tell whether the console names the link as a problem */
static bool
has_problem(void *arg)
{
	json_t *status = get_json("/api/status");
	const json_t *first =
	    json_array_get(json_object_get(status, "problems"), 0);
	const char *text = json_string_value(json_object_get(first, "command"));
	bool has = text != NULL && strcmp(text, arg) == 0;

	json_decref(status);
	return has;
}

/* is_tracked - tell whether the tracker knows the message */
static bool
is_tracked(void *arg)
{
	json_t *found = get_json("/api/track?to=C%3DFR%3BA%3DATLAS");
	const json_t *row = json_array_get(json_object_get(found, "rows"), 0);
	bool is = json_array_size(json_object_get(row, "events")) > 0;

	(void)arg;
	json_decref(found);
	return is;
}

/* link_row - get the link as x4ctl shows it, which exits 2 for the problem */
static json_t *
link_row(void)
{
	char *output, *at;
	json_t *row;

	ck_assert_int_eq(
	    suite_tool(&here, &output, "x4ctl", "-j", "status", NULL), 2);
	at = strstr(output, "{\"kind\":\"link\"");
	ck_assert_ptr_nonnull(at);
	row = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);
	ck_assert_ptr_nonnull(row);
	free(output);
	return row;
}

/* has_delays - tell whether the metrics have the tracker's histogram */
static bool
has_delays(void *arg)
{
	char *body;
	bool has;

	(void)arg;
	ck_assert_int_eq(get(LOCAL, "/metrics", "", &body), 200);
	has = strstr(body,
		  "fourpost_delay_seconds_bucket{stage=\"all\",le=\"60.0\"} "
		  "0\n") != NULL;
	free(body);
	return has;
}

START_TEST(shows_what_tools_show)
{
	json_t *status, *ours, *theirs, *answer;
	char *body;
	struct stat st;

	begin("console-shows", "console { }\n");
	ck_assert_int_eq(stat(suite_path(&here, "run/console"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, geteuid() == 0 ? 0660 : 0600);
	send_letter();
	suite_wait("problem", 30, has_problem, (char[]){"x4ping far"});
	status = get_json("/api/status");
	ours = json_array_get(json_object_get(status, "links"), 0);
	theirs = link_row();
	/* Field by field the same, but for what has moved since. */
	ck_assert_uint_eq(json_object_size(ours), json_object_size(theirs));
	ck_assert_str_eq(
	    json_string_value(json_object_get(ours, "name")), "far");
	ck_assert_int_eq(json_integer_value(json_object_get(ours, "queued")),
	    json_integer_value(json_object_get(theirs, "queued")));
	json_decref(theirs);
	json_decref(status);
	ck_assert_int_eq(get(LOCAL, "/metrics", "", &body), 200);
	ck_assert_ptr_nonnull(
	    strstr(body, "\nfourpost_mta_stored_messages 1\n"));
	ck_assert_ptr_nonnull(strstr(
	    body, "fourpost_mta_group_stored_messages{group=\"far\"} 1"));
	ck_assert_ptr_nonnull(strstr(body,
	    "fourpost_mta_group_failed_outbound_associations_total"
	    "{group=\"far\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(body,
	    "fourpost_mta_group_rejected_inbound_associations_total"
	    "{group=\"far\"} 0\n"));
	ck_assert_ptr_nonnull(
	    strstr(body, "\nfourpost_mta_loops_detected_total 0\n"));
	ck_assert_ptr_null(
	    strstr(body, "\nfourpost_mta_group_last_inbound_activity"));
	free(body);
	answer = get_json("/api/queue?link=far");
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_array_get(json_object_get(answer, "rows"), 0),
			     "originator")),
	    "S=Ann;P=C;A=VIAT;C=DE");
	json_decref(answer);
	ck_assert_int_eq(get(LOCAL, "/api/show?id=999", "", NULL), 404);
	ck_assert_int_eq(get(LOCAL, "/api/why?id=1", "", NULL), 200);
	ck_assert_int_eq(get(LOCAL, "/api/queue?nonsense=1", "", NULL), 400);
	ck_assert_int_eq(get(LOCAL, "/nowhere", "", NULL), 404);
	suite_wait("tracked", 30, is_tracked, NULL);
	suite_wait("delays", 30, has_delays, NULL);
	end();
}
END_TEST

/* has_sent - tell whether the page has one message as sent within an hour */
static bool
has_sent(void *arg)
{
	json_t *status = get_json("/api/status");
	const json_t *minute, *all = json_object_get(status, "throughput");
	const json_t *out =
	    json_object_get(json_object_get(all, "hour"), "out");
	size_t i, sum = 0;

	(void)arg;
	json_array_foreach(out, i, minute) sum +=
	    (size_t)json_integer_value(minute);
	json_decref(status);
	return sum == 1;
}

/* What was sent before the console was started is in its throughput. */
START_TEST(past_outlives_a_restart)
{
	char section[512], po[SUITE_PATH + 8];

	suite_begin("console-past");
	snprintf(po, sizeof(po), "%s/po", suite_directory());
	postoffice_make(po);
	snprintf(section, sizeof(section),
	    "msmail \"po\" { postoffice = \"%s\" network = \"A\" name = "
	    "\"PO\" address-space = {\"C=DE;A=VIAT;P=PO\"} }\nconsole { }\n",
	    po);
	configure(section);
	suite_start(&here);
	ck_assert_int_eq(suite_tool(&here, NULL, "x4send", "-f", FROM, "-t",
			     "C=DE;A=VIAT;P=PO;S=Jo", NULL),
	    0);
	suite_wait("sent", 30, has_sent, NULL);
	ck_assert_int_eq(
	    suite_tool(&here, NULL, "x4ctl", "restart", "console", NULL), 0);
	suite_wait("the new one knows it", 30, has_sent, NULL);
	end();
}
END_TEST

/* The page and what belongs to it name no other host. */
START_TEST(page_is_whole)
{
	static const char *const paths[] = {"/", "/console.css", "/console.js"};
	char *body;

	begin("console-page", "console { }\n");
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(get(LOCAL, paths[i], "", &body), 200);
		ck_assert_uint_gt(strlen(body), 1000);
		ck_assert_ptr_null(strstr(body, "https://"));
		free(body);
	}
	end();
}
END_TEST

/* login - log in with a token: the cookie, to be freed, or NULL */
static char *
login(const char *token)
{
	char octets[512], *text, *at, *cookie = NULL;

	snprintf(octets, sizeof(octets),
	    "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: %zu\r\n\r\ntoken=%s",
	    6 + strlen(token), token);
	text = talk(port, octets);
	at = strstr(text, "Set-Cookie: ");
	if (at != NULL) {
		at += strlen("Set-Cookie: ");
		ck_assert_ptr_nonnull(strstr(at, "HttpOnly"));
		ck_assert_int_gt(asprintf(&cookie, "Cookie: %.*s\r\n",
				     (int)strcspn(at, ";"), at),
		    0);
	}
	free(text);
	return cookie;
}

#define BEARER(token) "Authorization: Bearer " token "\r\n"

START_TEST(port_wants_a_token)
{
	char *cookie, *body;

	begin_with_port("console-token");
	ck_assert_int_eq(get(port, "/api/status", "", NULL), 401);
	ck_assert_int_eq(
	    get(port, "/api/status", BEARER("0123456789abcdeX"), NULL), 401);
	ck_assert_int_eq(
	    get(port, "/api/status", BEARER("0123456789abcde"), NULL), 401);
	ck_assert_int_eq(get(port, "/api/status", BEARER(""), NULL), 401);
	ck_assert_int_eq(get(port, "/api/status", BEARER(TOKEN), NULL), 200);
	ck_assert_int_eq(get(port, "/nowhere", "", NULL), 401);
	/* The token for metrics reads metrics alone. */
	ck_assert_int_eq(get(port, "/metrics", BEARER(OTHER), NULL), 200);
	ck_assert_int_eq(get(port, "/metrics", BEARER(TOKEN), NULL), 200);
	ck_assert_int_eq(get(port, "/metrics", "", NULL), 401);
	ck_assert_int_eq(get(port, "/api/status", BEARER(OTHER), NULL), 401);
	/* A browser gets a form, and with the token a cookie. */
	ck_assert_int_eq(get(port, "/", "", &body), 401);
	ck_assert_ptr_nonnull(strstr(body, "action=\"/login\""));
	free(body);
	ck_assert_ptr_null(login("wrong"));
	ck_assert_ptr_null(login(OTHER));
	cookie = login(TOKEN);
	ck_assert_ptr_nonnull(cookie);
	ck_assert_int_eq(get(port, "/", cookie, NULL), 200);
	ck_assert_int_eq(get(port, "/api/status", cookie, NULL), 200);
	cookie[strlen(cookie) - 3] ^= 1;
	ck_assert_int_eq(get(port, "/api/status", cookie, NULL), 401);
	free(cookie);
	end();
}
END_TEST

/* A name that leads here and is not ours is refused, by either door. */
START_TEST(host_must_be_ours)
{
	begin_with_port("console-host");
	ck_assert_int_eq(
	    get(LOCAL, "/metrics", "Host: evil.example\r\n", NULL), 421);
	ck_assert_int_eq(
	    get(port, "/metrics", "Host: evil.example\r\n" BEARER(TOKEN), NULL),
	    421);
	ck_assert_int_eq(
	    get(port, "/metrics",
		"Host: localhost.evil.example:80\r\n" BEARER(TOKEN), NULL),
	    421);
	ck_assert_int_eq(
	    get(port, "/metrics", "Host: [::1]:8400\r\n" BEARER(TOKEN), NULL),
	    200);
	ck_assert_int_eq(get(port, "/metrics",
			     "Host: LocalHost:8400\r\n" BEARER(TOKEN), NULL),
	    200);
	end();
}
END_TEST

/* Whatever is asked for, nothing is changed, and the console lives. */
START_TEST(bad_requests)
{
	static const char *const whole[] = {
	    "DELETE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	    "POST /api/status HTTP/1.1\r\nHost: localhost\r\nConnection: "
	    "close\r\nContent-Length: 2\r\n\r\nab",
	    "GET /../../etc HTTP/1.1\r\nHost: localhost\r\nConnection: "
	    "close\r\n\r\n",
	    "GET /api/queue?from=%00%ff%\"' HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n\r\n",
	    "GET / HTTP/9.9\r\n\r\n"};
	static const char *const halves[] = {
	    "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	    "Content-Length: 5000\r\n\r\nab",
	    "GET / HTTP/1.1\r\nHost: loc", "\r\n\r\n\r\n", "\x16\x03\x01\x02",
	    ""};
	char *long_header = malloc(40000);
	pid_t before;

	begin("console-bad", "console { }\n");
	before = suite_pid(&here, "console");
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		free(talk(LOCAL, whole[i]));
	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		int fd = call(LOCAL);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_ge(
		    send(fd, halves[i], strlen(halves[i]), MSG_NOSIGNAL), 0);
		close(fd);
	}
	ck_assert_ptr_nonnull(long_header);
	memset(long_header, 'a', 39999);
	memcpy(long_header, "GET / HTTP/1.1\r\nX: ", 19);
	long_header[39999] = '\0';
	free(talk(LOCAL, long_header));
	free(long_header);
	ck_assert_int_eq(get(LOCAL, "/metrics", "", NULL), 200);
	ck_assert_int_eq(suite_pid(&here, "console"), before);
	end();
}
END_TEST

/* Connections that say nothing keep nobody out. */
START_TEST(slow_connections)
{
	int fds[200];

	begin_with_port("console-slow");
	for (size_t i = 0; i < 200; i++) {
		fds[i] = call(port);
		ck_assert_int_ge(fds[i], 0);
		if (i % 2 == 0)
			(void)!send(fds[i], "GET / HT", 8, MSG_NOSIGNAL);
	}
	ck_assert_int_eq(get(port, "/metrics", BEARER(TOKEN), NULL), 200);
	ck_assert_int_eq(get(LOCAL, "/metrics", "", NULL), 200);
	send_letter();
	for (size_t i = 0; i < 200; i++)
		close(fds[i]);
	end();
}
END_TEST

/* A queue manager that is silent is shown as a problem, with all else. */
START_TEST(qmgr_is_silent)
{
	json_t *status, *first;
	pid_t qmgr;
	char *body;

	begin("console-silent", "console { }\n");
	qmgr = suite_pid(&here, "qmgr");
	ck_assert_int_eq(kill(qmgr, SIGSTOP), 0);
	/* The look of a second ago may be shown first. */
	do {
		status = get_json("/api/status");
		first = json_array_get(json_object_get(status, "problems"), 0);
		if (first == NULL)
			json_decref(status);
	} while (first == NULL);
	ck_assert_str_eq(
	    json_string_value(json_object_get(first, "id")), "qmgr");
	ck_assert_uint_gt(
	    json_array_size(json_object_get(status, "workers")), 1);
	json_decref(status);
	ck_assert_int_eq(get(LOCAL, "/metrics", "", &body), 200);
	ck_assert_ptr_nonnull(strstr(body, "fourpost_up{process=\"qmgr\"} 0"));
	ck_assert_ptr_null(strstr(body, "\nfourpost_mta_stored_messages "));
	free(body);
	ck_assert_int_eq(kill(qmgr, SIGCONT), 0);
	end();
}
END_TEST

/* is_looked_at - tell whether there was a look a second after a time */
static bool
is_looked_at(void *arg)
{
	json_t *status = get_json("/api/status");
	int64_t when = json_integer_value(json_object_get(status, "time"));

	json_decref(status);
	return when > *(const int64_t *)arg + 1;
}

/* A tracker that is silent costs the histogram nothing, nor anything else. */
START_TEST(tracker_is_silent)
{
	pid_t tracker;
	int64_t stopped;
	char *body;

	begin("console-tracker", "console { }\n");
	suite_wait("delays", 30, has_delays, NULL);
	tracker = suite_pid(&here, "tracker");
	stopped = time(NULL);
	ck_assert_int_eq(kill(tracker, SIGSTOP), 0);
	suite_wait("a look after that", 30, is_looked_at, &stopped);
	ck_assert_int_eq(get(LOCAL, "/metrics", "", &body), 200);
	ck_assert_ptr_nonnull(strstr(body, "fourpost_delay_seconds_count"));
	ck_assert_ptr_nonnull(strstr(body, "fourpost_up{process=\"qmgr\"} 1"));
	free(body);
	ck_assert_int_eq(kill(tracker, SIGCONT), 0);
	end();
}
END_TEST

/* set_console - write another console section, and reload: the status */
static int
set_console(const char *section)
{
	size_t length;
	char *text = suite_read(here.conf, &length), *at, *whole;
	int status;

	ck_assert_ptr_nonnull(text);
	at = strstr(text, "console {");
	if (at != NULL)
		*at = '\0';
	ck_assert_int_gt(asprintf(&whole, "%s%s", text, section), 0);
	suite_write(here.conf, whole, strlen(whole));
	if (geteuid() == 0)
		ck_assert_int_eq(chmod(here.conf, 0600), 0);
	status = suite_tool(&here, NULL, "x4ctl", "reload", NULL);
	free(whole);
	free(text);
	return status;
}

/* answers_with - tell whether the port takes a token */
static bool
answers_with(void *token)
{
	char header[128];
	int fd = call(port);

	if (fd < 0)
		return false;
	close(fd);
	snprintf(header, sizeof(header), "Authorization: Bearer %s\r\n",
	    (const char *)token);
	return get(port, "/metrics", header, NULL) == 200;
}

/* is_gone - tell whether there is no console */
static bool
is_gone(void *arg)
{
	(void)arg;
	return suite_pid(&here, "console") == 0;
}

START_TEST(comes_and_goes_by_reload)
{
	char section[256];

	begin("console-reload", "");
	ck_assert_int_eq(suite_pid(&here, "console"), 0);
	port = suite_free_port();
	snprintf(section, sizeof(section),
	    "console {\n  listen = {\"127.0.0.1:%u\"} token = \"" TOKEN
	    "\"\n}\n",
	    port);
	ck_assert_int_eq(set_console(section), 0);
	suite_wait("console", 30, answers_with, (char[]){TOKEN});
	/* Another token: the next console takes it. */
	snprintf(section, sizeof(section),
	    "console {\n  listen = {\"127.0.0.1:%u\"} token = \"" OTHER
	    "\"\n}\n",
	    port);
	ck_assert_int_eq(set_console(section), 0);
	suite_wait("token", 30, answers_with, (char[]){OTHER});
	ck_assert_int_eq(get(port, "/metrics", BEARER(TOKEN), NULL), 401);
	/* Sockets of the console stay while it runs. */
	ck_assert_int_eq(set_console("console { }\n"), 78);
	ck_assert_int_eq(set_console("console { socket = \"qmgr\" }\n"), 78);
	ck_assert_int_eq(
	    set_console("console { listen = {\"127.0.0.1:1\"} }\n"), 78);
	ck_assert_int_eq(set_console(""), 0);
	suite_wait("no console", 30, is_gone, NULL);
	ck_assert_int_eq(call(port), -1);
	end();
}
END_TEST

/* A port that is taken costs the console, not the mail. */
START_TEST(port_is_taken)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char console[256], *log;

	suite_begin("console-taken");
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	port = ntohs(address.sin_port);
	snprintf(console, sizeof(console),
	    "console {\n  listen = {\"127.0.0.1:%u\"} token = \"" TOKEN
	    "\"\n}\n",
	    port);
	configure(console);
	suite_start(&here);
	ck_assert_int_eq(suite_pid(&here, "console"), 0);
	send_letter();
	log = suite_read(suite_path(&here, "state/log"), NULL);
	ck_assert_ptr_nonnull(strstr(log, ": 20340 error "));
	free(log);
	ck_assert_int_eq(
	    suite_tool(&here, &log, "x4ctl", "-j", "status", NULL), 2);
	ck_assert_ptr_nonnull(strstr(log, "\"id\":\"console\""));
	free(log);
	close(fd);
	ck_assert_int_eq(suite_tool(&here, NULL, "x4ctl", "reload", NULL), 0);
	suite_wait("console", 30, answers_with, (char[]){TOKEN});
	end();
}
END_TEST

TEST_MAIN("system/console", TEST_LONG(shows_what_tools_show, 60),
    TEST_LONG(page_is_whole, 60), TEST_LONG(port_wants_a_token, 60),
    TEST_LONG(host_must_be_ours, 60), TEST_LONG(bad_requests, 60),
    TEST_LONG(slow_connections, 60), TEST_LONG(qmgr_is_silent, 90),
    TEST_LONG(tracker_is_silent, 90), TEST_LONG(comes_and_goes_by_reload, 90),
    TEST_LONG(port_is_taken, 60), TEST_LONG(past_outlives_a_restart, 90))
