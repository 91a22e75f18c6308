/* SPDX-License-Identifier: ISC */
/*
 * application_test.c - what an application submits, and is told
 *
 * The test plays app-in and app-out of the application "edi", and app-in of
 * "aftn".
 */
#include "store/store.h"
#include "tests/identifier.h"
#include "tests/unit/qmgr/link_bench.h"

#define EDI	"C=DE;A=VIAT;P=ACME;O=EDI;S=Orders"
#define AFTN	"C=DE;A=VIAT;P=ACME;O=AFTN;S=Tower"
#define NOWHERE "C=XX;A=NONE;S=Nobody"
#define MANY	450 /* recipients refused: more than two records hold */

static const char applications[] =
    "application \"edi\" {\n"
    " path = \"/tmp\" address-space = {\"C=DE;A=VIAT;P=ACME;O=EDI\"}\n"
    "}\n"
    "application \"aftn\" {\n"
    " path = \"/tmp\" address-space = {\"C=DE;A=VIAT;P=ACME;O=AFTN\"}\n"
    " originators = {\"C=DE;A=VIAT;P=ACME;O=AFTN;S=Tower\"}\n"
    " contents = {\"ipm\"} max-size = \"1K\"\n"
    "}\n";

struct app {
	struct harness h;
	struct remote in;
	int listener; /* of app-out of edi */
	/* the last answer */
	struct ipc_submit_answer answer;
	char mts_id[256], text[256];
	struct ipc_recipient_outcome refused[MANY];
	size_t refused_count;
	unsigned records;
};

/* A submission. */
struct offer {
	const char *from, *key;
	char digest; /* 32 times; with a key */
	bool at_once;
	size_t count;
	const char *const *to;
	struct slice content;
	uint32_t indicators;
};

/* open_app - make a queue manager, and connect as an application's app-in */
static void
open_app(struct app *a, const char *name)
{
	static char conf[8192];

	snprintf(conf, sizeof(conf), "%s%s", harness_conf, applications);
	*a = (struct app){.records = 0};
	harness_init_conf(&a->h, conf);
	a->h.arena.max = 64 << 20;
	remote_connect_as(&a->h, &a->in, IPC_ROLE_APP_IN, name);
	a->listener = remote_listen(&a->h, "app-out.edi");
}

/* close_app - end it */
static void
close_app(struct app *a)
{
	remote_close(&a->in);
	close(a->listener);
	harness_fini(&a->h);
}

/* take_answer - take the answer, in as many records as it comes */
static void
take_answer(struct app *a)
{
	struct ipc_record record;

	a->refused_count = a->records = 0;
	do {
		do
			remote_next(&a->in, &record);
		while (record.type == IPC_SUBMIT_PROGRESS);
		ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
		a->answer = record.submit_answer;
		a->records++;
		for (size_t i = 0; i < a->answer.recipient_count; i++) {
			ck_assert_uint_lt(a->refused_count, MANY);
			a->refused[a->refused_count++] =
			    a->answer.recipients[i];
		}
	} while (a->answer.more);
	snprintf(a->mts_id, sizeof(a->mts_id), "%.*s",
	    (int)a->answer.mts_id.len, (const char *)a->answer.mts_id.data);
	snprintf(a->text, sizeof(a->text), "%.*s", (int)a->answer.text.len,
	    (const char *)a->answer.text.data);
}

/* end_submission - end a submission, under a key if there is one */
static void
end_submission(struct app *a, const struct offer *offer, uint64_t submit)
{
	char digest[IPC_DIGEST_LEN];
	struct ipc_record record = {.type = IPC_SUBMIT_END,
	    .submit_end = {
		.submit = submit, .content_length = offer->content.len}};

	memset(digest, offer->digest, sizeof(digest));
	if (offer->key != NULL) {
		record.submit_end.submission_key = slice_of_string(offer->key);
		record.submit_end.digest = slice_of(digest, sizeof(digest));
	}
	remote_send(&a->in, &record);
}

/* submit_envelope - submit that with an envelope; what came of it */
static enum ipc_submit_result
submit_envelope(
    struct app *a, const struct offer *offer, const struct p1_envelope *e)
{
	struct ipc_submit_start start = {.kind = e->kind,
	    .origin = IPC_SUBMISSION,
	    .refuse_at_once = offer->at_once};
	uint64_t submit =
	    remote_submit_begin(&a->in, start, harness_octets(&a->h, e));

