/* SPDX-License-Identifier: ISC */
/*
 * x400in_test.c - the worker of an incoming association, from outside
 *
 * The real program runs; the test is master, qmgr and the calling MTA.
 */
#include "tests/unit/x400in/caller.h"

#define LARGE	((uint64_t)64 * 1024 * 1024)
#define SESSION 77

static struct stage stage;
static struct caller caller;
static struct apdu apdu; /* a message, of the vectors */
static int qmgr_listener;

/* What qmgr was given of one transfer. */
static struct taken {
	struct ipc_submit_start start;
	struct ipc_submit_end end;
	uint8_t key[IPC_KEY_LEN];
	struct buffer body;
} taken, again;

/* qmgr_comes - a qmgr takes the worker's connection and gives it settings */
static void
qmgr_comes(void)
{
	struct pollfd pfd = {.fd = qmgr_listener, .events = POLLIN};
	struct ipc_hello hello;
	int fd;

	ck_assert_int_eq(poll(&pfd, 1, STAGE_LIMIT), 1);
	fd = accept(qmgr_listener, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ipc_channel_init(&stage.qmgr, fd), 0);
	hello = stage_receive(&stage, IPC_HELLO)->hello;
	ck_assert_int_eq(hello.role, IPC_ROLE_X400IN);
	ck_assert_uint_eq(hello.version, IPC_VERSION);
	ck_assert_int_eq(
	    ipc_channel_hello(&stage.qmgr, IPC_ROLE_QMGR, "qmgr", 0), 0);
	stage_settings(&stage,
	    "mta { name = \"MTA-BERLIN\" domain = \"C=DE;A=VIAT;P=ACME\" }\n");
}

/* qmgr_goes - it is gone, with all that it was told */
static void
qmgr_goes(void)
{
	ipc_channel_fini(&stage.qmgr);
}

/* begin - the worker runs and waits for callers */
static void
begin(void)
{
	apdu_read(&apdu, "p1-88-message-3recips");
	stage_init(&stage);
	memset(&caller, 0, sizeof(caller));
	caller.checkpoint = 30;
	caller.window = 5;
	stage.listener = stage_tcp(&caller.port);
	qmgr_listener = stage_local(stage_path(&stage, "qmgr"));
	buffer_init(&taken.body, (size_t)4 * 1024 * 1024);
	buffer_init(&again.body, (size_t)4 * 1024 * 1024);
	stage_start(&stage, "x400in", "x400in#1");
	qmgr_comes();
}

/* end - give everything back */
static void
end(void)
{
	caller_join(&caller);
	stage_fini(&stage);
	close(qmgr_listener);
	buffer_fini(&taken.body);
	buffer_fini(&again.body);
	apdu_fini(&apdu);
}

/* event - the next record is this link event */
static void
event(enum ipc_link_state state)
{
	const struct ipc_link_event *got =
	    &stage_receive(&stage, IPC_LINK_EVENT)->link_event;

	ck_assert_msg(got->state == state, "event %d, reason %.*s", got->state,
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert_uint_eq(got->session, SESSION);
}

/* check - the next record asks who calls */
static void
check(void)
{
	const struct ipc_bind_check *got =
	    &stage_receive(&stage, IPC_BIND_CHECK)->bind_check;

	ck_assert_uint_eq(got->link.len, 0);
	ck_assert(slice_equal_string(got->name, "MTA-PARIS"));
	ck_assert(slice_equal_string(got->password, "geheim"));
	ck_assert(got->authenticated);
	ck_assert(!got->recover);
	ck_assert_uint_gt(got->calling_reference.len, 0);
	ck_assert_uint_gt(got->common_reference.len, 0);
	ck_assert_uint_eq(got->checkpoint, caller.checkpoint);
	ck_assert_uint_eq(got->window, caller.window);
	ck_assert_ptr_nonnull(
	    memmem(got->address.data, got->address.len, "127.0.0.1", 9));
}

/* let_in - qmgr says yes, with these settings of the link */
static void
let_in(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "link \"paris\" { remote-mta = \"MTA-PARIS\" %s }\n", more);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BIND_ANSWER,
		.bind_answer = {.accepted = true,
		    .link = slice_of_string("paris"),
		    .session = SESSION,
		    .local_name = slice_of_string("MTA-BERLIN"),
		    .local_password = slice_of_string("secret"),
		    .settings = slice_of_string(text)}});
}

