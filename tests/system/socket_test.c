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
#include "tests/system/program.h"
#include "tests/unit/test.h"

#define AT(place) "/" place
#define OBJECT(key, text)                                              \
	"{\"kind\":\"message\",\"originator\":\"" CALLER_EDI ";S=M\"," \
	"\"key\":\"" key "\","                                         \
	"\"recipients\":[{\"address\":\"" CALLER_EDI ";S=B\"}],"       \
	"\"ipm\":{\"subject\":\"Test\"},"                              \
	"\"parts\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"
#define SUBMIT(key, text) "{\"op\":\"submit\",\"object\":" OBJECT(key, text) "}"
#define DONE		  "{\"op\":\"done\",\"id\":%lld,\"all\":{\"result\":\"delivered\"}}"

static struct suite tested;

/* A message goes in, comes out, and is answered; requests that are sent at once
 * are answered in their order. */
START_TEST(both_ways)
{
	struct caller caller;
	json_t *object, *answer;
	int64_t id;

	caller_begin(&tested, "both-ways", "");
	caller_open(&caller, &tested, "edi");
	caller_nothing(&caller);
	id = caller_submit(&caller, "one");
	ck_assert_int_eq(caller_next(&caller, &object), id);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(object, "ipm"), "subject")),
	    "Test");
	ck_assert_int_eq(caller_integer(object, "attempt"), 1);
	json_decref(object);
	answer = caller_ask(&caller, "{\"op\":\"status\"%s}", "");
	ck_assert_uint_eq(
	    json_array_size(json_object_get(answer, "claimed")), 1);
	ck_assert_int_eq(caller_integer(answer, "waiting"), 0);
	json_decref(answer);
	caller_done(&caller, id);
	caller_refused(&caller, "not-yours", NULL, CALLER_DONE, (long long)id);
	/* The same key again is the same message. */
	ck_assert_int_eq(caller_submit(&caller, "one"), id);
	caller_refused(
	    &caller, "key-reused", "/key", "%s", SUBMIT("one", "other"));
	/* All at once; the end of each line is the last octet. */
	for (int i = 0; i < 8; i++)
		caller_say(&caller,
		    "{\"op\":\"submit\",\"tag\":%d,\"object\":{\"kind\":"
		    "\"message\",\"originator\":\"" CALLER_EDI ";S=M\","
		    "\"recipients\":[{\"address\":\"" CALLER_EDI ";S=B\"}],"
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
		ck_assert_int_eq(caller_integer(answer, "tag"), i);
		if (i >= 8) {
			const json_t *given = json_object_get(answer, "object");

			ck_assert_int_eq(
			    caller_integer(
				json_object_get(given, "content"), "octets"),
			    4);
			caller_octets(&caller, content, 4);
			ck_assert_int_eq(strncmp(content, "ab", 2), 0);
			caller_say(&caller, CALLER_DONE,
			    (long long)caller_integer(given, "id"));
		}
		json_decref(answer);
	}
	for (int i = 0; i < 8; i++) {
		answer = caller_hear(&caller);
		ck_assert(json_is_true(json_object_get(answer, "ok")));
		json_decref(answer);
	}
	caller_close(&caller);
	caller_end(&tested);
}
END_TEST

/* A request that cannot be done is answered, and what follows it is passed
 * over; where that is not known the connection ends, and no other. */
