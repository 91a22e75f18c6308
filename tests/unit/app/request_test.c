/* SPDX-License-Identifier: ISC */
/*
 * request_test.c - the requests of a program, good and bad
 */
#include "app/request.h"

#include <string.h>

#include "tests/unit/test.h"

static struct request request;
static struct object_fault fault;

/* read_line - read a request */
static int
read_line(const char *line)
{
	return request_read(slice_of_string(line), &request, &fault);
}

/* refused - check that a line is refused at this place, and whether it is known
 * what follows it */
static void
refused(const char *line, const char *pointer, bool known)
{
	ck_assert_msg(read_line(line) < 0, "%s", line);
	ck_assert_msg(
	    strcmp(fault.pointer, pointer) == 0, "%s: %s", line, fault.pointer);
	ck_assert_str_ne(fault.text, "");
	ck_assert_msg(request.follows_known == known, "%s", line);
	request_fini(&request);
}

START_TEST(good)
{
	ck_assert_int_eq(read_line("{\"op\":\"next\",\"tag\":\"a\",\"wait\":2,"
				   "\"octets\":\"parts\",\"x-y\":{}}"),
	    0);
	ck_assert_int_eq(request.op, REQUEST_NEXT);
	ck_assert_uint_eq(request.wait, 2000);
	ck_assert_int_eq(request.octets, REQUEST_PARTS);
	ck_assert_str_eq(json_string_value(request.tag), "a");
	ck_assert(request.follows_known);
	request_fini(&request);
	ck_assert_int_eq(
	    read_line("{\"op\":\"done\",\"id\":7,\"all\":{},\"tag\":3}"), 0);
	ck_assert_int_eq(request.op, REQUEST_DONE);
	ck_assert_uint_eq(request.id, 7);
	ck_assert_int_eq(json_integer_value(request.tag), 3);
	/* The answer is left, and nothing else. */
	ck_assert_uint_eq(json_object_size(request.rest), 1);
	request_fini(&request);
}
END_TEST

/* The octets of the content follow, else those of the parts, as far as they
 * are not in the JSON. */
START_TEST(follows)
{
	ck_assert_int_eq(
	    read_line("{\"op\":\"submit\",\"object\":{\"content\":{\"octets\":"
		      "5},\"parts\":[{\"octets\":7}]}}"),
	    0);
	ck_assert_uint_eq(request.follows, 5);
	request_fini(&request);
	ck_assert_int_eq(
	    read_line("{\"op\":\"submit\",\"object\":{\"parts\":[{\"octets\":"
		      "7},{\"octets\":3,\"base64\":\"YWJj\"},{\"text\":\"a\"},"
		      "{\"octets\":2}]}}"),
	    0);
	ck_assert_uint_eq(request.follows, 9);
	request_fini(&request);
}
END_TEST

START_TEST(bad)
{
	/* Nothing can be read behind what is no request. */
	refused("", "", false);
	refused("{\"op\":\"next\"", "/op", false);
	refused("[1]", "", false);
	refused("{\"op\":\"next\",\"op\":\"done\"}", "/op", false);
	refused("{\"op\":\"nothing\"}", "/op", false);
	refused("{\"tag\":1}", "/op", false);
	refused("{\"op\":\"next\",\"tag\":[]}", "/tag", false);
	refused("{\"op\":\"next\",\"tag\":null}", "/tag", false);
	/* Here nothing follows. */
	refused("{\"op\":\"next\",\"wait\":1.5}", "/wait", true);
	refused("{\"op\":\"next\",\"wait\":-1}", "/wait", true);
	refused("{\"op\":\"next\",\"wait\":86401}", "/wait", true);
	refused("{\"op\":\"next\",\"octets\":\"all\"}", "/octets", true);
	refused("{\"op\":\"next\",\"colour\":1}", "/colour", true);
	refused("{\"op\":\"done\",\"all\":{}}", "/id", true);
	refused("{\"op\":\"release\",\"id\":0}", "/id", true);
	refused("{\"op\":\"release\",\"id\":null}", "/id", true);
	refused("{\"op\":\"submit\"}", "/object", true);
	/* Lengths that cannot be. */
	ck_assert_int_eq(
	    read_line("{\"op\":\"submit\",\"object\":{\"parts\":[{\"octets\":"
		      "-1}]}}"),
	    0);
	ck_assert(!request.follows_known);
	request_fini(&request);
	ck_assert_int_eq(
	    read_line("{\"op\":\"submit\",\"object\":{\"parts\":[{\"octets\":"
		      "9223372036854775807},{\"octets\":9223372036854775807}]}"
		      "}"),
	    0);
	ck_assert(!request.follows_known);
	request_fini(&request);
}
END_TEST

TEST_MAIN("app/request", TEST(good); TEST(follows); TEST(bad))
