/* SPDX-License-Identifier: ISC */
/*
 * turn_recovery_test.c - transfers that are interrupted where both sides send
 */
#include "osi/association_recovery.h"
#include "tests/unit/osi/mode_fixture.h"
#include "tests/unit/osi/turn_fixture.h"

static uint8_t block[20000];

/* fill - fill in octets that can be told apart */
static void
fill(void)
{
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (uint8_t)(i * 13 >> 2);
}

/* The sender hears of the request in the middle of its transfer; the request
 * outlives an interruption, and the transfer goes on after the other's turn. */
static void
receive_two(struct pair *pair)
{
	struct association *a = &pair->there;
	struct association_receive_state state = {.len = 0};
	struct association_event event;
	bool asked = false;

	for (;;) {
		pair->result =
		    association_receive(a, &event, clock_after(60000));
		if (pair->result < 0 || event.kind == ASSOCIATION_EVENT_ABORT)
			return;
		switch ((int)event.kind) {
		case ASSOCIATION_EVENT_DATA:
			pair->octets += event.data.len;
			break;
		case ASSOCIATION_EVENT_CHECKPOINT:
			pair->result = association_receive_state(a, &state);
			ck_assert_int_eq(pair->result, 0);
			if (!asked)
				pair->result = association_turn_please(a, 7);
			asked = true;
			ck_assert_int_eq(pair->result, 0);
			pair->result =
			    association_confirm_checkpoint(a, event.serial);
			break;
		case ASSOCIATION_EVENT_TURN_GIVEN:
			pair->result =
			    association_send_start(a, 5, CLOCK_NEVER);
			ck_assert_int_eq(pair->result, 0);
			pair->result =
			    association_send_data(a, LITERAL("hello"));
			ck_assert_int_eq(pair->result, 0);
			pair->result = association_send_end(a);
			ck_assert_int_eq(pair->result, 0);
			pair->result = association_send_finish(a);
			if (pair->result == 0)
				pair->result = association_turn_give(a);
			break;
		case ASSOCIATION_EVENT_TRANSFER_RESUMED:
			ck_assert_uint_eq(event.old_activity, 1);
			ck_assert_ptr_null(event.old_references);
			pair->result = association_resume_accept(a, &state);
			ck_assert_int_eq(pair->result, 0);
			ck_assert_int_eq(association_receive_state_get(&state,
					     &event.serial, &pair->octets),
			    0);
			break;
		case ASSOCIATION_EVENT_TRANSFER_END:
			pair->transfers++;
			pair->result = association_confirm_transfer(a);
			return;
		default:
			break;
		}
		if (pair->result < 0)
			return;
	}
}

START_TEST(please_and_interrupt)
{
	struct association_resumption resumption;
	struct association_event event;
	struct pair pair;
	struct association *a = &pair.here;

	fill();
	two_way_open(&pair, ASSOCIATION_INITIATOR);
	pair_start(&pair, receive_two);
	ck_assert_int_eq(
	    association_send_start(a, sizeof(block), CLOCK_NEVER), 0);
	ck_assert_int_eq(association_send_data(a, slice_of(block, 15000)), 0);
	/* The window made it wait for a confirmation: it came after the PT. */
	ck_assert_int_eq(a->turn_wanted, 7);
	ck_assert_int_eq(association_turn_give(a), ERR_STATE);
	ck_assert_int_eq(association_send_interrupt(a, NULL), 0);
	ck_assert_int_eq(a->turn_wanted, 7);
	resumption = (struct association_resumption){.activity = 1,
	    .serial = a->serial_confirmed,
	    .offset = a->confirmed_offset};
	two_way_expect(a, ASSOCIATION_EVENT_TURN_WANTED);
	ck_assert_int_eq(association_turn_give(a), 0);
	/* Each side numbers its own activities. */
	event = two_way_expect(a, ASSOCIATION_EVENT_TRANSFER_START);
	ck_assert_uint_eq(event.activity, 1);
	event = two_way_expect(a, ASSOCIATION_EVENT_DATA);
	ck_assert(slice_equal(event.data, LITERAL("hello")));
	two_way_expect(a, ASSOCIATION_EVENT_TRANSFER_END);
	ck_assert_int_eq(association_confirm_transfer(a), 0);
	two_way_expect(a, ASSOCIATION_EVENT_TURN_GIVEN);
	ck_assert_int_eq(
	    association_send_resume(a, &resumption, sizeof(block), CLOCK_NEVER),
	    0);
	ck_assert_int_eq(association_send_data(a,
			     slice_of(block + resumption.offset,
				 sizeof(block) - (size_t)resumption.offset)),
	    0);
	ck_assert_int_eq(association_send_end(a), 0);
	ck_assert_int_eq(association_send_finish(a), 0);
	pair_join(&pair);
	ck_assert_uint_eq(pair.octets, sizeof(block));
	ck_assert_uint_eq(pair.transfers, 1);
	ck_assert_uint_eq(a->activity_sent, 2);
	pair_fini(&pair);
}
END_TEST

