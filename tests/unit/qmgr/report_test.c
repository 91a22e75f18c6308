/* SPDX-License-Identifier: ISC */
/*
 * report_test.c - what the originator is told, decoded again; and our trace
 */
#include "qmgr/queue/placing.h"
#include "qmgr/queue/report.h"
#include "qmgr/queue/stamp.h"
#include "qmgr/queue/storm.h"
#include "tests/identifier.h"
#include "tests/unit/qmgr/remote.h"

#define USER_NDR  P1_ORIGINATOR_NON_DELIVERY_REPORT
#define USER_BOTH P1_ORIGINATOR_REPORT
#define MTA_NDR	  P1_MTA_NON_DELIVERY_REPORT
#define MTA_BOTH  P1_MTA_REPORT
#define AUDIT	  (P1_MTA_REPORT | P1_MTA_NON_DELIVERY_REPORT)

/* When a report is owed: X.411 8.3.1.1.1, 12.2.1.1.1. */
static const struct {
	enum mts_kind kind;
	uint32_t indicators;
	bool delivered, ours, owed;
} wanted[] = {
    /* a message of another domain: what its MTA asks for */
    {MTS_MESSAGE, MTA_NDR | USER_NDR, false, false, true},
    {MTS_MESSAGE, MTA_NDR, false, false, true},
    {MTS_MESSAGE, MTA_NDR | USER_NDR, true, false, false},
    {MTS_MESSAGE, MTA_BOTH | USER_BOTH, true, false, true},
    {MTS_MESSAGE, AUDIT, true, false, true},
    {MTS_MESSAGE, AUDIT, false, false, true},
    /* one of ours: what its user asks for */
    {MTS_MESSAGE, MTA_NDR, false, true, false},
    {MTS_MESSAGE, MTA_NDR | USER_NDR, false, true, true},
    {MTS_MESSAGE, MTA_NDR | USER_NDR, true, true, false},
    {MTS_MESSAGE, MTA_BOTH | USER_BOTH, true, true, true},
    {MTS_MESSAGE, MTA_BOTH | USER_BOTH, false, true, true},
    {MTS_MESSAGE, AUDIT, true, true, false},
    /* a probe is always answered, a report never */
    {MTS_PROBE, MTA_NDR, true, false, true},
    {MTS_PROBE, MTA_NDR, false, false, true},
    {MTS_REPORT, AUDIT | USER_BOTH, false, false, false},
};

START_TEST(who_wants_what)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct p1_envelope e;
		struct p1_recipient r = {.indicators = wanted[i].indicators};

		p1_init(&e, wanted[i].kind);
		ck_assert_msg(
		    report_wanted(&e, &r,
			wanted[i].delivered ? REPORT_DELIVERED : REPORT_FAILED,
			wanted[i].ours
			    ? REPORT_FROM_HERE
			    : REPORT_FROM_ELSEWHERE) == wanted[i].owed,
		    "row %zu", i);
	}
}
END_TEST

/* Of the message that a report is about. */
static uint64_t subject_id = 17;
static uint32_t subject_source;

/* made - make the report of these verdicts, and decode it again */
static int
made(struct harness *h, const struct p1_envelope *subject, struct slice content,
    const struct verdict *verdicts, size_t count, struct p1_envelope *envelope,
    struct report *report)
{
	struct report_subject about = {.envelope = subject,
	    .source = subject_source,
	    .message = subject_id,
	    .arrival = 1700000000000,
	    .content = content};
	struct placing placing;
	const struct placed *item;
	struct slice all, copy;
	struct diag diag = {0};
	int rc;

