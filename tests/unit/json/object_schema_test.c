/* SPDX-License-Identifier: ISC */
/*
 * object_schema_test.c - the Schema and the manual page say what the code does
 *
 * The Schema is compared with the tables that the reader goes by, member for
 * member; then an independent validator holds against it what the writer
 * writes, and what the reader refuses.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "json/object_shape.h"
#include "tests/unit/json/json_object.h"
#include "tests/unit/json/object_random.h"
#include "tests/unit/mhs/p1_random.h"
#include "tests/unit/test.h"

#define SCHEMA              \
	TEST_SOURCE_DIR "/" \
			"common/json/fourpost.schema.json"
#define PAGE TEST_SOURCE_DIR "/man/fourpost-json.5"
#define FROM "C=DE;A=VIAT;P=ACME;S=Doe"
#define TO   "C=FR;A=ATLAS;S=Dupont"

static json_t *schema;
static char *page;

/* resolve - follow a reference into $defs */
static const json_t *
resolve(const json_t *value)
{
	const char *ref = json_string_value(json_object_get(value, "$ref"));
	const json_t *found;

	if (ref == NULL)
		return value;
	ck_assert_int_eq(strncmp(ref, "#/$defs/", 8), 0);
	found = json_object_get(json_object_get(schema, "$defs"), ref + 8);
	ck_assert_msg(found != NULL, "%s", ref);
	return found;
}

/* integer_is - check an integer of the Schema */
static void
integer_is(
    const char *name, const json_t *value, const char *key, int64_t wanted)
{
	const json_t *number = json_object_get(value, key);

	ck_assert_msg(
	    json_is_integer(number) && json_integer_value(number) == wanted,
	    "%s: %s is not %lld", name, key, (long long)wanted);
}

/* type_is - check the type of a value of the Schema */
static void
type_is(const char *name, const json_t *value, const char *wanted)
{
	const char *type = json_string_value(json_object_get(value, "type"));

	ck_assert_msg(type != NULL && strcmp(type, wanted) == 0,
	    "%s: %s is not %s", name, type, wanted);
}

static void compare_object(
    const char *name, const json_t *object, const struct json_shape *shapes);

/* compare_words - check that both allow the same words */
static void
compare_words(const char *name, const json_t *value, const char *const *words)
{
	const json_t *list = json_object_get(value, "enum");
	size_t count = 0;

	for (; words[count] != NULL; count++)
		ck_assert_msg(
		    json_string_value(json_array_get(list, count)) != NULL &&
			strcmp(json_string_value(json_array_get(list, count)),
			    words[count]) == 0,
		    "%s: %s", name, words[count]);
	ck_assert_uint_eq(json_array_size(list), count);
}

/* compare_value - check what both say of a value */
static void
compare_value(
    const char *name, const json_t *value, const struct json_shape *shape)
{
	value = resolve(value);
	switch (shape->type) {
	case JSON_SHAPE_TEXT:
		type_is(name, value, "string");
		integer_is(name, value, "minLength", shape->least);
		integer_is(name, value, "maxLength", shape->most);
		break;
	case JSON_SHAPE_WORD:
		type_is(name, value, "string");
		compare_words(name, value, shape->words);
		break;
	case JSON_SHAPE_OCTETS:
		type_is(name, value, "string");
		ck_assert_ptr_nonnull(
		    json_object_get(value, "contentEncoding"));
		break;
	case JSON_SHAPE_INTEGER:
		type_is(name, value, "integer");
		integer_is(name, value, "minimum", shape->least);
		integer_is(name, value, "maximum", shape->most);
		break;
	case JSON_SHAPE_TRUTH:
		type_is(name, value, "boolean");
		break;
	case JSON_SHAPE_OBJECT:
		compare_object(name, value, shape->members);
		break;
	}
}

/* compare_member - check what both say of a member, and that the page has it */
static void
compare_member(const json_t *value, const struct json_shape *shape)
{
	char item[128];

	ck_assert_msg(value != NULL, "%s: not in the Schema", shape->name);
	ck_assert_msg(json_is_true(json_object_get(value, "readOnly")) ==
		(shape->way == JSON_SHAPE_OUT),
	    "%s: readOnly", shape->name);
	(void)snprintf(item, sizeof(item), "\n.It Va %s Pq", shape->name);
	ck_assert_msg(
	    strstr(page, item) != NULL, "%s: not in the page", shape->name);
	if (shape->count == JSON_SHAPE_ONE) {
		compare_value(shape->name, value, shape);
		return;
	}
	type_is(shape->name, value, "array");
	if (shape->items != 0)
		integer_is(
		    shape->name, value, "maxItems", (int64_t)shape->items);
	else
		ck_assert_ptr_null(json_object_get(value, "maxItems"));
	compare_value(shape->name, json_object_get(value, "items"), shape);
}

/* is_required - tell whether the Schema wants a member */
static bool
is_required(const json_t *object, const char *name)
{
	const json_t *list = json_object_get(object, "required"), *value;
	size_t i;

	json_array_foreach(list, i,
	    value) if (strcmp(json_string_value(value), name) == 0) return true;
	return false;
}

