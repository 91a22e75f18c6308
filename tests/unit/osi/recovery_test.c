/* SPDX-License-Identifier: ISC */
/*
 * recovery_test.c - transfers that are cut off anywhere, and go on
 *
 * What is checked is what the receiver has in the end: every octet once, the
 * transfer delivered once, and on the wire no more again than what followed
 * the last confirmed checkpoint.
 */
#include "tests/unit/osi/mode_fixture.h"
#include "tests/unit/osi/recovery_fixture.h"

#define LEN	 7000
#define OVERHEAD 1200 /* establishment, headers, release */

static uint8_t octets[APDU_MAX];

/* cut - cut the first association after so many octets, the next ones too; at
 * last nothing disturbs any more */
static void
cut(struct sender *sender, struct receiver *receiver, int side,
    const size_t *limit, size_t limits)
{
	size_t carried;
	int error = 0;

	for (size_t i = 0; i < limits + 4; i++) {
		size_t at = i < limits ? limit[i] : RELAY_NEVER;
		bool resumes = sender->begun;
		uint64_t offset = sender->resumption.offset;

		error =
		    sender_try(sender, receiver, side == 0 ? at : RELAY_NEVER,
			side == 1 ? at : RELAY_NEVER, &carried);
		if (resumes)
			ck_assert_uint_le(carried,
			    (sender->len - offset) * 105 / 100 + OVERHEAD);
		if (error == 0)
			break;
	}
	ck_assert_int_eq(error, 0);
}

/* Cut anywhere, with every window: from the sender, then from the receiver. */
START_TEST(cut_anywhere)
{
	unsigned window = (unsigned)_i % 5 + 1;
	int side = _i / 5 % 2;
	unsigned lag = _i / 10 == 1 ? window - 1 : 0;
	size_t most = side == 0 ? LEN + OVERHEAD : 700;
	unsigned resumed = 0, repeated = 0;

	for (size_t at = 1; at < most; at += side == 0 ? 13 : 3) {
		struct sender sender;
		struct receiver receiver;

		recovery_init(&sender, &receiver, octets, LEN, 1, window);
		receiver.lag = lag;
		cut(&sender, &receiver, side, &at, 1);
		resumed += receiver.resumed;
		repeated += receiver.repeated;
		recovery_check(&sender, &receiver);
	}
	ck_assert_uint_gt(resumed, 0);
	if (side == 1)
		ck_assert_uint_gt(repeated, 0);
}
END_TEST

/* Cut again in what was resumed, and again; with pieces cut otherwise. */
START_TEST(cut_again)
{
	static const unsigned sizes[] = {1, 2, 3, 1, 5};
	unsigned window = (unsigned)_i + 1;

	for (size_t at = 300; at < 9000; at += 97) {
		struct sender sender;
		struct receiver receiver;
		size_t limits[] = {at, at * 7 % 8000 + 200,
		    at * 13 % 5000 + 300, at * 29 % 3000 + 300};

		recovery_init(
		    &sender, &receiver, octets, 40000, sizes[at % 5], window);
		receiver.checkpoint = sizes[at / 97 % 5];
		receiver.lag = window - 1;
		cut(&sender, &receiver, (int)(at & 1), limits, 4);
		recovery_check(&sender, &receiver);
	}
}
END_TEST

/* A large one, without checkpoints: all of it goes again, is there once. */
START_TEST(without_checkpoints)
{
	static const size_t limits[] = {5000, 100000, 300200};

	for (size_t i = 0; i < 3; i++) {
		struct sender sender;
		struct receiver receiver;

		recovery_init(&sender, &receiver, octets, 300000, 0, 3);
		cut(&sender, &receiver, 0, &limits[i], 1);
		ck_assert_uint_eq(sender.resumption.serial, 0);
		ck_assert_uint_eq(receiver.resumed + receiver.repeated, 1);
		recovery_check(&sender, &receiver);
	}
}
END_TEST

/* Pieces that are not held back whole, and ones in segments. */
START_TEST(large_pieces)
{
	size_t len = _i == 0 ? 1000000 : 100000;

	recovery_tsdu_max = _i == 0 ? 0 : 500;
	for (size_t at = 1000; at < len; at += len / 17) {
		struct sender sender;
		struct receiver receiver;
		size_t limits[] = {at, len / 3};

		recovery_init(
		    &sender, &receiver, octets, len, _i == 0 ? 200 : 7, 2);
		cut(&sender, &receiver, 0, limits, 2);
		ck_assert_uint_eq(sender.restarts, 0);
		recovery_check(&sender, &receiver);
	}
	recovery_tsdu_max = 0;
}
END_TEST

