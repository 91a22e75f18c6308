/* SPDX-License-Identifier: ISC */
/*
 * association_failure_test.c - refusals, aborts, exceptions, silence
 */
#include "osi/acse.h"
#include "osi/cotp.h"
#include "osi/presentation.h"
#include "osi/rtse.h"
#include "osi/session.h"
#include "tests/unit/osi/association_fixture.h"
#include "tests/unit/osi/mode_fixture.h"

struct refusal {
	/* What the responder is or does. */
	struct slice tsel, ssel, psel, application, transfer;
	enum association_refusal refusal;
	int bind_error; /* -1: it refuses by itself */
	/* What the initiator must learn. */
	enum association_layer layer;
	int reason;
	bool transient;
	const char *text;
};

static void
serve_refusal(struct pair *pair)
{
	const struct refusal *refusal = pair->arg;
	struct association_parameters parameters = pair->parameters;

	parameters.called_tsel = refusal->tsel;
	parameters.called_ssel = refusal->ssel;
	parameters.called_psel = refusal->psel;
	if (refusal->application.len > 0)
		parameters.application_context = refusal->application;
	if (refusal->transfer.len > 0)
		parameters.transfer_syntax = refusal->transfer;
	pair->result = association_listen(
	    &pair->there, pair->fd[1], &parameters, &pair->indication);
	if (pair->result == 0)
		pair->result =
		    association_refuse(&pair->there, refusal->refusal,
			(enum association_bind_error)refusal->bind_error);
}

static const struct refusal refusals[] = {
    {.tsel = {(const uint8_t *)"other", 5},
	.bind_error = -1,
	.layer = ASSOCIATION_LAYER_TRANSPORT,
	.reason = COTP_REASON_ADDRESS,
	.text = "transport: refused: transport selector unknown"},
    {.ssel = {(const uint8_t *)"other", 5},
	.bind_error = -1,
	.layer = ASSOCIATION_LAYER_SESSION,
	.reason = SESSION_REFUSED_SELECTOR,
	.text = "session: refused: session selector unknown"},
    {.psel = {(const uint8_t *)"other", 5},
	.bind_error = -1,
	.layer = ASSOCIATION_LAYER_PRESENTATION,
	.reason = PRESENTATION_REFUSED_ADDRESS,
	.text = "presentation: refused: called presentation address unknown"},
    {.transfer = {(const uint8_t *)"\x56\x00\x02\x63", 4},
	.bind_error = -1,
	.layer = ASSOCIATION_LAYER_PRESENTATION,
	.reason = PRESENTATION_CONTEXT_ABSTRACT,
	.text = "presentation: context 3 rejected: "
		"abstract syntax not supported"},
    {.application = {(const uint8_t *)"\x56\x00\x01\x07", 4},
	.bind_error = -1,
	.layer = ASSOCIATION_LAYER_ACSE,
	.reason = ACSE_DIAGNOSTIC_CONTEXT_NAME,
	.text = "association: refused: application context not supported"},
    {.bind_error = ASSOCIATION_BIND_BUSY,
	.layer = ASSOCIATION_LAYER_BIND,
	.reason = ASSOCIATION_BIND_BUSY,
	.transient = true,
	.text = "bind: refused: busy"},
    {.bind_error = ASSOCIATION_BIND_AUTHENTICATION,
	.layer = ASSOCIATION_LAYER_BIND,
	.reason = ASSOCIATION_BIND_AUTHENTICATION,
	.text = "bind: refused: authentication error"},
    {.bind_error = ASSOCIATION_BIND_CONFIDENTIALITY,
	.layer = ASSOCIATION_LAYER_BIND,
	.reason = ASSOCIATION_BIND_CONFIDENTIALITY,
	.text = "bind: refused: inadequate association confidentiality"},
    {.refusal = ASSOCIATION_REFUSE_CANNOT_RECOVER,
	.layer = ASSOCIATION_LAYER_RTSE,
	.reason = -1,
	.text = "reliable transfer: refused: cannot recover"},
};

