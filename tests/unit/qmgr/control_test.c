/* SPDX-License-Identifier: ISC */
/*
 * control_test.c - what the tools ask of the queue manager
 */
#include "tests/unit/qmgr/remote.h"
#include "view/row.h"

/* What came back, flattened: the last row's fields, and how many rows. */
struct answer {
	unsigned rows;
	int status;
	uint64_t cursor;
	char text[512];
	char octets[70000]; /* of the field "octets", joined */
	size_t octets_len;
	struct {
		char name[32];
		char text[512];
		int64_t number;
	} fields[VIEW_FIELDS_MAX];
	unsigned field_count;
};

/* keep_row - keep the fields of a row, by name */
static void
keep_row(struct answer *a, const struct ipc_row *row)
{
	a->rows++;
	a->field_count = 0;
	for (size_t i = 0; i < row->field_count && i < VIEW_FIELDS_MAX; i++) {
		const struct ipc_field *f = &row->fields[i];
		struct slice text = f->octets;

		if (f->type == IPC_FIELD_OCTETS) {
			ck_assert_uint_le(
			    a->octets_len + text.len, sizeof(a->octets));
			memcpy(a->octets + a->octets_len, text.data, text.len);
			a->octets_len += text.len;
			continue;
		}
		/* of rows within rows, the first one's first field */
		if (f->type == IPC_FIELD_ROWS && f->row_count > 0)
			text = f->rows[0].fields[0].octets;
		snprintf(a->fields[i].name, sizeof(a->fields[i].name), "%.*s",
		    (int)f->name.len, (const char *)f->name.data);
		snprintf(a->fields[i].text, sizeof(a->fields[i].text), "%.*s",
		    (int)text.len,
		    text.len == 0 ? "" : (const char *)text.data);
		a->fields[i].number = f->number;
		a->field_count++;
	}
}

/* ask - send a request, and take all of its answer */
static void
ask(struct remote *r, const char *command, const char *const *arguments,
    size_t count, struct answer *a)
{
	struct ipc_record record = {.type = IPC_REQUEST};
	struct slice slices[8];

	memset(a, 0, sizeof(*a));
	ck_assert_uint_le(count, 8);
	for (size_t i = 0; i < count; i++)
		slices[i] = slice_of_string(arguments[i]);
	record.request.command = slice_of_string(command);
	record.request.arguments = slices;
	record.request.argument_count = count;
	remote_send(r, &record);
	for (;;) {
		remote_next(r, &record);
		if (record.type == IPC_DONE)
			break;
		ck_assert_int_eq(record.type, IPC_ROW);
		keep_row(a, &record.row);
	}
	a->status = record.done.status;
	a->cursor = record.done.cursor;
	snprintf(a->text, sizeof(a->text), "%.*s", (int)record.done.text.len,
	    record.done.text.len == 0 ? ""
				      : (const char *)record.done.text.data);
}

/* ask_one - send a request with one argument, or none */
static void
ask_one(struct remote *r, const char *command, const char *argument,
    struct answer *a)
{
	ask(r, command, &argument, argument == NULL ? 0 : 1, a);
}

/* ask_id - send a request about one message */
static void
ask_id(struct remote *r, const char *command, uint64_t id, struct answer *a)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
	ask_one(r, command, text, a);
}

/* text - get a text field of the last row */
static const char *
text(const struct answer *a, const char *name)
{
	for (unsigned i = 0; i < a->field_count; i++)
		if (strcmp(a->fields[i].name, name) == 0)
			return a->fields[i].text;
	ck_abort_msg("no field %s", name);
	return "";
}

/* number - get a number or time of the last row */
static int64_t
number(const struct answer *a, const char *name)
{
	for (unsigned i = 0; i < a->field_count; i++)
		if (strcmp(a->fields[i].name, name) == 0)
			return a->fields[i].number;
	ck_abort_msg("no field %s", name);
	return 0;
}

