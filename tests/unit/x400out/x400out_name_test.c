/* SPDX-License-Identifier: ISC */
/*
 * x400out_name_test.c - by which names what is sent goes, and is asked for
 *
 * The test is qmgr, which notes the names, and the peer, which is asked.
 */
#include "tests/unit/x400out/calling.h"

static const struct transfer_name old = {.references = {.calling = "X",
					     .calling_len = 1,
					     .common = "261127090000Z",
					     .common_len = 13,
					     .additional = "7",
					     .additional_len = 1},
    .activity = 300};

/* sequence - expect that names from this job on are asked for, and note them */
static void
sequence(uint64_t number, uint64_t activity)
{
	const struct ipc_sequence *got =
	    &stage_receive(&stage, IPC_SEQUENCE)->sequence;

	ck_assert_uint_eq(got->job, number);
	ck_assert_uint_eq(got->name.activity, activity);
	ck_assert_uint_gt(got->name.references.calling_len, 0);
	stage_send(&stage, stage.record);
}

/* The references of the bind are told; jobs in that order need no more. */
START_TEST(in_order)
{
	const struct ipc_link_event *got;

	peer_init(&peer);
	got = calling_bound("");
	ck_assert(calling_contains(
	    session_references_get(&got->references, SESSION_CALLING),
	    "MTA-BERLIN"));
	ck_assert_uint_gt(got->references.common_len, 0);
	ck_assert_uint_gt(got->references.additional_len, 0);
	ck_assert(!got->two_way);
	for (uint64_t i = 1; i <= 4; i++)
		calling_named_job(i, i, (struct ipc_job){0});
	for (uint64_t i = 1; i <= 4; i++)
		calling_outcome(i, IPC_TRANSFERRED);
	calling_retire();
	ck_assert_uint_eq(peer.taken, 4);
	calling_end();
}
END_TEST

/* Another number than is noted: nothing is sent before that is mended. */
START_TEST(left_out)
{
	peer_init(&peer);
	calling_bound("");
	calling_named_job(1, 1, (struct ipc_job){0});
	calling_named_job(3, 3, (struct ipc_job){0});
	calling_named_job(4, 4, (struct ipc_job){0});
	calling_outcome(1, IPC_TRANSFERRED);
	ck_assert_uint_eq(stage_receive(&stage, IPC_SEQUENCE)->sequence.job, 3);
	ck_assert_uint_eq(stage.record.sequence.name.activity, 2);
	peer_wait(&peer, peer.taken == 1);
	stage_send(&stage, stage.record);
	calling_outcome(3, IPC_TRANSFERRED);
	calling_outcome(4, IPC_TRANSFERRED);
	calling_retire();
	calling_end();
}
END_TEST

/* The peer had taken it: nothing is taken again. */
START_TEST(asked_and_completed)
{
	peer_init(&peer);
	peer.actions[0] = COMPLETED;
	calling_bound("");
	calling_named_job(1, 1, (struct ipc_job){.old = old});
	calling_outcome(1, IPC_TRANSFERRED);
	ck_assert_uint_eq(peer.asked, 300);
	ck_assert_uint_eq(peer.asked_of.calling_len, 1);
	ck_assert_int_eq(peer.asked_of.calling[0], 'X');
	calling_named_job(2, 2, (struct ipc_job){0});
	calling_outcome(2, IPC_TRANSFERRED);
	calling_retire();
	ck_assert_uint_eq(peer.taken, 1);
	calling_end();
}
END_TEST

/* The peer knows nothing of it, and says so by an abort: at once it is sent
 * from its start, under a name that is noted before. */
START_TEST(asked_in_vain)
{
	peer_init(&peer);
	peer.actions[0] = UNKNOWN;
	calling_bound("");
	calling_named_job(1, 1, (struct ipc_job){.old = old});
	calling_named_job(2, 2, (struct ipc_job){0});
	calling_event(IPC_LINK_RECOVERING);
	peer_join(&peer);
	peer.actions[0] = TAKE;
	peer_start(&peer);
	calling_event(IPC_LINK_CONNECTING);
	calling_answer_check(true);
	calling_event(IPC_LINK_BOUND);
	sequence(1, 1);
	/* octets that came with the job have been used */
	stage_receive(&stage, IPC_BODY_REQUEST);
	calling_answer_body(1);
	calling_outcome(1, IPC_TRANSFERRED);
	calling_outcome(2, IPC_TRANSFERRED);
	calling_retire();
	ck_assert_uint_eq(peer.asked, 300);
	ck_assert_uint_eq(peer.taken, 2);
	calling_end();
}
END_TEST

TEST_MAIN("x400out/name", TEST(in_order), TEST(left_out),
    TEST(asked_and_completed), TEST(asked_in_vain))
