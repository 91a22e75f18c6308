/* SPDX-License-Identifier: ISC */
/*
 * conformance_test.c - what an MTA decides about an APDU, case by case
 *
 * The cases are those of ICAO's EUR Doc 047, appendix A (CTSW001 to CTSW020),
 * as far as an MTA without a gateway decides them, and the kinds of trouble
 * that users of such systems have told in public.  Each row goes in as octets
 * of P1 and names what is to come out: the same octets but for the traces, a
 * report with these codes, or nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "mhs/p1.h"
#include "mhs/report.h"
#include "mhs/transfer.h"
#include "tests/system/raw_peer.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define MAX_SIZE   50000 /* of the link onward */
#define MAX_TAKEN  60000 /* of the link by which it comes */
#define APDU_MAX   (1024 * 1024)
#define RECIPIENTS 4
#define SOURCE	   "C=XX;A=LOAD;S=Source"
#define FAR	   "C=YY;A=SINK;S=Far"
#define NOWHERE	   "C=QQ;A=NONE;S=Nobody"
#define MAILBOX	   "C=DE;A=VIAT;P=ACME;O=PO1;S=Ann"
#define DR	   100 /* in a row: delivered */

#define ASKS_BOTH (P1_ORIGINATOR_REPORT | P1_MTA_REPORT)
#define ASKS_NDR \
	(P1_ORIGINATOR_NON_DELIVERY_REPORT | P1_MTA_NON_DELIVERY_REPORT)

struct row {
	const char *name; /* local identifier */
	enum mts_kind kind;
	const char *to[RECIPIENTS];
	uint32_t indicators[RECIPIENTS]; /* besides responsibility */
	uint32_t others; /* recipients that another copy is responsible for */
	size_t content;
	void (*change)(struct p1_envelope *, struct arena *);
	bool relayed;
	int reports[RECIPIENTS]; /* of each: 0 none, DR, or 1 + diagnostic */
};

static struct suite tested;
static char kept[SUITE_PATH + 16];

/* urgent, low - set the priority */
static void
urgent(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->priority = P1_URGENT;
}

static void
low(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->priority = P1_NON_URGENT;
}

/* too_late, in_time - set the latest delivery time */
static void
too_late(struct p1_envelope *e, struct arena *arena)
{
	ck_assert_int_eq(
	    p1_set_latest_delivery_time(e, arena, clock_wall() / 1000 - 3600),
	    0);
}

static void
in_time(struct p1_envelope *e, struct arena *arena)
{
	ck_assert_int_eq(
	    p1_set_latest_delivery_time(e, arena, clock_wall() / 1000 + 3600),
	    0);
}

/* type_2, type_35, type_0 - set the content type */
static void
type_2(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_type.built_in = P1_CONTENT_P2;
}

static void
type_35(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_type.built_in = P1_CONTENT_EDI;
}

static void
type_0(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_type.built_in = P1_CONTENT_UNIDENTIFIED;
}

/* short_probe, long_probe - set the content length that a probe asks about */
static void
short_probe(struct p1_envelope *e, struct arena *arena)
{
	(void)arena;
	e->content_length = 1000;
}

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

static void
unknown(struct p1_envelope *e, struct arena *arena)
{
	add_extension(&e->extensions, arena, 0);
	add_extension(&e->recipients[0].extensions, arena, 0);
}

static void
critical_for_delivery(struct p1_envelope *e, struct arena *arena)
{
	add_extension(&e->extensions, arena, CRITICAL_FOR_DELIVERY);
}

static void
critical_for_transfer(struct p1_envelope *e, struct arena *arena)
{
	add_extension(&e->extensions, arena, CRITICAL_FOR_TRANSFER);
}

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

/* by_a_list, redirected - the same, and say why the other domain sent it back */
static void
by_a_list(struct p1_envelope *e, struct arena *arena)
{
	visited(e, arena);
	e->trace.elements[e->trace.count - 1].other_actions =
	    TRACE_DL_OPERATION;
}

static void
redirected(struct p1_envelope *e, struct arena *arena)
{
	visited(e, arena);
	e->trace.elements[e->trace.count - 1].other_actions = TRACE_REDIRECTED;
}

