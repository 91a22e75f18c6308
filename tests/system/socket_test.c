/* SPDX-License-Identifier: ISC */
/*
 * socket_test.c - a program at the socket of an application
 *
 * The program is this test (caller.h); the far end of what it submits is the
 * application itself.  Processes are killed between the steps, and every object
 * must have one fate all the same.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/caller.h"
#include "tests/unit/test.h"

#define DOMAIN "C=XX;A=TEST;P=APP"
#define EDI    DOMAIN ";O=EDI"
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

TEST_MAIN("socket", TEST(both_ways))
