/* SPDX-License-Identifier: ISC */
/*
 * object_read_test.c - what is read of an object, and what is refused
 */
#include <jansson.h>
#include <stdio.h>

#include "mhs/ipm_decode.h"
#include "tests/unit/json/json_object.h"
#include "tests/unit/test.h"

#define FROM "C=DE;A=VIAT;P=ACME;S=Doe"
#define TO   "C=FR;A=ATLAS;S=Dupont"

/* The least that can be submitted. */
#define LEAST                                                               \
	"{\"kind\":\"message\",\"originator\":\"" FROM "\",\"recipients\":" \
	"[{\"address\":\"" TO "\"}],\"ipm\":{\"subject\":\"Test\"},"        \
	"\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}"

/* A message of which a test changes the members behind the recipients. */
#define WITH(members)                                    \
	"{\"kind\":\"message\",\n\"originator\":\"" FROM \
	"\",\n\"recipients\":[{\"address\":\"" TO "\"}],\n" members "}"
#define TEXT_PART "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]"

/* The least submission is a P2 message from and to whom the envelope says. */
START_TEST(least)
{
	struct object_fault fault = {0};
	struct json_object made;
	const struct p1_envelope *e = &made.object.envelope;
	char *text;
	json_t *back;

	ck_assert_msg(json_object_read(&made, LEAST, NULL, &fault) == 0,
	    "%s: %s", fault.pointer, fault.text);
	ck_assert_int_eq(e->kind, MTS_MESSAGE);
	ck_assert_int_eq(e->content_type.built_in, P1_CONTENT_P2);
	ck_assert_uint_eq(e->recipient_count, 1);
	ck_assert_uint_eq(e->recipients[0].indicators,
	    P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		P1_ORIGINATOR_NON_DELIVERY_REPORT);
	ck_assert_uint_gt(e->original_eits.len, 0);
	text = json_object_write(e, buffer_slice(&made.content), NULL, NULL);
	back = json_loads(text, 0, NULL);
	ck_assert_msg(back != NULL, "%s", text);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(back, "ipm"), "subject")),
	    "Test");
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(back, "parts"), 0), "text")),
	    "Hello");
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		json_object_get(json_object_get(back, "ipm"), "id"), "local")),
	    "unique");
	json_decref(back);
	free(text);
	json_object_fini(&made);
}
END_TEST

struct refusal {
	const char *text;
	const char *pointer; /* without its first slash */
	unsigned line;
	const char *why; /* is in the fault's text */
};