	remote_data(&a->in, submit, offer->content);
	end_submission(a, offer, submit);
	take_answer(a);
	return a->answer.result;
}

/* submit - submit a message; what came of it */
static enum ipc_submit_result
submit(struct app *a, const struct offer *offer)
{
	struct p1_envelope e;

	harness_envelope(&a->h, &e, offer->count, offer->to);
	e.originator = harness_name(&a->h, offer->from);
	for (size_t i = 0; i < offer->count; i++)
		e.recipients[i].indicators |= offer->indicators;
	return submit_envelope(a, offer, &e);
}

/* one - make an offer of one message to paris */
static struct offer
one(const char *key, char digest)
{
	static const char *const to[] = {TO_PARIS};

	return (struct offer){.from = EDI,
	    .key = key,
	    .digest = digest,
	    .at_once = true,
	    .count = 1,
	    .to = to,
	    .content = slice_of_string("content")};
}

/* Who cannot be served is named at once, by his place, and is neither in the
 * message nor reported on. */
START_TEST(refused_at_once)
{
	const char *to[] = {NOWHERE, TO_PARIS, NOWHERE, TO_LYON};
	struct offer offer = one(NULL, 0);
	struct store_message m;
	struct p1_envelope e;
	struct app a;

	open_app(&a, "edi");
	offer.to = to;
	offer.count = 4;
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(a.refused_count, 2);
	ck_assert_uint_eq(a.refused[0].index, 0);
	ck_assert_uint_eq(a.refused[1].index, 2);
	ck_assert_int_eq(a.refused[1].reason, 1);
	ck_assert_int_eq(a.refused[1].diagnostic, 0);
	ck_assert_uint_gt(a.refused[1].text.len, 0);
	ck_assert_uint_eq(harness_queued(&a.h), 2);
	ck_assert_int_eq(store_message_get(a.h.qmgr.store, a.answer.message,
			     STORE_WHOLE, &a.h.arena, &m),
	    0);
	ck_assert_int_eq(
	    p1_decode(m.kind, m.envelope, &a.h.arena, &e, NULL), 0);
	ck_assert_uint_eq(e.recipient_count, 2);
	ck_assert_int_eq(e.recipients[0].number, 2);
	ck_assert_int_eq(e.recipients[1].number, 4);
	ck_assert(!harness_log_has(&a.h, "non-delivery report"));
	/* otherwise they are reported on, as ever */
	offer.at_once = false;
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(a.refused_count, 0);
	ck_assert_uint_eq(harness_queued(&a.h), 5);
	close_app(&a);
}
END_TEST

/* If nobody can be served all are named, and nothing was submitted. */
START_TEST(all_refused)
{
	static const char *to[MANY];
	struct offer offer = one("many", 'm');
	struct app a;

	open_app(&a, "edi");
	for (size_t i = 0; i < MANY; i++)
		to[i] = NOWHERE;
	offer.to = to;
	offer.count = MANY;
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_REFUSED);
	ck_assert_int_eq(a.answer.reason, 1);
	ck_assert_int_eq(a.answer.diagnostic, 0);
	ck_assert_uint_eq(a.refused_count, MANY);
	ck_assert_uint_eq(a.records, 3);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_uint_eq(a.refused[i].index, i);
	ck_assert_uint_eq(harness_queued(&a.h), 0);
	/* so its key is still free, and a few served do not make it full */
	to[MANY - 1] = TO_PARIS;
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_REFUSED);
	ck_assert_ptr_nonnull(strstr(a.text, "more recipients"));
	ck_assert_uint_eq(a.refused_count, MANY - 1);
	ck_assert_uint_eq(harness_queued(&a.h), 0);
	offer.count = 100;
	to[0] = TO_PARIS;
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(a.refused_count, 99);
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_DUPLICATE);
	ck_assert_uint_eq(a.refused_count, 99);
	close_app(&a);
}
END_TEST

/* The same key gets the first answer, the recipients too, also when the message
 * has left and the queue manager is another; with other content it is
 * refused. */
