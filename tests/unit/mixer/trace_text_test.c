/* SPDX-License-Identifier: ISC */
/*
 * trace_text_test.c - trace in a header and back
 */
#include "mixer/trace_text.h"

#include <string.h>

#include "tests/unit/test.h"

#define ARENA (1 << 20)
#define NOON  1796040000 /* Mon, 30 Nov 2026 12:00:00 +0000 */

static struct arena arena;
static struct trace trace, internal;
static struct buffer text;

static const struct global_domain here = {.country = {(const uint8_t *)"DE", 2},
    .admd = {(const uint8_t *)"VIAT", 4},
    .prmd = {(const uint8_t *)"ACME", 4}};

static void
begin(void)
{
	arena_init(&arena, ARENA);
	buffer_init(&text, 1 << 16);
	trace = internal = (struct trace){.count = 0};
}

static void
end(void)
{
	buffer_fini(&text);
	arena_fini(&arena);
}

/* add - gather what is written */
static int
add(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* read_header - read a header; a new trace of both kinds */
static void
read_header(const char *header)
{
	struct mime_header fields;

	trace = internal = (struct trace){.count = 0};
	ck_assert_int_eq(
	    mime_header_parse(slice_of_string(header), &arena, &fields), 0);
	ck_assert_int_eq(
	    trace_text_get(&fields, &here, &arena, &trace, &internal), 0);
}

/* written - write both kinds */
static const char *
written(void)
{
	struct mime_writer writer;

	buffer_reset(&text);
	mime_writer_init(&writer, add, &text);
	trace_text_put(&writer, &trace, &internal, &arena);
	ck_assert_int_eq(writer.error, 0);
	ck_assert_int_eq(buffer_append(&text, "", 1), 0);
	return (const char *)buffer_slice(&text).data;
}

/* element - append an element to a trace */
static struct trace_element *
element(struct trace *to, const char *prmd, const char *mta, int64_t arrival)
{
	struct trace_element e = {.domain = here,
	    .mta = slice_of_string(mta),
	    .arrival = arrival,
	    .action = TRACE_RELAYED,
	    .deferred = TRACE_NO_TIME};

	e.domain.prmd = slice_of_string(prmd);
	ck_assert_int_eq(trace_append(to, &arena, &e), 0);
	return &to->elements[to->count - 1];
}

/* same - check that a trace is another */
static void
same(const struct trace *a, const struct trace *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct trace_element *x = &a->elements[i];
		const struct trace_element *y = &b->elements[i];

		ck_assert_int_eq(
		    global_domain_compare(&x->domain, &y->domain), 0);
		ck_assert(slice_equal(x->mta, y->mta));
		ck_assert_int_eq(x->arrival, y->arrival);
		ck_assert_int_eq(x->action, y->action);
		ck_assert_uint_eq(x->other_actions, y->other_actions);
	}
}

/* Through two domains, of the second of which each MTA is known. */
START_TEST(through_a_header)
{
	struct trace before, before_internal;

	begin();
	element(&trace, "OTHER", "", NOON);
	element(&trace, "A/B", "", NOON + 1)->action = TRACE_REROUTED;
	element(&trace, "", "", NOON + 2);
	element(&internal, "", "first", NOON + 2);
	element(&internal, "", "sec \"ond\\", NOON + 3)->other_actions =
	    TRACE_DL_OPERATION | TRACE_REDIRECTED;
	ck_assert_str_eq(written(),
	    "X400-Received: by mta \"sec \\\"ond\\\\\" in /ADMD=VIAT/C=DE/; "
	    "Relayed, Expanded,\r\n"
	    " Redirected; Mon, 30 Nov 2026 12:00:03 +0000\r\n"
	    "X400-Received: by mta first in /ADMD=VIAT/C=DE/; Relayed;\r\n"
	    " Mon, 30 Nov 2026 12:00:02 +0000\r\n"
	    "X400-Received: by /PRMD=A$/B/ADMD=VIAT/C=DE/; Rerouted;\r\n"
	    " Mon, 30 Nov 2026 12:00:01 +0000\r\n"
	    "X400-Received: by /PRMD=OTHER/ADMD=VIAT/C=DE/; Relayed;\r\n"
	    " Mon, 30 Nov 2026 12:00:00 +0000\r\n");
	before = trace;
	before_internal = internal;
	read_header(written());
	same(&trace, &before);
	same(&internal, &before_internal);
	end();
}
END_TEST