/* bound - a caller that does that, up to the association */
static void
bound(void (*run)(struct caller *), const char *more)
{
	begin();
	caller_start(&caller, run);
	check();
	let_in(more);
	event(IPC_LINK_BOUND);
}

/* take - all of a transfer, up to its end */
static void
take(struct taken *t)
{
	uint64_t submit;

	t->start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	submit = t->start.submit;
	ck_assert_int_eq(t->start.origin, IPC_TRANSFER);
	ck_assert_uint_eq(t->start.session, SESSION);
	ck_assert(!t->start.has_file);
	buffer_reset(&t->body);
	for (;;) {
		struct diag diag = {0};
		const struct ipc_submit_data *data;

		ck_assert_int_eq(
		    worker_receive(&stage.self, &stage.qmgr, &stage.record,
			clock_after(STAGE_LIMIT), &diag),
		    0);
		if (stage.record.type == IPC_SUBMIT_END)
			break;
		ck_assert_int_eq(stage.record.type, IPC_SUBMIT_DATA);
		data = &stage.record.submit_data;
		ck_assert_uint_eq(data->submit, submit);
		ck_assert_int_eq(
		    buffer_append(&t->body, data->data.data, data->data.len),
		    0);
	}
	t->end = stage.record.submit_end;
	ck_assert_uint_eq(t->end.submit, submit);
	ck_assert_uint_eq(t->end.key.len, IPC_KEY_LEN);
	memcpy(t->key, t->end.key.data, IPC_KEY_LEN);
	ck_assert_uint_eq(t->start.envelope_length + t->end.content_length,
	    buffer_length(&t->body));
}

/* answer - qmgr's, to what was taken */
static void
answer(const struct taken *t, enum ipc_submit_result result)
{
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SUBMIT_ANSWER,
		.submit_answer = {.submit = t->start.submit,
		    .result = result,
		    .message = 5,
		    .reason = -1,
		    .diagnostic = -1,
		    .text = slice_of_string("words")}});
}

/* progress - so much of it is committed */
static void
progress(const struct taken *t, uint64_t offset)
{
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SUBMIT_PROGRESS,
		.submit_progress = {
		    .submit = t->start.submit, .offset = offset}});
}

/* is_message - that the message of the vectors was taken, octet for octet */
static void
is_message(const struct taken *t, uint64_t activity)
{
	struct slice body = buffer_slice(&t->body);
	struct slice content = buffer_slice(&apdu.content);
	struct p1_envelope envelope;
	struct diag diag = {0};
	struct arena arena;

	ck_assert_int_eq(t->start.kind, IPC_MESSAGE);
	ck_assert_uint_eq(t->start.activity, activity);
	ck_assert_uint_eq(t->end.content_length, content.len);
	ck_assert_int_eq(memcmp(body.data + t->start.envelope_length,
			     content.data, content.len),
	    0);
	arena_init(&arena, P1_ARENA_MAX);
	ck_assert_int_eq(
	    p1_decode(P1_MESSAGE,
		slice_of(body.data, (size_t)t->start.envelope_length), &arena,
		&envelope, &diag),
	    0);
	ck_assert_uint_eq(
	    envelope.recipient_count, apdu.envelope.recipient_count);
	ck_assert(slice_equal(
	    envelope.identifier.local, apdu.envelope.identifier.local));
	ck_assert(slice_equal_string(
	    envelope.originator.address.attribute[OR_SURNAME], "pp"));
	arena_fini(&arena);
}

/* bye - the worker tells that it was released, and exits */
static void
bye(void)
{
	const struct ipc_session_closed *closed =
	    &stage_receive(&stage, IPC_SESSION_CLOSED)->session_closed;

	ck_assert_uint_eq(closed->session, SESSION);
	ck_assert(closed->orderly);
	event(IPC_LINK_RELEASED);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
}

/* whole - the message of the vectors as one APDU */
static struct buffer
whole(void)
{
	struct buffer out = caller_prefix(P1_MESSAGE,
	    buffer_slice(&apdu.octets), buffer_length(&apdu.content));

	ck_assert_int_eq(buffer_append(&out, apdu.content.data,
			     buffer_length(&apdu.content)),
	    0);
	return out;
}

