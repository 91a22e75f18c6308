/* SPDX-License-Identifier: ISC */
/*
 * application_test.c - a program at the directory of an application
 *
 * The program is this test (program.h); the far end of what it submits is the
 * directory of a postoffice.  Processes are killed between the steps, and every
 * object must have one fate all the same.
 */
#include <sys/stat.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/postoffice.h"
#include "tests/system/program.h"
#include "tests/unit/test.h"

#define DOMAIN "C=XX;A=TEST;P=APP"
#define EDI    DOMAIN ";O=EDI"
#define KILLED 12 /* objects of the test that kills */

static struct suite tested;
static struct program edi;
static char out_of_postoffice[SUITE_PATH + 32];

/* begin - start a suite with an application and a postoffice */
static void
begin(const char *test, const char *more)
{
	char sections[2048], map[SUITE_PATH + 16], po[SUITE_PATH + 16];
	char directory[SUITE_PATH + 16];
	static const char line[] = DOMAIN ";O=PO1;S=Roe = TEST/PO1/ROE\n";

	suite_begin(test);
	(void)snprintf(map, sizeof(map), "%s/po1.map", suite_directory());
	suite_write(map, line, strlen(line));
	(void)snprintf(po, sizeof(po), "%s/po1", suite_directory());
	postoffice_make(po);
	(void)snprintf(
	    out_of_postoffice, sizeof(out_of_postoffice), "%s/OUT", po);
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" EDI "\"} %s\n}\n"
	    "msmail \"po1\" {\n  postoffice = \"%s\" network = \"TEST\"\n"
	    "  name = \"PO1\" address-space = {\"" DOMAIN ";O=PO1\"}\n"
	    "  directory = \"%s\"\n}\n",
	    edi.directory, more, po, map);
	suite_configure(&tested, "a", DOMAIN, "", sections);
	suite_start(&tested);
	program_await(&edi, "in/new");
}

/* end - stop the suite, of which nothing is left in the queue */
static void
end(void)
{
	suite_wait_empty(&tested, 20);
	suite_stop(&tested);
	suite_end();
}

/* claim - wait for the next object and claim it: its id, *object to be freed */
static uint64_t
claim(json_t **object)
{
	uint64_t id = program_await_next(&edi);

	*object = program_claim(&edi, id);
	ck_assert_ptr_nonnull(*object);
	return id;
}

/* text_of - get a member of an object that is a text */
static const char *
text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	ck_assert_msg(text != NULL, "no %s", member);
	return text;
}

/* gone - tell whether all files of an object are gone from out */
static bool
gone(void *arg)
{
	char *output;
	int found = suite_shell(&output,
	    "find %s/out -name '%s.*' -o -name '.%s.*' | grep -q .",
	    edi.directory, (const char *)arg, (const char *)arg);

	free(output);
	return found != 0;
}

/* await_gone - wait until all files of an object are gone from out */
static void
await_gone(uint64_t id)
{
	char name[24];

	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)id);
	suite_wait("the files of an object to go", 20, gone, name);
}

/* Every recipient has a fate of its own, and reports say so. */
START_TEST(each_result)
{
	json_t *object;
	uint64_t id, again;
	unsigned reports = 0, rounds = 0;

	begin("each-result", "");
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
	id = claim(&object);
	ck_assert_str_eq(text_of(object, "kind"), "message");
	ck_assert_uint_eq(
	    json_array_size(json_object_get(object, "recipients")), 3);
	json_decref(object);
	program_answer(&edi, id,
	    "{\"recipients\":[{\"n\":3,\"result\":\"transient\",\"text\":"
	    "\"busy\"},{\"n\":1,\"result\":\"delivered\"},{\"n\":2,"
	    "\"result\":\"failed\",\"reason\":1,\"diagnostic\":0}]}");
	await_gone(id);
	/* The rest comes again under the same id, when asked for. */
	for (; reports < 1 || rounds < 1;) {
		char all[32];

		(void)snprintf(
		    all, sizeof(all), "%llu", (unsigned long long)id);
		(void)suite_tool(&tested, NULL, "x4queue", "retry", all, NULL);
		again = claim(&object);
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
			ck_assert_str_eq(text_of(object, "kind"), "report");
			ck_assert_str_eq(
			    text_of(json_object_get(object, "report"),
				"submission"),
			    "m1");
			program_answer(&edi, again,
			    "{\"all\":{\"result\":\"delivered\"}}");
			reports++;
		}
		json_decref(object);
		await_gone(again);
	}
	/* The reports that are left. */
	while (suite_queued(&tested) > 0) {
		if ((again = program_next(&edi)) == 0)
			continue;
		json_decref(program_claim(&edi, again));
		program_answer(
		    &edi, again, "{\"all\":{\"result\":\"delivered\"}}");
		await_gone(again);
		reports++;
	}
	ck_assert_uint_ge(reports, 2);
	end();
}
END_TEST

