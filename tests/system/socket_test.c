/* SPDX-License-Identifier: ISC */
/*
 * socket_test.c - a program at the socket of an application
 *
 * The program is this test (caller.h); the far end of what it submits is the
 * application itself.
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
#include "tests/unit/test.h"

#define AT(place) "/" place
#define DOMAIN	  "C=XX;A=TEST;P=APP"
#define EDI	  DOMAIN ";O=EDI"
#define OBJECT(key, text)                                       \
	"{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\"," \
	"\"key\":\"" key "\","                                  \
	"\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"       \
	"\"ipm\":{\"subject\":\"Test\"},"                       \
	"\"parts\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"
#define SUBMIT(key, text) "{\"op\":\"submit\",\"object\":" OBJECT(key, text) "}"
#define DONE		  "{\"op\":\"done\",\"id\":%lld,\"all\":{\"result\":\"delivered\"}}"

static struct suite tested;

/* begin - start a suite with an application that has a socket */
static void
begin(const char *test, const char *more)
{
	char sections[1024];

	suite_begin(test);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  socket = \"edi\"\n"
	    "  address-space = {\"" EDI "\"} %s\n}\n",
	    more);
	suite_configure(&tested, "a", DOMAIN, "", sections);
	suite_start(&tested);
}

/* end - stop the suite, of which nothing is left in the queue */
static void
end(void)
{
	suite_wait_empty(&tested, 20);
	suite_stop(&tested);
	suite_end();
}

/* integer - get a member that is an integer */
static int64_t
integer(const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	ck_assert_msg(json_is_integer(value), "no %s", member);
	return json_integer_value(value);
}

/* submit - submit an object under a key: its id */
static int64_t
submit(struct caller *caller, const char *key)
{
	json_t *answer = caller_ask(caller,
	    "{\"op\":\"submit\",\"tag\":\"t\",\"object\":{\"kind\":"
	    "\"message\",\"originator\":\"" EDI ";S=M\",\"key\":\"%s\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"ipm\":{\"subject\":\"Test\"},"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}}",
	    key);
	int64_t id = integer(answer, "id");

	ck_assert_str_eq(
	    json_string_value(json_object_get(answer, "tag")), "t");
	json_decref(answer);
	return id;
}

/* done - answer for an object, which must be taken */
static void
done(struct caller *caller, int64_t id)
{
	json_decref(caller_ask(caller, DONE, (long long)id));
}

/* nothing - ask for an object, and there must be none */
static void
nothing(struct caller *caller)
{
	json_t *answer = caller_ask(caller, "{\"op\":\"next\"%s}", "");

	ck_assert(json_is_null(json_object_get(answer, "object")));
	json_decref(answer);
}

/* A message goes in, comes out, and is answered; requests that are sent at once
 * are answered in their order. */
START_TEST(both_ways)
{
	struct caller caller;
	json_t *object, *answer;
	int64_t id;

	begin("both-ways", "");
	caller_open(&caller, &tested, "edi");
	nothing(&caller);
	id = submit(&caller, "one");
	ck_assert_int_eq(caller_next(&caller, &object), id);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(object, "ipm"), "subject")),
	    "Test");
	ck_assert_int_eq(integer(object, "attempt"), 1);
	json_decref(object);
	answer = caller_ask(&caller, "{\"op\":\"status\"%s}", "");
	ck_assert_uint_eq(
	    json_array_size(json_object_get(answer, "claimed")), 1);
	ck_assert_int_eq(integer(answer, "waiting"), 0);
	json_decref(answer);
	done(&caller, id);
	caller_refused(&caller, "not-yours", NULL, DONE, (long long)id);
	/* The same key again is the same message. */
	ck_assert_int_eq(submit(&caller, "one"), id);
	caller_refused(
	    &caller, "key-reused", "/key", "%s", SUBMIT("one", "other"));
	/* All at once; the end of each line is the last octet. */
	for (int i = 0; i < 8; i++)
		caller_say(&caller,
		    "{\"op\":\"submit\",\"tag\":%d,\"object\":{\"kind\":"
		    "\"message\",\"originator\":\"" EDI ";S=M\","
		    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
		    "\"content_type\":\"unidentified\","
		    "\"content\":{\"octets\":4}}}\nab%d",
		    i, i);
	for (int i = 0; i < 8; i++)
		caller_say(
		    &caller, "{\"op\":\"next\",\"tag\":%d,\"wait\":60}", i + 8);
	for (int i = 0; i < 16; i++) {
		char content[8] = "";

		answer = caller_hear(&caller);
		ck_assert_ptr_nonnull(answer);
		ck_assert_msg(json_is_true(json_object_get(answer, "ok")), "%s",
		    json_dumps(answer, 0));
		ck_assert_int_eq(integer(answer, "tag"), i);
		if (i >= 8) {
			const json_t *given = json_object_get(answer, "object");

			ck_assert_int_eq(
			    integer(
				json_object_get(given, "content"), "octets"),
			    4);
			caller_octets(&caller, content, 4);
			ck_assert_int_eq(strncmp(content, "ab", 2), 0);
			caller_say(
			    &caller, DONE, (long long)integer(given, "id"));
		}
		json_decref(answer);
	}
	for (int i = 0; i < 8; i++) {
		answer = caller_hear(&caller);
		ck_assert(json_is_true(json_object_get(answer, "ok")));
		json_decref(answer);
	}
	caller_close(&caller);
	end();
}
END_TEST

