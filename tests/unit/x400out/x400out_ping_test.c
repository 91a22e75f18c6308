/* SPDX-License-Identifier: ISC */
/*
 * x400out_ping_test.c - a link pinged for x4ping: each step, and no mail
 */
#include "tests/unit/x400out/calling.h"

/* field - get a text field of the row that was received last */
static struct slice
field(const char *name)
{
	const struct ipc_row *row = &stage.record.row;

	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return row->fields[i].octets;
	ck_abort_msg("no field %s", name);
	return slice_of(NULL, 0);
}

/* steps - receive steps up to another record, and check their results: the
 * names of those that succeeded, then that of the one that failed; reason: of
 * that one */
static void
steps(const char *const *names, size_t count, const char *reason)
{
	for (size_t i = 0; i < count; i++) {
		bool fails = reason != NULL && i + 1 == count;

		ck_assert_int_eq(stage_next(&stage), IPC_ROW);
		ck_assert_msg(calling_contains(field("step"), names[i]),
		    "%.*s, not %s: %.*s", (int)field("step").len,
		    (const char *)field("step").data, names[i],
		    (int)field("reason").len,
		    (const char *)field("reason").data);
		ck_assert(slice_equal_string(
		    field("result"), fails ? "failed" : "ok"));
		if (fails)
			ck_assert(calling_contains(field("reason"), reason));
	}
}

/* STEPS - receive these steps; the last failed for a reason, or NULL */
#define STEPS(reason, ...)                                              \
	do {                                                            \
		static const char *const names[] = {__VA_ARGS__};       \
		steps(names, sizeof(names) / sizeof(names[0]), reason); \
	} while (0)

#define WAY                                                      \
	"tcp 127.0.0.1", "transport", "session", "presentation", \
	    "association", "reliable transfer", "bind"

/* over - receive the end of the ping, and wait for that of the worker */
static void
over(int status)
{
	ck_assert_int_eq(stage_next(&stage), IPC_DONE);
	ck_assert_int_eq(stage.record.done.status, status);
	stage_ended(&stage);
	stage_exit(&stage, STAGE_LIMIT);
	peer_join(&peer);
	ck_assert_uint_eq(peer.taken, 0);
}

/* The peer is reached, judged by qmgr, and released. */
START_TEST(reached)
{
	peer_init(&peer);
	calling_pings("");
	STEPS(NULL, WAY);
	calling_answer_check(true);
	STEPS(NULL, "responder", "release");
	over(0);
	ck_assert(peer.released);
	ck_assert_str_eq(peer.password, "secret");
	calling_end();
}
END_TEST

/* Another MTA than the peer answers. */
START_TEST(wrong_responder)
{
	peer_init(&peer);
	calling_pings("");
	STEPS(NULL, WAY);
	calling_answer_check(false);
	STEPS("the password is not that", "responder");
	STEPS(NULL, "release");
	over(1);
	calling_end();
}
END_TEST

/* The peer's MTA refuses the bind, with a reason in words. */
START_TEST(refused)
{
	peer_init(&peer);
	peer.bind_error = BIND_ERROR_AUTHENTICATION;
	calling_pings("");
	STEPS("authentication", "tcp 127.0.0.1", "transport", "bind");
	over(1);
	calling_end();
}
END_TEST

/* qmgr goes while a peer says nothing: the worker does not wait for it. */
START_TEST(qmgr_gone)
{
	peer_init(&peer);
	peer.mute = true;
	calling_pings("");
	STEPS(NULL, "tcp 127.0.0.1");
	peer_wait(&peer, peer.waiting);
	ipc_channel_fini(&stage.qmgr);
	stage_exit(&stage, STAGE_LIMIT);
	peer_go(&peer);
	calling_end();
}
END_TEST

TEST_MAIN("x400out/ping", TEST(reached); TEST(wrong_responder); TEST(refused);
	  TEST(qmgr_gone))
