/* SPDX-License-Identifier: ISC */
/*
 * trace.h - what reader and stream find in octets, so as to compare them
 *
 * A trace is a flat list: of each element its beginning (tag, form, depth,
 * length), the octets of a primitive one, its end.
 */
#ifndef FOURPOST_TESTS_UNIT_BER_TRACE_H
#define FOURPOST_TESTS_UNIT_BER_TRACE_H

#include <stdlib.h>

#include "base/buffer.h"
#include "ber/reader.h"
#include "ber/stream.h"

struct trace {
	struct buffer list;
	bool lengths;	     /* whether they are part of it */
	struct slice octets; /* that are traced; borrowed */
	uint64_t seen;	     /* of these, by the stream */
	bool wrong;	     /* an event that does not fit the octets */
};

/* trace_init - make an empty trace of octets */
void trace_init(struct trace *trace, struct slice octets, bool lengths);

/* trace_fini - give back the memory */
void trace_fini(struct trace *trace);

/* trace_reader - add all that a reader finds: 0 or its error */
int trace_reader(struct trace *trace, struct ber_reader *reader);

/* trace_event - add what a stream tells: its callback */
int trace_event(void *arg, const struct ber_stream_event *event);

/* trace_equal - tell whether two traces are the same */
bool trace_equal(const struct trace *a, const struct trace *b);

#endif