/* A refusal by each layer reaches the other side with code and words. */
START_TEST(refused)
{
	const struct refusal *refusal = &refusals[_i];
	struct refusal copy = *refusal;
	struct pair pair;
	bool recover = refusal->refusal == ASSOCIATION_REFUSE_CANNOT_RECOVER;

	pair_init(&pair);
	pair.arg = &copy;
	if (recover)
		pair.parameters.recover = &pair.parameters.references;
	pair_start(&pair, serve_refusal);
	ck_assert_int_eq(pair_open(&pair), ERR_REFUSED);
	shutdown(pair.fd[0], SHUT_WR);
	pair_join(&pair);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_REFUSED_BY_PEER);
	ck_assert_int_eq(pair.here.failure.layer, refusal->layer);
	ck_assert_int_eq(pair.here.failure.reason, refusal->reason);
	ck_assert_int_eq(pair.here.failure.transient, refusal->transient);
	ck_assert_str_eq(pair.here.failure.text, refusal->text);
	ck_assert_int_eq(pair.here.failure.bind_error,
	    refusal->layer == ASSOCIATION_LAYER_BIND ? refusal->bind_error
						     : -1);
	ck_assert_int_eq(pair.there.failure.end, ASSOCIATION_REFUSED_BY_US);
	ck_assert_int_eq(pair.there.failure.layer, refusal->layer);
	if (recover) {
		ck_assert(pair.indication.recover);
		ck_assert(session_references_equal(
		    &pair.indication.recover_references,
		    &pair.parameters.references));
	}
	ck_assert_int_eq(
	    pair.result, refusal->bind_error < 0 ? ERR_REFUSED : 0);
	pair_fini(&pair);
}
END_TEST

/* as_said - find the reason of an RTAB that stands for another in X.410 mode */
static enum association_abort_reason
as_said(enum association_abort_reason reason)
{
	if (mode_of_test != ASSOCIATION_NORMAL &&
	    (reason == ASSOCIATION_ABORT_PERMANENT ||
		reason == ASSOCIATION_ABORT_USER))
		return ASSOCIATION_ABORT_LOCAL;
	return reason;
}

/* open_pair - open both sides, the responder at the test's disposal */
static void
serve_open(struct pair *pair)
{
	pair->result = pair_listen(pair);
	if (pair->result == 0)
		pair->result = association_accept(
		    &pair->there, LITERAL(BIND_RESULT), 1, 3);
}

static void
open_pair(struct pair *pair)
{
	pair_init(pair);
	pair_start(pair, serve_open);
	ck_assert_int_eq(pair_open(pair), 0);
	pair_join(pair);
	ck_assert_int_eq(pair->result, 0);
}

static void
expect(struct pair *pair, enum association_event_kind kind)
{
	struct association_event event;

	ck_assert_int_eq(
	    association_receive(&pair->there, &event, clock_after(60000)), 0);
	ck_assert_int_eq(event.kind, kind);
}

/* An abort by the initiator, in each state and for each reason. */
START_TEST(initiator_aborts)
{
	static uint8_t octets[3000];
	enum association_abort_reason reason =
	    (enum association_abort_reason)(_i % 8);
	struct association_event event;
	struct pair pair;
	char text[200];

	open_pair(&pair);
	if (_i >= 8) {
		ck_assert_int_eq(association_send_start(
				     &pair.here, sizeof(octets), CLOCK_NEVER),
		    0);
		ck_assert_int_eq(association_send_data(&pair.here,
				     slice_of(octets, (size_t)_i * 100)),
		    0);
	}
	/* The association would wait a second for the peer to disconnect. */
	shutdown(pair.fd[1], SHUT_WR);
	association_abort(&pair.here, reason);
	reason = as_said(reason);
	do {
		ck_assert_int_eq(association_receive(
				     &pair.there, &event, clock_after(60000)),
		    0);
	} while (event.kind != ASSOCIATION_EVENT_ABORT);
	snprintf(text, sizeof(text),
	    "reliable transfer: aborted by the peer: %s",
	    rtse_abort_name((int)reason));
	ck_assert_str_eq(pair.there.failure.text, text);
	ck_assert_int_eq(pair.there.failure.reason, (int)reason);
	ck_assert_int_eq(pair.there.failure.end, ASSOCIATION_ABORTED_BY_PEER);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_ABORTED_BY_US);
	ck_assert_int_eq(
	    association_receive(&pair.there, &event, 0), ERR_STATE);
	pair_fini(&pair);
}
END_TEST