/* is_over - check that the connection has ended */
static void
is_over(struct caller *caller)
{
	ck_assert_ptr_null(caller_hear(caller));
	caller_close(caller);
}

/* A request that cannot be done is answered, and what follows it is passed
 * over; where that is not known the connection ends, and no other. */
START_TEST(bad_requests)
{
	struct caller caller, other;
	static char piece[65536];
	json_t *answer;

	begin("bad-requests", "");
	caller_open(&other, &tested, "edi");
	caller_open(&caller, &tested, "edi");
	caller_refused(&caller, "invalid", "/wait",
	    "{\"op\":\"next\",\"wait\":-1,\"tag\":%d}", 1);
	caller_refused(&caller, "invalid", AT("recipients/0/address"),
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" EDI ";S=M\",\"recipients\":[{\"address\":\"%s\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":5}]}}\n{{{{",
	    "none");
	caller_refused(&caller, "refused", NULL,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"C=FR;A=X;S=%s\",\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":5}]}}\n]]]]",
	    "A");
	caller_refused(&caller, "invalid", AT("parts/0"),
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" EDI ";S=M\",\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"file\":\"%s\"}]}}",
	    "passwd");
	caller_refused(&caller, "not-yours", NULL, DONE, 1LL);
	caller_refused(
	    &caller, "not-yours", NULL, "{\"op\":\"release\",\"id\":%d}", 1);
	caller_refused(&caller, "invalid", "/addresses",
	    "{\"op\":\"check\",\"addresses\":[%s]}", "");
	/* An answer that is wrong leaves the object claimed. */
	(void)submit(&caller, "one");
	(void)caller_next(&caller, NULL);
	caller_refused(&caller, "invalid", "/recipients",
	    "{\"op\":\"done\",\"id\":%d,\"recipients\":[]}", 1);
	caller_refused(&caller, "invalid", AT("all/result"),
	    "{\"op\":\"done\",\"id\":%d,\"all\":{\"result\":\"x\"}}", 1);
	done(&caller, 1);
	/* From here on nothing can be read. */
	caller_refused(&caller, "invalid", NULL, "{\"op\":\"next\"%s", "");
	is_over(&caller);
	caller_open(&caller, &tested, "edi");
	caller_refused(&caller, "invalid", NULL,
	    "{\"op\":\"submit\",\"object\":{\"parts\":[{\"octets\":%d}]}}", -1);
	is_over(&caller);
	/* A line without an end, of more than may be. */
	caller_open(&caller, &tested, "edi");
	memset(piece, ' ', sizeof(piece));
	for (int i = 0; i < 17 * 16; i++)
		if (!caller_send(&caller, piece, sizeof(piece)))
			break;
	answer = caller_hear(&caller);
	ck_assert_str_eq(
	    json_string_value(json_object_get(answer, "error")), "invalid");
	json_decref(answer);
	is_over(&caller);
	/* Octets that do not come: nothing is submitted. */
	caller_open(&caller, &tested, "edi");
	caller_say(&caller,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" EDI ";S=M\",\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":%d}]}}\nabc",
	    1000);
	ck_assert_int_eq(shutdown(caller.fd, SHUT_WR), 0);
	is_over(&caller);
	/* Whoever closes its side gets its answers. */
	caller_open(&caller, &tested, "edi");
	caller_say(&caller, "%s", SUBMIT("two", "Hello"));
	ck_assert_int_eq(shutdown(caller.fd, SHUT_WR), 0);
	json_decref(caller_hear(&caller));
	is_over(&caller);
	done(&other, caller_next(&other, NULL));
	nothing(&other);
	caller_close(&other);
	end();
}
END_TEST

