/* SPDX-License-Identifier: ISC */
/*
 * problems_test.c - what is wrong is told with since when, the heaviest first
 */
#include "qmgr/problems.h"
#include "ipc/problem.h"
#include "qmgr/alarm.h"
#include "qmgr/throughput.h"
#include "tests/unit/qmgr/remote.h"

#define ROWS_MAX 16

static struct harness h;

/* The rows of an answer. */
static struct {
	char id[32], name[64], text[512], command[128];
	int64_t weight, since;
} rows[ROWS_MAX];
static size_t row_count;

/* copy_text - copy a text of a row */
static void
copy_text(
    const struct ipc_field *field, const char *name, char *to, size_t size)
{
	if (slice_equal_string(field->name, name))
		(void)snprintf(to, size, "%.*s", (int)field->octets.len,
		    (const char *)field->octets.data);
}

/* take_row - keep a row */
static int
take_row(void *arg, const struct ipc_row *row)
{
	(void)arg;
	ck_assert_uint_lt(row_count, ROWS_MAX);
	for (size_t i = 0; i < row->field_count; i++) {
		const struct ipc_field *field = &row->fields[i];

		copy_text(field, "id", rows[row_count].id, 32);
		copy_text(field, "name", rows[row_count].name, 64);
		copy_text(field, "text", rows[row_count].text, 512);
		copy_text(field, "command", rows[row_count].command, 128);
		if (slice_equal_string(field->name, "weight"))
			rows[row_count].weight = field->number;
		if (slice_equal_string(field->name, "since"))
			rows[row_count].since = field->number;
	}
	row_count++;
	return 0;
}

/* list - have the problems listed */
static void
list(void)
{
	row_count = 0;
	problems_tick(&h.qmgr);
	ck_assert_uint_eq(problems_list(&h.qmgr, 0, take_row, NULL), 0);
}

/* expect - check a row of the list, and that it says since when */
static void
expect(size_t n, const char *id, const char *name, const char *text,
    const char *command)
{
	ck_assert_uint_lt(n, row_count);
	ck_assert_str_eq(rows[n].id, id);
	ck_assert_str_eq(rows[n].name, name);
	ck_assert_msg(strstr(rows[n].text, text) != NULL, "%s", rows[n].text);
	ck_assert_str_eq(rows[n].command, command);
	ck_assert_int_gt(rows[n].since, clock_wall() - HARNESS_TIME);
	ck_assert_int_le(rows[n].since, clock_wall());
}

START_TEST(nothing_is_wrong)
{
	harness_init(&h);
	list();
	ck_assert_uint_eq(row_count, 0);
	harness_fini(&h);
}
END_TEST

