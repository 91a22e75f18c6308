/* SPDX-License-Identifier: ISC */
/*
 * redirect_test.c - who gets a message in the place of its recipient
 */
#include "mhs/dl_history.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/intake.h"
#include "tests/unit/qmgr/remote.h"

#define PO1 "C=DE;A=VIAT;P=ACME;O=PO1;"

static const char conf[] =
    "mta {\n"
    " name = \"MTA-TEST\"\n"
    " domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\"\n"
    " alternate-recipient = \"" PO1 "S=Alternate\"\n"
    "}\n"
    "link \"paris\" {\n"
    " remote-mta = \"MTA-PARIS\" remote-password = \"pw-paris\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=FR\"}\n"
    "}\n"
    "link \"rome\" {\n"
    " remote-mta = \"MTA-ROME\" remote-password = \"pw-rome\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=IT\"}\n"
    "}\n"
    "msmail \"po1\" {\n"
    " postoffice = \"/tmp\" network = \"ACME\" name = \"PO1\"\n"
    " address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n"
    " redirect = {\n"
    "  \"" PO1 "S=Away -> " PO1 "S=Deputy\",\n"
    "  \"" PO1 "S=First -> " PO1 "S=Away\",\n"
    "  \"" PO1 "S=Abroad -> C=FR;A=ATLAS;S=Dupont\",\n"
    "  \"" PO1 "S=Ring1 -> " PO1 "S=Ring2\",\n"
    "  \"" PO1 "S=Ring2 -> " PO1 "S=Ring1\",\n"
    "  \"" PO1 "S=Nowhere -> C=XX;A=X;S=X\"\n"
    " }\n"
    "}\n";

/* What a sender asks for. */
#define PROHIBITS 1 /* recipient reassignment */
#define ALLOWS	  2 /* an alternate recipient */
#define ALLOWED	  4 /* recipient reassignment, said expressly */

struct row {
	const char *to;
	unsigned asks;
	const char *requested; /* alternate, or NULL */
	const char *link;      /* it goes to, or NULL: reported */
	const char *name;      /* of the recipient then; or the intended one */
	int reasons[2];	       /* of its redirections; -1: none */
	int diagnostic;
};

static const struct row rows[] = {
    {PO1 "S=Doe", 0, NULL, "msmail/po1", "Doe", {-1, -1}, 0},
    /* By the recipient, once, twice, to another link. */
    {PO1 "S=Away", 0, NULL, "msmail/po1", "Deputy", {0, -1}, 0},
    {PO1 "S=First", 0, NULL, "msmail/po1", "Deputy", {0, 0}, 0},
    {PO1 "S=Abroad", 0, NULL, "paris", "Dupont", {0, -1}, 0},
    {"c=de;a=viat;p=acme;o=po1;s=AWAY", 0, NULL, "msmail/po1", "Deputy",
	{0, -1}, 0},
    {PO1 "S=Away", ALLOWED, NULL, "msmail/po1", "Deputy", {0, -1}, 0},
    /* Prohibited by the originator, in a circle. */
    {PO1 "S=Away", PROHIBITS, NULL, NULL, "Away", {-1, -1},
	DIAGNOSTIC_RECIPIENT_REASSIGNMENT_PROHIBITED},
    {PO1 "S=Doe", PROHIBITS, NULL, "msmail/po1", "Doe", {-1, -1}, 0},
    {PO1 "S=Ring1", 0, NULL, NULL, "Ring1", {0, -1},
	DIAGNOSTIC_REDIRECTION_LOOP_DETECTED},
    /* By the originator, where nobody serves the recipient. */
    {"C=XX;A=X;S=X", 0, "C=IT;A=GARR;S=Rossi", "rome", "Rossi", {1, -1}, 0},
    {PO1 "S=Doe", 0, "C=IT;A=GARR;S=Rossi", "msmail/po1", "Doe", {-1, -1}, 0},
    {"C=XX;A=X;S=X", PROHIBITS, "C=IT;A=GARR;S=Rossi", "rome", "Rossi", {1, -1},
	0},
    {PO1 "S=Nowhere", 0, "C=IT;A=GARR;S=Rossi", "rome", "Rossi", {0, 1}, 0},
    {"C=XX;A=X;S=X", 0, PO1 "S=Away", "msmail/po1", "Deputy", {1, 0}, 0},
    {"C=XX;A=X;S=X", 0, "C=YY;A=X;S=Y", NULL, "X", {1, -1},
	DIAGNOSTIC_UNRECOGNISED_OR_NAME},
    {"C=XX;A=X;S=X", 0, "C=XX;A=X;S=X", NULL, "X", {-1, -1},
	DIAGNOSTIC_UNRECOGNISED_OR_NAME},
    /* By the domain, for addresses of its own, where that is allowed. */
    {"C=DE;A=VIAT;P=ACME;O=PO9;S=Doe", ALLOWS, NULL, "msmail/po1", "Alternate",
	{2, -1}, 0},
    {"C=DE;A=VIAT;P=ACME;O=PO9;S=Doe", 0, NULL, NULL, "Doe", {-1, -1},
	DIAGNOSTIC_UNRECOGNISED_OR_NAME},
    {"C=XX;A=X;S=X", ALLOWS, NULL, NULL, "X", {-1, -1},
	DIAGNOSTIC_UNRECOGNISED_OR_NAME},
    {"C=DE;A=VIAT;P=ACME;O=PO9;S=Doe", ALLOWS, "C=DE;A=VIAT;P=ACME;O=PO8;S=Doe",
	"msmail/po1", "Alternate", {1, 2}, 0},
};

