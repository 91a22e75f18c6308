/* SPDX-License-Identifier: ISC */
/*
 * standard_test.c - what X.411 has an MTA decide: envelopes in as octets, and
 * what becomes of them
 */
#include <string.h>

#include "mhs/downgrade.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/strip.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/intake.h"
#include "tests/unit/qmgr/remote.h"
#include "tests/unit/qmgr/standard_octets.h"

/* A transfer of the link "rome", and the first record that it becomes. */
struct trial {
	struct harness h;
	struct submit submit;
	const char *link; /* of the record */
	enum mts_kind kind;
	struct p1_envelope envelope;
	struct report report;
	/* what the worker says that it left out */
	uint64_t left_out, elements_left_out;
	enum submit_length length;
};

/* part_of - copy a part of the placing */
static struct slice
part_of(struct trial *t, struct placed_part part)
{
	struct slice copy;

	ck_assert_int_eq(
	    arena_slice(&t->h.arena,
		slice_of(t->submit.placing.octets.data + part.at, part.len),
		&copy),
	    0);
	return copy;
}

/* A stored envelope, and where it is read to. */
struct stored {
	struct slice octets;
	struct buffer *out;
};

/* read_placed - append a range of a stored envelope to a buffer */
static int
read_placed(void *arg, size_t offset, size_t len)
{
	const struct stored *stored = arg;

	return buffer_append(stored->out, stored->octets.data + offset, len);
}

/* sent_of - copy the envelope of a record as it is sent */
static struct slice
sent_of(struct trial *t, const struct placed *placed)
{
	struct strip_plan plan;
	struct buffer out;
	struct stored stored = {part_of(t, placed->envelope), &out};
	struct slice copy;

	buffer_init(&out, 1 << 20);
	ck_assert_int_eq(strip_plan(placed->message.kind, stored.octets,
			     placed->message.strip, &plan),
	    0);
	ck_assert_int_eq(strip_read(&plan, 0, (size_t)plan.length, &out,
			     read_placed, &stored),
	    0);
	ck_assert_int_eq(
	    arena_slice(&t->h.arena, buffer_slice(&out), &copy), 0);
	buffer_fini(&out);
	return copy;
}

/* trial_begin - make a queue manager in which "paris" takes 50 KB */
static void
trial_begin(struct trial *t)
{
	*t = (struct trial){.link = NULL};
	harness_init(&t->h);
	harness_link(&t->h, "paris")->policy.max_size = 51200;
}

/* trial_end - end it */
static void
trial_end(struct trial *t)
{
	placing_fini(&t->submit.placing);
	buffer_fini(&t->submit.envelope);
	buffer_fini(&t->submit.content);
	harness_fini(&t->h);
}

/* transfer - have an envelope admitted; t says what became of it */
static void
transfer(struct trial *t, enum mts_kind kind, struct slice octets)
{
	const struct placed *placed;
	struct diag diag = {0};

	t->submit = (struct submit){.kind = kind,
	    .origin = IPC_TRANSFER,
	    .from_link = harness_link(&t->h, "rome")->number,
	    .content_length = 5,
	    .left_out = t->left_out,
	    .elements_left_out = t->elements_left_out,
	    .length = t->length,
	    .arrival = 1795953600000};
	placing_init(&t->submit.placing);
	buffer_init(&t->submit.envelope, 1 << 20);
	buffer_init(&t->submit.content, 1 << 20);
	ck_assert_int_eq(
	    buffer_append(&t->submit.envelope, octets.data, octets.len), 0);
	ck_assert_int_eq(buffer_append(&t->submit.content, "12345", 5), 0);
	admit(&t->h.qmgr, &t->submit);
	ck_assert_msg(
	    t->submit.decided == IPC_SUBMIT_ACCEPTED, "%s", t->submit.text);
	ck_assert_uint_ge(t->submit.placing.count, 1);
	placed = &t->submit.placing.items[0];
	t->link = link_get(&t->h.qmgr.links, placed->message.link)->name;
	t->kind = placed->message.kind;
	ck_assert_msg(p1_decode(t->kind, sent_of(t, placed), &t->h.arena,
			  &t->envelope, &diag) == 0,
	    "%s", diag_text(&diag));
	if (t->kind == MTS_REPORT)
		ck_assert_msg(report_decode(part_of(t, placed->content),
				  &t->h.arena, &t->report, &diag) == 0,
		    "%s", diag_text(&diag));
}

