/* SPDX-License-Identifier: ISC */
/*
 * barred_test.c - what a link does not take: originators, priorities, many
 * recipients
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/intake.h"
#include "tests/unit/qmgr/remote.h"

#define PO1 "C=DE;A=VIAT;P=ACME;O=PO1;S=Doe"

static const char conf[] =
    "mta {\n"
    " name = \"MTA-TEST\"\n"
    " domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\"\n"
    "}\n"
    "link \"paris\" {\n"
    " remote-mta = \"MTA-PARIS\" remote-password = \"pw-paris\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=FR\"}\n"
    " least-priority = \"normal\" max-recipients = 3\n"
    " refuse-from = {\"C=IT;A=GARR;O=SPAM\"}\n"
    "}\n"
    "link \"rome\" {\n"
    " remote-mta = \"MTA-ROME\" remote-password = \"pw-rome\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=IT\"}\n"
    " max-recipients = 5\n"
    "}\n"
    "msmail \"po1\" {\n"
    " postoffice = \"/tmp\" network = \"ACME\" name = \"PO1\"\n"
    " address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n"
    " accept-from = {\"C=FR\", \"C=IT;A=GARR;O=GOOD\"}\n"
    "}\n"
    "list \"many\" { address = \"C=DE;A=VIAT;P=ACME;CN=Many\" members = {\n"
    " \"C=FR;A=A;S=A\", \"C=FR;A=A;S=B\", \"C=FR;A=A;S=C\", \"C=FR;A=A;S=D\",\n"
    " \"C=FR;A=A;S=E\", \"C=FR;A=A;S=F\", \"C=FR;A=A;S=G\" } }\n";

#define NORMAL "C=IT;A=GARR;O=X;S=Rossi"

/* A message that comes from "rome", for so many of one address. */
static const struct row {
	const char *from;
	const char *to;
	size_t count;
	enum p1_priority priority;
	const char *link; /* it goes to, or NULL: reported */
	int reason, diagnostic;
} rows[] = {
    {NORMAL, "C=FR;A=A;S=X", 1, P1_NORMAL, "paris", 0, 0},
    {NORMAL, "C=FR;A=A;S=X", 1, P1_URGENT, "paris", 0, 0},
    {NORMAL, "C=FR;A=A;S=X", 1, P1_NON_URGENT, NULL, REASON_UNABLE_TO_TRANSFER,
	DIAGNOSTIC_MTS_CONGESTION},
    {NORMAL, "C=FR;A=A;S=X", 3, P1_NORMAL, "paris", 0, 0},
    {NORMAL, "C=FR;A=A;S=X", 4, P1_NORMAL, NULL, REASON_UNABLE_TO_TRANSFER,
	DIAGNOSTIC_TOO_MANY_RECIPIENTS},
    {"C=IT;A=GARR;O=SPAM;S=Rossi", "C=FR;A=A;S=X", 1, P1_NORMAL, NULL,
	REASON_RESTRICTED_DELIVERY, DIAGNOSTIC_NO_BILATERAL_AGREEMENT},
    {"C=IT;A=GARR;O=GOOD;S=Rossi", PO1, 5, P1_NON_URGENT, "msmail/po1", 0, 0},
    {"C=IT;A=GARR;O=GOOD;S=Rossi", PO1, 6, P1_NORMAL, NULL,
	REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_TOO_MANY_RECIPIENTS},
    {NORMAL, PO1, 1, P1_NORMAL, NULL, REASON_RESTRICTED_DELIVERY,
	DIAGNOSTIC_NO_BILATERAL_AGREEMENT},
};

/* octets_of - make the message of a row */
static struct slice
octets_of(struct harness *h, const struct row *row)
{
	const char *to[8];
	struct p1_envelope e;

	for (size_t i = 0; i < row->count; i++)
		to[i] = row->to;
	harness_envelope(h, &e, row->count, to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	e.originator = harness_name(h, row->from);
	e.priority = row->priority;
	return harness_octets(h, &e);
}

/* check_row - check the first record that a row has become */
static void
check_row(struct harness *h, const struct row *row, const struct submit *submit)
{
	const struct placed *placed = &submit->placing.items[0];
	struct report report;
	struct slice copy;

	ck_assert_uint_eq(submit->placing.count, 1);
	if (row->link != NULL) {
		ck_assert_int_eq(placed->message.kind, MTS_MESSAGE);
		ck_assert_str_eq(
		    link_get(&h->qmgr.links, placed->message.link)->name,
		    row->link);
		return;
	}
	ck_assert_msg(
	    placed->message.kind == MTS_REPORT, "%s to %s", row->from, row->to);
	ck_assert_int_eq(
	    arena_slice(&h->arena,
		slice_of(submit->placing.octets.data + placed->content.at,
		    placed->content.len),
		&copy),
	    0);
	ck_assert_int_eq(report_decode(copy, &h->arena, &report, NULL), 0);
	ck_assert_uint_eq(report.recipient_count, row->count);
	ck_assert_int_eq(report.recipients[0].reason, row->reason);
	ck_assert_int_eq(report.recipients[0].diagnostic, row->diagnostic);
}

/* Each row; who was barred stands in the log. */
START_TEST(barred)
{
	struct harness h;

	harness_init_conf(&h, conf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct submit submit = {.kind = MTS_MESSAGE,
		    .origin = IPC_TRANSFER,
		    .from_link = harness_link(&h, "rome")->number,
		    .content_length = 5,
		    .arrival = 1795953600000};
		struct slice octets = octets_of(&h, &rows[i]);

		placing_init(&submit.placing);
		buffer_init(&submit.envelope, 1 << 20);
		buffer_init(&submit.content, 1 << 20);
		ck_assert_int_eq(
		    buffer_append(&submit.envelope, octets.data, octets.len),
		    0);
		ck_assert_int_eq(buffer_append(&submit.content, "12345", 5), 0);
		admit(&h.qmgr, &submit);
		ck_assert_msg(
		    submit.decided == IPC_SUBMIT_ACCEPTED, "%s", submit.text);
		check_row(&h, &rows[i], &submit);
		placing_committed(&h.qmgr, &submit.placing);
		placing_fini(&submit.placing);
		buffer_fini(&submit.envelope);
		buffer_fini(&submit.content);
	}
	ck_assert(harness_log_has(&h, "152 "));
	ck_assert(harness_log_has(&h, "link=msmail/po1"));
	harness_fini(&h);
}
END_TEST

/* Copies that a list sends on are divided as the link wants it. */
START_TEST(divided)
{
	struct harness h;
	struct remote tool;
	uint64_t id = 0;
	size_t copies = 0, members = 0;

	harness_init_conf(&h, conf);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&h, &tool, "C=DE;A=VIAT;P=ACME;CN=Many");
	for (int i = 0; i < 200; i++)
		harness_step(&h);
	while (store_message_next(h.qmgr.store, id, &id) == 0) {
		struct store_message m;
		struct p1_envelope e;

		ck_assert_int_eq(store_message_get(h.qmgr.store, id,
				     STORE_WHOLE, &h.arena, &m),
		    0);
		ck_assert_int_eq(
		    p1_decode(m.kind, m.envelope, &h.arena, &e, NULL), 0);
		ck_assert_uint_le(e.recipient_count, 3);
		copies++;
		members += e.recipient_count;
	}
	ck_assert_uint_eq(copies, 3);
	ck_assert_uint_eq(members, 7);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/barred", TEST(barred), TEST(divided))
