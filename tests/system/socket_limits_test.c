/* SPDX-License-Identifier: ISC */
/*
 * socket_limits_test.c - who may connect to the socket of an application, how
 * many, and how much they may send
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/caller.h"
#include "tests/system/program.h"
#include "tests/unit/test.h"

static struct suite tested;

/* A directory beside the socket is served, whoever is connected: what goes in
 * by one may come out by the other. */
START_TEST(beside_a_directory)
{
	struct program files;
	struct caller caller;
	json_t *object;
	char path[SUITE_PATH + 16], sections[1024];
	int64_t id;

	suite_begin("beside-a-directory");
	(void)snprintf(path, sizeof(path), "%s/edi", suite_directory());
	program_make(&files, path);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  socket = \"edi\" path = \"%s\"\n"
	    "  address-space = {\"" CALLER_EDI "\"}\n}\n",
	    path);
	suite_configure(&tested, "a", CALLER_DOMAIN, "", sections);
	suite_start(&tested);
	caller_open(&caller, &tested, "edi");
	caller_nothing(&caller);
	id = caller_submit(&caller, "one");
	ck_assert_uint_eq(program_await_next(&files), (uint64_t)id);
	object = program_claim(&files, (uint64_t)id);
	ck_assert_ptr_nonnull(object);
	json_decref(object);
	caller_refused(&caller, "not-yours", NULL, CALLER_DONE, (long long)id);
	program_answer(
	    &files, (uint64_t)id, "{\"all\":{\"result\":\"delivered\"}}");
	suite_wait_empty(&tested, 20);
	caller_close(&caller);
	caller_end(&tested);
}
END_TEST

#define CONNECTIONS 32 /* of an application at a time, as the page says */

/* Connections beyond the limit wait until another has ended. */
START_TEST(too_many)
{
	static struct caller callers[CONNECTIONS];
	struct caller waiting = {.fd = -1};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct pollfd greeting;

	if (!suite_long()) {
		puts("skipped: long");
		return;
	}
	caller_begin(&tested, "too-many", "");
	for (int i = 0; i < CONNECTIONS; i++)
		caller_open(&callers[i], &tested, "edi");
	(void)strlcpy(address.sun_path, caller_path(&tested, "edi"),
	    sizeof(address.sun_path));
	greeting = (struct pollfd){
	    .fd = socket(AF_UNIX, SOCK_STREAM, 0), .events = POLLIN};
	ck_assert_int_ge(greeting.fd, 0);
	ck_assert_int_eq(
	    connect(greeting.fd, (struct sockaddr *)&address, sizeof(address)),
	    0);
	/* The others are served meanwhile. */
	(void)caller_submit(&callers[0], "one");
	caller_done(&callers[1], caller_next(&callers[1], NULL));
	ck_assert_int_eq(poll(&greeting, 1, 0), 0);
	caller_close(&callers[0]);
	ck_assert_int_eq(poll(&greeting, 1, 60000), 1);
	waiting.fd = greeting.fd;
	waiting.file = fdopen(greeting.fd, "r");
	json_decref(caller_hear(&waiting));
	caller_nothing(&waiting);
	caller_close(&waiting);
	for (int i = 1; i < CONNECTIONS; i++)
		caller_close(&callers[i]);
	caller_end(&tested);
}
END_TEST

/* reload - change the configuration by a shell command, and reload it: the exit
 * status of x4ctl */
static int
reload(const char *command)
{
	ck_assert_int_eq(
	    suite_shell(NULL, "cd %s && %s", tested.directory, command), 0);
	return suite_tool(&tested, NULL, "x4ctl", "reload", NULL);
}

/* Sockets come and go with a reload; a name that is there cannot change.  A
 * connection that is told to end gives back what was claimed. */
START_TEST(reloaded)
{
	struct caller caller, two;
	int64_t id;

	caller_begin(&tested, "reloaded", "");
	caller_open(&caller, &tested, "edi");
	id = caller_submit(&caller, "one");
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	ck_assert_int_ne(reload("cp fourpost.conf kept && sed -i "
				"'s/socket = \"edi\"/socket = \"x\"/' "
				"fourpost.conf"),
	    0);
	ck_assert_int_eq(reload("cp kept fourpost.conf && echo 'application "
				"two { socket = two originators = {\"C=XX\"} "
				"}' >>fourpost.conf"),
	    0);
	caller_open(&two, &tested, "two");
	json_decref(caller_ask(&two, "{\"op\":\"status\"%s}", ""));
	ck_assert_int_eq(reload("cp kept fourpost.conf"), 0);
	caller_over(&two);
	ck_assert(!caller_try(&two, caller_path(&tested, "two")));
	/* The first one has seen nothing of it. */
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "restart", "app/edi#1", NULL),
	    0);
	caller_over(&caller);
	caller_open(&caller, &tested, "edi");
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	caller_done(&caller, id);
	caller_close(&caller);
	caller_end(&tested);
}
END_TEST

/* fill - make octets of a content, by where they stand */
static void
fill(char *piece, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		piece[i] = (char)((offset + i) * 31 % 251);
}

