/* SPDX-License-Identifier: ISC */
/*
 * application.c - a suite with an application and a postoffice, for tests
 */
#include "tests/system/application.h"

#include <stdlib.h>
#include <string.h>

#include "tests/system/postoffice.h"
#include "tests/unit/test.h"

struct suite application_suite;
struct program edi;
static char out_of_postoffice[SUITE_PATH + 32];

/* application_begin - start a suite with an application and a postoffice */
void
application_begin(const char *test, const char *settings)
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
	    edi.directory, settings, po, map);
	suite_configure(&application_suite, "a", DOMAIN, "", sections);
	suite_start(&application_suite);
	program_await(&edi, "in/new");
}

/* application_end - stop the suite, of which nothing is left in the queue */
void
application_end(void)
{
	suite_wait_empty(&application_suite, 20);
	suite_stop(&application_suite);
	suite_end();
}

/* application_out - get the path of the files of the postoffice */
const char *
application_out(void)
{
	return out_of_postoffice;
}

/* in_postoffice - tell whether the postoffice has so many files */
static bool
in_postoffice(void *arg)
{
	return suite_count_files(out_of_postoffice) == *(size_t *)arg;
}

/* application_await_files - wait until the postoffice has so many files */
void
application_await_files(size_t count)
{
	suite_wait("the files in OUT", 20, in_postoffice, &count);
}

/* application_send - submit a message to the application by x4send */
void
application_send(void)
{
	ck_assert_int_eq(suite_tool(&application_suite, NULL, "x4send", "-f",
			     EDI ";S=M", "-t", EDI ";S=B", NULL),
	    0);
}

/* application_claim - wait for the next object and claim it */
uint64_t
application_claim(json_t **object)
{
	uint64_t id = program_await_next(&edi);
	json_t *claimed = program_claim(&edi, id);

	ck_assert_ptr_nonnull(claimed);
	if (object != NULL)
		*object = claimed;
	else
		json_decref(claimed);
	return id;
}

/* application_text - get a member of an object that is a text */
const char *
application_text(const json_t *object, const char *member)
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

/* application_await_gone - wait until all files of an object are gone */
void
application_await_gone(uint64_t id)
{
	char name[24];

	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)id);
	suite_wait("the files of an object to go", 20, gone, name);
}

/* application_refused - wait until an object is in in/error, compare why */
void
application_refused(const char *name, const char *error, const char *pointer)
{
	char file[128];
	json_t *reason;

	(void)snprintf(file, sizeof(file), "in/error/%s.error.json", name);
	program_await(&edi, file);
	reason = program_json(&edi, file);
	ck_assert_ptr_nonnull(reason);
	ck_assert_str_eq(application_text(reason, "error"), error);
	if (pointer != NULL)
		ck_assert_str_eq(application_text(reason, "pointer"), pointer);
	json_decref(reason);
}
