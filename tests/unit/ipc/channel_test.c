/* SPDX-License-Identifier: ISC */
/*
 * channel_test.c - records over a socket: slow readers, pieces, descriptors
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ipc/channel.h"
#include "tests/unit/test.h"

static struct ipc_channel left, right;

/* setup - connect two channels */
static void
setup(void)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(ipc_channel_init(&left, fds[0]), 0);
	ck_assert_int_eq(ipc_channel_init(&right, fds[1]), 0);
}

/* teardown - close both */
static void
teardown(void)
{
	ipc_channel_fini(&left);
	ipc_channel_fini(&right);
}

/* send_job - send a job with that number and a body of len octets */
static int
send_job(struct ipc_channel *channel, uint64_t number, size_t len)
{
	static uint8_t octets[IPC_PIECE_MAX];
	struct ipc_record record = {.type = IPC_JOB,
	    .job = {.job = number, .body = slice_of(octets, len)}};

	memset(octets, (int)(number & 0xff), len);
	return ipc_channel_send(channel, &record);
}

/* take - take the next record, read if need be: 1 or 0 or an error */
static int
take(struct ipc_channel *channel, struct ipc_record *record)
{
	struct diag diag = {0};
	int got = ipc_channel_take(channel, record, &diag);

	if (got != 0)
		return got;
	got = ipc_channel_fill(channel);
	if (got == ERR_AGAIN)
		return 0;
	if (got != 0)
		return got;
	return ipc_channel_take(channel, record, &diag);
}

/*
 * The sender stops at its limit while the reader does not read, nothing is
 * lost, and everything arrives in order once it does.
 */
START_TEST(slow_reader)
{
	struct ipc_record record;
	uint64_t sent = 0, got = 0, i;
	int n, stopped = 0;

	setup();
	while (got < 400) {
		while (sent < 400) {
			n = send_job(&left, sent, 10000);
			if (n == ERR_LIMIT) {
				stopped++;
				ck_assert_uint_ge(ipc_channel_pending(&left),
				    IPC_UNANSWERED_MAX - 11000);
				break;
			}
			ck_assert_int_eq(n, 0);
			sent++;
			ck_assert_int_eq(ipc_channel_flush(&left), 0);
		}
		for (i = 0; i < 7; i++) {
			n = take(&right, &record);
			ck_assert_int_ge(n, 0);
			if (n == 0)
				continue;
			ck_assert_uint_eq(record.job.job, got);
			ck_assert_uint_eq(record.job.body.len, 10000);
			ck_assert_uint_eq(
			    record.job.body.data[9999], got & 0xff);
			got++;
		}
		ck_assert_int_eq(ipc_channel_flush(&left), 0);
	}
	ck_assert_int_gt(stopped, 0);
	ck_assert_uint_eq(ipc_channel_pending(&left), 0);
	/* memory was given back */
	ck_assert_uint_le(left.out.capacity, 16384);
	ck_assert_int_eq(take(&right, &record), 0);
	ck_assert_uint_le(right.in.capacity, 16384);
	teardown();
}
END_TEST

/* A record that trickles in, an octet at a time. */
START_TEST(single_octets)
{
	struct ipc_record record;
	struct buffer octets;
	struct slice rest;
	size_t i;
	int n;

	setup();
	buffer_init(&octets, IPC_UNANSWERED_MAX);
	ck_assert_int_eq(send_job(&left, 5, 200), 0);
	rest = buffer_slice(&left.out);
	for (i = 0; i < rest.len; i++) {
		ck_assert_int_eq(write(left.fd, rest.data + i, 1), 1);
		n = take(&right, &record);
		ck_assert_int_eq(n, i + 1 == rest.len);
	}
	ck_assert_uint_eq(record.job.job, 5);
	buffer_fini(&octets);
	teardown();
}
END_TEST

/* Many small records in one write are taken one by one. */
START_TEST(many_at_once)
{
	struct ipc_record record;
	uint64_t i;

	setup();
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(send_job(&left, i, 3), 0);
	ck_assert_int_eq(ipc_channel_flush(&left), 0);
	for (i = 0; i < 100; i++) {
		ck_assert_int_eq(take(&right, &record), 1);
		ck_assert_uint_eq(record.job.job, i);
	}
	ck_assert_int_eq(take(&right, &record), 0);
	teardown();
}
END_TEST

