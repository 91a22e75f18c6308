/* SPDX-License-Identifier: ISC */
/*
 * json_tool_test.c - objects of JSON through the tools and a suite
 *
 * A suite whose only link cannot be opened, so that what is submitted stays:
 * x4send --json submits it, x4queue cat gives its content, x4decode -j prints
 * it, and of a message of P1 it prints what x4send --json takes.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

static struct suite tested;

/* begin - start the suite */
static void
begin(const char *test)
{
	char sections[512];

	suite_begin(test);
	snprintf(sections, sizeof(sections),
	    "link \"paris\" { remote-mta = \"PARIS\" remote-password = \"s\""
	    " address = {\"127.0.0.1:%u\"} address-space = {\"C=FR\", \"C=GB\"}"
	    " open-interval = 600 }\n",
	    suite_free_port());
	suite_configure(&tested, "tested", "C=XX;A=TEST;P=HERE", "", sections);
	suite_start(&tested);
}

/* end - stop the suite */
static void
end(void)
{
	suite_stop(&tested);
	suite_end();
}

/* write_file - write a file of the suite's directory; its path */
static const char *
write_file(const char *name, const char *text, size_t len)
{
	const char *path = suite_path(&tested, name);
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

/* submit - submit the object of a file; its queue id as text, to be freed */
static char *
submit(const char *path)
{
	json_t *rows =
	    suite_rows(&tested, "x4send", "-j", "--json", path, NULL);
	char *id = NULL;

	ck_assert_uint_eq(json_array_size(rows), 1);
	ck_assert_int_gt(asprintf(&id, "%lld",
			     (long long)json_integer_value(json_object_get(
				 json_array_get(rows, 0), "id"))),
	    0);
	json_decref(rows);
	return id;
}

/* decoded - get what x4decode -j prints of a file, or of the content of a
 * message where path is NULL; *text is that as it was printed, to be freed */
static json_t *
decoded(const char *id, const char *path, char **text)
{
	char command[2048];
	FILE *pipe;
	size_t size = (size_t)1024 * 1024, n;
	json_t *object;

	if (path != NULL)
		(void)snprintf(command, sizeof(command),
		    "%s/bin/x4decode -j %s", suite_build(), path);
	else
		(void)snprintf(command, sizeof(command),
		    "%s/bin/x4queue -c %s cat %s | %s/bin/x4decode -j -",
		    suite_build(), tested.conf, id, suite_build());
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	*text = malloc(size);
	ck_assert_ptr_nonnull(*text);
	n = fread(*text, 1, size - 1, pipe);
	(*text)[n] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
	object = json_loads(*text, 0, NULL);
	ck_assert_msg(object != NULL, "%.2000s", *text);
	return object;
}

/* string_at - get a string of an object within an object */
static const char *
string_at(const json_t *object, const char *outer, const char *inner)
{
	return json_string_value(
	    json_object_get(json_object_get(object, outer), inner));
}

/* A file beside the object goes along. */
START_TEST(with_file)
{
	static const char octets[] = "one\0two";
	static const char text[] =
	    "{\"kind\":\"message\",\n"
	    "\"originator\":\"C=XX;A=TEST;P=HERE;S=Doe\",\n"
	    "\"recipients\":[{\"address\":\"C=FR;A=ATLAS;S=Roux\"}],\n"
	    "\"priority\":\"urgent\",\n"
	    "\"ipm\":{\"subject\":\"Gr\303\274\303\237e\","
	    "\"importance\":\"high\",\"cc\":[{\"name\":\"Jo\"}]},\n"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"},"
	    "{\"type\":\"file\",\"name\":\"a.bin\",\"file\":\"a.bin\"}]}";
	json_t *object, *part, *rows;
	char *id, *given;

	begin("json-file");
	(void)write_file("a.bin", octets, sizeof(octets));
	id = submit(write_file("object.json", text, strlen(text)));
	object = decoded(id, NULL, &given);
	ck_assert_str_eq(
	    string_at(object, "ipm", "subject"), "Gr\303\274\303\237e");
	ck_assert_str_eq(string_at(object, "ipm", "importance"), "high");
	part = json_array_get(json_object_get(object, "parts"), 1);
	ck_assert_str_eq(
	    json_string_value(json_object_get(part, "base64")), "b25lAHR3bwA=");
	rows = suite_rows(&tested, "x4queue", "-j", "show", id, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_array_get(rows, 0), "priority")),
	    "urgent");
	json_decref(rows);
	json_decref(object);
	free(id);
	free(given);
	end();
}
END_TEST

/* A message of P1 that x4decode printed is submitted with the same octets. */
START_TEST(again)
{
	json_t *given, *queued;
	char *text, *second, *id;

	begin("json-again");
	given = decoded(NULL,
	    TEST_SOURCE_DIR "/tests/vectors/mhs/p1-88-message-3recips.bin",
	    &text);
	id = submit(write_file("object.json", text, strlen(text)));
	queued = decoded(id, NULL, &second);
	ck_assert_str_eq(string_at(given, "content", "base64"),
	    string_at(queued, "content", "base64"));
	ck_assert(json_equal(
	    json_object_get(given, "ipm"), json_object_get(queued, "ipm")));
	json_decref(given);
	json_decref(queued);
	free(text);
	free(second);
	free(id);
	end();
}
END_TEST

/* What is wrong is told with its line, and nothing is submitted. */
START_TEST(refused)
{
	static const char text[] =
	    "{\"kind\":\"message\",\n"
	    "\"originator\":\"C=XX;A=TEST;P=HERE;S=Doe\",\n"
	    "\"recipients\":[{\"address\":\"C=FR;A=ATLAS;S=Roux\"}],\n"
	    "\"parts\":[{\"type\":\"file\",\"file\":\"none.bin\"}]}";
	char command[2048], line[512] = "";
	FILE *pipe;
	int status;

	begin("json-refused");
	(void)snprintf(command, sizeof(command),
	    "%s/bin/x4send -c %s --json %s 2>&1", suite_build(), tested.conf,
	    write_file("object.json", text, strlen(text)));
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), pipe));
	status = pclose(pipe);
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	ck_assert_msg(strstr(line, "object.json:4: ") != NULL &&
		strstr(line, "none.bin: No such file") != NULL,
	    "%s", line);
	ck_assert_int_eq(suite_queued(&tested), 0);
	end();
}
END_TEST

TEST_MAIN("system/json_tool", TEST_LONG(with_file, 60), TEST_LONG(again, 60),
    TEST_LONG(refused, 60))
