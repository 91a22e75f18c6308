/* SPDX-License-Identifier: ISC */
/*
 * conformance_rows.c - the cases of conformance_test; see conformance_rows.h
 */
#include "tests/system/conformance_rows.h"

#include <check.h>

#include "base/clock.h"
#include "mhs/report.h"
#include "tests/system/conformance_contents.h"

#define FAR	"C=YY;A=SINK;S=Far"
#define NOWHERE "C=QQ;A=NONE;S=Nobody"
#define MAILBOX "C=DE;A=VIAT;P=ACME;O=PO1;S=Ann"

#define ASKS_BOTH (P1_ORIGINATOR_REPORT | P1_MTA_REPORT)
#define ASKS_NDR \
	(P1_ORIGINATOR_NON_DELIVERY_REPORT | P1_MTA_NON_DELIVERY_REPORT)

/* urgent - set the priority urgent */
static void
urgent(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->priority = P1_URGENT;
}

/* low - set the priority non-urgent */
static void
low(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->priority = P1_NON_URGENT;
}

/* too_late - set a latest delivery time that is past */
static void
too_late(struct p1_envelope *e, struct arena *arena)
{
	ck_assert_int_eq(p1_set_latest_delivery_time(
			     &e->extensions, arena, clock_wall() / 1000 - 3600),
	    0);
}

/* in_time - set a latest delivery time that is to come */
static void
in_time(struct p1_envelope *e, struct arena *arena)
{
	ck_assert_int_eq(p1_set_latest_delivery_time(
			     &e->extensions, arena, clock_wall() / 1000 + 3600),
	    0);
}

/* type_2 - set the content type of 1984 */
static void
type_2(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_type.built_in = P1_CONTENT_P2;
}

/* type_35 - set the content type of EDI */
static void
type_35(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_type.built_in = P1_CONTENT_EDI;
}

/* type_0 - set the content type unidentified */
static void
type_0(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_type.built_in = P1_CONTENT_UNIDENTIFIED;
}

/* short_probe - ask about a content that fits */
static void
short_probe(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_length = 1000;
}

/* long_probe - ask about a content that is too long */
static void
long_probe(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_length = MAX_SIZE + 1;
}

/* add_extension - add an extension that nobody knows */
static void
add_extension(
    struct extension_list *list, struct arena *arena, uint32_t criticality)
{
	static const uint8_t value[] = {4, 2, 'h', 'i'};

	ck_assert_int_eq(extension_set(list, arena, 99, criticality,
			     slice_of(value, sizeof(value))),
	    0);
}

/* unknown - add extensions that nobody knows and that may be ignored */
static void
unknown(struct p1_envelope *e, struct arena *arena)
{
	add_extension(&e->extensions, arena, 0);
	add_extension(&e->recipients[0].extensions, arena, 0);
}

/* critical_for_delivery - add one that is critical for delivery */
static void
critical_for_delivery(struct p1_envelope *e, struct arena *arena)
{
	add_extension(&e->extensions, arena, CRITICAL_FOR_DELIVERY);
}

/* critical_for_transfer - add one that is critical for transfer */
static void
critical_for_transfer(struct p1_envelope *e, struct arena *arena)
{
	add_extension(&e->extensions, arena, CRITICAL_FOR_TRANSFER);
}

/* critical_for_one - add one that is critical for transfer to a recipient */
static void
critical_for_one(struct p1_envelope *e, struct arena *arena)
{
	add_extension(
	    &e->recipients[1].extensions, arena, CRITICAL_FOR_TRANSFER);
}

/* visited - note that the message was here, and then in another domain */
static void
visited(struct p1_envelope *e, struct arena *arena)
{
	static const char *const domains[] = {
	    "C=DE;A=VIAT;P=ACME", "C=FR;A=ATLAS"};
	struct global_domain domain;
	struct diag diag = {0};

	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    global_domain_parse(
			slice_of_string(domains[i]), arena, &domain, &diag),
		    0);
		ck_assert_int_eq(p1_trace_append(e, arena, &domain,
				     clock_wall() / 1000, TRACE_RELAYED, NULL),
		    0);
	}
}

/* by_a_list - note the same, and that the other domain expanded a list */
static void
by_a_list(struct p1_envelope *e, struct arena *arena)
{
	visited(e, arena);
	e->trace.elements[e->trace.count - 1].other_actions =
	    TRACE_DL_OPERATION;
}

