/* SPDX-License-Identifier: ISC */
/*
 * parts_test.c - an envelope that comes in parts: its recipients, then the rest
 */
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

#define RECIPIENTS 3000

static struct harness h;
static struct remote r;
static uint64_t session;
static struct slice recipients, rest;

/* begin - have the peer of paris bind, and make the parts of an envelope */
static void
begin(void)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	const char *to[RECIPIENTS];
	struct ber_reader reader, set;
	struct ber_element el;
	struct p1_envelope e;
	struct buffer out;

	harness_init(&h);
	h.arena.max = P1_ARENA_MAX;
	remote_connect_as(&h, &r, IPC_ROLE_X400IN, "1");
	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string("MTA-PARIS");
	record.bind_check.password = slice_of_string("pw-paris");
	record.bind_check.address = slice_of_string("127.0.0.1");
	record.bind_check.references =
	    references_of("MTA-PARIS", "261122200000Z", "");
	remote_send(&r, &record);
	remote_expect(&r, IPC_BIND_ANSWER, &record);
	session = record.bind_answer.session;
	for (size_t i = 0; i < RECIPIENTS; i++)
		to[i] = TO_ROME;
	harness_envelope(&h, &e, RECIPIENTS, to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	ber_reader_init(&reader, harness_octets(&h, &e), NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(ber_enter(&reader, &el, &set), 0);
	while (ber_next(&set, &el) == 1)
		if (el.tag == BER_CTX(2))
			recipients = el.contents;
	buffer_init(&out, 1 << 16);
	ck_assert_int_eq(p1_encode_rest(&e, EXTENSION_IMPLICIT, &out), 0);
	ck_assert_int_eq(arena_slice(&h.arena, buffer_slice(&out), &rest), 0);
	buffer_fini(&out);
}

/* end - stop, and give all back */
static void
end(void)
{
	remote_close(&r);
	harness_fini(&h);
}

/* start - announce a transfer whose envelope comes in parts */
static uint64_t
start(enum mts_kind kind, enum ipc_origin origin, uint64_t length)
{
	static uint64_t activity;
	struct ipc_record record = {.type = IPC_SUBMIT_START,
	    .submit_start = {.submit = ++h.next_submit,
		.kind = kind,
		.origin = origin,
		.envelope_length = length,
		.session = session,
		.activity = ++activity,
		.parts = true}};

	remote_send(&r, &record);
	return h.next_submit;
}

/* sizes - say of what parts the envelope was */
static void
sizes(uint64_t submit, uint64_t envelope, uint64_t of_recipients)
{
	struct ipc_record record = {.type = IPC_SUBMIT_SIZE,
	    .submit_size = {.submit = submit,
		.envelope_length = envelope,
		.recipients_length = of_recipients}};

	remote_send(&r, &record);
}

/* answer - take what is answered */
static enum ipc_submit_result
answer(uint64_t submit)
{
	struct ipc_record record;

	do
		remote_next(&r, &record);
	while (record.type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
	ck_assert_uint_eq(record.submit_answer.submit, submit);
	return record.submit_answer.result;
}

/* Both parts are one envelope, and what follows is the content. */
START_TEST(joined)
{
	struct store_message m;
	struct p1_envelope e;
	uint64_t submit, id = 0;

	begin();
	submit = start(MTS_MESSAGE, IPC_TRANSFER, 0);
	remote_data(&r, submit, recipients);
	remote_data(&r, submit, rest);
	sizes(submit, recipients.len + rest.len, recipients.len);
	remote_data(&r, submit, slice_of_string("content"));
	remote_submit_end(&r, submit, 7, NULL);
	ck_assert_int_eq(answer(submit), IPC_SUBMIT_ACCEPTED);
	ck_assert_int_eq(store_message_next(h.qmgr.store, 0, &id), 0);
	ck_assert_int_eq(
	    store_message_get(h.qmgr.store, id, STORE_WHOLE, &h.arena, &m), 0);
	ck_assert(slice_equal_string(m.content, "content"));
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, m.envelope, &h.arena, &e, NULL), 0);
	ck_assert_uint_eq(e.recipient_count, RECIPIENTS);
	ck_assert_int_eq(e.recipients[RECIPIENTS - 1].number, RECIPIENTS);
	end();
}
END_TEST

/* A record that cannot be ends the connection. */
START_TEST(wrong)
{
	uint64_t submit, all;

	begin();
	all = recipients.len + rest.len;
	if (_i == 0)
		(void)start(MTS_REPORT, IPC_TRANSFER, 0);
	if (_i == 1)
		(void)start(MTS_MESSAGE, IPC_TRANSFER, 5);
	if (_i == 2)
		(void)start(MTS_MESSAGE, IPC_SUBMISSION, 0);
	if (_i > 2) {
		submit = start(MTS_MESSAGE, IPC_TRANSFER, 0);
		remote_data(&r, submit, recipients);
		remote_data(&r, submit, rest);
	}
	if (_i == 3)
		remote_submit_end(&r, submit, 0, NULL);
	if (_i == 4)
		sizes(submit, all - 1, recipients.len);
	if (_i == 5)
		sizes(submit, all, all);
	if (_i == 6)
		sizes(submit, all, 0);
	if (_i == 7) {
		sizes(submit, all, recipients.len);
		sizes(submit, all, recipients.len);
	}
	remote_dropped(&r);
	ck_assert_uint_eq(harness_queued(&h), 0);
	end();
}
END_TEST

/* Parts that are no envelope are refused, whatever the worker says of them. */
START_TEST(no_envelope)
{
	uint64_t submit;

	begin();
	submit = start(MTS_MESSAGE, IPC_TRANSFER, 0);
	remote_data(&r, submit, recipients);
	remote_data(&r, submit, rest);
	sizes(submit, recipients.len + rest.len, recipients.len - 1);
	remote_submit_end(&r, submit, 0, NULL);
	ck_assert_int_eq(answer(submit), IPC_SUBMIT_REFUSED);
	ck_assert_uint_eq(harness_queued(&h), 0);
	end();
}
END_TEST

/* Of two that are too much at a time either is refused for the time being, and
 * the other goes on. */
START_TEST(too_much_at_a_time)
{
	const size_t most = P1_ENVELOPE_MAX / 2 + (1 << 20);
	struct ipc_record record;
	uint64_t submits[2], left;
	size_t sent = 0;

	begin();
	submits[0] = start(MTS_MESSAGE, IPC_TRANSFER, 0);
	submits[1] = start(MTS_MESSAGE, IPC_TRANSFER, 0);
	for (; sent < most; sent += recipients.len)
		for (int i = 0; i < 2; i++)
			remote_data(&r, submits[i], recipients);
	do
		remote_next(&r, &record);
	while (record.type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_UNAVAILABLE);
	left = submits[record.submit_answer.submit == submits[0]];
	remote_data(&r, left, rest);
	sizes(left, sent + rest.len, sent);
	remote_submit_end(&r, left, 0, NULL);
	/* More recipients than may be. */
	ck_assert_int_eq(answer(left), IPC_SUBMIT_REFUSED);
	end();
}
END_TEST

TEST_MAIN("qmgr/parts", TEST(joined); TEST_LOOP(wrong, 8); TEST(no_envelope);
	  TEST(too_much_at_a_time))
