/* SPDX-License-Identifier: ISC */
/*
 * object_write_test.c - what is given out of an object, and where its octets
 * go
 */
#include <jansson.h>
#include <stdio.h>

#include "mhs/dl_history.h"
#include "tests/unit/json/json_object.h"
#include "tests/unit/test.h"

#define FROM "C=DE;A=VIAT;P=ACME;S=Doe"
#define TO   "C=FR;A=ATLAS;S=Dupont"

/* A message of which a test gives the parts. */
#define WITH(parts)                                                         \
	"{\"kind\":\"message\",\"originator\":\"" FROM "\",\"recipients\":" \
	"[{\"address\":\"" TO "\"}],\"parts\":[" parts "]}"

static struct json_object made;
static struct json_parts parts;

/* make - read an object that is right */
static void
make(const char *text, const struct object_supply *supply)
{
	struct object_fault fault = {0};

	ck_assert_msg(json_object_read(&made, text, supply, &fault) == 0,
	    "%s: %s", fault.pointer, fault.text);
}

/* written - write what was made, with a context and a taker, and parse it */
static json_t *
written(const struct object_context *context, const struct object_taker *taker)
{
	char *text = json_object_write(
	    &made.object.envelope, buffer_slice(&made.content), context, taker);
	json_t *object = json_loads(text, 0, NULL);

	ck_assert_msg(object != NULL, "%.2000s", text);
	free(text);
	return object;
}

/* string_of - get a string of an object */
static const char *
string_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	ck_assert_msg(text != NULL, "%s", name);
	return text;
}

/* number_of - get an integer of an object */
static json_int_t
number_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	ck_assert_msg(json_is_integer(value), "%s", name);
	return json_integer_value(value);
}

/* part_of - get a body part of an object, from 0 */
static const json_t *
part_of(const json_t *object, size_t index)
{
	const json_t *part =
	    json_array_get(json_object_get(object, "parts"), index);

	ck_assert_ptr_nonnull(part);
	return part;
}

/* Texts up to 64 KB stand in the JSON, one octet more goes to the taker; all
 * other octets do. */
START_TEST(inlined)
{
	size_t most = OBJECT_INLINE_MAX;
	char *text = malloc(3 * most);
	json_t *object;

	ck_assert_ptr_nonnull(text);
	json_parts_init(&parts);
	for (size_t i = 0; i < 2; i++) {
		buffer_reset(&parts.part[0]);
		memset(text, 'a', most + i);
		ck_assert_int_eq(
		    buffer_append(&parts.part[0], text, most + i), 0);
		make(WITH("{\"type\":\"text\",\"file\":\"1.part\"},"
			  "{\"type\":\"file\",\"base64\":\"AA==\"}"),
		    &parts.supply);
		json_parts_fini(&parts);
		json_parts_init(&parts);
		object = written(NULL, &parts.taker);
		if (i == 0) {
			ck_assert_uint_eq(
			    strlen(string_of(part_of(object, 0), "text")),
			    most);
			ck_assert_uint_eq(parts.begun, 1);
		} else {
			ck_assert_str_eq(
			    string_of(part_of(object, 0), "file"), "1.part");
			ck_assert_int_eq(
			    number_of(part_of(object, 0), "octets"),
			    (json_int_t)most + 1);
			ck_assert_uint_eq(parts.begun, 2);
			ck_assert_uint_eq(
			    buffer_length(&parts.part[0]), most + 1);
		}
		ck_assert_str_eq(
		    string_of(part_of(object, 1), "file"), "2.part");
		ck_assert_uint_eq(parts.begun, parts.ended);
		json_decref(object);
		json_object_fini(&made);
	}
	json_parts_fini(&parts);
	free(text);
}
END_TEST

/* A text with a NUL is no string of JSON: its octets are given. */
START_TEST(nul)
{
	static const char content[] = "\xa0\x19\x31\x07\x6b\x05\x13\x03"
				      "abc\x30\x0e\xa0\x0c\x31\x00"
				      "\x16\x08"
				      "one\x00two\x00";
	const struct object_context context = {.arrival = OBJECT_NO_TIME};
	struct p1_envelope envelope;
	json_t *object;
	char *text;

	p1_init(&envelope, MTS_MESSAGE);
	envelope.content_type.built_in = P1_CONTENT_P2;
	text = json_object_write(
	    &envelope, slice_of(content, sizeof(content) - 1), &context, NULL);
	object = json_loads(text, 0, NULL);
	ck_assert_msg(object != NULL, "%s", text);
	ck_assert_str_eq(
	    string_of(part_of(object, 0), "base64"), "b25lAHR3bwA=");
	json_decref(object);
	free(text);
}
END_TEST

/* A content that ends in the middle is given out alone, with the reason, and
 * the parts that were begun are void. */
START_TEST(unreadable)
{
	json_t *object;

	json_parts_init(&parts);
	make(WITH("{\"type\":\"file\",\"base64\":\"AAEC\"},"
		  "{\"type\":\"file\",\"base64\":\"AAEC\"}"),
	    NULL);
	buffer_truncate(&made.content, buffer_length(&made.content) - 1);
	object = written(&(struct object_context){.arrival = OBJECT_NO_TIME,
			     .content = {.place = OBJECT_INLINE}},
	    &parts.taker);
	ck_assert(parts.dropped);
	ck_assert_ptr_null(json_object_get(object, "ipm"));
	ck_assert_ptr_null(json_object_get(object, "parts"));
	ck_assert_uint_gt(strlen(string_of(object, "unreadable")), 0);
	ck_assert_int_eq(
	    number_of(json_object_get(object, "content"), "octets"),
	    (json_int_t)buffer_length(&made.content));
	json_decref(object);
	json_object_fini(&made);
	json_parts_fini(&parts);
}
END_TEST

