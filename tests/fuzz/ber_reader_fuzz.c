/* SPDX-License-Identifier: ISC */
/*
 * ber_reader_fuzz.c - read everything, ask for every value, write it again
 *
 * What was read and written again must be read as the same elements, and be
 * written the same once more.
 */
#include <stdlib.h>

#include "ber/oid.h"
#include "ber/time.h"
#include "ber/writer.h"
#include "tests/unit/ber/trace.h"

#define OUT_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ask - get every kind of value out of an element */
static void
ask(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena)
{
	char text[OID_TEXT_MAX];
	struct slice slice;
	uint32_t bits;
	int64_t number;
	size_t count;
	bool flag;

	(void)!ber_get_integer(reader, el, "i", INT64_MIN, INT64_MAX, &number);
	(void)!ber_get_boolean(reader, el, "b", &flag);
	(void)!ber_get_null(reader, el, "n");
	if (ber_get_bits(reader, el, "b", &bits, &count) == 0 && count < 32 &&
	    (bits << count) != 0)
		abort();
	if (ber_get_oid(reader, el, "o", &slice) == 0)
		(void)!oid_format(slice, text);
	if (ber_get_octets(reader, el, "s", 65536, arena, &slice) == 0) {
		if (slice.len > el->contents.len)
			abort();
		(void)!utc_time_parse(slice, &number);
		(void)!generalized_time_parse(slice, &number);
	}
}

/* ask_all - ask the same of all elements, those inside too */
static void
ask_all(struct ber_reader *reader, struct arena *arena)
{
	struct ber_reader inner;
	struct ber_element el;

	while (ber_next(reader, &el) > 0) {
		diag_clear(reader->diag);
		ask(reader, &el, arena);
		arena_reset(arena);
		diag_clear(reader->diag);
		if (el.constructed && ber_enter(reader, &el, &inner) == 0)
			ask_all(&inner, arena);
	}
}

/* write_all - write the elements of octets again: 0 or an error */
static int
write_all(struct slice octets, struct buffer *out)
{
	struct ber_reader reader;
	struct ber_writer writer;
	struct ber_element el;
	int n = 0;

	ber_reader_init(&reader, octets, NULL);
	ber_writer_init(&writer, out);
	while (writer.error == 0 && (n = ber_next(&reader, &el)) > 0)
		ber_put_element(&writer, &el);
	return n < 0 ? n : ber_finish(&writer);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice octets = slice_of(data, size);
	struct diag diag = {.code = 0};
	struct trace first, second;
	struct buffer once, twice;
	struct ber_reader reader;
	struct arena arena;
	int error;

	arena_init(&arena, 1 << 20);
	buffer_init(&once, OUT_MAX);
	buffer_init(&twice, OUT_MAX);
	ber_reader_init(&reader, octets, &diag);
	ask_all(&reader, &arena);

	trace_init(&first, octets, false);
	ber_reader_init(&reader, octets, NULL);
	error = trace_reader(&first, &reader);
	if (write_all(octets, &once) != error)
		abort();
	if (error == 0) {
		trace_init(&second, buffer_slice(&once), false);
		ber_reader_init(&reader, buffer_slice(&once), NULL);
		if (trace_reader(&second, &reader) != 0 ||
		    !trace_equal(&first, &second))
			abort();
		if (buffer_length(&once) > size ||
		    write_all(buffer_slice(&once), &twice) != 0 ||
		    !slice_equal(buffer_slice(&once), buffer_slice(&twice)))
			abort();
		trace_fini(&second);
	}
	trace_fini(&first);
	buffer_fini(&once);
	buffer_fini(&twice);
	arena_fini(&arena);
	return 0;
}