START_TEST(bad_requests)
{
	struct caller caller, other;
	static char piece[65536];
	json_t *answer;

	caller_begin(&tested, "bad-requests", "");
	caller_open(&other, &tested, "edi");
	caller_open(&caller, &tested, "edi");
	caller_refused(&caller, "invalid", "/wait",
	    "{\"op\":\"next\",\"wait\":-1,\"tag\":%d}", 1);
	caller_refused(&caller, "invalid", AT("recipients/0/address"),
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" CALLER_EDI ";S=M\",\"recipients\":[{\"address\":\"%s\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":5}]}}\n{{{{",
	    "none");
	caller_refused(&caller, "refused", NULL,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"C=FR;A=X;S=%s\",\"recipients\":[{\"address\":\"" CALLER_EDI
	    ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":5}]}}\n]]]]",
	    "A");
	caller_refused(&caller, "invalid", AT("parts/0"),
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" CALLER_EDI ";S=M\",\"recipients\":[{\"address\":\"" CALLER_EDI
	    ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"file\":\"%s\"}]}}",
	    "passwd");
	caller_refused(&caller, "not-yours", NULL, CALLER_DONE, 1LL);
	caller_refused(
	    &caller, "not-yours", NULL, "{\"op\":\"release\",\"id\":%d}", 1);
	caller_refused(&caller, "invalid", "/addresses",
	    "{\"op\":\"check\",\"addresses\":[%s]}", "");
	/* An answer that is wrong leaves the object claimed. */
	(void)caller_submit(&caller, "one");
	(void)caller_next(&caller, NULL);
	caller_refused(&caller, "invalid", "/recipients",
	    "{\"op\":\"done\",\"id\":%d,\"recipients\":[]}", 1);
	caller_refused(&caller, "invalid", AT("all/result"),
	    "{\"op\":\"done\",\"id\":%d,\"all\":{\"result\":\"x\"}}", 1);
	caller_done(&caller, 1);
	/* From here on nothing can be read. */
	caller_refused(&caller, "invalid", NULL, "{\"op\":\"next\"%s", "");
	caller_over(&caller);
	caller_open(&caller, &tested, "edi");
	caller_refused(&caller, "invalid", NULL,
	    "{\"op\":\"submit\",\"object\":{\"parts\":[{\"octets\":%d}]}}", -1);
	caller_over(&caller);
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
	caller_over(&caller);
	/* Octets that do not come: nothing is submitted. */
	caller_open(&caller, &tested, "edi");
	caller_say(&caller,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" CALLER_EDI ";S=M\",\"recipients\":[{\"address\":\"" CALLER_EDI
	    ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":%d}]}}\nabc",
	    1000);
	ck_assert_int_eq(shutdown(caller.fd, SHUT_WR), 0);
	caller_over(&caller);
	/* A program that closes its side gets its answers. */
	caller_open(&caller, &tested, "edi");
	caller_say(&caller, "%s", SUBMIT("two", "Hello"));
	ck_assert_int_eq(shutdown(caller.fd, SHUT_WR), 0);
	json_decref(caller_hear(&caller));
	caller_over(&caller);
	caller_done(&other, caller_next(&other, NULL));
	caller_nothing(&other);
	caller_close(&other);
	caller_end(&tested);
}
END_TEST

/* What a connection has claimed goes back with it; a late answer counts as long
 * as nobody else has the object. */
START_TEST(given_back)
{
	struct caller a, b;
	json_t *object, *answer;
	int64_t id;

	caller_begin(&tested, "given-back", "");
	caller_open(&a, &tested, "edi");
	id = caller_submit(&a, "one");
	ck_assert_int_eq(caller_next(&a, NULL), id);
	json_decref(
	    caller_ask(&a, "{\"op\":\"release\",\"id\":%lld}", (long long)id));
	ck_assert_int_eq(caller_next(&a, NULL), id);
	caller_close(&a);
	/* Given out before, and not answered: no attempt more. */
	caller_open(&b, &tested, "edi");
	ck_assert_int_eq(caller_next(&b, &object), id);
	ck_assert_int_eq(caller_integer(object, "attempt"), 1);
	json_decref(object);
	caller_open(&a, &tested, "edi");
	caller_refused(&a, "not-yours", NULL, CALLER_DONE, (long long)id);
	json_decref(
	    caller_ask(&b, "{\"op\":\"release\",\"id\":%lld}", (long long)id));
	caller_done(&a, id);
	caller_refused(&b, "not-yours", NULL, CALLER_DONE, (long long)id);
	/* One that nobody was given is answered by nobody. */
	id = caller_submit(&a, "two");
	caller_refused(&b, "not-yours", NULL, CALLER_DONE, (long long)id);
	/* Who asks first gets it, though another has asked for more. */
	answer = caller_ask(&b, "{\"op\":\"next\",\"octets\":\"%s\"}", "parts");
	object = json_object_get(answer, "object");
	ck_assert_int_eq(caller_integer(object, "id"), id);
	ck_assert_ptr_null(json_object_get(object, "content"));
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(object, "parts"), 0), "text")),
	    "Hello");
	json_decref(answer);
	caller_done(&b, id);
	caller_close(&a);
	caller_close(&b);
	caller_end(&tested);
}
END_TEST

/* No more is given to a connection than it may leave unanswered; another one
 * gets what is left. */
