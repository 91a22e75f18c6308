/* SPDX-License-Identifier: ISC */
/*
 * serving.h - x400in at work: the test is master, qmgr and the calling MTA
 *
 * The real program runs.  A test says what the caller does, then plays qmgr.
 */
#ifndef FOURPOST_TESTS_X400IN_SERVING_H
#define FOURPOST_TESTS_X400IN_SERVING_H

#include "tests/unit/x400in/caller.h"

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
static inline void
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
static inline void
qmgr_goes(void)
{
	ipc_channel_fini(&stage.qmgr);
}

/* begin - the worker runs and waits for callers */
static inline void
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
static inline void
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
static inline void
event(enum ipc_link_state state)
{
	const struct ipc_link_event *got =
	    &stage_receive(&stage, IPC_LINK_EVENT)->link_event;

	ck_assert_msg(got->state == state, "event %d, reason %.*s", got->state,
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert_uint_eq(got->session, SESSION);
}

/* check - the next record asks who calls */
static inline void
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
static inline void
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

/* serve - a caller that does that, up to the association */
static inline void
serve(void (*run)(struct caller *), const char *more)
{
	caller_start(&caller, run);
	check();
	let_in(more);
	event(IPC_LINK_BOUND);
}

/* bound - the same, from the beginning */
static inline void
bound(void (*run)(struct caller *), const char *more)
{
	begin();
	serve(run, more);
}

/* qmgr_again - another qmgr, which is told of the association */
static inline void
qmgr_again(void)
{
	qmgr_goes();
	qmgr_comes();
	event(IPC_LINK_BOUND);
}

/* progress - so much of it is committed */
static inline void
progress(const struct taken *t, uint64_t offset)
{
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SUBMIT_PROGRESS,
		.submit_progress = {.submit = t->start.submit,
		    .offset = offset,
		    .marked = offset}});
}

/* marked - the last record is a mark: it is committed at once, if asked for */
static inline bool
marked(const struct taken *t, bool commit)
{
	if (stage.record.type != IPC_SUBMIT_MARK)
		return false;
	ck_assert_uint_gt(stage.record.submit_mark.state.len, 0);
	if (commit)
		progress(t, stage.record.submit_mark.offset);
	return true;
}

/* take - all of a transfer, up to its end */
static inline void
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
		const struct ipc_submit_data *data;

		if (stage_next(&stage) == IPC_SUBMIT_END)
			break;
		if (marked(t, true))
			continue;
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
static inline void
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

/* is_message - that the message of the vectors was taken, octet for octet */
static inline void
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
static inline void
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

/* lost - the worker tells that the association is lost, and exits */
static inline void
lost(void)
{
	event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
}

/* second_is_taken - whole, after a first one that came to this result */
static inline void
second_is_taken(int first)
{
	take(&taken);
	is_message(&taken, 2);
	answer(&taken, IPC_SUBMIT_ACCEPTED);
	bye();
	ck_assert_int_eq(caller.results[0], first);
	ck_assert_int_eq(caller.results[1], 0);
}

/* whole - the message of the vectors as one APDU */
static inline struct buffer
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
static inline int
send_message(struct caller *c)
{
	struct buffer octets = whole();
	int result = caller_send(c, buffer_slice(&octets));

	buffer_fini(&octets);
	return result;
}

static inline void
only_bind(struct caller *c)
{
	if (caller_open(c) == 0)
		caller_release(c);
	else
		caller_close(c);
}

static inline void
two_messages(struct caller *c)
{
	if (caller_open(c) == 0)
		for (int i = 0; i < 2 && c->a.phase == ASSOCIATION_OPEN; i++)
			(void)send_message(c);
	caller_end(c);
}

/* large_message - as large as caller.large, of stage_pattern() */
static inline int
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
			piece[i] = stage_pattern(at + i);
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

static inline void
one_large(struct caller *c)
{
	if (caller_open(c) == 0)
		(void)large_message(c);
	caller_end(c);
}

static inline void
large_then_small(struct caller *c)
{
	if (caller_open(c) != 0)
		return;
	(void)large_message(c);
	if (c->a.phase == ASSOCIATION_OPEN)
		(void)send_message(c);
	caller_end(c);
}

/* half_message - begin one of 40,000 octets, send half of it */
static inline bool
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

#endif
