/* SPDX-License-Identifier: ISC */
/*
 * x400out_end_test.c - the peer ends it, qmgr goes, a stop
 */
#include "tests/references.h"
#include "tests/unit/x400out/calling.h"

/* The peer can take nothing at all: the others are not wasted on it. */
START_TEST(peer_jeopardized)
{
	peer_init(&peer);
	peer.actions[1] = JEOPARDIZE;
	calling_bound("");
	calling_jobs(4);
	calling_outcome(1, IPC_TRANSFERRED);
	calling_outcome(2, IPC_INTERRUPTED);
	calling_outcome(3, IPC_UNSTARTED);
	calling_outcome(4, IPC_UNSTARTED);
	calling_event(IPC_LINK_LOST);
	calling_aborted(STAGE_LIMIT);
	ck_assert_uint_eq(peer.taken, 1);
	calling_end();
}
END_TEST

/* broken_by - have the peer break off in the middle of the second of four */
static void
broken_by(enum action action, enum association_abort_reason reason,
    enum ipc_result result)
{
	peer_init(&peer);
	peer.abort_with = reason;
	peer.actions[1] = action;
	calling_bound("recovery-timeout = 0");
	calling_jobs(4);
	calling_outcome(1, IPC_TRANSFERRED);
	ck_assert_uint_gt(calling_outcome(2, result)->text.len, 0);
	calling_outcome(3, IPC_UNSTARTED);
	calling_outcome(4, IPC_UNSTARTED);
	ck_assert_uint_gt(calling_event(IPC_LINK_LOST)->reason.len, 0);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	calling_end();
}

START_TEST(broken_off)
{
	broken_by(ABORT, ASSOCIATION_ABORT_TEMPORARY, IPC_INTERRUPTED);
	broken_by(ABORT, ASSOCIATION_ABORT_PERMANENT, IPC_TRANSIENT);
	broken_by(VANISH, ASSOCIATION_ABORT_LOCAL, IPC_INTERRUPTED);
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
	calling_bound("");
	calling_jobs(4);
	calling_outcome(1, IPC_TRANSFERRED);
	peer_wait(&peer, peer.waiting);
	ck_assert_uint_eq(stage_slot(&stage), 102);
	ipc_channel_fini(&stage.qmgr);
	peer_go(&peer);
	calling_aborted(STAGE_LIMIT);
	ck_assert_uint_eq(peer.taken, 2);
	calling_end();
}
END_TEST

/* taken - expect a record that the peer has the message of this job, as
 * this activity of the association that it was bound by */
static void
taken(struct ipc_channel *qmgr, uint64_t number, const char *additional)
{
	struct ipc_record record;
	struct diag diag = {0};

	ck_assert_int_eq(worker_receive(&stage.self, qmgr, &record,
			     clock_after(STAGE_LIMIT), &diag),
	    0);
	ck_assert_int_eq(record.type, IPC_TAKEN);
	ck_assert_uint_eq(record.taken.message, number + 100);
	ck_assert_uint_eq(record.taken.name.activity, number);
	ck_assert(calling_contains(
	    session_references_get(
		&record.taken.name.references, SESSION_CALLING),
	    "MTA-BERLIN"));
	ck_assert(reference_is(
	    &record.taken.name.references, SESSION_ADDITIONAL, additional));
}

/* bound_as - bind with a peer that runs; return its additional reference */
static void
bound_as(char *additional, size_t size)
{
	struct slice reference = session_references_get(
	    &calling_bound("")->references, SESSION_ADDITIONAL);

	ck_assert_uint_lt(reference.len, size);
	memcpy(additional, reference.data, reference.len);
	additional[reference.len] = '\0';
}

/* The next qmgr is told what the peer has, by the names that ours had noted:
 * what was told before may not have been committed.  It goes when that qmgr
 * closes. */
START_TEST(next_qmgr_is_told)
{
	struct ipc_channel next;
	struct ipc_record record;
	struct diag diag = {0};
	char additional[16];
	int listener;

	peer_init(&peer);
	peer.actions[1] = HOLD;
	bound_as(additional, sizeof(additional));
	listener = stage_local(stage_path(&stage, "qmgr"));
	for (uint64_t i = 1; i <= 3; i++)
		calling_named_job(i, i, (struct ipc_job){0});
	calling_outcome(1, IPC_TRANSFERRED);
	peer_wait(&peer, peer.waiting);
	ipc_channel_fini(&stage.qmgr);
	peer_go(&peer);
	ck_assert_int_eq(
	    ipc_channel_init(&next, accept(listener, NULL, NULL)), 0);
	ck_assert_int_eq(worker_greet(&stage.self, &next, IPC_ROLE_QMGR,
			     clock_after(STAGE_LIMIT), &diag),
	    0);
	taken(&next, 1, additional);
	taken(&next, 2, additional);
	ck_assert_int_eq(worker_receive(&stage.self, &next, &record,
			     clock_after(STAGE_LIMIT), &diag),
	    ERR_CLOSED);
	ck_assert_int_eq(waitpid(stage.pid, NULL, WNOHANG), 0);
	ipc_channel_fini(&next);
	calling_gone(5000);
	ck_assert_uint_eq(peer.taken, 2);
	close(listener);
	calling_end();
}
END_TEST

