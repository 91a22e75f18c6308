/* SPDX-License-Identifier: ISC */
/*
 * client_job_test.c - jobs of a worker, and bodies that are asked for ahead
 */
#include "client/client_job.h"

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define BODY (UINT64_C(10) * IPC_PIECE_MAX + 17)

static struct client_jobs jobs;
static struct client_job made[LIMITS_BATCH + 1];
static size_t made_count;
static struct ipc_channel channel, qmgr;
static uint8_t octets[IPC_PIECE_MAX];
static uint64_t asked; /* octets, in all */

static int
make(void *arg, const struct ipc_job *from, struct client_job **job,
    struct diag *diag)
{
	ck_assert_ptr_null(arg);
	if (from->kind == MTS_PROBE)
		return diag_set(diag, ERR_VALUE, "no probes here");
	*job = &made[made_count++];
	**job = (struct client_job){0};
	return 0;
}

static void
setup(void)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(ipc_channel_init(&channel, fds[0]), 0);
	ck_assert_int_eq(ipc_channel_init(&qmgr, fds[1]), 0);
	client_jobs_init(&jobs, make, NULL);
	made_count = 0;
	asked = 0;
}

static void
teardown(void)
{
	while (jobs.count > 0)
		client_jobs_drop(&jobs);
	ipc_channel_fini(&channel);
	ipc_channel_fini(&qmgr);
}

/* add - add a job of qmgr's whose body has come up to len octets */
static int
add(uint64_t number, uint64_t content_length, size_t len)
{
	struct diag diag = {0};

	return client_jobs_take(&jobs,
	    &(struct ipc_record){.type = IPC_JOB,
		.job = {.job = number,
		    .message = 100 + number,
		    .envelope_length = 10,
		    .content_length = content_length,
		    .body = slice_of(octets, len)}},
	    &diag);
}

/* body - take a piece of a body */
static int
body(uint64_t job, uint64_t offset, size_t len)
{
	struct diag diag = {0};

	octets[0] = (uint8_t)(offset / IPC_PIECE_MAX);
	return client_jobs_take(&jobs,
	    &(struct ipc_record){.type = IPC_BODY,
		.body = {.job = job,
		    .offset = offset,
		    .data = slice_of(octets, len)}},
	    &diag);
}

/* serve - give whatever was asked for; how many octets */
static uint64_t
serve(void)
{
	struct ipc_record record;
	struct diag diag = {0};
	uint64_t before = asked;

	ck_assert_int_eq(ipc_channel_flush(&channel), 0);
	(void)!ipc_channel_fill(&qmgr);
	while (ipc_channel_take(&qmgr, &record, &diag) == 1) {
		ck_assert_int_eq(record.type, IPC_BODY_REQUEST);
		asked += record.body_request.length;
		ck_assert_int_eq(
		    body(record.body_request.job, record.body_request.offset,
			record.body_request.length),
		    0);
	}
	return asked - before;
}

START_TEST(order_and_limits)
{
	struct diag diag = {0};

	setup();
	for (uint64_t i = 1; i <= LIMITS_BATCH; i++)
		ck_assert_int_eq(add(i, 20, 30), 0);
	ck_assert_int_eq(add(99, 20, 30), ERR_LIMIT);
	ck_assert_uint_eq(client_jobs_at(&jobs, 0)->number, 1);
	client_jobs_drop(&jobs);
	ck_assert_uint_eq(client_jobs_at(&jobs, 0)->number, 2);
	ck_assert_uint_eq(client_jobs_find(&jobs, 16)->message, 116);
	ck_assert_ptr_null(client_jobs_find(&jobs, 1));
	ck_assert_int_eq(add(17, 20, 31), ERR_VALUE);
	ck_assert_int_eq(add(17, UINT64_MAX - 5, 30), ERR_VALUE);
	ck_assert_int_eq(client_jobs_take(&jobs,
			     &(struct ipc_record){
				 .type = IPC_JOB, .job = {.kind = MTS_PROBE}},
			     &diag),
	    ERR_VALUE);
	ck_assert_int_eq(add(17, 20, 30), 0);
	ck_assert_uint_eq(client_jobs_at(&jobs, 15)->number, 17);
	ck_assert_ptr_null(client_jobs_at(&jobs, 16));
	ck_assert_int_eq(
	    client_jobs_take(&jobs,
		&(struct ipc_record){.type = IPC_CANCEL, .cancel = {.job = 5}},
		&diag),
	    0);
	ck_assert(client_jobs_find(&jobs, 5)->cancelled);
	teardown();
}
END_TEST

