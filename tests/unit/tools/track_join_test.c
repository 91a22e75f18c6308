/* SPDX-License-Identifier: ISC */
/*
 * track_join_test.c - what the tracker knows and what the database has become
 * one answer
 *
 * Children of the test play both.  A row is an arrival, in ms, and the answer
 * is the arrivals in the order in which they were given.
 */
#include "tools/track_join.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ipc/exit_status.h"
#include "tests/unit/test.h"

#define PAGE 2 /* rows of one part of an answer */

/* What one of the two knows, the newest first; ends with 0. */
struct known {
	const char *server;
	int status;	   /* of all its answers */
	const int *others; /* rows that are not of this machine */
	const int *own;	   /* rows that are, of a search without others= */
};

static char directory[64];
static struct conf conf = {
    .mta.run_directory = directory, .mta.state_directory = directory};
static struct diag diag;
static pid_t children[2];
static char given[256], note[TRACK_FIND_NOTE_MAX];

/* argument_of - get the value of an argument, or NULL */
static const char *
argument_of(const struct ipc_request *request, const char *name)
{
	static char text[128];
	size_t len = strlen(name);

	for (size_t i = 0; i < request->argument_count; i++) {
		struct slice argument = request->arguments[i];

		if (argument.len < len || argument.len >= sizeof(text) ||
		    memcmp(argument.data, name, len) != 0)
			continue;
		memcpy(text, argument.data, argument.len);
		text[argument.len] = '\0';
		return text + len;
	}
	return NULL;
}

/* send_row - send a row, of a name or an arrival */
static void
send_row(
    struct worker *self, struct ipc_channel *channel, struct ipc_field *field)
{
	struct ipc_record record = {.type = IPC_ROW};

	record.row = (struct ipc_row){field, 1};
	if (worker_send(self, channel, &record, CLOCK_NEVER) != 0)
		_exit(2);
}

/* send_found - send a part of what is found: where the next begins, or 0 */
static uint64_t
send_found(struct worker *self, struct ipc_channel *channel,
    const struct known *known, const struct ipc_request *request)
{
	struct ipc_field field = {
	    .name = slice_of_string("arrival"), .type = IPC_FIELD_NUMBER};
	const char *cursor = argument_of(request, "cursor=");
	size_t i = cursor == NULL ? 0 : (size_t)atoll(cursor);
	size_t end = i + PAGE;
	const char *since = argument_of(request, "since=");
	int64_t oldest = since == NULL ? 0 : atoll(since);
	const int *rows = known->others;

	/* Nobody asks the tracker to leave this machine out. */
	if (known->own != NULL && argument_of(request, "others=here") == NULL)
		rows = known->own;
	for (; i < end; i++) {
		if (rows[i] == 0 || rows[i] < oldest)
			return 0;
		field.number = rows[i];
		send_row(self, channel, &field);
	}
	return i;
}

/* serve - answer one connection */
static void
serve(int fd, const struct known *known)
{
	struct ipc_field name = {.name = slice_of_string("machine"),
	    .type = IPC_FIELD_TEXT,
	    .octets = slice_of_string("here")};
	struct ipc_channel channel;
	struct ipc_record record;
	struct worker self;
	struct diag why = {0};

	worker_init(&self, known->server);
	if (ipc_channel_init(&channel, fd) != 0 ||
	    worker_receive(&self, &channel, &record, CLOCK_NEVER, &why) != 0 ||
	    ipc_channel_hello(&channel, IPC_ROLE_TRACKER, known->server, 0) !=
		0)
		_exit(3);
	while (
	    worker_receive(&self, &channel, &record, CLOCK_NEVER, &why) == 0) {
		struct ipc_record done = {.type = IPC_DONE};

		done.done.status = known->status;
		done.done.text = slice_of_string("no database");
		if (known->status == 0 &&
		    slice_equal_string(record.request.command, "machine"))
			send_row(&self, &channel, &name);
		else if (known->status == 0)
			done.done.cursor =
			    send_found(&self, &channel, known, &record.request);
		if (worker_send(&self, &channel, &done, CLOCK_NEVER) != 0)
			_exit(4);
	}
	ipc_channel_fini(&channel);
}

