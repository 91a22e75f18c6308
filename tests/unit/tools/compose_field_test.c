/* SPDX-License-Identifier: ISC */
/*
 * compose_field_test.c - the options of x4send, beside the one JSON form
 */
#include "tools/compose_field.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"
#include "tests/unit/tools/composing.h"

START_TEST(mistakes)
{
	static const struct {
		const char *option, *value;
		int error;
		const char *reason;
	} wrong[] = {{"body", "/nonexistent/file", ERR_IO, "/nonexistent"},
	    {"attach", "/tmp", ERR_VALUE, "/tmp"},
	    {"part", "text", ERR_VALUE, "TYPE=FILE"},
	    {"deferred", "soon", ERR_VALUE, "soon"},
	    {"precedence", "high", ERR_VALUE, "high"},
	    {"file-name", "a", ERR_VALUE, "no file before it"},
	    {"subject", "\xff", ERR_VALUE, "UTF-8"},
	    {"nothing", "", ERR_NOTFOUND, ""}};
	struct diag diag = {0};

	composing_begin(MTS_MESSAGE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(compose_add(&compose, wrong[i].option,
				     wrong[i].value, &diag),
		    wrong[i].error);
		ck_assert_msg(strstr(diag_text(&diag), wrong[i].reason) != NULL,
		    "%s", diag_text(&diag));
		diag_clear(&diag);
	}
	composing_end();
}
END_TEST

/* What is wrong with a value is told by the member that it stands in. */
START_TEST(wrong_values)
{
	static const char *const wrong[][3] = {
	    {"to", "no address", "recipients/1"},
	    {"priority", "high", "/priority"}, {"flag", "none", "flags/0"},
	    {"extension", "latest-delivery-time=x", "extensions/0"},
	    {"ipm-id", "a_b", "ipm/id"}, {"bcc", TO, "--heading-to"}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct diag diag = {0};

		composing_begin(MTS_MESSAGE);
		composing_say("body", composing_file("body", "text", 4));
		composing_say(wrong[i][0], wrong[i][1]);
		ck_assert_int_ne(composing_make(&diag), 0);
		ck_assert_msg(strstr(diag_text(&diag), wrong[i][2]) != NULL,
		    "--%s: %s", wrong[i][0], diag_text(&diag));
		composing_end();
	}
}
END_TEST

/* Options that each say something, and what the object is then. */
static const char *const each[][2] = {{"from", FROM}, {"name", "Jo Doe"},
    {"directory-name", "oAA="}, {"report-request", "report"},
    {"precedence", "7"}, {"to", TO}, {"name", "Dupont"}, {"telephone", "+33"},
    {"mta-report-request", "audited"}, {"original-number", "9"},
    {"not-responsible", NULL}, {"explicit-conversion", "1"},
    {"alternate-recipient", FROM}, {"request", "receipt"},
    {"request", "non-receipt"}, {"reply-requested", NULL}, {"cc", FROM},
    {"report-request", "none"}, {"precedence", "3"}, {"heading-cc", TO},
    {"subject", "Test"}, {"ipm-id", "id 1*" FROM}, {"authorizing", TO},
    {"in-reply-to", "a"}, {"related", "b"}, {"related", "*" FROM},
    {"obsoletes", "c"}, {"importance", "high"}, {"sensitivity", "private"},
    {"expiry", "2030-01-01T00:00:00Z"}, {"reply-time", "2030-01-01T00:00:00Z"},
    {"reply-to", TO}, {"auto-forwarded", NULL},
    {"authorization-time", "2030-01-01T00:00:00Z"},
    {"originators-reference", "ref"}, {"heading-extension", "1.2.3=BQA="},
    {"priority", "urgent"}, {"content-identifier", "mine"},
    {"correlator", "corr"}, {"deferred", "2030-01-01T00:00:00Z"},
    {"latest", "2030-01-01T00:00:00Z"}, {"flag", "alternate-recipient-allowed"},
    {"extension", "1.2.4,delivery,transfer=BQA="}};
static const char said[] =
    "{\"kind\":\"message\",\"recipients\":["
    "{\"address\":\"" TO "\",\"mta_report_request\":\"audited\","
    "\"original_number\":9,\"responsible\":false,"
    "\"explicit_conversion\":1,\"alternate_recipient\":\"" FROM "\","
    "\"report_request\":\"report\"},"
    "{\"address\":\"" FROM "\",\"report_request\":\"none\"}],"
    "\"originator\":\"" FROM "\",\"directory_name\":\"oAA=\","
    "\"ipm\":{\"from\":{\"address\":\"" FROM "\",\"name\":\"Jo Doe\"},"
    "\"to\":[{\"address\":\"" TO "\",\"name\":\"Dupont\","
    "\"telephone\":\"+33\",\"requests\":[\"receipt\",\"non-receipt\"],"
    "\"reply_requested\":true,\"precedence\":7}],"
    "\"cc\":[{\"address\":\"" FROM "\",\"precedence\":3},"
    "{\"address\":\"" TO "\",\"precedence\":7}],\"subject\":\"Test\","
    "\"id\":{\"local\":\"id 1\",\"address\":\"" FROM "\"},"
    "\"authorizing\":[{\"address\":\"" TO "\"}],"
    "\"in_reply_to\":{\"local\":\"a\"},\"related\":[{\"local\":\"b\"},"
    "{\"address\":\"" FROM "\"}],\"obsoletes\":[{\"local\":\"c\"}],"
    "\"importance\":\"high\",\"sensitivity\":\"private\","
    "\"expiry\":1893456000,\"reply_time\":1893456000,"
    "\"reply_recipients\":[{\"address\":\"" TO "\"}],"
    "\"auto_forwarded\":true,\"authorization_time\":1893456000,"
    "\"originators_reference\":\"ref\","
    "\"extensions\":[{\"value\":\"BQA=\",\"type\":\"1.2.3\"}]},"
    "\"priority\":\"urgent\",\"content_identifier\":\"mine\","
    "\"correlator\":\"corr\",\"deferred\":1893456000,"
    "\"latest\":1893456000,\"flags\":[\"alternate-recipient-allowed\"],"
    "\"extensions\":[{\"value\":\"BQA=\",\"type\":\"1.2.4\","
    "\"criticality\":[\"delivery\",\"transfer\"]}],"
    "\"parts\":[{\"file\":\"1\",\"type\":\"text\"},"
    "{\"file\":\"2\",\"type\":\"bilaterally-defined\"}]}";

