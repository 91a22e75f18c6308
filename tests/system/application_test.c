/* SPDX-License-Identifier: ISC */
/*
 * application_test.c - a program at the directory of an application
 *
 * Each result of each recipient, a message with a file, keys, and processes
 * that are killed between the steps: every object has one fate all the same.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/application.h"
#include "tests/unit/test.h"

#define KILLED 12 /* objects of the test that kills */

/* Every recipient has a fate of its own, and reports say so. */
START_TEST(each_result)
{
	json_t *object;
	uint64_t id, again;
	unsigned reports = 0, rounds = 0;

	application_begin("each-result", "");
	program_submit(&edi, "m1",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=Me\","
	    "\"recipients\":["
	    "{\"address\":\"" EDI ";S=B\",\"report_request\":\"report\"},"
	    "{\"address\":\"" EDI ";S=C\",\"report_request\":\"report\"},"
	    "{\"address\":\"" EDI ";S=D\",\"report_request\":\"report\"}],"
	    "\"ipm\":{\"subject\":\"Test\"},"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}");
	program_await(&edi, "in/done/m1.json");
	ck_assert(!program_has(&edi, "in/new/m1.json"));
	id = application_claim(&object);
	ck_assert_str_eq(application_text(object, "kind"), "message");
	ck_assert_uint_eq(
	    json_array_size(json_object_get(object, "recipients")), 3);
	json_decref(object);
	program_answer(&edi, id,
	    "{\"recipients\":[{\"n\":3,\"result\":\"transient\",\"text\":"
	    "\"busy\"},{\"n\":1,\"result\":\"delivered\"},{\"n\":2,"
	    "\"result\":\"failed\",\"reason\":1,\"diagnostic\":0}]}");
	application_await_gone(id);
	/* The rest comes again under the same id, when asked for. */
	for (; reports < 1 || rounds < 1;) {
		char all[32];

		(void)snprintf(
		    all, sizeof(all), "%llu", (unsigned long long)id);
		(void)suite_tool(
		    &application_suite, NULL, "x4queue", "retry", all, NULL);
		again = application_claim(&object);
		if (again == id) {
			const json_t *who =
			    json_object_get(object, "recipients");

			ck_assert(json_is_true(json_object_get(
			    json_array_get(who, 2), "responsible")));
			ck_assert(!json_is_true(json_object_get(
			    json_array_get(who, 0), "responsible")));
			program_answer(&edi, again,
			    "{\"recipients\":[{\"n\":3,\"result\":"
			    "\"delivered\"}]}");
			rounds++;
		} else {
			ck_assert_str_eq(
			    application_text(object, "kind"), "report");
			ck_assert_str_eq(
			    application_text(json_object_get(object, "report"),
				"submission"),
			    "m1");
			program_answer(&edi, again, DELIVERED);
			reports++;
		}
		json_decref(object);
		application_await_gone(again);
	}
	/* The reports that are left. */
	while (suite_queued(&application_suite) > 0) {
		if ((again = program_next(&edi)) == 0)
			continue;
		json_decref(program_claim(&edi, again));
		program_answer(&edi, again, DELIVERED);
		application_await_gone(again);
		reports++;
	}
	ck_assert_uint_ge(reports, 2);
	application_end();
}
END_TEST

/* A message with a file goes from the program to a postoffice. */
START_TEST(to_a_postoffice)
{
	static const char object[] =
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=Me\","
	    "\"recipients\":[{\"address\":\"" DOMAIN ";O=PO1;S=Roe\"}],"
	    "\"ipm\":{\"subject\":\"With a file\"},"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"See the file\"},"
	    "{\"type\":\"file\",\"name\":\"a.dat\",\"file\":\"x.1.part\"}]}";
	char *found;

	application_begin("to-a-postoffice", "");
	suite_write(program_path(&edi, "in/new/x.1.part"), "octets of it", 12);
	suite_give(program_path(&edi, "in/new/x.1.part"));
	program_submit(&edi, "x", object);
	program_await(&edi, "in/done/x.json");
	application_await_files(1);
	ck_assert_int_eq(suite_shell(&found,
			     "grep -a -l 'See the file' %s/*.P1 && "
			     "grep -a -l 'octets of it' %s/*.P1",
			     application_out(), application_out()),
	    0);
	free(found);
	ck_assert(!program_has(&edi, "in/new/x.1.part"));
	application_end();
}
END_TEST

