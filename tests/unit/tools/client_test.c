/* SPDX-License-Identifier: ISC */
/*
 * client_test.c - the tools' side of the control sockets, against a server
 * that is a child of the test
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/test.h"
#include "tools/client.h"

#define ROWS 2500 /* in pages of 1,000 */

static char directory[64];
static struct conf conf = {
    .mta.run_directory = directory, .mta.state_directory = directory};
static struct diag diag;
static pid_t server;

/* make_directory - make an empty run directory */
static void
make_directory(void)
{
	snprintf(directory, sizeof(directory), "/tmp/client_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	diag_clear(&diag);
}

/* answer - answer with a page of rows from the cursor among the arguments on */
static void
answer(struct worker *self, struct ipc_channel *channel,
    const struct ipc_request *request)
{
	struct ipc_record record = {.type = IPC_ROW};
	struct ipc_field field = {
	    .name = slice_of_string("n"), .type = IPC_FIELD_NUMBER};
	uint64_t soon = clock_after(60000);
	int64_t first = 0, i;

	if (request->argument_count == 2 && request->arguments[1].len > 7)
		first = atoll((const char *)request->arguments[1].data + 7);
	record.row = (struct ipc_row){&field, 1};
	for (i = first; i < ROWS && i < first + 1000; i++) {
		field.number = i;
		if (worker_send(self, channel, &record, soon) != 0)
			_exit(3);
	}
	record = (struct ipc_record){.type = IPC_DONE};
	record.done.cursor = i < ROWS ? (uint64_t)i : 0;
	record.done.text = slice_of_string("that was all");
	if (slice_equal_string(request->command, "refuse"))
		record.done = (struct ipc_done){
		    .status = 1, .text = slice_of_string("no")};
	if (worker_send(self, channel, &record, soon) != 0)
		_exit(4);
}

/* serve - serve one connection: hello, then requests */
static void
serve(int listener)
{
	struct ipc_channel channel;
	struct ipc_record record;
	struct worker self;
	struct diag why = {0};
	uint64_t soon = clock_after(60000);

	worker_init(&self, "qmgr");
	if (ipc_channel_init(&channel, accept(listener, NULL, NULL)) != 0 ||
	    worker_receive(&self, &channel, &record, soon, &why) != 0 ||
	    ipc_hello_check(&record, &why) != 0 ||
	    record.hello.role != IPC_ROLE_TOOL ||
	    ipc_channel_hello(&channel, IPC_ROLE_QMGR, "qmgr", 0) != 0)
		_exit(2);
	while (worker_receive(&self, &channel, &record, soon, &why) == 0) {
		if (slice_equal_string(record.request.command, "die"))
			_exit(0);
		answer(&self, &channel, &record.request);
	}
	_exit(0);
}

/* setup - start a server that listens on "control" */
static void
setup(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	make_directory();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control",
	    directory);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	server = fork();
	if (server == 0)
		serve(fd);
	close(fd);
}

/* teardown - expect the server to have ended well */
static void
teardown(void)
{
	char command[128];
	int status;

	if (server > 0) {
		ck_assert_int_eq(waitpid(server, &status, 0), server);
		ck_assert_int_eq(status, 0);
	}
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* count_row - count rows, which come once each and in order */
static int
count_row(void *arg, const struct ipc_row *row)
{
	int64_t *count = arg;

	ck_assert_uint_eq(row->field_count, 1);
	ck_assert_int_eq(row->fields[0].number, *count);
	++*count;
	return 0;
}

START_TEST(all_pages)
{
	static const char *const arguments[] = {"link=paris"};
	struct client client;
	struct client_done done;
	int64_t count = 0;

	setup();
	ck_assert_int_eq(
	    client_open(&client, &conf, CLIENT_QMGR, "test", &diag), 0);
	ck_assert_int_eq(client.pid, server);
	ck_assert_int_eq(client_request(&client,
			     &(struct client_request){
				 "list", arguments, 1, count_row, &count},
			     &done, &diag),
	    0);
	ck_assert_int_eq(count, ROWS);
	ck_assert_int_eq(done.status, 0);
	ck_assert_str_eq(done.text, "that was all");
	client_close(&client);
	teardown();
}
END_TEST

START_TEST(refused)
{
	static const char *const arguments[] = {"x"};
	struct client client;
	struct client_done done;

	setup();
	ck_assert_int_eq(
	    client_open(&client, &conf, CLIENT_QMGR, "test", &diag), 0);
	ck_assert_int_eq(
	    client_request(&client,
		&(struct client_request){"refuse", arguments, 1, NULL, NULL},
		&done, &diag),
	    0);
	ck_assert_int_eq(done.status, 1);
	ck_assert_str_eq(done.text, "no");
	client_close(&client);
	teardown();
}
END_TEST

/* stop_row - stop after the first row */
static int
stop_row(void *arg, const struct ipc_row *row)
{
	(void)arg;
	(void)row;
	return ERR_IO;
}

START_TEST(tool_stops)
{
	struct client client;
	struct client_done done;

	setup();
	ck_assert_int_eq(
	    client_open(&client, &conf, CLIENT_QMGR, "test", &diag), 0);
	ck_assert_int_eq(
	    client_request(&client,
		&(struct client_request){"die", NULL, 0, stop_row, NULL}, &done,
		&diag),
	    ERR_CLOSED);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "qmgr ended"));
	client_close(&client);
	teardown();
	setup();
	diag_clear(&diag);
	ck_assert_int_eq(
	    client_open(&client, &conf, CLIENT_QMGR, "test", &diag), 0);
	ck_assert_int_eq(
	    client_request(&client,
		&(struct client_request){"refuse", NULL, 0, stop_row, NULL},
		&done, &diag),
	    ERR_IO);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = -1;
	client_close(&client);
	teardown();
}
END_TEST

START_TEST(nobody_there)
{
	struct client client;

	make_directory();
	ck_assert_int_eq(
	    client_open(&client, &conf, CLIENT_MASTER, "test", &diag),
	    ERR_CLOSED);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "not running"));
	server = -1;
	teardown();
}
END_TEST

TEST_MAIN("tools/client", TEST(all_pages); TEST(refused); TEST(tool_stops);
	  TEST(nobody_there))
