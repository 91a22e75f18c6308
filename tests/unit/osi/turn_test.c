/* SPDX-License-Identifier: ISC */
/*
 * turn_test.c - two-way alternate: the turn goes to and fro
 */
#include "tests/unit/osi/mode_fixture.h"
#include "tests/unit/osi/turn_fixture.h"

#define TURNS 60

/* One side: what it sends and got. */
struct talker {
	struct association *a;
	unsigned turns;	    /* that it had */
	unsigned transfers; /* in each of its turns */
	unsigned sent, got;
	uint64_t sent_octets, got_octets, sent_sum, got_sum;
	unsigned wanted;
	bool releases;
	int result;
};

static uint8_t block[20000];

/* speak - use one turn: transfers of growing size, then give it or end it */
static int
speak(struct talker *talker)
{
	struct association *a = talker->a;
	int error = 0;

	for (unsigned i = 0; error == 0 && i < talker->transfers; i++) {
		size_t len = 1 + talker->sent * 331 % sizeof(block);

		error = association_send_start(a, len, CLOCK_NEVER);
		if (error == 0)
			error = association_send_data(a, slice_of(block, len));
		if (error == 0)
			error = association_send_end(a);
		if (error == 0)
			error = association_send_finish(a);
		for (size_t j = 0; j < len; j++)
			talker->sent_sum = talker->sent_sum * 31 + block[j];
		talker->sent_octets += len;
		talker->sent++;
	}
	if (error != 0)
		return error;
	if (++talker->turns == TURNS && talker->releases)
		return association_release(a) < 0 ? -1 : 1;
	return association_turn_give(a);
}

/* hear - handle one event of the other's turn; 1 if it is over */
static int
hear(struct talker *talker)
{
	struct association_event event;
	struct association *a = talker->a;
	int error = association_receive(a, &event, clock_after(60000));

	if (error < 0)
		return error;
	switch ((int)event.kind) {
	case ASSOCIATION_EVENT_DATA:
		for (size_t i = 0; i < event.data.len; i++)
			talker->got_sum =
			    talker->got_sum * 31 + event.data.data[i];
		talker->got_octets += event.data.len;
		/* In the middle of what is being sent. */
		return talker->got % 3 == 0
		    ? association_turn_please(a, talker->got)
		    : 0;
	case ASSOCIATION_EVENT_CHECKPOINT:
		return association_confirm_checkpoint(a, event.serial);
	case ASSOCIATION_EVENT_TRANSFER_END:
		talker->got++;
		return association_confirm_transfer(a);
	case ASSOCIATION_EVENT_RELEASE:
		return association_confirm_release(a) < 0 ? -1 : 1;
	case ASSOCIATION_EVENT_TURN_WANTED:
		talker->wanted++;
		return 0;
	case ASSOCIATION_EVENT_ABORT:
		return ERR_CLOSED;
	default:
		return 0;
	}
}

/* talk - exchange turns to the end */
static void
talk(struct talker *talker)
{
	int result = 0;

	while (result == 0)
		result = talker->a->turn ? speak(talker) : hear(talker);
	talker->result = result;
}

static void
serve_talk(struct pair *pair)
{
	two_way_accept(pair);
	if (pair->result == 0)
		talk(pair->arg);
}

/* Both send, many times over; either may begin. */
START_TEST(many_turns)
{
	struct talker here = {.transfers = 3, .releases = true};
	struct talker there = {.transfers = 2};
	struct pair pair;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (uint8_t)(i * 13 >> 2);
	pair_init(&pair);
	pair.parameters.dialogue = ASSOCIATION_TWO_WAY;
	pair.parameters.turn =
	    _i == 0 ? ASSOCIATION_INITIATOR : ASSOCIATION_RESPONDER;
	pair.arg = &there;
	here.a = &pair.here;
	there.a = &pair.there;
	pair_start(&pair, serve_talk);
	ck_assert_int_eq(pair_open(&pair), 0);
	talk(&here);
	shutdown(pair.fd[0], SHUT_RDWR);
	pair_join(&pair);
	ck_assert_int_eq(here.result, 1);
	ck_assert_int_eq(there.result, 1);
	ck_assert_int_eq(pair.indication.turn, _i == 1);
	ck_assert_uint_eq(here.sent, 3 * TURNS);
	ck_assert_uint_eq(there.sent, 2 * (TURNS - (_i == 0)));
	ck_assert_uint_eq(here.got, there.sent);
	ck_assert_uint_eq(there.got, here.sent);
	ck_assert_uint_eq(here.got_octets, there.sent_octets);
	ck_assert_uint_eq(there.got_octets, here.sent_octets);
	ck_assert_uint_eq(here.got_sum, there.sent_sum);
	ck_assert_uint_eq(there.got_sum, here.sent_sum);
	pair_fini(&pair);
}
END_TEST