START_TEST(one_at_a_time)
{
	struct caller a, b;
	int64_t first, second;

	caller_begin(&tested, "one-at-a-time", "outstanding = 1");
	caller_open(&a, &tested, "edi");
	caller_open(&b, &tested, "edi");
	(void)caller_submit(&a, "one");
	(void)caller_submit(&a, "two");
	first = caller_next(&a, NULL);
	caller_nothing(&a);
	second = caller_next(&b, NULL);
	ck_assert_int_ne(first, second);
	caller_nothing(&b);
	caller_done(&b, second);
	caller_done(&a, first);
	(void)caller_submit(&a, "three");
	caller_done(&a, caller_next(&a, NULL));
	caller_close(&a);
	caller_close(&b);
	caller_end(&tested);
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

	caller_begin(&tested, "no-answer", "answer-timeout = \"1s\"");
	caller_open(&caller, &tested, "edi");
	id = caller_submit(&caller, "one");
	for (int attempt = 1; attempt <= 3; attempt++) {
		ck_assert_int_eq(caller_next(&caller, &object), id);
		ck_assert_int_eq(caller_integer(object, "attempt"), attempt);
		json_decref(object);
	}
	suite_wait("the object to be held", 20, is_held, NULL);
	caller_close(&caller);
	/* With time enough for the last answer, however busy the machine. */
	ck_assert_int_eq(
	    suite_shell(NULL, "sed -i 's/= \"1s\"/= \"10m\"/' %s", tested.conf),
	    0);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	caller_open(&caller, &tested, "edi");
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "release", "1", NULL), 0);
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	caller_done(&caller, id);
	caller_close(&caller);
	caller_end(&tested);
}
END_TEST

/* While the application is disabled nothing is given out; what is submitted is
 * taken. */
START_TEST(disabled)
{
	struct caller caller;
	int64_t id;

	caller_begin(&tested, "disabled", "");
	caller_open(&caller, &tested, "edi");
	caller_nothing(&caller);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "disable",
			     "application/edi", NULL),
	    0);
	id = caller_submit(&caller, "one");
	caller_refused(
	    &caller, "disabled", NULL, "{\"op\":\"next\",\"wait\":%d}", 60);
	caller_refused(&caller, "disabled", NULL, "{\"op\":\"status\"%s}", "");
	caller_close(&caller);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "enable",
			     "application/edi", NULL),
	    0);
	caller_open(&caller, &tested, "edi");
	ck_assert_int_eq(caller_next(&caller, NULL), id);
	caller_done(&caller, id);
	caller_close(&caller);
	caller_end(&tested);
}
END_TEST

/* A program that stops within a line, within octets, or does not read, costs
 * the others nothing. */
START_TEST(silent_programs)
{
	struct caller line, octets, deaf, idle, good;
	json_t *answer;
	int64_t id;

	caller_begin(&tested, "silent-programs", "");
	caller_open(&line, &tested, "edi");
	caller_open(&octets, &tested, "edi");
	caller_open(&deaf, &tested, "edi");
	caller_open(&idle, &tested, "edi");
	caller_nothing(&idle);
	ck_assert(caller_send(&line, "{\"op\":", 6));
	caller_say(&octets,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":"
	    "\"" CALLER_EDI ";S=M\",\"recipients\":[{\"address\":\"" CALLER_EDI
	    ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"octets\":%d}]}}\nabc",
	    1000);
	for (int i = 0; i < 50; i++)
		caller_say(&deaf, "{\"op\":\"check\",\"addresses\":[\"%s\"]}",
		    "C=FR;A=X;S=Y");
	caller_open(&good, &tested, "edi");
	for (int i = 0; i < 5; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k%d", i);
		id = caller_submit(&good, key);
		ck_assert_int_eq(caller_next(&good, NULL), id);
		caller_done(&good, id);
	}
	answer = caller_ask(&good,
	    "{\"op\":\"check\",\"originator\":\"" CALLER_EDI
	    ";S=M\",\"addresses\":["
	    "\"" CALLER_EDI ";S=B\",\"C=FR;A=X;S=%s\",\"S=\"]}",
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
	caller_end(&tested);
}
END_TEST

TEST_MAIN("socket", TEST(both_ways); TEST(bad_requests); TEST(given_back);
	  TEST(one_at_a_time); TEST(no_answer); TEST(disabled);
	  TEST(silent_programs))
