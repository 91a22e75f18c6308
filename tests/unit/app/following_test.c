/* SPDX-License-Identifier: ISC */
/*
 * following_test.c - the octets that follow an object, texts among them
 */
#include "app/following.h"

#include <stdlib.h>

#include "json/object_value.h"
#include "tests/unit/test.h"

#define PARTS "/parts"
#define HEAD                                                     \
	"{\"kind\":\"message\",\"originator\":\"C=DE;A=V;S=M\"," \
	"\"recipients\":[{\"address\":\"C=DE;A=V;S=B\"}],"       \
	"\"ipm\":{\"subject\":\"Test\"},\"parts\":["

/* The octets of a connection, a few at a time. */
struct source {
	const char *text;
	size_t left;
	bool endless; /* after the text come letters */
	uint64_t given;
};

/* read_source - give octets that come next */
static int64_t
read_source(void *arg, uint8_t *room, size_t size)
{
	struct source *source = arg;

	if (source->endless) {
		memset(room, 'x', size);
		source->given += size;
		return (int64_t)size;
	}
	if (size > 3)
		size = 3;
	if (size > source->left)
		size = source->left;
	if (size == 0)
		return ERR_CLOSED;
	memcpy(room, source->text, size);
	source->text += size;
	source->left -= size;
	source->given += size;
	return (int64_t)size;
}

/* read_whole - read an object and its content: 0, or the error; out gets the
 * content */
static int
read_whole(const char *json, struct source *source, struct buffer *out,
    uint64_t *taken, struct object_fault *fault)
{
	struct object_defaults defaults = {.id = "id"};
	struct object_content *content = NULL;
	struct following following;
	struct object_supply supply;
	struct object object;
	struct arena arena;
	uint8_t piece[16];
	int64_t n;
	int error;

	*fault = (struct object_fault){.error = 0};
	arena_init(&arena, OBJECT_ARENA_MAX);
	following_init(&following, read_source, source);
	supply = following_supply(&following);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=DE;A=V"),
			     &arena, &defaults.domain, NULL),
	    0);
	ck_assert_int_eq(object_read(slice_of_string(json), &defaults, &arena,
			     &object, fault),
	    0);
	error = object_content_begin(&object, &arena, &supply, &content, fault);
	following.keeps = false;
	while (error == 0 &&
	    (n = object_content_read(content, piece, sizeof(piece), fault)) !=
		0) {
		if (n < 0)
			error = (int)n;
		else
			ck_assert_int_eq(
			    buffer_append(out, piece, (size_t)n), 0);
	}
	*taken = following.taken;
	object_content_end(content);
	following_fini(&following);
	arena_fini(&arena);
	return error;
}

/* A text behind a file: all is read in its order, the text twice. */
START_TEST(texts)
{
	struct source source = {.text = "file octetsHello", .left = 16};
	struct object_fault fault;
	struct buffer out;
	uint64_t taken;

	buffer_init(&out, 65536);
	ck_assert_msg(read_whole(HEAD "{\"type\":\"file\",\"octets\":11},"
				      "{\"type\":\"text\",\"octets\":5}]}",
			  &source, &out, &taken, &fault) == 0,
	    "%s", fault.text);
	ck_assert_uint_eq(taken, 16);
	ck_assert_ptr_nonnull(memmem(
	    buffer_slice(&out).data, buffer_length(&out), "file octets", 11));
	ck_assert_ptr_nonnull(
	    memmem(buffer_slice(&out).data, buffer_length(&out), "Hello", 5));
	buffer_fini(&out);
}
END_TEST

START_TEST(refused)
{
	struct source source = {.text = "abc", .left = 3};
	struct source endless = {.endless = true};
	struct object_fault fault;
	struct buffer out;
	uint64_t taken;

	buffer_init(&out, 65536);
	/* The connection ends within the octets. */
	ck_assert_int_lt(read_whole(HEAD "{\"type\":\"file\",\"octets\":11}]}",
			     &source, &out, &taken, &fault),
	    0);
	ck_assert_uint_eq(taken, 3);
	/* Nothing is read from files here. */
	ck_assert_int_eq(
	    read_whole(HEAD "{\"type\":\"file\",\"file\":\"x.part\"}]}",
		&source, &out, &taken, &fault),
	    ERR_VALUE);
	ck_assert_str_eq(fault.pointer, PARTS "/0");
	/* A text behind so much would have to be kept. */
	ck_assert_int_eq(
	    read_whole(HEAD "{\"type\":\"file\",\"octets\":5000000},"
			    "{\"type\":\"text\",\"octets\":5}]}",
		&endless, &out, &taken, &fault),
	    ERR_LIMIT);
	ck_assert_str_eq(fault.pointer, PARTS "/1");
	ck_assert_uint_le(endless.given, FOLLOWING_KEPT_MAX);
	buffer_fini(&out);
}
END_TEST

TEST_MAIN("app/following", TEST(texts); TEST(refused))