/* six_visits - the same so often that no reason counts any more */
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

#define NDR(diagnostic) (1 + DIAGNOSTIC_##diagnostic)

static const struct row rows[] = {
    {"CTSW001 relay", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 500, NULL, true, {0}},
    {"CTSW002 local", MTS_MESSAGE, {MAILBOX}, {ASKS_NDR}, 0, 500, NULL, false,
	{0}},
    /* the six of CTSW003: what is asked for, and what comes; no value of
	 * the indicators says that the MTA wants no non-delivery report */
    {"CTSW003 dr none", MTS_MESSAGE, {MAILBOX}, {0}, 0, 9, NULL, false, {0}},
    {"CTSW003 dr mta", MTS_MESSAGE, {MAILBOX}, {P1_MTA_REPORT}, 0, 9, NULL,
	false, {DR}},
    {"CTSW003 dr both", MTS_MESSAGE, {MAILBOX}, {ASKS_BOTH}, 0, 9, NULL, false,
	{DR}},
    {"CTSW003 ndr none", MTS_MESSAGE, {NOWHERE}, {0}, 0, 9, NULL, false,
	{NDR(UNRECOGNISED_OR_NAME)}},
    {"CTSW003 ndr mta", MTS_MESSAGE, {NOWHERE}, {P1_MTA_NON_DELIVERY_REPORT}, 0,
	9, NULL, false, {NDR(UNRECOGNISED_OR_NAME)}},
    {"CTSW003 ndr both", MTS_MESSAGE, {NOWHERE}, {ASKS_NDR}, 0, 9, NULL, false,
	{NDR(UNRECOGNISED_OR_NAME)}},
    {"CTSW004 urgent", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, urgent, true, {0}},
    {"CTSW004 low", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, low, true, {0}},
    {"CTSW005 past", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, too_late, false,
	{NDR(MAXIMUM_TIME_EXPIRED)}},
    {"CTSW005 future", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, in_time, true,
	{0}},
    {"CTSW006 fits", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, MAX_SIZE, NULL, true,
	{0}},
    {"CTSW006 too long", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, MAX_SIZE + 1, NULL,
	false, {NDR(CONTENT_TOO_LONG)}},
    {"CTSW008 p2", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, type_2, true, {0}},
    {"CTSW008 edi", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, type_35, true, {0}},
    {"CTSW008 other", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, type_0, true, {0}},
    {"CTSW008 oid", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, private_type, true,
	{0}},
    {"CTSW009 split", MTS_MESSAGE, {FAR, NOWHERE, MAILBOX},
	{ASKS_NDR, ASKS_NDR, ASKS_BOTH}, 0, 9, NULL, true,
	{0, NDR(UNRECOGNISED_OR_NAME), DR}},
    {"CTSW009 not ours", MTS_MESSAGE, {FAR, NOWHERE, MAILBOX},
	{ASKS_NDR, ASKS_NDR, ASKS_BOTH}, 1U << 1 | 1U << 2, 9, NULL, true, {0}},
    {"CTSW010 513", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, many, true, {0}},
    {"CTSW011.1 probe", MTS_PROBE, {FAR}, {ASKS_NDR}, 0, 0, short_probe, true,
	{0}},
    {"CTSW011.2 probe", MTS_PROBE, {NOWHERE}, {ASKS_NDR}, 0, 0, NULL, false,
	{NDR(UNRECOGNISED_OR_NAME)}},
    {"CTSW011.3 probe", MTS_PROBE, {FAR}, {ASKS_NDR}, 0, 0, long_probe, false,
	{NDR(CONTENT_TOO_LONG)}},
    {"CTSW012 mixed", MTS_PROBE, {FAR, NOWHERE}, {ASKS_NDR, ASKS_NDR}, 0, 0,
	short_probe, true, {0, NDR(UNRECOGNISED_OR_NAME)}},
    {"CTSW013 loop", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, visited, false,
	{NDR(LOOP_DETECTED)}},
    {"by a list", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, by_a_list, true, {0}},
    {"redirected", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, redirected, true, {0}},
    {"six visits", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, six_visits, false,
	{NDR(LOOP_DETECTED)}},
    {"conversion, relayed", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, converted,
	true, {0}},
    /* addresses as peers have sent them */
    {"blank admd", MTS_MESSAGE, {"C=YY;A= ;S=Far"}, {ASKS_NDR}, 0, 9, NULL,
	true, {0}},
    {"four dda", MTS_MESSAGE,
	{"C=YY;A=SINK;DDA:A=1;DDA:A=2;DDA:B=3;DDA:RFC-822=a(a)b"}, {ASKS_NDR},
	0, 9, NULL, true, {0}},
    {"x121, n-id", MTS_MESSAGE,
	{"C=YY;A=SINK;X.121=2624567", "C=YY;A=SINK;N-ID=42"},
	{ASKS_NDR, ASKS_NDR}, 0, 9, NULL, true, {0}},
    {"all names", MTS_MESSAGE,
	{"C=YY;A=SINK;P=P;O=O;OU1=1;OU2=2;OU3=3;OU4=4;G=G;I=I;S=S;Q=Jr;CN=C"},
	{ASKS_NDR}, 0, 9, NULL, true, {0}},
    {"other country", MTS_MESSAGE, {"C=262;A=SINK;S=Far"}, {ASKS_NDR}, 0, 9,
	NULL, false, {NDR(UNRECOGNISED_OR_NAME)}},
    {"two of four", MTS_MESSAGE, {FAR, NOWHERE, NOWHERE, FAR},
	{ASKS_NDR, ASKS_NDR, ASKS_NDR, ASKS_NDR}, 0, 9, NULL, true,
	{0, NDR(UNRECOGNISED_OR_NAME), NDR(UNRECOGNISED_OR_NAME), 0}},
    {"unknown", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, unknown, true, {0}},
    {"transfer", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9, critical_for_transfer,
	false, {NDR(UNSUPPORTED_CRITICAL_FUNCTION)}},
    {"transfer, one", MTS_MESSAGE, {FAR, FAR}, {ASKS_NDR, ASKS_NDR}, 0, 9,
	critical_for_one, true, {0, NDR(UNSUPPORTED_CRITICAL_FUNCTION)}},
    {"delivery, relayed", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 9,
	critical_for_delivery, true, {0}},
    {"delivery, here", MTS_MESSAGE, {MAILBOX}, {ASKS_NDR}, 0, 9,
	critical_for_delivery, false, {NDR(UNSUPPORTED_CRITICAL_FUNCTION)}},
    {"same twice", MTS_MESSAGE, {FAR, FAR}, {ASKS_NDR, ASKS_NDR}, 0, 9, NULL,
	true, {0}},
    {"empty content", MTS_MESSAGE, {FAR}, {ASKS_NDR}, 0, 0, NULL, true, {0}},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What was seen of a row. */
static struct {
	struct buffer sent; /* the envelope */
	unsigned relayed;
	int reports[RECIPIENTS];
} seen[ROWS];

/* name_of - make an O/R name from text */
static struct or_name
name_of(const char *text, struct arena *arena)
{
	struct or_name name = {0};
	struct diag diag = {0};

	ck_assert_msg(or_address_parse(slice_of_string(text), arena,
			  &name.address, &diag) == 0,
	    "%s", diag_text(&diag));
	return name;
}

/* compose - make the envelope of a row */
static void
compose(const struct row *row, struct arena *arena, struct p1_envelope *e)
{
	struct p1_recipient *to = arena_array(arena, RECIPIENTS, sizeof(*to));

	p1_init(e, row->kind);
	e->identifier.domain = (struct global_domain){
	    .country = slice_of_string("XX"), .admd = slice_of_string("LOAD")};
	e->identifier.local = slice_of_string(row->name);
	e->originator = name_of(SOURCE, arena);
	e->content_type.built_in = P1_CONTENT_P22;
	e->recipients = to;
	for (size_t i = 0; i < RECIPIENTS && row->to[i] != NULL; i++) {
		to[i] = (struct p1_recipient){
		    .name = name_of(row->to[i], arena),
		    .number = (int)i + 1,
		    .explicit_conversion = -1,
		    .indicators = row->indicators[i] |
			((row->others >> i & 1) != 0 ? 0 : P1_RESPONSIBILITY)};
		e->recipient_count++;
	}
	ck_assert_int_eq(p1_trace_append(e, arena, &e->identifier.domain,
			     clock_wall() / 1000, TRACE_RELAYED, NULL),
	    0);
	if (row->change != NULL)
		row->change(e, arena);
}

/* send_row - transfer a row's APDU */
static void
send_row(struct raw_call *call, size_t n)
{
	static const uint8_t content[MAX_SIZE + 1];
	const struct row *row = &rows[n];
	struct p1_envelope e;
	struct arena arena;
	struct buffer apdu;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&apdu, APDU_MAX);
	buffer_init(&seen[n].sent, APDU_MAX);
	compose(row, &arena, &e);
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, &seen[n].sent), 0);
	ck_assert_int_eq(transfer_prefix(row->kind, buffer_slice(&seen[n].sent),
			     row->content, TRANSFER_NO_EXTERNAL, &apdu),
	    0);
	ck_assert_int_eq(buffer_append(&apdu, content, row->content), 0);
	ck_assert_msg(raw_send(call, buffer_slice(&apdu)) == 0, "%s: %s",
	    row->name, call->association.failure.text);
	buffer_fini(&apdu);
	arena_fini(&arena);
}

