/* SPDX-License-Identifier: ISC */
/*
 * request.c - a request of a program, which is one line
 */
#include "app/request.h"

#include <string.h>

#include "json/json_strict.h"
#include "json/object_value.h"

#define TAG_MAX 256 /* octets of a text */
#define MEMBERS 6   /* that one request may have, beside op and tag */

/* The requests, and their members beside op and tag. */
static const struct {
	const char *name;
	const char *members[MEMBERS];
} ops[REQUEST_OPS] = {
    [REQUEST_SUBMIT] = {"submit", {"object"}},
    [REQUEST_NEXT] = {"next", {"wait", "octets"}},
    [REQUEST_DONE] = {"done", {"id", "recipients", "all"}},
    [REQUEST_RELEASE] = {"release", {"id"}},
    [REQUEST_CHECK] = {"check", {"originator", "size", "addresses"}},
    [REQUEST_STATUS] = {"status", {NULL}},
};

/* take_tag - take the tag, by which the program knows the answer */
static int
take_tag(struct request *request, struct object_fault *fault)
{
	json_t *tag = json_object_get(request->rest, "tag");

	if (tag == NULL)
		return 0;
	if (!json_is_integer(tag) &&
	    (!json_is_string(tag) || json_string_length(tag) > TAG_MAX))
		return object_fault_set(fault, ERR_VALUE, "/tag",
		    "it is neither an integer nor a text of %d octets",
		    TAG_MAX);
	request->tag = json_incref(tag);
	(void)json_object_del(request->rest, "tag");
	return 0;
}

/* take_op - take the operation */
static int
take_op(struct request *request, struct object_fault *fault)
{
	const char *name =
	    json_string_value(json_object_get(request->rest, "op"));

	for (unsigned i = 0; name != NULL && i < REQUEST_OPS; i++) {
		if (strcmp(ops[i].name, name) != 0)
			continue;
		request->op = (enum request_op)i;
		/* A submission says itself what follows it. */
		request->follows_known = i != REQUEST_SUBMIT ||
		    object_value_follows(
			json_object_get(request->rest, "object"),
			&request->follows) == 0;
		(void)json_object_del(request->rest, "op");
		return 0;
	}
	return object_fault_set(fault, ERR_VALUE, "/op",
	    "it is none of submit, next, done, release, check, status");
}

/* check_members - check that all members are known; names that begin with "x-"
 * are the program's own, and taken out */
static int
check_members(struct request *request, struct object_fault *fault)
{
	const char *const *known = ops[request->op].members;
	const char *member;
	json_t *value;
	void *next;

	json_object_foreach_safe(request->rest, next, member, value)
	{
		unsigned i = 0;

		if (strncmp(member, "x-", 2) == 0) {
			(void)json_object_del(request->rest, member);
			continue;
		}
		while (i < MEMBERS && known[i] != NULL &&
		    strcmp(known[i], member) != 0)
			i++;
		if (i == MEMBERS || known[i] == NULL) {
			char pointer[64];

			(void)strlcpy(pointer, "/", sizeof(pointer));
			(void)strlcat(pointer, member, sizeof(pointer));
			return object_fault_set(
			    fault, ERR_VALUE, pointer, "no such member");
		}
	}
	return 0;
}

/* take_integer - take a member that is an integer, if it is there */
static int
take_integer(struct request *request, const char *member, const char *pointer,
    int64_t most, uint64_t *number, struct object_fault *fault)
{
	const json_t *value = json_object_get(request->rest, member);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > most)
		return object_fault_set(fault, ERR_VALUE, pointer,
		    "it is no integer of 0 to %lld", (long long)most);
	*number = (uint64_t)json_integer_value(value);
	(void)json_object_del(request->rest, member);
	return 0;
}

/* take_next - take what a program says of what it wants */
static int
take_next(struct request *request, struct object_fault *fault)
{
	const json_t *octets = json_object_get(request->rest, "octets");
	const char *what = json_string_value(octets);
	int error = take_integer(
	    request, "wait", "/wait", REQUEST_WAIT_MAX, &request->wait, fault);

	request->wait *= 1000;
	if (error < 0 || octets == NULL)
		return error;
	if (what != NULL && strcmp(what, "content") == 0)
		request->octets = REQUEST_CONTENT;
	else if (what != NULL && strcmp(what, "parts") == 0)
		request->octets = REQUEST_PARTS;
	else
		return object_fault_set(fault, ERR_VALUE, "/octets",
		    "it is neither content nor parts");
	return 0;
}

/* take_id - take the queue id of an object */
static int
take_id(struct request *request, struct object_fault *fault)
{
	int error =
	    take_integer(request, "id", "/id", INT64_MAX, &request->id, fault);

	return error == 0 && request->id == 0
	    ? object_fault_set(fault, ERR_VALUE, "/id", "it is missing")
	    : error;
}

/* take_members - take the members of an operation */
static int
take_members(struct request *request, struct object_fault *fault)
{
	switch (request->op) {
	case REQUEST_NEXT:
		return take_next(request, fault);
	case REQUEST_DONE:
	case REQUEST_RELEASE:
		return take_id(request, fault);
	case REQUEST_SUBMIT:
		return json_object_get(request->rest, "object") != NULL
		    ? 0
		    : object_fault_set(
			  fault, ERR_VALUE, "/object", "it is missing");
	case REQUEST_CHECK:
	case REQUEST_STATUS:
	case REQUEST_OPS:
		break;
	}
	return 0;
}

/* request_read - read a line */
int
request_read(
    struct slice line, struct request *request, struct object_fault *fault)
{
	int error;

	*request = (struct request){.op = REQUEST_OPS};
	*fault = (struct object_fault){.error = 0};
	error = json_strict_parse(line, &request->rest, fault);
	if (error == 0)
		error = take_tag(request, fault);
	if (error == 0)
		error = take_op(request, fault);
	if (error == 0)
		error = check_members(request, fault);
	return error == 0 ? take_members(request, fault) : error;
}

/* request_fini - free what a request has */
void
request_fini(struct request *request)
{
	json_decref(request->tag);
	json_decref(request->rest);
	request->tag = request->rest = NULL;
}
