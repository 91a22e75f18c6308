/* SPDX-License-Identifier: ISC */
/*
 * record_test.c - every record there and back, cut short, and wrong
 */
#include <stdio.h>

#include "ipc/record.h"
#include "tests/unit/test.h"

#define SCHEMA_DEPTH 12

#define S(text)                                           \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

static const struct ipc_recipient_outcome recipients[] = {
    {.index = 0, .reason = 1, .diagnostic = -1, .text = S("no")},
    {.index = 7,
	.reason = 0,
	.diagnostic = 0,
	.fate = IPC_FATE_DELIVERED,
	.time = 1700000000},
};
static const struct ipc_route_way ways[] = {
    {.result = IPC_WAY_SERVED, .link = S("application/aftn")},
    {.result = IPC_WAY_REFUSED, .reason = 1, .diagnostic = -1, .text = S("no")},
};
static const struct slice arguments[] = {S("paris"), S(""), S("cursor=7")};
static const struct ipc_field inner_fields[] = {
    {.name = S("address"), .type = IPC_FIELD_TEXT, .octets = S("C=DE")},
    {.name = S("empty"), .type = IPC_FIELD_TEXT},
};
static const struct ipc_row inner_rows[] = {
    {.fields = inner_fields, .field_count = 2},
    {.fields = NULL, .field_count = 0},
};
static const struct ipc_field fields[] = {
    {.name = S("pid"), .type = IPC_FIELD_NUMBER, .number = -5},
    {.name = S("zero"), .type = IPC_FIELD_NUMBER},
    {.name = S("since"), .type = IPC_FIELD_TIME, .number = 1700000000000},
    {.name = S("up"), .type = IPC_FIELD_TRUTH, .number = 1},
    {.name = S("recipients"),
	.type = IPC_FIELD_ROWS,
	.rows = inner_rows,
	.row_count = 2},
    {.name = S("body"), .type = IPC_FIELD_OCTETS, .octets = S("\0\xff")},
};

#define REFERENCES                                                      \
	{                                                               \
		.calling = "mta-a", .calling_len = 5, .common = "9901", \
		.common_len = 4, .additional = "1", .additional_len = 1 \
	}

#define FILE_OF                                                                \
	{                                                                      \
		.postoffice = S("po1"), .name = S("00000001.P1"), .inode = 77, \
		.ctime = -3, .size = 1ULL << 40                                \
	}

