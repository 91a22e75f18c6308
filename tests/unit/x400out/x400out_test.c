/* SPDX-License-Identifier: ISC */
/*
 * x400out_test.c - the worker of an outgoing association, from outside
 *
 * The real program runs; the test is master, qmgr and the called MTA.
 */
#include "tests/unit/x400out/peer.h"

#define LARGE ((uint64_t)64 * 1024 * 1024)

static struct stage stage;
static struct peer peer;
static struct apdu apdu; /* a message, of the vectors */

/* settings - of a link to that port; two: a closed one before it */
static const char *
settings(unsigned port, const char *more)
{
	static char text[1024];

	snprintf(text, sizeof(text),
	    "mta { name = \"MTA-BERLIN\" domain = \"C=DE;A=VIAT;P=ACME\"\n"
	    "password = \"secret\" }\n"
	    "link \"paris\" { remote-mta = \"MTA-PARIS\"\n"
	    "address = {%s\"127.0.0.1:%u\"} %s }\n",
	    strstr(more, "address-before") != NULL ? "\"127.0.0.1:1\", " : "",
	    port, strstr(more, "address-before") != NULL ? "" : more);
	return text;
}

/* begin - the worker has its settings, and calls */
static void
begin(const char *more)
{
	struct diag diag = {0};

	apdu_read(&apdu, "p1-88-message-3recips");
	stage_init(&stage);
	stage.listener = stage_local(stage_path(&stage, "x400out.paris"));
	ck_assert_int_eq(ipc_channel_connect(
			     &stage.qmgr, stage_path(&stage, "x400out.paris")),
	    0);
	stage_start(&stage, "x400out", "x400out/paris#1");
	ck_assert_int_eq(worker_greet(&stage.self, &stage.qmgr, IPC_ROLE_QMGR,
			     clock_after(STAGE_LIMIT), &diag),
	    0);
	stage_settings(&stage, settings(peer.port, more));
}

/* event - the next record is this link event */
static const struct ipc_link_event *
event(enum ipc_link_state state)
{
	const struct ipc_link_event *got =
	    &stage_receive(&stage, IPC_LINK_EVENT)->link_event;

	ck_assert_msg(got->state == state, "event %d, reason %.*s", got->state,
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert(slice_equal_string(got->link, "paris"));
	return got;
}

/* answer_check - qmgr's part in the bind */
static void
answer_check(bool accepted)
{
	const struct ipc_bind_check *check =
	    &stage_receive(&stage, IPC_BIND_CHECK)->bind_check;

	ck_assert(slice_equal_string(check->link, "paris"));
	ck_assert(slice_equal_string(check->name, "MTA-PARIS"));
	ck_assert(slice_equal_string(check->password, "geheim"));
	ck_assert(check->authenticated);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BIND_ANSWER,
		.bind_answer = {.accepted = accepted,
		    .reason = slice_of_string(
			accepted ? "" : "the password is not that")}});
}

/* bound - with a peer that runs, up to the association */
static void
bound(const char *more)
{
	peer_start(&peer);
	begin(more);
	event(IPC_LINK_CONNECTING);
	answer_check(true);
	event(IPC_LINK_BOUND);
}

/* job - give it a message; its number is also that of the message */
static void
job(uint64_t number)
{
	struct buffer body;

	buffer_init(&body, IPC_RECORD_MAX);
	ck_assert_int_eq(
	    buffer_append(&body, apdu.octets.data, buffer_length(&apdu.octets)),
	    0);
	ck_assert_int_eq(buffer_append(&body, apdu.content.data,
			     buffer_length(&apdu.content)),
	    0);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_JOB,
		.job = {.job = number,
		    .message = number + 100,
		    .kind = IPC_MESSAGE,
		    .priority = 1,
		    .envelope_length = buffer_length(&apdu.octets),
		    .content_length = buffer_length(&apdu.content),
		    .body = buffer_slice(&body)}});
	buffer_fini(&body);
}

/* large_job - one whose content is to be asked for */
static void
large_job(uint64_t number, uint64_t length)
{
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_JOB,
		.job = {.job = number,
		    .message = number + 100,
		    .priority = 1,
		    .envelope_length = buffer_length(&apdu.octets),
		    .content_length = length,
		    .body = slice_of(
			apdu.octets.data, buffer_length(&apdu.octets) / 2)}});
}