/* send_message - the message of the vectors */
static int
send_message(struct caller *c)
{
	struct buffer octets = whole();
	int result = caller_send(c, buffer_slice(&octets));

	buffer_fini(&octets);
	return result;
}

static void
only_bind(struct caller *c)
{
	if (caller_open(c) == 0)
		caller_release(c);
	else
		caller_close(c);
}

static void
two_messages(struct caller *c)
{
	if (caller_open(c) == 0)
		for (int i = 0; i < 2 && c->a.phase == ASSOCIATION_OPEN; i++)
			(void)send_message(c);
	if (c->a.phase == ASSOCIATION_OPEN)
		caller_release(c);
	else
		caller_close(c);
}

/* Two transfers arrive whole, in order, confirmed after qmgr's answer. */
START_TEST(messages)
{
	bound(two_messages, "");
	take(&taken);
	is_message(&taken, 1);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	take(&again);
	is_message(&again, 2);
	ck_assert_uint_ne(taken.start.submit, again.start.submit);
	/* The same message: the same key. */
	ck_assert_int_eq(memcmp(taken.key, again.key, IPC_KEY_LEN), 0);
	answer(&again, IPC_SUBMIT_DUPLICATE);
	bye();
	ck_assert_int_eq(caller.results[0], 0);
	ck_assert_int_eq(caller.results[1], 0);
	ck_assert_int_eq(caller.result, 0);
	ck_assert_str_eq(caller.name, "MTA-BERLIN");
	ck_assert_str_eq(caller.password, "secret");
	end();
}
END_TEST

/* A refusal is no end: the next caller is served by the same worker. */
START_TEST(refused_then_bound)
{
	begin();
	caller_start(&caller, only_bind);
	check();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BIND_ANSWER,
		.bind_answer = {.accepted = false,
		    .bind_error = BIND_ERROR_AUTHENTICATION,
		    .reason = slice_of_string("unknown")}});
	caller_join(&caller);
	ck_assert_int_eq(caller.opened, ERR_REFUSED);
	caller_start(&caller, two_messages);
	check();
	let_in("");
	event(IPC_LINK_BOUND);
	take(&taken);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	take(&taken);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	end();
}
END_TEST

/* probe_and_report - a probe, then a report, made of the message's envelope */
static void
probe_and_report(struct caller *c)
{
	static const uint8_t content[] = {0x31, 0x03, 0x80, 0x01, 0x05};
	struct p1_envelope envelope = apdu.envelope;
	struct buffer octets, prefix;

	if (caller_open(c) != 0)
		return;
	buffer_init(&octets, P1_ENVELOPE_MAX);
	envelope.kind = P1_PROBE;
	envelope.content_length = 4711;
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	prefix = caller_prefix(P1_PROBE, buffer_slice(&octets), 0);
	caller_send(c, buffer_slice(&prefix));
	buffer_fini(&prefix);
	buffer_reset(&octets);
	p1_init(&envelope, P1_REPORT);
	envelope.identifier = apdu.envelope.identifier;
	envelope.originator = apdu.envelope.originator;
	envelope.trace = apdu.envelope.trace;
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	prefix =
	    caller_prefix(P1_REPORT, buffer_slice(&octets), sizeof(content));
	ck_assert_int_eq(buffer_append(&prefix, content, sizeof(content)), 0);
	caller_send(c, buffer_slice(&prefix));
	buffer_fini(&prefix);
	buffer_fini(&octets);
	caller_release(c);
}

START_TEST(probe_report)
{
	bound(probe_and_report, "");
	take(&taken);
	ck_assert_int_eq(taken.start.kind, IPC_PROBE);
	ck_assert_uint_eq(taken.end.content_length, 0);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	take(&taken);
	ck_assert_int_eq(taken.start.kind, IPC_REPORT);
	ck_assert_uint_eq(taken.end.content_length, 5);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], 0);
	ck_assert_int_eq(caller.results[1], 0);
	end();
}
END_TEST

