/* SPDX-License-Identifier: ISC */
/*
 * trace_text_test.c - trace in a header and back
 */
#include "mixer/trace_text.h"

#include <string.h>

#include "tests/unit/test.h"

#define ARENA (1 << 20)

/* add - gather what is written */
static int
add(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

START_TEST(through_a_header)
{
	struct trace trace = {0}, again = {0};
	struct mime_writer writer;
	struct buffer text;
	struct arena arena;

	arena_init(&arena, ARENA);
	buffer_init(&text, 1 << 16);
	for (int i = 0; i < 3; i++) {
		const struct trace_element element = {
		    .domain = {.country = slice_of_string("DE"),
			.admd = slice_of_string(i == 1 ? " " : "VIAT"),
			.prmd = slice_of_string(i == 2 ? "" : "A/B")},
		    .arrival = 1796043689 + i,
		    .action = i == 1 ? TRACE_REROUTED : TRACE_RELAYED,
		    .deferred = TRACE_NO_TIME};

		ck_assert_int_eq(trace_append(&trace, &arena, &element), 0);
	}
	mime_writer_init(&writer, add, &text);
	trace_text_put(&writer, &trace, &arena);
	mime_puts(&writer, "\r\nX400-Received: by /C=XX/ADMD=A/; Relayed;");
	ck_assert_int_eq(writer.error, 0);
	ck_assert_int_eq(
	    trace_text_get(buffer_slice(&text), &arena, &again), 0);
	ck_assert_uint_eq(again.count, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(
		    global_domain_compare(
			&again.elements[i].domain, &trace.elements[i].domain),
		    0);
		ck_assert_int_eq(
		    again.elements[i].arrival, trace.elements[i].arrival);
		ck_assert_int_eq(
		    again.elements[i].action, trace.elements[i].action);
	}
	buffer_fini(&text);
	arena_fini(&arena);
}
END_TEST

START_TEST(others)
{
	static const char header[] =
	    "Subject: x\r\n"
	    "X400-Received: by /PRMD=P/ADMD=A/C=XX/; Relayed; yesterday\r\n"
	    "X400-Received: by nobody; Relayed; Mon, 30 Nov 2026 12:00:00 "
	    "+0000\r\n"
	    "x400-received:\r\n by mta M in /PRMD=P/ADMD=A/C=XX/;\r\n"
	    "\tRelayed; Mon, 30 Nov 2026 13:00:00 +0100\r\n"
	    "\r\nX400-Received: by /ADMD=A/C=YY/; Relayed; Mon, 30 Nov 2026 "
	    "12:00:00 +0000\r\n";
	struct trace trace = {0};
	struct arena arena;

	arena_init(&arena, ARENA);
	ck_assert_int_eq(
	    trace_text_get(slice_of_string(header), &arena, &trace), 0);
	ck_assert_uint_eq(trace.count, 1);
	ck_assert_int_eq(trace.elements[0].arrival, 1796040000);
	ck_assert(slice_equal_string(trace.elements[0].domain.prmd, "P"));
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mixer/trace_text", TEST(through_a_header); TEST(others))