/* row_of - find the row with a local identifier */
static size_t
row_of(struct slice local)
{
	size_t n;

	for (n = 0; n < ROWS; n++)
		if (slice_equal_string(local, rows[n].name))
			break;
	ck_assert_uint_lt(n, ROWS);
	return n;
}

/* What comes of an APDU that was kept. */
struct taken {
	struct p1_envelope envelope;
	struct slice octets;
	struct buffer content;
};

static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct taken *taken = arg;

	taken->envelope = *envelope;
	taken->octets = octets;
	return 0;
}

static int
on_content(void *arg, struct slice piece)
{
	struct taken *taken = arg;

	return buffer_append(&taken->content, piece.data, piece.len);
}

/* check_relayed - the envelope is what was sent, but for the traces and for
 * whom this copy bears responsibility */
static void
check_relayed(struct taken *taken)
{
	struct p1_envelope *e = &taken->envelope, sent;
	size_t n = row_of(e->identifier.local);
	struct diag diag = {0};
	struct buffer again;
	struct arena arena;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&again, APDU_MAX);
	seen[n].relayed++;
	ck_assert_uint_eq(buffer_length(&taken->content), rows[n].content);
	ck_assert_int_eq(p1_decode(rows[n].kind, buffer_slice(&seen[n].sent),
			     &arena, &sent, &diag),
	    0);
	ck_assert_uint_eq(e->trace.count, sent.trace.count + 1);
	ck_assert_uint_eq(e->internal_trace.count, 1);
	e->trace.count--;
	e->internal_trace.count--;
	ck_assert_uint_eq(e->recipient_count, sent.recipient_count);
	for (size_t i = 0; i < e->recipient_count; i++) {
		/* Nobody gets what was reported on or goes another way. */
		if (i < RECIPIENTS &&
		    (rows[n].reports[i] != 0 || (rows[n].others >> i & 1) != 0))
			ck_assert_uint_eq(
			    e->recipients[i].indicators & P1_RESPONSIBILITY, 0);
		e->recipients[i].indicators &= ~P1_RESPONSIBILITY;
		e->recipients[i].indicators |=
		    sent.recipients[i].indicators & P1_RESPONSIBILITY;
	}
	ck_assert_int_eq(p1_encode(e, EXTENSION_IMPLICIT, &again), 0);
	ck_assert_msg(
	    slice_equal(buffer_slice(&again), buffer_slice(&seen[n].sent)),
	    "%s: other octets", rows[n].name);
	buffer_fini(&again);
	arena_fini(&arena);
}

