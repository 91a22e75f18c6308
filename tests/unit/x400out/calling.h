/* SPDX-License-Identifier: ISC */
/*
 * calling.h - x400out at work: the test is master, qmgr and the called MTA
 *
 * The real program runs.  A test says what the peer does, then plays qmgr.
 */
#ifndef FOURPOST_TESTS_X400OUT_CALLING_H
#define FOURPOST_TESTS_X400OUT_CALLING_H

#include "tests/unit/x400out/peer.h"

#define LARGE ((uint64_t)64 * 1024 * 1024)

static struct stage stage;
static struct peer peer;
static struct apdu apdu; /* a message, of the vectors */

/* settings - of a link to that port; two: a closed one before it */
static inline const char *
settings(unsigned port, const char *more)
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

/* start - the worker runs, and has said hello */
static inline void
start(void)
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

/* begin - the worker has its settings, and calls */
static inline void
begin(const char *more)
{
	start();
	stage_settings(&stage, settings(peer.port, more));
}

/* event - the next record is this link event */
static inline const struct ipc_link_event *
event(enum ipc_link_state state)
{
	const struct ipc_link_event *got =
	    &stage_receive(&stage, IPC_LINK_EVENT)->link_event;

	ck_assert_msg(got->state == state, "event %d, reason %.*s", got->state,
	    (int)got->reason.len, (const char *)got->reason.data);
	ck_assert(slice_equal_string(got->link, "paris"));
	return got;
}

/* answer_check - qmgr's part in the bind */
static inline void
answer_check(bool accepted)
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

/* calls - with a peer that runs, up to the call */
static inline void
calls(const char *more)
{
	peer_start(&peer);
	begin(more);
	event(IPC_LINK_CONNECTING);
}

/* bound - the same, up to the association */
static inline const struct ipc_link_event *
bound(const char *more)
{
	calls(more);
	answer_check(true);
	return event(IPC_LINK_BOUND);
}

/* named_job - give it a message, under a name that qmgr has noted, and what
 * else there is to say of it; its number is also that of the message */
static inline void
named_job(uint64_t number, uint64_t activity, struct ipc_job more)
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
	more.kind = IPC_MESSAGE;
	more.priority = 1;
	more.envelope_length = buffer_length(&apdu.octets);
	more.content_length = buffer_length(&apdu.content);
	more.body = buffer_slice(&body);
	more.activity = activity;
	stage_send(&stage, (struct ipc_record){.type = IPC_JOB, .job = more});
	buffer_fini(&body);
}

/* job - give it a message; its number is also that of the message */
static inline void
job(uint64_t number)
{
	named_job(number, 0, (struct ipc_job){0});
}

/* jobs - give it messages, up to this number */
static inline void
jobs(uint64_t count)
{
	for (uint64_t i = 1; i <= count; i++)
		job(i);
}

/* large_job - one whose content is to be asked for */
static inline void
large_job(uint64_t number, uint64_t length)
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

/* answer_body - qmgr's part in a large one; the record is there already */
static inline void
answer_body(uint64_t number)
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

/* outcome - the next record is that of this job */
static inline const struct ipc_outcome *
outcome(uint64_t number, enum ipc_result result)
{
	const struct ipc_outcome *got =
	    &stage_receive(&stage, IPC_OUTCOME)->outcome;

	ck_assert_uint_eq(got->job, number);
	ck_assert_msg(got->result == result, "job %llu: %d %.*s",
	    (unsigned long long)number, got->result, (int)got->text.len,
	    (const char *)got->text.data);
	return got;
}

/* gone - the worker has ended, within ms, and so has the association */
static inline void
gone(uint64_t ms)
{
	stage_exit(&stage, ms);
	peer_join(&peer);
}

/* aborted - the same, and not by the orderly end */
static inline void
aborted(uint64_t ms)
{
	gone(ms);
	ck_assert(peer.aborted);
	ck_assert(!peer.released);
}

/* released - the same by the orderly end, of which the worker tells */
static inline void
released(uint64_t ms)
{
	event(IPC_LINK_RELEASED);
	gone(ms);
	ck_assert(peer.released);
}

/* retire - tell it to come to that end */
static inline void
retire(void)
{
	stage_send(&stage, (struct ipc_record){.type = IPC_RETIRE});
	released(STAGE_LIMIT);
	stage_ended(&stage);
}

/* contains - whether a text that was received holds this */
static inline bool
contains(struct slice text, const char *what)
{
	return memmem(text.data, text.len, what, strlen(what)) != NULL;
}

/* end - give everything back */
static inline void
end(void)
{
	stage_fini(&stage);
	peer_fini(&peer);
	apdu_fini(&apdu);
}

#endif
