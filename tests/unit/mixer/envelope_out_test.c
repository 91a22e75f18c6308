/* SPDX-License-Identifier: ISC */
/*
 * envelope_out_test.c - what a header says of an envelope
 */
#include "mixer/envelope_out.h"

#include <string.h>

#include "mhs/dl_history.h"
#include "mixer/dl_text.h"
#include "mixer/envelope_in.h"
#include "tests/unit/mixer/mixer_map.h"
#include "tests/unit/test.h"

#define ARENA	(1 << 20)
#define TIME	1796040310
#define MAX	(1 << 20)
#define TRACE_1 1796040000

/* What a test writes an envelope with. */
struct writing {
	struct conf *conf;
	struct address_map map;
	struct mapping mapping;
	struct arena arena;
	struct p1_envelope envelope;
	struct p1_recipient recipients[2];
	struct buffer text;
};

/* set_name - set an O/R address */
static void
set_name(struct writing *w, struct or_name *name, const char *text)
{
	*name = (struct or_name){.directory_name = {.len = 0}};
	ck_assert_int_eq(or_address_parse(slice_of_string(text), &w->arena,
			     &name->address, NULL),
	    0);
}

static void
writing_init(struct writing *w)
{
	memset(w, 0, sizeof(*w));
	w->conf = mixer_map_read(
	    &w->map, "map = {\"acme.example = C=DE;A=VIAT;P=ACME;O=MAIL\"}\n");
	w->mapping.addresses = &w->map;
	arena_init(&w->arena, ARENA);
	buffer_init(&w->text, MAX);
	p1_init(&w->envelope, MTS_MESSAGE);
	w->envelope.identifier.local = slice_of_string("id-1");
	ck_assert_int_eq(
	    global_domain_parse(slice_of_string("C=DE;A=VIAT;P=ACME"),
		&w->arena, &w->envelope.identifier.domain, NULL),
	    0);
	set_name(
	    w, &w->envelope.originator, "C=FR;A=ATLAS;P=BNP;G=Marie;S=Dupont");
	set_name(w, &w->recipients[0].name, "C=DE;A=VIAT;P=ACME;O=MAIL;S=jo");
	set_name(w, &w->recipients[1].name,
	    "C=DE;A=VIAT;P=ACME;O=GW;DDA:RFC-822=kim(a)example.org");
	w->envelope.recipients = w->recipients;
	w->envelope.recipient_count = 2;
	w->envelope.content_type.built_in = P1_CONTENT_P22;
}

static void
writing_fini(struct writing *w)
{
	buffer_fini(&w->text);
	arena_fini(&w->arena);
	address_map_fini(&w->map);
	conf_free(w->conf);
}