/* A large body is read through little memory, all of it, in order. */
START_TEST(read_ahead)
{
	struct client_job *job;
	uint64_t read = 0;

	setup();
	ck_assert_int_eq(add(1, BODY - 10, IPC_PIECE_MAX), 0);
	job = client_jobs_at(&jobs, 0);
	while (read < BODY) {
		struct slice here = client_job_octets(job);

		if (here.len == 0) {
			ck_assert_int_eq(
			    client_job_ask(job, BODY, &channel), 0);
			ck_assert_uint_gt(serve(), 0);
			ck_assert_uint_le(
			    buffer_length(&job->body), LIMITS_AHEAD);
			continue;
		}
		if (here.len > IPC_PIECE_MAX)
			here.len = IPC_PIECE_MAX;
		ck_assert_uint_eq(here.data[0], read / IPC_PIECE_MAX);
		client_job_read(job, here.len);
		read += here.len;
	}
	ck_assert_uint_eq(read, BODY);
	ck_assert_uint_eq(asked, BODY - IPC_PIECE_MAX);
	teardown();
}
END_TEST

/* A body that was read stays in memory while there is room: a second pass asks
 * for nothing. */
START_TEST(read_twice)
{
	struct client_job *job;
	struct buffer out;

	setup();
	ck_assert_int_eq(add(1, IPC_PIECE_MAX - 10, IPC_PIECE_MAX), 0);
	job = client_jobs_at(&jobs, 0);
	client_job_read(job, IPC_PIECE_MAX);
	ck_assert_uint_eq(client_job_octets(job).len, 0);
	client_job_seek(job, 10);
	ck_assert_uint_eq(client_job_octets(job).len, IPC_PIECE_MAX - 10);
	ck_assert_int_eq(
	    client_job_ask(job, client_job_length(job), &channel), 0);
	ck_assert_uint_eq(serve(), 0);
	buffer_init(&out, LIMITS_BODY);
	client_job_swap(job, &out);
	ck_assert_uint_eq(buffer_length(&out), IPC_PIECE_MAX - 10);
	ck_assert_uint_eq(job->at, IPC_PIECE_MAX);
	ck_assert_uint_eq(client_job_octets(job).len, 0);
	buffer_fini(&out);
	teardown();
}
END_TEST

/* After a seek what was asked for before is passed over. */
START_TEST(seek_back)
{
	struct client_job *job;

	setup();
	ck_assert_int_eq(add(1, BODY - 10, 100), 0);
	job = client_jobs_at(&jobs, 0);
	client_job_read(job, 100);
	ck_assert_int_eq(client_job_ask(job, BODY, &channel), 0);
	client_job_seek(job, 40);
	/* The octets before were forgotten when more was asked for. */
	ck_assert_uint_eq(job->stale, (uint64_t)LIMITS_AHEAD);
	ck_assert_int_eq(client_job_ask(job, BODY, &channel), 0);
	ck_assert_uint_eq(serve(), 2 * LIMITS_AHEAD);
	ck_assert_uint_eq(job->stale, 0);
	ck_assert_uint_eq(job->come, 40 + (uint64_t)LIMITS_AHEAD);
	ck_assert_uint_eq(client_job_octets(job).len, LIMITS_AHEAD);
	teardown();
}
END_TEST

START_TEST(unasked_pieces)
{
	setup();
	ck_assert_int_eq(add(1, BODY - 10, 100), 0);
	ck_assert_int_eq(body(2, 0, 100), 0);
	ck_assert_int_eq(body(1, 100, 100), ERR_VALUE);
	ck_assert_int_eq(
	    client_job_ask(client_jobs_at(&jobs, 0), BODY, &channel), 0);
	ck_assert_int_eq(body(1, 101, 100), ERR_VALUE);
	ck_assert_int_eq(body(1, 100, 0), ERR_VALUE);
	ck_assert_int_eq(body(1, 100, 100), 0);
	teardown();
}
END_TEST

TEST_MAIN("client/client_job", TEST(order_and_limits), TEST(read_ahead),
    TEST(read_twice), TEST(seek_back), TEST(unasked_pieces))
