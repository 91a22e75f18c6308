/* SPDX-License-Identifier: ISC */
/*
 * app_test.c - figures: how fast programs submit and take messages
 *
 * One suite: an application with a socket, one with a directory, a postoffice.
 * Messages of 2 KB go from each to itself, first in, then out, and for the
 * socket both ways at once; what is counted are answers at the program, or
 * files gone and come.  Nothing is asserted but that every message arrived.
 */
#include <sys/wait.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/system/caller.h"
#include "tests/system/letter.h"
#include "tests/system/postoffice.h"
#include "tests/system/program.h"
#include "tests/unit/test.h"

#define DOMAIN	    "C=XX;A=TEST;P=BENCH"
#define OCTETS	    2048
#define CONNECTIONS 4
#define WINDOW	    48 /* requests of a connection that are sent ahead */

static struct suite tested;
static struct program directory;
static char postoffice[SUITE_PATH + 16];

/* begin - start the suite */
static void
begin(void)
{
	static const char line[] = DOMAIN ";O=PO1;S=Roe = TEST/PO1/ROE\n";
	char sections[2048], map[SUITE_PATH + 16], path[SUITE_PATH + 16];

	suite_begin("bench-app");
	(void)snprintf(map, sizeof(map), "%s/po1.map", suite_directory());
	suite_write(map, line, strlen(line));
	(void)snprintf(
	    postoffice, sizeof(postoffice), "%s/po1", suite_directory());
	postoffice_make(postoffice);
	(void)snprintf(path, sizeof(path), "%s/dir", suite_directory());
	program_make(&directory, path);
	(void)snprintf(sections, sizeof(sections),
	    "application \"sock\" {\n  socket = \"sock\"\n"
	    "  address-space = {\"" DOMAIN ";O=SOCK\"}\n}\n"
	    "application \"dir\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=DIR\"}\n}\n"
	    "msmail \"po1\" {\n  postoffice = \"%s\" network = \"TEST\"\n"
	    "  name = \"PO1\" address-space = {\"" DOMAIN ";O=PO1\"}\n"
	    "  directory = \"%s\"\n}\n",
	    path, postoffice, map);
	suite_configure(&tested, "a", DOMAIN, "", sections);
	suite_start(&tested);
	program_await(&directory, "in/new");
}

/* put_submission - send a submission of this size to the socket */
static void
put_submission(const struct caller *caller)
{
	static char content[OCTETS];

	memset(content, 'x', sizeof(content));
	caller_say(caller,
	    "{\"op\":\"submit\",\"object\":{\"kind\":\"message\","
	    "\"originator\":\"" DOMAIN ";O=SOCK;S=A\",\"recipients\":"
	    "[{\"address\":\"" DOMAIN ";O=SOCK;S=B\"}],"
	    "\"content_type\":\"unidentified\",\"content\":{\"octets\":%d}}}",
	    OCTETS);
	ck_assert(caller_send(caller, content, sizeof(content)));
}

/* submit_many - submit so many by one connection, some of them ahead */
static void
submit_many(unsigned count)
{
	struct caller caller;
	unsigned sent = 0;

	caller_open(&caller, &tested, "sock");
	for (unsigned answered = 0; answered < count; answered++) {
		json_t *answer;

		while (sent < count && sent - answered < WINDOW) {
			put_submission(&caller);
			sent++;
		}
		answer = caller_hear(&caller);
		ck_assert(json_is_true(json_object_get(answer, "ok")));
		json_decref(answer);
	}
	caller_close(&caller);
}

/* take_many - take so many by one connection and answer for each, requests for
 * the next ones are sent ahead */
static void
take_many(unsigned count)
{
	struct caller caller;
	unsigned asked = 0, taken = 0, done = 0;
	static char content[OCTETS];

	caller_open(&caller, &tested, "sock");
	while (done < count) {
		json_t *answer;
		const json_t *object;

		while (asked < count && asked - done < 16) {
			caller_say(
			    &caller, "{\"op\":\"next\",\"wait\":%d}", 60);
			asked++;
		}
		answer = caller_hear(&caller);
		ck_assert(json_is_true(json_object_get(answer, "ok")));
		object = json_object_get(answer, "object");
		if (object == NULL)
			done++;
		else {
			ck_assert(json_is_object(object));
			caller_octets(&caller, content, sizeof(content));
			caller_say(&caller,
			    "{\"op\":\"done\",\"id\":%lld,"
			    "\"all\":{\"result\":\"delivered\"}}",
			    (long long)json_integer_value(
				json_object_get(object, "id")));
			taken++;
		}
		json_decref(answer);
	}
	ck_assert_uint_eq(taken, count);
	caller_close(&caller);
}

