/* SPDX-License-Identifier: ISC */
/*
 * serving.c - x400in at work: the test is master, qmgr and the calling MTA;
 * see serving.h
 */
#include "tests/unit/x400in/serving.h"

#define SESSION 77
#define TOKEN	"sixteen octets.."

struct stage stage;
struct caller caller;
struct apdu apdu;
static int qmgr_listener;

struct taken taken, again;
struct ipc_settings serving_selectors;

/* comes - take the worker's connection as a new qmgr, in that role of its */
static void
comes(enum ipc_role role)
{
	struct pollfd pfd = {.fd = qmgr_listener, .events = POLLIN};
	struct ipc_hello hello;
	int fd;

	ck_assert_int_eq(poll(&pfd, 1, STAGE_LIMIT), 1);
	fd = accept(qmgr_listener, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ipc_channel_init(&stage.qmgr, fd), 0);
	hello = stage_receive(&stage, IPC_HELLO)->hello;
	ck_assert_int_eq(hello.role, role);
	ck_assert_uint_eq(hello.version, IPC_VERSION);
	ck_assert_int_eq(
	    ipc_channel_hello(&stage.qmgr, IPC_ROLE_QMGR, "qmgr", 0), 0);
}

void
serving_reporter_comes(void)
{
	comes(IPC_ROLE_REPORTER);
}

void
serving_qmgr_comes(void)
{
	comes(IPC_ROLE_X400IN);
	serving_selectors.text = slice_of_string(
	    "mta { name = \"MTA-BERLIN\" domain = \"C=DE;A=VIAT;P=ACME\" }\n");
	stage_send(&stage,
	    (struct ipc_record){
		.type = IPC_SETTINGS, .settings = serving_selectors});
}

void
serving_qmgr_goes(void)
{
	ipc_channel_fini(&stage.qmgr);
}

void
serving_begin(void)
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
	serving_qmgr_comes();
}

void
serving_end(void)
{
	caller_join(&caller);
	stage_fini(&stage);
	close(qmgr_listener);
	buffer_fini(&taken.body);
	buffer_fini(&again.body);
	apdu_fini(&apdu);
}

void
serving_event(enum ipc_link_state state)
{
	const struct ipc_link_event *got =
	    &stage_receive(&stage, IPC_LINK_EVENT)->link_event;

	ck_assert_msg(got->state == state, "event %d, reason %.*s", got->state,
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert_uint_eq(got->session, SESSION);
}

void
serving_check(void)
{
	const struct ipc_bind_check *got =
	    &stage_receive(&stage, IPC_BIND_CHECK)->bind_check;

	ck_assert_uint_eq(got->link.len, 0);
	ck_assert(slice_equal_string(got->name, "MTA-PARIS"));
	ck_assert(slice_equal_string(got->password, "geheim"));
	ck_assert(got->authenticated);
	ck_assert(!got->recover);
	ck_assert_uint_gt(got->references.calling_len, 0);
	ck_assert_uint_gt(got->references.common_len, 0);
	ck_assert_ptr_nonnull(
	    memmem(got->address.data, got->address.len, "127.0.0.1", 9));
}

void
serving_let_in(const char *more)
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
		    .settings = slice_of_string(text),
		    .token = slice_of_string(TOKEN)}});
}

void
serving_serve(void (*run)(struct caller *), const char *more)
{
	caller_start(&caller, run);
	serving_check();
	serving_let_in(more);
	serving_event(IPC_LINK_BOUND);
}

void
serving_bound(void (*run)(struct caller *), const char *more)
{
	serving_begin();
	serving_serve(run, more);
}

/* claimed - expect that the worker claims its session, and grant it */
static void
claimed(void)
{
	const struct ipc_session_claim *got =
	    &stage_receive(&stage, IPC_SESSION_CLAIM)->session_claim;

	ck_assert_uint_eq(got->session, SESSION);
	ck_assert(slice_equal_string(got->token, TOKEN));
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SESSION_CLAIM,
		.session_claim = {.session = SESSION}});
}

void
serving_qmgr_again(void)
{
	serving_qmgr_goes();
	serving_qmgr_comes();
	claimed();
	serving_event(IPC_LINK_BOUND);
}