#define ROW(kind, octets) kind, octets, sizeof(octets)

/* Messages that go on their way (to), or are reported with reason and
 * diagnostic. */
static const struct {
	const char *name;
	enum mts_kind kind;
	const uint8_t *octets;
	size_t len;
	const char *to; /* NULL: reported */
	int reason, diagnostic;
} rows[] = {
    /* X.411 14.3: seen again with a reason is no loop. */
    {"return through a list", ROW(MTS_MESSAGE, return_through_list),
	"msmail/po1", 0, 0},
    {"return through a redirection",
	ROW(MTS_MESSAGE, return_through_redirection), "msmail/po1", 0, 0},
    {"a loop", ROW(MTS_MESSAGE, true_loop), NULL, REASON_UNABLE_TO_TRANSFER,
	DIAGNOSTIC_LOOP_DETECTED},
    /* X.411 9.1: whoever delivers minds what is critical for delivery. */
    {"security label for a mailbox",
	ROW(MTS_MESSAGE, critical_for_delivery_recipient), NULL,
	REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION},
    {"unknown extension, critical for delivery",
	ROW(MTS_MESSAGE, critical_for_delivery_unknown), NULL,
	REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION},
    /* A probe asks about a message of its content-length. */
    {"probe of 10 MB", ROW(MTS_PROBE, probe_10_mb), NULL,
	REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_CONTENT_TOO_LONG},
};

/* Each row, in a queue manager of its own. */
START_TEST(decided)
{
	struct trial t;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		trial_begin(&t);
		transfer(
		    &t, rows[i].kind, slice_of(rows[i].octets, rows[i].len));
		if (rows[i].to != NULL) {
			ck_assert_msg(t.kind == rows[i].kind &&
				strcmp(t.link, rows[i].to) == 0,
			    "%s: %d to %s", rows[i].name, t.kind, t.link);
		} else {
			ck_assert_msg(t.kind == MTS_REPORT &&
				t.report.recipients[0].reason ==
				    rows[i].reason &&
				t.report.recipients[0].diagnostic ==
				    rows[i].diagnostic,
			    "%s: %d to %s", rows[i].name, t.kind, t.link);
		}
		ck_assert_uint_eq(harness_link(&t.h, "rome")->counters.loops,
		    rows[i].diagnostic == DIAGNOSTIC_LOOP_DETECTED);
		trial_end(&t);
	}
}
END_TEST

/* asking - make a message to this address that asks for a conversion, or for an
 * extension with some criticality */
