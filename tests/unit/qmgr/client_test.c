/* SPDX-License-Identifier: ISC */
/*
 * client_test.c - connections that cannot be taken, callers without rights,
 * workers that hang, and records that come at the wrong time
 */
#include "qmgr/engine/client.h"

#include <sys/resource.h>

#include "qmgr/links/assoc_retire.h"
#include "tests/unit/qmgr/link_bench.h"

#define STRANGER 4711 /* a user who may do nothing */

/* listen_at - listen where qmgr's clients connect, and have it accept */
static int
listen_at(struct harness *h, const char *name)
{
	int listener = remote_listen(h, name);

	ck_assert_int_eq(
	    client_listen(&h->qmgr, listener, CLIENT_QMGR_SOCKET), 0);
	return listener;
}

/* connect_to - connect there; the descriptor */
static int
connect_to(const struct harness *h, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s",
	    h->directory, name);
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Without a descriptor for a connection qmgr does not spin on it: it is taken
 * up when there is one again. */
START_TEST(no_descriptors)
{
	struct rlimit limit, none;
	struct harness h;
	int listener, fd;

	harness_init(&h);
	listener = listen_at(&h, "qmgr");
	fd = connect_to(&h, "qmgr");
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	harness_steps(&h, 3);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(h.qmgr.client_count, 0);
	ck_assert(h.qmgr.not_listening);
	ck_assert(harness_log_has(&h, "reason=\"Too many open files\""));
	harness_steps(&h, 3);
	ck_assert_uint_eq(h.qmgr.client_count, 0);
	client_listen_again(&h.qmgr);
	ck_assert(!h.qmgr.not_listening);
	harness_steps(&h, 3);
	ck_assert_uint_eq(h.qmgr.client_count, 1);
	client_unlisten(&h.qmgr);
	close(fd);
	close(listener);
	harness_fini(&h);
}
END_TEST

/* ask_denied - make a request that is denied; what the tool is told */
static void
ask_denied(struct remote *tool, const char *command, char text[256])
{
	struct slice argument = slice_of_string("7");
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {.command = slice_of_string(command),
		.arguments = &argument,
		.argument_count = 1}};

	remote_send(tool, &record);
	remote_expect(tool, IPC_DONE, &record);
	ck_assert_int_ne(record.done.status, 0);
	snprintf(text, 256, "%.*s", (int)record.done.text.len,
	    (const char *)record.done.text.data);
}

/* A user without rights sees, changes and submits nothing, and each is
 * logged. */
START_TEST(denied)
{
	const char *to = TO_ROME;
	struct ipc_record record;
	struct p1_envelope e;
	struct remote tool;
	struct harness h;
	char text[256];

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4queue");
	TAILQ_FIRST(&h.qmgr.clients)->caller.uid = STRANGER;
	ask_denied(&tool, "show", text);
	ck_assert_ptr_nonnull(strstr(text, "not allowed: it needs root"));
	ask_denied(&tool, "delete", text);
	ck_assert_ptr_nonnull(strstr(text, "not allowed: it needs root"));
	harness_envelope(&h, &e, 1, &to);
	remote_submit(
	    &tool, harness_octets(&h, &e), slice_of_string("text"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_REFUSED);
	ck_assert_uint_eq(harness_queued(&h), 0);
	ck_assert(harness_log_has(&h, "uid=4711"));
	ck_assert(harness_log_has(&h, "name=submit"));
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* age - have an association be in its state for so many ms and one more, and
 * look at it: its worker is dropped then, and not before */
static void
age(struct bench *b, struct remote *worker, uint64_t time)
{
	struct assoc *assoc = TAILQ_FIRST(&b->link->assocs);
	uint64_t now;

	/* An event that is under way would set the time anew. */
	remote_quiet(worker);
	now = clock_monotonic();
	assoc->started = now;
	assoc_tick(&b->h.qmgr, b->link, now + time);
	ck_assert_ptr_eq(TAILQ_FIRST(&b->link->assocs), assoc);
	remote_quiet(worker);
	assoc_tick(&b->h.qmgr, b->link, now + time + 1);
	remote_dropped(worker);
}

/* A worker that says nothing is not waited for for ever, whatever it is at. */
START_TEST(hangs)
{
	struct ipc_record record;
	struct remote worker;
	struct bench b;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	for (int i = 0; !remote_accept(&b.h, b.listener, &worker); i++)
		ck_assert_int_lt(i, 1000);
	harness_steps(&b.h, 3);
	remote_expect(&worker, IPC_HELLO, &record);
	age(&b, &worker, ASSOC_HELLO_TIME);
	schedule_event(&b.h.qmgr, b.link, LINK_EV_RETRY);
	bench_accept(&b, &worker);
	age(&b, &worker, ASSOC_OPEN_TIME);
	schedule_event(&b.h.qmgr, b.link, LINK_EV_RETRY);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	remote_event(&worker, IPC_LINK_RECOVERING, "reset by peer");
	age(&b, &worker, b.link->policy.recovery_timeout + ASSOC_OPEN_TIME);
	bench_fini(&b);
}
END_TEST

/* Records that a submitter sends at the wrong time. */
enum misuse {
	MISUSE_TWICE,	    /* begun twice */
	MISUSE_NO_ENVELOPE, /* none, or more than there may be */
	MISUSE_LARGE,
	MISUSE_PARTS, /* of a submission */
	MISUSE_FILE,  /* of a tool */
	MISUSE_TRANSFER,
	MISUSE_LENGTHS, /* that do not add up */
	MISUSE_TOO_LONG,
	MISUSE_KEY,
	MISUSE_MARK,
	MISUSES
};

/* misuse - send it */
static void
misuse(struct remote *tool, enum misuse which)
{
	struct ipc_record start = {.type = IPC_SUBMIT_START,
	    .submit_start = {.submit = 1,
		.kind = MTS_MESSAGE,
		.origin =
		    which == MISUSE_TRANSFER ? IPC_TRANSFER : IPC_SUBMISSION,
		.envelope_length = which == MISUSE_NO_ENVELOPE ? 0
		    : which == MISUSE_LARGE ? P1_ENVELOPE_MAX + 1
					    : 4,
		.parts = which == MISUSE_PARTS,
		.has_file = which == MISUSE_FILE}};
	struct ipc_record data = {.type = IPC_SUBMIT_DATA,
	    .submit_data = {.submit = 1, .data = slice_of_string("envelope")}};
	struct ipc_record end = {.type = IPC_SUBMIT_END,
	    .submit_end = {.submit = 1,
		.content_length = which == MISUSE_LENGTHS ? 5 : 4,
		.too_long = which == MISUSE_TOO_LONG,
		.key = slice_of_string(which == MISUSE_KEY ? "key" : "")}};

	remote_send(tool, &start);
	if (which < MISUSE_LENGTHS) {
		if (which == MISUSE_TWICE)
			remote_send(tool, &start);
		return;
	}
	remote_send(tool, &data);
	if (which == MISUSE_MARK) {
		end.type = IPC_SUBMIT_MARK;
		end.submit_mark.submit = 1;
	}
	remote_send(tool, &end);
}

/* Whoever sends what cannot be is dropped, and qmgr goes on. */
START_TEST(wrong_time)
{
	struct remote tool;
	struct harness h;

	harness_init(&h);
	for (int which = 0; which < MISUSES; which++) {
		remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
		misuse(&tool, (enum misuse)which);
		remote_dropped(&tool);
	}
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&h, &tool, TO_ROME);
	ck_assert_uint_eq(harness_queued(&h), 1);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/client", TEST(no_descriptors); TEST(denied); TEST(hangs);
	  TEST(wrong_time))