/* large_message - as large as caller.large, of pattern() */
static int
large_message(struct caller *c)
{
	static uint8_t piece[65536];
	struct buffer prefix =
	    caller_prefix(P1_MESSAGE, buffer_slice(&apdu.octets), c->large);
	struct association *a = &c->a;
	int error = association_send_start(
	    a, buffer_length(&prefix) + c->large, clock_after(120000));

	if (error == 0)
		error = association_send_data(a, buffer_slice(&prefix));
	for (uint64_t at = 0; error == 0 && at < c->large;) {
		size_t len = c->large - at < sizeof(piece)
		    ? (size_t)(c->large - at)
		    : sizeof(piece);

		for (size_t i = 0; i < len; i++)
			piece[i] = pattern(at + i);
		error = association_send_data(a, slice_of(piece, len));
		at += len;
	}
	if (error == 0)
		error = association_send_end(a);
	if (error == 0)
		error = association_send_finish(a);
	buffer_fini(&prefix);
	c->marks[0] = a->serial_confirmed;
	return caller_note(c, error);
}

static void
one_large(struct caller *c)
{
	if (caller_open(c) == 0)
		(void)large_message(c);
	if (c->a.phase == ASSOCIATION_OPEN)
		caller_release(c);
	else
		caller_close(c);
}

/* What is kept costs nothing to begin anew: its checkpoints wait for none,
 * although nothing can be sent before they are confirmed. */
START_TEST(small_checkpoints)
{
	begin();
	caller.checkpoint = 1;
	caller.window = 1;
	caller.large = 200 * 1024;
	caller_start(&caller, one_large);
	check();
	let_in("checkpoint-size = 1K window-size = 1");
	event(IPC_LINK_BOUND);
	take(&taken);
	ck_assert_uint_eq(taken.end.content_length, caller.large);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], 0);
	end();
}
END_TEST

/* next_data - the next record of a large one: octets, or 0 at its end */
static size_t
next_data(uint64_t at, uint64_t envelope)
{
	struct diag diag = {0};
	struct slice data;

	ck_assert_int_eq(worker_receive(&stage.self, &stage.qmgr, &stage.record,
			     clock_after(STAGE_LIMIT), &diag),
	    0);
	if (stage.record.type == IPC_SUBMIT_END)
		return 0;
	ck_assert_str_eq(
	    ipc_type_name(stage.record.type), ipc_type_name(IPC_SUBMIT_DATA));
	data = stage.record.submit_data.data;
	for (size_t i = 0; i < data.len; i++)
		if (at + i >= envelope &&
		    data.data[i] != pattern(at + i - envelope))
			ck_abort_msg("octet %llu is wrong",
			    (unsigned long long)(at + i));
	return data.len;
}

/*
 * take_large - 64 MB, with progress told only after much, at the latest when
 * nothing more comes: that must be enough, and never more than allowed
 */
static void
take_large(unsigned checkpoint, unsigned window, const char *more)
{
	uint64_t at = 0, told = 0, most = 0;
	size_t len;
	unsigned n = 0;

	begin();
	caller.checkpoint = checkpoint;
	caller.window = window;
	caller.large = LARGE;
	caller_start(&caller, one_large);
	check();
	let_in(more);
	event(IPC_LINK_BOUND);
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	while ((len = next_data(at, taken.start.envelope_length)) > 0) {
		struct pollfd pfd = {.fd = stage.qmgr.fd, .events = POLLIN};

		at += len;
		if (at - told > most)
			most = at - told;
		if (buffer_length(&stage.qmgr.in) == stage.qmgr.taken &&
		    poll(&pfd, 1, 0) == 0) {
			progress(&taken, at);
			told = at;
		}
		if (++n % 256 == 0)
			stage_anon(&stage);
	}
	ck_assert_uint_eq(stage.record.submit_end.content_length, LARGE);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], 0);
	ck_assert_uint_le(most, 2 * IPC_UNANSWERED_MAX);
	stage_in_little_memory(&stage);
	end();
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