START_TEST(a_key_is_answered_again)
{
	const char *to[] = {TO_PARIS, NOWHERE};
	struct offer offer = one("order 17", 'a');
	char mts_id[256];
	uint64_t id;
	struct app a;

	open_app(&a, "edi");
	offer.to = to;
	offer.count = 2;
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_ACCEPTED);
	id = a.answer.message;
	strcpy(mts_id, a.mts_id);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_DUPLICATE);
		ck_assert_uint_eq(a.answer.message, id);
		ck_assert_str_eq(a.mts_id, mts_id);
		ck_assert_uint_eq(a.refused_count, 1);
		ck_assert_uint_eq(a.refused[0].index, 1);
		ck_assert_int_eq(a.refused[0].reason, 1);
		ck_assert_uint_eq(harness_queued(&a.h), i == 0);
		offer.digest = 'b';
		ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_REFUSED);
		ck_assert(a.answer.key_reused);
		ck_assert_ptr_nonnull(strstr(a.text, "key-reused"));
		offer.digest = 'a';
		if (i == 0) {
			ck_assert_int_eq(store_begin(a.h.qmgr.store), 0);
			ck_assert_int_eq(
			    store_message_delete(a.h.qmgr.store, id), 0);
			ck_assert_int_eq(store_commit(a.h.qmgr.store), 0);
		} else {
			remote_close(&a.in);
			harness_close(&a.h);
			harness_open(&a.h);
			remote_connect_as(&a.h, &a.in, IPC_ROLE_APP_IN, "edi");
		}
	}
	/* keys are an application's own */
	remote_close(&a.in);
	remote_connect_as(&a.h, &a.in, IPC_ROLE_APP_IN, "aftn");
	offer.from = AFTN;
	offer.digest = 'z';
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_ACCEPTED);
	close_app(&a);
}
END_TEST

/* Both come before a commit: the second is the duplicate of the first. */
START_TEST(a_key_twice_at_once)
{
	struct offer offer = one("twice", 'a');
	struct p1_envelope e;
	struct app a;
	struct slice octets;
	uint64_t id, numbers[2];

	open_app(&a, "edi");
	harness_envelope(&a.h, &e, 1, offer.to);
	e.originator = harness_name(&a.h, EDI);
	octets = harness_octets(&a.h, &e);
	for (int i = 0; i < 2; i++) {
		numbers[i] = remote_submit_begin(&a.in,
		    (struct ipc_submit_start){
			.kind = MTS_MESSAGE, .origin = IPC_SUBMISSION},
		    octets);
		remote_data(&a.in, numbers[i], offer.content);
	}
	end_submission(&a, &offer, numbers[0]);
	end_submission(&a, &offer, numbers[1]);
	take_answer(&a);
	ck_assert_int_eq(a.answer.result, IPC_SUBMIT_ACCEPTED);
	id = a.answer.message;
	take_answer(&a);
	ck_assert_int_eq(a.answer.result, IPC_SUBMIT_DUPLICATE);
	ck_assert_uint_eq(a.answer.message, id);
	ck_assert_uint_eq(harness_queued(&a.h), 1);
	close_app(&a);
}
END_TEST

/* An application submits as its originators, or as its address space. */
START_TEST(originators)
{
	struct offer offer = one(NULL, 0);
	struct app a;

	open_app(&a, "edi");
	offer.from = AFTN;
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_REFUSED);
	ck_assert_ptr_nonnull(strstr(a.text, "originator"));
	remote_close(&a.in);
	remote_connect_as(&a.h, &a.in, IPC_ROLE_APP_IN, "aftn");
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_ACCEPTED);
	offer.from = "C=DE;A=VIAT;P=ACME;O=AFTN;S=Other";
	ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_REFUSED);
	close_app(&a);
}
END_TEST

/* A key of whoever is no application ends the connection. */
START_TEST(a_key_of_a_tool)
{
	struct offer offer = one("mine", 'a');
	struct p1_envelope e;
	struct app a;
	uint64_t number;

	open_app(&a, "edi");
	remote_close(&a.in);
	remote_connect_as(&a.h, &a.in, IPC_ROLE_TOOL, "x4send");
	harness_envelope(&a.h, &e, 1, offer.to);
	number = remote_submit_begin(&a.in,
	    (struct ipc_submit_start){
		.kind = MTS_MESSAGE, .origin = IPC_SUBMISSION},
	    harness_octets(&a.h, &e));
	remote_data(&a.in, number, offer.content);
	end_submission(&a, &offer, number);
	remote_dropped(&a.in);
	close_app(&a);
}
END_TEST

/* give - give the application edi a message from rome, as its app-out, and
 * answer it; the message's identifier */
