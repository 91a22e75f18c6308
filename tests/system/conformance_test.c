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
#include "tests/system/conformance_rows.h"
#include "tests/system/postoffice.h"
#include "tests/system/raw_peer.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define APDU_MAX (1024 * 1024)
#define SOURCE	 "C=XX;A=LOAD;S=Source"

static struct suite tested;
static char kept[SUITE_PATH + 16];

/* What was seen of a row. */
static struct {
	struct buffer sent; /* the envelope */
	unsigned relayed;
	int reports[RECIPIENTS];
} seen[CONFORMANCE_MAX];

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
compose(const struct conformance_row *row, struct arena *arena,
    struct p1_envelope *e)
{
	struct p1_recipient *to = arena_array(arena, RECIPIENTS, sizeof(*to));

	p1_init(e, row->kind);
	e->identifier.domain = (struct global_domain){
	    .country = slice_of_string("XX"), .admd = slice_of_string("LOAD")};
	e->identifier.local = slice_of_string(row->name);
	e->originator = name_of(SOURCE, arena);
	e->content_type.built_in = P1_CONTENT_P22;
	e->recipients = to;
	/* A report has a destination, and no recipients. */
	if (row->kind == MTS_REPORT)
		e->originator = name_of(row->to[0], arena);
	for (size_t i = 0;
	     i < RECIPIENTS && row->to[i] != NULL && row->kind != MTS_REPORT;
	     i++) {
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
	static const uint8_t content[MAX_TAKEN + 1];
	const struct conformance_row *row = &conformance_rows[n];
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
	ck_assert_int_eq(
	    buffer_append(&apdu, row->octets != NULL ? row->octets : content,
		row->content),
	    0);
	ck_assert_msg(raw_send(call, buffer_slice(&apdu)) == 0, "%s: %s",
	    row->name, call->association.failure.text);
	buffer_fini(&apdu);
	arena_fini(&arena);
}

/* is_row - tell whether a local identifier is that of a row */
static bool
is_row(struct slice local)
{
	for (size_t n = 0; n < conformance_count; n++)
		if (slice_equal_string(local, conformance_rows[n].name))
			return true;
	return false;
}

/* row_of - find the row with a local identifier */
static size_t
row_of(struct slice local)
{
	size_t n;

	for (n = 0; n < conformance_count; n++)
		if (slice_equal_string(local, conformance_rows[n].name))
			break;
	ck_assert_uint_lt(n, conformance_count);
	return n;
}

/* What comes of an APDU that was kept. */
struct taken {
	struct p1_envelope envelope;
	struct slice octets;
	struct buffer content;
};

/* on_envelope - note the envelope of an APDU that was kept */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct taken *taken = arg;

	taken->envelope = *envelope;
	taken->octets = octets;
	return 0;
}

/* on_content - gather the content of an APDU that was kept */
static int
on_content(void *arg, struct slice piece)
{
	struct taken *taken = arg;

	return buffer_append(&taken->content, piece.data, piece.len);
}