static struct slice
asking(struct trial *t, const char *to, int conversion, int extension,
    uint32_t criticality)
{
	static const uint8_t value[] = {0x02, 0x01, 0x01};
	struct p1_envelope e;

	harness_envelope(&t->h, &e, 1, &to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	e.originator = harness_name(&t->h, TO_ROME);
	e.recipients[0].explicit_conversion = conversion;
	if (extension != 0)
		ck_assert_int_eq(
		    extension_set(&e.extensions, &t->h.arena, extension,
			criticality, slice_of(value, sizeof(value))),
		    0);
	return harness_octets(&t->h, &e);
}

#define TO_MAILBOX "C=DE;A=VIAT;P=ACME;O=PO1;S=a"

/* Requests that concern delivery: passed on to peers, refused for mailboxes. */
static const struct {
	const char *to;
	int conversion, extension;
	uint32_t criticality;
	int reason, diagnostic; /* reason -1: it goes on its way */
} asked[] = {
    {TO_MAILBOX, 5, 0, 0, REASON_CONVERSION_NOT_PERFORMED,
	DIAGNOSTIC_CONVERSION_IMPRACTICAL},
    {TO_PARIS, 5, 0, 0, -1, 0},
    {TO_MAILBOX, -1, 16, CRITICAL_FOR_DELIVERY, 1, 18},
    {TO_MAILBOX, -1, 17, CRITICAL_FOR_DELIVERY, 1, 18},
    {TO_MAILBOX, -1, 20, CRITICAL_FOR_DELIVERY, 1, 18},
    {TO_MAILBOX, -1, 22, CRITICAL_FOR_DELIVERY, 1, 18},
    {TO_MAILBOX, -1, 6, CRITICAL_FOR_DELIVERY, 1, 18},
    {TO_MAILBOX, -1, 99, CRITICAL_FOR_DELIVERY, 1, 18},
    {TO_MAILBOX, -1, 99, CRITICAL_FOR_SUBMISSION, -1, 0},
    {TO_MAILBOX, -1, 20, 0, -1, 0},
    {TO_MAILBOX, -1, 1, CRITICAL_FOR_DELIVERY, -1, 0},
    {TO_MAILBOX, -1, 3, CRITICAL_FOR_DELIVERY, -1, 0},
    {TO_PARIS, -1, 99, CRITICAL_FOR_DELIVERY, -1, 0},
    {TO_PARIS, -1, 99, CRITICAL_FOR_TRANSFER, 1, 18},
};

/* Each of them. */
START_TEST(asked_on_delivery)
{
	struct trial t;

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		trial_begin(&t);
		transfer(&t, MTS_MESSAGE,
		    asking(&t, asked[i].to, asked[i].conversion,
			asked[i].extension, asked[i].criticality));
		if (asked[i].reason < 0)
			ck_assert_msg(t.kind == MTS_MESSAGE, "row %zu", i);
		else
			ck_assert_msg(t.kind == MTS_REPORT &&
				t.report.recipients[0].reason ==
				    asked[i].reason &&
				t.report.recipients[0].diagnostic ==
				    asked[i].diagnostic,
			    "row %zu", i);
		ck_assert_uint_eq(
		    harness_link(&t.h, "msmail/po1")->counters.unconverted,
		    asked[i].reason == REASON_CONVERSION_NOT_PERFORMED);
		trial_end(&t);
	}
}
END_TEST

/* Towards a peer of 1984 nothing that is critical is left out. */
static const struct {
	const char *to;
	int extension;
	uint32_t criticality;
	int diagnostic; /* -1: it goes on its way */
} to_1984[] = {
    {TO_PARIS, 0, 0, -1},
    {TO_PARIS, 99, 0, -1},
    {TO_PARIS, 99, CRITICAL_FOR_DELIVERY, DIAGNOSTIC_UNABLE_TO_DOWNGRADE},
    {TO_PARIS, EXTENSION_DL_EXPANSION_HISTORY, CRITICAL_FOR_DELIVERY, -1},
    {TO_PARIS ";CN=Postmaster;PD-PC=75001", 0, 0, -1},
};

START_TEST(told_to_1984)
{
	struct trial t;

	for (size_t i = 0; i < sizeof(to_1984) / sizeof(to_1984[0]); i++) {
		trial_begin(&t);
		harness_link(&t.h, "paris")->policy.of_1984 = true;
		transfer(&t, MTS_MESSAGE,
		    asking(&t, to_1984[i].to, -1, to_1984[i].extension,
			to_1984[i].criticality));
		if (to_1984[i].diagnostic < 0)
			ck_assert_msg(t.kind == MTS_MESSAGE, "row %zu", i);
		else
			ck_assert_msg(t.kind == MTS_REPORT &&
				t.report.recipients[0].reason ==
				    REASON_UNABLE_TO_TRANSFER &&
				t.report.recipients[0].diagnostic ==
				    to_1984[i].diagnostic,
			    "row %zu", i);
		trial_end(&t);
	}
}
END_TEST

