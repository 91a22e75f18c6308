/* SPDX-License-Identifier: ISC */
/*
 * identity_test.c - who a peer is, master and the kernel say
 */
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

static struct harness h;

/* The pid that the kernel names, whatever the peer says. */
static int64_t kernel_pid;

/* kernel_says - name one pid for all peers */
static int64_t
kernel_says(const struct client *client)
{
	(void)client;
	return kernel_pid;
}

/* introduce - say hello on a new connection */
static void
introduce(struct remote *r, struct ipc_hello hello)
{
	remote_connect(&h, r, CLIENT_QMGR_SOCKET);
	ck_assert_int_eq(ipc_channel_introduce(&r->channel, &hello), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
}

/* refused - check that the hello is not believed, and why */
static void
refused(struct ipc_hello hello, const char *why)
{
	struct remote r;

	introduce(&r, hello);
	remote_dropped(&r);
	ck_assert_msg(harness_log_has(&h, why), "not logged: %s", why);
}

/* Each thing that a worker says of itself must be what master says. */
START_TEST(hello_is_held_against_master)
{
	struct ipc_hello hello;
	struct remote r;
	struct ipc_record record;

	harness_init(&h);
	h.qmgr.sender = kernel_says;
	kernel_pid = harness_announce(&h, IPC_ROLE_MSMI_IN, "po1", 1);
	hello = harness_hello(kernel_pid, IPC_ROLE_X400IN, "po1", 1);
	refused(hello, "master started it as something else");
	hello = harness_hello(kernel_pid, IPC_ROLE_REPORTER, "po1", 1);
	refused(hello,
	    "20110 warn a process that is no worker was refused "
	    "peer=reporter");
	hello = harness_hello(kernel_pid, IPC_ROLE_MSMI_IN, "po2", 1);
	refused(hello, "master started it by another name");
	hello = harness_hello(kernel_pid, IPC_ROLE_MSMI_IN, "po1", 2);
	refused(hello, "master started it by another name");
	hello = harness_hello(kernel_pid + 1, IPC_ROLE_MSMI_IN, "po1", 1);
	refused(hello, "it gives another pid than the kernel does");
	hello = harness_hello(kernel_pid, IPC_ROLE_MSMI_IN, "po1", 1);
	hello.ticket = slice_of_string("0123456789abcdeF");
	refused(hello, "its ticket is not the one that master gave");
	hello.ticket = slice_of(NULL, 0);
	refused(hello, "its ticket is not the one that master gave");
	introduce(&r, harness_hello(kernel_pid, IPC_ROLE_MSMI_IN, "po1", 1));
	remote_expect(&r, IPC_HELLO, &record);
	remote_expect(&r, IPC_SETTINGS, &record);
	remote_close(&r);
	harness_fini(&h);
}
END_TEST

/* A pid that master has not told of is waited for, and what is sent with the
 * hello is taken when it is known. */
START_TEST(unknown_pid_is_waited_for)
{
	struct ipc_hello hello = harness_hello(1, IPC_ROLE_MSMI_IN, "po1", 0);
	struct ipc_record record = {.type = IPC_OUTCOME};
	struct remote r;

	harness_init(&h);
	introduce(&r, hello);
	remote_quiet(&r);
	ck_assert_int_eq(harness_announce(&h, IPC_ROLE_MSMI_IN, "po1", 0), 1);
	greet_again(&h.qmgr);
	remote_expect(&r, IPC_HELLO, &record);
	remote_expect(&r, IPC_SETTINGS, &record);
	remote_close(&r);
	/* Not even then is a record of another kind taken. */
	hello.pid = 2;
	introduce(&r, hello);
	record = (struct ipc_record){.type = IPC_OUTCOME};
	remote_send(&r, &record);
	remote_quiet(&r);
	ck_assert_int_eq(harness_announce(&h, IPC_ROLE_MSMI_IN, "po1", 0), 2);
	greet_again(&h.qmgr);
	remote_dropped(&r);
	ck_assert(harness_log_has(&h, "outcome from msmi-in"));
	harness_fini(&h);
}
END_TEST

/* After a while the stranger is refused, and the end of a worker forgotten. */
START_TEST(stranger_is_refused)
{
	struct remote r;
	uint64_t end = clock_after(HARNESS_TIME);

	harness_init(&h);
	(void)harness_announce(&h, IPC_ROLE_X400IN, "", 1);
	workers_ended(&h.qmgr.workers, 1);
	introduce(&r, harness_hello(1, IPC_ROLE_X400IN, "", 1));
	while (!harness_log_has(&h, "master did not start it") &&
	    clock_monotonic() < end)
		harness_step(&h);
	remote_dropped(&r);
	ck_assert(harness_log_has(&h, "20110"));
	harness_fini(&h);
}
END_TEST

/* Records that master sent before are read before a hello is judged. */
START_TEST(master_is_heard_first)
{
	struct ipc_record record = {.type = IPC_WORKER_STARTED,
	    .worker_started = {.pid = 5,
		.role = IPC_ROLE_MSMI_IN,
		.name = slice_of_string("po1"),
		.ticket = slice_of_string("0123456789abcdef")}};
	struct remote master, worker, stranger;

	harness_init(&h);
	introduce(&worker, harness_hello(5, IPC_ROLE_MSMI_IN, "po1", 0));
	remote_connect(&h, &master, CLIENT_MASTER);
	remote_send(&master, &record);
	remote_expect(&worker, IPC_HELLO, &record);
	remote_expect(&worker, IPC_SETTINGS, &record);
	/* Likewise of an end: the pid is another's now. */
	introduce(&stranger, harness_hello(5, IPC_ROLE_MSMI_IN, "po1", 0));
	record = (struct ipc_record){.type = IPC_WORKER_ENDED,
	    .worker_ended = {.name = slice_of_string("msmi-in/po1"), .pid = 5}};
	remote_send(&master, &record);
	remote_quiet(&stranger);
	ck_assert_ptr_null(workers_find(&h.qmgr.workers, 5));
	remote_close(&stranger);
	remote_close(&worker);
	ipc_channel_fini(&master.channel);
	harness_fini(&h);
}
END_TEST

/* claim - have a worker say what it may not: it is dropped, with an event */
static void
claim(struct remote *r, const struct ipc_record *record, const char *why)
{
	remote_send(r, record);
	remote_dropped(r);
	ck_assert(harness_log_has(&h, "20111"));
	ck_assert_msg(harness_log_has(&h, why), "not logged: %s", why);
}

/* bind - bind a peer through an x400in: its session */
static uint64_t
bind_peer(struct remote *in, const char *mta, const char *password)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK,
	    .bind_check = {.authenticated = true,
		.name = slice_of_string(mta),
		.password = slice_of_string(password),
		.address = slice_of_string("127.0.0.1:9"),
		.references = references_of(mta, "261129091831Z", "")}};

	remote_connect_as(&h, in, IPC_ROLE_X400IN, "");
	remote_send(in, &record);
	remote_expect(in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	return record.bind_answer.session;
}

