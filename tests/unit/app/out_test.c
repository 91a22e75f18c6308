/* SPDX-License-Identifier: ISC */
/*
 * out_test.c - objects that are given to a program: every state that a worker
 * can find, against the file system, with the test as qmgr
 */
#include "app/out.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/entry.h"
#include "base/clock.h"
#include "json/object_content.h"
#include "tests/unit/test.h"

#define ID   7
#define JSON "7.json"
#define LETTER                                                             \
	"{\"kind\":\"message\",\"originator\":\"C=DE;A=V;S=A\","           \
	"\"recipients\":"                                                  \
	"[{\"address\":\"C=DE;A=V;S=B\"},{\"address\":\"C=DE;A=V;S=C\"}]," \
	"\"ipm\":{\"subject\":\"Test\"},"                                  \
	"\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}"
#define DELIVERED "{\"all\":{\"result\":\"delivered\"}}"

static struct out out;
static struct ipc_channel qmgr;
static struct conf *conf;
static struct buffer body;
static size_t envelope_length;
static char place[64];
static uint64_t jobs;

/* compose_body - make envelope and content of a message for two recipients, of
 * whom the first is ours */
static void
compose_body(void)
{
	struct object_defaults defaults = {.id = "test"};
	struct object_fault fault = {0};
	struct object_content *content;
	struct object object;
	struct arena arena;
	uint8_t *room;
	int64_t n;

	arena_init(&arena, OBJECT_ARENA_MAX);
	buffer_init(&body, 1024 * 1024);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=DE;A=V"),
			     &arena, &defaults.domain, NULL),
	    0);
	ck_assert_msg(object_read(slice_of_string(LETTER), &defaults, &arena,
			  &object, &fault) == 0,
	    "%s", fault.text);
	ck_assert_int_eq(
	    object_content_begin(&object, &arena, NULL, &content, &fault), 0);
	object.envelope.recipients[0].indicators |= P1_RESPONSIBILITY;
	object.envelope.recipients[1].indicators &= ~P1_RESPONSIBILITY;
	ck_assert_int_eq(
	    p1_encode(&object.envelope, EXTENSION_IMPLICIT, &body), 0);
	envelope_length = buffer_length(&body);
	do {
		ck_assert_int_eq(buffer_reserve(&body, 4096, &room), 0);
		n = object_content_read(content, room, 4096, &fault);
		ck_assert_int_ge(n, 0);
		buffer_commit(&body, (size_t)n);
	} while (n > 0);
	object_content_end(content);
	arena_fini(&arena);
}

/* begin - make a directory, and a worker of an application with these settings
 */
static void
begin(const char *settings)
{
	char text[512];
	int pair[2];

	(void)strlcpy(place, "/tmp/fourpost-out-XXXXXX", sizeof(place));
	ck_assert_ptr_nonnull(mkdtemp(place));
	(void)snprintf(text, sizeof(text),
	    "mta { name = A domain = \"C=DE;A=V\" }\n"
	    "application edi { path = \"%s\" %s }",
	    place, settings);
	ck_assert_int_eq(conf_parse_text(slice_of_string(text), "t",
			     CONF_HANDED, &conf, NULL),
	    0);
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	memset(&out, 0, sizeof(out));
	out_init(&out);
	worker_init(&out.app.worker, "app-out/edi");
	out.app.application = &conf->applications[0];
	ck_assert_int_eq(ipc_channel_init(&out.app.qmgr, pair[0]), 0);
	ck_assert_int_eq(ipc_channel_init(&qmgr, pair[1]), 0);
	ck_assert_int_eq(
	    directory_open(&out.app.directory, place, false, NULL), 0);
	compose_body();
	jobs = 0;
}

/* end - remove all of it */
static void
end(void)
{
	char command[128];

	out_fini(&out);
	ipc_channel_fini(&out.app.qmgr);
	ipc_channel_fini(&qmgr);
	conf_free(conf);
	buffer_fini(&body);
	(void)snprintf(command, sizeof(command), "rm -r %s", place);
	ck_assert_int_eq(system(command), 0);
}