static const struct refusal refusals[] = {
    /* no JSON */
    {"", "", 1, "'['"},
    {"{", "", 1, "end of file"},
    {"[]", "", 1, "object is expected"},
    {"{} {}", "", 1, "end of file expected"},
    {WITH("\"key\":"), "key", 4, ""},
    {WITH("\"key\":\"a\\u0000b\"," TEXT_PART), "key", 4, "NUL"},
    {WITH("\"key\":\"\xff\"," TEXT_PART), "key", 4, "decode byte"},
    {WITH("\"key\":\"\\ud800\"," TEXT_PART), "key", 4, ""},
    {WITH("\"id\":18446744073709551616," TEXT_PART), "id", 4, "integer"},
    {WITH("'key':1," TEXT_PART), "", 4, "string"},
    /* what may be taken in two ways */
    {WITH("\"key\":\"a\",\n\"key\":\"b\"," TEXT_PART), "key", 5, "duplicate"},
    {WITH("\"key\":null," TEXT_PART), "key", 4, "null"},
    {WITH("\"x-a\":[{\"b\":null}]," TEXT_PART), "x-a/0/b", 4, "null"},
    {WITH("\"deferred\":1.0," TEXT_PART), "deferred", 4, "integer"},
    {WITH("\"deferred\":1e3," TEXT_PART), "deferred", 4, "integer"},
    {WITH("\"deferred\":\"1\"," TEXT_PART), "deferred", 4, "integer"},
    {WITH("\"deferred\":true," TEXT_PART), "deferred", 4, "integer"},
    /* members */
    {WITH("\"keys\":\"a\"," TEXT_PART), "keys", 4, "no such member"},
    {WITH("\"X-a\":\"a\"," TEXT_PART), "X-a", 4, "no such member"},
    {WITH("\"ipm\":{\"Subject\":\"a\"}"), "ipm/Subject", 4, "no such"},
    {"{}", "", 1, "\"kind\" is missing"},
    {"{\"kind\":\"letter\"}", "kind", 1, "message"},
    {"{\"kind\":\"message\"}", "", 1, "no originator"},
    {"{\"kind\":\"message\",\"originator\":\"" FROM "\"}", "recipients", 0,
	"no recipient"},
    {WITH("\"priority\":\"high\""), "priority", 4, "normal"},
    {WITH("\"flags\":[\"x\"]"), "flags/0", 4, "words"},
    {WITH("\"key\":\"\""), "key", 4, "0 characters"},
    {WITH("\"deferred\":9999999999"), "deferred", 4, "is not from"},
    {WITH("\"id\":-1"), "id", 4, "is not from"},
    {WITH("\"content_identifier\":\"Grüße\""), "content_identifier", 4,
	"PrintableString"},
    {WITH("\"correlator\":\"a\",\"correlator_octets\":\"YQ==\"" TEXT_PART),
	"correlator_octets", 4, ""},
    /* addresses */
    {"{\"kind\":\"message\",\n\"originator\":\"S=Doe\"}", "originator", 2,
	"ADMD"},
    {"{\"kind\":\"message\",\"originator\":\"" FROM
     "\",\n\"recipients\":[{},\n{\"address\":\"" TO "\"}]}",
	"recipients/0", 2, "neither"},
    {"{\"kind\":\"message\",\"originator\":\"" FROM
     "\",\n\"or_address\":{\"c\":\"DE\",\"a\":\"VIAT\",\"p\":\"ACME\","
     "\"s\":\"Dow\"}}",
	"or_address", 2, "not the address"},
    {"{\"kind\":\"message\",\"or_address\":{\"c\":\"DEU\"}}", "or_address", 1,
	"country"},
    {WITH("\"directory_name\":\"BQA=\""), "directory_name", 4, "tag"},
    /* octets */
    {WITH("\"eits\":\"ZQA\""), "eits", 4, "base64"},
    {WITH("\"eits\":\"ZQB=\""), "eits", 4, "base64"},
    {WITH("\"eits\":\"Z QA=\""), "eits", 4, "base64"},
    {WITH("\"eits\":\"\""), "eits", 4, "no BER"},
    {WITH("\"eits\":\"ZQE=\""), "eits", 4, "no BER"},
    {WITH("\"eits\":\"BQA=\""), "eits", 4, "tag"},
    /* extensions */
    {WITH("\"extensions\":[{\"type\":\"nonsense\"}]"), "extensions/0/type", 4,
	"neither"},
    {WITH("\"extensions\":[{\"type\":\"internal-trace-information\"}]"),
	"extensions/0/type", 4, "MTA"},
    {WITH("\"extensions\":[{\"type\":\"37\"}]"), "extensions/0/type", 4, "MTA"},
    {WITH("\"extensions\":[{\"type\":\"77\",\"value\":\"AgEBAA==\"}]"),
	"extensions/0/value", 4, "no BER"},
    /* content */
    {WITH("\"priority\":\"urgent\""), "", 1, "neither"},
    {WITH("\"content\":{\"base64\":\"AA==\"}"), "", 1, "content_type"},
    {WITH("\"content\":{\"base64\":\"AA==\",\"file\":\"a\"}"), "content/base64",
	4, "too"},
    {WITH("\"content\":{\"base64\":\"AA==\",\"octets\":2}"), "content/octets",
	4, "has 1"},
    {WITH("\"content_type\":\"p2\",\"content\":{\"file\":\"../a\"}"),
	"content/file", 4, "file name"},
    {WITH("\"content_type\":\"p2\",\"content\":{\"file\":\".a\"}"),
	"content/file", 4, "file name"},
    {WITH("\"content_type\":\"p2\",\"content\":{\"file\":\"a\\nb\"}"),
	"content/file", 4, "file name"},
    {WITH("\"content_type\":\"p2\",\"content\":{\"octets\":5}"), "content", 0,
	"not in the JSON"},
    {WITH("\"content_type\":\"p35\",\"content\":{\"octets\":5}"),
	"content_type", 4, "neither"},
    /* parts */
    {WITH("\"parts\":[{}]"), "parts/0", 4, "\"type\" is missing"},
    {WITH("\"parts\":[{\"type\":\"text\"}]"), "parts/0", 4, "neither"},
    {WITH("\"parts\":[{\"type\":\"poem\",\"base64\":\"\"}]"), "parts/0/type", 4,
	"neither"},
    {WITH("\"parts\":[{\"type\":\"file\",\"text\":\"a\"}]"), "parts/0/text", 4,
	"not a part of type text"},
    {WITH("\"parts\":[{\"type\":\"text\",\"text\":\"a\",\"octets\":1}]"),
	"parts/0/text", 4, "too"},
    {WITH("\"content_type\":\"35\"," TEXT_PART), "content_type", 0,
	"p2 or p22"},
    {WITH("\"content_type\":\"p2\",\"parts\":"
	  "[{\"type\":\"file\",\"base64\":\"AA==\"}]"),
	"ipm", 0, "P2"},
    /* heading */
    {WITH("\"ipm\":{\"to\":[{\"address\":\"S=a\"}]}"), "ipm/to/0/address", 4,
	"ADMD"},
    {WITH("\"ipm\":{\"id\":{\"local\":\"ä\"}}"), "ipm/id/local", 4,
	"PrintableString"},
    {WITH("\"ipm\":{\"to\":[{\"precedence\":128}]}"), "ipm/to/0/precedence", 4,
	"is not from"},
    {WITH("\"ipm\":{\"extensions\":[{\"type\":\"x\"}]}"),
	"ipm/extensions/0/type", 4, "object identifier"},
    /* other kinds */
    {"{\"kind\":\"report\"}", "", 1, "\"report\""},
    {"{\"kind\":\"report\",\"report\":{\"subject_id\":\"x\","
     "\"recipients\":[]}}",
	"report/subject_id", 1, "MTS identifier"},
    {"{\"kind\":\"report\",\"report\":{\"subject_id\":\"[C=DE;A=V;x]\","
     "\"recipients\":[]}}",
	"report/recipients", 1, "no recipient"},
    {"{\"kind\":\"report\",\"report\":{\"subject_id\":\"[C=DE;A=V;x]\","
     "\"recipients\":[{\"n\":1,\"address\":\"" TO
     "\",\"result\":\"delivered\"}]}}",
	"report/recipients/0", 1, "delivery_time"},
    {"{\"kind\":\"report\",\"report\":{\"subject_id\":\"[C=DE;A=V;x]\","
     "\"recipients\":[{\"n\":1,\"address\":\"" TO
     "\",\"result\":\"delivered\",\"reason\":1}]}}",
	"report/recipients/0/result", 1, "reason"},
    {"{\"kind\":\"notification\",\"originator\":\"" FROM
     "\",\"recipients\":[{\"address\":\"" TO "\"}],\n\"notification\":"
     "{\"kind\":\"receipt\",\"subject_ipm\":{\"local\":\"a\"}}}",
	"notification", 2, "receipt_time"},
    {"{\"kind\":\"notification\",\"originator\":\"" FROM
     "\",\"recipients\":[{\"address\":\"" TO "\"}],\n\"notification\":"
     "{\"kind\":\"other\",\"subject_ipm\":{}}}",
	"notification/subject_ipm", 2, "names no message"},
    {"{\"kind\":\"probe\",\"originator\":\"" FROM
     "\",\"recipients\":[{\"address\":\"" TO "\"}],\n\"priority\":\"urgent\"}",
	"priority", 2, "probe"},
};