/* check_relayed - check that the envelope is as sent, but for the traces and
 * for whom this copy bears responsibility */
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
	ck_assert_uint_eq(
	    buffer_length(&taken->content), conformance_rows[n].content);
	if (conformance_rows[n].octets != NULL)
		ck_assert_mem_eq(buffer_slice(&taken->content).data,
		    conformance_rows[n].octets, conformance_rows[n].content);
	ck_assert_int_eq(p1_decode(conformance_rows[n].kind,
			     buffer_slice(&seen[n].sent), &arena, &sent, &diag),
	    0);
	ck_assert_uint_eq(e->trace.count, sent.trace.count + 1);
	ck_assert_uint_eq(e->internal_trace.count, 1);
	e->trace.count--;
	e->internal_trace.count--;
	ck_assert_uint_eq(e->recipient_count, sent.recipient_count);
	for (size_t i = 0; i < e->recipient_count; i++) {
		/* A recipient who was reported on, or is served another way,
		 * gets nothing here. */
		if (i < RECIPIENTS &&
		    (conformance_rows[n].reports[i] != 0 ||
			(conformance_rows[n].others >> i & 1) != 0))
			ck_assert_uint_eq(
			    e->recipients[i].indicators & P1_RESPONSIBILITY, 0);
		e->recipients[i].indicators &= ~P1_RESPONSIBILITY;
		e->recipients[i].indicators |=
		    sent.recipients[i].indicators & P1_RESPONSIBILITY;
	}
	ck_assert_int_eq(p1_encode(e, EXTENSION_IMPLICIT, &again), 0);
	ck_assert_msg(
	    slice_equal(buffer_slice(&again), buffer_slice(&seen[n].sent)),
	    "%s: other octets", conformance_rows[n].name);
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
	/* Ours has an identifier that no row has. */
	if (taken.envelope.kind == MTS_REPORT &&
	    !is_row(taken.envelope.identifier.local))
		note_report(&taken);
	else
		check_relayed(&taken);
	transfer_reader_fini(&reader);
	buffer_fini(&taken.content);
	free(octets);
}

/* begin - start a suite between the test as caller and a peer that keeps */
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
	postoffice_make(postoffice);
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

/* A line of the log that a worker has qmgr write, in its own time. */
struct line {
	const char *event, *reason;
};

/* is_logged - tell whether a line of the log has both texts */
static bool
is_logged(void *arg)
{
	const struct line *line = arg;
	char *output;
	int rc =
	    suite_shell(&output, "grep -F '%s' '%s/state/log' | grep -F '%s'",
		line->event, tested.directory, line->reason);

	free(output);
	return rc == 0;
}

/* logged - wait for a line of the log */
static void
logged(const char *event, const char *reason)
{
	struct line line = {event, reason};

	suite_wait(reason, 20, is_logged, &line);
}

/* Every row comes out as it says, and nothing else does. */
START_TEST(every_row)
{
	struct raw_call call;
	pid_t keeper = begin();
	size_t files;

	raw_open(&call, tested.port);
	for (size_t n = 0; n < conformance_count; n++)
		send_row(&call, n);
	raw_release(&call);
	suite_wait_empty(&tested, 30);
	logged(" 20250 ", "max=60000");
	files = suite_count_files(kept);
	for (size_t n = 0; n < files; n++)
		read_kept(n);
	for (size_t n = 0; n < conformance_count; n++) {
		ck_assert_msg(seen[n].relayed == conformance_rows[n].relayed,
		    "%s: relayed %u times", conformance_rows[n].name,
		    seen[n].relayed);
		for (size_t i = 0; i < RECIPIENTS; i++)
			ck_assert_msg(seen[n].reports[i] ==
				conformance_rows[n].reports[i],
			    "%s: recipient %zu: reported %d",
			    conformance_rows[n].name, i, seen[n].reports[i]);
		buffer_fini(&seen[n].sent);
	}
	suite_stop(&tested);
	(void)suite_reap(keeper);
	suite_end();
}
END_TEST

/* APDUs that are no messages, and the event that says so. */
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

/* A faulty transfer fails alone, and the event says what is wrong with it. */
START_TEST(every_wrong_one)
{
	struct raw_call call;
	pid_t keeper = begin();

	raw_open(&call, tested.port);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		refused(&call, wrong[i].name,
		    slice_of(wrong[i].octets, wrong[i].len));
		logged(wrong[i].event, wrong[i].reason);
	}
	send_row(&call, 0);
	raw_release(&call);
	suite_wait_empty(&tested, 30);
	ck_assert_uint_eq(suite_count_files(kept), 1);
	read_kept(0);
	ck_assert_uint_eq(seen[0].relayed, 1);
	buffer_fini(&seen[0].sent);
	suite_stop(&tested);
	(void)suite_reap(keeper);
	suite_end();
}
END_TEST

TEST_MAIN("system/conformance", TEST_LONG(every_row, 120);
	  TEST_LONG(every_wrong_one, 120))
