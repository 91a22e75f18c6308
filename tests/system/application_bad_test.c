/* SPDX-License-Identifier: ISC */
/*
 * application_bad_test.c - what a program may do wrong at its directory
 *
 * Objects and answers of every broken kind, a program that never answers:
 * each is a clear error, and nothing is lost or comes twice.
 */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/application.h"
#include "tests/unit/test.h"

#define NAME_64                           \
	"n123456789012345678901234567890" \
	"n12345678901234567890123456789012"

/* Objects that cannot be taken are set aside with their reasons, once. */
START_TEST(bad_objects)
{
	application_begin("bad-objects", "");
	suite_write(program_path(&edi, "in/new/syntax.part"), "x", 1);
	program_submit(&edi, "syntax", "{\"kind\":");
	application_refused("syntax", "invalid", NULL);
	ck_assert(program_has(&edi, "in/error/syntax.part"));
	program_submit(&edi, "unknown",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
	    "\"recipients\":[],\"colour\":1}");
	application_refused("unknown", "invalid", NULL);
	/* A file of another object, one that is not there, a link, a FIFO. */
	program_submit(&edi, "other",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"file\":\"x.part\"}]}");
	application_refused("other", "invalid", NULL);
	ck_assert_int_eq(
	    mkfifo(program_path(&edi, "in/new/fifo.json"), 0600), 0);
	ck_assert_int_eq(
	    symlink("/etc/passwd", program_path(&edi, "in/new/link.part")), 0);
	program_submit(&edi, "link",
	    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"file\",\"file\":\"link.part\"}]}");
	application_refused("link", "invalid", NULL);
	application_refused("fifo", "invalid", NULL);
	/* As somebody else it may not submit. */
	program_submit(&edi, "stranger",
	    "{\"kind\":\"message\",\"originator\":\"" DOMAIN ";O=PO1;S=Roe\","
	    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"x\"}]}");
	application_refused("stranger", "refused", NULL);
	/* A name of 65 characters is no key. */
	program_submit(&edi, NAME_64 "5", LETTER("x"));
	application_refused(NAME_64 "5", "invalid", "/key");
	/* The next one is taken all the same. */
	program_submit(&edi, NAME_64, LETTER("x"));
	program_await(&edi, "in/done/" NAME_64 ".json");
	application_end();
}
END_TEST

/* Files that an object may not name: in a directory, with a control, hidden,
 * not there, beside an answer. */
START_TEST(bad_names)
{
	static const char *const names[] = {"../x", "bad.a/b", "/etc/passwd",
	    "bad.\\n", ".bad.x", "bad.missing", "bad.\\u007f"};
	char text[512], name[16];

	application_begin("bad-names", "");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(name, sizeof(name), "bad%zu", i);
		(void)snprintf(text, sizeof(text),
		    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=M\","
		    "\"recipients\":[{\"address\":\"" EDI ";S=B\"}],"
		    "\"parts\":[{\"type\":\"file\",\"file\":\"%s\"}]}",
		    names[i]);
		program_submit(&edi, name, text);
		application_refused(name, "invalid", NULL);
	}
	/* Names that are of no object are nobody's message. */
	suite_write(program_path(&edi, "in/new/a\nb.json"), "{}", 2);
	suite_write(program_path(&edi, "in/new/a b.json"), "{}", 2);
	suite_write(program_path(&edi, "in/new/a.error.json"), "{}", 2);
	program_submit(&edi, "good", LETTER("x"));
	program_await(&edi, "in/done/good.json");
	ck_assert(program_has(&edi, "in/new/a\nb.json"));
	ck_assert(program_has(&edi, "in/new/a b.json"));
	ck_assert(program_has(&edi, "in/new/a.error.json"));
	application_end();
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
	ck_assert_str_eq(application_text(reason, "error"), error);
	json_decref(reason);
	ck_assert_int_eq(unlink(program_path(&edi, "%s", file)), 0);
	(void)snprintf(
	    file, sizeof(file), "out/error/%llu.json", (unsigned long long)id);
	ck_assert_int_eq(unlink(program_path(&edi, "%s", file)), 0);
}