	placing_init(&placing);
	rc = report_add(&h->qmgr, &about, verdicts, count, &placing);
	ck_assert_int_eq(rc, placing.count == 1);
	if (rc == 1) {
		item = &placing.items[0];
		ck_assert_int_eq(
		    arena_slice(&h->arena, buffer_slice(&placing.octets), &all),
		    0);
		copy =
		    slice_of(all.data + item->envelope.at, item->envelope.len);
		ck_assert_msg(p1_decode(MTS_REPORT, copy, &h->arena, envelope,
				  &diag) == 0,
		    "%s", diag_text(&diag));
		copy = slice_of(all.data + item->content.at, item->content.len);
		ck_assert_msg(
		    report_decode(copy, &h->arena, report, &diag) == 0, "%s",
		    diag_text(&diag));
		ck_assert_int_eq(item->message.kind, MTS_REPORT);
		ck_assert_int_eq(item->message.priority, STORE_URGENT);
		ck_assert_uint_eq(
		    item->message.link, harness_link(h, "msmail/po1")->number);
	} else
		placing_committed(&h->qmgr, &placing);
	placing_fini(&placing);
	return rc;
}

/* A report on two of three recipients, with all that it says. */
START_TEST(report_made)
{
	struct harness h;
	const char *to[] = {"C=FR;A=A;S=a", "C=FR;A=B;S=b", "C=FR;A=C;S=c"};
	struct verdict verdicts[] = {
	    {.index = 0,
		.reason = REASON_UNABLE_TO_TRANSFER,
		.diagnostic = DIAGNOSTIC_RECIPIENT_UNAVAILABLE,
		.text = slice_of_string("gone \xc3\xa4\x01")},
	    {.index = 2, .delivered = true},
	};
	struct p1_envelope subject, envelope;
	struct report report;

	harness_init(&h);
	harness_envelope(&h, &subject, 3, to);
	subject.indicators = P1_CONTENT_RETURN_REQUEST;
	subject.content_identifier = slice_of_string("my id");
	subject.recipients[0].indicators |= AUDIT | USER_BOTH;
	subject.recipients[2].indicators |= AUDIT | USER_BOTH;
	ck_assert_int_eq(made(&h, &subject, slice_of_string("the content"),
			     verdicts, 2, &envelope, &report),
	    1);
	ck_assert_int_eq(or_address_compare(&envelope.originator.address,
			     &subject.originator.address),
	    0);
	ck_assert(!identifier_same(&envelope.identifier, &subject.identifier));
	ck_assert_uint_eq(envelope.trace.count, 1);
	ck_assert(identifier_same(&report.subject, &subject.identifier));
	ck_assert(report.has_trace);
	ck_assert_uint_eq(report.trace.count, 1);
	ck_assert(slice_equal_string(report.content_identifier, "my id"));
	ck_assert_int_eq(report.content_type.built_in, P1_CONTENT_P22);
	ck_assert(report.has_content);
	ck_assert(slice_equal_string(report.content, "the content"));
	ck_assert_uint_eq(report.recipient_count, 2);
	ck_assert_int_eq(report.recipients[0].number, 1);
	ck_assert(!report.recipients[0].delivered);
	ck_assert_int_eq(
	    report.recipients[0].diagnostic, DIAGNOSTIC_RECIPIENT_UNAVAILABLE);
	ck_assert_int_eq(report.recipients[0].arrival, 1700000000);
	ck_assert_uint_ge(report.recipients[0].supplementary.len, 5);
	for (size_t i = 0; i < report.recipients[0].supplementary.len; i++)
		ck_assert(report.recipients[0].supplementary.data[i] < 0x7f);
	ck_assert_int_eq(report.recipients[1].number, 3);
	ck_assert(report.recipients[1].delivered);
	harness_fini(&h);
}
END_TEST

/* A message of another MTA of our domain has a trace of one element, as one
 * that began here: what its MTA asks for counts all the same. */
START_TEST(report_within_domain)
{
	struct harness h;
	const char *to = "C=FR;A=A;S=a";
	struct verdict good = {.delivered = true};
	struct p1_envelope subject, envelope;
	struct report report;

	harness_init(&h);
	harness_envelope(&h, &subject, 1, &to);
	subject.recipients[0].indicators = P1_RESPONSIBILITY | MTA_BOTH;
	ck_assert_int_eq(
	    made(&h, &subject, slice_of(NULL, 0), &good, 1, &envelope, &report),
	    0);
	subject_source = harness_link(&h, "rome")->number;
	ck_assert_int_eq(
	    made(&h, &subject, slice_of(NULL, 0), &good, 1, &envelope, &report),
	    1);
	subject_source = 0;
	harness_fini(&h);
}
END_TEST