/* answer_body - qmgr's part in a large one; the record is there already */
static void
answer_body(uint64_t number)
{
	const struct ipc_body_request request = stage.record.body_request;
	uint64_t envelope = buffer_length(&apdu.octets);
	static uint8_t data[IPC_PIECE_MAX];

	ck_assert_uint_eq(request.job, number);
	ck_assert_uint_le(request.length, IPC_PIECE_MAX);
	for (uint32_t i = 0; i < request.length; i++) {
		uint64_t at = request.offset + i;

		data[i] = at < envelope ? apdu.octets.data[at]
					: pattern(at - envelope);
	}
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BODY,
		.body = {.job = number,
		    .offset = request.offset,
		    .data = slice_of(data, request.length)}});
}

/* outcome - the next record is that of this job */
static const struct ipc_outcome *
outcome(uint64_t number, enum ipc_result result)
{
	const struct ipc_outcome *got =
	    &stage_receive(&stage, IPC_OUTCOME)->outcome;

	ck_assert_uint_eq(got->job, number);
	ck_assert_msg(got->result == result, "job %llu: %d %.*s",
	    (unsigned long long)number, got->result, (int)got->text.len,
	    (const char *)got->text.data);
	return got;
}

/* retire - the orderly end */
static void
retire(void)
{
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	event(IPC_LINK_RELEASED);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	peer_join(&peer);
	ck_assert(peer.released);
}

/* contains - whether a text that was received holds this */
static bool
contains(struct slice text, const char *what)
{
	return memmem(text.data, text.len, what, strlen(what)) != NULL;
}

/* end - give everything back */
static void
end(void)
{
	stage_fini(&stage);
	peer_fini(&peer);
	apdu_fini(&apdu);
}

/* 16 jobs at once, then 16 more, one for one: in order, octet for octet. */
START_TEST(a_batch_in_order)
{
	size_t envelope, content;
	uint64_t next = 1;

	peer_init(&peer);
	bound("");
	ck_assert_str_eq(peer.name, "MTA-BERLIN");
	ck_assert_str_eq(peer.password, "secret");
	envelope = buffer_length(&apdu.octets);
	content = buffer_length(&apdu.content);
	while (next <= 16)
		job(next++);
	for (uint64_t i = 1; i <= 32; i++) {
		const struct ipc_outcome *o = outcome(i, IPC_TRANSFERRED);

		ck_assert_uint_eq(o->octets, envelope + content);
		if (i != 1)
			ck_assert_uint_eq(o->association_delay, 0);
		if (next <= 32)
			job(next++);
	}
	retire();
	ck_assert_uint_eq(peer.taken, 32);
	for (unsigned i = 0; i < 32; i++) {
		struct slice got = buffer_slice(&peer.octets[i]);

		ck_assert_uint_eq(got.len, envelope + content);
		ck_assert_int_eq(
		    memcmp(got.data, apdu.octets.data, envelope), 0);
		ck_assert_int_eq(
		    memcmp(got.data + envelope, apdu.content.data, content), 0);
		ck_assert_int_eq(peer.kinds[i], P1_MESSAGE);
	}
	ck_assert_uint_eq(stage_slot(&stage), 0);
	ck_assert_ptr_nonnull(strchr(stage.letters, WORKER_STATUS_IDLE));
	ck_assert_ptr_nonnull(strchr(stage.letters, WORKER_STATUS_BUSY));
	end();
}
END_TEST

/* 64 MB by request: right, never more asked than allowed, in little memory. */
START_TEST(a_large_body)
{
	uint64_t answered = 0;

	peer_init(&peer);
	peer.large = true;
	bound("");
	large_job(1, LARGE);
	for (unsigned n = 0;; n++) {
		struct diag diag = {0};

		ck_assert_int_eq(
		    worker_receive(&stage.self, &stage.qmgr, &stage.record,
			clock_after(STAGE_LIMIT), &diag),
		    0);
		if (stage.record.type != IPC_BODY_REQUEST)
			break;
		ck_assert_uint_le(stage.record.body_request.offset +
			stage.record.body_request.length - answered,
		    IPC_UNANSWERED_MAX);
		answered = stage.record.body_request.offset +
		    stage.record.body_request.length;
		answer_body(1);
		if (n % 64 == 0) {
			stage_anon(&stage);
			ck_assert_uint_eq(stage_slot(&stage), 101);
		}
	}
	ck_assert_int_eq(stage.record.type, IPC_OUTCOME);
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSFERRED);
	retire();
	ck_assert_uint_eq(peer.large_octets, LARGE);
	ck_assert_uint_eq(peer.large_wrong, 0);
	ck_assert_uint_gt(peer.checkpoints, LARGE / 30720 - 2);
	ck_assert_uint_gt(stage.anon_max, 0);
	printf("figure:64 MB out: RssAnon %zu KiB\n", stage.anon_max);
	ck_assert_uint_lt(stage.anon_max, 32 * 1024);
	end();
}
END_TEST

