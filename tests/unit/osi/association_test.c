/* SPDX-License-Identifier: ISC */
/*
 * association_test.c - associations that go well, over a socketpair
 */
#include "osi/external.h"
#include "tests/unit/osi/association_fixture.h"
#include "tests/unit/osi/mode_fixture.h"

/* release - release in order, and check what both sides make of it */
static void
release(struct pair *pair)
{
	ck_assert_int_eq(association_release(&pair->here), 0);
	ck_assert_int_eq(pair->here.failure.end, ASSOCIATION_RELEASED);
	ck_assert_str_eq(pair->here.failure.text, "");
	shutdown(pair->fd[0], SHUT_WR);
	pair_join(pair);
	ck_assert_int_eq(pair->result, 0);
	ck_assert_int_eq(pair->there.failure.end, ASSOCIATION_RELEASED);
	ck_assert_uint_eq(pair->here.octets_out, pair->there.octets_in);
	ck_assert_uint_eq(pair->here.octets_in, pair->there.octets_out);
}

/* A small message passes: all parameters arrive, octets are the same. */
START_TEST(small)
{
	struct pair pair;
	uint64_t sum = 0;

	pair_init(&pair);
	pair_start(&pair, pair_serve);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_int_eq(pair.here.phase, ASSOCIATION_OPEN);
	ck_assert_uint_eq(pair.here.checkpoint_size, 30);
	ck_assert_uint_eq(pair.here.window, 5);
	ck_assert_int_eq(pair_send(&pair, 600, &sum), 0);
	ck_assert_uint_eq(pair.here.activity_sent, 1);
	release(&pair);
	ck_assert_uint_eq(pair.there.activity_received, 1);
	ck_assert_uint_eq(pair.octets, 600);
	ck_assert_uint_eq(pair.sum, sum);
	ck_assert_uint_eq(pair.transfers, 1);
	ck_assert_uint_eq(pair.checkpoints, 0);
	ck_assert_int_eq(pair.there.mode, mode_of_test);
	ck_assert_mem_eq(pair.bind, BIND_ARGUMENT, pair.bind_len);
	ck_assert_uint_eq(pair.bind_len, sizeof(BIND_ARGUMENT) - 1);
	ck_assert(session_references_equal(
	    &pair.parameters.references, &pair.there.references));
	pair_fini(&pair);
}
END_TEST

/* exchange - make one transfer of len octets with these parameters */
static void
exchange(const struct association_parameters *parameters, uint64_t len,
    unsigned checkpoints)
{
	struct pair pair;
	uint64_t sum = 0;

	pair_init(&pair);
	pair.parameters = *parameters;
	pair_start(&pair, pair_serve);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_msg(pair_send(&pair, len, &sum) == 0, "%s; %s",
	    pair.here.failure.text, pair.there.failure.text);
	release(&pair);
	ck_assert_uint_eq(pair.octets, len);
	ck_assert_uint_eq(pair.sum, sum);
	ck_assert_uint_eq(pair.checkpoints, checkpoints);
	pair_fini(&pair);
}

/* All lengths around where the encoding of a length changes. */
START_TEST(lengths)
{
	static const uint64_t edges[] = {
	    1, 113, 118, 128, 241, 256, 4080, 30705, 30720, 65520, 65536};
	struct association_parameters parameters = pair_parameters();
	uint8_t prefix[EXTERNAL_PREFIX_MAX];
	bool bare = mode_of_test != ASSOCIATION_NORMAL;

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		for (uint64_t len = edges[i] > 8 ? edges[i] - 8 : 1;
		     len <= edges[i] + 8; len++)
			exchange(&parameters, len,
			    (unsigned)(((bare ? 0
					      : external_prefix(
						    prefix, 5, len)) +
					   len - 1) /
				30720));
}
END_TEST

