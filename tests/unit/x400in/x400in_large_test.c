/* SPDX-License-Identifier: ISC */
/*
 * x400in_large_test.c - checkpoints, and what does not fit
 */
#include "tests/unit/x400in/serving.h"

#define LARGE ((uint64_t)64 * 1024 * 1024)

/* Nothing can be sent before each checkpoint is confirmed, and none is before
 * it is committed. */
START_TEST(small_checkpoints)
{
	serving_begin();
	caller.checkpoint = 1;
	caller.window = 1;
	caller.large = 200 * 1024;
	serving_serve(caller_one_large, "checkpoint-size = 1K window-size = 1");
	serving_take(&taken);
	ck_assert_uint_eq(taken.end.content_length, caller.large);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], 0);
	serving_end();
}
END_TEST

/* take_start - expect the start of a large transfer, and the size that the peer
 * announces */
static void
take_start(void)
{
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	ck_assert_uint_eq(
	    stage_receive(&stage, IPC_SUBMIT_SIZE)->submit_size.content_length,
	    LARGE);
}

#define MANY 30000

/* many - write an APDU with an envelope of MANY recipients */
static void
many(struct buffer *apdu_octets, struct buffer *envelope, struct arena *arena)
{
	struct p1_envelope e = apdu.envelope;
	struct ber_writer writer;

	arena_init(arena, 64 << 20);
	buffer_init(envelope, P1_ENVELOPE_MAX);
	e.recipients = arena_array(arena, MANY, sizeof(*e.recipients));
	ck_assert_ptr_nonnull(e.recipients);
	e.recipient_count = MANY;
	for (size_t i = 0; i < MANY; i++) {
		e.recipients[i] = apdu.envelope.recipients[i % 3];
		e.recipients[i].number = (int)i + 1;
	}
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, envelope), 0);
	*apdu_octets = caller_prefix(MTS_MESSAGE, buffer_slice(envelope), 3);
	ber_writer_init(&writer, apdu_octets);
	ber_put_raw(&writer, slice_of_string("abc"));
	ck_assert_int_eq(ber_finish(&writer), 0);
}

/* call_many - transfer that, and end */
static void
call_many(struct caller *c)
{
	struct buffer octets, envelope;
	struct arena arena;

	many(&octets, &envelope, &arena);
	if (caller_open(c) == 0)
		(void)caller_send(c, buffer_slice(&octets));
	caller_end(c);
	buffer_fini(&octets);
	buffer_fini(&envelope);
	arena_fini(&arena);
}

/* take_parts - take the octets of an envelope that comes in parts, up to its
 * sizes */
static struct ipc_submit_size
take_parts(struct buffer *body)
{
	uint64_t told_to = 0;

	buffer_init(body, 2 * P1_ENVELOPE_MAX);
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	ck_assert(taken.start.parts);
	ck_assert_uint_eq(taken.start.envelope_length, 0);
	while (stage_next(&stage) == IPC_SUBMIT_DATA) {
		struct slice data = stage.record.submit_data.data;

		ck_assert_int_eq(buffer_append(body, data.data, data.len), 0);
		if (buffer_length(body) - told_to < 128 * 1024)
			continue;
		told_to = buffer_length(body);
		serving_progress(&taken, told_to);
		stage_anon(&stage);
	}
	ck_assert_int_eq(stage.record.type, IPC_SUBMIT_SIZE);
	ck_assert_uint_eq(
	    stage.record.submit_size.envelope_length, buffer_length(body));
	return stage.record.submit_size;
}

/* The recipients of a large envelope come as it does, and then the rest: qmgr
 * is never owed more than a window, and joins them to the same envelope. */
