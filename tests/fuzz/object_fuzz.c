/* SPDX-License-Identifier: ISC */
/*
 * object_fuzz.c - a JSON text from a program
 *
 * What is read must have a content that can be read to its end, an envelope
 * that encodes and decodes, and must be written as JSON that is read again,
 * with the same content.
 */
#include <stdlib.h>

#include "json/object_content.h"
#include "json/object_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CONTENT_MAX ((size_t)1 << 22)

/* An object that was read. */
struct reading {
	struct arena arena;
	struct object object;
	struct buffer content;
	struct buffer envelope;
};

/* supply_length - promise octets that are not in the JSON, a few */
static int
supply_length(void *arg, size_t part, const struct object_source *source,
    uint64_t *length, struct diag *diag)
{
	(void)arg;
	(void)part;
	(void)diag;
	*length = source->has_length ? source->length : 100;
	return *length > 100000 ? ERR_LIMIT : 0;
}

/* supply_read - give octets that are letters */
static int64_t
supply_read(void *arg, size_t part, const struct object_source *source,
    uint64_t offset, uint8_t *room, size_t size, struct diag *diag)
{
	(void)arg;
	(void)part;
	(void)source;
	(void)offset;
	(void)diag;
	memset(room, 'a', size);
	return (int64_t)size;
}

/* read_content - read the content to its end; false: it is refused */
static bool
read_content(struct reading *r)
{
	const struct object_supply supply = {supply_length, supply_read, NULL};
	struct object_fault fault = {.error = 0};
	struct object_content *content;
	uint8_t piece[4096];
	int64_t n;

	if (object_content_begin(
		&r->object, &r->arena, &supply, &content, &fault) != 0)
		return false;
	while ((n = object_content_read(
		    content, piece, sizeof(piece), &fault)) > 0)
		if (buffer_append(&r->content, piece, (size_t)n) != 0)
			break;
	if (n == 0 &&
	    buffer_length(&r->content) != object_content_length(content))
		abort();
	object_content_end(content);
	return n == 0;
}

/* read_object - read a text; false: it is refused */
static bool
read_object(struct reading *r, struct slice text)
{
	struct object_defaults defaults = {.id = "id"};
	struct object_fault fault;
	struct diag diag = {0};

	if (global_domain_parse(slice_of_string("C=DE;A=VIAT;P=ACME"),
		&r->arena, &defaults.domain, NULL) != 0 ||
	    object_read(text, &defaults, &r->arena, &r->object, &fault) != 0 ||
	    !read_content(r))
		return false;
	/* A report may lack whom it is for: the caller knows that. */
	if (r->object.kind == OBJECT_REPORT &&
	    r->object.envelope.originator.address.encoded.len == 0)
		return false;
	if (p1_encode(&r->object.envelope, EXTENSION_IMPLICIT, &r->envelope) !=
		0 ||
	    p1_decode(r->object.envelope.kind, buffer_slice(&r->envelope),
		&r->arena, &r->object.envelope, &diag) != 0)
		abort();
	return true;
}

/* write_object - write what was read as JSON; false: it does not fit */
static bool
write_object(const struct reading *r, struct buffer *out)
{
	const struct object_context context = {
	    .arrival = OBJECT_NO_TIME, .content = {.place = OBJECT_INLINE}};
	struct object_writer *writer =
	    object_writer_new(&r->object.envelope, &context, NULL);
	bool fits = writer != NULL &&
	    object_writer_push(writer, buffer_slice(&r->content)) == 0 &&
	    object_writer_finish(writer, out) == 0;

	object_writer_free(writer);
	return fits;
}

static void
init_reading(struct reading *r)
{
	arena_init(&r->arena, OBJECT_ARENA_MAX);
	buffer_init(&r->content, CONTENT_MAX);
	buffer_init(&r->envelope, P1_ENVELOPE_MAX);
}

static void
fini_reading(struct reading *r)
{
	buffer_fini(&r->content);
	buffer_fini(&r->envelope);
	arena_fini(&r->arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading first, second;
	struct buffer out;

	init_reading(&first);
	init_reading(&second);
	buffer_init(&out, OBJECT_TEXT_MAX);
	if (read_object(&first, slice_of(data, size)) &&
	    write_object(&first, &out) &&
	    (!read_object(&second, buffer_slice(&out)) ||
		!slice_equal(buffer_slice(&first.content),
		    buffer_slice(&second.content))))
		abort();
	buffer_fini(&out);
	fini_reading(&first);
	fini_reading(&second);
	return 0;
}