/* tell - send a record as qmgr, and have it taken */
static void
tell(const struct ipc_record *record)
{
	ck_assert_int_eq(ipc_channel_send(&qmgr, record), 0);
	ck_assert_int_eq(ipc_channel_flush(&qmgr), 0);
	job_channel_pump(&out.hand.channel);
	ck_assert(!out.hand.channel.gone);
}

/* hear - take the next record as qmgr: true if there is one */
static bool
hear(struct ipc_record *record)
{
	(void)!ipc_channel_flush(&out.app.qmgr);
	(void)!ipc_channel_fill(&qmgr);
	return ipc_channel_take(&qmgr, record, NULL) == 1;
}

/* give_job - hand the message to the worker, which makes or finds its files */
static struct handed *
give_job(const char *note)
{
	struct slice octets = buffer_slice(&body);
	struct handed *object;

	tell(&(struct ipc_record){.type = IPC_JOB,
	    .job = {.job = ++jobs,
		.message = ID,
		.kind = MTS_MESSAGE,
		.priority = 1,
		.envelope_length = envelope_length,
		.content_length = octets.len - envelope_length,
		.body = octets,
		.mts_id = slice_of_string("[C=DE;A=V;x]"),
		.note = slice_of_string(note)}});
	object = handing_find(&out.hand, ID);
	ck_assert_ptr_nonnull(object);
	out_write(&out, object);
	return object;
}

/* commit_note - expect a note, and say that it is committed */
static void
commit_note(const char *expected)
{
	struct ipc_record record;

	ck_assert(hear(&record));
	ck_assert_int_eq(record.type, IPC_DELIVERY_NOTE);
	ck_assert(slice_equal_string(record.delivery_note.note, expected));
	tell(&record);
}

/* hear_outcome - expect an outcome for all recipients */
static void
hear_outcome(enum ipc_result result, bool confirm)
{
	struct ipc_record record;

	ck_assert(hear(&record));
	ck_assert_int_eq(record.type, IPC_OUTCOME);
	ck_assert_int_eq(record.outcome.result, result);
	ck_assert_int_eq(record.outcome.confirm, confirm);
	if (!confirm)
		return;
	/* As long as qmgr has not committed it the answer is kept. */
	ck_assert_ptr_nonnull(handing_find(&out.hand, ID));
	tell(&(struct ipc_record){.type = IPC_OUTCOME,
	    .outcome = {.job = record.outcome.job, .result = result}});
	ck_assert_ptr_null(handing_find(&out.hand, ID));
}

/* has - tell whether a file is there */
static bool
has(enum directory_place where, const char *name)
{
	return entry_exists(out.app.directory.fd[where], name);
}

/* put - write a file */
static void
put(enum directory_place where, const char *name, const char *text)
{
	ck_assert_int_eq(
	    new_file_put(&out.app.worker, out.app.directory.fd[where], name,
		0600, slice_of_string(text), NULL),
	    0);
}

/* move - rename a file of the object from one place to another */
static void
move(enum directory_place from, enum directory_place to)
{
	ck_assert_int_eq(renameat(out.app.directory.fd[from], JSON,
			     out.app.directory.fd[to], JSON),
	    0);
}

/* attempt_of - read which attempt the JSON in out/new says it is */
static json_int_t
attempt_of(void)
{
	char path[96];
	json_t *object;
	json_int_t attempt;

	(void)snprintf(path, sizeof(path), "%s/out/new/" JSON, place);
	object = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(object);
	attempt = json_integer_value(json_object_get(object, "attempt"));
	json_decref(object);
	return attempt;
}

