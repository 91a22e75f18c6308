/* SPDX-License-Identifier: ISC */
/*
 * onward_test.c - pages to the process that writes them where those of many
 * machines are
 */
#include "tracker/onward.h"

#include <sys/socket.h>

#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"
#include "tracker/outgoing.h"

#define ALICE "S=Alice;P=P;A=A;C=XX"
#define BOB   "S=Bob;P=Q;A=A;C=XX"
#define QUEUE "0123456789abcdef"

static struct intake intake;
static struct onward onward;
static struct ipc_channel process; /* the other end */

/* acknowledge - take what is kept for granted */
static int
acknowledge(void *arg, uint64_t number)
{
	(void)arg;
	(void)number;
	return 0;
}

/* begin - begin with a tracker whose pages go on */
static void
begin(void)
{
	pages_enter();
	intake_init(&intake);
	intake.acknowledge = acknowledge;
	intake.onward = true;
	onward_init(&onward);
	process.fd = -1;
}

/* leave - end the process */
static void
leave(void)
{
	if (process.fd >= 0)
		ipc_channel_fini(&process);
	process.fd = -1;
}

/* end - give everything back */
static void
end(void)
{
	leave();
	onward_end(&onward);
	intake_fini(&intake);
	pages_leave();
}

/* join - connect the process */
static void
join(void)
{
	struct ipc_channel ours;
	int fds[2];

	leave();
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_eq(ipc_channel_init(&ours, fds[0]), 0);
	ck_assert_int_eq(ipc_channel_init(&process, fds[1]), 0);
	onward_begin(&onward, &ours, &intake);
}

/* keep - keep pages with one message each */
static void
keep(uint64_t first, uint64_t last, const char *queue)
{
	for (uint64_t n = first; n <= last; n++) {
		struct ipc_track_page page = {.number = n};

		pages_message(n, ALICE, BOB);
		page.page = pages_make();
		page.queue = slice_of_string(queue);
		ck_assert_int_eq(intake_take(&intake, &page), 0);
	}
	ck_assert_int_eq(intake_commit(&intake), 0);
}

/* expect - check that these pages, and no others, are handed on */
static void
expect(uint64_t first, uint64_t last)
{
	struct ipc_record record;
	uint64_t next = first;
	int got = 1;

	while (got >= 0 && next <= last) {
		onward_hand(&onward, &intake);
		(void)!ipc_channel_fill(&process);
		got = ipc_channel_take(&process, &record, NULL);
		if (got != 1)
			continue;
		ck_assert_int_eq(record.type, IPC_TRACK_PAGE);
		ck_assert_uint_eq(record.track_page.number, next);
		ck_assert(slice_equal_string(record.track_page.queue, QUEUE));
		ck_assert_uint_gt(record.track_page.page.len, 0);
		next++;
	}
	onward_hand(&onward, &intake);
	(void)!ipc_channel_fill(&process);
	ck_assert_int_eq(ipc_channel_take(&process, &record, NULL), 0);
	ck_assert_uint_eq(next, last + 1);
}

/* say - have the process send a record, and take it */
static void
say(const struct ipc_record *record)
{
	ck_assert_int_eq(ipc_channel_send(&process, record), 0);
	ck_assert_int_eq(ipc_channel_flush(&process), 0);
	onward_serve(&onward, &intake);
}

/* acknowledge_to - have the process acknowledge pages */
static void
acknowledge_to(uint64_t number)
{
	const struct ipc_record record = {
	    .type = IPC_TRACK_ACK, .track_ack = {.number = number}};

	say(&record);
}

/* left - count the pages that wait */
static int64_t
left(void)
{
	int64_t count = -1;

	ck_assert_int_eq(outgoing_count(&intake.db, &count), 0);
	return count;
}

START_TEST(handed_until_acknowledged)
{
	begin();
	keep(1, 5, QUEUE);
	ck_assert_int_eq(left(), 5);
	join();
	expect(1, 5);
	acknowledge_to(3);
	ck_assert_int_eq(left(), 2);
	/* The next one gets what this one has not acknowledged. */
	join();
	expect(4, 5);
	acknowledge_to(5);
	ck_assert_int_eq(left(), 0);
	/* Behind nothing that is left. */
	keep(6, 7, QUEUE);
	expect(6, 7);
	acknowledge_to(7);
	/* The acknowledgement to qmgr was lost: the page is not kept again. */
	keep(7, 8, QUEUE);
	expect(8, 8);
	end();
}
END_TEST

START_TEST(not_kept_where_nobody_wants_them)
{
	begin();
	keep(1, 1, "");
	ck_assert_int_eq(left(), 0);
	intake.onward = false;
	keep(2, 2, QUEUE);
	ck_assert_int_eq(left(), 0);
	end();
}
END_TEST

START_TEST(a_window_ahead)
{
	begin();
	keep(1, TRACK_WINDOW - 1, QUEUE);
	keep(TRACK_WINDOW, TRACK_WINDOW + 7, QUEUE);
	join();
	expect(1, TRACK_WINDOW);
	acknowledge_to(5);
	expect(TRACK_WINDOW + 1, TRACK_WINDOW + 5);
	ck_assert_int_eq(left(), TRACK_WINDOW + 2);
	end();
}
END_TEST

