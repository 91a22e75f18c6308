/* SPDX-License-Identifier: ISC */
/*
 * x400out_test.c - a link opened, and what is sent over it
 */
#include "tests/unit/x400out/calling.h"

/* 16 jobs at once, then 16 more, one for one: in order, octet for octet. */
START_TEST(a_batch_in_order)
{
	size_t envelope, content;
	uint64_t next = 1;

	peer_init(&peer);
	calling_bound("");
	ck_assert_str_eq(peer.name, "MTA-BERLIN");
	ck_assert_str_eq(peer.password, "secret");
	envelope = buffer_length(&apdu.octets);
	content = buffer_length(&apdu.content);
	while (next <= 16)
		calling_job(next++);
	for (uint64_t i = 1; i <= 32; i++) {
		const struct ipc_outcome *o =
		    calling_outcome(i, IPC_TRANSFERRED);

		ck_assert_uint_eq(o->octets, envelope + content);
		if (i != 1)
			ck_assert_uint_eq(o->association_delay, 0);
		if (next <= 32)
			calling_job(next++);
	}
	calling_retire();
	ck_assert_uint_eq(peer.taken, 32);
	for (unsigned i = 0; i < 32; i++) {
		struct slice got = buffer_slice(&peer.octets[i]);

		ck_assert_uint_eq(got.len, envelope + content);
		ck_assert_int_eq(
		    memcmp(got.data, apdu.octets.data, envelope), 0);
		ck_assert_int_eq(
		    memcmp(got.data + envelope, apdu.content.data, content), 0);
		ck_assert_int_eq(peer.kinds[i], MTS_MESSAGE);
	}
	ck_assert_uint_eq(stage_slot(&stage), 0);
	ck_assert_ptr_nonnull(strchr(stage.letters, WORKER_STATUS_IDLE));
	ck_assert_ptr_nonnull(strchr(stage.letters, WORKER_STATUS_BUSY));
	calling_end();
}
END_TEST

/* 64 MB by request: right, never more asked than allowed, in little memory. */
START_TEST(a_large_body)
{
	uint64_t answered = 0, notes = 0;

	peer_init(&peer);
	peer.large = true;
	calling_bound("");
	calling_large_job(1, LARGE);
	for (unsigned n = 0;; n++) {
		if (stage_next(&stage) == IPC_DELIVERY_NOTE) {
			notes++;
			continue;
		}
		if (stage.record.type != IPC_BODY_REQUEST)
			break;
		ck_assert_uint_le(stage.record.body_request.offset +
			stage.record.body_request.length - answered,
		    IPC_UNANSWERED_MAX);
		answered = stage.record.body_request.offset +
		    stage.record.body_request.length;
		calling_answer_body(1);
		if (n % 64 == 0) {
			stage_anon(&stage);
			ck_assert_uint_eq(stage_slot(&stage), 101);
		}
	}
	calling_commits();
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSFERRED);
	calling_retire();
	ck_assert_uint_eq(peer.large_octets, LARGE);
	ck_assert_uint_eq(peer.large_wrong, 0);
	ck_assert_uint_gt(peer.checkpoints, LARGE / 30720 - 2);
	/* A note for each 256 KB, for the worker that goes on if we cannot. */
	ck_assert_uint_gt(notes, LARGE / (512 * 1024));
	ck_assert_uint_le(notes, LARGE / (256 * 1024));
	stage_in_little_memory(&stage);
	calling_end();
}
END_TEST

/* refused_with - have the peer's MTA refuse the bind */
static void
refused_with(int bind_error, enum ipc_failure failure, const char *reason)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	peer.bind_error = bind_error;
	calling_calls("");
	got = calling_event(IPC_LINK_FAILED);
	ck_assert_msg(calling_contains(got->reason, reason), "%.*s",
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert_int_eq(got->failure, failure);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	calling_end();
}

START_TEST(refused_at_bind)
{
	refused_with(
	    BIND_ERROR_AUTHENTICATION, IPC_FAILURE_REFUSED, "authentication");
	refused_with(BIND_ERROR_BUSY, IPC_FAILURE_BUSY, "busy");
}
END_TEST