/* A probe that could be delivered says so, not that a message was. */
START_TEST(report_on_probe)
{
	struct harness h;
	const char *to = "C=FR;A=A;S=a";
	struct verdict good = {.delivered = true};
	struct p1_envelope subject, envelope;
	struct report report;
	char text[128];

	harness_init(&h);
	harness_envelope(&h, &subject, 1, &to);
	subject.kind = MTS_PROBE;
	ck_assert_int_eq(
	    made(&h, &subject, slice_of(NULL, 0), &good, 1, &envelope, &report),
	    1);
	(void)snprintf(text, sizeof(text), "%.*s",
	    (int)report.recipients[0].supplementary.len,
	    (const char *)report.recipients[0].supplementary.data);
	ck_assert_ptr_nonnull(strstr(text, "would be delivered"));
	harness_fini(&h);
}
END_TEST

/* Content goes back only if asked for, and not if it is much. */
START_TEST(content_returned)
{
	struct harness h;
	const char *to = "C=FR;A=A;S=a";
	struct verdict verdict = {.reason = 1, .diagnostic = DIAGNOSTIC_NONE};
	struct p1_envelope subject, envelope;
	struct report report;

	harness_init(&h);
	harness_envelope(&h, &subject, 1, &to);
	ck_assert_int_eq(made(&h, &subject, slice_of_string("c"), &verdict, 1,
			     &envelope, &report),
	    1);
	ck_assert(!report.has_content);
	ck_assert(!report.has_trace);
	ck_assert_int_eq(report.recipients[0].diagnostic, DIAGNOSTIC_NONE);
	subject.indicators = P1_CONTENT_RETURN_REQUEST;
	ck_assert(report_wants_content(&subject, REPORT_RETURN_MAX));
	ck_assert(!report_wants_content(&subject, REPORT_RETURN_MAX + 1));
	harness_fini(&h);
}
END_TEST

/* Nothing is owed on a delivery nobody asked about, nothing on a report, and
 * what has nowhere to go is dropped, with an event. */
START_TEST(report_not_made)
{
	struct harness h;
	const char *to = "C=FR;A=A;S=a";
	struct verdict good = {.delivered = true}, bad = {.reason = 1};
	struct p1_envelope subject, envelope;
	struct report report;

	harness_init(&h);
	harness_envelope(&h, &subject, 1, &to);
	envelope = subject;
	ck_assert_int_eq(
	    made(&h, &subject, slice_of(NULL, 0), &good, 1, &envelope, &report),
	    0);
	subject.originator = harness_name(&h, "C=XX;A=NOWHERE;S=x");
	ck_assert_int_eq(
	    made(&h, &subject, slice_of(NULL, 0), &bad, 1, &envelope, &report),
	    0);
	ck_assert(harness_log_has(&h, "report discarded"));
	ck_assert(harness_log_has(&h, "id=17"));
	subject_id = 0;
	ck_assert_int_eq(
	    made(&h, &subject, slice_of(NULL, 0), &bad, 1, &envelope, &report),
	    0);
	subject_id = 17;
	ck_assert(!harness_log_has(&h, "id=0"));
	p1_init(&subject, MTS_REPORT);
	subject.identifier = envelope.identifier;
	ck_assert_int_eq(
	    made(&h, &subject, slice_of(NULL, 0), &bad, 1, &envelope, &report),
	    0);
	harness_fini(&h);
}
END_TEST

/* put_reports - write non-delivery reports to an originator, each as if it
 * were committed on its own, without waiting for a disk; count those that go
 * behind other mail */