/* Asked for, seen, given; asked again with another priority. */
START_TEST(please)
{
	struct pair pair;

	two_way_open(&pair, ASSOCIATION_INITIATOR);
	ck_assert(pair.here.turn && !pair.there.turn);
	ck_assert_int_eq(pair.here.turn_wanted, -1);
	ck_assert_int_eq(association_turn_please(&pair.here, 0), ERR_STATE);
	ck_assert_int_eq(association_turn_give(&pair.there), ERR_STATE);
	ck_assert_int_eq(association_send_start(&pair.there, 1, 0), ERR_STATE);
	ck_assert_int_eq(association_turn_please(&pair.there, 5), 0);
	two_way_on_wire(pair.fd[0],
	    mode_of_test == ASSOCIATION_NORMAL
		? LITERAL("\x02\x11\x10\x01\x01\xc1\x0c\x61\x0a\x30\x08\x02"
			  "\x01\x03\xa0\x03\x02\x01\x05")
		: LITERAL("\x02\x08\x10\x01\x01\xc1\x03\x02\x01\x05"));
	ck_assert_uint_eq(
	    two_way_expect(&pair.here, ASSOCIATION_EVENT_TURN_WANTED).priority,
	    5);
	ck_assert_int_eq(association_turn_please(&pair.there, 300), 0);
	ck_assert_uint_eq(
	    two_way_expect(&pair.here, ASSOCIATION_EVENT_TURN_WANTED).priority,
	    300);
	ck_assert_int_eq(pair.here.turn_wanted, 300);
	two_way_nothing(&pair.here);
	ck_assert_int_eq(association_turn_give(&pair.here), 0);
	two_way_on_wire(pair.fd[1], LITERAL("\x15\x00"));
	ck_assert(!pair.here.turn);
	ck_assert_int_eq(pair.here.turn_wanted, -1);
	/* Without the turn nobody releases, gives or begins. */
	ck_assert_int_eq(association_release(&pair.here), ERR_STATE);
	ck_assert_int_eq(association_turn_give(&pair.here), ERR_STATE);
	ck_assert_int_eq(association_send_start(&pair.here, 1, 0), ERR_STATE);
	ck_assert_int_eq(association_turn_please(&pair.here, 1), ERR_STATE);
	two_way_expect(&pair.there, ASSOCIATION_EVENT_TURN_GIVEN);
	ck_assert(pair.there.turn);
	ck_assert_int_eq(association_release(&pair.there), ERR_STATE);
	two_way_on_wire(pair.fd[0], LITERAL("\x16\x00"));
	two_way_nothing(&pair.here); /* GTA: now it may ask */
	ck_assert_int_eq(association_turn_please(&pair.here, 1), 0);
	two_way_expect(&pair.there, ASSOCIATION_EVENT_TURN_WANTED);
	pair_fini(&pair);
}
END_TEST