/* What a connection has claimed goes back with it; a late answer counts as long
 * as nobody else has the object. */
START_TEST(given_back)
{
	struct caller a, b;
	json_t *object, *answer;
	int64_t id;

	begin("given-back", "");
	caller_open(&a, &tested, "edi");
	id = submit(&a, "one");
	ck_assert_int_eq(caller_next(&a, NULL), id);
	json_decref(
	    caller_ask(&a, "{\"op\":\"release\",\"id\":%lld}", (long long)id));
	ck_assert_int_eq(caller_next(&a, NULL), id);
	caller_close(&a);
	/* Given out before, and not answered: no attempt more. */
	caller_open(&b, &tested, "edi");
	ck_assert_int_eq(caller_next(&b, &object), id);
	ck_assert_int_eq(integer(object, "attempt"), 1);
	json_decref(object);
	caller_open(&a, &tested, "edi");
	caller_refused(&a, "not-yours", NULL, DONE, (long long)id);
	json_decref(
	    caller_ask(&b, "{\"op\":\"release\",\"id\":%lld}", (long long)id));
	done(&a, id);
	caller_refused(&b, "not-yours", NULL, DONE, (long long)id);
	/* One that nobody was given is answered by nobody. */
	id = submit(&a, "two");
	caller_refused(&b, "not-yours", NULL, DONE, (long long)id);
	/* Who asks first gets it, though another has asked for more. */
	answer = caller_ask(&b, "{\"op\":\"next\",\"octets\":\"%s\"}", "parts");
	object = json_object_get(answer, "object");
	ck_assert_int_eq(integer(object, "id"), id);
	ck_assert_ptr_null(json_object_get(object, "content"));
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(object, "parts"), 0), "text")),
	    "Hello");
	json_decref(answer);
	done(&b, id);
	caller_close(&a);
	caller_close(&b);
	end();
}
END_TEST

/* is_held - tell whether the one message of the queue is held */
static bool
is_held(void *arg)
{
	json_t *rows = suite_rows(&tested, "x4queue", "-j", "list", NULL);
	const char *state = json_string_value(
	    json_object_get(json_array_get(rows, 0), "state"));
	bool held = state != NULL && strcmp(state, "held") == 0;

	(void)arg;
	ck_assert_uint_eq(json_array_size(rows), 1);
	json_decref(rows);
	return held;
}

/* A program that claims and does not answer: the object is given out again, and
 * held after the third time. */
START_TEST(no_answer)
{
	struct caller caller;
	json_t *object;
	int64_t id;

	begin("no-answer", "answer-timeout = \"1s\"");
	caller_open(&caller, &tested, "edi");
	id = submit(&caller, "one");
	for (int attempt = 1; attempt <= 2; attempt++) {
		ck_assert_int_eq(caller_next(&caller, &object), id);
		ck_assert_int_eq(integer(object, "attempt"), attempt);
		json_decref(object);
	}
	/* The third, whose answer is late, and counts. */
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	json_decref(caller_ask(
	    &caller, "{\"op\":\"release\",\"id\":%lld}", (long long)id));
	done(&caller, id);
	id = submit(&caller, "two");
	for (int attempt = 1; attempt <= 3; attempt++)
		ck_assert_int_eq(caller_next(&caller, NULL), id);
	suite_wait("the object to be held", 20, is_held, NULL);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "release", "2", NULL), 0);
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	done(&caller, id);
	caller_close(&caller);
	end();
}
END_TEST

/* While the application is disabled nothing is given out; what is submitted is
 * taken. */
START_TEST(disabled)
{
	struct caller caller;
	int64_t id;

	begin("disabled", "");
	caller_open(&caller, &tested, "edi");
	nothing(&caller);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "disable",
			     "application/edi", NULL),
	    0);
	id = submit(&caller, "one");
	caller_refused(
	    &caller, "disabled", NULL, "{\"op\":\"next\",\"wait\":%d}", 60);
	caller_refused(&caller, "disabled", NULL, "{\"op\":\"status\"%s}", "");
	caller_close(&caller);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "enable",
			     "application/edi", NULL),
	    0);
	caller_open(&caller, &tested, "edi");
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	done(&caller, id);
	caller_close(&caller);
	end();
}
END_TEST