START_TEST(envelope_in_parts)
{
	struct buffer octets, envelope, body, again_octets;
	struct ipc_submit_size size;
	struct p1_decoding decoding;
	struct slice parts;
	struct arena arena;
	int n;

	serving_begin();
	serving_serve(call_many, "");
	size = take_parts(&body);
	ck_assert_int_eq(stage_next(&stage), IPC_SUBMIT_DATA);
	ck_assert(slice_equal_string(stage.record.submit_data.data, "abc"));
	ck_assert_uint_eq(
	    stage_receive(&stage, IPC_SUBMIT_END)->submit_end.content_length,
	    3);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], 0);
	many(&octets, &envelope, &arena);
	parts = buffer_slice(&body);
	n = p1_decode_begin_apart(MTS_MESSAGE,
	    slice_of(parts.data + size.recipients_length,
		parts.len - size.recipients_length),
	    slice_of(parts.data, size.recipients_length), &arena, &decoding,
	    NULL);
	while (
	    n == 0 && (n = p1_decode_some(&decoding, MANY, &arena, NULL)) == 1)
		n = 0;
	ck_assert_int_eq(n, 0);
	buffer_init(&again_octets, P1_ENVELOPE_MAX);
	ck_assert_int_eq(
	    p1_encode(&decoding.envelope, EXTENSION_IMPLICIT, &again_octets),
	    0);
	ck_assert(
	    slice_equal(buffer_slice(&again_octets), buffer_slice(&envelope)));
	printf("figure:envelope of %zu octets: RssAnon %zu KiB\n",
	    buffer_length(&envelope), stage.anon_max);
	if (!SANITIZE_ADDRESS)
		ck_assert_uint_lt(stage.anon_max, 8 * 1024);
	buffer_fini(&again_octets);
	buffer_fini(&body);
	buffer_fini(&octets);
	buffer_fini(&envelope);
	arena_fini(&arena);
	serving_end();
}
END_TEST

static uint64_t told; /* octets that progress was told of */

/* next_data - receive the next record of a large transfer: octets, or 0 at its
 * end */
static size_t
next_data(uint64_t at, uint64_t envelope)
{
	struct slice data;

	if (stage_next(&stage) == IPC_SUBMIT_END)
		return 0;
	if (stage.record.type == IPC_SUBMIT_MARK) {
		ck_assert_uint_eq(stage.record.submit_mark.offset, at);
		serving_progress(&taken, at);
		told = at;
		return next_data(at, envelope);
	}
	ck_assert_str_eq(
	    ipc_type_name(stage.record.type), ipc_type_name(IPC_SUBMIT_DATA));
	data = stage.record.submit_data.data;
	for (size_t i = 0; i < data.len; i++)
		if (at + i >= envelope &&
		    data.data[i] != stage_pattern(at + i - envelope))
			ck_abort_msg("octet %llu is wrong",
			    (unsigned long long)(at + i));
	return data.len;
}

/*
 * take_large - take 64 MB, and report progress after much only
 *
 * At the latest when nothing more comes, which must be enough octets, and never
 * more than allowed.
 */
static void
take_large(unsigned checkpoint, unsigned window, const char *more)
{
	uint64_t at = 0, most = 0;
	size_t len;
	unsigned n = 0;

	told = 0;
	serving_begin();
	caller.checkpoint = checkpoint;
	caller.window = window;
	caller.large = LARGE;
	serving_serve(caller_one_large, more);
	take_start();
	while ((len = next_data(at, taken.start.envelope_length)) > 0) {
		struct pollfd pfd = {.fd = stage.qmgr.fd, .events = POLLIN};

		at += len;
		if (at - told > most)
			most = at - told;
		if (buffer_length(&stage.qmgr.in) == stage.qmgr.taken &&
		    poll(&pfd, 1, 0) == 0) {
			serving_progress(&taken, at);
			told = at;
		}
		if (++n % 256 == 0)
			stage_anon(&stage);
	}
	ck_assert_uint_eq(stage.record.submit_end.content_length, LARGE);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], 0);
	ck_assert_uint_le(most, 2 * IPC_UNANSWERED_MAX);
	stage_in_little_memory(&stage);
	serving_end();
}

START_TEST(large_with_checkpoints)
{
	take_large(30, 5, "");
}
END_TEST

START_TEST(large_window_of_one)
{
	take_large(4, 1, "checkpoint-size = 4K window-size = 1");
}
END_TEST

START_TEST(large_without_checkpoints)
{
	take_large(0, 5, "checkpoint-size = 0");
}
END_TEST

/* until_quiet - take data until it is more than least octets and no more
 * comes; at counts them */
static uint64_t
until_quiet(uint64_t at, uint64_t least)
{
	struct diag diag = {0};
	int error;

	while (
	    (error = worker_receive(&stage.self, &stage.qmgr, &stage.record,
		 clock_after(at > least ? 1000 : STAGE_LIMIT), &diag)) == 0) {
		if (serving_marked(&taken, false))
			continue;
		ck_assert_int_eq(stage.record.type, IPC_SUBMIT_DATA);
		at += stage.record.submit_data.data.len;
	}
	ck_assert_int_eq(error, ERR_TIMEOUT);
	ck_assert_uint_gt(at, least);
	return at;
}