/* in_postoffice - tell whether the postoffice has so many files */
static bool
in_postoffice(void *arg)
{
	return suite_count_files(out_of_postoffice) == *(size_t *)arg;
}

/* A message with a file goes from the program to a postoffice. */
START_TEST(to_a_postoffice)
{
	static const char object[] =
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=Me\","
	    "\"recipients\":[{\"address\":\"" DOMAIN ";O=PO1;S=Roe\"}],"
	    "\"ipm\":{\"subject\":\"With a file\"},"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"See the file\"},"
	    "{\"type\":\"file\",\"name\":\"a.dat\",\"file\":\"x.1.part\"}]}";
	size_t one = 1;
	char *found;

	begin("to-a-postoffice", "");
	suite_write(program_path(&edi, "in/new/x.1.part"), "octets of it", 12);
	suite_give(program_path(&edi, "in/new/x.1.part"));
	program_submit(&edi, "x", object);
	program_await(&edi, "in/done/x.json");
	suite_wait("the file in OUT", 20, in_postoffice, &one);
	ck_assert_int_eq(suite_shell(&found,
			     "grep -a -l 'See the file' %s/*.P1 && "
			     "grep -a -l 'octets of it' %s/*.P1",
			     out_of_postoffice, out_of_postoffice),
	    0);
	free(found);
	ck_assert(!program_has(&edi, "in/new/x.1.part"));
	end();
}
END_TEST

#define LETTER(text)                                                 \
	"{\"kind\":\"message\",\"originator\":\"" EDI ";S=Me\","     \
	"\"recipients\":[{\"address\":\"" DOMAIN ";O=PO1;S=Roe\"}]," \
	"\"parts\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"

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

#define NAME_64                           \
	"n123456789012345678901234567890" \
	"n12345678901234567890123456789012"

/* refused - wait until an object of ours is in in/error, and compare why */
static void
refused(const char *name, const char *error, const char *pointer)
{
	char file[128];
	json_t *reason;

	(void)snprintf(file, sizeof(file), "in/error/%s.error.json", name);
	program_await(&edi, file);
	reason = program_json(&edi, file);
	ck_assert_ptr_nonnull(reason);
	ck_assert_str_eq(text_of(reason, "error"), error);
	if (pointer != NULL)
		ck_assert_str_eq(text_of(reason, "pointer"), pointer);
	json_decref(reason);
}

/* Objects that cannot be taken are set aside with their reasons, once. */
START_TEST(bad_objects)
{
	begin("bad-objects", "");
	suite_write(program_path(&edi, "in/new/syntax.part"), "x", 1);
	program_submit(&edi, "syntax", "{\"kind\":");
	refused("syntax", "invalid", NULL);
	ck_assert(program_has(&edi, "in/error/syntax.part"));
	program_submit(&edi, "unknown",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
	    "\"recipients\":[],\"colour\":1}");
	refused("unknown", "invalid", NULL);
	/* A file of another object, one that is not there, a link, a FIFO. */
	program_submit(&edi, "other",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"file\":\"x.part\"}]}");
	refused("other", "invalid", NULL);
	ck_assert_int_eq(
	    mkfifo(program_path(&edi, "in/new/fifo.json"), 0600), 0);
	ck_assert_int_eq(
	    symlink("/etc/passwd", program_path(&edi, "in/new/link.part")), 0);
	program_submit(&edi, "link",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"file\":\"link.part\"}]}");
	refused("link", "invalid", NULL);
	refused("fifo", "invalid", NULL);
	/* As somebody else it may not submit. */
	program_submit(&edi, "stranger",
	    "{\"kind\":\"message\",\"originator\":\"" DOMAIN ";O=PO1;S=Roe\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"x\"}]}");
	refused("stranger", "refused", NULL);
	/* A name of 65 characters is no key. */
	program_submit(&edi, NAME_64 "5", LETTER("x"));
	refused(NAME_64 "5", "invalid", "/key");
	/* The next one is taken all the same. */
	program_submit(&edi, NAME_64, LETTER("x"));
	program_await(&edi, "in/done/" NAME_64 ".json");
	end();
}
END_TEST

/* A worker whose answer is lost submits the object again, and so may the
 * program: the message is one, and the answer the first. */