/* A record of each type, with every element set. */
static const struct ipc_record records[] = {
    {.type = IPC_HELLO,
	.hello = {1, 4711, IPC_ROLE_X400OUT, S("paris"), 2,
	    S("0123456789abcdef")}},
    {.type = IPC_SETTINGS,
	.settings = {S("mta { name = \"X\" }\n"), S("\1t"), S("\2ss"), S("\1p"),
	    true}},
    {.type = IPC_LINK_EVENT,
	.link_event = {IPC_LINK_FAILED, S("paris"), S("transport"),
	    S("refused"), S("127.0.0.1:102"), 9, REFERENCES, true, true,
	    IPC_FAILURE_BUSY, true}},
    {.type = IPC_JOB,
	.job = {1, UINT32_MAX, MTS_REPORT, 2, 300, 1ULL << 33, S("body"),
	    S("mts"), S("note"), 17, {REFERENCES, 128}, true, S("key")}},
    {.type = IPC_OUTCOME,
	.outcome = {1, IPC_REFUSED, 1, -1, S("why"), recipients, 2, 5, 6, 7,
	    true, true, 1700000000, true, true}},
    {.type = IPC_CANCEL, .cancel = {INT64_MAX}},
    {.type = IPC_BODY_REQUEST, .body_request = {1, 49152, IPC_PIECE_MAX}},
    {.type = IPC_BODY, .body = {1, 2, S("data")}},
    {.type = IPC_BIND_CHECK,
	.bind_check = {S("l"), true, S("MTA"), S("secret"), S("::1"),
	    REFERENCES, true, true, REFERENCES, S("t"), S("s"), S("p")}},
    {.type = IPC_BIND_ANSWER,
	.bind_answer = {true, -2, S("r"), S("l"), 12, S("n"), S("p"),
	    S("link {}"), S("token")}},
    {.type = IPC_SUBMIT_START,
	.submit_start = {3, MTS_PROBE, IPC_SUBMISSION, 1000, 12, 99, true,
	    FILE_OF, 5, 6, 7, 8, true, true}},
    {.type = IPC_SUBMIT_DATA, .submit_data = {3, S("octets")}},
    {.type = IPC_SUBMIT_END,
	.submit_end = {3, 70, S("0123456789abcdef"), true, S("key"),
	    S("0123456789abcdef0123456789abcdef"), S("0123456789abcdef")}},
    {.type = IPC_SUBMIT_CANCEL, .submit_cancel = {3}},
    {.type = IPC_SUBMIT_PROGRESS, .submit_progress = {3, 4096, 2048, true}},
    {.type = IPC_SUBMIT_ANSWER,
	.submit_answer = {3, IPC_SUBMIT_UNAVAILABLE, 8, S("id"), 1, -1,
	    S("full"), recipients, 2, true, true, S("\1")}},
    {.type = IPC_SESSION_CLOSED, .session_closed = {12, true}},
    {.type = IPC_FILE_REMOVED, .file_removed = {FILE_OF}},
    {.type = IPC_RETIRE},
    {.type = IPC_REQUEST, .request = {S("retry"), arguments, 3}},
    {.type = IPC_ROW, .row = {fields, 6}},
    {.type = IPC_DONE, .done = {69, S("not running"), 1000}},
    {.type = IPC_WORKER_ENDED,
	.worker_ended = {S("x400out/paris#1"), 77, -11, 5, true, S("why")}},
    {.type = IPC_THROTTLED, .throttled = {S("x400in"), 1700000000000}},
    {.type = IPC_RELOAD},
    {.type = IPC_DELIVERY_NOTE, .delivery_note = {1, S("tmp")}},
    {.type = IPC_TAKEN, .taken = {7, {REFERENCES, 129}}},
    {.type = IPC_SUBMIT_MARK, .submit_mark = {1, 70000, S("state")}},
    {.type = IPC_RESUME_CHECK, .resume_check = {1, 7, 2, {REFERENCES, 3}}},
    {.type = IPC_RESUME_ANSWER,
	.resume_answer = {1, IPC_RESUME_PARTIAL, MTS_REPORT, 300, 70000,
	    S("state"), 6}},
    {.type = IPC_SEQUENCE, .sequence = {1, {REFERENCES, 129}}},
    {.type = IPC_WORKER_STARTED,
	.worker_started = {4711, IPC_ROLE_MSMI_IN, S("po1"), 1,
	    S("0123456789abcdef")}},
    {.type = IPC_NOTICE, .notice = {1192, arguments, 2}},
    {.type = IPC_SESSION_CLAIM, .session_claim = {12, S("token")}},
    {.type = IPC_SESSION_DOUBT, .session_doubt = {12}},
    {.type = IPC_WORKERS_LEFT, .workers_left = {S("x400out/paris"), 3}},
    {.type = IPC_SUBMIT_SIZE,
	.submit_size = {3, (uint64_t)8 << 30, 70000, 69000, 5, 6}},
    {.type = IPC_ROUTES, .routes = {S("envelope"), S("update")}},
    {.type = IPC_TRACK_PAGE, .track_page = {1ULL << 60, S("page"), S("queue")}},
    {.type = IPC_TRACK_ACK, .track_ack = {77}},
    {.type = IPC_HANDSHAKE, .handshake = {S("127.0.0.1:4711"), true}},
    {.type = IPC_ROUTE_CHECK,
	.route_check = {4, S("C=DE;S=a"), 2048, arguments, 3}},
    {.type = IPC_ROUTE_ANSWER,
	.route_answer = {4, ways, 2, IPC_ROOM_LATER, S("full")}},
    {.type = IPC_PROBLEM, .problem = {50, -1, S("text"), S("command"), 3}},
    {.type = IPC_POSTOFFICE_STATE,
	.postoffice_state = {S("unread"), S("map"), 2, 1764500000000, S("B")}},
    {.type = IPC_ALARM, .alarm = {659, S("paris"), 7, 3600}},
    {.type = IPC_WANTED, .wanted = {3, 16, 1000}},
    {.type = IPC_JOB_CLAIM, .job_claim = {7, IPC_CLAIM_ELSEWHERE}},
    {.type = IPC_SUBMISSION_HEARD, .submission_heard = {S("key"), 7}},
    {.type = IPC_MEMORY_NOTE, .memory_note = {7, S("notes")}},
    {.type = IPC_MEMORY_ASK, .memory_ask = {7, arguments, 3}},
};