/* Each broken kind of JSON is refused with its place, line and reason. */
START_TEST(refused)
{
	const struct refusal *r = &refusals[_i];
	struct object_fault fault = {0};
	struct json_object made;
	int error = json_object_read(&made, r->text, NULL, &fault);

	ck_assert_msg(error < 0, "accepted: %s", r->text);
	ck_assert_msg(error == ERR_SYNTAX || error == ERR_VALUE ||
		error == ERR_LIMIT || error == ERR_UNSUPPORTED,
	    "%s: %d", r->text, error);
	ck_assert_msg(strcmp(fault.pointer + (fault.pointer[0] == '/'),
			  r->pointer) == 0 &&
		fault.line == r->line && strstr(fault.text, r->why) != NULL,
	    "%s\nis \"%s\", line %u, \"%s\"", r->text, fault.pointer,
	    fault.line, fault.text);
	json_object_fini(&made);
}
END_TEST

/* read_filled - read a message whose foreign member is this text */
static int
read_filled(const char *foreign, struct object_fault *fault)
{
	size_t size = strlen(foreign) + 512;
	char *text = malloc(size);
	struct json_object made;
	int error;

	ck_assert_ptr_nonnull(text);
	(void)snprintf(text, size, WITH("\"x-a\":%s," TEXT_PART), foreign);
	*fault = (struct object_fault){.error = 0};
	error = json_object_read(&made, text, NULL, fault);
	json_object_fini(&made);
	free(text);
	return error;
}