/* refused_with - the peer's MTA says no to the bind */
static void
refused_with(int bind_error, bool transient, const char *reason)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	peer.bind_error = bind_error;
	peer_start(&peer);
	begin("");
	event(IPC_LINK_CONNECTING);
	got = event(IPC_LINK_FAILED);
	ck_assert_msg(contains(got->reason, reason), "%.*s",
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert_int_eq(got->transient, transient);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	end();
}

START_TEST(refused_at_bind)
{
	refused_with(BIND_ERROR_AUTHENTICATION, false, "authentication");
	refused_with(BIND_ERROR_BUSY, true, "busy");
}
END_TEST

/* The MTA that answers is not who it should be: not one octet goes there. */
START_TEST(wrong_responder)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	peer_start(&peer);
	begin("");
	event(IPC_LINK_CONNECTING);
	answer_check(false);
	got = event(IPC_LINK_FAILED);
	ck_assert(contains(got->reason, "the password is not that"));
	ck_assert(!got->transient);
	stage_exit(&stage, STAGE_LIMIT);
	peer_join(&peer);
	ck_assert(peer.aborted);
	end();
}
END_TEST

START_TEST(nobody_listens)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	close(peer.listener);
	begin("");
	event(IPC_LINK_CONNECTING);
	got = event(IPC_LINK_FAILED);
	ck_assert(got->transient);
	ck_assert(contains(got->reason, "refused"));
	stage_exit(&stage, STAGE_LIMIT);
	end();
}
END_TEST

/* The first address does not answer: the second is called. */
START_TEST(second_address)
{
	peer_init(&peer);
	peer_start(&peer);
	begin("address-before");
	event(IPC_LINK_CONNECTING);
	event(IPC_LINK_CONNECTING);
	answer_check(true);
	event(IPC_LINK_BOUND);
	retire();
	end();
}
END_TEST

START_TEST(unusable_settings)
{
	const struct ipc_link_event *got;
	struct diag diag = {0};

	peer_init(&peer);
	stage_init(&stage);
	apdu_read(&apdu, "p1-88-message-3recips");
	stage.listener = stage_local(stage_path(&stage, "x400out.paris"));
	ck_assert_int_eq(ipc_channel_connect(
			     &stage.qmgr, stage_path(&stage, "x400out.paris")),
	    0);
	stage_start(&stage, "x400out", "x400out/paris#1");
	ck_assert_int_eq(worker_greet(&stage.self, &stage.qmgr, IPC_ROLE_QMGR,
			     clock_after(STAGE_LIMIT), &diag),
	    0);
	stage_settings(&stage, "link { nonsense");
	got = event(IPC_LINK_FAILED);
	ck_assert(slice_equal_string(got->stage, "settings"));
	stage_exit(&stage, STAGE_LIMIT);
	end();
}
END_TEST

/* An exception is about that message: the next ones go. */
START_TEST(one_is_refused)
{
	const struct ipc_outcome *got;

	peer_init(&peer);
	peer.actions[1] = EXCEPT;
	bound("");
	for (uint64_t i = 1; i <= 4; i++)
		job(i);
	outcome(1, IPC_TRANSFERRED);
	got = outcome(2, IPC_TRANSIENT);
	ck_assert(contains(got->text, "exception"));
	outcome(3, IPC_TRANSFERRED);
	outcome(4, IPC_TRANSFERRED);
	retire();
	ck_assert_uint_eq(peer.taken, 3);
	ck_assert_uint_eq(peer.discarded, 1);
	end();
}
END_TEST

/* The peer can take nothing at all: the others are not wasted on it. */
START_TEST(peer_jeopardized)
{
	peer_init(&peer);
	peer.actions[1] = JEOPARDIZE;
	bound("");
	for (uint64_t i = 1; i <= 4; i++)
		job(i);
	outcome(1, IPC_TRANSFERRED);
	outcome(2, IPC_TRANSIENT);
	outcome(3, IPC_UNSTARTED);
	outcome(4, IPC_UNSTARTED);
	event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	peer_join(&peer);
	ck_assert(peer.aborted);
	ck_assert_uint_eq(peer.taken, 1);
	end();
}
END_TEST