/* compare_object - check that both have the same members in an object */
static void
compare_object(
    const char *name, const json_t *object, const struct json_shape *shapes)
{
	const json_t *properties = json_object_get(object, "properties");
	size_t count = 0;

	type_is(name, object, "object");
	ck_assert(
	    json_is_false(json_object_get(object, "additionalProperties")));
	ck_assert_ptr_nonnull(json_object_get(
	    json_object_get(object, "patternProperties"), "^x-"));
	for (; shapes[count].name != NULL; count++) {
		compare_member(json_object_get(properties, shapes[count].name),
		    &shapes[count]);
		ck_assert_msg(is_required(object, shapes[count].name) ==
			(shapes[count].need == JSON_SHAPE_REQUIRED),
		    "%s: required", shapes[count].name);
	}
	ck_assert_msg(json_object_size(properties) == count,
	    "%s: a member more in the Schema", name);
}

/* read_page - read the manual page */
static void
read_page(void)
{
	FILE *file = fopen(PAGE, "re");
	size_t size = (size_t)1024 * 1024, n;

	ck_assert_ptr_nonnull(file);
	page = malloc(size);
	ck_assert_ptr_nonnull(page);
	n = fread(page, 1, size - 1, file);
	page[n] = '\0';
	fclose(file);
}

/* Schema, tables and manual page have the same members, with the same types
 * and bounds. */
START_TEST(tables)
{
	json_error_t why;

	schema = json_load_file(SCHEMA, 0, &why);
	ck_assert_msg(schema != NULL, "%s", why.text);
	read_page();
	compare_object("object", schema, object_shape);
	json_decref(schema);
	free(page);
}
END_TEST

/* write_random - write a random object as a line */
static void
write_random(FILE *out, unsigned n)
{
	static const enum mts_kind kinds[] = {
	    MTS_MESSAGE, MTS_MESSAGE, MTS_PROBE, MTS_REPORT};
	const struct object_context context = {.id = 7,
	    .arrival = 1790000000,
	    .attempt = 1,
	    .content = {.place = OBJECT_INLINE}};
	enum mts_kind kind = kinds[n % 4];
	struct or_random random = {.state = n + 1};
	struct buffer octets, content;
	struct p1_envelope envelope;
	struct arena arena;
	char *text;

	arena_init(&arena, OBJECT_ARENA_MAX);
	buffer_init(&octets, P1_RANDOM_OCTETS);
	buffer_init(&content, OBJECT_TEXT_MAX);
	p1_random_build(n + 1, kind, P1_RANDOM_COMES_IN, &octets);
	ck_assert_int_eq(
	    p1_decode(kind, buffer_slice(&octets), &arena, &envelope, NULL), 0);
	if (kind == MTS_REPORT)
		object_random_report(&random, &arena, &content);
	else if (kind == MTS_MESSAGE)
		envelope.content_type.built_in =
		    object_random_content(&random, &arena, &content);
	text = json_object_write(
	    &envelope, buffer_slice(&content), &context, NULL);
	fprintf(out, "good %s\n", text);
	free(text);
	buffer_fini(&octets);
	buffer_fini(&content);
	arena_fini(&arena);
}

/* What the reader and the Schema both refuse. */
#define MESSAGE(members)                               \
	"{\"kind\":\"message\",\"originator\":\"" FROM \
	"\",\"recipients\":[{\"address\":\"" TO "\"}]," members "}"
static const char *const bad[] = {"{}", "[]", "{\"kind\":\"letter\"}",
    MESSAGE("\"key\":null"), MESSAGE("\"key\":\"\""), MESSAGE("\"Key\":\"a\""),
    MESSAGE("\"deferred\":1.5"), MESSAGE("\"deferred\":\"1\""),
    MESSAGE("\"deferred\":9999999999"), MESSAGE("\"flags\":\"none\""),
    MESSAGE("\"flags\":[\"none\"]"), MESSAGE("\"eits\":\"ZQA\""),
    MESSAGE("\"x-a\":null"), MESSAGE("\"x-a\":{\"b\":[null]}"),
    MESSAGE("\"ipm\":{\"subject\":7}"), MESSAGE("\"ipm\":[]"),
    MESSAGE("\"parts\":[{}]"), MESSAGE("\"parts\":[{\"type\":\"\"}]"),
    MESSAGE("\"trace\":[{\"arrival\":\"now\"}]"), MESSAGE("\"id\":-1"),
    MESSAGE("\"report\":{}"), MESSAGE("\"notification\":{}")};

/* write_lines - write what the validator is to look at; the reader refuses the
 * bad ones */
static void
write_lines(FILE *out, unsigned count)
{
	for (unsigned n = 0; n < count; n++)
		write_random(out, n);
	fprintf(out, "good %s\n",
	    MESSAGE("\"ipm\":{\"subject\":\"Test\"},\"x-mine\":[1.5,{}],"
		    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct object_fault fault = {0};
		struct json_object made;

		ck_assert_msg(
		    json_object_read(&made, bad[i], NULL, &fault) != 0,
		    "accepted: %s", bad[i]);
		json_object_fini(&made);
		fprintf(out, "bad %s\n", bad[i]);
	}
}

/* An independent validator takes what the writer writes, and refuses what the
 * reader refuses. */
START_TEST(validator)
{
	unsigned count = getenv("FOURPOST_TEST_LONG") != NULL ? 10000 : 60;
	char path[] = "/tmp/fourpost-test.XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");

	ck_assert_ptr_nonnull(out);
	write_lines(out, count);
	ck_assert_int_eq(fclose(out), 0);
	json_object_validate(path);
}
END_TEST

TEST_MAIN("json/object_schema", TEST(tables), TEST_LONG(validator, 600))
