/* SPDX-License-Identifier: ISC */
/*
 * gateway_key_test.c - for whom a gateway has submitted a message under its key
 *
 * The test plays mixer-in of the gateway "net".
 */
#include "store/store.h"
#include "tests/unit/qmgr/link_bench.h"

#define MOST 4 /* recipients of one submission */

static const char gateway[] = "mixer \"net\" {\n"
			      " mail-domain = \"x400.example.net\"\n"
			      " gateway-address = \"C=DE;A=VIAT;P=ACME;O=GW\"\n"
			      " address-space = {\"C=DE;A=VIAT;P=ACME;O=GW\"}\n"
			      "}\n";

static struct harness h;
static struct remote in;
static struct ipc_submit_answer answer;
static char had[MOST + 1]; /* of the last answer, as digits */

/* setup - make a queue manager, and connect */
static void
setup(void)
{
	static char conf[8192];

	snprintf(conf, sizeof(conf), "%s%s", harness_conf, gateway);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &in, IPC_ROLE_MIXER_IN, "net");
}

/* teardown - end it */
static void
teardown(void)
{
	remote_close(&in);
	harness_fini(&h);
}

/* begin - submit a message but for its end, to as many as there are letters */
static uint64_t
begin(const char *to)
{
	static const char *const paris[] = {
	    TO_PARIS, TO_PARIS, TO_PARIS, TO_PARIS};
	struct p1_envelope e;
	uint64_t number;

	harness_envelope(&h, &e, strlen(to), paris);
	number = remote_submit_begin(&in,
	    (struct ipc_submit_start){.kind = MTS_MESSAGE,
		.origin = IPC_SUBMISSION,
		.refuse_at_once = true},
	    harness_octets(&h, &e));
	remote_data(&in, number, slice_of_string("content"));
	return number;
}

/* finish - end a submission under a key, for recipients by their letters */
static void
finish(uint64_t number, const char *key, const char *to)
{
	char recipients[MOST * IPC_RECIPIENT_LEN];
	struct ipc_record record = {.type = IPC_SUBMIT_END,
	    .submit_end = {.submit = number,
		.content_length = strlen("content"),
		.submission_key = slice_of_string(key)}};

	for (size_t i = 0; i < strlen(to); i++)
		memset(recipients + i * IPC_RECIPIENT_LEN, to[i],
		    IPC_RECIPIENT_LEN);
	record.submit_end.recipients =
	    slice_of(recipients, strlen(to) * IPC_RECIPIENT_LEN);
	remote_send(&in, &record);
}