/* What the caller knows stands beside the envelope. */
START_TEST(beside)
{
	const struct object_context context = {.id = 4711,
	    .arrival = 1790000000,
	    .attempt = 2,
	    .key = slice_of_string("order-7"),
	    .content = {
		.place = OBJECT_FILE, .file = slice_of_string("4711.content")}};
	json_t *object;

	make(WITH("{\"type\":\"text\",\"text\":\"Hello\"}"), NULL);
	object = written(&context, NULL);
	ck_assert_str_eq(string_of(object, "kind"), "message");
	ck_assert_int_eq(number_of(object, "id"), 4711);
	ck_assert_int_eq(number_of(object, "arrival"), 1790000000);
	ck_assert_int_eq(number_of(object, "attempt"), 2);
	ck_assert_str_eq(string_of(object, "key"), "order-7");
	ck_assert_str_eq(string_of(json_object_get(object, "content"), "file"),
	    "4711.content");
	ck_assert_ptr_null(
	    json_object_get(json_object_get(object, "content"), "base64"));
	json_decref(object);
	json_object_fini(&made);
}
END_TEST

/* Where a message was expanded and redirected is told, with who it was for. */
START_TEST(histories)
{
	struct p1_envelope *e = &made.object.envelope;
	struct or_name list = {.directory_name = {.len = 0}}, before = list;
	const json_t *one;
	json_t *object;

	make(WITH("{\"type\":\"text\",\"text\":\"Hello\"}"), NULL);
	ck_assert_int_eq(
	    or_address_parse(slice_of_string("C=FR;A=ATLAS;CN=all"),
		&made.arena, &list.address, NULL),
	    0);
	ck_assert_int_eq(
	    or_address_parse(slice_of_string("C=FR;A=ATLAS;S=Petit"),
		&made.arena, &before.address, NULL),
	    0);
	ck_assert_int_eq(
	    dl_history_append(&e->extensions, &made.arena, &list, 1790000000),
	    0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    redirection_append(&e->recipients[0].extensions,
			&made.arena, i == 0 ? &before : &list, 1790000000 + i,
			REDIRECTION_BY_DOMAIN),
		    0);
	object = written(NULL, NULL);
	one = json_array_get(json_object_get(object, "dl_history"), 0);
	ck_assert_str_eq(string_of(one, "address"), "CN=all;A=ATLAS;C=FR");
	ck_assert_int_eq(number_of(one, "time"), 1790000000);
	one = json_array_get(json_object_get(object, "recipients"), 0);
	ck_assert_str_eq(
	    string_of(json_object_get(one, "originally_intended"), "address"),
	    "S=Petit;A=ATLAS;C=FR");
	one = json_array_get(json_object_get(one, "redirections"), 1);
	ck_assert_str_eq(string_of(one, "address"), "CN=all;A=ATLAS;C=FR");
	ck_assert_int_eq(number_of(one, "reason"), REDIRECTION_BY_DOMAIN);
	ck_assert_ptr_null(json_object_get(object, "extensions"));
	json_decref(object);
	json_object_fini(&made);
}
END_TEST

/* Of an octet that is no text in a string, "?" is given, and JSON stays
 * JSON. */
START_TEST(odd_strings)
{
	json_t *object;

	make(WITH("{\"type\":\"text\",\"text\":\"Hello\"}"), NULL);
	made.object.envelope.content_identifier = slice_of("a\xff\0b", 4);
	object = written(NULL, NULL);
	ck_assert_str_eq(string_of(object, "content_identifier"), "a??b");
	json_decref(object);
	json_object_fini(&made);
}
END_TEST

/* Types of encoded information have names. */
START_TEST(types)
{
	const json_t *list;
	json_t *object;

	make(WITH("{\"type\":\"text\",\"text\":\"Hello\"},"
		  "{\"type\":\"file\",\"base64\":\"AA==\"}"),
	    NULL);
	object = written(NULL, NULL);
	list = json_object_get(object, "eits_types");
	ck_assert_uint_eq(json_array_size(list), 2);
	ck_assert_str_eq(
	    json_string_value(json_array_get(list, 0)), "ia5-text");
	ck_assert_str_eq(
	    json_string_value(json_array_get(list, 1)), "2.6.1.12.0");
	json_decref(object);
	json_object_fini(&made);
}
END_TEST

/* A message for thousands is given out with the texts of their addresses, and
 * is read again. */
START_TEST(many)
{
	struct object_fault fault = {0};
	struct p1_recipient *list;
	struct json_object back;
	char *text;
	json_t *object;
	size_t count = P1_RECIPIENTS_MAX;

	make(WITH("{\"type\":\"text\",\"text\":\"Hello\"}"), NULL);
	list = arena_array(&made.arena, count, sizeof(*list));
	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < count; i++)
		list[i] = made.object.envelope.recipients[0];
	made.object.envelope.recipients = list;
	made.object.envelope.recipient_count = count;
	text = json_object_write(
	    &made.object.envelope, buffer_slice(&made.content), NULL, NULL);
	object = json_loads(text, 0, NULL);
	ck_assert_ptr_null(json_object_get(
	    json_array_get(json_object_get(object, "recipients"), 0),
	    "or_address"));
	ck_assert_msg(json_object_read(&back, text, NULL, &fault) == 0,
	    "%s: %s", fault.pointer, fault.text);
	ck_assert_uint_eq(back.object.envelope.recipient_count, count);
	json_object_fini(&back);
	json_decref(object);
	free(text);
	json_object_fini(&made);
}
END_TEST

TEST_MAIN("json/object_write", TEST(inlined), TEST(nul), TEST(unreadable),
    TEST(beside), TEST(histories), TEST(odd_strings), TEST(types), TEST(many))