/* A request and a gift cross: the gift is the answer. */
START_TEST(crossing)
{
	struct pair pair;

	two_way_open(&pair, ASSOCIATION_INITIATOR);
	for (int i = 0; i < 4; i++) {
		struct association *from = i % 2 ? &pair.there : &pair.here;
		struct association *to = i % 2 ? &pair.here : &pair.there;

		ck_assert_int_eq(association_turn_please(to, 2), 0);
		ck_assert_int_eq(association_turn_give(from), 0);
		two_way_nothing(from); /* the request */
		two_way_expect(to, ASSOCIATION_EVENT_TURN_GIVEN);
		two_way_nothing(from); /* the GTA */
		ck_assert_int_eq(from->turn_wanted, -1);
		ck_assert(to->turn && !from->turn);
	}
	/* Given back before the GTA was looked at. */
	ck_assert_int_eq(association_turn_give(&pair.here), 0);
	two_way_expect(&pair.there, ASSOCIATION_EVENT_TURN_GIVEN);
	ck_assert_int_eq(association_turn_give(&pair.there), 0);
	two_way_expect(&pair.here, ASSOCIATION_EVENT_TURN_GIVEN);
	two_way_nothing(&pair.there);
	pair_fini(&pair);
}
END_TEST

/* A request that crosses with the release is noted, no more. */
static void
receive_release(struct pair *pair)
{
	struct association_event event;

	pair->result =
	    association_receive(&pair->there, &event, clock_after(60000));
	if (pair->result == 0)
		pair->result = association_confirm_release(&pair->there);
}

START_TEST(please_and_release)
{
	struct pair pair;

	two_way_open(&pair, ASSOCIATION_INITIATOR);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(association_turn_please(&pair.there, 0), 0);
	pair_start(&pair, receive_release);
	ck_assert_int_eq(association_release(&pair.here), 0);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_RELEASED);
	ck_assert_int_eq(pair.here.turn_wanted, 0);
	close(pair.fd[0]);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	pair.fd[0] = dup(pair.fd[1]);
	pair_fini(&pair);
}
END_TEST

/* An abort at any point is learnt of by the other side. */
static void
abort_one(struct pair *pair)
{
	association_abort(pair->arg, ASSOCIATION_ABORT_TEMPORARY);
}

START_TEST(aborts)
{
	struct association_event event;
	struct association *from, *to;
	struct pair pair;

	two_way_open(&pair, ASSOCIATION_INITIATOR);
	from = _i & 1 ? &pair.there : &pair.here;
	to = _i & 1 ? &pair.here : &pair.there;
	if (_i & 2)
		ck_assert_int_eq(association_turn_please(&pair.there, 0), 0);
	if (_i & 4)
		ck_assert_int_eq(association_turn_give(&pair.here), 0);
	pair.arg = from;
	pair_start(&pair, abort_one);
	do
		ck_assert_int_eq(
		    association_receive(to, &event, clock_after(60000)), 0);
	while (event.kind != ASSOCIATION_EVENT_ABORT);
	ck_assert_int_eq(to->failure.reason, ASSOCIATION_ABORT_TEMPORARY);
	ck_assert_int_eq(association_turn_give(to), ERR_STATE);
	ck_assert_int_eq(association_turn_please(to, 0), ERR_STATE);
	shutdown(pair.fd[0], SHUT_RDWR);
	pair_fini(&pair);
}
END_TEST

/* In monologue the turn stays, and who takes either gets what is asked. */
START_TEST(monologue)
{
	struct pair pair;

	pair_init(&pair);
	pair_start(&pair, two_way_accept);
	ck_assert_int_eq(pair_open(&pair), 0);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_int_eq(pair.there.dialogue, ASSOCIATION_MONOLOGUE);
	ck_assert(!pair.there.turn);
	ck_assert_int_eq(association_turn_please(&pair.there, 0), ERR_STATE);
	pair_fini(&pair);

	pair_init(&pair);
	pair_start(&pair, pair_serve);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert(pair.here.turn);
	ck_assert_int_eq(association_turn_please(&pair.here, 0), ERR_STATE);
	ck_assert_int_eq(association_turn_give(&pair.here), ERR_STATE);
	ck_assert_int_eq(association_release(&pair.here), 0);
	shutdown(pair.fd[0], SHUT_RDWR);
	pair_fini(&pair);
}
END_TEST

TEST_MAIN("osi/turn", TEST_LOOP_MODES(many_turns, 2);
	  TEST_LOOP_MODES(aborts, 8); TEST_MODES(please); TEST_MODES(crossing);
	  TEST_MODES(please_and_release); TEST_MODES(monologue))