/* add - gather what is written */
static int
add(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* fields - write the fields of the envelope */
static const char *
fields(struct writing *w)
{
	struct mime_writer writer;

	buffer_reset(&w->text);
	mime_writer_init(&writer, add, &w->text);
	envelope_to_internet(&w->mapping, &w->envelope, &writer);
	ck_assert_int_eq(writer.error, 0);
	ck_assert_int_eq(buffer_append(&w->text, "", 1), 0);
	return (const char *)w->text.data;
}

START_TEST(least)
{
	struct writing w;

	writing_init(&w);
	ck_assert_str_eq(fields(&w),
	    "X400-MTS-Identifier: [/PRMD=ACME/ADMD=VIAT/C=DE/;id-1]\r\n"
	    "X400-Originator:\r\n"
	    " /G=Marie/S=Dupont/PRMD=BNP/ADMD=ATLAS/C=FR/@x400.example.net\r\n"
	    "X400-Content-Type: P2-1988 (22)\r\n");
	writing_fini(&w);
}
END_TEST

/* set_most - set all that has a field */
static void
set_most(struct writing *w)
{
	struct p1_envelope *e = &w->envelope;
	struct extension_list *more = &e->extensions;
	struct or_name list, before;

	e->content_type.built_in = P1_CONTENT_P2;
	e->content_identifier = slice_of_string("a subject");
	e->original_eits = slice_of(
	    "\x65\x0c\x80\x02\x05\x20\xa4\x06\x06\x04\x56\x01\x0c\x00", 14);
	e->priority = P1_URGENT;
	e->indicators =
	    P1_DISCLOSURE_OF_RECIPIENTS | P1_IMPLICIT_CONVERSION_PROHIBITED;
	e->deferred_time = TIME;
	ck_assert_int_eq(
	    p1_set_latest_delivery_time(more, &w->arena, TIME + 60), 0);
	ck_assert_int_eq(extension_set(more, &w->arena,
			     EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED, 0,
			     slice_of("\x0a\x01\x01", 3)),
	    0);
	ck_assert_int_eq(
	    extension_set(more, &w->arena, EXTENSION_REQUESTED_DELIVERY_METHOD,
		0, slice_of("\x30\x00", 2)),
	    0);
	set_name(w, &list, "C=DE;A=VIAT;P=ACME;O=MAIL;S=list");
	ck_assert_int_eq(dl_history_append(more, &w->arena, &list, TIME), 0);
	set_name(w, &list, "C=DE;A=VIAT;P=ACME;O=MAIL;S=sublist");
	ck_assert_int_eq(
	    dl_history_append(more, &w->arena, &list, TIME + 1), 0);
	set_name(w, &before, "C=DE;A=VIAT;P=ACME;O=MAIL;S=ann");
	ck_assert_int_eq(
	    redirection_append(&w->recipients[0].extensions, &w->arena, &before,
		TIME, REDIRECTION_BY_RECIPIENT),
	    0);
	set_name(w, &before, "C=DE;A=VIAT;P=ACME;O=MAIL;S=ben");
	ck_assert_int_eq(redirection_append(&w->recipients[0].extensions,
			     &w->arena, &before, TIME, REDIRECTION_BY_DOMAIN),
	    0);
	ck_assert_int_eq(p1_trace_append(e, &w->arena, &e->identifier.domain,
			     TRACE_1, TRACE_RELAYED, NULL),
	    0);
}

START_TEST(most)
{
	struct writing w;
	const char *is, *expected;

	writing_init(&w);
	set_most(&w);
	is = fields(&w);
	expected =
	    "X400-Received: by /PRMD=ACME/ADMD=VIAT/C=DE/; Relayed;\r\n"
	    " Mon, 30 Nov 2026 12:00:00 +0000\r\n"
	    "X400-MTS-Identifier: [/PRMD=ACME/ADMD=VIAT/C=DE/;id-1]\r\n"
	    "X400-Originator:\r\n"
	    " /G=Marie/S=Dupont/PRMD=BNP/ADMD=ATLAS/C=FR/@x400.example.net\r\n"
	    "X400-Recipients: jo@acme.example (Originally To: "
	    "ann@acme.example Redirected\r\n"
	    " on Mon, 30 Nov 2026 12:05:10 +0000 To: Recipient Assigned "
	    "Alternate\r\n"
	    " Recipient ben@acme.example Redirected Again on Mon, 30 Nov 2026 "
	    "12:05:10\r\n"
	    " +0000 To: Recipient MD Assigned Alternate Recipient), "
	    "kim@example.org\r\n"
	    "X400-Content-Type: P2-1984 (2)\r\n"
	    "X400-Content-Identifier: a subject\r\n"
	    "Original-Encoded-Information-Types: IA5-Text, 2.6.1.12.0\r\n"
	    "Priority: urgent\r\n"
	    "MT-Priority: 4\r\n"
	    "Conversion: Prohibited\r\n"
	    "Conversion-With-Loss: Prohibited\r\n"
	    "Deferred-Delivery: Mon, 30 Nov 2026 12:05:10 +0000\r\n"
	    "Latest-Delivery-Time: Mon, 30 Nov 2026 12:06:10 +0000\r\n"
	    "DL-Expansion-History: sublist@acme.example; Mon, 30 Nov 2026 "
	    "12:05:11 +0000;\r\n"
	    "DL-Expansion-History: list@acme.example; Mon, 30 Nov 2026 "
	    "12:05:10 +0000;\r\n"
	    "Discarded-X400-MTS-Extensions: requested-delivery-method(6)\r\n";
	ck_assert_msg(strcmp(is, expected) == 0, "%.4000s", is);
	writing_fini(&w);
}
END_TEST

/* check_again - check what a header says of the envelope that it is of */
static void
check_again(const struct p1_envelope *e, const struct p1_envelope *again)
{
	const struct extension *history =
	    extension_find(&e->extensions, EXTENSION_DL_EXPANSION_HISTORY);
	const struct extension *same =
	    extension_find(&again->extensions, EXTENSION_DL_EXPANSION_HISTORY);

	ck_assert_int_eq(again->priority, e->priority);
	ck_assert_uint_eq(again->indicators,
	    P1_IMPLICIT_CONVERSION_PROHIBITED | P1_ALTERNATE_RECIPIENT_ALLOWED);
	ck_assert_int_eq(again->deferred_time, e->deferred_time);
	ck_assert_int_eq(p1_latest_delivery_time(again), TIME + 60);
	ck_assert(extension_number_is(
	    &again->extensions, EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED, 1));
	ck_assert(
	    slice_equal(again->content_identifier, e->content_identifier));
	ck_assert_ptr_nonnull(same);
	ck_assert(slice_equal(history->value, same->value));
	ck_assert_uint_eq(again->trace.count, 1);
}

START_TEST(back)
{
	struct p1_envelope again;
	struct writing w;

	writing_init(&w);
	set_most(&w);
	(void)fields(&w);
	p1_init(&again, MTS_MESSAGE);
	buffer_truncate(&w.text, buffer_length(&w.text) - 1);
	ck_assert_int_eq(
	    envelope_from_internet(buffer_slice(&w.text), &w.arena, &again), 0);
	ck_assert_int_eq(dl_text_get(&w.map, buffer_slice(&w.text), &w.arena,
			     &again.extensions),
	    0);
	check_again(&w.envelope, &again);
	writing_fini(&w);
}
END_TEST

/* Recipients that may not know of each other are not written. */
START_TEST(undisclosed)
{
	struct writing w;

	writing_init(&w);
	ck_assert_ptr_null(strstr(fields(&w), "X400-Recipients"));
	w.envelope.recipient_count = 1;
	ck_assert_ptr_nonnull(
	    strstr(fields(&w), "X400-Recipients: jo@acme.example\r\n"));
	writing_fini(&w);
}
END_TEST

/* No field is added by what a peer wrote. */
START_TEST(injected)
{
	struct writing w;

	writing_init(&w);
	w.envelope.content_identifier = slice_of_string("a\r\nBcc: x@y.z");
	w.envelope.identifier.local = slice_of_string("b\r\nBcc: x@y.z");
	ck_assert_ptr_null(strstr(fields(&w), "\nBcc"));
	writing_fini(&w);
}
END_TEST

TEST_MAIN("mixer/envelope_out", TEST(least); TEST(most); TEST(back);
	  TEST(undisclosed); TEST(injected))