/* note_report - note what a report says of each recipient */
static void
note_report(struct taken *taken)
{
	struct diag diag = {0};
	struct report report;
	struct arena arena;
	size_t n;

	arena_init(&arena, P1_ARENA_MAX);
	ck_assert_msg(report_decode(buffer_slice(&taken->content), &arena,
			  &report, &diag) == 0,
	    "%s", diag_text(&diag));
	n = row_of(report.subject.local);
	for (size_t i = 0; i < report.recipient_count; i++) {
		const struct report_recipient *r = &report.recipients[i];

		ck_assert_int_ge(r->number, 1);
		ck_assert_int_le(r->number, RECIPIENTS);
		ck_assert_int_eq(seen[n].reports[r->number - 1], 0);
		seen[n].reports[r->number - 1] =
		    r->delivered ? DR : 1 + r->diagnostic;
		if (!r->delivered)
			ck_assert_int_eq(r->reason, REASON_UNABLE_TO_TRANSFER);
	}
	arena_fini(&arena);
}

/* read_kept - read the n-th APDU that came out */
static void
read_kept(size_t n)
{
	struct transfer_reader reader;
	struct taken taken;
	const struct transfer_handler handler = {
	    .envelope = on_envelope, .content = on_content, .arg = &taken};
	char path[SUITE_PATH + 48];
	struct diag diag = {0};
	size_t length;
	char *octets;

	snprintf(path, sizeof(path), "%s/%zu", kept, n);
	octets = suite_read(path, &length);
	ck_assert_ptr_nonnull(octets);
	buffer_init(&taken.content, APDU_MAX);
	transfer_reader_init(&reader, &handler, APDU_MAX);
	ck_assert_msg(
	    transfer_push(&reader, slice_of(octets, length), &diag) == 0 &&
		transfer_finish(&reader, &diag) == 0,
	    "%s", diag_text(&diag));
	if (taken.envelope.kind == MTS_REPORT)
		note_report(&taken);
	else
		check_relayed(&taken);
	transfer_reader_fini(&reader);
	buffer_fini(&taken.content);
	free(octets);
}