/* The responder aborts: before, in the middle of, after a transfer. */
static void
serve_abort(struct pair *pair)
{
	const int *when = pair->arg;
	struct association_event event;
	int last = -1;

	serve_open(pair);
	while (pair->result == 0 && last != *when) {
		pair->result = association_receive(
		    &pair->there, &event, clock_after(60000));
		last = (int)event.kind;
	}
	association_abort(&pair->there, ASSOCIATION_ABORT_PERMANENT);
}

START_TEST(responder_aborts)
{
	static const int when[] = {-1, ASSOCIATION_EVENT_TRANSFER_START,
	    ASSOCIATION_EVENT_DATA, ASSOCIATION_EVENT_CHECKPOINT,
	    ASSOCIATION_EVENT_TRANSFER_END};
	struct pair pair;
	uint64_t sum = 0;
	int at = when[_i];

	pair_init(&pair);
	pair.arg = &at;
	pair_start(&pair, serve_abort);
	ck_assert_int_eq(pair_open(&pair), 0);
	/* Long enough to wait for the window, but for the last. */
	ck_assert_int_eq(
	    pair_send(&pair,
		at == ASSOCIATION_EVENT_TRANSFER_END ? 500 : 500000, &sum),
	    ERR_CLOSED);
	ck_assert_int_eq(pair.here.failure.layer, ASSOCIATION_LAYER_RTSE);
	ck_assert_int_eq(
	    pair.here.failure.reason, as_said(ASSOCIATION_ABORT_PERMANENT));
	ck_assert_int_eq(association_send_finish(&pair.here), ERR_STATE);
	shutdown(pair.fd[0], SHUT_RDWR);
	pair_fini(&pair);
}
END_TEST

/* serve_exception - raise one at a given event, then serve as ever */
static void
serve_exception(struct pair *pair)
{
	enum association_event_kind when =
	    *(const enum association_event_kind *)pair->arg;
	struct association_event event;

	serve_open(pair);
	do {
		if (pair->result == 0)
			pair->result = association_receive(
			    &pair->there, &event, clock_after(60000));
		if (pair->result != 0)
			return;
		if (event.kind == ASSOCIATION_EVENT_CHECKPOINT)
			pair->result = association_confirm_checkpoint(
			    &pair->there, event.serial);
	} while (event.kind != when);
	pair->result = association_except(
	    &pair->there, ASSOCIATION_EXCEPTION_UNRECOVERABLE);
	if (pair->result == 0)
		pair->result = association_receive(
		    &pair->there, &event, clock_after(60000));
	if (pair->result != 0)
		return;
	pair->runs = (unsigned)event.kind;
	pair->checkpoints = (unsigned)event.reason;
	pair_receive(pair);
}

/* After an exception the transfer is left, and the next one goes through. */
START_TEST(exceptions)
{
	static const enum association_event_kind when[] = {
	    ASSOCIATION_EVENT_TRANSFER_START, ASSOCIATION_EVENT_DATA,
	    ASSOCIATION_EVENT_CHECKPOINT, ASSOCIATION_EVENT_TRANSFER_END};
	enum association_event_kind at = when[_i];
	struct pair pair;
	uint64_t sum = 0;
	uint32_t serial = 0;

	pair_init(&pair);
	pair.arg = &at;
	pair_start(&pair, serve_exception);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_int_eq(pair_send(&pair, 100000, &sum), ERR_REFUSED);
	ck_assert_int_eq(
	    pair.here.exception, ASSOCIATION_EXCEPTION_UNRECOVERABLE);
	ck_assert_int_eq(association_send_end(&pair.here), ERR_REFUSED);
	ck_assert_int_eq(association_release(&pair.here), ERR_STATE);
	if (at < ASSOCIATION_EVENT_CHECKPOINT) {
		ck_assert_int_eq(
		    association_send_interrupt(&pair.here, &serial), ERR_STATE);
		ck_assert_int_eq(association_send_discard(&pair.here), 0);
	} else {
		ck_assert_int_eq(
		    association_send_interrupt(&pair.here, &serial), 0);
		ck_assert_uint_ge(serial, 1);
	}
	ck_assert_int_eq(pair.here.phase, ASSOCIATION_OPEN);
	sum = 0;
	ck_assert_int_eq(pair_send(&pair, 5000, &sum), 0);
	ck_assert_uint_eq(pair.here.activity_sent, 2);
	ck_assert_int_eq(association_release(&pair.here), 0);
	shutdown(pair.fd[0], SHUT_WR);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_uint_eq(pair.octets, 5000);
	ck_assert_uint_eq(pair.sum, sum);
	ck_assert_uint_eq(pair.transfers, 1);
	pair_fini(&pair);
}
END_TEST