/* nothing_left - tell whether no file of the object is in out */
static bool
nothing_left(void)
{
	return !has(DIRECTORY_OUT_NEW, JSON) &&
	    !has(DIRECTORY_OUT_NEW, "7.content") &&
	    !has(DIRECTORY_OUT_CUR, JSON) && !has(DIRECTORY_OUT_DONE, JSON) &&
	    !has(DIRECTORY_OUT_TMP, ".7.answer") &&
	    !has(DIRECTORY_OUT_TMP, ".7.json");
}

START_TEST(given_claimed_answered)
{
	struct handed *object;

	begin("");
	object = give_job("");
	/* Whole, and not given before qmgr has noted it. */
	ck_assert(has(DIRECTORY_OUT_TMP, ".7.json"));
	ck_assert(has(DIRECTORY_OUT_NEW, "7.content"));
	ck_assert(!has(DIRECTORY_OUT_NEW, JSON));
	commit_note("application 1 0");
	ck_assert_int_eq(object->state, HANDED_GIVEN);
	ck_assert_int_eq(attempt_of(), 1);
	out_scan(&out);
	ck_assert_int_eq(object->state, HANDED_GIVEN);
	move(DIRECTORY_OUT_NEW, DIRECTORY_OUT_CUR);
	out_scan(&out);
	ck_assert_int_eq(object->state, HANDED_CLAIMED);
	put(DIRECTORY_OUT_DONE, JSON, DELIVERED);
	out_scan(&out);
	ck_assert(!has(DIRECTORY_OUT_DONE, JSON));
	ck_assert(has(DIRECTORY_OUT_TMP, ".7.answer"));
	hear_outcome(IPC_DELIVERED, true);
	ck_assert(nothing_left());
	end();
}
END_TEST

/* qmgr hands out more while it has not committed what was answered. */
START_TEST(more_before_the_commit)
{
	struct ipc_record outcome;
	struct slice octets;

	begin("");
	octets = buffer_slice(&body);
	for (uint64_t id = 1; id <= HANDED_MAX; id++) {
		char json[32];

		tell(&(struct ipc_record){.type = IPC_JOB,
		    .job = {.job = ++jobs,
			.message = id,
			.kind = MTS_MESSAGE,
			.priority = 1,
			.envelope_length = envelope_length,
			.content_length = octets.len - envelope_length,
			.body = octets,
			.mts_id = slice_of_string("[C=DE;A=V;x]"),
			.note = slice_of_string("")}});
		out_write(&out, handing_find(&out.hand, id));
		commit_note("application 1 0");
		(void)snprintf(
		    json, sizeof(json), "%llu.json", (unsigned long long)id);
		ck_assert_int_eq(
		    renameat(out.app.directory.fd[DIRECTORY_OUT_NEW], json,
			out.app.directory.fd[DIRECTORY_OUT_CUR], json),
		    0);
		put(DIRECTORY_OUT_DONE, json, DELIVERED);
		out_scan(&out);
		ck_assert_int_eq(
		    handing_find(&out.hand, id)->state, HANDED_ANSWERED);
		ck_assert(hear(&outcome));
		ck_assert_int_eq(outcome.type, IPC_OUTCOME);
	}
	ck_assert_uint_eq(out.hand.channel.jobs.count, HANDED_MAX);
	end();
}
END_TEST

START_TEST(found_by_the_next_worker)
{
	/* Claimed, answered, and the answer taken. */
	static const enum directory_place places[] = {
	    DIRECTORY_OUT_CUR, DIRECTORY_OUT_DONE, DIRECTORY_OUT_TMP};
	struct handed *object;

	for (size_t i = 0; i < 3; i++) {
		begin("");
		put(places[i], i == 2 ? ".7.answer" : JSON, DELIVERED);
		object = give_job("application 2 1");
		ck_assert_uint_eq(object->attempt, 2);
		out_scan(&out);
		ck_assert(!has(DIRECTORY_OUT_NEW, JSON));
		if (i == 0) {
			ck_assert_int_eq(object->state, HANDED_CLAIMED);
			put(DIRECTORY_OUT_DONE, JSON, DELIVERED);
			out_scan(&out);
		}
		hear_outcome(IPC_DELIVERED, true);
		ck_assert(nothing_left());
		end();
	}
	/* Taken back by the worker before, or removed: given again. */
	begin("");
	give_job("application 2 1");
	commit_note("application 2 1");
	ck_assert_int_eq(attempt_of(), 2);
	end();
}
END_TEST