/* await_done - wait for the answer to an object, which is duplicate or not, and
 * take it away */
static void
await_done(const char *name, bool duplicate)
{
	char file[64];
	json_t *answer;

	(void)snprintf(file, sizeof(file), "in/done/%s.json", name);
	program_await(&edi, file);
	answer = program_json(&edi, file);
	ck_assert_ptr_nonnull(answer);
	ck_assert_int_eq(json_integer_value(json_object_get(answer, "id")), 1);
	ck_assert_int_eq(
	    json_is_true(json_object_get(answer, "duplicate")), duplicate);
	json_decref(answer);
	ck_assert_int_eq(unlink(program_path(&edi, "%s", file)), 0);
}

/* A worker whose answer is lost submits the object again, and so may the
 * program: the message is one, and the answer the first. */
START_TEST(under_its_key)
{

	ck_assert_int_eq(
	    setenv("FOURPOST_FAULT", "app-in-answer:1:fail", 1), 0);
	application_begin("under-its-key", "");
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	program_submit(&edi, "x", LETTER("one"));
	await_done("x", true);
	application_await_files(1);
	suite_wait_empty(&application_suite, 20);
	program_submit(&edi, "x", LETTER("one"));
	await_done("x", true);
	program_submit(&edi, "x", LETTER("two"));
	application_refused("x", "key-reused", "/key");
	ck_assert_uint_eq(suite_count_files(application_out()), 1);
	application_end();
}
END_TEST

/* A worker that ends when the object is gone leaves the answer to the next. */
START_TEST(answered_by_the_next_worker)
{
	ck_assert_int_eq(
	    setenv("FOURPOST_FAULT", "app-in-removed:1:crash", 1), 0);
	application_begin("answered-by-the-next", "");
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	program_submit(&edi, "x", LETTER("one"));
	await_done("x", false);
	application_end();
}
END_TEST

/* kill_worker - kill a process of the suite, if it is there */
static void
kill_worker(const char *name)
{
	pid_t pid = suite_pid(&application_suite, name);

	if (pid > 0)
		(void)kill(pid, SIGKILL);
}

/* serve - do one step of the program: answer what is claimed, or claim */
static bool
serve(void *arg)
{
	size_t *answered = arg;
	uint64_t id = program_next(&edi);
	json_t *object = id == 0 ? NULL : program_claim(&edi, id);
	static const char *const victims[] = {
	    "app-out/edi", "qmgr", "app-in/edi"};

	if (object != NULL) {
		json_decref(object);
		if (*answered % 2 == 0)
			kill_worker(victims[*answered / 2 % 3]);
		program_answer(&edi, id, DELIVERED);
		if (*answered % 2 == 1)
			kill_worker(victims[*answered / 2 % 3]);
		(*answered)++;
	}
	return *answered >= KILLED && suite_queued(&application_suite) == 0;
}

/* Processes are killed before and after each answer: every object is given
 * once, and answered once. */
START_TEST(killed_between_steps)
{
	size_t answered = 0;

	application_begin("killed-between-steps", "");
	for (int i = 0; i < KILLED; i++) {
		char name[16], text[512];

		(void)snprintf(name, sizeof(name), "k%d", i);
		(void)snprintf(text, sizeof(text),
		    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
		    "\"recipients\":[{\"address\":\"" EDI ";S=N%d\"}],"
		    "\"parts\":[{\"type\":\"text\",\"text\":\"%d\"}]}",
		    i, i);
		program_submit(&edi, name, text);
	}
	suite_wait("every object to be answered", 60, serve, &answered);
	ck_assert_uint_eq(answered, KILLED);
	for (int i = 0; i < KILLED; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "in/done/k%d.json", i);
		program_await(&edi, name);
	}
	for (size_t i = 0; i < PROGRAM_IDS; i++)
		ck_assert_uint_le(edi.claims[i], 1);
	ck_assert_uint_eq(
	    suite_count_files(program_path(&edi, "out/error")), 0);
	ck_assert_uint_eq(suite_count_files(program_path(&edi, "in/error")), 0);
	application_end();
}
END_TEST

TEST_MAIN("application", TEST(each_result); TEST(to_a_postoffice);
	  TEST(under_its_key); TEST(answered_by_the_next_worker);
	  TEST(killed_between_steps))