/* Before a checkpoint was confirmed there is nothing to interrupt; before all
 * was sent there is no end. */
START_TEST(too_early)
{
	static uint8_t octets[2500];
	struct pair pair;

	open_pair(&pair);
	ck_assert_int_eq(
	    association_send_start(&pair.here, 10000, CLOCK_NEVER), 0);
	ck_assert_int_eq(
	    association_send_data(&pair.here, slice_of(octets, sizeof(octets))),
	    0);
	ck_assert_int_eq(
	    association_send_interrupt(&pair.here, NULL), ERR_STATE);
	ck_assert_int_eq(association_send_end(&pair.here), ERR_VALUE);
	ck_assert_int_eq(association_send_finish(&pair.here), ERR_STATE);
	ck_assert_int_eq(
	    association_send_start(&pair.here, 1, CLOCK_NEVER), ERR_STATE);
	pair_fini(&pair);
}
END_TEST

static void
discard_here(struct pair *pair)
{
	pair->result = association_send_discard(&pair->here);
}

/* A transfer that is not complete was never sent. */
START_TEST(discard)
{
	static uint8_t octets[2500];
	struct pair pair;

	open_pair(&pair);
	ck_assert_int_eq(
	    association_send_start(&pair.here, 10000, CLOCK_NEVER), 0);
	ck_assert_int_eq(
	    association_send_data(&pair.here, slice_of(octets, sizeof(octets))),
	    0);
	pair_start(&pair, discard_here);
	expect(&pair, ASSOCIATION_EVENT_TRANSFER_START);
	expect(&pair, ASSOCIATION_EVENT_DATA);
	expect(&pair, ASSOCIATION_EVENT_CHECKPOINT);
	expect(&pair, ASSOCIATION_EVENT_DATA);
	expect(&pair, ASSOCIATION_EVENT_CHECKPOINT);
	expect(&pair, ASSOCIATION_EVENT_TRANSFER_DISCARDED);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_int_eq(pair.here.phase, ASSOCIATION_OPEN);
	ck_assert_int_eq(pair.there.phase, ASSOCIATION_OPEN);
	pair_fini(&pair);
}
END_TEST

/* A piece of which some is on its way can only be aborted, and is. */
START_TEST(leave_huge)
{
	static uint8_t octets[100000];
	struct association_event event;
	struct pair pair;

	pair_init(&pair);
	pair.parameters.checkpoint_size = 1024 * 1024;
	pair_start(&pair, serve_open);
	ck_assert_int_eq(pair_open(&pair), 0);
	pair_join(&pair);
	pair.here.checkpoint_size = 0;
	ck_assert_int_eq(
	    association_send_start(&pair.here, 1 << 20, CLOCK_NEVER), 0);
	ck_assert_int_eq(
	    association_send_data(&pair.here, slice_of(octets, sizeof(octets))),
	    0);
	ck_assert_int_eq(association_send_discard(&pair.here), ERR_CLOSED);
	do {
		ck_assert_int_eq(association_receive(
				     &pair.there, &event, clock_after(60000)),
		    0);
	} while (event.kind != ASSOCIATION_EVENT_ABORT);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_ABORTED_BY_US);
	pair_fini(&pair);
}
END_TEST

/* An exception in the middle of a huge piece: the transfer is discarded and
 * the association goes on. */
static void
serve_huge_exception(struct pair *pair)
{
	struct association_event event;

	pair->result = pair_listen(pair);
	if (pair->result == 0)
		pair->result = association_accept(
		    &pair->there, LITERAL(BIND_RESULT), 0, 3);
	for (int i = 0; i < 5 && pair->result == 0; i++)
		pair->result = association_receive(
		    &pair->there, &event, clock_after(60000));
	if (pair->result == 0)
		pair->result = association_except(
		    &pair->there, ASSOCIATION_EXCEPTION_NON_SPECIFIC);
	if (pair->result == 0)
		pair_receive(pair);
}