/* peak_of - get the largest memory that a process has had, in octets */
static uint64_t
peak_of(pid_t pid)
{
	char path[64], *status, *at;
	uint64_t peak;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = suite_read_proc(path);
	ck_assert_ptr_nonnull(status);
	at = strstr(status, "VmHWM:");
	ck_assert_ptr_nonnull(at);
	peak = strtoull(at + 6, NULL, 10) * 1024;
	free(status);
	return peak;
}

/* send_large - submit a part of this many octets */
static void
send_large(struct caller *caller, uint64_t octets)
{
	static char piece[65536];
	json_t *answer;

	caller_say(caller,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" CALLER_EDI ";S=M\",\"recipients\":[{\"address\":\"" CALLER_EDI
	    ";S=B\"}],"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"},"
	    "{\"type\":\"file\",\"name\":\"f\",\"octets\":%llu}]}}",
	    (unsigned long long)octets);
	for (uint64_t at = 0; at < octets; at += sizeof(piece)) {
		fill(piece, sizeof(piece), at);
		ck_assert(caller_send(caller, piece, sizeof(piece)));
	}
	answer = caller_hear(caller);
	ck_assert_msg(json_is_true(json_object_get(answer, "ok")), "%s",
	    json_dumps(answer, 0));
	json_decref(answer);
}

/* take_large - claim the next object and compare its part: its id */
static int64_t
take_large(struct caller *caller, uint64_t octets)
{
	static char piece[65536], expected[65536];
	json_t *answer = caller_ask(
	    caller, "{\"op\":\"next\",\"octets\":\"parts\",\"wait\":%d}", 60);
	json_t *object = json_object_get(answer, "object");
	int64_t id = caller_integer(object, "id");

	ck_assert_uint_eq(
	    (uint64_t)caller_integer(
		json_array_get(json_object_get(object, "parts"), 1), "octets"),
	    octets);
	json_decref(answer);
	for (uint64_t at = 0; at < octets; at += sizeof(piece)) {
		caller_octets(caller, piece, sizeof(piece));
		fill(expected, sizeof(expected), at);
		ck_assert(memcmp(piece, expected, sizeof(piece)) == 0);
	}
	return id;
}

/* A content of any length takes the memory of a small one; meanwhile others are
 * served. */
START_TEST(streams)
{
	uint64_t octets = suite_long() ? 1U << 30 : 8U << 20;
	struct caller caller;
	int64_t id;

	caller_begin(&tested, "streams", "max-size = \"2G\"");
	caller_open(&caller, &tested, "edi");
	send_large(&caller, octets);
	id = take_large(&caller, octets);
	printf("figure: %llu MB each way, %llu MB of memory\n",
	    (unsigned long long)(octets >> 20),
	    (unsigned long long)(peak_of(suite_pid(&tested, "app/edi#1")) >>
		20));
	if (!SANITIZE_ADDRESS)
		ck_assert_uint_lt(
		    peak_of(suite_pid(&tested, "app/edi#1")), 32U << 20);
	caller_done(&caller, id);
	caller_close(&caller);
	caller_end(&tested);
}
END_TEST

/* try_as - try to connect as a user of these groups: 0, or errno */
static int
try_as(uid_t user, gid_t group)
{
	pid_t pid = fork();
	struct caller caller;
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setgid(group) < 0 ||
		    setuid(user) < 0)
			_exit(255);
		_exit(caller_try(&caller, caller_path(&tested, "edi")) ? 0
								       : errno);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Started by root the socket is for its group, else for whoever started us. */
START_TEST(who_may_connect)
{
	const struct group *bin = getgrnam("bin");
	struct stat st;
	struct caller caller;

	ck_assert_ptr_nonnull(bin);
	caller_begin(&tested, "who-may-connect", "group = \"bin\"");
	ck_assert_int_eq(stat(caller_path(&tested, "edi"), &st), 0);
	ck_assert_uint_eq(st.st_uid, geteuid());
	ck_assert_uint_eq(st.st_mode & 0777, geteuid() == 0 ? 0660 : 0600);
	caller_open(&caller, &tested, "edi");
	caller_close(&caller);
	if (geteuid() == 0) {
		ck_assert_uint_eq(st.st_gid, bin->gr_gid);
		ck_assert_int_eq(try_as(65534, 65534), EACCES);
		ck_assert_int_eq(try_as(65534, bin->gr_gid), 0);
	}
	caller_end(&tested);
	caller_begin(&tested, "who-may-connect", "");
	ck_assert_int_eq(stat(caller_path(&tested, "edi"), &st), 0);
	ck_assert_uint_eq(st.st_uid, geteuid());
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	if (geteuid() == 0)
		ck_assert_int_eq(try_as(65534, bin->gr_gid), EACCES);
	caller_end(&tested);
}
END_TEST

TEST_MAIN("socket_limits", TEST(who_may_connect); TEST(reloaded);
	  TEST(beside_a_directory); TEST_LONG(too_many, 120);
	  TEST_LONG(streams, 300))