/* take - take the answer: its result, and who had it */
static enum ipc_submit_result
take(void)
{
	struct ipc_record record;

	do
		remote_next(&in, &record);
	while (record.type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
	answer = record.submit_answer;
	ck_assert_uint_le(answer.had.len, MOST);
	for (size_t i = 0; i < answer.had.len; i++)
		had[i] = (char)('0' + answer.had.data[i]);
	had[answer.had.len] = '\0';
	return answer.result;
}

/* submit - submit a message; what came of it */
static enum ipc_submit_result
submit(const char *key, const char *to)
{
	finish(begin(to), key, to);
	return take();
}

/* tell_heard - say that the client has heard the answer on a message */
static void
tell_heard(const char *key, uint64_t message)
{
	const struct ipc_record record = {.type = IPC_SUBMISSION_HEARD,
	    .submission_heard = {slice_of_string(key), message}};

	remote_send(&in, &record);
}

START_TEST(who_has_it_is_named)
{
	uint64_t first;

	setup();
	ck_assert_int_eq(submit("k", "ab"), IPC_SUBMIT_ACCEPTED);
	first = answer.message;
	ck_assert_str_eq(had, "");
	ck_assert_int_eq(submit("k", "ab"), IPC_SUBMIT_DUPLICATE);
	ck_assert_str_eq(had, "11");
	ck_assert_uint_eq(answer.message, first);
	/* in another order, with others */
	ck_assert_int_eq(submit("k", "cbd"), IPC_SUBMIT_DUPLICATE);
	ck_assert_str_eq(had, "010");
	ck_assert_int_eq(submit("k", "cd"), IPC_SUBMIT_ACCEPTED);
	ck_assert_int_eq(submit("k", "dcba"), IPC_SUBMIT_DUPLICATE);
	ck_assert_str_eq(had, "1111");
	/* something else */
	ck_assert_int_eq(submit("l", "ab"), IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(harness_queued(&h), 3);
	teardown();
}
END_TEST

/* Two come before a commit: who is in both gets the first. */
START_TEST(two_at_once)
{
	uint64_t one, other;

	setup();
	one = begin("ab");
	other = begin("bc");
	finish(one, "k", "ab");
	finish(other, "k", "bc");
	ck_assert_int_eq(take(), IPC_SUBMIT_ACCEPTED);
	ck_assert_int_eq(take(), IPC_SUBMIT_DUPLICATE);
	ck_assert_str_eq(had, "10");
	ck_assert_uint_eq(harness_queued(&h), 1);
	teardown();
}
END_TEST

/* What the client has heard of one submission leaves the other known. */
START_TEST(heard)
{
	uint64_t first;

	setup();
	ck_assert_int_eq(submit("k", "ab"), IPC_SUBMIT_ACCEPTED);
	first = answer.message;
	ck_assert_int_eq(submit("k", "c"), IPC_SUBMIT_ACCEPTED);
	tell_heard("k", first);
	tell_heard("unknown", first);
	ck_assert_int_eq(submit("k", "cab"), IPC_SUBMIT_DUPLICATE);
	ck_assert_str_eq(had, "100");
	ck_assert_int_eq(submit("k", "ab"), IPC_SUBMIT_ACCEPTED);
	teardown();
}
END_TEST

/* A client asks before it sends whether there is room. */
START_TEST(room)
{
	static const struct {
		uint64_t size;
		enum ipc_room room;
	} cases[] = {{0, IPC_ROOM_ENOUGH}, {100000, IPC_ROOM_ENOUGH},
	    {UINT64_C(1) << 40, IPC_ROOM_NEVER}};
	struct ipc_record record;

	setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record = (struct ipc_record){.type = IPC_ROUTE_CHECK,
		    .route_check = {.check = i, .size = cases[i].size}};
		remote_send(&in, &record);
		remote_next(&in, &record);
		ck_assert_int_eq(record.type, IPC_ROUTE_ANSWER);
		ck_assert_uint_eq(record.route_answer.check, i);
		ck_assert_int_eq(record.route_answer.room, cases[i].room);
		ck_assert_int_eq(record.route_answer.text.len > 0,
		    cases[i].room != IPC_ROOM_ENOUGH);
	}
	teardown();
}
END_TEST

/* fill - note as much under other keys as a gateway may have in all */
static void
fill(void)
{
	const unsigned most = (64 << 20) / STORE_KEYED_ROOM / 2;
	const struct link *link = link_find(&h.qmgr.links, "mixer/net");
	char key[16];

	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	for (unsigned i = 1; i < most; i++) {
		struct store_keyed note = {.application = link->number,
		    .kind = STORE_KEYED_RECIPIENTS,
		    .message = 1,
		    .time = timekeeper_latest(&h.qmgr.time)};

		(void)snprintf(key, sizeof(key), "%u", i);
		note.name = slice_of_string(key);
		ck_assert_int_eq(store_keyed_note(h.qmgr.store, &note), 0);
	}
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
}

/* A note that makes room is told of, for it is younger than a client may be
 * late. */
START_TEST(displaced)
{
	setup();
	ck_assert_int_eq(submit("k", "a"), IPC_SUBMIT_ACCEPTED);
	fill();
	ck_assert_int_eq(submit("k", "a"), IPC_SUBMIT_DUPLICATE);
	ck_assert(!harness_log_has(&h, "may be taken twice"));
	ck_assert_int_eq(submit("l", "a"), IPC_SUBMIT_ACCEPTED);
	ck_assert(harness_log_has(&h, "may be taken twice"));
	ck_assert_int_eq(submit("k", "a"), IPC_SUBMIT_ACCEPTED);
	teardown();
}
END_TEST

TEST_MAIN("qmgr/gateway_key", TEST(displaced); TEST(who_has_it_is_named);
	  TEST(two_at_once); TEST(heard); TEST(room))