#define RECORDS (sizeof(records) / sizeof(records[0]))

static struct buffer out;
static struct arena arena;

/* setup - prepare fresh places for what comes out */
static void
setup(void)
{
	buffer_init(&out, IPC_UNANSWERED_MAX);
	arena_init(&arena, 1 << 20);
}

/* teardown - give them back */
static void
teardown(void)
{
	buffer_fini(&out);
	arena_fini(&arena);
}

/* encode - encode a record at the end of out */
static void
encode(const struct ipc_record *record)
{
	ck_assert_int_eq(ipc_record_encode(record, &out), 0);
}

START_TEST(every_record_is_here)
{
	size_t i;

	ck_assert_uint_eq(RECORDS, IPC_TYPE_COUNT);
	for (i = 0; i < RECORDS; i++) {
		ck_assert_int_eq((int)records[i].type, (int)i);
		ck_assert_str_ne(ipc_type_name(records[i].type), "unknown");
	}
}
END_TEST

/*
 * Decoded and encoded again the octets are the same: with every element set
 * and distinct this compares all values, whatever their type.
 */
START_TEST(there_and_back)
{
	struct ipc_record got;
	struct buffer again;
	struct diag diag = {0};
	size_t i, used;

	for (i = 0; i < RECORDS; i++) {
		setup();
		encode(&records[i]);
		used = 0;
		ck_assert_msg(ipc_record_decode(buffer_slice(&out), &arena,
				  &got, &used, &diag) == 0,
		    "%s: %s", ipc_type_name(records[i].type), diag_text(&diag));
		ck_assert_uint_eq(used, buffer_length(&out));
		ck_assert_int_eq((int)got.type, (int)records[i].type);
		buffer_init(&again, IPC_UNANSWERED_MAX);
		ck_assert_int_eq(ipc_record_encode(&got, &again), 0);
		ck_assert_msg(
		    slice_equal(buffer_slice(&out), buffer_slice(&again)),
		    "%s changed", ipc_type_name(got.type));
		buffer_fini(&again);
		teardown();
	}
}
END_TEST

/* An element of earlier releases is not looked at: a link event's [5]. */
START_TEST(gone_element)
{
	static const uint8_t octets[] = {
	    0xa2, 0x06, 0x80, 0x01, 0x03, 0x85, 0x01, 0xff};
	struct ipc_record got;
	size_t used = 0;

	setup();
	ck_assert_int_eq(ipc_record_decode(slice_of(octets, sizeof(octets)),
			     &arena, &got, &used, NULL),
	    0);
	ck_assert_uint_eq(used, sizeof(octets));
	ck_assert_int_eq((int)got.type, (int)IPC_LINK_EVENT);
	ck_assert_int_eq((int)got.link_event.state, (int)IPC_LINK_LOST);
	teardown();
}
END_TEST

