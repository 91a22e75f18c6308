/* SPDX-License-Identifier: ISC */
/*
 * settle_test.c - what became of each recipient of a job, and of its message
 *
 * A message for three mailboxes of a postoffice, and a fourth recipient
 * elsewhere; the test plays the postoffice's worker.
 */
#include "qmgr/sending/settle.h"
#include "tests/unit/qmgr/settle_box.h"

#define ELSEWHERE "C=IT;A=IPT;S=Elsewhere"
#define MANY	  2000	/* recipients */
#define SLACK	  10000 /* ms that a step of a test may take */

/* open_box - submit the message, and become the worker that has its job */
static void
open_box(struct box *x, uint32_t indicators)
{
	const char *to[] = {BOX("a"), BOX("b"), BOX("c"), ELSEWHERE};
	struct p1_envelope e;

	box_init(x);
	harness_envelope(&x->b.h, &e, 4, to);
	e.originator = harness_name(&x->b.h, TO_ROME);
	for (size_t i = 0; i < 4; i++)
		e.recipients[i].indicators |= indicators;
	box_submit(x, &e);
}

/* tell - say what became of the job, and wait until that is committed */
static void
tell(struct box *x, enum ipc_result result, const char *text,
    const struct ipc_recipient_outcome *named, size_t count)
{
	const struct ipc_record outcome = {.type = IPC_OUTCOME,
	    .outcome = {.job = x->job.job.job,
		.result = result,
		.reason = 1,
		.diagnostic = 4,
		.text = slice_of_string(text),
		.recipients = named,
		.recipient_count = count,
		.confirm = true}};
	struct ipc_record record;

	remote_send(&x->worker, &outcome);
	remote_expect(&x->worker, IPC_OUTCOME, &record);
	ck_assert_uint_eq(record.outcome.job, x->job.job.job);
	ck_assert_int_eq(record.outcome.result, result);
}

/* reported - write what the report says: "1+ 2-1/0", or "" */
static const char *
reported(struct box *x)
{
	static char text[128];
	struct report report;
	size_t len = 0;

	text[0] = '\0';
	if (!box_report(x, x->id, &report))
		return text;
	for (size_t i = 0; i < report.recipient_count; i++) {
		const struct report_recipient *r = &report.recipients[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d",
		    len > 0 ? " " : "", r->number);
		if (r->delivered)
			len += (size_t)snprintf(
			    text + len, sizeof(text) - len, "+");
		else
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "-%d/%d", r->reason, r->diagnostic);
	}
	return text;
}

/* waiting - write for which recipients the message still waits: "1 3" */
static const char *
waiting(struct box *x, struct store_message *m)
{
	static char text[64];
	struct harness *h = &x->b.h;
	struct p1_envelope e;
	size_t len = 0;

	text[0] = '\0';
	if (store_message_get(h->qmgr.store, x->id, STORE_WHOLE, &h->arena, m) <
	    0)
		return text;
	ck_assert_int_eq(
	    p1_decode(m->kind, m->envelope, &h->arena, &e, NULL), 0);
	ck_assert_uint_eq(e.recipient_count, 4);
	for (size_t i = 0; i < e.recipient_count; i++)
		if ((e.recipients[i].indicators & P1_RESPONSIBILITY) != 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%d", len > 0 ? " " : "", e.recipients[i].number);
	ck_assert(slice_equal_string(m->content, "content"));
	return text;
}

#define FAILED(i)                                             \
	{                                                     \
		.index = i, .reason = 1, .diagnostic = 0,     \
		.text = {(const uint8_t *)"no such box", 11}, \
	}
#define NAMED(i, f)                                                        \
	{                                                                  \
		.index = i, .fate = f, .text = {(const uint8_t *)"so", 2 } \
	}

/* What a worker says, and what comes of it. */
static const struct {
	const char *about;
	enum ipc_result result;
	size_t count;
	struct ipc_recipient_outcome named[3];
	const char *report, *waiting;
} rows[] = {
    {"all are delivered", IPC_DELIVERED, 0, {{0}}, "1+ 2+ 3+", ""},
    {"one failed", IPC_DELIVERED, 1, {FAILED(1)}, "1+ 2-1/0 3+", ""},
    {"somebody else reports", IPC_TRANSFERRED, 0, {{0}}, "", ""},
    {"one of them is here", IPC_TRANSFERRED, 1, {NAMED(0, IPC_FATE_DELIVERED)},
	"1+", ""},
    {"all failed", IPC_REFUSED, 0, {{0}}, "1-1/4 2-1/4 3-1/4", ""},
    {"one failed, another way", IPC_REFUSED, 1, {FAILED(2)},
	"1-1/4 2-1/4 3-1/0", ""},
    {"all later", IPC_LATER, 0, {{0}}, "", "1 2 3"},
    {"one later", IPC_DELIVERED, 1, {NAMED(2, IPC_FATE_LATER)}, "1+ 2+", "3"},
    {"one of each", IPC_REFUSED, 2,
	{NAMED(1, IPC_FATE_LATER), NAMED(0, IPC_FATE_DELIVERED)}, "1+ 3-1/4",
	"2"},
    {"two wait for one that has gone on", IPC_LATER, 1,
	{NAMED(0, IPC_FATE_TRANSFERRED)}, "", "2 3"},
    {"two wait for one that failed", IPC_LATER, 1, {FAILED(0)}, "1-1/0", "2 3"},
    {"all are named", IPC_LATER, 3,
	{NAMED(2, IPC_FATE_TRANSFERRED), FAILED(1),
	    NAMED(0, IPC_FATE_DELIVERED)},
	"1+ 2-1/0", ""},
    {"one is not ours", IPC_DELIVERED, 2,
	{NAMED(3, IPC_FATE_LATER), NAMED(77, IPC_FATE_LATER)}, "1+ 2+ 3+", ""},
    {"a try that failed", IPC_TRANSIENT, 0, {{0}}, "", "1 2 3"},
    {"a person is to look", IPC_HELD, 0, {{0}}, "", "1 2 3"},
};

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

/* count_of - count how often a character is in a text */
static size_t
count_of(const char *text, char c)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == c;
	return count;
}

