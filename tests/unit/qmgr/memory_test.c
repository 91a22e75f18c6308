/* SPDX-License-Identifier: ISC */
/*
 * memory_test.c - what mixer-memory is told with a message, and asked
 *
 * The test plays mixer-in of the gateway "net", and mixer-memory.
 */
#include "qmgr/engine/memory.h"

#include <stdio.h>

#include "mixer/memory_note.h"
#include "store/store.h"
#include "tests/unit/qmgr/link_bench.h"

static const char gateway[] = "mixer \"net\" {\n"
			      " mail-domain = \"x400.example.net\"\n"
			      " gateway-address = \"C=DE;A=VIAT;P=ACME;O=GW\"\n"
			      " address-space = {\"C=DE;A=VIAT;P=ACME;O=GW\"}\n"
			      "}\n";

static struct harness h;
static struct remote in, memory;
static char told[4096]; /* notes that mixer-memory got, a line each */

/* setup - make a queue manager, and connect as mixer-in */
static void
setup(void)
{
	static char conf[8192];

	snprintf(conf, sizeof(conf), "%s%s", harness_conf, gateway);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &in, IPC_ROLE_MIXER_IN, "net");
	told[0] = '\0';
}

/* teardown - end it */
static void
teardown(void)
{
	remote_close(&in);
	harness_fini(&h);
}

/* acknowledge - say that all pages up to a number are kept */
static void
acknowledge(uint64_t number)
{
	const struct ipc_record record = {
	    .type = IPC_TRACK_ACK, .track_ack = {.number = number}};

	remote_send(&memory, &record);
}

/* connect_memory - connect as mixer-memory, which does not say what it has */
static void
connect_memory(void)
{
	struct ipc_record record;

	remote_connect_as(&h, &memory, IPC_ROLE_MIXER_MEMORY, "");
	harness_steps(&h, 5);
	while (remote_try(&memory, &record))
		ck_assert_int_eq(record.type, IPC_SETTINGS);
	acknowledge(0);
}

/* take_note - write a note down */
static int
take_note(void *arg, struct slice key, struct slice value)
{
	size_t len = strlen(told);

	(void)arg;
	snprintf(told + len, sizeof(told) - len, "%.*s=%.*s\n", (int)key.len,
	    (const char *)key.data, (int)value.len, (const char *)value.data);
	return 0;
}

/* hear - take the pages that are handed out now; the number of the last */
static uint64_t
hear(void)
{
	struct ipc_record record;
	struct arena arena;
	uint64_t last = 0;

	arena_init(&arena, 1 << 20);
	harness_steps(&h, 5);
	memory_tick(&h.qmgr);
	harness_steps(&h, 5);
	while (remote_try(&memory, &record)) {
		ck_assert_int_eq(record.type, IPC_TRACK_PAGE);
		ck_assert_uint_gt(record.track_page.number, last);
		last = record.track_page.number;
		ck_assert_int_eq(memory_note_read(record.track_page.page,
				     &arena, take_note, NULL),
		    0);
	}
	arena_fini(&arena);
	return last;
}

