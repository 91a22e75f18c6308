/* SPDX-License-Identifier: ISC */
/*
 * socket_kill_test.c - a program at the socket of an application, and processes
 * that end between any two steps
 *
 * The program remembers what it has done by queue id and by key, as the page
 * says it must: then each message is done once, and submitted once.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/caller.h"
#include "tests/unit/test.h"

#define MANY 24
#define IDS  256

static struct suite tested;
static struct caller caller;
static bool open_now;
static unsigned done_times[IDS]; /* of each queue id: answers that were ok */
static bool worked[IDS];	 /* the program has done its work */

/* connected - connect, unless we are: false if that is not possible yet */
static bool
connected(void *arg)
{
	(void)arg;
	if (!open_now)
		open_now = caller_try(&caller, caller_path(&tested, "edi"));
	return open_now;
}

/* ask - send a request and read its answer, to be freed; NULL: the connection
 * has ended before that */
static json_t *
ask(const char *request)
{
	json_t *answer = NULL;

	suite_wait("a connection", 30, connected, NULL);
	if (caller_send(&caller, request, strlen(request)))
		answer = caller_hear(&caller);
	if (answer == NULL) {
		caller_close(&caller);
		open_now = false;
	}
	return answer;
}

/* is_ok - tell whether an answer says that all is well */
static bool
is_ok(const json_t *answer)
{
	return json_is_true(json_object_get(answer, "ok"));
}

/* error_of - get the error of an answer, or "" */
static const char *
error_of(const json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	return error == NULL ? "" : error;
}

/* submit - submit a message under a key until that is answered: its id, and
 * whether it was submitted before */
static int64_t
submit(unsigned number, bool *duplicate)
{
	char request[512];
	int64_t id;

	(void)snprintf(request, sizeof(request),
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":\"" CALLER_EDI ";S=M\",\"key\":\"k%u\","
	    "\"recipients\":[{\"address\":\"" CALLER_EDI ";S=B\"}],"
	    "\"ipm\":{\"subject\":\"%u\"},"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}}\n",
	    number, number);
	for (;;) {
		json_t *answer = ask(request);

		if (answer == NULL)
			continue;
		ck_assert_msg(is_ok(answer) ||
			strcmp(error_of(answer), "unavailable") == 0,
		    "%s", json_dumps(answer, 0));
		id = json_integer_value(json_object_get(answer, "id"));
		*duplicate = json_is_true(json_object_get(answer, "duplicate"));
		json_decref(answer);
		if (id != 0)
			return id;
	}
}

/* next - claim the next object: its id, 0 if there is none or the connection
 * has ended */
static int64_t
next(void)
{
	json_t *answer = ask("{\"op\":\"next\",\"octets\":\"parts\"}\n");
	int64_t id = json_integer_value(
	    json_object_get(json_object_get(answer, "object"), "id"));

	ck_assert_int_lt(id, IDS);
	json_decref(answer);
	return id;
}

/* answer_for - answer for an object, once: whose answer is lost is given again,
 * or is not ours any more */
static void
answer_for(int64_t id)
{
	char request[128];
	json_t *answer;

	worked[id] = true;
	(void)snprintf(request, sizeof(request),
	    "{\"op\":\"done\",\"id\":%lld,\"all\":{\"result\":\"delivered\"}}"
	    "\n",
	    (long long)id);
	answer = ask(request);
	if (is_ok(answer))
		done_times[id]++;
	else if (answer != NULL)
		ck_assert_str_eq(error_of(answer), "not-yours");
	json_decref(answer);
}

/* kill_one - kill one worker of this name, if it is there */
static void
kill_one(const char *name)
{
	pid_t pid = strcmp(name, "qmgr") == 0 ? suite_pid(&tested, name)
					      : suite_pid(&tested, "app/edi#1");

	if (pid > 0)
		(void)kill(pid, SIGKILL);
}

/* step - do one step of the program, with a kill before or behind it: whether
 * all is done */
static bool
step(void *arg)
{
	static const char *const victims[] = {"app", "qmgr", "", ""};
	unsigned *steps = arg;
	const char *victim = victims[*steps % 4];
	bool before = *steps / 4 % 2 == 0;
	int64_t id = next();

	if (id == 0)
		return suite_queued(&tested) == 0;
	if (before && *victim != '\0')
		kill_one(victim);
	answer_for(id);
	if (!before && *victim != '\0')
		kill_one(victim);
	(*steps)++;
	return false;
}

/* Workers and qmgr are killed before and behind each answer: each message is
 * submitted once, and answered once. */
START_TEST(killed_between_steps)
{
	unsigned steps = 0;
	bool duplicate;
	int64_t id;

	caller_begin(&tested, "killed-between-steps", "");
	for (unsigned i = 0; i < MANY; i++) {
		if (i % 6 == 2)
			kill_one("app");
		if (i % 6 == 5)
			kill_one("qmgr");
		id = submit(i, &duplicate);
		/* Again, as a program does that has lost the answer. */
		if (i % 2 == 0) {
			ck_assert_int_eq(submit(i, &duplicate), id);
			ck_assert(duplicate);
		}
	}
	suite_wait("every object to be answered", 90, step, &steps);
	for (unsigned i = 0, answered = 0; i < IDS; i++) {
		ck_assert_uint_le(done_times[i], 1);
		answered += worked[i];
		if (i == IDS - 1)
			ck_assert_uint_eq(answered, MANY);
	}
	if (open_now)
		caller_close(&caller);
	caller_end(&tested);
}
END_TEST

/* A worker ends behind the commit and before its answer: the answer for an
 * object is not needed any more, and a submission is known by its key. */
START_TEST(between_commit_and_answer)
{
	int64_t id;

	ck_assert_int_eq(setenv("FOURPOST_FAULT", "app-answer:1:crash", 1), 0);
	caller_begin(&tested, "between-commit-and-answer", "");
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	/* Each worker ends with its first answer: so the program never has one
	 * for what it does first on a connection, but for what is written. */
	suite_wait("a connection", 30, connected, NULL);
	caller_say(&caller,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":\"" CALLER_EDI ";S=M\",\"key\":\"k%u\","
	    "\"recipients\":[{\"address\":\"" CALLER_EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}}",
	    0);
	ck_assert_ptr_null(caller_hear(&caller));
	caller_close(&caller);
	open_now = false;
	ck_assert_int_eq(suite_queued(&tested), 1);
	id = next();
	ck_assert_int_ne(id, 0);
	answer_for(id);
	ck_assert(!open_now);
	ck_assert_uint_eq(done_times[id], 0);
	suite_wait_empty(&tested, 30);
	caller_end(&tested);
}
END_TEST

TEST_MAIN("socket_kill", TEST(killed_between_steps);
	  TEST(between_commit_and_answer))