/* Many checkpoints in a window of each size, in TPDUs of each size. */
START_TEST(checkpoints)
{
	struct association_parameters parameters = pair_parameters();

	parameters.checkpoint_size = 1;
	for (parameters.window = 1; parameters.window <= 5; parameters.window++)
		exchange(&parameters, 50000, 48);
	for (parameters.tpdu_size = 128; parameters.tpdu_size <= 8192;
	     parameters.tpdu_size *= 2)
		exchange(&parameters, 50000, 48);
	parameters.checkpoint_size = 30;
	parameters.tpdu_size = 0;
	exchange(&parameters, 10000000, 325);
}
END_TEST

/* Session segments, in both sizes of what carries them. */
START_TEST(segments)
{
	struct association_parameters parameters = pair_parameters();

	parameters.tsdu_max = 200;
	exchange(&parameters, 50000, 1);
	parameters.tpdu_size = 128;
	exchange(&parameters, 50000, 1);
	parameters.tsdu_max = 65535;
	exchange(&parameters, 50000, 1);
}
END_TEST

static void
serve_without_checkpoints(struct pair *pair)
{
	pair->result = pair_listen(pair);
	if (pair->result == 0)
		pair->result = association_accept(
		    &pair->there, LITERAL(BIND_RESULT), 0, 5);
	if (pair->result == 0)
		pair_receive(pair);
}

/* A piece far beyond any buffer passes, and the buffer stays as small as it
 * was. */
START_TEST(one_piece)
{
	struct pair pair;
	uint64_t sum = 0, len = (uint64_t)64 << 20;

	if (getenv("FOURPOST_TEST_LONG") != NULL)
		len = (uint64_t)3 << 30;
	pair_init(&pair);
	pair_start(&pair, serve_without_checkpoints);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_uint_eq(pair.here.checkpoint_size, 0);
	ck_assert_int_eq(pair_send(&pair, len, &sum), 0);
	release(&pair);
	ck_assert_uint_eq(pair.octets, len);
	ck_assert_uint_eq(pair.sum, sum);
	ck_assert_uint_eq(pair.checkpoints, 0);
	ck_assert_uint_gt(pair.runs, 100);
	pair_fini(&pair);
}
END_TEST

/* Activities are counted, beyond what one octet and a sign hold. */
START_TEST(activities)
{
	struct pair pair;
	uint64_t sum = 0;

	pair_init(&pair);
	pair_start(&pair, pair_serve);
	ck_assert_int_eq(pair_open(&pair), 0);
	for (unsigned i = 1; i <= 40000; i++) {
		ck_assert_int_eq(pair_send(&pair, 3, &sum), 0);
		ck_assert_uint_eq(pair.here.activity_sent, i);
	}
	release(&pair);
	ck_assert_uint_eq(pair.there.activity_received, 40000);
	ck_assert_uint_eq(pair.transfers, 40000);
	ck_assert_uint_eq(pair.sum, sum);
	pair_fini(&pair);
}
END_TEST

struct steps {
	unsigned count;
	enum association_layer layer[16];
};

static void
step(void *arg, enum association_layer layer, uint32_t ms)
{
	struct steps *steps = arg;

	(void)ms;
	steps->layer[steps->count++] = layer;
}

/* Each layer is shown once to x4ping, from the bottom up. */
START_TEST(step_by_step)
{
	static const enum association_layer layers[] = {
	    ASSOCIATION_LAYER_TRANSPORT, ASSOCIATION_LAYER_SESSION,
	    ASSOCIATION_LAYER_PRESENTATION, ASSOCIATION_LAYER_ACSE,
	    ASSOCIATION_LAYER_RTSE, ASSOCIATION_LAYER_BIND};
	const unsigned bare = mode_of_test != ASSOCIATION_NORMAL;
	struct pair pair;
	struct steps steps = {0};

	pair_init(&pair);
	pair_start(&pair, pair_serve);
	pair.parameters.step = NULL;
	pair.parameters.step_arg = &steps;
	{
		struct association_parameters parameters = pair.parameters;
		struct slice result;

		parameters.step = step;
		ck_assert_int_eq(
		    association_open(&pair.here, pair.fd[0], &parameters,
			LITERAL(BIND_ARGUMENT), &result),
		    0);
	}
	ck_assert_uint_eq(
	    steps.count, sizeof(layers) / sizeof(layers[0]) - bare);
	for (unsigned i = 0, at = 0; i < steps.count; i++, at++) {
		if (bare && layers[at] == ASSOCIATION_LAYER_ACSE)
			at++;
		ck_assert_int_eq(steps.layer[i], (int)layers[at]);
	}
	release(&pair);
	pair_fini(&pair);
}
END_TEST