START_TEST(another_file_begins_anew)
{
	begin();
	keep(1, 3, QUEUE);
	join();
	expect(1, 3);
	database_close(&intake.db);
	ck_assert_int_eq(unlink(DATABASE_FILE), 0);
	keep(4, 4, QUEUE);
	onward_hand(&onward, &intake);
	ck_assert_int_lt(onward.channel.fd, 0);
	join();
	expect(4, 4);
	end();
}
END_TEST

START_TEST(given_up_when_old)
{
	begin();
	keep(1, 5, QUEUE);
	ck_assert_int_eq(
	    outgoing_forget(&intake.db, clock_wall() - 60000, 9), 0);
	ck_assert_int_eq(
	    outgoing_forget(&intake.db, clock_wall() + 60000, 2), 2);
	ck_assert_int_eq(left(), 3);
	join();
	expect(3, 5);
	end();
}
END_TEST

/* A clock that was far ahead for a while must not keep what comes later. */
START_TEST(given_up_behind_a_time_to_come)
{
	begin();
	keep(1, 5, QUEUE);
	ck_assert_int_eq(
	    sqlite3_exec(intake.db.db,
		"UPDATE outgoing SET time=time+86400000000 WHERE id<4", NULL,
		NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(
	    outgoing_forget(&intake.db, clock_wall() + 60000, 3), 2);
	ck_assert_int_eq(left(), 3);
	join();
	expect(1, 3);
	end();
}
END_TEST

/* octets - get the octets of the pages that wait, added up */
static uint64_t
octets(void)
{
	uint64_t noted;
	int64_t sum = pages_count(
	    &intake.db, "SELECT coalesce(sum(length(octets)),0) FROM outgoing");

	ck_assert_int_eq(outgoing_octets(&intake.db, &noted), 0);
	ck_assert_uint_eq(noted, (uint64_t)sum);
	return noted;
}

/* A server that is away for days must not fill the volume of the queue. */
START_TEST(the_oldest_go_where_there_is_no_room)
{
	uint64_t most;

	begin();
	keep(1, 10, QUEUE);
	most = octets();
	intake.bounds.most = most;
	keep(11, 30, QUEUE);
	ck_assert_uint_le(octets(), most);
	ck_assert_int_ge(left(), 9);
	ck_assert_uint_gt(intake.tell_at, 0);
	ck_assert_int_eq(intake.given_up, 0);
	join();
	expect(31 - (uint64_t)left(), 30);
	acknowledge_to(30);
	ck_assert_uint_eq(octets(), 0);
	end();
}
END_TEST

START_TEST(no_more_wait_where_the_volume_is_low)
{
	uint64_t before;

	begin();
	intake.bounds.reserve = UINT64_MAX;
	keep(1, 10, QUEUE);
	ck_assert_int_eq(left(), 10);
	before = octets();
	intake.bounds.least = before / 2;
	keep(11, 20, QUEUE);
	ck_assert_uint_le(octets(), before);
	ck_assert_int_ge(left(), 9);
	/* As many as are on their way to a server that is there. */
	ck_assert_int_eq(outgoing_delete(&intake.db, INT64_MAX), 0);
	keep(21, 24, QUEUE);
	ck_assert_int_eq(left(), 4);
	end();
}
END_TEST

START_TEST(what_the_process_says)
{
	struct ipc_record trouble = {.type = IPC_PROBLEM,
	    .problem = {.text = {(const uint8_t *)"gone\n", 5}}};
	const struct ipc_record well = {.type = IPC_PROBLEM},
				strange = {.type = IPC_RETIRE};

	begin();
	keep(1, 1, QUEUE);
	join();
	say(&trouble);
	ck_assert_str_eq(onward.text, "gone\\x0a");
	onward_tell(&onward, &intake);
	ck_assert(!onward.said);
	trouble.problem.weight = 1;
	say(&trouble);
	onward_tell(&onward, &intake);
	ck_assert(onward.said);
	/* While old days stay, records get there. */
	trouble.problem.weight = TRACK_TROUBLE_OLD_DAYS;
	say(&trouble);
	ck_assert(!onward.said);
	onward_tell(&onward, &intake);
	ck_assert(!onward.said);
	ck_assert_str_eq(onward.text, "gone\\x0a");
	trouble.problem.weight = TRACK_TROUBLE_LASTS;
	say(&trouble);
	onward_tell(&onward, &intake);
	ck_assert(onward.said);
	/* The end of the process is not the end of the trouble. */
	join();
	ck_assert(onward.said);
	say(&well);
	ck_assert(!onward.said);
	ck_assert_str_eq(onward.text, "");
	say(&strange);
	ck_assert_int_lt(onward.channel.fd, 0);
	end();
}
END_TEST

TEST_MAIN("tracker/onward", TEST(handed_until_acknowledged);
	  TEST(not_kept_where_nobody_wants_them); TEST(a_window_ahead);
	  TEST(another_file_begins_anew); TEST(given_up_when_old);
	  TEST(given_up_behind_a_time_to_come);
	  TEST(the_oldest_go_where_there_is_no_room);
	  TEST(no_more_wait_where_the_volume_is_low);
	  TEST(what_the_process_says))