/* check_counts - check who is counted as served, and for whom it waits */
static void
check_counts(struct box *x, const char *report, const char *waits)
{
	const struct store *store = x->b.h.qmgr.store;
	const struct link *po1 = harness_link(&x->b.h, "msmail/po1");
	size_t wait = *waits == '\0' ? 0 : count_of(waits, ' ') + 1;
	struct store_link known;

	ck_assert_int_eq(store_link_get(store, po1->number, &known), 0);
	ck_assert_uint_eq(
	    known.traffic.recipients_out, 3 - wait - count_of(report, '-'));
	ck_assert_uint_eq(
	    store_link_total(store, po1->number).recipients, wait);
}

START_TEST(row)
{
	struct box x;
	struct store_message m = {.id = 0};

	open_box(&x, P1_ORIGINATOR_REPORT);
	tell(&x, rows[_i].result, "the last text", rows[_i].named,
	    rows[_i].count);
	ck_assert_msg(strcmp(reported(&x), rows[_i].report) == 0, "%s: %s",
	    rows[_i].about, reported(&x));
	ck_assert_msg(strcmp(waiting(&x, &m), rows[_i].waiting) == 0, "%s: %s",
	    rows[_i].about, waiting(&x, &m));
	if (m.id != 0) {
		bool later = rows[_i].result != IPC_TRANSIENT &&
		    rows[_i].result != IPC_HELD;

		ck_assert_int_eq(m.state,
		    rows[_i].result == IPC_HELD ? STORE_HELD : STORE_DEFERRED);
		ck_assert_uint_eq(m.deferrals, later);
		ck_assert_uint_eq(
		    m.transfer_attempts, rows[_i].result == IPC_TRANSIENT);
	}
	check_counts(&x, rows[_i].report, rows[_i].waiting);
	box_close(&x);
}
END_TEST

/* No report is owed on a delivery that was not asked about. */
START_TEST(a_delivery_that_nobody_asked_about)
{
	struct box x;
	struct store_message m;

	open_box(&x, 0);
	tell(&x, IPC_DELIVERED, "", NULL, 0);
	ck_assert_str_eq(reported(&x), "");
	ck_assert_str_eq(waiting(&x, &m), "");
	ck_assert_uint_eq(harness_link(&x.b.h, "msmail/po1")->active, 0);
	box_close(&x);
}
END_TEST

/* The report has the time and the text of the delivery; a time that cannot be
 * is that of the arrival, or now. */
START_TEST(a_delivery_has_its_time)
{
	struct ipc_recipient_outcome named[] = {
	    NAMED(0, IPC_FATE_DELIVERED), NAMED(1, IPC_FATE_DELIVERED)};
	struct box x;
	struct report report;
	int64_t now;

	clock_shift(-50000);
	open_box(&x, P1_ORIGINATOR_REPORT);
	clock_shift(0);
	now = clock_wall() / 1000;
	named[0].time = now - 20;
	named[1].time = 17;
	tell(&x, IPC_DELIVERED, "by hand", named, 2);
	ck_assert(box_report(&x, x.id, &report));
	ck_assert_uint_eq(report.recipient_count, 3);
	ck_assert_int_eq(report.recipients[0].delivery_time, now - 20);
	ck_assert(slice_equal_string(report.recipients[0].supplementary, "so"));
	ck_assert_int_ge(report.recipients[1].delivery_time, now - 60);
	ck_assert_int_le(report.recipients[1].delivery_time, now - 40);
	ck_assert_int_ge(report.recipients[2].delivery_time, now);
	ck_assert(
	    slice_equal_string(report.recipients[2].supplementary, "by hand"));
	box_close(&x);
}
END_TEST