static unsigned
put_reports(struct harness *h, const char *originator, unsigned count)
{
	const char *to = "C=FR;A=A;S=a";
	struct verdict bad = {.reason = 1};
	struct p1_envelope subject;
	struct report_subject about = {.envelope = &subject, .arrival = 1};
	struct placing placing;
	unsigned behind = 0;

	placing_init(&placing);
	for (unsigned i = 0; i < count; i++) {
		placing_reset(&placing);
		arena_reset(&h->qmgr.arena);
		arena_reset(&h->arena);
		harness_envelope(h, &subject, 1, &to);
		subject.originator = harness_name(h, originator);
		ck_assert_int_eq(
		    report_add(&h->qmgr, &about, &bad, 1, &placing), 1);
		ck_assert_int_eq(store_begin(h->qmgr.store), 0);
		ck_assert_int_eq(placing_write(&h->qmgr, &placing, NULL), 0);
		store_abort(h->qmgr.store);
		placing_committed(&h->qmgr, &placing);
		ck_assert_int_eq(placing.items[0].message.state, STORE_READY);
		behind += placing.items[0].message.priority == STORE_NON_URGENT;
	}
	placing_fini(&placing);
	return behind;
}

/* Non-delivery reports go before other mail, but a flood of them to one
 * originator behind it; none is put off, and others' are not concerned. */
START_TEST(storm_goes_behind)
{
	/* A new minute within the test lets a few more through. */
	const unsigned many = 200, before = 2 * STORM_FEW;
	struct harness h;

	harness_init(&h);
	ck_assert_uint_eq(put_reports(&h, TO_PARIS, STORM_FEW), 0);
	ck_assert_uint_ge(put_reports(&h, TO_PARIS, many), many - before);
	ck_assert_uint_eq(put_reports(&h, TO_LYON, STORM_FEW), 0);
	harness_fini(&h);
}
END_TEST

/* A delivery into a postoffice is reported if that was asked for. */
START_TEST(delivery_report)
{
	struct harness h;
	struct remote tool, worker;
	struct ipc_record record;
	const char *to[] = {
	    "C=DE;A=VIAT;P=ACME;O=PO1;S=a", "C=DE;A=VIAT;P=ACME;O=PO1;S=b"};
	struct ipc_recipient_outcome failed = {.index = 1,
	    .reason = REASON_UNABLE_TO_TRANSFER,
	    .diagnostic = DIAGNOSTIC_UNRECOGNISED_OR_NAME};
	struct p1_envelope e;
	struct report report;
	int po;

	harness_init(&h);
	po = remote_listen(&h, "msmi-out.po1");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	harness_envelope(&h, &e, 2, to);
	e.recipients[0].indicators |= P1_ORIGINATOR_REPORT;
	e.recipients[1].indicators |= P1_ORIGINATOR_REPORT;
	remote_submit(
	    &tool, harness_octets(&h, &e), slice_of_string("c"), &record);
	remote_wait_for(&h, po, &worker);
	remote_greet(&worker, IPC_ROLE_MSMI_OUT, "po1");
	remote_event(&worker, IPC_LINK_BOUND, "");
	remote_expect(&worker, IPC_JOB, &record);
	{
		struct ipc_record outcome = {.type = IPC_OUTCOME};

		outcome.outcome.job = record.job.job;
		outcome.outcome.result = IPC_DELIVERED;
		outcome.outcome.recipients = &failed;
		outcome.outcome.recipient_count = 1;
		remote_send(&worker, &outcome);
	}
	remote_expect(&worker, IPC_JOB, &record);
	harness_job_report(&h, &record.job, &report);
	ck_assert_uint_eq(report.recipient_count, 2);
	ck_assert(report.recipients[0].delivered);
	ck_assert(!report.recipients[1].delivered);
	ck_assert_uint_eq(harness_queued(&h), 1);
	remote_close(&worker);
	remote_close(&tool);
	close(po);
	harness_fini(&h);
}
END_TEST

/* A worker's note is kept, and comes with the job when it is tried again; any
 * octets may be in it. */