START_TEST(huge_exception)
{
	struct pair pair;
	uint64_t sum = 0;

	pair_init(&pair);
	pair_start(&pair, serve_huge_exception);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_int_eq(
	    pair_send(&pair, (uint64_t)1 << 30, &sum), ERR_REFUSED);
	ck_assert_int_eq(association_send_discard(&pair.here), 0);
	sum = 0;
	ck_assert_int_eq(pair_send(&pair, 5000, &sum), 0);
	ck_assert_int_eq(association_release(&pair.here), 0);
	shutdown(pair.fd[0], SHUT_WR);
	pair_join(&pair);
	ck_assert_uint_eq(pair.octets, 5000);
	ck_assert_uint_eq(pair.sum, sum);
	pair_fini(&pair);
}
END_TEST

/* A peer that is silent, in real time: each wait has its deadline. */
START_TEST(silence)
{
	struct association_event event;
	struct pair pair;
	uint64_t begin = clock_monotonic(), sum = 0;

	pair_init(&pair);
	pair.parameters.open_timeout = 30;
	ck_assert_int_eq(pair_open(&pair), ERR_TIMEOUT);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_TIMED_OUT);
	ck_assert_int_eq(pair.here.failure.layer, ASSOCIATION_LAYER_TRANSPORT);
	ck_assert_str_eq(pair.here.failure.text,
	    "transport: timed out waiting for the answer to the CR");
	ck_assert_int_eq(pair.here.phase, ASSOCIATION_OVER);
	pair_fini(&pair);

	pair_init(&pair);
	pair.parameters.open_timeout = 30;
	ck_assert_int_eq(pair_listen(&pair), ERR_TIMEOUT);
	pair_fini(&pair);

	pair_init(&pair);
	pair.parameters.transfer_timeout = 30;
	pair.parameters.disconnect_timeout = 30;
	pair_start(&pair, serve_open);
	ck_assert_int_eq(pair_open(&pair), 0);
	pair_join(&pair);
	ck_assert_int_eq(pair_send(&pair, 300, &sum), ERR_TIMEOUT);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_TIMED_OUT);
	ck_assert_str_eq(pair.here.failure.text,
	    "reliable transfer: timed out waiting for the confirmation of "
	    "the transfer");
	expect(&pair, ASSOCIATION_EVENT_TRANSFER_START);
	expect(&pair, ASSOCIATION_EVENT_DATA);
	expect(&pair, ASSOCIATION_EVENT_TRANSFER_END);
	expect(&pair, ASSOCIATION_EVENT_ABORT);
	pair_fini(&pair);

	pair_init(&pair);
	pair.parameters.transfer_timeout = 30;
	pair_start(&pair, serve_open);
	ck_assert_int_eq(pair_open(&pair), 0);
	pair_join(&pair);
	/* The window, then the descriptor is full. */
	ck_assert_int_eq(pair_send(&pair, 30000, &sum), ERR_TIMEOUT);
	pair_fini(&pair);

	pair_init(&pair);
	pair.parameters.disconnect_timeout = 30;
	pair_start(&pair, serve_open);
	ck_assert_int_eq(pair_open(&pair), 0);
	pair_join(&pair);
	ck_assert_int_eq(association_release(&pair.here), ERR_TIMEOUT);
	expect(&pair, ASSOCIATION_EVENT_RELEASE);
	pair_fini(&pair);

	open_pair(&pair);
	ck_assert_int_eq(
	    association_receive(&pair.there, &event, clock_after(30)),
	    ERR_TIMEOUT);
	ck_assert_int_eq(pair.there.phase, ASSOCIATION_OPEN);
	pair_fini(&pair);
	ck_assert_uint_ge(clock_monotonic() - begin, 150);
}
END_TEST

/* The peer's end is gone: an event for one side, an error for the other. */
START_TEST(vanished)
{
	struct association_event event;
	struct pair pair;
	uint64_t sum = 0;

	open_pair(&pair);
	shutdown(pair.fd[0], SHUT_RDWR);
	ck_assert_int_eq(
	    association_receive(&pair.there, &event, clock_after(60000)), 0);
	ck_assert_int_eq(event.kind, ASSOCIATION_EVENT_ABORT);
	ck_assert_int_eq(pair.there.failure.end, ASSOCIATION_LOST);
	ck_assert_str_eq(
	    pair.there.failure.text, "network: the peer closed the connection");
	pair_fini(&pair);

	open_pair(&pair);
	shutdown(pair.fd[1], SHUT_RDWR);
	ck_assert_int_eq(pair_send(&pair, 100, &sum), ERR_CLOSED);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_LOST);
	pair_fini(&pair);
}
END_TEST