static struct mts_identifier
give(struct app *a, enum ipc_result result)
{
	const char *to[] = {EDI};
	struct p1_envelope e;
	struct ipc_record record;
	struct remote tool, out;

	remote_connect_as(&a->h, &tool, IPC_ROLE_TOOL, "x4send");
	harness_envelope(&a->h, &e, 1, to);
	e.originator = harness_name(&a->h, TO_ROME);
	remote_submit(&tool, harness_octets(&a->h, &e),
	    slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	remote_wait_for(&a->h, a->listener, &out);
	remote_greet(&out, IPC_ROLE_APP_OUT, "edi");
	remote_event(&out, IPC_LINK_BOUND, "");
	remote_expect(&out, IPC_JOB, &record);
	harness_job_envelope(&a->h, &record.job, MTS_MESSAGE, &e);
	remote_outcome(&out, record.job.job, result);
	harness_steps(&a->h, 5);
	remote_close(&out);
	remote_close(&tool);
	return e.identifier;
}

/* report_on - submit a report on a message to its originator; what came of
 * it */
static enum ipc_submit_result
report_on(struct app *a, const struct mts_identifier *subject, const char *to)
{
	struct report_recipient recipient;
	struct report report;
	struct p1_envelope e;
	struct offer offer = {.from = to};
	struct buffer content;
	enum ipc_submit_result result;

	p1_init(&e, MTS_REPORT);
	e.identifier = *subject;
	e.originator = harness_name(&a->h, to);
	report_recipient_init(&recipient);
	recipient.actual = harness_name(&a->h, EDI);
	recipient.number = 1;
	recipient.delivered = true;
	recipient.delivery_time = recipient.arrival = 1700000000;
	report_init(&report);
	report.subject = *subject;
	report.recipients = &recipient;
	report.recipient_count = 1;
	ck_assert_int_eq(p1_trace_append(&e, &a->h.arena, &subject->domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
	buffer_init(&content, 65536);
	ck_assert_int_eq(
	    report_encode(&report, EXTENSION_IMPLICIT, &content), 0);
	offer.content = buffer_slice(&content);
	result = submit_envelope(a, &offer, &e);
	buffer_fini(&content);
	return result;
}

/* It reports only on what it was given and has passed on, to the originator of
 * that. */
START_TEST(a_report_on_what_was_passed_on)
{
	struct mts_identifier passed, delivered;
	struct app a;

	open_app(&a, "edi");
	delivered = give(&a, IPC_DELIVERED);
	ck_assert_int_eq(
	    report_on(&a, &delivered, TO_ROME), IPC_SUBMIT_REFUSED);
	ck_assert_ptr_nonnull(strstr(a.text, "passed on"));
	passed = give(&a, IPC_TRANSFERRED);
	ck_assert_int_eq(report_on(&a, &passed, TO_PARIS), IPC_SUBMIT_REFUSED);
	ck_assert_uint_eq(harness_queued(&a.h), 0);
	ck_assert_int_eq(report_on(&a, &passed, TO_ROME), IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(harness_queued(&a.h), 1);
	ck_assert_uint_eq(
	    store_link_total(a.h.qmgr.store, harness_link(&a.h, "rome")->number)
		.messages,
	    1);
	remote_close(&a.in);
	remote_connect_as(&a.h, &a.in, IPC_ROLE_APP_IN, "aftn");
	ck_assert_int_eq(report_on(&a, &passed, TO_ROME), IPC_SUBMIT_REFUSED);
	close_app(&a);
}
END_TEST

/* A report to an application names the key of what it is about. */
START_TEST(a_report_has_the_key)
{
	const char *to[] = {NOWHERE};
	struct offer offer = one("order 18", 'a');
	struct ipc_record record;
	struct remote out;
	struct report report;
	struct app a;

	open_app(&a, "edi");
	offer.to = to;
	for (int keyed = 1; keyed >= 0; keyed--) {
		offer.at_once = false;
		offer.key = keyed ? "order 18" : NULL;
		ck_assert_int_eq(submit(&a, &offer), IPC_SUBMIT_ACCEPTED);
		if (keyed) {
			remote_wait_for(&a.h, a.listener, &out);
			remote_greet(&out, IPC_ROLE_APP_OUT, "edi");
			remote_event(&out, IPC_LINK_BOUND, "");
		}
		remote_expect(&out, IPC_JOB, &record);
		harness_job_report(&a.h, &record.job, &report);
		ck_assert(slice_equal_string(
		    record.job.submission, keyed ? "order 18" : ""));
		remote_outcome(&out, record.job.job, IPC_DELIVERED);
	}
	remote_close(&out);
	close_app(&a);
}
END_TEST

/* A probe is answered by what the application takes, and not given out. */
START_TEST(a_probe_is_answered)
{
	const char *to[] = {EDI, AFTN};
	struct offer offer = {.from = EDI, .count = 2, .to = to};
	struct ipc_record record;
	struct p1_envelope e;
	struct report report;
	struct remote out;
	struct app a;

	open_app(&a, "edi");
	harness_envelope(&a.h, &e, 2, to);
	e.kind = MTS_PROBE;
	e.content_length = 4096;
	e.originator = harness_name(&a.h, EDI);
	ck_assert_int_eq(submit_envelope(&a, &offer, &e), IPC_SUBMIT_ACCEPTED);
	remote_wait_for(&a.h, a.listener, &out);
	remote_greet(&out, IPC_ROLE_APP_OUT, "edi");
	remote_event(&out, IPC_LINK_BOUND, "");
	remote_expect(&out, IPC_JOB, &record);
	harness_job_report(&a.h, &record.job, &report);
	ck_assert_uint_eq(report.recipient_count, 2);
	for (size_t i = 0; i < 2; i++) {
		bool edi = report.recipients[i].number == 1;

		ck_assert_int_eq(report.recipients[i].delivered, edi);
		if (!edi)
			ck_assert_int_eq(report.recipients[i].diagnostic,
			    DIAGNOSTIC_CONTENT_TOO_LONG);
	}
	ck_assert_uint_eq(harness_queued(&a.h), 1);
	remote_close(&out);
	close_app(&a);
}
END_TEST

/* check - ask for ways, and take the answer */
static void
check(struct app *a, const char *originator, uint64_t size,
    struct ipc_record *record)
{
	const struct slice addresses[] = {slice_of_string(TO_PARIS),
	    slice_of_string(NOWHERE), slice_of_string("what is this"),
	    slice_of_string(AFTN), slice_of_string(EDI)};

	*record = (struct ipc_record){.type = IPC_ROUTE_CHECK,
	    .route_check = {.check = 17,
		.originator = slice_of_string(originator),
		.size = size,
		.addresses = addresses,
		.address_count = 5}};
	remote_send(&a->in, record);
	remote_expect(&a->in, IPC_ROUTE_ANSWER, record);
	ck_assert_uint_eq(record->route_answer.check, 17);
	ck_assert_uint_eq(record->route_answer.way_count, 5);
}

/* Ways are told before anything is submitted, and nothing comes of it. */
START_TEST(ways)
{
	const struct ipc_route_way *way;
	struct ipc_record record;
	struct app a;

	open_app(&a, "edi");
	check(&a, EDI, 100, &record);
	way = record.route_answer.ways;
	ck_assert_int_eq(way[0].result, IPC_WAY_SERVED);
	ck_assert(slice_equal_string(way[0].link, "paris"));
	ck_assert_int_eq(way[1].result, IPC_WAY_NO_ROUTE);
	ck_assert_int_eq(way[1].reason, 1);
	ck_assert_int_eq(way[1].diagnostic, 0);
	ck_assert_int_eq(way[2].result, IPC_WAY_REFUSED);
	ck_assert_uint_gt(way[2].text.len, 0);
	ck_assert_int_eq(way[3].result, IPC_WAY_SERVED);
	ck_assert(slice_equal_string(way[3].link, "application/aftn"));
	ck_assert(slice_equal_string(way[4].link, "application/edi"));
	/* too large for one of them */
	check(&a, "", 2000, &record);
	way = record.route_answer.ways;
	ck_assert_int_eq(way[0].result, IPC_WAY_SERVED);
	ck_assert_int_eq(way[3].result, IPC_WAY_REFUSED);
	ck_assert_int_eq(way[3].diagnostic, DIAGNOSTIC_CONTENT_TOO_LONG);
	/* an originator of another one */
	check(&a, AFTN, 100, &record);
	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(
		    record.route_answer.ways[i].result, IPC_WAY_REFUSED);
	ck_assert_uint_eq(harness_queued(&a.h), 0);
	close_app(&a);
}
END_TEST

TEST_MAIN("qmgr/application", TEST(refused_at_once); TEST(all_refused);
	  TEST(a_key_is_answered_again); TEST(a_key_twice_at_once);
	  TEST(originators); TEST(a_key_of_a_tool);
	  TEST(a_report_on_what_was_passed_on); TEST(a_report_has_the_key);
	  TEST(a_probe_is_answered); TEST(ways))