/* submit - submit a message with notes; its MTS identifier */
static const char *
submit(const char *to, struct slice notes)
{
	static char mts_id[256];
	const struct ipc_submit_start start = {.kind = MTS_MESSAGE,
	    .origin = IPC_SUBMISSION,
	    .refuse_at_once = true};
	struct ipc_record record = {.type = IPC_MEMORY_NOTE};
	struct p1_envelope e;
	uint64_t number;

	harness_envelope(&h, &e, 1, &to);
	number = remote_submit_begin(&in, start, harness_octets(&h, &e));
	record.memory_note.submit = number;
	record.memory_note.notes = notes;
	remote_send(&in, &record);
	remote_data(&in, number, slice_of_string("content"));
	record = (struct ipc_record){.type = IPC_SUBMIT_END,
	    .submit_end = {
		.submit = number, .content_length = strlen("content")}};
	remote_send(&in, &record);
	do
		remote_next(&in, &record);
	while (record.type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
	snprintf(mts_id, sizeof(mts_id), "%.*s",
	    (int)record.submit_answer.mts_id.len,
	    (const char *)record.submit_answer.mts_id.data);
	return mts_id;
}

/* pages_left - count the pages in the queue */
static unsigned
pages_left(void)
{
	uint64_t number = 0;
	unsigned count = 0;

	while (store_paged_next(
		   h.qmgr.store, STORE_PAGED_MEMORY, number, &number) == 0)
		count++;
	return count;
}

/* Notes are handed on behind the commit of their message, again until they are
 * acknowledged, and deleted with a later commit. */
START_TEST(noted)
{
	struct buffer notes;
	char want[512], first[256];
	uint64_t number;

	setup();
	buffer_init(&notes, 4096);
	ck_assert_int_eq(memory_note_put(MEMORY_ID, "cut",
			     slice_of_string("true@a.b"), &notes),
	    0);
	ck_assert_int_eq(
	    memory_note_put(MEMORY_CAME, "", slice_of_string("FQ1"), &notes),
	    0);
	snprintf(
	    first, sizeof(first), "%s", submit(TO_PARIS, buffer_slice(&notes)));
	ck_assert_uint_eq(pages_left(), 1);
	connect_memory();
	snprintf(want, sizeof(want), "#cut=true@a.b\n@%s=FQ1\n", first);
	ck_assert_uint_gt(hear(), 0);
	ck_assert_str_eq(told, want);
	/* mixer-memory ends before it has kept them */
	remote_close(&memory);
	harness_steps(&h, 5);
	connect_memory();
	told[0] = '\0';
	number = hear();
	ck_assert_str_eq(told, want);
	acknowledge(number);
	harness_steps(&h, 5);
	/* of a refused message mixer-memory is not told */
	(void)submit("C=XX;A=NONE;S=Nobody", buffer_slice(&notes));
	(void)submit(TO_PARIS, slice_of(NULL, 0));
	ck_assert_uint_eq(hear(), 0);
	ck_assert_uint_eq(pages_left(), 0);
	buffer_fini(&notes);
	remote_close(&memory);
	teardown();
}
END_TEST

/* ask - ask for a key under a number */
static void
ask(uint64_t number)
{
	static const struct slice keys[] = {{(const uint8_t *)"#cut", 4}};
	const struct ipc_record record = {.type = IPC_MEMORY_ASK,
	    .memory_ask = {.ask = number, .texts = keys, .text_count = 1}};

	remote_send(&in, &record);
	harness_steps(&h, 5);
}

/* answered - check the answer under a number; NULL: it has no values */
static void
answered(uint64_t number, const char *value)
{
	struct ipc_record record;

	remote_expect(&in, IPC_MEMORY_ASK, &record);
	ck_assert_uint_eq(record.memory_ask.ask, number);
	ck_assert_uint_eq(record.memory_ask.text_count, value != NULL);
	if (value != NULL)
		ck_assert(
		    slice_equal_string(record.memory_ask.texts[0], value));
}

/* A question is passed on behind all that was noted, and answered in any
 * case. */
START_TEST(asked)
{
	const struct slice values[] = {slice_of_string("true@a.b")};
	struct ipc_record record, answer = {.type = IPC_MEMORY_ASK};
	struct buffer notes;
	struct remote other;

	setup();
	buffer_init(&notes, 4096);
	ck_assert_int_eq(memory_note_put(MEMORY_ID, "cut",
			     slice_of_string("true@a.b"), &notes),
	    0);
	/* there is no mixer-memory */
	ask(7);
	answered(7, NULL);
	connect_memory();
	harness_steps(&h, 5);
	(void)submit(TO_PARIS, buffer_slice(&notes));
	ask(8);
	remote_expect(&memory, IPC_TRACK_PAGE, &record);
	remote_expect(&memory, IPC_MEMORY_ASK, &record);
	ck_assert(slice_equal_string(record.memory_ask.texts[0], "#cut"));
	answer.memory_ask.ask = record.memory_ask.ask;
	answer.memory_ask.texts = values;
	answer.memory_ask.text_count = 1;
	remote_send(&memory, &answer);
	harness_steps(&h, 5);
	answered(8, "true@a.b");
	/* twice the same answer, which nobody awaits */
	remote_send(&memory, &answer);
	harness_steps(&h, 5);
	remote_quiet(&in);
	/* the gateway that has asked is gone */
	remote_connect_as(&h, &other, IPC_ROLE_MIXER_IN, "net");
	record.memory_ask.ask = 1;
	record.type = IPC_MEMORY_ASK;
	record.memory_ask.texts = values;
	record.memory_ask.text_count = 1;
	remote_send(&other, &record);
	harness_steps(&h, 5);
	remote_close(&other);
	harness_steps(&h, 5);
	remote_expect(&memory, IPC_MEMORY_ASK, &record);
	answer.memory_ask.ask = record.memory_ask.ask;
	remote_send(&memory, &answer);
	harness_steps(&h, 5);
	/* mixer-memory is gone */
	ask(9);
	remote_close(&memory);
	harness_steps(&h, 5);
	answered(9, NULL);
	buffer_fini(&notes);
	teardown();
}
END_TEST

/* While nobody takes them pages wait up to a bound: then the oldest go. */
START_TEST(bounded)
{
	static uint8_t large[MEMORY_VALUE_MAX];
	struct buffer notes;
	uint64_t first, now, used, size, octets = 0;

	setup();
	buffer_init(&notes, 65536);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(memory_note_put(MEMORY_ID, "cut",
				     slice_of(large, sizeof(large)), &notes),
		    0);
	(void)submit(TO_PARIS, buffer_slice(&notes));
	ck_assert_int_eq(
	    store_paged_next(h.qmgr.store, STORE_PAGED_MEMORY, 0, &first), 0);
	store_usage(h.qmgr.store, &used, &size);
	size /= MEMORY_PART;
	if (size < MEMORY_AT_LEAST)
		size = MEMORY_AT_LEAST;
	for (uint64_t given = 0; given < 2 * size;
	     given += buffer_length(&notes))
		(void)submit(TO_PARIS, buffer_slice(&notes));
	ck_assert_int_eq(
	    store_paged_octets(h.qmgr.store, STORE_PAGED_MEMORY, &octets), 0);
	ck_assert_uint_le(octets, size);
	ck_assert_int_eq(
	    store_paged_next(h.qmgr.store, STORE_PAGED_MEMORY, 0, &now), 0);
	ck_assert_uint_gt(now, first);
	memory_tick(&h.qmgr);
	ck_assert(harness_log_has(&h, " 20390 "));
	buffer_fini(&notes);
	teardown();
}
END_TEST

TEST_MAIN("qmgr/memory", TEST(noted), TEST(asked), TEST(bounded))