/* Without progress the peer is held: qmgr has no more than it takes. */
START_TEST(large_is_held)
{
	struct diag diag = {0};
	uint64_t at = 0;
	int error;

	begin();
	caller.large = LARGE;
	caller_start(&caller, one_large);
	check();
	let_in("");
	event(IPC_LINK_BOUND);
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	while ((error = worker_receive(&stage.self, &stage.qmgr, &stage.record,
		    clock_after(1000), &diag)) == 0) {
		ck_assert_int_eq(stage.record.type, IPC_SUBMIT_DATA);
		at += stage.record.submit_data.data.len;
	}
	ck_assert_int_eq(error, ERR_TIMEOUT);
	ck_assert_uint_gt(at, 200 * 1024);
	ck_assert_uint_le(at, 2 * IPC_UNANSWERED_MAX);
	/* qmgr dies: it was not kept, and the peer is to come again. */
	qmgr_goes();
	qmgr_comes();
	event(IPC_LINK_BOUND);
	event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
	ck_assert_int_eq(caller.result, ERR_CLOSED);
	/* Beyond what was kept no checkpoint was confirmed. */
	ck_assert_uint_gt(caller.marks[0], 4);
	ck_assert_uint_le(caller.marks[0], 256 / 30 + 1);
	end();
}
END_TEST

/* About this message: an exception, and the next one goes. */
START_TEST(answered_no)
{
	bound(two_messages, "");
	take(&taken);
	answer(&taken, IPC_SUBMIT_REFUSED);
	take(&taken);
	is_message(&taken, 2);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], ERR_REFUSED);
	ck_assert_int_eq(caller.exception, ASSOCIATION_EXCEPTION_NON_SPECIFIC);
	ck_assert_int_eq(caller.results[1], 0);
	end();
}
END_TEST

START_TEST(answered_not_now)
{
	bound(two_messages, "");
	take(&taken);
	answer(&taken, IPC_SUBMIT_UNAVAILABLE);
	take(&taken);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], ERR_REFUSED);
	ck_assert_int_eq(caller.exception, ASSOCIATION_EXCEPTION_JEOPARDIZED);
	ck_assert_int_eq(caller.results[1], 0);
	end();
}
END_TEST

static void
large_then_small(struct caller *c)
{
	if (caller_open(c) != 0)
		return;
	(void)large_message(c);
	if (c->a.phase == ASSOCIATION_OPEN)
		(void)send_message(c);
	if (c->a.phase == ASSOCIATION_OPEN)
		caller_release(c);
	else
		caller_close(c);
}

/* qmgr says no before the end of a large one, which is full of held octets. */
START_TEST(answered_no_early)
{
	struct diag diag = {0};

	begin();
	caller.large = LARGE;
	caller_start(&caller, large_then_small);
	check();
	let_in("");
	event(IPC_LINK_BOUND);
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	while (worker_receive(&stage.self, &stage.qmgr, &stage.record,
		   clock_after(500), &diag) == 0)
		ck_assert_int_eq(stage.record.type, IPC_SUBMIT_DATA);
	answer(&taken, IPC_SUBMIT_UNAVAILABLE);
	take(&taken);
	is_message(&taken, 2);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], ERR_REFUSED);
	ck_assert_int_eq(caller.results[1], 0);
	end();
}
END_TEST

static void
garbage_then_message(struct caller *c)
{
	static uint8_t garbage[50000];
	struct buffer octets = whole();

	if (caller_open(c) == 0) {
		memset(garbage, 0x42, sizeof(garbage));
		(void)caller_send(c, slice_of(garbage, sizeof(garbage)));
		/* cut off within its content, then with a bit too much */
		(void)caller_send(
		    c, slice_of(octets.data, buffer_length(&octets) - 7));
		ck_assert_int_eq(buffer_append(&octets, "x", 1), 0);
		(void)caller_send(c, buffer_slice(&octets));
		(void)send_message(c);
	}
	buffer_fini(&octets);
	if (c->a.phase == ASSOCIATION_OPEN)
		caller_release(c);
	else
		caller_close(c);
}

/* What is no P1 is refused and forgotten; the association goes on. */
START_TEST(garbage_for_p1)
{
	struct diag diag = {0};

	bound(garbage_then_message, "");
	/* Of those that had an envelope qmgr heard, and hears no more. */
	for (;;) {
		ck_assert_int_eq(
		    worker_receive(&stage.self, &stage.qmgr, &stage.record,
			clock_after(STAGE_LIMIT), &diag),
		    0);
		if (stage.record.type == IPC_SUBMIT_START) {
			taken.start = stage.record.submit_start;
		} else if (stage.record.type == IPC_SUBMIT_CANCEL) {
			ck_assert_uint_eq(stage.record.submit_cancel.submit,
			    taken.start.submit);
			again.start.submit++;
		} else if (stage.record.type == IPC_SUBMIT_END) {
			break;
		} else
			ck_assert_int_eq(stage.record.type, IPC_SUBMIT_DATA);
	}
	ck_assert_uint_eq(again.start.submit, 2);
	ck_assert_uint_eq(stage.record.submit_end.submit, taken.start.submit);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], ERR_REFUSED);
	ck_assert_int_eq(caller.results[1], ERR_REFUSED);
	ck_assert_int_eq(caller.results[2], ERR_REFUSED);
	ck_assert_int_eq(caller.results[3], 0);
	end();
}
END_TEST

