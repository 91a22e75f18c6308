/* SPDX-License-Identifier: ISC */
/*
 * trace.c - what reader and stream find in octets, so as to compare them;
 * see trace.h
 */
#include "tests/unit/ber/trace.h"

void
trace_init(struct trace *trace, struct slice octets, bool lengths)
{
	*trace = (struct trace){.lengths = lengths, .octets = octets};
	buffer_init(&trace->list, (size_t)256 << 20);
}

void
trace_fini(struct trace *trace)
{
	buffer_fini(&trace->list);
}

/* trace_add - add octets to the list */
static void
trace_add(struct trace *trace, const void *data, size_t len)
{
	if (buffer_append(&trace->list, data, len) != 0)
		abort();
}

/* trace_begin - add the beginning of an element */
static void
trace_begin(struct trace *trace, uint32_t tag, bool constructed, unsigned depth,
    uint64_t length)
{
	uint64_t begin[] = {
	    'B', tag, constructed, depth, trace->lengths ? length : 0};

	trace_add(trace, begin, sizeof(begin));
}

int
trace_reader(struct trace *trace, struct ber_reader *reader)
{
	struct ber_reader inner;
	struct ber_element el;
	size_t header;
	int n;

	while ((n = ber_next(reader, &el)) > 0) {
		header = (size_t)(el.contents.data - el.whole.data);
		trace_begin(trace, el.tag, el.constructed, el.depth,
		    el.whole.len == header + el.contents.len ? el.contents.len
							     : BER_INDEFINITE);
		if (el.constructed) {
			n = ber_enter(reader, &el, &inner);
			if (n == 0)
				n = trace_reader(trace, &inner);
			if (n != 0)
				return n;
		} else {
			trace_add(trace, el.contents.data, el.contents.len);
		}
		trace_add(trace, "E", 1);
	}
	return n;
}

int
trace_event(void *arg, const struct ber_stream_event *event)
{
	struct trace *trace = arg;

	/* The raw slices joined are what was pushed, none missing. */
	if (event->offset != trace->seen ||
	    event->raw.len > trace->octets.len - trace->seen ||
	    !slice_equal(event->raw,
		slice_of(trace->octets.data + trace->seen, event->raw.len)))
		trace->wrong = true;
	trace->seen += event->raw.len;
	switch (event->kind) {
	case STREAM_BEGIN:
		trace_begin(trace, event->tag, event->constructed, event->depth,
		    event->length);
		break;
	case STREAM_DATA:
		trace_add(trace, event->raw.data, event->raw.len);
		break;
	case STREAM_END:
		trace_add(trace, "E", 1);
		break;
	}
	return 0;
}

bool
trace_equal(const struct trace *a, const struct trace *b)
{
	return slice_equal(buffer_slice(&a->list), buffer_slice(&b->list));
}