/* fork_many - run a function in so many processes */
static void
fork_many(void (*run)(unsigned), unsigned processes, unsigned count)
{
	for (unsigned i = 0; i < processes; i++) {
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		if (pid == 0) {
			run(count / processes);
			_exit(0);
		}
	}
}

/* await_many - wait for so many processes */
static void
await_many(unsigned processes)
{
	for (unsigned i = 0; i < processes; i++) {
		int status;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

/* ticks_of - read the CPU that a process has used, and its ended children */
static double
ticks_of(pid_t pid)
{
	unsigned long user = 0, system = 0, ended_user = 0, ended_system = 0;
	char path[64], *text, *end;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = suite_read_proc(path);
	end = text == NULL ? NULL : strrchr(text, ')');
	if (end != NULL)
		(void)sscanf(end,
		    ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
		    "%lu %lu %lu %lu",
		    &user, &system, &ended_user, &ended_system);
	free(text);
	return (double)(user + system + ended_user + ended_system);
}

/* cpu_used - add up the CPU of the suite: master with the workers that ended,
 * and those that stay */
static double
cpu_used(void)
{
	static const char *const staying[] = {
	    "qmgr", "app-in/dir", "app-out/dir", "msmi-in/po1", "msmi-out/po1"};
	double ticks = 0;
	char *pid = suite_read(suite_path(&tested, "run/master.pid"), NULL);

	ck_assert_ptr_nonnull(pid);
	ticks += ticks_of(atoi(pid));
	free(pid);
	for (size_t i = 0; i < sizeof(staying) / sizeof(staying[0]); i++) {
		pid_t one = suite_pid(&tested, staying[i]);

		if (one > 0)
			ticks += ticks_of(one);
	}
	return ticks / (double)sysconf(_SC_CLK_TCK);
}

static double started, cpu_started;

/* start_figure - begin to measure */
static void
start_figure(void)
{
	cpu_started = cpu_used();
	started = suite_now();
}

/* show - print a figure */
static void
show(const char *what, unsigned count)
{
	double seconds = suite_now() - started;

	/* A worker's CPU is master's when its end was seen. */
	(void)usleep(50000);
	printf("application: %-28s %6.0f messages a second, %4.0f us of CPU "
	       "each\n",
	    what, count / seconds, (cpu_used() - cpu_started) * 1e6 / count);
	fflush(stdout);
}

/* measure_socket - measure the socket: in, out, and both at once */
static void
measure_socket(unsigned processes, unsigned count)
{
	char what[64];
	start_figure();
	fork_many(submit_many, processes, count);
	await_many(processes);
	(void)snprintf(what, sizeof(what), "socket in, %u connection%s",
	    processes, processes == 1 ? "" : "s");
	show(what, count);
	start_figure();
	fork_many(take_many, processes, count);
	await_many(processes);
	(void)snprintf(what, sizeof(what), "socket out, %u connection%s",
	    processes, processes == 1 ? "" : "s");
	show(what, count);
	ck_assert_int_eq(suite_queued(&tested), 0);
}

/* measure_both - measure the socket both ways at once */
static void
measure_both(unsigned count)
{
	start_figure();
	fork_many(take_many, CONNECTIONS / 2, count);
	fork_many(submit_many, CONNECTIONS / 2, count);
	await_many(CONNECTIONS);
	show("socket in and out at once", count);
}

/* by_value - compare two figures */
static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* measure_latency - measure how long one message takes, alone */
static void
measure_latency(void)
{
	static double in[200], through[200];
	struct caller caller, taker;

	caller_open(&caller, &tested, "sock");
	caller_open(&taker, &tested, "sock");
	for (int i = 0; i < 200; i++) {
		static char content[OCTETS];
		double start = suite_now();
		json_t *answer;
		long long id;

		caller_say(&taker, "{\"op\":\"next\",\"wait\":%d}", 60);
		put_submission(&caller);
		json_decref(caller_hear(&caller));
		in[i] = suite_now() - start;
		answer = caller_hear(&taker);
		caller_octets(&taker, content, sizeof(content));
		through[i] = suite_now() - start;
		id = (long long)json_integer_value(
		    json_object_get(json_object_get(answer, "object"), "id"));
		json_decref(answer);
		json_decref(caller_ask(&taker,
		    "{\"op\":\"done\",\"id\":%lld,"
		    "\"all\":{\"result\":\"delivered\"}}",
		    id));
	}
	qsort(in, 200, sizeof(*in), by_value);
	qsort(through, 200, sizeof(*through), by_value);
	printf(
	    "application: latency, median: taken after %.1f ms, at the other "
	    "program after %.1f ms\n",
	    in[100] * 1000, through[100] * 1000);
	caller_close(&caller);
	caller_close(&taker);
}

/* count_done - tell whether so many answers are in in/done */
static bool
count_done(void *arg)
{
	return suite_count_files(program_path(&directory, "in/done")) >=
	    *(size_t *)arg;
}

/* take_directory - claim and answer one object of each name in out/new */
static void
take_directory(void)
{
	DIR *dir = opendir(program_path(&directory, "out/new"));
	const struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		unsigned long long id;
		char end;

		if (sscanf(entry->d_name, "%llu.json%c", &id, &end) == 1 &&
		    rename(program_path(&directory, "out/new/%llu.json", id),
			program_path(&directory, "out/cur/%llu.json", id)) == 0)
			program_answer(&directory, id,
			    "{\"all\":{\"result\":\"delivered\"}}");
	}
	(void)closedir(dir);
}

/* drained - take what there is: whether the queue is empty */
static bool
drained(void *arg)
{
	(void)arg;
	for (int i = 0; i < 200; i++) {
		take_directory();
		(void)usleep(1000);
	}
	return suite_queued(&tested) == 0;
}

/* measure_directory - measure the directory: in, then out */
static void
measure_directory(size_t count)
{
	static char text[OCTETS], object[2 * OCTETS];

	memset(text, 'x', sizeof(text) - 1);
	(void)snprintf(object, sizeof(object),
	    "{\"kind\":\"message\",\"originator\":\"" DOMAIN ";O=DIR;S=A\","
	    "\"recipients\":[{\"address\":\"" DOMAIN ";O=DIR;S=B\"}],"
	    "\"ipm\":{},\"parts\":[{\"type\":\"text\",\"text\":\"%s\"}]}",
	    text);
	start_figure();
	for (size_t i = 0; i < count; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "m%zu", i);
		program_submit(&directory, name, object);
	}
	suite_wait("the answers", 120, count_done, &count);
	show("directory in", (unsigned)count);
	start_figure();
	suite_wait("the objects", 120, drained, NULL);
	show("directory out", (unsigned)count);
}