/* make_postoffice - make the directories of a postoffice */
static void
make_postoffice(const char *directory)
{
	static const char *const inside[] = {"", "/P1", "/OUT", "/ATT", "/BAD"};
	char path[SUITE_PATH + 48];

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", directory, inside[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
		suite_give(path);
	}
}

/* begin - a suite between the test as a caller and a peer that keeps */
static pid_t
begin(void)
{
	char postoffice[SUITE_PATH + 16], sections[2048];
	uint16_t port;
	pid_t keeper;

	suite_begin("conformance");
	snprintf(kept, sizeof(kept), "%s/kept", suite_directory());
	snprintf(postoffice, sizeof(postoffice), "%s/po1", suite_directory());
	ck_assert_int_eq(mkdir(kept, 0700), 0);
	keeper = raw_keep(kept, &port);
	make_postoffice(postoffice);
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=ZZ\"}"
	    " schedule = \"never\" max-size = %u }\n"
	    "link \"keeper\" { remote-mta = \"KEEPER\""
	    " address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\", \"C=XX\"}"
	    " max-size = %u associations = 1 }\n"
	    "msmail \"po1\" { postoffice = \"%s\" network = \"ACME\""
	    " name = \"PO1\" address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"} "
	    "}\n",
	    (unsigned)MAX_TAKEN, port, (unsigned)MAX_SIZE, postoffice);
	suite_configure(&tested, "tested", "C=DE;A=VIAT;P=ACME", "", sections);
	suite_start(&tested);
	return keeper;
}