START_TEST(files_of_an_older_queue)
{
	/* A note of another worker is none of ours. */
	static const char *const notes[] = {
	    "", ".00000007.TMP", "application 0 0", "application 1 0 x"};

	for (size_t i = 0; i < 4; i++) {
		begin("");
		put(DIRECTORY_OUT_CUR, JSON, "{}");
		put(DIRECTORY_OUT_NEW, "7.1.part", "old");
		put(DIRECTORY_OUT_NEW, "70.content", "of another object");
		give_job(notes[i]);
		ck_assert(!has(DIRECTORY_OUT_CUR, JSON));
		ck_assert(!has(DIRECTORY_OUT_NEW, "7.1.part"));
		ck_assert(has(DIRECTORY_OUT_NEW, "70.content"));
		commit_note("application 1 0");
		ck_assert(has(DIRECTORY_OUT_NEW, JSON));
		end();
	}
}
END_TEST

START_TEST(not_answered_in_time)
{
	struct handed *object;
	char note[32];

	begin("answer-timeout = 1h");
	object = give_job("");
	commit_note("application 1 0");
	for (unsigned i = 1; i <= HANDED_TIMEOUTS_MAX; i++) {
		ck_assert_int_eq(attempt_of(), i);
		/* Time does not run before the claim. */
		out_scan(&out);
		ck_assert(has(DIRECTORY_OUT_NEW, JSON));
		move(DIRECTORY_OUT_NEW, DIRECTORY_OUT_CUR);
		out_scan(&out);
		ck_assert_int_eq(object->state, HANDED_CLAIMED);
		object->claimed = clock_monotonic() - 3600000;
		out_scan(&out);
		ck_assert(!has(DIRECTORY_OUT_CUR, JSON));
		if (i == HANDED_TIMEOUTS_MAX)
			break;
		(void)snprintf(
		    note, sizeof(note), "application %u %u", i + 1, i);
		commit_note(note);
	}
	hear_outcome(IPC_HELD, true);
	ck_assert(nothing_left());
	end();
}
END_TEST

START_TEST(a_late_answer_counts)
{
	struct handed *object;

	begin("answer-timeout = 1h");
	object = give_job("");
	commit_note("application 1 0");
	move(DIRECTORY_OUT_NEW, DIRECTORY_OUT_CUR);
	out_scan(&out);
	object->claimed = clock_monotonic() - 3600000;
	out_scan(&out);
	commit_note("application 2 1");
	ck_assert(has(DIRECTORY_OUT_NEW, JSON));
	put(DIRECTORY_OUT_DONE, JSON, DELIVERED);
	out_scan(&out);
	/* The program cannot claim it meanwhile. */
	ck_assert(!has(DIRECTORY_OUT_NEW, JSON));
	hear_outcome(IPC_DELIVERED, true);
	end();
}
END_TEST

START_TEST(a_wrong_answer)
{
	struct handed *object;
	struct ipc_record record;

	begin("");
	object = give_job("");
	commit_note("application 1 0");
	move(DIRECTORY_OUT_NEW, DIRECTORY_OUT_CUR);
	put(DIRECTORY_OUT_DONE, JSON,
	    "{\"recipients\":[{\"n\":2,\"result\":\"delivered\"}]}");
	out_scan(&out);
	ck_assert(!hear(&record));
	ck_assert(has(DIRECTORY_OUT_ERROR, JSON));
	ck_assert(has(DIRECTORY_OUT_ERROR, "7.error.json"));
	out_scan(&out);
	ck_assert_int_eq(object->state, HANDED_CLAIMED);
	end();
}
END_TEST