/* The MTA that answers is not who it should be: not one octet goes there. */
START_TEST(wrong_responder)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	calling_calls("");
	calling_answer_check(false);
	got = calling_event(IPC_LINK_FAILED);
	ck_assert(calling_contains(got->reason, "the password is not that"));
	ck_assert_int_eq(got->failure, IPC_FAILURE_DENIED);
	calling_aborted(STAGE_LIMIT);
	calling_end();
}
END_TEST

START_TEST(nobody_listens)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	close(peer.listener);
	calling_begin("");
	calling_event(IPC_LINK_CONNECTING);
	got = calling_event(IPC_LINK_FAILED);
	ck_assert_int_eq(got->failure, IPC_FAILURE_UNREACHABLE);
	ck_assert(calling_contains(got->reason, "refused"));
	stage_exit(&stage, STAGE_LIMIT);
	calling_end();
}
END_TEST

/* The first address does not answer: the second is called. */
START_TEST(second_address)
{
	peer_init(&peer);
	calling_calls("address-before");
	calling_event(IPC_LINK_CONNECTING);
	calling_answer_check(true);
	calling_event(IPC_LINK_BOUND);
	calling_retire();
	calling_end();
}
END_TEST

START_TEST(unusable_settings)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	calling_start();
	stage_settings(&stage, "link { nonsense");
	got = calling_event(IPC_LINK_FAILED);
	ck_assert(slice_equal_string(got->stage, "settings"));
	stage_exit(&stage, STAGE_LIMIT);
	calling_end();
}
END_TEST

/* An exception is about that message: the next ones go. */
START_TEST(one_is_refused)
{
	const struct ipc_outcome *got;

	peer_init(&peer);
	peer.actions[1] = EXCEPT;
	calling_bound("");
	calling_jobs(4);
	calling_outcome(1, IPC_TRANSFERRED);
	got = calling_outcome(2, IPC_TRANSIENT);
	ck_assert(calling_contains(got->text, "exception"));
	calling_outcome(3, IPC_TRANSFERRED);
	calling_outcome(4, IPC_TRANSFERRED);
	calling_retire();
	ck_assert_uint_eq(peer.taken, 3);
	ck_assert_uint_eq(peer.discarded, 1);
	calling_end();
}
END_TEST

/* A job that waits is left untouched, one under way is discarded. */
START_TEST(cancelled)
{
	peer_init(&peer);
	peer.actions[0] = STALL;
	peer.large = true;
	calling_bound("checkpoint-size = 1K window-size = 1");
	calling_large_job(1, 1024 * 1024);
	calling_job(2);
	calling_job(3);
	for (int i = 0; i < 4; i++) {
		stage_receive(&stage, IPC_BODY_REQUEST);
		calling_answer_body(1);
	}
	peer_wait(&peer, peer.waiting);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 2}});
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 1}});
	/* The worker may have asked for more meanwhile. */
	peer_go(&peer);
	while (stage_next(&stage) == IPC_BODY_REQUEST)
		continue;
	calling_commits();
	ck_assert_uint_eq(stage.record.outcome.job, 1);
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSIENT);
	ck_assert(calling_contains(stage.record.outcome.text, "cancelled"));
	calling_outcome(2, IPC_UNSTARTED);
	calling_outcome(3, IPC_TRANSFERRED);
	calling_retire();
	ck_assert_uint_eq(peer.discarded, 1);
	calling_end();
}
END_TEST

/* No assertion on time: a figure to look at. */
START_TEST(cpu)
{
	unsigned count = stage_count();
	uint8_t filler[2048];

	peer_init(&peer);
	calling_bound("");
	memset(filler, 'x', sizeof(filler));
	buffer_reset(&apdu.content);
	ck_assert_int_eq(
	    buffer_append(&apdu.content, filler, sizeof(filler)), 0);
	calling_jobs(16);
	for (unsigned i = 1; i <= count; i++) {
		calling_outcome(i, IPC_TRANSFERRED);
		if (i + 16 <= count)
			calling_job(i + 16);
	}
	calling_retire();
	ck_assert_uint_eq(peer.taken, count);
	stage_figure("x400out", count);
	calling_end();
}
END_TEST

TEST_MAIN("x400out", TEST(a_batch_in_order); TEST_LONG(a_large_body, 120);
	  TEST(refused_at_bind); TEST(wrong_responder); TEST(nobody_listens);
	  TEST(second_address); TEST(unusable_settings); TEST(one_is_refused);
	  TEST(cancelled); TEST_LONG(cpu, 120))