void
serving_progress(const struct taken *t, uint64_t offset)
{
	const struct ipc_record record = {.type = IPC_SUBMIT_PROGRESS,
	    .submit_progress = {
		.submit = t->start.submit, .offset = offset, .marked = offset}};

	/* A worker whose peer has vanished may have said all and be gone: then
	 * nobody is left to be told. */
	(void)!worker_send(
	    &stage.self, &stage.qmgr, &record, clock_after(STAGE_LIMIT));
}

bool
serving_marked(const struct taken *t, bool commit)
{
	if (stage.record.type != IPC_SUBMIT_MARK)
		return false;
	ck_assert_uint_gt(stage.record.submit_mark.state.len, 0);
	if (commit)
		serving_progress(t, stage.record.submit_mark.offset);
	return true;
}

void
serving_take(struct taken *t)
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
		if (serving_marked(t, true) ||
		    stage.record.type == IPC_SUBMIT_SIZE)
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

void
serving_answer(const struct taken *t, enum ipc_submit_result result)
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

void
serving_is_message(const struct taken *t, uint64_t activity)
{
	struct slice body = buffer_slice(&t->body);
	struct slice content = buffer_slice(&apdu.content);
	struct p1_envelope envelope;
	struct diag diag = {0};
	struct arena arena;

	ck_assert_int_eq(t->start.kind, MTS_MESSAGE);
	ck_assert_uint_eq(t->start.activity, activity);
	ck_assert_uint_eq(t->end.content_length, content.len);
	ck_assert_int_eq(memcmp(body.data + t->start.envelope_length,
			     content.data, content.len),
	    0);
	arena_init(&arena, P1_ARENA_MAX);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE,
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

void
serving_released(void)
{
	const struct ipc_session_closed *closed =
	    &stage_receive(&stage, IPC_SESSION_CLOSED)->session_closed;

	ck_assert_uint_eq(closed->session, SESSION);
	ck_assert(closed->orderly);
	serving_event(IPC_LINK_RELEASED);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
}

void
serving_lost(void)
{
	serving_event(IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	caller_join(&caller);
}

void
serving_second_is_taken(int first)
{
	serving_take(&taken);
	serving_is_message(&taken, 2);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], first);
	ck_assert_int_eq(caller.results[1], 0);
}

struct buffer
serving_apdu(void)
{
	struct buffer out = caller_prefix(MTS_MESSAGE,
	    buffer_slice(&apdu.octets), buffer_length(&apdu.content));

	ck_assert_int_eq(buffer_append(&out, apdu.content.data,
			     buffer_length(&apdu.content)),
	    0);
	return out;
}

int
caller_message(struct caller *c)
{
	struct buffer octets = serving_apdu();
	int result = caller_send(c, buffer_slice(&octets));

	buffer_fini(&octets);
	return result;
}

void
caller_only_binds(struct caller *c)
{
	if (caller_open(c) == 0)
		caller_release(c);
	else
		caller_close(c);
}

void
caller_two_messages(struct caller *c)
{
	if (caller_open(c) == 0)
		for (int i = 0; i < 2 && c->a.phase == ASSOCIATION_OPEN; i++)
			(void)caller_message(c);
	caller_end(c);
}

int
caller_large_message(struct caller *c)
{
	static uint8_t piece[65536];
	struct buffer prefix =
	    caller_prefix(MTS_MESSAGE, buffer_slice(&apdu.octets), c->large);
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

void
caller_one_large(struct caller *c)
{
	if (caller_open(c) == 0)
		(void)caller_large_message(c);
	caller_end(c);
}

void
caller_large_then_small(struct caller *c)
{
	if (caller_open(c) != 0)
		return;
	(void)caller_large_message(c);
	if (c->a.phase == ASSOCIATION_OPEN)
		(void)caller_message(c);
	caller_end(c);
}

bool
caller_half_message(struct caller *c)
{
	static uint8_t half[20000];
	struct buffer prefix = caller_prefix(
	    MTS_MESSAGE, buffer_slice(&apdu.octets), 2 * sizeof(half));
	bool sent = association_send_start(&c->a,
			buffer_length(&prefix) + 2 * sizeof(half),
			clock_after(60000)) == 0 &&
	    association_send_data(&c->a, buffer_slice(&prefix)) == 0 &&
	    association_send_data(&c->a, slice_of(half, sizeof(half))) == 0;

	buffer_fini(&prefix);
	return sent;
}