START_TEST(the_end)
{
	struct ipc_record record;

	setup();
	ck_assert_int_eq(send_job(&left, 1, 3), 0);
	ck_assert_int_eq(ipc_channel_flush(&left), 0);
	ipc_channel_fini(&left);
	/* Records sent before the end are read. */
	ck_assert_int_eq(take(&right, &record), 1);
	ck_assert_int_eq(take(&right, &record), ERR_CLOSED);
	ck_assert(right.ended);
	ck_assert_int_eq(send_job(&right, 1, 3), 0);
	ck_assert_int_eq(ipc_channel_flush(&right), ERR_CLOSED);
	teardown();
}
END_TEST

START_TEST(rubbish)
{
	struct ipc_record record;
	struct diag diag = {0};

	setup();
	ck_assert_int_eq(write(left.fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
	ck_assert_int_eq(ipc_channel_fill(&right), 0);
	ck_assert_int_lt(ipc_channel_take(&right, &record, &diag), 0);
	ck_assert_str_ne(diag_text(&diag), "");
	teardown();
}
END_TEST

/* A descriptor comes with its record, though much is queued before it. */
START_TEST(descriptor)
{
	const struct ipc_record reload = {.type = IPC_RELOAD};
	struct ipc_record record;
	char text[3] = "";
	int fds[2], fd = -1, i, n, jobs = 0;

	setup();
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	for (i = 0; i < 25; i++)
		ck_assert_int_eq(send_job(&left, (uint64_t)i, 10000), 0);
	ck_assert_int_eq(ipc_channel_send_fd(&left, &reload, fds[0]), 0);
	while ((n = take(&right, &record)) >= 0) {
		if (n == 1 && record.type == IPC_RELOAD)
			break;
		jobs += n;
		fd = right.passed_fd;
		ck_assert(fd == -1 || jobs >= 20);
		ck_assert_int_eq(ipc_channel_flush(&left), 0);
	}
	ck_assert_int_eq(jobs, 25);
	fd = ipc_channel_take_fd(&right);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(ipc_channel_take_fd(&right), -1);
	ck_assert_int_eq(write(fds[1], "ok", 2), 2);
	ck_assert_int_eq(read(fd, text, 2), 2);
	ck_assert_str_eq(text, "ok");
	close(fd);
	close(fds[0]);
	close(fds[1]);
	teardown();
}
END_TEST

/* open_descriptors - count our descriptors */
static int
open_descriptors(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Descriptors that nobody asked for do not pile up. */
START_TEST(unwanted_descriptors)
{
	const struct ipc_record reload = {.type = IPC_RELOAD};
	struct ipc_record record;
	int i, before;

	setup();
	before = open_descriptors();
	for (i = 0; i < 50; i++) {
		ck_assert_int_eq(
		    ipc_channel_send_fd(&left, &reload, STDIN_FILENO), 0);
		while (take(&right, &record) != 1)
			;
	}
	ck_assert_int_le(open_descriptors(), before + 1);
	teardown();
}
END_TEST

START_TEST(hello)
{
	struct ipc_record record;
	struct diag diag = {0};

	setup();
	ck_assert_int_eq(
	    ipc_channel_hello(&left, IPC_ROLE_X400OUT, "paris", 3), 0);
	ck_assert_int_eq(ipc_channel_flush(&left), 0);
	ck_assert_int_eq(take(&right, &record), 1);
	ck_assert_int_eq(ipc_hello_check(&record, &diag), 0);
	ck_assert_int_eq(record.hello.pid, getpid());
	ck_assert_uint_eq(record.hello.instance, 3);
	ck_assert(slice_equal_string(record.hello.name, "paris"));
	record.hello.version++;
	ck_assert_int_eq(ipc_hello_check(&record, &diag), ERR_UNSUPPORTED);
	record.type = IPC_JOB;
	ck_assert_int_eq(ipc_hello_check(&record, &diag), ERR_PROTOCOL);
	teardown();
}
END_TEST

START_TEST(connecting)
{
	char path[64], too_long[300];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener;

	snprintf(path, sizeof(path), "/tmp/channel_test.%ld", (long)getpid());
	ck_assert_int_eq(ipc_channel_connect(&left, path), ERR_CLOSED);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, path, strlen(path) + 1);
	ck_assert_int_eq(
	    bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(ipc_channel_connect(&left, path), ERR_CLOSED);
	ck_assert_int_eq(listen(listener, 5), 0);
	ck_assert_int_eq(ipc_channel_connect(&left, path), 0);
	ipc_channel_fini(&left);
	close(listener);
	unlink(path);
	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	ck_assert_int_eq(ipc_channel_connect(&left, too_long), ERR_LIMIT);
}
END_TEST

TEST_MAIN("ipc/channel", TEST(slow_reader); TEST(single_octets);
	  TEST(many_at_once); TEST(the_end); TEST(rubbish); TEST(descriptor);
	  TEST(unwanted_descriptors); TEST(hello); TEST(connecting))
