/* SPDX-License-Identifier: ISC */
/*
 * ghost_test.c - an event says what was committed, as often as it was
 *
 * A report is decided on before its transaction, or in one that may be undone
 * and done again.  Event 290 of a report that is not in the queue misleads
 * whoever reads the log, and counted against the rate it delays real ones.
 */
#include "base/fault.h"
#include "tests/unit/qmgr/remote.h"

#define TO_NOBODY "C=XX;A=NOWHERE;S=Nobody"
#define NDR	  "non-delivery report generated"

/* lines_with - count the lines of the log that hold this text */
static unsigned
lines_with(const struct harness *h, const char *text)
{
	char path[128], line[4096];
	unsigned count = 0;
	FILE *log;

	snprintf(path, sizeof(path), "%s/log", h->directory);
	log = fopen(path, "r");
	ck_assert_ptr_nonnull(log);
	while (fgets(line, sizeof(line), log) != NULL)
		count += strstr(line, text) != NULL;
	fclose(log);
	return count;
}

/* submit_file - submit what msmi-in read from a file, to one recipient */
static enum ipc_submit_result
submit_file(struct harness *h, struct remote *r, const char *to)
{
	const struct ipc_submit_start start = {.kind = MTS_MESSAGE,
	    .origin = IPC_SUBMISSION,
	    .has_file = true,
	    .file = {.name = slice_of_string("M1"),
		.inode = 7,
		.postoffice = slice_of_string("po1")}};
	struct ipc_record record;
	struct p1_envelope e;
	uint64_t submit;

	harness_envelope(h, &e, 1, &to);
	submit = remote_submit_begin(r, start, harness_octets(h, &e));
	remote_data(r, submit, slice_of_string("c"));
	remote_submit_end(r, submit, 1, NULL);
	do
		remote_next(r, &record);
	while (record.type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
	return record.submit_answer.result;
}

/* A file submitted three times has one report, and one event of it. */
START_TEST(duplicates_have_no_event)
{
	struct harness h;
	struct remote in;

	harness_init(&h);
	remote_connect_as(&h, &in, IPC_ROLE_MSMI_IN, "po1");
	ck_assert_int_eq(submit_file(&h, &in, TO_NOBODY), IPC_SUBMIT_ACCEPTED);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    submit_file(&h, &in, TO_NOBODY), IPC_SUBMIT_DUPLICATE);
	ck_assert_uint_eq(harness_queued(&h), 1);
	ck_assert_uint_eq(lines_with(&h, NDR), 1);
	remote_close(&in);
	harness_fini(&h);
}
END_TEST

/* return_one - have an administrator return a message, while the nth write to
 * the store fails */
static void
return_one(struct harness *h, int n)
{
	struct remote tool;
	struct ipc_record record = {.type = IPC_REQUEST};
	struct slice argument;
	char id[32], fault[32];

	remote_connect_as(h, &tool, IPC_ROLE_TOOL, "x4queue");
	snprintf(id, sizeof(id), "%llu",
	    (unsigned long long)remote_submit_to(h, &tool, TO_ROME));
	argument = slice_of_string(id);
	record.request.command = slice_of_string("return");
	record.request.arguments = &argument;
	record.request.argument_count = 1;
	snprintf(fault, sizeof(fault), "store.put:%d:fail", n);
	ck_assert_int_eq(fault_arm(fault), 0);
	remote_send(&tool, &record);
	do
		remote_next(&tool, &record);
	while (record.type != IPC_DONE);
	ck_assert_int_eq(fault_arm(NULL), 0);
	remote_close(&tool);
}

/* A transaction that is undone and done again says once what it did. */
START_TEST(undone_has_no_event)
{
	struct harness h;

	harness_init(&h);
	return_one(&h, _i + 1);
	harness_steps(&h, 5);
	ck_assert_uint_eq(harness_queued(&h), 1);
	ck_assert_uint_eq(lines_with(&h, NDR), 1);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/ghost", TEST(duplicates_have_no_event),
    TEST_LOOP(undone_has_no_event, 4))