/* serve_open - accept, and leave the rest to the test */
static void
serve_open(struct pair *pair)
{
	pair->result = pair_listen(pair);
	if (pair->result == 0)
		pair->result = association_accept(
		    &pair->there, LITERAL(BIND_RESULT), 30, 5);
}

static void
finish_here(struct pair *pair)
{
	pair->result = association_send_finish(&pair->here);
}

/* A waiter sees nothing, then a whole message in events, then nothing. */
START_TEST(not_blocking)
{
	static const enum association_event_kind expected[] = {
	    ASSOCIATION_EVENT_TRANSFER_START, ASSOCIATION_EVENT_DATA,
	    ASSOCIATION_EVENT_TRANSFER_END};
	struct pair pair;
	struct association *a = &pair.here, *b = &pair.there;
	struct association_event event;

	pair_init(&pair);
	pair_start(&pair, serve_open);
	ck_assert_int_eq(pair_open(&pair), 0);
	pair_join(&pair);
	ck_assert_int_eq(association_receive(a, &event, 0), ERR_AGAIN);
	ck_assert_int_eq(association_receive(b, &event, 0), ERR_AGAIN);
	ck_assert_int_eq(association_receive(b, &event, 0), ERR_AGAIN);
	ck_assert_int_eq(
	    association_receive(b, &event, clock_after(1)), ERR_TIMEOUT);
	ck_assert_int_eq(b->phase, ASSOCIATION_OPEN);
	ck_assert_int_eq(association_send_start(a, 4, CLOCK_NEVER), 0);
	ck_assert_int_eq(association_send_data(a, LITERAL("mail")), 0);
	ck_assert_int_eq(association_send_end(a), 0);
	/* Nothing leaves before the end: one write for it all. */
	ck_assert_int_eq(association_receive(b, &event, 0), ERR_AGAIN);
	ck_assert_int_eq(association_receive(a, &event, 0), ERR_STATE);
	pair_start(&pair, finish_here);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(
		    association_receive(b, &event, clock_after(60000)), 0);
		ck_assert_int_eq(event.kind, expected[i]);
		ck_assert_uint_eq(event.activity, 1);
		if (event.kind == ASSOCIATION_EVENT_DATA)
			ck_assert(slice_equal(event.data, LITERAL("mail")));
	}
	ck_assert_int_eq(association_confirm_transfer(b), 0);
	ck_assert_int_eq(association_confirm_transfer(b), ERR_STATE);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_int_eq(association_receive(b, &event, 0), ERR_AGAIN);
	pair_fini(&pair);
}
END_TEST

START_TEST(references)
{
	struct session_references a, b;

	session_references_make(&a, LITERAL("MTA-BERLIN"));
	session_references_make(&b, LITERAL("MTA-BERLIN"));
	ck_assert(!session_references_equal(&a, &b));
	ck_assert(session_references_equal(&a, &a));
	ck_assert_mem_eq(a.calling, "MTA-BERLIN-", 11);
	ck_assert_uint_eq(a.common_len, 13);
	ck_assert_uint_eq(a.additional_len, 2);
	session_references_make(&a,
	    LITERAL("a name that is longer than the forty octets there are"));
	ck_assert_uint_le(a.calling_len, 62);
}
END_TEST

TEST_MAIN("osi/association", TEST_MODES(small); TEST_MODES(lengths);
	  TEST_MODES(checkpoints); TEST_MODES(segments); TEST_MODES(one_piece);
	  TEST_MODES(activities); TEST_MODES(step_by_step);
	  TEST_MODES(not_blocking); TEST(references))