/* Nothing to go on with: told so, and from the start. */
START_TEST(cannot_recover)
{
	struct sender sender;
	struct receiver receiver;
	size_t carried;

	recovery_init(&sender, &receiver, octets, LEN, 1, 3);
	receiver.forgets = true;
	ck_assert_int_lt(
	    sender_try(&sender, &receiver, 4000, RELAY_NEVER, &carried), 0);
	ck_assert(sender.begun);
	ck_assert_int_eq(
	    sender_try(&sender, &receiver, RELAY_NEVER, RELAY_NEVER, &carried),
	    ERR_REFUSED);
	ck_assert_uint_eq(sender.restarts, 1);
	ck_assert_int_eq(
	    sender_try(&sender, &receiver, RELAY_NEVER, RELAY_NEVER, &carried),
	    0);
	recovery_check(&sender, &receiver);
}
END_TEST

/* An activity that never was: RTAB 2. */
START_TEST(unknown)
{
	struct sender sender;
	struct receiver receiver;

	recovery_init(&sender, &receiver, octets, LEN, 1, 3);
	ck_assert_int_lt(
	    sender_try(&sender, &receiver, 6500, RELAY_NEVER, NULL), 0);
	ck_assert_uint_gt(sender.resumption.serial, 0);
	sender.resumption.activity += _i == 0;
	if (_i == 1)
		sender.resumption.references = NULL;
	if (_i == 2)
		receiver.stated = false; /* it has lost what it confirmed */
	if (_i == 3)
		receiver.state.octets[0]++; /* or cannot read it */
	if (_i == 4)
		sender.resumption.serial += 5; /* never confirmed */
	ck_assert_int_lt(
	    sender_try(&sender, &receiver, RELAY_NEVER, RELAY_NEVER, NULL), 0);
	if (_i < 2)
		ck_assert_uint_eq(sender.restarts, 1);
	ck_assert_uint_eq(receiver.delivered, 0);
	free(receiver.octets);
}
END_TEST

/* A receiver that does not answer says that it knows nothing. */
static void *
serve_silently(void *arg)
{
	struct attempt *attempt = arg;
	struct association_event event;
	int result;

	result = receiver_open(
	    attempt->receiver, &attempt->there, attempt->relay.there[0]);
	while (result == 0 && event.kind != ASSOCIATION_EVENT_ABORT)
		result = association_receive(
		    &attempt->there, &event, clock_after(60000));
	return NULL;
}

START_TEST(unanswered)
{
	const struct association_io io = {association_poll, NULL};
	struct association_resumption resumption = {.activity = 1};
	struct sender sender;
	struct receiver receiver;
	struct attempt attempt = {.receiver = &receiver};
	struct association a;

	recovery_init(&sender, &receiver, octets, LEN, 1, 3);
	relay_start(&attempt.relay, RELAY_NEVER, RELAY_NEVER);
	ck_assert_int_eq(association_init(&attempt.there, io), 0);
	ck_assert_int_eq(association_init(&a, io), 0);
	pthread_create(&attempt.thread, NULL, serve_silently, &attempt);
	ck_assert_int_eq(sender_open(&sender, &a, attempt.relay.here[0]), 0);
	ck_assert_int_eq(
	    association_send_resume(&a, &resumption, LEN, CLOCK_NEVER), 0);
	ck_assert_int_eq(sender_rest(&sender, &a, 0), ERR_CLOSED);
	ck_assert_int_eq(
	    a.failure.reason, ASSOCIATION_ABORT_UNRECOGNIZED_ACTIVITY);
	ck_assert(!a.transfer_completed);
	association_fini(&a);
	attempt_end(&attempt);
	ck_assert_int_eq(attempt.there.phase, ASSOCIATION_OVER);
	free(receiver.octets);
}
END_TEST

/* Interrupted by ourselves, and resumed on the same association, with another
 * transfer between. */