/* A worker speaks of its own session alone. */
START_TEST(session_of_another)
{
	struct ipc_record start = {.type = IPC_SUBMIT_START,
	    .submit_start = {.submit = 1, .envelope_length = 10}};
	struct ipc_record closed = {.type = IPC_SESSION_CLOSED};
	struct ipc_record event = {.type = IPC_LINK_EVENT};
	struct remote victim, in;
	uint64_t session;

	harness_init(&h);
	session = bind_peer(&victim, "MTA-PARIS", "pw-paris");
	start.submit_start.session = session;
	remote_connect_as(&h, &in, IPC_ROLE_X400IN, "");
	claim(&in, &start, "it names another's session");
	(void)bind_peer(&in, "MTA-ROME", "pw-rome");
	claim(&in, &start, "it names another's session");
	(void)bind_peer(&in, "MTA-ROME", "pw-rome");
	closed.session_closed.session = session;
	closed.session_closed.orderly = true;
	claim(&in, &closed, "it names another's session");
	(void)bind_peer(&in, "MTA-ROME", "pw-rome");
	event.link_event.session = session;
	claim(&in, &event, "it names another's session");
	start.submit_start.session = bind_peer(&in, "MTA-ROME", "pw-rome");
	start.submit_start.old_session = session;
	claim(&in, &start, "it resumes another's transfer");
	remote_quiet(&victim);
	remote_close(&victim);
	harness_fini(&h);
}
END_TEST

/* A worker speaks of its own link and postoffice alone. */
START_TEST(link_of_another)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {
		.state = IPC_LINK_RELEASED, .link = slice_of_string("paris")}};
	struct remote in;

	harness_init(&h);
	(void)bind_peer(&in, "MTA-ROME", "pw-rome");
	claim(&in, &record, "it names another's link");
	remote_connect_as(&h, &in, IPC_ROLE_MSMI_IN, "po1");
	record = (struct ipc_record){.type = IPC_FILE_REMOVED,
	    .file_removed = {.file = {.postoffice = slice_of_string("po2"),
				 .name = slice_of_string("1.P1")}}};
	claim(&in, &record, "it names another's link");
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/identity", TEST(hello_is_held_against_master),
    TEST(unknown_pid_is_waited_for), TEST(stranger_is_refused),
    TEST(master_is_heard_first), TEST(session_of_another),
    TEST(link_of_another))