/* list, with its filters */
START_TEST(list)
{
	struct harness h;
	struct remote tool;
	static struct answer a;
	const char *two[] = {"link=rome", "to=rossi"};

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4queue");
	(void)remote_submit_to(&h, &tool, TO_ROME);
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	ask_one(&tool, "list", NULL, &a);
	ck_assert_uint_eq(a.rows, 2);
	ck_assert_uint_eq(a.cursor, 0);
	ck_assert_str_eq(text(&a, "link"), "paris");
	ck_assert_str_eq(text(&a, "state"), "ready");
	ck_assert_str_eq(text(&a, "priority"), "normal");
	ck_assert_str_eq(text(&a, "content_type"), "p22");
	ck_assert_str_eq(
	    text(&a, "originator"), "S=Sender;O=PO1;P=ACME;A=VIAT;C=DE");
	ck_assert_str_eq(text(&a, "recipients"), "S=Dupont;P=BNP;A=ATLAS;C=FR");
	ck_assert_int_eq(number(&a, "size"), 7);
	ask(&tool, "list", two, 2, &a);
	ck_assert_uint_eq(a.rows, 1);
	ck_assert_str_eq(text(&a, "link"), "rome");
	ask_one(&tool, "list", "to=nobody", &a);
	ck_assert_uint_eq(a.rows, 0);
	ask_one(&tool, "list", "state=held", &a);
	ck_assert_uint_eq(a.rows, 0);
	ask_one(&tool, "list", "state=nonsense", &a);
	ck_assert_int_eq(a.status, 1);
	ask_one(&tool, "list", "link=nonsense", &a);
	ck_assert_int_eq(a.status, 1);
	ask_one(&tool, "nonsense", NULL, &a);
	ck_assert_int_eq(a.status, 64);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* A long list comes in several answers, each message once. */
START_TEST(long_list)
{
	struct harness h;
	struct remote tool;
	static struct answer a;
	char cursor[32] = "cursor=0";
	unsigned rows = 0, answers = 0;
	int64_t last = 0;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4queue");
	for (int i = 0; i < 1500; i++)
		(void)remote_submit_to(&h, &tool, TO_ROME);
	do {
		ask_one(&tool, "list", answers == 0 ? NULL : cursor, &a);
		rows += a.rows;
		ck_assert_uint_le(a.rows, 1000);
		ck_assert_int_gt(number(&a, "id"), last);
		last = number(&a, "id");
		snprintf(cursor, sizeof(cursor), "cursor=%llu",
		    (unsigned long long)a.cursor);
		ck_assert_uint_lt(++answers, 50);
	} while (a.cursor != 0);
	ck_assert_uint_eq(rows, 1500);
	ck_assert_uint_gt(answers, 1);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* show, cat, why, summary */
START_TEST(one_message)
{
	struct harness h;
	struct remote tool;
	struct ipc_record record;
	const char *to = TO_ROME;
	struct p1_envelope e;
	static struct answer a;
	static char content[60000];
	uint64_t id;

	harness_init(&h);
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (char)('a' + i % 26);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4queue");
	harness_envelope(&h, &e, 1, &to);
	remote_submit(&tool, harness_octets(&h, &e),
	    slice_of(content, sizeof(content)), &record);
	id = record.submit_answer.message;
	ask_id(&tool, "show", id, &a);
	ck_assert_int_eq(a.status, 0);
	ck_assert_int_eq(number(&a, "size"), sizeof(content));
	ck_assert_str_eq(text(&a, "trace"), "C=DE;A=VIAT;P=ACME");
	ask_id(&tool, "cat", id, &a);
	ck_assert_uint_eq(a.octets_len, sizeof(content));
	ck_assert_mem_eq(a.octets, content, sizeof(content));
	ask_id(&tool, "why", id, &a);
	ck_assert_uint_eq(a.rows, 1);
	ck_assert_ptr_nonnull(strstr(text(&a, "text"), "rome"));
	ck_assert_ptr_nonnull(strstr(text(&a, "text"), "next attempt"));
	/* the tools that it came from, and the link that it is for */
	ask_one(&tool, "summary", NULL, &a);
	ck_assert_uint_eq(a.rows, 2);
	ck_assert_str_eq(text(&a, "link"), "rome");
	ck_assert_int_eq(number(&a, "messages"), 1);
	ck_assert_int_eq(number(&a, "octets"), sizeof(content));
	ck_assert_int_eq(number(&a, "hour") + number(&a, "day"), 1);
	ask_id(&tool, "show", id + 1, &a);
	ck_assert_int_eq(a.status, 1);
	ck_assert_ptr_nonnull(strstr(a.text, "no such message"));
	ask_one(&tool, "show", "12x", &a);
	ck_assert_int_eq(a.status, 1);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* hold, release, delete; what is at work is left alone */
START_TEST(changes)
{
	struct harness h;
	struct remote tool, worker;
	struct ipc_record record;
	static struct answer a;
	uint64_t id, other;
	int rome;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4queue");
	id = remote_submit_to(&h, &tool, TO_ROME);
	ask_id(&tool, "hold", id, &a);
	ck_assert_int_eq(a.status, 0);
	ck_assert_str_eq(a.text, "1 done");
	ask_id(&tool, "show", id, &a);
	ck_assert_str_eq(text(&a, "state"), "held");
	ask_id(&tool, "why", id, &a);
	ck_assert_ptr_nonnull(strstr(text(&a, "text"), "administrator"));
	ask_id(&tool, "hold", id, &a);
	ck_assert_int_eq(a.status, 1);

	rome = remote_listen(&h, "x400out.rome");
	ask_one(&tool, "retry", "rome", &a);
	ck_assert_int_eq(a.status, 0);
	remote_open(&h, rome, "rome", &worker);
	remote_quiet(&worker);
	ask_id(&tool, "release", id, &a);
	ck_assert_str_eq(a.text, "1 done");
	remote_expect(&worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, id);
	ask_id(&tool, "delete", id, &a);
	ck_assert_int_eq(a.status, 1);
	ask_id(&tool, "show", id, &a);
	ck_assert_str_eq(text(&a, "state"), "active");
	/* How much of it went, and since when, tells a slow peer from one that
	 * is stopped. */
	ask_id(&tool, "why", id, &a);
	ck_assert_ptr_nonnull(strstr(text(&a, "text"),
	    "it is being transferred to rome: its worker has "));
	ck_assert_ptr_nonnull(strstr(text(&a, "text"), " octets after "));
	ask_one(&tool, "list", "state=active", &a);
	ck_assert_uint_eq(a.rows, 1);

	other = remote_submit_to(&h, &tool, TO_PARIS);
	ask_id(&tool, "delete", other, &a);
	ck_assert_str_eq(a.text, "1 done");
	ask_id(&tool, "delete", other, &a);
	ck_assert_int_eq(a.status, 1);
	ck_assert_ptr_nonnull(strstr(a.text, "not found"));
	ck_assert_uint_eq(harness_queued(&h), 1);
	remote_close(&worker);
	remote_close(&tool);
	close(rome);
	harness_fini(&h);
}
END_TEST

/* return: the originator is told */
START_TEST(returned)
{
	struct harness h;
	struct remote tool;
	static struct answer a;
	uint64_t id;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4queue");
	id = remote_submit_to(&h, &tool, TO_ROME);
	ask_id(&tool, "return", id, &a);
	ck_assert_int_eq(a.status, 0);
	ask_one(&tool, "list", NULL, &a);
	ck_assert_uint_eq(a.rows, 1);
	ck_assert_str_eq(text(&a, "kind"), "report");
	ck_assert_str_eq(text(&a, "link"), "msmail/po1");
	ck_assert_str_eq(
	    text(&a, "recipients"), "S=Sender;O=PO1;P=ACME;A=VIAT;C=DE");
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* disable outlives a restart, and sends what waits another way; without
 * another way it waits */
START_TEST(disabled)
{
	struct harness h;
	struct remote tool;
	static struct answer a;
	struct store_message message;
	uint64_t moved, id;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4ctl");
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	(void)remote_submit_to(&h, &tool, TO_ROME);
	ask_one(&tool, "disable", "paris", &a);
	ck_assert_int_eq(a.status, 0);
	ask_one(&tool, "disable", "rome", &a);
	harness_steps(&h, 20);
	ask_one(&tool, "list", "link=lyon", &a);
	ck_assert_uint_eq(a.rows, 1);
	moved = (uint64_t)number(&a, "id");
	ck_assert_int_eq(store_message_get(h.qmgr.store, moved, STORE_WHOLE,
			     &h.arena, &message),
	    0);
	{
		struct p1_envelope e;

		ck_assert_int_eq(p1_decode(MTS_MESSAGE, message.envelope,
				     &h.arena, &e, NULL),
		    0);
		ck_assert_int_eq(
		    e.trace.elements[e.trace.count - 1].action, TRACE_REROUTED);
		ck_assert(slice_equal_string(message.content, "content"));
	}
	ask_one(&tool, "list", "link=rome", &a);
	ck_assert_uint_eq(a.rows, 1);
	id = (uint64_t)number(&a, "id");
	ask_id(&tool, "why", id, &a);
	ck_assert_ptr_nonnull(strstr(text(&a, "text"), "disabled"));
	ask_one(&tool, "disable", "nowhere", &a);
	ck_assert_int_eq(a.status, 1);
	remote_close(&tool);
	harness_close(&h);

	harness_open(&h);
	ck_assert_int_eq(harness_link(&h, "paris")->state, LINK_DISABLED);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4ctl");
	ask_one(&tool, "links", NULL, &a);
	ck_assert_uint_eq(a.rows, 5);
	ck_assert_int_eq(number(&a, "rejected"), 0);
	ck_assert_int_eq(number(&a, "last_in"), 0);
	ck_assert_int_eq(number(&a, "last_out"), 0);
	ck_assert_int_eq(number(&a, "loops"), 0);
	ck_assert_int_eq(number(&a, "converted"), 0);
	ck_assert_int_eq(number(&a, "unconverted"), 0);
	ask_one(&tool, "enable", "paris", &a);
	ck_assert_int_eq(a.status, 0);
	ck_assert_int_ne(harness_link(&h, "paris")->state, LINK_DISABLED);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* submit_two - submit a message for two recipients at paris, of whom the second
 * has a critical extension */
static void
submit_two(struct harness *h, struct remote *tool)
{
	static const char *const to[] = {
	    TO_PARIS, "C=FR;A=ATLAS;P=BNP;S=Duval"};
	static const uint8_t value[] = {0x02, 0x01, 0x01};
	struct ipc_record record;
	struct p1_envelope e;

	harness_envelope(h, &e, 2, to);
	ck_assert_int_eq(
	    extension_set(&e.recipients[1].extensions, &h->arena, 99,
		CRITICAL_FOR_DELIVERY, slice_of(value, sizeof(value))),
	    0);
	remote_submit(
	    tool, harness_octets(h, &e), slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
}

/* A peer of 1984 cannot be told what is critical for one recipient: that one
 * waits, and the other one's message takes the way by that peer. */
START_TEST(one_recipient_stays)
{
	struct harness h;
	struct remote tool;
	static struct answer a;

	harness_init(&h);
	harness_link(&h, "lyon")->policy.of_1984 = true;
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4ctl");
	submit_two(&h, &tool);
	ask_one(&tool, "disable", "paris", &a);
	ck_assert_int_eq(a.status, 0);
	harness_steps(&h, 40);
	ask_one(&tool, "list", "link=lyon", &a);
	ck_assert_uint_eq(a.rows, 1);
	ck_assert_str_eq(text(&a, "recipients"), "S=Dupont;P=BNP;A=ATLAS;C=FR");
	ask_one(&tool, "list", "link=paris", &a);
	ck_assert_uint_eq(a.rows, 1);
	ck_assert_str_eq(text(&a, "recipients"), "S=Duval;P=BNP;A=ATLAS;C=FR");
	ck_assert_uint_eq(harness_queued(&h), 2);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* A link that is no longer configured: what it had goes another way, or back;
 * the others are not disturbed. */
START_TEST(link_gone)
{
	struct harness h;
	struct remote tool, worker;
	static struct answer a;
	struct ipc_record record;
	struct conf *conf;
	struct diag diag = {0};
	char less[4096];
	char *from, *to;
	int lyon;

	harness_init(&h);
	lyon = remote_listen(&h, "x400out.lyon");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4ctl");
	(void)remote_submit_to(&h, &tool, "C=FR;A=OTHER;S=x");
	remote_open(&h, lyon, "lyon", &worker);
	remote_expect(&worker, IPC_JOB, &record);
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	(void)remote_submit_to(&h, &tool, "C=IT;A=GARR;S=x");
	snprintf(less, sizeof(less), "%s", harness_conf);
	from = strstr(less, "link \"paris\"");
	to = strstr(less, "link \"lyon\"");
	ck_assert_ptr_nonnull(from);
	ck_assert_ptr_nonnull(to);
	memmove(from, to, strlen(to) + 1);
	from = strstr(less, "link \"rome\"");
	to = strstr(less, "link \"rome2\"");
	ck_assert_ptr_nonnull(from);
	ck_assert_ptr_nonnull(to);
	memmove(from, to, strlen(to) + 1);
	ck_assert_int_eq(conf_parse_text(slice_of_string(less), "less",
			     CONF_HANDED, &conf, &diag),
	    0);
	ck_assert_int_eq(loop_reload(&h.qmgr, conf, &diag), 0);
	remote_expect(&worker, IPC_JOB, &record);
	ask_one(&tool, "list", "link=lyon", &a);
	ck_assert_uint_eq(a.rows, 2);
	/* A step lasts some ms, whatever it does in them. */
	for (int i = 0; i < 1000 &&
	     store_link_total(
		 h.qmgr.store, harness_link(&h, "msmail/po1")->number)
		     .messages == 0;
	     i++)
		harness_step(&h);
	ask_one(&tool, "list", "link=msmail/po1", &a);
	ck_assert_uint_eq(a.rows, 1);
	ck_assert_str_eq(text(&a, "kind"), "report");
	ck_assert_uint_eq(harness_queued(&h), 3);
	/* The messages of a link that is gone are shown, and the link no
	 * longer. */
	ask_one(&tool, "links", NULL, &a);
	ck_assert_uint_eq(a.rows, 3);
	ck_assert(!worker.closed);
	remote_close(&worker);
	remote_close(&tool);
	close(lyon);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/control", TEST(list), TEST(long_list), TEST(one_message),
    TEST(changes), TEST(returned), TEST(disabled), TEST(one_recipient_stays),
    TEST(link_gone))