/* broken_by - the peer breaks off in the middle of the second of four */
static void
broken_by(enum action action)
{
	peer_init(&peer);
	peer.actions[1] = action;
	bound("");
	for (uint64_t i = 1; i <= 4; i++)
		job(i);
	outcome(1, IPC_TRANSFERRED);
	ck_assert_uint_gt(outcome(2, IPC_TRANSIENT)->text.len, 0);
	outcome(3, IPC_UNSTARTED);
	outcome(4, IPC_UNSTARTED);
	ck_assert_uint_gt(event(IPC_LINK_LOST)->reason.len, 0);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	end();
}

START_TEST(broken_off)
{
	broken_by(ABORT);
	broken_by(VANISH);
}
END_TEST

/* A job that waits is left untouched, one under way is discarded. */
START_TEST(cancelled)
{
	peer_init(&peer);
	peer.actions[0] = STALL;
	peer.large = true;
	bound("checkpoint-size = 1K window-size = 1");
	large_job(1, 1024 * 1024);
	job(2);
	job(3);
	for (int i = 0; i < 4; i++) {
		stage_receive(&stage, IPC_BODY_REQUEST);
		answer_body(1);
	}
	peer_wait(&peer, peer.waiting);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 2}});
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 1}});
	/* The worker may have asked for more meanwhile. */
	peer_go(&peer);
	for (;;) {
		struct diag diag = {0};

		ck_assert_int_eq(
		    worker_receive(&stage.self, &stage.qmgr, &stage.record,
			clock_after(STAGE_LIMIT), &diag),
		    0);
		if (stage.record.type != IPC_BODY_REQUEST)
			break;
	}
	ck_assert_int_eq(stage.record.type, IPC_OUTCOME);
	ck_assert_uint_eq(stage.record.outcome.job, 1);
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSIENT);
	ck_assert(contains(stage.record.outcome.text, "cancelled"));
	outcome(2, IPC_UNSTARTED);
	outcome(3, IPC_TRANSFERRED);
	retire();
	ck_assert_uint_eq(peer.discarded, 1);
	end();
}
END_TEST

/*
 * qmgr is gone while the peer's confirmation is awaited: it is waited for,
 * nothing else is begun, and the end is an abort: the peer must not forget.
 */
START_TEST(qmgr_gone_at_the_end)
{
	peer_init(&peer);
	peer.actions[1] = HOLD;
	bound("");
	for (uint64_t i = 1; i <= 4; i++)
		job(i);
	outcome(1, IPC_TRANSFERRED);
	peer_wait(&peer, peer.waiting);
	ck_assert_uint_eq(stage_slot(&stage), 102);
	ipc_channel_fini(&stage.qmgr);
	peer_go(&peer);
	stage_exit(&stage, STAGE_LIMIT);
	peer_join(&peer);
	ck_assert_uint_eq(peer.taken, 2);
	ck_assert(peer.aborted);
	ck_assert(!peer.released);
	end();
}
END_TEST

/* The same in the middle of a large one: it is left, not waited for. */
START_TEST(qmgr_gone_in_the_middle)
{
	peer_init(&peer);
	peer.large = true;
	bound("");
	large_job(1, LARGE);
	stage_receive(&stage, IPC_BODY_REQUEST);
	answer_body(1);
	ipc_channel_fini(&stage.qmgr);
	stage_exit(&stage, 5000);
	peer_join(&peer);
	ck_assert_uint_eq(peer.taken, 0);
	ck_assert(peer.aborted);
	end();
}
END_TEST

START_TEST(qmgr_gone_idle)
{
	peer_init(&peer);
	bound("");
	ipc_channel_fini(&stage.qmgr);
	stage_exit(&stage, 5000);
	peer_join(&peer);
	ck_assert(peer.aborted);
	end();
}
END_TEST

START_TEST(qmgr_gone_while_calling)
{
	peer_init(&peer);
	peer.mute = true;
	peer_start(&peer);
	begin("");
	event(IPC_LINK_CONNECTING);
	peer_wait(&peer, peer.waiting);
	ipc_channel_fini(&stage.qmgr);
	stage_exit(&stage, 5000);
	peer_go(&peer);
	end();
}
END_TEST

