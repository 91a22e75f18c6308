/* SPDX-License-Identifier: ISC */
/*
 * module_test.c - the ASN.1 module says what is encoded
 *
 * Every record and part of one is in ipc.asn once, with the elements that the
 * schema has, in that order, under these tags; and the module has no other.
 */
#include <stdlib.h>
#include <string.h>

#include "ipc/schema.h"
#include "tests/unit/test.h"

/* The module without its comments, which is cut into words. */
static char *module;

/* read_module - read the module from the source tree, where tests run */
static void
read_module(void)
{
	FILE *file = fopen("common/ipc/ipc.asn", "re");
	char line[256];
	size_t length = 0;

	ck_assert_ptr_nonnull(file);
	module = calloc(1, 65536);
	ck_assert_ptr_nonnull(module);
	while (fgets(line, sizeof(line), file) != NULL) {
		char *comment = strstr(line, "--");

		if (comment != NULL)
			strlcpy(comment, "\n", 2);
		length += strlen(line);
		ck_assert_uint_lt(length, 65536);
		strlcat(module, line, 65536);
	}
	fclose(file);
}

/* definition - find what stands between the braces of a type, which is
 * defined once; NULL: it has none */
static char *
definition(const char *type)
{
	char head[80], *at, *end;

	snprintf(head, sizeof(head), "\n%s ::= ", type);
	at = strstr(module, head);
	ck_assert_msg(at != NULL, "%s is not defined", type);
	ck_assert_msg(
	    strstr(at + 1, head) == NULL, "%s is defined twice", type);
	at += strlen(head);
	if (strncmp(at, "SEQUENCE {", 10) != 0 &&
	    strncmp(at, "CHOICE {", 8) != 0)
		return NULL;
	at = strchr(at, '{') + 1;
	end = at;
	for (int depth = 1; depth > 0; end++) {
		ck_assert_int_ne(*end, '\0');
		depth += *end == '{' ? 1 : *end == '}' ? -1 : 0;
	}
	return strndup(at, (size_t)(end - 1 - at));
}

/* next - get the next of a definition's elements: its name, its tag and its
 * type's name; whether there is one */
static bool
next(char **at, char name[64], unsigned *tag, char type[64])
{
	int used = 0;

	if (sscanf(*at, " %63[a-z0-9-] [%u] %63[A-Za-z0-9]%n", name, tag, type,
		&used) != 3)
		return false;
	*at += used;
	/* the rest of it, up to the comma outside of all braces */
	for (int depth = 0; **at != '\0'; ++*at) {
		depth += **at == '{' ? 1 : **at == '}' ? -1 : 0;
		if (**at == ',' && depth == 0) {
			++*at;
			break;
		}
	}
	return true;
}

/* compare - compare a type of the module with a schema */
static void
compare(const char *type, const struct schema *schema)
{
	char *elements = definition(type), *at = elements;
	char name[64], part[64];
	unsigned tag;

	ck_assert_msg(elements != NULL, "%s has no elements", type);
	for (size_t i = 0; i < schema->count; i++) {
		ck_assert_msg(next(&at, name, &tag, part), "%s: no %s", type,
		    schema->elements[i].name);
		ck_assert_msg(strcmp(name, schema->elements[i].name) == 0,
		    "%s: %s instead of %s", type, name,
		    schema->elements[i].name);
		ck_assert_msg(tag == i, "%s: %s is [%u]", type, name, tag);
	}
	ck_assert_msg(
	    !next(&at, name, &tag, part), "%s: %s is not coded", type, name);
	free(elements);
}

START_TEST(records)
{
	char *choice, *at, name[64], type[64];
	unsigned tag;

	read_module();
	choice = at = definition("Record");
	for (unsigned i = 0; i < IPC_TYPE_COUNT; i++) {
		const struct schema *schema = schema_of((enum ipc_type)i);

		ck_assert_msg(
		    next(&at, name, &tag, type), "no %s", schema->name);
		ck_assert_str_eq(name, schema->name);
		ck_assert_uint_eq(tag, i);
		if (schema->elements != NULL)
			compare(type, schema);
	}
	ck_assert(!next(&at, name, &tag, type));
	compare("File", &schema_file);
	compare("RecipientOutcome", schema_of_array(SCHEMA_RECIPIENTS));
	compare("RouteWay", schema_of_array(SCHEMA_WAYS));
	free(choice);
	free(module);
}
END_TEST

TEST_MAIN("ipc/module", TEST(records))