/* The next try comes after a minute, then each time after twice as long, up to
 * an hour; no try counts; what is left goes out under the same number. */
START_TEST(later_and_later)
{
	static const int64_t waits[] = {
	    60, 120, 240, 480, 960, 1920, 3600, 3600};
	const struct ipc_recipient_outcome named[] = {
	    NAMED(0, IPC_FATE_DELIVERED)};
	struct p1_envelope e;
	struct store_message m;
	struct box x;

	open_box(&x, P1_ORIGINATOR_REPORT);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t now = clock_wall();

		tell(&x, IPC_LATER, "full", named, i == 0);
		ck_assert_str_eq(waiting(&x, &m), "2 3");
		ck_assert_int_eq(m.state, STORE_DEFERRED);
		ck_assert(slice_equal_string(m.reason, "full"));
		ck_assert_int_ge(m.next_try, now + waits[i] * 1000 - SLACK);
		ck_assert_int_le(
		    m.next_try, clock_wall() + waits[i] * 1000 + SLACK);
		ck_assert_uint_eq(m.attempts + m.transfer_attempts, 0);
		bench_ask_id(&x.b, "retry-message", x.id);
		box_take_job(&x);
		harness_job_envelope(&x.b.h, &x.job.job, MTS_MESSAGE, &e);
		ck_assert_uint_eq(
		    e.recipients[0].indicators & P1_RESPONSIBILITY, 0);
	}
	tell(&x, IPC_DELIVERED, "", NULL, 0);
	ck_assert_str_eq(waiting(&x, &m), "");
	box_close(&x);
}
END_TEST

/* The first wait is that of the configuration. */
START_TEST(later_as_configured)
{
	struct store_message m;
	struct box x;
	int64_t now;

	open_box(&x, P1_ORIGINATOR_REPORT);
	x.b.h.qmgr.conf->mta.retry_interval = 600000;
	now = clock_wall();
	tell(&x, IPC_LATER, "full", NULL, 0);
	(void)waiting(&x, &m);
	ck_assert_int_ge(m.next_try, now + 600000 - SLACK);
	ck_assert_int_le(m.next_try, clock_wall() + 600000 + SLACK);
	box_close(&x);
}
END_TEST

/* When the lifetime is over the report says what was said last. */
START_TEST(the_last_text_is_reported)
{
	struct box x;
	struct report report;
	struct store_message m;

	open_box(&x, P1_ORIGINATOR_REPORT);
	tell(&x, IPC_LATER, "the box is full", NULL, 0);
	ck_assert_str_eq(waiting(&x, &m), "1 2 3");
	m.expires = 1;
	ck_assert_int_eq(store_begin(x.b.h.qmgr.store), 0);
	ck_assert_int_eq(store_message_update(x.b.h.qmgr.store, &m), 0);
	ck_assert_int_eq(store_commit(x.b.h.qmgr.store), 0);
	bench_ask_id(&x.b, "retry-message", x.id);
	harness_steps(&x.b.h, 10);
	ck_assert_str_eq(waiting(&x, &m), "");
	ck_assert_str_eq(reported(&x), "1-1/5 2-1/5 3-1/5");
	ck_assert(box_report(&x, x.id, &report));
	ck_assert(slice_equal_string(
	    report.recipients[1].supplementary, "the box is full"));
	box_close(&x);
}
END_TEST

/* Recipients come in several records; nothing is done before the last. */
START_TEST(in_several_records)
{
	const struct ipc_recipient_outcome named[] = {
	    NAMED(2, IPC_FATE_DELIVERED), FAILED(0)};
	struct ipc_record part = {
	    .type = IPC_OUTCOME, .outcome = {.more = true}};
	struct store_message m;
	struct box x;

	open_box(&x, P1_ORIGINATOR_REPORT);
	part.outcome.job = x.job.job.job;
	for (size_t i = 0; i < 2; i++) {
		part.outcome.recipients = &named[i];
		part.outcome.recipient_count = 1;
		remote_send(&x.worker, &part);
	}
	harness_steps(&x.b.h, 5);
	ck_assert_str_eq(waiting(&x, &m), "1 2 3");
	ck_assert_int_eq(m.state, STORE_READY);
	tell(&x, IPC_LATER, "", NULL, 0);
	ck_assert_str_eq(waiting(&x, &m), "2");
	ck_assert_str_eq(reported(&x), "1-1/0 3+");
	box_close(&x);
}
END_TEST