START_TEST(delivered_when_written)
{
	begin("delivered-when = written");
	give_job("");
	commit_note("application 1 0");
	hear_outcome(IPC_DELIVERED, false);
	ck_assert_ptr_null(handing_find(&out.hand, ID));
	ck_assert(has(DIRECTORY_OUT_NEW, JSON));
	/* The worker had ended before it could say so, and the program has
	 * taken the files. */
	out_remove(&out, ID);
	give_job("application 1 0");
	hear_outcome(IPC_DELIVERED, false);
	ck_assert(!has(DIRECTORY_OUT_NEW, JSON));
	end();
}
END_TEST

START_TEST(cancelled)
{
	struct handed *object;

	for (int claimed = 0; claimed < 2; claimed++) {
		begin("");
		object = give_job("");
		commit_note("application 1 0");
		if (claimed)
			move(DIRECTORY_OUT_NEW, DIRECTORY_OUT_CUR);
		out_scan(&out);
		tell(&(struct ipc_record){
		    .type = IPC_CANCEL, .cancel = {.job = jobs}});
		ck_assert(object->given.cancelled);
		out_scan(&out);
		hear_outcome(IPC_UNSTARTED, false);
		ck_assert(!has(DIRECTORY_OUT_NEW, JSON));
		ck_assert_int_eq(has(DIRECTORY_OUT_CUR, JSON), claimed);
		end();
	}
}
END_TEST

START_TEST(strays_and_leftovers)
{
	const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	begin("");
	put(DIRECTORY_OUT_DONE, JSON, DELIVERED);
	put(DIRECTORY_OUT_NEW, "8.json", "{}");
	put(DIRECTORY_OUT_NEW, "8.content", "{}");
	put(DIRECTORY_OUT_TMP, ".9.answer", "{}");
	put(DIRECTORY_OUT_NEW, "9.content", "{}");
	put(DIRECTORY_OUT_TMP, ".10.json", "{}");
	put(DIRECTORY_OUT_TMP, ".11.json", "{}");
	/* Jobs of these may still come. */
	out.hand.last_job = clock_monotonic();
	out_stray(&out);
	ck_assert(has(DIRECTORY_OUT_DONE, JSON));
	ck_assert(has(DIRECTORY_OUT_NEW, "8.json"));
	out.hand.last_job -= OUT_SETTLED;
	out_stray(&out);
	ck_assert(!has(DIRECTORY_OUT_DONE, JSON));
	ck_assert(has(DIRECTORY_OUT_ERROR, "7.error.json"));
	ck_assert(!has(DIRECTORY_OUT_NEW, "8.json"));
	ck_assert(!has(DIRECTORY_OUT_NEW, "8.content"));
	ck_assert(!has(DIRECTORY_OUT_TMP, ".9.answer"));
	ck_assert(!has(DIRECTORY_OUT_NEW, "9.content"));
	/* Only what is old goes by its age. */
	ck_assert_int_eq(utimensat(out.app.directory.fd[DIRECTORY_OUT_TMP],
			     ".10.json", old, 0),
	    0);
	out_sweep(&out);
	ck_assert(!has(DIRECTORY_OUT_TMP, ".10.json"));
	ck_assert(has(DIRECTORY_OUT_TMP, ".11.json"));
	end();
}
END_TEST

TEST_MAIN("app/out", TEST(given_claimed_answered); TEST(more_before_the_commit);
	  TEST(found_by_the_next_worker); TEST(files_of_an_older_queue);
	  TEST(not_answered_in_time); TEST(a_late_answer_counts);
	  TEST(a_wrong_answer); TEST(delivered_when_written); TEST(cancelled);
	  TEST(strays_and_leftovers))