/* count_out - tell whether so many files are in the postoffice */
static bool
count_out(void *arg)
{
	char out[SUITE_PATH + 32];

	(void)snprintf(out, sizeof(out), "%s/OUT", postoffice);
	return suite_count_files(out) >= *(size_t *)arg;
}

/* measure_postoffice - measure a postoffice, from its P1 to its OUT */
static void
measure_postoffice(size_t count)
{
	static char text[OCTETS];

	memset(text, 'x', sizeof(text) - 1);
	start_figure();
	for (size_t i = 0; i < count; i++) {
		char path[SUITE_PATH + 64];

		(void)snprintf(path, sizeof(path), "%s/P1/L%zu", postoffice, i);
		letter_write(path, "TEST/PO1/ROE", "TEST/PO1/ROE", '3', "Test",
		    text, NULL, 0);
	}
	suite_wait("the files", 120, count_out, &count);
	show("postoffice in and out", (unsigned)count);
}

START_TEST(figures)
{
	unsigned scale = suite_long() ? 5 : 1;

	begin();
	measure_socket(1, 6000 * scale);
	measure_socket(CONNECTIONS, 12000 * scale);
	measure_both(6000 * scale);
	measure_latency();
	measure_directory(500 * scale);
	measure_postoffice(500 * scale);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("app", TEST(figures))