START_TEST(each_problem_of_a_link)
{
	struct link *paris;
	struct remote tool;

	harness_init(&h);
	paris = harness_link(&h, "paris");
	schedule_open_failed(&h.qmgr, paris, LINK_FAILURE_UNREACHABLE,
	    "network", "network: 127.0.0.1:1: Connection refused", "127.0.0.1");
	list();
	ck_assert_uint_eq(row_count, 1);
	expect(0, "link", "paris", "paris fails: network: ", "x4ping paris");
	/* A disabled link fails because somebody wants it to. */
	paris->state = LINK_DISABLED;
	list();
	ck_assert_uint_eq(row_count, 0);
	paris->state = LINK_WAITING;
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	((struct conf_link *)(uintptr_t)paris->x400)->alarm_length = 1;
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	alarm_tick(&h.qmgr);
	paris->refused_at = paris->backlog_refused_at = 1;
	list();
	/* Tools submitted all of it: paris has nothing. */
	ck_assert_uint_eq(row_count, 3);
	expect(0, "backlog", "paris", "paris is not up", "x4ping paris");
	expect(1, "link", "paris", "paris fails", "x4ping paris");
	expect(2, "alarm", "paris", "2 messages", "x4queue -l paris");
	ck_assert_int_gt(rows[0].weight, rows[1].weight);
	ck_assert_int_gt(rows[1].weight, rows[2].weight);
	/* Less waits now than when more was refused. */
	paris->backlog_refused_at = 1 << 30;
	list();
	ck_assert_uint_eq(row_count, 2);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

START_TEST(since_stays_while_it_lasts)
{
	int64_t since;

	harness_init(&h);
	h.qmgr.told_disk = true;
	list();
	ck_assert_uint_eq(row_count, 1);
	ck_assert_str_eq(rows[0].id, "disk");
	since = rows[0].since;
	ck_assert_int_gt(since, 0);
	clock_shift(60000);
	list();
	ck_assert_int_eq(rows[0].since, since);
	h.qmgr.told_disk = false;
	list();
	ck_assert_uint_eq(row_count, 0);
	h.qmgr.told_disk = true;
	list();
	ck_assert_int_ge(rows[0].since, since + 60000);
	clock_shift(0);
	harness_fini(&h);
}
END_TEST

/* fill - put so many messages of a page each into the queue, at once */
static void
fill(unsigned count)
{
	static char content[3000];
	struct store_message message = {.kind = MTS_MESSAGE,
	    .state = STORE_HELD,
	    .priority = STORE_NORMAL,
	    .link = harness_link(&h, "rome")->number,
	    .arrival = clock_wall(),
	    .expires = clock_wall() + 3600000,
	    .mts_id = slice_of_string("[C=DE;A=VIAT;1]"),
	    .envelope = slice_of_string("an envelope"),
	    .content = slice_of(content, sizeof(content)),
	    .content_length = sizeof(content),
	    .reason = slice_of_string("a test")};

	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	while (count-- > 0)
		ck_assert_int_eq(store_message_add(h.qmgr.store, &message), 0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
}

START_TEST(the_queue_is_full)
{
	uint64_t used, size;

	harness_init(&h);
	do {
		list();
		ck_assert_uint_eq(row_count, 0);
		fill(1000);
		store_usage(h.qmgr.store, &used, &size);
	} while (used <= size / 4 * 3);
	list();
	ck_assert_uint_eq(row_count, 1);
	expect(0, "full", "", "what is for a link that is not up is refused",
	    "x4queue summary");
	harness_fini(&h);
}
END_TEST

START_TEST(rates_are_of_the_last_minute)
{
	struct throughput minute;
	struct link *paris;

	harness_init(&h);
	paris = harness_link(&h, "paris");
	ck_assert_uint_eq(throughput_of(&h.qmgr, paris).out, 0);
	throughput_tick(&h.qmgr);
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	ck_assert_int_eq(
	    store_link_passed(h.qmgr.store, paris->number,
		&(struct store_traffic){.messages_out = 7, .messages_in = 3}),
	    0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	minute = throughput_of(&h.qmgr, paris);
	ck_assert_uint_eq(minute.out, 7);
	ck_assert_uint_eq(minute.in, 3);
	for (int i = 0; i < 50; i++)
		throughput_tick(&h.qmgr);
	ck_assert_uint_eq(throughput_of(&h.qmgr, paris).out, 7);
	for (int i = 0; i < 15; i++)
		throughput_tick(&h.qmgr);
	ck_assert_uint_eq(throughput_of(&h.qmgr, paris).out, 0);
	harness_fini(&h);
}
END_TEST

START_TEST(a_postoffice_tells_of_itself)
{
	struct ipc_record record = {.type = IPC_POSTOFFICE_STATE,
	    .postoffice_state = {.unread = slice_of_string("po: not\nthere"),
		.aside = 2,
		.aside_since = clock_wall(),
		.last = slice_of_string("B: no sense")}};
	struct remote in;

	harness_init(&h);
	remote_connect_as(&h, &in, IPC_ROLE_MSMI_IN, "po1");
	remote_send(&in, &record);
	harness_steps(&h, 3);
	list();
	ck_assert_uint_eq(row_count, 2);
	expect(0, "postoffice", "msmail/po1",
	    "no file of postoffice po1 is taken: po: not", "ls /tmp");
	expect(1, "aside", "msmail/po1",
	    "2 files of postoffice po1 were set aside, the last one B: no "
	    "sense",
	    "x4queue aside po1");
	ck_assert_ptr_null(strchr(rows[0].text, '\n'));
	record.postoffice_state = (struct ipc_postoffice_state){
	    .map = slice_of_string("po.map:3: x; the one before is in use")};
	remote_send(&in, &record);
	harness_steps(&h, 3);
	/* The last word holds until another worker knows better. */
	remote_close(&in);
	harness_steps(&h, 3);
	list();
	ck_assert_uint_eq(row_count, 1);
	expect(0, "map", "msmail/po1", "po.map:3: x", "x4conf check");
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/problems", TEST(nothing_is_wrong); TEST(each_problem_of_a_link);
	  TEST(since_stays_while_it_lasts); TEST(the_queue_is_full);
	  TEST(rates_are_of_the_last_minute);
	  TEST(a_postoffice_tells_of_itself))
