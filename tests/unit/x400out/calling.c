/* SPDX-License-Identifier: ISC */
/*
 * calling.c - x400out at work: the test is master, qmgr and the called MTA;
 * see calling.h
 */
#include "tests/unit/x400out/calling.h"

struct stage stage;
struct peer peer;
struct apdu apdu;

/* calling_settings - format the settings of a link to that port; two: a closed
 * port before it */
static const char *
calling_settings(unsigned port, const char *more)
{
	static char text[1024];

	snprintf(text, sizeof(text),
	    "mta { name = \"MTA-BERLIN\" domain = \"C=DE;A=VIAT;P=ACME\"\n"
	    "password = \"secret\" }\n"
	    "link \"paris\" { remote-mta = \"MTA-PARIS\"\n"
	    "address = {%s\"127.0.0.1:%u\"} %s }\n",
	    strstr(more, "address-before") != NULL ? "\"127.0.0.1:1\", " : "",
	    port, strstr(more, "address-before") != NULL ? "" : more);
	return text;
}

void
calling_start(void)
{
	struct diag diag = {0};

	apdu_read(&apdu, "p1-88-message-3recips");
	stage_init(&stage);
	stage.listener = stage_local(stage_path(&stage, "x400out.paris"));
	ck_assert_int_eq(ipc_channel_connect(
			     &stage.qmgr, stage_path(&stage, "x400out.paris")),
	    0);
	stage_start(&stage, "x400out", "x400out/paris#1");
	ck_assert_int_eq(worker_greet(&stage.self, &stage.qmgr, IPC_ROLE_QMGR,
			     clock_after(STAGE_LIMIT), &diag),
	    0);
}

void
calling_begin(const char *more)
{
	calling_start();
	stage_settings(&stage, calling_settings(peer.port, more));
}

void
calling_pings(const char *more)
{
	peer_start(&peer);
	calling_start();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_SETTINGS,
		.settings = {
		    .text = slice_of_string(calling_settings(peer.port, more)),
		    .ping = true}});
}

const struct ipc_link_event *
calling_event(enum ipc_link_state state)
{
	const struct ipc_link_event *got =
	    &stage_receive(&stage, IPC_LINK_EVENT)->link_event;

	ck_assert_msg(got->state == state, "event %d, reason %.*s", got->state,
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert(slice_equal_string(got->link, "paris"));
	return got;
}

void
calling_answer_check(bool accepted)
{
	const struct ipc_bind_check *check =
	    &stage_receive(&stage, IPC_BIND_CHECK)->bind_check;

	ck_assert(slice_equal_string(check->link, "paris"));
	ck_assert(slice_equal_string(check->name, "MTA-PARIS"));
	ck_assert(slice_equal_string(check->password, "geheim"));
	ck_assert(check->authenticated);
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BIND_ANSWER,
		.bind_answer = {.accepted = accepted,
		    .reason = slice_of_string(
			accepted ? "" : "the password is not that")}});
}

void
calling_calls(const char *more)
{
	peer_start(&peer);
	calling_begin(more);
	calling_event(IPC_LINK_CONNECTING);
}

const struct ipc_link_event *
calling_bound(const char *more)
{
	calling_calls(more);
	calling_answer_check(true);
	return calling_event(IPC_LINK_BOUND);
}

void
calling_named_job(uint64_t number, uint64_t activity, struct ipc_job more)
{
	struct buffer body;

	buffer_init(&body, IPC_RECORD_MAX);
	ck_assert_int_eq(
	    buffer_append(&body, apdu.octets.data, buffer_length(&apdu.octets)),
	    0);
	ck_assert_int_eq(buffer_append(&body, apdu.content.data,
			     buffer_length(&apdu.content)),
	    0);
	more.job = number;
	more.message = number + 100;
	more.kind = MTS_MESSAGE;
	more.priority = 1;
	more.envelope_length = buffer_length(&apdu.octets);
	more.content_length = buffer_length(&apdu.content);
	more.body = buffer_slice(&body);
	more.activity = activity;
	stage_send(&stage, (struct ipc_record){.type = IPC_JOB, .job = more});
	buffer_fini(&body);
}

void
calling_job(uint64_t number)
{
	calling_named_job(number, 0, (struct ipc_job){0});
}

void
calling_jobs(uint64_t count)
{
	/* A single write holds them all: a worker whose association ends within
	 * the first must have got the others. */
	for (uint64_t i = 1; i <= count; i++) {
		stage.corked = i < count;
		calling_job(i);
	}
}

void
calling_large_job(uint64_t number, uint64_t length)
{
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_JOB,
		.job = {.job = number,
		    .message = number + 100,
		    .priority = 1,
		    .envelope_length = buffer_length(&apdu.octets),
		    .content_length = length,
		    .body = slice_of(
			apdu.octets.data, buffer_length(&apdu.octets) / 2)}});
}

void
calling_answer_body(uint64_t number)
{
	const struct ipc_body_request request = stage.record.body_request;
	uint64_t envelope = buffer_length(&apdu.octets);
	static uint8_t data[IPC_PIECE_MAX];

	ck_assert_uint_eq(request.job, number);
	ck_assert_uint_le(request.length, IPC_PIECE_MAX);
	for (uint32_t i = 0; i < request.length; i++) {
		uint64_t at = request.offset + i;

		data[i] = at < envelope ? apdu.octets.data[at]
					: stage_pattern(at - envelope);
	}
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BODY,
		.body = {.job = number,
		    .offset = request.offset,
		    .data = slice_of(data, request.length)}});
}

void
calling_commits(void)
{
	const struct ipc_outcome *outcome = &stage.record.outcome;

	ck_assert_int_eq(stage.record.type, IPC_OUTCOME);
	/* A worker whose association ended may be gone. */
	if (outcome->confirm)
		(void)!worker_send(&stage.self, &stage.qmgr,
		    &(struct ipc_record){.type = IPC_OUTCOME,
			.outcome = {.job = outcome->job,
			    .result = outcome->result}},
		    clock_after(STAGE_LIMIT));
}

const struct ipc_outcome *
calling_outcome(uint64_t number, enum ipc_result result)
{
	const struct ipc_outcome *got =
	    &stage_receive(&stage, IPC_OUTCOME)->outcome;

	ck_assert_uint_eq(got->job, number);
	ck_assert_msg(got->result == result, "job %llu: %d %.*s",
	    (unsigned long long)number, got->result, (int)got->text.len,
	    (const char *)got->text.data);
	calling_commits();
	return got;
}

void
calling_gone(uint64_t ms)
{
	stage_exit(&stage, ms);
	peer_join(&peer);
}

void
calling_aborted(uint64_t ms)
{
	calling_gone(ms);
	ck_assert(peer.aborted);
	ck_assert(!peer.released);
}

void
calling_released(uint64_t ms)
{
	calling_event(IPC_LINK_RELEASED);
	calling_gone(ms);
	ck_assert(peer.released);
}

void
calling_retire(void)
{
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	calling_released(STAGE_LIMIT);
	stage_ended(&stage);
}

bool
calling_contains(struct slice text, const char *what)
{
	return memmem(text.data, text.len, what, strlen(what)) != NULL;
}

void
calling_end(void)
{
	stage_fini(&stage);
	peer_fini(&peer);
	apdu_fini(&apdu);
}