START_TEST(delivery_note)
{
	const struct slice name = slice_of("00000001\0tmp", 12);
	struct harness h;
	struct remote tool, worker;
	struct ipc_record record, note = {.type = IPC_DELIVERY_NOTE};
	int po;

	harness_init(&h);
	po = remote_listen(&h, "msmi-out.po1");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&h, &tool, "C=DE;A=VIAT;P=ACME;O=PO1;S=a");
	for (int i = 0; i < 2; i++) {
		remote_wait_for(&h, po, &worker);
		remote_greet(&worker, IPC_ROLE_MSMI_OUT, "po1");
		remote_event(&worker, IPC_LINK_BOUND, "");
		remote_expect(&worker, IPC_JOB, &record);
		if (i == 1) {
			ck_assert(slice_equal(record.job.note, name));
			break;
		}
		ck_assert_uint_eq(record.job.note.len, 0);
		note.delivery_note.job = record.job.job;
		note.delivery_note.note = name;
		remote_send(&worker, &note);
		remote_expect(&worker, IPC_DELIVERY_NOTE, &record);
		ck_assert_uint_eq(
		    record.delivery_note.job, note.delivery_note.job);
		remote_close(&worker);
	}
	remote_close(&worker);
	remote_close(&tool);
	close(po);
	harness_fini(&h);
}
END_TEST

/* expire - have the time of a message be over */
static void
expire(struct harness *h, uint64_t message)
{
	struct store *store = h->qmgr.store;
	struct store_message m;

	ck_assert_int_eq(
	    store_message_get(store, message, STORE_HEAD, &h->arena, &m), 0);
	m.expires = 1;
	ck_assert_int_eq(store_begin(store), 0);
	ck_assert_int_eq(store_message_update(store, &m), 0);
	ck_assert_int_eq(store_commit(store), 0);
}

/* Those that write files, and note before they do. */
static const struct {
	const char *listener, *name, *to;
	enum ipc_role role;
} writers[] = {
    {"msmi-out.po1", "po1", "C=DE;A=VIAT;P=ACME;O=PO1;S=a", IPC_ROLE_MSMI_OUT},
    {"app-out.edi", "edi", "C=DE;A=VIAT;P=ACME;O=EDI;S=a", IPC_ROLE_APP_OUT},
};

#define WRITERS (sizeof(writers) / sizeof(writers[0]))

/* A message whose time is over while its file may be there is not reported on:
 * the next worker looks for the file. */
START_TEST(expired_with_a_file)
{
	struct ipc_record record, note = {.type = IPC_DELIVERY_NOTE};
	struct remote tool, worker;
	static char conf[8192];
	struct harness h;
	uint64_t id;
	int po;

	snprintf(conf, sizeof(conf),
	    "%sapplication \"edi\" {\n path = \"/tmp\" address-space = "
	    "{\"C=DE;A=VIAT;P=ACME;O=EDI\"}\n}\n",
	    harness_conf);
	harness_init_conf(&h, conf);
	po = remote_listen(&h, writers[_i].listener);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	id = remote_submit_to(&h, &tool, writers[_i].to);
	remote_wait_for(&h, po, &worker);
	remote_greet(&worker, writers[_i].role, writers[_i].name);
	remote_event(&worker, IPC_LINK_BOUND, "");
	remote_expect(&worker, IPC_JOB, &record);
	note.delivery_note.job = record.job.job;
	note.delivery_note.note = slice_of_string("file");
	remote_send(&worker, &note);
	remote_expect(&worker, IPC_DELIVERY_NOTE, &record);
	expire(&h, id);
	remote_close(&worker);
	remote_wait_for(&h, po, &worker);
	remote_greet(&worker, writers[_i].role, writers[_i].name);
	remote_event(&worker, IPC_LINK_BOUND, "");
	remote_expect(&worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, id);
	ck_assert(slice_equal_string(record.job.note, "file"));
	remote_outcome(&worker, record.job.job, IPC_DELIVERED);
	harness_steps(&h, 10);
	ck_assert_uint_eq(harness_queued(&h), 0);
	ck_assert(!harness_log_has(&h, "maximum-time-expired"));
	remote_close(&worker);
	remote_close(&tool);
	close(po);
	harness_fini(&h);
}
END_TEST

/* Verdicts on more recipients than one report holds go into several reports,
 * each recipient once. */