/* Without progress the peer is held: qmgr has no more than it takes. */
START_TEST(large_is_held)
{
	uint64_t at = 0, more;

	serving_begin();
	caller.large = LARGE;
	serving_serve(caller_one_large, "");
	take_start();
	/* A window of five checkpoints. */
	at = until_quiet(at, 100 * 1024);
	ck_assert_uint_le(at, 2 * IPC_UNANSWERED_MAX);
	/* Some progress: some more comes, and again no more than that. */
	serving_progress(&taken, at);
	more = until_quiet(at, at + 100 * 1024) - at;
	ck_assert_uint_le(more, IPC_UNANSWERED_MAX);
	/* qmgr dies: it was not kept, and the peer is to come again. */
	serving_qmgr_again();
	serving_lost();
	ck_assert_int_eq(caller.result, ERR_CLOSED);
	/* Beyond what was committed no checkpoint was confirmed. */
	ck_assert_uint_ge(caller.marks[0], 3);
	ck_assert_uint_le(caller.marks[0], at / (30 * 1024) + 1);
	serving_end();
}
END_TEST

/* qmgr says no before the end of a large one, which is full of held octets. */
START_TEST(answered_no_early)
{
	struct diag diag = {0};

	serving_begin();
	caller.large = LARGE;
	serving_serve(caller_large_then_small, "");
	take_start();
	while (worker_receive(&stage.self, &stage.qmgr, &stage.record,
		   clock_after(500), &diag) == 0)
		if (!serving_marked(&taken, false))
			ck_assert_int_eq(stage.record.type, IPC_SUBMIT_DATA);
	serving_answer(&taken, IPC_SUBMIT_UNAVAILABLE);
	serving_second_is_taken(ERR_REFUSED);
	serving_end();
}
END_TEST

/* take_cut - take a transfer whose content the link does not take; its end says
 * so */
static void
take_cut(void)
{
	serving_take(&taken);
	ck_assert(taken.end.too_long);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(buffer_length(&taken.body),
	    taken.start.envelope_length + taken.end.content_length);
}

/* Not one octet of it goes to qmgr, and the peer is told that it has been
 * taken: else it would send it again for ever. */
START_TEST(announced_larger_than_the_link_takes)
{
	serving_begin();
	caller.large = LARGE;
	serving_serve(caller_large_then_small, "max-size = 32M");
	take_cut();
	ck_assert_uint_eq(taken.end.content_length, 0);
	serving_second_is_taken(0);
	serving_end();
}
END_TEST

/* The same where each checkpoint is waited for. */
START_TEST(larger_with_window_of_one)
{
	serving_begin();
	caller.checkpoint = 1;
	caller.window = 1;
	caller.large = 200 * 1024;
	serving_serve(caller_large_then_small,
	    "checkpoint-size = 1K window-size = 1 max-size = 10K");
	take_cut();
	serving_second_is_taken(0);
	serving_end();
}
END_TEST

/* The key is that of its envelope: a peer that sends it twice sends one. */
START_TEST(larger_has_its_own_key)
{
	uint8_t key[IPC_KEY_LEN], first[IPC_KEY_LEN];

	for (unsigned i = 0; i < 3; i++) {
		serving_begin();
		caller.large = i < 2 ? 20000 : 20001;
		serving_serve(caller_one_large, i == 0 ? "" : "max-size = 10K");
		if (i == 0) {
			serving_take(&taken);
			serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
			memcpy(first, taken.key, sizeof(first));
		} else
			take_cut();
		if (i == 1)
			memcpy(key, taken.key, sizeof(key));
		if (i == 2)
			ck_assert_mem_eq(key, taken.key, sizeof(key));
		if (i > 0)
			ck_assert_mem_ne(first, taken.key, sizeof(first));
		serving_released();
		ck_assert_int_eq(caller.results[0], 0);
		serving_end();
	}
}
END_TEST

