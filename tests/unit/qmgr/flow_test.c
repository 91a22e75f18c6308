/* SPDX-License-Identifier: ISC */
/*
 * flow_test.c - from submission to outcome, with workers in our hands
 */
#include "qmgr/links/link.h"
#include "qmgr/sweep.h"
#include "tests/identifier.h"
#include "tests/references.h"
#include "tests/unit/qmgr/link_bench.h"

#define NOWHERE "C=XX;A=NONE;S=Nobody"

/* A message is submitted, sent, and gone when it is transferred. */
START_TEST(submit_and_transfer)
{
	struct bench b;
	struct remote worker;
	struct ipc_record record;
	struct p1_envelope e;
	uint64_t id;

	bench_init(&b, "paris");
	id = bench_submit(&b, TO_PARIS);
	ck_assert_uint_ne(id, 0);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, id);
	ck_assert_int_eq(record.job.kind, MTS_MESSAGE);
	ck_assert_uint_eq(record.job.content_length, 7);
	ck_assert_uint_eq(record.job.body.len, record.job.envelope_length + 7);
	ck_assert_mem_eq(
	    record.job.body.data + record.job.envelope_length, "content", 7);
	harness_job_envelope(&b.h, &record.job, MTS_MESSAGE, &e);
	ck_assert_uint_eq(e.trace.count, 1);
	ck_assert_uint_eq(e.internal_trace.count, 1);
	ck_assert(
	    slice_equal_string(e.internal_trace.elements[0].mta, "MTA-TEST"));
	ck_assert(!slice_equal_string(e.identifier.local, "x"));
	remote_outcome(&worker, record.job.job, IPC_TRANSFERRED);
	for (int i = 0; i < 20 && harness_queued(&b.h) > 0; i++)
		harness_step(&b.h);
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	ck_assert_uint_eq(b.h.qmgr.active.count, 0);
	ck_assert_uint_eq(b.link->counters.messages_out, 1);
	ck_assert_int_ne(b.link->counters.last_out, 0);
	ck_assert_int_eq(b.link->counters.last_in, 0);
	ck_assert_uint_eq(b.link->counters.converted, 0);
	ck_assert(harness_log_has(&b.h, "message sent"));
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* Content that is no part of the record is sent by slices on request. */
START_TEST(large_content)
{
	struct bench b;
	struct remote worker;
	struct ipc_record record;
	const char *to = TO_PARIS;
	struct p1_envelope e;
	size_t len = 300000, have;
	uint8_t *content;
	uint64_t job, total, offset;

	bench_init(&b, "paris");
	content = malloc(len);
	ck_assert_ptr_nonnull(content);
	for (size_t i = 0; i < len; i++)
		content[i] = (uint8_t)(i * 7 + i / 251);
	harness_envelope(&b.h, &e, 1, &to);
	remote_submit(
	    &b.tool, harness_octets(&b.h, &e), slice_of(content, len), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	job = record.job.job;
	ck_assert_uint_eq(record.job.content_length, len);
	have = record.job.body.len - (size_t)record.job.envelope_length;
	ck_assert_mem_eq(
	    record.job.body.data + record.job.envelope_length, content, have);
	total = record.job.envelope_length + len;
	offset = record.job.body.len;
	while (offset < total) {
		struct ipc_record request = {.type = IPC_BODY_REQUEST};

		request.body_request.job = job;
		request.body_request.offset = offset;
		request.body_request.length = 20001;
		remote_send(&worker, &request);
		remote_expect(&worker, IPC_BODY, &record);
		ck_assert_uint_eq(record.body.offset, offset);
		ck_assert_uint_gt(record.body.data.len, 0);
		ck_assert_mem_eq(record.body.data.data, content + have,
		    record.body.data.len);
		offset += record.body.data.len;
		have += record.body.data.len;
	}
	ck_assert_uint_eq(have, len);
	remote_outcome(&worker, job, IPC_TRANSFERRED);
	for (int i = 0; i < 50 && store_reap_pending(b.h.qmgr.store) == 0; i++)
		harness_step(&b.h);
	for (int i = 0; i < 50 && store_reap_pending(b.h.qmgr.store) > 0; i++)
		harness_step(&b.h);
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	ck_assert_uint_eq(store_reap_pending(b.h.qmgr.store), 0);
	free(content);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* Recipients on several links: a copy each, responsible for its own; one
 * that nobody serves comes back. */
START_TEST(split_among_routes)
{
	struct harness h;
	struct remote tool, paris_worker, rome_worker, po_worker;
	struct ipc_record record;
	const char *to[] = {
	    TO_PARIS, TO_ROME, "C=FR;A=ATLAS;S=Martin", NOWHERE};
	struct p1_envelope e;
	struct report report;
	const struct link *po_link;
	int paris, rome, po;

	harness_init(&h);
	po_link = harness_link(&h, "msmail/po1");
	paris = remote_listen(&h, "x400out.paris");
	rome = remote_listen(&h, "x400out.rome");
	po = remote_listen(&h, "msmi-out.po1");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	harness_envelope(&h, &e, 4, to);
	remote_submit(
	    &tool, harness_octets(&h, &e), slice_of_string("c"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(harness_queued(&h), 3);

	remote_open(&h, paris, "paris", &paris_worker);
	remote_expect(&paris_worker, IPC_JOB, &record);
	harness_job_envelope(&h, &record.job, MTS_MESSAGE, &e);
	ck_assert_uint_eq(e.recipient_count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(
		    (e.recipients[i].indicators & P1_RESPONSIBILITY) != 0,
		    i == 0 || i == 2);
	remote_quiet(&paris_worker);

	remote_open(&h, rome, "rome", &rome_worker);
	remote_expect(&rome_worker, IPC_JOB, &record);
	harness_job_envelope(&h, &record.job, MTS_MESSAGE, &e);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(
		    (e.recipients[i].indicators & P1_RESPONSIBILITY) != 0,
		    i == 1);

	remote_wait_for(&h, po, &po_worker);
	remote_greet(&po_worker, IPC_ROLE_MSMI_OUT, "po1");
	remote_event(&po_worker, IPC_LINK_BOUND, "");
	remote_expect(&po_worker, IPC_JOB, &record);
	harness_job_report(&h, &record.job, &report);
	ck_assert_uint_eq(report.recipient_count, 1);
	ck_assert_int_eq(report.recipients[0].number, 4);
	ck_assert(!report.recipients[0].delivered);
	ck_assert_int_eq(
	    report.recipients[0].reason, REASON_UNABLE_TO_TRANSFER);
	ck_assert_int_eq(
	    report.recipients[0].diagnostic, DIAGNOSTIC_UNRECOGNISED_OR_NAME);
	ck_assert(identifier_same(&report.subject, &e.identifier));
	ck_assert(harness_log_has(&h, " 290 "));
	/* A postoffice gets nothing that was not converted. */
	remote_outcome(&po_worker, record.job.job, IPC_DELIVERED);
	for (int i = 0; i < 20 && po_link->counters.converted == 0; i++)
		harness_step(&h);
	ck_assert_uint_eq(po_link->counters.converted, 1);
	remote_close(&paris_worker);
	remote_close(&rome_worker);
	remote_close(&po_worker);
	remote_close(&tool);
	close(paris);
	close(rome);
	close(po);
	harness_fini(&h);
}
END_TEST

/* bind_as - bind a peer through an x400in; the session, 0 if refused */
static uint64_t
bind_as(struct remote *r, const char *name, const char *password, bool two_way,
    int *error)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string(name);
	record.bind_check.password = slice_of_string(password);
	record.bind_check.address = slice_of_string("127.0.0.1");
	record.bind_check.references =
	    references_of("caller", "261122200000Z", "");
	record.bind_check.two_way = two_way;
	remote_send(r, &record);
	remote_expect(r, IPC_BIND_ANSWER, &record);
	*error = record.bind_answer.bind_error;
	return record.bind_answer.accepted ? record.bind_answer.session : 0;
}

/* rejected - get how many binds were refused for a link */
static uint64_t
rejected(struct harness *h, const char *link)
{
	return harness_link(h, link)->counters.rejected;
}

/* Only known peers with the right password may bind; who names a link and is
 * refused is counted for it, a stranger for none. */
START_TEST(binds)
{
	struct harness h;
	struct remote in;
	int error;

	harness_init(&h);
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	ck_assert_uint_eq(bind_as(&in, "MTA-PARIS", "wrong", false, &error), 0);
	ck_assert_int_eq(error, 2);
	ck_assert_uint_eq(rejected(&h, "paris"), 1);
	ck_assert_uint_eq(
	    bind_as(&in, "MTA-NOBODY", "pw-paris", false, &error), 0);
	ck_assert_int_eq(error, 2);
	ck_assert(harness_log_has(&h, "an unknown MTA tried to bind"));
	ck_assert_uint_eq(
	    bind_as(&in, "MTA-PARIS", "pw-paris", true, &error), 0);
	ck_assert_int_eq(error, 3);
	ck_assert_uint_eq(rejected(&h, "paris"), 2);
	ck_assert_uint_ne(
	    bind_as(&in, "MTA-PARIS", "pw-paris", false, &error), 0);
	ck_assert_uint_eq(rejected(&h, "paris"), 2);
	for (struct link *link = link_first(&h.qmgr.links); link != NULL;
	     link = link_next(&h.qmgr.links, link))
		if (strcmp(link->name, "paris") != 0)
			ck_assert_uint_eq(link->counters.rejected, 0);
	remote_close(&in);
	harness_fini(&h);
}
END_TEST

/* transfer - transfer a message with a key; the answer */
static void
transfer(struct harness *h, struct remote *in, uint64_t session,
    uint64_t activity, const char *to, const char *key,
    struct ipc_record *answer)
{
	struct ipc_submit_start start = {.kind = MTS_MESSAGE,
	    .origin = IPC_TRANSFER,
	    .session = session,
	    .activity = activity};
	struct p1_envelope e;
	uint64_t submit;

	harness_envelope(h, &e, 1, &to);
	e.trace.count = 0;
	e.identifier.domain.prmd = slice_of_string("OTHER");
	ck_assert_int_eq(p1_trace_append(&e, &h->arena, &e.identifier.domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
	submit = remote_submit_begin(in, start, harness_octets(h, &e));
	remote_data(in, submit, slice_of_string("12345"));
	remote_submit_end(in, submit, 5, key);
	remote_expect(in, IPC_SUBMIT_ANSWER, answer);
}

/* A transfer that comes twice is taken once, also after a restart, but one
 * with another key, or from another peer, is another. */
START_TEST(duplicates)
{
	struct harness h;
	struct remote in;
	struct ipc_record answer;
	struct store_link paris;
	uint64_t session, first;
	int error;

	harness_init(&h);
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	session = bind_as(&in, "MTA-PARIS", "pw-paris", false, &error);
	transfer(&h, &in, session, 1, TO_ROME, "0123456789abcdef", &answer);
	ck_assert_int_eq(answer.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	first = answer.submit_answer.message;
	transfer(&h, &in, session, 1, TO_ROME, "0123456789abcdef", &answer);
	ck_assert_int_eq(answer.submit_answer.result, IPC_SUBMIT_DUPLICATE);
	ck_assert_uint_eq(answer.submit_answer.message, first);
	transfer(&h, &in, session, 2, TO_ROME, "0123456789abcdeX", &answer);
	ck_assert_int_eq(answer.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(harness_queued(&h), 2);
	ck_assert_int_eq(store_link_find(h.qmgr.store, "paris", &paris), 0);
	ck_assert_uint_eq(paris.traffic.messages_in, 2);
	ck_assert_uint_eq(paris.traffic.recipients_in, 2);
	remote_close(&in);
	harness_close(&h);

	harness_open(&h);
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	session = bind_as(&in, "MTA-PARIS", "pw-paris", false, &error);
	transfer(&h, &in, session, 1, TO_ROME, "0123456789abcdef", &answer);
	ck_assert_int_eq(answer.submit_answer.result, IPC_SUBMIT_DUPLICATE);
	remote_close(&in);
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	session = bind_as(&in, "MTA-LYON", "pw-lyon", false, &error);
	transfer(&h, &in, session, 1, TO_ROME, "0123456789abcdef", &answer);
	ck_assert_int_eq(answer.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(harness_queued(&h), 3);
	ck_assert(harness_log_has(&h, "duplicate dropped"));
	remote_close(&in);
	harness_fini(&h);
}
END_TEST

/* count_sessions - count the sessions that are remembered */
static unsigned
count_sessions(const struct harness *h)
{
	struct store_session session = {.id = 0};
	unsigned count = 0;

	while (store_session_next(h->qmgr.store, session.id, &session) == 0)
		count++;
	return count;
}

/* kept - count the sessions that are remembered when the peer's worker is
 * gone */
static unsigned
kept(struct harness *h, struct remote *in)
{
	remote_close(in);
	harness_steps(h, 10);
	return count_sessions(h);
}

/* A session that was lost before anything was taken drives out none that is
 * needed: it is forgotten, but not what one of its name remembers. */
START_TEST(lost_before_anything)
{
	struct harness h;
	struct remote in;
	struct ipc_record answer;
	uint64_t session;
	int error;

	harness_init(&h);
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	(void)bind_as(&in, "MTA-PARIS", "pw-paris", false, &error);
	ck_assert_uint_eq(count_sessions(&h), 1);
	ck_assert_uint_eq(kept(&h, &in), 0);
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	session = bind_as(&in, "MTA-PARIS", "pw-paris", false, &error);
	transfer(&h, &in, session, 1, TO_ROME, "0123456789abcdef", &answer);
	ck_assert_uint_eq(kept(&h, &in), 1);
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	(void)bind_as(&in, "MTA-PARIS", "pw-paris", false, &error);
	ck_assert_uint_eq(kept(&h, &in), 1);
	harness_fini(&h);
}
END_TEST

/* Transfers get our trace at the end, and not back where they came from. */
START_TEST(transferred_on)
{
	struct harness h;
	struct remote in, worker, lyon_worker;
	struct ipc_record record;
	struct p1_envelope e;
	uint64_t session;
	int error, lyon, rome;

	harness_init(&h);
	lyon = remote_listen(&h, "x400out.lyon");
	rome = remote_listen(&h, "x400out.rome");
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "1");
	session = bind_as(&in, "MTA-PARIS", "pw-paris", false, &error);
	transfer(&h, &in, session, 1, TO_ROME, "0123456789abcdef", &record);
	ck_assert_int_ne(harness_link(&h, "paris")->counters.last_in, 0);
	remote_open(&h, rome, "rome", &worker);
	remote_expect(&worker, IPC_JOB, &record);
	harness_job_envelope(&h, &record.job, MTS_MESSAGE, &e);
	ck_assert_uint_eq(e.trace.count, 2);
	ck_assert_int_eq(
	    global_domain_compare(&e.trace.elements[1].domain, &h.qmgr.domain),
	    0);
	ck_assert_uint_eq(e.internal_trace.count, 1);
	ck_assert(slice_equal_string(e.identifier.local, "x"));
	/* From Paris to Paris there is only the shorter match of Lyon. */
	transfer(&h, &in, session, 2, TO_PARIS, "0123456789abcdeX", &record);
	remote_open(&h, lyon, "lyon", &lyon_worker);
	remote_expect(&lyon_worker, IPC_JOB, &record);
	remote_close(&in);
	remote_close(&worker);
	remote_close(&lyon_worker);
	close(lyon);
	close(rome);
	harness_fini(&h);
}
END_TEST

/* A peer that fails a message: it is deferred, tried again, reported on. */
START_TEST(transient_until_retries)
{
	struct bench b;
	struct remote worker;
	struct ipc_record record;
	uint64_t id, report = 0;

	bench_init(&b, "paris");
	id = bench_submit(&b, TO_PARIS);
	bench_open(&b, &worker);
	for (int i = 0; i < 3; i++) {
		remote_expect(&worker, IPC_JOB, &record);
		ck_assert_uint_eq(record.job.message, id);
		remote_outcome(&worker, record.job.job, IPC_TRANSIENT);
	}
	while (report <= id) {
		harness_step(&b.h);
		ck_assert_int_eq(
		    store_message_next(b.h.qmgr.store, 0, &report), 0);
	}
	ck_assert_uint_gt(report, id);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	ck_assert(harness_log_has(&b.h, "transfer-attempts-limit-reached"));
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* A link may hold what its peer refuses. */
START_TEST(refused_is_held)
{
	struct bench b;
	struct remote worker;
	struct ipc_record record;
	struct store_message message;
	uint64_t id;

	bench_init(&b, "rome");
	id = bench_submit(&b, TO_ROME);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	remote_outcome(&worker, record.job.job, IPC_REFUSED);
	harness_steps(&b.h, 10);
	ck_assert_int_eq(store_message_get(b.h.qmgr.store, id, STORE_HEAD,
			     &b.h.arena, &message),
	    0);
	ck_assert_int_eq(message.state, STORE_HELD);
	ck_assert(slice_equal_string(message.reason, "so the worker says"));
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* The jobs of a worker that went are given to the next one, in order. */
START_TEST(worker_lost)
{
	struct bench b;
	struct remote worker;
	struct ipc_record record;
	uint64_t ids[5];

	bench_init(&b, "rome");
	for (int i = 0; i < 5; i++)
		ids[i] = bench_submit(&b, TO_ROME);
	for (int round = 0; round < 2; round++) {
		bench_open(&b, &worker);
		for (int i = 0; i < 5; i++) {
			remote_expect(&worker, IPC_JOB, &record);
			ck_assert_uint_eq(record.job.message, ids[i]);
		}
		remote_close(&worker);
	}
	ck_assert_uint_eq(harness_queued(&b.h), 5);
	bench_fini(&b);
}
END_TEST

/* A message that is past its latest delivery time is reported, not sent. */
START_TEST(expired_is_reported)
{
	struct bench b;
	struct remote worker;
	struct ipc_record record;
	const char *to = TO_ROME;
	struct p1_envelope e;
	uint64_t id, next;

	bench_init(&b, "rome");
	harness_envelope(&b.h, &e, 1, &to);
	ck_assert_int_eq(
	    p1_set_latest_delivery_time(&e.extensions, &b.h.arena, 1500000000),
	    0);
	remote_submit(&b.tool, harness_octets(&b.h, &e),
	    slice_of_string("late"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	id = record.submit_answer.message;
	bench_open(&b, &worker);
	remote_quiet(&worker);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	ck_assert_int_eq(store_message_next(b.h.qmgr.store, 0, &next), 0);
	ck_assert_uint_gt(next, id);
	ck_assert(harness_log_has(&b.h, "maximum-time-expired"));
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* A deferred message waits for its time. */
START_TEST(deferred_delivery)
{
	struct harness h;
	struct remote tool;
	struct ipc_record record;
	struct store_message message;
	const char *to = TO_ROME;
	struct p1_envelope e;
	int64_t when = (int64_t)time(NULL) + 3600;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	harness_envelope(&h, &e, 1, &to);
	e.deferred_time = when;
	remote_submit(
	    &tool, harness_octets(&h, &e), slice_of_string("later"), &record);
	harness_steps(&h, 5);
	ck_assert_int_eq(
	    store_message_get(h.qmgr.store, record.submit_answer.message,
		STORE_HEAD, &h.arena, &message),
	    0);
	ck_assert_int_eq(message.state, STORE_DEFERRED);
	ck_assert_int_eq(message.next_try, when * 1000);
	ck_assert_int_eq(harness_link(&h, "rome")->state, LINK_IDLE);
	ck_assert_uint_eq(store_total(h.qmgr.store).waiting, 1);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* A submission's fault is told to its submitter alone. */
START_TEST(refused_submission)
{
	struct harness h;
	struct remote tool;
	struct ipc_record record;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	remote_submit(&tool, slice_of_string("\x31\x03junk"),
	    slice_of_string("c"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_REFUSED);
	ck_assert_uint_gt(record.submit_answer.text.len, 0);
	ck_assert_uint_eq(harness_queued(&h), 0);
	ck_assert_uint_ne(remote_submit_to(&h, &tool, TO_ROME), 0);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* A tool or worker that breaks the protocol loses its connection alone. */
START_TEST(protocol_broken)
{
	struct harness h;
	struct remote tool, other;
	struct ipc_record record = {.type = IPC_WORKER_ENDED};

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "evil");
	remote_connect_as(&h, &other, IPC_ROLE_TOOL, "good");
	record.worker_ended.item = 1;
	record.worker_ended.counted = true;
	remote_send(&tool, &record);
	remote_dropped(&tool);
	ck_assert_uint_ne(remote_submit_to(&h, &other, TO_ROME), 0);
	remote_close(&other);
	harness_fini(&h);
}
END_TEST

/* The file of a postoffice is taken once, until it is said to be gone. */
START_TEST(files)
{
	struct harness h;
	struct remote in;
	struct ipc_record record = {0};
	struct ipc_submit_start start = {.kind = MTS_MESSAGE,
	    .origin = IPC_SUBMISSION,
	    .has_file = true,
	    .file = {.inode = 7, .ctime = 8, .size = 9}};
	const char *to = TO_ROME;
	struct p1_envelope e;
	enum ipc_submit_result expected[] = {
	    IPC_SUBMIT_ACCEPTED, IPC_SUBMIT_DUPLICATE, IPC_SUBMIT_ACCEPTED};

	harness_init(&h);
	remote_connect_as(&h, &in, IPC_ROLE_MSMI_IN, "po1");
	start.file.postoffice = slice_of_string("po1");
	start.file.name = slice_of_string("00000001.P1");
	for (int i = 0; i < 3; i++) {
		uint64_t submit;

		if (i == 2) {
			record = (struct ipc_record){.type = IPC_FILE_REMOVED};
			record.file_removed.file = start.file;
			remote_send(&in, &record);
		}
		harness_envelope(&h, &e, 1, &to);
		submit =
		    remote_submit_begin(&in, start, harness_octets(&h, &e));
		remote_data(&in, submit, slice_of_string("file"));
		remote_submit_end(&in, submit, 4, NULL);
		remote_expect(&in, IPC_SUBMIT_ANSWER, &record);
		ck_assert_int_eq(record.submit_answer.result, expected[i]);
	}
	ck_assert_uint_eq(harness_queued(&h), 2);
	remote_close(&in);
	harness_fini(&h);
}
END_TEST

/* An envelope that takes more memory than is allowed would do so again: it is
 * refused for good, wherever that shows. */
START_TEST(envelope_over_the_cap)
{
	static const char *const to[] = {TO_PARIS, TO_ROME};
	enum ipc_submit_result result = IPC_SUBMIT_REFUSED;
	struct harness h;
	struct remote tool;
	struct ipc_record record;
	struct p1_envelope e;
	unsigned refused = 0;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	harness_envelope(&h, &e, 2, to);
	for (size_t max = 512; result != IPC_SUBMIT_ACCEPTED; max += 64) {
		h.qmgr.arena.max = max;
		remote_submit(&tool, harness_octets(&h, &e),
		    slice_of_string("x"), &record);
		result = record.submit_answer.result;
		ck_assert_int_ne(result, IPC_SUBMIT_UNAVAILABLE);
		refused += result == IPC_SUBMIT_REFUSED;
	}
	ck_assert_uint_gt(refused, 1);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/flow", TEST(submit_and_transfer), TEST(large_content),
    TEST(split_among_routes), TEST(binds), TEST(duplicates),
    TEST(lost_before_anything), TEST(transferred_on),
    TEST(transient_until_retries), TEST(refused_is_held), TEST(worker_lost),
    TEST(expired_is_reported), TEST(deferred_delivery),
    TEST(refused_submission), TEST(protocol_broken), TEST(files),
    TEST(envelope_over_the_cap))