START_TEST(split)
{
	enum {
		COUNT = 2 * REPORT_RECIPIENTS_MAX + 7
	};
	static struct verdict verdicts[COUNT];
	static const char *to[COUNT];
	struct report_subject about = {.arrival = 1700000000000};
	struct p1_envelope subject;
	struct placing placing;
	struct report report;
	struct harness h;
	size_t total = 0;

	harness_init(&h);
	for (uint32_t i = 0; i < COUNT; i++) {
		to[i] = "C=FR;A=A;S=a";
		verdicts[i] = (struct verdict){.index = i,
		    .reason = REASON_UNABLE_TO_TRANSFER,
		    .diagnostic = DIAGNOSTIC_TOO_MANY_RECIPIENTS};
	}
	h.arena.max = 64 << 20;
	harness_envelope(&h, &subject, COUNT, to);
	about.envelope = &subject;
	placing_init(&placing);
	ck_assert_int_eq(
	    report_add(&h.qmgr, &about, verdicts, COUNT, &placing), 1);
	ck_assert_uint_eq(placing.count, 3);
	for (size_t i = 0; i < placing.count; i++) {
		struct placed_part part = placing.items[i].content;

		ck_assert_int_eq(
		    report_decode(
			slice_of(buffer_slice(&placing.octets).data + part.at,
			    part.len),
			&h.arena, &report, NULL),
		    0);
		for (size_t j = 0; j < report.recipient_count; j++)
			ck_assert_int_eq(
			    report.recipients[j].number, (int)++total);
	}
	ck_assert_uint_eq(total, COUNT);
	placing_fini(&placing);
	harness_fini(&h);
}
END_TEST

/* Our trace, once: on a submission as its first, on a transfer as its last; the
 * domain's once for each pass through it, the MTA's each time. */
START_TEST(stamped)
{
	struct harness h;
	const char *to[] = {"C=FR;A=A;S=a", "C=FR;A=B;S=b"};
	struct p1_envelope e;

	harness_init(&h);
	harness_envelope(&h, &e, 2, to);
	e.recipients[0].number = 9;
	e.recipients[1].indicators = P1_ORIGINATOR_REPORT;
	e.deferred_time = 1800000000;
	ck_assert_int_eq(
	    stamp_submission(&h.qmgr, &e, &h.arena, 1700000000123), 0);
	ck_assert_uint_eq(e.trace.count, 1);
	ck_assert_int_eq(e.trace.elements[0].arrival, 1700000000);
	ck_assert_int_eq(e.trace.elements[0].deferred, 1800000000);
	ck_assert_int_eq(
	    global_domain_compare(&e.trace.elements[0].domain, &h.qmgr.domain),
	    0);
	ck_assert_int_eq(
	    global_domain_compare(&e.identifier.domain, &h.qmgr.domain), 0);
	ck_assert_uint_le(e.identifier.local.len, MTS_LOCAL_MAX);
	ck_assert_int_eq(e.recipients[0].number, 1);
	ck_assert_int_eq(e.recipients[1].number, 2);
	ck_assert((e.recipients[1].indicators & P1_RESPONSIBILITY) != 0);
	ck_assert((e.recipients[1].indicators & P1_MTA_REPORT) != 0);
	ck_assert_int_eq(
	    stamp_transfer(&h.qmgr, &e, &h.arena, 1700000001000), 0);
	ck_assert_uint_eq(e.trace.count, 1);
	ck_assert_uint_eq(e.internal_trace.count, 2);
	ck_assert_int_eq(e.internal_trace.elements[1].arrival, 1700000001);
	ck_assert_int_eq(e.internal_trace.elements[1].deferred, 1800000000);
	e.trace.elements[0].domain.prmd = slice_of_string("OTHER");
	ck_assert_int_eq(
	    stamp_transfer(&h.qmgr, &e, &h.arena, 1700000001000), 0);
	ck_assert_uint_eq(e.trace.count, 2);
	ck_assert_uint_eq(e.internal_trace.count, 3);
	ck_assert_int_eq(e.trace.elements[1].arrival, 1700000001);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/report", TEST(who_wants_what), TEST(report_made),
    TEST(content_returned), TEST(report_within_domain), TEST(report_on_probe),
    TEST(report_not_made), TEST(storm_goes_behind), TEST(delivery_report),
    TEST(delivery_note), TEST_LOOP(expired_with_a_file, WRITERS), TEST(stamped),
    TEST(split))