START_TEST(larger_than_the_link_takes)
{
	begin();
	caller.large = 20000;
	caller_start(&caller, large_then_small);
	check();
	let_in("max-size = 10K");
	event(IPC_LINK_BOUND);
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	stage_receive(&stage, IPC_SUBMIT_CANCEL);
	take(&taken);
	is_message(&taken, 2);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], ERR_REFUSED);
	ck_assert_int_eq(caller.results[1], 0);
	end();
}
END_TEST

/* An end that qmgr died of, unanswered: the next qmgr gets it all again. */
START_TEST(qmgr_gone_at_the_end)
{
	struct slice first, second;

	bound(two_messages, "");
	take(&taken);
	qmgr_goes();
	qmgr_comes();
	event(IPC_LINK_BOUND);
	take(&again);
	ck_assert_uint_eq(again.start.activity, taken.start.activity);
	ck_assert_uint_eq(again.start.session, taken.start.session);
	ck_assert_int_eq(memcmp(taken.key, again.key, IPC_KEY_LEN), 0);
	first = buffer_slice(&taken.body);
	second = buffer_slice(&again.body);
	ck_assert(slice_equal(first, second));
	answer(&again, IPC_SUBMIT_DUPLICATE);
	take(&taken);
	is_message(&taken, 2);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], 0);
	ck_assert_int_eq(caller.results[1], 0);
	end();
}
END_TEST

/* One of almost all that is kept does not fit a channel at once. */
START_TEST(qmgr_gone_with_much_kept)
{
	begin();
	caller.large = 250 * 1024;
	caller_start(&caller, one_large);
	check();
	let_in("");
	event(IPC_LINK_BOUND);
	take(&taken);
	qmgr_goes();
	qmgr_comes();
	event(IPC_LINK_BOUND);
	take(&again);
	ck_assert(
	    slice_equal(buffer_slice(&taken.body), buffer_slice(&again.body)));
	ck_assert_int_eq(memcmp(taken.key, again.key, IPC_KEY_LEN), 0);
	answer(&again, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], 0);
	end();
}
END_TEST

/* A message that qmgr dies of again and again is not tried for ever. */
START_TEST(qmgr_dies_of_it)
{
	bound(two_messages, "");
	take(&taken);
	for (int i = 0; i < 3; i++) {
		qmgr_goes();
		qmgr_comes();
		event(IPC_LINK_BOUND);
		take(&again);
	}
	qmgr_goes();
	qmgr_comes();
	event(IPC_LINK_BOUND);
	event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
	ck_assert_int_eq(caller.result, ERR_CLOSED);
	end();
}
END_TEST

/* qmgr is gone between the question and the answer: the next one is asked. */
START_TEST(qmgr_gone_at_bind)
{
	begin();
	caller_start(&caller, only_bind);
	check();
	qmgr_goes();
	qmgr_comes();
	check();
	let_in("");
	event(IPC_LINK_BOUND);
	bye();
	ck_assert_int_eq(caller.opened, 0);
	end();
}
END_TEST

/* half_message - begin one of 40,000 octets, send half of it */
static bool
half_message(struct caller *c)
{
	static uint8_t half[20000];
	struct buffer prefix = caller_prefix(
	    P1_MESSAGE, buffer_slice(&apdu.octets), 2 * sizeof(half));
	bool sent = association_send_start(&c->a,
			buffer_length(&prefix) + 2 * sizeof(half),
			clock_after(60000)) == 0 &&
	    association_send_data(&c->a, buffer_slice(&prefix)) == 0 &&
	    association_send_data(&c->a, slice_of(half, sizeof(half))) == 0;

	buffer_fini(&prefix);
	return sent;
}