/* A transfer of the responder's breaks; the initiator calls again, gives the
 * turn to the responder from the beginning, and it goes on. */
static void
send_and_vanish(struct pair *pair)
{
	struct association *a = &pair->there;

	two_way_accept(pair);
	if (pair->result == 0)
		pair->result =
		    association_send_start(a, sizeof(block), CLOCK_NEVER);
	if (pair->result == 0)
		pair->result = association_send_data(a, slice_of(block, 15000));
	shutdown(pair->fd[1], SHUT_RDWR);
}

static void
resume_there(struct pair *pair)
{
	struct association *a = &pair->there;
	struct association_resumption *resumption = pair->arg;
	size_t at = (size_t)resumption->offset;

	pair->result = two_way_listen(pair);
	if (pair->result == 0)
		pair->result = association_accept_recovery(a, 3, 2);
	if (pair->result == 0)
		pair->result = association_send_resume(
		    a, resumption, sizeof(block), CLOCK_NEVER);
	if (pair->result == 0)
		pair->result = association_send_data(
		    a, slice_of(block + at, sizeof(block) - at));
	if (pair->result == 0)
		pair->result = association_send_end(a);
	if (pair->result == 0)
		pair->result = association_send_finish(a);
}

START_TEST(responder_resumes)
{
	static uint8_t got[sizeof(block)];
	struct association_receive_state state = {.len = 0};
	struct session_references references;
	struct association_resumption resumption;
	struct association_event event = {.activity = 0};
	struct slice result;
	uint64_t len = 0;
	uint32_t serial;
	struct pair pair;

	fill();
	pair_init(&pair);
	pair.parameters.dialogue = ASSOCIATION_TWO_WAY;
	pair.parameters.turn = ASSOCIATION_RESPONDER;
	pair_start(&pair, send_and_vanish);
	ck_assert_int_eq(pair_open(&pair), 0);
	while (event.kind != ASSOCIATION_EVENT_ABORT) {
		ck_assert_int_eq(
		    association_receive(&pair.here, &event, clock_after(60000)),
		    0);
		if (event.kind == ASSOCIATION_EVENT_DATA) {
			memcpy(got + len, event.data.data, event.data.len);
			len += event.data.len;
		} else if (event.kind == ASSOCIATION_EVENT_CHECKPOINT) {
			ck_assert_int_eq(
			    association_receive_state(&pair.here, &state), 0);
			if (association_confirm_checkpoint(
				&pair.here, event.serial) < 0)
				break;
		}
	}
	pair_join(&pair);
	ck_assert_uint_gt(pair.there.serial_confirmed, 0);
	references = pair.there.references;
	ck_assert(session_references_equal(&references, &pair.here.references));
	resumption = (struct association_resumption){
	    .activity = pair.there.activity_sent,
	    .serial = pair.there.serial_confirmed,
	    .offset = pair.there.confirmed_offset,
	    .references = &references};
	pair_fini(&pair);

	pair_init(&pair);
	pair.parameters.dialogue = ASSOCIATION_TWO_WAY;
	pair.parameters.turn = ASSOCIATION_RESPONDER;
	pair.parameters.recover = &references;
	pair.parameters.references.calling[0]++;
	pair.arg = &resumption;
	pair_start(&pair, resume_there);
	ck_assert_int_eq(association_open(&pair.here, pair.fd[0],
			     &pair.parameters, slice_of(NULL, 0), &result),
	    0);
	ck_assert_uint_eq(result.len, 0);
	event = two_way_expect(&pair.here, ASSOCIATION_EVENT_TRANSFER_RESUMED);
	ck_assert_uint_eq(event.old_activity, 1);
	ck_assert_uint_eq(event.serial, resumption.serial);
	ck_assert_ptr_nonnull(event.old_references);
	ck_assert(session_references_equal(event.old_references, &references));
	ck_assert_int_eq(association_resume_accept(&pair.here, &state), 0);
	ck_assert_int_eq(
	    association_receive_state_get(&state, &serial, &len), 0);
	while (event.kind != ASSOCIATION_EVENT_TRANSFER_END) {
		ck_assert_int_eq(
		    association_receive(&pair.here, &event, clock_after(60000)),
		    0);
		ck_assert_int_ne(event.kind, ASSOCIATION_EVENT_ABORT);
		if (event.kind == ASSOCIATION_EVENT_DATA) {
			memcpy(got + len, event.data.data, event.data.len);
			len += event.data.len;
		} else if (event.kind == ASSOCIATION_EVENT_CHECKPOINT) {
			ck_assert_int_eq(association_confirm_checkpoint(
					     &pair.here, event.serial),
			    0);
		}
	}
	ck_assert_int_eq(association_confirm_transfer(&pair.here), 0);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_uint_eq(len, sizeof(block));
	ck_assert_mem_eq(got, block, sizeof(block));
	pair_fini(&pair);
}
END_TEST

TEST_MAIN("osi/turn_recovery", TEST_MODES(please_and_interrupt);
	  TEST_MODES(responder_resumes))