/* A list sends a message back to us, over a peer of 1984: the note that it did
 * so is lost on the way, and so the sixth visit is the loop.  The address of a
 * recipient comes as 1984 has it. */
START_TEST(list_over_1984)
{
	static uint8_t octets[65536];
	struct slice next;
	struct trial t;

	for (int visit = 1; visit <= 6; visit++) {
		struct buffer out;

		trial_begin(&t);
		harness_link(&t.h, "rome")->policy.of_1984 = true;
		if (visit == 1)
			next =
			    asking(&t, TO_PARIS ";DDA:Common=List", -1, 0, 0);
		transfer(&t, MTS_MESSAGE, next);
		if (visit == 6) {
			ck_assert_int_eq(t.kind, MTS_REPORT);
			ck_assert_int_eq(t.report.recipients[0].diagnostic,
			    DIAGNOSTIC_LOOP_DETECTED);
			trial_end(&t);
			break;
		}
		ck_assert_msg(t.kind == MTS_MESSAGE, "visit %d", visit);
		ck_assert(slice_equal_string(
		    t.envelope.recipients[0]
			.name.address.attribute[OR_COMMON_NAME],
		    "List"));
		/* The list's domain notes what it does, and sends it back. */
		t.h.qmgr.domain.prmd = slice_of_string("LISTS");
		ck_assert_int_eq(p1_stamp(&t.envelope, &t.h.arena,
				     &t.h.qmgr.domain, slice_of_string("LIST"),
				     1795953600 + visit, TRACE_RELAYED),
		    0);
		ck_assert_int_eq(
		    p1_trace_mark(&t.envelope, &t.h.arena, TRACE_DL_OPERATION),
		    0);
		ck_assert_int_eq(downgrade_envelope(
				     &t.envelope, &t.h.qmgr.domain, &t.h.arena),
		    0);
		t.envelope.recipients[0].indicators |= P1_RESPONSIBILITY;
		buffer_init(&out, sizeof(octets));
		ck_assert_int_eq(
		    p1_encode(&t.envelope, EXTENSION_IMPLICIT, &out), 0);
		memcpy(octets, buffer_slice(&out).data, buffer_length(&out));
		next = slice_of(octets, buffer_length(&out));
		buffer_fini(&out);
		trial_end(&t);
	}
}
END_TEST

/* A report on what a list sent on goes to the list, with who wrote to it
 * (X.411 12.2.1.3.1.2). */
START_TEST(report_to_list)
{
	struct trial t;
	const struct extension *history;
	static const uint8_t octets[] = {0x30, 0x60, 0x30, 0x2f, 0x60, 0x1e,
	    0x30, 0x1c, 0x61, 0x04, 0x13, 0x02, 'I', 'T', 0x62, 0x03, 0x13,
	    0x01, ' ', 0xa2, 0x05, 0x13, 0x03, 'S', 'R', 'C', 0xa5, 0x08};

	trial_begin(&t);
	transfer(&t, MTS_MESSAGE,
	    slice_of(
		unknown_recipient_of_list, sizeof(unknown_recipient_of_list)));
	ck_assert_int_eq(t.kind, MTS_REPORT);
	ck_assert_str_eq(t.link, "rome");
	ck_assert_str_eq(or_address_format(&t.envelope.originator.address,
			     OR_STYLE_F401, &t.h.arena),
	    "S=List;P=SRC;A= ;C=IT");
	history = extension_find(&t.envelope.extensions,
	    EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY);
	ck_assert_ptr_nonnull(history);
	ck_assert_uint_ge(history->value.len, sizeof(octets));
	ck_assert_mem_eq(history->value.data, octets, sizeof(octets));
	/* The expansion stands behind it as it came. */
	ck_assert_mem_eq(history->value.data + history->value.len - 15,
	    "\x17\x0d"
	    "261129120000Z",
	    15);
	trial_end(&t);
}
END_TEST