/* RFC 2156 5.3.7: all that a field may say. */
START_TEST(whole)
{
	struct trace_element *e;

	begin();
	e = element(&internal, "ACME", "UK.AC.UCL.CS", NOON);
	e->deferred = NOON - 60;
	e->converted_eits = slice_of("\x65\x04\x80\x02\x04\x90", 6);
	e->attempted = true;
	e->attempted_domain = here;
	e->attempted_domain.prmd = (struct slice){.len = 0};
	e->other_actions = TRACE_DL_OPERATION | TRACE_REDIRECTED;
	ck_assert_str_eq(written(),
	    "X400-Received: by mta \"UK.AC.UCL.CS\" in /PRMD=ACME/ADMD=VIAT/"
	    "C=DE/;\r\n"
	    " deferred until Mon, 30 Nov 2026 11:59:00 +0000; converted "
	    "(Undefined,\r\n"
	    " G3-Fax); attempted MD /ADMD=VIAT/C=DE/; Relayed, Expanded, "
	    "Redirected;\r\n"
	    " Mon, 30 Nov 2026 12:00:00 +0000\r\n");
	e->attempted_domain.country.len = 0;
	e->attempted_mta = slice_of_string("b");
	ck_assert_ptr_nonnull(strstr(written(), "attempted MTA b;"));
	/* RFC 2156's own examples, with a blank before each ";". */
	read_header(
	    "X400-Received: by mta \"UK.AC.UCL.CS\" in\r\n"
	    " /PRMD=UK.AC/ADMD=Gold 400/C=GB/ ; deferred until  Tue, 20 Jun 89"
	    " 14:24:22 +0100 ;\r\n converted (undefined, g3fax) ; attempted MD"
	    " /ADMD=Foo/C=GB/ ;\r\n Relayed, Expanded, Redirected ; Tue, 20 Jun"
	    " 89 19:25:11 +0100\r\n"
	    "X400-Received: by /PRMD=UK.AC/ADMD=Gold 400/C=GB/ ; Relayed ;\r\n"
	    " Tue, 20 Jun 89 19:25:11 +0100\r\n");
	ck_assert_uint_eq(trace.count, 1);
	ck_assert_uint_eq(internal.count, 1);
	ck_assert(slice_equal_string(internal.elements[0].mta, "UK.AC.UCL.CS"));
	ck_assert(
	    slice_equal_string(internal.elements[0].domain.admd, "Gold 400"));
	ck_assert_int_eq(internal.elements[0].arrival, 614370311);
	ck_assert_uint_eq(internal.elements[0].other_actions,
	    TRACE_DL_OPERATION | TRACE_REDIRECTED);
	end();
}
END_TEST

/* RFC 2156 5.3.4.2: two fields, whose MTA and domain are not one. */
START_TEST(example)
{
	begin();
	read_header("Received: from mhs-relay.ac.uk by bells.cs.ucl.ac.uk via"
		    " JANET with\r\n NIFTP id <7906-0@bells.cs.ucl.ac.uk>;\r\n"
		    " Thu, 30 May 1991 18:24:55 +0100\r\n"
		    "X400-Received: by mta \"mhs-relay.ac.uk\" in"
		    " /PRMD=uk.ac/ADMD= /C=gb/;\r\n"
		    " Relayed; Thu, 30 May 1991 18:23:26 +0100\r\n"
		    "X400-Received: by /PRMD=HMG/ADMD=GOLD 400/C=GB/;"
		    " Relayed;\r\n Thu, 30 May 1991 18:20:27 +0100\r\n"
		    "Date: Thu, 30 May 1991 18:20:27 +0100\r\n");
	ck_assert_uint_eq(trace.count, 2);
	ck_assert(slice_equal_string(trace.elements[0].domain.prmd, "HMG"));
	ck_assert(slice_equal_string(trace.elements[1].domain.prmd, "uk.ac"));
	ck_assert(slice_equal_string(trace.elements[1].domain.admd, " "));
	ck_assert_uint_eq(internal.count, 2);
	ck_assert(
	    slice_equal_string(internal.elements[0].mta, "mhs-relay.ac.uk"));
	ck_assert(slice_equal_string(
	    internal.elements[1].mta, "bells.cs.ucl.ac.uk/smtp"));
	ck_assert_int_eq(internal.elements[1].arrival, 675624295);
	end();
}
END_TEST

