/* SPDX-License-Identifier: ISC */
/*
 * app_request_fuzz.c - what a program sends to the socket of its application
 *
 * The octets are those of a connection: lines, and what follows them.  A
 * request that is refused says why in printable words; an object is read to the
 * end of its content, from no more octets than are said to follow.
 */
#include <stdlib.h>

#include "app/following.h"
#include "app/program.h"
#include "app/request.h"
#include "json/object_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* check_fault - check that a fault can be told to a program */
static void
check_fault(int error, const struct object_fault *fault)
{
	if (error == ERR_NOMEM)
		return;
	if (fault->error == 0 || fault->text[0] == '\0')
		abort();
	for (const char *at = fault->text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ')
			abort();
}

/* read_octets - read octets of the connection, which end with it */
static int64_t
read_octets(void *arg, uint8_t *room, size_t size)
{
	size_t n = program_take(arg, room, size);

	return n == 0 ? ERR_CLOSED : (int64_t)n;
}

/* read_object - read the object of a submission and its content */
static void
read_object(const struct request *request, struct following *following)
{
	const struct object_supply supply = following_supply(following);
	struct object_defaults defaults = {.id = "id"};
	struct object_fault fault = {.error = 0};
	struct object_content *content = NULL;
	struct object object;
	struct arena arena;
	uint8_t piece[4096];
	uint64_t length = 0;
	int64_t n;

	arena_init(&arena, OBJECT_ARENA_MAX);
	if (global_domain_parse(slice_of_string("C=DE;A=VIAT;P=ACME"), &arena,
		&defaults.domain, NULL) == 0 &&
	    object_read_value(json_object_get(request->rest, "object"),
		&defaults, &arena, &object, &fault) == 0 &&
	    object_content_begin(&object, &arena, &supply, &content, &fault) ==
		0) {
		following->keeps = false;
		while ((n = object_content_read(
			    content, piece, sizeof(piece), &fault)) > 0)
			length += (uint64_t)n;
		if (n == 0 && length != object_content_length(content))
			abort();
	} else if (fault.error != 0) {
		check_fault(fault.error, &fault);
	}
	object_content_end(content);
	arena_fini(&arena);
}

/* take_request - take the next request: false if there is none, or nothing can
 * be read behind it */
static bool
take_request(struct program *program)
{
	struct following following;
	struct object_fault fault;
	struct request request;
	struct slice line;
	uint64_t left;
	int error = program_line(program, &line);

	if (error != 1)
		return false;
	error = request_read(line, &request, &fault);
	if (error < 0)
		check_fault(error, &fault);
	program_take_line(program, line);
	following_init(&following, read_octets, program);
	if (error == 0 && request.op == REQUEST_SUBMIT && request.follows_known)
		read_object(&request, &following);
	if (following.taken > request.follows)
		abort();
	left = request.follows - following.taken;
	if (left > SIZE_MAX / 2)
		left = SIZE_MAX / 2;
	while (left > 0) {
		size_t n = program_take(program, NULL, (size_t)left);

		if (n == 0)
			break;
		left -= n;
	}
	following_fini(&following);
	request_fini(&request);
	return request.follows_known;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program program;

	program_init(&program, -1);
	if (buffer_append(&program.in, data, size) == 0)
		while (take_request(&program))
			;
	program_fini(&program);
	return 0;
}