/* requested_value - make the value of originator-requested-alternate */
static struct slice
requested_value(struct harness *h, const char *text)
{
	struct or_name name = harness_name(h, text);
	struct ber_writer writer;
	struct buffer out;
	struct slice value;

	buffer_init(&out, 4096);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, &name);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(&h->arena, buffer_slice(&out), &value), 0);
	buffer_fini(&out);
	return value;
}

/* asked - make the message of a row, which comes from "rome" */
static struct slice
asked(struct harness *h, const struct row *row)
{
	static const uint8_t yes[] = {0x0a, 0x01, 0x01};
	static const uint8_t no[] = {0x0a, 0x01, 0x00};
	struct p1_envelope e;

	harness_envelope(h, &e, 1, &row->to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	e.originator = harness_name(h, TO_ROME);
	if ((row->asks & ALLOWS) != 0)
		e.indicators |= P1_ALTERNATE_RECIPIENT_ALLOWED;
	if ((row->asks & (PROHIBITS | ALLOWED)) != 0)
		ck_assert_int_eq(
		    extension_set(&e.extensions, &h->arena,
			EXTENSION_RECIPIENT_REASSIGNMENT_PROHIBITED,
			CRITICAL_FOR_DELIVERY,
			slice_of((row->asks & PROHIBITS) != 0 ? yes : no, 3)),
		    0);
	if (row->requested != NULL)
		ck_assert_int_eq(
		    extension_set(&e.recipients[0].extensions, &h->arena,
			EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT, 0,
			requested_value(h, row->requested)),
		    0);
	return harness_octets(h, &e);
}

/* admitted - admit the message of a row; it becomes one record */
static const struct placed *
admitted(struct harness *h, struct submit *submit, const struct row *row)
{
	struct slice octets = asked(h, row);

	*submit = (struct submit){.kind = MTS_MESSAGE,
	    .origin = IPC_TRANSFER,
	    .from_link = harness_link(h, "rome")->number,
	    .content_length = 5,
	    .arrival = 1795953600000};
	/* The message for Rome comes from Paris. */
	if (row->link != NULL && strcmp(row->link, "rome") == 0)
		submit->from_link = harness_link(h, "paris")->number;
	placing_init(&submit->placing);
	buffer_init(&submit->envelope, 1 << 20);
	buffer_init(&submit->content, 1 << 20);
	ck_assert_int_eq(
	    buffer_append(&submit->envelope, octets.data, octets.len), 0);
	ck_assert_int_eq(buffer_append(&submit->content, "12345", 5), 0);
	admit(&h->qmgr, submit);
	ck_assert_msg(
	    submit->decided == IPC_SUBMIT_ACCEPTED, "%s", submit->text);
	ck_assert_uint_eq(submit->placing.count, 1);
	return &submit->placing.items[0];
}

/* part_of - copy a part of the placing */
static struct slice
part_of(struct harness *h, const struct submit *submit, struct placed_part part)
{
	struct slice copy;

	ck_assert_int_eq(
	    arena_slice(&h->arena,
		slice_of(submit->placing.octets.data + part.at, part.len),
		&copy),
	    0);
	return copy;
}

/* check_history - check reasons and first name of a redirection-history */
static void
check_history(struct harness *h, const struct row *row,
    const struct extension_list *extensions)
{
	const struct extension *history =
	    extension_find(extensions, EXTENSION_REDIRECTION_HISTORY);
	struct ber_reader reader, items, inner;
	struct ber_element el;
	struct or_name name, meant = harness_name(h, row->to);
	struct diag diag = {0};
	int64_t reason;

	if (row->reasons[0] < 0) {
		ck_assert_msg(history == NULL, "%s", row->to);
		return;
	}
	ck_assert_msg(history != NULL, "%s", row->to);
	ber_reader_init(&reader, history->value, &diag);
	ck_assert_int_gt(ber_next(&reader, &el), 0);
	ck_assert_int_eq(ber_enter(&reader, &el, &items), 0);
	for (int i = 0; i < 2 && row->reasons[i] >= 0; i++) {
		ck_assert_msg(ber_next(&items, &el) > 0, "%s", row->to);
		ck_assert_int_eq(ber_enter(&items, &el, &inner), 0);
		ck_assert_int_gt(ber_next(&inner, &el), 0);
		ck_assert_int_gt(ber_next(&inner, &el), 0);
		ck_assert_int_eq(
		    ber_get_integer(&inner, &el, "reason", 0, 9, &reason), 0);
		ck_assert_msg(reason == row->reasons[i], "%s", row->to);
		ck_assert_int_eq(ber_next(&inner, &el), 0);
	}
	ck_assert_msg(ber_next(&items, &el) == 0, "%s", row->to);
	ck_assert_int_eq(redirection_intended(extensions, &h->arena, &name), 0);
	ck_assert_int_eq(or_address_compare(&name.address, &meant.address), 0);
}

/* check_passed - check a message that goes on */
static void
check_passed(struct harness *h, const struct submit *submit,
    const struct row *row, const struct placed *placed)
{
	struct p1_envelope e;
	const struct trace_element *last;
	struct diag diag = {0};
	uint32_t noted = row->reasons[0] < 0 ? 0 : TRACE_REDIRECTED;

	ck_assert_msg(placed->message.kind == MTS_MESSAGE, "%s", row->to);
	ck_assert_str_eq(
	    link_get(&h->qmgr.links, placed->message.link)->name, row->link);
	ck_assert_msg(
	    p1_decode(MTS_MESSAGE, part_of(h, submit, placed->envelope),
		&h->arena, &e, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_uint_eq(e.recipient_count, 1);
	ck_assert_msg(
	    slice_equal_string(
		e.recipients[0].name.address.attribute[OR_SURNAME], row->name),
	    "%s", row->to);
	check_history(h, row, &e.recipients[0].extensions);
	last = &e.trace.elements[e.trace.count - 1];
	ck_assert_uint_eq(last->other_actions, noted);
	last = &e.internal_trace.elements[e.internal_trace.count - 1];
	ck_assert_uint_eq(last->other_actions, noted);
	ck_assert_uint_eq(e.trace.elements[0].other_actions, 0);
}

/* check_reported - check the report on a message that does not */
static void
check_reported(struct harness *h, const struct submit *submit,
    const struct row *row, const struct placed *placed)
{
	struct report report;
	struct diag diag = {0};
	const struct or_name *meant;

	ck_assert_msg(placed->message.kind == MTS_REPORT, "%s", row->to);
	ck_assert_msg(report_decode(part_of(h, submit, placed->content),
			  &h->arena, &report, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(
	    report.recipients[0].reason, REASON_UNABLE_TO_TRANSFER);
	ck_assert_msg(report.recipients[0].diagnostic == row->diagnostic,
	    "%s: %d", row->to, report.recipients[0].diagnostic);
	ck_assert_int_eq(
	    report.recipients[0].has_intended, row->reasons[0] >= 0);
	meant = report.recipients[0].has_intended
	    ? &report.recipients[0].intended
	    : &report.recipients[0].actual;
	ck_assert_msg(
	    slice_equal_string(meant->address.attribute[OR_SURNAME], row->name),
	    "%s", row->to);
}

/* Each row. */
START_TEST(redirected)
{
	struct harness h;
	struct submit submit;

	harness_init_conf(&h, conf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct placed *placed = admitted(&h, &submit, &rows[i]);

		if (rows[i].link != NULL)
			check_passed(&h, &submit, &rows[i], placed);
		else
			check_reported(&h, &submit, &rows[i], placed);
		placing_fini(&submit.placing);
		buffer_fini(&submit.envelope);
		buffer_fini(&submit.content);
	}
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/redirect", TEST(redirected))