/* Values are where they belong, which the round trip cannot show. */
START_TEST(values_are_right)
{
	struct ipc_record got;
	const struct ipc_field *row;
	size_t used;

	setup();
	encode(&records[IPC_JOB]);
	ck_assert_int_eq(
	    ipc_record_decode(buffer_slice(&out), &arena, &got, &used, NULL),
	    0);
	ck_assert_uint_eq(got.job.message, UINT32_MAX);
	ck_assert_uint_eq(got.job.content_length, 1ULL << 33);
	ck_assert_int_eq((int)got.job.kind, MTS_REPORT);
	ck_assert(slice_equal_string(got.job.body, "body"));
	ck_assert(slice_equal_string(got.job.note, "note"));
	buffer_reset(&out);
	encode(&records[IPC_OUTCOME]);
	ck_assert_int_eq(
	    ipc_record_decode(buffer_slice(&out), &arena, &got, &used, NULL),
	    0);
	ck_assert_int_eq(got.outcome.diagnostic, -1);
	ck_assert_uint_eq(got.outcome.recipient_count, 2);
	ck_assert_uint_eq(got.outcome.recipients[1].index, 7);
	ck_assert_int_eq(got.outcome.recipients[0].diagnostic, -1);
	ck_assert_int_eq(got.outcome.recipients[0].fate, IPC_FATE_FAILED);
	ck_assert_int_eq(got.outcome.recipients[1].fate, IPC_FATE_DELIVERED);
	ck_assert_int_eq(got.outcome.recipients[1].time, 1700000000);
	ck_assert(got.outcome.confirm);
	buffer_reset(&out);
	encode(&records[IPC_ROUTE_ANSWER]);
	ck_assert_int_eq(
	    ipc_record_decode(buffer_slice(&out), &arena, &got, &used, NULL),
	    0);
	ck_assert_uint_eq(got.route_answer.way_count, 2);
	ck_assert(slice_equal_string(
	    got.route_answer.ways[0].link, "application/aftn"));
	ck_assert_int_eq(got.route_answer.ways[1].diagnostic, -1);
	buffer_reset(&out);
	encode(&records[IPC_ROW]);
	ck_assert_int_eq(
	    ipc_record_decode(buffer_slice(&out), &arena, &got, &used, NULL),
	    0);
	row = got.row.fields;
	ck_assert_uint_eq(got.row.field_count, 6);
	ck_assert_int_eq(row[0].number, -5);
	ck_assert_int_eq(row[3].number, 1);
	ck_assert_uint_eq(row[4].row_count, 2);
	ck_assert(slice_equal_string(row[4].rows[0].fields[0].octets, "C=DE"));
	ck_assert_uint_eq(row[5].octets.len, 2);
	teardown();
}
END_TEST

/* A record that is not whole yet is no error, and nothing is touched. */
START_TEST(cut_short)
{
	struct ipc_record got = {.type = IPC_TYPE_COUNT};
	size_t i, len, used = 4242;
	struct slice whole;

	for (i = 0; i < RECORDS; i++) {
		setup();
		encode(&records[i]);
		whole = buffer_slice(&out);
		for (len = 0; len < whole.len; len++)
			ck_assert_int_eq(
			    ipc_record_decode(slice_of(whole.data, len), &arena,
				&got, &used, NULL),
			    ERR_AGAIN);
		ck_assert_int_eq((int)got.type, IPC_TYPE_COUNT);
		ck_assert_uint_eq(used, 4242);
		teardown();
	}
}
END_TEST

/* Cut inside, with a length that pretends to be whole: always an error or a
 * record that says less, never a crash (the sanitizers watch). */
START_TEST(cut_inside)
{
	struct ipc_record got;
	uint8_t octets[300];
	size_t i, len, used;
	struct slice whole;
	int failed = 0;

	for (i = 0; i < RECORDS; i++) {
		setup();
		encode(&records[i]);
		whole = buffer_slice(&out);
		if (whole.len > 129) /* long form: another shape of cut */
			whole.len = 129;
		for (len = 2; len < whole.len; len++) {
			memcpy(octets, whole.data, len);
			octets[1] = (uint8_t)(len - 2);
			if (ipc_record_decode(slice_of(octets, len), &arena,
				&got, &used, NULL) < 0)
				failed++;
		}
		teardown();
	}
	ck_assert_int_gt(failed, 500);
}
END_TEST

/* decode_octets - decode octets, and return the result */
static int
decode_octets(const char *octets, size_t len, struct diag *diag)
{
	struct ipc_record got;
	size_t used;
	int error;

	setup();
	error =
	    ipc_record_decode(slice_of(octets, len), &arena, &got, &used, diag);
	teardown();
	return error;
}

#define DECODE(octets) decode_octets(octets, sizeof(octets) - 1, &diag)