/* An envelope that is an object of its own: one of many recipients waits, and
 * what was replaced is given back. */
START_TEST(of_many_one_waits)
{
	static const char *to[MANY];
	const struct ipc_recipient_outcome named[] = {
	    NAMED(MANY / 2, IPC_FATE_LATER)};
	struct ipc_record record;
	struct store_message m;
	struct p1_envelope e;
	struct box x;

	bench_init(&x.b, "rome");
	x.b.h.arena.max = 64 << 20;
	x.listener = remote_listen(&x.b.h, "msmi-out.po1");
	for (size_t i = 0; i < MANY; i++)
		to[i] = BOX("a");
	harness_envelope(&x.b.h, &e, MANY, to);
	remote_submit(&x.b.tool, harness_octets(&x.b.h, &e),
	    slice_of_string("content"), &record);
	x.id = record.submit_answer.message;
	remote_wait_for(&x.b.h, x.listener, &x.worker);
	remote_greet(&x.worker, IPC_ROLE_MSMI_OUT, "po1");
	remote_event(&x.worker, IPC_LINK_BOUND, "");
	box_take_job(&x);
	tell(&x, IPC_DELIVERED, "", named, 1);
	ck_assert_int_eq(store_message_get(x.b.h.qmgr.store, x.id, STORE_WHOLE,
			     &x.b.h.arena, &m),
	    0);
	ck_assert_uint_ne(m.envelope_id, 0);
	ck_assert_int_eq(m.state, STORE_DEFERRED);
	ck_assert_int_eq(
	    p1_decode(m.kind, m.envelope, &x.b.h.arena, &e, NULL), 0);
	ck_assert_uint_eq(e.recipient_count, MANY);
	ck_assert_uint_eq(p1_responsible(&e), 1);
	ck_assert_uint_ne(
	    e.recipients[MANY / 2].indicators & P1_RESPONSIBILITY, 0);
	bench_ask_id(&x.b, "retry-message", x.id);
	box_take_job(&x);
	tell(&x, IPC_DELIVERED, "", NULL, 0);
	ck_assert_uint_eq(harness_queued(&x.b.h), 0);
	box_close(&x);
}
END_TEST

/* refused - say what no worker may, which ends its connection; the message
 * stays */
static void
refused(enum ipc_result result, const struct ipc_recipient_outcome *named,
    size_t count)
{
	struct ipc_record outcome = {.type = IPC_OUTCOME,
	    .outcome = {.result = result,
		.recipients = named,
		.recipient_count = count}};
	struct store_message m;
	struct box x;

	open_box(&x, 0);
	outcome.outcome.job = x.job.job.job;
	remote_send(&x.worker, &outcome);
	remote_dropped(&x.worker);
	ck_assert_str_eq(waiting(&x, &m), "1 2 3");
	box_close(&x);
}

START_TEST(what_no_worker_may_say)
{
	const struct ipc_recipient_outcome twice[] = {
	    NAMED(1, IPC_FATE_DELIVERED), FAILED(0), FAILED(1)};

	refused(IPC_DELIVERED, twice, 3);
	refused(IPC_TRANSIENT, twice, 1);
	refused(IPC_HELD, twice, 1);
}
END_TEST

/* A peer that takes a message reports on it itself: its worker neither delivers
 * nor puts off. */
START_TEST(what_no_peer_may_say)
{
	static const enum ipc_result results[] = {
	    IPC_DELIVERED, IPC_LATER, IPC_HELD, IPC_TRANSFERRED};
	const struct ipc_recipient_outcome named = NAMED(0, IPC_FATE_LATER);
	struct ipc_record record;
	struct remote worker;
	struct bench b;

	for (size_t i = 0; i < 4; i++) {
		bench_init(&b, "rome");
		(void)bench_submit(&b, TO_ROME);
		bench_open(&b, &worker);
		remote_expect(&worker, IPC_JOB, &record);
		record = (struct ipc_record){.type = IPC_OUTCOME,
		    .outcome = {.job = record.job.job,
			.result = results[i],
			.recipients = &named,
			.recipient_count = results[i] == IPC_TRANSFERRED}};
		remote_send(&worker, &record);
		remote_dropped(&worker);
		ck_assert_uint_eq(harness_queued(&b.h), 1);
		remote_close(&worker);
		bench_fini(&b);
	}
}
END_TEST

TEST_MAIN("qmgr/settle", TEST_LOOP(row, ROWS);
	  TEST(a_delivery_that_nobody_asked_about);
	  TEST(a_delivery_has_its_time); TEST(later_and_later);
	  TEST(later_as_configured); TEST(the_last_text_is_reported);
	  TEST(in_several_records); TEST(of_many_one_waits);
	  TEST(what_no_worker_may_say); TEST(what_no_peer_may_say))