/* A program that stops within a line, within octets, or does not read, costs
 * the others nothing. */
START_TEST(silent_programs)
{
	struct caller line, octets, deaf, idle, good;
	json_t *answer;
	int64_t id;

	begin("silent-programs", "");
	caller_open(&line, &tested, "edi");
	caller_open(&octets, &tested, "edi");
	caller_open(&deaf, &tested, "edi");
	caller_open(&idle, &tested, "edi");
	nothing(&idle);
	ck_assert(caller_send(&line, "{\"op\":", 6));
	caller_say(&octets,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" EDI ";S=M\",\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":%d}]}}\nabc",
	    1000);
	for (int i = 0; i < 50; i++)
		caller_say(&deaf, "{\"op\":\"check\",\"addresses\":[\"%s\"]}",
		    "C=FR;A=X;S=Y");
	caller_open(&good, &tested, "edi");
	for (int i = 0; i < 5; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k%d", i);
		id = submit(&good, key);
		ck_assert_int_eq(caller_next(&good, NULL), id);
		done(&good, id);
	}
	answer = caller_ask(&good,
	    "{\"op\":\"check\",\"originator\":\"" EDI ";S=M\",\"addresses\":["
	    "\"" EDI ";S=B\",\"C=FR;A=X;S=%s\",\"S=\"]}",
	    "Y");
	answer = json_object_get(answer, "addresses");
	ck_assert_uint_eq(json_array_size(answer), 3);
	ck_assert_str_eq(json_string_value(
			     json_object_get(json_array_get(answer, 0), "way")),
	    "application/edi");
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_array_get(answer, 1), "result")),
	    "no-route");
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_array_get(answer, 2), "result")),
	    "refused");
	/* The others can still go on. */
	ck_assert(caller_send(&line, "\"next\"}\n", 8));
	answer = caller_hear(&line);
	ck_assert(json_is_null(json_object_get(answer, "object")));
	json_decref(answer);
	caller_close(&line);
	caller_close(&octets);
	caller_close(&deaf);
	caller_close(&idle);
	caller_close(&good);
	end();
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
	begin("too-many", "");
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
	(void)submit(&callers[0], "one");
	done(&callers[1], caller_next(&callers[1], NULL));
	ck_assert_int_eq(poll(&greeting, 1, 0), 0);
	caller_close(&callers[0]);
	ck_assert_int_eq(poll(&greeting, 1, 60000), 1);
	waiting.fd = greeting.fd;
	waiting.file = fdopen(greeting.fd, "r");
	json_decref(caller_hear(&waiting));
	nothing(&waiting);
	caller_close(&waiting);
	for (int i = 1; i < CONNECTIONS; i++)
		caller_close(&callers[i]);
	end();
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

	begin("reloaded", "");
	caller_open(&caller, &tested, "edi");
	id = submit(&caller, "one");
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
	is_over(&two);
	ck_assert(!caller_try(&two, caller_path(&tested, "two")));
	/* The first one has seen nothing of it. */
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "restart", "app/edi#1", NULL),
	    0);
	is_over(&caller);
	caller_open(&caller, &tested, "edi");
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	done(&caller, id);
	caller_close(&caller);
	end();
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
	    "\"" EDI ";S=M\",\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
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
	int64_t id = integer(object, "id");

	ck_assert_uint_eq(
	    (uint64_t)integer(
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

	begin("streams", "max-size = \"2G\"");
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
	done(&caller, id);
	caller_close(&caller);
	end();
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
	begin("who-may-connect", "group = \"bin\"");
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
	end();
	begin("who-may-connect", "");
	ck_assert_int_eq(stat(caller_path(&tested, "edi"), &st), 0);
	ck_assert_uint_eq(st.st_uid, geteuid());
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	if (geteuid() == 0)
		ck_assert_int_eq(try_as(65534, bin->gr_gid), EACCES);
	end();
}
END_TEST

TEST_MAIN("socket", TEST(both_ways); TEST(bad_requests); TEST(given_back);
	  TEST(no_answer); TEST(disabled); TEST(silent_programs);
	  TEST(who_may_connect); TEST(reloaded); TEST_LONG(too_many, 120);
	  TEST_LONG(streams, 300))