START_TEST(under_its_key)
{
	size_t one = 1;

	ck_assert_int_eq(
	    setenv("FOURPOST_FAULT", "app-in-answer:1:fail", 1), 0);
	begin("under-its-key", "");
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	program_submit(&edi, "x", LETTER("one"));
	await_done("x", true);
	suite_wait("the file in OUT", 20, in_postoffice, &one);
	suite_wait_empty(&tested, 20);
	program_submit(&edi, "x", LETTER("one"));
	await_done("x", true);
	program_submit(&edi, "x", LETTER("two"));
	refused("x", "key-reused", "/key");
	ck_assert_uint_eq(suite_count_files(out_of_postoffice), 1);
	end();
}
END_TEST

/* A worker that ends when the object is gone leaves the answer to the next. */
START_TEST(answered_by_the_next_worker)
{
	ck_assert_int_eq(
	    setenv("FOURPOST_FAULT", "app-in-removed:1:crash", 1), 0);
	begin("answered-by-the-next", "");
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	program_submit(&edi, "x", LETTER("one"));
	await_done("x", false);
	end();
}
END_TEST

/* wrong - answer an object wrongly, and wait until that is set aside */
static void
wrong(uint64_t id, const char *answer, const char *error)
{
	char file[64];
	json_t *reason;

	program_answer(&edi, id, answer);
	(void)snprintf(file, sizeof(file), "out/error/%llu.error.json",
	    (unsigned long long)id);
	program_await(&edi, file);
	reason = program_json(&edi, file);
	ck_assert_ptr_nonnull(reason);
	ck_assert_str_eq(text_of(reason, "error"), error);
	json_decref(reason);
	ck_assert_int_eq(unlink(program_path(&edi, "%s", file)), 0);
	(void)snprintf(
	    file, sizeof(file), "out/error/%llu.json", (unsigned long long)id);
	ck_assert_int_eq(unlink(program_path(&edi, "%s", file)), 0);
}

/* An object that is answered wrongly stays claimed, until it is answered
 * rightly; a second answer is of no object. */
START_TEST(bad_answers)
{
	json_t *object;
	uint64_t id;

	begin("bad-answers", "");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4send", "-f", EDI ";S=M",
			     "-t", EDI ";S=B", NULL),
	    0);
	id = claim(&object);
	json_decref(object);
	wrong(id, "{\"recipients\":[]}", "invalid");
	wrong(id, "{\"all\":{\"result\":\"perhaps\"}}", "invalid");
	wrong(id,
	    "{\"recipients\":[{\"n\":1,\"result\":\"delivered\"},"
	    "{\"n\":1,\"result\":\"delivered\"}]}",
	    "invalid");
	ck_assert(program_has(&edi, "out/cur/1.json"));
	program_answer(&edi, id, "{\"all\":{\"result\":\"delivered\"}}");
	await_gone(id);
	wrong(id, "{\"all\":{\"result\":\"delivered\"}}", "not-yours");
	end();
}
END_TEST

/* A program that claims and never answers gets the object again, and after the
 * third time it is held. */
START_TEST(no_answer)
{
	json_t *object, *rows;
	uint64_t id = 0;

	begin("no-answer", "answer-timeout = \"1s\" outstanding = 1");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4send", "-f", EDI ";S=M",
			     "-t", EDI ";S=B", NULL),
	    0);
	for (int attempt = 1; attempt <= 3; attempt++) {
		id = claim(&object);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(object, "attempt")),
		    attempt);
		json_decref(object);
	}
	await_gone(id);
	rows = suite_rows(&tested, "x4queue", "-j", "list", NULL);
	ck_assert_uint_eq(json_array_size(rows), 1);
	ck_assert_str_eq(text_of(json_array_get(rows, 0), "state"), "held");
	json_decref(rows);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "release", "1", NULL), 0);
	/* Answered without having been claimed, before its time can end. */
	ck_assert_uint_eq(program_await_next(&edi), id);
	program_answer(&edi, id, "{\"all\":{\"result\":\"delivered\"}}");
	await_gone(id);
	end();
}
END_TEST

/* kill_worker - kill a process of the suite, if it is there */
static void
kill_worker(const char *name)
{
	pid_t pid = suite_pid(&tested, name);

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
		program_answer(
		    &edi, id, "{\"all\":{\"result\":\"delivered\"}}");
		if (*answered % 2 == 1)
			kill_worker(victims[*answered / 2 % 3]);
		(*answered)++;
	}
	return *answered >= KILLED && suite_queued(&tested) == 0;
}

/* Processes are killed before and after each answer: every object is given
 * once, and answered once. */
START_TEST(killed_between_steps)
{
	size_t answered = 0;

	begin("killed-between-steps", "");
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
	end();
}
END_TEST

TEST_MAIN("application", TEST(each_result); TEST(to_a_postoffice);
	  TEST(bad_objects); TEST(under_its_key);
	  TEST(answered_by_the_next_worker); TEST(bad_answers); TEST(no_answer);
	  TEST(killed_between_steps))