/* What qmgr may not say ends it like qmgr's own end. */
START_TEST(qmgr_talks_nonsense)
{
	peer_init(&peer);
	bound("");
	job(1);
	outcome(1, IPC_TRANSFERRED);
	stage_send(&stage,
	    (struct ipc_record){
		.type = IPC_BODY, .body = {.job = 77, .offset = 1}});
	job(2);
	outcome(2, IPC_TRANSFERRED);
	ck_assert_int_eq(write(stage.qmgr.fd, "garbage\n", 8), 8);
	stage_exit(&stage, 5000);
	peer_join(&peer);
	ck_assert(peer.aborted);
	end();
}
END_TEST

/* Told to stop: the transfer under way ends well, the others go back. */
START_TEST(stopped_in_a_transfer)
{
	peer_init(&peer);
	peer.actions[0] = HOLD;
	bound("");
	for (uint64_t i = 1; i <= 3; i++)
		job(i);
	peer_wait(&peer, peer.waiting);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	peer_go(&peer);
	outcome(1, IPC_TRANSFERRED);
	outcome(2, IPC_UNSTARTED);
	outcome(3, IPC_UNSTARTED);
	event(IPC_LINK_RELEASED);
	stage_exit(&stage, STAGE_LIMIT);
	peer_join(&peer);
	ck_assert(peer.released);
	end();
}
END_TEST

/* A transfer that does not end is ended, before master kills. */
START_TEST(stopped_in_a_long_transfer)
{
	uint64_t begun;

	peer_init(&peer);
	peer.actions[0] = HOLD;
	bound("");
	job(1);
	job(2);
	peer_wait(&peer, peer.waiting);
	begun = clock_monotonic();
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	outcome(1, IPC_TRANSIENT);
	outcome(2, IPC_UNSTARTED);
	event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	ck_assert_uint_lt(clock_monotonic() - begun, 10000);
	peer_go(&peer);
	end();
}
END_TEST

START_TEST(stopped_idle)
{
	peer_init(&peer);
	bound("");
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	event(IPC_LINK_RELEASED);
	stage_exit(&stage, 5000);
	peer_join(&peer);
	ck_assert(peer.released);
	end();
}
END_TEST

START_TEST(stopped_while_calling)
{
	peer_init(&peer);
	peer.mute = true;
	peer_start(&peer);
	begin("");
	event(IPC_LINK_CONNECTING);
	peer_wait(&peer, peer.waiting);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	stage_exit(&stage, 5000);
	peer_go(&peer);
	end();
}
END_TEST

/* master is gone: the same as a stop. */
START_TEST(master_gone)
{
	int status;

	peer_init(&peer);
	bound("");
	close(stage.status);
	event(IPC_LINK_RELEASED);
	stage_ended(&stage);
	ck_assert_int_eq(waitpid(stage.pid, &status, 0), stage.pid);
	ck_assert_int_eq(status, 0);
	stage.reaped = true;
	end();
}
END_TEST

/* No assertion on time: a figure to look at. */
START_TEST(cpu)
{
	unsigned count = stage_count();
	uint8_t filler[2048];

	peer_init(&peer);
	bound("");
	memset(filler, 'x', sizeof(filler));
	buffer_reset(&apdu.content);
	ck_assert_int_eq(
	    buffer_append(&apdu.content, filler, sizeof(filler)), 0);
	for (unsigned i = 1; i <= 16; i++)
		job(i);
	for (unsigned i = 1; i <= count; i++) {
		outcome(i, IPC_TRANSFERRED);
		if (i + 16 <= count)
			job(i + 16);
	}
	retire();
	ck_assert_uint_eq(peer.taken, count);
	stage_figure("x400out", count);
	end();
}
END_TEST

TEST_MAIN("x400out", TEST_LONG(cpu, 120); TEST(a_batch_in_order);
	  TEST_LONG(a_large_body, 120); TEST(refused_at_bind);
	  TEST(wrong_responder); TEST(nobody_listens); TEST(second_address);
	  TEST(unusable_settings); TEST(one_is_refused); TEST(peer_jeopardized);
	  TEST(broken_off); TEST(cancelled); TEST(qmgr_gone_at_the_end);
	  TEST(qmgr_gone_in_the_middle); TEST(qmgr_gone_idle);
	  TEST(qmgr_gone_while_calling); TEST(qmgr_talks_nonsense);
	  TEST(stopped_in_a_transfer); TEST(stopped_in_a_long_transfer);
	  TEST(stopped_idle); TEST(stopped_while_calling); TEST(master_gone))