/* Each option says its member, of whom stands before it. */
START_TEST(members)
{
	struct p1_envelope envelope;
	struct arena arena;
	struct diag diag = {0};
	json_t *is, *wanted;
	char part[160], *text;

	composing_begin(MTS_MESSAGE);
	compose_fini(&compose);
	ck_assert_int_eq(compose_init(&compose), 0);
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		composing_say(each[i][0], each[i][1]);
	composing_say("body", composing_file("body", "text", 4));
	(void)snprintf(part, sizeof(part), "bilaterally-defined=%s",
	    composing_file("bp14", "\x00\xff", 2));
	composing_say("part", part);
	ck_assert_int_eq(compose_finish(&compose, &text, &diag), 0);
	is = json_loads(text, 0, NULL);
	wanted = json_loads(said, 0, NULL);
	ck_assert_ptr_nonnull(wanted);
	ck_assert_msg(json_equal(is, wanted), "%s\n%s", text, said);
	json_decref(is);
	json_decref(wanted);
	free(text);
	composing_finish(&envelope, &arena);
	arena_fini(&arena);
	composing_end();
}
END_TEST

/* A notification has no heading, and what it tells. */
START_TEST(notification)
{
	struct p1_envelope envelope;
	struct arena arena;

	composing_begin(MTS_MESSAGE);
	composing_say("notification", "receipt");
	composing_say("subject-ipm", "7*" TO);
	composing_say("notified-by", FROM);
	composing_say("intended", TO);
	composing_say("receipt-time", "2030-01-01T00:00:00Z");
	composing_say("automatic", NULL);
	composing_finish(&envelope, &arena);
	ck_assert_int_eq(made.object.kind, OBJECT_NOTIFICATION);
	ck_assert_int_eq(made.object.notification.receipt_time, 1893456000);
	arena_fini(&arena);
	composing_end();
}
END_TEST

/* has_option - tell whether an option says a member of a kind of object */
static bool
has_option(const enum compose_place *places, const char *member)
{
	for (const struct compose_field *f = compose_fields;
	     f->option.name != NULL; f++)
		for (size_t i = 0; i < 2; i++)
			if (f->place == places[i] &&
			    strcmp(f->member, member) == 0)
				return true;
	return false;
}

/* What a text or a file on the command line says already, what only a program
 * says, and what cannot be submitted. */
static const char *const no_options[] = {"or_address", "address", "key", "kind",
    "ipm", "notification", "report", "recipients", "originator", "type", "text",
    "file", "octets", "base64", "directory_name"};

/* each_has_option - check that an option says each member of a definition of
 * the Schema */
static void
each_has_option(const json_t *definition, enum compose_place place,
    enum compose_place other)
{
	const enum compose_place places[] = {place, other};
	const char *name;
	json_t *value;
	size_t i;

	json_object_foreach(
	    json_object_get(definition, "properties"), name, value)
	{
		for (i = 0; i < sizeof(no_options) / sizeof(no_options[0]); i++)
			if (strcmp(no_options[i], name) == 0)
				break;
		ck_assert_msg(i < sizeof(no_options) / sizeof(no_options[0]) ||
			json_is_true(json_object_get(value, "readOnly")) ||
			has_option(places, name),
		    "%s: no option says it", name);
	}
}

/* Each member of the one form has an option. */
START_TEST(every_field)
{
	json_t *schema =
	    json_load_file(TEST_SOURCE_DIR "/"
					   "common/json/fourpost.schema.json",
		0, NULL);
	const json_t *of = json_object_get(schema, "$defs");
	struct options_option options[COMPOSE_OPTIONS];

	ck_assert_ptr_nonnull(schema);
	ck_assert_uint_lt(compose_options(options), COMPOSE_OPTIONS);
	each_has_option(schema, COMPOSE_OBJECT, COMPOSE_SENDER);
	each_has_option(json_object_get(of, "recipient"), COMPOSE_RECIPIENT,
	    COMPOSE_SENDER);
	each_has_option(
	    json_object_get(of, "ipm"), COMPOSE_IPM, COMPOSE_READER);
	each_has_option(
	    json_object_get(of, "ipm_recipient"), COMPOSE_READER, COMPOSE_USER);
	each_has_option(
	    json_object_get(of, "part"), COMPOSE_PART, COMPOSE_PART);
	each_has_option(json_object_get(of, "notification"),
	    COMPOSE_NOTIFICATION, COMPOSE_NOTIFICATION);
	json_decref(schema);
}
END_TEST

TEST_MAIN("tools/compose_field", TEST(mistakes); TEST(wrong_values);
	  TEST(members); TEST(notification); TEST(every_field))