/* A report on a redirected recipient names the one that was meant. */
START_TEST(report_of_redirected)
{
	struct trial t;
	const struct report_recipient *r;

	trial_begin(&t);
	transfer(&t, MTS_MESSAGE,
	    slice_of(unknown_redirected_recipient,
		sizeof(unknown_redirected_recipient)));
	ck_assert_int_eq(t.kind, MTS_REPORT);
	r = &t.report.recipients[0];
	ck_assert(r->has_intended);
	ck_assert_str_eq(
	    or_address_format(&r->intended.address, OR_STYLE_F401, &t.h.arena),
	    "S=Orig;A=ATLAS;C=FR");
	ck_assert_ptr_nonnull(
	    extension_find(&r->extensions, EXTENSION_REDIRECTION_HISTORY));
	trial_end(&t);
}
END_TEST

/* A probe is held against the limit of either link, a message passes both. */
START_TEST(probe_by_either_limit)
{
	static const struct {
		uint64_t from, to;
		bool passes;
	} limits[] = {{0, 0, true}, {51200, 0, false}, {0, 51200, false},
	    {20000000, 20000000, true}};
	struct trial t;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		trial_begin(&t);
		harness_link(&t.h, "rome")->policy.max_size = limits[i].from;
		harness_link(&t.h, "paris")->policy.max_size = limits[i].to;
		transfer(
		    &t, MTS_PROBE, slice_of(probe_10_mb, sizeof(probe_10_mb)));
		ck_assert_msg(
		    (t.kind == MTS_PROBE) == limits[i].passes, "row %zu", i);
		if (t.kind == MTS_REPORT)
			ck_assert_int_eq(t.report.recipients[0].diagnostic,
			    DIAGNOSTIC_CONTENT_TOO_LONG);
		trial_end(&t);
	}
}
END_TEST

/* The octets sent to a link, by its settings. */
static const struct {
	const char *remote_domain; /* NULL: unset */
	enum conf_strip internal, bilateral;
	bool has_internal, has_bilateral;
} stripped[] = {
    {NULL, CONF_STRIP_AUTO, CONF_STRIP_NO, true, true},
    {"C=FR;A=ATLAS", CONF_STRIP_AUTO, CONF_STRIP_NO, false, true},
    {"c=de;A=viat;P=acme", CONF_STRIP_AUTO, CONF_STRIP_NO, true, true},
    {"C=FR;A=ATLAS", CONF_STRIP_NO, CONF_STRIP_NO, true, true},
    {"C=DE;A=VIAT;P=ACME", CONF_STRIP_YES, CONF_STRIP_NO, false, true},
    {NULL, CONF_STRIP_AUTO, CONF_STRIP_YES, true, false},
};

/* with_bilateral - make a message to Paris that has been at an MTA of ours, for
 * which there is bilateral information */
static struct slice
with_bilateral(struct trial *t)
{
	static const uint8_t bilateral[] = {
	    0x30, 0x09, 0x61, 0x04, 0x13, 0x02, 'F', 'R', 0x02, 0x01, 0x07};
	const char *to = TO_PARIS;
	struct p1_envelope e;

	harness_envelope(&t->h, &e, 1, &to);
	e.bilateral = slice_of(bilateral, sizeof(bilateral));
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	ck_assert_int_eq(p1_internal_trace_append(&e, &t->h.arena,
			     &e.identifier.domain, slice_of_string("MTA-X"),
			     1000000, TRACE_RELAYED, slice_of(NULL, 0)),
	    0);
	return harness_octets(&t->h, &e);
}

/* has_octets - tell whether the first record's envelope holds these octets */
static bool
has_octets(struct trial *t, const void *octets, size_t len)
{
	struct slice all = sent_of(t, &t->submit.placing.items[0]);

	return memmem(all.data, all.len, octets, len) != NULL;
}