/* The same in the middle of a large one: it is left, not waited for. */
START_TEST(qmgr_gone_in_the_middle)
{
	peer_init(&peer);
	peer.large = true;
	calling_bound("");
	calling_large_job(1, LARGE);
	stage_receive(&stage, IPC_BODY_REQUEST);
	calling_answer_body(1);
	ipc_channel_fini(&stage.qmgr);
	calling_aborted(5000);
	ck_assert_uint_eq(peer.taken, 0);
	calling_end();
}
END_TEST

START_TEST(qmgr_gone_idle)
{
	peer_init(&peer);
	calling_bound("");
	ipc_channel_fini(&stage.qmgr);
	calling_aborted(5000);
	calling_end();
}
END_TEST

START_TEST(qmgr_gone_while_calling)
{
	peer_init(&peer);
	peer.mute = true;
	calling_calls("");
	peer_wait(&peer, peer.waiting);
	ipc_channel_fini(&stage.qmgr);
	stage_exit(&stage, 5000);
	peer_go(&peer);
	calling_end();
}
END_TEST

/* A record that qmgr may not send ends the worker like qmgr's own end. */
START_TEST(qmgr_talks_nonsense)
{
	peer_init(&peer);
	calling_bound("");
	calling_job(1);
	calling_outcome(1, IPC_TRANSFERRED);
	stage_send(&stage,
	    (struct ipc_record){
		.type = IPC_BODY, .body = {.job = 77, .offset = 1}});
	calling_job(2);
	calling_outcome(2, IPC_TRANSFERRED);
	ck_assert_int_eq(write(stage.qmgr.fd, "garbage\n", 8), 8);
	calling_aborted(5000);
	calling_end();
}
END_TEST

/* Told to stop: the transfer under way ends well, the others go back. */
START_TEST(stopped_in_a_transfer)
{
	peer_init(&peer);
	peer.actions[0] = HOLD;
	calling_bound("");
	calling_jobs(3);
	peer_wait(&peer, peer.waiting);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	peer_go(&peer);
	calling_outcome(1, IPC_TRANSFERRED);
	calling_outcome(2, IPC_UNSTARTED);
	calling_outcome(3, IPC_UNSTARTED);
	calling_released(STAGE_LIMIT);
	calling_end();
}
END_TEST

/* Told to stop before qmgr has committed what the peer took, and qmgr ends: a
 * release would let the peer forget the name that the next qmgr asks for. */
START_TEST(not_released_before_the_commit)
{
	peer_init(&peer);
	peer.actions[0] = HOLD;
	calling_bound("");
	calling_job(1);
	peer_wait(&peer, peer.waiting);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	peer_go(&peer);
	(void)stage_receive(&stage, IPC_OUTCOME);
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSFERRED);
	ck_assert(stage.record.outcome.confirm);
	ipc_channel_fini(&stage.qmgr);
	calling_aborted(2 * STAGE_LIMIT);
	calling_end();
}
END_TEST

/* A job that was taken is followed by one that qmgr has cancelled, or that
 * the peer is refused: the release waits for the one that was taken. */
START_TEST(released_behind_a_cancelled_one)
{
	peer_init(&peer);
	peer.actions[0] = HOLD;
	calling_bound("");
	calling_jobs(2);
	peer_wait(&peer, peer.waiting);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 2}});
	peer_go(&peer);
	(void)stage_receive(&stage, IPC_OUTCOME);
	ck_assert_uint_eq(stage.record.outcome.job, 1);
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSFERRED);
	calling_commits();
	calling_outcome(2, IPC_UNSTARTED);
	calling_retire();
	calling_end();
}
END_TEST

/* A transfer that does not end is ended, and not waited for: the peer goes on
 * only when the worker is gone. */
START_TEST(stopped_in_a_long_transfer)
{
	peer_init(&peer);
	peer.actions[0] = HOLD;
	calling_bound("");
	calling_job(1);
	calling_job(2);
	peer_wait(&peer, peer.waiting);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	calling_outcome(1, IPC_TRANSIENT);
	calling_outcome(2, IPC_UNSTARTED);
	calling_event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	peer_go(&peer);
	calling_end();
}
END_TEST

START_TEST(stopped_idle)
{
	peer_init(&peer);
	calling_bound("");
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	calling_released(5000);
	calling_end();
}
END_TEST

START_TEST(stopped_while_calling)
{
	peer_init(&peer);
	peer.mute = true;
	calling_calls("");
	peer_wait(&peer, peer.waiting);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	stage_exit(&stage, 5000);
	peer_go(&peer);
	calling_end();
}
END_TEST

/* master is gone: the same as a stop. */
START_TEST(master_gone)
{
	int status;

	peer_init(&peer);
	calling_bound("");
	close(stage.status);
	calling_event(IPC_LINK_RELEASED);
	stage_ended(&stage);
	ck_assert_int_eq(waitpid(stage.pid, &status, 0), stage.pid);
	ck_assert_int_eq(status, 0);
	stage.reaped = true;
	calling_end();
}
END_TEST

TEST_MAIN("x400out/end", TEST(peer_jeopardized); TEST(broken_off);
	  TEST(qmgr_gone_at_the_end), TEST(next_qmgr_is_told);
	  TEST(qmgr_gone_in_the_middle); TEST(qmgr_gone_idle);
	  TEST(qmgr_gone_while_calling); TEST(qmgr_talks_nonsense);
	  TEST(stopped_in_a_transfer); TEST(not_released_before_the_commit);
	  TEST(released_behind_a_cancelled_one);
	  TEST(stopped_in_a_long_transfer); TEST(stopped_idle);
	  TEST(stopped_while_calling); TEST(master_gone))