/* begin - start a child that plays one of the two */
static pid_t
begin(const struct known *known)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s",
	    directory, known->server);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			serve(accept(fd, NULL, NULL), known);
	}
	(void)close(fd);
	return pid;
}

/* on_given - note what is given */
static int
on_given(void *arg, const struct ipc_row *row)
{
	size_t used = strlen(given);

	(void)arg;
	(void)snprintf(given + used, sizeof(given) - used, "%s%d",
	    used == 0 ? "" : " ", (int)row->fields[0].number);
	return 0;
}

/* join - have both answer, and return what was given, so many at most or all
 * (0); a tracker that is NULL is not there */
static const char *
join(const struct known *tracker, const struct known *search, unsigned most)
{
	const struct track_find find = {.most = most, .note = note};
	char command[128];

	(void)snprintf(directory, sizeof(directory), "/tmp/join_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	given[0] = '\0';
	children[0] = tracker == NULL ? 0 : begin(tracker);
	children[1] = begin(search);
	ck_assert_int_eq(
	    track_join(&conf, "test", &find, on_given, NULL, &diag), 0);
	for (int i = 0; i < 2; i++) {
		if (children[i] == 0)
			continue;
		(void)kill(children[i], SIGKILL);
		ck_assert_int_eq(waitpid(children[i], NULL, 0), children[i]);
	}
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
	return given;
}

static const int none[] = {0};
static const int here[] = {90, 70, 60, 10, 0};
static const int others[] = {80, 60, 20, 5, 0};
static const int all[] = {80, 75, 0};
static const struct known tracker = {"tracker", 0, here, NULL};
static const struct known search = {"search", 0, others, all};

START_TEST(rows_of_both)
{
	ck_assert_str_eq(join(&tracker, &search, 0), "90 80 70 60 60 20 10 5");
	ck_assert_str_eq(note, "");
}
END_TEST

/* The database is not asked for what is older than all that is wanted. */
START_TEST(so_many_of_both)
{
	ck_assert_str_eq(join(&tracker, &search, 2), "90 80 70 60 60 10");
	ck_assert_str_eq(note, "");
}
END_TEST

START_TEST(a_database_with_nothing)
{
	const struct known empty = {"search", 0, none, none};

	ck_assert_str_eq(join(&tracker, &empty, 0), "90 70 60 10");
	ck_assert_str_eq(note, "");
}
END_TEST

START_TEST(a_database_that_is_away)
{
	const struct known away = {
	    "search", EXIT_STATUS_NOT_RUNNING, none, none};

	ck_assert_str_eq(join(&tracker, &away, 0), "90 70 60 10");
	ck_assert_ptr_nonnull(strstr(note, "this machine alone"));
	ck_assert_ptr_nonnull(strstr(note, "no database"));
}
END_TEST

START_TEST(a_tracker_that_is_away)
{
	ck_assert_str_eq(join(NULL, &search, 0), "80 75");
	ck_assert_ptr_nonnull(strstr(note, "the tracker of this machine"));
}
END_TEST

START_TEST(a_tracker_that_has_lost_what_it_had)
{
	const struct known lost = {"tracker", 0, none, NULL};
	const struct known has = {"search", 0, none, all};

	ck_assert_str_eq(join(&lost, &has, 0), "80 75");
	ck_assert_str_eq(note, "");
}
END_TEST

TEST_MAIN("tools/track_join", TEST(rows_of_both); TEST(so_many_of_both);
	  TEST(a_database_with_nothing); TEST(a_database_that_is_away);
	  TEST(a_tracker_that_is_away);
	  TEST(a_tracker_that_has_lost_what_it_had))