/* qmgr says that it can never fit, and is given no more of it. */
START_TEST(larger_than_the_queue_takes)
{
	serving_begin();
	caller.large = LARGE;
	serving_serve(caller_large_then_small, "");
	take_start();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SUBMIT_PROGRESS,
		.submit_progress = {taken.start.submit, 0, 0, true}});
	do
		stage_next(&stage);
	while (stage.record.type != IPC_SUBMIT_END);
	ck_assert(stage.record.submit_end.too_long);
	ck_assert_uint_lt(
	    stage.record.submit_end.content_length, 2 * IPC_UNANSWERED_MAX);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_second_is_taken(0);
	serving_end();
}
END_TEST

#define SEGMENT	 20000
#define SEGMENTS 60

/* How much of it is sent. */
enum segments {
	SEGMENTS_ALL,
	SEGMENTS_ENDLESS /* not its end */
};

/* send_segments - send a content that says nowhere how long it is */
static bool
send_segments(struct caller *c, enum segments which)
{
	static const uint8_t message[] = {0xa0, 0x80};
	static const uint8_t octets[] = {0x24, 0x80};
	static const uint8_t ends[] = {0, 0, 0, 0};
	static uint8_t segment[4 + SEGMENT] = {
	    0x04, 0x82, SEGMENT >> 8, SEGMENT & 0xff};
	struct association *a = &c->a;
	uint64_t length = sizeof(message) + buffer_length(&apdu.octets) +
	    sizeof(octets) + SEGMENTS * sizeof(segment) + sizeof(ends);
	bool sent =
	    association_send_start(a, length, clock_after(60000)) == 0 &&
	    association_send_data(a, slice_of(message, 2)) == 0 &&
	    association_send_data(a, buffer_slice(&apdu.octets)) == 0 &&
	    association_send_data(a, slice_of(octets, 2)) == 0;

	for (unsigned i = 0; sent && i < SEGMENTS; i++)
		sent = association_send_data(
			   a, slice_of(segment, sizeof(segment))) == 0;
	if (which == SEGMENTS_ENDLESS)
		return sent;
	return sent && association_send_data(a, slice_of(ends, 4)) == 0 &&
	    association_send_end(a) == 0;
}

/* segments_then_small - send it, and an ordinary message behind it */
static void
segments_then_small(struct caller *c)
{
	if (caller_open(c) != 0)
		return;
	if (send_segments(c, SEGMENTS_ALL))
		(void)caller_note(c, association_send_finish(&c->a));
	if (c->a.phase == ASSOCIATION_OPEN)
		(void)caller_message(c);
	caller_end(c);
}

/* A content whose length is not announced is taken up to the bound, and then
 * read to its end without a word of it going to qmgr. */
START_TEST(segments_larger_than_the_link_takes)
{
	serving_begin();
	serving_serve(segments_then_small, "max-size = 100K");
	take_cut();
	ck_assert_uint_le(taken.end.content_length, 100 * 1024);
	serving_second_is_taken(0);
	serving_end();
}
END_TEST

/* segments_then_vanish - send all but the end of it */
static void
segments_then_vanish(struct caller *c)
{
	if (caller_open(c) == 0)
		(void)!send_segments(c, SEGMENTS_ENDLESS);
	caller_close(c);
}

/* What is too large is known as such when it is cut, and again when it comes
 * from its beginning: else each cut would cost all of it once more. */
START_TEST(larger_is_cut)
{
	uint8_t key[IPC_KEY_LEN];

	serving_begin();
	serving_serve(segments_then_vanish, "max-size = 100K");
	serving_take(&taken);
	ck_assert(taken.end.too_long);
	memcpy(key, taken.key, sizeof(key));
	serving_lost();
	serving_end();
	serving_begin();
	serving_serve(segments_then_small, "max-size = 100K");
	take_cut();
	ck_assert_mem_eq(key, taken.key, sizeof(key));
	serving_second_is_taken(0);
	serving_end();
}
END_TEST

TEST_MAIN("x400in/large", TEST(small_checkpoints); TEST(envelope_in_parts);
	  TEST_LONG(large_with_checkpoints, 120);
	  TEST_LONG(large_window_of_one, 120);
	  TEST_LONG(large_without_checkpoints, 120); TEST(large_is_held);
	  TEST(answered_no_early); TEST(announced_larger_than_the_link_takes);
	  TEST(larger_with_window_of_one); TEST(larger_has_its_own_key);
	  TEST(larger_than_the_queue_takes);
	  TEST(segments_larger_than_the_link_takes); TEST(larger_is_cut))