struct canceller {
	int calls, cancel_at;
};

static int
cancelling_wait(void *arg, int fd, short events, uint64_t deadline)
{
	struct canceller *canceller = arg;

	if (++canceller->calls == canceller->cancel_at)
		return ERR_CANCELLED;
	return association_poll(NULL, fd, events, deadline);
}

/* Told to stop while the confirmation is awaited: it can be awaited again. */
START_TEST(cancelled)
{
	struct canceller canceller = {0, 0};
	const struct association_io io = {cancelling_wait, &canceller};
	struct pair pair;
	struct association_event event;
	uint64_t sum = 0;

	pair_init(&pair);
	association_fini(&pair.here);
	ck_assert_int_eq(association_init(&pair.here, io), 0);
	pair_start(&pair, serve_open);
	ck_assert_int_eq(pair_open(&pair), 0);
	pair_join(&pair);
	canceller.cancel_at = canceller.calls + 1;
	ck_assert_int_eq(pair_send(&pair, 100, &sum), ERR_CANCELLED);
	ck_assert_int_eq(pair.here.phase, ASSOCIATION_TRANSFER);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(association_receive(
				     &pair.there, &event, clock_after(60000)),
		    0);
	ck_assert_int_eq(association_confirm_transfer(&pair.there), 0);
	ck_assert_int_eq(association_send_finish(&pair.here), 0);
	ck_assert_int_eq(pair.here.phase, ASSOCIATION_OPEN);
	pair_fini(&pair);
}
END_TEST

/* Parameters that nobody can ask for are refused. */
START_TEST(parameters)
{
	struct pair pair;
	struct slice result;
	static uint8_t large[ASSOCIATION_BIND_MAX + 1];

	pair_init(&pair);
	ck_assert_int_eq(
	    association_open(&pair.here, pair.fd[0], &pair.parameters,
		slice_of(large, sizeof(large)), &result),
	    ERR_VALUE);
	/* In monologue the turn is the initiator's. */
	pair.parameters.turn = ASSOCIATION_RESPONDER;
	ck_assert_int_eq(pair_open(&pair), ERR_VALUE);
	pair.parameters = pair_parameters();
	pair.parameters.window = 0;
	ck_assert_int_eq(pair_open(&pair), ERR_VALUE);
	pair.parameters = pair_parameters();
	pair.parameters.tpdu_size = 1000;
	ck_assert_int_eq(pair_open(&pair), ERR_VALUE);
	ck_assert_int_eq(association_send_start(&pair.here, 1, 0), ERR_STATE);
	ck_assert_int_eq(association_release(&pair.here), ERR_STATE);
	pair_fini(&pair);
	association_fini(&pair.here);
}
END_TEST

/* An association may begin as one that is over: it says why, owns nothing and
 * refuses what is asked of it. */
START_TEST(over_from_the_start)
{
	const struct association_failure failure = {.end = ASSOCIATION_LOST,
	    .layer = ASSOCIATION_LAYER_NETWORK,
	    .reason = -1,
	    .text = "the connection was reset"};
	struct association association;

	memset(&association, 0xa5, sizeof(association));
	association_init_over(&association, &failure);
	ck_assert_int_eq(association.phase, ASSOCIATION_OVER);
	ck_assert_int_eq(association.failure.end, ASSOCIATION_LOST);
	ck_assert_str_eq(association.failure.text, failure.text);
	ck_assert_int_eq(association.turn_wanted, -1);
	ck_assert(!association.transfer_completed);
	ck_assert_int_eq(
	    association_send_start(&association, 1, CLOCK_NEVER), ERR_STATE);
	association_abort(&association, ASSOCIATION_ABORT_LOCAL);
	ck_assert_str_eq(association.failure.text, failure.text);
	association_fini(&association);
}
END_TEST

TEST_MAIN("osi/association_failure",
	  TEST_LOOP(refused, sizeof(refusals) / sizeof(refusals[0]));
	  TEST_LOOP_MODES(initiator_aborts, 24);
	  TEST_LOOP_MODES(responder_aborts, 5); TEST_LOOP_MODES(exceptions, 4);
	  TEST(too_early); TEST_MODES(discard); TEST_MODES(leave_huge);
	  TEST_MODES(huge_exception); TEST(silence); TEST(vanished);
	  TEST(cancelled); TEST(parameters); TEST(over_from_the_start))