/* redirected - note the same, and that the other domain redirected it */
static void
redirected(struct p1_envelope *e, struct arena *arena)
{
	visited(e, arena);
	e->trace.elements[e->trace.count - 1].other_actions = TRACE_REDIRECTED;
}

/* six_visits - note the same so often that no reason counts any more */
static void
six_visits(struct p1_envelope *e, struct arena *arena)
{
	for (unsigned i = 0; i < 6; i++)
		by_a_list(e, arena);
}

/* converted - set a conversion that is asked for */
static void
converted(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->recipients[0].explicit_conversion = 5;
}

/* many - make the recipients as many as CTSW010 has: above 512 */
static void
many(struct p1_envelope *e, struct arena *arena)
{
	struct p1_recipient *all = arena_array(arena, 513, sizeof(*all));

	ck_assert_ptr_nonnull(all);
	for (size_t i = 0; i < 513; i++) {
		all[i] = e->recipients[0];
		all[i].number = (int)i + 1;
	}
	e->recipients = all;
	e->recipient_count = 513;
}

/* private_type - set a content type that is an object identifier */
static void
private_type(struct p1_envelope *e, struct arena *arena)
{
	static const uint8_t oid[] = {0x2b, 26, 0, 0x84, 0x26, 0, 1};

	(void)arena;
	e->content_type = (struct p1_content_type){
	    .built_in = P1_CONTENT_OID, .oid = slice_of(oid, sizeof(oid))};
}

/* ia5_types - say that the content is IA5 text: a bit of 1984 */
static void
ia5_types(struct p1_envelope *e, struct arena *arena)
{
	static const uint8_t types[] = {0x65, 0x04, 0x80, 0x02, 0x05, 0x20};

	(void)arena;
	e->original_eits = slice_of(types, sizeof(types));
}

/* other_types - say that it is of types nobody knows here: undefined, and an
 * object identifier */
static void
other_types(struct p1_envelope *e, struct arena *arena)
{
	static const uint8_t types[] = {0x65, 0x0b, 0x80, 0x02, 0x07, 0x80,
	    0xa4, 0x05, 0x06, 0x03, 0x2a, 0x03, 0x04};

	(void)arena;
	e->original_eits = slice_of(types, sizeof(types));
}

/* add_token - add elements of security: a token for a recipient, and a label
 * for all */
static void
add_token(struct p1_envelope *e, struct arena *arena, uint32_t criticality)
{
	static const uint8_t value[] = {0x30, 0x05, 0x06, 0x03, 0x2a, 0x03, 4};

	ck_assert_int_eq(extension_set(&e->recipients[0].extensions, arena, 16,
			     criticality, slice_of(value, sizeof(value))),
	    0);
	ck_assert_int_eq(extension_set(&e->extensions, arena, 20, criticality,
			     slice_of(value, sizeof(value))),
	    0);
}

/* secured - add them, to be ignored by whom does not know them */
static void
secured(struct p1_envelope *e, struct arena *arena)
{
	add_token(e, arena, 0);
}

/* labelled - add them, critical for delivery */
static void
labelled(struct p1_envelope *e, struct arena *arena)
{
	add_token(e, arena, CRITICAL_FOR_DELIVERY);
}

/* A content that goes on as it came, and is delivered. */
#define TEXTS(name, content)                                                 \
	{                                                                    \
		name, MTS_MESSAGE, {FAR, MAILBOX}, {ASKS_NDR, ASKS_BOTH}, 0, \
		    sizeof(content), NULL, true, {0, DR}, content            \
	}

#define NDR(diagnostic) (1 + DIAGNOSTIC_##diagnostic)

