/* SPDX-License-Identifier: ISC */
/*
 * trace_test.c - trace, internal trace and loops
 */
#include "mhs/trace.h"
#include "tests/unit/test.h"

/* domain - make a domain with this PRMD */
static struct global_domain
domain(const char *prmd)
{
	struct global_domain got = {.country = slice_of_string("DE"),
	    .admd = slice_of_string(" "),
	    .prmd = slice_of_string(prmd)};

	return got;
}

/*
 * loops - tell whether a trace loops at domain A, or at its MTA 1
 *
 * A trace is domains in capitals, each with an MTA after it where mtas is
 * true; "!" after one says that it rerouted, "+" that it expanded a list, ">"
 * that it redirected.  The time of each is one day after that of the one before
 * it; a "D" alone is a DL expansion that only the history notes.
 */
static bool
loops(const char *text, bool mtas)
{
	struct trace trace = {.count = 0};
	struct trace_element element;
	struct global_domain here = domain("A");
	struct arena arena;
	char prmd[2] = "", mta[2] = "1";
	int64_t time = 0, expanded = TRACE_NO_TIME;
	bool got;

	arena_init(&arena, 1 << 20);
	while (*text != '\0') {
		prmd[0] = *text++;
		time += 86400;
		if (prmd[0] == 'D') {
			expanded = time;
			continue;
		}
		element = (struct trace_element){
		    .arrival = time, .deferred = TRACE_NO_TIME};
		if (mtas)
			mta[0] = *text++;
		element.domain =
		    domain(arena_string(&arena, slice_of_string(prmd)));
		if (mtas)
			element.mta = slice_of_string(
			    arena_string(&arena, slice_of_string(mta)));
		if (*text == '!') {
			element.action = TRACE_REROUTED;
			text++;
		} else if (*text == '+') {
			element.other_actions = TRACE_DL_OPERATION;
			text++;
		} else if (*text == '>') {
			element.other_actions = TRACE_REDIRECTED;
			text++;
		}
		ck_assert_int_eq(trace_append(&trace, &arena, &element), 0);
	}
	got = trace_loops(&trace, &here,
	    mtas ? slice_of_string("1") : slice_of(NULL, 0), expanded);
	arena_fini(&arena);
	return got;
}

/* Loops are found, and no other trace is taken for one. */
START_TEST(looping)
{
	ck_assert(!loops("", false));
	ck_assert(!loops("B", false));
	ck_assert(!loops("BCD", false));
	/* Our own at the end: another MTA of this domain sent it. */
	ck_assert(!loops("A", false));
	ck_assert(!loops("AA", false));
	ck_assert(!loops("BAA", false));
	ck_assert(loops("AB", false));
	ck_assert(loops("AAB", false));
	ck_assert(loops("BAC", false));
	ck_assert(loops("ABC", false));
	ck_assert(loops("aBC", false));
	/* Rerouted since, by us or by who sends it back. */
	ck_assert(!loops("AB!", false));
	ck_assert(!loops("ABC!", false));
	ck_assert(loops("AB!AC", false));
	ck_assert(!loops("A!B", false));
	ck_assert(loops("B!AC", false));
	/* But not for ever. */
	ck_assert(!loops("AB!AB!AB!AB!", false));
	ck_assert(loops("AB!AB!AB!AB!AB!", false));
	ck_assert(loops("AB!AB!AB!AB!ACAB!AB!", false));
	/* Another MTA of this domain took it back without a reason. */
	ck_assert(loops("ABA", false));
	/* Rerouting here adds an element, but is no visit. */
	ck_assert(!loops("BAA!A!A!A!A!A!C", false));
	/* A list or a redirection beyond us, or here, is a reason to return. */
	ck_assert(!loops("AB+", false));
	ck_assert(!loops("AB>", false));
	ck_assert(!loops("ACB+C", false));
	ck_assert(!loops("A+B", false));
	ck_assert(loops("B+AC", false));
	ck_assert(loops("AB+AC", false));
	ck_assert(!loops("AB+AC>", false));
	ck_assert(!loops("AB+AB+AB+AB+", false));
	ck_assert(loops("AB+AB+AB+AB+AB+", false));
	/* A redirection noted in the history alone: by its time. */
	ck_assert(!loops("ADB", false));
	ck_assert(!loops("ABD", false));
	ck_assert(loops("DAB", false));
	ck_assert(loops("ADBAC", false));
	ck_assert(loops("ABABABABABD", false));
	/* Internal trace goes by domain and MTA. */
	ck_assert(!loops("A2B1", true));
	ck_assert(!loops("A2A3", true));
	ck_assert(!loops("A2A1", true));
	ck_assert(loops("A1A2", true));
	ck_assert(loops("A1B1", true));
	ck_assert(!loops("A1A2!", true));
}
END_TEST

