/* SPDX-License-Identifier: ISC */
/*
 * alternate_test.c - who gets what a peer or worker could not deliver
 */
#include <stdlib.h>

#include "base/fault.h"
#include "mhs/dl_history.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/dispatch_job.h"
#include "tests/unit/qmgr/remote.h"

#define PO1    "C=DE;A=VIAT;P=ACME;O=PO1;"
#define OURS   "C=DE;A=VIAT;P=ACME;O=PARIS;S=Doe"
#define NOBODY "C=XX;A=X;S=X"

/* Paris serves a country and a part of our domain. */
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
    " address = {\"127.0.0.1:1\"} transfer-retries = 0\n"
    " address-space = {\"C=FR\", \"C=DE;A=VIAT;P=ACME;O=PARIS\"}\n"
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
    "  \"" PO1 "S=Abroad -> " TO_PARIS "\"\n"
    " }\n"
    "}\n";

/* What a sender asks for. */
#define PROHIBITS 1 /* recipient reassignment */
#define ALLOWS	  2 /* an alternate recipient */
#define PROBE	  4

#define REPORT "msmail/po1 report"

/* A message that Paris gets and refuses for a cause, and what it becomes. */
static const struct row {
	const char *to;
	unsigned asks;
	const char *requested; /* alternate, or NULL */
	int reason, diagnostic;
	const char *record; /* link and surname, or REPORT */
	int reported;	    /* diagnostic, where that is REPORT */
} rows[] = {
    /* Causes. */
    {TO_PARIS, 0, NULL, 1, 0, REPORT, 0},
    {TO_PARIS, 0, TO_ROME, 1, 0, "rome Rossi", 0},
    {TO_PARIS, 0, TO_ROME, 0, 0, "rome Rossi", 0},
    {TO_PARIS, 0, TO_ROME, 1, 1, "rome Rossi", 0},
    {TO_PARIS, 0, TO_ROME, 1, 4, "rome Rossi", 0},
    {TO_PARIS, 0, TO_ROME, 1, 48, "rome Rossi", 0},
    {TO_PARIS, 0, TO_ROME, 0, 49, "rome Rossi", 0},
    {TO_PARIS, 0, TO_ROME, 0, -1, "rome Rossi", 0},
    {TO_PARIS, 0, TO_ROME, 1, -1, REPORT, -1},
    {TO_PARIS, 0, TO_ROME, 1, 3, REPORT, 3},
    {TO_PARIS, 0, TO_ROME, 1, 5, REPORT, 5},
    {TO_PARIS, 0, TO_ROME, 1, 7, REPORT, 7},
    {TO_PARIS, 0, TO_ROME, 2, 8, REPORT, 8},
    {TO_PARIS, 0, TO_ROME, 2, 0, REPORT, 0},
    {TO_PARIS, 0, TO_ROME, 1, 12, REPORT, 12},
    {TO_PARIS, 0, TO_ROME, 1, 13, REPORT, 13},
    {TO_PARIS, 0, TO_ROME, 1, 14, REPORT, 14},
    {TO_PARIS, 0, TO_ROME, 1, 18, REPORT, 18},
    {TO_PARIS, 0, TO_ROME, 5, 17, REPORT, 17},
    {TO_PARIS, 0, TO_ROME, 1, 47, REPORT, 47},
    {TO_PARIS, 0, TO_ROME, 8, 46, REPORT, 46},
    {TO_PARIS, PROBE, TO_ROME, 1, 0, REPORT, 0},
    /* An alternate that is redirected, where that is prohibited too. */
    {TO_PARIS, PROHIBITS, TO_ROME, 1, 0, "rome Rossi", 0},
    {TO_PARIS, 0, PO1 "S=Away", 1, 0, "msmail/po1 Deputy", 0},
    {TO_PARIS, PROHIBITS, PO1 "S=Away", 1, 0, REPORT, 26},
    /* By the domain, for addresses of its own, where that is allowed. */
    {OURS, ALLOWS, NULL, 1, 0, "msmail/po1 Alternate", 0},
    {OURS, ALLOWS, NULL, 1, 7, REPORT, 7},
    {OURS, 0, NULL, 1, 0, REPORT, 0},
    {TO_PARIS, ALLOWS, NULL, 1, 0, REPORT, 0},
    {OURS, ALLOWS, TO_ROME, 1, 0, "rome Rossi", 0},
    /* Nobody serves the alternate, or it was tried. */
    {TO_PARIS, 0, NOBODY, 1, 4, REPORT, 0},
    {TO_PARIS, 0, TO_PARIS, 1, 4, REPORT, 4},
    {OURS, ALLOWS, OURS, 1, 4, "msmail/po1 Alternate", 0},
    {PO1 "S=Abroad", 0, PO1 "S=Abroad", 1, 4, REPORT, 4},
    {PO1 "S=Abroad", 0, TO_ROME, 1, 4, "rome Rossi", 0},
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

/* asked - make a message to these recipients, as a row asks for it */
static struct slice
asked(struct harness *h, const struct row *row, size_t count,
    const char *const *to)
{
	static const uint8_t yes[] = {0x0a, 0x01, 0x01};
	struct p1_envelope e;

	harness_envelope(h, &e, count, to);
	if ((row->asks & PROBE) != 0)
		e.kind = MTS_PROBE;
	if ((row->asks & ALLOWS) != 0)
		e.indicators |= P1_ALTERNATE_RECIPIENT_ALLOWED;
	if ((row->asks & PROHIBITS) != 0)
		ck_assert_int_eq(
		    extension_set(&e.extensions, &h->arena,
			EXTENSION_RECIPIENT_REASSIGNMENT_PROHIBITED,
			CRITICAL_FOR_DELIVERY, slice_of(yes, sizeof(yes))),
		    0);
	if (row->requested != NULL)
		ck_assert_int_eq(
		    extension_set(&e.recipients[count - 1].extensions,
			&h->arena,
			EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT, 0,
			requested_value(h, row->requested)),
		    0);
	return harness_octets(h, &e);
}

/* submit - submit the message of a row as a tool; its queue id */
static uint64_t
submit(struct harness *h, const struct row *row, size_t count,
    const char *const *to)
{
	bool probe = (row->asks & PROBE) != 0;
	struct ipc_submit_start start = {
	    .kind = probe ? MTS_PROBE : MTS_MESSAGE, .origin = IPC_SUBMISSION};
	struct ipc_record record;
	struct remote tool;
	uint64_t number;

	remote_connect_as(h, &tool, IPC_ROLE_TOOL, "x4send");
	number = remote_submit_begin(&tool, start, asked(h, row, count, to));
	if (!probe)
		remote_data(&tool, number, slice_of_string("text"));
	remote_submit_end(&tool, number, probe ? 0 : 4, NULL);
	remote_expect(&tool, IPC_SUBMIT_ANSWER, &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	remote_close(&tool);
	return record.submit_answer.message;
}

/* refuse - have Paris refuse the message that it is given */
static void
refuse(struct remote *paris, uint64_t message, int reason, int diagnostic)
{
	struct ipc_record record;

	remote_expect(paris, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, message);
	remote_send(paris,
	    &(struct ipc_record){.type = IPC_OUTCOME,
		.outcome = {.job = record.job.job,
		    .result = IPC_REFUSED,
		    .reason = reason,
		    .diagnostic = diagnostic,
		    .text = slice_of_string("so the peer says")}});
}

/* left - wait until a message has left the queue, and what it became is there
 * alone; read that */
static uint64_t
left(struct harness *h, uint64_t message, struct store_message *m,
    struct p1_envelope *e)
{
	uint64_t id = message;

	for (int i = 0; i < 10000 && id == message; i++) {
		harness_step(h);
		ck_assert_int_eq(store_message_next(h->qmgr.store, 0, &id), 0);
	}
	ck_assert_uint_ne(id, message);
	ck_assert_uint_eq(harness_queued(h), 1);
	ck_assert_int_eq(
	    store_message_get(h->qmgr.store, id, STORE_WHOLE, &h->arena, m), 0);
	ck_assert_int_eq(
	    p1_decode(m->kind, m->envelope, &h->arena, e, NULL), 0);
	return id;
}

/* described - describe a record: its link, and for whom it is */
static const char *
described(struct harness *h, const struct store_message *m,
    const struct p1_envelope *e)
{
	const char *link = link_get(&h->qmgr.links, m->link)->name;
	const char *name = "report";

	if (m->kind != MTS_REPORT) {
		ck_assert(slice_equal_string(m->content, "text"));
		ck_assert_uint_eq(p1_responsible(e), 1);
		for (size_t i = 0; i < e->recipient_count; i++)
			if ((e->recipients[i].indicators & P1_RESPONSIBILITY) !=
			    0)
				name = arena_string(&h->arena,
				    e->recipients[i]
					.name.address.attribute[OR_SURNAME]);
	}
	return arena_printf(&h->arena, "%s %s", link, name);
}

/* check_report - check the diagnostic of a report */
static void
check_report(struct harness *h, const struct store_message *m, int diagnostic)
{
	struct report report;
	struct diag diag = {0};

	ck_assert_msg(report_decode(m->content, &h->arena, &report, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_uint_eq(report.recipient_count, 1);
	ck_assert_int_eq(report.recipients[0].diagnostic, diagnostic);
}

/* Each row. */
START_TEST(redirected)
{
	struct harness h;
	struct remote paris;
	int listener;

	harness_init_conf(&h, conf);
	listener = remote_listen(&h, "x400out.paris");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		uint64_t id = submit(&h, row, 1, &row->to);
		struct store_message m;
		struct p1_envelope e;
		const char *became;

		if (i == 0)
			remote_open(&h, listener, "paris", &paris);
		refuse(&paris, id, row->reason, row->diagnostic);
		id = left(&h, id, &m, &e);
		became = described(&h, &m, &e);
		ck_assert_msg(
		    strcmp(became, row->record) == 0, "row %zu: %s", i, became);
		if (m.kind == MTS_REPORT)
			check_report(&h, &m, row->reported);
		ck_assert_int_eq(store_begin(h.qmgr.store), 0);
		ck_assert_int_eq(store_message_delete(h.qmgr.store, id), 0);
		ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	}
	remote_close(&paris);
	close(listener);
	harness_fini(&h);
}
END_TEST

/* Only the recipient that failed goes to its alternate, with whom it was for
 * and why; the time that is left, and the priority, are those of the
 * message. */
START_TEST(one_of_two)
{
	static const struct row row = {.requested = TO_ROME};
	const char *to[] = {TO_LYON, TO_PARIS};
	struct ipc_recipient_outcome failed = {.index = 1,
	    .reason = REASON_UNABLE_TO_TRANSFER,
	    .diagnostic = DIAGNOSTIC_UNRECOGNISED_OR_NAME,
	    .text = slice_of_string("no such mailbox")};
	struct store_message before, m;
	struct p1_envelope e;
	struct ipc_record record;
	struct or_name intended, paris_name;
	struct remote paris;
	struct harness h;
	uint64_t id;
	int listener;

	harness_init_conf(&h, conf);
	listener = remote_listen(&h, "x400out.paris");
	id = submit(&h, &row, 2, to);
	ck_assert_int_eq(
	    store_message_get(h.qmgr.store, id, STORE_HEAD, &h.arena, &before),
	    0);
	remote_open(&h, listener, "paris", &paris);
	remote_expect(&paris, IPC_JOB, &record);
	remote_send(&paris,
	    &(struct ipc_record){.type = IPC_OUTCOME,
		.outcome = {.job = record.job.job,
		    .result = IPC_TRANSFERRED,
		    .diagnostic = DIAGNOSTIC_NONE,
		    .recipients = &failed,
		    .recipient_count = 1}});
	(void)left(&h, id, &m, &e);
	ck_assert_str_eq(described(&h, &m, &e), "rome Rossi");
	ck_assert_uint_eq(e.recipient_count, 2);
	ck_assert_uint_eq(e.recipients[0].indicators & P1_RESPONSIBILITY, 0);
	ck_assert_int_eq(m.expires, before.expires);
	ck_assert_int_eq(m.arrival, before.arrival);
	ck_assert_int_eq(m.priority, before.priority);
	ck_assert_uint_eq(e.trace.elements[e.trace.count - 1].other_actions,
	    TRACE_REDIRECTED);
	paris_name = harness_name(&h, TO_PARIS);
	ck_assert_int_eq(redirection_intended(
			     &e.recipients[1].extensions, &h.arena, &intended),
	    0);
	ck_assert_int_eq(
	    or_address_compare(&intended.address, &paris_name.address), 0);
	ck_assert(harness_log_has(&h, "an alternate recipient gets a message"));
	ck_assert(!harness_log_has(&h, "non-delivery report generated"));
	remote_close(&paris);
	close(listener);
	harness_fini(&h);
}
END_TEST

/* submit_large - submit a message for two recipients, whose content is an
 * object of its own */
static uint64_t
submit_large(struct harness *h, const struct row *row, const char *const *to)
{
	static uint8_t content[2 * STORE_INLINE_MAX];
	struct ipc_record record;
	struct remote tool;

	memset(content, 'x', sizeof(content));
	remote_connect_as(h, &tool, IPC_ROLE_TOOL, "x4send");
	remote_submit(&tool, asked(h, row, 2, to),
	    slice_of(content, sizeof(content)), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	remote_close(&tool);
	return record.submit_answer.message;
}

/* Two recipients are refused, of which one has an alternate: a report on the
 * other, and a copy that has the same content as the message had. */
START_TEST(report_and_copy)
{
	static const struct row row = {.requested = TO_ROME};
	const char *to[] = {TO_LYON, TO_PARIS};
	struct store_message m;
	struct buffer content;
	struct remote paris;
	struct harness h;
	uint64_t id, at = 0;
	unsigned reports = 0, copies = 0;
	int listener;

	harness_init_conf(&h, conf);
	listener = remote_listen(&h, "x400out.paris");
	id = submit_large(&h, &row, to);
	remote_open(&h, listener, "paris", &paris);
	refuse(&paris, id, REASON_UNABLE_TO_TRANSFER,
	    DIAGNOSTIC_UNRECOGNISED_OR_NAME);
	while (
	    store_message_get(h.qmgr.store, id, STORE_HEAD, &h.arena, &m) == 0)
		harness_step(&h);
	remote_close(&paris);
	harness_close(&h);
	harness_open(&h);
	buffer_init(&content, 4 * STORE_INLINE_MAX);
	while (store_message_next(h.qmgr.store, at, &at) == 0) {
		ck_assert_int_eq(store_message_get(h.qmgr.store, at,
				     STORE_WHOLE, &h.arena, &m),
		    0);
		if (m.kind == MTS_REPORT) {
			check_report(&h, &m, DIAGNOSTIC_UNRECOGNISED_OR_NAME);
			reports++;
			continue;
		}
		copies++;
		ck_assert_uint_eq(m.content_length, 2 * STORE_INLINE_MAX);
		ck_assert_int_eq(store_content_read(h.qmgr.store, m.content_id,
				     0, 2 * STORE_INLINE_MAX, &content, NULL),
		    0);
		ck_assert_uint_eq(
		    buffer_length(&content), 2 * STORE_INLINE_MAX);
	}
	ck_assert_uint_eq(reports, 1);
	ck_assert_uint_eq(copies, 1);
	buffer_fini(&content);
	close(listener);
	harness_fini(&h);
}
END_TEST

/* An alternate that is refused too: then that of the domain, then a report on
 * it.  Tries that fail end the same way. */
START_TEST(one_after_the_other)
{
	static const struct row row = {
	    .asks = ALLOWS, .requested = "C=DE;A=VIAT;P=ACME;O=PARIS;S=Second"};
	static const char *const to[] = {OURS};
	struct store_message m;
	struct p1_envelope e;
	struct ipc_record record;
	struct remote paris;
	struct harness h;
	uint64_t id;
	int listener;

	harness_init_conf(&h, conf);
	listener = remote_listen(&h, "x400out.paris");
	id = submit(&h, &row, 1, to);
	remote_open(&h, listener, "paris", &paris);
	remote_expect(&paris, IPC_JOB, &record);
	remote_outcome(&paris, record.job.job, IPC_TRANSIENT);
	id = left(&h, id, &m, &e);
	ck_assert_str_eq(described(&h, &m, &e), "paris Second");
	refuse(&paris, id, REASON_UNABLE_TO_TRANSFER,
	    DIAGNOSTIC_UNRECOGNISED_OR_NAME);
	(void)left(&h, id, &m, &e);
	ck_assert_str_eq(described(&h, &m, &e), "msmail/po1 Alternate");
	remote_close(&paris);
	close(listener);
	harness_fini(&h);
}
END_TEST

/* Where no route is left the alternate gets it; what an administrator returns
 * goes back. */
START_TEST(without_worker)
{
	static const struct row row = {.requested = TO_ROME};
	static const char *const to[] = {TO_PARIS};

	for (int returned = 0; returned < 2; returned++) {
		struct store_message m;
		struct p1_envelope e;
		struct harness h;
		struct job *job;
		uint64_t id;

		harness_init_conf(&h, conf);
		id = submit(&h, &row, 1, to);
		ck_assert_int_eq(store_message_get(h.qmgr.store, id, STORE_HEAD,
				     &h.arena, &m),
		    0);
		job = dispatch_claim(&h.qmgr, harness_link(&h, "paris"), &m);
		ck_assert_ptr_nonnull(job);
		if (returned == 1)
			outcome_returned(&h.qmgr, job, "");
		else
			outcome_unroutable(&h.qmgr, job, "its link is gone");
		(void)left(&h, id, &m, &e);
		ck_assert_str_eq(described(&h, &m, &e),
		    returned == 1 ? REPORT : "rome Rossi");
		harness_fini(&h);
	}
}
END_TEST

/* A commit that fails is undone whole, and done again: by this queue manager,
 * or, ended after any step, by the next one.  The alternate gets it once. */
START_TEST(failed_commit)
{
	static const struct row row = {.requested = TO_ROME};
	static const char *const to[] = {TO_PARIS};

	for (int steps = 0; steps < 4; steps++) {
		struct store_message m;
		struct p1_envelope e;
		struct remote paris;
		struct harness h;
		uint64_t id;
		int listener;

		harness_init_conf(&h, conf);
		listener = remote_listen(&h, "x400out.paris");
		id = submit(&h, &row, 1, to);
		remote_open(&h, listener, "paris", &paris);
		ck_assert_int_eq(fault_arm("store.commit:1:fail"), 0);
		refuse(&paris, id, REASON_UNABLE_TO_TRANSFER,
		    DIAGNOSTIC_UNRECOGNISED_OR_NAME);
		harness_steps(&h, steps);
		ck_assert_int_eq(fault_arm(NULL), 0);
		h.qmgr.commit.restarts = 0;
		remote_close(&paris);
		harness_close(&h);
		harness_open(&h);
		if (store_message_get(
			h.qmgr.store, id, STORE_HEAD, &h.arena, &m) == 0) {
			remote_open(&h, listener, "paris", &paris);
			refuse(&paris, id, REASON_UNABLE_TO_TRANSFER,
			    DIAGNOSTIC_UNRECOGNISED_OR_NAME);
			(void)left(&h, id, &m, &e);
			remote_close(&paris);
		} else
			(void)left(&h, id, &m, &e);
		ck_assert_str_eq(described(&h, &m, &e), "rome Rossi");
		close(listener);
		harness_fini(&h);
	}
}
END_TEST

TEST_MAIN("qmgr/alternate", TEST(redirected), TEST(one_of_two),
    TEST(report_and_copy), TEST(one_after_the_other), TEST(without_worker),
    TEST(failed_commit))