START_TEST(same_connection)
{
	const struct association_io io = {association_poll, NULL};
	struct association_resumption resumption;
	struct sender sender;
	struct receiver receiver;
	struct attempt attempt;
	struct association a;
	uint32_t serial;

	recovery_init(&sender, &receiver, octets, 40000, 1, (unsigned)_i + 1);
	attempt_start(&attempt, &receiver, RELAY_NEVER, RELAY_NEVER);
	ck_assert_int_eq(association_init(&a, io), 0);
	ck_assert_int_eq(sender_open(&sender, &a, attempt.relay.here[0]), 0);
	ck_assert_int_eq(
	    association_send_start(&a, sender.len, CLOCK_NEVER), 0);
	ck_assert_int_eq(association_send_data(&a, slice_of(octets, 15000)), 0);
	ck_assert_int_eq(association_send_interrupt(&a, &serial), 0);
	for (unsigned i = 0; i < 3; i++) {
		resumption =
		    (struct association_resumption){.activity = a.activity_sent,
			.serial = a.serial_confirmed,
			.offset = a.confirmed_offset};
		/* Before the APDU stand 11 octets of the EXTERNAL, but in
		 * X.410 mode. */
		ck_assert_uint_eq(a.confirmed_offset % 1024,
		    mode_of_test == ASSOCIATION_NORMAL ? 1024 - 11 : 0);
		ck_assert_int_eq(association_send_resume(
				     &a, &resumption, sender.len, CLOCK_NEVER),
		    0);
		ck_assert_uint_eq(a.activity_sent, i + 2);
		ck_assert_int_eq(
		    association_send_data(
			&a, slice_of(octets + resumption.offset, 7000)),
		    0);
		if (i == 2)
			break;
		ck_assert_int_eq(association_send_interrupt(&a, NULL), 0);
		ck_assert_uint_gt(a.serial_confirmed, resumption.serial);
	}
	ck_assert_int_eq(
	    sender_rest(&sender, &a, (size_t)resumption.offset + 7000), 0);
	ck_assert_uint_eq(a.confirmed_offset, sender.len);
	ck_assert_int_eq(association_release(&a), 0);
	association_fini(&a);
	attempt_end(&attempt);
	ck_assert_uint_eq(receiver.resumed, 3);
	recovery_check(&sender, &receiver);
}
END_TEST

/* Taken, but the word was lost: on the sender's wish to forget, RTAB 7. */
START_TEST(discard_completed)
{
	const struct association_io io = {association_poll, NULL};
	struct sender sender;
	struct receiver receiver;
	struct attempt attempt;
	struct association a;
	size_t at;

	/* All but the AEA arrives. */
	for (at = 1;; at++) {
		recovery_init(&sender, &receiver, octets, LEN, 1, 3);
		ck_assert_int_lt(
		    sender_try(&sender, &receiver, RELAY_NEVER, at, NULL), 0);
		if (receiver.completed)
			break;
		free(receiver.octets);
	}
	attempt_start(&attempt, &receiver, RELAY_NEVER, RELAY_NEVER);
	ck_assert_int_eq(association_init(&a, io), 0);
	ck_assert_int_eq(sender_open(&sender, &a, attempt.relay.here[0]), 0);
	ck_assert_int_eq(association_send_resume(
			     &a, &sender.resumption, sender.len, CLOCK_NEVER),
	    0);
	ck_assert_int_eq(association_send_discard(&a), ERR_CLOSED);
	ck_assert(a.transfer_completed);
	ck_assert_int_eq(
	    a.failure.reason, ASSOCIATION_ABORT_TRANSFER_COMPLETED);
	association_fini(&a);
	attempt_end(&attempt);
	recovery_check(&sender, &receiver);
}
END_TEST

/* The sender's patience ends between AE and AEA; what the receiver knows by
 * then decides. */
enum late {
	LATE_TAKEN,	 /* it took it: RTAB 7 */
	LATE_REFUSED,	 /* it did not: ADA */
	LATE_SILENT,	 /* no answer of the caller's: ADA */
	LATE_CROSSED,	 /* AEA was out already: RTAB 7 */
	LATE_AI_CROSSED, /* the same with an AI */
	LATES
};

struct late_attempt {
	struct attempt attempt;
	int how;
	int result;
	enum association_phase phase;
	pthread_barrier_t barrier;
};

static int
until(struct association *a, enum association_event_kind kind)
{
	struct association_event event;
	int error;

	do {
		error = association_receive(a, &event, clock_after(60000));
		if (error == 0 && event.kind == ASSOCIATION_EVENT_CHECKPOINT)
			error = association_confirm_checkpoint(a, event.serial);
		if (error == 0 && event.kind == ASSOCIATION_EVENT_ABORT &&
		    kind != event.kind)
			error = ERR_CLOSED;
	} while (error == 0 && event.kind != kind);
	return error;
}

static void *
serve_late(void *arg)
{
	struct late_attempt *late = arg;
	struct association *a = &late->attempt.there;
	int how = late->how, error;

	error = receiver_open(
	    late->attempt.receiver, a, late->attempt.relay.there[0]);
	if (error == 0)
		error = until(a, ASSOCIATION_EVENT_TRANSFER_END);
	if (error == 0 && how >= LATE_CROSSED)
		error = association_confirm_transfer(a);
	pthread_barrier_wait(&late->barrier);
	if (error == 0 && how < LATE_CROSSED) {
		error = until(a, ASSOCIATION_EVENT_TRANSFER_DISCARDED);
		late->phase = a->phase;
	}
	if (error == 0 && how == LATE_TAKEN)
		error = association_confirm_transfer(a);
	if (error == 0 && how == LATE_REFUSED)
		error = association_confirm_discard(a);
	if (error == 0)
		error = until(a, ASSOCIATION_EVENT_ABORT);
	late->result = error;
	return NULL;
}