const struct conformance_row conformance_rows[] = {
    {"CTSW001 relay", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 500, NULL, true, {0},
	NULL},
    {"CTSW002 local", MTS_MESSAGE, {MAILBOX}, {ASKS_NDR}, 0, 500, NULL, false,
	{0}, NULL},
    /* the six of CTSW003: what is asked for, and what comes; no value of
	 * the indicators says that the MTA wants no non-delivery report */
    {"CTSW003 dr none", MTS_MESSAGE, {MAILBOX}, {0}, 0, 9, NULL, false, {0},
	NULL},
    {"CTSW003 dr mta", MTS_MESSAGE, {MAILBOX}, {P1_MTA_REPORT}, 0, 9, NULL,
	false, {DR}, NULL},
    {"CTSW003 dr both", MTS_MESSAGE, {MAILBOX}, {ASKS_BOTH}, 0, 9, NULL, false,
	{DR}, NULL},
    {"CTSW003 ndr none", MTS_MESSAGE, {NOWHERE}, {0}, 0, 9, NULL, false,
	{NDR(UNRECOGNISED_OR_NAME)}, NULL},
    {"CTSW003 ndr mta", MTS_MESSAGE, {NOWHERE}, {P1_MTA_NON_DELIVERY_REPORT}, 0,
	9, NULL, false, {NDR(UNRECOGNISED_OR_NAME)}, NULL},
    {"CTSW003 ndr both", MTS_MESSAGE, {NOWHERE}, {ASKS_NDR}, 0, 9, NULL, false,
	{NDR(UNRECOGNISED_OR_NAME)}, NULL},
    {"CTSW004 urgent", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, urgent, true, {0},
	NULL},
    {"CTSW004 low", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, low, true, {0}, NULL},
    {"CTSW005 past", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, too_late, false,
	{NDR(MAXIMUM_TIME_EXPIRED)}, NULL},
    {"CTSW005 future", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, in_time, true, {0},
	NULL},
    {"CTSW006 fits", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, MAX_SIZE, NULL, true,
	{0}, NULL},
    {"CTSW006 too long", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, MAX_SIZE + 1, NULL,
	false, {NDR(CONTENT_TOO_LONG)}, NULL},
    {"larger than is taken", MTS_MESSAGE, {FAR, NOWHERE}, {ASKS_NDR, ASKS_NDR},
	0, MAX_TAKEN + 1, NULL, false,
	{NDR(CONTENT_TOO_LONG), NDR(CONTENT_TOO_LONG)}, NULL},
    {"CTSW008 p2", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, type_2, true, {0},
	NULL},
    {"CTSW008 edi", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, type_35, true, {0},
	NULL},
    {"CTSW008 other", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, type_0, true, {0},
	NULL},
    {"CTSW008 oid", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, private_type, true,
	{0}, NULL},
    {"CTSW009 split", MTS_MESSAGE, {FAR, NOWHERE, MAILBOX},
	{ASKS_NDR, ASKS_NDR, ASKS_BOTH}, 0, 9, NULL, true,
	{0, NDR(UNRECOGNISED_OR_NAME), DR}, NULL},
    {"CTSW009 not ours", MTS_MESSAGE, {FAR, NOWHERE, MAILBOX},
	{ASKS_NDR, ASKS_NDR, ASKS_BOTH}, 1U << 1 | 1U << 2, 9, NULL, true, {0},
	NULL},
    {"CTSW010 513", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, many, true, {0},
	NULL},
    {"CTSW011.1 probe", MTS_PROBE, {FAR}, {ASKS_NDR}, 0, 0, short_probe, true,
	{0}, NULL},
    {"CTSW011.2 probe", MTS_PROBE, {NOWHERE}, {ASKS_NDR}, 0, 0, NULL, false,
	{NDR(UNRECOGNISED_OR_NAME)}, NULL},
    {"CTSW011.3 probe", MTS_PROBE, {FAR}, {ASKS_NDR}, 0, 0, long_probe, false,
	{NDR(CONTENT_TOO_LONG)}, NULL},
    {"CTSW012 mixed", MTS_PROBE, {FAR, NOWHERE}, {ASKS_NDR, ASKS_NDR}, 0, 0,
	short_probe, true, {0, NDR(UNRECOGNISED_OR_NAME)}, NULL},
    {"CTSW013 loop", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, visited, false,
	{NDR(LOOP_DETECTED)}, NULL},
    {"by a list", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, by_a_list, true, {0},
	NULL},
    {"redirected", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, redirected, true, {0},
	NULL},
    {"six visits", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, six_visits, false,
	{NDR(LOOP_DETECTED)}, NULL},
    {"conversion, relayed", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, converted,
	true, {0}, NULL},
    /* addresses as peers have sent them */
    {"blank admd", MTS_MESSAGE, {"C=YY;A= ;S=Far"}, {ASKS_NDR}, 0, 9, NULL,
	true, {0}, NULL},
    {"four dda", MTS_MESSAGE,
	{"C=YY;A=SINK;DDA:A=1;DDA:A=2;DDA:B=3;DDA:RFC-822=a(a)b"}, {ASKS_NDR},
	0, 9, NULL, true, {0}, NULL},
    {"x121, n-id", MTS_MESSAGE,
	{"C=YY;A=SINK;X.121=2624567", "C=YY;A=SINK;N-ID=42"},
	{ASKS_NDR, ASKS_NDR}, 0, 9, NULL, true, {0}, NULL},
    {"all names", MTS_MESSAGE,
	{"C=YY;A=SINK;P=P;O=O;OU1=1;OU2=2;OU3=3;OU4=4;G=G;I=I;S=S;Q=Jr;CN=C"},
	{ASKS_NDR}, 0, 9, NULL, true, {0}, NULL},
    {"other country", MTS_MESSAGE, {"C=262;A=SINK;S=Far"}, {ASKS_NDR}, 0, 9,
	NULL, false, {NDR(UNRECOGNISED_OR_NAME)}, NULL},
    {"two of four", MTS_MESSAGE, {FAR, NOWHERE, NOWHERE, FAR},
	{ASKS_NDR, ASKS_NDR, ASKS_NDR, ASKS_NDR}, 0, 9, NULL, true,
	{0, NDR(UNRECOGNISED_OR_NAME), NDR(UNRECOGNISED_OR_NAME), 0}, NULL},
    {"unknown", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, unknown, true, {0}, NULL},
    {"transfer", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, critical_for_transfer,
	false, {NDR(UNSUPPORTED_CRITICAL_FUNCTION)}, NULL},
    {"transfer, one", MTS_MESSAGE, {FAR, FAR}, {ASKS_NDR, ASKS_NDR}, 0, 9,
	critical_for_one, true, {0, NDR(UNSUPPORTED_CRITICAL_FUNCTION)}, NULL},
    {"delivery, relayed", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9,
	critical_for_delivery, true, {0}, NULL},
    {"delivery, here", MTS_MESSAGE, {MAILBOX}, {ASKS_NDR}, 0, 9,
	critical_for_delivery, false, {NDR(UNSUPPORTED_CRITICAL_FUNCTION)},
	NULL},
    /* A relay looks into no content, and a mailbox is delivered any text;
     * what it does not know is attached besides. */
    TEXTS("CTSW007 text, file", text_and_file),
    TEXTS("CTSW007 general, file", general_and_file),
    TEXTS("CTSW007 two texts", two_texts),
    TEXTS("CTSW007 three parts", three_parts),
    TEXTS("CTSW014 receipt", receipt),
    TEXTS("CTSW015 non-receipt", non_receipt),
    {"CTSW016 known types", MTS_MESSAGE, {FAR, MAILBOX}, {ASKS_NDR, ASKS_BOTH},
	0, sizeof(ia5), ia5_types, true, {0, DR}, ia5},
    {"CTSW016 other types", MTS_MESSAGE, {FAR, MAILBOX}, {ASKS_NDR, ASKS_BOTH},
	0, sizeof(ia5), other_types, true, {0, DR}, ia5},
    TEXTS("CTSW017 none", no_repertoire),
    TEXTS("CTSW017 ia5", ia5),
    TEXTS("CTSW017 ita2", ita2),
    TEXTS("CTSW018 iso 646", iso_646),
    TEXTS("CTSW019 latin-1", latin_1),
    TEXTS("CTSW019 cyrillic", cyrillic),
    TEXTS("CTSW019 arabic", arabic),
    {"CTSW020 secured", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, sizeof(ia5), secured,
	true, {0}, ia5},
    {"CTSW020 for delivery", MTS_MESSAGE, {FAR, MAILBOX}, {ASKS_NDR, ASKS_BOTH},
	0, sizeof(ia5), labelled, true, {0, NDR(UNSUPPORTED_CRITICAL_FUNCTION)},
	ia5},
    {"report, relayed", MTS_REPORT, {FAR}, {0}, 0, sizeof(their_report), NULL,
	true, {0}, their_report},
    {"report to nobody", MTS_REPORT, {NOWHERE}, {0}, 0, sizeof(their_report),
	NULL, false, {0}, their_report},
    {"report in a loop", MTS_REPORT, {FAR}, {0}, 0, sizeof(their_report),
	visited, false, {0}, their_report},
    {"same twice", MTS_MESSAGE, {FAR, FAR}, {ASKS_NDR, ASKS_NDR}, 0, 9, NULL,
	true, {0}, NULL},
    {"empty content", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 0, NULL, true, {0},
	NULL},
};

const size_t conformance_count =
    sizeof(conformance_rows) / sizeof(conformance_rows[0]);