/* An element of our own, with all it can say, of both kinds. */
START_TEST(round_trip)
{
	static const uint8_t eits[] = {0x65, 0x04, 0x80, 0x02, 0x05, 0x20};
	struct trace_element element = {.domain = domain("A"),
	    .arrival = 1700000000,
	    .action = TRACE_REROUTED,
	    .attempted = true,
	    .attempted_domain = domain("B"),
	    .deferred = 1700000100,
	    .converted_eits = slice_of(eits, sizeof(eits)),
	    .other_actions = TRACE_DL_OPERATION};
	struct trace trace = {.count = 0}, got;
	const struct trace_element *back;
	struct ber_writer writer;
	struct ber_reader reader;
	struct ber_element el;
	struct buffer out, again;
	struct arena arena;
	struct diag diag;
	unsigned internal;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1 << 20);
	buffer_init(&again, 1 << 20);
	for (internal = 0; internal < 2; internal++) {
		trace.count = 0;
		if (internal == 1) {
			element.mta = slice_of_string("MTA-1");
			element.attempted_mta = slice_of_string("MTA-2");
		}
		ck_assert_int_eq(trace_append(&trace, &arena, &element), 0);
		buffer_reset(&out);
		buffer_reset(&again);
		ber_writer_init(&writer, &out);
		trace_encode(&writer, TRACE_TAG, &trace);
		ck_assert_int_eq(ber_finish(&writer), 0);
		diag_clear(&diag);
		ber_reader_init(&reader, buffer_slice(&out), &diag);
		ck_assert_int_eq(
		    ber_expect(&reader, TRACE_TAG, "trace", &el), 0);
		ck_assert_msg(
		    (internal == 1 ? trace_internal_decode : trace_decode)(
			&reader, &el, "trace", &arena, &got) == 0,
		    "%s", diag.text);
		ck_assert_uint_eq(got.count, 1);
		back = &got.elements[0];
		ck_assert_int_eq(back->arrival, element.arrival);
		ck_assert_int_eq(back->deferred, element.deferred);
		ck_assert_int_eq(back->action, TRACE_REROUTED);
		ck_assert(back->attempted);
		ck_assert(slice_equal(back->mta, element.mta));
		ck_assert(
		    slice_equal(back->attempted_mta, element.attempted_mta));
		if (internal == 0)
			ck_assert_int_eq(
			    global_domain_compare(&back->attempted_domain,
				&element.attempted_domain),
			    0);
		ck_assert_uint_eq(back->other_actions, TRACE_DL_OPERATION);
		ck_assert(
		    slice_equal(back->converted_eits, element.converted_eits));
		ber_writer_init(&writer, &again);
		trace_encode(&writer, TRACE_TAG, &got);
		ck_assert_int_eq(ber_finish(&writer), 0);
		ck_assert(
		    slice_equal(buffer_slice(&out), buffer_slice(&again)));
	}
	buffer_fini(&out);
	buffer_fini(&again);
	arena_fini(&arena);
}
END_TEST

/* 512 elements and no more. */
START_TEST(limit)
{
	struct trace trace = {.count = 0};
	struct trace_element element = {
	    .domain = domain("A"), .arrival = 1, .deferred = TRACE_NO_TIME};
	struct arena arena;
	size_t i;

	arena_init(&arena, 1 << 24);
	for (i = 0; i < TRACE_MAX; i++)
		ck_assert_int_eq(trace_append(&trace, &arena, &element), 0);
	ck_assert_int_eq(trace_append(&trace, &arena, &element), ERR_LIMIT);
	arena_fini(&arena);
}
END_TEST

/* A trace without an element is refused, and the error says so. */
START_TEST(empty)
{
	struct ber_reader reader;
	struct ber_element el;
	struct trace trace;
	struct arena arena;
	struct diag diag = {0};

	arena_init(&arena, 1 << 16);
	ber_reader_init(&reader, slice_of("\x69\x00", 2), &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_lt(
	    trace_decode(&reader, &el, "trace-information", &arena, &trace), 0);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "trace-information"));
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/trace", TEST(empty); TEST(looping); TEST(round_trip);
	  TEST(limit))