static bool cancels;

static int
wait_or_cancel(void *arg, int fd, short events, uint64_t deadline)
{
	return cancels ? ERR_CANCELLED
		       : association_poll(arg, fd, events, deadline);
}

START_TEST(late_leave)
{
	const struct association_io io = {wait_or_cancel, NULL};
	const struct association_io plain = {association_poll, NULL};
	struct sender sender;
	struct receiver receiver;
	struct late_attempt late = {.how = _i, .attempt.receiver = &receiver};
	struct association a;
	bool taken = _i == LATE_TAKEN || _i >= LATE_CROSSED;
	int result;

	recovery_init(&sender, &receiver, octets, LEN, 1, 5);
	relay_start(&late.attempt.relay, RELAY_NEVER, RELAY_NEVER);
	pthread_barrier_init(&late.barrier, NULL, 2);
	ck_assert_int_eq(association_init(&late.attempt.there, plain), 0);
	ck_assert_int_eq(association_init(&a, io), 0);
	pthread_create(&late.attempt.thread, NULL, serve_late, &late);
	ck_assert_int_eq(
	    sender_open(&sender, &a, late.attempt.relay.here[0]), 0);
	ck_assert_int_eq(association_send_start(&a, LEN, CLOCK_NEVER), 0);
	ck_assert_int_eq(association_send_data(&a, slice_of(octets, LEN)), 0);
	ck_assert_int_eq(association_send_end(&a), 0);
	/* All is on its way, when told to stop. */
	cancels = true;
	result = association_send_finish(&a);
	ck_assert_int_eq(result, ERR_CANCELLED);
	pthread_barrier_wait(&late.barrier);
	cancels = false;
	if (_i == LATE_AI_CROSSED)
		result = association_send_interrupt(&a, NULL);
	else
		result = association_send_discard(&a);
	ck_assert_int_eq(
	    result, taken && _i != LATE_AI_CROSSED ? ERR_CLOSED : 0);
	ck_assert_int_eq(a.transfer_completed, taken);
	association_abort(&a, ASSOCIATION_ABORT_LOCAL);
	association_fini(&a);
	attempt_end(&late.attempt);
	ck_assert_int_eq(late.result, _i == LATE_TAKEN ? ERR_CLOSED : 0);
	if (_i < LATE_CROSSED)
		ck_assert_int_eq(late.phase, ASSOCIATION_TRANSFER);
	pthread_barrier_destroy(&late.barrier);
	free(receiver.octets);
}
END_TEST

/* A state cannot be had but at a checkpoint, nor an answer given unasked. */
START_TEST(out_of_order)
{
	const struct association_io io = {association_poll, NULL};
	struct association_receive_state state = {.len = 0};
	struct association_resumption resumption = {.activity = 1};
	struct association a;
	uint32_t serial;
	uint64_t offset;

	ck_assert_int_eq(association_init(&a, io), 0);
	ck_assert_int_eq(association_receive_state(&a, &state), ERR_STATE);
	ck_assert_int_eq(
	    association_receive_state_get(&state, &serial, &offset),
	    ERR_CORRUPT);
	ck_assert_int_eq(association_resume_accept(&a, NULL), ERR_STATE);
	ck_assert_int_eq(association_resume_completed(&a), ERR_STATE);
	ck_assert_int_eq(association_resume_unknown(&a), ERR_STATE);
	ck_assert_int_eq(association_confirm_discard(&a), ERR_STATE);
	ck_assert_int_eq(
	    association_send_resume(&a, &resumption, 1, CLOCK_NEVER),
	    ERR_STATE);
	ck_assert_int_eq(association_accept_recovery(&a, 1, 1), ERR_STATE);
	association_fini(&a);
}
END_TEST

TEST_MAIN("osi/recovery", TEST_LOOP_MODES(cut_anywhere, 20);
	  TEST_LOOP_MODES(cut_again, 5); TEST_MODES(without_checkpoints);
	  TEST_LOOP_MODES(large_pieces, 2); TEST_MODES(cannot_recover);
	  TEST_LOOP_MODES(unknown, 5); TEST_MODES(unanswered);
	  TEST_LOOP_MODES(same_connection, 5); TEST_MODES(discard_completed);
	  TEST_LOOP_MODES(late_leave, LATES); TEST(out_of_order))