/* Both as octets too: extension 38, and the information of the domain. */
START_TEST(stripped_for_link)
{
	for (size_t i = 0; i < sizeof(stripped) / sizeof(stripped[0]); i++) {
		struct conf_link *conf;
		struct trial t;
		struct diag diag = {0};
		struct or_address domain;

		trial_begin(&t);
		conf = &t.h.qmgr.conf->links[0];
		ck_assert_str_eq(conf->name, "paris");
		conf->strip_internal_trace = stripped[i].internal;
		conf->strip_bilateral = stripped[i].bilateral;
		if (stripped[i].remote_domain != NULL) {
			ck_assert_int_eq(
			    or_address_parse(
				slice_of_string(stripped[i].remote_domain),
				&t.h.arena, &domain, &diag),
			    0);
			conf->remote_domain.address = &domain;
		}
		ck_assert_int_eq(link_table_configure(&t.h.qmgr), 0);
		transfer(&t, MTS_MESSAGE, with_bilateral(&t));
		ck_assert_str_eq(t.link, "paris");
		ck_assert_msg((t.envelope.internal_trace.count == 2) ==
			    stripped[i].has_internal &&
			(t.envelope.internal_trace.count == 0) !=
			    stripped[i].has_internal,
		    "row %zu", i);
		ck_assert_msg((t.envelope.bilateral.len == 11) ==
			stripped[i].has_bilateral,
		    "row %zu", i);
		ck_assert_uint_eq(t.envelope.trace.count, 2);
		ck_assert(has_octets(&t, "\x80\x01\x26", 3) ==
		    stripped[i].has_internal);
		ck_assert(
		    has_octets(&t, "MTA-TEST", 8) == stripped[i].has_internal);
		ck_assert(has_octets(&t, "\x13\x02\x46\x52\x02\x01\x07", 7) ==
		    stripped[i].has_bilateral);
		trial_end(&t);
	}
}
END_TEST

/* Messages that came without a part go to nobody, are reported on, and their
 * content is not returned: half of one is none. */
static const struct {
	uint64_t left_out, elements_left_out;
	enum submit_length length;
	int diagnostic;
	const char *text;
} cut[] = {
    {7, 0, SUBMIT_LENGTH_FITS, DIAGNOSTIC_TOO_MANY_RECIPIENTS,
	"7 are not named"},
    {0, 1, SUBMIT_LENGTH_FITS, DIAGNOSTIC_SIZE_CONSTRAINT_VIOLATION,
	"larger elements"},
    {0, 0, SUBMIT_LENGTH_OVER_LINK, DIAGNOSTIC_CONTENT_TOO_LONG,
	"larger than the link takes that it came by"},
    {0, 0, SUBMIT_LENGTH_OVER_QUEUE, DIAGNOSTIC_CONTENT_TOO_LONG,
	"larger than the queue can take"},
};

START_TEST(cut_is_reported)
{
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		struct trial t;
		struct slice text;

		trial_begin(&t);
		t.left_out = cut[i].left_out;
		t.elements_left_out = cut[i].elements_left_out;
		t.length = cut[i].length;
		transfer(&t, MTS_MESSAGE, with_bilateral(&t));
		ck_assert_int_eq(t.kind, MTS_REPORT);
		ck_assert_uint_eq(t.submit.placing.count, 1);
		ck_assert_int_eq(
		    t.report.recipients[0].reason, REASON_UNABLE_TO_TRANSFER);
		ck_assert_int_eq(
		    t.report.recipients[0].diagnostic, cut[i].diagnostic);
		text = t.report.recipients[0].supplementary;
		ck_assert_ptr_nonnull(memmem(
		    text.data, text.len, cut[i].text, strlen(cut[i].text)));
		if (cut[i].length != SUBMIT_LENGTH_FITS)
			ck_assert(!t.report.has_content);
		trial_end(&t);
	}
}
END_TEST

TEST_MAIN("qmgr/standard", TEST(decided), TEST(asked_on_delivery),
    TEST(told_to_1984), TEST(list_over_1984), TEST(report_to_list),
    TEST(probe_by_either_limit), TEST(report_of_redirected),
    TEST(stripped_for_link), TEST(cut_is_reported))
