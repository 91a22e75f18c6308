/* SPDX-License-Identifier: ISC */
/*
 * copy_test.c - a copy of the queue that a tool makes, as qmgr sees it
 */
#include "qmgr/copy.h"

#include "ipc/exit_status.h"
#include "store/snapshot.h"
#include "tests/unit/qmgr/remote.h"

/* ask - have the tool send a request with one argument, or none */
static void
ask(struct remote *tool, const char *command, const char *argument)
{
	const struct slice given =
	    slice_of_string(argument != NULL ? argument : "");
	const struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {
		slice_of_string(command), &given, argument != NULL ? 1 : 0}};

	remote_send(tool, &record);
}

/* expect_done - take the end of the tool's answer */
static void
expect_done(struct remote *tool, int status, const char *text)
{
	struct ipc_record record;

	remote_expect(tool, IPC_DONE, &record);
	ck_assert_msg(record.done.status == status &&
		slice_equal_string(record.done.text, text),
	    "%d: %.*s", (int)record.done.status, (int)record.done.text.len,
	    (const char *)record.done.text.data);
}

/* number - get a number of a row */
static int64_t
number(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return row->fields[i].number;
	ck_abort_msg("no %s", name);
	return 0;
}

/* expect_snapshot - take what the copy is made of; the descriptor */
static int
expect_snapshot(struct remote *tool, int64_t messages)
{
	struct ipc_record record;
	struct stat st;
	int fd;

	remote_expect(tool, IPC_ROW, &record);
	ck_assert_int_eq(number(&record.row, "messages"), messages);
	fd = ipc_channel_take_fd(&tool->channel);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_ge(st.st_size,
	    number(&record.row, "page") * number(&record.row, "pages"));
	/* The file is for reading alone. */
	ck_assert_int_eq(write(fd, "x", 1), -1);
	expect_done(tool, EXIT_STATUS_DONE, "");
	return fd;
}

START_TEST(one_at_a_time)
{
	struct remote tool, other;
	struct harness h;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4ctl");
	remote_connect_as(&h, &other, IPC_ROLE_TOOL, "x4ctl");
	(void)remote_submit_to(&h, &tool, TO_ROME);
	ask(&tool, "copied", "nowhere");
	expect_done(&tool, EXIT_STATUS_REFUSED, "no copy is under way");
	ask(&tool, "copy", NULL);
	close(expect_snapshot(&tool, 1));
	ask(&other, "copy", NULL);
	expect_done(
	    &other, EXIT_STATUS_REFUSED, "a copy is being made already");
	ask(&other, "copied", "theirs");
	expect_done(&other, EXIT_STATUS_REFUSED, "no copy is under way");
	/* Mail goes on meanwhile. */
	(void)remote_submit_to(&h, &other, TO_ROME);
	ask(&tool, "copied", "/srv/copy");
	expect_done(&tool, EXIT_STATUS_DONE, "");
	ck_assert(harness_log_has(&h, "command=copy what=/srv/copy"));
	/* A tool that begins and goes keeps nobody from it. */
	ask(&other, "copy", NULL);
	close(expect_snapshot(&other, 2));
	remote_close(&other);
	harness_steps(&h, 10);
	ck_assert_ptr_null(h.qmgr.copy);
	ask(&tool, "copy", NULL);
	close(expect_snapshot(&tool, 2));
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* The queue turns over while a tool stands still: it is told, unasked. */
START_TEST(given_up)
{
	struct remote tool, submitter;
	struct harness h;
	struct ipc_record record;
	static uint8_t octets[512 * 1024];
	const char *to[] = {TO_ROME};
	struct p1_envelope e;
	char id[32];
	unsigned i;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4ctl");
	remote_connect_as(&h, &submitter, IPC_ROLE_TOOL, "x4send");
	ask(&tool, "copy", NULL);
	close(expect_snapshot(&tool, 0));
	harness_envelope(&h, &e, 1, to);
	for (i = 0; i < 400 && h.qmgr.copy != NULL; i++) {
		remote_submit(&submitter, harness_octets(&h, &e),
		    slice_of(octets, sizeof(octets)), &record);
		if (record.submit_answer.result != IPC_SUBMIT_ACCEPTED)
			break;
		snprintf(id, sizeof(id), "%llu",
		    (unsigned long long)record.submit_answer.message);
		ask(&submitter, "delete", id);
		do
			remote_next(&submitter, &record);
		while (record.type != IPC_DONE);
		harness_steps(&h, 5);
	}
	ck_assert_ptr_null(h.qmgr.copy);
	remote_expect(&tool, IPC_DONE, &record);
	ck_assert_int_eq(record.done.status, EXIT_STATUS_REFUSED);
	ck_assert(harness_log_has(&h, " 20320 "));
	ask(&tool, "copied", "late");
	expect_done(&tool, EXIT_STATUS_REFUSED, "no copy is under way");
	remote_close(&tool);
	remote_close(&submitter);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/copy", TEST(one_at_a_time); TEST(given_up))