/* The bounds of depth, values and octets hold, and what is just within them is
 * read. */
START_TEST(bounds)
{
	size_t size = OBJECT_TEXT_MAX + 64;
	char *text = malloc(size);
	struct object_fault fault;

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(
	    read_filled("[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]", &fault), 0);
	ck_assert_int_eq(
	    read_filled("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", &fault),
	    ERR_LIMIT);
	ck_assert_str_eq(
	    fault.pointer + 1, "x-a/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0");
	ck_assert_uint_eq(fault.line, 4);
	memset(text, 'a', OBJECT_TEXT_MAX);
	text[0] = text[OBJECT_TEXT_MAX - 1] = '"';
	text[OBJECT_TEXT_MAX] = '\0';
	ck_assert_int_eq(read_filled(text, &fault), ERR_LIMIT);
	for (size_t i = 1; i < 2 * OBJECT_VALUES_MAX; i++)
		text[i] = i % 2 != 0 ? '1' : ',';
	text[0] = '[';
	(void)snprintf(text + 2 * OBJECT_VALUES_MAX, 2, "]");
	ck_assert_int_eq(read_filled(text, &fault), ERR_LIMIT);
	free(text);
}
END_TEST

/* Members that are only given out are taken, and mean nothing. */
START_TEST(given_out)
{
	struct object_fault fault = {0};
	struct json_object made;
	const char *text = WITH(
	    "\"id\":7,\"mts_id\":\"[C=FR;A=X;1]\",\"arrival\":1,\"attempt\":2,"
	    "\"trace\":[{\"domain\":\"C=FR;A=X\",\"arrival\":5}],"
	    "\"dl_history\":[],\"bilateral\":\"AA==\",\"unreadable\":\"no\","
	    "\"x-mine\":{\"a\":[1.5,true,\"b\"]}," TEXT_PART);

	ck_assert_msg(json_object_read(&made, text, NULL, &fault) == 0,
	    "%s: %s", fault.pointer, fault.text);
	ck_assert_uint_eq(made.object.envelope.trace.count, 1);
	ck_assert_uint_eq(made.object.envelope.bilateral.len, 0);
	ck_assert(
	    slice_equal_string(made.object.envelope.identifier.local, "x"));
	json_object_fini(&made);
}
END_TEST

TEST_MAIN("json/object_read", TEST(least),
    TEST_LOOP(refused, sizeof(refusals) / sizeof(refusals[0])), TEST(bounds),
    TEST(given_out))
