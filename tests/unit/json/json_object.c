/* SPDX-License-Identifier: ISC */
/*
 * json_object.c - objects as JSON and back, for tests
 */
#include "tests/unit/json/json_object.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define CONTENT_MAX ((size_t)64 * 1024 * 1024)

/* read_content - read the content in pieces of odd sizes */
static int
read_content(struct json_object *made, struct object_content *content,
    struct object_fault *fault)
{
	uint8_t piece[4099];
	size_t size = 1;
	int64_t n;

	while ((n = object_content_read(content, piece, size, fault)) > 0) {
		ck_assert_int_eq(
		    buffer_append(&made->content, piece, (size_t)n), 0);
		size = size * 2 < sizeof(piece) ? size * 2 : sizeof(piece);
	}
	return (int)n;
}

/* json_object_read - read a text and make its content */
int
json_object_read(struct json_object *made, const char *text,
    const struct object_supply *supply, struct object_fault *fault)
{
	struct object_defaults defaults = {.id = "unique"};
	struct object_content *content = NULL;
	int error;

	arena_init(&made->arena, OBJECT_ARENA_MAX);
	buffer_init(&made->envelope, P1_ENVELOPE_MAX);
	buffer_init(&made->content, CONTENT_MAX);
	ck_assert_int_eq(
	    global_domain_parse(slice_of_string("C=DE;A=VIAT;P=ACME"),
		&made->arena, &defaults.domain, NULL),
	    0);
	error = object_read(slice_of_string(text), &defaults, &made->arena,
	    &made->object, fault);
	if (error == 0)
		error = object_content_begin(
		    &made->object, &made->arena, supply, &content, fault);
	if (error == 0)
		error = read_content(made, content, fault);
	if (error == 0) {
		ck_assert_uint_eq(object_content_length(content),
		    buffer_length(&made->content));
		ck_assert_int_eq(p1_encode(&made->object.envelope,
				     EXTENSION_IMPLICIT, &made->envelope),
		    0);
	}
	object_content_end(content);
	return error;
}

/* json_object_fini - free what reading made */
void
json_object_fini(struct json_object *made)
{
	buffer_fini(&made->envelope);
	buffer_fini(&made->content);
	arena_fini(&made->arena);
}

/* json_object_write - write an object as a string */
char *
json_object_write(const struct p1_envelope *envelope, struct slice content,
    const struct object_context *context, const struct object_taker *taker)
{
	const struct object_context nothing = {.arrival = OBJECT_NO_TIME};
	struct object_writer *writer = object_writer_new(
	    envelope, context != NULL ? context : &nothing, taker);
	struct buffer out;
	char *text;

	ck_assert_ptr_nonnull(writer);
	/* Two pieces: a writer may not depend on where a content is cut. */
	ck_assert_int_eq(
	    object_writer_push(writer, slice_of(content.data, content.len / 2)),
	    0);
	ck_assert_int_eq(
	    object_writer_push(writer,
		slice_of(content.data == NULL ? NULL
					      : content.data + content.len / 2,
		    content.len - content.len / 2)),
	    0);
	buffer_init(&out, OBJECT_TEXT_MAX);
	ck_assert_int_eq(object_writer_finish(writer, &out), 0);
	object_writer_free(writer);
	text =
	    strndup((const char *)buffer_slice(&out).data, buffer_length(&out));
	ck_assert_ptr_nonnull(text);
	buffer_fini(&out);
	return text;
}

/* part_begin - name the file of a part */
static int
part_begin(void *arg, size_t number, char *name)
{
	struct json_parts *parts = arg;

	ck_assert_uint_le(number, JSON_PARTS_MAX);
	(void)snprintf(name, OBJECT_FILE_MAX + 1, "%zu.part", number);
	parts->begun++;
	return 0;
}

/* part_data - keep octets of a part */
static int
part_data(void *arg, size_t number, struct slice octets)
{
	struct json_parts *parts = arg;

	return buffer_append(&parts->part[number - 1], octets.data, octets.len);
}

/* part_end - check that a part is whole */
static int
part_end(void *arg, size_t number, uint64_t length)
{
	struct json_parts *parts = arg;

	ck_assert_uint_eq(buffer_length(&parts->part[number - 1]), length);
	parts->ended++;
	return 0;
}

/* part_drop - forget all parts */
static int
part_drop(void *arg)
{
	struct json_parts *parts = arg;

	parts->dropped = true;
	return 0;
}

/* find_part - find the part that a source names */
static const struct buffer *
find_part(const struct json_parts *parts, const struct object_source *source)
{
	char *name = strndup((const char *)source->file.data, source->file.len);
	unsigned long number;

	ck_assert_int_eq(source->place, OBJECT_FILE);
	ck_assert_ptr_nonnull(name);
	number = strtoul(name, NULL, 10);
	ck_assert(number >= 1 && number <= JSON_PARTS_MAX);
	free(name);
	return &parts->part[number - 1];
}

/* part_length - tell how long a part is */
static int
part_length(void *arg, size_t part, const struct object_source *source,
    uint64_t *length, struct diag *diag)
{
	(void)part;
	(void)diag;
	*length = buffer_length(find_part(arg, source));
	return 0;
}

/* part_read - read octets of a part, at most a thousand at once */
static int64_t
part_read(void *arg, size_t part, const struct object_source *source,
    uint64_t offset, uint8_t *room, size_t size, struct diag *diag)
{
	struct slice octets = buffer_slice(find_part(arg, source));

	(void)part;
	(void)diag;
	if (size > 1000)
		size = 1000;
	ck_assert_uint_le(offset + size, octets.len + 1000);
	if (size > octets.len - offset)
		size = octets.len - (size_t)offset;
	memcpy(room, octets.data + offset, size);
	return (int64_t)size;
}

/* json_parts_init - begin without parts */
void
json_parts_init(struct json_parts *parts)
{
	*parts = (struct json_parts){
	    .taker = {part_begin, part_data, part_end, part_drop, parts},
	    .supply = {part_length, part_read, parts}};
	for (size_t i = 0; i < JSON_PARTS_MAX; i++)
		buffer_init(&parts->part[i], CONTENT_MAX);
}

/* json_parts_fini - free the parts */
void
json_parts_fini(struct json_parts *parts)
{
	for (size_t i = 0; i < JSON_PARTS_MAX; i++)
		buffer_fini(&parts->part[i]);
}

/* json_object_validate - hold lines against the Schema */
void
json_object_validate(const char *path)
{
	char command[512];
	int status;

	(void)snprintf(command, sizeof(command),
	    "python3 %s/tests/unit/json/schema_check.py %s/%s <%s",
	    TEST_SOURCE_DIR, TEST_SOURCE_DIR,
	    "common/json/fourpost.schema.json", path);
	status = system(command);
	(void)unlink(path);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2 || WEXITSTATUS(status) == 127)
		printf("skipped: no validator: python3-jsonschema\n");
	else
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