/* Every row comes out as it says, and nothing else does. */
START_TEST(every_row)
{
	struct raw_call call;
	pid_t keeper = begin();
	size_t files;

	raw_open(&call, tested.port);
	for (size_t n = 0; n < ROWS; n++)
		send_row(&call, n);
	raw_release(&call);
	suite_wait_empty(&tested, 30);
	files = suite_count_files(kept);
	for (size_t n = 0; n < files; n++)
		read_kept(n);
	for (size_t n = 0; n < ROWS; n++) {
		ck_assert_msg(seen[n].relayed == rows[n].relayed,
		    "%s: relayed %u times", rows[n].name, seen[n].relayed);
		for (size_t i = 0; i < RECIPIENTS; i++)
			ck_assert_msg(seen[n].reports[i] == rows[n].reports[i],
			    "%s: recipient %zu: reported %d", rows[n].name, i,
			    seen[n].reports[i]);
		buffer_fini(&seen[n].sent);
	}
	suite_stop(&tested);
	(void)suite_reap(keeper);
	suite_end();
}
END_TEST

/* What is no message at all, and what event says so. */
static const struct {
	const char *name;
	const char *octets;
	size_t len;
	const char *event, *reason;
} wrong[] = {
#define WRONG(name, octets, event, reason)                      \
	{                                                       \
		name, octets, sizeof(octets) - 1, event, reason \
	}
    WRONG("no APDU", "\x02\x01\x05", " 1192 ", "no APDU"),
    WRONG("unknown kind", "\xa7\x02\x31\x00", " 1192 ",
	"neither message, probe nor report"),
    WRONG("empty envelope", "\xa0\x04\x31\x00\x04\x00", " 1192 ", "missing"),
    WRONG("cut", "\xa0\x10\x31\x0e\x60\x02", " 1192 ", "ended"),
};

/* refused - send octets that are to be refused on the same association */
static void
refused(struct raw_call *call, const char *name, struct slice apdu)
{
	ck_assert_msg(
	    raw_send(call, apdu) == ERR_REFUSED, "%s was taken", name);
	ck_assert_int_eq(
	    call->association.exception, ASSOCIATION_EXCEPTION_NON_SPECIFIC);
}

/* logged - tell whether a line of the log has both texts */
static bool
logged(const char *event, const char *reason)
{
	char *output;
	int rc =
	    suite_shell(&output, "grep -F '%s' '%s/state/log' | grep -F '%s'",
		event, tested.directory, reason);

	free(output);
	return rc == 0;
}

/* make_large - make an APDU whose content is larger than what is taken */
static void
make_large(struct buffer *apdu)
{
	static const uint8_t content[MAX_TAKEN + 1];
	struct p1_envelope e;
	struct arena arena;
	struct buffer encoded;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&encoded, APDU_MAX);
	compose(&rows[0], &arena, &e);
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, &encoded), 0);
	ck_assert_int_eq(transfer_prefix(MTS_MESSAGE, buffer_slice(&encoded),
			     sizeof(content), TRANSFER_NO_EXTERNAL, apdu),
	    0);
	ck_assert_int_eq(buffer_append(apdu, content, sizeof(content)), 0);
	buffer_fini(&encoded);
	arena_fini(&arena);
}

/* What is wrong costs its own transfer; the event says what is wrong with it,
 * and of what is merely too large not that it could not be decoded. */
START_TEST(every_wrong_one)
{
	struct raw_call call;
	pid_t keeper = begin();
	struct buffer apdu;

	raw_open(&call, tested.port);
	buffer_init(&apdu, APDU_MAX);
	make_large(&apdu);
	refused(&call, "large", buffer_slice(&apdu));
	ck_assert(logged(" 20006 ", "content larger than the link"));
	ck_assert(!logged(" 1192 ", "max-size"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		refused(&call, wrong[i].name,
		    slice_of(wrong[i].octets, wrong[i].len));
		ck_assert_msg(logged(wrong[i].event, wrong[i].reason), "%s",
		    wrong[i].name);
	}
	send_row(&call, 0);
	raw_release(&call);
	suite_wait_empty(&tested, 30);
	ck_assert_uint_eq(suite_count_files(kept), 1);
	read_kept(0);
	ck_assert_uint_eq(seen[0].relayed, 1);
	buffer_fini(&seen[0].sent);
	buffer_fini(&apdu);
	suite_stop(&tested);
	(void)suite_reap(keeper);
	suite_end();
}
END_TEST

TEST_MAIN("system/conformance", TEST_LONG(every_row, 120);
	  TEST_LONG(every_wrong_one, 120))