static void
half_then_vanish(struct caller *c)
{
	if (caller_open(c) == 0)
		c->marks[0] = half_message(c);
	caller_close(c);
}

static void
open_and_vanish(struct caller *c)
{
	(void)!caller_open(c);
	caller_close(c);
}

START_TEST(caller_vanishes)
{
	struct diag diag = {0};
	bool cancelled = false;

	bound(open_and_vanish, "");
	event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	end();

	begin();
	caller.checkpoint = 1;
	caller_start(&caller, half_then_vanish);
	check();
	let_in("checkpoint-size = 1K");
	event(IPC_LINK_BOUND);
	do {
		ck_assert_int_eq(
		    worker_receive(&stage.self, &stage.qmgr, &stage.record,
			clock_after(STAGE_LIMIT), &diag),
		    0);
		if (stage.record.type == IPC_SUBMIT_CANCEL)
			cancelled = true;
		ck_assert_int_ne(stage.record.type, IPC_SUBMIT_END);
	} while (stage.record.type != IPC_LINK_EVENT);
	ck_assert(cancelled);
	caller_join(&caller);
	ck_assert_uint_eq(caller.marks[0], 1);
	ck_assert_int_eq(stage.record.link_event.state, IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	end();
}
END_TEST

static void
discard_then_message(struct caller *c)
{
	if (caller_open(c) != 0)
		return;
	if (half_message(c))
		c->marks[0] = association_send_discard(&c->a) == 0;
	(void)send_message(c);
	caller_release(c);
}

START_TEST(caller_discards)
{
	struct diag diag = {0};

	begin();
	caller.checkpoint = 1;
	caller_start(&caller, discard_then_message);
	check();
	let_in("checkpoint-size = 1K");
	event(IPC_LINK_BOUND);
	stage_receive(&stage, IPC_SUBMIT_START);
	do
		ck_assert_int_eq(
		    worker_receive(&stage.self, &stage.qmgr, &stage.record,
			clock_after(STAGE_LIMIT), &diag),
		    0);
	while (stage.record.type == IPC_SUBMIT_DATA);
	ck_assert_int_eq(stage.record.type, IPC_SUBMIT_CANCEL);
	take(&taken);
	is_message(&taken, 2);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_uint_eq(caller.marks[0], 1);
	ck_assert_int_eq(caller.results[0], 0);
	end();
}
END_TEST

/* What strangers send at each layer; none of it ends the worker. */
static const struct {
	const char *octets;
	size_t length;
} nonsense[] = {
#define NONSENSE(text)                 \
	{                              \
		text, sizeof(text) - 1 \
	}
    NONSENSE("GET / HTTP/1.0\r\n\r\n"),
    NONSENSE(""),
    NONSENSE("\x03\x00\x00\x03"),
    NONSENSE("\x03\x00\xff\xff\x02\xf0\x80"),
    NONSENSE("\x03\x00\x00\x07\x02\xf0\x80"),
    /* a CR, then no session */
    NONSENSE("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x01\x00"
	     "\x03\x00\x00\x0b\x02\xf0\x80\xff\xff\xff\xff"),
    /* a CR, then a CN with a length beyond it */
    NONSENSE("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x01\x00"
	     "\x03\x00\x00\x0b\x02\xf0\x80\x0d\x7f\xc1\x05"),
    /* a CR, then a CN whose user data is no presentation */
    NONSENSE("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x01\x00"
	     "\x03\x00\x00\x1f\x02\xf0\x80\x0d\x16\x05\x06\x13\x01\x00"
	     "\x16\x01\x02\x14\x02\x02\x49\xc1\x06\x31\x80\xff\xff\xff\xff"),
};

START_TEST(nonsense_at_each_layer)
{
	begin();
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		int fd = stage_call(caller.port);
		char sink[256];
		ssize_t n;

		ck_assert_int_eq(
		    write(fd, nonsense[i].octets, nonsense[i].length),
		    (ssize_t)nonsense[i].length);
		shutdown(fd, SHUT_WR);
		do
			n = read(fd, sink, sizeof(sink));
		while (n > 0);
		close(fd);
		ck_assert_int_eq(waitpid(stage.pid, NULL, WNOHANG), 0);
	}
	caller_start(&caller, only_bind);
	check();
	let_in("");
	event(IPC_LINK_BOUND);
	bye();
	ck_assert_int_eq(caller.opened, 0);
	end();
}
END_TEST