START_TEST(wrong_records)
{
	struct diag diag = {0};

	/* a type that is none; universal; indefinite; too long */
	ck_assert_int_eq(DECODE("\xbf\x00\x00"), ERR_PROTOCOL);
	ck_assert_int_eq(DECODE("\xbf\x05\x00"), ERR_PROTOCOL);
	ck_assert_int_eq(DECODE("\xbf\x7f\x00"), ERR_PROTOCOL);
	ck_assert_int_eq(DECODE("\xbf\x9f\x00"), ERR_PROTOCOL);
	ck_assert_int_eq(DECODE("\x30\x00"), ERR_PROTOCOL);
	ck_assert_int_eq(DECODE("\xa5\x80\x00\x00"), ERR_PROTOCOL);
	ck_assert_int_eq(DECODE("\xa5\x83\x01\x00\x00"), ERR_LIMIT);
	ck_assert_int_eq(DECODE("\xa5\x85\x00\x00\x00\x00\x00"), ERR_PROTOCOL);
	diag_clear(&diag);
	/* cancel: unknown element, twice, out of order, negative, primitive */
	ck_assert_int_eq(DECODE("\xa5\x03\x81\x01\x01"), ERR_PROTOCOL);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "cancel"));
	ck_assert_int_eq(
	    DECODE("\xa5\x06\x80\x01\x01\x80\x01\x02"), ERR_PROTOCOL);
	ck_assert_int_eq(
	    DECODE("\xa7\x06\x81\x01\x01\x80\x01\x02"), ERR_PROTOCOL);
	diag_clear(&diag);
	ck_assert_int_eq(DECODE("\xa5\x03\x80\x01\xff"), ERR_VALUE);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "job"));
	ck_assert_int_lt(DECODE("\x85\x03\x80\x01\x01"), 0);
	/* hello of something else; a role that is none */
	ck_assert_int_eq(DECODE("\xa0\x05\x80\x03xyz"), ERR_PROTOCOL);
	ck_assert_int_eq(DECODE("\xa0\x03\x83\x01\x7f"), ERR_VALUE);
	/* retire that is not empty */
	ck_assert_int_lt(DECODE("\x92\x01\x00"), 0);
	/* submit-end with a key that is too long */
	ck_assert_int_eq(DECODE("\xac\x13\x82\x11"
				"0123456789abcdefg"),
	    ERR_LIMIT);
	/* sequence with references that no session connection can have */
	ck_assert_int_eq(DECODE("\xbe\x06\x84\x04"
				"abcd"),
	    0);
	ck_assert_int_eq(DECODE("\xbe\x07\x84\x05"
				"abcde"),
	    ERR_LIMIT);
	/* a field without a value, and with two */
	ck_assert_int_lt(DECODE("\xb4\x05\x30\x03\x80\x01x"), 0);
	ck_assert_int_lt(
	    DECODE("\xb4\x0b\x30\x09\x80\x01x\x81\x01\x01\x81\x01\x02"), 0);
}
END_TEST

START_TEST(limits)
{
	static uint8_t octets[IPC_RECORD_MAX + 1];
	struct ipc_record record = {.type = IPC_BODY};
	struct ipc_field deep[SCHEMA_DEPTH];
	struct ipc_row rows[SCHEMA_DEPTH];
	size_t i;

	setup();
	encode(&records[IPC_CANCEL]);
	/* the largest that fits: header 4, data header 4 */
	record.body.data = slice_of(octets, IPC_RECORD_MAX - 8);
	ck_assert_int_eq(ipc_record_encode(&record, &out), 0);
	i = buffer_length(&out);
	record.body.data.len++;
	ck_assert_int_eq(ipc_record_encode(&record, &out), ERR_LIMIT);
	ck_assert_uint_eq(buffer_length(&out), i);
	record = records[IPC_DELIVERY_NOTE];
	record.delivery_note.note = slice_of(octets, IPC_NOTE_MAX + 1);
	ck_assert_int_eq(ipc_record_encode(&record, &out), ERR_LIMIT);
	record = records[IPC_CANCEL];
	record.cancel.job = UINT64_MAX;
	ck_assert_int_eq(ipc_record_encode(&record, &out), ERR_VALUE);
	ck_assert_uint_eq(buffer_length(&out), i);
	/* rows within rows without end */
	for (i = 0; i < SCHEMA_DEPTH; i++) {
		deep[i] = (struct ipc_field){.type = IPC_FIELD_ROWS,
		    .rows = &rows[i == 0 ? 0 : i - 1],
		    .row_count = i != 0};
		rows[i] =
		    (struct ipc_row){.fields = &deep[i], .field_count = 1};
	}
	record = (struct ipc_record){.type = IPC_ROW};
	record.row = rows[SCHEMA_DEPTH - 1];
	ck_assert_int_eq(ipc_record_encode(&record, &out), ERR_LIMIT);
	teardown();
}
END_TEST

TEST_MAIN("ipc/record", TEST(every_record_is_here); TEST(there_and_back);
	  TEST(gone_element); TEST(values_are_right); TEST(cut_short);
	  TEST(cut_inside); TEST(wrong_records); TEST(limits))
