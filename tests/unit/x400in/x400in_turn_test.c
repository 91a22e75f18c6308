/* SPDX-License-Identifier: ISC */
/*
 * x400in_turn_test.c - a caller that takes turns, and what it takes of us
 */
#include "osi/association_turn.h"
#include "tests/unit/x400in/serving.h"

#define JOB	 1
#define ACTIVITY 1

/* come - receive the next event that is not octets of data; whether it is
 * that */
static bool
come(struct caller *c, enum association_event_kind kind)
{
	struct association_event event;

	do {
		if (association_receive(
			&c->a, &event, clock_after(STAGE_LIMIT)) != 0)
			return false;
	} while (event.kind == ASSOCIATION_EVENT_DATA ||
	    event.kind == ASSOCIATION_EVENT_CHECKPOINT);
	return event.kind == kind;
}

/* take_and_release - take one transfer, and release with the turn that comes
 * back */
static void
take_and_release(struct caller *c)
{
	c->result = ERR_STATE;
	if (caller_open(c) == 0 && come(c, ASSOCIATION_EVENT_TURN_WANTED) &&
	    association_turn_give(&c->a) == 0 &&
	    come(c, ASSOCIATION_EVENT_TRANSFER_START) &&
	    come(c, ASSOCIATION_EVENT_TRANSFER_END) &&
	    association_confirm_transfer(&c->a) == 0 &&
	    association_turn_please(&c->a, 0) == 0 &&
	    come(c, ASSOCIATION_EVENT_TURN_GIVEN))
		c->result = association_release(&c->a);
	c->failure = c->a.failure;
	caller_close(c);
}

/* hand_job - give the worker a message, under a name that is noted */
static void
hand_job(void)
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
		.job = {.job = JOB,
		    .message = JOB + 100,
		    .priority = 1,
		    .activity = ACTIVITY,
		    .envelope_length = buffer_length(&apdu.octets),
		    .content_length = buffer_length(&apdu.content),
		    .body = buffer_slice(&body)}});
	buffer_fini(&body);
}

/* taken_by_caller - play qmgr up to the outcome of a message that the caller
 * takes */
static void
taken_by_caller(void)
{
	serving_begin();
	caller.two_way = true;
	serving_serve(take_and_release, "dialogue = \"two-way-alternate\"");
	hand_job();
	(void)stage_receive(&stage, IPC_OUTCOME);
	ck_assert_uint_eq(stage.record.outcome.job, JOB);
	ck_assert_int_eq(stage.record.outcome.result, IPC_TRANSFERRED);
	ck_assert(stage.record.outcome.confirm);
}

/* A caller may release once qmgr has committed that it took the message. */
START_TEST(released_behind_the_commit)
{
	taken_by_caller();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_OUTCOME,
		.outcome = {.job = JOB, .result = IPC_TRANSFERRED}});
	serving_released();
	ck_assert_int_eq(caller.result, 0);
	serving_end();
}
END_TEST

/* A qmgr that ends before the commit: the caller's release is answered by an
 * abort, for it would forget what it took, and the next qmgr is told. */
START_TEST(not_released_before_the_commit)
{
	taken_by_caller();
	serving_qmgr_goes();
	serving_reporter_comes();
	(void)stage_receive(&stage, IPC_SESSION_CLAIM);
	ck_assert_uint_eq(
	    stage_receive(&stage, IPC_TAKEN)->taken.message, JOB + 100);
	ck_assert_uint_eq(stage.record.taken.name.activity, ACTIVITY);
	serving_qmgr_goes();
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
	ck_assert_int_ne(caller.result, 0);
	ck_assert_int_eq(caller.failure.end, ASSOCIATION_ABORTED_BY_PEER);
	serving_end();
}
END_TEST

TEST_MAIN("x400in/turn", TEST(released_behind_the_commit);
	  TEST(not_released_before_the_commit))