/* qmgr's settings for the link are of no use: the caller is not kept. */
START_TEST(unusable_settings)
{
	begin();
	caller_start(&caller, only_bind);
	check();
	let_in("nonsense");
	event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
	ck_assert_int_ne(caller.opened, 0);
	end();
}
END_TEST

START_TEST(stopped_waiting)
{
	begin();
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	stage_exit(&stage, 5000);
	end();
}
END_TEST

static void
silent(struct caller *c)
{
	struct pollfd pfd;

	c->fd = stage_call(c->port);
	pfd = (struct pollfd){.fd = c->fd, .events = POLLIN};
	(void)poll(&pfd, 1, STAGE_LIMIT);
	close(c->fd);
}

/* Told to stop while a caller says nothing: it is not waited for. */
START_TEST(stopped_with_a_silent_caller)
{
	begin();
	caller_start(&caller, silent);
	while (strchr(stage.letters, WORKER_STATUS_BUSY) == NULL) {
		struct pollfd pfd = {.fd = stage.status, .events = POLLIN};

		ck_assert_int_eq(poll(&pfd, 1, STAGE_LIMIT), 1);
		stage_letters(&stage);
	}
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	stage_exit(&stage, 5000);
	end();
}
END_TEST

/* Told to stop within a transfer: it comes to its end, then an abort. */
START_TEST(stopped_in_a_transfer)
{
	bound(two_messages, "");
	take(&taken);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	ck_assert_int_eq(worker_sleep(&stage.self, 200), 0);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	event(IPC_LINK_LOST);
	stage_exit(&stage, 5000);
	caller_join(&caller);
	ck_assert_int_eq(caller.results[0], 0);
	end();
}
END_TEST

/* An idle worker goes after 100 s; only in the long run of the tests. */
START_TEST(idle)
{
	if (getenv("FOURPOST_TEST_LONG") == NULL)
		return;
	begin();
	stage_exit(&stage, 110000);
	end();
}
END_TEST

static void
many_messages(struct caller *c)
{
	uint8_t filler[2048];
	struct buffer octets;

	memset(filler, 'x', sizeof(filler));
	octets = caller_prefix(
	    P1_MESSAGE, buffer_slice(&apdu.octets), sizeof(filler));
	ck_assert_int_eq(buffer_append(&octets, filler, sizeof(filler)), 0);
	if (caller_open(c) == 0)
		for (unsigned i = 0; i < stage_count(); i++)
			if (caller_send(c, buffer_slice(&octets)) != 0)
				break;
	buffer_fini(&octets);
	caller_release(c);
}

/* No assertion on time: a figure to look at. */
START_TEST(cpu)
{
	bound(many_messages, "");
	for (unsigned i = 0; i < stage_count(); i++) {
		take(&taken);
		answer(&taken, IPC_SUBMIT_ACCEPTED);
	}
	bye();
	ck_assert_uint_eq(caller.transfers, stage_count());
	stage_figure("x400in", stage_count());
	end();
}
END_TEST

TEST_MAIN("x400in", TEST_LONG(cpu, 120); TEST(messages);
	  TEST(refused_then_bound); TEST(probe_report); TEST(small_checkpoints);
	  TEST_LONG(large_with_checkpoints, 120);
	  TEST_LONG(large_window_of_one, 120);
	  TEST_LONG(large_without_checkpoints, 120); TEST(large_is_held);
	  TEST(answered_no); TEST(answered_not_now); TEST(answered_no_early);
	  TEST(garbage_for_p1); TEST(larger_than_the_link_takes);
	  TEST(qmgr_gone_at_the_end); TEST(qmgr_gone_with_much_kept);
	  TEST(qmgr_dies_of_it); TEST(qmgr_gone_at_bind); TEST(caller_vanishes);
	  TEST(caller_discards); TEST(nonsense_at_each_layer);
	  TEST(unusable_settings); TEST(stopped_waiting);
	  TEST(stopped_with_a_silent_caller); TEST(stopped_in_a_transfer);
	  TEST_LONG(idle, 130))