/* RFC 2156 5.1.6: hosts of a message that was never in X.400. */
START_TEST(hosts)
{
	begin();
	read_header("Received: (by way of)\r\n"
		    "Received: from x (helo=y by z) by mx.acme.example (x)\r\n"
		    " with ESMTP; Mon, 30 Nov 2026 12:00:02 +0000\r\n"
		    "Received: from computer-science.nottingham.ac.uk by\r\n"
		    " vs6.Cs.Ucl.AC.UK via Janet with NIFTP  id aa03794;\r\n"
		    " Mon, 30 Nov 2026 12:00:01 +0000\r\n"
		    "From: Jo <jo@acme.example>\r\n"
		    "Date: Mon, 30 Nov 2026 12:00:00 +0000\r\n");
	ck_assert_uint_eq(trace.count, 0);
	ck_assert_uint_eq(internal.count, 3);
	ck_assert(
	    slice_equal_string(internal.elements[0].mta, "acme.example/smtp"));
	ck_assert_int_eq(internal.elements[0].arrival, NOON);
	ck_assert(slice_equal_string(
	    internal.elements[1].mta, "vs6.Cs.Ucl.AC.UK/smtp"));
	ck_assert(slice_equal_string(
	    internal.elements[2].mta, "mx.acme.example/smtp"));
	ck_assert_int_eq(
	    global_domain_compare(&internal.elements[2].domain, &here), 0);
	/* Who sent it on last says when that was. */
	read_header("From: jo@acme.example\r\n"
		    "Resent-Date: Mon, 30 Nov 2026 12:00:05 +0000\r\n"
		    "Date: Mon, 30 Nov 2026 12:00:00 +0000\r\n");
	ck_assert_int_eq(internal.elements[0].arrival, NOON + 5);
	end();
}
END_TEST

#define OURS                                                              \
	"X400-Received: by mta A in /PRMD=ACME/ADMD=VIAT/C=DE/; Relayed;" \
	" Mon, 30 Nov 2026 12:00:00 +0000\r\n"
#define OUTSIDE "Received: by x; Mon, 30 Nov 2026 12:00:00 +0000\r\n"

/* Each return from the Internet is one. */
START_TEST(rounds)
{
	begin();
	read_header(OURS OURS OURS);
	ck_assert_uint_eq(trace.count, 1);
	ck_assert_uint_eq(internal.count, 3);
	read_header(OUTSIDE OURS OUTSIDE OURS OUTSIDE OURS);
	ck_assert_uint_eq(trace.count, 3);
	ck_assert_uint_eq(internal.count, 6);
	end();
}
END_TEST

START_TEST(others)
{
	begin();
	read_header(
	    "Subject: x\r\n"
	    "X400-Received: by /PRMD=P/ADMD=A/C=XX/; Relayed; yesterday\r\n"
	    "X400-Received: by nobody; Relayed; Mon, 30 Nov 2026 12:00:00 "
	    "+0000\r\n"
	    "X400-Received: by mta \""
	    "x"
	    "\r\n"
	    "x400-received:\r\n by mta M in /PRMD=P/ADMD=A/C=XX/;\r\n"
	    "\tRelayed; Mon, 30 Nov 2026 13:00:00 +0100\r\n");
	ck_assert_uint_eq(trace.count, 1);
	ck_assert_int_eq(trace.elements[0].arrival, NOON);
	ck_assert(slice_equal_string(trace.elements[0].domain.prmd, "P"));
	ck_assert(slice_equal_string(internal.elements[0].mta, "M"));
	end();
}
END_TEST

/* Of a thousand hosts the newest are kept. */
START_TEST(many)
{
	char header[1000 * 80], *at = header;

	begin();
	for (unsigned i = 0; i < 900; i++)
		at += sprintf(at,
		    "Received: by h%u; Mon, 30 Nov 2026 12:00:00 +0000\r\n", i);
	read_header(header);
	ck_assert_uint_eq(internal.count, TRACE_TEXT_HOPS);
	ck_assert(slice_equal_string(
	    internal.elements[TRACE_TEXT_HOPS - 1].mta, "h0/smtp"));
	end();
}
END_TEST

TEST_MAIN("mixer/trace_text", TEST(through_a_header); TEST(whole);
	  TEST(example); TEST(hosts); TEST(rounds); TEST(others); TEST(many))