/* strange - give what is no file as an answer, and wait until it is refused */
static void
strange(uint64_t id, const char *from)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "out/error/%llu.error.json",
	    (unsigned long long)id);
	ck_assert_int_eq(rename(program_path(&edi, "%s", from),
			     program_path(&edi, "out/done/%llu.json",
				 (unsigned long long)id)),
	    0);
	program_await(&edi, file);
	ck_assert_int_eq(unlink(program_path(&edi, "%s", file)), 0);
	(void)snprintf(
	    file, sizeof(file), "out/error/%llu.json", (unsigned long long)id);
	ck_assert_int_eq(unlink(program_path(&edi, "%s", file)), 0);
	ck_assert(program_has(&edi, "out/cur/1.json"));
}

/* An object that is answered wrongly stays claimed, until it is answered
 * rightly; a second answer is of no object. */
START_TEST(bad_answers)
{
	json_t *object;
	uint64_t id;

	application_begin("bad-answers", "");
	application_send();
	id = application_claim(&object);
	json_decref(object);
	wrong(id, "{\"recipients\":[]}", "invalid");
	wrong(id, "{\"all\":{\"result\":\"perhaps\"}}", "invalid");
	wrong(id,
	    "{\"recipients\":[{\"n\":1,\"result\":\"delivered\"},"
	    "{\"n\":1,\"result\":\"delivered\"}]}",
	    "invalid");
	ck_assert(program_has(&edi, "out/cur/1.json"));
	program_answer(&edi, id, DELIVERED);
	application_await_gone(id);
	wrong(id, DELIVERED, "not-yours");
	application_end();
}
END_TEST

/* Answers to what was never given, for others, or that are no files. */
START_TEST(strange_answers)
{
	uint64_t id;

	application_begin("strange-answers", "");
	application_send();
	id = application_claim(NULL);
	wrong(999, DELIVERED, "not-yours");
	wrong(id, "{\"recipients\":[{\"n\":2,\"result\":\"delivered\"}]}",
	    "invalid");
	wrong(id, "{\"all\":{\"result\":\"delivered\"},\"recipients\":[]}",
	    "invalid");
	wrong(id, "", "invalid");
	ck_assert_int_eq(
	    symlink("/etc/passwd", program_path(&edi, "out/done/.link")), 0);
	strange(id, "out/done/.link");
	ck_assert_int_eq(mkfifo(program_path(&edi, "out/done/.fifo"), 0666), 0);
	strange(id, "out/done/.fifo");
	/* Neither is an answer to anything. */
	program_answer(&edi, 0, DELIVERED);
	suite_write(program_path(&edi, "out/done/x.json"), "{}", 2);
	program_answer(&edi, id, DELIVERED);
	application_await_gone(id);
	ck_assert(program_has(&edi, "out/done/x.json"));
	application_end();
}
END_TEST

/* A program that claims and never answers gets the object again, and after the
 * third time it is held. */
START_TEST(no_answer)
{
	json_t *object, *rows;
	uint64_t id = 0;

	application_begin(
	    "no-answer", "answer-timeout = \"1s\" outstanding = 1");
	application_send();
	for (int attempt = 1; attempt <= 3; attempt++) {
		id = application_claim(&object);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(object, "attempt")),
		    attempt);
		json_decref(object);
	}
	application_await_gone(id);
	rows = suite_rows(&application_suite, "x4queue", "-j", "list", NULL);
	ck_assert_uint_eq(json_array_size(rows), 1);
	ck_assert_str_eq(
	    application_text(json_array_get(rows, 0), "state"), "held");
	json_decref(rows);
	ck_assert_int_eq(suite_tool(&application_suite, NULL, "x4queue",
			     "release", "1", NULL),
	    0);
	/* Its attempts are counted afresh: it is not held at once. */
	ck_assert_uint_eq(application_claim(&object), id);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(object, "attempt")), 1);
	json_decref(object);
	/* Answered without having been claimed, before its time can end. */
	ck_assert_uint_eq(program_await_next(&edi), id);
	program_answer(&edi, id, DELIVERED);
	application_await_gone(id);
	application_end();
}
END_TEST

TEST_MAIN("application_bad", TEST(bad_objects); TEST(bad_names);
	  TEST(bad_answers); TEST(strange_answers); TEST(no_answer))
